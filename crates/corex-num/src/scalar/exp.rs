//! exp and log, and the pieces of them that other functions continue from.

use super::basic::{NAN, canonical};
use crate::fma::Fma;

/// 1.5 * 2^23: adding it to |x| < 2^22 leaves round(x) in the low bits of the significand.
pub(super) const ROUND: f32 = f32::from_bits(0x4B40_0000);
pub(super) const LOG2_E: f32 = f32::from_bits(0x3FB8_AA3B);
/// ln 2 = HIGH + LOW; HIGH has 15 significant bits, so its product with |n| < 2^9 is exact.
pub(super) const LN2_HIGH: f32 = f32::from_bits(0x3F31_7200);
pub(super) const LN2_LOW: f32 = f32::from_bits(0x35BF_BE8E);

/// (exp(r) - 1 - r) / r^2 on |r| <= 0.3476: minimax, relative error of exp 2^-28.2.
const EXP: [u32; 5] = [0x3F00_0000, 0x3E2A_AA47, 0x3D2A_AA67, 0x3C09_1E1C, 0x3AB6_B5ED];

/// (log(1+f) - f + f^2/2) / f^3 on 1/sqrt(2) - 1 <= f <= sqrt(2) - 1: minimax, relative error of log 2^-30.
const LOG: [u32; 9] = [
    0x3EAA_AAA4,
    0xBE80_0003,
    0x3E4C_D23C,
    0xBE2A_AE24,
    0x3E11_9DB1,
    0xBDFE_13C5,
    0x3DF3_61B9,
    0xBDEF_0693,
    0x3D8A_3CB1,
];

/// `c[0] + c[1] x + c[2] x^2 + …` by Horner's rule, one fma per step from the highest degree down.
#[inline(always)]
pub(crate) fn polynomial<F: Fma, const N: usize>(x: f32, c: &[u32; N]) -> f32 {
    let mut sum = f32::from_bits(c[N - 1]);
    for i in (0..N - 1).rev() {
        sum = F::fma(sum, x, f32::from_bits(c[i]));
    }
    sum
}

/// `e^x = (head + tail) 2^n` for -87 <= x <= 90, the sum not rounded: relative error 2^-28.
#[inline(always)]
pub(super) fn exp_parts<F: Fma>(x: f32) -> (f32, f32, i32) {
    let rounded = F::fma(x, LOG2_E, ROUND);
    let n = rounded - ROUND;
    let n_int = (rounded.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
    // r + r_low = x - n ln 2; the first step is exact, the second leaves its rounding error in r_low.
    let r_high = F::fma(n, -LN2_HIGH, x);
    let r = F::fma(n, -LN2_LOW, r_high);
    let r_low = F::fma(n, -LN2_LOW, r_high - r);
    // exp = 1 + r + (r_low + r^2 p), the leading sum as an exact pair, so that only the last sum rounds visibly.
    let head = 1.0 + r;
    let tail = r - (head - 1.0);
    let p = polynomial::<F, 5>(r, &EXP);
    (head, tail + F::fma(p, r * r, r_low), n_int)
}

/// What lies below has the exponential +0: it would be subnormal.
pub(crate) const EXP_IS_ZERO_BELOW: f32 = -87.0;

/// The last operand whose exponential is finite.
const LAST_FINITE: f32 = f32::from_bits(0x42B1_7217);

#[inline(always)]
pub(crate) fn exp<F: Fma>(x: f32) -> f32 {
    // NaN passes as it is, and what becomes of it is of no importance.
    let clamped = if x < EXP_IS_ZERO_BELOW { EXP_IS_ZERO_BELOW } else { x };
    let clamped = if clamped > LAST_FINITE { LAST_FINITE } else { clamped };
    let y = exp_of_normal::<F>(clamped);
    let y = if x > LAST_FINITE { f32::INFINITY } else { y };
    let y = if x < EXP_IS_ZERO_BELOW { 0.0 } else { y };
    if x.is_nan() { NAN } else { y }
}

/// e^x for -87 <= x <= [`LAST_FINITE`]: between 2^-126 and the largest number, so that 2^n is a sum of exponents.
#[inline(always)]
pub(super) fn exp_of_normal<F: Fma>(x: f32) -> f32 {
    let (head, tail, n) = exp_parts::<F>(x);
    f32::from_bits((head + tail).to_bits().wrapping_add((n as u32) << 23))
}

/// `y * 2^n` for -126 <= n <= 129 and y near 1: 2^n in two factors, which keeps every product normal.
#[inline(always)]
pub(super) fn scale(y: f32, n: i32) -> f32 {
    let half = n >> 1;
    y * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// 2^n for -126 <= n <= 127.
#[inline(always)]
pub(super) fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// `x = m 2^e` with 1/sqrt(2) <= m < sqrt(2), for finite x > 0.
#[inline(always)]
pub(super) fn log_split(x: f32) -> (f32, i32) {
    let subnormal = x < f32::MIN_POSITIVE;
    let scaled = if subnormal { x * 8_388_608.0 } else { x };
    // 0x3F3504F3 is 1/sqrt(2).
    let e = (scaled.to_bits() as i32).wrapping_sub(0x3F35_04F3) >> 23;
    let m = f32::from_bits(scaled.to_bits().wrapping_sub((e << 23) as u32));
    (m, e.wrapping_sub(if subnormal { 23 } else { 0 }))
}

/// `log(1 + f) - f` for the `f = m - 1` of [`log_split`].
#[inline(always)]
pub(super) fn log_series<F: Fma>(f: f32) -> f32 {
    let f2 = f * f;
    F::fma(polynomial::<F, 9>(f, &LOG), f * f2, -0.5 * f2)
}

/// `e ln 2 + (small + f)`, small terms first; `e * LN2_HIGH` is exact.
#[inline(always)]
pub(super) fn log_sum<F: Fma>(e: i32, f: f32, small: f32) -> f32 {
    let e = e as f32;
    F::fma(e, LN2_HIGH, F::fma(e, LN2_LOW, small) + f)
}

#[inline(always)]
pub(crate) fn log<F: Fma>(x: f32) -> f32 {
    let (m, e) = log_split(x);
    let f = m - 1.0;
    let y = log_sum::<F>(e, f, log_series::<F>(f));
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    let y = if x == f32::INFINITY { x } else { y };
    canonical(if x < 0.0 || x.is_nan() { f32::NAN } else { y })
}
