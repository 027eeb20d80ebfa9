// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {F32, HALF, INFINITY, NAN, ONE, TWO, ZERO, fma, sqrt} from "../Float32.sol";
import {Exponential} from "./Exponential.sol";
import {Logarithm} from "./Logarithm.sol";
import {Polynomial} from "./Polynomial.sol";
import {Sigmoid} from "./Sigmoid.sol";

/// @title The complementary error function and the inverse of the error function
/// @dev docs/spec/arithmetic.md, section 3: erfc, erf_inv.
library ErrorFunction {
    uint256 private constant ERFC = 0xBE0EF8D3_3C7BFB5D_3D8B7527_BDCEEF63_3DC0096C_BD87BB19_3D177CC9_BC8799F2;
    F32 private constant ERFC_LAST_COEFFICIENT = F32.wrap(0x3BAD715B);
    F32 private constant ERFC_HIGH = F32.wrap(0x3F9DD2C9);
    F32 private constant ERFC_LOW = F32.wrap(0xB3145130);
    /// @dev 9.1875: from here on erfc would be subnormal, and is 0.
    F32 private constant ERFC_LAST = F32.wrap(0x41130000);
    F32 private constant FOUR = F32.wrap(0x40800000);

    /// @dev For w < 5.
    uint256 private constant CENTRE = 0x3E7C8F46_BB88E20A_BAA433BA_3964E105_B6A61D44_B66637EC_34F8C088_329336C3;
    uint256 private constant CENTRE_TAIL = 0xB2138033_2FDBF654;
    F32 private constant CENTRE_HIGH = F32.wrap(0x3FC02E2F);
    F32 private constant CENTRE_LOW = F32.wrap(0xB378BBB4);
    /// @dev From there on.
    uint256 private constant FLANK = 0x3F8036E5_3C1AC0E5_BBFA71DC_3BBA58DC_BB69B337_3AC1A1C2_B900757A_B99268D7;
    uint256 private constant FLANK_TAIL = 0x392A4E3E_B7F7A6C3;
    F32 private constant FLANK_HIGH = F32.wrap(0x40354F7E);
    F32 private constant FLANK_LOW = F32.wrap(0xB29A3843);

    F32 private constant FIVE = F32.wrap(0x40A00000);
    /// @dev 2.5.
    F32 private constant CENTRE_MIDDLE = F32.wrap(0x40200000);
    F32 private constant THREE = F32.wrap(0x40400000);

    /// @notice +0 for x > 9.1875.
    function erfc(F32 x) internal pure returns (F32) {
        if (x.isNaN()) return NAN;
        F32 a = x.abs();
        if (a < HALF) {
            F32 w = ONE - x;
            return w + fma(-x, Polynomial.evaluate(x * x, Sigmoid.ERF_SMALL), (ONE - w) - x);
        }
        F32 z = a > ERFC_LAST ? ZERO : _tail(a);
        return x.isNegative() ? TWO - z : z;
    }

    /// @dev erfc from 0.5 to 9.1875: e^(-t^2) times p / (1 + 2t), every factor as a pair of numbers.
    function _tail(F32 t) private pure returns (F32) {
        (F32 e, F32 el, int256 n) = _gauss(t);
        (F32 r, F32 rl) = _quotient(t);
        F32 y = r * e;
        F32 yl = fma(r, el, fma(rl, e, fma(r, e, -y)));
        return Exponential.scale(y + yl, n);
    }

    /// @dev e^(-t^2) as `(e + el) 2^n`.
    function _gauss(F32 t) private pure returns (F32 e, F32 el, int256 n) {
        F32 s = t * t;
        F32 sl = fma(t, t, -s);
        F32 h;
        F32 l;
        (h, l, n) = Exponential.parts(-s);
        e = h + l;
        el = fma(-e, sl, l - (e - h));
    }

    /// @dev p / (1 + 2t) as a pair.
    function _quotient(F32 t) private pure returns (F32 r, F32 rl) {
        F32 q = (t - FOUR) / (t + FOUR);
        F32 g = fma(q, Polynomial.extend(ERFC_LAST_COEFFICIENT, q, ERFC), ERFC_LOW);
        F32 p = ERFC_HIGH + g;
        F32 pl = g - (p - ERFC_HIGH);
        F32 d = fma(TWO, t, ONE);
        F32 dl = fma(TWO, t, ONE - d);
        r = p / d;
        rl = (fma(-r, dl, fma(-r, d, p)) + pl) / d;
    }

    /// @notice Infinity at ±1, NaN beyond.
    function erfInv(F32 x) internal pure returns (F32) {
        F32 a = x.abs();
        if (x.isNaN() || a > ONE) return NAN;
        if (a == ONE) return INFINITY.withSignOf(x);
        F32 w = -Logarithm.ofPair(fma(-a, a, ONE), ZERO, 0);
        F32 c;
        F32 g;
        if (w < FIVE) {
            F32 u = w - CENTRE_MIDDLE;
            c = CENTRE_HIGH;
            g = fma(u, Polynomial.extend(Polynomial.evaluate(u, CENTRE_TAIL), u, CENTRE), CENTRE_LOW);
        } else {
            F32 u = sqrt(w) - THREE;
            c = FLANK_HIGH;
            g = fma(u, Polynomial.extend(Polynomial.evaluate(u, FLANK_TAIL), u, FLANK), FLANK_LOW);
        }
        F32 h = a * c;
        return (h + fma(a, g, fma(a, c, -h))).withSignOf(x);
    }
}
