//! Whole programs, element by element: slow, and as plain as the referee itself.

use corex_hlo::ir::{DType, TensorType};
use corex_hlo::lower::{Kind, Lowered, LoweredOp, Operand, Source};

use super::{RefereeError, evaluate_element};
use crate::error::EngineError;
use crate::prepare;
use crate::reference::{Array, decode_int};
use crate::tensor::Tensor;

/// What [`evaluate`] shows of an operator that it has evaluated.
pub struct Observed<'o> {
    /// Position of the function.
    pub func: usize,
    /// Position of the operator in it.
    pub op: usize,
    /// The operator.
    pub lowered: &'o LoweredOp,
    /// Elements of its operands, as bits.
    pub operands: Vec<&'o [u64]>,
    /// Elements of its results.
    pub results: Vec<&'o [u64]>,
}

/// Evaluates a program that [`corex_hlo::lower::check`] accepts, every element by [`evaluate_element`]. `observe` sees
/// every operator but loops and branches.
///
/// # Errors
/// Inputs that do not fit the parameters, loops that run more than `operation_limit` operators, an operator that is
/// not well formed. Memory is not bounded: 8 bytes for every element of every value.
pub fn evaluate(
    program: &Lowered,
    inputs: &[Tensor],
    operation_limit: u64,
    observe: &mut dyn FnMut(Observed<'_>),
) -> Result<Vec<Tensor>, EngineError> {
    let constants = program.constants.iter().map(|c| Array::from_bytes(c.ty(), c.bytes())).collect();
    let mut interpreter = Interpreter { program, constants, operations: 0, operation_limit, observe };
    let main = program.funcs.len().saturating_sub(1);
    let params = program.funcs.last().map_or(&[][..], |func| &func.params);
    prepare::check_types("main", params, inputs)?;
    let results = interpreter.call(main, inputs.iter().map(Array::from_tensor).collect())?;
    results.iter().map(Array::to_tensor).collect()
}

struct Interpreter<'p> {
    program: &'p Lowered,
    constants: Vec<Array>,
    operations: u64,
    operation_limit: u64,
    observe: &'p mut dyn FnMut(Observed<'_>),
}

impl Interpreter<'_> {
    fn call(&mut self, position: usize, args: Vec<Array>) -> Result<Vec<Array>, EngineError> {
        let program = self.program;
        let func = program.funcs.get(position).ok_or(RefereeError::Malformed)?;
        let mut values: Vec<Vec<Array>> = Vec::with_capacity(func.ops.len());
        for (at, op) in func.ops.iter().enumerate() {
            let operands = found(&self.constants, &args, &values, &op.operands)?;
            let results = match &op.kind {
                Kind::While { cond, body } => {
                    let operands = operands.into_iter().cloned().collect();
                    self.repeat(*cond as usize, *body as usize, operands, op.results.len())?
                }
                Kind::Case { branches } => {
                    let (index, shared) = operands.split_first().ok_or(RefereeError::Malformed)?;
                    let index = decode_int(index.dtype, index.bits.first().copied().unwrap_or_default());
                    let branch = branches.get(prepare::branch(index, branches.len()));
                    let branch = *branch.ok_or(RefereeError::Malformed)? as usize;
                    let shared = shared.iter().map(|&x| x.clone()).collect();
                    self.inner(branch, shared)?
                }
                _ => {
                    let results = elements(op, &operands)?;
                    (self.observe)(Observed {
                        func: position,
                        op: at,
                        lowered: op,
                        operands: operands.iter().map(|x| &x.bits[..]).collect(),
                        results: results.iter().map(|x| &x.bits[..]).collect(),
                    });
                    results
                }
            };
            values.push(results);
        }
        Ok(found(&self.constants, &args, &values, &func.results)?.into_iter().cloned().collect())
    }

    fn inner(&mut self, position: usize, args: Vec<Array>) -> Result<Vec<Array>, EngineError> {
        let ops = self.program.funcs.get(position).map_or(0, |func| func.ops.len());
        self.operations = self.operations.saturating_add(ops as u64 + 1);
        prepare::check_operations(self.operations, self.operation_limit)?;
        self.call(position, args)
    }

    fn repeat(
        &mut self,
        cond: usize,
        body: usize,
        mut carried: Vec<Array>,
        count: usize,
    ) -> Result<Vec<Array>, EngineError> {
        let shared = carried.split_off(count.min(carried.len()));
        loop {
            let args = [&carried[..], &shared].concat();
            let goes_on = self.inner(cond, args.clone())?;
            if goes_on.first().is_none_or(|test| test.bits != [1]) {
                return Ok(carried);
            }
            carried = self.inner(body, args)?;
        }
    }
}

/// The tensors that operands stand for.
fn found<'v>(
    constants: &'v [Array],
    args: &'v [Array],
    values: &'v [Vec<Array>],
    operands: &[Operand],
) -> Result<Vec<&'v Array>, RefereeError> {
    let one = |operand: &Operand| match operand.source {
        Source::Param(i) => args.get(i as usize),
        Source::Constant(i) => constants.get(i as usize),
        Source::Op { op, result } => values.get(op as usize).and_then(|results| results.get(result as usize)),
    };
    operands.iter().map(|operand| one(operand).ok_or(RefereeError::Malformed)).collect()
}

/// All elements of all results of an operator.
fn elements(op: &LoweredOp, operands: &[&Array]) -> Result<Vec<Array>, RefereeError> {
    let count = op.results.first().map_or(0, TensorType::elements);
    let empty =
        |ty: &TensorType| Array { dtype: ty.dtype, shape: ty.shape.clone(), bits: Vec::with_capacity(count) };
    let mut results: Vec<Array> = op.results.iter().map(empty).collect();
    let mut fetch = |operand: u32, element: u64| {
        operands.get(operand as usize)?.bits.get(usize::try_from(element).ok()?).copied()
    };
    for index in 0..count as u64 {
        let words = evaluate_element(op, index, &mut fetch)?;
        debug_assert!(words.iter().zip(&op.results).all(|(&word, ty)| fits(ty.dtype, word)));
        results.iter_mut().zip(words).for_each(|(result, word)| result.bits.push(word));
    }
    Ok(results)
}

fn fits(dtype: DType, word: u64) -> bool {
    word <= u64::MAX >> (64 - 8 * dtype.size())
}
