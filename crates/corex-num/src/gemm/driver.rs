//! The loops around the kernels: blocks that fit the caches, panels packed once per block.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use super::kernel::{Kernels, PORTABLE, Rows, Table, Tile};
use super::pack::{Source, pack};
use super::scan::{is_finite, nonzero_steps, nothing_to_flush};
use super::{MatRef, Stretch};
use crate::Isa;
use crate::scalar::canonical;

/// A cache line of elements: makes the workspaces aligned.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// Memory for packed panels, kept by each thread from call to call.
struct Workspace(Vec<Line>);

impl Workspace {
    fn reserve(&mut self, elements: usize) -> *mut f32 {
        let lines = elements.div_ceil(16);
        if self.0.len() < lines {
            self.0 = vec![Line([0.0; 16]); lines];
        }
        self.0.as_mut_ptr().cast()
    }
}

thread_local! {
    static WORKSPACES: RefCell<[Workspace; 2]> = const { RefCell::new([Workspace(Vec::new()), Workspace(Vec::new())]) };
}

fn kernels(isa: Isa) -> &'static Kernels {
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => &super::kernel_x86::AVX512,
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => &super::kernel_x86::AVX2,
        _ => &PORTABLE,
    }
}

/// See [`super::gemm_stretch`].
///
/// # Safety
/// `a` must hold m x k, `b` k x n elements; `c` m rows of n elements, `ldc` apart, that nobody else accesses.
pub(super) unsafe fn run(
    isa: Isa,
    m: usize,
    n: usize,
    k: usize,
    a: MatRef<'_>,
    b: MatRef<'_>,
    c: *mut f32,
    ldc: usize,
    stretch: Stretch,
) {
    if m == 0 || n == 0 {
        return;
    }
    if k == 0 {
        // SAFETY: `c` holds these elements.
        unsafe { finish_empty(m, n, c, ldc, stretch) };
        return;
    }
    let isa = isa.supported();
    let kernels = kernels(isa);
    let a = Source { data: a.data.as_ptr(), lane_stride: a.row_stride, step_stride: a.col_stride };
    let b = Source { data: b.data.as_ptr(), lane_stride: b.col_stride, step_stride: b.row_stride };
    #[cfg(target_arch = "x86_64")]
    if m == 1 && b.lane_stride == 1 && isa == Isa::Avx512 {
        // SAFETY: `isa` is one of this machine; the caller's promise for the rest.
        return unsafe { super::row_x86::avx512(n, k, a, b, c, stretch) };
    }
    let tile = kernels.tile_for(n);
    let plan = plan(kernels, tile, m, n, k, a);
    // Stretches of nearly equal length: a short last one would waste the loads of `c`.
    let kc = k.div_ceil(k.div_ceil(plan.kc));
    let nr = tile.nv * kernels.lanes;
    let nc = kernels.nc / nr * nr;
    let mc = kernels.mc / tile.mr * tile.mr;
    WORKSPACES.with_borrow_mut(|[for_a, for_b]| {
        let packed_a = for_a.reserve(mc.min(m) * kc);
        let packed_b = for_b.reserve(nc.min(n.next_multiple_of(kernels.lanes)) * kc);
        for j0 in (0..n).step_by(nc) {
            let nc = nc.min(n - j0);
            for p0 in (0..k).step_by(kc) {
                let steps = kc.min(k - p0);
                let part = Stretch { first: stretch.first && p0 == 0, last: stretch.last && p0 + steps == k };
                // SAFETY: blocks lie within the matrices; the workspaces hold mc (nc rounded up to whole
                // vectors) lanes of kc steps; panels follow each other without gaps.
                unsafe {
                    pack(isa, b.at(j0, p0), nc, nr, kernels.lanes, steps, packed_b);
                    let finite = Cell::new(None);
                    let lanes = kernels.lanes;
                    let block = Block { isa, lanes, tile, nc, steps, b: packed_b, ldc, part, finite };
                    for i0 in (0..m).step_by(mc) {
                        let mc = mc.min(m - i0);
                        let (a, c) = (a.at(i0, p0), c.add(i0 * ldc + j0));
                        match plan.a {
                            Left::RowsInPlace => block.rows_in_place(isa, mc, a, packed_a, c),
                            Left::ColumnsInPlace if nothing_to_flush(isa, a.exchanged(), steps, mc) => {
                                block.columns_in_place(mc, a, c);
                            }
                            _ => {
                                pack(isa, a, mc, tile.mr, 1, steps, packed_a);
                                block.packed(mc, packed_a, c);
                            }
                        }
                    }
                }
            }
        }
    });
}

/// How the left operand is read.
#[derive(Clone, Copy)]
enum Left {
    /// From packed panels.
    Packed,
    /// Where it is, if there is nothing to flush; its steps are adjacent.
    RowsInPlace,
    /// Where it is, if there is nothing to flush; its rows are adjacent.
    ColumnsInPlace,
}

struct Plan {
    a: Left,
    /// Longest stretch.
    kc: usize,
}

