//! Scalar functions: the bodies of reductions, scatters and sorts, evaluated per element.

use corex_hlo::ir::{Func, Op, OpKind};

use super::array::Array;
use super::elementwise::{self, binary, compare, compare_total, convert, reduce_precision, unary};
use crate::error::EngineError;
use crate::prepare;

/// A flat scalar function, ready to be evaluated many times.
pub(crate) struct Body {
    func: Func,
    /// Bits of every value: constants stay, the rest is written by each evaluation.
    bits: Vec<u64>,
}

impl Body {
    /// # Errors
    /// An operation that is not defined on its element type.
    pub fn new(func: Func) -> Result<Self, EngineError> {
        let mut bits = vec![0; func.values.len()];
        for op in &func.ops {
            match &op.kind {
                OpKind::Constant(literal) => {
                    bits[op.results[0].index()] = Array::from_literal(literal).bits[0]
                }
                // Whether an operation is defined depends on types alone, so one evaluation tells.
                _ => _ = apply(&func, op, &bits).ok_or_else(|| prepare::unsupported(&func, op))?,
            }
        }
        Ok(Self { func, bits })
    }

    /// The function's operations and types.
    pub fn func(&self) -> &Func {
        &self.func
    }

    /// Evaluates the function; `args` are as many as its parameters, `results` as its results.
    pub fn run(&mut self, args: &[u64], results: &mut [u64]) {
        for (param, arg) in self.func.params.iter().zip(args) {
            self.bits[param.index()] = *arg;
        }
        for op in &self.func.ops {
            if let Some(word) = apply(&self.func, op, &self.bits) {
                self.bits[op.results[0].index()] = word;
            }
        }
        for (result, v) in results.iter_mut().zip(&self.func.results) {
            *result = self.bits[v.index()];
        }
    }

    /// A copy for another thread.
    pub fn fork(&self) -> Self {
        Self { func: self.func.clone(), bits: self.bits.clone() }
    }
}

/// One operation on the bits of all values; `None` if it is a constant or not defined on its type.
fn apply(func: &Func, op: &Op, bits: &[u64]) -> Option<u64> {
    let x = |i: usize| bits[op.operands[i].index()];
    let from = |i: usize| func.ty(op.operands[i]).dtype;
    match &op.kind {
        OpKind::Unary(f) => unary(*f, from(0), x(0)),
        OpKind::Binary(f) => binary(*f, from(0), x(0), x(1)),
        OpKind::Compare(dir) => Some(u64::from(compare(*dir, from(0), x(0), x(1)))),
        OpKind::CompareTotal(dir) => Some(u64::from(compare_total(*dir, from(0), x(0), x(1)))),
        OpKind::ReducePrecision { exponent_bits, mantissa_bits } => {
            Some(reduce_precision(from(0), *exponent_bits, *mantissa_bits, x(0)))
        }
        OpKind::Select => Some(if x(0) == 1 { x(1) } else { x(2) }),
        OpKind::Clamp => elementwise::clamp(from(1), x(0), x(1), x(2)),
        OpKind::Convert(to) => Some(convert(from(0), *to, x(0))),
        OpKind::BitcastConvert(_) => Some(x(0)),
        _ => None,
    }
}
