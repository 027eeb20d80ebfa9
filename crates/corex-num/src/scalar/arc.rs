//! The inverse trigonometric functions.

use super::basic::canonical;
use super::exp::polynomial;
use crate::fma::Fma;

/// (atan(z) / z - 1) / z^2 in z^2 on 0 <= z <= 0.5: minimax, relative error of atan 2^-31.7.
const ATAN: [u32; 6] = [0xBEAA_AAA9, 0x3E4C_CBA2, 0xBE12_2817, 0x3DE0_3911, 0xBDA4_05DC, 0x3D1F_E7E5];

/// (asin(s) / s - 1) / s^2 in s^2 on 0 <= s <= 0.5: minimax, relative error of asin 2^-31.7.
const ASIN: [u32; 6] = [0x3E2A_AAA6, 0x3D99_9C56, 0x3D36_53AB, 0x3D02_6959, 0x3C6A_94FC, 0x3D1A_6045];

/// k pi/4 for k = 0 … 4, rounded, and what rounding left.
const QUARTERS: [(u32, u32); 5] = [
    (0x0000_0000, 0x0000_0000),
    (0x3F49_0FDB, 0xB2BB_BD2E),
    (0x3FC9_0FDB, 0xB33B_BD2E),
    (0x4016_CBE4, 0xB1CC_DE2E),
    (0x4049_0FDB, 0xB3BB_BD2E),
];

/// The angle of the point (x, y) seen from the origin, in (-pi, pi].
#[inline(always)]
pub(crate) fn atan2<F: Fma>(y: f32, x: f32) -> f32 {
    let (a, b) = (y.abs(), x.abs());
    let steep = a > b;
    let (low, high) = if steep { (b, a) } else { (a, b) };
    // The slope of the flatter side, 0 <= q <= 1. On the diagonal of infinities it is 1, at the origin 0.
    let q = low / high;
    let q = if low == f32::INFINITY { 1.0 } else { q };
    let q = if high == 0.0 { 0.0 } else { q };
    // What the quotient's rounding left; nothing where the quotient is not one.
    let q_low = F::fma(-q, high, low) / high;
    let q_low = if high == f32::INFINITY || high == 0.0 { 0.0 } else { q_low };
    // atan q = k pi/4 + atan z with |z| <= 0.5; the difference is exact.
    let far = q > 0.5;
    let z = if far { (q - 1.0) / (q + 1.0) } else { q };
    let k = usize::from(far);
    // Mirrored on the diagonal, then on the y axis.
    let (k, flip) = if steep { (2 - k, true) } else { (k, false) };
    let (k, flip) = if x.is_sign_negative() { (4 - k, !flip) } else { (k, flip) };
    let s = z * z;
    let series = F::fma(z * s, polynomial::<F, 6>(s, &ATAN), q_low / F::fma(q, q, 1.0));
    let (z, series) = if flip { (-z, -series) } else { (z, series) };
    let (quarter, rest) = QUARTERS[k];
    let angle = f32::from_bits(quarter) + (z + (series + f32::from_bits(rest)));
    canonical(if x.is_nan() || y.is_nan() { f32::NAN } else { angle.copysign(y) })
}

#[inline(always)]
pub(crate) fn atan<F: Fma>(x: f32) -> f32 {
    atan2::<F>(x, 1.0)
}

/// What asin and acos share, from `a = |x|`: `s` and `t` with `asin(s') = s + t`, where `s'` is `a` up to 0.5, and
/// `sqrt((1 - a) / 2)`, the sine of half the complementary angle, above.
#[inline(always)]
fn arc_parts<F: Fma>(a: f32) -> (f32, f32) {
    let large = a > 0.5;
    let square = if large { 0.5 * (1.0 - a) } else { a * a };
    let root = square.sqrt();
    // What the root's rounding left; 0 / 0 at a = 1, where there is nothing left.
    let left = F::fma(-root, root, square) / (root + root);
    let left = if large && root > 0.0 { left } else { 0.0 };
    let s = if large { root } else { a };
    (s, F::fma(s, polynomial::<F, 6>(square, &ASIN) * square, left))
}

#[inline(always)]
pub(crate) fn asin<F: Fma>(x: f32) -> f32 {
    let a = x.abs();
    let (s, t) = arc_parts::<F>(a);
    let (half_pi, rest) = (f32::from_bits(QUARTERS[2].0), f32::from_bits(QUARTERS[2].1));
    // pi/2 - 2 (s + t), the leading difference as an exact pair.
    let twice = s + s;
    let head = half_pi - twice;
    let tail = (half_pi - head) - twice;
    let large = head + (tail + (rest - (t + t)));
    let y = if a > 0.5 { large } else { s + t };
    canonical(if a > 1.0 { f32::NAN } else { y.copysign(x) })
}

#[inline(always)]
pub(crate) fn acos<F: Fma>(x: f32) -> f32 {
    let a = x.abs();
    let (s, t) = arc_parts::<F>(a);
    let negative = x < 0.0;
    let large = a > 0.5;
    // 2 (s + t) near 1, pi - 2 (s + t) near -1, pi/2 ∓ (s + t) between.
    let base = if large { QUARTERS[4] } else { QUARTERS[2] };
    let base = if large && !negative { QUARTERS[0] } else { base };
    let (base, rest) = (f32::from_bits(base.0), f32::from_bits(base.1));
    let (s, t) = if large { (s + s, t + t) } else { (s, t) };
    let plus = large ^ negative;
    let (s, t) = if plus { (s, t) } else { (-s, -t) };
    let head = base + s;
    let tail = (base - head) + s;
    let y = head + (tail + (rest + t));
    canonical(if a > 1.0 { f32::NAN } else { y })
}