/// Whether kernels read `a` where it is: packing it costs as much as the multiplication by 10 to 20 columns, which
/// pays only if there are many, or if its rows would otherwise fall on the same cache sets again and again.
fn plan(kernels: &Kernels, tile: &Tile, m: usize, n: usize, k: usize, a: Source) -> Plan {
    let packed = Plan { a: Left::Packed, kc: kernels.kc };
    if tile.steps_adjacent.is_empty() {
        return packed;
    }
    let small = n <= 256 || m.saturating_mul(n).saturating_mul(k) <= 1 << 27;
    match (a.lane_stride, a.step_stride) {
        (_, 1) if small && n.saturating_mul(k) <= 1 << 17 => Plan { a: Left::RowsInPlace, kc: 512 },
        (1, _) if small && k <= 256 => Plan { a: Left::ColumnsInPlace, ..packed },
        _ => packed,
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
        let all = 0..self.steps;
        for j in (0..self.nc).step_by(self.tile.nv * self.lanes) {
            for i in (0..mc).step_by(self.tile.mr) {
                let rows = self.tile.mr.min(mc - i);
                let a = Rows { data: a.wrapping_add(i * self.steps), row_stride: 1, step_stride: rows };
                // SAFETY: panels before this one hold `i` rows; the caller's promise for the rest.
                unsafe { self.tile(self.tile.rows_adjacent, rows, a, &all, j, c.add(i * self.ldc)) };
            }
        }
    }

    /// The same with column-major rows of `a`, which must have nothing to flush.
    ///
    /// # Safety
    /// `a` must hold `mc` rows, `c` mc x nc elements.
    unsafe fn columns_in_place(&self, mc: usize, a: Source, c: *mut f32) {
        for i in (0..mc).step_by(self.tile.mr) {
            let rows = self.tile.mr.min(mc - i);
            let panel = a.at(i, 0);
            let from = Rows { data: panel.data, row_stride: 1, step_stride: a.step_stride };
            // SAFETY: the caller's promise.
            unsafe {
                let needed = self.needed(panel, rows);
                for j in (0..self.nc).step_by(self.tile.nv * self.lanes) {
                    self.tile(self.tile.rows_adjacent, rows, from, &needed, j, c.add(i * self.ldc));
                }
            }
        }
    }

    /// One tile after the other, along the rows: looking for something to flush brings the rows of `a` into the
    /// first-level cache, where the kernels then find them. Rows with something to flush are packed.
    ///
    /// # Safety
    /// `source` must hold `mc` row-major rows, `scratch` have room for a panel, `c` hold mc x nc elements.
    unsafe fn rows_in_place(&self, isa: Isa, mc: usize, source: Source, scratch: *mut f32, c: *mut f32) {
        let width = self.tile.nv * self.lanes;
        for i in (0..mc).step_by(self.tile.mr) {
            let rows = self.tile.mr.min(mc - i);
            let panel = source.at(i, 0);
            // SAFETY: the caller's promise.
            unsafe {
                let (table, a) = if nothing_to_flush(isa, panel, rows, self.steps) {
                    let a = Rows { data: panel.data, row_stride: panel.lane_stride, step_stride: 1 };
                    (self.tile.steps_adjacent, a)
                } else {
                    pack(isa, panel, rows, rows, 1, self.steps, scratch);
                    (self.tile.rows_adjacent, Rows { data: scratch, row_stride: 1, step_stride: rows })
                };
                let packed = Source { data: a.data, lane_stride: a.row_stride, step_stride: a.step_stride };
                let needed = self.needed(packed, rows);
                for j in (0..self.nc).step_by(width) {
                    self.tile(table, rows, a, &needed, j, c.add(i * self.ldc));
                }
            }
        }
    }

    /// The tile of these rows at column `j`, over some of the steps; `c` is the start of its first row.
    ///
    /// # Safety
    /// As for [`super::kernel::Kernel`].
    #[inline(always)]
    unsafe fn tile(&self, table: Table, rows: usize, a: Rows, steps: &Range<usize>, j: usize, c: *mut f32) {
        let cols = (self.tile.nv * self.lanes).min(self.nc - j);
        let vectors = cols.div_ceil(self.lanes);
        let kernel = table[rows - 1][vectors - 1];
        let a = Rows { data: a.data.wrapping_add(steps.start * a.step_stride), ..a };
        // SAFETY: panels of `b` before this one hold `j` columns, this one whole vectors for each step; the caller's
        // promise for the rest.
        unsafe {
            let b = self.b.add(j * self.steps + steps.start * vectors * self.lanes);
            kernel(steps.len(), a, b, c.add(j), self.ldc, cols, self.part);
        }
    }
}

/// A chain without steps: +0, or what is there.
///
/// # Safety
/// `c` must hold `m` rows of `n` elements, `ldc` apart.
unsafe fn finish_empty(m: usize, n: usize, c: *mut f32, ldc: usize, stretch: Stretch) {
    for i in 0..m {
        for j in 0..n {
            // SAFETY: within those rows.
            unsafe {
                let at = c.add(i * ldc + j);
                if stretch.first {
                    *at = 0.0;
                } else if stretch.last {
                    *at = canonical(*at + 0.0);
                }
            }
        }
    }
}
