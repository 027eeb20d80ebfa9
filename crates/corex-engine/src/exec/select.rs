//! `select_and_scatter`.

use corex_hlo::ir::{BinaryOp, CompareDir, DType, WindowDim};
use corex_num::Isa;

use super::kernel::{Kernel, MapOp, read_word, write_word};
use super::memory::Memory;
use super::team::Rank;
use super::view::{BufferId, View, dense_strides};
use super::window::decode;
use crate::reference;

/// Windows compared at a time, and how few are not worth it.
const STRIP: usize = 256;
const FEW: usize = 8;

/// Scratch bytes per thread: what is selected so far and where it is, once more as they become, and what is kept.
pub(super) const SCRATCH: usize = 5 * STRIP * 8;

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
/// As [`super::dot::run`]; `scratch` has [`SCRATCH`] bytes, 64-aligned.
pub(super) unsafe fn select_and_scatter(
    node: &SelectNode,
    isa: Isa,
    memory: &Memory,
    scratch: *mut u8,
    out: BufferId,
    rank: Rank,
) {
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
    // SAFETY: a scalar in memory.
    let init = unsafe { read_word(dtype, memory.at(node.init.buffer, node.init.offset, size), 0) };
    let init = reference::convert(dtype, dtype, init);
    for at in rows.start * row..rows.end * row {
        // SAFETY: within the result; this thread alone writes these rows.
        unsafe { write_word(dtype, memory.at(out, at, size), 0, init) }
    }
    let chosen = share(places.first().copied().unwrap_or(1));
    let per_row: usize = places.iter().skip(1).product();
    let mut walk = Walk::new(node, memory, out);
    let is_adjacent = |view: &View| view.strides.last() == Some(&1);
    // A dimension that windows do not span is as wide in the source as in the operand. (The first one is shared out.)
    let width = match (node.window.last(), shape.last()) {
        (Some(&WindowDim::UNIT), Some(&width))
            if shape.len() > 1 && width >= FEW && is_adjacent(&node.x) && is_adjacent(&node.source) =>
        {
            width
        }
        _ => 1,
    };
    let lanes = (width > 1).then(|| Lanes::new(node, isa, scratch));
    for at in (chosen.start * per_row..chosen.end * per_row).step_by(width) {
        walk.go_to(at);
        // SAFETY: the window's elements lie within the operand; this thread alone writes where they are selected.
        unsafe {
            match &lanes {
                Some(lanes) => (0..width).step_by(STRIP).for_each(|from| {
                    lanes.select(&mut walk, from, STRIP.min(width - from));
                }),
                None => walk.select(),
            }
        }
    }
}

/// A window at its place.
struct Walk<'a> {
    node: &'a SelectNode,
    memory: &'a Memory,
    out: BufferId,
    strides: Vec<isize>,
    place: Vec<usize>,
    /// The box of the operand that the window sees, per dimension.
    low: Vec<usize>,
    high: Vec<usize>,
    index: Vec<usize>,
}

impl<'a> Walk<'a> {
    fn new(node: &'a SelectNode, memory: &'a Memory, out: BufferId) -> Self {
        let zeros = || vec![0; node.x.shape.len()];
        let strides = dense_strides(&node.x.shape);
        Self { node, memory, out, strides, place: zeros(), low: zeros(), high: zeros(), index: zeros() }
    }

    /// Moves the window to the place counted out.
    fn go_to(&mut self, at: usize) {
        decode(at, &self.node.source.shape, &mut self.place);
        // Without dilation a window sees a box.
        for (d, w) in self.node.window.iter().enumerate() {
            let size = self.node.x.shape[d] as i128;
            let start = self.place[d] as i128 * w.stride as i128 - i128::from(w.low);
            self.low[d] = start.clamp(0, size) as usize;
            self.high[d] = (start + w.size as i128).clamp(0, size) as usize;
        }
    }

    /// Calls `visit` with the position of every element that the window sees, in the operand and in the result.
    fn for_each_seen(&mut self, mut visit: impl FnMut(usize, usize)) {
        self.index.copy_from_slice(&self.low);
        let mut left: usize = self.low.iter().zip(&self.high).map(|(l, h)| h - l).product();
        while left > 0 {
            let to = self.index.iter().zip(&self.strides).map(|(i, s)| i * s.unsigned_abs()).sum();
            visit(self.node.x.at(&self.index), to);
            left -= 1;
            for d in (0..self.index.len()).rev() {
                self.index[d] += 1;
                if self.index[d] < self.high[d] {
                    break;
                }
                self.index[d] = self.low[d];
            }
        }
    }

