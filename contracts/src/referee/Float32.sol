// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice An IEEE 754 binary32 number as its bits; those above bit 31 are zero.
/// @dev The operators are those of docs/spec/arithmetic.md, section 1: rounded once to nearest even, subnormals kept, every
/// NaN result `NAN`. Unary minus only flips the sign, of a NaN too, which no operator can see. Comparisons are IEEE 754's.
///
/// The idea throughout: an EVM word is wide enough to hold a sum or product exactly, as an integer times a power of two.
/// The *scale* of a number is its exponent field less one, or zero for a zero field: its magnitude is
/// `significand 2^(scale - 149)` with a significand below 2^24, subnormals included.
///
/// Sums and products of ordinary numbers are in assembly, since a referee spends its gas on them: the same in Solidity
/// costs half as much again.
type F32 is uint256;

using {
    add as +,
    sub as -,
    neg as -,
    mul as *,
    div as /,
    lt as <,
    le as <=,
    gt as >,
    ge as >=,
    eq as ==,
    abs,
    bits,
    isNegative,
    isNaN,
    isInfinite,
    isZero,
    withSignOf
} for F32 global;

F32 constant NAN = F32.wrap(0x7FC00000);
F32 constant INFINITY = F32.wrap(0x7F800000);
F32 constant ZERO = F32.wrap(0);
F32 constant QUARTER = F32.wrap(0x3E800000);
F32 constant HALF = F32.wrap(0x3F000000);
F32 constant ONE = F32.wrap(0x3F800000);
F32 constant TWO = F32.wrap(0x40000000);

uint256 constant SIGN_BIT = 0x80000000;

// --- sums and products

/// @notice `a + b`.
function add(F32 a, F32 b) pure returns (F32 r) {
    bool large;
    assembly ("memory-safe") {
        let x := and(a, 0x7fffffff)
        let y := and(b, 0x7fffffff)
        large := or(gt(x, 0x737fffff), gt(y, 0x737fffff))
        if iszero(large) {
            // Both below 2^104: the sum is exact in units of 2^-150, in two's complement.
            let s := shr(23, x)
            s := sub(s, gt(s, 0))
            x := shl(add(s, 1), sub(x, shl(23, s)))
            if shr(31, a) { x := sub(0, x) }
            s := shr(23, y)
            s := sub(s, gt(s, 0))
            y := shl(add(s, 1), sub(y, shl(23, s)))
            if shr(31, b) { y := sub(0, y) }
            x := add(x, y)
            switch x
            case 0 { r := and(and(a, b), 0x80000000) }
            default {
                y := shr(255, x)
                x := add(xor(x, sub(0, y)), y)
                // Drop `s` bits: down to 24, or to a last place of 2^-149. To round, add half of what is dropped less one,
                // and one more where the last place kept is odd. A carry goes into the exponent.
                let z := clz(or(x, 0x1000000))
                s := sub(232, z)
                z := shr(z, 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffff)
                r := add(shl(23, sub(s, 1)), shr(s, add(x, add(z, and(shr(s, x), 1)))))
                r := or(r, shl(31, y))
            }
        }
    }
    if (large) return _addLarge(a, b);
}

/// @notice `a - b`.
function sub(F32 a, F32 b) pure returns (F32) {
    return add(a, neg(b));
}

/// @notice `a * b`.
function mul(F32 a, F32 b) pure returns (F32 r) {
    assembly ("memory-safe") {
        let x := and(a, 0x7fffffff)
        let y := and(b, 0x7fffffff)
        r := and(xor(a, b), 0x80000000)
        switch or(gt(x, 0x7f7fffff), gt(y, 0x7f7fffff))
        case 0 {
            let e := shr(23, x)
            e := sub(e, gt(e, 0))
            x := sub(x, shl(23, e))
            let s := shr(23, y)
            s := sub(s, gt(s, 0))
            e := add(e, s)
            // The product in units of 2^(e - 330).
            x := shl(32, mul(x, sub(y, shl(23, s))))
            if x {
                let z := clz(or(x, shl(sub(204, e), 1)))
                s := sub(232, z)
                z := shr(z, 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffff)
                x := add(shl(23, sub(add(s, e), 181)), shr(s, add(x, add(z, and(shr(s, x), 1)))))
                if gt(x, 0x7f800000) { x := 0x7f800000 }
                r := or(r, x)
            }
        }
        default {
            // Infinite, unless a NaN or a zero is there too.
            switch or(or(gt(x, 0x7f800000), gt(y, 0x7f800000)), iszero(mul(x, y)))
            case 0 { r := or(r, 0x7f800000) }
            default { r := 0x7fc00000 }
        }
    }
}

