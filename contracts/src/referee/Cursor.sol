// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReferee} from "../interfaces/IReferee.sol";

/// @dev Bytes that are being read, and how far.
struct Cursor {
    bytes data;
    uint256 place;
}

/// @title Reading of big-endian numbers from bytes of anybody
/// @dev Everything reverts with `Malformed` where the bytes end too early.
library Reading {
    function u8(Cursor memory from) internal pure returns (uint256) {
        return _number(from, 1);
    }

    function u32(Cursor memory from) internal pure returns (uint256) {
        return _number(from, 4);
    }

    function u64(Cursor memory from) internal pure returns (uint256) {
        return _number(from, 8);
    }

    function i64(Cursor memory from) internal pure returns (int256) {
        return int64(uint64(_number(from, 8)));
    }

    function word(Cursor memory from) internal pure returns (bytes32) {
        return bytes32(_number(from, 32));
    }

    /// @notice Passes over `count` bytes.
    function skip(Cursor memory from, uint256 count) internal pure {
        if (count > from.data.length - from.place) revert IReferee.Malformed(from.place);
        unchecked {
            from.place += count;
        }
    }

    /// @notice Nothing may follow.
    function end(Cursor memory from) internal pure {
        if (from.place != from.data.length) revert IReferee.Malformed(from.place);
    }

    function malformed(Cursor memory from) internal pure {
        revert IReferee.Malformed(from.place);
    }

    function _number(Cursor memory from, uint256 size) private pure returns (uint256 value) {
        (bytes memory data, uint256 place) = (from.data, from.place);
        skip(from, size);
        assembly ("memory-safe") {
            value := shr(sub(256, shl(3, size)), mload(add(add(data, 0x20), place)))
        }
    }
}
