//! Matrix products: shares of batches, rows or columns per thread.

use corex_hlo::ir::DType;
use corex_num::{Isa, MatRef, Stretch, gemm_raw};

use super::kernel::{read_word, write_word};
use super::memory::Memory;
use super::node::DotNode;
use super::team::Rank;
use super::view::BufferId;
use crate::reference;

/// Rows and columns per thread are multiples of these, so that no thread gets a thin strip.
const ROW_GRAIN: usize = 8;
const COLUMN_GRAIN: usize = 64;

/// One thread's share of a product.
///
/// # Safety
/// Operands are complete in memory; the result is written by this step only, by every thread with its own rank.
pub(super) unsafe fn run(dot: &DotNode, isa: Isa, memory: &Memory, out: BufferId, rank: Rank) {
    let batches: usize = dot.batch.iter().product();
    let (mut rows, mut cols, mut batch) = (0..dot.m, 0..dot.n, 0..batches);
    if batches >= 2 * rank.team || batches.is_multiple_of(rank.team) {
        batch = rank.share(batches);
    } else if dot.n > dot.m {
        cols = rank.share_of(dot.n, COLUMN_GRAIN);
    } else {
        rows = rank.share_of(dot.m, ROW_GRAIN);
    }
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
        let result = (b * dot.m + rows.start) * dot.n + cols.start;
        // SAFETY: views lie within their buffers and the result within its own; this thread alone writes it.
        unsafe {
            if dot.dtype == DType::F32 {
                let matrix = |view: BufferId, at: usize, (row, col): (isize, isize)| {
                    MatRef::new(memory.f32_from(view, at), row as usize, col as usize)
                };
                let a = matrix(dot.lhs.buffer, lhs, dot.lhs_strides);
                let b = matrix(dot.rhs.buffer, rhs, dot.rhs_strides);
                let c = memory.at(out, result, 4).cast();
                gemm_raw(isa, rows.len(), cols.len(), dot.k, a, b, c, dot.n, Stretch::WHOLE);
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
            unsafe { write_word(dot.dtype, c, i * dot.n + j, reference::encode_int(dot.dtype, sum)) }
        }
    }
}
