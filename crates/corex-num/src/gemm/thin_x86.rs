//! Few rows times a matrix: every element of the matrix is used a few times only, so packing it would cost as much as the
//! product. It is read once, in order, and what the law flushes is found in registers.

use std::arch::asm;
use std::arch::x86_64::*;

use super::blocked::CACHE_PERIOD;
use super::driver::{Product, Workspace};
use super::kernel_x86::canonical;
use super::pack::{Source, pack};
use super::{FLUSH_BITS, Stretch};

/// Most rows for which this pays: with lanes of the matrix adjacent, and with steps adjacent, which must be transposed.
const MOST_ROWS: usize = 8;
const MOST_ROWS_TRANSPOSED: usize = 4;

/// Up to three rows: vectors side by side, chains enough to hide the latency of the multiplication, and steps that they take
/// together, so that the result is seldom read and written.
const WIDTH: usize = 2;
const STEPS: usize = 8;

/// More rows fill the registers with chains. They take so many steps together.
const STEPS_OF_CHAINS: usize = 2;
/// One row whose matrix is near: chains from end to end, too. A matrix of so many elements may be in the second-level cache.
const WIDTH_NEAR: usize = 8;
const STEPS_NEAR: usize = 2;
const NEAR_LANES: usize = WIDTH_NEAR * 16;
const NEAR: usize = 1 << 17;

/// How far ahead rows of the matrix are fetched: the products of a block with several rows fill the processor's window, so that
/// the loads of the next block would come late.
const LANES_AHEAD: usize = 64;
const STEPS_AHEAD: usize = 16;
/// The same for steps of transposed operands that come from further than the second-level cache.
const AHEAD_TRANSPOSED: usize = 32;

/// Elements of a cache line.
const LINE: usize = 16;

/// Computes a product: as [`rows`], but for numbers that are constant.
type Walk =
    unsafe fn(n: usize, k: usize, a: *const f32, b: Source, c: *mut f32, ldc: usize, stretch: Stretch);

/// Computes some columns of a product with a transposed matrix: as [`columns`].
type Columns =
    unsafe fn(k: usize, a: *const f32, b: Source, lanes: usize, c: *mut f32, ldc: usize, stretch: Stretch);

/// By rows less one.
static ROWS: [Walk; MOST_ROWS] = [
    rows::<1>,
    rows::<2>,
    rows::<3>,
    chains::<4, 4>,
    chains::<5, 3>,
    chains::<6, 3>,
    chains::<7, 3>,
    chains::<8, 3>,
];

static COLUMNS_NEAR: [Columns; MOST_ROWS_TRANSPOSED] =
    [columns::<1, false>, columns::<2, false>, columns::<3, false>, columns::<4, false>];
static COLUMNS_FAR: [Columns; MOST_ROWS_TRANSPOSED] =
    [columns::<1, true>, columns::<2, true>, columns::<3, true>, columns::<4, true>];

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
    /// As [`super::gemm_raw`], operands included; needs AVX-512 F and DQ.
    pub unsafe fn thin(&self, [for_a, _]: &mut [Workspace; 2]) {
        let Self { isa, m, n, k, a, b, c, ldc, stretch, .. } = *self;
        let packed = for_a.reserve(m * k);
        let is_near = n.saturating_mul(k) <= NEAR;
        // SAFETY: the caller's promise; the workspace holds m x k elements, m of which are a step. Columns are cut.
        unsafe {
            if m == 1 && a.step_stride == 1 {
                pack(isa, a.exchanged(), k, k, 1, 1, 0..1, packed);
            } else {
                pack(isa, a, m, m, 1, k, 0..k, packed);
            }
            if b.lane_stride == 1 {
                // Whole chains meet few whole lines of each row unless lines begin with them.
                let wide = if m == 1 && is_near && is_on_lines(b) { n / NEAR_LANES * NEAR_LANES } else { 0 };
                for j in (0..wide).step_by(NEAR_LANES) {
                    let (b, c) = (b.at(j, 0), c.wrapping_add(j));
                    block::<1, STEPS_NEAR, WIDTH_NEAR, true>(NEAR_LANES, k, 0, packed, b, c, ldc, stretch);
                }
                if wide < n {
                    ROWS[m - 1](n - wide, k, packed, b.at(wide, 0), c.wrapping_add(wide), ldc, stretch);
                }
            } else {
                let columns = if is_near { COLUMNS_NEAR } else { COLUMNS_FAR }[m - 1];
                for j in (0..n).step_by(16) {
                    columns(k, packed, b.at(j, 0), (n - j).min(16), c.add(j), ldc, stretch);
                }
            }
        }
    }
}

/// Whether all rows of the matrix begin with a cache line.
fn is_on_lines(b: Source) -> bool {
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
unsafe fn rows<const M: usize>(
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
unsafe fn chains<const M: usize, const W: usize>(
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

/// The lanes of vector `v` that lie within the first `lanes`.
fn inside(lanes: usize, v: usize) -> __mmask16 {
    ((1u32 << lanes.saturating_sub(v * 16).min(16)) - 1) as __mmask16
}

/// Some steps of the first lanes of [`rows`], as many as there are and fit. `WHOLE`: all fit, and no masks are needed.
///
/// # Safety
/// As [`rows`].
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
unsafe fn block<const M: usize, const S: usize, const W: usize, const WHOLE: bool>(
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

/// `M` rows of `a`, packed and flushed, times lanes whose steps are adjacent, transposed in registers. One vector of lanes: more
/// would come from more places than the first-level cache has ways. `FAR`: they come from further than the second-level one.
///
/// # Safety
/// `a` must hold `[k][M]` elements, `b` `k` steps of `lanes` lanes, at most 16, `c` `M` rows of as many elements; needs
/// AVX-512 F and DQ.
#[target_feature(enable = "avx512f,avx512dq")]
unsafe fn columns<const M: usize, const FAR: bool>(
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
            // One pointer per four lanes: as many pointers as lanes would be kept in memory.
            let mut at = [fresh(b.at(0, p).data); 4];
            for i in 1..4 {
                at[i] = fresh(at[i - 1].wrapping_add(4 * b.lane_stride));
            }
            let lane = |lane: usize| at[lane / 4].wrapping_add(lane % 4 * b.lane_stride);
            // Once per line.
            if FAR && (at[0] as usize / size_of::<f32>()) % LINE < EIGHT {
                for l in 0..16 {
                    _mm_prefetch::<_MM_HINT_T0>(lane(l).wrapping_add(AHEAD_TRANSPOSED).cast());
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

/// Whether some magnitude is below the flush threshold: what must be flushed, or zero. The vectors are those of some steps,
/// with the same lanes in each. Where a lane has a NaN its other steps may be overlooked: its chains end as NaN in any case.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn any_small<const W: usize, const S: usize>(y: &[[__m512; W]; S]) -> bool {
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
