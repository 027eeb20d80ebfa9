//! Typing rules: the result type of every operation, or a clear error.
//!
//! [`infer`] is the only place that knows which operands an operation takes. The builder, the parser, the
//! verifier and differentiation all ask it. Split by concept: `elementwise`, `movement` (operations that
//! only rearrange elements), `contract` (reductions, products), `indexed` (gather, scatter, dynamic slices),
//! `window` (convolution, pooling), `bodies` (operations that name functions).

mod bodies;
mod contract;
mod elementwise;
mod indexed;
mod movement;
mod window;

use crate::error::HloError;
use crate::ir::*;

/// Result type of an operation with one result.
///
/// # Errors
/// [`HloError::Type`] naming the operation, the operand types and the broken rule. Operations that name functions
/// are an error here, since their result types depend on those: see [`infer_results`].
pub fn infer(kind: &OpKind, operands: &[&TensorType]) -> Result<TensorType, HloError> {
    checked(kind, operands, || result_type(kind, operands).map(|ty| vec![ty]))
        .map(|mut types| types.remove(0))
}

/// Parameter and result types of a function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// Types of the parameters.
    pub params: Vec<TensorType>,
    /// Types of the results.
    pub results: Vec<TensorType>,
}

impl Func {
    /// The function's types.
    ///
    /// # Panics
    /// If a parameter or result is no value of the function; [`crate::verify`] excludes that.
    pub fn signature(&self) -> Signature {
        let types = |values: &[ValueId]| values.iter().map(|&v| self.ty(v).clone()).collect();
        Signature { params: types(&self.params), results: types(&self.results) }
    }
}

/// Result types of any operation; `bodies` are the signatures of the functions it names, in the order of
/// [`OpKind::callees`].
///
/// # Errors
/// As [`infer`].
pub fn infer_results(
    kind: &OpKind,
    operands: &[&TensorType],
    bodies: &[Signature],
) -> Result<Vec<TensorType>, HloError> {
    if kind.callees().is_empty() && !matches!(kind, OpKind::Case { .. }) {
        return infer(kind, operands).map(|ty| vec![ty]);
    }
    checked(kind, operands, || bodies::results(kind, operands, bodies))
}

/// Applies a rule, with every type's size checked before and after, and names the operation in its error.
fn checked(
    kind: &OpKind,
    operands: &[&TensorType],
    rule: impl FnOnce() -> Result<Vec<TensorType>, String>,
) -> Result<Vec<TensorType>, HloError> {
    let addressable = |ty: &TensorType| {
        ensure(checked_bytes(ty).is_some(), || format!("{ty} has more bytes than can be addressed"))
    };
    operands
        .iter()
        .try_for_each(|ty| addressable(ty))
        .and_then(|()| rule())
        .and_then(|types| types.iter().try_for_each(addressable).map(|()| types))
        .map_err(|message| HloError::Type {
            op: kind.name().to_owned(),
            operands: operands.iter().map(|&t| t.clone()).collect(),
            message,
        })
}

/// Bytes of a tensor of this type, or `None` if the number overflows `isize` (the largest object Rust can
/// address). Unlike [`TensorType::bytes`] this is safe for types from untrusted text.
pub fn checked_bytes(ty: &TensorType) -> Option<usize> {
    // Zero dimensions count as one, so that the order of the dimensions cannot decide whether it overflows.
    let elements = ty.shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d.max(1)))?;
    let bytes = elements.checked_mul(ty.dtype.size())?;
    isize::try_from(bytes).ok()?;
    Some(if ty.shape.contains(&0) { 0 } else { bytes })
}

/// A rule's outcome; [`infer`] adds the operation and its operands to the message.
type Rule = Result<TensorType, String>;

