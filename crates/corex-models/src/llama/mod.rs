//! Llama: a decoder-only transformer with RMSNorm, rotary positions, SwiGLU and grouped-query attention; with a sliding
//! window it is Mistral.
//!
//! H. Touvron et al.: LLaMA (2023); A. Jiang et al.: Mistral 7B (2023). Weights have Hugging Face's names and layouts
//! (linear layers are `[out, in]`, without biases), so a checkpoint loads there as a `LlamaForCausalLM` or
//! `MistralForCausalLM`.

mod config;
mod forward;
mod rotary;

pub use config::LlamaConfig;
pub(crate) use forward::{activations, logits};
