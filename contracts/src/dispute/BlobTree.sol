// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBlobTree} from "../interfaces/IBlobTree.sol";

contract BlobTree is IBlobTree {
    uint256 private constant CHUNK = 1024;

    uint256 private constant LANES = 0x00000000ffffffff_00000000ffffffff_00000000ffffffff_00000000ffffffff;
    /// @dev Times this, a lane of 64 bits has its word in both halves: a right shift then is a rotation.
    uint256 private constant TWICE = 0x100000001;
    uint256 private constant IV_LOW = 0x00000000a54ff53a_000000003c6ef372_00000000bb67ae85_000000006a09e667;
    uint256 private constant IV_HIGH = 0x000000005be0cd19_000000001f83d9ab_000000009b05688c_00000000510e527f;
    /// @dev Length of a parent's message, and its flag, in their lanes.
    uint256 private constant PARENT = 64 << 128 | 4 << 192;
    /// @dev Flag of the topmost node, in its lane.
    uint256 private constant ROOT = 8 << 192;

    /// @inheritdoc IBlobTree
    function root(
        uint256 length,
        uint256 level,
        uint256 number,
        uint256 span,
        bytes32[] calldata nodes,
        bytes32[] calldata siblings
    ) external pure returns (bytes32) {
        if (length >> 63 != 0) revert TooLong(length);
        uint256 chunks = length <= CHUNK ? 1 : (length + CHUNK - 1) / CHUNK;
        uint256 all = _width(chunks, level);
        // The root of a single chunk is no parent, so that a blob of one chunk has nothing to show here.
        if (level == 0 || span == 0 || span > level || number >= all || _width(chunks, level - 1) == 1) {
            revert NoSuchNode(level, number, chunks);
        }
        bytes32[] memory row = _row(chunks, level - span, number << span, 1 << span, nodes);
        for (uint256 low = level - span; low < level; ++low) {
            row = _up(row, _width(chunks, low) == 2);
        }

        bytes32 node = row[0];
        uint256 used;
        for (; all > 1; ++level) {
            // The last node of an odd level moves up as it is.
            if (number != all - 1 || number & 1 != 0) {
                if (used == siblings.length) revert WrongCount(siblings.length, used + 1);
                bytes32 sibling = siblings[used++];
                node = number & 1 == 0 ? _parent(node, sibling, all == 2) : _parent(sibling, node, all == 2);
            }
            number >>= 1;
            all = (all + 1) / 2;
        }
        if (used != siblings.length) revert WrongCount(siblings.length, used);
        return node;
    }

    /// @dev Nodes of a level.
    function _width(uint256 chunks, uint256 level) private pure returns (uint256) {
        return ((chunks - 1) >> level) + 1;
    }

    function _row(uint256 chunks, uint256 level, uint256 first, uint256 most, bytes32[] calldata nodes)
        private
        pure
        returns (bytes32[] memory)
    {
        uint256 expected = _width(chunks, level) - first;
        if (expected > most) expected = most;
        if (nodes.length != expected) revert WrongCount(nodes.length, expected);
        return nodes;
    }

    /// @dev The level above, in place.
    function _up(bytes32[] memory row, bool top) private pure returns (bytes32[] memory) {
        uint256 count = row.length;
        for (uint256 i; 2 * i < count; ++i) {
            row[i] = 2 * i + 1 < count ? _parent(row[2 * i], row[2 * i + 1], top) : row[2 * i];
        }
        assembly ("memory-safe") {
            mstore(row, shr(1, add(count, 1)))
        }
        return row;
    }

    /// @dev BLAKE3's compression of two chaining values. Four 32-bit words to an EVM word, each in a lane of 64 bits, the first
    /// one lowest; sums are only cut down to 32 bits before they are rotated. The message lies in 16 slots behind the free memory
    /// pointer, one word each and zeros behind it, so that a load from `8 l` bytes into a slot has its word in lane l.
    function _parent(bytes32 left, bytes32 right, bool top) private pure returns (bytes32 result) {
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
                for { let shift := 224 } 1 { shift := sub(shift, 32) } {
                    mstore(slot, and(shr(shift, w), 0xffffffff))
                    if iszero(shift) { break }
                    slot := add(slot, 0x20)
                }
            }
            /// The words of four slots, the first `l` one's in lane 0.
            function four(s0, s1, s2, s3) -> lanes {
                lanes := or(or(mload(s0), mload(add(s1, 8))), or(mload(add(s2, 16)), mload(add(s3, 24))))
            }
            /// A half of a round: columns or diagonals.
            function quarters(a, b, c, d, x, y) -> p, q, r, s {
                p := add(add(a, b), x)
                s := and(shr(16, mul(and(xor(d, p), LANES), TWICE)), LANES)
                r := add(c, s)
                q := and(shr(12, mul(and(xor(b, r), LANES), TWICE)), LANES)
                p := add(add(p, q), y)
                s := and(shr(8, mul(and(xor(s, p), LANES), TWICE)), LANES)
                r := add(r, s)
                q := and(shr(7, mul(and(xor(q, r), LANES), TWICE)), LANES)
            }
            /// Four lanes as little-endian bytes, the first one leftmost.
            function packed(v) -> w {
                w := or(
                    or(shl(96, and(v, 0xffffffff)), shl(64, and(shr(64, v), 0xffffffff))),
                    or(shl(32, and(shr(128, v), 0xffffffff)), and(shr(192, v), 0xffffffff))
                )
            }

            let m := mload(0x40)
            // The slot behind the last one is read for its zeros.
            mstore(add(m, 0x200), 0)
            load(left, m)
            load(right, add(m, 0x100))
            let a := IV_LOW
            let b := IV_HIGH
            let c := IV_LOW
            let d := or(PARENT, mul(top, ROOT))
            for { let round := 0 } 1 { round := add(round, 1) } {
                a, b, c, d :=
                    quarters(
                    a,
                    b,
                    c,
                    d,
                    four(m, add(m, 0x40), add(m, 0x80), add(m, 0xc0)),
                    four(add(m, 0x20), add(m, 0x60), add(m, 0xa0), add(m, 0xe0))
                )
                b := or(shr(64, b), shl(192, b))
                c := or(shr(128, c), shl(128, c))
                d := or(shl(64, d), shr(192, d))
                a, b, c, d :=
                    quarters(
                    a,
                    b,
                    c,
                    d,
                    four(add(m, 0x100), add(m, 0x140), add(m, 0x180), add(m, 0x1c0)),
                    four(add(m, 0x120), add(m, 0x160), add(m, 0x1a0), add(m, 0x1e0))
                )
                b := or(shl(64, b), shr(192, b))
                c := or(shr(128, c), shl(128, c))
                d := or(shr(64, d), shl(192, d))
                if eq(round, 6) { break }
                // The message in the order of the next round.
                let t := mload(m)
                mstore(m, mload(add(m, 0x040)))
                mstore(add(m, 0x040), mload(add(m, 0x060)))
                mstore(add(m, 0x060), mload(add(m, 0x140)))
                mstore(add(m, 0x140), mload(add(m, 0x180)))
                mstore(add(m, 0x180), mload(add(m, 0x120)))
                mstore(add(m, 0x120), mload(add(m, 0x160)))
                mstore(add(m, 0x160), mload(add(m, 0x0a0)))
                mstore(add(m, 0x0a0), t)
                t := mload(add(m, 0x020))
                mstore(add(m, 0x020), mload(add(m, 0x0c0)))
                mstore(add(m, 0x0c0), mload(add(m, 0x080)))
                mstore(add(m, 0x080), mload(add(m, 0x0e0)))
                mstore(add(m, 0x0e0), mload(add(m, 0x1a0)))
                mstore(add(m, 0x1a0), mload(add(m, 0x1c0)))
                mstore(add(m, 0x1c0), mload(add(m, 0x1e0)))
                mstore(add(m, 0x1e0), mload(add(m, 0x100)))
                mstore(add(m, 0x100), t)
            }
            result := or(shl(128, packed(xor(a, c))), packed(xor(b, d)))
            result := or(
                and(shr(8, result), 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff),
                shl(8, and(result, 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff))
            )
            result := or(
                and(shr(16, result), 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff),
                shl(16, and(result, 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff))
            )
        }
    }
}
