//! The forward pass. Activations are matrices `[B·T, d]`: one row per token.

use corex_hlo::{Dot, FuncBuilder, ValueId};

use super::config::GptConfig;
use crate::layers::{add_bias, attention, gelu, layer_norm};
use crate::params::Weights;

const LAYER_NORM_EPSILON: f32 = 1e-5;

/// `tokens: [B, T]`, `T` at most the context -> the normalised last activations, `[B·T, d]`.
pub(crate) fn activations(b: &mut FuncBuilder, gpt: &GptConfig, w: &Weights, tokens: ValueId) -> ValueId {
    let (batch, length, d) = (b.dim(tokens, 0), b.dim(tokens, 1), gpt.width);
    let embedded = b.take_rows(w.get("transformer.wte.weight"), tokens);
    let positions = b.slice_dim(w.get("transformer.wpe.weight"), 0, 0, length);
    let positions = b.broadcast_trailing(positions, &[batch, length, d]);
    let stream = b.add(embedded, positions);
    let mut stream = b.reshape(stream, &[batch * length, d]);
    for layer in 0..gpt.layers {
        let at = |name: &str| format!("transformer.h.{layer}.{name}");
        let normed = norm(b, w, &at("ln_1"), stream);
        let qkv = linear(b, w, &at("attn.c_attn"), normed);
        let heads = [0, 1, 2].map(|part| {
            let columns = b.slice_dim(qkv, 1, part * d, (part + 1) * d);
            b.reshape(columns, &[batch, length, gpt.heads, gpt.head_width()])
        });
        let mixed = attention(b, heads, None);
        let attended = linear(b, w, &at("attn.c_proj"), mixed);
        stream = b.add(stream, attended);
        let normed = norm(b, w, &at("ln_2"), stream);
        let hidden = linear(b, w, &at("mlp.c_fc"), normed);
        let hidden = gelu(b, hidden);
        let thought = linear(b, w, &at("mlp.c_proj"), hidden);
        stream = b.add(stream, thought);
    }
    norm(b, w, "transformer.ln_f", stream)
}

/// Activations `[R, d]` -> scores of the next token, `[R, V]`.
pub(crate) fn logits(b: &mut FuncBuilder, gpt: &GptConfig, w: &Weights, activations: ValueId) -> ValueId {
    let head = w.get(if gpt.tied { "transformer.wte.weight" } else { "lm_head.weight" });
    b.dot_general(activations, head, Dot::contract(&[1], &[1]))
}

fn linear(b: &mut FuncBuilder, w: &Weights, name: &str, x: ValueId) -> ValueId {
    let product = b.matmul(x, w.get(&format!("{name}.weight")));
    add_bias(b, product, w.get(&format!("{name}.bias")))
}

fn norm(b: &mut FuncBuilder, w: &Weights, name: &str, x: ValueId) -> ValueId {
    let (gain, bias) = (w.get(&format!("{name}.weight")), w.get(&format!("{name}.bias")));
    layer_norm(b, x, gain, bias, LAYER_NORM_EPSILON)
}
