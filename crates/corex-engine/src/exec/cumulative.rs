//! Cumulative folds: every result is its neighbour's with one more element.

use corex_hlo::ir::{BinaryOp, DType};
use corex_num::{Isa, add_rows, scalar};

use super::kernel::{Kernel, MapOp, read_word, write_word};
use super::memory::Memory;
use super::team::Rank;
use super::view::{BufferId, dense_strides};
use super::window::{PoolNode, decode};
use crate::reference;

/// Columns folded at a time, and how few are not worth it.
const STRIP: usize = 256;
const FEW: usize = 8;
/// Rows summed together: their chains do not wait for each other.
const TOGETHER: usize = 8;

/// One thread's share of a cumulative fold along dimension `d`.
///
/// # Safety
/// As [`super::window::reduce`].
pub(super) unsafe fn run(
    node: &PoolNode,
    isa: Isa,
    memory: &Memory,
    scratch: *mut u8,
    init: u64,
    d: usize,
    out: BufferId,
    rank: Rank,
) {
    let minor = node.shape.len() - 1;
    // SAFETY: the caller's promise.
    unsafe {
        if d != minor && node.x.strides[minor] == 1 && node.shape[minor] >= FEW {
            columns(node, isa, memory, scratch, init, d, out, rank);
        } else if node.dtype == DType::F32 && node.op == BinaryOp::Add {
            sums(node, memory, f32::from_bits(init as u32), d, out, rank);
        } else {
            words(node, memory, init, d, false, out, rank);
        }
    }
}

/// [`run`] of a reversed operand, results reversed: where the order of folding does not matter.
///
/// # Safety
/// As [`super::window::reduce`].
pub(super) unsafe fn run_reversed(
    node: &PoolNode,
    memory: &Memory,
    init: u64,
    d: usize,
    out: BufferId,
    rank: Rank,
) {
    // SAFETY: the caller's promise.
    unsafe { words(node, memory, init, d, true, out, rank) }
}

/// Rows of neighbouring columns, one after the other.
unsafe fn columns(
    node: &PoolNode,
    isa: Isa,
    memory: &Memory,
    scratch: *mut u8,
    init: u64,
    d: usize,
    out: BufferId,
    rank: Rank,
) {
    let (size, minor) = (node.dtype.size(), node.shape.len() - 1);
    let kernel = Kernel::new(isa, MapOp::Binary(node.op), node.dtype, node.dtype);
    let strides = dense_strides(&node.shape);
    let (length, width) = (node.shape[d], node.shape[minor]);
    let mut lanes = node.shape.clone();
    (lanes[d], lanes[minor]) = (1, width.div_ceil(STRIP));
    let mut index = vec![0; lanes.len()];
    for piece in rank.share(lanes.iter().product()) {
        decode(piece, &lanes, &mut index);
        index[minor] *= STRIP;
        let n = STRIP.min(width - index[minor]);
        let from = node.x.at(&index) as isize;
        let to: usize = index.iter().zip(&strides).map(|(i, s)| i * s.unsigned_abs()).sum();
        // SAFETY: the columns lie within operand and result, which have the same shape; the scratch area holds a strip.
        unsafe {
            (0..n).for_each(|j| write_word(node.dtype, scratch, j, init));
            let mut last = scratch.cast_const();
            for j in 0..length {
                let x = memory.at(node.x.buffer, (from + j as isize * node.x.strides[d]) as usize, size);
                let next = memory.at(out, to + j * strides[d].unsigned_abs(), size);
                kernel.run([last, x, x], next, n, 0);
                last = next;
            }
        }
    }
}

