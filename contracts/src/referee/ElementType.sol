// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev The element types of a program, numbered as `corex_hlo::ir::DType` lists them. An element is its bits, those above
/// its width zero.
uint256 constant I1 = 0;
uint256 constant I8 = 1;
uint256 constant I16 = 2;
uint256 constant I32 = 3;
uint256 constant I64 = 4;
uint256 constant U8 = 5;
uint256 constant U16 = 6;
uint256 constant U32 = 7;
uint256 constant U64 = 8;
uint256 constant F16_TYPE = 9;
uint256 constant BF16_TYPE = 10;
uint256 constant F32_TYPE = 11;

/// @title What the arithmetic asks of an element type
library ElementType {
    /// @notice Whether there is a type of that number.
    function exists(uint256 dtype) internal pure returns (bool) {
        return dtype <= F32_TYPE;
    }

    function isFloat(uint256 dtype) internal pure returns (bool) {
        return dtype >= F16_TYPE;
    }

    function isSigned(uint256 dtype) internal pure returns (bool) {
        return dtype >= I8 && dtype <= I64;
    }

    /// @notice Width in bits; 1 for i1, whose elements are stored as bytes.
    function width(uint256 dtype) internal pure returns (uint256) {
        // A byte per type, the first one leftmost.
        return (0x010810204008102040101020 >> (88 - 8 * dtype)) & 0xff;
    }
}
