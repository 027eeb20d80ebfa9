//! Conversions between number formats. Widening is exact; narrowing rounds to nearest even; float to integer
//! truncates, saturates, and sends NaN to 0. bf16 and f16 are carried as their bits, `u16`.

use crate::dispatch::per_isa;
use crate::fma::Fma;
use crate::scalar::canonical;

/// bfloat16 to f32, exact; NaN becomes canonical.
#[inline(always)]
pub fn bf16_to_f32(bits: u16) -> f32 {
    canonical(f32::from_bits(u32::from(bits) << 16))
}

/// f32 to bfloat16; NaN becomes 0x7FC0.
#[inline(always)]
pub fn f32_to_bf16(x: f32) -> u16 {
    let bits = x.to_bits();
    // Half a unit in the last place kept, less one if that place is even: ties go to even.
    let rounded = bits.wrapping_add(0x7FFF + (bits >> 16 & 1)) >> 16;
    if x.is_nan() { 0x7FC0 } else { rounded as u16 }
}

/// binary16 to f32, exact; NaN becomes canonical.
#[inline(always)]
pub fn f16_to_f32(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let magnitude = u32::from(bits & 0x7FFF);
    // Exponent and fraction moved to f32's places, then the bias 15 made 127 by an exact multiplication by
    // 2^112, which also normalises subnormals.
    let finite = f32::from_bits(magnitude << 13) * f32::from_bits(0x7780_0000);
    let special = f32::from_bits(0x7F80_0000 | magnitude << 13);
    let value = if magnitude < 0x7C00 { finite } else { special };
    canonical(f32::from_bits(value.to_bits() | sign))
}

/// f32 to binary16; overflow gives infinity, NaN becomes 0x7E00.
#[inline(always)]
pub fn f32_to_f16(x: f32) -> u16 {
    let sign = (x.to_bits() >> 16 & 0x8000) as u16;
    let magnitude = x.to_bits() & 0x7FFF_FFFF;
    // Normal results: rebias the exponent by -112 and round 13 bits away, ties to even; a carry out of the
    // fraction moves into the exponent, at the top into infinity.
    let rebiased = magnitude.wrapping_sub(112 << 23);
    let normal = rebiased.wrapping_add(0x0FFF + (rebiased >> 13 & 1)) >> 13;
    // Subnormal results (below 2^-14) are multiples of 2^-24: adding 0.5, whose last place that is, rounds.
    let subnormal = (f32::from_bits(magnitude) + 0.5).to_bits().wrapping_sub(0x3F00_0000);
    let value = if magnitude >= 0x477F_F000 {
        0x7C00
    } else if magnitude < 0x3880_0000 {
        subnormal
    } else {
        normal
    };
    if x.is_nan() { 0x7E00 } else { sign | value as u16 }
}

/// Conversion of an f32 to an integer: toward zero, saturating, NaN to 0.
pub trait FromF32: Copy {
    /// See the trait.
    fn from_f32(x: f32) -> Self;
}

/// Conversion of an integer to f32: nearest, ties to even.
pub trait ToF32: Copy {
    /// See the trait.
    fn to_f32(self) -> f32;
}

macro_rules! integer_conversions {
    ($($t:ty),*) => {$(
        impl FromF32 for $t {
            // Rust defines `as` from float to integer as exactly this.
            #[inline(always)]
            fn from_f32(x: f32) -> Self {
                x as $t
            }
        }
        impl ToF32 for $t {
            #[inline(always)]
            fn to_f32(self) -> f32 {
                self as f32
            }
        }
    )*};
}

integer_conversions!(i8, i16, i32, i64, u8, u16, u32, u64);

/// f32 to i1: anything but a zero is true, NaN too.
#[inline(always)]
pub fn f32_to_bool(x: f32) -> bool {
    x != 0.0
}

/// A binary floating-point format: sign, exponent and fraction, from the top bit down.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Format {
    /// Width of the exponent field.
    pub exponent_bits: u32,
    /// Width of the fraction field.
    pub mantissa_bits: u32,
}

