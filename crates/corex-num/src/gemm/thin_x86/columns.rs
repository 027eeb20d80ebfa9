//! A matrix whose steps are adjacent: it is transposed in registers.

use std::arch::asm;
use std::arch::x86_64::*;

use super::flushing::{any_small, any_small_narrow, flush_all, flush_all_narrow};
use super::{LINE, inside, load, store};
use crate::gemm::Stretch;
use crate::gemm::pack::Source;

/// How far ahead steps are fetched that come from further than the second-level cache.
const AHEAD: usize = 32;

/// A pointer that the compiler does not know to be at a constant distance from others.
#[inline(always)]
#[allow(clippy::pointers_in_nomem_asm_block, reason = "the pointer is passed on, nothing is read through it")]
fn fresh(mut pointer: *const f32) -> *const f32 {
    // SAFETY: no instruction.
    unsafe { asm!("/* {0} */", inout(reg) pointer, options(pure, nomem, nostack, preserves_flags)) };
    pointer
}

/// Where lanes of the matrix are: one pointer per four lanes, since as many pointers as lanes would be kept in memory.
#[inline(always)]
fn pointers<const FOURS: usize>(b: Source) -> impl Fn(usize) -> *const f32 {
    let mut at = [fresh(b.data); FOURS];
    for i in 1..FOURS {
        at[i] = fresh(at[i - 1].wrapping_add(4 * b.lane_stride));
    }
    move |lane| at[lane / 4].wrapping_add(lane % 4 * b.lane_stride)
}

/// Steps that [`columns`] transposes at once.
const EIGHT: usize = 8;

/// `M` rows of `a`, packed and flushed, times lanes whose steps are adjacent, transposed in registers. One vector of lanes: more
/// would come from more places than the first-level cache has ways. `FAR`: they come from further than the second-level one.
///
/// # Safety
/// `a` must hold `[k][M]` elements, `b` `k` steps of `lanes` lanes, at most 16, `c` `M` rows of as many elements; needs
/// AVX-512 F and DQ.
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) unsafe fn columns<const M: usize, const FAR: bool>(
    k: usize,
    a: *const f32,
    b: Source,
    lanes: usize,
    c: *mut f32,
    ldc: usize,
    stretch: Stretch,
) {
    let mut acc = [_mm512_setzero_ps(); M];
    let whole = if lanes == 16 { k / EIGHT * EIGHT } else { 0 };
    // SAFETY: masks hide lanes and steps beyond the last, lanes to read repeat it; the caller's promise for the rest.
    unsafe {
        if !stretch.first {
            for i in 0..M {
                acc[i] = load(inside(lanes, 0), c.wrapping_add(i * ldc));
            }
        }
        for p in (0..whole).step_by(EIGHT) {
            let lane = pointers::<4>(b.at(0, p));
            // Once per line.
            if FAR && (lane(0) as usize / size_of::<f32>()) % LINE < EIGHT {
                for l in 0..16 {
                    _mm_prefetch::<_MM_HINT_T0>(lane(l).wrapping_add(AHEAD).cast());
                }
            }
            let mut y = transposed(|l| _mm256_loadu_ps(lane(l)));
            if any_small(&y.map(|y| [y])) {
                flush_all(&mut y);
            }
            add_steps(EIGHT, a.wrapping_add(p * M), &y, &mut acc);
        }
        for p in (whole..k).step_by(EIGHT) {
            let steps = EIGHT.min(k - p);
            let mut y = transposed(|lane| {
                let from = b.at(lane.min(lanes - 1), p).data;
                _mm512_castps512_ps256(load(inside(steps, 0), from))
            });
            flush_all(&mut y);
            add_steps(steps, a.wrapping_add(p * M), &y, &mut acc);
        }
        for i in 0..M {
            store(inside(lanes, 0), c.wrapping_add(i * ldc), acc[i], stretch);
        }
    }
}

/// The products of some steps, whose lanes are the vectors `y`.
///
/// # Safety
/// `a` must hold `[steps][M]` elements; needs AVX-512 F.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
unsafe fn add_steps<const M: usize>(steps: usize, a: *const f32, y: &[__m512; EIGHT], acc: &mut [__m512; M]) {
    for s in 0..steps {
        for i in 0..M {
            // SAFETY: the caller's promise.
            unsafe { acc[i] = _mm512_fmadd_ps(_mm512_set1_ps(*a.wrapping_add(s * M + i)), y[s], acc[i]) };
        }
    }
}

