// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ElementType} from "./ElementType.sol";
import {clz} from "./Float32.sol";

/// @title Integers of 8 to 64 bits, signed and unsigned
/// @dev docs/spec/arithmetic.md, section 4. Operands are the values of their bits (`decode`); results of any size, of which
/// the caller keeps the low bits (`encode`): that is how everything wraps. In 256 bits no product of two operands overflows.
library Integers {
    /// @notice The integer that the bits stand for.
    function decode(uint256 dtype, uint256 x) internal pure returns (int256) {
        if (!ElementType.isSigned(dtype)) return int256(x);
        uint256 byteWidth = ElementType.width(dtype) >> 3;
        int256 value;
        assembly ("memory-safe") {
            value := signextend(sub(byteWidth, 1), x)
        }
        return value;
    }

    /// @notice The low bits of an integer, as many as the type has.
    function encode(uint256 dtype, int256 value) internal pure returns (uint256) {
        unchecked {
            return uint256(value) & ((1 << ElementType.width(dtype)) - 1);
        }
    }

    /// @notice Toward zero; -1 by 0.
    function divide(int256 a, int256 b) internal pure returns (int256) {
        unchecked {
            return b == 0 ? -1 : a / b;
        }
    }

    /// @notice With the sign of the dividend; the dividend by 0.
    function remainder(int256 a, int256 b) internal pure returns (int256) {
        unchecked {
            return b == 0 ? a : a % b;
        }
    }

    /// @notice -1, 0 or 1.
    function sign(int256 a) internal pure returns (int256) {
        if (a == 0) return 0;
        return a < 0 ? -1 : int256(1);
    }

    /// @notice `a^b`, right in the low 64 bits. A negative exponent gives the integer part of the true value, and 0 for a = 0.
    function power(int256 a, int256 b) internal pure returns (int256 result) {
        unchecked {
            if (b < 0) {
                if (a == 1) return 1;
                if (a == -1) return b & 1 == 0 ? int256(1) : int256(-1);
                return 0;
            }
            // At most 64 turns.
            result = 1;
            while (b != 0) {
                if (b & 1 == 1) result *= a;
                a *= a;
                b >>= 1;
            }
        }
    }

    /// @notice The number of bits set among 64.
    function popcnt(uint256 x) internal pure returns (uint256) {
        unchecked {
            // Sums of neighbouring bits, pairs, nibbles; then all bytes at once.
            x -= (x >> 1) & 0x5555555555555555;
            x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333);
            x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
            return ((x * 0x0101010101010101) >> 56) & 0xff;
        }
    }

    /// @notice The number of zero bits above the highest one set, within the width.
    function countLeadingZeros(uint256 x, uint256 width) internal pure returns (uint256) {
        unchecked {
            return clz(x) + width - 256;
        }
    }

    /// @notice Right shift that fills with the top bit of the width, by a count read as unsigned.
    function shiftRightArithmetic(uint256 x, uint256 width, uint256 count) internal pure returns (int256) {
        int256 value;
        assembly ("memory-safe") {
            value := sar(count, signextend(sub(shr(3, width), 1), x))
        }
        return value;
    }
}
