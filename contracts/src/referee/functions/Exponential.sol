// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {F32, HALF, NAN, ONE, TWO, ZERO, fma} from "../Float32.sol";
import {Polynomial} from "./Polynomial.sol";

/// @title e^x, and the pieces of it that other functions continue from
/// @dev docs/spec/arithmetic.md, section 3: exp, exponential_minus_one.
library Exponential {
    /// @dev 1.5 * 2^23: adding it to |x| < 2^22 leaves round(x) in the low bits of the significand.
    F32 private constant ROUND = F32.wrap(0x4B400000);
    F32 private constant LOG2_E = F32.wrap(0x3FB8AA3B);
    /// @dev ln 2 in two parts, of which the higher has few enough bits for exact products with small integers.
    F32 private constant LN2_HIGH = F32.wrap(0x3F317200);
    F32 private constant LN2_LOW = F32.wrap(0x35BFBE8E);
    uint256 private constant EXP = 0x00_3F000000_3E2AAA47_3D2AAA67_3C091E1C_3AB6B5ED;
    uint256 private constant EXPM1 = 0x3F000000_3E2AAAAB_3D2AAA5C_3C0879E8_3AB6C173_3970FA28;

    F32 private constant MINUS_87 = F32.wrap(0xC2AE0000);
    F32 private constant MINUS_18 = F32.wrap(0xC1900000);
    F32 private constant PLUS_89 = F32.wrap(0x42B20000);
    /// @dev 2^-25.
    F32 private constant TINY = F32.wrap(0x33000000);

    /// @notice +0 for x < -87, infinity above 88.72.
    function exp(F32 x) internal pure returns (F32) {
        if (x.isNaN()) return NAN;
        if (x < MINUS_87) return ZERO;
        (F32 head, F32 tail, int256 n) = parts(x > PLUS_89 ? PLUS_89 : x);
        return scale(head + tail, n);
    }

    function expm1(F32 x) internal pure returns (F32) {
        if (x.isNaN()) return NAN;
        if (x.abs() < TINY) return x;
        (F32 r, F32 rl, int256 n) = reduce(x < MINUS_18 ? MINUS_18 : x > PLUS_89 ? PLUS_89 : x);
        F32 g = fma(Polynomial.evaluate(r, EXPM1), r * r, rl);
        unchecked {
            F32 t = powerOfTwo(n - 1);
            F32 w = t - HALF;
            F32 h = fma(t, r, w);
            F32 l = fma(t, r, w - h);
            return TWO * (h + fma(t, g, l));
        }
    }

    /// @notice `x = n ln 2 + r + rl`.
    function reduce(F32 x) internal pure returns (F32 r, F32 rl, int256 n) {
        F32 t = fma(x, LOG2_E, ROUND);
        F32 k = t - ROUND;
        unchecked {
            n = int256(t.bits()) - int256(ROUND.bits());
        }
        F32 rh = fma(k, -LN2_HIGH, x);
        r = fma(k, -LN2_LOW, rh);
        rl = fma(k, -LN2_LOW, rh - r);
    }

    /// @notice The pair and the integer that the specification calls `E(x)`: e^x is `(head + tail) 2^n`.
    /// @param x From -87 to 90.
    function parts(F32 x) internal pure returns (F32 head, F32 tail, int256 n) {
        F32 r;
        F32 rl;
        (r, rl, n) = reduce(x);
        head = ONE + r;
        F32 l = r - (head - ONE);
        tail = l + fma(Polynomial.evaluate(r, EXP), r * r, rl);
    }

    /// @notice `y 2^n` in two factors, so that no product is subnormal.
    function scale(F32 y, int256 n) internal pure returns (F32) {
        unchecked {
            int256 half = n >> 1;
            return y * powerOfTwo(half) * powerOfTwo(n - half);
        }
    }

    /// @param n From -126 to 127.
    function powerOfTwo(int256 n) internal pure returns (F32) {
        unchecked {
            return F32.wrap(uint256(n + 127) << 23);
        }
    }
}
