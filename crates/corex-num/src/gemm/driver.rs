//! The loops around the kernels: blocks that fit the caches, panels packed once per block.

use std::cell::RefCell;

use super::kernel::{PORTABLE, Rows, Tiles};
use super::pack::{Source, pack_panel};
use super::{FLUSH_BITS, MatRef, Stretch};
use crate::Isa;
use crate::dispatch::per_isa;
use crate::fma::Fma;
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

fn tiles(isa: Isa) -> &'static Tiles {
    match isa.supported() {
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
    let tiles = tiles(isa);
    let a = Source { data: a.data.as_ptr(), lane_stride: a.row_stride, step_stride: a.col_stride };
    let b = Source { data: b.data.as_ptr(), lane_stride: b.col_stride, step_stride: b.row_stride };
    // Stretches of nearly equal length: a short last one would waste the loads of `c`.
    let kc = k.div_ceil(k.div_ceil(tiles.kc));
    let nr = tiles.nv * tiles.lanes;
    // SAFETY: `a` holds m x k elements.
    let in_place = unsafe { reads_in_place(isa, tiles, m, n, k, a) };
    WORKSPACES.with_borrow_mut(|[for_a, for_b]| {
        let packed_a = for_a.reserve(tiles.mc.min(m) * kc);
        let packed_b = for_b.reserve(tiles.nc.min(n.next_multiple_of(tiles.lanes)) * kc);
        for j0 in (0..n).step_by(tiles.nc) {
            let nc = tiles.nc.min(n - j0);
            for p0 in (0..k).step_by(kc) {
                let steps = kc.min(k - p0);
                let part = Stretch { first: stretch.first && p0 == 0, last: stretch.last && p0 + steps == k };
                // SAFETY: blocks lie within the matrices; the workspaces hold mc (nc rounded up to whole
                // vectors) lanes of kc steps; panels follow each other without gaps.
                unsafe {
                    pack(isa, b.at(j0, p0), nc, nr, tiles.lanes, steps, packed_b);
                    for i0 in (0..m).step_by(tiles.mc) {
                        let mc = tiles.mc.min(m - i0);
                        let a = a.at(i0, p0);
                        let source = if in_place {
                            Some(a)
                        } else {
                            pack(isa, a, mc, tiles.mr, 1, steps, packed_a);
                            None
                        };
                        let c = c.add(i0 * ldc + j0);
                        block(tiles, mc, nc, steps, source, packed_a, packed_b, c, ldc, part);
                    }
                }
            }
        }
    });
}

/// Whether kernels read `a` where it is: packing it costs as much as the multiplication by 10 to 20 columns, which
/// pays only if there are many, or if its rows would otherwise fall on the same cache sets again and again. Packing
/// also flushes, so there must be nothing to flush.
///
/// # Safety
/// `a` must hold `m` lanes of `k` steps.
unsafe fn reads_in_place(isa: Isa, tiles: &Tiles, m: usize, n: usize, k: usize, a: Source) -> bool {
    if tiles.in_place.is_empty() || k > 256 {
        return false;
    }
    let small = n <= 256 || m.saturating_mul(n).saturating_mul(k) <= 1 << 27;
    // SAFETY: `a` holds these elements; so does the view with lanes and steps exchanged.
    unsafe {
        match (a.lane_stride, a.step_stride) {
            (_, 1) if small => nothing_to_flush(isa, a, m, k),
            (1, step) if small => {
                nothing_to_flush(isa, Source { lane_stride: step, step_stride: 1, ..a }, k, m)
            }
            _ => false,
        }
    }
}

