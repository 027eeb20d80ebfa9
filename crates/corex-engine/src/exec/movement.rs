//! Nodes that move elements to places that strides alone cannot express.

use corex_hlo::ir::{BinaryOp, DType, GatherDims, Reducer, ScatterDims};
use corex_num::scalar;

use super::kernel::{read_word, write_word};
use super::memory::Memory;
use super::strided::{self, CopyDim};
use super::team::Rank;
use super::view::{BufferId, View, dense_strides};
use crate::reference;

/// Copies a view into a strided part of a buffer that starts at element `at`.
pub(super) unsafe fn place(
    memory: &Memory,
    x: &View,
    size: usize,
    out: BufferId,
    at: usize,
    strides: &[isize],
) {
    if x.elements() == 0 {
        return;
    }
    let dims: Vec<CopyDim> =
        x.shape.iter().zip(&x.strides).zip(strides).map(|((n, from), to)| (*n, *from, *to)).collect();
    // SAFETY: the caller's promise: view and target lie within their buffers.
    unsafe { strided::copy(size, memory.at(x.buffer, x.offset, size), memory.at(out, at, size), &dims) }
}

/// Copies a view row-major in units of the smaller element of the two: the larger one is several of them.
///
/// # Safety
/// See [`concatenate`]. Called by one thread.
pub(super) unsafe fn bitcast(memory: &Memory, x: &View, from: DType, size: usize, out: BufferId) {
    let unit = size.min(from.size());
    let parts = from.size() / unit;
    let mut pieces = x.clone();
    pieces.offset *= parts;
    pieces.strides.iter_mut().for_each(|stride| *stride *= parts as isize);
    pieces.shape.push(parts);
    pieces.strides.push(1);
    // SAFETY: the caller's promise; memory is little-endian here, as the law numbers the parts.
    unsafe { place(memory, &pieces, unit, out, 0, &dense_strides(&pieces.shape)) }
}

/// Copies a view into a result of the same shape, unless the two share their bytes.
///
/// # Safety
/// See [`concatenate`].
pub(super) unsafe fn initialise(memory: &Memory, x: &View, size: usize, out: BufferId) {
    if memory.addresses[x.buffer] != memory.addresses[out] {
        // SAFETY: the caller's promise.
        unsafe { place(memory, x, size, out, 0, &dense_strides(&x.shape)) }
    }
}

/// Position of an index vector under dense strides.
fn offset(index: &[usize], strides: &[isize]) -> usize {
    index.iter().zip(strides).map(|(i, s)| i * s.unsigned_abs()).sum()
}

/// Parts are dealt out to the threads in turn. Those that were made where they lie in the result are there already.
///
/// # Safety
/// As [`super::dot::run`]; so for all functions of this module.
pub(super) unsafe fn concatenate(
    memory: &Memory,
    parts: &[View],
    size: usize,
    shape: &[usize],
    dim: usize,
    out: BufferId,
    rank: Rank,
) {
    let strides = dense_strides(shape);
    let mut start = 0;
    for (i, part) in parts.iter().enumerate() {
        if i % rank.team == rank.rank {
            let at = start * strides[dim].unsigned_abs();
            // SAFETY: verified: the parts' sizes add up to the result's.
            unsafe {
                if memory.at(part.buffer, part.offset, size) != memory.at(out, at, size) {
                    place(memory, part, size, out, at, &strides);
                }
            }
        }
        start += part.shape[dim];
    }
}

/// # Safety
/// See [`concatenate`]. Called by one thread.
pub(super) unsafe fn pad(
    memory: &Memory,
    x: &View,
    value: &View,
    dtype: DType,
    shape: &[usize],
    start: &[usize],
    step: &[usize],
    out: BufferId,
) {
    let size = dtype.size();
    let strides = dense_strides(shape);
    let steps: Vec<isize> = strides.iter().zip(step).map(|(s, by)| s * *by as isize).collect();
    let elements: usize = shape.iter().product();
    // SAFETY: the value is a scalar; lowering cropped `x` to what lies within the result.
    unsafe {
        let value = memory.at(value.buffer, value.offset, size);
        strided::copy(size, value, memory.at(out, 0, size), &[(elements, 0, 1)]);
        place(memory, x, size, out, offset(start, &strides), &steps);
    }
}

