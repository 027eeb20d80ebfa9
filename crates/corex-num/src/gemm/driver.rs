//! The loops around the kernels: blocks that fit the caches, panels packed once per block.

use std::cell::RefCell;

use super::kernel::{Ahead, Kernels, PORTABLE, Tile};
use super::pack::Source;
use super::{Epilogue, GemmOptions, MatRef, Stretch};
use crate::scalar::canonical;
use crate::{Isa, prefer_large_pages};

/// A cache line of elements: makes the workspaces aligned.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// Memory for packed panels, kept by each thread from call to call.
pub(super) struct Workspace(Vec<Line>);

impl Workspace {
    /// Room for so many elements, with anything in it.
    pub fn reserve(&mut self, elements: usize) -> *mut f32 {
        let lines = elements.div_ceil(16);
        if self.0.len() < lines {
            let mut grown: Vec<Line> = Vec::with_capacity(lines);
            // SAFETY: the vector owns its capacity.
            unsafe { prefer_large_pages(grown.as_mut_ptr().cast(), lines * size_of::<Line>()) };
            grown.resize(lines, Line([0.0; 16]));
            self.0 = grown;
        }
        self.0.as_mut_ptr().cast()
    }
}

thread_local! {
    static WORKSPACES: RefCell<[Workspace; 2]> = const { RefCell::new([Workspace(Vec::new()), Workspace(Vec::new())]) };
}

/// The kernels of an instruction set, or portable ones if this machine lacks it.
pub(super) fn kernels(isa: Isa) -> &'static Kernels {
    match isa.supported() {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => super::kernel_x86::avx512_of_this_machine(),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => &super::kernel_x86::AVX2,
        _ => &PORTABLE,
    }
}

/// Beyond these, rows that are side by side are packed for the first tile, whose panels are half a cache line wide.
const FEW_COLUMNS: usize = 96;

/// See [`super::gemm_raw`].
///
/// # Safety
/// This machine must have the kernels' instruction set; `a` must hold m x k, `b` k x n elements; `c` m rows of n elements, `ldc` apart, that nobody else accesses.
pub(super) unsafe fn run(
    kernels: &'static Kernels,
    m: usize,
    n: usize,
    k: usize,
    a: MatRef<'_>,
    b: MatRef<'_>,
    c: *mut f32,
    ldc: usize,
    options: GemmOptions<'_>,
) {
    let GemmOptions { stretch, seen, epilogue } = options;
    if m == 0 || n == 0 {
        return;
    }
    let epilogue = epilogue.filter(|_| stretch.last);
    if k == 0 {
        // SAFETY: `c` holds these elements.
        unsafe {
            finish_empty(m, n, c, ldc, stretch);
            epilogue.iter().for_each(|epilogue| epilogue.apply(kernels.isa, (0, 0), (m, n), c, ldc));
        }
        return;
    }
    let a = Source { data: a.data.as_ptr(), lane_stride: a.row_stride, step_stride: a.col_stride };
    let b = Source { data: b.data.as_ptr(), lane_stride: b.col_stride, step_stride: b.row_stride };
    // One column is one row of the transposed result.
    let (m, n, a, b, ldc, seen, epilogue) = if n == 1 && m > 1 && ldc == 1 {
        (1, m, b, a, m, isize::MAX, epilogue.map(Epilogue::transposed))
    } else {
        (m, n, a, b, ldc, seen, epilogue)
    };
    let mut tile = kernels.tile_for(n);
    let left = left(kernels, tile, m, n, k, a);
    if left == Left::Blocked && a.lane_stride == 1 && n > FEW_COLUMNS {
        tile = &kernels.tiles[0];
    }
    let product = Product { kernels, tile, m, n, k, a, b, c, ldc, stretch, seen, epilogue };
    // SAFETY: the caller's promise.
    WORKSPACES.with_borrow_mut(|workspaces| unsafe {
        match left {
            #[cfg(target_arch = "x86_64")]
            _ if kernels.isa == Isa::Avx512 && product.is_thin() => product.thin(workspaces),
            Left::Blocked => return product.blocked(workspaces),
            in_place => product.in_place(in_place, workspaces),
        }
        epilogue.iter().for_each(|epilogue| epilogue.apply(kernels.isa, (0, 0), (m, n), c, ldc));
    });
}

