//! `scatter` by a known operator.
//!
//! Every thread goes through all updates and applies what falls into its part of the result, in the law's order.

use std::ops::Range;

use corex_hlo::ir::{BinaryOp, DType, Reducer, ScatterDims};
use corex_num::{Isa, add_rows, scalar};

use super::indices::Windows;
use super::kernel::{Kernel, MapOp, read_word, write_word};
use super::memory::Memory;
use super::movement::{Part, is_in_place, offset, place};
use super::team::Rank;
use super::view::{BufferId, View, collapse, dense_strides};
use crate::reference;

/// Elements combined at a time by a kernel, and the least worth calling it for.
const CHUNK: usize = 64;
const FEW: usize = 8;

/// The part of the result that this thread scatters into: cut along the window where that is wide, so that every thread
/// does its share of every update, else along the longest dimension.
///
/// # Safety
/// As [`super::dot::run`]. On return this part of the result holds the operand.
pub(super) unsafe fn part(
    memory: &Memory,
    xs: &[(&View, usize, BufferId)],
    updates: &View,
    dims: &ScatterDims,
    rank: Rank,
) -> Option<Vec<Range<i64>>> {
    let shape = &xs[0].0.shape;
    let is_missing =
        |d: &usize| dims.inserted_window_dims.contains(d) || dims.input_batching_dims.contains(d);
    let window = (0..shape.len()).filter(|d| !is_missing(d)).zip(&dims.update_window_dims);
    let wide = window.filter(|(_, u)| updates.shape[**u] >= FEW * rank.team).map(|(d, _)| d);
    let longest = (0..shape.len()).max_by_key(|d| shape[*d]);
    let work = updates.elements() + xs[0].0.elements();
    let part = Part::along(wide.max_by_key(|d| shape[*d]).or(longest), shape, work, rank)?;
    let strides = dense_strides(shape);
    for (x, size, out) in xs {
        if !is_in_place(memory, x, *out) {
            // SAFETY: the caller's promise: the result has the operand's shape.
            unsafe { place(memory, &part.view(x), *size, *out, offset(&part.start, &strides), &strides) }
        }
    }
    let range = |(start, n): (&usize, &usize)| *start as i64..(start + n) as i64;
    Some(part.start.iter().zip(&part.shape).map(range).collect())
}

/// One thread's share of the result.
///
/// # Safety
/// As [`super::dot::run`].
pub(super) unsafe fn scatter(
    isa: Isa,
    memory: &Memory,
    x: &View,
    indices: (&View, DType),
    updates: &View,
    dims: &ScatterDims,
    reducer: Reducer,
    dtype: DType,
    out: BufferId,
    rank: Rank,
) {
    // SAFETY: the caller's promise.
    let Some(bounds) = (unsafe { part(memory, &[(x, dtype.size(), out)], updates, dims, rank) }) else {
        return;
    };
    if updates.elements() == 0 {
        return;
    }
    let strides = dense_strides(&x.shape);
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
    let op = reference::reducer_op(reducer);
    let mut target = Target {
        isa,
        memory,
        updates,
        out,
        dtype,
        bounds: &bounds,
        strides: &strides,
        op,
        kernel: op.map(|op| Kernel::new(isa, MapOp::Binary(op), dtype, dtype)),
        start: vec![0; x.shape.len()],
    };
    let batch = windows.batch.iter().copied().zip(batch_strides.iter().copied());
    let (steps, others) = (collapse(batch), x.shape.len() - window.len());
    if let (Some((dim, stride)), [] | [_], [] | [_], 1) = (windows.single(), &steps[..], &window[..], others)
        && window
            .first()
            .is_none_or(|w| w.operand != dim && dims.update_window_dims == [updates.shape.len() - 1])
    {
        let step = steps.first().map_or(0, |(_, step)| *step);
        // SAFETY: index vectors are one index, windows one row, updates equally far apart.
        return unsafe { target.rows(&windows, (dim, stride), window.first(), step) };
    }
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
                let start = &mut target.start[dim.operand];
                *start = start.saturating_add(at[*u] as i64);
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
    isa: Isa,
    memory: &'a Memory,
    updates: &'a View,
    out: BufferId,
    dtype: DType,
    /// What this thread may write, per operand dimension.
    bounds: &'a [Range<i64>],
    strides: &'a [isize],
    /// How elements combine; `None`: the update replaces the operand's.
    op: Option<BinaryOp>,
    kernel: Option<Kernel>,
    /// Start of the current window on every operand dimension.
    start: Vec<i64>,
}