/// Reads scalar start indices and clamps them so that `sizes` fits into `shape`.
unsafe fn clamped(memory: &Memory, starts: &[(View, DType)], shape: &[usize], sizes: &[usize]) -> Vec<usize> {
    let clamp = |((view, dtype), (dim, size)): (&(View, DType), (&usize, &usize))| {
        // SAFETY: a scalar in memory.
        let value = unsafe { read_index(memory, view, view.offset, *dtype) };
        value.clamp(0, (dim - size) as i128) as usize
    };
    starts.iter().zip(shape.iter().zip(sizes)).map(clamp).collect()
}

unsafe fn read_index(memory: &Memory, view: &View, at: usize, dtype: DType) -> i128 {
    // SAFETY: the caller's promise: the element lies within the buffer.
    let word = unsafe { read_word(dtype, memory.at(view.buffer, at, dtype.size()), 0) };
    reference::decode_int(dtype, word)
}

/// # Safety
/// See [`concatenate`]. Called by one thread.
pub(super) unsafe fn dynamic_slice(
    memory: &Memory,
    x: &View,
    size: usize,
    starts: &[(View, DType)],
    shape: &[usize],
    out: BufferId,
) {
    // SAFETY: clamped starts keep the slice within the operand.
    unsafe {
        let start = clamped(memory, starts, &x.shape, shape);
        let slice = x.slice(&start, shape, &vec![1; shape.len()]);
        place(memory, &slice, size, out, 0, &dense_strides(shape));
    }
}

/// # Safety
/// See [`concatenate`]. Called by one thread.
pub(super) unsafe fn dynamic_update_slice(
    memory: &Memory,
    x: &View,
    update: &View,
    size: usize,
    starts: &[(View, DType)],
    out: BufferId,
) {
    let strides = dense_strides(&x.shape);
    // SAFETY: clamped starts keep the update within the result.
    unsafe {
        let start = clamped(memory, starts, &x.shape, &update.shape);
        initialise(memory, x, size, out);
        place(memory, update, size, out, offset(&start, &strides), &strides);
    }
}

/// How gather and scatter find a window: batch dimensions and where index vectors are.
pub(super) struct Windows<'a> {
    indices: &'a View,
    index_type: DType,
    index_vector_dim: usize,
    /// Sizes of the batch dimensions, in order.
    pub batch: Vec<usize>,
    /// Operand dimension of each component of an index vector.
    index_map: &'a [usize],
    /// Operand dimensions that follow a batch dimension (by position among the batch dimensions).
    batched: Vec<(usize, usize)>,
}

impl<'a> Windows<'a> {
    fn new(
        indices: &'a View,
        index_type: DType,
        index_vector_dim: usize,
        index_map: &'a [usize],
        operand_batching: &[usize],
        indices_batching: &[usize],
    ) -> Self {
        let batch =
            (0..indices.shape.len()).filter(|d| *d != index_vector_dim).map(|d| indices.shape[d]).collect();
        let position = |d: usize| if d < index_vector_dim { d } else { d - 1 };
        let batched =
            operand_batching.iter().zip(indices_batching).map(|(x, i)| (*x, position(*i))).collect();
        Self { indices, index_type, index_vector_dim, batch, index_map, batched }
    }

    pub fn of_scatter(indices: &'a View, index_type: DType, dims: &'a ScatterDims) -> Self {
        Self::new(
            indices,
            index_type,
            dims.index_vector_dim,
            &dims.scatter_dims_to_operand_dims,
            &dims.input_batching_dims,
            &dims.scatter_indices_batching_dims,
        )
    }

    fn count(&self) -> usize {
        self.batch.iter().product()
    }

    /// The index vector of batch element `b` as the window's start on every operand dimension, not clamped;
    /// `index` becomes b's index.
    ///
    /// # Safety
    /// The indices are in memory, and `b` counts one of their vectors.
    pub unsafe fn start(&self, memory: &Memory, b: usize, index: &mut [usize], start: &mut [i128]) {
        let mut rest = b;
        for d in (0..self.batch.len()).rev() {
            index[d] = rest % self.batch[d];
            rest /= self.batch[d];
        }
        let mut at = self.indices.offset as isize;
        let mut step = 0;
        let mut batch = index.iter();
        for (d, stride) in self.indices.strides.iter().enumerate() {
            if d == self.index_vector_dim {
                step = *stride;
            } else if let Some(i) = batch.next() {
                at += *i as isize * stride;
            }
        }
        start.fill(0);
        for (i, d) in self.index_map.iter().enumerate() {
            let at = (at + i as isize * step) as usize;
            // SAFETY: the index vector lies within the indices.
            start[*d] = unsafe { read_index(memory, self.indices, at, self.index_type) };
        }
        for (d, position) in &self.batched {
            start[*d] = index[*position] as i128;
        }
    }
}

