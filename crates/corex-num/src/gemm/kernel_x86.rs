//! Register tiles for AVX-512 (8 x 48) and AVX2 (6 x 16).

use std::arch::x86_64::*;

use super::Stretch;
use super::kernel::{Kernel, Rows, Tiles};

/// How many steps ahead of the multiplication the panels are fetched.
const AHEAD: usize = 16;

/// 24 accumulators of 16 lanes, 3 for the row of `b`, 1 for the broadcast of `a`: 28 of 32 registers.
pub(super) static AVX512: Tiles = Tiles {
    mr: 8,
    nv: 3,
    lanes: 16,
    packed: &avx512_table::<true>(),
    in_place: &avx512_table::<false>(),
    kc: 384,
    mc: 256,
    nc: 3072,
};

const fn avx512_table<const PACKED: bool>() -> [Kernel; 24] {
    const fn row<const MR: usize, const PACKED: bool>() -> [Kernel; 3] {
        [avx512::<MR, 1, PACKED>, avx512::<MR, 2, PACKED>, avx512::<MR, 3, PACKED>]
    }
    flatten([
        row::<1, PACKED>(),
        row::<2, PACKED>(),
        row::<3, PACKED>(),
        row::<4, PACKED>(),
        row::<5, PACKED>(),
        row::<6, PACKED>(),
        row::<7, PACKED>(),
        row::<8, PACKED>(),
    ])
}

/// 12 accumulators of 8 lanes, 2 for the row of `b`, 1 for the broadcast of `a`: 15 of 16 registers.
pub(super) static AVX2: Tiles = Tiles {
    mr: 6,
    nv: 2,
    lanes: 8,
    packed: &avx2_table::<true>(),
    in_place: &avx2_table::<false>(),
    kc: 256,
    mc: 192,
    nc: 3072,
};

const fn avx2_table<const PACKED: bool>() -> [Kernel; 12] {
    const fn row<const MR: usize, const PACKED: bool>() -> [Kernel; 2] {
        [avx2::<MR, 1, PACKED>, avx2::<MR, 2, PACKED>]
    }
    flatten([
        row::<1, PACKED>(),
        row::<2, PACKED>(),
        row::<3, PACKED>(),
        row::<4, PACKED>(),
        row::<5, PACKED>(),
        row::<6, PACKED>(),
    ])
}

/// A table of kernels as one list.
const fn flatten<const R: usize, const C: usize, const N: usize>(table: [[Kernel; C]; R]) -> [Kernel; N] {
    let mut list = [table[0][0]; N];
    let mut i = 0;
    while i < N {
        list[i] = table[i / C][i % C];
        i += 1;
    }
    list
}

/// See [`Kernel`]; needs AVX-512 F besides.
#[target_feature(enable = "avx512f")]
unsafe fn avx512<const MR: usize, const NV: usize, const PACKED: bool>(
    kc: usize,
    a: Rows,
    mut b: *const f32,
    c: *mut f32,
    ldc: usize,
    cols: usize,
    stretch: Stretch,
) {
    let nr = NV * 16;
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
                if stretch.first {
                    _mm_prefetch::<_MM_HINT_T0>(at.cast::<i8>());
                } else {
                    acc[i][v] = _mm512_maskz_loadu_ps(mask(v), at);
                }
            }
        }
        let (row_stride, step_stride) = if PACKED { (1, MR) } else { (a.row_stride, a.step_stride) };
        let rows: [*const f32; MR] = std::array::from_fn(|i| a.data.wrapping_add(i * row_stride));
        let mut offset = 0;
        for _ in 0..kc {
            let mut row = [_mm512_setzero_ps(); NV];
            for v in 0..NV {
                row[v] = _mm512_loadu_ps(b.add(v * 16));
                _mm_prefetch::<_MM_HINT_T0>(b.wrapping_add(nr * AHEAD + v * 16).cast::<i8>());
            }
            if PACKED {
                _mm_prefetch::<_MM_HINT_T0>(rows[0].wrapping_add(offset + MR * AHEAD).cast::<i8>());
            }
            for i in 0..MR {
                let x = _mm512_set1_ps(*rows[i].add(offset));
                for v in 0..NV {
                    acc[i][v] = _mm512_fmadd_ps(x, row[v], acc[i][v]);
                }
            }
            offset += step_stride;
            b = b.add(nr);
        }
        if stretch.last {
            // As integers, for the reason given at `scalar::canonical`.
            let (magnitude, infinity) = (_mm512_set1_epi32(0x7FFF_FFFF), _mm512_set1_epi32(0x7F80_0000));
            for i in 0..MR {
                for v in 0..NV {
                    let sum = _mm512_castps_si512(_mm512_add_ps(acc[i][v], _mm512_setzero_ps()));
                    let is_nan = _mm512_cmpgt_epi32_mask(_mm512_and_si512(sum, magnitude), infinity);
                    acc[i][v] = _mm512_castsi512_ps(_mm512_mask_set1_epi32(sum, is_nan, 0x7FC0_0000));
                }
            }
        }
        for i in 0..MR {
            for v in 0..NV {
                _mm512_mask_storeu_ps(c.wrapping_add(i * ldc + v * 16), mask(v), acc[i][v]);
            }
        }
    }
}

/// See [`Kernel`]; needs AVX2 and FMA besides.
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<const MR: usize, const NV: usize, const PACKED: bool>(
    kc: usize,
    a: Rows,
    mut b: *const f32,
    c: *mut f32,
    ldc: usize,
    cols: usize,
    stretch: Stretch,
) {
    let nr = NV * 8;
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
        let (row_stride, step_stride) = if PACKED { (1, MR) } else { (a.row_stride, a.step_stride) };
        let rows: [*const f32; MR] = std::array::from_fn(|i| a.data.wrapping_add(i * row_stride));
        let mut offset = 0;
        for _ in 0..kc {
            let mut row = [_mm256_setzero_ps(); NV];
            for v in 0..NV {
                row[v] = _mm256_loadu_ps(b.add(v * 8));
            }
            _mm_prefetch::<_MM_HINT_T0>(b.wrapping_add(nr * AHEAD).cast::<i8>());
            if PACKED {
                _mm_prefetch::<_MM_HINT_T0>(rows[0].wrapping_add(offset + MR * 2 * AHEAD).cast::<i8>());
            }
            for i in 0..MR {
                let x = _mm256_broadcast_ss(&*rows[i].add(offset));
                for v in 0..NV {
                    acc[i][v] = _mm256_fmadd_ps(x, row[v], acc[i][v]);
                }
            }
            offset += step_stride;
            b = b.add(nr);
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
}
