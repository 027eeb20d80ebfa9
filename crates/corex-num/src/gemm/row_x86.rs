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
    // SAFETY: the caller's promise.
    let is_finite = (0..k).all(|p| unsafe { *a.at(0, p).data }.is_finite());
    for j in (0..n).step_by(16 * WIDTH) {
        let (b, c) = (b.at(j, 0), c.wrapping_add(j));
        // SAFETY: the strip lies within the matrix; the caller's promise for the rest.
        unsafe {
            match (n - j >= 16 * WIDTH, is_finite) {
                (true, true) => strip::<true, true>(n - j, k, a, b, c, stretch),
                (true, false) => strip::<true, false>(n - j, k, a, b, c, stretch),
                (false, true) => strip::<false, true>(n - j, k, a, b, c, stretch),
                (false, false) => strip::<false, false>(n - j, k, a, b, c, stretch),
            }
        }
    }
}

/// The first lanes of [`avx512`], as many as there are and fit. `WHOLE`: all fit, and no masks are needed. `FINITE`: so are
/// all of `a`, whose products with what is flushed can be left out.
///
/// # Safety
/// As [`avx512`].
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn strip<const WHOLE: bool, const FINITE: bool>(
    n: usize,
    k: usize,
    a: Source,
    b: Source,
    c: *mut f32,
    stretch: Stretch,
) {
    // Without the sign a magnitude is twice as large as the threshold's bits.
    let limit = _mm512_set1_epi32((FLUSH_BITS << 1) as i32);
    // Lanes of vector v that lie within the matrix.
    let mask = |v: usize| -> __mmask16 {
        if WHOLE { !0 } else { ((1u32 << n.saturating_sub(v * 16).min(16)) - 1) as __mmask16 }
    };
    let mut acc = [_mm512_setzero_ps(); WIDTH];
    // SAFETY: masks keep loads and stores within `n`, prefetches never fault; the caller's promise for the rest.
    unsafe {
        if !stretch.first {
            for v in 0..WIDTH {
                acc[v] = _mm512_maskz_loadu_ps(mask(v), c.wrapping_add(v * 16));
            }
        }
        for p in 0..k {
            let x = _mm512_set1_ps(flush(*a.at(0, p).data));
            let row = b.at(0, p).data;
            for v in 0..WIDTH {
                let at = row.wrapping_add(v * 16);
                _mm_prefetch::<_MM_HINT_T0>(at.wrapping_add(AHEAD * b.step_stride).cast());
                let y = if WHOLE {
                    _mm512_loadu_si512(at.cast())
                } else {
                    _mm512_maskz_loadu_epi32(mask(v), at.cast())
                };
                let keep = _mm512_cmpge_epu32_mask(_mm512_slli_epi32::<1>(y), limit);
                acc[v] = if FINITE {
                    _mm512_mask3_fmadd_ps(x, _mm512_castsi512_ps(y), acc[v], keep)
                } else {
                    _mm512_fmadd_ps(x, _mm512_castsi512_ps(_mm512_maskz_mov_epi32(keep, y)), acc[v])
                };
            }
        }
        for v in 0..WIDTH {
            if stretch.last {
                acc[v] = canonical(_mm512_add_ps(acc[v], _mm512_setzero_ps()));
            }
            _mm512_mask_storeu_ps(c.wrapping_add(v * 16), mask(v), acc[v]);
        }
    }
}
