//! What a function costs to evaluate, for prices and for scheduling.
//!
//! The unit is one multiply-add of a matrix product. Other operations count by element, with weights that
//! say how many multiply-adds one core does in the time of one element: streaming an element through memory
//! costs more than a multiply-add in a register. The weights are part of the price of work, so they are
//! constants of the protocol and not tuned per machine.

use crate::error::HloError;
use crate::inline::inline_calls;
use crate::ir::*;

/// Reading or writing one element and little else: add, select, copy, compare, convert, gather.
const MOVE: u64 = 4;
/// Divisions and square roots, per element.
const DIVIDE: u64 = 8;
/// exp, log, tanh, power and the like, per element.
const TRANSCENDENTAL: u64 = 32;
/// One update of a scatter: read, combine, write at random.
const SCATTER: u64 = 16;

/// Multiply-adds per unit of work.
pub const MULTIPLY_ADDS_PER_UNIT: u64 = 1_000_000;

/// Estimated cost of one evaluation, in multiply-adds; saturates instead of overflowing.
///
/// Calls count as nothing: inline them first, as [`work_units`] does.
pub fn multiply_adds(func: &Func) -> u64 {
    func.ops.iter().map(|op| op_cost(func, op)).fold(0, u64::saturating_add)
}

/// Units of work of the named function, calls included: [`multiply_adds`] in millions, rounded up, at least 1.
///
/// # Errors
/// Those of [`inline_calls`].
pub fn work_units(module: &Module, func: &str) -> Result<u64, HloError> {
    let flat = inline_calls(module, func)?;
    Ok(multiply_adds(&flat).div_ceil(MULTIPLY_ADDS_PER_UNIT).max(1))
}

fn op_cost(func: &Func, op: &Op) -> u64 {
    let elements = |v: Option<&ValueId>| v.map_or(0, |&v| func.ty(v).elements() as u64);
    let result = elements(op.results.first());
    let operand = |i: usize| elements(op.operands.get(i));
    match &op.kind {
        OpKind::Call { .. } | OpKind::Reshape { .. } | OpKind::BitcastConvert(_) => 0,
        OpKind::Constant(_) | OpKind::Iota { .. } | OpKind::BroadcastInDim { .. } => result,
        OpKind::DotGeneral(dims) => {
            let chain = op.operands.first().map_or(0, |&lhs| {
                dims.lhs_contract.iter().map(|&d| func.ty(lhs).shape[d] as u64).fold(1, u64::saturating_mul)
            });
            result.saturating_mul(chain)
        }
        OpKind::Unary(op) => result.saturating_mul(unary_weight(*op)),
        OpKind::Binary(op) => result.saturating_mul(binary_weight(*op)),
        OpKind::Reduce { .. } => operand(0).saturating_mul(MOVE),
        OpKind::Scatter(..) => {
            operand(0).saturating_mul(MOVE).saturating_add(operand(2).saturating_mul(SCATTER))
        }
        OpKind::Compare(_)
        | OpKind::CompareTotal(_)
        | OpKind::ReducePrecision { .. }
        | OpKind::Select
        | OpKind::Clamp
        | OpKind::Convert(_)
        | OpKind::Transpose { .. }
        | OpKind::Slice { .. }
        | OpKind::DynamicSlice { .. }
        | OpKind::DynamicUpdateSlice
        | OpKind::Concatenate { .. }
        | OpKind::Pad { .. }
        | OpKind::Reverse { .. }
        | OpKind::Gather(_) => result.saturating_mul(MOVE),
    }
}

fn unary_weight(op: UnaryOp) -> u64 {
    match op {
        UnaryOp::Negate
        | UnaryOp::Abs
        | UnaryOp::Sign
        | UnaryOp::Not
        | UnaryOp::Floor
        | UnaryOp::Ceil
        | UnaryOp::IsFinite
        | UnaryOp::RoundNearestEven
        | UnaryOp::RoundNearestAfz
        | UnaryOp::Popcnt
        | UnaryOp::CountLeadingZeros => MOVE,
        UnaryOp::Sqrt | UnaryOp::Rsqrt => DIVIDE,
        UnaryOp::Exp
        | UnaryOp::Log
        | UnaryOp::Tanh
        | UnaryOp::Logistic
        | UnaryOp::Sine
        | UnaryOp::Cosine
        | UnaryOp::Erf
        | UnaryOp::ExpMinusOne
        | UnaryOp::LogPlusOne
        | UnaryOp::Cbrt
        | UnaryOp::Tan
        | UnaryOp::Erfc
        | UnaryOp::ErfInv
        | UnaryOp::Asin
        | UnaryOp::Acos
        | UnaryOp::Atan
        | UnaryOp::Sinh
        | UnaryOp::Cosh
        | UnaryOp::Asinh
        | UnaryOp::Acosh
        | UnaryOp::Atanh => TRANSCENDENTAL,
    }
}

fn binary_weight(op: BinaryOp) -> u64 {
    match op {
        BinaryOp::Divide | BinaryOp::Remainder => DIVIDE,
        BinaryOp::Power | BinaryOp::Atan2 => TRANSCENDENTAL,
        _ => MOVE,
    }
}
