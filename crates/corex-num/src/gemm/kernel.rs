//! Register tiles: what a kernel is, and the portable one.

use super::Stretch;
use super::pack::Source;
use crate::Isa;
use crate::fma::{Baseline, Fma};
use crate::scalar::canonical;

/// Rows of `a` for one tile: element (row, step) is `data[row * row_stride + step * step_stride]`.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub data: *const f32,
    pub row_stride: usize,
    pub step_stride: usize,
}

impl Rows {
    /// The lanes of a source.
    pub fn of(source: Source) -> Self {
        Self { data: source.data, row_stride: source.lane_stride, step_stride: source.step_stride }
    }
}

/// What a kernel does between its multiplications, where it costs little, for those after it: it fetches line by line what will be
/// packed, and looks at rows that will be read.
#[derive(Clone, Copy)]
pub(super) struct Ahead {
    /// The first line of each of two streams.
    pub at: [*const f32; 2],
    /// Distance of neighbouring lines in elements.
    pub stride: [usize; 2],
    /// The next tile of the result, and of what its epilogue reads: the first row of each and the distance to the next. A row is
    /// fetched per [`Ahead::STEPS`] steps.
    pub tile: [(*const f32, usize); 2],
    /// Rows of `a`, laid out as this tile's, that are scanned for what must be flushed: as many as this tile has, or
    /// [`Ahead::SCANNED_ROWS`] if rows are adjacent; and how many steps of them: none, or a multiple of [`Ahead::SCANNED_STEPS`].
    pub scan: (Rows, usize),
}

impl Ahead {
    /// Steps per line of a stream.
    pub const STEPS: usize = 4;
    /// A vector's worth of steps.
    pub const SCANNED_STEPS: usize = 16;

    /// Rows that are scanned if they are adjacent: a vector's worth, no tile has more.
    pub const SCANNED_ROWS: usize = 16;

    /// Nothing, said by fetching what is in cache anyway.
    pub fn nothing(cached: *const f32) -> Self {
        let rows = Rows { data: cached, row_stride: 0, step_stride: 0 };
        Self { at: [cached; 2], stride: [0; 2], tile: [(cached, 0); 2], scan: (rows, 0) }
    }
}

/// Computes one tile of the result over one stretch of `kc` steps.
///
/// `b` is a packed panel, `[kc][vectors * lanes]`, flushed; so must be the rows of `a`. The tile has all the kernel's
/// rows and the first `cols` of its columns; `c` points to its first element. One line of both streams `ahead` may be
/// fetched per [`Ahead::STEPS`] steps.
///
/// The answer tells whether rows were scanned ahead and have nothing to flush.
///
/// # Safety
/// The operands must have those elements, and `c` hold the kernel's rows of `cols` elements, `ldc` apart; so must rows to be
/// scanned, whether the kernel does or not.
pub(super) type Kernel = unsafe fn(
    kc: usize,
    a: Rows,
    b: *const f32,
    c: *mut f32,
    ldc: usize,
    cols: usize,
    stretch: Stretch,
    ahead: &Ahead,
) -> bool;

/// The kernels of one instruction set, and the block sizes that keep their panels in cache.
pub(super) struct Kernels {
    /// The instruction set that they need.
    pub isa: Isa,
    /// Elements of a vector: panels of `b` are multiples of it wide.
    pub lanes: usize,
    /// Tiles to choose from, the one for large products first.
    pub tiles: &'static [Tile],
    /// Longest stretch: the rows of a tile take half of the first-level cache.
    pub kc: usize,
    /// Rows of `a` whose panels are kept, at most: they come from the last-level cache, once per block of `b`.
    pub mc: usize,
    /// Columns of `b` packed at a time: they stay in the second-level cache.
    pub nc: usize,
    /// Whether rows of `a` are read where they are even if several blocks of `b` need them, or if all fall on the same sets
    /// of the cache.
    pub rows_stay: bool,
    /// The most steps for which rows of `a` that are side by side are read where they are.
    pub columns_stay: usize,
    /// Whether transposing narrow vectors is faster.
    pub shuffles_narrow: bool,
}

