// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Elements} from "./Elements.sol";
import {Exact} from "./Exact.sol";
import {F32, SIGN_BIT, fma} from "./Float32.sol";

// Eight elements in a word, or four.
uint256 constant BYTES = 0x00ff00ff_00ff00ff_00ff00ff_00ff00ff_00ff00ff_00ff00ff_00ff00ff_00ff00ff;
uint256 constant PAIRS = 0x0000ffff_0000ffff_0000ffff_0000ffff_0000ffff_0000ffff_0000ffff_0000ffff;
uint256 constant MAGNITUDES = 0x7fffffff_7fffffff_7fffffff_7fffffff_7fffffff_7fffffff_7fffffff_7fffffff;
uint256 constant SIGNS = 0x80000000_80000000_80000000_80000000_80000000_80000000_80000000_80000000;
uint256 constant EXPONENTS = 0x7f800000_7f800000_7f800000_7f800000_7f800000_7f800000_7f800000_7f800000;
uint256 constant FRACTIONS = 0x007fffff_007fffff_007fffff_007fffff_007fffff_007fffff_007fffff_007fffff;
uint256 constant UNITS = 0x00000001_00000001_00000001_00000001_00000001_00000001_00000001_00000001;
/// @dev 2^31 less the bits of 2^40: added to a magnitude, the sign bit says whether it is 2^40 or more.
uint256 constant LARGE = 0x2c800000_2c800000_2c800000_2c800000_2c800000_2c800000_2c800000_2c800000;
/// @dev 2^31 less the bits of 2^-60: added to a magnitude, the sign bit says whether a contraction keeps it.
uint256 constant KEPT = 0x5e800000_5e800000_5e800000_5e800000_5e800000_5e800000_5e800000_5e800000;
/// @dev -134 modulo 256: the exponent fields of two operands of 2^-60 add up to 134.
uint256 constant PLACES = 0x0000007a_0000007a_0000007a_0000007a_0000007a_0000007a_0000007a_0000007a;
uint256 constant LOWER = 0x00000000ffffffff_00000000ffffffff_00000000ffffffff_00000000ffffffff;
uint256 constant UNITS_64 = 0x0000000000000001_0000000000000001_0000000000000001_0000000000000001;
/// @dev Shifted right by the leading zeros of a number, this is half a unit of its 24th significant place, less one.
uint256 constant HALF_LESS_ONE = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffff;

