// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {F32, NAN, ONE, TWO, ZERO, fma} from "../Float32.sol";
import {Exponential} from "./Exponential.sol";
import {Polynomial} from "./Polynomial.sol";

/// @title tanh, logistic and erf: the functions with two horizontal asymptotes
/// @dev docs/spec/arithmetic.md, section 3.
library Sigmoid {
    uint256 private constant TANH = 0x00_BEAAAA9A_3E0883B0_BD5C21A0_3CA9284F_BBBB4915;
    uint256 internal constant ERF_SMALL = 0x3E0375D4_BEC093A0_3DE716AE_BCDBFFCE_3BAA197A_BA5273F3_38A5382D;
    uint256 private constant ERF_LARGE = 0xBF9076DA_BF229F04_BDD94661_3CC1A069_BB6ACAD7_39A180E8_B7239DFA;

    /// @dev 0.625.
    F32 private constant TANH_LARGE = F32.wrap(0x3F200000);
    /// @dev 0.875.
    F32 private constant ERF_MIDDLE = F32.wrap(0x3F600000);
    /// @dev 3.93.
    F32 private constant ERF_LAST = F32.wrap(0x407B851F);

    function tanh(F32 x) internal pure returns (F32) {
        if (x.isNaN()) return NAN;
        F32 a = x.abs();
        if (a < TANH_LARGE) {
            F32 s = a * a;
            return fma(Polynomial.evaluate(s, TANH) * s, a, a).withSignOf(x);
        }
        return (ONE - TWO / (Exponential.exp(a + a) + ONE)).withSignOf(x);
    }

    function logistic(F32 x) internal pure returns (F32) {
        if (x.isNaN()) return NAN;
        F32 e = Exponential.exp(-x.abs());
        F32 u = x < ZERO ? e : ONE;
        F32 s = ONE + e;
        F32 t = e - (s - ONE);
        F32 i = ONE / s;
        F32 q = u * i;
        return fma(fma(-q, t, fma(-q, s, u)), i, q);
    }

    function erf(F32 x) internal pure returns (F32) {
        if (x.isNaN()) return NAN;
        F32 a = x.abs();
        F32 y = ONE;
        if (a < ERF_MIDDLE) y = fma(Polynomial.evaluate(a * a, ERF_SMALL), a, a);
        else if (a <= ERF_LAST) y = ONE - Exponential.exp(a * Polynomial.evaluate(a, ERF_LARGE));
        return y.withSignOf(x);
    }
}
