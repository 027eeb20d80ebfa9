//! The interpreter's arrays: one 64-bit word of raw bits per element, whatever the element type.

use std::sync::Arc;

use corex_hlo::ir::{DType, Literal, LiteralData, TensorType};

use crate::buffer::Buffer;
use crate::error::EngineError;
use crate::tensor::Tensor;

/// An array of raw element bits, zero-extended, row-major.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Array {
    pub dtype: DType,
    pub shape: Vec<usize>,
    pub bits: Vec<u64>,
}

impl Array {
    /// Computes every element from its index vector.
    pub fn build(ty: &TensorType, mut element: impl FnMut(&[usize]) -> u64) -> Self {
        let mut bits = Vec::with_capacity(ty.elements());
        for_each_index(&ty.shape, |index| bits.push(element(index)));
        Self { dtype: ty.dtype, shape: ty.shape.clone(), bits }
    }

    /// The element at an index vector, which must be within the shape.
    pub fn at(&self, index: &[usize]) -> u64 {
        self.bits[linear(&self.shape, index)]
    }

    pub fn from_tensor(tensor: &Tensor) -> Self {
        Self::from_bytes(tensor.ty(), tensor.bytes())
    }

    /// The elements of a blob of that type.
    pub fn from_bytes(ty: &TensorType, bytes: &[u8]) -> Self {
        let bits = bytes.chunks_exact(ty.dtype.size()).map(word).collect();
        Self { dtype: ty.dtype, shape: ty.shape.clone(), bits }
    }

    pub fn from_literal(literal: &Literal) -> Self {
        let ty = &literal.ty;
        let bits = match &literal.data {
            LiteralData::Splat(one) => vec![word(one); ty.elements()],
            LiteralData::Dense(all) => all.chunks_exact(ty.dtype.size()).map(word).collect(),
        };
        Self { dtype: ty.dtype, shape: ty.shape.clone(), bits }
    }

    pub fn to_tensor(&self) -> Result<Tensor, EngineError> {
        let size = self.dtype.size();
        let mut buffer = Buffer::zeroed(self.bits.len() * size)?;
        for (bytes, word) in buffer.bytes_mut().chunks_exact_mut(size).zip(&self.bits) {
            bytes.copy_from_slice(&word.to_le_bytes()[..size]);
        }
        Ok(Tensor::from_buffer(TensorType::new(self.dtype, self.shape.clone()), Arc::new(buffer)))
    }
}

/// Little-endian bytes (at most 8) as a word.
fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Position of an index vector in row-major order.
pub(crate) fn linear(shape: &[usize], index: &[usize]) -> usize {
    shape.iter().zip(index).fold(0, |at, (dim, i)| at * dim + i)
}

/// Calls `visit` with every index vector of `shape`, in ascending row-major order.
pub(crate) fn for_each_index(shape: &[usize], mut visit: impl FnMut(&[usize])) {
    if shape.contains(&0) {
        return;
    }
    let mut index = vec![0; shape.len()];
    loop {
        visit(&index);
        // Count up like an odometer; done when the outermost digit overflows.
        let Some(dim) = (0..shape.len()).rev().find(|d| index[*d] + 1 < shape[*d]) else { return };
        index[dim] += 1;
        index[dim + 1..].fill(0);
    }
}
