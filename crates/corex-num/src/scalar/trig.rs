//! sin, cos and tan. Arguments beyond pi/4 are reduced in integers, exactly for every f32 (Payne and Hanek, "Radian
//! reduction for trigonometric functions", 1983), so there is one rule for small and huge arguments alike.

use super::basic::NAN;
use super::exp::polynomial;
use crate::bits::decompose;
use crate::fma::Fma;

/// (sin(r) / r - 1) / r^2 in r^2 on |r| <= pi/4: minimax, relative error of sin 2^-32.
const SIN: [u32; 4] = [0xBE2A_AAAB, 0x3C08_88BB, 0xB950_2DDD, 0x363E_6C15];

/// (cos(r) - 1 + r^2/2) / r^4 in r^2 on |r| <= pi/4: minimax, absolute error of cos 2^-33.
const COS: [u32; 3] = [0x3D2A_AAA5, 0xBAB6_060D, 0x37CC_F076];

/// (tan(r) / r - 1) / r^2 in r^2 on |r| <= pi/4: minimax, relative error of tan 2^-29.5.
const TAN: [u32; 7] =
    [0x3EAA_AAB0, 0x3E08_86CD, 0x3D5D_6D6F, 0x3CAE_5949, 0x3C31_9002, 0x38B0_5CF6, 0x3B8F_8807];

/// The largest f32 below pi/4.
const QUARTER_PI: f32 = f32::from_bits(0x3F49_0FDA);

/// 2/pi = 0.A2F9836E4E44… (hexadecimal), after one word of zeros.
const TWO_OVER_PI: [u32; 9] = [
    0,
    0xA2F9_836E,
    0x4E44_1529,
    0xFC27_57D1,
    0xF534_DDC0,
    0xDB62_9599,
    0x3C43_9041,
    0xFE51_63AB,
    0xDEBB_C561,
];

/// floor(pi/2 * 2^62).
const HALF_PI_Q62: i128 = 0x6487_ED51_10B4_611A;

#[inline(always)]
fn sin_poly<F: Fma>(r: f32) -> f32 {
    let s = r * r;
    F::fma(polynomial::<F, 4>(s, &SIN) * s, r, r)
}

#[inline(always)]
fn cos_poly<F: Fma>(r: f32) -> f32 {
    let s = r * r;
    // 1 - s/2 as an exact pair.
    let half = 0.5 * s;
    let head = 1.0 - half;
    let tail = (1.0 - head) - half;
    head + F::fma(polynomial::<F, 3>(s, &COS), s * s, tail)
}

/// 2^-62: the unit of [`reduce`].
const UNIT: f32 = f32::from_bits(0x2080_0000);

/// `|x| = (quadrant + 4 j) pi/2 + r` with |r| <= pi/4, `r` in units of 2^-62; `x` finite, |x| > [`QUARTER_PI`].
fn reduce(x: f32) -> (u32, i64) {
    let (significand, exponent) = decompose(x);
    // |x| > pi/4 makes the exponent -24 or more. The 96-bit window of 2/pi that starts at weight
    // 2^(1 - exponent): what lies above it only adds multiples of 4 to the product.
    let offset = (exponent + 30) as usize;
    let word = |i: usize| u128::from(TWO_OVER_PI[offset / 32 + i]);
    let words = word(0) << 96 | word(1) << 64 | word(2) << 32 | word(3);
    let window = words << (offset % 32) >> 32;
    // In units of 2^-94: |x| * 2/pi mod 4, too low by less than 2^-70.
    let turns = (window * u128::from(significand)) & ((1 << 96) - 1);
    let quadrant = (turns + (1 << 93)) >> 94;
    let fraction = turns as i128 - ((quadrant as i128) << 94);
    // To units of 2^-62, rounded toward minus infinity, times pi/2.
    let r = ((fraction >> 32) * HALF_PI_Q62) >> 62;
    (quadrant as u32 & 3, r as i64)
}

#[inline(always)]
pub(crate) fn sin<F: Fma>(x: f32) -> f32 {
    if !x.is_finite() {
        return NAN;
    }
    if x.abs() <= QUARTER_PI {
        return sin_poly::<F>(x.abs()).copysign(x);
    }
    let (quadrant, r) = reduce(x);
    // The only rounding: i64 to f32; 2^-62 is exact.
    let r = r as f32 * UNIT;
    let value = if quadrant & 1 == 0 { sin_poly::<F>(r) } else { cos_poly::<F>(r) };
    let negative = (quadrant & 2 != 0) ^ x.is_sign_negative();
    if negative { -value } else { value }
}

#[inline(always)]
pub(crate) fn cos<F: Fma>(x: f32) -> f32 {
    if !x.is_finite() {
        return NAN;
    }
    if x.abs() <= QUARTER_PI {
        return cos_poly::<F>(x);
    }
    let (quadrant, r) = reduce(x);
    // The only rounding: i64 to f32; 2^-62 is exact.
    let r = r as f32 * UNIT;
    let value = if quadrant & 1 == 0 { cos_poly::<F>(r) } else { sin_poly::<F>(r) };
    let negative = quadrant == 1 || quadrant == 2;
    if negative { -value } else { value }
}

#[inline(always)]
pub(crate) fn tan<F: Fma>(x: f32) -> f32 {
    if !x.is_finite() {
        return NAN;
    }
    let (quadrant, r, r_low) = if x.abs() <= QUARTER_PI {
        (0, x.abs(), 0.0)
    } else {
        let (quadrant, exact) = reduce(x);
        // The cotangent magnifies what rounding takes from r: keep it.
        let rounded = exact as f32;
        (quadrant, rounded * UNIT, exact.wrapping_sub(rounded as i64) as f32 * UNIT)
    };
    let s = r * r;
    let cubic = r * (polynomial::<F, 7>(s, &TAN) * s);
    // tan(r + r_low) = tan(r) + r_low (1 + tan(r)^2), as an exact pair.
    let rough = r + cubic;
    let rest = F::fma(F::fma(rough, rough, 1.0), r_low, cubic);
    let head = r + rest;
    let tail = rest - (head - r);
    let value = if quadrant & 1 == 0 {
        head
    } else {
        // -1 / (head + tail): a quotient, corrected by its residual.
        let q = -1.0 / head;
        F::fma(q, F::fma(q, tail, F::fma(q, head, 1.0)), q)
    };
    if x.is_sign_negative() { -value } else { value }
}
