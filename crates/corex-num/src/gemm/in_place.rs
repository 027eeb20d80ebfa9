//! Products that read the left operand where it is: small ones, for which packing would cost more than it saves.

use std::cell::Cell;
use std::ops::Range;

use super::Stretch;
use super::driver::{Left, Product, Workspace};
use super::kernel::{Ahead, Kernel, Kernels, Rows, Table, Tile};
use super::pack::{Source, pack};
use super::scan::{is_finite, nonzero_steps, nothing_to_flush};
use crate::Isa;

/// Columns of `b` packed at a time.
const NC: usize = 3072;
/// Rows of `a` at a time, of those that have something to flush.
const MC: usize = 256;
/// Longest stretch, rows where they are and columns where they are.
const ROW_STEPS: usize = 512;
const COLUMN_STEPS: usize = 384;

impl Product<'_> {
    /// Computes it with rows or columns of `a` where they are.
    ///
    /// # Safety
    /// As [`super::gemm_raw`], operands included.
    pub unsafe fn in_place(&self, left: Left, [for_a, for_b]: &mut [Workspace; 2]) {
        let Self { kernels, tile, m, n, k, a, b, c, ldc, .. } = *self;
        let Kernels { isa, lanes, .. } = *kernels;
        let kc = self.stretch_length(if left == Left::RowsInPlace { ROW_STEPS } else { COLUMN_STEPS });
        let nr = tile.nv * lanes;
        let nc = NC / nr * nr;
        let mc = MC / tile.mr * tile.mr;
        let packed_a = for_a.reserve(mc.min(m) * kc);
        let packed_b = for_b.reserve(nc.min(n.next_multiple_of(lanes)) * kc);
        for j0 in (0..n).step_by(nc) {
            let nc = nc.min(n - j0);
            for p0 in (0..k).step_by(kc) {
                let steps = kc.min(k - p0);
                let part = self.part(p0, steps);
                // SAFETY: blocks lie within the matrices; the workspaces hold mc (nc rounded up to whole vectors) lanes
                // of kc steps; panels follow each other without gaps.
                unsafe {
                    pack(isa, b.at(j0, p0), nc, nr, lanes, steps, 0..steps, packed_b);
                    let finite = Cell::new(None);
                    let block = Block { isa, lanes, tile, nc, steps, b: packed_b, ldc, part, finite };
                    for i0 in (0..m).step_by(mc) {
                        let mc = mc.min(m - i0);
                        let seen = |end: usize| self.columns_seen(i0 + end).saturating_sub(j0).min(nc);
                        let (a, c) = (a.at(i0, p0), c.add(i0 * ldc + j0));
                        if left == Left::RowsInPlace {
                            block.rows_in_place(isa, mc, a, packed_a, c, seen);
                        } else if nothing_to_flush(isa, a.exchanged(), steps, mc) {
                            block.columns_in_place(mc, a, c, seen);
                        } else {
                            pack(isa, a, mc, tile.mr, 1, steps, 0..steps, packed_a);
                            block.packed(mc, packed_a, c);
                        }
                    }
                }
            }
        }
    }
}

/// The products of one packed block of `b` with rows of `a`.
struct Block {
    lanes: usize,
    tile: &'static Tile,
    isa: Isa,
    /// Columns of the block.
    nc: usize,
    steps: usize,
    /// Packed as [`pack`] does for `tile`.
    b: *const f32,
    ldc: usize,
    part: Stretch,
    /// Whether `b` is known to have neither infinities nor NaN.
    finite: Cell<Option<bool>>,
}

/// Fewer zero steps than this are multiplied like others.
const WORTH_SKIPPING: usize = 16;

impl Block {
    /// The steps that rows of `a` need: a zero adds nothing to a chain, unless it meets what is not finite. Causal
    /// attention and padding are full of them.
    ///
    /// # Safety
    /// As [`nonzero_steps`], with the block's steps.
    unsafe fn needed(&self, a: Source, rows: usize) -> Range<usize> {
        // Mostly there is nothing to look for.
        // SAFETY: the caller's promise; there is at least one row and one step.
        if unsafe { *a.data != 0.0 && *a.at(0, self.steps - 1).data != 0.0 } {
            return 0..self.steps;
        }
        let needed = nonzero_steps(self.isa, a, rows, self.steps);
        if self.steps - needed.len() < WORTH_SKIPPING {
            return 0..self.steps;
        }
        let finite = self.finite.get().unwrap_or_else(|| {
            let packed = self.nc.next_multiple_of(self.lanes) * self.steps;
            // SAFETY: the block is packed.
            is_finite(self.isa, unsafe { std::slice::from_raw_parts(self.b, packed) })
        });
        self.finite.set(Some(finite));
        if finite { needed } else { 0..self.steps }
    }

