// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Trace} from "../../src/dispute/Trace.sol";

/// @dev What a player computes of the trees of docs/spec/lowering.md, and of BLAKE3's. Written for clarity, not for gas.
library Trees {
    // --- keccak trees

    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        return Trace.root(leaves.length, top(leaves));
    }

    function top(bytes32[] memory leaves) internal pure returns (bytes32) {
        if (leaves.length == 0) return 0;
        return level(leaves, Trace.height(leaves.length))[0];
    }

    /// @dev The nodes of a level.
    function level(bytes32[] memory leaves, uint256 height) internal pure returns (bytes32[] memory row) {
        row = leaves;
        for (uint256 h; h < height; ++h) {
            bytes32[] memory above = new bytes32[]((row.length + 1) / 2);
            for (uint256 i; i < above.length; ++i) {
                above[i] = Trace.pair(row[2 * i], 2 * i + 1 < row.length ? row[2 * i + 1] : bytes32(0));
            }
            row = above;
        }
    }

    /// @dev What stands beside a node and above.
    function siblings(bytes32[] memory leaves, uint256 height, uint256 number)
        internal
        pure
        returns (bytes32[] memory found)
    {
        uint256 levels = Trace.height(leaves.length);
        found = new bytes32[](levels - height);
        bytes32[] memory row = level(leaves, height);
        for (uint256 i; i < found.length; ++i) {
            uint256 other = (number >> i) ^ 1;
            found[i] = other < row.length ? row[other] : bytes32(0);
            row = level(row, 1);
        }
    }

    /// @dev The nodes 7 levels below a node, or the leaves.
    function below(bytes32[] memory row, uint256 height, uint256 number)
        internal
        pure
        returns (bytes32[] memory nodes)
    {
        uint256 span = Trace.spanOf(height);
        uint256 first = number << span;
        uint256 count = row.length - first;
        if (count > 1 << span) count = 1 << span;
        nodes = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            nodes[i] = row[first + i];
        }
    }

    // --- BLAKE3

    uint256 private constant CHUNK = 1024;

    function id(bytes memory blob) internal pure returns (bytes32) {
        if (blob.length <= CHUNK) return chunkValue(blob, 0, true);
        bytes32[] memory row = chunkValues(blob);
        while (row.length > 1) {
            row = blobUp(row, row.length == 2);
        }
        return row[0];
    }

    function chunk(bytes memory blob, uint256 index) internal pure returns (bytes memory part) {
        uint256 size = blob.length - CHUNK * index;
        part = new bytes(size < CHUNK ? size : CHUNK);
        for (uint256 i; i < part.length; ++i) {
            part[i] = blob[CHUNK * index + i];
        }
    }

    function chunks(bytes memory blob) internal pure returns (uint256) {
        return blob.length == 0 ? 1 : (blob.length + CHUNK - 1) / CHUNK;
    }

    function chunkValues(bytes memory blob) internal pure returns (bytes32[] memory row) {
        row = new bytes32[](chunks(blob));
        for (uint256 i; i < row.length; ++i) {
            row[i] = chunkValue(chunk(blob, i), i, false);
        }
    }

    function blobLevel(bytes memory blob, uint256 height) internal pure returns (bytes32[] memory row) {
        row = chunkValues(blob);
        for (uint256 h; h < height; ++h) {
            row = blobUp(row, row.length == 2);
        }
    }

    function blobSiblings(bytes memory blob, uint256 height, uint256 number)
        internal
        pure
        returns (bytes32[] memory found)
    {
        bytes32[] memory all = new bytes32[](64);
        uint256 count;
        for (bytes32[] memory row = blobLevel(blob, height); row.length > 1; row = blobUp(row, row.length == 2)) {
            if (number ^ 1 < row.length) all[count++] = row[number ^ 1];
            number >>= 1;
        }
        found = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            found[i] = all[i];
        }
    }

    function blobUp(bytes32[] memory row, bool isTop) internal pure returns (bytes32[] memory above) {
        above = new bytes32[]((row.length + 1) / 2);
        for (uint256 i; i < above.length; ++i) {
            above[i] = row[2 * i];
            if (2 * i + 1 == row.length) continue;
            uint256[16] memory m;
            _load(m, abi.encodePacked(row[2 * i], row[2 * i + 1]), 0);
            above[i] = _bytes(_compress(_iv(), m, 0, 64, isTop ? 12 : 4));
        }
    }

    function chunkValue(bytes memory data, uint256 index, bool isRoot) internal pure returns (bytes32) {
        uint256[8] memory cv = _iv();
        uint256 blocks = data.length == 0 ? 1 : (data.length + 63) / 64;
        for (uint256 i; i < blocks; ++i) {
            uint256[16] memory m;
            _load(m, data, 64 * i);
            bool last = i == blocks - 1;
            uint256 flags = (i == 0 ? 1 : 0) | (last ? 2 : 0) | (last && isRoot ? 8 : 0);
            cv = _compress(cv, m, index, last ? data.length - 64 * i : 64, flags);
        }
        return _bytes(cv);
    }

    function _load(uint256[16] memory m, bytes memory data, uint256 from) private pure {
        for (uint256 i; i < 64 && from + i < data.length; ++i) {
            m[i / 4] |= uint256(uint8(data[from + i])) << (8 * (i % 4));
        }
    }

    function _iv() private pure returns (uint256[8] memory) {
        return [uint256(0x6a09e667), 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
    }

    function _compress(uint256[8] memory cv, uint256[16] memory m, uint256 counter, uint256 length, uint256 flags)
        private
        pure
        returns (uint256[8] memory out)
    {
        unchecked {
            uint256[16] memory v;
            uint256[8] memory iv = _iv();
            for (uint256 i; i < 8; ++i) {
                v[i] = cv[i];
                if (i < 4) v[8 + i] = iv[i];
            }
            (v[12], v[13], v[14], v[15]) = (uint32(counter), counter >> 32, length, flags);
            for (uint256 round; round < 7; ++round) {
                m = _round(v, m);
            }
            for (uint256 i; i < 8; ++i) {
                out[i] = v[i] ^ v[8 + i];
            }
        }
    }

    /// @dev Columns, then diagonals; gives the message of the next round.
    function _round(uint256[16] memory v, uint256[16] memory m) private pure returns (uint256[16] memory next) {
        for (uint256 i; i < 4; ++i) {
            _mix(v, i, 0, m[2 * i], m[2 * i + 1]);
        }
        for (uint256 i; i < 4; ++i) {
            _mix(v, i, 1, m[8 + 2 * i], m[9 + 2 * i]);
        }
        uint8[16] memory order = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
        for (uint256 i; i < 16; ++i) {
            next[i] = m[order[i]];
        }
    }

    /// @param a Column, in which the rows below are shifted by 0, or by 1, 2, 3 places times `shift`.
    function _mix(uint256[16] memory v, uint256 a, uint256 shift, uint256 x, uint256 y) private pure {
        unchecked {
            uint256 b = 4 + (a + shift) % 4;
            uint256 c = 8 + (a + 2 * shift) % 4;
            uint256 d = 12 + (a + 3 * shift) % 4;
            v[a] = uint32(v[a] + v[b] + x);
            v[d] = _rotate(v[d] ^ v[a], 16);
            v[c] = uint32(v[c] + v[d]);
            v[b] = _rotate(v[b] ^ v[c], 12);
            v[a] = uint32(v[a] + v[b] + y);
            v[d] = _rotate(v[d] ^ v[a], 8);
            v[c] = uint32(v[c] + v[d]);
            v[b] = _rotate(v[b] ^ v[c], 7);
        }
    }

    function _rotate(uint256 x, uint256 places) private pure returns (uint256) {
        return uint32(x >> places | x << (32 - places));
    }

    function _bytes(uint256[8] memory words) private pure returns (bytes32 result) {
        for (uint256 i; i < 32; ++i) {
            result |= bytes32(uint256(uint8(words[i / 4] >> (8 * (i % 4)))) << (248 - 8 * i));
        }
    }
}