/// Sums of f32, several lanes at a time.
unsafe fn sums(node: &PoolNode, memory: &Memory, init: f32, d: usize, out: BufferId, rank: Rank) {
    let strides = dense_strides(&node.shape);
    let mut lanes = node.shape.clone();
    let length = std::mem::replace(&mut lanes[d], 1);
    let mut index = vec![0; lanes.len()];
    let share = rank.share(lanes.iter().product());
    let (step, to_step) = (node.x.strides[d], strides[d]);
    for first in share.clone().step_by(TOGETHER) {
        let count = TOGETHER.min(share.end - first);
        // Lanes that are not there repeat the first one.
        let mut from = [std::ptr::null::<f32>(); TOGETHER];
        let mut to = [std::ptr::null_mut::<f32>(); TOGETHER];
        for i in 0..TOGETHER {
            decode(first + if i < count { i } else { 0 }, &lanes, &mut index);
            let at: usize = index.iter().zip(&strides).map(|(i, s)| i * s.unsigned_abs()).sum();
            // SAFETY: the lane lies within operand and result, which have the same shape.
            unsafe {
                from[i] = memory.at(node.x.buffer, node.x.at(&index), 4).cast();
                to[i] = memory.at(out, at, 4).cast();
            }
        }
        let mut acc = [init; TOGETHER];
        for j in 0..length as isize {
            for i in 0..TOGETHER {
                // SAFETY: as above. NaN stays NaN, so making it canonical need not be part of the chain.
                unsafe {
                    acc[i] += *from[i].offset(j * step);
                    *to[i].offset(j * to_step) = scalar::canonical(acc[i]);
                }
            }
        }
    }
}

/// Sums of f32 along the minor-most dimension, each of an element and all behind it. Every one is a chain of its own,
/// which begins at its own element, so that none can be continued from a neighbour's: the work grows with the square of
/// the length. Neighbours are added up side by side.
///
/// # Safety
/// As [`super::window::reduce`]; the elements are adjacent.
pub(super) unsafe fn sums_from_behind(
    node: &PoolNode,
    isa: Isa,
    memory: &Memory,
    init: f32,
    out: BufferId,
    rank: Rank,
) {
    const LANES: usize = 64;
    let minor = node.shape.len() - 1;
    let (length, rows) = (node.shape[minor], &node.shape[..minor]);
    let strips = length.div_ceil(LANES);
    let mut index = vec![0; node.shape.len()];
    for piece in rank.share(rows.iter().product::<usize>() * strips) {
        decode(piece / strips, rows, &mut index[..minor]);
        let first = piece % strips * LANES;
        let n = LANES.min(length - first);
        // SAFETY: a row of the operand, and lanes of the result that this thread alone writes.
        unsafe {
            let row = memory.at(node.x.buffer, node.x.at(&index), 4).cast::<f32>();
            let row = std::slice::from_raw_parts(row, length);
            let to = memory.at(out, piece / strips * length + first, 4).cast::<f32>();
            let acc = std::slice::from_raw_parts_mut(to, n);
            acc.fill(init);
            // Until the last lane has seen the last element, all see one each; then fewer and fewer do.
            add_rows(isa, length - first - n + 1, &row[first..], 1, acc);
            for lanes in (1..n).rev() {
                let x = &row[length - lanes..];
                acc[..lanes].iter_mut().zip(x).for_each(|(acc, x)| *acc = scalar::add(*acc, *x));
            }
        }
    }
}

/// Any type and operator, element by element.
unsafe fn words(
    node: &PoolNode,
    memory: &Memory,
    init: u64,
    d: usize,
    is_reversed: bool,
    out: BufferId,
    rank: Rank,
) {
    let (dtype, size) = (node.dtype, node.dtype.size());
    let strides = dense_strides(&node.shape);
    let mut lanes = node.shape.clone();
    let length = std::mem::replace(&mut lanes[d], 1);
    let mut index = vec![0; lanes.len()];
    for lane in rank.share(lanes.iter().product()) {
        decode(lane, &lanes, &mut index);
        let start = node.x.at(&index) as isize;
        let to: usize = index.iter().zip(&strides).map(|(i, s)| i * s.unsigned_abs()).sum();
        let mut acc = init;
        for j in 0..length {
            // SAFETY: the lane lies within operand and result, which have the same shape.
            unsafe {
                let at = (start + j as isize * node.x.strides[d]) as usize;
                let x = read_word(dtype, memory.at(node.x.buffer, at, size), 0);
                acc = reference::binary(node.op, dtype, acc, x).unwrap_or(x);
                let j = if is_reversed { length - 1 - j } else { j };
                write_word(dtype, memory.at(out, to + j * strides[d].unsigned_abs(), size), 0, acc);
            }
        }
    }
}