/// @notice `a b + c`, rounded once.
function fma(F32 a, F32 b, F32 c) pure returns (F32 r) {
    bool unusual;
    assembly ("memory-safe") {
        let x := and(a, 0x7fffffff)
        let y := and(b, 0x7fffffff)
        let z := and(c, 0x7fffffff)
        unusual := or(or(gt(x, 0x4fffffff), gt(y, 0x4fffffff)), gt(z, 0x60ffffff))
        if iszero(unusual) {
            // Product below 2^66, addend below 2^67: the sum is exact in units of 2^-182 if the product is.
            let e := shr(23, x)
            e := sub(e, gt(e, 0))
            x := sub(x, shl(23, e))
            let s := shr(23, y)
            s := sub(s, gt(s, 0))
            x := mul(x, sub(y, shl(23, s)))
            e := sub(add(e, s), 116)
            if slt(e, 0) { unusual := gt(x, 0) }
            if iszero(unusual) {
                s := xor(a, b)
                x := shl(e, x)
                if shr(31, s) { x := sub(0, x) }
                e := shr(23, z)
                e := sub(e, gt(e, 0))
                z := shl(add(e, 33), sub(z, shl(23, e)))
                if shr(31, c) { z := sub(0, z) }
                x := add(x, z)
                switch x
                case 0 { r := and(and(s, c), 0x80000000) }
                default {
                    y := shr(255, x)
                    x := add(xor(x, sub(0, y)), y)
                    z := clz(or(x, 0x100000000000000))
                    s := sub(232, z)
                    z := shr(z, 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffff)
                    r := add(shl(23, sub(s, 33)), shr(s, add(x, add(z, and(shr(s, x), 1)))))
                    r := or(r, shl(31, y))
                }
            }
        }
    }
    if (unusual) return _fmaUnusual(a, b, c);
}

// --- quotients and roots

/// @notice `a / b`.
function div(F32 a, F32 b) pure returns (F32) {
    if (a.isNaN() || b.isNaN()) return NAN;
    F32 zero = F32.wrap((a.bits() ^ b.bits()) & SIGN_BIT);
    if (a.isInfinite() || b.isZero()) {
        bool undefined = a.isInfinite() ? b.isInfinite() : a.isZero();
        return undefined ? NAN : INFINITY.withSignOf(zero);
    }
    if (a.isZero() || b.isInfinite()) return zero;
    (uint256 m, uint256 e) = split(a);
    (uint256 n, uint256 f) = split(b);
    unchecked {
        // 46 bits of quotient or more, and one that tells whether anything is left.
        m <<= 70;
        uint256 q = (m / n) << 1;
        if (m % n != 0) q |= 1;
        return round(q, 298 + e - f - 71).withSignOf(zero);
    }
}

/// @notice The square root; -0 for -0, NaN below zero.
function sqrt(F32 x) pure returns (F32) {
    if (x.isNaN()) return NAN;
    if (x.isZero()) return x;
    if (x.isNegative()) return NAN;
    if (x.isInfinite()) return x;
    (uint256 m, uint256 e) = split(x);
    unchecked {
        // A radicand in [2^78, 2^80) or [2^79, 2^81), of an even exponent: 40 bits of root or more.
        uint256 shift = clz(m) - 176;
        if ((e ^ shift) & 1 == 0) ++shift;
        m <<= shift;
        // Newton's method from above, within 7 % at first: the error is squared every time, and never changes sign.
        uint256 root = (m >> 41) + (1 << 39);
        root = (root + m / root) >> 1;
        root = (root + m / root) >> 1;
        root = (root + m / root) >> 1;
        root = (root + m / root) >> 1;
        root = (root + m / root) >> 1;
        if (root * root > m) --root;
        uint256 q = root << 1;
        if (root * root != m) q |= 1;
        // x = m 2^(e - shift - 149); half that exponent, and one less for the doubled root.
        return round(q, (445 + e - shift) / 2);
    }
}

