//! The functions against f64 mathematics: wrong coefficients are as reproducible as right ones, so equality of
//! paths proves nothing here. Tolerance: 2 ulp, the promise of the law.

mod common;
use common::{Rng, edges};
use corex_num::scalar;

/// |got - truth| in units of the last place of f32 at `truth`.
fn ulps(got: f32, truth: f64) -> f64 {
    if got.is_nan() || truth.is_nan() {
        return if got.is_nan() == truth.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if f64::from(got) == truth || got == truth as f32 {
        return (f64::from(got) - truth).abs().min(0.5);
    }
    let exponent = truth.abs().max(f64::from(f32::MIN_POSITIVE)).log2().floor().min(127.0);
    (f64::from(got).clamp(-3.41e38, 3.41e38) - truth.clamp(-3.41e38, 3.41e38)).abs()
        / 2f64.powf(exponent - 23.0)
}

fn check(name: &str, f: fn(f32) -> f32, truth: impl Fn(f64) -> f64, range: std::ops::RangeInclusive<f32>) {
    let mut rng = Rng(11);
    let (mut worst, mut at) = (0.0, 0.0);
    let (low, high) = range.into_inner();
    let mut visit = |x: f32| {
        if x < low || x > high {
            return;
        }
        let error = ulps(f(x), truth(f64::from(x)));
        if error > worst {
            (worst, at) = (error, x);
        }
    };
    edges().into_iter().for_each(&mut visit);
    for _ in 0..120_000 {
        visit(rng.any());
        visit(rng.unit() * 4.0);
        visit(rng.unit() * 100.0);
    }
    println!("{name}: at most {worst:.3} ulp, at {at:e}");
    assert!(worst <= 2.0, "{name}: {worst} ulp at {at:e}: {:e} for {:e}", f(at), truth(f64::from(at)));
}

const ALL: std::ops::RangeInclusive<f32> = f32::NEG_INFINITY..=f32::INFINITY;

#[test]
fn exp_log() {
    check("exp", scalar::exp, f64::exp, -87.0..=f32::INFINITY);
    check("log", scalar::log, f64::ln, ALL);
    assert_eq!(scalar::exp(-87.00001).to_bits(), 0);
    assert!(scalar::exp(-87.0) > 0.0);
}

#[test]
fn tanh_logistic() {
    check("tanh", scalar::tanh, f64::tanh, ALL);
    check("logistic", scalar::logistic, |x| 1.0 / (1.0 + (-x).exp()), -87.0..=f32::INFINITY);
}

#[test]
fn error_function() {
    check("erf", scalar::erf, erf, ALL);
}

#[test]
fn sine_cosine() {
    // f64 sine is right to its last places for every f32 argument.
    check("sin", scalar::sin, f64::sin, ALL);
    check("cos", scalar::cos, f64::cos, ALL);
}

#[test]
fn roots() {
    check("sqrt", scalar::sqrt, f64::sqrt, ALL);
    check("rsqrt", scalar::rsqrt, |x| 1.0 / x.sqrt(), 0.0..=f32::INFINITY);
}

#[test]
fn power() {
    let mut rng = Rng(12);
    let mut worst = 0f64;
    for i in 0..200_000 {
        let x = if i % 3 == 0 { rng.any().abs() } else { 1.0 + rng.unit() * 0.999 };
        let y = match i % 4 {
            0 => rng.any(),
            1 => rng.unit() * 1000.0,
            2 => rng.unit() * 1e7,
            _ => rng.unit() * 4.0,
        };
        let error = ulps(scalar::power(x, y), f64::from(x).powf(f64::from(y)));
        assert!(error <= 1.0, "power({x:e}, {y:e}): {error} ulp");
        worst = worst.max(error);
    }
    println!("power: at most {worst:.3} ulp");
}

/// erf in f64: the Maclaurin series below 3, the continued fraction of erfc above; both to about 1e-15.
fn erf(x: f64) -> f64 {
    let a = x.abs();
    if x.is_nan() {
        return x;
    }
    let value = if a > 6.0 {
        1.0
    } else if a < 3.0 {
        let (mut term, mut sum) = (a, a);
        for n in 1..120 {
            term *= -a * a / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    } else {
        let mut fraction = a;
        for n in (1..200).rev() {
            fraction = a + f64::from(n) / 2.0 / fraction;
        }
        1.0 - (-a * a).exp() / fraction / std::f64::consts::PI.sqrt()
    };
    value.copysign(x)
}
