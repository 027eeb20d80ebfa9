//! `reduce_window` whose combining function is a body of the program. Neighbouring windows are lanes.

use std::ops::Range;

use corex_hlo::ir::{DType, WindowDim};

use super::block_body::BlockBody;
use super::kernel::{read_word, write_word};
use super::memory::Memory;
use super::strided;
use super::team::Rank;
use super::view::{BufferId, View, dense_strides};
use super::window::{decode, running_dim, seen_along, seen_range};
use crate::reference::{self, Body};

pub(super) struct WindowNode {
    pub xs: Vec<View>,
    pub inits: Vec<View>,
    pub window: Vec<WindowDim>,
    /// Shape of the results; at least one dimension.
    pub shape: Vec<usize>,
    pub dtypes: Vec<DType>,
    pub outs: Vec<BufferId>,
    pub body: Body,
    pub block: BlockBody,
}

impl WindowNode {
    /// Scratch bytes per thread.
    pub fn scratch(&self) -> usize {
        self.block.bytes
    }
}

/// One thread's share of the windows.
///
/// # Safety
/// As [`super::dot::run`]; `scratch` has [`WindowNode::scratch`] bytes, 64-aligned.
pub(super) unsafe fn window(node: &WindowNode, memory: &Memory, scratch: *mut u8, rank: Rank) {
    // SAFETY: the caller's promise.
    unsafe {
        match running_dim(&node.window, &node.xs[0].shape) {
            Some(d) => running(node, memory, d, rank),
            None => strips(node, memory, scratch, rank),
        }
    }
}

/// A lane of windows at a time, along the minor-most dimension.
unsafe fn strips(node: &WindowNode, memory: &Memory, scratch: *mut u8, rank: Rank) {
    let block = &node.block;
    let minor = node.shape.len() - 1;
    let (n, length, lanes) = (node.xs.len(), node.shape[minor], block.lanes);
    let outer_shape = &node.shape[..minor];
    let strips = length.div_ceil(lanes);
    let x_shape = &node.xs[0].shape;
    let mut place = vec![0; minor];
    // SAFETY: blocks hold `lanes` lanes; only elements that windows see are loaded; this thread alone writes the strip.
    unsafe {
        block.prepare(scratch);
        for piece in rank.share(outer_shape.iter().product::<usize>() * strips) {
            decode(piece / strips, outer_shape, &mut place);
            let first = piece % strips * lanes;
            let count = lanes.min(length - first);
            for (i, (init, dtype)) in node.inits.iter().zip(&node.dtypes).enumerate() {
                let word = read_word(*dtype, memory.at(init.buffer, init.offset, dtype.size()), 0);
                block.fill(scratch, i, *dtype, count, word);
            }
            let ranges: Vec<Range<usize>> =
                (0..minor).map(|d| seen_range(&node.window[d], place[d], place[d], x_shape[d])).collect();
            let sizes: Vec<usize> = ranges.iter().map(Range::len).collect();
            reference::for_each_index(&sizes, |at| {
                let source = |d: usize| {
                    reference::window_source(&node.window[d], place[d], ranges[d].start + at[d], x_shape[d])
                };
                let Some(index) = (0..minor).map(source).collect::<Option<Vec<usize>>>() else { return };
                seen_along(&node.window[minor], x_shape[minor], first, count, |seen| {
                    for row in 0..seen.rows {
                        for (i, x) in node.xs.iter().enumerate() {
                            let size = node.dtypes[i].size();
                            let distance: isize =
                                index.iter().zip(&x.strides).map(|(i, s)| *i as isize * s).sum();
                            let source = (seen.source + row * seen.next) as isize * x.strides[minor];
                            let at = x.offset.wrapping_add_signed(distance + source);
                            let stride = seen.step as isize * x.strides[minor];
                            let to = block.param(scratch, n + i).add(seen.from * size);
                            strided::copy(
                                size,
                                memory.at(x.buffer, at, size),
                                to,
                                &[(seen.lanes, stride, 1)],
                            );
                        }
                        block.fold(scratch, seen.from, seen.lanes);
                    }
                });
            });
            let at = piece / strips * length + first;
            for (i, out) in node.outs.iter().enumerate() {
                let size = node.dtypes[i].size();
                let to = memory.at(*out, at, size);
                std::ptr::copy_nonoverlapping(block.param(scratch, i), to, count * size);
            }
        }
    }
}

/// Cumulative folds along dimension `d`: every result is its neighbour's with one more element.
unsafe fn running(node: &WindowNode, memory: &Memory, d: usize, rank: Rank) {
    let strides = dense_strides(&node.shape);
    let mut lanes = node.shape.clone();
    let length = std::mem::replace(&mut lanes[d], 1);
    let mut index = vec![0; lanes.len()];
    let mut body = node.body.fork();
    let n = node.xs.len();
    let (mut words, mut acc) = (vec![0; 2 * n], vec![0; n]);
    for lane in rank.share(lanes.iter().product()) {
        decode(lane, &lanes, &mut index);
        let to: usize = index.iter().zip(&strides).map(|(i, s)| i * s.unsigned_abs()).sum();
        // SAFETY: the lane lies within operands and results, which have the same shape; this thread alone writes it.
        unsafe {
            for (i, init) in node.inits.iter().enumerate() {
                let dtype = node.dtypes[i];
                acc[i] = read_word(dtype, memory.at(init.buffer, init.offset, dtype.size()), 0);
            }
            for j in 0..length {
                words[..n].copy_from_slice(&acc);
                for (i, x) in node.xs.iter().enumerate() {
                    let at = (x.at(&index) as isize + j as isize * x.strides[d]) as usize;
                    words[n + i] =
                        read_word(node.dtypes[i], memory.at(x.buffer, at, node.dtypes[i].size()), 0);
                }
                body.run(&words, &mut acc);
                for (i, out) in node.outs.iter().enumerate() {
                    let at = memory.at(*out, to + j * strides[d].unsigned_abs(), node.dtypes[i].size());
                    write_word(node.dtypes[i], at, 0, acc[i]);
                }
            }
        }
    }
}
