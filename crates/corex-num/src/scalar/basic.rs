//! NaN, signs, extrema, rounding and remainder: everything that is exact.

use crate::bits::{decompose, round};

/// The one NaN that leaves an operator: quiet, positive, no payload (0x7FC00000).
pub const NAN: f32 = f32::from_bits(0x7FC0_0000);

/// `x`, or [`NAN`] if `x` is any NaN.
///
/// Tested and chosen as integers: to a compiler all NaN are alike, and LLVM does turn `select(isnan(y), NAN, y)`
/// with `y = sqrt(x)` back into `y`, whose NaN is negative on x86.
#[inline(always)]
pub fn canonical(x: f32) -> f32 {
    let bits = x.to_bits();
    f32::from_bits(if bits & 0x7FFF_FFFF > 0x7F80_0000 { 0x7FC0_0000 } else { bits })
}

/// `-x`; NaN stays the canonical NaN.
#[inline(always)]
pub fn negate(x: f32) -> f32 {
    canonical(-x)
}

/// `|x|`.
#[inline(always)]
pub fn abs(x: f32) -> f32 {
    canonical(x.abs())
}

/// -1, 1, or the zero itself with its sign; NaN for NaN.
#[inline(always)]
pub fn sign(x: f32) -> f32 {
    let unit = 1f32.copysign(x);
    canonical(if x == 0.0 {
        x
    } else if x.is_nan() {
        NAN
    } else {
        unit
    })
}

/// Order-preserving image of the bits of a number: -0 just below +0. NaN has no meaning here.
#[inline(always)]
pub(crate) fn order_key(x: f32) -> i32 {
    let bits = x.to_bits() as i32;
    bits ^ (((bits >> 31) as u32) >> 1) as i32
}

/// The number whose [`order_key`] is `key`.
#[inline(always)]
pub(crate) fn from_order_key(key: i32) -> f32 {
    f32::from_bits((key ^ (((key >> 31) as u32) >> 1) as i32) as u32)
}

/// The larger operand, -0 below +0; NaN if either is NaN.
#[inline(always)]
pub fn max(a: f32, b: f32) -> f32 {
    let larger = if order_key(a) > order_key(b) { a } else { b };
    if a.is_nan() | b.is_nan() { NAN } else { larger }
}

/// The smaller operand, -0 below +0; NaN if either is NaN.
#[inline(always)]
pub fn min(a: f32, b: f32) -> f32 {
    let smaller = if order_key(a) < order_key(b) { a } else { b };
    if a.is_nan() | b.is_nan() { NAN } else { smaller }
}

/// The largest integral value not above `x`; zeros and infinities are themselves.
#[inline(always)]
pub fn floor(x: f32) -> f32 {
    let truncated = truncate(x);
    canonical(if truncated > x { truncated - 1.0 } else { truncated })
}

/// The smallest integral value not below `x`; zeros and infinities are themselves, (-1, 0) becomes -0.
#[inline(always)]
pub fn ceil(x: f32) -> f32 {
    let truncated = truncate(x);
    canonical(if truncated < x { truncated + 1.0 } else { truncated })
}

/// The nearest integral value, ties to even; zeros and infinities are themselves, the sign is kept.
#[inline(always)]
pub fn round_nearest_even(x: f32) -> f32 {
    let a = x.abs();
    // From 2^23 on every number is integral; below, the sum's last place is 1.
    let rounded = (a + 8_388_608.0) - 8_388_608.0;
    canonical(if a < 8_388_608.0 { rounded.copysign(x) } else { x })
}

/// The nearest integral value, ties away from zero; zeros and infinities are themselves, the sign is kept.
#[inline(always)]
pub fn round_nearest_afz(x: f32) -> f32 {
    let truncated = truncate(x);
    // The difference is exact; |x| + 0.5 would not be.
    let up = (x - truncated).abs() >= 0.5;
    canonical(if up { truncated + 1f32.copysign(x) } else { truncated })
}

/// Toward zero, keeping the sign of zero. NaN stays some NaN.
#[inline(always)]
fn truncate(x: f32) -> f32 {
    // From 2^23 on every number is integral; below, the conversion to i32 cannot saturate.
    let small = x.abs() < 8_388_608.0;
    let whole = (if small { x } else { 0.0 }) as i32 as f32;
    if small { whole.copysign(x) } else { x }
}

/// The remainder of truncating division, with the sign of the dividend: `a - b * trunc(a / b)`, exact (C's
/// `fmod`). NaN if `a` is infinite or `b` is zero.
pub fn remainder(a: f32, b: f32) -> f32 {
    if a.is_nan() || b.is_nan() || a.is_infinite() || b == 0.0 {
        return NAN;
    }
    if b.is_infinite() {
        return a;
    }
    let (significand_a, exponent_a) = decompose(a);
    let (significand_b, exponent_b) = decompose(b);
    if exponent_a < exponent_b {
        // A divisor beyond 2^48 exceeds any significand: the dividend is the remainder.
        let shift = (exponent_b - exponent_a).min(24);
        let rest = u64::from(significand_a) % (u64::from(significand_b) << shift);
        return round(u128::from(rest), exponent_a).copysign(a);
    }
    // significand_a * 2^shift mod significand_b, 32 bits of the shift at a time.
    let modulus = u64::from(significand_b);
    let mut shift = exponent_a - exponent_b;
    let mut rest = u64::from(significand_a) % modulus;
    while shift > 0 {
        let step = shift.min(32);
        rest = (rest << step) % modulus;
        shift -= step;
    }
    round(u128::from(rest), exponent_b).copysign(a)
}
