//! The reference interpreter: what every operator means, in the plainest code.
//!
//! It keeps one 64-bit word per element, visits elements by their full index vectors and knows neither SIMD nor
//! fusion. It is slow on purpose: it is read by people and compared with the fast executor, bit for bit.

mod array;
mod elementwise;
mod fold;
mod indexed;
mod movement;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use corex_hlo::ir::{Func, Module, Op, OpKind, TensorType};

use crate::error::EngineError;
use crate::prepare;
use crate::tensor::Tensor;
use array::Array;
pub(crate) use array::for_each_index;
pub(crate) use elementwise::{
    binary, clamp, compare, compare_total, convert, decode_int, encode_int, index_value, reduce_precision,
    unary,
};
pub(crate) use fold::reducer_op;

/// Bytes that one element takes here, whatever its type.
const WORD: u64 = 8;

/// Evaluates the public function `func` of `module` on `inputs`.
///
/// `memory_limit` bounds the bytes of all arrays alive at once; this interpreter spends 8 bytes per element.
///
/// # Errors
/// A program that does not verify, inputs that do not fit the parameters, an operator that is not defined on an
/// element type, or the memory limit.
pub fn evaluate(
    module: &Module,
    func: &str,
    inputs: &[Tensor],
    memory_limit: u64,
) -> Result<Vec<Tensor>, EngineError> {
    let func = prepare::flat_function(module, func)?;
    prepare::check_inputs(&func, inputs)?;
    let last_use = prepare::last_uses(&func);
    let mut memory = Memory { used: 0, limit: memory_limit };
    let mut values: Vec<Option<Rc<Array>>> = vec![None; func.values.len()];
    for (param, input) in func.params.iter().zip(inputs) {
        memory.take(input.ty())?;
        values[param.index()] = Some(Rc::new(Array::from_tensor(input)));
    }
    for (at, op) in func.ops.iter().enumerate() {
        let result = op.results[0];
        memory.take(func.ty(result))?;
        let operands: Vec<Rc<Array>> = op.operands.iter().map(|v| defined(&values, v.index())).collect();
        let operands: Vec<&Array> = operands.iter().map(|rc| &**rc).collect();
        values[result.index()] = Some(Rc::new(evaluate_op(&func, op, &operands)?));
        for v in op.operands.iter().chain(&op.results) {
            if last_use[v.index()] <= at
                && let Some(dead) = values[v.index()].take()
            {
                memory.give(dead.bits.len());
            }
        }
    }
    func.results.iter().map(|v| defined(&values, v.index()).to_tensor()).collect()
}

fn defined(values: &[Option<Rc<Array>>], at: usize) -> Rc<Array> {
    values[at].clone().expect("verified: every value is defined before its uses, and kept until the last")
}

/// Bytes of the arrays alive.
struct Memory {
    used: u64,
    limit: u64,
}

impl Memory {
    fn take(&mut self, ty: &TensorType) -> Result<(), EngineError> {
        let needed = (ty.elements() as u64).saturating_mul(WORD).saturating_add(self.used);
        if needed > self.limit {
            return Err(EngineError::Memory { needed, limit: self.limit });
        }
        self.used = needed;
        Ok(())
    }

    fn give(&mut self, elements: usize) {
        self.used -= elements as u64 * WORD;
    }
}

/// One operator.
fn evaluate_op(func: &Func, op: &Op, x: &[&Array]) -> Result<Array, EngineError> {
    let ty = func.ty(op.results[0]);
    let array = match &op.kind {
        OpKind::Constant(literal) => Some(Array::from_literal(literal)),
        OpKind::Iota { dim, .. } => {
            Some(Array::build(ty, |index| elementwise::index_value(ty.dtype, index[*dim])))
        }
        OpKind::Unary(f) => map(ty, |i| unary(*f, x[0].dtype, x[0].bits[i])),
        OpKind::Binary(f) => map(ty, |i| binary(*f, ty.dtype, x[0].bits[i], x[1].bits[i])),
        OpKind::Compare(dir) => {
            map(ty, |i| Some(u64::from(compare(*dir, x[0].dtype, x[0].bits[i], x[1].bits[i]))))
        }
        OpKind::Select => map(ty, |i| Some(if element(x[0], i) == 1 { x[1].bits[i] } else { x[2].bits[i] })),
        OpKind::Clamp => {
            map(ty, |i| elementwise::clamp(ty.dtype, element(x[0], i), x[1].bits[i], element(x[2], i)))
        }
        OpKind::Convert(to) => map(ty, |i| Some(convert(x[0].dtype, *to, x[0].bits[i]))),
        OpKind::CompareTotal(dir) => {
            map(ty, |i| Some(u64::from(compare_total(*dir, x[0].dtype, x[0].bits[i], x[1].bits[i]))))
        }
        OpKind::ReducePrecision { exponent_bits, mantissa_bits } => {
            map(ty, |i| Some(reduce_precision(ty.dtype, *exponent_bits, *mantissa_bits, x[0].bits[i])))
        }
        OpKind::BitcastConvert(_) => Some(movement::bitcast(x[0], ty)),
        OpKind::BroadcastInDim { dims, .. } => Some(movement::broadcast_in_dim(x[0], ty, dims)),
        OpKind::Reshape { .. } => Some(movement::reshape(x[0], ty)),
        OpKind::Transpose { perm } => Some(movement::transpose(x[0], ty, perm)),
        OpKind::Slice { start, strides, .. } => Some(movement::slice(x[0], ty, start, strides)),
        OpKind::DynamicSlice { .. } => Some(movement::dynamic_slice(x[0], &x[1..], ty)),
        OpKind::DynamicUpdateSlice => Some(movement::dynamic_update_slice(x[0], x[1], &x[2..])),
        OpKind::Concatenate { dim } => Some(movement::concatenate(x, ty, *dim)),
        OpKind::Pad { low, interior, .. } => Some(movement::pad(x[0], x[1], ty, low, interior)),
        OpKind::Reverse { dims } => Some(movement::reverse(x[0], ty, dims)),
        OpKind::Reduce { dims, reducer } => fold::reduce(x[0], x[1], ty, dims, *reducer),
        OpKind::DotGeneral(dims) => Some(fold::dot_general(x[0], x[1], ty, dims)),
        OpKind::Gather(dims) => Some(indexed::gather(x[0], x[1], ty, dims)),
        OpKind::Scatter(dims, reducer) => indexed::scatter(x[0], x[1], x[2], dims, *reducer),
        OpKind::Call { .. } => None,
    };
    array.ok_or_else(|| prepare::unsupported(func, op))
}

/// An elementwise result; `None` as soon as one element has no meaning.
fn map(ty: &TensorType, element: impl FnMut(usize) -> Option<u64>) -> Option<Array> {
    let bits = (0..ty.elements()).map(element).collect::<Option<Vec<u64>>>()?;
    Some(Array { dtype: ty.dtype, shape: ty.shape.clone(), bits })
}

/// Element `i`, or the only one of a scalar (the predicate of `select`, the bounds of `clamp`).
fn element(x: &Array, i: usize) -> u64 {
    if x.shape.is_empty() { x.bits[0] } else { x.bits[i] }
}
