//! What a step does to one vector of the accumulator. The plain one, of a single element, says what all must compute.

use crate::scalar;

/// Some lanes of f32. Vectors are compared and chosen from as bits: a compiler takes all NaN for the same.
pub(super) trait Vector: Copy {
    const LANES: usize;
    const ZERO: Self;

    /// # Safety
    /// The lanes are readable, 4-aligned; so for every function here, of which the instructions must exist besides.
    unsafe fn load(from: *const f32) -> Self;
    unsafe fn splat(x: f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    unsafe fn add(self, y: Self) -> Self;
    unsafe fn subtract(self, y: Self) -> Self;
    unsafe fn multiply(self, y: Self) -> Self;
    unsafe fn divide(self, y: Self) -> Self;
    unsafe fn max(self, y: Self) -> Self;
    unsafe fn min(self, y: Self) -> Self;
    unsafe fn negate(self) -> Self;
    unsafe fn abs(self) -> Self;
    unsafe fn sqrt(self) -> Self;
    unsafe fn canonical(self) -> Self;
    /// `other` where the magnitude is below `limit`.
    unsafe fn unless_small(self, limit: Self, other: Self) -> Self;
    /// `other` where the byte is not 1.
    unsafe fn where_one(self, seen: *const u8, other: Self) -> Self;
}

impl Vector for f32 {
    const LANES: usize = 1;
    const ZERO: Self = 0.0;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        unsafe { *from }
    }

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        x
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { *to = self }
    }

    #[inline(always)]
    unsafe fn add(self, y: Self) -> Self {
        self + y
    }

    #[inline(always)]
    unsafe fn subtract(self, y: Self) -> Self {
        self - y
    }

    #[inline(always)]
    unsafe fn multiply(self, y: Self) -> Self {
        self * y
    }

    #[inline(always)]
    unsafe fn divide(self, y: Self) -> Self {
        self / y
    }

    #[inline(always)]
    unsafe fn max(self, y: Self) -> Self {
        scalar::max(self, y)
    }

    #[inline(always)]
    unsafe fn min(self, y: Self) -> Self {
        scalar::min(self, y)
    }

    #[inline(always)]
    unsafe fn negate(self) -> Self {
        -self
    }

    #[inline(always)]
    unsafe fn abs(self) -> Self {
        f32::abs(self)
    }

    #[inline(always)]
    unsafe fn sqrt(self) -> Self {
        f32::sqrt(self)
    }

    #[inline(always)]
    unsafe fn canonical(self) -> Self {
        scalar::canonical(self)
    }

    #[inline(always)]
    unsafe fn unless_small(self, limit: Self, other: Self) -> Self {
        choose(f32::abs(self) < limit, other, self)
    }

    #[inline(always)]
    unsafe fn where_one(self, seen: *const u8, other: Self) -> Self {
        // SAFETY: the caller's promise.
        choose(unsafe { *seen } == 1, self, other)
    }
}

/// By masks: from `if` the compiler makes a choice of addresses.
#[inline(always)]
fn choose(first: bool, x: f32, y: f32) -> f32 {
    let mask = u32::from(first).wrapping_neg();
    f32::from_bits((x.to_bits() & mask) | (y.to_bits() & !mask))
}