    /// One tile after the other, down the columns: a panel of `b` stays in cache.
    ///
    /// # Safety
    /// `a` must be packed for the tile and hold `mc` rows, `c` hold mc x nc elements.
    unsafe fn packed(&self, mc: usize, a: *const f32, c: *mut f32) {
        for j in (0..self.nc).step_by(self.tile.nv * self.lanes) {
            for i in (0..mc).step_by(self.tile.mr) {
                let rows = self.tile.mr.min(mc - i);
                let a = Rows { data: a.wrapping_add(i * self.steps), row_stride: 1, step_stride: rows };
                let table = self.tile.rows_adjacent;
                let row = RowOfTiles { table, parts: &[], rows, a, needed: 0..self.steps, columns: self.nc };
                // SAFETY: panels before this one hold `i` rows; the caller's promise for the rest.
                unsafe { self.tile(&row, j, c.add(i * self.ldc)) };
            }
        }
    }

    /// The same with column-major rows of `a`, which must have nothing to flush.
    ///
    /// # Safety
    /// `a` must hold `mc` rows, `c` mc x nc elements.
    unsafe fn columns_in_place(&self, mc: usize, a: Source, c: *mut f32, seen: impl Fn(usize) -> usize) {
        for i in (0..mc).step_by(self.tile.mr) {
            let rows = self.tile.mr.min(mc - i);
            let panel = a.at(i, 0);
            let a = Rows { data: panel.data, row_stride: 1, step_stride: a.step_stride };
            let table = self.tile.rows_adjacent;
            // SAFETY: the caller's promise.
            unsafe {
                let needed = self.needed(panel, rows);
                let row = RowOfTiles { table, parts: &[], rows, a, needed, columns: seen(i + rows) };
                self.row_of_tiles(&row, c.add(i * self.ldc));
            }
        }
    }

    /// One tile after the other, along the rows: looking for something to flush brings the rows of `a` into the
    /// first-level cache, where the kernels then find them. Rows with something to flush are packed. Of the rows before one
    /// so many columns are `seen`; vectors beyond are left out.
    ///
    /// # Safety
    /// `source` must hold `mc` row-major rows, `scratch` have room for a panel, `c` hold mc x nc elements.
    unsafe fn rows_in_place(
        &self,
        isa: Isa,
        mc: usize,
        source: Source,
        scratch: *mut f32,
        c: *mut f32,
        seen: impl Fn(usize) -> usize,
    ) {
        for i in (0..mc).step_by(self.tile.mr) {
            let rows = self.tile.mr.min(mc - i);
            let columns = seen(i + rows);
            let panel = source.at(i, 0);
            // SAFETY: the caller's promise.
            unsafe {
                let (table, parts, a) = if nothing_to_flush(isa, panel, rows, self.steps) {
                    let a = Rows { data: panel.data, row_stride: panel.lane_stride, step_stride: 1 };
                    (self.tile.steps_adjacent, self.tile.parts, a)
                } else {
                    pack(isa, panel, rows, rows, 1, self.steps, 0..self.steps, scratch);
                    let a = Rows { data: scratch, row_stride: 1, step_stride: rows };
                    (self.tile.rows_adjacent, &[][..], a)
                };
                let packed = Source { data: a.data, lane_stride: a.row_stride, step_stride: a.step_stride };
                let needed = self.needed(packed, rows);
                let row = RowOfTiles { table, parts, rows, a, needed, columns };
                self.row_of_tiles(&row, c.add(i * self.ldc));
            }
        }
    }

    /// All tiles of a row; `c` is the start of its first row.
    ///
    /// # Safety
    /// As for [`super::kernel::Kernel`].
    unsafe fn row_of_tiles(&self, row: &RowOfTiles, c: *mut f32) {
        for j in (0..row.columns).step_by(self.tile.nv * self.lanes) {
            // SAFETY: the caller's promise.
            unsafe { self.tile(row, j, c) };
        }
    }

    /// The tile at column `j`; `c` is the start of the row's first row.
    ///
    /// # Safety
    /// As for [`super::kernel::Kernel`].
    #[inline(always)]
    unsafe fn tile(&self, row: &RowOfTiles, j: usize, c: *mut f32) {
        let RowOfTiles { table, parts, rows, a, ref needed, columns } = *row;
        let width = self.tile.nv * self.lanes;
        let mut cols = width.min(self.nc - j);
        let vectors = cols.div_ceil(self.lanes);
        let mut kernel = table[rows - 1][vectors - 1];
        let part = parts.get((columns - j).div_ceil(self.lanes) - 1);
        if let Some(part) = part.filter(|_| (rows, cols) == (self.tile.mr, width)) {
            (kernel, cols) = (*part, columns - j);
        }
        let a = Rows { data: a.data.wrapping_add(needed.start * a.step_stride), ..a };
        // SAFETY: panels of `b` before this one hold `j` columns, this one whole vectors for each step; the caller's
        // promise for the rest.
        unsafe {
            let b = self.b.add(j * self.steps + needed.start * vectors * self.lanes);
            kernel(needed.len(), a, b, c.add(j), self.ldc, cols, self.part, &Ahead::nothing(b));
        }
    }
}

/// Tiles side by side.
struct RowOfTiles {
    table: Table,
    /// See [`Tile::parts`].
    parts: &'static [Kernel],
    rows: usize,
    a: Rows,
    /// Steps that are not known to add nothing.
    needed: Range<usize>,
    /// How many columns are seen.
    columns: usize,
}
