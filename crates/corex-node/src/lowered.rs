//! What a job's functions lower to.

use corex_engine::trace::program_root;
use corex_hlo::lower::lower;
use corex_hlo::{HloError, Module};
use corex_work::{BlobId, Hash32, LoweredProgram, StepProgram};

/// What function `func` of `module`, the program `program`, lowers to.
///
/// # Errors
/// A module that does not verify, and an operation that has no lowered form.
pub fn lowered_program(program: BlobId, module: &Module, func: &str) -> Result<LoweredProgram, HloError> {
    let lowering = lower(module, func)?;
    let lowered = Hash32(program_root(&lowering.program).0);
    Ok(LoweredProgram { program, func: func.to_owned(), lowered })
}

/// What is written for a job before it is opened.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// The blobs that exist before the job does.
    pub genesis: Vec<Vec<u8>>,
    /// What the functions that its tasks call lower to, each once.
    pub lowered: Vec<LoweredProgram>,
}

impl Written {
    /// Adds what a program's function lowers to.
    ///
    /// # Errors
    /// As [`lowered_program`].
    pub fn lower(&mut self, module: &Module, of: &StepProgram) -> Result<(), HloError> {
        let lowered = lowered_program(of.program, module, &of.func)?;
        if !self.lowered.contains(&lowered) {
            self.lowered.push(lowered);
        }
        Ok(())
    }
}
