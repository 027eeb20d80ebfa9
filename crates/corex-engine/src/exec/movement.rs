//! Nodes that move elements to places that strides alone cannot express.
//!
//! Threads share a node by boxes of its result (or, where the result's other elements stay where they are, of what is
//! written), cut along one dimension.

use corex_hlo::ir::DType;

use super::indices::read_index;
use super::memory::Memory;
use super::strided::{self, CopyDim};
use super::team::Rank;
use super::view::{BufferId, View, dense_strides};

/// Elements below which a node is one thread's work.
const SHARED: usize = 1 << 10;

/// One thread's part of a tensor: a box of it.
pub(super) struct Part {
    pub start: Vec<usize>,
    pub shape: Vec<usize>,
}

impl Part {
    /// This thread's share of a tensor that takes `work` elements to compute; `None` if that is nothing. Cut along the
    /// outermost dimension that has enough elements for all, or the longest.
    pub fn of(shape: &[usize], work: usize, rank: Rank) -> Option<Self> {
        let enough = shape.iter().position(|n| *n >= rank.team);
        let longest = || (0..shape.len()).max_by_key(|d| shape[*d]);
        Self::along(enough.or_else(longest), shape, work, rank)
    }

    /// [`Part::of`], cut along the given dimension.
    pub fn along(dim: Option<usize>, shape: &[usize], work: usize, rank: Rank) -> Option<Self> {
        let mut part = Self { start: vec![0; shape.len()], shape: shape.to_vec() };
        match dim {
            Some(d) if work >= SHARED => {
                let share = rank.share(shape[d]);
                (part.start[d], part.shape[d]) = (share.start, share.len());
            }
            _ if rank.rank == 0 => {}
            _ => return None,
        }
        (!part.shape.contains(&0)).then_some(part)
    }

    /// That part of a view of the whole tensor's shape.
    pub fn view(&self, x: &View) -> View {
        x.slice(&self.start, &self.shape, &vec![1; self.shape.len()])
    }

    /// The range of a dimension.
    fn range(&self, d: usize) -> std::ops::Range<usize> {
        self.start[d]..self.start[d] + self.shape[d]
    }
}

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

/// One thread's share of [`place`].
unsafe fn place_share(
    memory: &Memory,
    x: &View,
    size: usize,
    out: BufferId,
    at: usize,
    strides: &[isize],
    rank: Rank,
) {
    if let Some(part) = Part::of(&x.shape, x.elements(), rank) {
        let at = at + offset(&part.start, strides);
        // SAFETY: the caller's promise.
        unsafe { place(memory, &part.view(x), size, out, at, strides) }
    }
}

/// Copies a view row-major in units of the smaller element of the two: the larger one is several of them.
///
/// # Safety
/// See [`concatenate`].
pub(super) unsafe fn bitcast(memory: &Memory, x: &View, from: DType, size: usize, out: BufferId, rank: Rank) {
    let unit = size.min(from.size());
    let parts = from.size() / unit;
    let mut pieces = x.clone();
    pieces.offset *= parts;
    pieces.strides.iter_mut().for_each(|stride| *stride *= parts as isize);
    pieces.shape.push(parts);
    pieces.strides.push(1);
    // SAFETY: the caller's promise; memory is little-endian here, as the law numbers the parts.
    unsafe { place_share(memory, &pieces, unit, out, 0, &dense_strides(&pieces.shape), rank) }
}

/// Copies one thread's part of a view into a result of the same shape, unless the two share their bytes.
///
/// # Safety
/// See [`concatenate`].
pub(super) unsafe fn initialise(memory: &Memory, x: &View, size: usize, out: BufferId, rank: Rank) {
    if !is_in_place(memory, x, out) {
        // SAFETY: the caller's promise.
        unsafe { place_share(memory, x, size, out, 0, &dense_strides(&x.shape), rank) }
    }
}

/// Whether a result has its operand's bytes.
pub(super) fn is_in_place(memory: &Memory, x: &View, out: BufferId) -> bool {
    memory.addresses[x.buffer] == memory.addresses[out]
}

/// Position of an index vector under dense strides.
pub(super) fn offset(index: &[usize], strides: &[isize]) -> usize {
    index.iter().zip(strides).map(|(i, s)| i * s.unsigned_abs()).sum()
}

/// Large parts are shared by all threads, small ones dealt out in turn. Those that were made where they lie in the result
/// are there already.
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
        let at = start * strides[dim].unsigned_abs();
        // SAFETY: verified: the parts' sizes add up to the result's.
        unsafe {
            if memory.at(part.buffer, part.offset, size) == memory.at(out, at, size) {
                // Already there.
            } else if part.elements() >= SHARED {
                place_share(memory, part, size, out, at, &strides, rank);
            } else if i % rank.team == rank.rank {
                place(memory, part, size, out, at, &strides);
            }
        }
        start += part.shape[dim];
    }
}

