//! The cube root.

use super::basic::canonical;
use crate::fma::Fma;

#[inline(always)]
pub(crate) fn cbrt<F: Fma>(x: f32) -> f32 {
    let a = x.abs();
    // Small operands times 2^90, so that no residual below is subnormal.
    let small = a < f32::from_bits(0x2180_0000);
    let a = if small { a * f32::from_bits(0x6C80_0000) } else { a };
    // A third of the exponent and fraction as one integer: 3 % off at most.
    let mut y = f32::from_bits(a.to_bits() / 3 + 0x2A51_0000);
    // Halley's iteration; each step cubes the relative error.
    for _ in 0..2 {
        let q = a / (y * y);
        y = y * ((q + y) + q) / ((y + y) + q);
    }
    // One Newton step on the exact residual a - y^3.
    let square = y * y;
    let rest = F::fma(y, y, -square);
    let residual = F::fma(-rest, y, F::fma(-square, y, a));
    let y = y + residual / (3.0 * square);
    let y = if small { y * f32::from_bits(0x3080_0000) } else { y };
    // Zeros, infinities and NaN.
    canonical(if x == 0.0 || x.is_infinite() { x } else { y.copysign(x) })
}
