//! Matrix products: shares of batches, rows or columns per thread.

use std::ops::Range;

use corex_hlo::ir::DType;
use corex_num::{GemmOptions, Isa, MatRef, gemm_raw};

use super::kernel::{read_word, write_word};
use super::memory::Memory;
use super::node::DotNode;
use super::team::Rank;
use super::view::BufferId;
use crate::reference;

/// Rows and columns per thread are multiples of these, so that no thread gets a thin strip.
const ROW_GRAIN: usize = 8;
const COLUMN_GRAIN: usize = 64;

/// The part of a product that is computed in one go.
pub(super) struct Part {
    pub batch: Range<usize>,
    pub rows: Range<usize>,
    pub cols: Range<usize>,
}

impl Part {
    /// One thread's share.
    pub fn of_rank(dot: &DotNode, rank: Rank) -> Self {
        let batches = dot.batches();
        let mut part = Self { batch: 0..batches, rows: 0..dot.m, cols: 0..dot.n };
        if batches >= 2 * rank.team || batches.is_multiple_of(rank.team) {
            part.batch = rank.share(batches);
        } else if dot.n > dot.m {
            part.cols = rank.share_of(dot.n, COLUMN_GRAIN);
        } else {
            part.rows = rank.share_of(dot.m, ROW_GRAIN);
        }
        part
    }

    /// One matrix of the batch.
    pub fn of_block(dot: &DotNode, block: usize) -> Self {
        Self { batch: block..block + 1, rows: 0..dot.m, cols: 0..dot.n }
    }
}

/// Computes a part of a product.
///
/// # Safety
/// Operands are complete in memory; nobody else touches this part of the result.
pub(super) unsafe fn run(dot: &DotNode, isa: Isa, memory: &Memory, out: BufferId, part: Part) {
    let Part { batch, rows, cols } = part;
    if rows.is_empty() || cols.is_empty() {
        return;
    }
    for b in batch {
        let mut index = vec![0; dot.lhs.shape.len().max(dot.rhs.shape.len())];
        let mut rest = b;
        for d in (0..dot.batch.len()).rev() {
            index[d] = rest % dot.batch[d];
            rest /= dot.batch[d];
        }
        let start = |at: usize, row: usize, col: usize, strides: (isize, isize)| {
            at.wrapping_add_signed(row as isize * strides.0 + col as isize * strides.1)
        };
        let lhs = start(dot.lhs.at(&index[..dot.lhs.shape.len()]), rows.start, 0, dot.lhs_strides);
        let rhs = start(dot.rhs.at(&index[..dot.rhs.shape.len()]), 0, cols.start, dot.rhs_strides);
        let (batch_strides, row_stride) = &dot.out_strides;
        let first: usize = batch_strides.iter().zip(&index).map(|(s, i)| s * i).sum();
        let result = first + rows.start * row_stride + cols.start;
        // SAFETY: views lie within their buffers and the result within its own; this thread alone writes it.
        unsafe {
            if dot.dtype == DType::F32 {
                let matrix = |view: BufferId, at: usize, (row, col): (isize, isize)| {
                    MatRef::new(memory.f32_from(view, at), row as usize, col as usize)
                };
                let a = matrix(dot.lhs.buffer, lhs, dot.lhs_strides);
                let b = matrix(dot.rhs.buffer, rhs, dot.rhs_strides);
                let c = memory.at(out, result, 4).cast();
                let seen = dot.seen.map(|seen| seen as isize + rows.start as isize - cols.start as isize);
                let whole = GemmOptions::default();
                let options = GemmOptions {
                    seen: seen.unwrap_or(whole.seen),
                    epilogue: dot.epilogue.as_ref().map(|e| e.from(memory, result, cols.start, *row_stride)),
                    ..whole
                };
                gemm_raw(isa, rows.len(), cols.len(), dot.k, a, b, c, *row_stride, options);
            } else {
                let size = dot.dtype.size();
                let a = memory.at(dot.lhs.buffer, lhs, size);
                let b = memory.at(dot.rhs.buffer, rhs, size);
                integers(dot, a, b, memory.at(out, result, size), rows.len(), cols.len());
            }
        }
    }
}

/// Integer products wrap, so any order gives the same bits.
unsafe fn integers(dot: &DotNode, a: *const u8, b: *const u8, c: *mut u8, rows: usize, cols: usize) {
    let size = dot.dtype.size() as isize;
    let word = |base: *const u8, i: usize, j: usize, strides: (isize, isize)| {
        let offset = (i as isize * strides.0 + j as isize * strides.1) * size;
        // SAFETY: the caller's promise: the element lies within the operand.
        reference::decode_int(dot.dtype, unsafe { read_word(dot.dtype, base.offset(offset), 0) })
    };
    for i in 0..rows {
        for j in 0..cols {
            let sum = (0..dot.k).fold(0_i128, |sum, k| {
                let product = word(a, i, k, dot.lhs_strides).wrapping_mul(word(b, k, j, dot.rhs_strides));
                sum.wrapping_add(product)
            });
            // SAFETY: as above, for the result.
            unsafe {
                write_word(dot.dtype, c, i * dot.out_strides.1 + j, reference::encode_int(dot.dtype, sum))
            }
        }
    }
}
