//! Constants: `dense<…> : tensor<…>` in all spellings.

use super::cursor::{Cursor, shorten};
use super::half;
use crate::error::HloError;
use crate::ir::*;

impl Cursor<'_> {
    /// `dense<…> : tensor<…>`. The literal comes back normalised: equal elements are a splat.
    pub(super) fn dense(&mut self) -> Result<Literal, HloError> {
        self.expect_word("dense")?;
        if !self.at(b'<') {
            return Err(self.expected("`<` after `dense`"));
        }
        // What the elements are depends on the type, which comes later: find the end, read the type, go back.
        let from = self.end;
        let rest = self.rest(from);
        let blank = rest.len() - rest.trim_start().len();
        let inside = match rest[blank..].strip_prefix('"') {
            Some(quoted) => {
                let hex = quoted.split('"').next().unwrap_or_default();
                &rest[..(blank + 1 + hex.len() + 1).min(rest.len())]
            }
            None => rest.split('>').next().unwrap_or_default(),
        };
        self.jump(from + inside.len())?;
        self.expect(b'>')?;
        self.expect(b':')?;
        let ty = self.tensor_type()?;
        let data = decode(inside, &ty).map_err(|message| self.error_at(from, message))?;
        Ok(Literal { ty, data }.normalised())
    }
}

fn decode(text: &str, ty: &TensorType) -> Result<LiteralData, String> {
    let text = text.trim();
    if let Some(quoted) = text.strip_prefix('"') {
        return blob(quoted.trim_end_matches('"'), ty);
    }
    if text.starts_with('[') {
        return nested(text, ty).map(LiteralData::Dense);
    }
    if text.is_empty() {
        return match ty.elements() {
            0 => Ok(LiteralData::Dense(Vec::new())),
            n => Err(format!("no elements for a {ty}, which has {n}")),
        };
    }
    let mut bytes = Vec::new();
    scalar(text, ty.dtype, &mut bytes)?;
    Ok(LiteralData::Splat(bytes))
}

/// `[[1, 2], [3, 4]]`: one level of brackets per dimension. A loop, not recursion: depth comes from the text.
fn nested(text: &str, ty: &TensorType) -> Result<Vec<u8>, String> {
    let mismatch = || format!("the brackets do not have the shape of a {ty}");
    let mut bytes = Vec::new();
    // How many items each open bracket holds so far, outermost first.
    let mut open: Vec<usize> = Vec::new();
    let mut rest = text;
    let mut after_item = false;
    loop {
        rest = rest.trim_start();
        let first = rest.chars().next().ok_or_else(mismatch)?;
        match first {
            '[' if !after_item => {
                if open.len() == ty.rank() {
                    return Err(mismatch());
                }
                open.push(0);
                rest = &rest[1..];
            }
            ']' => {
                let size = open.pop().ok_or_else(mismatch)?;
                if size != ty.shape[open.len()] || (!after_item && size > 0) {
                    return Err(mismatch());
                }
                rest = &rest[1..];
                match open.last_mut() {
                    Some(outer) => *outer += 1,
                    None if rest.trim().is_empty() => return Ok(bytes),
                    None => return Err(mismatch()),
                }
                after_item = true;
            }
            ',' if after_item => {
                after_item = false;
                rest = &rest[1..];
            }
            _ if !after_item && open.len() == ty.rank() => {
                let end = rest.find([',', ']', '[']).unwrap_or(rest.len());
                scalar(rest[..end].trim_end(), ty.dtype, &mut bytes)?;
                *open.last_mut().ok_or_else(mismatch)? += 1;
                rest = &rest[end..];
                after_item = true;
            }
            _ => return Err(mismatch()),
        }
    }
}

