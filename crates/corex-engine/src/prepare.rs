//! What both evaluators do first: find the function, make it flat, check the inputs.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use corex_hlo::ir::{Func, Module, Op, OpKind, TensorType};
use corex_hlo::{HloError, Inlined, verify};

use crate::error::EngineError;
use crate::tensor::Tensor;

/// The functions of a verified module, flat: without calls, loops and branches naming other functions.
pub(crate) struct Functions<'m> {
    inlined: Inlined<'m>,
    known: RefCell<HashMap<String, Rc<Func>>>,
}

impl<'m> Functions<'m> {
    /// Verifies the module, which must have a public function `name`.
    pub fn verified(module: &'m Module, name: &str) -> Result<Self, EngineError> {
        if !module.func(name).is_some_and(|f| f.public) {
            return Err(EngineError::NoFunction(name.to_owned()));
        }
        verify(module)?;
        Ok(Self { inlined: Inlined::new(module), known: RefCell::default() })
    }

    /// The function of that name.
    pub fn get(&self, name: &str) -> Result<Rc<Func>, EngineError> {
        if let Some(known) = self.known.borrow().get(name) {
            return Ok(known.clone());
        }
        let func = Rc::new(self.inlined.func(name)?);
        self.known.borrow_mut().insert(name.to_owned(), func.clone());
        Ok(func)
    }
}

/// What evaluating a loop's or a branch's function once counts towards the limit of operations: at least 1.
pub(crate) fn operations(func: &Func) -> u64 {
    func.ops.len() as u64 + 1
}

/// An error if loops and branches have evaluated more operations than allowed.
pub(crate) fn check_operations(evaluated: u64, limit: u64) -> Result<(), EngineError> {
    if evaluated > limit { Err(EngineError::Operations { limit }) } else { Ok(()) }
}

/// The branch that a `case` takes: the last one if there is none of that number.
pub(crate) fn branch(index: i128, branches: usize) -> usize {
    usize::try_from(index).map_or(branches - 1, |index| index.min(branches - 1))
}

/// Inputs must be as many as the parameters and of their types.
pub(crate) fn check_inputs(func: &Func, inputs: &[Tensor]) -> Result<(), EngineError> {
    let params: Vec<TensorType> = func.params.iter().map(|v| func.ty(*v).clone()).collect();
    check_types(&func.name, &params, inputs)
}

/// [`check_inputs`] for parameters of these types.
pub(crate) fn check_types(func: &str, params: &[TensorType], inputs: &[Tensor]) -> Result<(), EngineError> {
    let (expected, got) = (params.len(), inputs.len());
    if expected != got {
        return Err(EngineError::InputCount { func: func.to_owned(), expected, got });
    }
    for (index, (param, input)) in params.iter().zip(inputs).enumerate() {
        if param != input.ty() {
            let (expected, got) = (param.clone(), input.ty().clone());
            return Err(EngineError::InputType { func: func.to_owned(), index, expected, got });
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
