//! The multi-layer perceptron: linear layers with ReLU between them.

use corex_hlo::{FuncBuilder, ValueId};

use super::{check_layers, he};
use crate::error::ModelError;
use crate::layers::{add_bias, relu};
use crate::limits::{self, within};
use crate::params::{ParamTable, Weight, Weights};

/// Sizes of a multi-layer perceptron.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MlpConfig {
    /// Features of an example, however they are arranged.
    pub inputs: usize,
    /// Widths of the hidden layers, first to last; at least one.
    pub hidden: Vec<usize>,
    /// Classes.
    pub classes: usize,
}

impl MlpConfig {
    /// # Errors
    /// Zero or absurd sizes.
    pub fn validate(&self) -> Result<(), ModelError> {
        within("inputs", self.inputs, limits::FEATURES)?;
        within("classes", self.classes, limits::CLASSES)?;
        check_layers("hidden layers", &self.hidden)?;
        limits::parameters(self.param_table().total())
    }

    /// The weights: `layers.0.weight [in, out]`, `layers.0.bias`, …, and `head.weight`, `head.bias`.
    pub fn param_table(&self) -> ParamTable {
        let (mut weights, mut width) = (Vec::new(), self.inputs);
        for (i, &out) in self.hidden.iter().enumerate() {
            weights.push(Weight::matrix(format!("layers.{i}.weight"), &[width, out], he(width)));
            weights.push(Weight::bias(format!("layers.{i}.bias"), out));
            width = out;
        }
        weights.push(Weight::embedding("head.weight", width, self.classes, 1.0 / (width as f32).sqrt()));
        weights.push(Weight::bias("head.bias", self.classes));
        ParamTable::new(weights)
    }

    /// `features: [B, …]` -> scores `[B, classes]`.
    pub(crate) fn scores(&self, b: &mut FuncBuilder, w: &Weights, features: ValueId) -> ValueId {
        let rows = b.dim(features, 0);
        let mut x = b.reshape(features, &[rows, self.inputs]);
        for i in 0..self.hidden.len() {
            let product = b.matmul(x, w.get(&format!("layers.{i}.weight")));
            let sum = add_bias(b, product, w.get(&format!("layers.{i}.bias")));
            x = relu(b, sum);
        }
        let product = b.matmul(x, w.get("head.weight"));
        add_bias(b, product, w.get("head.bias"))
    }
}
