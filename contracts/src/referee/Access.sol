// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReferee} from "../interfaces/IReferee.sol";
import {Cursor, Reading} from "./Cursor.sol";
import {ElementType} from "./ElementType.sol";
import {Integers} from "./Integers.sol";
import {Argument, Operator} from "./Operator.sol";

/// @dev What reads depend on.
/// @param indices The result's indices, for steps of a chain followed by the chain's.
struct Scene {
    Argument[] operands;
    uint256[] indices;
    IReferee.Piece[] pieces;
}

/// @title How elements of operands are found
/// @dev Reads, places, axes and affine maps are evaluated while their bytes are read: each function leaves the cursor behind
/// what it read, whatever it found. An element is fetched only where the specification reads it, so a hole needs no piece.
library Access {
    using Reading for Cursor;

    uint256 private constant ELEMENT = 0;
    uint256 private constant LITERAL = 1;
    uint256 private constant INDEX = 2;

    uint256 private constant HAS_START = 1;
    uint256 private constant SUBTRACTED = 2;
    uint256 private constant LIMITED = 4;

    /// @dev Bytes of a piece.
    uint256 private constant PIECE = 1024;

    /// @notice A list of reads.
    /// @param wanted Whether to evaluate them, or only to pass over them.
    /// @return hole Whether any of them found a hole. Nothing behind the first hole is fetched.
    /// @return values What they found.
    /// @return dtypes Their element types.
    function reads(Cursor memory from, Scene memory scene, bool wanted)
        internal
        pure
        returns (bool hole, uint256[] memory values, uint256[] memory dtypes)
    {
        values = new uint256[](Operator.count(from, 5));
        dtypes = new uint256[](values.length);
        for (uint256 i; i < values.length; ++i) {
            bool found;
            (found, values[i], dtypes[i]) = _read(from, scene, wanted && !hole);
            if (wanted && !found) hole = true;
        }
    }

    /// @notice The row-major indices of element `linear`.
    function indicesOf(uint256[] memory sizes, uint256 linear) internal pure returns (uint256[] memory indices) {
        indices = new uint256[](sizes.length);
        for (uint256 i = sizes.length; i > 0;) {
            --i;
            if (sizes[i] == 0) continue;
            indices[i] = linear % sizes[i];
            linear /= sizes[i];
        }
    }

    /// @notice Element of an operand, out of the pieces.
    function fetch(Scene memory scene, uint256 operand, uint256 element) internal pure returns (uint256 value) {
        if (operand >= scene.operands.length) revert IReferee.OutOfRange(operand, scene.operands.length);
        uint256 size = Operator.elementSize(scene.operands[operand].tensor.dtype);
        uint256 offset = element * size;
        for (uint256 i; i < scene.pieces.length; ++i) {
            IReferee.Piece memory piece = scene.pieces[i];
            if (piece.operand != operand || piece.index != offset / PIECE) continue;
            uint256 within = offset % PIECE;
            if (within + size > piece.data.length) break;
            for (uint256 k = size; k > 0;) {
                --k;
                value = value << 8 | uint8(piece.data[within + k]);
            }
            return value;
        }
        revert IReferee.Missing(operand, element);
    }

    /// @dev The first place that is no hole.
    function _read(Cursor memory from, Scene memory scene, bool wanted)
        private
        pure
        returns (bool found, uint256 value, uint256 dtype)
    {
        dtype = from.u8();
        if (!ElementType.exists(dtype)) from.malformed();
        uint256 places = Operator.count(from, 9);
        for (uint256 i; i < places; ++i) {
            bool here;
            uint256 there;
            (here, there) = _place(from, scene, wanted && !found);
            if (here && !found) (found, value) = (true, there);
        }
    }

    function _place(Cursor memory from, Scene memory scene, bool wanted)
        private
        pure
        returns (bool found, uint256 value)
    {
        uint256 tag = from.u8();
        if (tag == ELEMENT) {
            uint256 operand = from.u32();
            (found, value) = _element(from, scene, wanted);
            if (found) value = fetch(scene, operand, value);
        } else if (tag == LITERAL) {
            (found, value) = (wanted, from.u64());
        } else if (tag == INDEX) {
            (found, value) = (wanted, uint64(uint256(_affine(from, scene.indices))));
        } else {
            from.malformed();
        }
    }

    /// @dev Which element of an operand the axes lead to; not found: a hole.
    function _element(Cursor memory from, Scene memory scene, bool wanted)
        private
        pure
        returns (bool found, uint256 linear)
    {
        found = wanted;
        uint256 axes = Operator.count(from, 37);
        for (uint256 i; i < axes; ++i) {
            (uint256 size, uint256 stride, uint256 divisor) = (from.u64(), from.u64(), from.u64());
            int256 position = _affine(from, scene.indices);
            uint256 flags = from.u8();
            if (flags & HAS_START != 0) {
                bool known;
                int256 start;
                (known, start) = _start(from, scene, flags, found);
                found = found && known;
                position += start;
            }
            if (divisor == 0) from.malformed();
            if (position < 0 || uint256(position) % divisor != 0) found = false;
            if (!found) continue;
            uint256 place = uint256(position) / divisor;
            if (place >= size) found = false;
            else linear += place * stride;
        }
    }

    /// @dev A computed index: an element of an operand, limited, with its sign.
    function _start(Cursor memory from, Scene memory scene, uint256 flags, bool wanted)
        private
        pure
        returns (bool found, int256 start)
    {
        uint256 operand = from.u32();
        uint256 most = flags & LIMITED != 0 ? from.u64() : 0;
        uint256 element;
        (found, element) = _element(from, scene, wanted);
        if (!found) return (false, 0);
        uint256 bits = fetch(scene, operand, element);
        start = Integers.decode(scene.operands[operand].tensor.dtype, bits);
        if (flags & LIMITED != 0) {
            if (start < 0) start = 0;
            else if (uint256(start) > most) start = int256(most);
        }
        if (flags & SUBTRACTED != 0) start = -start;
    }

    /// @dev `offset + sum of coefficient * index`: 64-bit numbers times sizes of tensors never leave 256 bits.
    function _affine(Cursor memory from, uint256[] memory indices) private pure returns (int256 value) {
        value = from.i64();
        uint256 terms = Operator.count(from, 12);
        for (uint256 i; i < terms; ++i) {
            uint256 index = from.u32();
            int256 coefficient = from.i64();
            // Initial values see the result's indices only, and passing over steps' reads sees none of the chain's.
            if (index < indices.length) value += coefficient * int256(indices[index]);
        }
    }
}
