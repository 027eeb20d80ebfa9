//! Finding what the law flushes, in registers.

use std::arch::x86_64::*;

use crate::gemm::FLUSH_BITS;

/// Whether some magnitude is below the flush threshold: what must be flushed, or zero. The vectors are those of some steps,
/// with the same lanes in each. Where a lane has a NaN its other steps may be overlooked: its chains end as NaN in any case.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) fn any_small<const W: usize, const S: usize>(y: &[[__m512; W]; S]) -> bool {
    // The smaller magnitude.
    let fold = |x, y| _mm512_range_ps::<0b1010>(x, y);
    let mut least = _mm512_set1_epi32(-1);
    for w in 0..W {
        // Two chains of folds, then their end.
        let mut ends = [y[0][w], y[S - 1][w]];
        for s in 1..S - S.min(1) {
            ends[s % 2] = fold(ends[s % 2], y[s][w]);
        }
        least = _mm512_min_epu32(least, _mm512_castps_si512(fold(ends[0], ends[1])));
    }
    _mm512_cmplt_epu32_mask(least, _mm512_set1_epi32(FLUSH_BITS as i32)) != 0
}

/// +0 where the law flushes.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) fn flush_all(y: &mut [__m512]) {
    let (magnitude, limit) = (_mm512_set1_epi32(0x7FFF_FFFF), _mm512_set1_epi32(FLUSH_BITS as i32));
    for y in y {
        let keep = _mm512_cmpge_epu32_mask(_mm512_and_si512(_mm512_castps_si512(*y), magnitude), limit);
        *y = _mm512_maskz_mov_ps(keep, *y);
    }
}

/// Bits of every number of ordinary magnitude: 2^-31 to 2, exclusive (and from 2^65 on). What has them need not be flushed.
const ORDINARY: i32 = 0x3000_0000;

/// The bits of the first operand, and those that the others do not both have.
const OR_NOT_BOTH: i32 = 0b1111_0111;

/// As [`any_small`], of vectors of eight lanes.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
pub(super) fn any_small_narrow<const V: usize>(y: &[[__m256; 4]; V]) -> bool {
    let bits = |x| _mm256_castps_si256(x);
    // Weights mostly are of ordinary magnitude, and one instruction asks two vectors.
    let mut lacking = _mm256_setzero_si256();
    for [a, b, c, d] in y {
        lacking = _mm256_ternarylogic_epi32::<OR_NOT_BOTH>(lacking, bits(*a), bits(*b));
        lacking = _mm256_ternarylogic_epi32::<OR_NOT_BOTH>(lacking, bits(*c), bits(*d));
    }
    if _mm256_test_epi32_mask(lacking, _mm256_set1_epi32(ORDINARY)) == 0 {
        return false;
    }
    let fold = |x, y| _mm256_range_ps::<0b1010>(x, y);
    let mut least = _mm256_set1_epi32(-1);
    for [a, b, c, d] in y {
        least = _mm256_min_epu32(least, bits(fold(fold(*a, *b), fold(*c, *d))));
    }
    _mm256_cmplt_epu32_mask(least, _mm256_set1_epi32(FLUSH_BITS as i32)) != 0
}

/// As [`flush_all`].
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
pub(super) fn flush_all_narrow(y: &mut [__m256]) {
    let (magnitude, limit) = (_mm256_set1_epi32(0x7FFF_FFFF), _mm256_set1_epi32(FLUSH_BITS as i32));
    for y in y {
        let keep = _mm256_cmpge_epu32_mask(_mm256_and_si256(_mm256_castps_si256(*y), magnitude), limit);
        *y = _mm256_maskz_mov_ps(keep, *y);
    }
}
