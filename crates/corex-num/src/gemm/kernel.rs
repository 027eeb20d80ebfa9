//! Register tiles: what a kernel is, and the portable one.

use super::Stretch;
use crate::fma::{Baseline, Fma};
use crate::scalar::canonical;

/// Rows of `a` for one tile: element (row, step) is `data[row * row_stride + step * step_stride]`.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub data: *const f32,
    pub row_stride: usize,
    pub step_stride: usize,
}

/// Computes one tile of the result over one stretch of `kc` steps.
///
/// `b` is a packed panel, `[kc][NV * lanes]`. The rows of `a` are a packed panel, `[kc][MR]`, for the kernels of
/// [`Tiles::packed`] (which take the strides as known), and lie anywhere for those of [`Tiles::in_place`]. Both are
/// flushed. The tile has all the kernel's rows and the first `cols` of its columns; `c` points to its first element.
///
/// # Safety
/// The operands must have those elements, and `c` hold MR rows of `cols` elements, `ldc` apart.
pub(super) type Kernel =
    unsafe fn(kc: usize, a: Rows, b: *const f32, c: *mut f32, ldc: usize, cols: usize, stretch: Stretch);

/// The kernels of one path, and the block sizes that keep their panels in cache.
pub(super) struct Tiles {
    /// Most rows of a tile.
    pub mr: usize,
    /// Most vectors in a row of a tile.
    pub nv: usize,
    /// Elements of a vector: panels of `b` are multiples of it wide.
    pub lanes: usize,
    /// Kernel for `rows` x `vectors`, at `[(rows - 1) * nv + vectors - 1]`.
    pub packed: &'static [Kernel],
    /// The same for rows of `a` where they are; empty where that would not pay.
    pub in_place: &'static [Kernel],
    /// Longest stretch: a panel of `b` stays in the first-level cache.
    pub kc: usize,
    /// Rows of `a` packed at a time, a multiple of `mr`: they stay in the second-level cache.
    pub mc: usize,
    /// Columns of `b` packed at a time, a multiple of `nv * lanes`.
    pub nc: usize,
}

/// Tiles of 6 x 16: on AArch64 its 24 accumulators fill the vector registers.
pub(super) static PORTABLE: Tiles = Tiles {
    mr: 6,
    nv: 2,
    lanes: 8,
    in_place: &[],
    packed: &[
        portable::<Baseline, 1, 8>,
        portable::<Baseline, 1, 16>,
        portable::<Baseline, 2, 8>,
        portable::<Baseline, 2, 16>,
        portable::<Baseline, 3, 8>,
        portable::<Baseline, 3, 16>,
        portable::<Baseline, 4, 8>,
        portable::<Baseline, 4, 16>,
        portable::<Baseline, 5, 8>,
        portable::<Baseline, 5, 16>,
        portable::<Baseline, 6, 8>,
        portable::<Baseline, 6, 16>,
    ],
    kc: 256,
    mc: 192,
    nc: 3072,
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
) {
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
}
