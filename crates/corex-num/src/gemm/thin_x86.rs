//! Few rows times a matrix: every element of the matrix is used a few times only, so packing it would cost as much as the
//! product. It is read once, in order, and what the law flushes is found in registers.

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

/// How many lanes ahead rows of the matrix are fetched: the products of a block with several rows fill the processor's window,
/// so that the loads of the next block would come late.
const AHEAD: usize = 64;

/// Computes a row of blocks: the result's columns over some steps.
type Walk = unsafe fn(n: usize, a: *const f32, b: Source, c: *mut f32, ldc: usize, stretch: Stretch);

/// By rows less one: [`STEPS`] steps, and one.
static ROWS: [[Walk; 2]; MOST_ROWS] = [
    [rows::<1, STEPS>, rows::<1, 1>],
    [rows::<2, STEPS>, rows::<2, 1>],
    [rows::<3, STEPS>, rows::<3, 1>],
    [rows::<4, STEPS>, rows::<4, 1>],
    [rows::<5, STEPS>, rows::<5, 1>],
    [rows::<6, STEPS>, rows::<6, 1>],
    [rows::<7, STEPS>, rows::<7, 1>],
    [rows::<8, STEPS>, rows::<8, 1>],
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
                let mut p = 0;
                while p < k {
                    let (walk, steps) = if k - p >= STEPS { (0, STEPS) } else { (1, 1) };
                    ROWS[m - 1][walk](n, packed.add(p * m), b.at(0, p), c, ldc, self.part(p, steps));
                    p += steps;
                }
            } else {
                let columns = [columns::<1>, columns::<2>, columns::<3>, columns::<4>][m - 1];
                for j in (0..n).step_by(WIDTH * 16) {
                    columns(k, packed, b.at(j, 0), (n - j).min(WIDTH * 16), c.add(j), ldc, stretch);
                }
            }
        }
    }
}