fn result_type(kind: &OpKind, operands: &[&TensorType]) -> Rule {
    use OpKind as K;
    match kind {
        K::Constant(literal) => {
            let [] = arity(operands)?;
            elementwise::constant(literal)
        }
        K::Iota { ty, dim } => {
            let [] = arity(operands)?;
            movement::iota(ty, *dim)
        }
        K::Unary(op) => {
            let [x] = arity(operands)?;
            elementwise::unary(*op, x)
        }
        K::Binary(op) => {
            let [a, b] = arity(operands)?;
            elementwise::binary(*op, a, b)
        }
        K::Compare(_) => {
            let [a, b] = arity(operands)?;
            elementwise::compare(a, b)
        }
        K::CompareTotal(_) => {
            let [a, b] = arity(operands)?;
            ensure(a.dtype.is_float(), || "only floats have a total order".to_owned())?;
            elementwise::compare(a, b)
        }
        K::Select => {
            let [pred, on_true, on_false] = arity(operands)?;
            elementwise::select(pred, on_true, on_false)
        }
        K::Clamp => {
            let [min, x, max] = arity(operands)?;
            elementwise::clamp(min, x, max)
        }
        K::Convert(dtype) => {
            let [x] = arity(operands)?;
            Ok(TensorType::new(*dtype, x.shape.clone()))
        }
        K::ReducePrecision { exponent_bits, mantissa_bits } => {
            let [x] = arity(operands)?;
            elementwise::reduce_precision(*exponent_bits, *mantissa_bits, x)
        }
        K::BitcastConvert(dtype) => {
            let [x] = arity(operands)?;
            elementwise::bitcast(*dtype, x)
        }
        K::BroadcastInDim { shape, dims } => {
            let [x] = arity(operands)?;
            movement::broadcast(x, shape, dims)
        }
        K::Reshape { shape } => {
            let [x] = arity(operands)?;
            movement::reshape(x, shape)
        }
        K::Transpose { perm } => {
            let [x] = arity(operands)?;
            movement::transpose(x, perm)
        }
        K::Slice { start, limit, strides } => {
            let [x] = arity(operands)?;
            movement::slice(x, start, limit, strides)
        }
        K::Concatenate { dim } => movement::concatenate(operands, *dim),
        K::Pad { low, high, interior } => {
            let [x, value] = arity(operands)?;
            movement::pad(x, value, low, high, interior)
        }
        K::Reverse { dims } => {
            let [x] = arity(operands)?;
            distinct_below("dims", dims, x.rank())?;
            Ok(x.clone())
        }
        K::DynamicSlice { sizes } => indexed::dynamic_slice(operands, sizes),
        K::DynamicUpdateSlice => indexed::dynamic_update_slice(operands),
        K::Reduce { dims, reducer } => {
            let [x, init] = arity(operands)?;
            contract::reduce(x, init, dims, *reducer)
        }
        K::DotGeneral(dims) => {
            let [lhs, rhs] = arity(operands)?;
            contract::dot_general(lhs, rhs, dims)
        }
        K::Gather(dims) => {
            let [x, indices] = arity(operands)?;
            indexed::gather(x, indices, dims)
        }
        K::Scatter(dims, reducer) => {
            let [x, indices, updates] = arity(operands)?;
            indexed::scatter(x, indices, updates, dims, *reducer)
        }
        K::Convolution(dims) => {
            let [lhs, rhs] = arity(operands)?;
            window::convolution(lhs, rhs, dims)
        }
        K::ReduceWindow { window, reducer } => {
            let [x, init] = arity(operands)?;
            window::reduce_window(x, init, window, *reducer)
        }
        K::SelectAndScatter { window, select, scatter } => {
            let [x, source, init] = arity(operands)?;
            window::select_and_scatter(x, source, init, window, *select, *scatter)
        }
        K::Call { .. }
        | K::While { .. }
        | K::Case { .. }
        | K::ReduceWith { .. }
        | K::ScatterWith { .. }
        | K::ReduceWindowWith { .. }
        | K::Sort { .. } => {
            let names: Vec<_> = kind.callees().into_iter().map(|name| format!("@{name}")).collect();
            Err(format!("the result types depend on {}", names.join(", ")))
        }
    }
}

fn arity<'a, const N: usize>(operands: &[&'a TensorType]) -> Result<[&'a TensorType; N], String> {
    <[&TensorType; N]>::try_from(operands)
        .map_err(|_| format!("takes {N} operand(s), got {}", operands.len()))
}

fn ensure(condition: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(message()) }
}

/// Every index is below `bound` and none occurs twice.
fn distinct_below(what: &str, indices: &[usize], bound: usize) -> Result<(), String> {
    // Checked before `seen` is used, so a hostile list of dimensions costs no more than its length.
    if let Some(d) = indices.iter().find(|&&d| d >= bound) {
        return Err(format!("{what} names dimension {d}, but the rank is {bound}"));
    }
    let mut seen = vec![false; bound];
    for &d in indices {
        ensure(!std::mem::replace(&mut seen[d], true), || format!("{what} names dimension {d} twice"))?;
    }
    Ok(())
}

fn ascending(what: &str, indices: &[usize]) -> Result<(), String> {
    ensure(indices.is_sorted(), || format!("{what} must ascend, got {indices:?}"))
}

fn one_per_dim(what: &str, len: usize, rank: usize) -> Result<(), String> {
    ensure(len == rank, || format!("{what} has {len} entries for rank {rank}"))
}

/// The dimensions of `0..rank` that `taken` does not name, ascending.
fn remaining(rank: usize, taken: &[usize]) -> Vec<usize> {
    (0..rank).filter(|d| !taken.contains(d)).collect()
}

