// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBlake3} from "../interfaces/IBlake3.sol";

contract Blake3 is IBlake3 {
    uint256 private constant CHUNK = 1024;

    // Four 32-bit words to an EVM word, each in a lane of 64 bits, the first one lowest. Sums are only cut down to 32 bits
    // before they are rotated.
    uint256 private constant LANES = 0x00000000ffffffff_00000000ffffffff_00000000ffffffff_00000000ffffffff;
    /// @dev Times this, a lane has its word in both halves: a right shift then is a rotation.
    uint256 private constant TWICE = 0x100000001;
    uint256 private constant IV_LOW = 0x00000000a54ff53a_000000003c6ef372_00000000bb67ae85_000000006a09e667;
    uint256 private constant IV_HIGH = 0x000000005be0cd19_000000001f83d9ab_000000009b05688c_00000000510e527f;

    /// @inheritdoc IBlake3
    function root(bytes calldata chunk, uint256 index, uint256 length, bytes32[] calldata siblings)
        external
        pure
        returns (bytes32)
    {
        if (length >> 63 != 0) revert TooLong(length);
        unchecked {
            uint256 chunks = length == 0 ? 1 : (length + CHUNK - 1) / CHUNK;
            if (index >= chunks) revert NoSuchChunk(index, chunks);
            uint256 expected = length - index * CHUNK < CHUNK ? length - index * CHUNK : CHUNK;
            if (chunk.length != expected) revert WrongChunkLength(chunk.length, expected);
            (uint256 turns, uint256 depth) = _path(index, chunks);
            if (siblings.length != depth) revert WrongProofLength(siblings.length, depth);
            return _root(chunk, index, siblings, turns);
        }
    }

    /// @dev The way from the root to a chunk: a bit per node passed, the last one lowest, set where it goes right. The left
    /// side of a node has the largest power of two of chunks that leaves any for the right side.
    function _path(uint256 index, uint256 chunks) private pure returns (uint256 turns, uint256 depth) {
        unchecked {
            for (; chunks > 1; ++depth) {
                uint256 left = 1;
                assembly ("memory-safe") {
                    left := shl(sub(255, clz(sub(chunks, 1))), 1)
                }
                turns <<= 1;
                if (index < left) {
                    chunks = left;
                } else {
                    turns |= 1;
                    index -= left;
                    chunks -= left;
                }
            }
        }
    }

    /// @dev In memory, of which nothing is in use before: the 16 words of a message at 0x080, one to a slot of 32 bytes and
    /// zeros behind it, so that a load from `8 l` bytes into a slot has its word in lane l; the chunk at 0x300.
    ///
    /// The rounds are unrolled: they differ in the order of the message, which then costs nothing.
    function _root(bytes calldata chunk, uint256 index, bytes32[] calldata siblings, uint256 turns)
        private
        pure
        returns (bytes32 result)
    {
        assembly ("memory-safe") {
            /// Eight little-endian words to slots.
            function load(w, slot) {
                w := or(
                    and(shr(8, w), 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff),
                    shl(8, and(w, 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff))
                )
                w := or(
                    and(shr(16, w), 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff),
                    shl(16, and(w, 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff))
                )
                mstore(slot, shr(224, w))
                mstore(add(slot, 0x020), and(shr(192, w), 0xffffffff))
                mstore(add(slot, 0x040), and(shr(160, w), 0xffffffff))
                mstore(add(slot, 0x060), and(shr(128, w), 0xffffffff))
                mstore(add(slot, 0x080), and(shr(96, w), 0xffffffff))
                mstore(add(slot, 0x0a0), and(shr(64, w), 0xffffffff))
                mstore(add(slot, 0x0c0), and(shr(32, w), 0xffffffff))
                mstore(add(slot, 0x0e0), and(w, 0xffffffff))
            }
            /// Four lanes to slots.
            function spread(v, slot) {
                mstore(slot, and(v, 0xffffffff))
                mstore(add(slot, 0x20), and(shr(64, v), 0xffffffff))
                mstore(add(slot, 0x40), and(shr(128, v), 0xffffffff))
                mstore(add(slot, 0x60), shr(192, v))
            }
            /// The compression function: chaining value `a` and `b`, counter, length and flags `d`.
            function compress(a, b, d) -> low, high {
                let c := IV_LOW
                let x
                // Round 1: columns, then diagonals.
                a := add(add(a, b), or(or(mload(0x080), mload(0x0c8)), or(mload(0x110), mload(0x158))))
                d := and(shr(16, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                b := and(shr(12, mul(and(xor(b, c), LANES), TWICE)), LANES)
                a := add(add(a, b), or(or(mload(0x0a0), mload(0x0e8)), or(mload(0x130), mload(0x178))))
                d := and(shr(8, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                x := mul(and(xor(b, c), LANES), TWICE)
                b := and(or(shr(71, x), shl(185, x)), LANES)
                c := or(shr(128, c), shl(128, c))
                d := or(shl(64, d), shr(192, d))
                a := add(add(a, b), or(or(mload(0x180), mload(0x1c8)), or(mload(0x210), mload(0x258))))
                d := and(shr(16, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                b := and(shr(12, mul(and(xor(b, c), LANES), TWICE)), LANES)
                a := add(add(a, b), or(or(mload(0x1a0), mload(0x1e8)), or(mload(0x230), mload(0x278))))
                d := and(shr(8, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                x := mul(and(xor(b, c), LANES), TWICE)
                b := and(or(shl(57, x), shr(199, x)), LANES)
                c := or(shr(128, c), shl(128, c))
                d := or(shr(64, d), shl(192, d))
                // Round 2: columns, then diagonals.
                a := add(add(a, b), or(or(mload(0x0c0), mload(0x0e8)), or(mload(0x170), mload(0x118))))
                d := and(shr(16, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                b := and(shr(12, mul(and(xor(b, c), LANES), TWICE)), LANES)
                a := add(add(a, b), or(or(mload(0x140), mload(0x1c8)), or(mload(0x090), mload(0x238))))
                d := and(shr(8, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                x := mul(and(xor(b, c), LANES), TWICE)
                b := and(or(shr(71, x), shl(185, x)), LANES)
                c := or(shr(128, c), shl(128, c))
                d := or(shl(64, d), shr(192, d))
                a := add(add(a, b), or(or(mload(0x0a0), mload(0x208)), or(mload(0x1b0), mload(0x278))))
                d := and(shr(16, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                b := and(shr(12, mul(and(xor(b, c), LANES), TWICE)), LANES)
                a := add(add(a, b), or(or(mload(0x1e0), mload(0x128)), or(mload(0x250), mload(0x198))))
                d := and(shr(8, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                x := mul(and(xor(b, c), LANES), TWICE)
                b := and(or(shl(57, x), shr(199, x)), LANES)
                c := or(shr(128, c), shl(128, c))
                d := or(shr(64, d), shl(192, d))
                // Round 3: columns, then diagonals.
                a := add(add(a, b), or(or(mload(0x0e0), mload(0x1c8)), or(mload(0x230), mload(0x178))))
                d := and(shr(16, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                b := and(shr(12, mul(and(xor(b, c), LANES), TWICE)), LANES)
                a := add(add(a, b), or(or(mload(0x100), mload(0x208)), or(mload(0x0d0), mload(0x258))))
                d := and(shr(8, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                x := mul(and(xor(b, c), LANES), TWICE)
                b := and(or(shr(71, x), shl(185, x)), LANES)
                c := or(shr(128, c), shl(128, c))
                d := or(shl(64, d), shr(192, d))
                a := add(add(a, b), or(or(mload(0x140), mload(0x1a8)), or(mload(0x1f0), mload(0x198))))
                d := and(shr(16, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                b := and(shr(12, mul(and(xor(b, c), LANES), TWICE)), LANES)
                a := add(add(a, b), or(or(mload(0x120), mload(0x088)), or(mload(0x270), mload(0x0b8))))
                d := and(shr(8, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                x := mul(and(xor(b, c), LANES), TWICE)
                b := and(or(shl(57, x), shr(199, x)), LANES)
                c := or(shr(128, c), shl(128, c))
                d := or(shr(64, d), shl(192, d))
                // Round 4: columns, then diagonals.
                a := add(add(a, b), or(or(mload(0x1c0), mload(0x208)), or(mload(0x250), mload(0x238))))
                d := and(shr(16, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                b := and(shr(12, mul(and(xor(b, c), LANES), TWICE)), LANES)
                a := add(add(a, b), or(or(mload(0x160), mload(0x1a8)), or(mload(0x0f0), mload(0x278))))
                d := and(shr(8, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                x := mul(and(xor(b, c), LANES), TWICE)
                b := and(or(shr(71, x), shl(185, x)), LANES)
                c := or(shr(128, c), shl(128, c))
                d := or(shl(64, d), shr(192, d))
                a := add(add(a, b), or(or(mload(0x100), mload(0x1e8)), or(mload(0x130), mload(0x0b8))))
                d := and(shr(16, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                b := and(shr(12, mul(and(xor(b, c), LANES), TWICE)), LANES)
                a := add(add(a, b), or(or(mload(0x080), mload(0x0c8)), or(mload(0x190), mload(0x158))))
                d := and(shr(8, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                x := mul(and(xor(b, c), LANES), TWICE)
                b := and(or(shl(57, x), shr(199, x)), LANES)
                c := or(shr(128, c), shl(128, c))
                d := or(shr(64, d), shl(192, d))
                // Round 5: columns, then diagonals.
                a := add(add(a, b), or(or(mload(0x200), mload(0x1a8)), or(mload(0x270), mload(0x258))))
                d := and(shr(16, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                b := and(shr(12, mul(and(xor(b, c), LANES), TWICE)), LANES)
                a := add(add(a, b), or(or(mload(0x220), mload(0x1e8)), or(mload(0x1d0), mload(0x198))))
                d := and(shr(8, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                x := mul(and(xor(b, c), LANES), TWICE)
                b := and(or(shr(71, x), shl(185, x)), LANES)
                c := or(shr(128, c), shl(128, c))
                d := or(shl(64, d), shr(192, d))
                a := add(add(a, b), or(or(mload(0x160), mload(0x128)), or(mload(0x090), mload(0x158))))
                d := and(shr(16, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                b := and(shr(12, mul(and(xor(b, c), LANES), TWICE)), LANES)
                a := add(add(a, b), or(or(mload(0x0c0), mload(0x0e8)), or(mload(0x0b0), mload(0x118))))
                d := and(shr(8, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                x := mul(and(xor(b, c), LANES), TWICE)
                b := and(or(shl(57, x), shr(199, x)), LANES)
                c := or(shr(128, c), shl(128, c))
                d := or(shr(64, d), shl(192, d))
                // Round 6: columns, then diagonals.
                a := add(add(a, b), or(or(mload(0x1a0), mload(0x1e8)), or(mload(0x190), mload(0x278))))
                d := and(shr(16, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                b := and(shr(12, mul(and(xor(b, c), LANES), TWICE)), LANES)
                a := add(add(a, b), or(or(mload(0x240), mload(0x128)), or(mload(0x210), mload(0x0b8))))
                d := and(shr(8, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                x := mul(and(xor(b, c), LANES), TWICE)
                b := and(or(shr(71, x), shl(185, x)), LANES)
                c := or(shr(128, c), shl(128, c))
                d := or(shl(64, d), shr(192, d))
                a := add(add(a, b), or(or(mload(0x220), mload(0x088)), or(mload(0x0d0), mload(0x118))))
                d := and(shr(16, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                b := and(shr(12, mul(and(xor(b, c), LANES), TWICE)), LANES)
                a := add(add(a, b), or(or(mload(0x0e0), mload(0x1c8)), or(mload(0x150), mload(0x178))))
                d := and(shr(8, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                x := mul(and(xor(b, c), LANES), TWICE)
                b := and(or(shl(57, x), shr(199, x)), LANES)
                c := or(shr(128, c), shl(128, c))
                d := or(shr(64, d), shl(192, d))
                // Round 7: columns, then diagonals.
                a := add(add(a, b), or(or(mload(0x1e0), mload(0x128)), or(mload(0x0b0), mload(0x198))))
                d := and(shr(16, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                b := and(shr(12, mul(and(xor(b, c), LANES), TWICE)), LANES)
                a := add(add(a, b), or(or(mload(0x260), mload(0x088)), or(mload(0x1b0), mload(0x158))))
                d := and(shr(8, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                x := mul(and(xor(b, c), LANES), TWICE)
                b := and(or(shr(71, x), shl(185, x)), LANES)
                c := or(shr(128, c), shl(128, c))
                d := or(shl(64, d), shr(192, d))
                a := add(add(a, b), or(or(mload(0x240), mload(0x0c8)), or(mload(0x0f0), mload(0x178))))
                d := and(shr(16, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                b := and(shr(12, mul(and(xor(b, c), LANES), TWICE)), LANES)
                a := add(add(a, b), or(or(mload(0x1c0), mload(0x208)), or(mload(0x110), mload(0x238))))
                d := and(shr(8, mul(and(xor(d, a), LANES), TWICE)), LANES)
                c := add(c, d)
                x := mul(and(xor(b, c), LANES), TWICE)
                b := and(or(shl(57, x), shr(199, x)), LANES)
                c := or(shr(128, c), shl(128, c))
                d := or(shr(64, d), shl(192, d))
                low := and(xor(a, c), LANES)
                high := and(xor(b, d), LANES)
            }

            calldatacopy(0x300, chunk.offset, chunk.length)
            let a := IV_LOW
            let b := IV_HIGH
            let flags := 1 // CHUNK_START
            let counter := or(and(index, 0xffffffff), shl(64, shr(32, index)))
            let left := chunk.length
            for { let source := 0x300 } 1 { source := add(source, 64) } {
                load(mload(source), 0x080)
                load(mload(add(source, 32)), 0x180)
                if gt(left, 64) {
                    a, b := compress(a, b, or(counter, or(shl(128, 64), shl(192, flags))))
                    flags := 0
                    left := sub(left, 64)
                    continue
                }
                // CHUNK_END, and ROOT where there is nothing above.
                flags := or(flags, or(2, shl(3, iszero(siblings.length))))
                a, b := compress(a, b, or(counter, or(shl(128, left), shl(192, flags))))
                break
            }
            for { let k := 0 } lt(k, siblings.length) { k := add(k, 1) } {
                let side := shl(8, and(shr(k, turns), 1))
                spread(a, add(0x080, side))
                spread(b, add(0x100, side))
                load(calldataload(add(siblings.offset, shl(5, k))), sub(0x180, side))
                // PARENT, and ROOT at the top.
                flags := or(4, shl(3, eq(add(k, 1), siblings.length)))
                a, b := compress(IV_LOW, IV_HIGH, or(shl(128, 64), shl(192, flags)))
            }

            // Eight words of four bytes, little-endian.
            for { let l := 0 } lt(l, 256) { l := add(l, 64) } {
                result := or(shl(32, result), and(shr(l, a), 0xffffffff))
            }
            for { let l := 0 } lt(l, 256) { l := add(l, 64) } {
                result := or(shl(32, result), and(shr(l, b), 0xffffffff))
            }
            result := or(
                and(shr(8, result), 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff),
                shl(8, and(result, 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff))
            )
            result := or(
                and(shr(16, result), 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff),
                shl(16, and(result, 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff))
            )
            // All of it is taken: at most 0x300 and a chunk.
            mstore(0x40, 0x700)
        }
    }
}
