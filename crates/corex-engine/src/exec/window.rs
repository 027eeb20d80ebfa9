//! `reduce_window` with a known reducer.
//!
//! Windows are folded row by row: a row of results, along the minor-most dimension, takes the operand's rows that
//! the windows' outer dimensions see, in order, and of each the window's elements along the row, in order. So every
//! result folds its window ascending, and neighbours are computed side by side.

use std::ops::Range;

use corex_hlo::ir::{BinaryOp, DType, WindowDim};
use corex_num::{Isa, add_rows};

use super::cumulative;
use super::kernel::{Kernel, MapOp, read_word, write_word};
use super::memory::Memory;
use super::strided;
use super::team::Rank;
use super::view::{BufferId, View};
use crate::reference;

/// Results of a row that are folded at a time: few where their sums can stay in registers.
const STRIP: usize = 512;
const SUMS: usize = 256;

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
    /// Whether folds may take elements in any order.
    fn is_commutative(&self) -> bool {
        self.dtype != DType::F32 || matches!(self.op, BinaryOp::Maximum | BinaryOp::Minimum)
    }
}

/// The dimension along which every result continues its neighbour's fold (a cumulative sum), if there is one.
pub(super) fn running_dim(window: &[WindowDim], shape: &[usize]) -> Option<usize> {
    let d = only_dim(window)?;
    let w = &window[d];
    let until_here = WindowDim { size: w.size, low: w.size as i64 - 1, ..WindowDim::UNIT };
    (*w == until_here && w.size >= shape[d]).then_some(d)
}

/// As [`running_dim`] from the other end: a window sees its own element and all behind it.
fn reverse_dim(window: &[WindowDim], shape: &[usize]) -> Option<usize> {
    let d = only_dim(window)?;
    let w = &window[d];
    let from_here = WindowDim { size: w.size, high: w.size as i64 - 1, ..WindowDim::UNIT };
    (*w == from_here && w.size >= shape[d]).then_some(d)
}

/// The one dimension that the window moves over.
fn only_dim(window: &[WindowDim]) -> Option<usize> {
    let mut dims = (0..window.len()).filter(|d| window[*d] != WindowDim::UNIT);
    let (d, None) = (dims.next()?, dims.next()) else { return None };
    Some(d)
}

/// Index of element `at` of a shape.
pub(super) fn decode(mut at: usize, shape: &[usize], index: &mut [usize]) {
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
    if let Some(d) = running_dim(&node.window, &node.x.shape) {
        // SAFETY: the caller's promise.
        return unsafe { cumulative::run(node, isa, memory, scratch, init, d, out, rank) };
    }
    if let Some(d) = reverse_dim(&node.window, &node.x.shape).filter(|_| node.is_commutative()) {
        let shape = node.shape.clone();
        let reversed = PoolNode {
            x: node.x.reverse(&[d]),
            window: node.window.clone(),
            init: node.init.clone(),
            shape,
            ..*node
        };
        // SAFETY: as above.
        return unsafe { cumulative::run_reversed(&reversed, memory, init, d, out, rank) };
    }
    let (minor, outer) = (node.shape.len() - 1, &node.shape[..node.shape.len() - 1]);
    let length = node.shape[minor];
    let is_sum = node.dtype == DType::F32 && node.op == BinaryOp::Add;
    if is_sum && reverse_dim(&node.window, &node.x.shape) == Some(minor) && node.x.strides[minor] == 1 {
        // SAFETY: as above.
        return unsafe {
            cumulative::sums_from_behind(node, isa, memory, f32::from_bits(init as u32), out, rank)
        };
    }
    let width = if is_sum { SUMS } else { STRIP };
    let strips = length.div_ceil(width);
    let mut place = vec![0; minor];
    let kernel = Kernel::new(isa, MapOp::Binary(node.op), node.dtype, node.dtype);
    // SAFETY: the scratch area holds three strips.
    let [acc, next, row] = [0, 1, 2].map(|i| unsafe { scratch.add(i * STRIP * 8) });
    let mut strip = Strip { node, isa, memory, kernel, is_sum, lanes: 0, acc, next, row };
    for piece in rank.share(outer.iter().product::<usize>() * strips) {
        decode(piece / strips, outer, &mut place);
        let first = piece % strips * width;
        let n = width.min(length - first);
        let to = piece / strips * length + first;
        // SAFETY: the strip lies within the result, and this thread alone writes it.
        unsafe {
            for j in 0..n {
                write_word(node.dtype, strip.acc, j, init);
            }
            strip.fold(&place, first, n);
            std::ptr::copy_nonoverlapping(strip.acc, memory.at(out, to, size), n * size);
        }
    }
}

/// Neighbouring results while they are folded.
struct Strip<'a> {
    node: &'a PoolNode,
    isa: Isa,
    memory: &'a Memory,
    kernel: Kernel,
    /// Whether this is a sum of f32.
    is_sum: bool,
    /// Number of results.
    lanes: usize,
    /// Three places of a strip: the folds so far, the next ones, and elements laid side by side.
    acc: *mut u8,
    next: *mut u8,
    row: *mut u8,
}

/// Elements of the operand that lanes of a strip see: those of lane `from` on, one each.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub from: usize,
    pub lanes: usize,
    /// Index of the first lane's element, and how much further each other's is.
    pub source: usize,
    pub step: usize,
    /// So many times, `next` further each time.
    pub rows: usize,
    pub next: usize,
}

