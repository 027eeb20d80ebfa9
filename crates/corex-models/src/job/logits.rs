//! Programs that use a trained model.

use corex_hlo::{DType, Module, TensorType};

use super::programs::program;
use crate::error::{ModelError, require};
use crate::limits::{self, within};
use crate::model::{Input, Model};

/// `(params[N], tokens[T], position: ui32) -> logits[V]` of the token after `tokens[position]`; later tokens have no
/// influence. Tokens are of [`Input::label_type`]. The same position and tokens before it give the same bits at any
/// length.
///
/// # Errors
/// As [`Model::validate`]; a model that does not read tokens; a length of 0 or beyond the context.
pub fn next_token_program(model: &Model, length: usize) -> Result<Module, ModelError> {
    let table = checked(model, length)?;
    let Input::Tokens { .. } = model.input() else {
        let why = format!("a model of family {} reads no tokens", model.family());
        return Err(ModelError::Config(why));
    };
    program("next_token", |b| {
        let params = b.param(TensorType::f32([table.total()]));
        let tokens = b.param(TensorType::new(model.input().label_type(), [length]));
        let position = b.param(TensorType::scalar(DType::U32));
        let weights = table.unpack(b, params);
        let tokens = b.reshape(tokens, &[1, length]);
        let activations = model.activations(b, &weights, tokens);
        let (zero, width) = (b.scalar(0u32), b.dim(activations, 1));
        let row = b.dynamic_slice(activations, &[position, zero], &[1, width]);
        let logits = model.logits(b, &weights, row);
        let vocab = b.dim(logits, 1);
        vec![b.reshape(logits, &[vocab])]
    })
}

/// `(params[N], tokens[T]) -> logits[T, V]`, row `t` being of the token after `tokens[t]`; or
/// `(params[N], features[T, …]) -> scores[T, classes]`.
///
/// # Errors
/// As [`Model::validate`]; a length of 0, or of tokens beyond the context.
pub fn logits_program(model: &Model, length: usize) -> Result<Module, ModelError> {
    let table = checked(model, length)?;
    program("logits", |b| {
        let params = b.param(TensorType::f32([table.total()]));
        // Tokens, or features without their classes.
        let input = b.param(model.input().data(length).swap_remove(0));
        let weights = table.unpack(b, params);
        let input = match model.input() {
            Input::Tokens { .. } => b.reshape(input, &[1, length]),
            Input::Rows { .. } => input,
        };
        let activations = model.activations(b, &weights, input);
        vec![model.logits(b, &weights, activations)]
    })
}

fn checked(model: &Model, length: usize) -> Result<crate::params::ParamTable, ModelError> {
    model.validate()?;
    match model.input() {
        Input::Tokens { context, .. } => require((1..=context).contains(&length), || {
            format!("the model sees 1 to {context} tokens at once, got {length}")
        }),
        Input::Rows { .. } => within("rows", length, limits::TASK_ROWS),
    }?;
    Ok(model.param_table())
}
