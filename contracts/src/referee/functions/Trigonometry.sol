// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {F32, HALF, NAN, ONE, ZERO, fma, roundSigned, split} from "../Float32.sol";
import {Polynomial} from "./Polynomial.sol";

/// @title sine, cosine, tan
/// @dev docs/spec/arithmetic.md, section 3. The reduction of Payne and Hanek ("Radian reduction for trigonometric functions",
/// 1983) is exact for every f32 and costs the same for all of them.
library Trigonometry {
    uint256 private constant SIN = 0xBE2AAAAB_3C0888BB_B9502DDD_363E6C15;
    uint256 private constant COS = 0x3D2AAAA5_BAB6060D_37CCF076;
    uint256 private constant TAN = 0x3EAAAAB0_3E0886CD_3D5D6D6F_3CAE5949_3C319002_38B05CF6_3B8F8807;

    /// @dev The largest f32 below pi/4.
    F32 private constant QUARTER_PI = F32.wrap(0x3F490FDA);
    /// @dev floor(2/pi * 2^256).
    uint256 private constant TWO_OVER_PI = 0xA2F9836E_4E441529_FC2757D1_F534DDC0_DB629599_3C439041_FE5163AB_DEBBC561;
    /// @dev floor(pi/2 * 2^62).
    int256 private constant HALF_PI = 0x6487ED5110B4611A;
    /// @dev 2^-62.
    F32 private constant UNIT = F32.wrap(0x20800000);

    /// @notice The sine of `x` radians; NaN for infinities.
    function sin(F32 x) internal pure returns (F32) {
        if (x.isNaN() || x.isInfinite()) return NAN;
        F32 a = x.abs();
        if (a <= QUARTER_PI) return _sin(a).withSignOf(x);
        (uint256 q, int256 angle) = _reduce(a);
        F32 r = roundSigned(angle, 298) * UNIT;
        F32 y = q & 1 == 0 ? _sin(r) : _cos(r);
        return (q & 2 != 0) != x.isNegative() ? -y : y;
    }

    /// @notice The cosine of `x` radians; NaN for infinities.
    function cos(F32 x) internal pure returns (F32) {
        if (x.isNaN() || x.isInfinite()) return NAN;
        F32 a = x.abs();
        if (a <= QUARTER_PI) return _cos(a);
        (uint256 q, int256 angle) = _reduce(a);
        F32 r = roundSigned(angle, 298) * UNIT;
        F32 y = q & 1 == 0 ? _cos(r) : _sin(r);
        return q == 1 || q == 2 ? -y : y;
    }

    /// @notice The tangent of `x` radians; NaN for infinities.
    function tan(F32 x) internal pure returns (F32) {
        if (x.isNaN() || x.isInfinite()) return NAN;
        F32 r = x.abs();
        F32 rl = ZERO;
        uint256 q;
        if (r > QUARTER_PI) {
            int256 angle;
            (q, angle) = _reduce(r);
            F32 rounded = roundSigned(angle, 298);
            r = rounded * UNIT;
            unchecked {
                rl = roundSigned(angle - _integer(rounded), 298) * UNIT;
            }
        }
        (F32 h, F32 l) = _tan(r, rl);
        F32 y = h;
        if (q & 1 != 0) {
            y = -ONE / h;
            y = fma(y, fma(y, l, fma(y, h, ONE)), y);
        }
        return x.isNegative() ? -y : y;
    }

    /// @dev The specification's `S(r)`.
    function _sin(F32 r) private pure returns (F32) {
        F32 s = r * r;
        return fma(Polynomial.evaluate(s, SIN) * s, r, r);
    }

    /// @dev The specification's `C(r)`.
    function _cos(F32 r) private pure returns (F32) {
        F32 s = r * r;
        F32 h = HALF * s;
        F32 w = ONE - h;
        return w + fma(Polynomial.evaluate(s, COS), s * s, (ONE - w) - h);
    }

    /// @dev The tangent of `r + rl` as a pair.
    function _tan(F32 r, F32 rl) private pure returns (F32 h, F32 l) {
        F32 s = r * r;
        F32 c = r * (Polynomial.evaluate(s, TAN) * s);
        F32 v = r + c;
        F32 g = fma(fma(v, v, ONE), rl, c);
        h = r + g;
        l = g - (h - r);
    }

    /// @dev `a = (quadrant + 4 j) pi/2 + angle 2^-62` with an angle within pi/4.
    /// @param a Finite, above pi/4.
    function _reduce(F32 a) private pure returns (uint256 quadrant, int256 angle) {
        (uint256 m, uint256 e) = split(a);
        unchecked {
            // a = m 2^(e - 149) with e from 125 to 253. What is cut off above the 96 bits only adds multiples of 4 turns.
            uint256 window = (TWO_OVER_PI >> (311 - e)) & (2 ** 96 - 1);
            uint256 turns = (m * window) & (2 ** 96 - 1);
            quadrant = (turns + 2 ** 93) >> 94;
            int256 rest = int256(turns) - int256(quadrant << 94);
            quadrant &= 3;
            angle = ((rest >> 32) * HALF_PI) >> 62;
        }
    }

    /// @dev The value of a float that is an integer below 2^63.
    function _integer(F32 x) private pure returns (int256) {
        (uint256 m, uint256 e) = split(x);
        unchecked {
            int256 value = int256(e < 149 ? m >> (149 - e) : m << (e - 149));
            return x.isNegative() ? -value : value;
        }
    }
}
