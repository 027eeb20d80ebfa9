//! Derivatives of operations at computed indices: reading becomes adding, writing becomes reading.

use super::movement::zero_scalar;
use super::{Contributions, Step};
use crate::builder::FuncBuilder;
use crate::ir::*;

impl Step<'_> {
    pub(super) fn dynamic_slice(&self, b: &mut FuncBuilder) -> Contributions {
        let mut contributions = vec![None; self.operands.len()];
        let zeros = b.zeros_like(self.operands[0]);
        contributions[0] = Some(b.dynamic_update_slice(zeros, self.cotangent, &self.operands[1..]));
        contributions
    }

    pub(super) fn dynamic_update_slice(&self, b: &mut FuncBuilder) -> Contributions {
        let mut contributions = vec![None; self.operands.len()];
        let (update, starts) = (self.operands[1], &self.operands[2..]);
        contributions[0] = self.when(0, || {
            let zeros = b.zeros_like(update);
            b.dynamic_update_slice(self.cotangent, zeros, starts)
        });
        let sizes = b.shape(update);
        contributions[1] = self.when(1, || b.dynamic_slice(self.cotangent, starts, &sizes));
        contributions
    }

    pub(super) fn gather(&self, b: &mut FuncBuilder, g: &GatherDims) -> Contributions {
        let (x, indices) = (self.operands[0], self.operands[1]);
        let shape = b.shape(x);
        let last: Vec<_> = g.start_index_map.iter().map(|&d| shape[d] - g.slice_sizes[d]).collect();
        // gather clamps its indices, scatter drops updates out of bounds: clamp first.
        let clamped = clamp_indices(b, indices, g.index_vector_dim, &last);
        let zeros = b.zeros_like(x);
        let dims = ScatterDims {
            update_window_dims: g.offset_dims.clone(),
            inserted_window_dims: g.collapsed_slice_dims.clone(),
            input_batching_dims: g.operand_batching_dims.clone(),
            scatter_indices_batching_dims: g.start_indices_batching_dims.clone(),
            scatter_dims_to_operand_dims: g.start_index_map.clone(),
            index_vector_dim: g.index_vector_dim,
        };
        vec![Some(b.scatter(zeros, clamped, self.cotangent, dims, Reducer::Add)), None]
    }

    pub(super) fn scatter(&self, b: &mut FuncBuilder, s: &ScatterDims, reducer: Reducer) -> Contributions {
        let (x, indices, updates) = (self.operands[0], self.operands[1], self.operands[2]);
        let ct = self.cotangent;
        if reducer != Reducer::Add {
            return self.not_differentiable(b, " with a body other than add");
        }
        let by_operand = self.when(0, || ct);
        if !self.wants(2) {
            return vec![by_operand, None, None];
        }
        let (shape, update_shape) = (b.shape(x), b.shape(updates));
        let absent = |d: &usize| s.inserted_window_dims.contains(d) || s.input_batching_dims.contains(d);
        let mut window = s.update_window_dims.iter();
        let slice_sizes: Vec<_> = (0..shape.len())
            .map(|d| if absent(&d) { 1 } else { window.next().map_or(1, |&w| update_shape[w]) })
            .collect();
        // A wider window may hang over the edge, and lose only some of its elements.
        if s.scatter_dims_to_operand_dims.iter().any(|&d| slice_sizes[d] != 1) {
            return self.not_differentiable(b, " of windows wider than 1 along an indexed dimension");
        }
        let dims = GatherDims {
            offset_dims: s.update_window_dims.clone(),
            collapsed_slice_dims: s.inserted_window_dims.clone(),
            operand_batching_dims: s.input_batching_dims.clone(),
            start_indices_batching_dims: s.scatter_indices_batching_dims.clone(),
            start_index_map: s.scatter_dims_to_operand_dims.clone(),
            index_vector_dim: s.index_vector_dim,
            slice_sizes,
        };
        let read = b.gather(ct, indices, dims);
        // Dropped updates do not count.
        let sizes: Vec<_> = s.scatter_dims_to_operand_dims.iter().map(|&d| shape[d]).collect();
        let applied = in_bounds(b, indices, s.index_vector_dim, &sizes);
        let batch_dims: Vec<_> =
            (0..update_shape.len()).filter(|d| !s.update_window_dims.contains(d)).collect();
        let applied = b.broadcast(applied, &update_shape, &batch_dims);
        let zero = zero_scalar(b, ct);
        let zeros = b.fill(zero, &update_shape);
        vec![by_operand, None, Some(b.select(applied, read, zeros))]
    }
}

/// The largest value of an integer type.
fn largest(dtype: DType) -> u64 {
    let bits = 8 * dtype.size() as u32 - u32::from(dtype.is_signed_int());
    u64::MAX >> (64 - bits)
}

/// A constant of the indices' type and shape whose entry for component `k` of every index vector is `values[k]`.
/// Values above the type's largest become that.
fn per_component(b: &mut FuncBuilder, indices: ValueId, vector_dim: usize, values: &[usize]) -> ValueId {
    let TensorType { dtype, shape } = b.ty(indices).clone();
    let bytes = |v: usize| (v as u64).min(largest(dtype)).to_le_bytes()[..dtype.size()].to_vec();
    if let [value] = values {
        return b
            .constant(Literal { ty: TensorType { dtype, shape }, data: LiteralData::Splat(bytes(*value)) });
    }
    let data = LiteralData::Dense(values.iter().flat_map(|&v| bytes(v)).collect());
    let row = b.constant(Literal { ty: TensorType::new(dtype, [values.len()]), data });
    b.broadcast(row, &shape, &[vector_dim])
}

/// Index vectors whose component `k` lies in `0..=last[k]`.
fn clamp_indices(b: &mut FuncBuilder, indices: ValueId, vector_dim: usize, last: &[usize]) -> ValueId {
    let dtype = b.ty(indices).dtype;
    let cannot_exceed = last.iter().all(|&l| largest(dtype) <= l as u64);
    if last.is_empty() || (cannot_exceed && !dtype.is_signed_int()) {
        return indices;
    }
    let zero = b.zeros_like(indices);
    let last = per_component(b, indices, vector_dim, last);
    b.clamp(zero, indices, last)
}

/// Per index vector: whether every component `k` lies in `0..sizes[k]`.
fn in_bounds(b: &mut FuncBuilder, indices: ValueId, vector_dim: usize, sizes: &[usize]) -> ValueId {
    if sizes.contains(&0) {
        let mut shape = b.shape(indices);
        if vector_dim < shape.len() {
            shape.remove(vector_dim);
        }
        return b.full(false, &shape);
    }
    let zero = b.zeros_like(indices);
    let last: Vec<_> = sizes.iter().map(|s| s - 1).collect();
    let last = per_component(b, indices, vector_dim, &last);
    let (above, below) = (b.ge(indices, zero), b.compare(CompareDir::Le, indices, last));
    let inside = b.and(above, below);
    if vector_dim == b.ty(indices).rank() {
        return inside;
    }
    let yes = b.scalar(true);
    b.reduce(inside, yes, &[vector_dim], Reducer::And)
}