/// The kernels of one layout of `a`: that for a tile of `rows` x `vectors` is at `[rows - 1][vectors - 1]`.
pub(super) type Table = &'static [&'static [Kernel]];

/// A shape of tile, with kernels for every smaller one.
pub(super) struct Tile {
    /// Most rows.
    pub mr: usize,
    /// Most vectors in a row.
    pub nv: usize,
    /// For rows of `a` side by side, as in a packed panel or a column-major matrix: their stride is taken to be 1.
    pub rows_adjacent: Table,
    /// For rows of `a` whose steps are side by side, as in a row-major matrix: the steps' stride is taken to be 1.
    /// Empty where that would not pay.
    pub steps_adjacent: Table,
    /// The same for all rows, of fewer vectors than the panel has, as far as they pay.
    pub parts: &'static [Kernel],
    /// The same two for operands that come from further away than the first-level cache; only these fetch what is
    /// [`Ahead`]. The second is empty where that would not pay.
    pub rows_adjacent_far: Table,
    pub steps_adjacent_far: Table,
}

impl Kernels {
    /// The tile for results of `n` columns: the first if there are many, else one that covers them in the fewest panels,
    /// with as many rows as possible.
    pub fn tile_for(&self, n: usize) -> &'static Tile {
        const MANY: usize = 12;
        let vectors = n.div_ceil(self.lanes);
        let fewest = || {
            let cost = |tile: &&Tile| (vectors.div_ceil(tile.nv), std::cmp::Reverse(tile.mr));
            self.tiles.iter().min_by_key(cost)
        };
        (if vectors > MANY { None } else { fewest() }).unwrap_or(&self.tiles[0])
    }
}

static PORTABLE_TABLE: Table = &[
    &[portable::<Baseline, 1, 8>, portable::<Baseline, 1, 16>],
    &[portable::<Baseline, 2, 8>, portable::<Baseline, 2, 16>],
    &[portable::<Baseline, 3, 8>, portable::<Baseline, 3, 16>],
    &[portable::<Baseline, 4, 8>, portable::<Baseline, 4, 16>],
    &[portable::<Baseline, 5, 8>, portable::<Baseline, 5, 16>],
    &[portable::<Baseline, 6, 8>, portable::<Baseline, 6, 16>],
];

/// Tiles of 6 x 16: on AArch64 its 24 accumulators fill the vector registers.
pub(super) static PORTABLE: Kernels = Kernels {
    isa: Isa::Portable,
    lanes: 8,
    tiles: &[Tile {
        mr: 6,
        nv: 2,
        rows_adjacent: PORTABLE_TABLE,
        steps_adjacent: &[],
        parts: &[],
        rows_adjacent_far: PORTABLE_TABLE,
        steps_adjacent_far: &[],
    }],
    kc: 192,
    mc: 2048,
    nc: 384,
    rows_stay: false,
    columns_stay: 512,
    shuffles_narrow: false,
};

/// See [`Kernel`].
unsafe fn portable<F: Fma, const MR: usize, const NR: usize>(
    kc: usize,
    a: Rows,
    b: *const f32,
    c: *mut f32,
    ldc: usize,
    cols: usize,
    stretch: Stretch,
    _ahead: &Ahead,
) -> bool {
    let mut acc = [[0f32; NR]; MR];
    // SAFETY: the caller promises panels of these sizes and a tile of MR x `cols` at `c`.
    unsafe {
        if !stretch.first {
            for i in 0..MR {
                for j in 0..cols {
                    acc[i][j] = *c.add(i * ldc + j);
                }
            }
        }
        for p in 0..kc {
            let av = &*a.data.add(p * MR).cast::<[f32; MR]>();
            let bv = &*b.add(p * NR).cast::<[f32; NR]>();
            for i in 0..MR {
                for j in 0..NR {
                    acc[i][j] = F::fma(av[i], bv[j], acc[i][j]);
                }
            }
        }
        for i in 0..MR {
            for j in 0..cols {
                *c.add(i * ldc + j) = if stretch.last { canonical(acc[i][j] + 0.0) } else { acc[i][j] };
            }
        }
    }
    false
}