impl OpKind {
    /// The operation's name in StableHLO text, e.g. `stablehlo.add`.
    pub fn name(&self) -> &'static str {
        use OpKind as K;
        match self {
            K::Constant(_) => "stablehlo.constant",
            K::Iota { .. } => "stablehlo.iota",
            K::Unary(op) => match op {
                UnaryOp::Negate => "stablehlo.negate",
                UnaryOp::Abs => "stablehlo.abs",
                UnaryOp::Sign => "stablehlo.sign",
                UnaryOp::Not => "stablehlo.not",
                UnaryOp::Sqrt => "stablehlo.sqrt",
                UnaryOp::Rsqrt => "stablehlo.rsqrt",
                UnaryOp::Exp => "stablehlo.exponential",
                UnaryOp::Log => "stablehlo.log",
                UnaryOp::Tanh => "stablehlo.tanh",
                UnaryOp::Logistic => "stablehlo.logistic",
                UnaryOp::Sine => "stablehlo.sine",
                UnaryOp::Cosine => "stablehlo.cosine",
                UnaryOp::Erf => "chlo.erf",
                UnaryOp::Floor => "stablehlo.floor",
                UnaryOp::Ceil => "stablehlo.ceil",
                UnaryOp::IsFinite => "stablehlo.is_finite",
                UnaryOp::ExpMinusOne => "stablehlo.exponential_minus_one",
                UnaryOp::LogPlusOne => "stablehlo.log_plus_one",
                UnaryOp::Cbrt => "stablehlo.cbrt",
                UnaryOp::Tan => "stablehlo.tan",
                UnaryOp::RoundNearestEven => "stablehlo.round_nearest_even",
                UnaryOp::RoundNearestAfz => "stablehlo.round_nearest_afz",
                UnaryOp::Popcnt => "stablehlo.popcnt",
                UnaryOp::CountLeadingZeros => "stablehlo.count_leading_zeros",
                UnaryOp::Erfc => "chlo.erfc",
                UnaryOp::ErfInv => "chlo.erf_inv",
                UnaryOp::Asin => "chlo.asin",
                UnaryOp::Acos => "chlo.acos",
                UnaryOp::Atan => "chlo.atan",
                UnaryOp::Sinh => "chlo.sinh",
                UnaryOp::Cosh => "chlo.cosh",
                UnaryOp::Asinh => "chlo.asinh",
                UnaryOp::Acosh => "chlo.acosh",
                UnaryOp::Atanh => "chlo.atanh",
            },
            K::Binary(op) => match op {
                BinaryOp::Add => "stablehlo.add",
                BinaryOp::Subtract => "stablehlo.subtract",
                BinaryOp::Multiply => "stablehlo.multiply",
                BinaryOp::Divide => "stablehlo.divide",
                BinaryOp::Remainder => "stablehlo.remainder",
                BinaryOp::Maximum => "stablehlo.maximum",
                BinaryOp::Minimum => "stablehlo.minimum",
                BinaryOp::Power => "stablehlo.power",
                BinaryOp::And => "stablehlo.and",
                BinaryOp::Or => "stablehlo.or",
                BinaryOp::Xor => "stablehlo.xor",
                BinaryOp::ShiftLeft => "stablehlo.shift_left",
                BinaryOp::ShiftRightLogical => "stablehlo.shift_right_logical",
                BinaryOp::ShiftRightArithmetic => "stablehlo.shift_right_arithmetic",
                BinaryOp::Atan2 => "stablehlo.atan2",
            },
            K::Compare(_) | K::CompareTotal(_) => "stablehlo.compare",
            K::Select => "stablehlo.select",
            K::Clamp => "stablehlo.clamp",
            K::Convert(_) => "stablehlo.convert",
            K::ReducePrecision { .. } => "stablehlo.reduce_precision",
            K::BitcastConvert(_) => "stablehlo.bitcast_convert",
            K::BroadcastInDim { .. } => "stablehlo.broadcast_in_dim",
            K::Reshape { .. } => "stablehlo.reshape",
            K::Transpose { .. } => "stablehlo.transpose",
            K::Slice { .. } => "stablehlo.slice",
            K::DynamicSlice { .. } => "stablehlo.dynamic_slice",
            K::DynamicUpdateSlice => "stablehlo.dynamic_update_slice",
            K::Concatenate { .. } => "stablehlo.concatenate",
            K::Pad { .. } => "stablehlo.pad",
            K::Reverse { .. } => "stablehlo.reverse",
            K::Reduce { .. } | K::ReduceWith { .. } => "stablehlo.reduce",
            K::DotGeneral(_) => "stablehlo.dot_general",
            K::Gather(_) => "stablehlo.gather",
            K::Scatter(..) | K::ScatterWith { .. } => "stablehlo.scatter",
            K::While { .. } => "stablehlo.while",
            K::Case { .. } => "stablehlo.case",
            K::Sort { .. } => "stablehlo.sort",
            K::Convolution(_) => "stablehlo.convolution",
            K::ReduceWindow { .. } | K::ReduceWindowWith { .. } => "stablehlo.reduce_window",
            K::SelectAndScatter { .. } => "stablehlo.select_and_scatter",
            K::Call { .. } => "func.call",
        }
    }
}
