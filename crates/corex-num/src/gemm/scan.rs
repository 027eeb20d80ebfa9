//! Looking for operands that must be flushed, so that those without any can be read where they are.

use std::ops::Range;

use super::FLUSH_BITS;
use super::pack::Source;
use crate::Isa;
use crate::dispatch::per_isa;
use crate::fma::Fma;

/// Whether no element is a non-zero below the flush threshold; steps must be adjacent. A negative zero may stay: as an
/// operand of a chain it acts as +0 does, up to the sign of a zero sum, which the end of the chain removes.
///
/// # Safety
/// The source must hold `lanes` lanes of `steps` steps.
pub(super) unsafe fn nothing_to_flush(isa: Isa, source: Source, lanes: usize, steps: usize) -> bool {
    // Lanes without gaps are one long lane.
    let (lanes, steps) =
        if source.lane_stride == steps { (lanes.min(1), lanes * steps) } else { (lanes, steps) };
    // SAFETY: `supported` finds the features on this machine; the caller's promise for the rest.
    unsafe {
        match isa.supported() {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => avx512(source, lanes, steps),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => avx2(source, lanes, steps),
            _ => (0..lanes).all(|lane| {
                let row = std::slice::from_raw_parts(source.at(lane, 0).data, steps);
                row.iter().all(|x| key(x.to_bits()) >= LIMIT)
            }),
        }
    }
}

per_isa! {
    /// The steps between the first and the last at which some lane is not a zero. Lanes or steps must be adjacent, and
    /// the source hold `lanes` lanes of `steps` steps (which only callers in this module's parent can promise).
    pub(super) fn nonzero_steps(source: Source, lanes: usize, steps: usize) -> Range<usize> = nonzero_steps_generic;
}

#[inline(always)]
fn nonzero_steps_generic<F: Fma>(source: Source, lanes: usize, steps: usize) -> Range<usize> {
    let (mut first, mut end) = (steps, 0);
    if source.step_stride == 1 {
        for lane in 0..lanes {
            // SAFETY: the caller's promise: this lane has `steps` elements.
            let row = unsafe { std::slice::from_raw_parts(source.at(lane, 0).data, steps) };
            first = leading_zeros(&row[..first]);
            end = steps - trailing_zeros(&row[end..]);
        }
    } else {
        // SAFETY: the caller's promise: the lanes of a step are adjacent.
        let row = |p: usize| unsafe { std::slice::from_raw_parts(source.at(0, p).data, lanes) };
        first = (0..steps).find(|p| !is_zero(row(*p))).unwrap_or(steps);
        end = (first..steps).rev().find(|p| !is_zero(row(*p))).map_or(first, |p| p + 1);
    }
    first.min(end)..end
}

/// True if all are zeros, of either sign.
#[inline(always)]
fn is_zero(x: &[f32]) -> bool {
    let any = |x: &[f32]| x.iter().fold(0, |any, x| any | x.to_bits());
    // Halves that may overlap: the rows of a tile as two vectors.
    match (x.first_chunk::<8>(), x.last_chunk::<8>()) {
        (Some(first), Some(last)) if x.len() <= CHUNK => (any(first) | any(last)) << 1 == 0,
        _ => any(x) << 1 == 0,
    }
}

/// Zeros at the start, in whole chunks: a few more would not pay.
#[inline(always)]
fn leading_zeros(x: &[f32]) -> usize {
    x.chunks_exact(CHUNK).take_while(|c| is_zero(c)).count() * CHUNK
}

/// Zeros at the end, in whole chunks.
#[inline(always)]
fn trailing_zeros(x: &[f32]) -> usize {
    x.rchunks_exact(CHUNK).take_while(|c| is_zero(c)).count() * CHUNK
}

/// A vector's worth of elements.
const CHUNK: usize = 16;

per_isa! {
    /// Whether no element is infinite or NaN.
    pub(super) fn is_finite(x: &[f32]) -> bool = is_finite_generic;
}

#[inline(always)]
fn is_finite_generic<F: Fma>(x: &[f32]) -> bool {
    x.iter().fold(0, |most, x| (x.to_bits() & 0x7FFF_FFFF).max(most)) < 0x7F80_0000
}

