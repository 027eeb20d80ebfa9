//! Few rows times a matrix: every element of the matrix is used a few times only, so packing it would cost as much as the
//! product. It is read once, in order, and what the law flushes is found in registers.

mod columns;
mod flushing;
mod rows;

use std::arch::x86_64::*;

use super::Stretch;
use super::driver::{Product, Workspace};
use super::kernel_x86::canonical;
use super::pack::{Source, pack};
use columns::{NARROW, columns, narrow};
use rows::{block, chains, is_on_lines, rows};

/// Most rows for which this pays: with lanes of the matrix adjacent, and with steps adjacent, which must be transposed.
const MOST_ROWS: usize = 8;
const MOST_ROWS_TRANSPOSED: usize = 4;

/// One row whose matrix is near: chains from end to end, too. A matrix of so many elements may be in the second-level cache.
const WIDTH_NEAR: usize = 8;
const STEPS_NEAR: usize = 2;
const NEAR_LANES: usize = WIDTH_NEAR * 16;
const NEAR: usize = 1 << 17;

/// Elements of a cache line.
const LINE: usize = 16;

/// Computes a product: as [`rows`], but for numbers that are constant.
type Walk =
    unsafe fn(n: usize, k: usize, a: *const f32, b: Source, c: *mut f32, ldc: usize, stretch: Stretch);

/// Computes some columns of a product with a transposed matrix: as [`columns`].
type Columns =
    unsafe fn(k: usize, a: *const f32, b: Source, lanes: usize, c: *mut f32, ldc: usize, stretch: Stretch);

/// By rows less one.
static ROWS: [Walk; MOST_ROWS] = [
    rows::<1>,
    rows::<2>,
    rows::<3>,
    chains::<4, 4>,
    chains::<5, 3>,
    chains::<6, 3>,
    chains::<7, 3>,
    chains::<8, 3>,
];

static COLUMNS_NEAR: [Columns; MOST_ROWS_TRANSPOSED] =
    [columns::<1, false>, columns::<2, false>, columns::<3, false>, columns::<4, false>];
static COLUMNS_FAR: [Columns; MOST_ROWS_TRANSPOSED] =
    [columns::<1, true>, columns::<2, true>, columns::<3, true>, columns::<4, true>];

impl Product<'_> {
    /// Whether [`Product::thin`] computes it fastest.
    pub fn is_thin(&self) -> bool {
        match (self.b.lane_stride, self.b.step_stride) {
            (1, _) => self.m <= MOST_ROWS,
            (_, 1) => self.m <= MOST_ROWS_TRANSPOSED,
            _ => false,
        }
    }

    /// Computes a product that is thin.
    ///
    /// # Safety
    /// As [`super::gemm_raw`], operands included; needs AVX-512 F, DQ and VL.
    pub unsafe fn thin(&self, [for_a, _]: &mut [Workspace; 2]) {
        let Self { kernels, m, n, k, a, b, c, ldc, stretch, .. } = *self;
        let isa = kernels.isa;
        let packed = for_a.reserve(m * k);
        let is_near = n.saturating_mul(k) <= NEAR;
        // SAFETY: the caller's promise; the workspace holds m x k elements, m of which are a step. Columns are cut.
        unsafe {
            if m == 1 && a.step_stride == 1 {
                pack(isa, a.exchanged(), k, k, 1, 1, 0..1, packed);
            } else {
                pack(isa, a, m, m, 1, k, 0..k, packed);
            }
            if b.lane_stride == 1 {
                // Whole chains meet few whole lines of each row unless lines begin with them.
                let wide = if m == 1 && is_near && is_on_lines(b) { n / NEAR_LANES * NEAR_LANES } else { 0 };
                for j in (0..wide).step_by(NEAR_LANES) {
                    let (b, c) = (b.at(j, 0), c.wrapping_add(j));
                    block::<1, STEPS_NEAR, WIDTH_NEAR, true>(NEAR_LANES, k, 0, packed, b, c, ldc, stretch);
                }
                if wide < n {
                    ROWS[m - 1](n - wide, k, packed, b.at(wide, 0), c.wrapping_add(wide), ldc, stretch);
                }
            } else {
                let columns = if is_near { COLUMNS_NEAR } else { COLUMNS_FAR }[m - 1];
                let is_narrow = kernels.shuffles_narrow && m == 1 && (is_near || b.lane_stride == k);
                let first = if is_narrow { n / NARROW * NARROW } else { 0 };
                let narrow = if is_near { narrow::<false> } else { narrow::<true> };
                for j in (0..first).step_by(NARROW) {
                    narrow(k, packed, b.at(j, 0), c.add(j), stretch);
                }
                for j in (first..n).step_by(16) {
                    columns(k, packed, b.at(j, 0), (n - j).min(16), c.add(j), ldc, stretch);
                }
            }
        }
    }
}

/// The lanes of vector `v` that lie within the first `lanes`.
fn inside(lanes: usize, v: usize) -> __mmask16 {
    ((1u32 << lanes.saturating_sub(v * 16).min(16)) - 1) as __mmask16
}

/// # Safety
/// `from` must be readable where `mask` says; needs AVX-512 F.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
unsafe fn load(mask: __mmask16, from: *const f32) -> __m512 {
    // SAFETY: the caller's promise.
    unsafe { _mm512_maskz_loadu_ps(mask, from) }
}

/// Stores the chains of a vector, ended if this is their end.
///
/// # Safety
/// `to` must be writable where `mask` says; needs AVX-512 F.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
unsafe fn store(mask: __mmask16, to: *mut f32, acc: __m512, stretch: Stretch) {
    let acc = if stretch.last { canonical(_mm512_add_ps(acc, _mm512_setzero_ps())) } else { acc };
    // SAFETY: the caller's promise.
    unsafe { _mm512_mask_storeu_ps(to, mask, acc) };
}
