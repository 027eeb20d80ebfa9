//! Large products, block by block.
//!
//! A packed block of `b` stays in the second-level cache while all rows of `a` pass by. The rows of one tile come from
//! the first-level cache. So all that the kernels fetch from further away than that is the block of `b`, once per row
//! of tiles. What they will need next (rows of `a`, the following block of `b`) they fetch line by line between their
//! multiplications.

use super::Stretch;
use super::driver::{Product, Workspace};
use super::kernel::{Ahead, Kernels, Rows, Table};
use super::pack::{Upcoming, pack};
use super::scan::nothing_to_flush;

/// Bytes after which addresses fall on the same set of the first-level cache.
pub(super) const CACHE_PERIOD: usize = 4096;

/// One block of `b`, and the rows of `a` that it meets.
struct Block {
    /// First row of `a`, and how many.
    i0: usize,
    mc: usize,
    /// First column, and how many.
    j0: usize,
    nc: usize,
    /// First step, and how many.
    p0: usize,
    steps: usize,
    part: Stretch,
    /// Packed.
    b: *const f32,
    /// The block after this one.
    next: Upcoming,
}

/// Panels of `a`, kept for all blocks of `b` that need them.
struct Panels {
    start: *mut f32,
    /// Room for this many rows; later ones take the place of earlier ones.
    rows: usize,
    kc: usize,
}

impl Panels {
    /// The panel that begins with row `i`, a multiple of the tile's rows.
    fn at(&self, i: usize) -> *mut f32 {
        self.start.wrapping_add(i % self.rows * self.kc)
    }
}

