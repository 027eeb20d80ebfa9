//! One method per operation, operands in StableHLO's order.

use super::FuncBuilder;
use crate::ir::*;

/// Dimension numbers of a product while they are being written: `Dot::contract(&[2], &[1]).batch(&[0], &[0])`.
#[derive(Debug, Clone, Default)]
pub struct Dot(DotDims);

impl Dot {
    /// Contracts these dimensions of the left and right side, pairwise.
    pub fn contract(lhs: &[usize], rhs: &[usize]) -> Self {
        Self(DotDims { lhs_contract: lhs.to_vec(), rhs_contract: rhs.to_vec(), ..DotDims::default() })
    }
    /// Batches over these dimensions of the left and right side, pairwise.
    pub fn batch(mut self, lhs: &[usize], rhs: &[usize]) -> Self {
        self.0.lhs_batch = lhs.to_vec();
        self.0.rhs_batch = rhs.to_vec();
        self
    }
}

impl From<Dot> for DotDims {
    fn from(dot: Dot) -> DotDims {
        dot.0
    }
}

macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self, x: ValueId) -> ValueId {
            self.op(OpKind::Unary(UnaryOp::$op), &[x])
        }
    )*};
}

macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self, a: ValueId, b: ValueId) -> ValueId {
            self.op(OpKind::Binary(BinaryOp::$op), &[a, b])
        }
    )*};
}

/// Elementwise operations.
impl FuncBuilder {
    unary! {
        /// -x
        neg => Negate;
        /// |x|
        abs => Abs;
        /// -1, 0 or 1
        sign => Sign;
        /// Bitwise, or logical on i1.
        not => Not;
        /// √x
        sqrt => Sqrt;
        /// 1/√x, rounded twice.
        rsqrt => Rsqrt;
        /// e^x
        exp => Exp;
        /// ln x
        log => Log;
        /// tanh x
        tanh => Tanh;
        /// 1/(1 + e^-x)
        logistic => Logistic;
        /// sin x, x in radians.
        sin => Sine;
        /// cos x, x in radians.
        cos => Cosine;
        /// The error function.
        erf => Erf;
        /// Largest integer not above x.
        floor => Floor;
        /// Smallest integer not below x.
        ceil => Ceil;
        /// True unless x is an infinity or NaN.
        is_finite => IsFinite;
        /// e^x - 1
        expm1 => ExpMinusOne;
        /// ln(1 + x)
        log1p => LogPlusOne;
        /// The cube root.
        cbrt => Cbrt;
        /// tan x, x in radians.
        tan => Tan;
        /// Nearest integer, ties to even.
        round => RoundNearestEven;
        /// Nearest integer, ties away from zero.
        round_away => RoundNearestAfz;
        /// Number of bits set.
        popcnt => Popcnt;
        /// Number of zero bits above the highest bit set.
        clz => CountLeadingZeros;
        /// 1 - erf x
        erfc => Erfc;
        /// The inverse of erf.
        erf_inv => ErfInv;
        /// The inverse of sin, in [-π/2, π/2].
        asin => Asin;
        /// The inverse of cos, in [0, π].
        acos => Acos;
        /// The inverse of tan, in [-π/2, π/2].
        atan => Atan;
        /// The hyperbolic sine.
        sinh => Sinh;
        /// The hyperbolic cosine.
        cosh => Cosh;
        /// The inverse of sinh.
        asinh => Asinh;
        /// The inverse of cosh.
        acosh => Acosh;
        /// The inverse of tanh.
        atanh => Atanh;
    }

    binary! {
        /// a + b
        add => Add;
        /// a - b
        sub => Subtract;
        /// a × b
        mul => Multiply;
        /// a / b
        div => Divide;
        /// The remainder of a / b truncated towards zero; it has a's sign.
        rem => Remainder;
        /// The larger one; NaN wins.
        max => Maximum;
        /// The smaller one; NaN wins.
        min => Minimum;
        /// a^b
        pow => Power;
        /// Bitwise, or logical on i1.
        and => And;
        /// Bitwise, or logical on i1.
        or => Or;
        /// Bitwise, or logical on i1.
        xor => Xor;
        /// a << b
        shl => ShiftLeft;
        /// a >> b, filled with zeros.
        shr => ShiftRightLogical;
        /// a >> b, filled with the sign.
        sar => ShiftRightArithmetic;
        /// The angle of the point with ordinate a and abscissa b.
        atan2 => Atan2;
    }

    /// a `dir` b, as i1.
    pub fn compare(&mut self, dir: CompareDir, a: ValueId, b: ValueId) -> ValueId {
        self.op(OpKind::Compare(dir), &[a, b])
    }
    /// a `dir` b by IEEE 754's total order of floats, as i1.
    pub fn compare_total(&mut self, dir: CompareDir, a: ValueId, b: ValueId) -> ValueId {
        self.op(OpKind::CompareTotal(dir), &[a, b])
    }
    /// a == b
    pub fn eq(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.compare(CompareDir::Eq, a, b)
    }
    /// a < b
    pub fn lt(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.compare(CompareDir::Lt, a, b)
    }
    /// a >= b
    pub fn ge(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.compare(CompareDir::Ge, a, b)
    }
    /// Element of `on_true` where `pred`, else of `on_false`; `pred` may be a scalar.
    pub fn select(&mut self, pred: ValueId, on_true: ValueId, on_false: ValueId) -> ValueId {
        self.op(OpKind::Select, &[pred, on_true, on_false])
    }
    /// min(max(x, lo), hi); the bounds may be scalars.
    pub fn clamp(&mut self, lo: ValueId, x: ValueId, hi: ValueId) -> ValueId {
        self.op(OpKind::Clamp, &[lo, x, hi])
    }
    /// Converts the elements.
    pub fn convert(&mut self, x: ValueId, dtype: DType) -> ValueId {
        self.op(OpKind::Convert(dtype), &[x])
    }
    /// Rounds floats to what a format with these fields can hold.
    pub fn reduce_precision(&mut self, x: ValueId, exponent_bits: u32, mantissa_bits: u32) -> ValueId {
        self.op(OpKind::ReducePrecision { exponent_bits, mantissa_bits }, &[x])
    }
    /// Reinterprets the bits of the elements; see [`OpKind::BitcastConvert`] for other element sizes.
    pub fn bitcast(&mut self, x: ValueId, dtype: DType) -> ValueId {
        self.op(OpKind::BitcastConvert(dtype), &[x])
    }
}

