//! Sizes of a GPT and the weights that follow from them.

use crate::error::{ModelError, require};
use crate::limits::{self, within};
use crate::model::BYTES;
use crate::params::{ParamTable, Weight};

/// Sizes of a GPT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GptConfig {
    /// Different tokens; 256 for bytes.
    pub vocab: usize,
    /// Transformer blocks.
    pub layers: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// Attention heads; divides `width`.
    pub heads: usize,
    /// Tokens that the model sees at once.
    pub context: usize,
    /// Whether the output matrix is the embedding matrix.
    pub tied: bool,
}

impl GptConfig {
    /// The default of a first run: 0.8 million parameters, learns to write something like its text in minutes
    /// on two cores.
    pub const fn nano() -> Self {
        Self { vocab: BYTES, layers: 4, width: 128, heads: 4, context: 128, tied: true }
    }
    /// For tests: trains in seconds.
    pub const fn tiny() -> Self {
        Self { vocab: BYTES, layers: 2, width: 32, heads: 2, context: 32, tied: true }
    }
    /// 11 million parameters.
    pub const fn small() -> Self {
        Self { vocab: BYTES, layers: 6, width: 384, heads: 6, context: 256, tied: true }
    }
    /// The blocks of GPT-2 small on bytes: 86 million parameters. With its vocabulary of 50,257 word pieces,
    /// `GptConfig { vocab: 50_257, ..GptConfig::gpt2() }`, they are 124 million.
    pub const fn gpt2() -> Self {
        Self { vocab: BYTES, layers: 12, width: 768, heads: 12, context: 1024, tied: true }
    }

    /// # Errors
    /// Zero or absurd sizes, heads that do not divide the width, more parameters than 32 bits can count.
    pub fn validate(&self) -> Result<(), ModelError> {
        within("vocab", self.vocab, limits::VOCAB)?;
        within("layers", self.layers, limits::LAYERS)?;
        within("width", self.width, limits::WIDTH)?;
        within("heads", self.heads, self.width)?;
        within("context", self.context, limits::CONTEXT)?;
        require(self.width.is_multiple_of(self.heads), || {
            format!("heads ({}) must divide width ({})", self.heads, self.width)
        })?;
        limits::parameters(self.param_table().total())
    }

    /// Width of one head.
    pub fn head_width(&self) -> usize {
        self.width / self.heads
    }

    /// The weights: names, shapes, offsets.
    pub fn param_table(&self) -> ParamTable {
        let d = self.width;
        // Wide enough that attention starts to tell positions apart, about GPT-2's 0.02 at its width of 768.
        let std = 0.5 / (d as f32).sqrt();
        // Each block adds to the residual stream twice: keeps the stream's size independent of the depth.
        let residual = std / (2.0 * self.layers as f32).sqrt();
        // A token outweighs its position at first, and a tied head starts with logits of about unit size: bytes
        // that follow each other are learned several times sooner than with 0.02 for both.
        let mut weights = vec![
            Weight::embedding("transformer.wte.weight", self.vocab, d, 1.0 / (d as f32).sqrt()),
            Weight::embedding("transformer.wpe.weight", self.context, d, 0.02),
        ];
        let norm = |weights: &mut Vec<Weight>, name: &str| {
            weights.push(Weight::gain(format!("{name}.weight"), d));
            weights.push(Weight::bias(format!("{name}.bias"), d));
        };
        for layer in 0..self.layers {
            let at = |name: &str| format!("transformer.h.{layer}.{name}");
            weights.push(Weight::matrix(at("attn.c_attn.weight"), &[d, 3 * d], std));
            weights.push(Weight::matrix(at("attn.c_proj.weight"), &[d, d], residual));
            weights.push(Weight::matrix(at("mlp.c_fc.weight"), &[d, 4 * d], std));
            weights.push(Weight::matrix(at("mlp.c_proj.weight"), &[4 * d, d], residual));
            norm(&mut weights, &at("ln_1"));
            weights.push(Weight::bias(at("attn.c_attn.bias"), 3 * d));
            weights.push(Weight::bias(at("attn.c_proj.bias"), d));
            norm(&mut weights, &at("ln_2"));
            weights.push(Weight::bias(at("mlp.c_fc.bias"), 4 * d));
            weights.push(Weight::bias(at("mlp.c_proj.bias"), d));
        }
        if !self.tied {
            weights.push(Weight::embedding("lm_head.weight", self.vocab, d, 0.02));
        }
        norm(&mut weights, "transformer.ln_f");
        ParamTable::new(weights)
    }
}