/// The magnitude's bits less 1: zero wraps to the top, so that one comparison tells what is to be flushed.
fn key(bits: u32) -> u32 {
    (bits & 0x7FFF_FFFF).wrapping_sub(1)
}

/// The least key of what need not be flushed.
const LIMIT: u32 = FLUSH_BITS - 1;

/// See [`nothing_to_flush`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn avx512(source: Source, lanes: usize, steps: usize) -> bool {
    // Mostly there are no zeros, either, which takes an instruction less to find out.
    // SAFETY: the caller's promise.
    unsafe { avx512_least::<false>(source, lanes, steps) || avx512_least::<true>(source, lanes, steps) }
}

/// Whether no magnitude is below the threshold, but for zeros if these `MAY_BE` there.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn avx512_least<const MAY_BE: bool>(source: Source, lanes: usize, steps: usize) -> bool {
    use std::arch::x86_64::*;
    let (magnitude, minus_one) = (_mm512_set1_epi32(0x7FFF_FFFF), _mm512_set1_epi32(-1));
    // The least magnitudes or keys so far, in four independent vectors.
    let mut least = [minus_one; 4];
    let fold = |least: &mut __m512i, x: __m512i| {
        let x = _mm512_and_si512(x, magnitude);
        *least = _mm512_min_epu32(*least, if MAY_BE { _mm512_add_epi32(x, minus_one) } else { x });
    };
    for lane in 0..lanes {
        let row = source.at(lane, 0).data;
        let mut p = 0;
        // SAFETY: this lane has `steps` elements; the mask hides what lies beyond.
        unsafe {
            // Loads that cross into another cache line take twice as long, so some elements are looked at twice.
            let into_line = row as usize / size_of::<f32>() % 16;
            if into_line > 0 && steps >= 64 {
                fold(&mut least[0], _mm512_loadu_si512(row.cast()));
                p = 16 - into_line;
            }
            while p + 64 <= steps {
                for (v, least) in least.iter_mut().enumerate() {
                    fold(least, _mm512_loadu_si512(row.add(p + v * 16).cast()));
                }
                p += 64;
            }
            while p + 16 <= steps {
                fold(&mut least[0], _mm512_loadu_si512(row.add(p).cast()));
                p += 16;
            }
            if p < steps {
                let mask = ((1u32 << (steps - p)) - 1) as __mmask16;
                fold(&mut least[1], _mm512_mask_loadu_epi32(minus_one, mask, row.add(p).cast()));
            }
        }
    }
    let least = _mm512_min_epu32(_mm512_min_epu32(least[0], least[1]), _mm512_min_epu32(least[2], least[3]));
    let limit = if MAY_BE { LIMIT } else { FLUSH_BITS };
    _mm512_cmplt_epu32_mask(least, _mm512_set1_epi32(limit as i32)) == 0
}

/// See [`nothing_to_flush`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2(source: Source, lanes: usize, steps: usize) -> bool {
    use std::arch::x86_64::*;
    let (magnitude, minus_one) = (_mm256_set1_epi32(0x7FFF_FFFF), _mm256_set1_epi32(-1));
    let limit = _mm256_set1_epi32(LIMIT as i32);
    let mut least = minus_one;
    let mut rest = u32::MAX;
    for lane in 0..lanes {
        let row = source.at(lane, 0).data;
        // SAFETY: this lane has `steps` elements.
        unsafe {
            for p in (0..steps / 8 * 8).step_by(8) {
                let x = _mm256_loadu_si256(row.add(p).cast());
                let key = _mm256_add_epi32(_mm256_and_si256(x, magnitude), minus_one);
                least = _mm256_min_epu32(least, key);
            }
            for p in steps / 8 * 8..steps {
                rest = rest.min(key((*row.add(p)).to_bits()));
            }
        }
    }
    // All least keys are at or above the limit if none changes when the limit bounds it from below.
    let bounded = _mm256_cmpeq_epi32(_mm256_max_epu32(least, limit), least);
    rest >= LIMIT && _mm256_movemask_epi8(bounded) == -1
}
