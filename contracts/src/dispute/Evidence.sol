// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Accusation,
    Chunk,
    Code,
    Fault,
    Frame,
    Inner,
    Opened,
    Shown,
    Source,
    Transition
} from "../interfaces/DisputeTypes.sol";
import {IBlake3} from "../interfaces/IBlake3.sol";
import {IEvidence} from "../interfaces/IEvidence.sol";
import {IReferee} from "../interfaces/IReferee.sol";
import {Trace} from "./Trace.sol";

contract Evidence is IEvidence {
    /// @dev Blob of an i1 that is 1, and of one that is 0: BLAKE3 of one byte.
    bytes32 private constant TRUE = 0x48fc721fbbc172e0925fa27af1671de225ba927134802998b10a1568a188652b;
    bytes32 private constant FALSE = 0x2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213;

    IReferee public immutable referee;
    IBlake3 public immutable blake3;

    constructor(IReferee referee_, IBlake3 blake3_) {
        referee = referee_;
        blake3 = blake3_;
    }

    /// @inheritdoc IEvidence
    function executed(
        Frame calldata frame,
        bytes calldata op,
        Transition calldata transition,
        bytes calldata before,
        Shown[] calldata shown
    ) external view returns (bytes memory) {
        IReferee.Piece[] memory pieces = _pieces(frame, op, shown);
        (uint64 element, uint64 number) = (transition.element, transition.number);
        uint64[] memory words;
        if (number == transition.steps + 1) words = referee.finish(op, element, _unpacked(before), pieces);
        else if (number == 0) words = referee.begin(op, element, pieces);
        else words = referee.step(op, element, number - 1, _unpacked(before), pieces);
        return _packed(words);
    }

    /// @inheritdoc IEvidence
    function holds(Frame calldata frame, Accusation calldata a) external view returns (bool) {
        if (a.fault == Fault.Result) return _resultDiffers(frame, a);
        if (a.fault == Fault.Reinterpretation) return _reinterpretationDiffers(frame, a);
        if (a.fault == Fault.Parameter) return _parameterDiffers(frame, a);
        if (a.fault == Fault.Condition) return _conditionDiffers(a);
        return _outcomeDiffers(frame, a);
    }

    /// @inheritdoc IEvidence
    function entered(
        Frame calldata frame,
        bytes32 program,
        Opened calldata opened,
        uint64 number,
        Inner calldata inner,
        Code calldata code,
        Shown calldata index
    ) external view returns (Frame memory) {
        IReferee.Outline memory outline = _control(opened.op);
        _stands(opened, number, inner);
        uint256 which =
            outline.kind == IReferee.Kind.While ? number % 2 : _branch(frame, opened.op, outline.callees, index);
        Trace.same(Trace.program(code, outline.callees[which]), program);
        return Trace.frameOf(code, Trace.list(inner.parameters), Trace.list(inner.results), inner.operators);
    }

    // --- faults

    function _resultDiffers(Frame calldata frame, Accusation calldata a) private view returns (bool) {
        // Nothing can be asked about operators that are not there, so that their root must be what it is.
        if (frame.count == 0 && frame.operators != Trace.root(0, 0)) return true;
        Trace.same(keccak256(a.header), frame.header);
        Trace.same(Trace.list(a.results), frame.results);
        return a.results[a.position] != _id(frame, referee.returned(a.header, a.position), a.source);
    }

    function _reinterpretationDiffers(Frame calldata frame, Accusation calldata a) private view returns (bool) {
        _outline(a.opened.op, IReferee.Kind.Reinterpret, IReferee.Kind.Reinterpret);
        return a.opened.results[0] != _id(frame, referee.operandOf(a.opened.op, 0), a.source);
    }

    function _parameterDiffers(Frame calldata frame, Accusation calldata a) private view returns (bool) {
        IReferee.Outline memory outline = _control(a.opened.op);
        _stands(a.opened, a.number, a.inner);
        bytes32 given = a.inner.parameters[a.position];
        if (a.number == 0) {
            // The first operand of a branch is its index.
            uint256 operand = outline.kind == IReferee.Kind.Case ? a.position + 1 : a.position;
            return given != _id(frame, referee.operandOf(a.opened.op, operand), a.source);
        }
        _stands(a.opened, a.number - 1, a.previous);
        bool isCarried = a.number % 2 == 0 && a.position < outline.results;
        return given != (isCarried ? a.previous.results[a.position] : a.previous.parameters[a.position]);
    }

    function _conditionDiffers(Accusation calldata a) private view returns (bool) {
        _outline(a.opened.op, IReferee.Kind.While, IReferee.Kind.While);
        _stands(a.opened, a.number, a.inner);
        if (a.number % 2 != 0) revert Trace.NoSuchNode(0, a.number, a.opened.frames);
        return a.inner.results[0] != (a.number == a.opened.frames - 1 ? FALSE : TRUE);
    }

    function _outcomeDiffers(Frame calldata frame, Accusation calldata a) private view returns (bool) {
        IReferee.Outline memory outline = _control(a.opened.op);
        bool isLoop = outline.kind == IReferee.Kind.While;
        bytes32 expected;
        if (isLoop && a.opened.frames == 1) {
            expected = _id(frame, referee.operandOf(a.opened.op, a.position), a.source);
        } else {
            _stands(a.opened, isLoop ? a.opened.frames - 2 : 0, a.inner);
            expected = a.inner.results[a.position];
        }
        return a.opened.results[a.position] != expected;
    }

    // --- which blob is it

    /// @dev The blob that the accused claims to be the operand.
    function _id(Frame calldata frame, IReferee.Operand memory operand, Source calldata source)
        private
        pure
        returns (bytes32)
    {
        if (operand.origin == IReferee.Origin.Constant) return operand.constantId;
        bytes32 hash = Trace.list(source.words);
        if (operand.origin == IReferee.Origin.Parameter) {
            Trace.same(hash, frame.parameters);
            return source.words[operand.position];
        }
        Trace.same(Trace.climb(frame.count, 0, operand.position, hash, source.siblings), frame.operators);
        return source.words[operand.result];
    }

    /// @dev The chunks shown, each of the blob that the accused claims to be the operand.
    function _pieces(Frame calldata frame, bytes calldata op, Shown[] calldata shown)
        private
        view
        returns (IReferee.Piece[] memory pieces)
    {
        uint256 count;
        for (uint256 i; i < shown.length; ++i) {
            count += shown[i].chunks.length;
        }
        pieces = new IReferee.Piece[](count);
        for (uint256 i; i < shown.length; ++i) {
            IReferee.Operand memory operand = referee.operandOf(op, shown[i].operand);
            bytes32 id = _id(frame, operand, shown[i].source);
            for (uint256 k; k < shown[i].chunks.length; ++k) {
                Chunk calldata chunk = shown[i].chunks[k];
                _checkChunk(id, operand.size, chunk);
                pieces[--count] = IReferee.Piece(shown[i].operand, chunk.index, chunk.data);
            }
        }
    }

    function _checkChunk(bytes32 id, uint256 size, Chunk calldata chunk) private view {
        bytes32 computed = blake3.root(chunk.data, chunk.index, size, chunk.siblings);
        if (computed != id) revert WrongBlob(computed, id);
    }

    // --- loops and branches

    /// @dev Whether the frame is number `number` of the operator's.
    function _stands(Opened calldata opened, uint64 number, Inner calldata inner) private pure {
        bytes32 root = Trace.climb(opened.frames, 0, number, Trace.frame(inner), inner.siblings);
        Trace.same(root, Trace.root(opened.frames, opened.top));
    }

    /// @dev The branch that the index names; the last one if it names none.
    function _branch(Frame calldata frame, bytes calldata op, uint256[] memory callees, Shown calldata index)
        private
        view
        returns (uint256)
    {
        IReferee.Operand memory operand = referee.operandOf(op, 0);
        Chunk calldata chunk = index.chunks[0];
        _checkChunk(_id(frame, operand, index.source), operand.size, chunk);
        // An i32, little-endian.
        uint256 value;
        for (uint256 k = 4; k > 0;) {
            --k;
            value = value << 8 | uint8(chunk.data[k]);
        }
        return value < callees.length ? value : callees.length - 1;
    }

    function _control(bytes calldata op) private view returns (IReferee.Outline memory) {
        return _outline(op, IReferee.Kind.While, IReferee.Kind.Case);
    }

    function _outline(bytes calldata op, IReferee.Kind first, IReferee.Kind last)
        private
        view
        returns (IReferee.Outline memory outline)
    {
        outline = referee.outline(op);
        if (outline.kind < first || outline.kind > last) revert WrongKind(uint256(outline.kind));
    }

    // --- accumulators: eight bytes each, big-endian

    function _packed(uint64[] memory words) private pure returns (bytes memory state) {
        state = new bytes(8 * words.length);
        for (uint256 i; i < words.length; ++i) {
            uint256 word = words[i];
            assembly ("memory-safe") {
                // Eight bytes with zeros behind them: the next word overwrites those, and behind the last one is padding.
                mstore(add(add(state, 0x20), shl(3, i)), shl(192, word))
            }
        }
    }

    function _unpacked(bytes calldata state) private pure returns (uint64[] memory words) {
        words = new uint64[](state.length / 8);
        for (uint256 i; i < words.length; ++i) {
            words[i] = uint64(bytes8(state[8 * i:8 * i + 8]));
        }
    }
}
