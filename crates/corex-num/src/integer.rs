//! Integer arithmetic with every edge defined: it wraps, and nothing traps.

/// The integer element types.
pub trait Integer: Copy + Ord + std::fmt::Debug {
    /// Width in bits.
    const BITS: u32;
    /// Wrapping sum.
    fn add(self, b: Self) -> Self;
    /// Wrapping difference.
    fn subtract(self, b: Self) -> Self;
    /// Wrapping product.
    fn multiply(self, b: Self) -> Self;
    /// Quotient toward zero; all ones (-1) for a divisor of 0; MIN / -1 = MIN.
    fn divide(self, b: Self) -> Self;
    /// Remainder with the sign of the dividend; the dividend for a divisor of 0; MIN rem -1 = 0.
    fn remainder(self, b: Self) -> Self;
    /// Wrapping power. A negative exponent gives the integer part of the true value: 0, or 1 and -1 for those
    /// bases; 0 to a negative power is 0. Anything to the power 0 is 1.
    fn power(self, b: Self) -> Self;
    /// Wrapping negation.
    fn negate(self) -> Self;
    /// Wrapping absolute value: |MIN| = MIN.
    fn abs(self) -> Self;
    /// -1, 0 or 1.
    fn sign(self) -> Self;
    /// Left shift by `b` read as unsigned; 0 from the width on.
    fn shift_left(self, b: Self) -> Self;
    /// Right shift that fills with zeros, by `b` read as unsigned; 0 from the width on.
    fn shift_right_logical(self, b: Self) -> Self;
    /// Right shift that fills with the top bit, by `b` read as unsigned; only copies of it from the width on.
    fn shift_right_arithmetic(self, b: Self) -> Self;
    /// The number of bits set.
    fn popcnt(self) -> Self;
    /// The number of zero bits above the highest bit set; the width for 0.
    fn count_leading_zeros(self) -> Self;
}

macro_rules! integer {
    ($t:ident, $signed:ident, $unsigned:ident, $abs:expr, $sign:expr) => {
        impl Integer for $t {
            const BITS: u32 = $t::BITS;
            #[inline(always)]
            fn add(self, b: Self) -> Self {
                self.wrapping_add(b)
            }
            #[inline(always)]
            fn subtract(self, b: Self) -> Self {
                self.wrapping_sub(b)
            }
            #[inline(always)]
            fn multiply(self, b: Self) -> Self {
                self.wrapping_mul(b)
            }
            #[inline(always)]
            fn divide(self, b: Self) -> Self {
                if b == 0 { !0 } else { self.wrapping_div(b) }
            }
            #[inline(always)]
            fn remainder(self, b: Self) -> Self {
                if b == 0 { self } else { self.wrapping_rem(b) }
            }
            fn power(self, b: Self) -> Self {
                #[allow(unused_comparisons)]
                if b < 0 {
                    return match self.wrapping_add(1) {
                        2 => 1,
                        // Base -1, which only a signed type reaches here.
                        0 => {
                            if b & 1 == 0 {
                                1
                            } else {
                                self
                            }
                        }
                        _ => 0,
                    };
                }
                let (mut base, mut exponent, mut result) = (self, b, 1 as $t);
                while exponent != 0 {
                    if exponent & 1 == 1 {
                        result = result.wrapping_mul(base);
                    }
                    base = base.wrapping_mul(base);
                    exponent >>= 1;
                }
                result
            }
            #[inline(always)]
            fn negate(self) -> Self {
                self.wrapping_neg()
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $abs(self)
            }
            #[inline(always)]
            fn sign(self) -> Self {
                $sign(self)
            }
            #[inline(always)]
            fn shift_left(self, b: Self) -> Self {
                let b = b as $unsigned;
                if b < $t::BITS as $unsigned { self << b } else { 0 }
            }
            #[inline(always)]
            fn shift_right_logical(self, b: Self) -> Self {
                let b = b as $unsigned;
                if b < $t::BITS as $unsigned { (self as $unsigned >> b) as $t } else { 0 }
            }
            #[inline(always)]
            fn shift_right_arithmetic(self, b: Self) -> Self {
                let b = (b as $unsigned).min($t::BITS as $unsigned - 1);
                (self as $signed >> b) as $t
            }
            #[inline(always)]
            fn popcnt(self) -> Self {
                self.count_ones() as $t
            }
            #[inline(always)]
            fn count_leading_zeros(self) -> Self {
                self.leading_zeros() as $t
            }
        }
    };
}

integer!(i8, i8, u8, i8::wrapping_abs, i8::signum);
integer!(i16, i16, u16, i16::wrapping_abs, i16::signum);
integer!(i32, i32, u32, i32::wrapping_abs, i32::signum);
integer!(i64, i64, u64, i64::wrapping_abs, i64::signum);
integer!(u8, i8, u8, std::convert::identity, |x: u8| x.min(1));
integer!(u16, i16, u16, std::convert::identity, |x: u16| x.min(1));
integer!(u32, i32, u32, std::convert::identity, |x: u32| x.min(1));
integer!(u64, i64, u64, std::convert::identity, |x: u64| x.min(1));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges() {
        assert_eq!(i32::MIN.divide(-1), i32::MIN);
        assert_eq!(i32::MIN.remainder(-1), 0);
        assert_eq!(7i8.divide(0), -1);
        assert_eq!(7u8.divide(0), 255);
        assert_eq!((-7i64).remainder(0), -7);
        assert_eq!((-7i64).remainder(4), -3);
        assert_eq!((-7i64).divide(4), -1);
        assert_eq!(1u32.shift_left(32), 0);
        assert_eq!(1i32.shift_left(-1), 0);
        assert_eq!((-8i16).shift_right_logical(1), 0x7FFC);
        assert_eq!((-8i16).shift_right_arithmetic(200), -1);
        assert_eq!(0x80u8.shift_right_arithmetic(1), 0xC0);
        // Not the method of the standard library, which comes first.
        assert_eq!(Integer::abs(i8::MIN), i8::MIN);
        assert_eq!((-3i32).sign(), -1);
        assert_eq!(9u64.sign(), 1);
        assert_eq!(3i32.power(4), 81);
        assert_eq!((-1i32).power(-3), -1);
        assert_eq!((-1i32).power(-2), 1);
        assert_eq!(2i32.power(-2), 0);
        assert_eq!(0i32.power(-1), 0);
        assert_eq!(1i8.power(-1), 1);
        assert_eq!(255u8.power(2), 1);
        assert_eq!(5u8.power(0), 1);
        assert_eq!(((-1i8).popcnt(), 0u64.popcnt(), 0x1234u16.popcnt()), (8, 0, 5));
        assert_eq!(
            (0i8.count_leading_zeros(), (-1i64).count_leading_zeros(), 1u16.count_leading_zeros()),
            (8, 0, 15)
        );
    }
}
