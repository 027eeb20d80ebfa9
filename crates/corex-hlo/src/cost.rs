//! What a function costs to evaluate, for prices and for scheduling.
//!
//! The unit is one multiply-add of a matrix product. Other operations count by element, with weights that
//! say how many multiply-adds one core does in the time of one element: streaming an element through memory
//! costs more than a multiply-add in a register. The weights are part of the price of work, so they are
//! constants of the protocol and not tuned per machine.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::error::HloError;
use crate::inline::Inlined;
use crate::ir::*;
use crate::loops::trip_count;

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
/// Calls, loops, branches and bodies count as nothing: [`work_units`] follows them.
pub fn multiply_adds(func: &Func) -> u64 {
    func.ops.iter().map(|op| op_cost(func, op)).fold(0, u64::saturating_add)
}

/// Units of work of the named function, calls, loops and branches included: multiply-adds in millions, rounded up,
/// at least 1. A loop counts as often as it runs, a choice as its dearest branch, a scalar body as often as it is
/// evaluated.
///
/// # Errors
/// Those of [`inline_calls`](crate::inline_calls), and [`HloError::Module`] naming a loop whose number of iterations
/// is not known before it runs (see [`trip_count`]): such a program has no price.
pub fn work_units(module: &Module, func: &str) -> Result<u64, HloError> {
    units_assuming(module, func, None)
}

/// [`work_units`], with a loop whose rounds cannot be counted before priced as `rounds` rounds.
///
/// # Errors
/// Those of [`inline_calls`](crate::inline_calls).
pub fn work_units_assuming(module: &Module, func: &str, rounds: u64) -> Result<u64, HloError> {
    units_assuming(module, func, Some(rounds))
}

fn units_assuming(module: &Module, func: &str, uncounted: Option<u64>) -> Result<u64, HloError> {
    let pricing = Pricing { funcs: Inlined::new(module), uncounted, known: RefCell::default() };
    Ok(pricing.cost(&pricing.flat(func)?)?.div_ceil(MULTIPLY_ADDS_PER_UNIT).max(1))
}

/// The functions of a module with what is known of their costs.
struct Pricing<'m> {
    funcs: Inlined<'m>,
    /// Rounds of a loop that are not known before.
    uncounted: Option<u64>,
    known: RefCell<HashMap<String, Rc<Priced>>>,
}

/// A flat function and what one evaluation costs.
struct Priced {
    func: Func,
    cost: u64,
}

impl Pricing<'_> {
    fn flat(&self, name: &str) -> Result<Func, HloError> {
        self.funcs.func(name)
    }

    /// The function that a loop, branch or body names. The module is verified, so this recursion ends.
    fn callee(&self, name: &str) -> Result<Rc<Priced>, HloError> {
        if let Some(known) = self.known.borrow().get(name) {
            return Ok(known.clone());
        }
        let func = self.flat(name)?;
        let priced = Rc::new(Priced { cost: self.cost(&func)?, func });
        self.known.borrow_mut().insert(name.to_owned(), priced.clone());
        Ok(priced)
    }

    /// Multiply-adds of one evaluation of a flat function.
    fn cost(&self, func: &Func) -> Result<u64, HloError> {
        func.ops.iter().try_fold(0u64, |sum, op| Ok(sum.saturating_add(self.op_cost(func, op)?)))
    }

    fn op_cost(&self, func: &Func, op: &Op) -> Result<u64, HloError> {
        let elements = |v: &ValueId| func.ty(*v).elements() as u64;
        let of_body = |name: &String| Ok::<_, HloError>(self.callee(name)?.cost.max(MOVE));
        Ok(match &op.kind {
            OpKind::While { cond, body } => {
                let (cond, body) = (self.callee(cond)?, self.callee(body)?);
                let trips = trip_count(func, op, &cond.func, &body.func).or(self.uncounted).ok_or_else(|| {
                    HloError::Module(format!(
                        "a loop of @{} runs a number of times that is not known before: no price can be set; \
                         count from a constant to a constant, as `lax.scan` does",
                        func.name
                    ))
                })?;
                cond.cost.saturating_add(body.cost).saturating_mul(trips).saturating_add(cond.cost)
            }
            OpKind::Case { branches } => branches
                .iter()
                .try_fold(0, |most, name| Ok::<_, HloError>(self.callee(name)?.cost.max(most)))?,
            OpKind::ReduceWith { body, .. } => {
                op.operands.first().map_or(0, elements).saturating_mul(of_body(body)?)
            }
            OpKind::ReduceWindowWith { window, body } => {
                let folded = op.results.first().map_or(0, elements).saturating_mul(window_elements(window));
                folded.saturating_mul(of_body(body)?)
            }
            OpKind::ScatterWith { body, .. } => {
                let updates = op.operands.last().map_or(0, elements);
                let copied: u64 = op.results.iter().map(elements).fold(0, u64::saturating_add);
                let applied = updates.saturating_mul(SCATTER.saturating_add(of_body(body)?));
                copied.saturating_mul(MOVE).saturating_add(applied)
            }
            OpKind::Sort { dim, comparator } => {
                let length = op.operands.first().map_or(0, |&v| func.ty(v).shape[*dim] as u64);
                let all: u64 = op.operands.iter().map(elements).fold(0, u64::saturating_add);
                let steps = u64::from(length.max(2).ilog2() + 1);
                let compared = op.operands.first().map_or(0, elements).saturating_mul(of_body(comparator)?);
                compared.saturating_mul(steps).saturating_add(all.saturating_mul(MOVE))
            }
            _ => op_cost(func, op),
        })
    }
}

/// Elements of a window.
fn window_elements(window: &[WindowDim]) -> u64 {
    window.iter().map(|w| w.size as u64).fold(1, u64::saturating_mul)
}

fn op_cost(func: &Func, op: &Op) -> u64 {
    let elements = |v: Option<&ValueId>| v.map_or(0, |&v| func.ty(v).elements() as u64);
    let result = elements(op.results.first());
    let operand = |i: usize| elements(op.operands.get(i));
    match &op.kind {
        OpKind::Reshape { .. } | OpKind::BitcastConvert(_) => 0,
        OpKind::Call { .. }
        | OpKind::While { .. }
        | OpKind::Case { .. }
        | OpKind::ReduceWith { .. }
        | OpKind::ScatterWith { .. }
        | OpKind::ReduceWindowWith { .. }
        | OpKind::Sort { .. } => 0,
        OpKind::Convolution(dims) => {
            let kernel = op.operands.get(1).map_or(0, |&rhs| func.ty(rhs).shape[dims.rhs.feature] as u64);
            result.saturating_mul(kernel).saturating_mul(window_elements(&dims.window))
        }
        OpKind::ReduceWindow { window, .. } => {
            result.saturating_mul(window_elements(window)).saturating_mul(MOVE)
        }
        OpKind::SelectAndScatter { window, .. } => {
            let compared = operand(1).saturating_mul(window_elements(window)).saturating_mul(MOVE);
            compared.saturating_add(operand(1).saturating_mul(SCATTER)).saturating_add(result)
        }
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
