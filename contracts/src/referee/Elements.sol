// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {F32} from "./Float32.sol";

/// @title Tensors in calldata: f32 elements, little-endian, without gaps
library Elements {
    /// @notice The element at a calldata position.
    function load(uint256 position) internal pure returns (F32 x) {
        assembly ("memory-safe") {
            x := shr(224, calldataload(position))
            x := or(and(shr(8, x), 0x00ff00ff), and(shl(8, x), 0xff00ff00))
            x := or(shr(16, x), and(shl(16, x), 0xffff0000))
        }
    }

    /// @notice Position of the first byte.
    function start(bytes calldata elements) internal pure returns (uint256 position) {
        assembly ("memory-safe") {
            position := elements.offset
        }
    }
}
