//! Register tiles: what a kernel is, and the portable one.

use super::Stretch;
use crate::fma::{Baseline, Fma};
use crate::scalar::canonical;

/// Computes one tile of the result over one stretch of `kc` steps.
///
/// `a` is a packed panel, `[kc][MR]`; `b` a packed panel, `[kc][NV * lanes]`; both flushed. The tile has all the
/// kernel's rows and the first `cols` of its columns; `c` points to its first element.
///
/// # Safety
/// The panels must have those sizes, and `c` hold MR rows of `cols` elements, `ldc` apart.
pub(super) type Kernel = unsafe fn(
    kc: usize,
    a: *const f32,
    b: *const f32,
    c: *mut f32,
    ldc: usize,
    cols: usize,
    stretch: Stretch,
);

/// The kernels of one path, and the block sizes that keep their panels in cache.
pub(super) struct Tiles {
    /// Most rows of a tile.
    pub mr: usize,
    /// Most vectors in a row of a tile.
    pub nv: usize,
    /// Elements of a vector: panels of `b` are multiples of it wide.
    pub lanes: usize,
    /// Kernel for `rows` x `vectors`, at `[(rows - 1) * nv + vectors - 1]`.
    pub kernels: &'static [Kernel],
    /// Longest stretch: a panel of `b` stays in the first-level cache.
    pub kc: usize,
    /// Rows of `a` packed at a time, a multiple of `mr`: they stay in the second-level cache.
    pub mc: usize,
    /// Columns of `b` packed at a time, a multiple of `nv * lanes`.
    pub nc: usize,
}

impl Tiles {
    pub(super) fn kernel(&self, rows: usize, vectors: usize) -> Kernel {
        self.kernels[(rows - 1) * self.nv + vectors - 1]
    }
}

/// Tiles of 6 x 16: on AArch64 its 24 accumulators fill the vector registers.
pub(super) static PORTABLE: Tiles = Tiles {
    mr: 6,
    nv: 2,
    lanes: 8,
    kernels: &[
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
    a: *const f32,
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
            let av = &*a.add(p * MR).cast::<[f32; MR]>();
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
