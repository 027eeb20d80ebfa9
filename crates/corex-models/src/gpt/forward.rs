//! The forward pass. Activations are matrices `[B·T, d]`: one row per token.

use std::collections::HashMap;

use corex_hlo::{CompareDir, DType, Dot, FuncBuilder, TensorType, ValueId};

use super::config::GptConfig;
use crate::params::ParamTable;

const LAYER_NORM_EPSILON: f32 = 1e-5;
/// Score of a position that may not be seen: its softmax is exactly 0.
const MASKED: f32 = -1e30;

/// A GPT inside a function under construction.
pub(crate) struct Gpt<'a> {
    config: &'a GptConfig,
    weights: HashMap<String, ValueId>,
}

impl<'a> Gpt<'a> {
    /// The weights are cut out of `params: tensor<Nxf32>`.
    pub(crate) fn new(
        b: &mut FuncBuilder,
        config: &'a GptConfig,
        table: &ParamTable,
        params: ValueId,
    ) -> Self {
        Self { config, weights: table.unpack(b, params).into_iter().collect() }
    }

    /// `tokens: tensor<B x T x ui8>`, `T` at most the context -> the normalised last activations, `[B·T, d]`.
    pub(crate) fn activations(&self, b: &mut FuncBuilder, tokens: ValueId) -> ValueId {
        let (batch, length, d) = (b.dim(tokens, 0), b.dim(tokens, 1), self.config.width);
        let embedded = b.take_rows(self.weight("transformer.wte.weight"), tokens);
        let positions = b.slice_dim(self.weight("transformer.wpe.weight"), 0, 0, length);
        let positions = b.broadcast_trailing(positions, &[batch, length, d]);
        let stream = b.add(embedded, positions);
        let mut stream = b.reshape(stream, &[batch * length, d]);
        for layer in 0..self.config.layers {
            let at = |name: &str| format!("transformer.h.{layer}.{name}");
            let normed = self.layer_norm(b, &at("ln_1"), stream);
            let heads = self.attention(b, layer, normed, batch, length);
            let attended = self.linear(b, &at("attn.c_proj"), heads);
            stream = b.add(stream, attended);
            let normed = self.layer_norm(b, &at("ln_2"), stream);
            let hidden = self.linear(b, &at("mlp.c_fc"), normed);
            let hidden = gelu(b, hidden);
            let thought = self.linear(b, &at("mlp.c_proj"), hidden);
            stream = b.add(stream, thought);
        }
        self.layer_norm(b, "transformer.ln_f", stream)
    }

    /// Activations `[R, d]` -> scores of the next byte, `[R, 256]`.
    pub(crate) fn head(&self, b: &mut FuncBuilder, activations: ValueId) -> ValueId {
        let name = if self.config.tied { "transformer.wte.weight" } else { "lm_head.weight" };
        b.dot_general(activations, self.weight(name), Dot::contract(&[1], &[1]))
    }

    fn weight(&self, name: &str) -> ValueId {
        // The names are those of GptConfig::param_table; tests build every configuration's forward pass.
        self.weights[name]
    }

    fn linear(&self, b: &mut FuncBuilder, name: &str, x: ValueId) -> ValueId {
        let product = b.matmul(x, self.weight(&format!("{name}.weight")));
        let shape = b.shape(product);
        let bias = b.broadcast_trailing(self.weight(&format!("{name}.bias")), &shape);
        b.add(product, bias)
    }

    fn layer_norm(&self, b: &mut FuncBuilder, name: &str, x: ValueId) -> ValueId {
        let shape = b.shape(x);
        let mean = b.reduce_mean(x, &[1]);
        let mean = b.broadcast_over(mean, &shape, &[1]);
        let centred = b.sub(x, mean);
        let squares = b.mul(centred, centred);
        let variance = b.reduce_mean(squares, &[1]);
        let variance = b.offset(variance, LAYER_NORM_EPSILON);
        let scale = b.rsqrt(variance);
        let scale = b.broadcast_over(scale, &shape, &[1]);
        let normed = b.mul(centred, scale);
        let gain = b.broadcast_trailing(self.weight(&format!("{name}.weight")), &shape);
        let bias = b.broadcast_trailing(self.weight(&format!("{name}.bias")), &shape);
        let scaled = b.mul(normed, gain);
        b.add(scaled, bias)
    }

