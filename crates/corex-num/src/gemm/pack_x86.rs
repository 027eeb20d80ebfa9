//! Packing one panel with AVX-512 and AVX2.

use std::arch::x86_64::*;

use super::FLUSH_BITS;
use super::pack::{Source, pack_lanes, zero_lanes};

/// How many steps or lanes ahead of those that are packed memory is fetched: strides may be too long for the processor to
/// see where this goes.
const STEPS_AHEAD: usize = 16;
const LANES_AHEAD: usize = 16;

/// Packs `lanes` lanes of `steps` steps into one panel, `[steps][width]`, the other lanes +0.
///
/// # Safety
/// The source must hold all those elements, `panel` have room for `steps * width`, `lanes <= width`; needs AVX-512 F and
/// AVX2 besides.
#[target_feature(enable = "avx512f,avx2,fma")]
pub(super) unsafe fn avx512(source: Source, lanes: usize, width: usize, steps: usize, panel: *mut f32) {
    if source.lane_stride != 1 {
        // SAFETY: the caller's promise.
        return unsafe { avx2(source, lanes, width, steps, panel) };
    }
    let (magnitude, limit) = (_mm512_set1_epi32(0x7FFF_FFFF), _mm512_set1_epi32(FLUSH_BITS as i32));
    for i in (0..width).step_by(16) {
        let first = |count: usize| ((1u32 << count.saturating_sub(i).min(16)) - 1) as __mmask16;
        let (inside, stored) = (first(lanes), first(width));
        for p in 0..steps {
            // SAFETY: masks hide what lies beyond `lanes` of the source and `width` of the panel; prefetches never fault.
            unsafe {
                let from = source.data.wrapping_add(p * source.step_stride + i);
                let x = _mm512_maskz_loadu_epi32(inside, from.cast());
                // The same place of the next panel, which follows once these steps are done, and later steps of this one.
                _mm_prefetch::<_MM_HINT_T0>(from.wrapping_add(width).cast());
                _mm_prefetch::<_MM_HINT_T0>(from.wrapping_add(STEPS_AHEAD * source.step_stride).cast());
                let keep = _mm512_cmpge_epi32_mask(_mm512_and_si512(x, magnitude), limit);
                _mm512_mask_storeu_epi32(
                    panel.wrapping_add(p * width + i).cast(),
                    stored,
                    _mm512_maskz_mov_epi32(keep, x),
                );
            }
        }
    }
}

/// Packs 16 adjacent lanes of `steps` steps into two panels of 8.
///
/// # Safety
/// The source must hold all those elements, the panels have room for `steps * 8` each; needs AVX-512 F.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn avx512_pair(source: Source, steps: usize, first: *mut f32, second: *mut f32) {
    let (magnitude, limit) = (_mm512_set1_epi32(0x7FFF_FFFF), _mm512_set1_epi32(FLUSH_BITS as i32));
    for p in 0..steps {
        // SAFETY: the caller's promise.
        unsafe {
            let x = _mm512_loadu_si512(source.data.add(p * source.step_stride).cast());
            let keep = _mm512_cmpge_epi32_mask(_mm512_and_si512(x, magnitude), limit);
            let x = _mm512_maskz_mov_epi32(keep, x);
            _mm256_storeu_si256(first.add(p * 8).cast(), _mm512_castsi512_si256(x));
            _mm256_storeu_si256(second.add(p * 8).cast(), _mm512_extracti64x4_epi64::<1>(x));
        }
    }
}

/// As [`avx512`]; needs AVX2 and FMA.
///
/// # Safety
/// As for [`avx512`], but for the features.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn avx2(source: Source, lanes: usize, width: usize, steps: usize, panel: *mut f32) {
    let whole = lanes / 8 * 8;
    // SAFETY: the caller's promise; vectors cover the lanes below `whole`.
    unsafe {
        let rest = match (source.lane_stride, source.step_stride) {
            (1, _) => {
                for p in 0..steps {
                    for i in (0..whole).step_by(8) {
                        let x = _mm256_loadu_si256(source.at(i, p).data.cast());
                        _mm256_storeu_ps(panel.add(p * width + i), flushed(x));
                    }
                }
                whole
            }
            (_, 1) => {
                for i in (0..whole).step_by(8) {
                    transpose_lanes(source.at(i, 0), steps, panel.add(i), width);
                }
                whole
            }
            _ => 0,
        };
        pack_lanes(source, rest..lanes, width, steps, panel);
        zero_lanes(lanes..width, width, steps, panel);
    }
}

/// +0 where the law flushes.
#[inline]
#[target_feature(enable = "avx2")]
fn flushed(x: __m256i) -> __m256 {
    // Magnitudes are below 2^31, so the signed comparison orders them.
    let magnitude = _mm256_and_si256(x, _mm256_set1_epi32(0x7FFF_FFFF));
    let keep = _mm256_cmpgt_epi32(magnitude, _mm256_set1_epi32(FLUSH_BITS as i32 - 1));
    _mm256_castsi256_ps(_mm256_and_si256(x, keep))
}

/// Packs eight lanes whose steps are adjacent, by transposing 8 x 8 blocks in registers.
///
/// # Safety
/// As [`avx2`] with `lanes` = 8 and steps adjacent.
#[target_feature(enable = "avx2,fma")]
unsafe fn transpose_lanes(source: Source, steps: usize, panel: *mut f32, width: usize) {
    let whole = steps / 8 * 8;
    // SAFETY: rows 0 to 7 of the source hold `steps` elements each, the panel `steps` rows.
    unsafe {
        for p in (0..whole).step_by(8) {
            let row = |i: usize| {
                let at = source.data.wrapping_add(i * source.lane_stride + p);
                _mm_prefetch::<_MM_HINT_T0>(at.wrapping_add(LANES_AHEAD * source.lane_stride).cast());
                flushed(_mm256_loadu_si256(at.cast()))
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
        pack_lanes(source.at(0, whole), 0..8, width, steps - whole, panel.add(whole * width));
    }
}
