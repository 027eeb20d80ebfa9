// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {F32, INFINITY, NAN, ZERO, round, roundSigned, split} from "./Float32.sol";

/// @title Conversions between formats
/// @dev docs/spec/arithmetic.md, section 10.
library Conversion {
    uint256 internal constant BF16_NAN = 0x7FC0;
    uint256 internal constant F16_NAN = 0x7E00;

    // --- bfloat16 and binary16

    /// @notice Exact; NaN becomes canonical.
    function fromBf16(uint256 x) internal pure returns (F32) {
        F32 wide = F32.wrap(x << 16);
        return wide.isNaN() ? NAN : wide;
    }

    /// @notice Nearest, ties to even.
    function toBf16(F32 x) internal pure returns (uint256) {
        if (x.isNaN()) return BF16_NAN;
        return _shiftRounding(x.bits(), 16);
    }

    /// @notice Exact; NaN becomes canonical.
    function fromF16(uint256 x) internal pure returns (F32) {
        unchecked {
            uint256 magnitude = x & 0x7FFF;
            F32 wide;
            if (magnitude >= 0x7C00) wide = magnitude == 0x7C00 ? INFINITY : NAN;
            // The bias is 15 instead of 127.
            else if (magnitude >= 0x0400) wide = F32.wrap((magnitude << 13) + (112 << 23));
            // Subnormal: in units of 2^-24.
            else wide = magnitude == 0 ? ZERO : round(magnitude, 298 - 24);
            return x > 0x7FFF && !wide.isNaN() ? -wide : wide;
        }
    }

    /// @notice Nearest, ties to even; subnormals kept, infinity from 65520 on.
    function toF16(F32 x) internal pure returns (uint256) {
        if (x.isNaN()) return F16_NAN;
        unchecked {
            uint256 m = x.abs().bits();
            uint256 sign = (x.bits() >> 16) & 0x8000;
            if (m >= 0x477FF000) return sign | 0x7C00;
            if (m >= 0x38800000) return sign | _shiftRounding(m - (112 << 23), 13);
            // Below 2^-14: in units of 2^-24. What is 25 places and more below the unit rounds to zero.
            (uint256 significand, uint256 scale) = split(x);
            return sign | (scale < 100 ? 0 : _shiftRounding(significand, 125 - scale));
        }
    }

    /// @dev `x / 2^places` to the nearest integer, ties to even.
    /// @param places From 1 to 254.
    function _shiftRounding(uint256 x, uint256 places) private pure returns (uint256) {
        unchecked {
            return (x + (1 << (places - 1)) - 1 + ((x >> places) & 1)) >> places;
        }
    }

    // --- integers

    /// @notice The nearest f32, ties to even.
    /// @param x Of 64 bits, signed or unsigned.
    function fromInteger(int256 x) internal pure returns (F32) {
        return roundSigned(x, 298);
    }

    /// @notice Toward zero, saturating; 0 for NaN.
    function toUnsigned(F32 x, uint256 width) internal pure returns (uint256) {
        unchecked {
            if (x.isNaN() || x.isNegative()) return 0;
            uint256 limit = (1 << width) - 1;
            uint256 m = _truncate(x);
            return m > limit ? limit : m;
        }
    }

    /// @notice Toward zero, saturating; 0 for NaN. In two's complement of that width.
    function toSigned(F32 x, uint256 width) internal pure returns (uint256) {
        unchecked {
            if (x.isNaN()) return 0;
            uint256 limit = 1 << (width - 1);
            uint256 m = _truncate(x);
            if (!x.isNegative()) return m < limit ? m : limit - 1;
            return m < limit ? (0 - m) & (2 * limit - 1) : limit;
        }
    }

    /// @dev The integer part of a magnitude; 2^128 for infinity.
    function _truncate(F32 x) private pure returns (uint256) {
        (uint256 m, uint256 e) = split(x);
        unchecked {
            return e < 149 ? m >> (149 - e) : m << (e - 149);
        }
    }

    // --- reduced precision

    /// @notice A float's bits rounded to what a format with these fields can hold, in its own format again.
    /// @param x Bits of a format with `exponentBits` and `mantissaBits`.
    /// @param toExponent From 1 up.
    function reducePrecision(
        uint256 x,
        uint256 exponentBits,
        uint256 mantissaBits,
        uint256 toExponent,
        uint256 toMantissa
    ) internal pure returns (uint256) {
        unchecked {
            uint256 signBit = 1 << (exponentBits + mantissaBits);
            uint256 infinity = signBit - (1 << mantissaBits);
            uint256 m = x & (signBit - 1);
            uint256 sign = x & signBit;
            if (m > infinity) {
                return toMantissa == 0 ? sign | infinity : infinity | (1 << (mantissaBits - 1));
            }
            if (toMantissa < mantissaBits) {
                uint256 places = mantissaBits - toMantissa;
                m = _shiftRounding(m, places) << places;
            }
            if (toExponent < exponentBits) {
                uint256 bias = (1 << (exponentBits - 1)) - 1;
                uint256 newBias = (1 << (toExponent - 1)) - 1;
                uint256 exponent = m >> mantissaBits;
                if (exponent > bias + newBias) m = infinity;
                else if (exponent <= bias - newBias) m = 0;
            }
            return sign | m;
        }
    }
}