impl Strip<'_> {
    /// Folds the windows at minor positions `first..first + n` and the given outer place.
    unsafe fn fold(&mut self, place: &[usize], first: usize, n: usize) {
        let (node, minor) = (self.node, place.len());
        self.lanes = n;
        let (shape, strides) = (&node.x.shape, &node.x.strides);
        let ranges: Vec<Range<usize>> =
            (0..minor).map(|d| seen_range(&node.window[d], place[d], place[d], shape[d])).collect();
        // Where windows are one element wide, the elements along the next dimension are rows of one fold.
        let rows_dim = minor
            .checked_sub(1)
            .filter(|d| node.window[minor] == WindowDim::UNIT && node.window[*d].base_dilation == 1);
        let mut sizes: Vec<usize> = ranges.iter().map(Range::len).collect();
        if let Some(size) = rows_dim.and_then(|d| sizes.get_mut(d)) {
            *size = (*size).min(1);
        }
        reference::for_each_index(&sizes, |at| {
            let mut start = node.x.offset as isize;
            for d in 0..minor {
                let at = ranges[d].start + at[d];
                match reference::window_source(&node.window[d], place[d], at, shape[d]) {
                    Some(i) => start += i as isize * strides[d],
                    None => return,
                }
            }
            // SAFETY: only elements that the windows see are read.
            unsafe {
                if let Some(d) = rows_dim {
                    let next = node.window[d].window_dilation as isize * strides[d];
                    let from = start + first as isize * strides[minor];
                    return self.rows(0, n, from, strides[minor], ranges[d].len(), next);
                }
                seen_along(&node.window[minor], shape[minor], first, n, |seen| {
                    let along = |count: usize| count as isize * strides[minor];
                    let from = start + along(seen.source);
                    self.rows(seen.from, seen.lanes, from, along(seen.step), seen.rows, along(seen.next));
                });
            }
        });
    }

    /// Folds rows of elements into the lanes from `lane` on: the first row begins at element `from`, lanes are `step` and
    /// rows `next` elements apart.
    unsafe fn rows(&mut self, lane: usize, lanes: usize, from: isize, step: isize, rows: usize, next: isize) {
        let size = self.node.dtype.size();
        // SAFETY: the caller's promise: these elements lie within the operand.
        unsafe {
            let base = self.memory.at(self.node.x.buffer, 0, size).offset(from * size as isize);
            if self.is_sum && step == 1 && next >= 0 {
                let acc = std::slice::from_raw_parts_mut(self.acc.cast::<f32>().add(lane), lanes);
                let x = std::slice::from_raw_parts(base.cast::<f32>(), (rows - 1) * next as usize + lanes);
                return add_rows(self.isa, rows, x, next as usize, acc);
            }
            for row in 0..rows as isize {
                let mut x = base.offset(row * next * size as isize);
                if step != 1 {
                    strided::copy(size, x, self.row, &[(lanes, step, 1)]);
                    x = self.row;
                }
                let (a, to) = (self.acc.add(lane * size), self.next.add(lane * size));
                self.kernel.run([a, x, x], to, lanes, 0);
                if lanes == self.lanes {
                    std::mem::swap(&mut self.acc, &mut self.next);
                } else {
                    std::ptr::copy_nonoverlapping(to, a, lanes * size);
                }
            }
        }
    }
}

/// The elements of a window that lie within a dimension of `size` elements at some place from `first` to `last`.
pub(super) fn seen_range(w: &WindowDim, first: usize, last: usize, size: usize) -> Range<usize> {
    let (low, dilation) = (i128::from(w.low), w.window_dilation as i128);
    let start = |place: usize| place as i128 * w.stride as i128 - low;
    let end = size as i128 * w.base_dilation as i128;
    // From the first element that is not before the tensor at the last place, to the last not behind it at the first.
    let steps = |distance: i128| (distance + dilation - 1).div_euclid(dilation);
    let (from, to) = (steps(-start(last)), steps(end - start(first)));
    let clamp = |at: i128| at.clamp(0, w.size as i128) as usize;
    let from = clamp(from);
    from..clamp(to).max(from)
}

/// Calls `visit` with what the windows at places `first..first + n` of a dimension of `size` elements see, every window
/// ascending.
pub(super) fn seen_along(w: &WindowDim, size: usize, first: usize, n: usize, mut visit: impl FnMut(Seen)) {
    let source = |j: usize, at: usize| reference::window_source(w, first + j, at, size);
    let range = seen_range(w, first, first + n - 1, size);
    let (step, next) = (w.stride, w.window_dilation);
    let mut at = range.start;
    while at < range.end {
        if w.base_dilation > 1 {
            // Neighbours see elements at no fixed distance: one by one.
            for (j, source) in (0..n).filter_map(|j| source(j, at).map(|i| (j, i))) {
                visit(Seen { from: j, lanes: 1, source, step, rows: 1, next });
            }
            at += 1;
            continue;
        }
        // Without holes, the places that see an element lie side by side.
        let before = |j: usize| {
            let position = (first + j) as i128 * w.stride as i128 + at as i128 * w.window_dilation as i128;
            position < i128::from(w.low)
        };
        let from = lowest(n, |j| !before(j));
        let Some(start) = (from < n).then(|| source(from, at)).flatten() else {
            at += 1;
            continue;
        };
        let to = lowest(n, |j| j > from && source(j, at).is_none());
        let mut rows = 1;
        if from == 0 && to == n {
            // All see something: so they do until the last lane's element is the dimension's last.
            let last = source(n - 1, at).unwrap_or(start);
            rows = ((size - 1 - last) / w.window_dilation + 1).min(range.end - at);
        }
        visit(Seen { from, lanes: to - from, source: start, step, rows, next });
        at += rows;
    }
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
