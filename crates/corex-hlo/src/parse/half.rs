//! f16 and bf16 to and from f64, for reading and printing constants.

use crate::ir::DType;

/// Exponent and mantissa bits of a 16-bit format.
fn layout(dtype: DType) -> (u32, u32) {
    if dtype == DType::BF16 { (8, 7) } else { (5, 10) }
}

/// The value of 16 bits, exactly.
pub(crate) fn widen(bits: u16, dtype: DType) -> f64 {
    let (exponent_bits, mantissa_bits) = layout(dtype);
    let bias = (1i32 << (exponent_bits - 1)) - 1;
    let exponent = i32::from(bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
    let mantissa = f64::from(bits & ((1 << mantissa_bits) - 1));
    let scale = |e: i32| f64::from_bits(((e + 1023) as u64) << 52);
    let magnitude = match exponent {
        0 => mantissa * scale(1 - bias - mantissa_bits as i32),
        e if e == (1 << exponent_bits) - 1 => {
            if mantissa == 0.0 {
                f64::INFINITY
            } else {
                f64::NAN
            }
        }
        e => (f64::from(1u32 << mantissa_bits) + mantissa) * scale(e - bias - mantissa_bits as i32),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

/// The nearest value of the format, ties to even; overflow is infinite. `x` is not a NaN.
pub(crate) fn narrow(x: f64, dtype: DType) -> u16 {
    let (exponent_bits, mantissa_bits) = layout(dtype);
    let bias = (1i32 << (exponent_bits - 1)) - 1;
    let sign = ((x.to_bits() >> 63) as u16) << 15;
    let infinity = ((1u16 << exponent_bits) - 1) << mantissa_bits;
    let magnitude = x.abs();
    // The unit in the last place of the result: fixed below the smallest normal number.
    let exponent = ((magnitude.to_bits() >> 52) as i32 - 1023).max(1 - bias);
    if exponent > bias {
        return sign | infinity;
    }
    let unit = f64::from_bits(((exponent - mantissa_bits as i32 + 1023) as u64) << 52);
    // Division by a power of two is exact, so this rounds once; a carry moves into the exponent by itself.
    let steps = (magnitude / unit).round_ties_even() as u32;
    let below = ((exponent + bias - 1) as u32) << mantissa_bits;
    let bits = below + steps;
    sign | u16::try_from(bits).map_or(infinity, |b| b.min(infinity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_16_bit_number_survives() {
        for dtype in [DType::F16, DType::BF16] {
            for bits in 0..=u16::MAX {
                let value = widen(bits, dtype);
                if !value.is_nan() {
                    assert_eq!(narrow(value, dtype), bits, "{dtype:?} {bits:#06x} = {value}");
                }
            }
        }
    }

    #[test]
    fn ties_go_to_even_and_overflow_to_infinity() {
        let check = |x: f64, dtype, bits: u16| assert_eq!(narrow(x, dtype), bits, "{x} as {dtype:?}");
        check(1.0 + 0.5 / 1024.0, DType::F16, 0x3C00);
        check(1.0 + 1.5 / 1024.0, DType::F16, 0x3C02);
        check(65519.9, DType::F16, 0x7BFF);
        check(65520.0, DType::F16, 0x7C00);
        check(0.1, DType::BF16, 0x3DCD);
        check(1e300, DType::BF16, 0x7F80);
        check(-(2f64.powi(-25)), DType::F16, 0x8000);
        check(2f64.powi(-25) * 1.01, DType::F16, 0x0001);
    }
}
