//! The functions against f64 mathematics: wrong coefficients are as reproducible as right ones, so equality of
//! paths proves nothing here. Tolerance: 2 ulp, the promise of the law.

mod common;
#[path = "common/truth.rs"]
mod truth;
use common::{Rng, edges};
use corex_num::{UnaryFn, scalar};
use truth::ulps;

/// All one-argument functions on edge values and a sample; `cargo xtask bench scalars` does this for every f32.
#[test]
fn functions_of_one_number() {
    let mut rng = Rng(11);
    let mut inputs = edges();
    for _ in 0..60_000 {
        inputs.extend([rng.any(), rng.unit(), rng.unit() * 4.0, rng.unit() * 100.0]);
    }
    for f in UnaryFn::ALL {
        let (g, truth) = (f.scalar(), truth::truth(f));
        let (mut worst, mut at) = (0.0, 0.0);
        for &x in inputs.iter().filter(|x| truth::promised(f, **x)) {
            let error = ulps(g(x), truth(f64::from(x)));
            if error > worst {
                (worst, at) = (error, x);
            }
        }
        println!("{f:?}: at most {worst:.3} ulp, at {at:e}");
        assert!(worst <= 2.0, "{f:?}: {worst} ulp at {at:e}: {:e} for {:e}", g(at), truth(f64::from(at)));
    }
}

/// Beyond these bounds the law says 0, so that no result is subnormal.
#[test]
fn range_rules() {
    assert_eq!(scalar::exp(-87.00001).to_bits(), 0);
    assert!(scalar::exp(-87.0) > 0.0);
    assert_eq!(scalar::erfc(9.187501).to_bits(), 0);
    assert!(scalar::erfc(9.1875) >= f32::MIN_POSITIVE);
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

#[test]
fn atan2() {
    let mut rng = Rng(13);
    let mut worst = 0f64;
    for i in 0..300_000 {
        let (y, x) = match i % 3 {
            0 => (rng.any(), rng.any()),
            1 => (rng.unit(), rng.unit()),
            // Slopes near the bounds of the reduction.
            _ => (0.5 + rng.unit() * 1e-3, 1.0 + rng.unit() * 1e-3),
        };
        let (y, x) = if rng.below(2) == 0 { (y, x) } else { (x, y) };
        let error = ulps(scalar::atan2(y, x), f64::from(y).atan2(f64::from(x)));
        assert!(error <= 2.0, "atan2({y:e}, {x:e}): {error} ulp");
        worst = worst.max(error);
    }
    println!("atan2: at most {worst:.3} ulp");
}
