//! Functions of [`crate::scalar`] over arrays.

use crate::dispatch::per_isa;
use crate::fma::Fma;
use crate::scalar::{self, generic};

/// An elementwise function of one f32 operand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum UnaryFn {
    Negate,
    Abs,
    Sign,
    Sqrt,
    Rsqrt,
    Exp,
    Log,
    Tanh,
    Logistic,
    Sin,
    Cos,
    Erf,
    Floor,
    Ceil,
    RoundNearestEven,
    RoundNearestAfz,
    Tan,
    Cbrt,
    Expm1,
    Log1p,
    Erfc,
    ErfInv,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Asinh,
    Acosh,
    Atanh,
}

impl UnaryFn {
    /// All of them.
    pub const ALL: [Self; 30] = [
        Self::Negate,
        Self::Abs,
        Self::Sign,
        Self::Sqrt,
        Self::Rsqrt,
        Self::Exp,
        Self::Log,
        Self::Tanh,
        Self::Logistic,
        Self::Sin,
        Self::Cos,
        Self::Erf,
        Self::Floor,
        Self::Ceil,
        Self::RoundNearestEven,
        Self::RoundNearestAfz,
        Self::Tan,
        Self::Cbrt,
        Self::Expm1,
        Self::Log1p,
        Self::Erfc,
        Self::ErfInv,
        Self::Asin,
        Self::Acos,
        Self::Atan,
        Self::Sinh,
        Self::Cosh,
        Self::Asinh,
        Self::Acosh,
        Self::Atanh,
    ];

    /// The function of one number.
    pub fn scalar(self) -> fn(f32) -> f32 {
        match self {
            Self::Negate => scalar::negate,
            Self::Abs => scalar::abs,
            Self::Sign => scalar::sign,
            Self::Sqrt => scalar::sqrt,
            Self::Rsqrt => scalar::rsqrt,
            Self::Exp => scalar::exp,
            Self::Log => scalar::log,
            Self::Tanh => scalar::tanh,
            Self::Logistic => scalar::logistic,
            Self::Sin => scalar::sin,
            Self::Cos => scalar::cos,
            Self::Erf => scalar::erf,
            Self::Floor => scalar::floor,
            Self::Ceil => scalar::ceil,
            Self::RoundNearestEven => scalar::round_nearest_even,
            Self::RoundNearestAfz => scalar::round_nearest_afz,
            Self::Tan => scalar::tan,
            Self::Cbrt => scalar::cbrt,
            Self::Expm1 => scalar::expm1,
            Self::Log1p => scalar::log1p,
            Self::Erfc => scalar::erfc,
            Self::ErfInv => scalar::erf_inv,
            Self::Asin => scalar::asin,
            Self::Acos => scalar::acos,
            Self::Atan => scalar::atan,
            Self::Sinh => scalar::sinh,
            Self::Cosh => scalar::cosh,
            Self::Asinh => scalar::asinh,
            Self::Acosh => scalar::acosh,
            Self::Atanh => scalar::atanh,
        }
    }
}

/// An elementwise function of two f32 operands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum BinaryFn {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Max,
    Min,
    Power,
    /// Operands: y, x.
    Atan2,
}

impl BinaryFn {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Add,
        Self::Subtract,
        Self::Multiply,
        Self::Divide,
        Self::Remainder,
        Self::Max,
        Self::Min,
        Self::Power,
        Self::Atan2,
    ];

    /// The function of two numbers.
    pub fn scalar(self) -> fn(f32, f32) -> f32 {
        match self {
            Self::Add => scalar::add,
            Self::Subtract => scalar::subtract,
            Self::Multiply => scalar::multiply,
            Self::Divide => scalar::divide,
            Self::Remainder => scalar::remainder,
            Self::Max => scalar::max,
            Self::Min => scalar::min,
            Self::Power => scalar::power,
            Self::Atan2 => scalar::atan2,
        }
    }
}

/// An operand of [`binary`].
#[derive(Clone, Copy, Debug)]
pub enum Arg<'a> {
    /// One value per element.
    Slice(&'a [f32]),
    /// The same value for every element.
    Scalar(f32),
}

per_isa! {
    /// `y[i] = f(x[i])`.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn unary(f: UnaryFn, x: &[f32], y: &mut [f32]) = unary_generic;
}

per_isa! {
    /// `x[i] = f(x[i])`.
    pub fn unary_in_place(f: UnaryFn, x: &mut [f32]) = unary_in_place_generic;
}

per_isa! {
    /// `y[i] = f(a[i], b[i])`, where a scalar operand has the same value at every `i`.
    ///
    /// # Panics
    /// If a slice operand's length is not that of `y`.
    pub fn binary(f: BinaryFn, a: Arg<'_>, b: Arg<'_>, y: &mut [f32]) = binary_generic;
}