/// See [`Walk`]: `M` rows of `a`, packed and flushed, times `S` rows of `b`, whose lanes are adjacent.
///
/// # Safety
/// `a` must hold `[S][M]` elements, `b` `n` lanes of `S` steps, `c` `M` rows of `n` elements, `ldc` apart; needs AVX-512 F.
#[target_feature(enable = "avx512f")]
unsafe fn rows<const M: usize, const S: usize>(
    n: usize,
    a: *const f32,
    b: Source,
    c: *mut f32,
    ldc: usize,
    stretch: Stretch,
) {
    const LANES: usize = WIDTH * 16;
    // SAFETY: the blocks are cut from the matrices; the caller's promise for the rest.
    unsafe {
        for j in (0..n / LANES * LANES).step_by(LANES) {
            block::<M, S, true>(LANES, a, b.at(j, 0), c.wrapping_add(j), ldc, stretch);
        }
        let j = n / LANES * LANES;
        if j < n {
            block::<M, S, false>(n - j, a, b.at(j, 0), c.wrapping_add(j), ldc, stretch);
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
#[target_feature(enable = "avx512f")]
unsafe fn block<const M: usize, const S: usize, const WHOLE: bool>(
    lanes: usize,
    a: *const f32,
    b: Source,
    c: *mut f32,
    ldc: usize,
    stretch: Stretch,
) {
    let mask = |v: usize| if WHOLE { !0 } else { inside(lanes, v) };
    let mut y = [[_mm512_setzero_ps(); WIDTH]; S];
    // SAFETY: masks keep what is loaded and stored within `lanes`; the caller's promise for the rest.
    unsafe {
        for s in 0..S {
            for v in 0..WIDTH {
                let from = b.at(v * 16, s).data;
                if M > 1 {
                    _mm_prefetch::<_MM_HINT_T0>(from.wrapping_add(AHEAD).cast());
                }
                y[s][v] = load(mask(v), from);
            }
        }
        if any_small(y.as_flattened()) {
            flush_all(y.as_flattened_mut());
        }
        let mut acc = [[_mm512_setzero_ps(); WIDTH]; M];
        if !stretch.first {
            for i in 0..M {
                for v in 0..WIDTH {
                    acc[i][v] = load(mask(v), c.wrapping_add(i * ldc + v * 16));
                }
            }
        }
        for s in 0..S {
            for i in 0..M {
                let x = _mm512_set1_ps(*a.wrapping_add(s * M + i));
                for v in 0..WIDTH {
                    acc[i][v] = _mm512_fmadd_ps(x, y[s][v], acc[i][v]);
                }
            }
        }
        for i in 0..M {
            for v in 0..WIDTH {
                store(mask(v), c.wrapping_add(i * ldc + v * 16), acc[i][v], stretch);
            }
        }
    }
}

/// Steps that [`columns`] transposes at once.
const FOUR: usize = 4;

/// `M` rows of `a`, packed and flushed, times lanes whose steps are adjacent, transposed in registers.
///
/// # Safety
/// `a` must hold `[k][M]` elements, `b` `k` steps of `lanes` lanes, at most two vectors, `c` `M` rows of as many elements;
/// needs AVX-512 F.
#[target_feature(enable = "avx512f")]
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
        let whole = if lanes == WIDTH * 16 { k / FOUR * FOUR } else { 0 };
        let mut multiply = |p: usize, steps: usize, mut y: [[__m512; FOUR]; WIDTH]| {
            if any_small(y.as_flattened()) {
                flush_all(y.as_flattened_mut());
            }
            for s in 0..steps {
                for i in 0..M {
                    let x = _mm512_set1_ps(*a.wrapping_add((p + s) * M + i));
                    for v in 0..WIDTH {
                        acc[i][v] = _mm512_fmadd_ps(x, y[v][s], acc[i][v]);
                    }
                }
            }
        };
        for p in (0..whole).step_by(FOUR) {
            let four = |lane: usize| _mm_loadu_ps(b.at(lane, p).data);
            multiply(p, FOUR, [transposed(four), transposed(|lane| four(16 + lane))]);
        }
        for p in (whole..k).step_by(FOUR) {
            let steps = FOUR.min(k - p);
            let four = |lane: usize| {
                let from = b.at(lane.min(lanes - 1), p).data;
                _mm512_castps512_ps128(load(inside(steps, 0), from))
            };
            multiply(p, steps, [transposed(four), transposed(|lane| four(16 + lane))]);
        }
        for i in 0..M {
            for v in 0..WIDTH {
                store(inside(lanes, v), c.wrapping_add(i * ldc + v * 16), acc[i][v], stretch);
            }
        }
    }
}

/// 16 lanes of four steps, which `four` gives by lane: vector `s` has the lanes of step `s`.
#[inline]
#[target_feature(enable = "avx512f")]
fn transposed(four: impl Fn(usize) -> __m128) -> [__m512; FOUR] {
    // Four steps of lanes i, i + 4, i + 8 and i + 12.
    let quarter = |i: usize| {
        let x = _mm512_castps128_ps512(four(i));
        let x = _mm512_insertf32x4::<1>(x, four(i + 4));
        let x = _mm512_insertf32x4::<2>(x, four(i + 8));
        _mm512_insertf32x4::<3>(x, four(i + 12))
    };
    let pairs = |x: __m512, y: __m512| {
        (_mm512_castps_pd(_mm512_unpacklo_ps(x, y)), _mm512_castps_pd(_mm512_unpackhi_ps(x, y)))
    };
    let ((l01, h01), (l23, h23)) = (pairs(quarter(0), quarter(1)), pairs(quarter(2), quarter(3)));
    [
        _mm512_castpd_ps(_mm512_unpacklo_pd(l01, l23)),
        _mm512_castpd_ps(_mm512_unpackhi_pd(l01, l23)),
        _mm512_castpd_ps(_mm512_unpacklo_pd(h01, h23)),
        _mm512_castpd_ps(_mm512_unpackhi_pd(h01, h23)),
    ]
}

/// Whether some magnitude is below the flush threshold: what must be flushed, or zero.
#[inline]
#[target_feature(enable = "avx512f")]
fn any_small(y: &[__m512]) -> bool {
    let magnitude = _mm512_set1_epi32(0x7FFF_FFFF);
    let mut least = [magnitude; 2];
    for (v, y) in y.iter().enumerate() {
        let bits = _mm512_and_si512(_mm512_castps_si512(*y), magnitude);
        least[v % 2] = _mm512_min_epu32(least[v % 2], bits);
    }
    let least = _mm512_min_epu32(least[0], least[1]);
    _mm512_cmplt_epu32_mask(least, _mm512_set1_epi32(FLUSH_BITS as i32)) != 0
}

/// +0 where the law flushes.
#[inline]
#[target_feature(enable = "avx512f")]
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
#[target_feature(enable = "avx512f")]
unsafe fn load(mask: __mmask16, from: *const f32) -> __m512 {
    // SAFETY: the caller's promise.
    unsafe { _mm512_maskz_loadu_ps(mask, from) }
}

/// Stores the chains of a vector, ended if this is their end.
///
/// # Safety
/// `to` must be writable where `mask` says; needs AVX-512 F.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn store(mask: __mmask16, to: *mut f32, acc: __m512, stretch: Stretch) {
    let acc = if stretch.last { canonical(_mm512_add_ps(acc, _mm512_setzero_ps())) } else { acc };
    // SAFETY: the caller's promise.
    unsafe { _mm512_mask_storeu_ps(to, mask, acc) };
}
