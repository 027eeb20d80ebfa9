//! Register tiles for AVX-512 (8 x 48, 6 x 64, 12 x 32) and AVX2 (6 x 16).

use std::arch::asm;
use std::arch::x86_64::*;

use super::Stretch;
use super::kernel::{Ahead, Kernels, Rows, Tile};
use super::scan_ahead_x86::ScanAhead;
use crate::Isa;

/// How many steps ahead of the multiplication the panels are fetched.
const STEPS_AHEAD: usize = 16;

/// Steps per iteration of the loops: fewer instructions beside the multiplications.
const UNROLL: usize = Ahead::STEPS;

/// The kernels of some numbers of rows and vectors, with rows (`true`) or steps (`false`) of `a` adjacent, for operands
/// that come from further away than the first-level cache (`true`) or not.
macro_rules! table {
    ($kernel:ident, $rows_adjacent:literal, $far:literal, [$($mr:literal)*], $nv:tt) => {
        &[$(table!(@$mr, $kernel, $rows_adjacent, $far, $nv)),*]
    };
    (@$mr:literal, $kernel:ident, $rows_adjacent:literal, $far:literal, [$($nv:literal)*]) => {
        &[$($kernel::<$mr, $nv, $nv, $rows_adjacent, $far>),*]
    };
}

/// What was fastest on Cascade Lake.
pub(super) static AVX512: Kernels = avx512_kernels(false);
/// What was fastest on Zen 4.
pub(super) static AVX512_LATER: Kernels = avx512_kernels(true);

/// Those for this machine: Zen 4 and Ice Lake count the bits of vectors, which processors before them cannot.
pub(super) fn avx512_of_this_machine() -> &'static Kernels {
    if is_x86_feature_detected!("avx512vpopcntdq") { &AVX512_LATER } else { &AVX512 }
}

/// 24 accumulators in each tile, at most 4 vectors for the row of `b`, 1 for the broadcast of `a`: 29 of 32 registers.
const fn avx512_kernels(is_later: bool) -> Kernels {
    Kernels {
        isa: Isa::Avx512,
        lanes: 16,
        tiles: &[
            Tile {
                mr: 8,
                nv: 3,
                rows_adjacent: table!(avx512, true, false, [1 2 3 4 5 6 7 8], [1 2 3]),
                steps_adjacent: table!(avx512, false, false, [1 2 3 4 5 6 7 8], [1 2 3]),
                parts: &[avx512::<8, 1, 3, false, false>, avx512::<8, 2, 3, false, false>],
                rows_adjacent_far: table!(avx512, true, true, [1 2 3 4 5 6 7 8], [1 2 3]),
                steps_adjacent_far: table!(avx512, false, true, [1 2 3 4 5 6 7 8], [1 2 3]),
            },
            Tile {
                mr: 6,
                nv: 4,
                rows_adjacent: table!(avx512, true, false, [1 2 3 4 5 6], [1 2 3 4]),
                steps_adjacent: table!(avx512, false, false, [1 2 3 4 5 6], [1 2 3 4]),
                parts: &[],
                rows_adjacent_far: table!(avx512, true, true, [1 2 3 4 5 6], [1 2 3 4]),
                steps_adjacent_far: &[],
            },
            Tile {
                mr: 12,
                nv: 2,
                rows_adjacent: table!(avx512, true, false, [1 2 3 4 5 6 7 8 9 10 11 12], [1 2]),
                steps_adjacent: table!(avx512, false, false, [1 2 3 4 5 6 7 8 9 10 11 12], [1 2]),
                parts: &[],
                rows_adjacent_far: table!(avx512, true, true, [1 2 3 4 5 6 7 8 9 10 11 12], [1 2]),
                steps_adjacent_far: &[],
            },
        ],
        kc: 384,
        mc: 2048,
        nc: 384,
        rows_stay: is_later,
        columns_stay: if is_later { 2048 } else { 512 },
        shuffles_narrow: is_later,
    }
}

/// 12 accumulators of 8 lanes, 2 for the row of `b`, 1 for the broadcast of `a`: 15 of 16 registers.
pub(super) static AVX2: Kernels = Kernels {
    isa: Isa::Avx2,
    lanes: 8,
    tiles: &[Tile {
        mr: 6,
        nv: 2,
        rows_adjacent: table!(avx2, true, false, [1 2 3 4 5 6], [1 2]),
        steps_adjacent: table!(avx2, false, false, [1 2 3 4 5 6], [1 2]),
        parts: &[],
        rows_adjacent_far: table!(avx2, true, true, [1 2 3 4 5 6], [1 2]),
        steps_adjacent_far: table!(avx2, false, true, [1 2 3 4 5 6], [1 2]),
    }],
    kc: 192,
    mc: 2048,
    nc: 384,
    rows_stay: false,
    columns_stay: 512,
    shuffles_narrow: false,
};

