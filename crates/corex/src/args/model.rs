//! Arguments of `corex model` and `corex generate`.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What `corex model` can do.
#[derive(Subcommand, Debug)]
pub enum ModelCommand {
    /// Say what a checkpoint holds.
    Show(ShowArgs),
    /// Write a checkpoint in Hugging Face's names and shapes, from any form of it that corex reads.
    Convert(ConvertArgs),
    /// Evaluate a model: the scores of the next token after each token, or of each row's classes.
    Logits(LogitsArgs),
}

/// `corex model show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// Folder with config.json and model.safetensors.
    pub dir: PathBuf,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

/// How weights are stored.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageType {
    /// As they are.
    F32,
    /// Rounded to IEEE half precision.
    F16,
    /// Rounded to bfloat16.
    Bf16,
}

/// `corex model convert`.
#[derive(Args, Debug)]
pub struct ConvertArgs {
    /// Folder with config.json and model.safetensors.
    pub dir: PathBuf,
    /// New folder.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// How to store the weights.
    #[arg(long, value_enum, default_value = "f32")]
    pub dtype: StorageType,
}

/// `corex model logits`.
#[derive(Args, Debug)]
pub struct LogitsArgs {
    /// Folder with config.json and model.safetensors.
    pub dir: PathBuf,
    /// Token ids, separated by commas.
    #[arg(long, value_delimiter = ',', required_unless_present = "data")]
    pub ids: Vec<u32>,
    /// For a classifier: a safetensors file with a tensor `features`, [rows, …].
    #[arg(long, value_name = "FILE", conflicts_with = "ids")]
    pub data: Option<PathBuf>,
    /// Write them to this safetensors file, as `logits`.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

/// `corex generate`.
#[derive(Args, Debug)]
pub struct GenerateArgs {
    /// Folder of a finished training run, or any folder with a GPT-2, Llama or Mistral of Hugging Face's.
    #[arg(long, value_name = "DIR")]
    pub checkpoint: PathBuf,
    /// Text to continue.
    #[arg(long, default_value = "\n")]
    pub prompt: String,
    /// Token ids to continue, separated by commas; for models whose tokens are not bytes.
    #[arg(long, value_delimiter = ',', conflicts_with = "prompt")]
    pub ids: Vec<u32>,
    /// Bytes or tokens to add.
    #[arg(long, default_value_t = 400)]
    pub length: usize,
    /// Randomness: 0 always takes the likeliest.
    #[arg(long, default_value_t = 0.8)]
    pub temperature: f32,
    /// Choose among this many likeliest.
    #[arg(long, default_value_t = 40)]
    pub top_k: usize,
    /// Seed of the choice.
    #[arg(long, default_value_t = 0)]
    pub seed: u32,
    /// End with one JSON object on stdout instead of text.
    #[arg(long)]
    pub json: bool,
}
