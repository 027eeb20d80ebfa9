//! The scalar functions: one number in, one number out, the same bits on every machine.
//!
//! The arithmetic is that of [`crate::Isa::Portable`]. For arrays use [`crate::unary`] and [`crate::binary`],
//! which give the same bits faster. Every NaN returned is [`NAN`].

mod basic;
mod exp;
mod power;
mod sigmoid;
mod trig;

pub use basic::{NAN, abs, canonical, ceil, floor, max, min, negate, remainder, sign};
pub use power::power;

pub(crate) use basic::{from_order_key, order_key};

use crate::fma::{Baseline, Fma};

/// The functions that use fma, generic over how it is computed.
pub(crate) mod generic {
    pub(crate) use super::exp::{exp, log};
    pub(crate) use super::sigmoid::{erf, logistic, tanh};
    pub(crate) use super::trig::{cos, sin};
}

/// `a * b + c` with one rounding.
pub fn fma(a: f32, b: f32, c: f32) -> f32 {
    canonical(Baseline::fma(a, b, c))
}

/// `a + b`.
#[inline(always)]
pub fn add(a: f32, b: f32) -> f32 {
    canonical(a + b)
}

/// `a - b`.
#[inline(always)]
pub fn subtract(a: f32, b: f32) -> f32 {
    canonical(a - b)
}

/// `a * b`.
#[inline(always)]
pub fn multiply(a: f32, b: f32) -> f32 {
    canonical(a * b)
}

/// `a / b`.
#[inline(always)]
pub fn divide(a: f32, b: f32) -> f32 {
    canonical(a / b)
}

/// The square root, correctly rounded; -0 for -0, NaN below zero.
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    canonical(x.sqrt())
}

/// `1 / sqrt(x)`, two roundings; infinity of the zero's sign for a zero.
#[inline(always)]
pub fn rsqrt(x: f32) -> f32 {
    canonical(1.0 / x.sqrt())
}

/// e^x. +0 for x < -87, infinity above 88.72.
pub fn exp(x: f32) -> f32 {
    generic::exp::<Baseline>(x)
}

/// The natural logarithm; -infinity for both zeros, NaN below.
pub fn log(x: f32) -> f32 {
    generic::log::<Baseline>(x)
}

/// The hyperbolic tangent.
pub fn tanh(x: f32) -> f32 {
    generic::tanh::<Baseline>(x)
}

/// The logistic function, `1 / (1 + exp(-x))`; +0 for x < -87.
pub fn logistic(x: f32) -> f32 {
    generic::logistic::<Baseline>(x)
}

/// The error function.
pub fn erf(x: f32) -> f32 {
    generic::erf::<Baseline>(x)
}

/// The sine of `x` radians, for arguments of any size; NaN for infinities.
pub fn sin(x: f32) -> f32 {
    generic::sin::<Baseline>(x)
}

/// The cosine of `x` radians, for arguments of any size; NaN for infinities.
pub fn cos(x: f32) -> f32 {
    generic::cos::<Baseline>(x)
}
