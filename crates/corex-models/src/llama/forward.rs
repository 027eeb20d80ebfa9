//! The forward pass. Activations are matrices `[B·T, d]`: one row per token.

use corex_hlo::{Dot, FuncBuilder, ValueId};

use super::config::LlamaConfig;
use super::rotary::Angles;
use crate::layers::{attention, rms_norm, silu};
use crate::params::Weights;

/// `tokens: [B, T]`, `T` at most the context -> the normalised last activations, `[B·T, d]`.
pub(crate) fn activations(b: &mut FuncBuilder, llama: &LlamaConfig, w: &Weights, tokens: ValueId) -> ValueId {
    let (batch, length, d) = (b.dim(tokens, 0), b.dim(tokens, 1), llama.width);
    let embedded = b.take_rows(w.get("model.embed_tokens.weight"), tokens);
    let mut stream = b.reshape(embedded, &[batch * length, d]);
    let angles = Angles::new(b, length, llama.head_width, llama.rope_theta);
    for layer in 0..llama.layers {
        let weight = |name: &str| w.get(&format!("model.layers.{layer}.{name}.weight"));
        let normed = rms_norm(b, stream, weight("input_layernorm"), llama.norm_epsilon);
        let mut heads = |name: &str, count: usize| {
            let columns = linear(b, normed, weight(name));
            b.reshape(columns, &[batch, length, count, llama.head_width])
        };
        let q = heads("self_attn.q_proj", llama.heads);
        let [k, v] = ["self_attn.k_proj", "self_attn.v_proj"].map(|name| heads(name, llama.kv_heads));
        let (q, k) = (angles.turn(b, q), angles.turn(b, k));
        let [k, v] = [k, v].map(|x| shared(b, x, llama.heads));
        let mixed = attention(b, [q, k, v], llama.window);
        let attended = linear(b, mixed, weight("self_attn.o_proj"));
        stream = b.add(stream, attended);
        let normed = rms_norm(b, stream, weight("post_attention_layernorm"), llama.norm_epsilon);
        let gate = linear(b, normed, weight("mlp.gate_proj"));
        let (gate, up) = (silu(b, gate), linear(b, normed, weight("mlp.up_proj")));
        let hidden = b.mul(gate, up);
        let thought = linear(b, hidden, weight("mlp.down_proj"));
        stream = b.add(stream, thought);
    }
    rms_norm(b, stream, w.get("model.norm.weight"), llama.norm_epsilon)
}

/// Activations `[R, d]` -> scores of the next token, `[R, V]`.
pub(crate) fn logits(b: &mut FuncBuilder, llama: &LlamaConfig, w: &Weights, activations: ValueId) -> ValueId {
    linear(b, activations, w.get(if llama.tied { "model.embed_tokens.weight" } else { "lm_head.weight" }))
}

/// `x: [R, in]` times `weight: [out, in]`.
fn linear(b: &mut FuncBuilder, x: ValueId, weight: ValueId) -> ValueId {
    b.dot_general(x, weight, Dot::contract(&[1], &[1]))
}

/// Keys or values `[B, T, G, w]` for all heads, `[B, T, H, w]`: head `h` uses group `h / (H/G)`.
fn shared(b: &mut FuncBuilder, x: ValueId, heads: usize) -> ValueId {
    let [batch, length, groups, width] = [0, 1, 2, 3].map(|dim| b.dim(x, dim));
    if groups == heads {
        return x;
    }
    let repeated = b.broadcast(x, &[batch, length, groups, heads / groups, width], &[0, 1, 2, 4]);
    b.reshape(repeated, &[batch, length, heads, width])
}
