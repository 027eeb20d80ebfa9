//! Elementwise operators on single elements, given and returned as raw bits.
//!
//! Floats: decode exactly to f32, operate in f32, encode with one rounding; a NaN result is the canonical one.
//! Integers: compute without bounds, then wrap.

use std::cmp::Ordering;

use corex_hlo::ir::{BinaryOp, CompareDir, DType, UnaryOp};
use corex_num::convert::{self as format, Format};
use corex_num::scalar;

/// The float that the bits of an f32, f16 or bf16 stand for.
pub(crate) fn decode_float(dtype: DType, bits: u64) -> f32 {
    match dtype {
        DType::F16 => format::f16_to_f32(bits as u16),
        DType::BF16 => format::bf16_to_f32(bits as u16),
        _ => f32::from_bits(bits as u32),
    }
}

/// Rounds to the storage type; every NaN becomes the canonical one.
pub(crate) fn encode_float(dtype: DType, value: f32) -> u64 {
    match dtype {
        DType::F16 => u64::from(format::f32_to_f16(value)),
        DType::BF16 => u64::from(format::f32_to_bf16(value)),
        _ => u64::from(scalar::canonical(value).to_bits()),
    }
}

/// The integer that the bits stand for; i1 counts as 0 or 1.
pub(crate) fn decode_int(dtype: DType, bits: u64) -> i128 {
    match dtype {
        DType::I8 => i128::from(bits as i8),
        DType::I16 => i128::from(bits as i16),
        DType::I32 => i128::from(bits as i32),
        DType::I64 => i128::from(bits as i64),
        _ => i128::from(bits),
    }
}

/// Keeps the low bits: the wrap-around of every integer operator.
pub(crate) fn encode_int(dtype: DType, value: i128) -> u64 {
    match dtype.size() {
        1 if dtype == DType::I1 => value as u64 & 1,
        1 => u64::from(value as u8),
        2 => u64::from(value as u16),
        4 => u64::from(value as u32),
        _ => value as u64,
    }
}

/// Width of an integer type in bits.
fn width(dtype: DType) -> i128 {
    8 * dtype.size() as i128
}

/// One element of a unary operator; `None` if the operator has no meaning on the type.
pub(crate) fn unary(op: UnaryOp, dtype: DType, bits: u64) -> Option<u64> {
    if dtype.is_float() {
        let x = decode_float(dtype, bits);
        let y = match op {
            UnaryOp::Negate => scalar::negate(x),
            UnaryOp::Abs => scalar::abs(x),
            UnaryOp::Sign => scalar::sign(x),
            UnaryOp::Sqrt => scalar::sqrt(x),
            UnaryOp::Rsqrt => scalar::rsqrt(x),
            UnaryOp::Exp => scalar::exp(x),
            UnaryOp::Log => scalar::log(x),
            UnaryOp::Tanh => scalar::tanh(x),
            UnaryOp::Logistic => scalar::logistic(x),
            UnaryOp::Sine => scalar::sin(x),
            UnaryOp::Cosine => scalar::cos(x),
            UnaryOp::Erf => scalar::erf(x),
            UnaryOp::Floor => scalar::floor(x),
            UnaryOp::Ceil => scalar::ceil(x),
            UnaryOp::IsFinite => return Some(u64::from(x.is_finite())),
            UnaryOp::RoundNearestEven => scalar::round_nearest_even(x),
            UnaryOp::RoundNearestAfz => scalar::round_nearest_afz(x),
            UnaryOp::ExpMinusOne => scalar::expm1(x),
            UnaryOp::LogPlusOne => scalar::log1p(x),
            UnaryOp::Cbrt => scalar::cbrt(x),
            UnaryOp::Tan => scalar::tan(x),
            UnaryOp::Erfc => scalar::erfc(x),
            UnaryOp::ErfInv => scalar::erf_inv(x),
            UnaryOp::Asin => scalar::asin(x),
            UnaryOp::Acos => scalar::acos(x),
            UnaryOp::Atan => scalar::atan(x),
            UnaryOp::Sinh => scalar::sinh(x),
            UnaryOp::Cosh => scalar::cosh(x),
            UnaryOp::Asinh => scalar::asinh(x),
            UnaryOp::Acosh => scalar::acosh(x),
            UnaryOp::Atanh => scalar::atanh(x),
            UnaryOp::Not | UnaryOp::Popcnt | UnaryOp::CountLeadingZeros => return None,
        };
        return Some(encode_float(dtype, y));
    }
    let x = decode_int(dtype, bits);
    let y = match op {
        UnaryOp::Not => !x,
        UnaryOp::Negate if dtype.is_int() => -x,
        UnaryOp::Abs if dtype.is_signed_int() => x.abs(),
        UnaryOp::Sign if dtype.is_signed_int() => x.signum(),
        UnaryOp::Popcnt if dtype.is_int() => i128::from(bits.count_ones()),
        UnaryOp::CountLeadingZeros if dtype.is_int() => {
            width(dtype) - (64 - i128::from(bits.leading_zeros()))
        }
        _ => return None,
    };
    Some(encode_int(dtype, y))
}