impl Format {
    /// IEEE 754 binary32.
    pub const F32: Self = Self { exponent_bits: 8, mantissa_bits: 23 };
    /// IEEE 754 binary16.
    pub const F16: Self = Self { exponent_bits: 5, mantissa_bits: 10 };
    /// bfloat16.
    pub const BF16: Self = Self { exponent_bits: 8, mantissa_bits: 7 };
}

/// The number with these bits in `format`, rounded to what `to` can hold, and given in `format` again: fraction to
/// nearest even; then, if `to` has the narrower exponent, infinity above its largest number and a zero below its
/// smallest normal one. NaN becomes the canonical NaN, or infinity if `to` has no fraction to tell it by.
///
/// `to.exponent_bits` must be at least 1; more bits than `format` has are as good as as many.
#[inline(always)]
pub fn reduce_precision(format: Format, bits: u32, to: Format) -> u32 {
    let Format { exponent_bits, mantissa_bits } = format;
    let sign_bit = 1u32 << (exponent_bits + mantissa_bits);
    let infinity = sign_bit - (1 << mantissa_bits);
    let (sign, magnitude) = (bits & sign_bit, bits & (sign_bit - 1));
    if magnitude > infinity {
        return if to.mantissa_bits == 0 { sign | infinity } else { infinity | 1 << (mantissa_bits - 1) };
    }
    let mut rounded = magnitude;
    if to.mantissa_bits < mantissa_bits {
        // Half a unit of the last place kept, less one if that place is even; a carry moves into the exponent.
        let drop = mantissa_bits - to.mantissa_bits;
        let unit = 1 << drop;
        rounded = (magnitude + (unit / 2 - 1) + (magnitude >> drop & 1)) & !(unit - 1);
    }
    if to.exponent_bits < exponent_bits {
        let bias = (1u32 << (exponent_bits - 1)) - 1;
        let new_bias = (1u32 << (to.exponent_bits - 1)) - 1;
        let exponent = rounded >> mantissa_bits;
        if exponent > bias + new_bias {
            rounded = infinity;
        } else if exponent <= bias - new_bias {
            rounded = 0;
        }
    }
    sign | rounded
}

per_isa! {
    /// [`bf16_to_f32`] of every element.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn bf16_slice_to_f32(x: &[u16], y: &mut [f32]) = bf16_slice_to_f32_generic;
}

per_isa! {
    /// [`f32_to_bf16`] of every element.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn f32_slice_to_bf16(x: &[f32], y: &mut [u16]) = f32_slice_to_bf16_generic;
}

per_isa! {
    /// [`f16_to_f32`] of every element.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn f16_slice_to_f32(x: &[u16], y: &mut [f32]) = f16_slice_to_f32_generic;
}

per_isa! {
    /// [`f32_to_f16`] of every element.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn f32_slice_to_f16(x: &[f32], y: &mut [u16]) = f32_slice_to_f16_generic;
}

#[inline(always)]
fn map<T: Copy, U>(x: &[T], y: &mut [U], f: impl Fn(T) -> U) {
    assert_eq!(x.len(), y.len(), "conversion: operand and result lengths differ");
    for (y, &x) in y.iter_mut().zip(x) {
        *y = f(x);
    }
}

#[inline(always)]
fn bf16_slice_to_f32_generic<F: Fma>(x: &[u16], y: &mut [f32]) {
    map(x, y, bf16_to_f32);
}

#[inline(always)]
fn f32_slice_to_bf16_generic<F: Fma>(x: &[f32], y: &mut [u16]) {
    map(x, y, f32_to_bf16);
}

#[inline(always)]
fn f16_slice_to_f32_generic<F: Fma>(x: &[u16], y: &mut [f32]) {
    map(x, y, f16_to_f32);
}

#[inline(always)]
fn f32_slice_to_f16_generic<F: Fma>(x: &[f32], y: &mut [u16]) {
    map(x, y, f32_to_f16);
}