impl Product<'_> {
    /// Length of stretches, and columns of `b` packed at a time.
    fn block(&self) -> (usize, usize) {
        let Kernels { kc: longest, nc, .. } = *self.kernels;
        let nr = self.columns();
        let kc = self.stretch_length(longest);
        // All, if stretches are so short that a block of all is no larger.
        let nc = if self.n.saturating_mul(kc) <= nc * longest { self.n.next_multiple_of(nr) } else { nc };
        (kc, (nc / nr * nr).max(nr))
    }

    /// Columns of a tile.
    fn columns(&self) -> usize {
        self.tile.nv * self.kernels.lanes
    }

    /// Computes the product.
    ///
    /// # Safety
    /// As [`super::gemm_raw`], operands included.
    pub unsafe fn blocked(&self, [for_a, for_b]: &mut [Workspace; 2]) {
        let Self { m, n, k, a, .. } = *self;
        let isa = self.kernels.isa;
        let (mr, nr, lanes) = (self.tile.mr, self.columns(), self.kernels.lanes);
        let (kc, nc) = self.block();
        let mc = self.kernels.mc / (2 * mr) * (2 * mr);
        // Panels that no other block of `b` needs make room for those after the next at once.
        let rows = if n > nc { mc.min(m.next_multiple_of(2 * mr)) } else { 4 * mr };
        let panels = Panels { start: for_a.reserve(rows * kc), rows, kc };
        let packed_b = for_b.reserve(nc.min(n.next_multiple_of(lanes)) * kc);
        // Rows whose steps are adjacent need no packing if they are read once, unless all fall on the same sets of the cache;
        // some processors read them faster than they pack them even then.
        let is_spread = !(a.lane_stride * size_of::<f32>()).is_multiple_of(CACHE_PERIOD);
        let in_place = a.step_stride == 1
            && !self.tile.steps_adjacent_far.is_empty()
            && (self.kernels.rows_stay || n <= nc && is_spread);
        let mut is_clean = vec![false; mc.min(m).div_ceil(mr)];
        for i0 in (0..m).step_by(mc) {
            for p0 in (0..k).step_by(kc) {
                let steps = kc.min(k - p0);
                for j0 in (0..n).step_by(nc) {
                    let (mc, nc, part) = (mc.min(m - i0), nc.min(n - j0), self.part(p0, steps));
                    let next = self.block_after(j0, p0);
                    // SAFETY: the block lies within the matrix, the workspace holds it; so for the rows of `a`.
                    unsafe {
                        pack(isa, self.b.at(j0, p0), nc, nr, lanes, steps, 0..steps, packed_b);
                        let block = Block { i0, mc, j0, nc, p0, steps, part, b: packed_b, next };
                        if in_place {
                            self.rows_where_they_are(block, &panels, &mut is_clean);
                        } else {
                            self.packed_rows(block, &panels);
                        }
                    }
                }
            }
        }
    }

    /// The block of `b` after that at column `j0` and step `p0`.
    fn block_after(&self, j0: usize, p0: usize) -> Upcoming {
        let (kc, nc) = self.block();
        let (j, p) = if j0 + nc < self.n { (j0 + nc, p0) } else { (0, p0 + kc) };
        let lanes = if p < self.k { nc.min(self.n - j) } else { 0 };
        Upcoming::new(self.b.at(j, p), lanes, kc.min(self.k.saturating_sub(p)), kc.min(self.k - p0))
    }

    /// The block's products with rows of `a` whose steps are adjacent. Rows with something to flush are packed; looking
    /// for them brings the rows into the first-level cache. `is_clean` remembers which have nothing.
    ///
    /// # Safety
    /// As [`Product::blocked`]; the block is packed, and panels of earlier blocks are there.
    unsafe fn rows_where_they_are(&self, mut block: Block, panels: &Panels, is_clean: &mut [bool]) {
        let (isa, mr, steps) = (self.kernels.isa, self.tile.mr, block.steps);
        for i in (0..block.mc).step_by(mr) {
            let rows = mr.min(block.mc - i);
            let source = self.a.at(block.i0 + i, block.p0);
            // SAFETY: the caller's promise.
            unsafe {
                let clean = &mut is_clean[i / mr];
                if block.j0 == 0 {
                    *clean = nothing_to_flush(isa, source, rows, steps);
                    if !*clean {
                        pack(isa, source, rows, mr, 1, steps, 0..steps, panels.at(i));
                    }
                }
                let (table, a) = if *clean {
                    let a = Rows { data: source.data, row_stride: source.lane_stride, step_stride: 1 };
                    (self.tile.steps_adjacent_far, a)
                } else {
                    (
                        self.tile.rows_adjacent_far,
                        Rows { data: panels.at(i), row_stride: 1, step_stride: rows },
                    )
                };
                let next_rows = mr.min(block.mc - i - rows);
                let mut next = Upcoming::new(source.at(rows, 0), next_rows, steps, steps);
                self.row_of_tiles(&mut block, table, rows, i, a, |_| next.next(), |_| ());
            }
        }
    }

    /// The block's products with packed rows of `a`. They are packed for the first block of columns, a slice per kernel
    /// call, while the kernels multiply those before them.
    ///
    /// # Safety
    /// As [`Product::blocked`]; the block is packed, and panels of earlier blocks are there.
    unsafe fn packed_rows(&self, mut block: Block, panels: &Panels) {
        let (isa, mr, steps) = (self.kernels.isa, self.tile.mr, block.steps);
        let (i0, mc, p0) = (block.i0, block.mc, block.p0);
        // Rows side by side share cache lines: two panels are packed at a time.
        let group = if self.a.lane_stride == 1 { 2 * mr } else { mr };
        let is_first = block.j0 == 0;
        // SAFETY: the caller's promise; each panel has room for `kc` steps, those of a group follow each other.
        unsafe {
            if is_first {
                pack(isa, self.a.at(i0, p0), group.min(mc), mr, 1, steps, 0..steps, panels.at(0));
            }
            for first in (0..mc).step_by(group) {
                let next = (first + group).min(mc);
                let next_rows = if is_first { group.min(mc - next) } else { 0 };
                let source = self.a.at(i0 + next, p0);
                let tiles = block.nc.div_ceil(self.columns());
                let calls = (next - first).div_ceil(mr) * tiles;
                let slice = steps.div_ceil(calls).next_multiple_of(8);
                let mut packed = 0;
                let mut pack_up_to = |end: usize| {
                    let end = end.min(steps);
                    if next_rows > 0 && packed < end {
                        pack(isa, source, next_rows, mr, 1, steps, packed..end, panels.at(next));
                        packed = end;
                    }
                };
                for i in (first..next).step_by(mr) {
                    let rows = mr.min(mc - i);
                    let panel = panels.at(first).wrapping_add((i - first) * steps);
                    let a = Rows { data: panel, row_stride: 1, step_stride: rows };
                    let slice_after = |call: usize| ((i - first) / mr * tiles + call + 1) * slice;
                    let fetch = |call: usize| {
                        let is_apart = next_rows > 0 && source.lane_stride == 1;
                        let from = slice_after(call).min(steps);
                        // The last of a step's lines, if these rows begin within one: the first was the last of the rows before.
                        is_apart.then(|| (source.at(next_rows - 1, from).data, source.step_stride))
                    };
                    let table = self.tile.rows_adjacent_far;
                    self.row_of_tiles(&mut block, table, rows, i, a, fetch, |call| {
                        pack_up_to(slice_after(call));
                    });
                }
                pack_up_to(steps);
            }
        }
    }

    /// The tiles of some rows, along the block as far as it is seen. Each call fetches what `fetch` names, and is followed
    /// by `between`; both are told how many calls were made before.
    ///
    /// # Safety
    /// As for [`super::kernel::Kernel`], for the rows `a` of the table's layout, which begin with row `i` of the block.
    unsafe fn row_of_tiles(
        &self,
        block: &mut Block,
        table: Table,
        rows: usize,
        i: usize,
        a: Rows,
        mut fetch: impl FnMut(usize) -> Option<(*const f32, usize)>,
        mut between: impl FnMut(usize),
    ) {
        let (nr, nc, steps) = (self.columns(), block.nc, block.steps);
        let seen = self.columns_seen(block.i0 + i + rows).saturating_sub(block.j0).min(nc);
        // Not so early that the next block leaves the cache again.
        let is_time = (block.mc - i).div_ceil(self.tile.mr) * nc.div_ceil(nr) <= block.next.streams();
        for (call, j) in (0..seen).step_by(nr).enumerate() {
            let cols = nr.min(nc - j);
            let kernel = table[rows - 1][cols.div_ceil(self.kernels.lanes) - 1];
            let mut ahead = Ahead::nothing(a.data);
            let streams = [fetch(call), if is_time { block.next.next() } else { None }];
            for (s, (at, stride)) in
                streams.into_iter().enumerate().filter_map(|(s, found)| Some((s, found?)))
            {
                (ahead.at[s], ahead.stride[s]) = (at, stride);
            }
            let tile = |i: usize, j: usize| self.c.wrapping_add((block.i0 + i) * self.ldc + block.j0 + j);
            let c = tile(i, j);
            // The next tile: to the right, or the first of the next rows.
            let (down, right) = if j + nr < seen { (i, j + nr) } else { (i + rows, 0) };
            ahead.tile = [(tile(down, right).cast_const(), self.ldc); 2];
            let epilogue = self.epilogue.filter(|_| block.part.last);
            if let Some(epilogue) = epilogue {
                let at = epilogue.at(block.i0 + down, block.j0 + right);
                ahead.tile[1] = (at, epilogue.operand.row_stride);
            }
            // SAFETY: panels of `b` before this one hold `j` columns; the caller's promise for the rest.
            unsafe {
                kernel(steps, a, block.b.add(j * steps), c, self.ldc, cols, block.part, &ahead);
                if let Some(epilogue) = epilogue {
                    epilogue.apply(self.kernels.isa, (block.i0 + i, block.j0 + j), (rows, cols), c, self.ldc);
                }
            }
            between(call);
        }
    }
}
