//! A matrix whose lanes are adjacent: vectors of it are loaded as they are.

use std::arch::x86_64::*;

use super::flushing::{any_small, flush_all};
use super::{LINE, inside, load, store};
use crate::gemm::Stretch;
use crate::gemm::blocked::CACHE_PERIOD;
use crate::gemm::pack::Source;

/// Up to three rows: vectors side by side, chains enough to hide the latency of the multiplication, and steps that they take
/// together, so that the result is seldom read and written.
const WIDTH: usize = 2;
const STEPS: usize = 8;

/// More rows fill the registers with chains. They take so many steps together.
const STEPS_OF_CHAINS: usize = 2;

/// How far ahead rows of the matrix are fetched: the products of a block with several rows fill the processor's window, so that
/// the loads of the next block would come late.
const LANES_AHEAD: usize = 64;
const STEPS_AHEAD: usize = 16;

/// Whether all rows of the matrix begin with a cache line.
pub(super) fn is_on_lines(b: Source) -> bool {
    b.step_stride.is_multiple_of(LINE) && lanes_to_line(b) == 0
}

/// Lanes until the next cache line begins, if it does so at once in all rows of the matrix.
fn lanes_to_line(b: Source) -> usize {
    let at = b.data as usize / size_of::<f32>() % LINE;
    if b.step_stride.is_multiple_of(LINE) { (LINE - at) % LINE } else { 0 }
}

/// `M` rows of `a`, packed and flushed, times `k` rows of `b`, whose lanes are adjacent: few steps of all lanes at a time.
///
/// # Safety
/// `a` must hold `[k][M]` elements, `b` `n` lanes of `k` steps, `c` `M` rows of `n` elements, `ldc` apart; needs AVX-512 F
/// and DQ.
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) unsafe fn rows<const M: usize>(
    n: usize,
    k: usize,
    a: *const f32,
    b: Source,
    c: *mut f32,
    ldc: usize,
    stretch: Stretch,
) {
    let part = |p: usize, steps: usize| stretch.part(p, steps, k);
    let together = k / STEPS * STEPS;
    // SAFETY: the caller's promise.
    unsafe {
        for p in (0..together).step_by(STEPS) {
            let (a, b) = (a.add(p * M), b.at(0, p));
            row_of_blocks::<M, STEPS, WIDTH>(n, STEPS, LANES_AHEAD, a, b, c, ldc, part(p, STEPS));
        }
        for p in together..k {
            let (a, b) = (a.add(p * M), b.at(0, p));
            row_of_blocks::<M, 1, WIDTH>(n, 1, LANES_AHEAD, a, b, c, ldc, part(p, 1));
        }
    }
}

/// As [`rows`], but all steps of few lanes at a time, unless all steps would fall on the same sets of the cache.
///
/// # Safety
/// As [`rows`].
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) unsafe fn chains<const M: usize, const W: usize>(
    n: usize,
    k: usize,
    a: *const f32,
    b: Source,
    c: *mut f32,
    ldc: usize,
    stretch: Stretch,
) {
    let is_spread = !(b.step_stride * size_of::<f32>()).is_multiple_of(CACHE_PERIOD);
    let (reach, ahead) =
        if is_spread { (k, STEPS_AHEAD * b.step_stride) } else { (STEPS_AHEAD, LANES_AHEAD) };
    for p in (0..k).step_by(reach) {
        let steps = reach.min(k - p);
        // SAFETY: the caller's promise.
        unsafe {
            let (a, b, part) = (a.add(p * M), b.at(0, p), stretch.part(p, steps, k));
            row_of_blocks::<M, STEPS_OF_CHAINS, W>(n, steps, ahead, a, b, c, ldc, part);
        }
    }
}

