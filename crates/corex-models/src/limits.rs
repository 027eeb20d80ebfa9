//! What one model and one job may ask for: sizes beyond these are mistakes or attacks.

use crate::error::{ModelError, require};

pub(crate) const VOCAB: usize = 1 << 20;
pub(crate) const LAYERS: usize = 256;
pub(crate) const WIDTH: usize = 1 << 15;
pub(crate) const CONTEXT: usize = 1 << 16;
pub(crate) const CLASSES: usize = 1 << 16;
/// Elements of one example of a classifier.
pub(crate) const FEATURES: usize = 1 << 24;
/// Parameters are numbered with 32 bits, and so are their bytes' quarters.
const PARAMETERS: usize = 1 << 31;
/// Largest batch x accumulation x context of one gradient task.
pub(crate) const TASK_TOKENS: usize = 1 << 20;
/// Largest batch x accumulation of one gradient task of a classifier.
pub(crate) const TASK_ROWS: usize = 1 << 20;
/// Largest attention matrix of one task, in bytes: batch x heads x context².
pub(crate) const ATTENTION_BYTES: usize = 1 << 33;
/// Tokens or rows of data: offsets are 32-bit.
pub(crate) const DATA: usize = 1 << 31;
/// The update task takes all shards' gradients.
pub(crate) const SHARDS: usize = 4096;

/// Errors unless `value` is 1 to `max`.
pub(crate) fn within(name: &str, value: usize, max: usize) -> Result<(), ModelError> {
    require((1..=max).contains(&value), || format!("{name} must be 1 to {max}, got {value}"))
}

/// Errors if there are more parameters than one job holds.
pub(crate) fn parameters(total: usize) -> Result<(), ModelError> {
    require(total < PARAMETERS, || format!("{total} parameters; one job holds fewer than {PARAMETERS}"))
}
