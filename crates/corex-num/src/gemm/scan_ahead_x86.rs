//! Looking for what must be flushed in the rows of the next tile, between the multiplications of this one.

use std::arch::asm;
use std::arch::x86_64::*;

use super::FLUSH_BITS;
use super::kernel::{Ahead, Rows};

/// A scan of `MR` rows, a few vectors per [`Ahead::STEPS`] steps of the kernel; needs AVX-512 F.
pub(super) struct ScanAhead<const MR: usize, const ROWS_ADJACENT: bool> {
    /// Where the next vectors are: of rows if their steps are adjacent, else of steps.
    at: *const f32,
    /// From one vector to the next.
    stride: usize,
    /// The next column of vectors.
    column: *const f32,
    /// How often [`ScanAhead::next`] was called for this column.
    taken: usize,
    /// How often it has to be called.
    left: usize,
    was_asked: bool,
    /// The least keys, which are twice the magnitude's bits less 1: zeros, which may stay, have the largest.
    least: __m512i,
}

/// An operand of instructions.
static MINUS_ONE: i32 = -1;

/// Calls after which a column of vectors, one for each row, is done.
const CALLS: usize = Ahead::SCANNED_STEPS / Ahead::STEPS;

impl<const MR: usize, const ROWS_ADJACENT: bool> ScanAhead<MR, ROWS_ADJACENT> {
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub fn new(ahead: &Ahead) -> Self {
        let (Rows { data, row_stride, step_stride }, steps) = ahead.scan;
        let stride = if ROWS_ADJACENT { step_stride } else { row_stride };
        Self {
            at: data,
            stride,
            column: data,
            taken: 0,
            left: steps / Ahead::STEPS,
            was_asked: steps > 0,
            least: _mm512_set1_epi32(-1),
        }
    }

    /// Looks at what comes next, if anything is left.
    ///
    /// # Safety
    /// The rows must be there; needs AVX-512 F.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub unsafe fn next(&mut self) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        // SAFETY: the caller's promise.
        unsafe {
            if ROWS_ADJACENT {
                for _ in 0..Ahead::STEPS {
                    self.look();
                    self.at = self.at.wrapping_add(self.stride);
                }
            } else {
                // The last call looks at fewer rows where the calls do not divide them.
                let vectors = MR.div_ceil(CALLS);
                for v in 0..vectors {
                    if MR.is_multiple_of(CALLS) || self.taken * vectors + v < MR {
                        self.look();
                        self.at = self.at.wrapping_add(self.stride);
                    }
                }
                self.taken += 1;
                if self.taken == CALLS {
                    self.taken = 0;
                    self.column = self.column.wrapping_add(Ahead::SCANNED_STEPS);
                    self.at = self.column;
                }
            }
        }
    }

    /// Looks at what the calls so far have left.
    ///
    /// # Safety
    /// As [`ScanAhead::next`].
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub unsafe fn rest(&mut self) {
        while self.left > 0 {
            // SAFETY: the caller's promise.
            unsafe { self.next() };
        }
    }

    /// Looks at one vector. The compiler would use more registers than a kernel leaves it.
    ///
    /// # Safety
    /// As [`ScanAhead::next`].
    #[inline]
    #[target_feature(enable = "avx512f")]
    unsafe fn look(&mut self) {
        // SAFETY: the caller's promise.
        unsafe {
            asm!(
                "vpslld {key}, [{at}], 1",
                "vpaddd {key}, {key}, dword ptr [rip + {minus_one}]{{1to16}}",
                "vpminud {least}, {least}, {key}",
                key = out(zmm_reg) _,
                at = in(reg) self.at,
                minus_one = sym MINUS_ONE,
                least = inout(zmm_reg) self.least,
                options(pure, readonly, nostack, preserves_flags)
            );
        }
    }

    /// Whether all was looked at, and there is nothing to flush.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub fn nothing_to_flush(self) -> bool {
        let limit = _mm512_set1_epi32((2 * FLUSH_BITS - 1) as i32);
        self.was_asked && _mm512_cmplt_epu32_mask(self.least, limit) == 0
    }
}
