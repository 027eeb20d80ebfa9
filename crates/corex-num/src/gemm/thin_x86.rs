//! Few rows times a matrix: every element of the matrix is used a few times only, so packing it would cost as much as the
//! product. It is read once, in order, and what the law flushes is found in registers.

use std::arch::asm;
use std::arch::x86_64::*;

use super::driver::{Product, Workspace};
use super::kernel_x86::canonical;
use super::pack::{Source, pack};
use super::{FLUSH_BITS, Stretch};

/// Most rows for which this pays: with lanes of the matrix adjacent, and with steps adjacent, which must be transposed.
const MOST_ROWS: usize = 8;
const MOST_ROWS_TRANSPOSED: usize = 4;

/// Vectors side by side: chains enough to hide the latency of the multiplication.
const WIDTH: usize = 2;
/// Steps that the chains take together, so that the result is seldom read and written.
const STEPS: usize = 8;
/// Of a single row the blocks are wider instead: fewer streams come from memory.
const WIDTH_OF_ONE: usize = 4;
const STEPS_OF_ONE: usize = 4;

/// How many lanes ahead rows of the matrix are fetched: the products of a block with several rows fill the processor's window,
/// so that the loads of the next block would come late.
const AHEAD: usize = 64;

/// Computes a product: as [`rows`], but for numbers that are constant.
type Walk =
    unsafe fn(n: usize, k: usize, a: *const f32, b: Source, c: *mut f32, ldc: usize, stretch: Stretch);

/// By rows less one.
static ROWS: [Walk; MOST_ROWS] = [
    rows::<1, STEPS_OF_ONE, WIDTH_OF_ONE>,
    rows::<2, STEPS, WIDTH>,
    rows::<3, STEPS, WIDTH>,
    rows::<4, STEPS, WIDTH>,
    rows::<5, STEPS, WIDTH>,
    rows::<6, STEPS, WIDTH>,
    rows::<7, STEPS, WIDTH>,
    rows::<8, STEPS, WIDTH>,
];

impl Product {
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
    /// As [`super::gemm_raw`], operands included; needs AVX-512 F.
    pub unsafe fn thin(&self, [for_a, _]: &mut [Workspace; 2]) {
        let Self { isa, m, n, k, a, b, c, ldc, stretch, .. } = *self;
        let packed = for_a.reserve(m * k);
        // SAFETY: the caller's promise; the workspace holds m x k elements, m of which are a step.
        unsafe {
            if m == 1 && a.step_stride == 1 {
                pack(isa, a.exchanged(), k, k, 1, 1, 0..1, packed);
            } else {
                pack(isa, a, m, m, 1, k, 0..k, packed);
            }
            if b.lane_stride == 1 {
                ROWS[m - 1](n, k, packed, b, c, ldc, stretch);
            } else {
                let columns = [columns::<1>, columns::<2>, columns::<3>, columns::<4>][m - 1];
                for j in (0..n).step_by(WIDTH * 16) {
                    columns(k, packed, b.at(j, 0), (n - j).min(WIDTH * 16), c.add(j), ldc, stretch);
                }
            }
        }
    }
}

/// `M` rows of `a`, packed and flushed, times `k` rows of `b`, whose lanes are adjacent, `S` at a time.
///
/// # Safety
/// `a` must hold `[k][M]` elements, `b` `n` lanes of `k` steps, `c` `M` rows of `n` elements, `ldc` apart; needs AVX-512 F
/// and DQ.
#[target_feature(enable = "avx512f,avx512dq")]
unsafe fn rows<const M: usize, const S: usize, const W: usize>(
    n: usize,
    k: usize,
    a: *const f32,
    b: Source,
    c: *mut f32,
    ldc: usize,
    stretch: Stretch,
) {
    let part = |p: usize, steps: usize| Stretch {
        first: stretch.first && p == 0,
        last: stretch.last && p + steps == k,
    };
    let together = k / S * S;
    // SAFETY: the caller's promise.
    unsafe {
        for p in (0..together).step_by(S) {
            row_of_blocks::<M, S, W>(n, a.add(p * M), b.at(0, p), c, ldc, part(p, S));
        }
        for p in together..k {
            row_of_blocks::<M, 1, W>(n, a.add(p * M), b.at(0, p), c, ldc, part(p, 1));
        }
    }
}

