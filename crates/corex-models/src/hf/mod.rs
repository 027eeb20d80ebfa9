//! Checkpoints in Hugging Face's format, as bytes in memory: `config.json` and `model.safetensors`.
//!
//! Written are the names, shapes and fields that the `transformers` package writes for `GPT2LMHeadModel`,
//! `LlamaForCausalLM` and `MistralForCausalLM`; classifiers have a `model_type` of ours. Read is what that package and
//! the checkpoints published with it hold. A setting that would change what the model computes and that corex does not
//! have is an error, never ignored.

mod config;
mod weights;

pub(crate) use config::ConfigJson;
pub use weights::{Storage, read_weights, write_weights};
