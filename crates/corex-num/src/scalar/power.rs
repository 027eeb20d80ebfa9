//! power: 2^(y log2 |x|) in 64-bit fixed point, with one rounding at the end, so that it is as good as correctly
//! rounded (0.51 ulp) and free of tables. Special cases are those of C's `pow` (ISO C99, F.9.4.4).

use super::basic::NAN;
use crate::bits::{decompose, round};

/// Fraction bits of every fixed-point number here.
const Q: u32 = 62;
const ONE: i128 = 1 << Q;
/// round(ln 2 * 2^62).
const LN2: i128 = 0x2C5C_85FD_F473_DE6B;
/// round(2 / ln 2 * 2^61).
const TWO_OVER_LN2_Q61: i128 = 0x5C55_1D94_AE0B_F85E;
/// The significand of sqrt(2), rounded down to 24 bits.
const SQRT_2: u32 = 0x00B5_04F3;

/// `x^y`.
pub fn power(x: f32, y: f32) -> f32 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if x.is_nan() || y.is_nan() {
        return NAN;
    }
    let odd = is_odd_integer(y);
    let negative = x.is_sign_negative() && odd;
    let magnitude = if y.is_infinite() {
        if x == -1.0 {
            1.0
        } else if (x.abs() > 1.0) == (y > 0.0) {
            f32::INFINITY
        } else {
            0.0
        }
    } else if x == 0.0 || x.is_infinite() {
        if (x == 0.0) == (y > 0.0) { 0.0 } else { f32::INFINITY }
    } else if x < 0.0 && !is_integer(y) {
        return NAN;
    } else {
        exp2_of_product(y, log2(x.abs()))
    };
    if negative { -magnitude } else { magnitude }
}

/// log2(x) in Q62 for finite x > 0; absolute error below 2^-60.
fn log2(x: f32) -> i128 {
    let (significand, exponent) = decompose(x);
    let shift = significand.leading_zeros() - 8;
    let significand = significand << shift;
    // x = m 2^e with m in (sqrt(1/2), sqrt(2)]; `one` is 1 in the units of `significand`.
    let above = significand > SQRT_2;
    let one: u32 = if above { 1 << 24 } else { 1 << 23 };
    let e = exponent - shift as i32 + 23 + i32::from(above);
    // log2(m) = 2/ln 2 * artanh(s), s = (m - 1) / (m + 1), |s| < 0.1716: eleven terms of the odd series.
    let s = ((u128::from(significand.abs_diff(one)) << Q) / u128::from(significand + one)) as i128;
    let s2 = (s * s) >> Q;
    let mut series = 0;
    for k in (0..11).rev() {
        series = ONE / (2 * k + 1) + ((series * s2) >> Q);
    }
    let log_m = (((s * series) >> Q) * TWO_OVER_LN2_Q61) >> 61;
    (i128::from(e) << Q) + if significand < one { -log_m } else { log_m }
}

/// 2^(y l) for finite y and `l` in Q62, rounded once.
fn exp2_of_product(y: f32, l: i128) -> f32 {
    let (significand, exponent) = decompose(y);
    let product = u128::from(significand) * l.unsigned_abs();
    // |y l| in Q62, or 2^9 where it is larger: the result is then 0 or infinity all the same.
    let limit = 1u128 << (Q + 9);
    let scaled = if exponent < 0 {
        product.checked_shr(exponent.unsigned_abs()).unwrap_or(0).min(limit)
    } else if product.leading_zeros() as i32 <= exponent {
        limit
    } else {
        (product << exponent).min(limit)
    };
    let scaled = if (y < 0.0) ^ (l < 0) { -(scaled as i128) } else { scaled as i128 };
    // 2^n e^z with |z| <= ln 2 / 2: fifteen terms of the exponential series.
    let n = (scaled + ONE / 2) >> Q;
    let z = ((scaled - (n << Q)) * LN2) >> Q;
    let mut series = ONE;
    for k in (1..=15).rev() {
        series = ONE + ((z * series) >> Q) / k;
    }
    round(series as u128, n as i32 - Q as i32)
}

fn is_integer(y: f32) -> bool {
    let (significand, exponent) = decompose(y);
    exponent >= 0 || significand.trailing_zeros() as i32 >= -exponent
}

fn is_odd_integer(y: f32) -> bool {
    let (significand, exponent) = decompose(y);
    y.is_finite() && significand != 0 && significand.trailing_zeros() as i32 == -exponent
}
