// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Trace} from "../../src/dispute/Trace.sol";
import {IReferee} from "../../src/interfaces/IReferee.sol";
import {Func, Program} from "./Program.sol";
import {Trees} from "./Trees.sol";

/// @dev A tensor: its blob and the blob's id.
struct Blob {
    bytes data;
    bytes32 id;
}

/// @dev What an operator gave; `frames` for loops (conditions and bodies in turn) and branches.
struct Step {
    Blob[] results;
    Run[] frames;
}

/// @dev An evaluation of a function: what a trace commits to.
struct Run {
    uint256 func;
    Blob[] parameters;
    Step[] steps;
    Blob[] results;
}

/// @dev Evaluates programs operator by operator, with the Referee for every element: slow, and a node's twin.
/// A cheat is an evaluation in which one element of one operator is wrong, and all that follows is right again.
abstract contract Oracle {
    IReferee internal referee;

    /// @dev Counts down the operators (without loops and branches) until the one that is made wrong; none if it is too large.
    uint256 internal cheatIn = type(uint256).max;
    uint256 internal cheatSeed;
    uint256 internal evaluated;

    function run(Program memory p, uint256 func, Blob[] memory parameters) internal returns (Run memory r) {
        bytes[] memory ops = p.funcs[func].ops;
        r.func = func;
        r.parameters = parameters;
        r.steps = new Step[](ops.length);
        for (uint256 i; i < ops.length; ++i) {
            r.steps[i] = _step(p, r, ops[i]);
        }
        link(p, r);
    }

    /// @dev The results of a run, from its steps.
    function link(Program memory p, Run memory r) internal view {
        (, uint256 results) = referee.arity(p.funcs[r.func].header);
        r.results = new Blob[](results);
        for (uint256 i; i < results; ++i) {
            r.results[i] = found(p, r, referee.returned(p.funcs[r.func].header, i));
        }
    }

    function blob(bytes memory data) internal pure returns (Blob memory) {
        return Blob(data, Trees.id(data));
    }

    function found(Program memory p, Run memory r, IReferee.Operand memory x) internal pure returns (Blob memory) {
        if (x.origin == IReferee.Origin.Parameter) return r.parameters[x.position];
        if (x.origin == IReferee.Origin.Operator) return r.steps[x.position].results[x.result];
        for (uint256 i; i < p.constants.length; ++i) {
            Blob memory constant_ = blob(p.constants[i]);
            if (constant_.id == x.constantId) return constant_;
        }
        revert("no such constant");
    }

    // --- operators

    function _step(Program memory p, Run memory r, bytes memory op) private returns (Step memory step) {
        IReferee.Outline memory outline = referee.outline(op);
        Blob[] memory operands = new Blob[](outline.operands);
        for (uint256 i; i < operands.length; ++i) {
            operands[i] = found(p, r, referee.operandOf(op, i));
        }
        if (outline.kind == IReferee.Kind.Reinterpret) {
            step.results = new Blob[](1);
            step.results[0] = operands[0];
        } else if (outline.kind == IReferee.Kind.While) {
            _loop(p, outline, operands, step);
            return step;
        } else if (outline.kind == IReferee.Kind.Case) {
            step.frames = new Run[](1);
            step.frames[0] = run(p, outline.callees[_branch(operands[0].data, outline.callees.length)], _tail(operands));
            step.results = step.frames[0].results;
            return step;
        } else {
            step.results = _elements(op, outline.results, operands);
        }
        if (evaluated++ == cheatIn) {
            uint256 which = cheatSeed % step.results.length;
            step.results[which] = spoiled(step.results[which], cheatSeed >> 8);
        }
    }

    /// @dev The same with the lowest bit of some byte changed. Others may hold the one that is given.
    function spoiled(Blob memory right, uint256 seed) internal pure returns (Blob memory) {
        bytes memory data = bytes.concat(right.data);
        if (data.length > 0) data[seed % data.length] ^= 0x01;
        return blob(data);
    }

    function _loop(Program memory p, IReferee.Outline memory outline, Blob[] memory operands, Step memory step)
        private
    {
        Run[] memory frames = new Run[](64);
        uint256 count;
        Blob[] memory arguments = operands;
        while (true) {
            frames[count] = run(p, outline.callees[0], arguments);
            if (frames[count++].results[0].data[0] == 0) break;
            frames[count] = run(p, outline.callees[1], arguments);
            Blob[] memory next = new Blob[](operands.length);
            for (uint256 i; i < next.length; ++i) {
                next[i] = i < outline.results ? frames[count].results[i] : operands[i];
            }
            arguments = next;
            ++count;
        }
        step.frames = head(frames, count);
        step.results = new Blob[](outline.results);
        for (uint256 i; i < outline.results; ++i) {
            step.results[i] = arguments[i];
        }
    }

    function head(Run[] memory frames, uint256 count) internal pure returns (Run[] memory first) {
        first = new Run[](count);
        for (uint256 i; i < count; ++i) {
            first[i] = frames[i];
        }
    }

    function _branch(bytes memory index, uint256 branches) private pure returns (uint256 which) {
        for (uint256 k = 4; k > 0;) {
            --k;
            which = which << 8 | uint8(index[k]);
        }
        if (which >= branches) which = branches - 1;
    }

    function _tail(Blob[] memory operands) private pure returns (Blob[] memory rest) {
        rest = new Blob[](operands.length - 1);
        for (uint256 i; i < rest.length; ++i) {
            rest[i] = operands[i + 1];
        }
    }

    function _elements(bytes memory op, uint256 count, Blob[] memory operands)
        private
        view
        returns (Blob[] memory results)
    {
        results = new Blob[](count);
        uint256[] memory sizes = new uint256[](count);
        uint256 elements;
        for (uint256 i; i < count; ++i) {
            (uint64 size, uint64 elementSize) = referee.resultOf(op, i);
            results[i].data = new bytes(size);
            sizes[i] = elementSize;
            elements = size / elementSize;
        }
        for (uint256 index; index < elements; ++index) {
            IReferee.Piece[] memory pieces = piecesFor(operands, index * sizes[0] / 1024);
            uint64[] memory values = element(op, index, pieces);
            for (uint256 i; i < count; ++i) {
                _store(results[i].data, index, sizes[i], values[i]);
            }
        }
        for (uint256 i; i < count; ++i) {
            results[i].id = Trees.id(results[i].data);
        }
    }

    function _store(bytes memory data, uint256 index, uint256 size, uint64 word) private pure {
        for (uint256 k; k < size; ++k) {
            data[index * size + k] = bytes1(uint8(word >> (8 * k)));
        }
    }

    /// @dev All of small operands; of large ones, which only programs made for it have, the chunk at the element's place.
    function piecesFor(Blob[] memory operands, uint256 near) internal pure returns (IReferee.Piece[] memory pieces) {
        pieces = new IReferee.Piece[](operands.length);
        for (uint256 i; i < operands.length; ++i) {
            uint256 which = operands[i].data.length > 1024 ? near : 0;
            pieces[i] = IReferee.Piece(uint32(i), uint64(which), Trees.chunk(operands[i].data, which));
        }
    }

    function element(bytes memory op, uint256 index, IReferee.Piece[] memory pieces)
        internal
        view
        returns (uint64[] memory)
    {
        uint64[][] memory states = statesOf(op, index, pieces);
        return referee.finish(op, index, states[states.length - 1], pieces);
    }

    /// @dev The accumulators before every step and behind the last.
    function statesOf(bytes memory op, uint256 index, IReferee.Piece[] memory pieces)
        internal
        view
        returns (uint64[][] memory states)
    {
        uint256 steps = referee.chainLength(op, index);
        states = new uint64[][](steps + 1);
        states[0] = referee.begin(op, index, pieces);
        for (uint256 i; i < steps; ++i) {
            states[i + 1] = referee.step(op, index, i, states[i], pieces);
        }
    }

    // --- commitments

    function ids(Blob[] memory blobs) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](blobs.length);
        for (uint256 i; i < list.length; ++i) {
            list[i] = blobs[i].id;
        }
    }

    /// @dev What the leaf of an operator hashes.
    function words(Step memory step) internal pure returns (bytes32[] memory list) {
        bytes32[] memory results = ids(step.results);
        if (step.frames.length == 0) return results;
        list = new bytes32[](results.length + 1);
        for (uint256 i; i < results.length; ++i) {
            list[i] = results[i];
        }
        list[results.length] = Trees.root(frameRoots(step.frames));
    }

    function leaves(Run memory r) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](r.steps.length);
        for (uint256 i; i < list.length; ++i) {
            list[i] = Trace.list(words(r.steps[i]));
        }
    }

    function operatorsRoot(Run memory r) internal pure returns (bytes32) {
        return Trees.root(leaves(r));
    }

    function frameRoots(Run[] memory frames) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](frames.length);
        for (uint256 i; i < list.length; ++i) {
            list[i] = frameRoot(frames[i]);
        }
    }

    function frameRoot(Run memory r) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(Trace.list(ids(r.parameters)), Trace.list(ids(r.results)), operatorsRoot(r)));
    }

    /// @dev Hashes of a function's operators.
    function opHashes(Func memory f) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](f.ops.length);
        for (uint256 i; i < list.length; ++i) {
            list[i] = keccak256(f.ops[i]);
        }
    }

    function funcLeaves(Program memory p) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](p.funcs.length);
        for (uint256 i; i < list.length; ++i) {
            list[i] = Trace.pair(keccak256(p.funcs[i].header), Trees.root(opHashes(p.funcs[i])));
        }
    }
}
