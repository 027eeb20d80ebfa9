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
/// Adjacent rows that are scanned at a time, if kernels did not.
const MANY_ROWS: usize = 256;
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
        let scratch = for_a.reserve(tile.mr * kc);
        let packed = for_b.reserve(nc.min(n.next_multiple_of(lanes)) * kc);
        // A matrix as wide as its only panel.
        let like_packed = b.lane_stride == 1 && b.step_stride == n && n <= nr && n.is_multiple_of(lanes);
        for j0 in (0..n).step_by(nc) {
            let nc = nc.min(n - j0);
            for p0 in (0..k).step_by(kc) {
                let steps = kc.min(k - p0);
                let part = self.part(p0, steps);
                let (a, b) = (a.at(0, p0), b.at(j0, p0));
                // SAFETY: blocks lie within the matrices; the workspace holds nc lanes, rounded up to whole vectors, of kc steps.
                unsafe {
                    let b = if like_packed && nothing_to_flush(isa, b.exchanged(), steps, n) {
                        b.data
                    } else {
                        pack(isa, b, nc, nr, lanes, steps, 0..steps, packed);
                        packed.cast_const()
                    };
                    let block = Block { isa, lanes, tile, nc, steps, b, ldc, part, finite: Cell::new(None) };
                    let seen = |end: usize| self.columns_seen(end).saturating_sub(j0).min(nc);
                    block.rows(left, m, a, scratch, c.add(j0), seen);
                }
            }
        }
    }
}

/// The products of one block of `b` with rows of `a`.
struct Block {
    lanes: usize,
    tile: &'static Tile,
    isa: Isa,
    /// Columns of the block.
    nc: usize,
    steps: usize,
    /// As [`pack`] does it for `tile`, nothing in it to be flushed.
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

    /// One row of tiles after the other. Of the rows before one so many columns are `seen`; vectors beyond are left out. Rows of `a` with
    /// something to flush are packed.
    ///
    /// # Safety
    /// `source` must hold `m` rows of the block's steps, those adjacent that `left` says; `scratch` must have room for a panel,
    /// `c` hold m x nc elements.
    unsafe fn rows(
        &self,
        left: Left,
        m: usize,
        source: Source,
        scratch: *mut f32,
        c: *mut f32,
        seen: impl Fn(usize) -> usize,
    ) {
        let Tile { mr, rows_adjacent, steps_adjacent, parts, .. } = *self.tile;
        let (steps, isa) = (self.steps, self.isa);
        let (table, parts, ahead) = match left {
            Left::RowsInPlace => (steps_adjacent, parts, mr),
            _ => (rows_adjacent, &[][..], Ahead::SCANNED_ROWS),
        };
        let mut scanned = Scanned { isa, left, source, m, steps, clean: 0, doubtful: 0 };
        for i in (0..m).step_by(mr) {
            let rows = mr.min(m - i);
            let (panel, columns) = (source.at(i, 0), seen(i + rows));
            // SAFETY: the caller's promise.
            unsafe {
                let stays = scanned.is_clean(i, rows);
                let mut row = if stays {
                    let (a, needed) = (Rows::of(panel), self.needed(panel, rows));
                    RowOfTiles { table, parts, rows, a, needed, columns, scan: (a, 0) }
                } else {
                    pack(isa, panel, rows, rows, 1, steps, 0..steps, scratch);
                    let panel = Source { data: scratch, lane_stride: 1, step_stride: rows };
                    let (a, needed) = (Rows::of(panel), self.needed(panel, rows));
                    RowOfTiles { table: rows_adjacent, parts: &[], rows, a, needed, columns, scan: (a, 0) }
                };
                // Where kernels have no time for all steps, those left of adjacent rows would be read line by line for a few of each.
                let in_time = left == Left::RowsInPlace || row.needed.len() == steps;
                let end = (i + rows + mr).min(m);
                let is_asked = end > scanned.clean.max(i + rows) && ahead <= m;
                if stays && in_time && is_asked && steps.is_multiple_of(Ahead::SCANNED_STEPS) {
                    // A whole tile's rows, some of them these again if fewer are left.
                    row.scan = (Rows::of(source.at((i + rows).min(m - ahead), 0)), steps);
                }
                if self.row_of_tiles(&row, c.add(i * self.ldc)) {
                    scanned.clean = end;
                }
            }
        }
    }

    /// All tiles of a row; `c` is the start of its first row. Whether rows were scanned ahead and have nothing to flush.
    ///
    /// # Safety
    /// As for [`super::kernel::Kernel`].
    unsafe fn row_of_tiles(&self, row: &RowOfTiles, c: *mut f32) -> bool {
        let mut known = false;
        for j in (0..row.columns).step_by(self.tile.nv * self.lanes) {
            // SAFETY: the caller's promise.
            known = unsafe { self.tile(row, j, c) };
        }
        known
    }

    /// The tile at column `j`; `c` is the start of the row's first row. The answer is the kernel's, which scans ahead if this tile is
    /// the last.
    ///
    /// # Safety
    /// As for [`super::kernel::Kernel`].
    #[inline(always)]
    unsafe fn tile(&self, row: &RowOfTiles, j: usize, c: *mut f32) -> bool {
        let RowOfTiles { table, parts, rows, a, ref needed, columns, scan } = *row;
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
            let scan = (scan.0, if j + width < columns { 0 } else { scan.1 });
            let ahead = Ahead { scan, ..Ahead::nothing(b) };
            kernel(needed.len(), a, b, c.add(j), self.ldc, cols, self.part, &ahead)
        }
    }
}

/// What is known of the left operand's rows.
struct Scanned {
    isa: Isa,
    left: Left,
    source: Source,
    m: usize,
    steps: usize,
    /// Those before this one that were not multiplied yet have nothing to flush.
    clean: usize,
    /// Some before this one may have.
    doubtful: usize,
}

impl Scanned {
    /// Whether the rows of a tile have nothing to flush. Looking brings them into the first-level cache; they are only looked at if the
    /// kernels of the tile before did not.
    ///
    /// # Safety
    /// As [`nothing_to_flush`].
    unsafe fn is_clean(&mut self, i: usize, rows: usize) -> bool {
        if i + rows <= self.clean {
            return true;
        }
        // SAFETY: the caller's promise.
        unsafe {
            if self.left == Left::RowsInPlace {
                return nothing_to_flush(self.isa, self.source.at(i, 0), rows, self.steps);
            }
            let lines = self.source.at(i, 0).exchanged();
            // Many adjacent rows take hardly longer than a few.
            let many = MANY_ROWS.min(self.m - i);
            if i > 0 && i >= self.doubtful {
                if nothing_to_flush(self.isa, lines, self.steps, many) {
                    self.clean = i + many;
                    return true;
                }
                self.doubtful = i + many;
            }
            nothing_to_flush(self.isa, lines, self.steps, rows)
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
    /// See [`Ahead::scan`].
    scan: (Rows, usize),
}
