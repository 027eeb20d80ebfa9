//! What a player knows of the task: an evaluation of its own.

use std::rc::Rc;

use corex_engine::referee::{self, Fetch, RefereeError};
use corex_engine::trace::{Opening, Path, Record, Tracer};
use corex_engine::{EngineError, Tensor};
use corex_hlo::lower::LoweredOp;

/// An evaluation of the task, as far as a game looks into it.
pub trait Evidence {
    /// Everything that the trace commits to.
    ///
    /// # Errors
    /// What an evaluation may end with.
    fn record(&mut self) -> Result<Rc<Record>, EngineError>;

    /// Operands and results of the operator at `path`.
    ///
    /// # Errors
    /// What an evaluation may end with, and a place that is not there.
    fn tensors(&mut self, path: &Path) -> Result<Rc<Tensors>, EngineError>;

    /// The accumulators of an element of the operator at `path` before each of the transitions `at`, which ascend
    /// from 1 or later.
    ///
    /// # Errors
    /// As [`Evidence::tensors`].
    fn states(&mut self, path: &Path, element: u64, at: &[u64]) -> Result<Vec<Vec<u64>>, EngineError> {
        let tensors = self.tensors(path)?;
        Ok(states(&tensors.op, &tensors, element, at)?)
    }
}

/// An operator with its tensors.
#[derive(Clone, Debug)]
pub struct Tensors {
    /// The operator.
    pub op: LoweredOp,
    /// What it reads.
    pub operands: Vec<Tensor>,
    /// What it gives.
    pub results: Vec<Tensor>,
}

impl Tensors {
    /// The bits of an operand's element.
    pub fn operand(&self, operand: u32, element: u64) -> Option<u64> {
        word(self.operands.get(operand as usize)?, element)
    }

    /// The bits of a result's element.
    pub fn result(&self, result: u32, element: u64) -> Option<u64> {
        word(self.results.get(result as usize)?, element)
    }
}

fn word(tensor: &Tensor, element: u64) -> Option<u64> {
    let size = tensor.ty().dtype.size();
    let first = usize::try_from(element).ok()?.checked_mul(size)?;
    let bytes = tensor.bytes().get(first..first.checked_add(size)?)?;
    Some(bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)))
}

fn states(
    op: &LoweredOp,
    tensors: &Tensors,
    element: u64,
    at: &[u64],
) -> Result<Vec<Vec<u64>>, RefereeError> {
    let mut fetch = |operand, element| tensors.operand(operand, element);
    let mut state = referee::begin(op, element, &mut fetch)?;
    let mut taken = 0;
    let mut found = Vec::with_capacity(at.len());
    for &transition in at {
        // Transition 0 begins the chain, so that its steps are behind by one.
        while taken + 1 < transition {
            referee::step(op, element, taken, &mut state, &mut fetch)?;
            taken += 1;
        }
        found.push(state.clone());
    }
    Ok(found)
}

/// Executes transition `number` of the chain of `element`, which has `steps` steps: the accumulators behind it, or
/// all results' elements if it is the last one.
///
/// # Errors
/// Whatever the referee does not accept.
pub fn execute(
    op: &LoweredOp,
    element: u64,
    (number, steps): (u64, u64),
    before: &[u64],
    fetch: &mut Fetch<'_>,
) -> Result<Vec<u64>, RefereeError> {
    if steps.checked_add(1) == Some(number) {
        return referee::finish(op, element, before, fetch);
    }
    let Some(step) = number.checked_sub(1) else { return referee::begin(op, element, fetch) };
    let mut state = before.to_vec();
    referee::step(op, element, step, &mut state, fetch)?;
    Ok(state)
}

/// Evidence by evaluating the task again: once for all hashes, and once for the tensors of the operator that a game
/// opens. What was asked for last is kept, so that a game costs two evaluations.
pub struct Replay<'t> {
    tracer: &'t Tracer,
    inputs: Vec<Tensor>,
    record: Option<Rc<Record>>,
    opened: Option<(Path, Rc<Tensors>)>,
    evaluations: u32,
}

impl<'t> Replay<'t> {
    /// Evidence about one task.
    pub fn new(tracer: &'t Tracer, inputs: Vec<Tensor>) -> Self {
        Self { tracer, inputs, record: None, opened: None, evaluations: 0 }
    }

    /// How often the task was evaluated, in whole or in part.
    pub fn evaluations(&self) -> u32 {
        self.evaluations
    }
}

impl Evidence for Replay<'_> {
    fn record(&mut self) -> Result<Rc<Record>, EngineError> {
        if let Some(record) = &self.record {
            return Ok(record.clone());
        }
        self.evaluations += 1;
        let record = Rc::new(self.tracer.record(&self.inputs)?);
        Ok(self.record.insert(record).clone())
    }

    fn tensors(&mut self, path: &Path) -> Result<Rc<Tensors>, EngineError> {
        if let Some((_, tensors)) = self.opened.as_ref().filter(|(known, _)| known == path) {
            return Ok(tensors.clone());
        }
        self.evaluations += 1;
        let Opening { op, operands, results } = self.tracer.open(&self.inputs, path)?;
        let tensors = Rc::new(Tensors { op: op.clone(), operands, results });
        Ok(self.opened.insert((path.clone(), tensors)).1.clone())
    }
}
