//! Packing: operands flushed, copied into the order in which kernels read them.

use super::{FLUSH_BITS, flush};
use crate::fma::Fma;

/// One operand of a block as seen by a panel: `lanes` run along the panel's width (rows of `a`, columns of `b`),
/// steps along the contracting index.
#[derive(Clone, Copy)]
pub(super) struct Source {
    pub data: *const f32,
    pub lane_stride: usize,
    pub step_stride: usize,
}

impl Source {
    /// The source from (lane, step) on.
    pub(super) fn at(self, lane: usize, step: usize) -> Self {
        let data = self.data.wrapping_add(lane * self.lane_stride + step * self.step_stride);
        Self { data, ..self }
    }
}

/// Packs `lanes` lanes of `steps` steps into `panel`, `[steps][width]`; lanes from `lanes` to `width` are +0 (what
/// a kernel computes from them is dropped). Steps are never padded.
///
/// # Safety
/// The source must hold all those elements, `panel` have room for `steps * width`, `lanes <= width`.
#[inline(always)]
pub(super) unsafe fn pack_panel<F: Fma>(
    source: Source,
    lanes: usize,
    width: usize,
    steps: usize,
    panel: *mut f32,
) {
    // SAFETY: every access below is at a lane < `lanes` and step < `steps` of the source, or within the panel.
    unsafe {
        if lanes < width {
            for p in 0..steps {
                for i in lanes..width {
                    *panel.add(p * width + i) = 0.0;
                }
            }
        }
        if source.lane_stride == 1 {
            for p in 0..steps {
                let from = source.data.add(p * source.step_stride);
                let to = panel.add(p * width);
                // Full panels of the kernels, with the count known to the compiler.
                match lanes {
                    48 => copy_flushed::<48>(from, to),
                    32 => copy_flushed::<32>(from, to),
                    16 => copy_flushed::<16>(from, to),
                    8 => copy_flushed::<8>(from, to),
                    6 => copy_flushed::<6>(from, to),
                    _ => (0..lanes).for_each(|i| *to.add(i) = flush(*from.add(i))),
                }
            }
            return;
        }
        let mut lane = 0;
        #[cfg(target_arch = "x86_64")]
        if source.step_stride == 1 && F::AVX2 {
            while lane + 8 <= lanes {
                transpose_lanes(source.at(lane, 0), steps, panel.add(lane), width);
                lane += 8;
            }
        }
        for i in lane..lanes {
            let from = source.data.add(i * source.lane_stride);
            for p in 0..steps {
                *panel.add(p * width + i) = flush(*from.add(p * source.step_stride));
            }
        }
    }
}

/// `N` elements, flushed.
///
/// # Safety
/// Both must hold `N` elements and not overlap.
#[inline(always)]
unsafe fn copy_flushed<const N: usize>(from: *const f32, to: *mut f32) {
    // All loads before all stores: the compiler need not fear that the two overlap, and uses whole vectors.
    // SAFETY: the caller promises N elements on both sides; arrays of f32 are aligned as f32.
    unsafe {
        let mut row = *from.cast::<[f32; N]>();
        for x in &mut row {
            *x = flush(*x);
        }
        *to.cast::<[f32; N]>() = row;
    }
}

/// Packs eight lanes whose steps are contiguous, by transposing 8 x 8 blocks in registers.
///
/// # Safety
/// As [`pack_panel`] with `lanes` = 8 and steps contiguous.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn transpose_lanes(source: Source, steps: usize, panel: *mut f32, width: usize) {
    use std::arch::x86_64::*;
    let magnitude = _mm256_set1_epi32(0x7FFF_FFFF);
    let limit = _mm256_set1_epi32(FLUSH_BITS as i32 - 1);
    let whole = steps / 8 * 8;
    // SAFETY: rows 0 to 7 of the source hold `steps` elements each, the panel `steps` rows.
    unsafe {
        for p in (0..whole).step_by(8) {
            let row = |i: usize| {
                let x = _mm256_loadu_si256(source.data.add(i * source.lane_stride + p).cast());
                // Magnitudes are below 2^31, so the signed comparison orders them.
                let keep = _mm256_cmpgt_epi32(_mm256_and_si256(x, magnitude), limit);
                _mm256_castsi256_ps(_mm256_and_si256(x, keep))
            };
            // Pairs, then quadruples of lanes side by side, then the two halves exchanged.
            let pair = |i: usize| {
                let (x, y) = (row(i), row(i + 1));
                (_mm256_unpacklo_ps(x, y), _mm256_unpackhi_ps(x, y))
            };
            let ((l0, h0), (l2, h2), (l4, h4), (l6, h6)) = (pair(0), pair(2), pair(4), pair(6));
            let quad =
                |x: __m256, y: __m256| (_mm256_shuffle_ps::<0x44>(x, y), _mm256_shuffle_ps::<0xEE>(x, y));
            let upper = [quad(l0, l2), quad(h0, h2)];
            let lower = [quad(l4, l6), quad(h4, h6)];
            for q in 0..2 {
                let ((u0, u1), (v0, v1)) = (upper[q], lower[q]);
                let to = |i: usize| panel.add((p + q * 2 + i) * width);
                _mm256_storeu_ps(to(0), _mm256_permute2f128_ps::<0x20>(u0, v0));
                _mm256_storeu_ps(to(1), _mm256_permute2f128_ps::<0x20>(u1, v1));
                _mm256_storeu_ps(to(4), _mm256_permute2f128_ps::<0x31>(u0, v0));
                _mm256_storeu_ps(to(5), _mm256_permute2f128_ps::<0x31>(u1, v1));
            }
        }
        for p in whole..steps {
            for i in 0..8 {
                *panel.add(p * width + i) = flush(*source.data.add(i * source.lane_stride + p));
            }
        }
    }
}
