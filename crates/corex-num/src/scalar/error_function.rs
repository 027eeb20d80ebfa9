//! The complementary error function and the inverse of the error function.

use super::basic::canonical;
use super::exp::{exp_parts, log_series, log_split, log_sum, polynomial, scale};
use super::sigmoid::ERF_SMALL;
use crate::fma::Fma;

/// (1 + 2x) e^(x^2) erfc(x) in q = (x - 4) / (x + 4) on 0.5 <= x <= 9.19, without its first coefficient: minimax,
/// relative error 2^-28.2.
const ERFC: [u32; 9] = [
    0xBE0E_F8D3,
    0x3C7B_FB5D,
    0x3D8B_7527,
    0xBDCE_EF63,
    0x3DC0_096C,
    0xBD87_BB19,
    0x3D17_7CC9,
    0xBC87_99F2,
    0x3BAD_715B,
];
/// The first coefficient, in two parts.
const ERFC_HIGH: f32 = f32::from_bits(0x3F9D_D2C9);
const ERFC_LOW: f32 = f32::from_bits(0xB314_5130);

/// From here on erfc would be subnormal, and is 0.
const ERFC_LAST: f32 = 9.1875;

/// erf_inv(x) / x in w - 2.5, where w = -log(1 - x^2) < 5, without its first coefficient: minimax, relative error
/// 2^-27.8.
const CENTRE: [u32; 10] = [
    0x3E7C_8F46,
    0xBB88_E20A,
    0xBAA4_33BA,
    0x3964_E105,
    0xB6A6_1D44,
    0xB666_37EC,
    0x34F8_C088,
    0x3293_36C3,
    0xB213_8033,
    0x2FDB_F654,
];
/// The first coefficient, in two parts.
const CENTRE_HIGH: f32 = f32::from_bits(0x3FC0_2E2F);
const CENTRE_LOW: f32 = f32::from_bits(0xB378_BBB4);

/// The same in sqrt(w) - 3 for 5 <= w < 16: minimax, relative error 2^-27.9.
const FLANK: [u32; 10] = [
    0x3F80_36E5,
    0x3C1A_C0E5,
    0xBBFA_71DC,
    0x3BBA_58DC,
    0xBB69_B337,
    0x3AC1_A1C2,
    0xB900_757A,
    0xB992_68D7,
    0x392A_4E3E,
    0xB7F7_A6C3,
];
/// The first coefficient, in two parts.
const FLANK_HIGH: f32 = f32::from_bits(0x4035_4F7E);
const FLANK_LOW: f32 = f32::from_bits(0xB29A_3843);

#[inline(always)]
pub(crate) fn erfc<F: Fma>(x: f32) -> f32 {
    let a = x.abs();
    // 1 - x - x p, the leading difference as an exact pair.
    let whole = 1.0 - x;
    let lost = (1.0 - whole) - x;
    let small = whole + F::fma(-x, polynomial::<F, 7>(x * x, &ERF_SMALL), lost);
    // e^(-t^2) times p / (1 + 2t), every factor as a pair of numbers.
    let t = if a > ERFC_LAST { ERFC_LAST } else { a };
    let square = t * t;
    let square_low = F::fma(t, t, -square);
    let (head, tail, n) = exp_parts::<F>(-square);
    let e = head + tail;
    let e_low = F::fma(-e, square_low, tail - (e - head));
    let q = (t - 4.0) / (t + 4.0);
    let rest = F::fma(q, polynomial::<F, 9>(q, &ERFC), ERFC_LOW);
    let p = ERFC_HIGH + rest;
    let p_low = rest - (p - ERFC_HIGH);
    let divisor = F::fma(2.0, t, 1.0);
    let divisor_low = F::fma(2.0, t, 1.0 - divisor);
    let r = p / divisor;
    let r_low = (F::fma(-r, divisor_low, F::fma(-r, divisor, p)) + p_low) / divisor;
    let product = r * e;
    let product_low = F::fma(r, e_low, F::fma(r_low, e, F::fma(r, e, -product)));
    let large = scale(product + product_low, n);
    let large = if a > ERFC_LAST { 0.0 } else { large };
    let large = if x < 0.0 { 2.0 - large } else { large };
    canonical(if a < 0.5 { small } else { large })
}

#[inline(always)]
pub(crate) fn erf_inv<F: Fma>(x: f32) -> f32 {
    let a = x.abs();
    // w = -log(1 - x^2); at 1 and beyond anything, replaced below.
    let inside = F::fma(-a, a, 1.0);
    let (m, e) = log_split(if a < 1.0 { inside } else { 1.0 });
    let f = m - 1.0;
    let w = -log_sum::<F>(e, f, log_series::<F>(f));
    let centre = w < 5.0;
    let u = w - 2.5;
    let v = w.sqrt() - 3.0;
    let near = F::fma(u, polynomial::<F, 10>(u, &CENTRE), CENTRE_LOW);
    let far = F::fma(v, polynomial::<F, 10>(v, &FLANK), FLANK_LOW);
    let (first, rest) = if centre { (CENTRE_HIGH, near) } else { (FLANK_HIGH, far) };
    // a (first + rest), the larger product as an exact pair.
    let head = a * first;
    let y = head + F::fma(a, rest, F::fma(a, first, -head));
    let y = if a == 1.0 { f32::INFINITY } else { y };
    canonical(if a > 1.0 || x.is_nan() { f32::NAN } else { y.copysign(x) })
}