impl Target<'_> {
    /// Applies all updates where each is one element, or a row along `window`, at an index along dimension `dim`.
    unsafe fn rows(
        &self,
        windows: &Windows<'_>,
        (dim, stride): (usize, isize),
        window: Option<&WindowDim>,
        step: isize,
    ) {
        let (mut low, mut n, mut to_stride, mut from_stride) = (0, 1, 1, 1);
        if let Some(w) = window {
            let bounds = &self.bounds[w.operand];
            low = bounds.start as isize;
            n = (bounds.end as isize).min(w.size as isize) - low;
            (to_stride, from_stride) = (self.strides[w.operand], w.update_stride);
        }
        for b in 0..windows.count() {
            // SAFETY: an index; the target's coordinates are within the bounds.
            unsafe {
                let at = windows.index(self.memory, b, stride);
                if n > 0 && self.bounds[dim].contains(&at) {
                    let to = at as isize * self.strides[dim] + low * to_stride;
                    let from = self.updates.offset as isize + b as isize * step + low * from_stride;
                    self.combine(to, from, n as usize, to_stride, from_stride);
                }
            }
        }
    }

    /// True if the window's position on the dimensions that it does not extend over is within the bounds.
    fn missing_in_bounds(&self, window: &[WindowDim]) -> bool {
        let extends = |d: usize| window.iter().any(|w| w.operand == d);
        (0..self.bounds.len()).all(|d| extends(d) || self.bounds[d].contains(&self.start[d]))
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
        let (start, bounds) = (self.start[dim.operand], &self.bounds[dim.operand]);
        let low = bounds.start.saturating_sub(start).clamp(0, dim.size as i64) as isize;
        let high = bounds.end.saturating_sub(start).clamp(0, dim.size as i64) as isize;
        if low >= high {
            return;
        }
        let stride = self.strides[dim.operand];
        let first = to + (start as isize + low) * stride;
        let from = from + low * dim.update_stride;
        // SAFETY: `low..high` is the part of the window within the bounds.
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
        (0..self.bounds.len())
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
            if to_stride == 1 && from_stride == 1 && n >= FEW {
                return self.combine_adjacent(to, from, n);
            }
            if (n, self.op, self.dtype) == (1, Some(BinaryOp::Add), DType::F32) {
                let to = &mut *to.cast::<f32>();
                *to = scalar::add(*to, *from.cast::<f32>());
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

    unsafe fn combine_adjacent(&self, to: *mut u8, from: *const u8, n: usize) {
        let size = self.dtype.size();
        // SAFETY: the caller's promise.
        unsafe {
            match (self.op, &self.kernel) {
                (Some(BinaryOp::Add), _) if self.dtype == DType::F32 => {
                    let to = std::slice::from_raw_parts_mut(to.cast::<f32>(), n);
                    add_rows(self.isa, 1, std::slice::from_raw_parts(from.cast::<f32>(), n), n, to);
                }
                (_, Some(kernel)) => {
                    let mut room = [0_u64; CHUNK];
                    let new = room.as_mut_ptr().cast::<u8>();
                    for at in (0..n).step_by(CHUNK) {
                        let (to, count) = (to.add(at * size), CHUNK.min(n - at));
                        let from = from.add(at * size);
                        kernel.run([to, from, from], new, count, 0);
                        std::ptr::copy_nonoverlapping(new, to, count * size);
                    }
                }
                _ => std::ptr::copy_nonoverlapping(from, to, n * size),
            }
        }
    }
}
