//! The scalar functions: one number in, one number out, the same bits on every machine.
//!
//! The arithmetic is that of [`crate::Isa::Portable`]. For arrays use [`crate::unary`] and [`crate::binary`],
//! which give the same bits faster. Every NaN returned is [`NAN`].

mod arc;
mod basic;
mod error_function;
mod exp;
mod hyperbolic;
mod near_one;
mod power;
mod root;
mod sigmoid;
mod trig;

pub use basic::{
    NAN, abs, canonical, ceil, floor, max, min, negate, remainder, round_nearest_afz, round_nearest_even,
    sign,
};
pub use power::power;

pub(crate) use basic::{from_order_key, order_key};

use crate::fma::{Baseline, Fma};

/// The functions that use fma, generic over how it is computed.
pub(crate) mod generic {
    pub(crate) use super::arc::{acos, asin, atan, atan2};
    pub(crate) use super::error_function::{erf_inv, erfc};
    pub(crate) use super::exp::{EXP_IS_ZERO_BELOW, exp, log};
    pub(crate) use super::hyperbolic::{acosh, asinh, atanh, cosh, sinh};
    pub(crate) use super::near_one::{expm1, log1p};
    pub(crate) use super::root::cbrt;
    pub(crate) use super::sigmoid::{erf, logistic, tanh};
    pub(crate) use super::trig::{cos, sin, tan};
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

/// The tangent of `x` radians, for arguments of any size; NaN for infinities.
pub fn tan(x: f32) -> f32 {
    generic::tan::<Baseline>(x)
}

/// The cube root, of negative numbers too.
pub fn cbrt(x: f32) -> f32 {
    generic::cbrt::<Baseline>(x)
}

/// e^x - 1, without the cancellation of the difference.
pub fn expm1(x: f32) -> f32 {
    generic::expm1::<Baseline>(x)
}

/// The natural logarithm of 1 + x; -infinity for -1, NaN below.
pub fn log1p(x: f32) -> f32 {
    generic::log1p::<Baseline>(x)
}

/// 1 - erf(x), without the cancellation of the difference; +0 for x > 9.1875.
pub fn erfc(x: f32) -> f32 {
    generic::erfc::<Baseline>(x)
}

/// The x whose error function is the argument; infinite at ±1, NaN beyond.
pub fn erf_inv(x: f32) -> f32 {
    generic::erf_inv::<Baseline>(x)
}

/// The angle in [-pi/2, pi/2] whose sine is `x`; NaN beyond ±1.
pub fn asin(x: f32) -> f32 {
    generic::asin::<Baseline>(x)
}

/// The angle in [0, pi] whose cosine is `x`; NaN beyond ±1.
pub fn acos(x: f32) -> f32 {
    generic::acos::<Baseline>(x)
}

/// The angle in [-pi/2, pi/2] whose tangent is `x`.
pub fn atan(x: f32) -> f32 {
    generic::atan::<Baseline>(x)
}

/// The angle in [-pi, pi] of the point (x, y), with C's special cases (ISO C99, F.9.1.4).
pub fn atan2(y: f32, x: f32) -> f32 {
    generic::atan2::<Baseline>(y, x)
}

/// The hyperbolic sine.
pub fn sinh(x: f32) -> f32 {
    generic::sinh::<Baseline>(x)
}

/// The hyperbolic cosine.
pub fn cosh(x: f32) -> f32 {
    generic::cosh::<Baseline>(x)
}

/// The inverse of the hyperbolic sine.
pub fn asinh(x: f32) -> f32 {
    generic::asinh::<Baseline>(x)
}

/// The inverse of the hyperbolic cosine, from 0 up; NaN below 1.
pub fn acosh(x: f32) -> f32 {
    generic::acosh::<Baseline>(x)
}

/// The inverse of the hyperbolic tangent; infinite at ±1, NaN beyond.
pub fn atanh(x: f32) -> f32 {
    generic::atanh::<Baseline>(x)
}