/// One element of a binary operator; `None` if the operator has no meaning on the type.
pub(crate) fn binary(op: BinaryOp, dtype: DType, a: u64, b: u64) -> Option<u64> {
    if dtype.is_float() {
        let (x, y) = (decode_float(dtype, a), decode_float(dtype, b));
        return binary_f32(op, x, y).map(|z| encode_float(dtype, z));
    }
    let (x, y) = (decode_int(dtype, a), decode_int(dtype, b));
    if dtype == DType::I1 {
        return match op {
            BinaryOp::And | BinaryOp::Multiply | BinaryOp::Minimum => Some(a & b),
            BinaryOp::Or | BinaryOp::Add | BinaryOp::Maximum => Some(a | b),
            BinaryOp::Xor => Some(a ^ b),
            _ => None,
        };
    }
    let in_width = (0..width(dtype)).contains(&decode_int(unsigned(dtype), b));
    let z = match op {
        BinaryOp::Add => x + y,
        BinaryOp::Subtract => x - y,
        BinaryOp::Multiply => x.wrapping_mul(y),
        BinaryOp::Divide if y == 0 => -1,
        // Rounds toward zero; MIN / -1 leaves the range and wraps to MIN.
        BinaryOp::Divide => x / y,
        BinaryOp::Remainder if y == 0 => x,
        BinaryOp::Remainder => x % y,
        BinaryOp::Maximum => x.max(y),
        BinaryOp::Minimum => x.min(y),
        BinaryOp::Power => int_power(x, y),
        BinaryOp::Atan2 => return None,
        BinaryOp::And => x & y,
        BinaryOp::Or => x | y,
        BinaryOp::Xor => x ^ y,
        BinaryOp::ShiftLeft if in_width => x << y,
        BinaryOp::ShiftRightLogical if in_width => decode_int(unsigned(dtype), a) >> y,
        BinaryOp::ShiftRightArithmetic if in_width => decode_int(signed(dtype), a) >> y,
        BinaryOp::ShiftRightArithmetic => decode_int(signed(dtype), a) >> (width(dtype) - 1),
        BinaryOp::ShiftLeft | BinaryOp::ShiftRightLogical => 0,
    };
    Some(encode_int(dtype, z))
}

/// `x^y` modulo any power of two up to 2^128; a negative exponent gives the integer part of the true value.
fn int_power(x: i128, y: i128) -> i128 {
    if y < 0 {
        return match x {
            1 => 1,
            -1 => 1 - 2 * (y & 1),
            _ => 0,
        };
    }
    let (mut base, mut exponent, mut result) = (x, y, 1i128);
    while exponent != 0 {
        if exponent & 1 == 1 {
            result = result.wrapping_mul(base);
        }
        base = base.wrapping_mul(base);
        exponent >>= 1;
    }
    result
}

/// A binary operator on floats; the caller canonicalises a NaN.
fn binary_f32(op: BinaryOp, x: f32, y: f32) -> Option<f32> {
    Some(match op {
        BinaryOp::Add => scalar::add(x, y),
        BinaryOp::Subtract => scalar::subtract(x, y),
        BinaryOp::Multiply => scalar::multiply(x, y),
        BinaryOp::Divide => scalar::divide(x, y),
        BinaryOp::Remainder => scalar::remainder(x, y),
        BinaryOp::Maximum => scalar::max(x, y),
        BinaryOp::Minimum => scalar::min(x, y),
        BinaryOp::Power => scalar::power(x, y),
        BinaryOp::Atan2 => scalar::atan2(x, y),
        _ => return None,
    })
}

