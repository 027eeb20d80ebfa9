//! Classifiers: networks from the features of an example to scores of classes.

mod cnn;
mod mlp;

pub use cnn::CnnConfig;
pub use mlp::MlpConfig;

use crate::error::ModelError;
use crate::limits::{self, within};

/// Standard deviation that keeps the size of activations through a layer with ReLU (K. He et al.: Delving Deep into
/// Rectifiers, 2015).
fn he(fan_in: usize) -> f32 {
    (2.0 / fan_in as f32).sqrt()
}

/// Errors unless the sizes of layers are plausible.
fn check_layers(what: &str, sizes: &[usize]) -> Result<(), ModelError> {
    within(&format!("the number of {what}"), sizes.len(), limits::LAYERS)?;
    sizes.iter().try_for_each(|size| within(what, *size, limits::WIDTH))
}
