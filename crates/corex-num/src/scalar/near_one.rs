//! exp and log near the point where they vanish: e^x - 1 and log(1 + x), exact to the last places for tiny x too.

use super::basic::canonical;
use super::exp::{
    LN2_HIGH, LN2_LOW, LOG2_E, ROUND, log_series, log_split, log_sum, polynomial, power_of_two,
};
use crate::fma::Fma;

/// (exp(r) - 1 - r) / r^2 on |r| <= 0.3476: minimax, relative error of exp(r) - 1 2^-27.2.
const EXPM1: [u32; 6] = [0x3F00_0000, 0x3E2A_AAAB, 0x3D2A_AA5C, 0x3C08_79E8, 0x3AB6_C173, 0x3970_FA28];

#[inline(always)]
pub(crate) fn expm1<F: Fma>(x: f32) -> f32 {
    // Any NaN passes the comparisons. Below -18 the result rounds to -1, beyond 89 it overflows.
    let clamped = if x < -18.0 { -18.0 } else { x };
    let clamped = if clamped > 89.0 { 89.0 } else { clamped };
    let rounded = F::fma(clamped, LOG2_E, ROUND);
    let n = rounded - ROUND;
    let n_int = (rounded.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
    let r_high = F::fma(n, -LN2_HIGH, clamped);
    let r = F::fma(n, -LN2_LOW, r_high);
    let r_low = F::fma(n, -LN2_LOW, r_high - r);
    let small = F::fma(polynomial::<F, 6>(r, &EXPM1), r * r, r_low);
    // (t - 1) + t r + t small with t = 2^n, all of it halved, since 2^128 is no f32. The sum of the first two is an
    // exact pair: t - 1 is 0 or larger than t r.
    let t = power_of_two(n_int.wrapping_sub(1));
    let whole = t - 0.5;
    let head = F::fma(t, r, whole);
    let tail = F::fma(t, r, whole - head);
    let y = 2.0 * (head + F::fma(t, small, tail));
    // Here x + x^2/2 rounds to x, and halving would lose bits of subnormals.
    let tiny = x.abs() < f32::from_bits(0x3300_0000);
    canonical(if tiny { x } else { y })
}

#[inline(always)]
pub(crate) fn log1p<F: Fma>(x: f32) -> f32 {
    let u = 1.0 + x;
    // What rounding took from the sum: 1 + x = u + lost.
    let lost = if x < 1.0 { x - (u - 1.0) } else { 1.0 - (u - x) };
    let (m, e) = log_split(u);
    // Where 1 + x needs no scaling, the argument of the series is x itself.
    let near = e == 0;
    let f = if near { x } else { m - 1.0 };
    let correction = if near { 0.0 } else { lost / u };
    let y = log_sum::<F>(e, f, log_series::<F>(f) + correction);
    let y = if x == -1.0 { f32::NEG_INFINITY } else { y };
    // Infinity, and zeros with their sign.
    let y = if x == f32::INFINITY || x == 0.0 { x } else { y };
    canonical(if x < -1.0 || x.is_nan() { f32::NAN } else { y })
}
