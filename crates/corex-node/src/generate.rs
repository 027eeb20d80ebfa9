//! Sampling text from a checkpoint.

use corex_engine::{EngineError, Options, Program, Tensor};
use corex_models::{ModelError, Sampler, gpt_logits_program};
use std::path::Path;

use crate::checkpoint::{self, CheckpointError};
use crate::worker::Compute;

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The folder holds no usable checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The settings make no sense, or the model cannot be built.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Nothing to start from.
    #[error("the prompt is empty\nhint: pass --prompt with at least one character")]
    EmptyPrompt,
    /// The weights are not finite numbers.
    #[error("the model's output is not finite: its weights are damaged, or training diverged")]
    NotFinite,
}

/// Continues `prompt` by `length` bytes and hands each to `each` as it is drawn. Same arguments, same bytes, on every
/// machine.
pub fn generate(
    dir: &Path,
    prompt: &[u8],
    length: usize,
    sampler: &Sampler,
    compute: Compute,
    each: &mut dyn FnMut(u8),
) -> Result<(), GenerateError> {
    if prompt.is_empty() {
        return Err(GenerateError::EmptyPrompt);
    }
    let config = checkpoint::config_of(dir)?;
    let params = checkpoint::params_of(dir)?;
    let table = config.param_table();
    let module = gpt_logits_program(&config)?;
    let options = Options {
        isa: compute.isa,
        threads: compute.threads,
        memory_limit: compute.memory_limit,
        ..Options::default()
    };
    let program = Program::compile(&module, "main", &options)?;
    let params = Tensor::from_bytes(corex_hlo::TensorType::f32([table.total()]), &params)?;
    let mut text = prompt.to_vec();
    for position in 0..length {
        let window = &text[text.len().saturating_sub(config.context)..];
        let last = window.len() - 1;
        let mut tokens = window.to_vec();
        tokens.resize(config.context, 0);
        let inputs = [params.clone(), Tensor::from_u8(&tokens)?, Tensor::scalar_u32(last as u32)?];
        let outputs = program.run(&inputs)?;
        let logits = outputs.first().and_then(Tensor::to_f32).unwrap_or_default();
        let byte = sampler.pick(&logits, position as u32).ok_or(GenerateError::NotFinite)? as u8;
        text.push(byte);
        each(byte);
    }
    Ok(())
}