/// See [`super::kernel::Kernel`]; needs AVX-512 F besides. Computes the first `NV` of the `PANEL` vectors that a row of the
/// packed panel has.
#[target_feature(enable = "avx512f")]
unsafe fn avx512<
    const MR: usize,
    const NV: usize,
    const PANEL: usize,
    const ROWS_ADJACENT: bool,
    const FAR: bool,
>(
    kc: usize,
    a: Rows,
    mut b: *const f32,
    c: *mut f32,
    ldc: usize,
    cols: usize,
    stretch: Stretch,
    ahead: &Ahead,
) -> bool {
    let nr = PANEL * 16;
    let mut scan = ScanAhead::<MR, ROWS_ADJACENT>::new(ahead);
    let mut acc = [[_mm512_setzero_ps(); NV]; MR];
    // Lanes of vector v that lie within the result.
    let mask = |v: usize| -> __mmask16 {
        match cols.saturating_sub(v * 16) {
            0..16 => ((1u32 << cols.saturating_sub(v * 16)) - 1) as __mmask16,
            _ => !0,
        }
    };
    // SAFETY: the caller promises panels of kc steps and a tile of MR x `cols` at `c`; masks keep loads and
    // stores within `cols`. Prefetches never fault.
    unsafe {
        for i in 0..MR {
            for v in 0..NV {
                let at = c.wrapping_add(i * ldc + v * 16);
                if !stretch.first {
                    acc[i][v] = _mm512_maskz_loadu_ps(mask(v), at);
                } else if !FAR {
                    _mm_prefetch::<_MM_HINT_T0>(at.cast::<i8>());
                }
            }
        }
        // One pointer per four rows, the others at constant multiples of the stride from it: few enough registers.
        let (row_stride, step_stride) = if ROWS_ADJACENT { (1, a.step_stride) } else { (a.row_stride, 1) };
        let mut a = a.data;
        let step = |a: *const f32, b: *const f32, acc: &mut [[__m512; NV]; MR]| {
            let mut row = [_mm512_setzero_ps(); NV];
            for v in 0..NV {
                row[v] = _mm512_loadu_ps(b.add(v * 16));
                if FAR {
                    _mm_prefetch::<_MM_HINT_T0>(b.wrapping_add(nr * STEPS_AHEAD + v * 16).cast::<i8>());
                }
            }
            if ROWS_ADJACENT {
                _mm_prefetch::<_MM_HINT_T0>(a.wrapping_add(step_stride * STEPS_AHEAD).cast::<i8>());
            }
            for i in 0..MR {
                let x = _mm512_set1_ps(*a.wrapping_add(i * row_stride));
                for v in 0..NV {
                    acc[i][v] = _mm512_fmadd_ps(x, row[v], acc[i][v]);
                }
            }
        };
        let mut lines = ahead.at;
        let mut tile = ahead.tile;
        for turn in 0..kc / UNROLL {
            if FAR {
                // A few at a time: more would keep the panels' own lines waiting.
                if turn < MR {
                    for (row, stride) in &mut tile {
                        for v in 0..NV {
                            _mm_prefetch::<_MM_HINT_T0>(row.wrapping_add(v * 16).cast::<i8>());
                        }
                        *row = row.wrapping_add(*stride);
                    }
                }
                for (line, stride) in lines.iter_mut().zip(ahead.stride) {
                    _mm_prefetch::<_MM_HINT_T1>(line.cast::<i8>());
                    *line = line.wrapping_add(stride);
                }
            }
            for u in 0..UNROLL {
                step(a.wrapping_add(u * step_stride), b.wrapping_add(u * nr), &mut acc);
            }
            a = a.wrapping_add(UNROLL * step_stride);
            b = b.wrapping_add(UNROLL * nr);
            if !FAR {
                // Keeps the multiplications before what follows: after it there are too few registers for their operands.
                for i in 0..MR {
                    for v in 0..NV {
                        asm!("/* {0} */", inout(zmm_reg) acc[i][v], options(nomem, nostack, preserves_flags));
                    }
                }
                scan.next();
            }
        }
        for _ in 0..kc % UNROLL {
            step(a, b, &mut acc);
            a = a.wrapping_add(step_stride);
            b = b.wrapping_add(nr);
        }
        if stretch.last {
            let mut unordered = 0;
            for i in 0..MR {
                for v in 0..NV {
                    acc[i][v] = _mm512_add_ps(acc[i][v], _mm512_setzero_ps());
                }
                for v in (0..NV).step_by(2) {
                    unordered |= _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(acc[i][v], acc[i][(v + 1).min(NV - 1)]);
                }
            }
            if unordered != 0 {
                for i in 0..MR {
                    for v in 0..NV {
                        acc[i][v] = canonical(acc[i][v]);
                    }
                }
            }
        }
        for i in 0..MR {
            for v in 0..NV {
                _mm512_mask_storeu_ps(c.wrapping_add(i * ldc + v * 16), mask(v), acc[i][v]);
            }
        }
        if FAR {
            return false;
        }
        scan.rest();
        scan.nothing_to_flush()
    }
}

