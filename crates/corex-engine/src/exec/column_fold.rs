//! Folds that keep the minor-most dimension: whole rows are combined, element by element.

use corex_hlo::ir::{DType, Reducer};
use corex_num::{Isa, add_rows, scalar};

use super::kernel::{Kernel, MapOp, read_word};
use super::memory::Memory;
use super::strided;
use super::team::Rank;
use super::view::{BufferId, View, collapse};
use crate::reference;

/// Columns that one thread folds at a time.
const STRIP: usize = 2048;
const GRAIN: usize = 64;

/// Scratch bytes per thread.
pub(super) const SCRATCH: usize = 3 * STRIP * 8;

/// A fold's description; see [`super::node::NodeKind::ColumnFold`].
pub(super) struct ColumnFold<'a> {
    pub reducer: Reducer,
    pub dtype: DType,
    pub x: &'a View,
    pub kept: usize,
    pub minor: usize,
    pub init: &'a View,
    pub out: BufferId,
}

/// One thread's share of a column fold.
///
/// # Safety
/// As [`super::dot::run`]; `scratch` has [`SCRATCH`] bytes, 64-aligned.
pub(super) unsafe fn run(fold: &ColumnFold<'_>, isa: Isa, memory: &Memory, scratch: *mut u8, rank: Rank) {
    let strip = (fold.minor.div_ceil(rank.team)).next_multiple_of(GRAIN).clamp(GRAIN, STRIP);
    let strips = fold.minor.div_ceil(strip);
    let outer: usize = fold.x.shape[..fold.kept].iter().product();
    for piece in rank.share(outer * strips) {
        let (mut rest, first) = (piece / strips, piece % strips * strip);
        let mut index = vec![0; fold.x.shape.len()];
        for d in (0..fold.kept).rev() {
            index[d] = rest % fold.x.shape[d];
            rest /= fold.x.shape[d];
        }
        if let Some(minor) = index.last_mut() {
            *minor = first;
        }
        let n = strip.min(fold.minor - first);
        let to = piece / strips * fold.minor + first;
        // SAFETY: the strip lies within operand and result.
        unsafe { fold_strip(fold, isa, memory, scratch, fold.x.at(&index), to, n) }
    }
}

/// Folds `n <= STRIP` columns whose first rows start at element `from`.
unsafe fn fold_strip(
    fold: &ColumnFold<'_>,
    isa: Isa,
    memory: &Memory,
    scratch: *mut u8,
    from: usize,
    to: usize,
    n: usize,
) {
    let size = fold.dtype.size();
    let dims = fold.kept..fold.x.shape.len() - 1;
    let folded = collapse(dims.map(|d| (fold.x.shape[d], fold.x.strides[d])));
    let count: usize = folded.iter().map(|d| d.0).product();
    let minor_stride = *fold.x.strides.last().unwrap_or(&1);
    // SAFETY: the operand, the initial value and the result are in memory; scratch holds three strips.
    unsafe {
        let init = read_word(fold.dtype, memory.at(fold.init.buffer, fold.init.offset, size), 0);
        let out = memory.at(fold.out, to, size);
        let (row, spare) = (scratch, scratch.add(STRIP * 8));
        let is_sum = fold.dtype == DType::F32 && fold.reducer == Reducer::Add;
        if is_sum {
            let acc = std::slice::from_raw_parts_mut(out.cast::<f32>(), n);
            acc.fill(0.0);
            match folded[..] {
                [(rows, stride)] if minor_stride == 1 && stride >= 0 => {
                    add_rows(isa, rows, memory.f32_from(fold.x.buffer, from), stride as usize, acc);
                }
                _ => {
                    for r in 0..count {
                        load_row(fold, memory, from, &folded, r, minor_stride, n, row);
                        add_rows(isa, 1, std::slice::from_raw_parts(row.cast::<f32>(), n), n, acc);
                    }
                }
            }
            let init = f32::from_bits(init as u32);
            acc.iter_mut().for_each(|a| *a = scalar::add(*a, init));
            return;
        }
        let Some(op) = reference::reducer_op(fold.reducer) else { return };
        let kernel = Kernel::new(isa, MapOp::Binary(op), fold.dtype, fold.dtype);
        for i in 0..n {
            super::kernel::write_word(fold.dtype, out, i, init);
        }
        for r in 0..count {
            load_row(fold, memory, from, &folded, r, minor_stride, n, row);
            kernel.run([out, row, row], spare, n, 0);
            std::ptr::copy_nonoverlapping(spare, out, n * size);
        }
    }
}

/// Copies `n` elements of the folded row `r` to `row`.
unsafe fn load_row(
    fold: &ColumnFold<'_>,
    memory: &Memory,
    from: usize,
    folded: &[(usize, isize)],
    r: usize,
    minor_stride: isize,
    n: usize,
    row: *mut u8,
) {
    let (mut rest, mut offset) = (r, 0_isize);
    for (size, stride) in folded.iter().rev() {
        offset += (rest % size) as isize * stride;
        rest /= size;
    }
    let size = fold.dtype.size();
    // SAFETY: the row lies within the operand.
    unsafe {
        let from = memory.at(fold.x.buffer, from, size).offset(offset * size as isize);
        strided::copy(size, from, row, &[(n, minor_stride, 1)]);
    }
}
