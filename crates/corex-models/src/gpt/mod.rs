//! GPT: a decoder-only transformer over bytes, in the shape of GPT-2.
//!
//! A. Radford et al.: Language Models are Unsupervised Multitask Learners (2019). Pre-norm LayerNorm, learned
//! positions, causal attention, GELU in its tanh form. Weights have Hugging Face's names and layouts, so a
//! checkpoint loads there as a `GPT2LMHeadModel` with a vocabulary of 256.

mod config;
mod forward;

pub use config::{GptConfig, VOCAB};
pub(crate) use forward::{Gpt, next_token_loss};