/// Every NaN made canonical: as integers, for the reason given at `scalar::canonical`.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn canonical(x: __m512) -> __m512 {
    let bits = _mm512_castps_si512(x);
    let magnitude = _mm512_and_si512(bits, _mm512_set1_epi32(0x7FFF_FFFF));
    let is_nan = _mm512_cmpgt_epi32_mask(magnitude, _mm512_set1_epi32(0x7F80_0000));
    _mm512_castsi512_ps(_mm512_mask_set1_epi32(bits, is_nan, 0x7FC0_0000))
}

/// As [`avx512`]; needs AVX2 and FMA.
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<
    const MR: usize,
    const NV: usize,
    const PANEL: usize,
    const ROWS_ADJACENT: bool,
    const FAR: bool,
>(
    kc: usize,
    a: Rows,
    mut b: *const f32,
    c: *mut f32,
    ldc: usize,
    cols: usize,
    stretch: Stretch,
    _ahead: &Ahead,
) -> bool {
    let nr = PANEL * 8;
    let mut acc = [[_mm256_setzero_ps(); NV]; MR];
    let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    // Lanes of vector v that lie within the result, as a mask for vmaskmov.
    let mask = |v: usize| {
        let inside = cols.saturating_sub(v * 8).min(8) as i32;
        _mm256_cmpgt_epi32(_mm256_set1_epi32(inside), lane)
    };
    // SAFETY: as in `avx512`.
    unsafe {
        for i in 0..MR {
            for v in 0..NV {
                let at = c.wrapping_add(i * ldc + v * 8);
                if stretch.first {
                    _mm_prefetch::<_MM_HINT_T0>(at.cast::<i8>());
                } else {
                    acc[i][v] = _mm256_maskload_ps(at, mask(v));
                }
            }
        }
        let (row_stride, step_stride) = if ROWS_ADJACENT { (1, a.step_stride) } else { (a.row_stride, 1) };
        let mut a = a.data;
        for _ in 0..kc {
            let mut row = [_mm256_setzero_ps(); NV];
            for v in 0..NV {
                row[v] = _mm256_loadu_ps(b.add(v * 8));
            }
            _mm_prefetch::<_MM_HINT_T0>(b.wrapping_add(nr * STEPS_AHEAD).cast::<i8>());
            if ROWS_ADJACENT {
                _mm_prefetch::<_MM_HINT_T0>(a.wrapping_add(step_stride * 2 * STEPS_AHEAD).cast::<i8>());
            }
            for i in 0..MR {
                let x = _mm256_broadcast_ss(&*a.wrapping_add(i * row_stride));
                for v in 0..NV {
                    acc[i][v] = _mm256_fmadd_ps(x, row[v], acc[i][v]);
                }
            }
            a = a.wrapping_add(step_stride);
            b = b.wrapping_add(nr);
        }
        if stretch.last {
            let (magnitude, infinity) = (_mm256_set1_epi32(0x7FFF_FFFF), _mm256_set1_epi32(0x7F80_0000));
            let nan = _mm256_set1_epi32(0x7FC0_0000);
            for i in 0..MR {
                for v in 0..NV {
                    let sum = _mm256_castps_si256(_mm256_add_ps(acc[i][v], _mm256_setzero_ps()));
                    let is_nan = _mm256_cmpgt_epi32(_mm256_and_si256(sum, magnitude), infinity);
                    acc[i][v] = _mm256_castsi256_ps(_mm256_blendv_epi8(sum, nan, is_nan));
                }
            }
        }
        for i in 0..MR {
            for v in 0..NV {
                let at = c.wrapping_add(i * ldc + v * 8);
                if cols >= v * 8 + 8 {
                    _mm256_storeu_ps(at, acc[i][v]);
                } else {
                    _mm256_maskstore_ps(at, mask(v), acc[i][v]);
                }
            }
        }
    }
    false
}
