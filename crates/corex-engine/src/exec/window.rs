//! `reduce_window` with a known reducer, and `select_and_scatter`.
//!
//! Windows are folded row by row: a row of results, along the minor-most dimension, takes the operand's rows that
//! the windows' outer dimensions see, in order, and of each the window's elements along the row, in order. So every
//! result folds its window ascending, and neighbours are computed side by side.

use corex_hlo::ir::{BinaryOp, CompareDir, DType, WindowDim};
use corex_num::{Isa, scalar};

use super::kernel::{Kernel, MapOp, read_word, write_word};
use super::memory::Memory;
use super::strided;
use super::team::Rank;
use super::view::{BufferId, View, dense_strides};
use crate::reference;

/// Results of a row that are folded at a time.
const STRIP: usize = 512;

/// Scratch bytes per thread.
pub(super) const SCRATCH: usize = 3 * STRIP * 8;

/// `reduce_window` by one operator; at least one dimension.
pub(super) struct PoolNode {
    pub op: BinaryOp,
    pub dtype: DType,
    pub x: View,
    pub init: View,
    pub window: Vec<WindowDim>,
    /// Shape of the result.
    pub shape: Vec<usize>,
}

impl PoolNode {
    /// The dimension along which every result continues its neighbour's fold (a cumulative sum), if there is one.
    fn running(&self) -> Option<usize> {
        let mut dims = (0..self.window.len()).filter(|d| self.window[*d] != WindowDim::UNIT);
        let (d, None) = (dims.next()?, dims.next()) else { return None };
        let w = &self.window[d];
        let until_here = WindowDim { size: w.size, low: w.size as i64 - 1, ..WindowDim::UNIT };
        (*w == until_here && w.size >= self.x.shape[d]).then_some(d)
    }
}

/// Index of element `at` of a shape.
fn decode(mut at: usize, shape: &[usize], index: &mut [usize]) {
    for (i, size) in index.iter_mut().zip(shape).rev() {
        *i = at % size;
        at /= size;
    }
}

/// One thread's share of the rows.
///
/// # Safety
/// As [`super::dot::run`]; `scratch` has [`SCRATCH`] bytes, 64-aligned.
pub(super) unsafe fn reduce(
    node: &PoolNode,
    isa: Isa,
    memory: &Memory,
    scratch: *mut u8,
    out: BufferId,
    rank: Rank,
) {
    let size = node.dtype.size();
    // SAFETY: a scalar in memory.
    let init = unsafe { read_word(node.dtype, memory.at(node.init.buffer, node.init.offset, size), 0) };
    // A fold of nothing is canonical like every result.
    let init = reference::convert(node.dtype, node.dtype, init);
    if let Some(d) = node.running() {
        // SAFETY: the caller's promise.
        return unsafe { running(node, memory, init, d, out, rank) };
    }
    let (minor, outer) = (node.shape.len() - 1, &node.shape[..node.shape.len() - 1]);
    let length = node.shape[minor];
    let strips = length.div_ceil(STRIP);
    let mut place = vec![0; minor];
    for piece in rank.share(outer.iter().product::<usize>() * strips) {
        decode(piece / strips, outer, &mut place);
        let first = piece % strips * STRIP;
        let n = STRIP.min(length - first);
        let to = piece / strips * length + first;
        // SAFETY: the strip lies within the result, and this thread alone writes it.
        unsafe { strip(node, isa, memory, scratch, init, &place, first, n, memory.at(out, to, size)) }
    }
}

