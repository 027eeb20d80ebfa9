//! Why no program was written.

use corex_hlo::HloError;

/// A model or job that cannot be built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// A setting is zero, absurd or contradicts another one.
    #[error("{0}")]
    Config(String),
    /// A program that was being written is ill-typed. Always a mistake in this crate.
    #[error("writing @{program}: {error}")]
    Program {
        /// The program.
        program: &'static str,
        /// What the builder said.
        error: HloError,
    },
}

/// `Err(ModelError::Config)` with the message unless the condition holds.
pub(crate) fn require(condition: bool, message: impl FnOnce() -> String) -> Result<(), ModelError> {
    if condition { Ok(()) } else { Err(ModelError::Config(message())) }
}