/// Some of the steps of [`rows`], `S` of which are taken together.
///
/// # Safety
/// As [`rows`].
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
unsafe fn row_of_blocks<const M: usize, const S: usize, const W: usize>(
    n: usize,
    steps: usize,
    ahead: usize,
    a: *const f32,
    b: Source,
    c: *mut f32,
    ldc: usize,
    stretch: Stretch,
) {
    // A vector that crosses into another cache line takes two loads.
    let head = lanes_to_line(b).min(n);
    let whole = head + (n - head) / (W * 16) * (W * 16);
    // SAFETY: the blocks are cut from the matrices; the caller's promise for the rest.
    unsafe {
        if head > 0 {
            block::<M, S, 1, false>(head, steps, ahead, a, b, c, ldc, stretch);
        }
        for j in (head..whole).step_by(W * 16) {
            let (b, c) = (b.at(j, 0), c.wrapping_add(j));
            block::<M, S, W, true>(W * 16, steps, ahead, a, b, c, ldc, stretch);
        }
        if whole < n {
            let (b, c) = (b.at(whole, 0), c.wrapping_add(whole));
            block::<M, S, W, false>(n - whole, steps, ahead, a, b, c, ldc, stretch);
        }
    }
}

/// Some steps of the first lanes of [`rows`], as many as there are and fit. `WHOLE`: all fit, and no masks are needed.
///
/// # Safety
/// As [`rows`].
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) unsafe fn block<const M: usize, const S: usize, const W: usize, const WHOLE: bool>(
    lanes: usize,
    steps: usize,
    ahead: usize,
    a: *const f32,
    b: Source,
    c: *mut f32,
    ldc: usize,
    stretch: Stretch,
) {
    let mask = |v: usize| if WHOLE { !0 } else { inside(lanes, v) };
    let mut acc = [[_mm512_setzero_ps(); W]; M];
    let together = steps / S * S;
    // SAFETY: masks keep what is loaded and stored within `lanes`; the caller's promise for the rest.
    unsafe {
        if !stretch.first {
            for i in 0..M {
                for v in 0..W {
                    acc[i][v] = load(mask(v), c.wrapping_add(i * ldc + v * 16));
                }
            }
        }
        for p in (0..together).step_by(S) {
            multiply::<M, S, W, WHOLE>(lanes, ahead, a.add(p * M), b.at(0, p), &mut acc);
        }
        for p in together..steps {
            multiply::<M, 1, W, WHOLE>(lanes, ahead, a.add(p * M), b.at(0, p), &mut acc);
        }
        for i in 0..M {
            for v in 0..W {
                store(mask(v), c.wrapping_add(i * ldc + v * 16), acc[i][v], stretch);
            }
        }
    }
}

/// `S` of the steps of [`block`].
///
/// # Safety
/// As [`rows`].
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
unsafe fn multiply<const M: usize, const S: usize, const W: usize, const WHOLE: bool>(
    lanes: usize,
    ahead: usize,
    a: *const f32,
    b: Source,
    acc: &mut [[__m512; W]; M],
) {
    // SAFETY: masks keep what is loaded within `lanes`; the caller's promise for the rest.
    unsafe {
        let mut y = [[_mm512_setzero_ps(); W]; S];
        for s in 0..S {
            for v in 0..W {
                // Lanes are adjacent: the compiler need not keep a pointer per vector.
                let from = b.data.wrapping_add(s * b.step_stride + v * 16);
                if M > 1 {
                    _mm_prefetch::<_MM_HINT_T0>(from.wrapping_add(ahead).cast());
                }
                y[s][v] = load(if WHOLE { !0 } else { inside(lanes, v) }, from);
            }
        }
        if any_small(&y) {
            flush_all(y.as_flattened_mut());
        }
        for s in 0..S {
            for i in 0..M {
                let x = _mm512_set1_ps(*a.wrapping_add(s * M + i));
                for v in 0..W {
                    acc[i][v] = _mm512_fmadd_ps(x, y[s][v], acc[i][v]);
                }
            }
        }
    }
}