// --- signs and kinds

/// @notice The sign bit flipped.
function neg(F32 x) pure returns (F32) {
    return F32.wrap(F32.unwrap(x) ^ SIGN_BIT);
}

/// @notice The sign bit cleared.
function abs(F32 x) pure returns (F32) {
    return F32.wrap(F32.unwrap(x) & 0x7fffffff);
}

/// @notice The magnitude of `x` with the sign of `y`.
function withSignOf(F32 x, F32 y) pure returns (F32) {
    return F32.wrap((F32.unwrap(x) & 0x7fffffff) | (F32.unwrap(y) & SIGN_BIT));
}

function bits(F32 x) pure returns (uint256) {
    return F32.unwrap(x);
}

/// @notice Whether the sign bit is set, of a zero or NaN too.
function isNegative(F32 x) pure returns (bool) {
    return F32.unwrap(x) & SIGN_BIT != 0;
}

function isNaN(F32 x) pure returns (bool) {
    return F32.unwrap(x) & 0x7fffffff > 0x7f800000;
}

function isInfinite(F32 x) pure returns (bool) {
    return F32.unwrap(x) & 0x7fffffff == 0x7f800000;
}

function isZero(F32 x) pure returns (bool) {
    return F32.unwrap(x) & 0x7fffffff == 0;
}

// --- comparisons

function lt(F32 a, F32 b) pure returns (bool) {
    return _ordered(a, b) && _value(a) < _value(b);
}

function le(F32 a, F32 b) pure returns (bool) {
    return _ordered(a, b) && _value(a) <= _value(b);
}

function gt(F32 a, F32 b) pure returns (bool) {
    return lt(b, a);
}

function ge(F32 a, F32 b) pure returns (bool) {
    return le(b, a);
}

function eq(F32 a, F32 b) pure returns (bool) {
    return _ordered(a, b) && _value(a) == _value(b);
}

/// @dev Whether neither is NaN.
function _ordered(F32 a, F32 b) pure returns (bool r) {
    assembly ("memory-safe") {
        r := iszero(or(gt(and(a, 0x7fffffff), 0x7f800000), gt(and(b, 0x7fffffff), 0x7f800000)))
    }
}

/// @dev An integer that orders numbers as their values do; 0 for both zeros.
function _value(F32 x) pure returns (int256 v) {
    assembly ("memory-safe") {
        v := and(x, 0x7fffffff)
        if shr(31, x) { v := sub(0, v) }
    }
}

// --- numbers as integers

/// @notice `|x| = significand 2^(scale - 149)`; significand below 2^24, scale up to 253.
/// @param x Finite.
function split(F32 x) pure returns (uint256 significand, uint256 scale) {
    assembly ("memory-safe") {
        significand := and(x, 0x7fffffff)
        scale := shr(23, significand)
        scale := sub(scale, gt(scale, 0))
        significand := sub(significand, shl(23, scale))
    }
}

/// @notice `m 2^(e - 298)`, rounded once; subnormals and overflow included.
/// @param m From 1 to 2^200.
/// @param e From -51 (as a two's complement) up.
function round(uint256 m, uint256 e) pure returns (F32 r) {
    assembly ("memory-safe") {
        // 32 places more, so that some bits are dropped in any case. One bit more stands for the last place of subnormals.
        m := shl(32, m)
        let z := clz(or(m, shl(sub(204, e), 1)))
        let s := sub(232, z)
        z := shr(z, 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffff)
        r := add(shl(23, sub(add(s, e), 181)), shr(s, add(m, add(z, and(shr(s, m), 1)))))
        if gt(r, 0x7f800000) { r := 0x7f800000 }
    }
}

