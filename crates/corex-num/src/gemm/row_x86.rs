//! One row times a matrix: every element of the matrix is used once, so packing it would cost more than the product.

use std::arch::x86_64::*;

use super::kernel_x86::canonical;
use super::pack::Source;
use super::{FLUSH_BITS, Stretch, flush};

/// Vectors at a time: chains enough to hide the latency of the multiplication.
const WIDTH: usize = 8;
/// How many rows of the matrix ahead are fetched: their stride defeats the processor's own prefetching.
const AHEAD: usize = 4;

/// The row `a` of `k` steps times `b` of `n` adjacent lanes, flushed on the way.
///
/// # Safety
/// The operands must have those elements, `c` hold `n`; needs AVX-512 F.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn avx512(n: usize, k: usize, a: Source, b: Source, c: *mut f32, stretch: Stretch) {
    let (magnitude, limit) = (_mm512_set1_epi32(0x7FFF_FFFF), _mm512_set1_epi32(FLUSH_BITS as i32));
    for j in (0..n).step_by(16 * WIDTH) {
        // Lanes of vector v that lie within the matrix.
        let masks: [__mmask16; WIDTH] =
            std::array::from_fn(|v| ((1u32 << n.saturating_sub(j + v * 16).min(16)) - 1) as __mmask16);
        let mut acc = [_mm512_setzero_ps(); WIDTH];
        // SAFETY: masks keep loads and stores within `n`, prefetches never fault; the caller's promise for the
        // rest.
        unsafe {
            if !stretch.first {
                for v in 0..WIDTH {
                    acc[v] = _mm512_maskz_loadu_ps(masks[v], c.wrapping_add(j + v * 16));
                }
            }
            for p in 0..k {
                let x = _mm512_set1_ps(flush(*a.at(0, p).data));
                let row = b.at(j, p).data;
                for v in 0..WIDTH {
                    _mm_prefetch::<_MM_HINT_T0>(row.wrapping_add(AHEAD * b.step_stride + v * 16).cast());
                    let y = _mm512_maskz_loadu_epi32(masks[v], row.wrapping_add(v * 16).cast());
                    let keep = _mm512_cmpge_epi32_mask(_mm512_and_si512(y, magnitude), limit);
                    let y = _mm512_castsi512_ps(_mm512_maskz_mov_epi32(keep, y));
                    acc[v] = _mm512_fmadd_ps(x, y, acc[v]);
                }
            }
            for v in 0..WIDTH {
                if stretch.last {
                    acc[v] = canonical(_mm512_add_ps(acc[v], _mm512_setzero_ps()));
                }
                _mm512_mask_storeu_ps(c.wrapping_add(j + v * 16), masks[v], acc[v]);
            }
        }
    }
}