/// The product of a block of `a` (`mc` lanes) and a packed block of `b` (`nc` lanes).
///
/// # Safety
/// `b` must be packed as [`pack`] does for `tiles`, so must `a` if `source` is none; else `source` must hold the block,
/// with nothing to flush. `c` must hold mc x nc elements.
unsafe fn block(
    tiles: &Tiles,
    mc: usize,
    nc: usize,
    steps: usize,
    source: Option<Source>,
    a: *const f32,
    b: *const f32,
    c: *mut f32,
    ldc: usize,
    part: Stretch,
) {
    let nr = tiles.nv * tiles.lanes;
    let kernels = if source.is_some() { tiles.in_place } else { tiles.packed };
    for j in (0..nc).step_by(nr) {
        let cols = nr.min(nc - j);
        let vectors = cols.div_ceil(tiles.lanes);
        for i in (0..mc).step_by(tiles.mr) {
            let rows = tiles.mr.min(mc - i);
            let kernel = kernels[(rows - 1) * tiles.nv + vectors - 1];
            let lanes = match source {
                Some(a) => {
                    Rows { data: a.at(i, 0).data, row_stride: a.lane_stride, step_stride: a.step_stride }
                }
                None => Rows { data: a.wrapping_add(i * steps), row_stride: 1, step_stride: rows },
            };
            // SAFETY: panels before these hold i (j) lanes of `steps` steps; the tile is within mc x nc.
            unsafe { kernel(steps, lanes, b.add(j * steps), c.add(i * ldc + j), ldc, cols, part) };
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

per_isa! {
    /// Packs `lanes` lanes of `steps` steps into panels `width` wide, one after the other; the last is as wide as
    /// its lanes need, rounded up to `quantum`.
    ///
    /// # Safety
    /// The source must hold those elements, `to` have room for the panels.
    unsafe fn pack(source: Source, lanes: usize, width: usize, quantum: usize, steps: usize, to: *mut f32) =
        pack_generic;
}

#[inline(always)]
unsafe fn pack_generic<F: Fma>(
    source: Source,
    lanes: usize,
    width: usize,
    quantum: usize,
    steps: usize,
    to: *mut f32,
) {
    // Where lanes are contiguous, walk few steps at a time across all panels: a source row is then read in one go.
    let strip = if source.lane_stride == 1 { 16 } else { steps };
    for step in (0..steps).step_by(strip) {
        let count = strip.min(steps - step);
        for lane in (0..lanes).step_by(width) {
            let here = width.min(lanes - lane);
            let padded = here.next_multiple_of(quantum);
            // SAFETY: panels before this one hold `lane` lanes of `steps` steps, this one `step` steps so far.
            unsafe {
                let panel = to.add(lane * steps + step * padded);
                pack_panel::<F>(source.at(lane, step), here, padded, count, panel);
            }
        }
    }
}

per_isa! {
    /// Whether no element is a non-zero below the flush threshold; steps must be contiguous. A negative zero may stay:
    /// as an operand of a chain it acts as +0 does, up to the sign of a zero sum, which the end of the chain removes.
    ///
    /// # Safety
    /// The source must hold `lanes` lanes of `steps` steps.
    unsafe fn nothing_to_flush(source: Source, lanes: usize, steps: usize) -> bool = nothing_to_flush_generic;
}

#[inline(always)]
unsafe fn nothing_to_flush_generic<F: Fma>(source: Source, lanes: usize, steps: usize) -> bool {
    // The smallest magnitude less 1, in independent lanes: 0 wraps to the top, so one comparison at the end tells the
    // magnitudes from 1 to FLUSH_BITS - 1.
    const WIDTH: usize = 32;
    let key = |x: f32| (x.to_bits() & 0x7FFF_FFFF).wrapping_sub(1);
    let mut least = [u32::MAX; WIDTH];
    for lane in 0..lanes {
        // SAFETY: the caller promises this lane.
        let row = unsafe { std::slice::from_raw_parts(source.at(lane, 0).data, steps) };
        let chunks = row.chunks_exact(WIDTH);
        let rest = chunks.remainder();
        for chunk in chunks {
            for i in 0..WIDTH {
                least[i] = least[i].min(key(chunk[i]));
            }
        }
        for (least, &x) in least.iter_mut().zip(rest) {
            *least = (*least).min(key(x));
        }
    }
    least.iter().all(|&key| key >= FLUSH_BITS - 1)
}