/// One thread's share of the windows.
///
/// # Safety
/// See [`concatenate`].
pub(super) unsafe fn gather(
    memory: &Memory,
    x: &View,
    indices: (&View, DType),
    dims: &GatherDims,
    size: usize,
    shape: &[usize],
    out: BufferId,
    rank: Rank,
) {
    let windows = Windows::new(
        indices.0,
        indices.1,
        dims.index_vector_dim,
        &dims.start_index_map,
        &dims.operand_batching_dims,
        &dims.start_indices_batching_dims,
    );
    let strides = dense_strides(shape);
    let is_missing =
        |d: &usize| dims.collapsed_slice_dims.contains(d) || dims.operand_batching_dims.contains(d);
    let window: Vec<CopyDim> = (0..x.shape.len())
        .filter(|d| !is_missing(d))
        .zip(&dims.offset_dims)
        .map(|(d, o)| (dims.slice_sizes[d], x.strides[d], strides[*o]))
        .collect();
    let batch_strides: Vec<isize> =
        (0..shape.len()).filter(|d| !dims.offset_dims.contains(d)).map(|d| strides[d]).collect();
    let mut index = vec![0; windows.batch.len()];
    let mut start = vec![0; x.shape.len()];
    let mut first = vec![0; x.shape.len()];
    for b in rank.share(windows.count()) {
        // SAFETY: index vectors lie within the indices; clamping keeps windows within the operand.
        unsafe {
            windows.start(memory, b, &mut index, &mut start);
            for d in 0..first.len() {
                first[d] = start[d].clamp(0, (x.shape[d] - dims.slice_sizes[d]) as i128) as usize;
            }
            let from = memory.at(x.buffer, x.at(&first), size);
            let to = memory.at(out, offset(&index, &batch_strides), size);
            strided::copy(size, from, to, &window);
        }
    }
}

/// # Safety
/// See [`concatenate`]. Called by one thread.
pub(super) unsafe fn scatter(
    memory: &Memory,
    x: &View,
    indices: (&View, DType),
    updates: &View,
    dims: &ScatterDims,
    reducer: Reducer,
    dtype: DType,
    out: BufferId,
) {
    let strides = dense_strides(&x.shape);
    // SAFETY: the result has the operand's shape.
    unsafe { initialise(memory, x, dtype.size(), out) }
    if updates.elements() == 0 {
        return;
    }
    let windows = Windows::of_scatter(indices.0, indices.1, dims);
    let is_missing =
        |d: &usize| dims.inserted_window_dims.contains(d) || dims.input_batching_dims.contains(d);
    let window: Vec<WindowDim> = (0..x.shape.len())
        .filter(|d| !is_missing(d))
        .zip(&dims.update_window_dims)
        .map(|(d, u)| WindowDim { operand: d, size: updates.shape[*u], update_stride: updates.strides[*u] })
        .collect();
    let batch_strides: Vec<isize> = (0..updates.shape.len())
        .filter(|d| !dims.update_window_dims.contains(d))
        .map(|d| updates.strides[d])
        .collect();
    let mut target = Target {
        memory,
        updates,
        out,
        dtype,
        shape: &x.shape,
        strides: &strides,
        op: reference::reducer_op(reducer),
        start: vec![0; x.shape.len()],
    };
    let mut index = vec![0; windows.batch.len()];
    let batch_first = dims.update_window_dims.iter().enumerate().all(|(i, d)| *d == windows.batch.len() + i);
    let base = |index: &[usize]| -> isize {
        updates.offset as isize
            + index.iter().zip(&batch_strides).map(|(i, s)| *i as isize * s).sum::<isize>()
    };
    if batch_first {
        for b in 0..windows.count() {
            // SAFETY: index vectors lie within the indices; `Target` checks every element's bounds.
            unsafe {
                windows.start(memory, b, &mut index, &mut target.start);
                if target.missing_in_bounds(&window) {
                    target.apply(&window, 0, base(&index));
                }
            }
        }
        return;
    }
    // Windows interleave in the updates' order: one element at a time.
    let mut batch_of_update = Vec::new();
    reference::for_each_index(&updates.shape, |at| {
        batch_of_update.clear();
        batch_of_update.extend((0..at.len()).filter(|d| !dims.update_window_dims.contains(d)).map(|d| at[d]));
        let b = batch_of_update.iter().zip(&windows.batch).fold(0, |b, (i, n)| b * n + i);
        // SAFETY: as above.
        unsafe {
            windows.start(memory, b, &mut index, &mut target.start);
            for (dim, u) in window.iter().zip(&dims.update_window_dims) {
                target.start[dim.operand] += at[*u] as i128;
            }
            if target.missing_in_bounds(&[]) {
                target.apply(&[], 0, updates.at(at) as isize);
            }
        }
    });
}