per_isa! {
    /// `a[i] = f(a[i], b[i])`, where a scalar `b` has the same value at every `i`.
    ///
    /// # Panics
    /// If the length of a slice `b` is not that of `a`.
    pub fn binary_in_place(f: BinaryFn, a: &mut [f32], b: Arg<'_>) = binary_in_place_generic;
}

/// Runs a loop body once per function, so that each loop is compiled, and vectorised, for itself.
macro_rules! each_unary {
    ($f:expr, $F:ident, $run:ident) => {
        match $f {
            UnaryFn::Negate => $run!(scalar::negate),
            UnaryFn::Abs => $run!(scalar::abs),
            UnaryFn::Sign => $run!(scalar::sign),
            UnaryFn::Sqrt => $run!(scalar::sqrt),
            UnaryFn::Rsqrt => $run!(scalar::rsqrt),
            UnaryFn::Exp => $run!(generic::exp::<$F>),
            UnaryFn::Log => $run!(generic::log::<$F>),
            UnaryFn::Tanh => $run!(generic::tanh::<$F>),
            UnaryFn::Logistic => $run!(generic::logistic::<$F>),
            UnaryFn::Sin => $run!(generic::sin::<$F>),
            UnaryFn::Cos => $run!(generic::cos::<$F>),
            UnaryFn::Erf => $run!(generic::erf::<$F>),
            UnaryFn::Floor => $run!(scalar::floor),
            UnaryFn::Ceil => $run!(scalar::ceil),
            UnaryFn::RoundNearestEven => $run!(scalar::round_nearest_even),
            UnaryFn::RoundNearestAfz => $run!(scalar::round_nearest_afz),
            UnaryFn::Tan => $run!(generic::tan::<$F>),
            UnaryFn::Cbrt => $run!(generic::cbrt::<$F>),
            UnaryFn::Expm1 => $run!(generic::expm1::<$F>),
            UnaryFn::Log1p => $run!(generic::log1p::<$F>),
            UnaryFn::Erfc => $run!(generic::erfc::<$F>),
            UnaryFn::ErfInv => $run!(generic::erf_inv::<$F>),
            UnaryFn::Asin => $run!(generic::asin::<$F>),
            UnaryFn::Acos => $run!(generic::acos::<$F>),
            UnaryFn::Atan => $run!(generic::atan::<$F>),
            UnaryFn::Sinh => $run!(generic::sinh::<$F>),
            UnaryFn::Cosh => $run!(generic::cosh::<$F>),
            UnaryFn::Asinh => $run!(generic::asinh::<$F>),
            UnaryFn::Acosh => $run!(generic::acosh::<$F>),
            UnaryFn::Atanh => $run!(generic::atanh::<$F>),
        }
    };
}

macro_rules! each_binary {
    ($f:expr, $F:ident, $run:ident) => {
        match $f {
            BinaryFn::Add => $run!(scalar::add),
            BinaryFn::Subtract => $run!(scalar::subtract),
            BinaryFn::Multiply => $run!(scalar::multiply),
            BinaryFn::Divide => $run!(scalar::divide),
            BinaryFn::Remainder => $run!(scalar::remainder),
            BinaryFn::Max => $run!(scalar::max),
            BinaryFn::Min => $run!(scalar::min),
            BinaryFn::Power => $run!(scalar::power),
            BinaryFn::Atan2 => $run!(generic::atan2::<$F>),
        }
    };
}

#[inline(always)]
fn unary_generic<F: Fma>(f: UnaryFn, x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len(), "unary: operand and result lengths differ");
    macro_rules! run {
        ($g:expr) => {
            for (y, &x) in y.iter_mut().zip(x) {
                *y = $g(x);
            }
        };
    }
    if f == UnaryFn::Exp {
        return exp_generic::<F>(x, y);
    }
    each_unary!(f, F, run)
}

/// Scores that attention hides are far below all others, and many in a row.
#[inline(always)]
fn exp_generic<F: Fma>(x: &[f32], y: &mut [f32]) {
    const BLOCK: usize = 64;
    let ((blocks, x_rest), (results, y_rest)) = (x.as_chunks::<BLOCK>(), y.as_chunks_mut::<BLOCK>());
    for (x, y) in blocks.iter().zip(results) {
        let far_below = x.iter().map(|x| u32::from(*x < generic::EXP_IS_ZERO_BELOW)).sum::<u32>();
        if far_below == BLOCK as u32 {
            y.fill(0.0);
            continue;
        }
        for (y, x) in y.iter_mut().zip(x) {
            *y = generic::exp::<F>(*x);
        }
    }
    for (y, x) in y_rest.iter_mut().zip(x_rest) {
        *y = generic::exp::<F>(*x);
    }
}

#[inline(always)]
fn unary_in_place_generic<F: Fma>(f: UnaryFn, x: &mut [f32]) {
    macro_rules! run {
        ($g:expr) => {
            for x in x.iter_mut() {
                *x = $g(*x);
            }
        };
    }
    each_unary!(f, F, run)
}

#[inline(always)]
fn binary_generic<F: Fma>(f: BinaryFn, a: Arg<'_>, b: Arg<'_>, y: &mut [f32]) {
    for arg in [a, b] {
        if let Arg::Slice(x) = arg {
            assert_eq!(x.len(), y.len(), "binary: operand and result lengths differ");
        }
    }
    macro_rules! run {
        ($g:expr) => {
            match (a, b) {
                (Arg::Slice(a), Arg::Slice(b)) => {
                    for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
                        *y = $g(a, b);
                    }
                }
                (Arg::Slice(a), Arg::Scalar(b)) => {
                    for (y, &a) in y.iter_mut().zip(a) {
                        *y = $g(a, b);
                    }
                }
                (Arg::Scalar(a), Arg::Slice(b)) => {
                    for (y, &b) in y.iter_mut().zip(b) {
                        *y = $g(a, b);
                    }
                }
                (Arg::Scalar(a), Arg::Scalar(b)) => y.fill($g(a, b)),
            }
        };
    }
    each_binary!(f, F, run)
}

#[inline(always)]
fn binary_in_place_generic<F: Fma>(f: BinaryFn, a: &mut [f32], b: Arg<'_>) {
    if let Arg::Slice(b) = b {
        assert_eq!(a.len(), b.len(), "binary_in_place: operand lengths differ");
    }
    macro_rules! run {
        ($g:expr) => {
            match b {
                Arg::Slice(b) => {
                    for (a, &b) in a.iter_mut().zip(b) {
                        *a = $g(*a, b);
                    }
                }
                Arg::Scalar(b) => {
                    for a in a.iter_mut() {
                        *a = $g(*a, b);
                    }
                }
            }
        };
    }
    each_binary!(f, F, run)
}
