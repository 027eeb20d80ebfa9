//! What both evaluators do first: find the function, make it flat, check the inputs.

use corex_hlo::ir::{Func, Module, Op, OpKind};
use corex_hlo::{HloError, inline_calls, verify};

use crate::error::EngineError;
use crate::tensor::Tensor;

/// The public function `name` of a module that verifies, as one flat function without calls.
pub(crate) fn flat_function(module: &Module, name: &str) -> Result<Func, EngineError> {
    if !module.func(name).is_some_and(|f| f.public) {
        return Err(EngineError::NoFunction(name.to_owned()));
    }
    verify(module)?;
    Ok(inline_calls(module, name)?)
}

/// Inputs must be as many as the parameters and of their types.
pub(crate) fn check_inputs(func: &Func, inputs: &[Tensor]) -> Result<(), EngineError> {
    let (expected, got) = (func.params.len(), inputs.len());
    if expected != got {
        return Err(EngineError::InputCount { func: func.name.clone(), expected, got });
    }
    for (index, (param, input)) in func.params.iter().zip(inputs).enumerate() {
        if func.ty(*param) != input.ty() {
            return Err(EngineError::InputType {
                func: func.name.clone(),
                index,
                expected: func.ty(*param).clone(),
                got: input.ty().clone(),
            });
        }
    }
    Ok(())
}

/// An error if more bytes are needed than allowed.
pub(crate) fn check_memory(needed: u64, limit: u64) -> Result<(), EngineError> {
    if needed > limit { Err(EngineError::Memory { needed, limit }) } else { Ok(()) }
}

/// For every value, the position of the last operation that reads it: its own, if none does, and past the last
/// operation for results.
pub(crate) fn last_uses(func: &Func) -> Vec<usize> {
    let mut last = vec![0; func.values.len()];
    for (at, op) in func.ops.iter().enumerate() {
        for v in op.results.iter().chain(&op.operands) {
            last[v.index()] = at;
        }
    }
    for v in &func.results {
        last[v.index()] = func.ops.len();
    }
    last
}

pub(crate) fn unsupported(func: &Func, op: &Op) -> EngineError {
    let ty = op.operands.first().or(op.results.first()).map(|v| func.ty(*v).clone());
    let op = match &op.kind {
        OpKind::Call { callee } => format!("call of @{callee}"),
        kind => kind.name().to_owned(),
    };
    match ty {
        Some(ty) => EngineError::Unsupported { op, ty },
        None => EngineError::Program(HloError::Module(format!("{op} has neither operands nor results"))),
    }
}
