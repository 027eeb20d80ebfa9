//! Arguments of `corex train` and `corex verify`.

use super::Cheat;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use std::net::IpAddr;
use std::path::PathBuf;

/// Family of the model that is trained.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// A transformer in the shape of GPT-2, on text.
    Gpt,
    /// A transformer in the shape of Llama, on text.
    Llama,
    /// A multi-layer perceptron, on rows of features.
    Mlp,
    /// A convolutional network, on images.
    Cnn,
}

/// How a gradient changes the parameters.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptimizerName {
    /// Adam with decoupled weight decay.
    Adamw,
    /// Adam without weight decay.
    Adam,
    /// Gradient descent.
    Sgd,
    /// Gradient descent with momentum 0.9.
    Momentum,
    /// Gradient descent with Nesterov's momentum 0.9.
    Nesterov,
    /// RMSprop.
    Rmsprop,
    /// Limited-memory BFGS with 10 pairs, without line search; for large batches.
    Lbfgs,
    /// Muon for matrices, AdamW for the rest.
    Muon,
}

/// How the learning rate falls after the warm-up.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleName {
    /// Along half a cosine, to a tenth.
    Cosine,
    /// Along a straight line, to a tenth.
    Linear,
    /// Not at all.
    Constant,
    /// Not at all for four fifths of the run, then along a straight line, to a tenth.
    Wsd,
    /// By half at each tenth of the run, towards a tenth.
    Step,
}

/// Size of the model that is trained.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Seconds; for trying things out.
    Tiny,
    /// About three minutes on two cores: learns to imitate source text.
    Nano,
    /// About 11 million parameters.
    Small,
    /// 124 million parameters, the shape of GPT-2.
    Gpt2,
}

const MODEL: &str = "Model";
const OPTIMIZER: &str = "Optimizer and batches";

