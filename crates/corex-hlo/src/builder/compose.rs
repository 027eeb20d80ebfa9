//! Short forms for what programs write again and again; each stands for the few operations its body shows.

use super::literal::Element;
use super::{Dot, FuncBuilder};
use crate::ir::*;

/// See [`FuncBuilder::softmax_parts`].
#[derive(Debug, Clone, Copy)]
pub struct SoftmaxParts {
    /// e^(x - max), of x's shape.
    pub exp: ValueId,
    /// Sum of `exp` over the dimension.
    pub sum: ValueId,
    /// Maximum of x over the dimension.
    pub max: ValueId,
}

impl FuncBuilder {
    /// A scalar constant, e.g. `b.scalar(0.5f32)` or `b.scalar(3u32)`.
    pub fn scalar(&mut self, value: impl Element) -> ValueId {
        self.constant(Literal::splat(value, []))
    }

    /// A constant tensor whose elements are all `value`.
    pub fn full(&mut self, value: impl Element, shape: &[usize]) -> ValueId {
        self.constant(Literal::splat(value, shape))
    }

    /// Zeros of x's type.
    pub fn zeros_like(&mut self, x: ValueId) -> ValueId {
        let ty = self.ty(x).clone();
        self.constant(Literal::zeros(ty))
    }

    /// Ones of x's type.
    pub fn ones_like(&mut self, x: ValueId) -> ValueId {
        let ty = self.ty(x).clone();
        self.constant(Literal::ones(ty))
    }

    /// The f32 `value` in x's float type and shape.
    pub fn full_like(&mut self, x: ValueId, value: f32) -> ValueId {
        let TensorType { dtype, shape } = self.ty(x).clone();
        let value = self.full(value, &shape);
        if dtype == DType::F32 { value } else { self.convert(value, dtype) }
    }

    /// x × value
    pub fn scale(&mut self, x: ValueId, value: f32) -> ValueId {
        let value = self.full_like(x, value);
        self.mul(x, value)
    }

    /// x + value
    pub fn offset(&mut self, x: ValueId, value: f32) -> ValueId {
        let value = self.full_like(x, value);
        self.add(x, value)
    }

    /// A scalar repeated to a shape.
    pub fn fill(&mut self, scalar: ValueId, shape: &[usize]) -> ValueId {
        if shape.is_empty() { scalar } else { self.broadcast(scalar, shape, &[]) }
    }

    /// x, whose dimensions are the last ones of `shape`, repeated along the leading ones.
    pub fn broadcast_trailing(&mut self, x: ValueId, shape: &[usize]) -> ValueId {
        let rank = self.ty(x).rank();
        let dims: Vec<_> = (shape.len().saturating_sub(rank)..shape.len()).collect();
        self.broadcast(x, shape, &dims)
    }

    /// Undoes the loss of rank of a reduction over `dims`: x repeated along `dims` of `shape`.
    pub fn broadcast_over(&mut self, x: ValueId, shape: &[usize], dims: &[usize]) -> ValueId {
        let kept: Vec<_> = (0..shape.len()).filter(|d| !dims.contains(d)).collect();
        self.broadcast(x, shape, &kept)
    }

    /// Sum over dimensions (ascending).
    pub fn reduce_sum(&mut self, x: ValueId, dims: &[usize]) -> ValueId {
        let zero = self.constant(Literal::zeros(TensorType::scalar(self.ty(x).dtype)));
        self.reduce(x, zero, dims, Reducer::Add)
    }

    /// Mean over dimensions (ascending) of a float tensor: the sum times 1/n.
    pub fn reduce_mean(&mut self, x: ValueId, dims: &[usize]) -> ValueId {
        let count: usize = dims.iter().map(|&d| self.dim(x, d)).product();
        let sum = self.reduce_sum(x, dims);
        self.scale(sum, 1.0 / count as f32)
    }

    /// Maximum over dimensions (ascending) of an f32 tensor, from -infinity.
    pub fn reduce_max(&mut self, x: ValueId, dims: &[usize]) -> ValueId {
        let lowest = self.scalar(f32::NEG_INFINITY);
        self.reduce(x, lowest, dims, Reducer::Max)
    }

    /// `[m, k] × [k, n]`
    pub fn matmul(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.dot_general(a, b, Dot::contract(&[1], &[0]))
    }

    /// The parts of a softmax over one dimension of an f32 tensor: `e^(x - max)`, and per remaining index the
    /// sum of these and the max. The maximum only guards against overflow and is held constant, since any
    /// shift cancels out.
    pub fn softmax_parts(&mut self, x: ValueId, dim: usize) -> SoftmaxParts {
        let shape = self.shape(x);
        let max = self.reduce_max(x, &[dim]);
        self.hold_constant(max);
        let shift = self.broadcast_over(max, &shape, &[dim]);
        let shifted = self.sub(x, shift);
        let exp = self.exp(shifted);
        let sum = self.reduce_sum(exp, &[dim]);
        SoftmaxParts { exp, sum, max }
    }

    /// softmax over one dimension of an f32 tensor. One division per sum instead of one per element. Its derivative needs
    /// nothing but the result: `y (ct - Σ ct y)`.
    pub fn softmax(&mut self, x: ValueId, dim: usize) -> ValueId {
        let shape = self.shape(x);
        let SoftmaxParts { exp, sum, .. } = self.softmax_parts(x, dim);
        let one = self.ones_like(sum);
        let inverse = self.div(one, sum);
        let inverse = self.broadcast_over(inverse, &shape, &[dim]);
        let y = self.mul(exp, inverse);
        self.custom_gradient(y, x, move |b, ct| b.softmax_gradient(y, ct, dim));
        y
    }

    /// What a softmax `y` over one dimension makes of the cotangent `ct`.
    pub fn softmax_gradient(&mut self, y: ValueId, ct: ValueId, dim: usize) -> ValueId {
        let shape = self.shape(y);
        let weighted = self.mul(ct, y);
        let mean = self.reduce_sum(weighted, &[dim]);
        let mean = self.broadcast_over(mean, &shape, &[dim]);
        let difference = self.sub(ct, mean);
        self.mul(y, difference)
    }

    /// ln Σ e^x over one dimension of an f32 tensor.
    pub fn log_sum_exp(&mut self, x: ValueId, dim: usize) -> ValueId {
        let SoftmaxParts { sum, max, .. } = self.softmax_parts(x, dim);
        let log = self.log(sum);
        self.add(log, max)
    }

    /// Rows of a matrix: `table[V, W]`, `indices[..]` (integers) -> `[.., W]`.
    pub fn take_rows(&mut self, table: ValueId, indices: ValueId) -> ValueId {
        let width = self.dim(table, 1);
        let rank = self.ty(indices).rank();
        let dims = GatherDims {
            offset_dims: vec![rank],
            collapsed_slice_dims: vec![0],
            start_index_map: vec![0],
            index_vector_dim: rank,
            slice_sizes: vec![1, width],
            ..GatherDims::default()
        };
        self.gather(table, indices, dims)
    }

    /// Elements `start..limit` of one dimension, all of the others.
    pub fn slice_dim(&mut self, x: ValueId, dim: usize, start: usize, limit: usize) -> ValueId {
        let (mut from, mut to) = (vec![0; self.ty(x).rank()], self.shape(x));
        if let (Some(f), Some(t)) = (from.get_mut(dim), to.get_mut(dim)) {
            (*f, *t) = (start, limit);
        }
        self.slice(x, &from, &to)
    }
}
