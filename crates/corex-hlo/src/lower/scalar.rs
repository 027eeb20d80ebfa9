//! Elementwise operations, and scalar functions as straight lines.

use super::form::*;
use super::{access, word};
use crate::error::HloError;
use crate::ir::*;

/// An elementwise operation. Operands of rank 0 are read for every element.
pub(super) fn map(function: Scalar, operands: &[Operand], ty: &TensorType) -> Kind {
    let read =
        |(i, operand): (usize, &Operand)| access::element(operand.ty.dtype, i, access::counted(&operand.ty));
    Kind::Map { space: access::flat(ty), function, reads: operands.iter().enumerate().map(read).collect() }
}

/// A flat function of elementwise operations on scalars.
///
/// # Errors
/// Any other function; verification excludes that.
pub(super) fn body(func: &Func) -> Result<Body, HloError> {
    let broken = || HloError::Module(format!("@{} is no scalar function", func.name));
    let mut registers = vec![None; func.values.len()];
    for (register, param) in func.params.iter().enumerate() {
        registers[param.index()] = Some(register as u32);
    }
    let mut steps = Vec::with_capacity(func.ops.len());
    for op in &func.ops {
        let args = op.operands.iter().map(|v| registers[v.index()]).collect::<Option<Vec<u32>>>();
        let dtype = op.operands.last().map(|&v| func.ty(v).dtype);
        let step = match (&op.kind, dtype) {
            (OpKind::Constant(literal), _) => {
                let (LiteralData::Splat(bytes) | LiteralData::Dense(bytes)) = &literal.data;
                Step::Literal { dtype: literal.ty.dtype, bits: word(bytes) }
            }
            (OpKind::BitcastConvert(to), Some(dtype)) => {
                Step::Apply { function: Scalar::Bitcast(*to), dtype, args: args.ok_or_else(broken)? }
            }
            (kind, Some(dtype)) => {
                let function = Scalar::of(kind).ok_or_else(broken)?;
                Step::Apply { function, dtype, args: args.ok_or_else(broken)? }
            }
            _ => return Err(broken()),
        };
        let [result] = op.results[..] else { return Err(broken()) };
        registers[result.index()] = Some((func.params.len() + steps.len()) as u32);
        steps.push(step);
    }
    let results = func.results.iter().map(|v| registers[v.index()]).collect::<Option<_>>();
    Ok(Body { steps, results: results.ok_or_else(broken)? })
}

/// A body of one step: `function` of the accumulator and the element.
pub(super) fn binary(function: BinaryOp, dtype: DType) -> Body {
    let step = Step::Apply { function: Scalar::Binary(function), dtype, args: vec![0, 1] };
    Body { steps: vec![step], results: vec![2] }
}
