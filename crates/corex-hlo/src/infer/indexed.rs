//! Operations that read or write at indices computed at run time.

use super::contract::reducer_takes;
use super::{Rule, ascending, distinct_below, ensure, one_per_dim, remaining};
use crate::ir::*;

pub(super) fn dynamic_slice(operands: &[&TensorType], sizes: &[usize]) -> Rule {
    let (x, starts) = operands.split_first().ok_or("takes an operand and its start indices")?;
    scalar_starts(starts, x.rank())?;
    one_per_dim("sizes", sizes.len(), x.rank())?;
    fits("the slice", sizes, &x.shape)?;
    Ok(TensorType::new(x.dtype, sizes))
}

pub(super) fn dynamic_update_slice(operands: &[&TensorType]) -> Rule {
    let [x, update, starts @ ..] = operands else {
        return Err("takes an operand, an update and start indices".to_owned());
    };
    scalar_starts(starts, x.rank())?;
    ensure(update.dtype == x.dtype && update.rank() == x.rank(), || {
        "operand and update differ in element type or rank".to_owned()
    })?;
    fits("the update", &update.shape, &x.shape)?;
    Ok((*x).clone())
}

fn scalar_starts(starts: &[&TensorType], rank: usize) -> Result<(), String> {
    one_per_dim("the list of start indices", starts.len(), rank)?;
    let uniform = starts.iter().all(|s| s.rank() == 0 && s.dtype.is_int() && s.dtype == starts[0].dtype);
    ensure(uniform, || "start indices must be integer scalars of one type".to_owned())
}

fn fits(what: &str, sizes: &[usize], shape: &[usize]) -> Result<(), String> {
    ensure(sizes.iter().zip(shape).all(|(s, d)| s <= d), || {
        format!("{what} {sizes:?} is larger than {shape:?}")
    })
}

/// Shape of the index tensor without the dimension that holds the index vectors, and the vectors' length.
/// A missing dimension (`index_vector_dim == rank`) stands for vectors of length 1.
fn index_vectors(indices: &TensorType, index_vector_dim: usize) -> Result<(Vec<usize>, usize), String> {
    ensure(indices.dtype.is_int(), || "indices must be integers".to_owned())?;
    ensure(index_vector_dim <= indices.rank(), || {
        format!("index_vector_dim {index_vector_dim} is beyond the rank of the indices")
    })?;
    let mut batch = indices.shape.clone();
    let length = if index_vector_dim < batch.len() { batch.remove(index_vector_dim) } else { 1 };
    Ok((batch, length))
}

/// The rules that gather and scatter share: which operand dimensions an index names, which are batched,
/// which do not appear in the window, and how the batched ones pair with dimensions of the indices.
fn indexing(
    x: &TensorType,
    indices: &TensorType,
    collapsed: &[usize],
    batching: &[usize],
    index_batching: &[usize],
    index_map: &[usize],
    index_vector_dim: usize,
    vector_length: usize,
) -> Result<(), String> {
    distinct_below(
        "collapsed (inserted) and batching dimensions",
        &[collapsed, batching].concat(),
        x.rank(),
    )?;
    ascending("the collapsed (inserted) dimensions", collapsed)?;
    ascending("the batching dimensions", batching)?;
    distinct_below("the index map and batching dimensions", &[index_map, batching].concat(), x.rank())?;
    ensure(index_map.len() == vector_length, || {
        format!("the index map has {} entries for index vectors of length {vector_length}", index_map.len())
    })?;
    distinct_below("the batching dimensions of the indices", index_batching, indices.rank())?;
    ensure(!index_batching.contains(&index_vector_dim), || "index_vector_dim cannot be batched".to_owned())?;
    let pairs_up = batching.len() == index_batching.len()
        && batching.iter().zip(index_batching).all(|(&b, &i)| x.shape[b] == indices.shape[i]);
    ensure(pairs_up, || "batching dimensions of operand and indices do not pair up".to_owned())
}

pub(super) fn gather(x: &TensorType, indices: &TensorType, g: &GatherDims) -> Rule {
    let (batch, vector_length) = index_vectors(indices, g.index_vector_dim)?;
    indexing(
        x,
        indices,
        &g.collapsed_slice_dims,
        &g.operand_batching_dims,
        &g.start_indices_batching_dims,
        &g.start_index_map,
        g.index_vector_dim,
        vector_length,
    )?;
    one_per_dim("slice_sizes", g.slice_sizes.len(), x.rank())?;
    fits("slice_sizes", &g.slice_sizes, &x.shape)?;
    let dropped = [&g.collapsed_slice_dims[..], &g.operand_batching_dims].concat();
    ensure(dropped.iter().all(|&d| g.slice_sizes[d] == 1), || {
        "collapsed and batching dimensions need slice size 1".to_owned()
    })?;
    let window: Vec<_> = remaining(x.rank(), &dropped).into_iter().map(|d| g.slice_sizes[d]).collect();
    Ok(TensorType::new(x.dtype, interleave("offset_dims", &g.offset_dims, &window, &batch)?))
}

pub(super) fn scatter(
    x: &TensorType,
    indices: &TensorType,
    updates: &TensorType,
    s: &ScatterDims,
    reducer: Reducer,
) -> Rule {
    reducer_takes(reducer, x.dtype)?;
    let (batch, vector_length) = index_vectors(indices, s.index_vector_dim)?;
    indexing(
        x,
        indices,
        &s.inserted_window_dims,
        &s.input_batching_dims,
        &s.scatter_indices_batching_dims,
        &s.scatter_dims_to_operand_dims,
        s.index_vector_dim,
        vector_length,
    )?;
    ensure(updates.dtype == x.dtype, || "operand and updates differ in element type".to_owned())?;
    let dropped = [&s.inserted_window_dims[..], &s.input_batching_dims].concat();
    let window_dims = remaining(x.rank(), &dropped);
    ensure(window_dims.len() == s.update_window_dims.len(), || {
        format!("update_window_dims must name {} dimension(s)", window_dims.len())
    })?;
    distinct_below("update_window_dims", &s.update_window_dims, updates.rank())?;
    let window: Vec<_> = s.update_window_dims.iter().map(|&d| updates.shape[d]).collect();
    let bounds: Vec<_> = window_dims.into_iter().map(|d| x.shape[d]).collect();
    fits("the window of the updates", &window, &bounds)?;
    let expected = interleave("update_window_dims", &s.update_window_dims, &window, &batch)?;
    ensure(updates.shape == expected, || format!("the updates must have the shape {expected:?}"))?;
    Ok(x.clone())
}

/// The shape in which the dimensions at `window_at` are the window's and the others the batch's, in order.
fn interleave(
    what: &str,
    window_at: &[usize],
    window: &[usize],
    batch: &[usize],
) -> Result<Vec<usize>, String> {
    let rank = window.len() + batch.len();
    ensure(window_at.len() == window.len(), || format!("{what} must name {} dimension(s)", window.len()))?;
    distinct_below(what, window_at, rank)?;
    ascending(what, window_at)?;
    let (mut window, mut batch) = (window.iter(), batch.iter());
    let next = |d| if window_at.contains(&d) { window.next() } else { batch.next() };
    let shape: Option<Vec<usize>> = (0..rank).map(next).map(Option::<&usize>::copied).collect();
    shape.ok_or_else(|| format!("{what} does not fit the rank {rank}"))
}
