// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArithmetic} from "../interfaces/IArithmetic.sol";
import {IReferee} from "../interfaces/IReferee.sol";
import {Access, Scene} from "./Access.sol";
import {Cursor, Reading} from "./Cursor.sol";
import {ElementType, F32_TYPE} from "./ElementType.sol";
import {Merge, Merging} from "./Merging.sol";
import {Argument, Operator, Tensor} from "./Operator.sol";
import "./ScalarFunction.sol" as Code;
import {Function, Scalars} from "./Scalars.sol";

/// @title One transition of one element of one operator
/// @dev See `IReferee`. What a fold does is written once per moment (`begin`, `step`, `finish`), in the words of
/// docs/spec/lowering.md.
contract Referee is IReferee {
    using Reading for Cursor;

    /// @dev How the accumulators of a fold are combined, as encoded.
    uint256 private constant CONTRACT = 0;
    uint256 private constant SUM = 1;
    uint256 private constant CHAIN = 2;
    uint256 private constant BODY = 3;

    IArithmetic public immutable arithmetic;

    constructor(IArithmetic arithmetic_) {
        arithmetic = arithmetic_;
    }

    /// @dev An operator that is being evaluated at one element; the cursor stands behind its kind.
    struct Evaluation {
        Cursor from;
        Kind kind;
        Tensor[] results;
        uint256 index;
        Scene scene;
    }

    // --- what an operator is

    /// @inheritdoc IReferee
    function outline(bytes calldata op) external pure returns (Outline memory) {
        (Cursor memory from, Argument[] memory operands, Tensor[] memory results, Kind kind) = Operator.open(op);
        uint256[] memory callees = new uint256[](0);
        if (kind == Kind.While) {
            callees = new uint256[](2);
            (callees[0], callees[1]) = (from.u32(), from.u32());
        } else if (kind == Kind.Case) {
            callees = new uint256[](Operator.count(from, 4));
            for (uint256 i; i < callees.length; ++i) {
                callees[i] = from.u32();
            }
        }
        return Outline(kind, operands.length, results.length, callees);
    }

    /// @inheritdoc IReferee
    function operandOf(bytes calldata op, uint256 position) external pure returns (Operand memory) {
        (, Argument[] memory operands,,) = Operator.open(op);
        return _operand(operands, position);
    }

    /// @inheritdoc IReferee
    function resultOf(bytes calldata op, uint256 position) external pure returns (uint64 size, uint64 elementSize) {
        (,, Tensor[] memory results,) = Operator.open(op);
        if (position >= results.length) revert OutOfRange(position, results.length);
        uint256 dtype = results[position].dtype;
        return (uint64(Operator.size(results[position])), uint64(Operator.elementSize(dtype)));
    }

    /// @inheritdoc IReferee
    function arity(bytes calldata header) external pure returns (uint256 parameters, uint256 results) {
        (Tensor[] memory types, Argument[] memory all) = Operator.header(header);
        return (types.length, all.length);
    }

    /// @inheritdoc IReferee
    function returned(bytes calldata header, uint256 position) external pure returns (Operand memory) {
        (, Argument[] memory all) = Operator.header(header);
        return _operand(all, position);
    }

    /// @inheritdoc IReferee
    function chainLength(bytes calldata op, uint256 index) external pure returns (uint256) {
        Evaluation memory e = _open(op, index, new Piece[](0));
        if (e.kind == Kind.Merge) return Merging.read(e.from, index).within;
        if (e.kind == Kind.Map) return 0;
        Operator.sizes(e.from);
        return _product(Operator.sizes(e.from));
    }

    /// @inheritdoc IReferee
    function accumulators(bytes calldata op) external pure returns (uint256) {
        (Cursor memory from,, Tensor[] memory results, Kind kind) = Operator.open(op);
        if (kind == Kind.Map) return 0;
        if (kind == Kind.Merge) return 1;
        if (kind != Kind.Fold) revert NoTransitions(kind);
        Scene memory nothing;
        Operator.sizes(from);
        Operator.sizes(from);
        Access.reads(from, nothing, false);
        Access.reads(from, nothing, false);
        uint256 combine = from.u8();
        if (combine == SUM) return from.u8();
        return combine == BODY ? results.length : 1;
    }

    // --- transitions

    /// @inheritdoc IReferee
    function begin(bytes calldata op, uint256 index, Piece[] calldata pieces) external view returns (uint64[] memory) {
        Evaluation memory e = _open(op, index, pieces);
        if (e.kind == Kind.Map) return new uint64[](0);
        if (e.kind == Kind.Merge) return new uint64[](1);

        e.scene.indices = Access.indicesOf(Operator.sizes(e.from), index);
        Operator.sizes(e.from);
        Access.reads(e.from, e.scene, false);
        // Sums read their initial value at the end.
        Cursor memory inits = Cursor(e.from.data, e.from.place);
        Access.reads(e.from, e.scene, false);
        uint256 combine = e.from.u8();
        if (combine == CONTRACT) return new uint64[](1);
        if (combine == SUM) return new uint64[](e.from.u8());
        uint256[] memory initial = _all(inits, e.scene);
        if (combine == CHAIN) initial[0] = _widened(e.results[0].dtype, initial[0]);
        return _words(initial);
    }

    /// @inheritdoc IReferee
    function step(bytes calldata op, uint256 index, uint256 position, uint64[] calldata state, Piece[] calldata pieces)
        external
        view
        returns (uint64[] memory)
    {
        Evaluation memory e = _open(op, index, pieces);
        if (e.kind == Kind.Map) revert OutOfRange(position, 0);
        uint256[] memory next = new uint256[](state.length);
        for (uint256 i; i < state.length; ++i) {
            next[i] = state[i];
        }
        if (e.kind == Kind.Merge) _mergeStep(e, position, next);
        else _foldStep(e, position, next);
        return _words(next);
    }

    /// @inheritdoc IReferee
    function finish(bytes calldata op, uint256 index, uint64[] calldata state, Piece[] calldata pieces)
        external
        view
        returns (uint64[] memory)
    {
        Evaluation memory e = _open(op, index, pieces);
        if (e.kind == Kind.Map) return _words(_map(e, state.length));
        if (e.kind == Kind.Merge) return _words(_mergeFinish(e, state));
        return _words(_foldFinish(e, state));
    }

    // --- maps

    function _map(Evaluation memory e, uint256 stateLength) private view returns (uint256[] memory element) {
        if (stateLength != 0) revert WrongState(stateLength);
        e.scene.indices = Access.indicesOf(Operator.sizes(e.from), e.index);
        Function memory f = Scalars.read(e.from);
        (bool hole, uint256[] memory args, uint256[] memory dtypes) = Access.reads(e.from, e.scene, true);
        if (hole || args.length == 0) e.from.malformed();
        element = new uint256[](1);
        element[0] = Scalars.applied(arithmetic, f, dtypes[dtypes.length - 1], args);
    }

    // --- folds

    function _foldStep(Evaluation memory e, uint256 position, uint256[] memory state) private view {
        uint256[] memory outer = Access.indicesOf(Operator.sizes(e.from), e.index);
        uint256[] memory over = Operator.sizes(e.from);
        if (position >= _product(over)) revert OutOfRange(position, _product(over));
        e.scene.indices = _concat(outer, Access.indicesOf(over, position));
        (bool hole, uint256[] memory args,) = Access.reads(e.from, e.scene, true);
        Access.reads(e.from, e.scene, false);
        uint256 combine = e.from.u8();
        // A step that finds a hole is left out.
        if (hole) return;

        uint256 dtype = e.results[0].dtype;
        if (combine == BODY) {
            _expect(state.length, e.results.length);
            uint256[] memory next = Scalars.run(arithmetic, e.from, _concat(state, args));
            for (uint256 i; i < state.length; ++i) {
                state[i] = next[i];
            }
        } else if (combine == CONTRACT) {
            _expect(state.length, 1);
            if (args.length != 2) e.from.malformed();
            state[0] = arithmetic.evaluate(
                uint8(Code.MULTIPLY_ADD), uint8(dtype), 0, 0, uint64(args[0]), uint64(args[1]), uint64(state[0])
            );
        } else {
            if (args.length != 1) e.from.malformed();
            uint256 lane;
            Function memory f = Function(Code.ADD, 0, 0);
            if (combine == SUM) {
                _expect(state.length, e.from.u8());
                lane = position % state.length;
            } else if (combine == CHAIN) {
                _expect(state.length, 1);
                f = Scalars.read(e.from);
            } else {
                e.from.malformed();
            }
            state[lane] = Scalars.applied(arithmetic, f, _wide(dtype), _two(state[lane], _widened(dtype, args[0])));
        }
    }

    function _foldFinish(Evaluation memory e, uint64[] calldata state) private view returns (uint256[] memory) {
        e.scene.indices = Access.indicesOf(Operator.sizes(e.from), e.index);
        Operator.sizes(e.from);
        Access.reads(e.from, e.scene, false);
        Cursor memory inits = Cursor(e.from.data, e.from.place);
        Access.reads(e.from, e.scene, false);
        uint256 combine = e.from.u8();
        uint256[] memory values = new uint256[](state.length);
        for (uint256 i; i < state.length; ++i) {
            values[i] = state[i];
        }
        uint256 dtype = e.results[0].dtype;
        if (combine == BODY) {
            _expect(values.length, e.results.length);
        } else if (combine == SUM) {
            uint256 lanes = e.from.u8();
            _expect(values.length, lanes);
            if (lanes == 0) e.from.malformed();
            while (lanes > 1) {
                lanes /= 2;
                for (uint256 l; l < lanes; ++l) {
                    values[l] = _add(values[l], values[l + lanes]);
                }
            }
            uint256[] memory initial = _all(inits, e.scene);
            values = _one(_narrowed(dtype, _add(values[0], _widened(dtype, initial[0]))));
        } else {
            _expect(values.length, 1);
            // A contraction of floats ends with + 0, so that no sum of nothing is -0.
            if (combine == CONTRACT && ElementType.isFloat(dtype)) values[0] = _add(values[0], 0);
            values[0] = _narrowed(dtype, values[0]);
        }
        return values;
    }

    // --- merges

    function _mergeStep(Evaluation memory e, uint256 position, uint256[] memory state) private view {
        Merge memory merge = Merging.read(e.from, e.index);
        _expect(state.length, 1);
        if (position >= merge.within) revert OutOfRange(position, merge.within);
        (, bool left) = _next(e, merge, position, state[0]);
        if (left) ++state[0];
    }

    function _mergeFinish(Evaluation memory e, uint64[] calldata state) private view returns (uint256[] memory values) {
        Merge memory merge = Merging.read(e.from, e.index);
        _expect(state.length, 1);
        (uint256 element,) = _next(e, merge, merge.within, state[0]);
        values = new uint256[](e.scene.operands.length);
        for (uint256 i; i < values.length; ++i) {
            values[i] = Access.fetch(e.scene, i, element);
        }
    }

    /// @dev The element that comes behind `position` others, `taken` of which the left run gave, and whether the left run
    /// gives it, too.
    function _next(Evaluation memory e, Merge memory merge, uint256 position, uint256 taken)
        private
        view
        returns (uint256 element, bool fromLeft)
    {
        (uint256 left, uint256 right, bool leftOver, bool rightOver) = Merging.candidates(merge, position, taken);
        if (leftOver) return (right, false);
        if (rightOver) return (left, true);
        // The right one is taken if it stands before the left one.
        uint256[] memory args = new uint256[](2 * e.scene.operands.length);
        for (uint256 i; i < e.scene.operands.length; ++i) {
            args[2 * i] = Access.fetch(e.scene, i, right);
            args[2 * i + 1] = Access.fetch(e.scene, i, left);
        }
        Cursor memory comparator = Cursor(e.from.data, e.from.place);
        uint256[] memory answer = Scalars.run(arithmetic, comparator, args);
        if (answer.length != 1) e.from.malformed();
        return answer[0] == 1 ? (right, false) : (left, true);
    }

    // --- accumulators: floats are combined in f32

    function _wide(uint256 dtype) private pure returns (uint256) {
        return ElementType.isFloat(dtype) ? F32_TYPE : dtype;
    }

    /// @dev An element as an accumulator.
    function _widened(uint256 dtype, uint256 x) private view returns (uint256) {
        if (!ElementType.isFloat(dtype) || dtype == F32_TYPE) return x;
        return _converted(dtype, F32_TYPE, x);
    }

    /// @dev An accumulator as an element: one rounding, the canonical NaN.
    function _narrowed(uint256 dtype, uint256 x) private view returns (uint256) {
        if (!ElementType.isFloat(dtype)) return x;
        return _converted(F32_TYPE, dtype, x);
    }

    function _converted(uint256 dtype, uint256 to, uint256 x) private view returns (uint256) {
        return arithmetic.evaluate(uint8(Code.CONVERT), uint8(dtype), uint8(to), 0, uint64(x), 0, 0);
    }

    function _add(uint256 a, uint256 b) private view returns (uint256) {
        return arithmetic.evaluate(uint8(Code.ADD), uint8(F32_TYPE), 0, 0, uint64(a), uint64(b), 0);
    }

    // --- small things

    function _open(bytes calldata op, uint256 index, Piece[] memory pieces) private pure returns (Evaluation memory e) {
        e.scene.pieces = pieces;
        (e.from, e.scene.operands, e.results, e.kind) = Operator.open(op);
        if (e.kind > Kind.Merge) revert NoTransitions(e.kind);
        if (e.results.length == 0) e.from.malformed();
        // All results have as many elements as the first.
        if (index >= e.results[0].elements) revert OutOfRange(index, e.results[0].elements);
        e.index = index;
    }

    /// @dev Reads of which none may find a hole.
    function _all(Cursor memory from, Scene memory scene) private pure returns (uint256[] memory values) {
        bool hole;
        (hole, values,) = Access.reads(from, scene, true);
        if (hole || values.length == 0) from.malformed();
    }

    function _operand(Argument[] memory operands, uint256 position) private pure returns (Operand memory) {
        if (position >= operands.length) revert OutOfRange(position, operands.length);
        Argument memory x = operands[position];
        return Operand(x.origin, uint32(x.position), uint32(x.result), x.constantId, uint64(Operator.size(x.tensor)));
    }

    function _expect(uint256 given, uint256 wanted) private pure {
        if (given != wanted) revert WrongState(given);
    }

    function _product(uint256[] memory sizes) private pure returns (uint256 product) {
        product = 1;
        for (uint256 i; i < sizes.length; ++i) {
            product *= sizes[i];
        }
    }

    function _concat(uint256[] memory a, uint256[] memory b) private pure returns (uint256[] memory c) {
        c = new uint256[](a.length + b.length);
        for (uint256 i; i < a.length; ++i) {
            c[i] = a[i];
        }
        for (uint256 i; i < b.length; ++i) {
            c[a.length + i] = b[i];
        }
    }

    function _one(uint256 a) private pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = a;
    }

    function _two(uint256 a, uint256 b) private pure returns (uint256[] memory list) {
        list = new uint256[](2);
        (list[0], list[1]) = (a, b);
    }

    function _words(uint256[] memory values) private pure returns (uint64[] memory words) {
        words = new uint64[](values.length);
        for (uint256 i; i < values.length; ++i) {
            words[i] = uint64(values[i]);
        }
    }
}
