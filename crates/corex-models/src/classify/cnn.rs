//! A convolutional network: stages of convolution 3 x 3, ReLU and max pooling 2 x 2, then a linear layer.

use corex_hlo::{ConvDims, ConvLayout, FuncBuilder, Reducer, ValueId, WindowDim};

use super::{check_layers, he};
use crate::error::{ModelError, require};
use crate::layers::{add_bias, relu};
use crate::limits::{self, within};
use crate::params::{ParamTable, Weight, Weights};

/// Side of a convolution's kernel.
const KERNEL: usize = 3;
/// Side of a pooling window, and its stride.
const POOL: usize = 2;

/// Sizes of a convolutional network on images `[height, width, channels]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CnnConfig {
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Numbers per pixel.
    pub channels: usize,
    /// Features of each stage, first to last; at least one. Every stage halves height and width.
    pub features: Vec<usize>,
    /// Classes.
    pub classes: usize,
}

impl CnnConfig {
    /// # Errors
    /// Zero or absurd sizes, images too small for so many stages.
    pub fn validate(&self) -> Result<(), ModelError> {
        within("height", self.height, limits::WIDTH)?;
        within("width", self.width, limits::WIDTH)?;
        within("channels", self.channels, limits::WIDTH)?;
        within("features of an image", self.height * self.width * self.channels, limits::FEATURES)?;
        within("classes", self.classes, limits::CLASSES)?;
        check_layers("stages", &self.features)?;
        let (height, width) = self.last();
        require(height > 0 && width > 0, || {
            let (stages, height, width) = (self.features.len(), self.height, self.width);
            format!("{stages} stages that halve images of {height} x {width} leave nothing of them")
        })?;
        limits::parameters(self.param_table().total())
    }

    /// Height and width after the last stage.
    fn last(&self) -> (usize, usize) {
        let halved = |side: usize| self.features.iter().fold(side, |side, _| side / POOL);
        (halved(self.height), halved(self.width))
    }

    /// The weights: `stages.0.weight [3, 3, in, out]`, `stages.0.bias`, …, and `head.weight`, `head.bias`.
    pub fn param_table(&self) -> ParamTable {
        let (mut weights, mut channels) = (Vec::new(), self.channels);
        for (i, &out) in self.features.iter().enumerate() {
            let shape = [KERNEL, KERNEL, channels, out];
            let std = he(KERNEL * KERNEL * channels);
            weights.push(Weight::matrix(format!("stages.{i}.weight"), &shape, std));
            weights.push(Weight::bias(format!("stages.{i}.bias"), out));
            channels = out;
        }
        let (height, width) = self.last();
        let flat = height * width * channels;
        weights.push(Weight::embedding("head.weight", flat, self.classes, 1.0 / (flat as f32).sqrt()));
        weights.push(Weight::bias("head.bias", self.classes));
        ParamTable::new(weights)
    }

    /// `features: [B, height, width, channels]` -> scores `[B, classes]`.
    pub(crate) fn scores(&self, b: &mut FuncBuilder, w: &Weights, features: ValueId) -> ValueId {
        let rows = b.dim(features, 0);
        let mut x = features;
        for i in 0..self.features.len() {
            let sums = b.convolution(x, w.get(&format!("stages.{i}.weight")), same_size());
            let sums = add_bias(b, sums, w.get(&format!("stages.{i}.bias")));
            let seen = relu(b, sums);
            x = max_pool(b, seen);
        }
        let flat = b.shape(x)[1..].iter().product();
        let x = b.reshape(x, &[rows, flat]);
        let product = b.matmul(x, w.get("head.weight"));
        add_bias(b, product, w.get("head.bias"))
    }
}

/// A convolution of images `[B, h, w, in]` with a kernel `[3, 3, in, out]` to `[B, h, w, out]`.
fn same_size() -> ConvDims {
    let images = || ConvLayout { batch: 0, feature: 3, spatial: vec![1, 2] };
    let side = (KERNEL / 2) as i64;
    ConvDims {
        lhs: images(),
        rhs: ConvLayout { batch: 3, feature: 2, spatial: vec![0, 1] },
        result: images(),
        window: vec![WindowDim { low: side, high: side, ..WindowDim::dense(KERNEL) }; 2],
        reversal: vec![false; 2],
        feature_groups: 1,
        batch_groups: 1,
    }
}

/// The largest of every 2 x 2 pixels; a last odd row or column is dropped.
fn max_pool(b: &mut FuncBuilder, x: ValueId) -> ValueId {
    let side = WindowDim { stride: POOL, ..WindowDim::dense(POOL) };
    let lowest = b.scalar(f32::NEG_INFINITY);
    b.reduce_window(x, lowest, &[WindowDim::UNIT, side, side, WindowDim::UNIT], Reducer::Max)
}
