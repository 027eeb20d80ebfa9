//! The law in its plainest form: integer arithmetic, one number at a time, no tricks.
//!
//! The basic operations work on bit patterns taken apart, so that they depend on no floating-point unit at all.
//! Tests hold every fast path against this module.

use crate::bits::{decompose, round};
use crate::scalar::NAN;
use crate::{LANES, flush};

/// `a * b + c`, rounded once to nearest even.
pub fn fma(a: f32, b: f32, c: f32) -> f32 {
    let product_negative = a.is_sign_negative() != b.is_sign_negative();
    if a.is_nan() || b.is_nan() || c.is_nan() {
        return NAN;
    }
    if a.is_infinite() || b.is_infinite() {
        let opposed = c.is_infinite() && c.is_sign_negative() != product_negative;
        return if a == 0.0 || b == 0.0 || opposed { NAN } else { signed(product_negative, f32::INFINITY) };
    }
    if c.is_infinite() {
        return c;
    }
    let ((a_significand, a_exponent), (b_significand, b_exponent)) = (decompose(a), decompose(b));
    let (c_significand, c_exponent) = decompose(c);
    // The product has at most 48 bits, c has 24.
    let product = u128::from(a_significand) * u128::from(b_significand);
    let exponent = a_exponent + b_exponent;
    let addend = u128::from(c_significand);
    if product == 0 && addend == 0 {
        return signed(product_negative && c.is_sign_negative(), 0.0);
    }
    if product == 0 {
        return c;
    }
    if addend == 0 {
        return signed(product_negative, round(product, exponent));
    }
    // Both go to the smaller exponent. Where they lie further apart than 75 places, the lower one only decides
    // whether the sum is exact and on which side: any non-zero value that far down does the same.
    const APART: i32 = 75;
    let (mut product, mut exponent, mut addend, mut c_exponent) = (product, exponent, addend, c_exponent);
    if exponent - c_exponent > APART {
        (addend, c_exponent) = (1, exponent - APART);
    } else if c_exponent - exponent > APART {
        (product, exponent) = (1, c_exponent - APART);
    }
    let lower = exponent.min(c_exponent);
    let product = (product << (exponent - lower)) as i128;
    let addend = (addend << (c_exponent - lower)) as i128;
    let sum = if product_negative { -product } else { product }
        + if c.is_sign_negative() { -addend } else { addend };
    // An exact cancellation is +0.
    signed(sum < 0, round(sum.unsigned_abs(), lower))
}

/// `a + b`.
pub fn add(a: f32, b: f32) -> f32 {
    fma(a, 1.0, b)
}

/// `a - b`.
pub fn subtract(a: f32, b: f32) -> f32 {
    fma(b, -1.0, a)
}

/// `a * b`.
pub fn multiply(a: f32, b: f32) -> f32 {
    let negative = a.is_sign_negative() != b.is_sign_negative();
    // Adding a zero of the product's sign keeps that sign.
    fma(a, b, signed(negative, 0.0))
}

/// `a / b`.
pub fn divide(a: f32, b: f32) -> f32 {
    let negative = a.is_sign_negative() != b.is_sign_negative();
    let zero_by_zero = a == 0.0 && b == 0.0;
    if a.is_nan() || b.is_nan() || zero_by_zero || a.is_infinite() && b.is_infinite() {
        return NAN;
    }
    if a.is_infinite() || b == 0.0 {
        return signed(negative, f32::INFINITY);
    }
    if b.is_infinite() {
        return signed(negative, 0.0);
    }
    let ((a_significand, a_exponent), (b_significand, b_exponent)) = (decompose(a), decompose(b));
    // At least 2^(70-24) = 46 significant bits of quotient; one more bit tells whether anything is left.
    let dividend = u128::from(a_significand) << 70;
    let divisor = u128::from(b_significand);
    let rest = u128::from(dividend % divisor != 0);
    signed(negative, round((dividend / divisor) << 1 | rest, a_exponent - b_exponent - 71))
}

/// The square root.
pub fn sqrt(x: f32) -> f32 {
    if x == 0.0 || x == f32::INFINITY {
        return x;
    }
    if x.is_nan() || x < 0.0 {
        return NAN;
    }
    let (significand, exponent) = decompose(x);
    // An even exponent, and a radicand of at least 80 bits: 40 bits of root.
    let shift = 80 + (exponent & 1);
    let radicand = u128::from(significand) << shift;
    let root = radicand.isqrt();
    let rest = u128::from(root * root != radicand);
    round(root << 1 | rest, (exponent - shift) / 2 - 1)
}

/// The chain of a matrix product: `acc = fma(a, b, acc)` over the pairs in order, from +0.0, operands below 2^-60
/// flushed, +0.0 added at the end.
pub fn dot(pairs: impl IntoIterator<Item = (f32, f32)>) -> f32 {
    let mut acc = 0.0;
    for (a, b) in pairs {
        acc = fma(flush(a), flush(b), acc);
    }
    add(acc, 0.0)
}

/// The sum along a minor-most dimension, in 32 lanes (see [`crate::LaneSum`]).
pub fn sum_lanes(x: &[f32]) -> f32 {
    let mut lanes = [0.0; LANES];
    for (r, &v) in x.iter().enumerate() {
        lanes[r % LANES] = add(lanes[r % LANES], v);
    }
    for half in [16, 8, 4, 2, 1] {
        for l in 0..half {
            lanes[l] = add(lanes[l], lanes[l + half]);
        }
    }
    lanes[0]
}

/// The sum along other dimensions: one chain from +0.0.
pub fn sum_chain(x: impl IntoIterator<Item = f32>) -> f32 {
    x.into_iter().fold(0.0, add)
}

fn signed(negative: bool, magnitude: f32) -> f32 {
    if negative { -magnitude } else { magnitude }
}
