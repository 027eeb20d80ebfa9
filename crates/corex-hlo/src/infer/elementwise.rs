//! Constants and elementwise operations.

use super::{Rule, checked_bytes, ensure};
use crate::ir::*;

pub(super) fn constant(literal: &Literal) -> Rule {
    let ty = &literal.ty;
    let data = match &literal.data {
        LiteralData::Splat(bytes) => {
            let size = ty.dtype.size();
            ensure(bytes.len() == size, || {
                format!("a splat of {ty} takes {size} bytes, got {}", bytes.len())
            })?;
            bytes
        }
        LiteralData::Dense(bytes) => {
            ensure(checked_bytes(ty) == Some(bytes.len()), || {
                format!("{} bytes of data do not fill a {ty}", bytes.len())
            })?;
            bytes
        }
    };
    if ty.dtype == DType::I1 {
        ensure(data.iter().all(|&b| b <= 1), || "an i1 is the byte 0 or 1".to_owned())?;
    }
    Ok(ty.clone())
}

pub(super) fn unary(op: UnaryOp, x: &TensorType) -> Rule {
    use UnaryOp as U;
    let d = x.dtype;
    let (accepted, takes) = match op {
        U::Negate => (d.is_int() || d.is_float(), "integers or floats"),
        U::Abs | U::Sign => (d.is_signed_int() || d.is_float(), "signed integers or floats"),
        U::Not => (d.is_int() || d == DType::I1, "integers or i1"),
        U::Popcnt | U::CountLeadingZeros => (d.is_int(), "integers"),
        U::Sqrt
        | U::Rsqrt
        | U::Exp
        | U::Log
        | U::Tanh
        | U::Logistic
        | U::Sine
        | U::Cosine
        | U::Erf
        | U::Floor
        | U::Ceil
        | U::IsFinite
        | U::ExpMinusOne
        | U::LogPlusOne
        | U::Cbrt
        | U::Tan
        | U::RoundNearestEven
        | U::RoundNearestAfz
        | U::Erfc
        | U::ErfInv
        | U::Asin
        | U::Acos
        | U::Atan
        | U::Sinh
        | U::Cosh
        | U::Asinh
        | U::Acosh
        | U::Atanh => (d.is_float(), "floats"),
    };
    ensure(accepted, || format!("takes {takes}"))?;
    let dtype = if op == U::IsFinite { DType::I1 } else { d };
    Ok(TensorType::new(dtype, x.shape.clone()))
}

pub(super) fn binary(op: BinaryOp, a: &TensorType, b: &TensorType) -> Rule {
    use BinaryOp as B;
    same(a, b)?;
    let d = a.dtype;
    let (accepted, takes) = match op {
        B::Subtract | B::Divide | B::Remainder | B::Power => {
            (d.is_int() || d.is_float(), "integers or floats")
        }
        B::Add | B::Multiply | B::Maximum | B::Minimum => (true, "anything"),
        B::Atan2 => (d.is_float(), "floats"),
        B::And | B::Or | B::Xor => (d.is_int() || d == DType::I1, "integers or i1"),
        B::ShiftLeft | B::ShiftRightLogical | B::ShiftRightArithmetic => (d.is_int(), "integers"),
    };
    ensure(accepted, || format!("takes {takes}"))?;
    Ok(a.clone())
}

pub(super) fn compare(a: &TensorType, b: &TensorType) -> Rule {
    same(a, b)?;
    Ok(TensorType::new(DType::I1, a.shape.clone()))
}

pub(super) fn select(pred: &TensorType, on_true: &TensorType, on_false: &TensorType) -> Rule {
    ensure(pred.dtype == DType::I1, || "the predicate must be i1".to_owned())?;
    same(on_true, on_false)?;
    same_shape_or_scalar("the predicate", pred, on_true)?;
    Ok(on_true.clone())
}

pub(super) fn clamp(min: &TensorType, x: &TensorType, max: &TensorType) -> Rule {
    ensure(x.dtype != DType::I1, || "takes integers or floats".to_owned())?;
    for (name, bound) in [("min", min), ("max", max)] {
        ensure(bound.dtype == x.dtype, || format!("{name} and operand differ in element type"))?;
        same_shape_or_scalar(name, bound, x)?;
    }
    Ok(x.clone())
}

pub(super) fn reduce_precision(exponent_bits: u32, mantissa_bits: u32, x: &TensorType) -> Rule {
    ensure(x.dtype.is_float(), || "takes floats".to_owned())?;
    ensure((1..=64).contains(&exponent_bits) && mantissa_bits <= 64, || {
        format!(
            "e{exponent_bits}m{mantissa_bits} is no format: 1 to 64 bits of exponent, up to 64 of mantissa"
        )
    })?;
    Ok(x.clone())
}

pub(super) fn bitcast(dtype: DType, x: &TensorType) -> Rule {
    // Any byte but 0 and 1 is no i1, so bits may not become one.
    let mixes_i1 = (dtype == DType::I1) != (x.dtype == DType::I1);
    ensure(!mixes_i1, || "i1 has no bit pattern to reinterpret".to_owned())?;
    let (from, to) = (x.dtype.size(), dtype.size());
    let mut shape = x.shape.clone();
    if from > to {
        shape.push(from / to);
    } else if from < to {
        let parts = shape.pop();
        ensure(parts == Some(to / from), || {
            format!(
                "the minor-most dimension must be {}, the {}s in one {}",
                to / from,
                x.dtype.name(),
                dtype.name()
            )
        })?;
    }
    Ok(TensorType::new(dtype, shape))
}

fn same(a: &TensorType, b: &TensorType) -> Result<(), String> {
    ensure(a == b, || "operand types differ".to_owned())
}

fn same_shape_or_scalar(name: &str, x: &TensorType, of: &TensorType) -> Result<(), String> {
    ensure(x.rank() == 0 || x.shape == of.shape, || {
        format!("{name} is neither a scalar nor of the operand's shape")
    })
}
