//! The reference interpreter: what every operator means, in the plainest code.
//!
//! It keeps one 64-bit word per element, visits elements by their full index vectors and knows neither SIMD nor
//! fusion. It is slow on purpose: it is read by people and compared with the fast executor, bit for bit.

mod array;
mod body;
mod elementwise;
mod fold;
mod indexed;
mod movement;
mod order;
#[cfg(test)]
mod structured_tests;
#[cfg(test)]
mod tests;
mod window;

use std::cell::Cell;
use std::rc::Rc;

use corex_hlo::ir::{Func, Module, Op, OpKind, TensorType, ValueId};

use crate::error::EngineError;
use crate::prepare::{self, Functions};
use crate::tensor::Tensor;
pub(crate) use array::{Array, for_each_index};
pub(crate) use body::Body;
pub(crate) use elementwise::{
    binary, clamp, compare, compare_total, convert, decode_float, decode_int, encode_float, encode_int,
    index_value, reduce_precision, unary,
};
pub(crate) use fold::reducer_op;
pub(crate) use order::merge_sort_in;
pub(crate) use window::source as window_source;

/// Bytes that one element takes here, whatever its type.
const WORD: u64 = 8;

/// Evaluates the public function `func` of `module` on `inputs`.
///
/// `memory_limit` bounds the bytes of all arrays alive at once; this interpreter spends 8 bytes per element.
///
/// # Errors
/// A program that does not verify, inputs that do not fit the parameters, an operator that is not defined on an
/// element type, the memory limit, or loops that evaluate more than [`crate::DEFAULT_OPERATION_LIMIT`] operations.
pub fn evaluate(
    module: &Module,
    func: &str,
    inputs: &[Tensor],
    memory_limit: u64,
) -> Result<Vec<Tensor>, EngineError> {
    evaluate_limited(module, func, inputs, memory_limit, crate::DEFAULT_OPERATION_LIMIT)
}

/// [`evaluate`] with another limit on the operations that loops and branches evaluate; see
/// [`crate::Options::operation_limit`].
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_limited(
    module: &Module,
    func: &str,
    inputs: &[Tensor],
    memory_limit: u64,
    operation_limit: u64,
) -> Result<Vec<Tensor>, EngineError> {
    let funcs = Functions::verified(module, func)?;
    let func = funcs.get(func)?;
    prepare::check_inputs(&func, inputs)?;
    let interpreter = Interpreter {
        funcs,
        memory: Rc::new(Memory { used: Cell::new(0), limit: memory_limit }),
        operations: Cell::new(0),
        operation_limit,
    };
    let args: Result<Vec<_>, _> = inputs
        .iter()
        .map(|input| {
            interpreter.memory.check(input.ty()).map(|()| interpreter.hold(Array::from_tensor(input)))
        })
        .collect();
    interpreter.call(&func, args?)?.iter().map(|result| result.array.to_tensor()).collect()
}

/// An array that counts while it lives.
struct Held {
    array: Array,
    memory: Rc<Memory>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.memory.used.set(self.memory.used.get() - self.array.bits.len() as u64 * WORD);
    }
}

/// Bytes of the arrays alive.
struct Memory {
    used: Cell<u64>,
    limit: u64,
}

impl Memory {
    /// An error if an array of this type would exceed the limit.
    fn check(&self, ty: &TensorType) -> Result<(), EngineError> {
        let needed = (ty.elements() as u64).saturating_mul(WORD).saturating_add(self.used.get());
        prepare::check_memory(needed, self.limit)
    }
}

struct Interpreter<'m> {
    funcs: Functions<'m>,
    memory: Rc<Memory>,
    /// Operations that loops and branches have evaluated.
    operations: Cell<u64>,
    operation_limit: u64,
}

