//! One element of one lowered operator, from the elements of its operands that it needs.
//!
//! This is the twin of the contract that decides disputes: what is written here in a few plain functions is what a
//! chain executes (`docs/spec/lowering.md`). Elements are raw bits, zero-extended to a word; `fetch` gives element
//! `j` (row-major) of operand `x`, or nothing if it does not have it, which is an error that names both.
//!
//! Operators whose elements are the end of a chain can be entered at any position: [`begin`] gives the accumulators
//! before the first step, [`step`] takes one, [`finish`] makes the element of what is left. [`evaluate_element`] is
//! all of these. So two parties that disagree about an element can halve the chain until one step is left.
//!
//! ```
//! use corex_engine::referee;
//! use corex_hlo::{lower, parse};
//!
//! let module = parse("func.func @main(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<f32> {
//!     %z = stablehlo.dot_general %x, %y, contracting_dims = [0] x [0] : (tensor<4xf32>, tensor<4xf32>) -> tensor<f32>
//!     return %z : tensor<f32>
//! }")?;
//! let lowering = lower(&module, "main")?;
//! let dot = &lowering.program.funcs[0].ops[0];
//! let (x, y) = ([1.0, 2.0, 3.0, 4.0_f32], [1.0, 0.5, 0.0, 2.0_f32]);
//! let mut fetch = |operand: u32, j: u64| Some(u64::from([x, y][operand as usize][j as usize].to_bits()));
//! assert_eq!(referee::chain_length(dot, 0)?, 4);
//! assert_eq!(referee::evaluate_element(dot, 0, &mut fetch)?, [u64::from(10.0_f32.to_bits())]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
mod chain;
mod interpreter;
mod merge;
mod scalar;

use corex_hlo::ir::TensorType;
use corex_hlo::lower::{Kind, LoweredOp};

pub use interpreter::{Observed, evaluate};

/// Why an element was not evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefereeError {
    /// `fetch` did not give an element that is needed.
    #[error("element {element} of operand {operand} is needed and was not given")]
    Missing {
        /// Position among the operands.
        operand: u32,
        /// Position in it, row-major.
        element: u64,
    },
    /// The operator has no such element.
    #[error("the operator has {elements} elements, {index} is not one of them")]
    Index {
        /// The element asked for.
        index: u64,
        /// How many there are.
        elements: u64,
    },
    /// The chain has no such step.
    #[error("the chain has {length} steps, {position} is not one of them")]
    Position {
        /// The step asked for.
        position: u64,
        /// How many there are.
        length: u64,
    },
    /// The accumulators are not as many as the chain has, or not possible at the position.
    #[error("these are not accumulators of this chain")]
    State,
    /// A loop or branch: its results are those of the functions it runs.
    #[error("loops and branches have no elements of their own")]
    Control,
    /// The operator does not satisfy [`corex_hlo::lower::check`].
    #[error("the operator is not well formed")]
    Malformed,
}

/// Gives elements of operands: operand, element.
pub type Fetch<'f> = dyn FnMut(u32, u64) -> Option<u64> + 'f;

/// Number of steps in the chain of element `index`; 0 for operators that have none.
///
/// # Errors
/// [`RefereeError::Index`], [`RefereeError::Control`].
pub fn chain_length(op: &LoweredOp, index: u64) -> Result<u64, RefereeError> {
    exists(op, index)?;
    Ok(match &op.kind {
        Kind::Fold(fold) => fold.over.iter().product(),
        Kind::Merge(merge) => merge::position(merge, index).within,
        Kind::Map { .. } | Kind::Reinterpret => 0,
        Kind::While { .. } | Kind::Case { .. } => return Err(RefereeError::Control),
    })
}

/// The accumulators of element `index` before the first step. Floats are summed in f32, whatever their type.
///
/// # Errors
/// Any [`RefereeError`] but of position and state.
pub fn begin(op: &LoweredOp, index: u64, fetch: &mut Fetch<'_>) -> Result<Vec<u64>, RefereeError> {
    exists(op, index)?;
    match &op.kind {
        Kind::Fold(fold) => chain::begin(op, fold, index, fetch),
        Kind::Merge(_) => Ok(vec![0]),
        Kind::Map { .. } | Kind::Reinterpret => Ok(Vec::new()),
        Kind::While { .. } | Kind::Case { .. } => Err(RefereeError::Control),
    }
}

/// Takes step `position` of the chain of element `index`.
///
/// # Errors
/// Any [`RefereeError`].
pub fn step(
    op: &LoweredOp,
    index: u64,
    position: u64,
    state: &mut [u64],
    fetch: &mut Fetch<'_>,
) -> Result<(), RefereeError> {
    let length = chain_length(op, index)?;
    if position >= length {
        return Err(RefereeError::Position { position, length });
    }
    match &op.kind {
        Kind::Fold(fold) => chain::step(op, fold, index, position, state, fetch),
        Kind::Merge(merge) => merge::step(op, merge, index, position, state, fetch),
        _ => Err(RefereeError::Malformed),
    }
}

/// Element `index` of every result, from the accumulators behind the last step.
///
/// # Errors
/// Any [`RefereeError`].
pub fn finish(
    op: &LoweredOp,
    index: u64,
    state: &[u64],
    fetch: &mut Fetch<'_>,
) -> Result<Vec<u64>, RefereeError> {
    exists(op, index)?;
    match &op.kind {
        Kind::Map { space, function, reads } => {
            let indices = access::indices(space, index);
            let args = reads.iter().map(|read| {
                let word = access::read(op, read, &indices, fetch)?;
                // A map reads something everywhere.
                word.ok_or(RefereeError::Malformed)
            });
            let args = args.collect::<Result<Vec<_>, _>>()?;
            let dtype = reads.last().map(|read| read.dtype).ok_or(RefereeError::Malformed)?;
            Ok(vec![scalar::apply(*function, dtype, &args)?])
        }
        Kind::Fold(fold) => chain::finish(op, fold, index, state, fetch),
        Kind::Merge(merge) => merge::finish(op, merge, index, state, fetch),
        Kind::Reinterpret => access::reinterpret(op, index, fetch).map(|word| vec![word]),
        Kind::While { .. } | Kind::Case { .. } => Err(RefereeError::Control),
    }
}

/// Element `index` (row-major) of every result of the operator.
///
/// # Errors
/// Any [`RefereeError`] but of position and state.
pub fn evaluate_element(op: &LoweredOp, index: u64, fetch: &mut Fetch<'_>) -> Result<Vec<u64>, RefereeError> {
    let mut state = begin(op, index, fetch)?;
    for position in 0..chain_length(op, index)? {
        step(op, index, position, &mut state, fetch)?;
    }
    finish(op, index, &state, fetch)
}

/// All results have as many elements as the first.
fn exists(op: &LoweredOp, index: u64) -> Result<(), RefereeError> {
    let elements = op.results.first().map_or(0, TensorType::elements) as u64;
    if index < elements { Ok(()) } else { Err(RefereeError::Index { index, elements }) }
}