/// `0x…`: the raw bytes, little-endian, row-major.
fn blob(hex: &str, ty: &TensorType) -> Result<LiteralData, String> {
    let digits = hex.strip_prefix("0x").ok_or("a constant in quotes must start with 0x")?.as_bytes();
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    let bytes: Option<Vec<u8>> = digits
        .chunks(2)
        .map(|pair| match *pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect();
    let bytes = bytes.ok_or("a constant in quotes must be pairs of hexadecimal digits")?;
    let (n, size) = (ty.elements(), ty.dtype.size());
    let bits = |bytes: &[u8]| (0..n).map(|i| bytes[i / 8] >> (i % 8) & 1).collect();
    match bytes.len() {
        len if len == n * size && ty.dtype == DType::I1 => {
            Ok(LiteralData::Dense(bytes.iter().map(|&b| u8::from(b != 0)).collect()))
        }
        len if len == n * size => Ok(LiteralData::Dense(bytes)),
        // Older MLIR packs eight i1 into a byte; its splat is the byte 00 or FF.
        1 if ty.dtype == DType::I1 && matches!(bytes[0], 0 | 0xFF) => {
            Ok(LiteralData::Splat(vec![bytes[0] & 1]))
        }
        len if ty.dtype == DType::I1 && len == n.div_ceil(8) => Ok(LiteralData::Dense(bits(&bytes))),
        len if ty.dtype != DType::I1 && len == size => Ok(LiteralData::Splat(bytes)),
        len => Err(format!("{len} bytes do not fill a {ty}")),
    }
}

/// One element, appended as little-endian bytes.
fn scalar(text: &str, dtype: DType, out: &mut Vec<u8>) -> Result<(), String> {
    let bad = || format!("`{}` is not a constant of type {}", shorten(text), dtype.name());
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(magnitude) => (true, magnitude),
        None => (false, text),
    };
    let hex = magnitude.strip_prefix("0x");
    let width = 8 * dtype.size() as u32;
    if dtype == DType::I1 {
        out.push(match text {
            "true" | "1" => 1,
            "false" | "0" => 0,
            _ => return Err(bad()),
        });
    } else if dtype.is_int() {
        let value = match hex {
            Some(digits) => unsigned(digits, 16),
            None => unsigned(magnitude, 10),
        };
        let value = i128::from(value.ok_or_else(bad)?);
        let value = if negative { -value } else { value };
        let signed_min = if dtype.is_signed_int() { -(1 << (width - 1)) } else { 0 };
        // A hexadecimal integer is a bit pattern, so its top bit may be set.
        let max_bits = if dtype.is_signed_int() && hex.is_none() { width - 1 } else { width };
        if value < signed_min || value >= 1 << max_bits {
            return Err(bad());
        }
        out.extend_from_slice(&value.to_le_bytes()[..dtype.size()]);
    } else {
        let bits = match hex {
            Some(digits) if !negative => unsigned(digits, 16).filter(|&b| width == 64 || b >> width == 0),
            Some(_) => None,
            None => decimal(text, magnitude, dtype),
        };
        out.extend_from_slice(&bits.ok_or_else(bad)?.to_le_bytes()[..dtype.size()]);
    }
    Ok(())
}

/// Digits only, unlike `from_str_radix`, which accepts a sign.
fn unsigned(digits: &str, radix: u32) -> Option<u64> {
    if digits.starts_with('+') { None } else { u64::from_str_radix(digits, radix).ok() }
}

/// Bits of a decimal float; `None` if it is malformed or larger than the largest finite number.
///
/// f32 is rounded once; f16 and bf16 by way of f64, as MLIR does.
fn decimal(text: &str, magnitude: &str, dtype: DType) -> Option<u64> {
    // Rust would also accept `inf`, `nan` and `.5`.
    if !magnitude.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let DType::F32 = dtype {
        let value: f32 = text.parse().ok()?;
        return value.is_finite().then(|| u64::from(value.to_bits()));
    }
    let bits = half::narrow(text.parse().ok()?, dtype);
    half::widen(bits, dtype).is_finite().then_some(u64::from(bits))
}