/// Creating and rearranging.
impl FuncBuilder {
    /// A constant; each literal is written once per function.
    pub fn constant(&mut self, literal: Literal) -> ValueId {
        self.op(OpKind::Constant(literal), &[])
    }
    /// 0, 1, 2 … along `dim`.
    pub fn iota(&mut self, ty: TensorType, dim: usize) -> ValueId {
        self.op(OpKind::Iota { ty, dim }, &[])
    }
    /// Dimension `i` of x becomes dimension `dims[i]` of the result, which has the given shape.
    pub fn broadcast(&mut self, x: ValueId, shape: &[usize], dims: &[usize]) -> ValueId {
        self.op(OpKind::BroadcastInDim { shape: shape.to_vec(), dims: dims.to_vec() }, &[x])
    }
    /// Same elements, other shape.
    pub fn reshape(&mut self, x: ValueId, shape: &[usize]) -> ValueId {
        if self.ty(x).shape == shape && self.error().is_none() {
            return x;
        }
        self.op(OpKind::Reshape { shape: shape.to_vec() }, &[x])
    }
    /// Dimension `i` of the result is dimension `perm[i]` of x.
    pub fn transpose(&mut self, x: ValueId, perm: &[usize]) -> ValueId {
        self.op(OpKind::Transpose { perm: perm.to_vec() }, &[x])
    }
    /// Elements `start..limit` of every dimension, in steps of 1.
    pub fn slice(&mut self, x: ValueId, start: &[usize], limit: &[usize]) -> ValueId {
        self.slice_strided(x, start, limit, &vec![1; start.len()])
    }
    /// Elements `start..limit` of every dimension, in the given steps.
    pub fn slice_strided(
        &mut self,
        x: ValueId,
        start: &[usize],
        limit: &[usize],
        strides: &[usize],
    ) -> ValueId {
        let kind = OpKind::Slice { start: start.to_vec(), limit: limit.to_vec(), strides: strides.to_vec() };
        self.op(kind, &[x])
    }
    /// A slice of these sizes from scalar integer starts, which are clamped.
    pub fn dynamic_slice(&mut self, x: ValueId, starts: &[ValueId], sizes: &[usize]) -> ValueId {
        self.op(OpKind::DynamicSlice { sizes: sizes.to_vec() }, &[&[x], starts].concat())
    }
    /// x with `update` written at scalar integer starts, which are clamped.
    pub fn dynamic_update_slice(&mut self, x: ValueId, update: ValueId, starts: &[ValueId]) -> ValueId {
        self.op(OpKind::DynamicUpdateSlice, &[&[x, update], starts].concat())
    }
    /// Joins along one dimension.
    pub fn concatenate(&mut self, parts: &[ValueId], dim: usize) -> ValueId {
        self.op(OpKind::Concatenate { dim }, parts)
    }
    /// Puts `value` around (`low`, `high`) and between (`interior`) the elements.
    pub fn pad(
        &mut self,
        x: ValueId,
        value: ValueId,
        low: &[i64],
        high: &[i64],
        interior: &[usize],
    ) -> ValueId {
        let kind = OpKind::Pad { low: low.to_vec(), high: high.to_vec(), interior: interior.to_vec() };
        self.op(kind, &[x, value])
    }
    /// Reverses the given dimensions.
    pub fn reverse(&mut self, x: ValueId, dims: &[usize]) -> ValueId {
        self.op(OpKind::Reverse { dims: dims.to_vec() }, &[x])
    }
}

/// Reductions, products, indexing.
impl FuncBuilder {
    /// Folds dimensions (ascending) with a reducer from a scalar.
    pub fn reduce(&mut self, x: ValueId, init: ValueId, dims: &[usize], reducer: Reducer) -> ValueId {
        self.op(OpKind::Reduce { dims: dims.to_vec(), reducer }, &[x, init])
    }
    /// Product with the given dimension numbers; result dims: batch, free of a, free of b.
    pub fn dot_general(&mut self, a: ValueId, b: ValueId, dims: impl Into<DotDims>) -> ValueId {
        self.op(OpKind::DotGeneral(dims.into()), &[a, b])
    }
    /// Slices at computed indices.
    pub fn gather(&mut self, x: ValueId, indices: ValueId, dims: GatherDims) -> ValueId {
        self.op(OpKind::Gather(dims), &[x, indices])
    }
    /// Combines updates into x at computed indices.
    pub fn scatter(
        &mut self,
        x: ValueId,
        indices: ValueId,
        updates: ValueId,
        dims: ScatterDims,
        reducer: Reducer,
    ) -> ValueId {
        self.op(OpKind::Scatter(dims, reducer), &[x, indices, updates])
    }
}