    /// Combines `update` into element `to` of the result.
    unsafe fn scatter(&self, to: usize, update: u64) {
        let (dtype, size) = (self.node.dtype, self.node.dtype.size());
        // SAFETY: the caller's promise.
        unsafe {
            let to = self.memory.at(self.out, to, size);
            let sum = reference::binary(self.node.op, dtype, read_word(dtype, to, 0), update);
            write_word(dtype, to, 0, sum.unwrap_or(update));
        }
    }

    /// Element `at` of a view's buffer.
    unsafe fn word(&self, view: &View, at: usize) -> u64 {
        // SAFETY: the caller's promise.
        unsafe { read_word(self.node.dtype, self.memory.at(view.buffer, at, self.node.dtype.size()), 0) }
    }

    /// One window.
    unsafe fn select(&mut self) {
        let (node, memory, size) = (self.node, self.memory, self.node.dtype.size());
        let mut selected: Option<(usize, u64)> = None;
        self.for_each_seen(|at, to| {
            // SAFETY: an element of the operand.
            let candidate = unsafe { read_word(node.dtype, memory.at(node.x.buffer, at, size), 0) };
            if !selected
                .is_some_and(|(_, found)| reference::compare(node.select, node.dtype, found, candidate))
            {
                selected = Some((to, candidate));
            }
        });
        if let Some((to, _)) = selected {
            // SAFETY: an element of the source, and one of the result that this thread alone writes.
            unsafe { self.scatter(to, self.word(&node.source, node.source.at(&self.place))) }
        }
    }
}

/// Windows side by side along the minor-most dimension, which they do not span.
struct Lanes {
    compare: Kernel,
    choose: Kernel,
    size: usize,
    /// Of each lane: the element found so far, whether it is kept, which is found then, and where it is.
    found: *mut u8,
    kept: *mut u8,
    next: *mut u8,
    at: *mut u64,
}

impl Lanes {
    fn new(node: &SelectNode, isa: Isa, scratch: *mut u8) -> Self {
        let compare = Kernel::new(isa, MapOp::Compare(node.select), node.dtype, DType::I1);
        let choose = Kernel::new(isa, MapOp::Select, node.dtype, node.dtype);
        let part = |i: usize| scratch.wrapping_add(i * STRIP * 8);
        let (found, kept, next, at) = (part(0), part(1), part(2), part(3).cast());
        Self { compare, choose, size: node.dtype.size(), found, kept, next, at }
    }

    /// `n` windows from lane `from` on.
    unsafe fn select(&self, walk: &mut Walk<'_>, from: usize, n: usize) {
        let (node, memory, size) = (walk.node, walk.memory, self.size);
        // One row of lanes: the dimension itself is not walked along.
        let minor = walk.low.len() - 1;
        (walk.low[minor], walk.high[minor]) = (from, from + 1);
        let mut is_first = true;
        // SAFETY: rows of the operand and the scratch area have `n` lanes; this thread alone writes these windows'.
        unsafe {
            let at = std::slice::from_raw_parts_mut(self.at, n);
            walk.for_each_seen(|x, to| {
                let x = memory.at(node.x.buffer, x, size).cast_const();
                if std::mem::take(&mut is_first) {
                    std::ptr::copy_nonoverlapping(x, self.found, n * size);
                    return at.fill(to as u64);
                }
                self.compare.run([self.found, x, x], self.kept, n, 0);
                self.choose.run([self.kept, self.found, x], self.next, n, 0);
                std::ptr::copy_nonoverlapping(self.next, self.found, n * size);
                let kept = std::slice::from_raw_parts(self.kept, n);
                at.iter_mut().zip(kept).filter(|(_, kept)| **kept == 0).for_each(|(at, _)| *at = to as u64);
            });
            if is_first {
                return;
            }
            walk.place[minor] = from;
            let source = node.source.at(&walk.place);
            for (lane, to) in at.iter().enumerate() {
                walk.scatter(*to as usize + lane, walk.word(&node.source, source + lane));
            }
        }
    }
}