struct WindowDim {
    operand: usize,
    size: usize,
    update_stride: isize,
}

/// Where updates go.
struct Target<'a> {
    memory: &'a Memory,
    updates: &'a View,
    out: BufferId,
    dtype: DType,
    shape: &'a [usize],
    strides: &'a [isize],
    op: Option<BinaryOp>,
    /// Start of the current window on every operand dimension.
    start: Vec<i128>,
}

impl Target<'_> {
    /// True if the window's position on the dimensions that it does not extend over is within the operand.
    fn missing_in_bounds(&self, window: &[WindowDim]) -> bool {
        let extends = |d: usize| window.iter().any(|w| w.operand == d);
        (0..self.shape.len()).all(|d| extends(d) || (0..self.shape[d] as i128).contains(&self.start[d]))
    }

    /// Applies the window over the remaining dimensions. `to` is the position in the result so far, without the
    /// dimensions that the window does not extend over; `from` that in the updates.
    unsafe fn apply(&self, window: &[WindowDim], to: isize, from: isize) {
        let Some((dim, rest)) = window.split_first() else {
            // SAFETY: all coordinates were found in bounds.
            return unsafe { self.combine(to + self.base(&[]), from, 1, 1, 0) };
        };
        // SAFETY: only positions within the operand are visited.
        unsafe { self.apply_within(dim, rest, to, from, &mut vec![dim.operand]) }
    }

    unsafe fn apply_within(
        &self,
        dim: &WindowDim,
        rest: &[WindowDim],
        to: isize,
        from: isize,
        seen: &mut Vec<usize>,
    ) {
        let start = self.start[dim.operand];
        let low = (-start).clamp(0, dim.size as i128) as isize;
        let high = (self.shape[dim.operand] as i128 - start).clamp(0, dim.size as i128) as isize;
        if low >= high {
            return;
        }
        let stride = self.strides[dim.operand];
        let first = to + (start as isize + low) * stride;
        let from = from + low * dim.update_stride;
        // SAFETY: `low..high` is the part of the window within the operand.
        unsafe {
            match rest.split_first() {
                None => {
                    let at = first + self.base(seen);
                    self.combine(at, from, (high - low) as usize, stride, dim.update_stride);
                }
                Some((next, rest)) => {
                    seen.push(next.operand);
                    for i in 0..high - low {
                        self.apply_within(next, rest, first + i * stride, from + i * dim.update_stride, seen);
                    }
                    seen.pop();
                }
            }
        }
    }

    /// Position that the dimensions outside the window contribute.
    fn base(&self, window: &[usize]) -> isize {
        (0..self.shape.len())
            .filter(|d| !window.contains(d))
            .map(|d| self.start[d] as isize * self.strides[d])
            .sum()
    }

    unsafe fn combine(&self, to: isize, from: isize, n: usize, to_stride: isize, from_stride: isize) {
        let size = self.dtype.size();
        // SAFETY: the caller's promise: `n` elements within result and updates at these strides.
        unsafe {
            let to = self.memory.at(self.out, to as usize, size);
            let from = self.memory.at(self.updates.buffer, from as usize, size).cast_const();
            if self.op == Some(BinaryOp::Add)
                && self.dtype == DType::F32
                && to_stride == 1
                && from_stride == 1
            {
                let to = std::slice::from_raw_parts_mut(to.cast::<f32>(), n);
                let from = std::slice::from_raw_parts(from.cast::<f32>(), n);
                to.iter_mut().zip(from).for_each(|(t, f)| *t = scalar::add(*t, *f));
                return;
            }
            for i in 0..n as isize {
                let to = to.offset(i * to_stride * size as isize);
                let new = read_word(self.dtype, from.offset(i * from_stride * size as isize), 0);
                let word = match self.op {
                    Some(op) => {
                        reference::binary(op, self.dtype, read_word(self.dtype, to, 0), new).unwrap_or(new)
                    }
                    None => new,
                };
                write_word(self.dtype, to, 0, word);
            }
        }
    }
}
