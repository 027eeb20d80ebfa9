//! tanh, logistic and erf: the functions with two horizontal asymptotes.

use super::basic::{NAN, canonical};
use super::exp::{exp, exp_of_normal, polynomial};
use crate::fma::Fma;

/// (tanh(x) / x - 1) / x^2 in x^2 on |x| <= 0.625: minimax, relative error of tanh 2^-27.8.
const TANH: [u32; 5] = [0xBEAA_AA9A, 0x3E08_83B0, 0xBD5C_21A0, 0x3CA9_284F, 0xBBBB_4915];

/// erf(x) / x - 1 in x^2 on |x| <= 0.875: minimax, relative error of erf 2^-30.
pub(super) const ERF_SMALL: [u32; 7] =
    [0x3E03_75D4, 0xBEC0_93A0, 0x3DE7_16AE, 0xBCDB_FFCE, 0x3BAA_197A, 0xBA52_73F3, 0x38A5_382D];

/// log(erfc(x)) / x on 0.875 <= x <= 3.93: minimax, absolute error of erf 2^-30.
const ERF_LARGE: [u32; 7] =
    [0xBF90_76DA, 0xBF22_9F04, 0xBDD9_4661, 0x3CC1_A069, 0xBB6A_CAD7, 0x39A1_80E8, 0xB723_9DFA];

#[inline(always)]
pub(crate) fn tanh<F: Fma>(x: f32) -> f32 {
    let a = x.abs();
    let s = a * a;
    let small = F::fma(polynomial::<F, 5>(s, &TANH) * s, a, a);
    // exp overflows to infinity for large arguments, and 2 / infinity is 0.
    let large = 1.0 - 2.0 / (exp::<F>(a + a) + 1.0);
    canonical((if a < 0.625 { small } else { large }).copysign(x))
}

#[inline(always)]
pub(crate) fn logistic<F: Fma>(x: f32) -> f32 {
    // 1 / (1 + exp(-x)) as written would let three roundings pile up to 2.3 ulp. Here the sum is an exact pair, and
    // one correction by the residual makes the quotient nearly correctly rounded: exp's own error remains.
    let a = x.abs();
    // A NaN becomes a number here, too.
    let e = exp_of_normal::<F>(-(if a < 87.0 { a } else { 87.0 }));
    let e = if a > 87.0 { 0.0 } else { e };
    let numerator = if x < 0.0 { e } else { 1.0 };
    let sum = 1.0 + e;
    let tail = e - (sum - 1.0);
    let inverse = 1.0 / sum;
    let quotient = numerator * inverse;
    let residual = F::fma(-quotient, tail, F::fma(-quotient, sum, numerator));
    let y = F::fma(residual, inverse, quotient);
    if x.is_nan() { NAN } else { y }
}

#[inline(always)]
pub(crate) fn erf<F: Fma>(x: f32) -> f32 {
    let a = x.abs();
    let small = F::fma(polynomial::<F, 7>(a * a, &ERF_SMALL), a, a);
    // From 3.93 on erf rounds to 1.
    let t = if a > 3.93 { 3.93 } else { a };
    let large = 1.0 - exp::<F>(t * polynomial::<F, 7>(t, &ERF_LARGE));
    let large = if a > 3.93 { 1.0 } else { large };
    canonical((if a < 0.875 { small } else { large }).copysign(x))
}
