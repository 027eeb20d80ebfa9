//! Sizes of a Llama and the weights that follow from them.

use crate::error::{ModelError, require};
use crate::limits::{self, within};
use crate::model::BYTES;
use crate::params::{ParamTable, Weight};

/// Sizes of a Llama.
#[derive(Debug, Clone, PartialEq)]
pub struct LlamaConfig {
    /// Different tokens; 256 for bytes.
    pub vocab: usize,
    /// Transformer blocks.
    pub layers: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// Heads of queries.
    pub heads: usize,
    /// Heads of keys and values; divides `heads`. As many as `heads` is plain attention, 1 is multi-query attention.
    pub kv_heads: usize,
    /// Width of one head; even, for positions turn pairs.
    pub head_width: usize,
    /// Width inside the feed-forward layers.
    pub hidden: usize,
    /// Tokens that the model sees at once.
    pub context: usize,
    /// Tokens that attention looks back at, itself included; `None` is all of them.
    pub window: Option<usize>,
    /// Base of the rotary angles.
    pub rope_theta: f32,
    /// Added to the mean of squares in RMSNorm.
    pub norm_epsilon: f32,
    /// Whether the output matrix is the embedding matrix.
    pub tied: bool,
}

impl LlamaConfig {
    /// The default: 0.8 million parameters on bytes.
    pub const fn nano() -> Self {
        Self {
            vocab: BYTES,
            layers: 4,
            width: 128,
            heads: 4,
            kv_heads: 2,
            head_width: 32,
            hidden: 352,
            context: 128,
            window: None,
            rope_theta: 10_000.0,
            norm_epsilon: 1e-5,
            tied: true,
        }
    }
    /// For tests: trains in seconds.
    pub const fn tiny() -> Self {
        Self {
            layers: 2,
            width: 32,
            heads: 2,
            kv_heads: 1,
            head_width: 16,
            hidden: 88,
            context: 32,
            ..Self::nano()
        }
    }
    /// About 10 million parameters.
    pub const fn small() -> Self {
        Self {
            layers: 6,
            width: 384,
            heads: 6,
            kv_heads: 2,
            head_width: 64,
            hidden: 1024,
            context: 256,
            ..Self::nano()
        }
    }

    /// # Errors
    /// Zero or absurd sizes, sizes that contradict each other, more parameters than 32 bits can count.
    pub fn validate(&self) -> Result<(), ModelError> {
        within("vocab", self.vocab, limits::VOCAB)?;
        within("layers", self.layers, limits::LAYERS)?;
        within("width", self.width, limits::WIDTH)?;
        within("heads", self.heads, limits::WIDTH)?;
        within("kv_heads", self.kv_heads, self.heads)?;
        within("head_width", self.head_width, limits::WIDTH)?;
        within("hidden", self.hidden, 8 * limits::WIDTH)?;
        within("context", self.context, limits::CONTEXT)?;
        require(self.heads.is_multiple_of(self.kv_heads), || {
            format!("kv_heads ({}) must divide heads ({})", self.kv_heads, self.heads)
        })?;
        require(self.head_width.is_multiple_of(2), || {
            format!("head_width must be even, got {}", self.head_width)
        })?;
        require(self.heads * self.head_width <= 4 * limits::WIDTH, || {
            format!("{} heads of width {} are too wide", self.heads, self.head_width)
        })?;
        require(self.window != Some(0), || "a sliding window must hold at least 1 token".into())?;
        require(self.rope_theta.is_finite() && self.rope_theta >= 1.0, || {
            format!("rope_theta must be at least 1, got {}", self.rope_theta)
        })?;
        require(self.norm_epsilon > 0.0 && self.norm_epsilon < 1.0, || {
            format!("norm_epsilon must lie in (0, 1), got {}", self.norm_epsilon)
        })?;
        limits::parameters(self.param_table().total())
    }

    /// The weights: names, shapes, offsets.
    pub fn param_table(&self) -> ParamTable {
        let d = self.width;
        let (queries, keys) = (self.heads * self.head_width, self.kv_heads * self.head_width);
        // As in our GPT, for the same reasons: see there.
        let std = 0.5 / (d as f32).sqrt();
        let residual = std / (2.0 * self.layers as f32).sqrt();
        let mut weights =
            vec![Weight::embedding("model.embed_tokens.weight", self.vocab, d, 1.0 / (d as f32).sqrt())];
        for layer in 0..self.layers {
            let at = |name: &str| format!("model.layers.{layer}.{name}.weight");
            weights.push(Weight::matrix(at("self_attn.q_proj"), &[queries, d], std));
            weights.push(Weight::matrix(at("self_attn.k_proj"), &[keys, d], std));
            weights.push(Weight::matrix(at("self_attn.v_proj"), &[keys, d], std));
            weights.push(Weight::matrix(at("self_attn.o_proj"), &[d, queries], residual));
            weights.push(Weight::matrix(at("mlp.gate_proj"), &[self.hidden, d], std));
            weights.push(Weight::matrix(at("mlp.up_proj"), &[self.hidden, d], std));
            weights.push(Weight::matrix(at("mlp.down_proj"), &[d, self.hidden], residual));
            weights.push(Weight::gain(at("input_layernorm"), d));
            weights.push(Weight::gain(at("post_attention_layernorm"), d));
        }
        if !self.tied {
            weights.push(Weight::embedding("lm_head.weight", self.vocab, d, 0.02));
        }
        weights.push(Weight::gain("model.norm.weight", d));
        ParamTable::new(weights)
    }
}