impl Interpreter<'_> {
    fn hold(&self, array: Array) -> Rc<Held> {
        self.memory.used.set(self.memory.used.get().saturating_add(array.bits.len() as u64 * WORD));
        Rc::new(Held { array, memory: self.memory.clone() })
    }

    fn call(&self, func: &Func, args: Vec<Rc<Held>>) -> Result<Vec<Rc<Held>>, EngineError> {
        let last_use = prepare::last_uses(func);
        let mut values: Vec<Option<Rc<Held>>> = vec![None; func.values.len()];
        for (param, arg) in func.params.iter().zip(args) {
            values[param.index()] = Some(arg);
        }
        for (at, op) in func.ops.iter().enumerate() {
            let operands: Vec<Rc<Held>> = op.operands.iter().map(|v| defined(&values, *v)).collect();
            let results = match &op.kind {
                OpKind::While { cond, body } => self.repeat(cond, body, operands, op.results.len())?,
                OpKind::Case { branches } => self.branch(branches, &operands)?,
                _ => {
                    op.results.iter().try_for_each(|v| self.memory.check(func.ty(*v)))?;
                    let operands: Vec<&Array> = operands.iter().map(|held| &held.array).collect();
                    let arrays = match &op.kind {
                        kind if kind.has_scalar_body() => self.with_body(func, op, &operands)?,
                        _ => vec![evaluate_op(func, op, &operands)?],
                    };
                    arrays.into_iter().map(|array| self.hold(array)).collect()
                }
            };
            for (v, result) in op.results.iter().zip(results) {
                values[v.index()] = Some(result);
            }
            for v in op.operands.iter().chain(&op.results).filter(|v| last_use[v.index()] <= at) {
                values[v.index()] = None;
            }
        }
        Ok(func.results.iter().map(|v| defined(&values, *v)).collect())
    }

    /// A function that a loop or branch names, its operations counted.
    fn inner(&self, name: &str, args: Vec<Rc<Held>>) -> Result<Vec<Rc<Held>>, EngineError> {
        let func = self.funcs.get(name)?;
        self.operations.set(self.operations.get().saturating_add(prepare::operations(&func)));
        prepare::check_operations(self.operations.get(), self.operation_limit)?;
        self.call(&func, args)
    }

    /// `while`: the carried values, then what both functions only read.
    fn repeat(
        &self,
        cond: &str,
        body: &str,
        mut carried: Vec<Rc<Held>>,
        count: usize,
    ) -> Result<Vec<Rc<Held>>, EngineError> {
        let shared = carried.split_off(count);
        loop {
            let args: Vec<Rc<Held>> = carried.iter().chain(&shared).cloned().collect();
            if self.inner(cond, args)?[0].array.bits == [0] {
                return Ok(carried);
            }
            carried.extend(shared.iter().cloned());
            carried = self.inner(body, carried)?;
        }
    }

    fn branch(&self, branches: &[String], operands: &[Rc<Held>]) -> Result<Vec<Rc<Held>>, EngineError> {
        let index = &operands[0].array;
        let at = prepare::branch(decode_int(index.dtype, index.bits[0]), branches.len());
        self.inner(&branches[at], operands[1..].to_vec())
    }

    /// Operators whose body is a scalar function.
    fn with_body(&self, func: &Func, op: &Op, x: &[&Array]) -> Result<Vec<Array>, EngineError> {
        let name = op.kind.callees()[0];
        let mut body = Body::new((*self.funcs.get(name)?).clone())?;
        let types: Vec<TensorType> = op.results.iter().map(|v| func.ty(*v).clone()).collect();
        let (first, rest) = x.split_at(types.len().min(x.len()));
        Ok(match &op.kind {
            OpKind::ReduceWith { dims, .. } => fold::reduce_with(first, rest, &types, dims, &mut body),
            OpKind::ReduceWindowWith { window, .. } => {
                window::reduce_window_with(first, rest, &types, window, &mut body)
            }
            OpKind::ScatterWith { dims, .. } => {
                indexed::scatter_with(first, rest[0], &rest[1..], dims, &mut body)
            }
            OpKind::Sort { dim, .. } => order::sort(x, *dim, &mut body),
            _ => return Err(prepare::unsupported(func, op)),
        })
    }
}

fn defined(values: &[Option<Rc<Held>>], v: ValueId) -> Rc<Held> {
    values[v.index()]
        .clone()
        .expect("verified: every value is defined before its uses, and kept until the last")
}

/// One operator with one result, naming no functions.
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
        OpKind::Convolution(dims) => Some(window::convolution(x[0], x[1], ty, dims)),
        OpKind::ReduceWindow { window, reducer } => window::reduce_window(x[0], x[1], ty, window, *reducer),
        OpKind::SelectAndScatter { window, select, scatter } => {
            window::select_and_scatter(x[0], x[1], x[2], window, *select, *scatter)
        }
        OpKind::Call { .. }
        | OpKind::While { .. }
        | OpKind::Case { .. }
        | OpKind::ReduceWith { .. }
        | OpKind::ScatterWith { .. }
        | OpKind::ReduceWindowWith { .. }
        | OpKind::Sort { .. } => None,
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
