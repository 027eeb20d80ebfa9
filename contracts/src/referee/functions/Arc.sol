// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {F32, HALF, NAN, ONE, ZERO, fma, sqrt} from "../Float32.sol";
import {Polynomial} from "./Polynomial.sol";

/// @title The inverse trigonometric functions
/// @dev docs/spec/arithmetic.md, section 3: atan2, atan, asin, acos.
library Arc {
    uint256 private constant ATAN = 0xBEAAAAA9_3E4CCBA2_BE122817_3DE03911_BDA405DC_3D1FE7E5;
    uint256 private constant ASIN = 0x3E2AAAA6_3D999C56_3D3653AB_3D026959_3C6A94FC_3D1A6045;

    /// @dev The first numbers of the pairs `K(0)` to `K(4)`, and below them the second ones: multiples of pi/4.
    uint256 private constant QUARTERS = 0x00_00000000_3F490FDB_3FC90FDB_4016CBE4_40490FDB;
    uint256 private constant QUARTERS_LOW = 0x00_00000000_B2BBBD2E_B33BBD2E_B1CCDE2E_B3BBBD2E;

    function atan(F32 x) internal pure returns (F32) {
        return atan2(x, ONE);
    }

    /// @notice The angle of the point (x, y), with C's special cases.
    function atan2(F32 y, F32 x) internal pure returns (F32) {
        if (x.isNaN() || y.isNaN()) return NAN;
        bool steep = y.abs() > x.abs();
        (F32 z, F32 g, uint256 k) = steep ? _slope(x.abs(), y.abs()) : _slope(y.abs(), x.abs());
        bool flip = steep;
        unchecked {
            if (steep) k = 2 - k;
            if (x.isNegative()) {
                k = 4 - k;
                flip = !flip;
            }
        }
        if (flip) (z, g) = (-z, -g);
        (F32 b, F32 bl) = _quarters(k);
        return (b + (z + (g + bl))).withSignOf(y);
    }

    /// @dev atan(low / high) as `k pi/4 + z + g`.
    function _slope(F32 low, F32 high) private pure returns (F32 z, F32 g, uint256 k) {
        F32 q = low.isInfinite() ? ONE : high.isZero() ? ZERO : low / high;
        F32 ql = high.isInfinite() || high.isZero() ? ZERO : fma(-q, high, low) / high;
        z = q;
        if (q > HALF) {
            k = 1;
            z = (q - ONE) / (q + ONE);
        }
        F32 s = z * z;
        g = fma(z * s, Polynomial.evaluate(s, ATAN), ql / fma(q, q, ONE));
    }

    /// @notice NaN beyond ±1.
    function asin(F32 x) internal pure returns (F32) {
        F32 a = x.abs();
        if (x.isNaN() || a > ONE) return NAN;
        (F32 s, F32 t) = _parts(a);
        if (a <= HALF) return (s + t).withSignOf(x);
        (F32 b, F32 bl) = _quarters(2);
        F32 d = s + s;
        F32 h = b - d;
        return (h + (((b - h) - d) + (bl - (t + t)))).withSignOf(x);
    }

    /// @notice NaN beyond ±1.
    function acos(F32 x) internal pure returns (F32) {
        F32 a = x.abs();
        if (x.isNaN() || a > ONE) return NAN;
        (F32 s, F32 t) = _parts(a);
        bool negative = x < ZERO;
        uint256 k = 2;
        bool plus = negative;
        if (a > HALF) {
            (s, t) = (s + s, t + t);
            k = negative ? 4 : 0;
            plus = !negative;
        }
        if (!plus) (s, t) = (-s, -t);
        (F32 b, F32 bl) = _quarters(k);
        F32 h = b + s;
        return h + (((b - h) + s) + (bl + t));
    }

    /// @dev `s` and `t` of the specification.
    function _parts(F32 a) private pure returns (F32 s, F32 t) {
        F32 v = a * a;
        s = a;
        F32 d = ZERO;
        if (a > HALF) {
            v = HALF * (ONE - a);
            s = sqrt(v);
            if (!s.isZero()) d = fma(-s, s, v) / (s + s);
        }
        t = fma(s, Polynomial.evaluate(v, ASIN) * v, d);
    }

    /// @dev The pair `K(k)`.
    function _quarters(uint256 k) private pure returns (F32 high, F32 low) {
        unchecked {
            uint256 places = 32 * (4 - k);
            high = F32.wrap((QUARTERS >> places) & 0xffffffff);
            low = F32.wrap((QUARTERS_LOW >> places) & 0xffffffff);
        }
    }
}