    /// Causal self-attention of `x: [B·T, d]`, before the output projection.
    fn attention(
        &self,
        b: &mut FuncBuilder,
        layer: usize,
        x: ValueId,
        batch: usize,
        length: usize,
    ) -> ValueId {
        let (heads, width) = (self.config.heads, self.config.head_width());
        let qkv = self.linear(b, &format!("transformer.h.{layer}.attn.c_attn"), x);
        let mut head_view = |part: usize| {
            let d = self.config.width;
            let columns = b.slice_dim(qkv, 1, part * d, (part + 1) * d);
            b.reshape(columns, &[batch, length, heads, width])
        };
        let (q, k, v) = (head_view(0), head_view(1), head_view(2));
        let q = b.scale(q, 1.0 / (width as f32).sqrt());
        let scores = b.dot_general(q, k, Dot::contract(&[3], &[3]).batch(&[0, 2], &[0, 2]));
        let scores = masked(b, scores, length);
        let weights = b.softmax(scores, 3);
        let mixed = b.dot_general(weights, v, Dot::contract(&[3], &[1]).batch(&[0, 1], &[0, 2]));
        let by_token = b.transpose(mixed, &[0, 2, 1, 3]);
        b.reshape(by_token, &[batch * length, heads * width])
    }
}

/// Scores `[B, H, T, T]` with [`MASKED`] where the column lies in the row's future.
fn masked(b: &mut FuncBuilder, scores: ValueId, length: usize) -> ValueId {
    let square = TensorType::new(DType::U32, [length, length]);
    let (row, column) = (b.iota(square.clone(), 0), b.iota(square, 1));
    let past = b.compare(CompareDir::Ge, row, column);
    let shape = b.shape(scores);
    let past = b.broadcast_trailing(past, &shape);
    let hidden = b.full_like(scores, MASKED);
    b.select(past, scores, hidden)
}

/// GELU in its tanh form, `x/2 (1 + tanh u)` with `u = √(2/π) (x + 0.044715 x³)`, written as `x logistic(2u)`:
/// the same function in fewer passes.
fn gelu(b: &mut FuncBuilder, x: ValueId) -> ValueId {
    const TWICE_SQRT_2_OVER_PI: f32 = 1.595_769;
    let squared = b.mul(x, x);
    let cubic = b.scale(squared, 0.044715 * TWICE_SQRT_2_OVER_PI);
    let slope = b.offset(cubic, TWICE_SQRT_2_OVER_PI);
    let twice_u = b.mul(x, slope);
    let gate = b.logistic(twice_u);
    b.mul(x, gate)
}

/// Mean cross-entropy, in nats per token, of `logits: [R, 256]` with `targets: tensor<R x ui8>`.
pub(crate) fn next_token_loss(b: &mut FuncBuilder, logits: ValueId, targets: ValueId) -> ValueId {
    let shape = b.shape(logits);
    let log_sum = b.log_sum_exp(logits, 1);
    // One-hot by comparison: fuses into one pass over the logits, unlike gather and its scatter derivative.
    let targets = b.convert(targets, DType::U32);
    let targets = b.broadcast_over(targets, &shape, &[1]);
    let index = b.iota(TensorType::new(DType::U32, shape.clone()), 1);
    let is_target = b.eq(index, targets);
    let zero = b.zeros_like(logits);
    let chosen = b.select(is_target, logits, zero);
    let chosen = b.reduce_sum(chosen, &[1]);
    let losses = b.sub(log_sum, chosen);
    b.reduce_mean(losses, &[0])
}