/// Folds the windows at minor positions `first..first + n` and the given outer place.
unsafe fn strip(
    node: &PoolNode,
    isa: Isa,
    memory: &Memory,
    scratch: *mut u8,
    init: u64,
    place: &[usize],
    first: usize,
    n: usize,
    out: *mut u8,
) {
    let (size, minor) = (node.dtype.size(), place.len());
    let (w, length, stride) = (&node.window[minor], node.x.shape[minor], node.x.strides[minor]);
    let kernel = Kernel::new(isa, MapOp::Binary(node.op), node.dtype, node.dtype);
    // SAFETY: the scratch area holds three strips.
    let (mut acc, mut next, row) = unsafe { (scratch, scratch.add(STRIP * 8), scratch.add(2 * STRIP * 8)) };
    for j in 0..n {
        // SAFETY: as above.
        unsafe { write_word(node.dtype, acc, j, init) }
    }
    let outer: Vec<usize> = node.window[..minor].iter().map(|w| w.size).collect();
    reference::for_each_index(&outer, |at| {
        let mut start = node.x.offset as isize;
        for d in 0..minor {
            match reference::window_source(&node.window[d], place[d], at[d], node.x.shape[d]) {
                Some(i) => start += i as isize * node.x.strides[d],
                None => return,
            }
        }
        // SAFETY: only elements that the windows see are read; strips are as long as a strip.
        unsafe {
            let base = memory.at(node.x.buffer, 0, size).offset(start * size as isize);
            for at in 0..w.size {
                let seen = |j: usize| reference::window_source(w, first + j, at, length);
                if w.base_dilation > 1 {
                    // Neighbours see elements at no fixed distance: one by one.
                    for (j, i) in (0..n).filter_map(|j| seen(j).map(|i| (j, i))) {
                        let x = read_word(node.dtype, base.offset(i as isize * stride * size as isize), 0);
                        let word = reference::binary(node.op, node.dtype, read_word(node.dtype, acc, j), x);
                        write_word(node.dtype, acc, j, word.unwrap_or(x));
                    }
                    continue;
                }
                // Without holes, the places that see an element lie side by side.
                let from = lowest(n, |j| {
                    (first + j) as i128 * w.stride as i128 + at as i128 * w.window_dilation as i128
                        >= i128::from(w.low)
                });
                let Some(source) = (from < n).then(|| seen(from)).flatten() else { continue };
                let to = lowest(n, |j| j > from && seen(j).is_none());
                let count = to - from;
                let x = base.offset(source as isize * stride * size as isize);
                strided::copy(size, x, row, &[(count, stride * w.stride as isize, 1)]);
                let a = acc.add(from * size);
                kernel.run([a, row, row], next.add(from * size), count, 0);
                if count == n {
                    std::mem::swap(&mut acc, &mut next);
                } else {
                    std::ptr::copy_nonoverlapping(next.add(from * size), a, count * size);
                }
            }
        }
    });
    // SAFETY: the caller's promise: `n` elements of the result.
    unsafe { std::ptr::copy_nonoverlapping(acc, out, n * size) }
}