/// @title The chain of a contraction
/// @dev docs/spec/arithmetic.md, section 5: `acc = fma(flush(a_k), flush(b_k), acc)`, k ascending.
///
/// Flushed operands below 2^40 have products that are multiples of 2^-166 and below 2^80. So the accumulator is kept as an
/// integer in units of 2^-166, in two's complement, as long as it is below 2^84: a product is added by one multiplication and
/// one shift, and then rounded to 24 bits in place. Eight operands are taken apart at once. What does not fit goes element by
/// element through `fma`.
library Dot {
    /// @param a, b Calldata positions of the first elements.
    /// @param length Bytes of each, a multiple of 4.
    function chain(F32 acc, uint256 a, uint256 b, uint256 length) internal pure returns (F32) {
        unchecked {
            uint256 end = a + length;
            // To the last whole word.
            uint256 wordsEnd = end - (length & 31);
            b -= a;
            while (a != wordsEnd) {
                // Below 2^84, and not -0, which a product of +0 changes.
                if (acc.abs().bits() < 0x69800000 && acc.bits() != SIGN_BIT) {
                    (acc, a) = _words(acc, a, b, wordsEnd);
                    if (a == wordsEnd) break;
                }
                acc = _elements(acc, a, b, a + 32);
                a += 32;
            }
            return _elements(acc, a, b, end);
        }
    }

    /// @dev Element by element, whatever they are.
    /// @param distance From the elements of one operand to those of the other.
    function _elements(F32 acc, uint256 a, uint256 distance, uint256 end) private pure returns (F32) {
        unchecked {
            for (; a != end; a += 4) {
                acc = fma(Exact.flush(Elements.load(a)), Exact.flush(Elements.load(a + distance)), acc);
            }
            return acc;
        }
    }

    /// @dev Word by word, until the end or before a word that does not fit; returns where it stopped.
    /// @param acc Below 2^84, and not -0.
    function _words(F32 acc, uint256 a, uint256 distance, uint256 end) private pure returns (F32, uint256) {
        assembly ("memory-safe") {
            // The accumulator in units of 2^-166.
            let c := and(acc, 0x7fffffff)
            let s := shr(23, c)
            s := sub(s, gt(s, 0))
            c := shl(add(s, 17), sub(c, shl(23, s)))
            if shr(31, acc) { c := sub(0, c) }
            let before
            for {} 1 {} {
                before := c
                let q := calldataload(a)
                let t := calldataload(add(a, distance))
                // Little-endian elements, the first one leftmost.
                q := or(and(shr(8, q), BYTES), shl(8, and(q, BYTES)))
                q := or(and(shr(16, q), PAIRS), shl(16, and(q, PAIRS)))
                t := or(and(shr(8, t), BYTES), shl(8, and(t, BYTES)))
                t := or(and(shr(16, t), PAIRS), shl(16, and(t, PAIRS)))
                let p := and(q, MAGNITUDES)
                let v := and(t, MAGNITUDES)
                if and(or(add(p, LARGE), add(v, LARGE)), SIGNS) { break }

                // u, k: 1 for operands that are kept. The others become +0.
                let u := and(shr(31, add(p, KEPT)), UNITS)
                let k := and(shr(31, add(v, KEPT)), UNITS)
                // Where no product is left, nothing changes: acc is not -0 here.
                if iszero(and(u, k)) {
                    a := add(a, 32)
                    if eq(a, end) { break }
                    continue
                }
                p := and(p, mul(u, 0xffffffff))
                v := and(v, mul(k, 0xffffffff))
                // Signs of the products; none where a is zero, so that it can be negated without a carry.
                s := and(xor(q, t), shl(31, u))
                // Left shift of each product, in the lowest byte.
                t := add(shr(23, add(and(p, EXPONENTS), and(v, EXPONENTS))), PLACES)
                // Significands in lanes of 64 bits: p and q of elements 0, 2, 4, 6; u and v of the others. Those of a have the
                // product's sign.
                u := or(and(p, FRACTIONS), shl(23, u))
                v := or(and(v, FRACTIONS), shl(23, k))
                k := and(shr(63, s), UNITS_64)
                p := add(xor(and(shr(32, u), LOWER), mul(k, 0xffffffffffffffff)), k)
                k := and(shr(31, s), UNITS_64)
                u := add(xor(and(u, LOWER), mul(k, 0xffffffffffffffff)), k)
                q := and(shr(32, v), LOWER)
                v := and(v, LOWER)

                // Eight times: add the product; drop s bits, so that 24 are left or the last place is 2^-149, to nearest even.
                c := add(c, shl(byte(3, t), mul(sar(192, p), shr(192, q))))
                k := clz(or(xor(c, sar(255, c)), 0x10000000000))
                s := sub(232, k)
                c := shl(s, sar(s, add(c, add(shr(k, HALF_LESS_ONE), and(shr(s, c), 1)))))

                c := add(c, shl(byte(7, t), mul(sar(192, u), shr(192, v))))
                k := clz(or(xor(c, sar(255, c)), 0x10000000000))
                s := sub(232, k)
                c := shl(s, sar(s, add(c, add(shr(k, HALF_LESS_ONE), and(shr(s, c), 1)))))

                c := add(c, shl(byte(11, t), signextend(7, mul(shr(128, p), shr(128, q)))))
                k := clz(or(xor(c, sar(255, c)), 0x10000000000))
                s := sub(232, k)
                c := shl(s, sar(s, add(c, add(shr(k, HALF_LESS_ONE), and(shr(s, c), 1)))))

                c := add(c, shl(byte(15, t), signextend(7, mul(shr(128, u), shr(128, v)))))
                k := clz(or(xor(c, sar(255, c)), 0x10000000000))
                s := sub(232, k)
                c := shl(s, sar(s, add(c, add(shr(k, HALF_LESS_ONE), and(shr(s, c), 1)))))

                c := add(c, shl(byte(19, t), signextend(7, mul(shr(64, p), shr(64, q)))))
                k := clz(or(xor(c, sar(255, c)), 0x10000000000))
                s := sub(232, k)
                c := shl(s, sar(s, add(c, add(shr(k, HALF_LESS_ONE), and(shr(s, c), 1)))))

                c := add(c, shl(byte(23, t), signextend(7, mul(shr(64, u), shr(64, v)))))
                k := clz(or(xor(c, sar(255, c)), 0x10000000000))
                s := sub(232, k)
                c := shl(s, sar(s, add(c, add(shr(k, HALF_LESS_ONE), and(shr(s, c), 1)))))

                c := add(c, shl(byte(27, t), signextend(7, mul(p, q))))
                k := clz(or(xor(c, sar(255, c)), 0x10000000000))
                s := sub(232, k)
                c := shl(s, sar(s, add(c, add(shr(k, HALF_LESS_ONE), and(shr(s, c), 1)))))

                c := add(c, shl(byte(31, t), signextend(7, mul(u, v))))
                k := clz(or(xor(c, sar(255, c)), 0x10000000000))
                s := sub(232, k)
                c := shl(s, sar(s, add(c, add(shr(k, HALF_LESS_ONE), and(shr(s, c), 1)))))

                // A zero has lost its sign, and from 2^84 on the next word might overflow.
                if or(iszero(c), gt(add(c, shl(250, 1)), shl(251, 1))) { break }
                before := c
                a := add(a, 32)
                if eq(a, end) { break }
            }
            // Back to bits, unless no word was taken: acc may be a zero with a sign.
            if before {
                acc := shr(255, before)
                before := add(xor(before, sub(0, acc)), acc)
                s := sub(232, clz(or(before, 0x10000000000)))
                acc := or(shl(31, acc), add(shl(23, sub(s, 17)), shr(s, before)))
            }
        }
        return (acc, a);
    }
}