/// The unsigned type of the same width.
fn unsigned(dtype: DType) -> DType {
    match dtype {
        DType::I8 => DType::U8,
        DType::I16 => DType::U16,
        DType::I32 => DType::U32,
        DType::I64 => DType::U64,
        other => other,
    }
}

/// The signed type of the same width.
fn signed(dtype: DType) -> DType {
    match dtype {
        DType::U8 => DType::I8,
        DType::U16 => DType::I16,
        DType::U32 => DType::I32,
        DType::U64 => DType::I64,
        other => other,
    }
}

/// `min(max(x, low), high)`.
pub(crate) fn clamp(dtype: DType, low: u64, x: u64, high: u64) -> Option<u64> {
    binary(BinaryOp::Minimum, dtype, binary(BinaryOp::Maximum, dtype, x, low)?, high)
}

/// An element of `iota`.
pub(crate) fn index_value(dtype: DType, index: usize) -> u64 {
    convert(DType::U64, dtype, index as u64)
}

/// One element of a comparison.
pub(crate) fn compare(dir: CompareDir, dtype: DType, a: u64, b: u64) -> bool {
    let order = if dtype.is_float() {
        decode_float(dtype, a).partial_cmp(&decode_float(dtype, b))
    } else {
        Some(decode_int(dtype, a).cmp(&decode_int(dtype, b)))
    };
    holds(dir, order)
}

/// One element of a comparison by IEEE 754's total order: by sign, then exponent, then fraction.
pub(crate) fn compare_total(dir: CompareDir, dtype: DType, a: u64, b: u64) -> bool {
    let sign = 1u64 << (width(dtype) - 1);
    // Negative numbers descend with their magnitude, and stand below the positive ones.
    let key = |bits: u64| if bits & sign != 0 { !bits & (sign - 1) } else { bits | sign };
    holds(dir, Some(key(a).cmp(&key(b))))
}

/// Whether a comparison holds between operands so ordered; `None` where one is NaN.
fn holds(dir: CompareDir, order: Option<Ordering>) -> bool {
    match dir {
        CompareDir::Eq => order == Some(Ordering::Equal),
        CompareDir::Ne => order != Some(Ordering::Equal),
        CompareDir::Lt => order == Some(Ordering::Less),
        CompareDir::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        CompareDir::Gt => order == Some(Ordering::Greater),
        CompareDir::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}

/// One element of `reduce_precision`; the type is a float's.
pub(crate) fn reduce_precision(dtype: DType, exponent_bits: u32, mantissa_bits: u32, bits: u64) -> u64 {
    let own = match dtype {
        DType::F16 => Format::F16,
        DType::BF16 => Format::BF16,
        _ => Format::F32,
    };
    u64::from(format::reduce_precision(own, bits as u32, Format { exponent_bits, mantissa_bits }))
}

/// Converts one element to another type.
pub(crate) fn convert(from: DType, to: DType, bits: u64) -> u64 {
    match (from.is_float(), to.is_float()) {
        (true, true) => encode_float(to, decode_float(from, bits)),
        (true, false) => float_to_int(decode_float(from, bits), to),
        // To f16 and bf16 by way of f32: two roundings, both to nearest even.
        (false, true) => encode_float(to, int_to_f32(decode_int(from, bits))),
        (false, false) if to == DType::I1 => u64::from(bits != 0),
        (false, false) => encode_int(to, decode_int(from, bits)),
    }
}

/// Nearest f32, ties to even (what `as` does).
pub(crate) fn int_to_f32(value: i128) -> f32 {
    value as f32
}

/// Toward zero, saturating, NaN to 0; to i1 by comparison with zero.
fn float_to_int(x: f32, to: DType) -> u64 {
    let value = match to {
        DType::I1 => i128::from(x != 0.0),
        DType::I8 => i128::from(x as i8),
        DType::I16 => i128::from(x as i16),
        DType::I32 => i128::from(x as i32),
        DType::I64 => i128::from(x as i64),
        DType::U8 => i128::from(x as u8),
        DType::U16 => i128::from(x as u16),
        DType::U32 => i128::from(x as u32),
        _ => i128::from(x as u64),
    };
    encode_int(to, value)
}
