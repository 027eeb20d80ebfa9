//! Operations that read or write at indices computed at run time.

use super::access::{axes, axis, copy, element, guard, place, sizes, strides, whole};
use super::form::*;
use super::{fold, scalar};
use crate::ir::*;

/// Operands: the tensor, then a scalar start per dimension.
pub(super) fn dynamic_slice(x: &TensorType, ty: &TensorType) -> Kind {
    let mut moved = whole(x, 0);
    for (d, axis) in moved.iter_mut().enumerate() {
        let most = Some((x.shape[d] - ty.shape[d]) as u64);
        axis.start = Some(Start { operand: 1 + d as u32, axes: Vec::new(), most, negative: false });
    }
    copy(ty, sizes(ty), vec![place(0, moved)])
}

/// Operands: the tensor, the update, then a scalar start per dimension.
pub(super) fn dynamic_update_slice(x: &TensorType, update: &TensorType) -> Kind {
    let mut moved = whole(update, 0);
    for (d, axis) in moved.iter_mut().enumerate() {
        let most = Some((x.shape[d] - update.shape[d]) as u64);
        axis.start = Some(Start { operand: 2 + d as u32, axes: Vec::new(), most, negative: true });
    }
    copy(x, sizes(x), vec![place(1, moved), place(0, whole(x, 0))])
}

/// How component `component` of an index vector is read from the indices, whose dimensions other than that of the
/// vectors are at `batch`.
fn index_axes(indices: &TensorType, vector_dim: usize, component: usize, batch: &[Affine]) -> Vec<Axis> {
    axes(indices, |d| match d.cmp(&vector_dim) {
        std::cmp::Ordering::Less => batch[d].clone(),
        std::cmp::Ordering::Equal => Affine::constant(component as i64),
        std::cmp::Ordering::Greater => batch[d - 1].clone(),
    })
}

/// Position of a dimension of the indices among those without the index vectors'.
fn batch_position(dim: usize, vector_dim: usize) -> usize {
    if dim < vector_dim { dim } else { dim - 1 }
}

fn without(rank: usize, dropped: &[&[usize]]) -> Vec<usize> {
    (0..rank).filter(|d| !dropped.iter().any(|dims| dims.contains(d))).collect()
}

pub(super) fn gather(x: &TensorType, indices: &TensorType, ty: &TensorType, g: &GatherDims) -> Kind {
    let batch_dims = without(ty.rank(), &[&g.offset_dims]);
    let batch: Vec<Affine> = batch_dims.iter().map(|&d| Affine::index(d)).collect();
    let window = without(x.rank(), &[&g.collapsed_slice_dims, &g.operand_batching_dims]);
    let mut moved = axes(x, |d| {
        if let Some(w) = window.iter().position(|&dim| dim == d) {
            return Affine::index(g.offset_dims[w]);
        }
        match g.operand_batching_dims.iter().position(|&dim| dim == d) {
            Some(b) => batch[batch_position(g.start_indices_batching_dims[b], g.index_vector_dim)].clone(),
            None => Affine::default(),
        }
    });
    for (component, &d) in g.start_index_map.iter().enumerate() {
        let axes = index_axes(indices, g.index_vector_dim, component, &batch);
        let most = Some((x.shape[d] - g.slice_sizes[d]) as u64);
        moved[d].start = Some(Start { operand: 1, axes, most, negative: false });
    }
    copy(ty, sizes(ty), vec![place(0, moved)])
}

/// How an element of a scatter's result finds the updates that may go to it: the sizes of the chain's indices, and the
/// place of the update. What is known of an update's index from where it goes is no part of the chain.
///
/// Operands: `n` tensors, the indices, `n` updates; these are the updates of tensor `q`. The place of the first ones is
/// a hole if the update goes elsewhere, which leaves out the step for all.
pub(super) fn updates(
    x: &TensorType,
    indices: &TensorType,
    updates: &TensorType,
    s: &ScatterDims,
    n: usize,
    q: usize,
) -> (Place, Vec<u64>) {
    let rank = x.rank();
    let window = without(rank, &[&s.inserted_window_dims, &s.input_batching_dims]);
    let batch_dims = without(updates.rank(), &[&s.update_window_dims]);
    let mut over = Vec::new();
    let mut at = vec![Affine::default(); updates.rank()];
    for (u, at) in at.iter_mut().enumerate() {
        let known = match s.update_window_dims.iter().position(|&dim| dim == u) {
            Some(w) => Some(window[w]).filter(|d| !s.scatter_dims_to_operand_dims.contains(d)),
            None => {
                let batched =
                    |&&dim: &&usize| batch_dims.get(batch_position(dim, s.index_vector_dim)) == Some(&u);
                let pair = s.scatter_indices_batching_dims.iter().position(|dim| batched(&dim));
                pair.map(|pair| s.input_batching_dims[pair])
            }
        };
        *at = Affine::index(known.unwrap_or(rank + over.len()));
        if known.is_none() {
            over.push(updates.shape[u] as u64);
        }
    }
    let strides = strides(&updates.shape);
    let mut found: Vec<Axis> =
        at.iter().enumerate().map(|(u, at)| axis(updates.shape[u], strides[u], at.clone())).collect();
    if q == 0 {
        let batch: Vec<Affine> = batch_dims.iter().map(|&u| at[u].clone()).collect();
        for d in (0..rank).filter(|d| !s.input_batching_dims.contains(d)) {
            let component = s.scatter_dims_to_operand_dims.iter().position(|&dim| dim == d);
            let start = component.map(|component| Start {
                operand: n as u32,
                axes: index_axes(indices, s.index_vector_dim, component, &batch),
                most: None,
                negative: true,
            });
            // The element's index is that of the update's place in its window plus the start.
            let mut rest = Affine::index(d);
            match window.iter().position(|&dim| dim == d) {
                Some(_) if start.is_none() => continue,
                Some(w) => {
                    let place = at[s.update_window_dims[w]].terms.iter();
                    rest.terms.extend(place.map(|&(index, coefficient)| (index, -coefficient)));
                }
                None => {}
            }
            found.push(guard(rest, start));
        }
    }
    (place(n + 1 + q, found), over)
}

/// f16 and bf16 are combined in f32 by a named function. For other types a body says the same and leaves elements
/// without updates as they are, whatever their bits.
pub(super) fn scatter(x: &TensorType, over: Vec<u64>, update: Place, reducer: Reducer) -> Kind {
    let combine = match fold::function(reducer) {
        Some(function) if x.dtype.is_float() && x.dtype != DType::F32 => Combine::Chain(function),
        Some(function) => Combine::Body(scalar::binary(function, x.dtype)),
        None => Combine::Body(Body { steps: Vec::new(), results: vec![1] }),
    };
    Kind::Fold(Fold {
        space: sizes(x),
        over,
        reads: vec![Read { dtype: x.dtype, places: vec![update] }],
        inits: vec![element(x.dtype, 0, whole(x, 0))],
        combine,
    })
}
