//! Constants from Rust values.

use crate::ir::*;

impl Literal {
    /// A tensor whose elements are all `value`.
    pub fn splat(value: impl Element, shape: impl Into<Vec<usize>>) -> Self {
        let mut bytes = Vec::new();
        value.push_le(&mut bytes);
        Self { ty: TensorType::new(value.dtype(), shape), data: LiteralData::Splat(bytes) }
    }

    /// A tensor of these elements, row-major. Their number is checked when the constant is added.
    pub fn dense<E: Element + Default>(values: &[E], shape: impl Into<Vec<usize>>) -> Self {
        let mut bytes = Vec::new();
        values.iter().for_each(|v| v.push_le(&mut bytes));
        let dtype = E::default().dtype();
        Self { ty: TensorType::new(dtype, shape), data: LiteralData::Dense(bytes) }
    }

    /// A tensor of `dtype` whose elements are all 0 (false).
    pub fn zeros(ty: TensorType) -> Self {
        let data = LiteralData::Splat(vec![0; ty.dtype.size()]);
        Self { ty, data }
    }

    /// A tensor of `ty` whose elements are all 1 (true).
    pub fn ones(ty: TensorType) -> Self {
        let mut one = match ty.dtype {
            DType::F32 => 1f32.to_le_bytes().to_vec(),
            DType::F16 => 0x3C00u16.to_le_bytes().to_vec(),
            DType::BF16 => 0x3F80u16.to_le_bytes().to_vec(),
            _ => vec![1],
        };
        one.resize(ty.dtype.size(), 0);
        Self { ty, data: LiteralData::Splat(one) }
    }
}

/// A Rust value that is one element of a tensor.
pub trait Element: Copy {
    /// Its element type.
    fn dtype(self) -> DType;
    /// Appends its little-endian bytes.
    fn push_le(self, out: &mut Vec<u8>);
}

macro_rules! element {
    ($($rust:ty => $dtype:ident),*) => {$(
        impl Element for $rust {
            fn dtype(self) -> DType {
                DType::$dtype
            }
            fn push_le(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}

element!(f32 => F32, i8 => I8, i16 => I16, i32 => I32, i64 => I64, u8 => U8, u16 => U16, u32 => U32, u64 => U64);

impl Element for bool {
    fn dtype(self) -> DType {
        DType::I1
    }
    fn push_le(self, out: &mut Vec<u8>) {
        out.push(u8::from(self));
    }
}