/// `S` of the steps of [`rows`].
///
/// # Safety
/// As [`rows`].
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
unsafe fn row_of_blocks<const M: usize, const S: usize, const W: usize>(
    n: usize,
    a: *const f32,
    b: Source,
    c: *mut f32,
    ldc: usize,
    stretch: Stretch,
) {
    let whole = n / (W * 16) * (W * 16);
    // SAFETY: the blocks are cut from the matrices; the caller's promise for the rest.
    unsafe {
        for j in (0..whole).step_by(W * 16) {
            block::<M, S, W, true>(W * 16, a, b.at(j, 0), c.wrapping_add(j), ldc, stretch);
        }
        if whole < n {
            block::<M, S, W, false>(n - whole, a, b.at(whole, 0), c.wrapping_add(whole), ldc, stretch);
        }
    }
}

/// The lanes of vector `v` that lie within the first `lanes`.
fn inside(lanes: usize, v: usize) -> __mmask16 {
    ((1u32 << lanes.saturating_sub(v * 16).min(16)) - 1) as __mmask16
}

/// The first lanes of [`rows`], as many as there are and fit. `WHOLE`: all fit, and no masks are needed.
///
/// # Safety
/// As [`rows`].
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
unsafe fn block<const M: usize, const S: usize, const W: usize, const WHOLE: bool>(
    lanes: usize,
    a: *const f32,
    b: Source,
    c: *mut f32,
    ldc: usize,
    stretch: Stretch,
) {
    let mask = |v: usize| if WHOLE { !0 } else { inside(lanes, v) };
    let mut y = [[_mm512_setzero_ps(); W]; S];
    // SAFETY: masks keep what is loaded and stored within `lanes`; the caller's promise for the rest.
    unsafe {
        for s in 0..S {
            for v in 0..W {
                let from = b.at(v * 16, s).data;
                if M > 1 {
                    _mm_prefetch::<_MM_HINT_T0>(from.wrapping_add(AHEAD).cast());
                }
                y[s][v] = load(mask(v), from);
            }
        }
        if any_small(&y) {
            flush_all(y.as_flattened_mut());
        }
        let mut acc = [[_mm512_setzero_ps(); W]; M];
        if !stretch.first {
            for i in 0..M {
                for v in 0..W {
                    acc[i][v] = load(mask(v), c.wrapping_add(i * ldc + v * 16));
                }
            }
        }
        for s in 0..S {
            for i in 0..M {
                let x = _mm512_set1_ps(*a.wrapping_add(s * M + i));
                for v in 0..W {
                    acc[i][v] = _mm512_fmadd_ps(x, y[s][v], acc[i][v]);
                }
            }
        }
        for i in 0..M {
            for v in 0..W {
                store(mask(v), c.wrapping_add(i * ldc + v * 16), acc[i][v], stretch);
            }
        }
    }
}

/// A pointer that the compiler does not know to be at a constant distance from others.
#[inline(always)]
#[allow(clippy::pointers_in_nomem_asm_block, reason = "the pointer is passed on, nothing is read through it")]
fn fresh(mut pointer: *const f32) -> *const f32 {
    // SAFETY: no instruction.
    unsafe { asm!("/* {0} */", inout(reg) pointer, options(pure, nomem, nostack, preserves_flags)) };
    pointer
}

/// Steps that [`columns`] transposes at once.
const EIGHT: usize = 8;