/// The lowest of `0..n` from which on `holds` is true, or `n`.
fn lowest(n: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = (low + high) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

/// Cumulative folds along dimension `d`: every result is its neighbour's with one more element.
unsafe fn running(node: &PoolNode, memory: &Memory, init: u64, d: usize, out: BufferId, rank: Rank) {
    let (dtype, size) = (node.dtype, node.dtype.size());
    let strides = dense_strides(&node.shape);
    let mut lanes = node.shape.clone();
    let length = std::mem::replace(&mut lanes[d], 1);
    let mut index = vec![0; lanes.len()];
    for lane in rank.share(lanes.iter().product()) {
        decode(lane, &lanes, &mut index);
        let start = node.x.at(&index) as isize;
        let to: usize = index.iter().zip(&strides).map(|(i, s)| i * s.unsigned_abs()).sum();
        if dtype == DType::F32 && node.op == BinaryOp::Add {
            let mut acc = f32::from_bits(init as u32);
            for j in 0..length {
                // SAFETY: the lane lies within operand and result, which have the same shape.
                unsafe {
                    let at = (start + j as isize * node.x.strides[d]) as usize;
                    acc = scalar::add(acc, *memory.at(node.x.buffer, at, 4).cast::<f32>());
                    *memory.at(out, to + j * strides[d].unsigned_abs(), 4).cast::<f32>() = acc;
                }
            }
            continue;
        }
        let mut acc = init;
        for j in 0..length {
            // SAFETY: the lane lies within operand and result, which have the same shape.
            unsafe {
                let at = (start + j as isize * node.x.strides[d]) as usize;
                let x = read_word(dtype, memory.at(node.x.buffer, at, size), 0);
                acc = reference::binary(node.op, dtype, acc, x).unwrap_or(x);
                write_word(dtype, memory.at(out, to + j * strides[d].unsigned_abs(), size), 0, acc);
            }
        }
    }
}

/// `select_and_scatter`.
pub(super) struct SelectNode {
    pub dtype: DType,
    pub x: View,
    pub source: View,
    pub init: View,
    pub window: Vec<WindowDim>,
    pub select: CompareDir,
    pub op: BinaryOp,
}

/// One thread's share: windows of different slices along a leading dimension that they do not span never meet.
///
/// # Safety
/// As [`super::dot::run`].
pub(super) unsafe fn select_and_scatter(node: &SelectNode, memory: &Memory, out: BufferId, rank: Rank) {
    let (dtype, size) = (node.dtype, node.dtype.size());
    let (shape, places) = (&node.x.shape, &node.source.shape);
    let splits = node.window.first() == Some(&WindowDim::UNIT);
    let share = |n: usize| match splits {
        true => rank.share(n),
        false if rank.rank == 0 => 0..n,
        false => 0..0,
    };
    let rows = share(shape.first().copied().unwrap_or(1));
    let row: usize = shape.iter().skip(1).product();
    let strides = dense_strides(shape);
    let word = |view: &View, at: usize| {
        // SAFETY: the element lies within the view.
        unsafe { read_word(dtype, memory.at(view.buffer, at, size), 0) }
    };
    let init = reference::convert(dtype, dtype, word(&node.init, node.init.offset));
    for at in rows.start * row..rows.end * row {
        // SAFETY: within the result; this thread alone writes these rows.
        unsafe { write_word(dtype, memory.at(out, at, size), 0, init) }
    }
    let chosen = share(places.first().copied().unwrap_or(1));
    let per_row: usize = places.iter().skip(1).product();
    let rank = places.len();
    let (mut place, mut low, mut high) = (vec![0; rank], vec![0; rank], vec![0; rank]);
    let mut index = vec![0; rank];
    for at in chosen.start * per_row..chosen.end * per_row {
        decode(at, places, &mut place);
        // Without dilation a window sees a box.
        for d in 0..rank {
            let w = &node.window[d];
            let start = place[d] as i128 * w.stride as i128 - i128::from(w.low);
            low[d] = start.clamp(0, shape[d] as i128) as usize;
            high[d] = (start + w.size as i128).clamp(0, shape[d] as i128) as usize;
        }
        let mut selected: Option<(usize, u64)> = None;
        index.copy_from_slice(&low);
        let mut left: usize = low.iter().zip(&high).map(|(l, h)| h - l).product();
        while left > 0 {
            let candidate = word(&node.x, node.x.at(&index));
            if !selected.is_some_and(|(_, found)| reference::compare(node.select, dtype, found, candidate)) {
                let to = index.iter().zip(&strides).map(|(i, s)| i * s.unsigned_abs()).sum();
                selected = Some((to, candidate));
            }
            left -= 1;
            for d in (0..rank).rev() {
                index[d] += 1;
                if index[d] < high[d] {
                    break;
                }
                index[d] = low[d];
            }
        }
        if let Some((to, _)) = selected {
            let update = word(&node.source, node.source.at(&place));
            // SAFETY: as above.
            unsafe {
                let to = memory.at(out, to, size);
                let sum = reference::binary(node.op, dtype, read_word(dtype, to, 0), update);
                write_word(dtype, to, 0, sum.unwrap_or(update));
            }
        }
    }
}