/// # Safety
/// See [`concatenate`].
pub(super) unsafe fn pad(
    memory: &Memory,
    x: &View,
    value: &View,
    size: usize,
    shape: &[usize],
    start: &[usize],
    step: &[usize],
    out: BufferId,
    rank: Rank,
) {
    let strides = dense_strides(shape);
    let Some(part) = Part::of(shape, shape.iter().product(), rank) else { return };
    // The operand's elements that land in this part, and where the first of them does.
    let (mut first, mut count, mut to) = (part.start.clone(), part.shape.clone(), part.start.clone());
    for d in 0..shape.len() {
        let before = |limit: usize| limit.saturating_sub(start[d]).div_ceil(step[d]).min(x.shape[d]);
        let range = part.range(d);
        first[d] = before(range.start);
        count[d] = before(range.end) - first[d];
        to[d] = start[d] + first[d] * step[d];
    }
    let fill: Vec<CopyDim> = part.shape.iter().zip(&strides).map(|(n, stride)| (*n, 0, *stride)).collect();
    let steps: Vec<isize> = strides.iter().zip(step).map(|(s, by)| s * *by as isize).collect();
    // SAFETY: the value is a scalar; lowering cropped `x` to what lies within the result.
    unsafe {
        let value = memory.at(value.buffer, value.offset, size);
        strided::copy(size, value, memory.at(out, offset(&part.start, &strides), size), &fill);
        if !count.contains(&0) {
            let seen = x.slice(&first, &count, &vec![1; count.len()]);
            place(memory, &seen, size, out, offset(&to, &strides), &steps);
        }
    }
}

/// Reads scalar start indices and clamps them so that `sizes` fits into `shape`.
unsafe fn clamped(memory: &Memory, starts: &[(View, DType)], shape: &[usize], sizes: &[usize]) -> Vec<usize> {
    let clamp = |((view, dtype), (dim, size)): (&(View, DType), (&usize, &usize))| {
        // SAFETY: a scalar in memory.
        let value = unsafe { read_index(memory, view, view.offset, *dtype) };
        value.clamp(0, (dim - size) as i64) as usize
    };
    starts.iter().zip(shape.iter().zip(sizes)).map(clamp).collect()
}

/// # Safety
/// See [`concatenate`].
pub(super) unsafe fn dynamic_slice(
    memory: &Memory,
    x: &View,
    size: usize,
    starts: &[(View, DType)],
    shape: &[usize],
    out: BufferId,
    rank: Rank,
) {
    // SAFETY: clamped starts keep the slice within the operand.
    unsafe {
        let start = clamped(memory, starts, &x.shape, shape);
        let slice = x.slice(&start, shape, &vec![1; shape.len()]);
        place_share(memory, &slice, size, out, 0, &dense_strides(shape), rank);
    }
}

/// # Safety
/// See [`concatenate`].
pub(super) unsafe fn dynamic_update_slice(
    memory: &Memory,
    x: &View,
    update: &View,
    size: usize,
    starts: &[(View, DType)],
    out: BufferId,
    rank: Rank,
) {
    let strides = dense_strides(&x.shape);
    // SAFETY: clamped starts keep the update within the result; threads write disjoint parts of it.
    unsafe {
        let start = clamped(memory, starts, &x.shape, &update.shape);
        if is_in_place(memory, x, out) {
            return place_share(memory, update, size, out, offset(&start, &strides), &strides, rank);
        }
        let Some(part) = Part::of(&x.shape, x.elements(), rank) else { return };
        place(memory, &part.view(x), size, out, offset(&part.start, &strides), &strides);
        // The update's elements that land in this part.
        let (mut first, mut count, mut to) = (start.clone(), start.clone(), start.clone());
        for d in 0..start.len() {
            let within = part.range(d);
            let (low, high) = (within.start.max(start[d]), within.end.min(start[d] + update.shape[d]));
            to[d] = low;
            first[d] = low - start[d];
            count[d] = high.saturating_sub(low);
        }
        if !count.contains(&0) {
            let seen = update.slice(&first, &count, &vec![1; count.len()]);
            place(memory, &seen, size, out, offset(&to, &strides), &strides);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_whole_once() {
        for shape in [vec![], vec![0, 3], vec![1, 7], vec![9000], vec![2, 5, 1000], vec![3, 3]] {
            let elements: usize = shape.iter().product();
            let mut seen = vec![0; elements];
            for rank in 0..3 {
                let Some(part) = Part::of(&shape, elements, Rank { rank, team: 3 }) else { continue };
                let view = part.view(&View::dense(0, &shape));
                crate::reference::for_each_index(&view.shape, |index| seen[view.at(index)] += 1);
            }
            assert!(seen.iter().all(|n| *n == 1), "{shape:?}");
        }
    }
}
