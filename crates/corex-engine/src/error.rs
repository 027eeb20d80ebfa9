//! What can go wrong when a program is compiled or run.

use corex_hlo::error::HloError;
use corex_hlo::ir::TensorType;

use crate::referee::RefereeError;

/// Why a program was not compiled or not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The program itself is wrong.
    #[error(transparent)]
    Program(#[from] HloError),
    /// The module has no public function of that name.
    #[error("the program has no public function @{0}")]
    NoFunction(String),
    /// The number of inputs is not the number of parameters.
    #[error("@{func} takes {expected} inputs, {got} were given")]
    InputCount {
        /// The function's symbol.
        func: String,
        /// Number of parameters.
        expected: usize,
        /// Number of tensors given.
        got: usize,
    },
    /// An input has another type than its parameter.
    #[error("@{func}, parameter {index}: expected {expected}, got {got}")]
    InputType {
        /// The function's symbol.
        func: String,
        /// Position of the parameter, from 0.
        index: usize,
        /// The parameter's type.
        expected: TensorType,
        /// The type of the tensor given.
        got: TensorType,
    },
    /// The bytes of a blob are not a tensor of the type.
    #[error("not a {ty}: {message}")]
    Blob {
        /// The type wanted.
        ty: TensorType,
        /// Why the bytes do not fit it.
        message: String,
    },
    /// The plan failed its last check: this is a fault of the engine, found before it could change a result.
    #[error(
        "the plan made for this program is wrong: {0}; this is a fault of corex: please report it with the program"
    )]
    Plan(String),
    /// Evaluation needs more memory than allowed; nothing of that size was allocated.
    #[error("the program needs {needed} bytes of tensor memory, the limit is {limit}")]
    Memory {
        /// Bytes needed at once.
        needed: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// The operating system refused memory within the limit.
    #[error("out of memory: {0} bytes could not be allocated")]
    OutOfMemory(usize),
    /// Loops and branches evaluated more operations than allowed: maybe one never ends.
    #[error("loops of the program evaluate more than the limit of {limit} operations")]
    Operations {
        /// Operations allowed.
        limit: u64,
    },
    /// An operator on an element type for which it has no meaning here.
    #[error("{op} is not defined on {ty}")]
    Unsupported {
        /// StableHLO name of the operator.
        op: String,
        /// The operand's type.
        ty: TensorType,
    },
    /// An element of a lowered operator cannot be evaluated.
    #[error(transparent)]
    Referee(#[from] RefereeError),
    /// A trace has no operator at that place.
    #[error(
        "the trace has no operator {0}\nhint: operator, or operator.frame.operator for one within a loop or branch"
    )]
    NoOperator(String),
    /// A worker thread could not be started or did not have the IEEE 754 environment.
    #[error("worker thread: {0}")]
    Worker(String),
}
