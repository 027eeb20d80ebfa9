//! Using a checkpoint: continuing a sequence of tokens, scoring inputs.

use corex_engine::{EngineError, Options, Program, Tensor};
use corex_hlo::{DType, TensorType};
use corex_models::{Input, Model, ModelError, Sampler, logits_program, next_token_program};
use std::path::Path;

use crate::checkpoint::{self, CheckpointError};
use crate::worker::Compute;

/// Why there is no text, or no scores.
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
    /// A token that the model does not know.
    #[error("token {id} is beyond the model's vocabulary of {vocab}")]
    UnknownToken {
        /// The token.
        id: u32,
        /// Different tokens.
        vocab: usize,
    },
    /// The weights are not finite numbers.
    #[error("the model's output is not finite: its weights are damaged, or training diverged")]
    NotFinite,
}

/// Continues `prompt` by `length` tokens and hands each to `each` as it is drawn. Same arguments, same tokens, on every
/// machine.
pub fn generate(
    dir: &Path,
    prompt: &[u32],
    length: usize,
    sampler: &Sampler,
    compute: Compute,
    each: &mut dyn FnMut(u32),
) -> Result<(), GenerateError> {
    if prompt.is_empty() {
        return Err(GenerateError::EmptyPrompt);
    }
    let model = checkpoint::model_of(dir)?;
    let input = model.input();
    check_tokens(&input, prompt)?;
    let context = if let Input::Tokens { context, .. } = input { context } else { 0 };
    // A shorter window gives the same bits in less time.
    let window = context.min(prompt.len().saturating_add(length));
    let module = next_token_program(&model, window)?;
    let program = Program::compile(&module, "main", &options(compute))?;
    let params = params(dir, &model)?;
    let mut tokens = prompt.to_vec();
    for position in 0..length {
        let seen = &tokens[tokens.len().saturating_sub(window)..];
        let last = seen.len() - 1;
        let inputs = [
            params.clone(),
            token_tensor(input.label_type(), seen, window)?,
            Tensor::scalar_u32(last as u32)?,
        ];
        let outputs = program.run(&inputs)?;
        let logits = outputs.first().and_then(Tensor::to_f32).unwrap_or_default();
        let token = sampler.pick(&logits, position as u32).ok_or(GenerateError::NotFinite)? as u32;
        tokens.push(token);
        each(token);
    }
    Ok(())
}

/// What the model of a checkpoint says to tokens: scores `[T, V]`, row `t` of the token after `tokens[t]`.
pub fn token_logits(dir: &Path, tokens: &[u32], compute: Compute) -> Result<Tensor, GenerateError> {
    let model = checkpoint::model_of(dir)?;
    check_tokens(&model.input(), tokens)?;
    let input = token_tensor(model.input().label_type(), tokens, tokens.len())?;
    logits(dir, &model, input, tokens.len(), compute)
}

/// What the classifier of a checkpoint says to features `[rows, …]`: scores `[rows, classes]`.
pub fn row_logits(dir: &Path, features: &Tensor, compute: Compute) -> Result<Tensor, GenerateError> {
    let model = checkpoint::model_of(dir)?;
    let rows = features.ty().shape.first().copied().unwrap_or(0);
    let ty = model.input().data(rows).swap_remove(0);
    if matches!(model.input(), Input::Tokens { .. }) || ty.elements() != features.ty().elements() {
        let why = format!("the features are a {}, the model takes a {ty}", features.ty());
        return Err(ModelError::Config(why).into());
    }
    let features = Tensor::from_bytes(ty, features.bytes())?;
    logits(dir, &model, features, rows, compute)
}

fn logits(
    dir: &Path,
    model: &Model,
    input: Tensor,
    length: usize,
    compute: Compute,
) -> Result<Tensor, GenerateError> {
    let module = logits_program(model, length)?;
    let program = Program::compile(&module, "main", &options(compute))?;
    let mut outputs = program.run(&[params(dir, model)?, input])?;
    Ok(outputs.swap_remove(0))
}

fn options(compute: Compute) -> Options {
    Options {
        isa: compute.isa,
        threads: compute.threads,
        memory_limit: compute.memory_limit,
        ..Options::default()
    }
}

fn params(dir: &Path, model: &Model) -> Result<Tensor, GenerateError> {
    let ty = TensorType::f32([model.param_table().total()]);
    Ok(Tensor::from_bytes(ty, &checkpoint::params_of(dir)?)?)
}

fn check_tokens(input: &Input, tokens: &[u32]) -> Result<(), GenerateError> {
    let Input::Tokens { vocab, .. } = *input else {
        let why = "the model is a classifier: it reads no tokens".to_owned();
        return Err(ModelError::Config(why).into());
    };
    match tokens.iter().find(|id| **id as usize >= vocab) {
        Some(&id) => Err(GenerateError::UnknownToken { id, vocab }),
        None => Ok(()),
    }
}

/// `tokens`, and zeros up to `length`.
fn token_tensor(dtype: DType, tokens: &[u32], length: usize) -> Result<Tensor, EngineError> {
    let mut bytes: Vec<u8> =
        tokens.iter().flat_map(|id| id.to_le_bytes().into_iter().take(dtype.size())).collect();
    bytes.resize(length * dtype.size(), 0);
    Tensor::from_bytes(TensorType::new(dtype, [length]), &bytes)
}