/// @notice `m 2^(e - 298)`, rounded once; +0 for 0. The limits of `round`.
function roundSigned(int256 m, uint256 e) pure returns (F32) {
    unchecked {
        if (m == 0) return ZERO;
        return m < 0 ? neg(round(uint256(-m), e)) : round(uint256(m), e);
    }
}

/// @notice The number of zero bits above the highest one set; 256 for 0.
function clz(uint256 x) pure returns (uint256 n) {
    assembly ("memory-safe") {
        n := clz(x)
    }
}

/// @dev A sum with a number of 2^104 or more, or not finite, in it.
function _addLarge(F32 a, F32 b) pure returns (F32) {
    if (a.isNaN() || b.isNaN()) return NAN;
    if (a.isInfinite()) return b.isInfinite() && a.bits() != b.bits() ? NAN : a;
    if (b.isInfinite()) return b;
    return roundSigned(_coarse(a) + _coarse(b), 276);
}

/// @dev A finite number in units of 2^-22. One below 4 becomes a unit of its sign: beside 2^104 it only says that the sum is
/// not exact, and on which side.
function _coarse(F32 x) pure returns (int256) {
    (uint256 m, uint256 e) = split(x);
    unchecked {
        if (e < 127) (m, e) = (m == 0 ? 0 : 1, 127);
        int256 magnitude = int256(m << (e - 127));
        return x.isNegative() ? -magnitude : magnitude;
    }
}

/// @dev fma of any operands.
function _fmaUnusual(F32 a, F32 b, F32 c) pure returns (F32 r) {
    bool notFinite;
    assembly ("memory-safe") {
        let x := and(a, 0x7fffffff)
        let y := and(b, 0x7fffffff)
        let z := and(c, 0x7fffffff)
        notFinite := or(or(gt(x, 0x7f7fffff), gt(y, 0x7f7fffff)), gt(z, 0x7f7fffff))
        if iszero(notFinite) {
            let e := shr(23, x)
            e := sub(e, gt(e, 0))
            x := sub(x, shl(23, e))
            let s := shr(23, y)
            s := sub(s, gt(s, 0))
            x := mul(x, sub(y, shl(23, s)))
            e := add(e, s)
            s := shr(23, z)
            s := sub(s, gt(s, 0))
            z := sub(z, shl(23, s))
            s := add(s, 149)
            // The product is x 2^(e - 298), the addend z 2^(s - 298). Both go to the lower scale. Beyond 150 places apart the
            // lower one only says that the sum is not exact, and on which side, which it still says at 150.
            switch gt(e, s)
            case 0 {
                y := sub(s, e)
                if gt(y, 150) { y := 150 }
                z := shl(y, z)
                e := sub(s, y)
            }
            default {
                y := sub(e, s)
                if gt(y, 150) { y := 150 }
                x := shl(y, x)
                e := sub(e, y)
            }
            s := xor(a, b)
            if shr(31, s) { x := sub(0, x) }
            if shr(31, c) { z := sub(0, z) }
            x := add(x, z)
            switch x
            case 0 { r := and(and(s, c), 0x80000000) }
            default {
                y := shr(255, x)
                // In units of 2^(e - 330); see round.
                x := shl(32, add(xor(x, sub(0, y)), y))
                z := clz(or(x, shl(sub(204, e), 1)))
                s := sub(232, z)
                z := shr(z, 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffff)
                r := add(shl(23, sub(add(s, e), 181)), shr(s, add(x, add(z, and(shr(s, x), 1)))))
                if gt(r, 0x7f800000) { r := 0x7f800000 }
                r := or(r, shl(31, y))
            }
        }
    }
    if (notFinite) return _fmaNotFinite(a, b, c);
}

/// @dev fma with an infinity or NaN among its operands.
function _fmaNotFinite(F32 a, F32 b, F32 c) pure returns (F32) {
    if (a.isNaN() || b.isNaN() || c.isNaN()) return NAN;
    if (!a.isInfinite() && !b.isInfinite()) return c;
    F32 product = INFINITY.withSignOf(F32.wrap(a.bits() ^ b.bits()));
    if (a.isZero() || b.isZero() || (c.isInfinite() && c.bits() != product.bits())) return NAN;
    return product;
}