/// A product, and how it is computed.
pub(super) struct Product<'a> {
    pub kernels: &'static Kernels,
    pub tile: &'static Tile,
    pub m: usize,
    pub n: usize,
    pub k: usize,
    pub a: Source,
    pub b: Source,
    pub c: *mut f32,
    pub ldc: usize,
    pub stretch: Stretch,
    /// The largest difference of column and row at which an element is needed.
    pub seen: isize,
    /// Follows the last stretch.
    pub epilogue: Option<Epilogue<'a>>,
}

impl Product<'_> {
    /// Columns that any of the rows before row `end` needs, from the first on.
    pub fn columns_seen(&self, end: usize) -> usize {
        usize::try_from(self.seen.saturating_add_unsigned(end)).map_or(0, |columns| columns.min(self.n))
    }

    /// The part of the chains that steps `p0..p0 + steps` are.
    pub fn part(&self, p0: usize, steps: usize) -> Stretch {
        self.stretch.part(p0, steps, self.k)
    }

    /// The length of stretches of nearly equal length, none longer than `longest`: a short last one would waste the
    /// loads of `c`.
    pub fn stretch_length(&self, longest: usize) -> usize {
        self.k.div_ceil(self.k.div_ceil(longest)).next_multiple_of(Ahead::SCANNED_STEPS).min(longest)
    }
}

/// How the left operand is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// Block by block, packed or where it is.
    Blocked,
    /// Where it is, if there is nothing to flush; its steps are adjacent.
    RowsInPlace,
    /// Where it is, if there is nothing to flush; its rows are adjacent.
    ColumnsInPlace,
}

/// Whether kernels read `a` where it is: packing it costs as much as the multiplication by 10 to 20 columns, which
/// pays only if there are many, or if its rows would otherwise fall on the same cache sets again and again.
fn left(kernels: &Kernels, tile: &Tile, m: usize, n: usize, k: usize, a: Source) -> Left {
    let small = n <= 256 || m.saturating_mul(n).saturating_mul(k) <= 1 << 27;
    match (a.lane_stride, a.step_stride) {
        _ if tile.steps_adjacent.is_empty() || !small => Left::Blocked,
        (_, 1) if n.saturating_mul(k) <= 1 << 17 => Left::RowsInPlace,
        (1, _) if k <= kernels.columns_stay => Left::ColumnsInPlace,
        _ => Left::Blocked,
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

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::super::kernel_x86::{AVX512, AVX512_LATER};
    use super::*;

    /// The tests of the whole crate run what is for this machine.
    #[test]
    fn kernels_for_other_machines_give_the_same_bits() {
        if Isa::Avx512.supported() != Isa::Avx512 {
            return;
        }
        // One row times a near and a far matrix; blocks of columns; rows on the same sets of the cache, with something to flush.
        for (m, n, k) in [(1, 300, 70), (1, 400, 350), (21, 700, 530), (19, 200, 1024)] {
            let mut at = 0u32;
            let mut numbers = |count: usize| -> Vec<f32> {
                let mut next = || {
                    at = at.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    if at >> 20 == 0 {
                        f32::from_bits(0x2100_0000)
                    } else {
                        (at >> 8) as f32 / (1 << 23) as f32 - 1.0
                    }
                };
                (0..count).map(|_| next()).collect()
            };
            let (a, b) = (numbers(m * k), numbers(n * k));
            let layouts =
                |x, columns, rows| [MatRef::row_major(x, columns), MatRef::row_major(x, rows).transposed()];
            for (a, b) in layouts(&a, k, m).into_iter().flat_map(|a| layouts(&b, n, k).map(|b| (a, b))) {
                let product = |kernels: &'static Kernels| {
                    let mut c = vec![f32::NAN; m * n];
                    // SAFETY: the vectors hold these matrices; the machine has AVX-512.
                    unsafe { run(kernels, m, n, k, a, b, c.as_mut_ptr(), n, GemmOptions::default()) };
                    c.into_iter().map(f32::to_bits).collect::<Vec<_>>()
                };
                let strides = [a.row_stride, b.row_stride];
                assert!(product(&AVX512) == product(&AVX512_LATER), "{m}x{n}x{k}, rows {strides:?} apart");
            }
        }
    }
}
