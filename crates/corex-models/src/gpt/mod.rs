//! GPT: a decoder-only transformer in the shape of GPT-2.
//!
//! A. Radford et al.: Language Models are Unsupervised Multitask Learners (2019). Pre-norm LayerNorm, learned
//! positions, causal attention, GELU in its tanh form. Weights have Hugging Face's names and layouts (`Conv1D` weights
//! are `[in, out]`), so a checkpoint loads there as a `GPT2LMHeadModel`.

mod config;
mod forward;

pub use config::GptConfig;
pub(crate) use forward::{activations, logits};
