//! Constants as MLIR writes them.

use std::fmt::Write;

use crate::ir::*;
use crate::parse::half;

/// Constants of more elements are written as the hexadecimal dump of their bytes, as MLIR does.
const MAX_LISTED: usize = 100;

/// `dense<…> : type`.
pub(super) fn literal(out: &mut String, literal: &Literal) {
    let ty = &literal.ty;
    out.push_str("dense<");
    match &literal.data {
        _ if ty.shape.contains(&0) => {}
        LiteralData::Splat(bytes) => element(out, ty.dtype, bytes),
        // i1 is always listed: MLIR has changed how it packs them.
        LiteralData::Dense(bytes) if ty.elements() > MAX_LISTED && ty.dtype != DType::I1 => {
            hex_dump(out, bytes)
        }
        LiteralData::Dense(bytes) => list(out, ty, bytes),
    }
    let _ = write!(out, "> : {ty}");
}

fn hex_dump(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.reserve(2 * bytes.len() + 4);
    out.push_str("\"0x");
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out.push('"');
}

/// Brackets open before and close after every full row, plane, …
fn list(out: &mut String, ty: &TensorType, bytes: &[u8]) {
    // Elements of one item at each nesting level, outermost first; all are at least 1 here.
    let blocks: Vec<usize> = (0..ty.rank()).map(|d| ty.shape[d..].iter().product()).collect();
    for (i, bytes) in bytes.chunks(ty.dtype.size()).enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        blocks.iter().filter(|&&block| i % block == 0).for_each(|_| out.push('['));
        element(out, ty.dtype, bytes);
        blocks.iter().filter(|&&block| (i + 1) % block == 0).for_each(|_| out.push(']'));
    }
}

/// One element from its little-endian bytes.
fn element(out: &mut String, dtype: DType, bytes: &[u8]) {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    let bits = u64::from_le_bytes(wide);
    // Writing to a string cannot fail.
    let _ = match dtype {
        DType::I1 => write!(out, "{}", bits != 0),
        DType::I8 => write!(out, "{}", bits as i8),
        DType::I16 => write!(out, "{}", bits as i16),
        DType::I32 => write!(out, "{}", bits as i32),
        DType::I64 => write!(out, "{}", bits as i64),
        DType::U8 | DType::U16 | DType::U32 | DType::U64 => write!(out, "{bits}"),
        DType::F32 => {
            let value = f32::from_bits(bits as u32);
            match scientific(f64::from(value)) {
                Some(text) if text.parse::<f32>().map(f32::to_bits) == Ok(bits as u32) => {
                    write!(out, "{text}")
                }
                _ => write!(out, "0x{bits:08X}"),
            }
        }
        DType::F16 | DType::BF16 => {
            let survives = |text: &String| text.parse().is_ok_and(|x| half::narrow(x, dtype) == bits as u16);
            match scientific(half::widen(bits as u16, dtype)).filter(survives) {
                Some(text) => write!(out, "{text}"),
                None => write!(out, "0x{bits:04X}"),
            }
        }
    };
}

/// `1.500000e+00`: C's `%e`, unless infinite or not a number.
fn scientific(value: f64) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let text = format!("{value:.6e}");
    let (mantissa, exponent) = text.split_once('e')?;
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    Some(format!("{mantissa}e{sign}{digits:0>2}"))
}