/// 16 lanes of eight steps, which `eight` gives by lane: vector `s` has the lanes of step `s`.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn transposed(eight: impl Fn(usize) -> __m256) -> [__m512; EIGHT] {
    // Eight steps of two lanes.
    let two = |i: usize, j: usize| {
        _mm512_insertf64x4::<1>(
            _mm512_castpd256_pd512(_mm256_castps_pd(eight(i))),
            _mm256_castps_pd(eight(j)),
        )
    };
    // Steps 0, 1, 2, 3 of lanes i to i + 3, steps 4, 5, 6, 7 of the same, then both of lanes i + 4 to i + 7.
    let quads = |i: usize| {
        let two = |l: usize| _mm512_castpd_ps(two(i + l, i + 4 + l));
        let pairs = |x: __m512, y: __m512| {
            (_mm512_castps_pd(_mm512_unpacklo_ps(x, y)), _mm512_castps_pd(_mm512_unpackhi_ps(x, y)))
        };
        let ((l01, h01), (l23, h23)) = (pairs(two(0), two(1)), pairs(two(2), two(3)));
        [
            _mm512_unpacklo_pd(l01, l23),
            _mm512_unpackhi_pd(l01, l23),
            _mm512_unpacklo_pd(h01, h23),
            _mm512_unpackhi_pd(h01, h23),
        ]
    };
    let (low, high) = (quads(0), quads(8));
    let mut steps = [_mm512_setzero_ps(); EIGHT];
    for s in 0..EIGHT / 2 {
        steps[s] = _mm512_castpd_ps(_mm512_shuffle_f64x2::<0b10_00_10_00>(low[s], high[s]));
        steps[s + 4] = _mm512_castpd_ps(_mm512_shuffle_f64x2::<0b11_01_11_01>(low[s], high[s]));
    }
    steps
}

/// Steps that [`narrow`] transposes at once.
const FOUR: usize = 4;
/// Its vectors side by side: their chains hide each other's latency, and their lanes fit the ways of the first-level cache.
const VECTORS: usize = 3;
/// Lanes that it takes.
pub(super) const NARROW: usize = VECTORS * 8;

/// As [`columns`] for one row and [`NARROW`] lanes, in vectors of eight: halves are loaded into their place and stay in it, which
/// takes two shuffles per vector instead of three, and there are processors that shuffle vectors of this width twice as fast. `FAR`:
/// what follows in memory is fetched meanwhile, as much as is read here.
///
/// # Safety
/// `a` must hold `k` elements, `b` `k` steps of the lanes, `c` as many elements; needs AVX-512 F, DQ and VL.
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
pub(super) unsafe fn narrow<const FAR: bool>(
    k: usize,
    a: *const f32,
    b: Source,
    c: *mut f32,
    stretch: Stretch,
) {
    let mut acc = [_mm256_setzero_ps(); VECTORS];
    let whole = k / FOUR * FOUR;
    let mut next = b.at(NARROW, 0).data;
    // SAFETY: masks hide steps beyond the last; prefetches never fault; the caller's promise for the rest.
    unsafe {
        if !stretch.first {
            for v in 0..VECTORS {
                acc[v] = _mm256_loadu_ps(c.wrapping_add(v * 8));
            }
        }
        for p in (0..whole).step_by(FOUR) {
            let lane = pointers::<{ NARROW / 4 }>(b.at(0, p));
            if FAR {
                for line in (0..NARROW * FOUR).step_by(LINE) {
                    _mm_prefetch::<_MM_HINT_T1>(next.wrapping_add(line).cast());
                }
                next = next.wrapping_add(NARROW * FOUR);
            }
            let mut y = [[_mm256_setzero_ps(); FOUR]; VECTORS];
            for v in 0..VECTORS {
                y[v] = transposed_narrow(|l| _mm_loadu_ps(lane(v * 8 + l)));
            }
            if any_small_narrow(&y) {
                flush_all_narrow(y.as_flattened_mut());
            }
            for s in 0..FOUR {
                let x = _mm256_set1_ps(*a.wrapping_add(p + s));
                for v in 0..VECTORS {
                    acc[v] = _mm256_fmadd_ps(x, y[v][s], acc[v]);
                }
            }
        }
        let rest = ((1u32 << (k - whole)) - 1) as __mmask8;
        for v in 0..VECTORS {
            let mut y = transposed_narrow(|l| _mm_maskz_loadu_ps(rest, b.at(v * 8 + l, whole).data));
            flush_all_narrow(&mut y);
            for s in 0..k - whole {
                acc[v] = _mm256_fmadd_ps(_mm256_set1_ps(*a.wrapping_add(whole + s)), y[s], acc[v]);
            }
            store(inside(8, 0), c.wrapping_add(v * 8), _mm512_castps256_ps512(acc[v]), stretch);
        }
    }
}

/// Eight lanes of four steps, which `four` gives by lane: vector `s` has the lanes of step `s`.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn transposed_narrow(four: impl Fn(usize) -> __m128) -> [__m256; FOUR] {
    let two = |i: usize| _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(four(i)), four(i + 4));
    let pairs = |x: __m256, y: __m256| {
        (_mm256_castps_pd(_mm256_unpacklo_ps(x, y)), _mm256_castps_pd(_mm256_unpackhi_ps(x, y)))
    };
    let ((l01, h01), (l23, h23)) = (pairs(two(0), two(1)), pairs(two(2), two(3)));
    [
        _mm256_castpd_ps(_mm256_unpacklo_pd(l01, l23)),
        _mm256_castpd_ps(_mm256_unpackhi_pd(l01, l23)),
        _mm256_castpd_ps(_mm256_unpacklo_pd(h01, h23)),
        _mm256_castpd_ps(_mm256_unpackhi_pd(h01, h23)),
    ]
}
