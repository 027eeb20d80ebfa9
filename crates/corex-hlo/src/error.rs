//! What can be wrong with a program.

use crate::ir::TensorType;

/// An error in a program, naming the operation and what it was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HloError {
    /// The text is not the StableHLO subset that corex reads.
    #[error("line {line}, column {column}: {message}")]
    Parse {
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
        /// What is wrong, and what is supported.
        message: String,
    },
    /// Operand types that the operation does not take.
    #[error("{op} of ({}): {message}", show(.operands))]
    Type {
        /// StableHLO name of the operation.
        op: String,
        /// What it was given.
        operands: Vec<TensorType>,
        /// Why that is wrong.
        message: String,
    },
    /// A rule of the module as a whole is broken (undefined value, recursion, duplicate symbol …).
    #[error("{0}")]
    Module(String),
    /// The value depends on the inputs in a way that has no derivative here.
    #[error("cannot differentiate through {0}")]
    NotDifferentiable(String),
}

fn show(types: &[TensorType]) -> String {
    types.iter().map(|t| t.to_string()).collect::<Vec<_>>().join(", ")
}