/// `corex train`.
#[derive(Args, Debug)]
pub struct TrainArgs {
    /// Text files or folders to train on [default: the text files that git tracks here]; with --program, --model mlp or
    /// cnn, or a vocabulary other than bytes, a safetensors file with the data.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub data: Vec<PathBuf>,
    /// Train with a step of your own: StableHLO text, as `jax.jit(step).lower(…).as_text()` prints it.
    #[arg(long, value_name = "FILE", requires = "state", conflicts_with_all = ["preset", "cheat", "model", "config", "from", "optimizer", "schedule", "lr", "warmup", "weight_decay", "clip_norm", "batch", "accumulate"])]
    pub program: Option<PathBuf>,
    /// The initial state for --program: a safetensors file.
    #[arg(long, value_name = "FILE", requires = "program")]
    pub state: Option<PathBuf>,
    /// A program that applies the mean gradient; --program is then a gradient, computed on --shards nodes at once.
    #[arg(long, value_name = "FILE", requires = "program")]
    pub update: Option<PathBuf>,
    /// A program that gives the loss of a batch, for held-out data.
    #[arg(long, value_name = "FILE", requires = "program")]
    pub eval: Option<PathBuf>,
    /// Rounds that nodes are paid for of a loop which ends when it wants to, as line searches do.
    #[arg(long, value_name = "N", requires = "program")]
    pub loop_rounds: Option<u64>,
    /// Gradients per step, with --update.
    #[arg(long, default_value_t = 4, requires = "update")]
    pub shards: u32,
    /// Family of the model.
    #[arg(long, value_enum, default_value = "gpt", help_heading = MODEL)]
    pub model: Family,
    /// Size of the model.
    #[arg(long, value_enum, default_value = "nano", help_heading = MODEL)]
    pub preset: Preset,
    /// Sizes of a language model, instead of family and preset: a config.json of Hugging Face's GPT-2, Llama or Mistral.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "preset", "from"], help_heading = MODEL)]
    pub config: Option<PathBuf>,
    /// Go on from the weights of this checkpoint, of corex or of Hugging Face.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["model", "preset"], help_heading = MODEL)]
    pub from: Option<PathBuf>,
    /// How a gradient changes the parameters.
    #[arg(long, value_enum, default_value = "adamw", help_heading = OPTIMIZER)]
    pub optimizer: OptimizerName,
    /// How the learning rate falls after the warm-up [default: cosine; constant with lbfgs].
    #[arg(long, value_enum, help_heading = OPTIMIZER)]
    pub schedule: Option<ScheduleName>,
    /// Learning rate after the warm-up [default: set by optimizer and model].
    #[arg(long, value_name = "RATE", help_heading = OPTIMIZER)]
    pub lr: Option<f32>,
    /// Steps of warm-up [default: a tenth of the run, at most 100].
    #[arg(long, value_name = "STEPS", help_heading = OPTIMIZER)]
    pub warmup: Option<u32>,
    /// Decoupled weight decay of matrices and embeddings [default: 0.1; 0 with adam, sgd and lbfgs].
    #[arg(long, value_name = "RATE", help_heading = OPTIMIZER)]
    pub weight_decay: Option<f32>,
    /// Largest norm of a gradient, 0 for any [default: 1; any with lbfgs].
    #[arg(long, value_name = "NORM", help_heading = OPTIMIZER)]
    pub clip_norm: Option<f32>,
    /// Windows or rows that a gradient task computes at once [default: set by the preset].
    #[arg(long, value_name = "N", help_heading = OPTIMIZER)]
    pub batch: Option<usize>,
    /// Batches that a gradient task adds up, one after another.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = OPTIMIZER)]
    pub accumulate: usize,
    /// Optimizer steps [default: set by the preset; 100 with --program].
    #[arg(long)]
    pub steps: Option<u64>,
    /// Providers to start on this machine.
    #[arg(long, default_value_t = 3)]
    pub nodes: u32,
    /// Verifiers to start on this machine.
    #[arg(long, default_value_t = 2)]
    pub verifiers: u32,
    /// Seed of initial weights and batches.
    #[arg(long, default_value_t = 0)]
    pub seed: u32,
    /// Folder for the result [default: out/PRESET-N, the first N that is free].
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Go on with an interrupted run in this folder.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["data", "program", "model", "preset", "config", "from", "optimizer", "schedule", "lr", "warmup", "weight_decay", "clip_norm", "batch", "accumulate", "steps", "seed", "out", "network", "rpc", "profile"])]
    pub resume: Option<PathBuf>,
    /// Make one provider dishonest.
    #[arg(long, value_enum)]
    pub cheat: Option<Cheat>,
    /// Use the nodes of a running network (the folder or network.json of `corex up`).
    #[arg(long, value_name = "PATH", conflicts_with_all = ["rpc", "profile"])]
    pub network: Option<PathBuf>,
    /// The network to start: its token, money and rules.
    #[arg(long, value_name = "NAME", default_value = "cx", value_parser = PossibleValuesParser::new(corex_node::network::profiles()))]
    pub profile: String,
    /// Deploy to this Ethereum JSON-RPC endpoint instead of the embedded chain.
    #[arg(long, value_name = "URL", requires = "key")]
    pub rpc: Option<String>,
    /// Funded account for --rpc: a file of `corex wallet new`, or a secret key in hex.
    #[arg(long, env = "COREX_KEY", hide_env_values = true, value_name = "FILE")]
    pub key: Option<String>,
    /// Threads per node [default: the machine's cores shared among the nodes].
    #[arg(long)]
    pub threads: Option<usize>,
    /// Address to listen on for nodes of other machines.
    #[arg(long, default_value = "127.0.0.1")]
    pub listen: IpAddr,
    /// Port of the embedded chain's JSON-RPC [default: any free one].
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub rpc_port: u16,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

/// `corex verify`.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// Folder of a finished training run.
    pub dir: PathBuf,
    /// Share of the run to re-execute, between 0 and 1.
    #[arg(long, default_value_t = 1.0, value_name = "P")]
    pub sample: f64,
    /// Seed of the sample [default: random].
    #[arg(long)]
    pub seed: Option<u64>,
    /// Threads [default: all cores].
    #[arg(long)]
    pub threads: Option<usize>,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}
