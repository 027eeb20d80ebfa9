// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Conversion} from "../Conversion.sol";
import {F32, HALF, INFINITY, NAN, ONE, ZERO, fma} from "../Float32.sol";
import {Polynomial} from "./Polynomial.sol";

/// @title The natural logarithm, and the pieces of it that other functions continue from
/// @dev docs/spec/arithmetic.md, section 3: log, log_plus_one.
library Logarithm {
    F32 private constant LN2_HIGH = F32.wrap(0x3F317200);
    F32 private constant LN2_LOW = F32.wrap(0x35BFBE8E);
    uint256 private constant SERIES = 0x3EAAAAA4_BE800003_3E4CD23C_BE2AAE24_3E119DB1_BDFE13C5_3DF361B9_BDEF0693;
    /// @dev The ninth coefficient.
    F32 private constant SERIES_LAST = F32.wrap(0x3D8A3CB1);

    F32 private constant MIN_NORMAL = F32.wrap(0x00800000);
    F32 private constant TWO_TO_23 = F32.wrap(0x4B000000);

    /// @notice -infinity for both zeros, NaN below.
    function log(F32 x) internal pure returns (F32) {
        if (x.isNaN()) return NAN;
        if (x.isZero()) return -INFINITY;
        if (x.isNegative()) return NAN;
        if (x.isInfinite()) return x;
        return ofPair(x, ZERO, 0);
    }

    /// @notice -infinity for -1, NaN below.
    function log1p(F32 x) internal pure returns (F32) {
        if (x.isNaN() || x < -ONE) return NAN;
        if (x == -ONE) return -INFINITY;
        if (x.isInfinite() || x.isZero()) return x;
        F32 u = ONE + x;
        (F32 m, int256 e) = split(u);
        if (e == 0) return sum(0, x, series(x));
        F32 d = x < ONE ? x - (u - ONE) : ONE - (u - x);
        F32 f = m - ONE;
        return sum(e, f, series(f) + d / u);
    }

    /// @notice What the specification calls `L(u, ul, n)`, the logarithm of `(u + ul) 2^n`. Where `ul` is a zero the sum with it
    /// is left out: `series` is never -0 where the sign of a zero could be seen.
    /// @param u Positive and finite.
    function ofPair(F32 u, F32 ul, int256 n) internal pure returns (F32) {
        (F32 m, int256 e) = split(u);
        F32 f = m - ONE;
        F32 small = series(f);
        if (!ul.isZero()) small = small + ul / u;
        unchecked {
            return sum(e + n, f, small);
        }
    }

    /// @notice `x = m 2^e` with m from sqrt(1/2) to sqrt(2).
    /// @param x Positive and finite.
    function split(F32 x) internal pure returns (F32 m, int256 e) {
        unchecked {
            bool subnormal = x < MIN_NORMAL;
            if (subnormal) x = x * TWO_TO_23;
            // 0x3F3504F3 is sqrt(1/2).
            e = (int256(x.bits()) - 0x3F3504F3) >> 23;
            m = F32.wrap(uint256(int256(x.bits()) - (e << 23)));
            if (subnormal) e -= 23;
        }
    }

    /// @notice `log(1 + f) - f`.
    function series(F32 f) internal pure returns (F32) {
        F32 f2 = f * f;
        return fma(Polynomial.extend(SERIES_LAST, f, SERIES), f * f2, -HALF * f2);
    }

    /// @notice `e ln 2 + (small + f)`, small terms first.
    function sum(int256 e, F32 f, F32 small) internal pure returns (F32) {
        F32 k = Conversion.fromInteger(e);
        return fma(k, LN2_HIGH, fma(k, LN2_LOW, small) + f);
    }
}
