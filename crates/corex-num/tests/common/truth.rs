//! What the functions should return, in f64: mathematics that shares nothing with the implementation.
#![allow(dead_code)] // each program uses its part

use corex_num::{UnaryFn, scalar};

unsafe extern "C" {
    safe fn erf(x: f64) -> f64;
    safe fn erfc(x: f64) -> f64;
}

/// The function in f64, right to about 1e-14 of its value.
pub fn truth(f: UnaryFn) -> fn(f64) -> f64 {
    match f {
        UnaryFn::Negate => |x| -x,
        UnaryFn::Abs => f64::abs,
        UnaryFn::Sign => |x| if x == 0.0 || x.is_nan() { x } else { 1f64.copysign(x) },
        UnaryFn::Sqrt => f64::sqrt,
        UnaryFn::Rsqrt => |x| 1.0 / x.sqrt(),
        UnaryFn::Exp => f64::exp,
        UnaryFn::Log => f64::ln,
        UnaryFn::Tanh => f64::tanh,
        UnaryFn::Logistic => |x| 1.0 / (1.0 + (-x).exp()),
        UnaryFn::Sin => f64::sin,
        UnaryFn::Cos => f64::cos,
        UnaryFn::Erf => |x| erf(x),
        UnaryFn::Floor => f64::floor,
        UnaryFn::Ceil => f64::ceil,
        UnaryFn::RoundNearestEven => f64::round_ties_even,
        UnaryFn::RoundNearestAfz => f64::round,
        UnaryFn::Tan => f64::tan,
        UnaryFn::Cbrt => f64::cbrt,
        UnaryFn::Expm1 => f64::exp_m1,
        UnaryFn::Log1p => f64::ln_1p,
        UnaryFn::Erfc => |x| erfc(x),
        UnaryFn::ErfInv => erf_inv,
        UnaryFn::Asin => f64::asin,
        UnaryFn::Acos => f64::acos,
        UnaryFn::Atan => f64::atan,
        UnaryFn::Sinh => f64::sinh,
        UnaryFn::Cosh => f64::cosh,
        UnaryFn::Asinh => |x| {
            let a = x.abs();
            if x.is_infinite() { x } else { (a + a * a / (1.0 + (a * a + 1.0).sqrt())).ln_1p().copysign(x) }
        },
        UnaryFn::Acosh => |x| {
            let t = x - 1.0;
            if t < 0.0 { f64::NAN } else { (t + (t + t + t * t).sqrt()).ln_1p() }
        },
        UnaryFn::Atanh => |x| {
            let a = x.abs();
            (0.5 * (2.0 * a / (1.0 - a)).ln_1p()).copysign(x)
        },
    }
}

/// Where the function promises 2 ulp: all of f32 but for the range rules of the law.
pub fn promised(f: UnaryFn, x: f32) -> bool {
    match f {
        UnaryFn::Exp | UnaryFn::Logistic => x.is_nan() || x >= -87.0,
        UnaryFn::Erfc => x.is_nan() || x <= 9.1875,
        _ => true,
    }
}

/// For `f(-x) = -f(x)` -1, for `f(-x) = f(x)` 1, else 0.
pub fn parity(f: UnaryFn) -> i32 {
    use UnaryFn as U;
    match f {
        U::Cos | U::Cosh | U::Abs => 1,
        U::Sin | U::Tan | U::Tanh | U::Sinh | U::Asinh | U::Atanh | U::Asin | U::Atan => -1,
        U::Erf | U::ErfInv | U::Cbrt | U::Negate | U::Sign | U::RoundNearestEven | U::RoundNearestAfz => -1,
        _ => 0,
    }
}

/// A step of Newton's method from the f32 result, which squares the error; a wrong start is told by the second.
fn erf_inv(x: f64) -> f64 {
    let a = x.abs();
    if a >= 1.0 || x.is_nan() || x == 0.0 {
        return if a == 1.0 {
            f64::INFINITY.copysign(x)
        } else if x == 0.0 {
            x
        } else {
            f64::NAN
        };
    }
    let mut y = f64::from(scalar::erf_inv(a as f32));
    for _ in 0..2 {
        // The difference from the side on which it does not cancel; 1 - a is exact for an f32 above 0.5.
        let excess = if a > 0.5 { (1.0 - a) - erfc(y) } else { erf(y) - a };
        y -= excess * (y * y).exp() / std::f64::consts::FRAC_2_SQRT_PI;
    }
    y.copysign(x)
}

/// |got - truth| in units of the last place of f32 at `truth`; at most 0.5 for the nearest f32.
pub fn ulps(got: f32, truth: f64) -> f64 {
    if got.is_nan() || truth.is_nan() {
        return if got.is_nan() == truth.is_nan() { 0.0 } else { f64::INFINITY };
    }
    // Above the largest number the scale goes on; both ends count as 2^128.
    let far = 2f64.powi(128);
    let (got, truth) = (f64::from(got).clamp(-far, far), truth.clamp(-far, far));
    let exponent = ((truth.to_bits() >> 52 & 0x7FF) as i64 - 1023).clamp(-126, 127);
    let inverse_ulp = f64::from_bits(((1023 + 23 - exponent) as u64) << 52);
    (got - truth).abs() * inverse_ulp
}