/// `M` rows of `a`, packed and flushed, times lanes whose steps are adjacent, transposed in registers.
///
/// # Safety
/// `a` must hold `[k][M]` elements, `b` `k` steps of `lanes` lanes, at most two vectors, `c` `M` rows of as many elements;
/// needs AVX-512 F.
#[target_feature(enable = "avx512f,avx512dq")]
unsafe fn columns<const M: usize>(
    k: usize,
    a: *const f32,
    b: Source,
    lanes: usize,
    c: *mut f32,
    ldc: usize,
    stretch: Stretch,
) {
    let mut acc = [[_mm512_setzero_ps(); WIDTH]; M];
    // SAFETY: lanes beyond the last repeat it, masks hide steps beyond the last; the caller's promise for the rest.
    unsafe {
        if !stretch.first {
            for i in 0..M {
                for v in 0..WIDTH {
                    acc[i][v] = load(inside(lanes, v), c.wrapping_add(i * ldc + v * 16));
                }
            }
        }
        let whole = if lanes == WIDTH * 16 { k / EIGHT * EIGHT } else { 0 };
        for p in (0..whole).step_by(EIGHT) {
            for v in 0..WIDTH {
                // One pointer per four lanes: as many pointers as lanes would be kept in memory.
                let mut at = [fresh(b.at(v * 16, p).data); 4];
                for i in 1..4 {
                    at[i] = fresh(at[i - 1].wrapping_add(4 * b.lane_stride));
                }
                let mut y =
                    transposed(|lane| _mm256_loadu_ps(at[lane / 4].wrapping_add(lane % 4 * b.lane_stride)));
                if any_small(&y.map(|y| [y])) {
                    flush_all(&mut y);
                }
                for s in 0..EIGHT {
                    for i in 0..M {
                        let x = _mm512_set1_ps(*a.wrapping_add((p + s) * M + i));
                        acc[i][v] = _mm512_fmadd_ps(x, y[s], acc[i][v]);
                    }
                }
            }
        }
        for p in (whole..k).step_by(EIGHT) {
            let steps = EIGHT.min(k - p);
            for v in 0..WIDTH {
                let mut y = transposed(|lane| {
                    let from = b.at((v * 16 + lane).min(lanes - 1), p).data;
                    _mm512_castps512_ps256(load(inside(steps, 0), from))
                });
                flush_all(&mut y);
                for s in 0..steps {
                    for i in 0..M {
                        let x = _mm512_set1_ps(*a.wrapping_add((p + s) * M + i));
                        acc[i][v] = _mm512_fmadd_ps(x, y[s], acc[i][v]);
                    }
                }
            }
        }
        for i in 0..M {
            for v in 0..WIDTH {
                store(inside(lanes, v), c.wrapping_add(i * ldc + v * 16), acc[i][v], stretch);
            }
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

/// Whether some magnitude is below the flush threshold: what must be flushed, or zero. The vectors are those of some steps,
/// with the same lanes in each. Where a lane has a NaN its other steps may be overlooked: its chains end as NaN in any case.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn any_small<const W: usize, const S: usize>(y: &[[__m512; W]; S]) -> bool {
    // The smaller magnitude.
    let fold = |x, y| _mm512_range_ps::<0b1010>(x, y);
    let limit = _mm512_set1_epi32(FLUSH_BITS as i32);
    let mut least = [[_mm512_set1_ps(f32::INFINITY); W]; 2];
    for s in 0..S {
        for w in 0..W {
            least[s % 2][w] = fold(least[s % 2][w], y[s][w]);
        }
    }
    let mut small = 0;
    for w in 0..W {
        let least = if S > 1 { fold(least[0][w], least[1][w]) } else { least[0][w] };
        small |= _mm512_cmplt_epu32_mask(_mm512_castps_si512(least), limit);
    }
    small != 0
}

/// +0 where the law flushes.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn flush_all(y: &mut [__m512]) {
    let (magnitude, limit) = (_mm512_set1_epi32(0x7FFF_FFFF), _mm512_set1_epi32(FLUSH_BITS as i32));
    for y in y {
        let keep = _mm512_cmpge_epu32_mask(_mm512_and_si512(_mm512_castps_si512(*y), magnitude), limit);
        *y = _mm512_maskz_mov_ps(keep, *y);
    }
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
