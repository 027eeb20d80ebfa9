// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReferee} from "../../src/interfaces/IReferee.sol";
import {Access, Scene} from "../../src/referee/Access.sol";
import {Cursor, Reading} from "../../src/referee/Cursor.sol";
import {Operator, Tensor} from "../../src/referee/Operator.sol";
import {Scalars} from "../../src/referee/Scalars.sol";

/// @dev A function of a lowered program.
struct Func {
    bytes header;
    bytes[] ops;
}

/// @dev A lowered program, taken apart.
struct Program {
    Func[] funcs;
    bytes[] constants;
}

/// @dev Takes the bytes of a lowered program apart, as a node does with a program that it was given.
library Programs {
    using Reading for Cursor;

    function decode(bytes memory data) internal pure returns (Program memory program) {
        Cursor memory from = Cursor(data, 0);
        require(from.u8() == Operator.FORMAT, "format");
        program.funcs = new Func[](from.u32());
        for (uint256 i; i < program.funcs.length; ++i) {
            uint256 start = from.place;
            Operator.tensors(from);
            Operator.arguments(from);
            program.funcs[i].header = bytes.concat(bytes1(uint8(Operator.FORMAT)), _slice(data, start, from.place));
            program.funcs[i].ops = new bytes[](from.u32());
            for (uint256 k; k < program.funcs[i].ops.length; ++k) {
                start = from.place;
                _skipOp(from);
                program.funcs[i].ops[k] = _slice(data, start, from.place);
            }
        }
        program.constants = new bytes[](from.u32());
        for (uint256 i; i < program.constants.length; ++i) {
            uint256 start = from.place;
            uint256 size = Operator.size(_tensor(from, start));
            start = from.place;
            from.skip(size);
            program.constants[i] = _slice(data, start, from.place);
        }
        from.end();
    }

    function _skipOp(Cursor memory from) private pure {
        Operator.arguments(from);
        Operator.tensors(from);
        IReferee.Kind kind = IReferee.Kind(from.u8());
        Scene memory nothing;
        if (kind == IReferee.Kind.Map) {
            Operator.sizes(from);
            Scalars.read(from);
            Access.reads(from, nothing, false);
        } else if (kind == IReferee.Kind.Fold) {
            Operator.sizes(from);
            Operator.sizes(from);
            Access.reads(from, nothing, false);
            Access.reads(from, nothing, false);
            uint256 combine = from.u8();
            if (combine == 1) from.u8();
            if (combine == 2) Scalars.read(from);
            if (combine == 3) _skipBody(from);
        } else if (kind == IReferee.Kind.Merge) {
            from.skip(32);
            _skipBody(from);
        } else if (kind == IReferee.Kind.While) {
            from.skip(8);
        } else if (kind == IReferee.Kind.Case) {
            from.skip(4 * from.u32());
        }
    }

    function _skipBody(Cursor memory from) private pure {
        uint256 steps = from.u32();
        for (uint256 i; i < steps; ++i) {
            if (from.u8() == 0) {
                from.skip(9);
            } else {
                Scalars.read(from);
                from.skip(1);
                from.skip(4 * from.u32());
            }
        }
        from.skip(4 * from.u32());
    }

    /// @dev One type, read as a list of one.
    function _tensor(Cursor memory from, uint256 start) private pure returns (Tensor memory) {
        bytes memory rest = _slice(from.data, start, from.data.length);
        Cursor memory list = Cursor(bytes.concat(bytes4(uint32(1)), rest), 0);
        Tensor memory tensor = Operator.tensors(list)[0];
        from.place = start + list.place - 4;
        return tensor;
    }

    function _slice(bytes memory data, uint256 start, uint256 end) private pure returns (bytes memory part) {
        part = new bytes(end - start);
        for (uint256 i; i < part.length; ++i) {
            part[i] = data[start + i];
        }
    }
}
