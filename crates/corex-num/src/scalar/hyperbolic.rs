//! The hyperbolic functions, tanh apart, and their inverses.

use super::basic::canonical;
use super::exp::{exp_parts, log_series, log_split, log_sum, polynomial, scale};
use crate::fma::Fma;

/// (sinh(x) / x - 1) / x^2 in x^2 on |x| <= 1: minimax, relative error of sinh 2^-31.6.
const SINH: [u32; 4] = [0x3E2A_AAAB, 0x3C08_8870, 0x3950_115E, 0x363A_B60F];

/// (asinh(x) / x - 1) / x^2 in x^2 on |x| <= 0.5: minimax, relative error of asinh 2^-29.6.
const ASINH: [u32; 5] = [0xBE2A_AA9B, 0x3D99_9279, 0xBD35_CAE0, 0x3CE6_B12D, 0xBC58_A19A];

/// (acosh(1 + t) / sqrt(2 t) - 1) / t in t on 0 <= t <= 0.5: minimax, relative error of acosh 2^-29.6.
const ACOSH: [u32; 5] = [0xBDAA_AA9B, 0x3C99_9276, 0xBBB5_CA52, 0x3AE6_A95E, 0xB9D8_7FCD];

/// (atanh(x) / x - 1) / x^2 in x^2 on |x| <= 0.5: minimax, relative error of atanh 2^-29.4.
const ATANH: [u32; 6] = [0x3EAA_AAA0, 0x3E4C_D33C, 0x3E11_A6B0, 0x3DF2_022D, 0x3D53_4BDD, 0x3E34_A3D1];

/// e^a / 2 for a >= 0. It overflows later than exp, as sinh and cosh do.
#[inline(always)]
fn half_exp<F: Fma>(a: f32) -> f32 {
    let (head, tail, n) = exp_parts::<F>(if a > 90.0 { 90.0 } else { a });
    scale(head + tail, n.wrapping_sub(1))
}

#[inline(always)]
pub(crate) fn sinh<F: Fma>(x: f32) -> f32 {
    let a = x.abs();
    let s = a * a;
    let small = F::fma(polynomial::<F, 4>(s, &SINH) * s, a, a);
    let half = half_exp::<F>(a);
    let large = half - 0.25 / half;
    canonical((if a < 1.0 { small } else { large }).copysign(x))
}

#[inline(always)]
pub(crate) fn cosh<F: Fma>(x: f32) -> f32 {
    let half = half_exp::<F>(x.abs());
    canonical(half + 0.25 / half)
}

/// log of `2^n (u + low)`, where `low` is at most an ulp or so of the normal number `u`.
#[inline(always)]
fn log_of_pair<F: Fma>(u: f32, low: f32, n: i32) -> f32 {
    let (m, e) = log_split(u);
    let f = m - 1.0;
    log_sum::<F>(e.wrapping_add(n), f, log_series::<F>(f) + low / u)
}

/// `log(a + sqrt(a^2 + c))` with `c` 1 or -1, for `a` of 0.5 and more, 1.5 if `c` is -1.
#[inline(always)]
fn log_of_sum<F: Fma>(a: f32, c: f32) -> f32 {
    // From 2^14 on the root is `a` for this purpose, and the sum 2a.
    let huge = a > 16_384.0;
    let b = if huge { 1.0 } else { a };
    // The radicand, its root and the sum, each with what rounding left of it.
    let square = b * b;
    let radicand = square + c;
    let radicand_low = (c - (radicand - square)) + F::fma(b, b, -square);
    // With c > b^2 the difference above would not be exact: swap the roles.
    let swapped = (square - (radicand - c)) + F::fma(b, b, -square);
    let radicand_low = if square < 1.0 { swapped } else { radicand_low };
    let root = radicand.sqrt();
    let root_low = (F::fma(-root, root, radicand) + radicand_low) / (root + root);
    let larger = if c > 0.0 { root } else { b };
    let smaller = if c > 0.0 { b } else { root };
    let sum = larger + smaller;
    let sum_low = (smaller - (sum - larger)) + root_low;
    let (u, low, n) = if huge { (a, 0.0, 1) } else { (sum, sum_low, 0) };
    log_of_pair::<F>(u, low, n)
}

#[inline(always)]
pub(crate) fn asinh<F: Fma>(x: f32) -> f32 {
    let a = x.abs();
    let s = a * a;
    let small = F::fma(polynomial::<F, 5>(s, &ASINH) * s, a, a);
    let y = if a < 0.5 { small } else { log_of_sum::<F>(a, 1.0) };
    // Infinities and NaN.
    canonical(if a < f32::INFINITY { y.copysign(x) } else { x })
}

#[inline(always)]
pub(crate) fn acosh<F: Fma>(x: f32) -> f32 {
    let t = x - 1.0;
    let root = (t + t).sqrt();
    let near = F::fma(polynomial::<F, 5>(t, &ACOSH) * t, root, root);
    let y = if x < 1.5 { near } else { log_of_sum::<F>(x, -1.0) };
    let y = if x == f32::INFINITY { x } else { y };
    canonical(if x < 1.0 || x.is_nan() { f32::NAN } else { y })
}

#[inline(always)]
pub(crate) fn atanh<F: Fma>(x: f32) -> f32 {
    let a = x.abs();
    let s = a * a;
    let small = F::fma(polynomial::<F, 6>(s, &ATANH) * s, a, a);
    // log((1 + a) / (1 - a)) / 2; from 0.5 on 1 - a is exact. Above 1 it is negative, and replaced below.
    let below = 1.0 - a;
    let above = 1.0 + a;
    let above_low = a - (above - 1.0);
    let q = above / below;
    let q_low = (F::fma(-q, below, above) + above_low) / below;
    let large = 0.5 * log_of_pair::<F>(q, q_low, 0);
    let y = if a < 0.5 { small } else { large };
    let y = if a == 1.0 { f32::INFINITY } else { y };
    canonical(if a > 1.0 { f32::NAN } else { y.copysign(x) })
}
