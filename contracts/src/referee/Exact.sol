// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {F32, NAN, ONE, ZERO, round, split} from "./Float32.sol";

/// @title The functions of floats that never round
/// @dev docs/spec/arithmetic.md, sections 2 and 5. NaN operands give `NAN` unless said.
library Exact {
    /// @notice An integer on which `<` and `==` are those of numbers, -0 just below +0; any operand but NaN.
    function orderKey(F32 x) internal pure returns (int256) {
        unchecked {
            int256 magnitude = int256(x.abs().bits());
            return x.isNegative() ? -1 - magnitude : magnitude;
        }
    }

    /// @notice The larger operand, -0 below +0; NaN if either is.
    function maximum(F32 a, F32 b) internal pure returns (F32) {
        if (a.isNaN() || b.isNaN()) return NAN;
        return orderKey(a) > orderKey(b) ? a : b;
    }

    /// @notice The smaller operand, -0 below +0; NaN if either is.
    function minimum(F32 a, F32 b) internal pure returns (F32) {
        if (a.isNaN() || b.isNaN()) return NAN;
        return orderKey(a) < orderKey(b) ? a : b;
    }

    function negate(F32 x) internal pure returns (F32) {
        return x.isNaN() ? NAN : -x;
    }

    function absolute(F32 x) internal pure returns (F32) {
        return x.isNaN() ? NAN : x.abs();
    }

    /// @notice -1, 1, or the zero itself.
    function sign(F32 x) internal pure returns (F32) {
        if (x.isNaN()) return NAN;
        return x.isZero() ? x : ONE.withSignOf(x);
    }

    function isFinite(F32 x) internal pure returns (bool) {
        return !x.isNaN() && !x.isInfinite();
    }

    /// @notice +0 for a magnitude below 2^-60, any other operand itself: what a contraction makes of its operands.
    function flush(F32 x) internal pure returns (F32) {
        return x.abs().bits() < 0x21800000 ? ZERO : x;
    }

    // --- to integral values, keeping the sign, of zeros too

    function floor(F32 x) internal pure returns (F32) {
        (F32 lower, F32 upper, int256 half) = _neighbours(x);
        return x.isNegative() && half != EXACT ? upper : lower;
    }

    function ceil(F32 x) internal pure returns (F32) {
        (F32 lower, F32 upper, int256 half) = _neighbours(x);
        return x.isNegative() || half == EXACT ? lower : upper;
    }

    /// @notice The nearest integral value, ties to even.
    function roundNearestEven(F32 x) internal pure returns (F32) {
        (F32 lower, F32 upper, int256 half) = _neighbours(x);
        // Of two neighbours the one above is even where the one below is odd.
        bool up = half > 0 || (half == 0 && _isOdd(lower));
        return up ? upper : lower;
    }

    /// @notice The nearest integral value, ties away from zero.
    function roundNearestAfz(F32 x) internal pure returns (F32) {
        (F32 lower, F32 upper, int256 half) = _neighbours(x);
        return half >= 0 ? upper : lower;
    }

    /// @dev `half` of an integral operand.
    int256 private constant EXACT = -2;

    /// @dev The integral values on both sides of a magnitude, with the sign of `x`, and where it lies between them: `half` is
    /// `EXACT` on the lower one, else -1, 0 or 1 below, on or above the middle.
    function _neighbours(F32 x) private pure returns (F32 lower, F32 upper, int256 half) {
        uint256 m = x.abs().bits();
        // From 2^23 on everything is integral.
        if (m >= 0x4B000000) return (x.isNaN() ? NAN : x, ZERO, EXACT);
        uint256 rest = m;
        uint256 middle = 0x3F000000;
        uint256 next = 0x3F800000;
        if (m >= 0x3F800000) {
            unchecked {
                // The place of the ones. A carry out of the fraction goes into the exponent.
                uint256 unit = 1 << (150 - (m >> 23));
                rest = m & (unit - 1);
                middle = unit >> 1;
                next = m - rest + unit;
                m -= rest;
            }
        } else {
            m = 0;
        }
        lower = F32.wrap(m).withSignOf(x);
        upper = F32.wrap(next).withSignOf(x);
        if (rest == 0) half = EXACT;
        else half = rest < middle ? -1 : rest == middle ? int256(0) : int256(1);
    }

    /// @dev Whether an integral value below 2^23 is odd.
    function _isOdd(F32 x) private pure returns (bool) {
        (uint256 m, uint256 e) = split(x);
        // A scale of 149 is a unit of 1; below 1 there is only zero.
        return m != 0 && (m >> (149 - e)) & 1 == 1;
    }

    // --- remainder

    /// @notice `a - b trunc(a / b)` with the sign of `a`, exact (C's `fmod`); NaN for `a` infinite or `b` zero.
    function remainder(F32 a, F32 b) internal pure returns (F32) {
        if (a.isNaN() || b.isNaN() || a.isInfinite() || b.isZero()) return NAN;
        if (b.isInfinite()) return a;
        (uint256 m, uint256 e) = split(a);
        (uint256 n, uint256 f) = split(b);
        uint256 rest;
        unchecked {
            if (e >= f) {
                // m 2^(e - f) modulo n; scales differ by 253 at most.
                rest = mulmod(m, 1 << (e - f), n);
            } else {
                // A divisor 24 places up exceeds any significand: the dividend is what remains.
                uint256 places = f - e;
                rest = places >= 24 ? m : m % (n << places);
                f = e;
            }
            return rest == 0 ? ZERO.withSignOf(a) : round(rest, f + 149).withSignOf(a);
        }
    }

    // --- comparisons

    /// @notice IEEE 754's comparison, an integer that is below, at or above 0 as `a` is to `b`; not for NaN.
    function order(F32 a, F32 b) internal pure returns (int256) {
        unchecked {
            if (a.isZero() && b.isZero()) return 0;
            return orderKey(a) - orderKey(b);
        }
    }

    /// @notice IEEE 754's total order of floats of a format, an integer that is below, at or above 0 as `a` is to `b`.
    /// @param width Of the format, in bits.
    function totalOrder(uint256 a, uint256 b, uint256 width) internal pure returns (int256) {
        unchecked {
            return int256(_totalOrderKey(a, width)) - int256(_totalOrderKey(b, width));
        }
    }

    /// @dev Negative numbers descend with their magnitude and stand below the positive ones.
    function _totalOrderKey(uint256 x, uint256 width) private pure returns (uint256) {
        unchecked {
            uint256 signBit = 1 << (width - 1);
            return x & signBit != 0 ? ~x & (signBit - 1) : x | signBit;
        }
    }
}
