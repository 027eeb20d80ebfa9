//! `gather` and `scatter`, written after the StableHLO specification, with its names.

use corex_hlo::ir::{DType, GatherDims, Reducer, ScatterDims, TensorType};

use super::array::{Array, for_each_index, linear};
use super::body::Body;
use super::elementwise::{binary, convert, decode_int};
use super::fold::reducer_op;

/// Reads the index vector of batch position `batch` from `indices`.
fn index_vector(indices: &Array, index_vector_dim: usize, batch: &[usize]) -> Vec<i128> {
    let value = |at: &[usize]| decode_int(indices.dtype, indices.at(at));
    if index_vector_dim == indices.shape.len() {
        return vec![value(batch)];
    }
    let mut at = batch.to_vec();
    at.insert(index_vector_dim, 0);
    (0..indices.shape[index_vector_dim])
        .map(|i| {
            at[index_vector_dim] = i;
            value(&at)
        })
        .collect()
}

/// Position of an indices dimension among the batch dimensions (all but the index vector's).
fn batch_position(dim: usize, index_vector_dim: usize) -> usize {
    if dim < index_vector_dim { dim } else { dim - 1 }
}

/// Splits a result index into its coordinates on the window dimensions and on all others.
fn split(index: &[usize], window_dims: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let window = window_dims.iter().map(|d| index[*d]).collect();
    let batch = (0..index.len()).filter(|d| !window_dims.contains(d)).map(|d| index[d]).collect();
    (window, batch)
}

/// Spreads window coordinates over an operand's dimensions; those in `missing` get 0.
fn full_window(rank: usize, window: &[usize], missing: &[&[usize]]) -> Vec<usize> {
    let mut window = window.iter().copied();
    (0..rank)
        .map(|d| {
            let absent = missing.iter().any(|dims| dims.contains(&d));
            if absent { 0 } else { window.next().unwrap_or(0) }
        })
        .collect()
}

pub(super) fn gather(x: &Array, indices: &Array, ty: &TensorType, dims: &GatherDims) -> Array {
    let rank = x.shape.len();
    Array::build(ty, |index| {
        let (offset, batch) = split(index, &dims.offset_dims);
        let starts = index_vector(indices, dims.index_vector_dim, &batch);
        let mut at = full_window(rank, &offset, &[&dims.collapsed_slice_dims, &dims.operand_batching_dims]);
        for (start, d) in starts.iter().zip(&dims.start_index_map) {
            let last = (x.shape[*d] - dims.slice_sizes[*d]) as i128;
            at[*d] += (*start).clamp(0, last) as usize;
        }
        for (d, b) in dims.operand_batching_dims.iter().zip(&dims.start_indices_batching_dims) {
            at[*d] += batch[batch_position(*b, dims.index_vector_dim)];
        }
        x.at(&at)
    })
}

/// Updates are applied in ascending row-major order of the updates tensor; an update whose target is out of
/// bounds is skipped. f16 and bf16 are combined in f32, as if operand and updates were converted and the result
/// converted back. `None` if the reducer has no meaning on the type.
pub(super) fn scatter(
    x: &Array,
    indices: &Array,
    updates: &Array,
    dims: &ScatterDims,
    reducer: Reducer,
) -> Option<Array> {
    if x.dtype.is_float() && x.dtype != DType::F32 && reducer != Reducer::Assign {
        let (wide, wide_updates) = (converted(x, DType::F32), converted(updates, DType::F32));
        let result = scatter(&wide, indices, &wide_updates, dims, reducer)?;
        return Some(converted(&result, x.dtype));
    }
    let combine = |old: u64, new: u64| match reducer_op(reducer) {
        Some(op) => binary(op, x.dtype, old, new),
        None => Some(new),
    };
    let mut result = x.clone();
    let mut defined = true;
    for_each_target(&x.shape, indices, &updates.shape, dims, |at, index| {
        match combine(result.bits[at], updates.at(index)) {
            Some(value) => result.bits[at] = value,
            None => defined = false,
        }
    });
    defined.then_some(result)
}

/// `scatter` into several tensors with a body: old elements, then updates. No conversion takes place: the body
/// rounds after each of its operations.
pub(super) fn scatter_with(
    xs: &[&Array],
    indices: &Array,
    updates: &[&Array],
    dims: &ScatterDims,
    body: &mut Body,
) -> Vec<Array> {
    let mut results: Vec<Array> = xs.iter().map(|x| (*x).clone()).collect();
    for_each_target(&xs[0].shape, indices, &updates[0].shape, dims, |at, index| {
        let old = results.iter().map(|r| r.bits[at]);
        let args: Vec<u64> = old.chain(updates.iter().map(|u| u.at(index))).collect();
        let mut new = vec![0; xs.len()];
        body.run(&args, &mut new);
        results.iter_mut().zip(new).for_each(|(r, word)| r.bits[at] = word);
    });
    results
}

/// Calls `visit` with every update's target and index, ascending by index; those out of bounds are left out.
fn for_each_target(
    shape: &[usize],
    indices: &Array,
    updates: &[usize],
    dims: &ScatterDims,
    mut visit: impl FnMut(usize, &[usize]),
) {
    for_each_index(updates, |index| {
        let (window, batch) = split(index, &dims.update_window_dims);
        let starts = index_vector(indices, dims.index_vector_dim, &batch);
        let window =
            full_window(shape.len(), &window, &[&dims.inserted_window_dims, &dims.input_batching_dims]);
        let mut target: Vec<i128> = window.iter().map(|i| *i as i128).collect();
        for (start, d) in starts.iter().zip(&dims.scatter_dims_to_operand_dims) {
            target[*d] += start;
        }
        for (d, b) in dims.input_batching_dims.iter().zip(&dims.scatter_indices_batching_dims) {
            target[*d] += batch[batch_position(*b, dims.index_vector_dim)] as i128;
        }
        if target.iter().zip(shape).all(|(i, size)| (0..*size as i128).contains(i)) {
            let target: Vec<usize> = target.iter().map(|i| *i as usize).collect();
            visit(linear(shape, &target), index);
        }
    });
}

fn converted(x: &Array, dtype: DType) -> Array {
    let bits = x.bits.iter().map(|v| convert(x.dtype, dtype, *v)).collect();
    Array { dtype, shape: x.shape.clone(), bits }
}
