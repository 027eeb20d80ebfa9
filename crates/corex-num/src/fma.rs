//! The fused multiply-add, in hardware or from f64 operations.

/// How a generic kernel multiplies and adds with one rounding.
pub(crate) trait Fma: Copy + 'static {
    /// `a * b + c`, rounded once to nearest even.
    fn fma(a: f32, b: f32, c: f32) -> f32;
}

/// The hardware instruction. Only for code compiled with an FMA target feature: elsewhere `mul_add` calls a
/// C function, 100 times slower.
#[derive(Clone, Copy)]
pub(crate) struct Hard;

impl Fma for Hard {
    #[inline(always)]
    fn fma(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
}

/// [`soft_fma`].
#[derive(Clone, Copy)]
pub(crate) struct Soft;

impl Fma for Soft {
    #[inline(always)]
    fn fma(a: f32, b: f32, c: f32) -> f32 {
        soft_fma(a, b, c)
    }
}

/// What [`crate::Isa::Portable`] uses: the instruction if every machine of the target has it.
#[cfg(any(target_arch = "aarch64", target_arch = "riscv64", target_feature = "fma"))]
pub(crate) type Baseline = Hard;
/// What [`crate::Isa::Portable`] uses: the instruction if every machine of the target has it.
#[cfg(not(any(target_arch = "aarch64", target_arch = "riscv64", target_feature = "fma")))]
pub(crate) type Baseline = Soft;

/// `a * b + c` rounded once to nearest even, from f64 operations only.
///
/// The product of two f32 is exact in f64. The sum is rounded *to odd*: of the two neighbouring f64 the one
/// with the odd significand is taken when it is inexact. With 53 bits, at least two more than f32's 24, the
/// final rounding to f32 then gives what one rounding of the exact value would (Boldo and Melquiond, "Emulation
/// of FMA and correctly rounded sums", 2008).
#[inline(always)]
pub(crate) fn soft_fma(a: f32, b: f32, c: f32) -> f32 {
    let product = f64::from(a) * f64::from(b);
    let c = f64::from(c);
    let sum = product + c;
    // Knuth's two-sum: `sum + error` is exactly `product + c`. No f64 subnormal or overflow can occur here.
    let virtual_c = sum - product;
    let error = (product - (sum - virtual_c)) + (c - virtual_c);
    let bits = sum.to_bits();
    // An infinite or NaN sum makes the error NaN, which compares false.
    let inexact = (error > 0.0) | (error < 0.0);
    let even = !bits & 1;
    // Away from zero if error and sum agree in sign, else toward it: the odd neighbour on the exact value's side.
    let step = if (error > 0.0) == (sum > 0.0) { even } else { even.wrapping_neg() };
    f64::from_bits(if inexact { bits.wrapping_add(step) } else { bits }) as f32
}
