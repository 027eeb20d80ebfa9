// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {F32, HALF, INFINITY, NAN, ONE, QUARTER, ZERO, fma, sqrt} from "../Float32.sol";
import {Exponential} from "./Exponential.sol";
import {Logarithm} from "./Logarithm.sol";
import {Polynomial} from "./Polynomial.sol";

/// @title The hyperbolic functions, tanh apart, and their inverses
/// @dev docs/spec/arithmetic.md, section 3: sinh, cosh, asinh, acosh, atanh.
library Hyperbolic {
    uint256 private constant SINH = 0x3E2AAAAB_3C088870_3950115E_363AB60F;
    uint256 private constant ASINH = 0x00_BE2AAA9B_3D999279_BD35CAE0_3CE6B12D_BC58A19A;
    uint256 private constant ACOSH = 0x00_BDAAAA9B_3C999276_BBB5CA52_3AE6A95E_B9D87FCD;
    uint256 private constant ATANH = 0x3EAAAAA0_3E4CD33C_3E11A6B0_3DF2022D_3D534BDD_3E34A3D1;

    F32 private constant NINETY = F32.wrap(0x42B40000);
    F32 private constant ONE_AND_A_HALF = F32.wrap(0x3FC00000);
    /// @dev 2^14.
    F32 private constant HUGE = F32.wrap(0x46800000);

    function sinh(F32 x) internal pure returns (F32) {
        if (x.isNaN()) return NAN;
        F32 a = x.abs();
        if (a < ONE) {
            F32 s = a * a;
            return fma(Polynomial.evaluate(s, SINH) * s, a, a).withSignOf(x);
        }
        F32 h = _halfExp(a);
        return (h - QUARTER / h).withSignOf(x);
    }

    function cosh(F32 x) internal pure returns (F32) {
        if (x.isNaN()) return NAN;
        F32 h = _halfExp(x.abs());
        return h + QUARTER / h;
    }

    function asinh(F32 x) internal pure returns (F32) {
        if (x.isNaN()) return NAN;
        if (x.isInfinite()) return x;
        F32 a = x.abs();
        if (a >= HALF) return _logOfSum(a, ONE).withSignOf(x);
        F32 s = a * a;
        return fma(Polynomial.evaluate(s, ASINH) * s, a, a).withSignOf(x);
    }

    /// @notice NaN below 1.
    function acosh(F32 x) internal pure returns (F32) {
        if (x.isNaN() || x < ONE) return NAN;
        if (x.isInfinite()) return x;
        if (x >= ONE_AND_A_HALF) return _logOfSum(x, -ONE);
        F32 t = x - ONE;
        F32 r = sqrt(t + t);
        return fma(Polynomial.evaluate(t, ACOSH) * t, r, r);
    }

    /// @notice Infinity at ±1, NaN beyond.
    function atanh(F32 x) internal pure returns (F32) {
        F32 a = x.abs();
        if (x.isNaN() || a > ONE) return NAN;
        if (a == ONE) return INFINITY.withSignOf(x);
        if (a < HALF) {
            F32 s = a * a;
            return fma(Polynomial.evaluate(s, ATANH) * s, a, a).withSignOf(x);
        }
        F32 b = ONE - a;
        F32 d = ONE + a;
        F32 q = d / b;
        F32 ql = (fma(-q, b, d) + (a - (d - ONE))) / b;
        return (HALF * Logarithm.ofPair(q, ql, 0)).withSignOf(x);
    }

    /// @dev e^a / 2 for a >= 0, which overflows later than exp, as sinh and cosh do: the specification's `H`.
    function _halfExp(F32 a) private pure returns (F32) {
        (F32 head, F32 tail, int256 n) = Exponential.parts(a > NINETY ? NINETY : a);
        unchecked {
            return Exponential.scale(head + tail, n - 1);
        }
    }

    /// @dev The logarithm of `a + sqrt(a^2 + c)`: the specification's `S(a, c)`.
    /// @param c 1 or -1.
    function _logOfSum(F32 a, F32 c) private pure returns (F32) {
        if (a > HUGE) return Logarithm.ofPair(a, ZERO, 1);
        (F32 r, F32 rl) = _root(a, c);
        (F32 i, F32 j) = c.isNegative() ? (a, r) : (r, a);
        F32 u = i + j;
        return Logarithm.ofPair(u, (j - (u - i)) + rl, 0);
    }

    /// @dev sqrt(a^2 + c) as a pair.
    function _root(F32 a, F32 c) private pure returns (F32 r, F32 rl) {
        F32 q = a * a;
        F32 v = q + c;
        F32 ql = fma(a, a, -q);
        F32 vl = q < ONE ? (q - (v - c)) + ql : (c - (v - q)) + ql;
        r = sqrt(v);
        rl = (fma(-r, r, v) + vl) / (r + r);
    }
}
