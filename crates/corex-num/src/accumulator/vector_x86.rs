//! Vectors of AVX-512 and AVX2.

use std::arch::x86_64::*;

use super::vector::Vector;
use crate::scalar::NAN;

/// What is one instruction with the same name but for the width.
macro_rules! instructions {
    ($load:ident, $store:ident, $splat:ident, $sqrt:ident, $xor:ident, $andnot:ident, $($name:ident: $of_two:ident),*) => {
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            // SAFETY: the caller's promise, here and below: the instructions exist and the lanes are readable or writable.
            unsafe { $load(from) }
        }

        #[inline(always)]
        unsafe fn splat(x: f32) -> Self {
            // SAFETY: see `load`.
            unsafe { $splat(x) }
        }

        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            // SAFETY: see `load`.
            unsafe { $store(to, self) }
        }

        #[inline(always)]
        unsafe fn sqrt(self) -> Self {
            // SAFETY: see `load`.
            unsafe { $sqrt(self) }
        }

        #[inline(always)]
        unsafe fn negate(self) -> Self {
            // SAFETY: see `load`.
            unsafe { $xor(self, $splat(-0.0)) }
        }

        #[inline(always)]
        unsafe fn abs(self) -> Self {
            // SAFETY: see `load`.
            unsafe { $andnot($splat(-0.0), self) }
        }

        $(
            #[inline(always)]
            unsafe fn $name(self, y: Self) -> Self {
                // SAFETY: see `load`.
                unsafe { $of_two(self, y) }
            }
        )*
    };
}

impl Vector for __m512 {
    const LANES: usize = 16;
    // SAFETY: any bits are a vector.
    const ZERO: Self = unsafe { std::mem::transmute([0f32; 16]) };

    instructions!(
        _mm512_loadu_ps, _mm512_storeu_ps, _mm512_set1_ps, _mm512_sqrt_ps, _mm512_xor_ps, _mm512_andnot_ps,
        add: _mm512_add_ps, subtract: _mm512_sub_ps, multiply: _mm512_mul_ps, divide: _mm512_div_ps
    );

    #[inline(always)]
    unsafe fn max(self, y: Self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            let mut larger = _mm512_max_ps(self, y);
            // Of zeros, of which the instruction takes the second, +0 is the larger.
            let equal = _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(self, y);
            larger = _mm512_mask_and_ps(larger, equal, self, y);
            let nan = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(self, y);
            _mm512_mask_mov_ps(larger, nan, _mm512_set1_ps(NAN))
        }
    }

    #[inline(always)]
    unsafe fn min(self, y: Self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            let mut smaller = _mm512_min_ps(self, y);
            // Of zeros, of which the instruction takes the second, -0 is the smaller.
            let equal = _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(self, y);
            smaller = _mm512_mask_or_ps(smaller, equal, self, y);
            let nan = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(self, y);
            _mm512_mask_mov_ps(smaller, nan, _mm512_set1_ps(NAN))
        }
    }

    #[inline(always)]
    unsafe fn canonical(self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            let nan = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(self, self);
            _mm512_mask_mov_ps(self, nan, _mm512_set1_ps(NAN))
        }
    }

    #[inline(always)]
    unsafe fn unless_small(self, limit: Self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            let small = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(self.abs(), limit);
            _mm512_mask_mov_ps(self, small, other)
        }
    }

    #[inline(always)]
    unsafe fn where_one(self, seen: *const u8, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            let one = _mm_cmpeq_epi8_mask(_mm_loadu_si128(seen.cast()), _mm_set1_epi8(1));
            _mm512_mask_mov_ps(other, one, self)
        }
    }
}

impl Vector for __m256 {
    const LANES: usize = 8;
    // SAFETY: any bits are a vector.
    const ZERO: Self = unsafe { std::mem::transmute([0f32; 8]) };

    instructions!(
        _mm256_loadu_ps, _mm256_storeu_ps, _mm256_set1_ps, _mm256_sqrt_ps, _mm256_xor_ps, _mm256_andnot_ps,
        add: _mm256_add_ps, subtract: _mm256_sub_ps, multiply: _mm256_mul_ps, divide: _mm256_div_ps
    );

    #[inline(always)]
    unsafe fn max(self, y: Self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            // Of zeros, of which the instruction takes the second, +0 is the larger.
            let equal = _mm256_cmp_ps::<_CMP_EQ_OQ>(self, y);
            let larger = _mm256_blendv_ps(_mm256_max_ps(self, y), _mm256_and_ps(self, y), equal);
            let nan = _mm256_cmp_ps::<_CMP_UNORD_Q>(self, y);
            _mm256_blendv_ps(larger, _mm256_set1_ps(NAN), nan)
        }
    }

    #[inline(always)]
    unsafe fn min(self, y: Self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            // Of zeros, of which the instruction takes the second, -0 is the smaller.
            let equal = _mm256_cmp_ps::<_CMP_EQ_OQ>(self, y);
            let smaller = _mm256_blendv_ps(_mm256_min_ps(self, y), _mm256_or_ps(self, y), equal);
            let nan = _mm256_cmp_ps::<_CMP_UNORD_Q>(self, y);
            _mm256_blendv_ps(smaller, _mm256_set1_ps(NAN), nan)
        }
    }

    #[inline(always)]
    unsafe fn canonical(self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            let nan = _mm256_cmp_ps::<_CMP_UNORD_Q>(self, self);
            _mm256_blendv_ps(self, _mm256_set1_ps(NAN), nan)
        }
    }

    #[inline(always)]
    unsafe fn unless_small(self, limit: Self, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            let small = _mm256_cmp_ps::<_CMP_LT_OQ>(self.abs(), limit);
            _mm256_blendv_ps(self, other, small)
        }
    }

    #[inline(always)]
    unsafe fn where_one(self, seen: *const u8, other: Self) -> Self {
        // SAFETY: see `load`.
        unsafe {
            let seen = _mm256_cvtepu8_epi32(_mm_loadl_epi64(seen.cast()));
            let one = _mm256_cmpeq_epi32(seen, _mm256_set1_epi32(1));
            _mm256_blendv_ps(other, self, _mm256_castsi256_ps(one))
        }
    }
}
