//! The command line, declared once.

mod deploy;
mod distribution;
mod escrow;
mod governance;
mod market;
mod signing;
mod stake;
mod wallet;

pub use deploy::DeployArgs;
pub use distribution::*;
pub use escrow::*;
pub use governance::*;
pub use market::*;
pub use signing::{EndArgs, LookArgs, SignArgs, percent, positive};
pub use stake::*;
pub use wallet::*;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::IpAddr;
use std::path::PathBuf;

/// Train models on machines that nobody vouches for, and prove every result.
#[derive(Parser, Debug)]
#[command(name = "corex", version, about, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Everything that corex can be asked.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Train a model on a network of untrusted nodes; with nothing configured, on a network of this machine's own.
    Train(Box<TrainArgs>),
    /// Sample text from a trained model.
    Generate(GenerateArgs),
    /// Look at a model on disk, of corex or of Hugging Face: show it, convert it, ask it for logits.
    #[command(subcommand)]
    Model(ModelCommand),
    /// Re-execute the lineage of a finished training run, with no network, and say whether it is true.
    Verify(VerifyArgs),
    /// Run one node: earn by computing, or by checking others with --verify.
    Node(NodeArgs),
    /// Start a network on this machine (chain, contracts, nodes) and keep it running.
    Up(UpArgs),
    /// Deploy the contracts of a network, on any EVM chain, and check every promise of its profile.
    Deploy(DeployArgs),
    /// Show what a running network looks like: nodes, stakes, jobs, tokens.
    Status(StatusArgs),
    /// An account of one's own: make one, see what it has, send from it, give hot keys a limit.
    #[command(subcommand)]
    Wallet(WalletCommand),
    /// Offer nodes for lease, and bid for them: terms that are signed and sent around, not kept by anybody.
    #[command(subcommand)]
    Offer(OfferCommand),
    /// Rent a node: take an offer, pay by vouchers, claim, object, end.
    #[command(subcommand)]
    Rent(RentCommand),
    /// Vote, see what is voted on, and what one's vote weighs.
    #[command(subcommand)]
    Vote(VoteCommand),
    /// Make proposals and carry them out; move governance on.
    #[command(subcommand)]
    Propose(ProposeCommand),
    /// Act as a member of a committee: propose, confirm, pause, reset a vote.
    #[command(subcommand)]
    Committee(CommitteeCommand),
    /// See and release tokens that vest.
    #[command(subcommand)]
    Vest(VestCommand),
    /// Buy in the sale of tokens, and what comes after.
    #[command(subcommand)]
    Sale(SaleCommand),
    /// Buy what the network received, for tokens that are burned.
    #[command(subcommand)]
    Auction(AuctionCommand),
    /// Nodes of one's own: their stake, their owner, what they offer.
    #[command(subcommand)]
    Stake(StakeCommand),
    /// Lend stake to nodes of others, for a part of what they mine.
    #[command(subcommand)]
    Delegate(DelegateCommand),
    /// Collect everything that waits for this account: mined tokens, unbonded stake, refunds, what is owed.
    Claim(ClaimArgs),
    /// Jobs as their requester pays for them: what is in escrow, top up, close, withdraw.
    #[command(subcommand)]
    Escrow(EscrowCommand),
    /// Look at disputes about results: which there are, what was said in each; play one's own side by hand.
    #[command(subcommand)]
    Dispute(DisputeCommand),
    /// Look at a StableHLO program, as `jax.jit(f).lower(…).as_text()` prints it: check it, run it.
    #[command(subcommand)]
    Program(ProgramCommand),
}

/// What `corex program` can do.
#[derive(Subcommand, Debug)]
pub enum ProgramCommand {
    /// Read and check a program; show its functions and what they cost.
    Check(CheckArgs),
    /// Print a program the way corex writes it.
    Print(PrintArgs),
    /// Show the form that traces and disputes speak of: operators, how they read their operands, the root of it all.
    Lower(LowerArgs),
    /// Run a function of a program; the results are the same bits on every machine.
    Run(RunArgs),
}

/// `corex program check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// StableHLO text.
    pub file: PathBuf,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

/// `corex program print`.
#[derive(Args, Debug)]
pub struct PrintArgs {
    /// StableHLO text.
    pub file: PathBuf,
    /// Print the form whose hash is the program's id.
    #[arg(long)]
    pub canonical: bool,
}

/// `corex program lower`.
#[derive(Args, Debug)]
pub struct LowerArgs {
    /// StableHLO text.
    pub file: PathBuf,
    /// The function to lower.
    #[arg(long, default_value = "main")]
    pub func: String,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

/// What parameters hold that no file gives.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Zeros.
    Zeros,
    /// Numbers that look random and are the same on every machine.
    Random,
}

/// `corex program run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// StableHLO text.
    pub file: PathBuf,
    /// The function to run.
    #[arg(long, default_value = "main")]
    pub func: String,
    /// Parameters: tensors named arg0, arg1, … in a safetensors file.
    #[arg(long, value_name = "FILE")]
    pub inputs: Option<PathBuf>,
    /// Fill the parameters that are not in --inputs.
    #[arg(long, value_enum)]
    pub fill: Option<Fill>,
    /// Write the results to this safetensors file, named out0, out1, …
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Use the slow interpreter that defines what every operator means.
    #[arg(long, conflicts_with = "trace")]
    pub reference: bool,
    /// Hash the result of every lowered operator; show the root over all of them.
    #[arg(long)]
    pub trace: bool,
    /// Show one operator of the trace: its number, or 12.3.7 for operator 7 in frame 3 of the loop 12.
    #[arg(long, value_name = "PLACE", requires = "trace")]
    pub operator: Option<corex_engine::trace::Path>,
    /// Threads [default: all cores].
    #[arg(long)]
    pub threads: Option<usize>,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

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

/// How the one dishonest provider cheats.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cheat {
    /// Returns an old result instead of computing.
    Lazy,
    /// Flips one low mantissa bit of one gradient element.
    Corrupt,
    /// Resubmits another node's result.
    Copy,
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
    #[arg(long, default_value_t = 0)]
    pub rpc_port: u16,
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

/// `corex node`.
#[derive(Args, Debug)]
pub struct NodeArgs {
    /// Network to join: its folder, its network.json, or KEY@HOST:PORT [default: the one running on this machine].
    #[arg(long, value_name = "NETWORK")]
    pub join: Option<String>,
    /// Check other nodes' work instead of doing work.
    #[arg(long)]
    pub verify: bool,
    /// Folder for keys and blobs [default: a new one beside the network's].
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Name shown to people.
    #[arg(long)]
    pub name: Option<String>,
    /// Threads to compute with [default: all cores].
    #[arg(long)]
    pub threads: Option<usize>,
    /// Address to listen on for peers.
    #[arg(long, default_value = "127.0.0.1")]
    pub listen: IpAddr,
    /// Be dishonest (for tests of the network).
    #[arg(long, value_enum, hide = true)]
    pub cheat: Option<Cheat>,
    /// Stop when standard input closes: set by a parent process that owns this node.
    #[arg(long, hide = true)]
    pub owned: bool,
}

/// `corex up`.
#[derive(Args, Debug)]
pub struct UpArgs {
    /// Folder of the network's state [default: out/network].
    #[arg(long, default_value = "out/network")]
    pub dir: PathBuf,
    /// The network to start, its token, money and rules [default: the one in the folder, or cx].
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(corex_node::network::profiles()))]
    pub profile: Option<String>,
    /// Providers to start on this machine.
    #[arg(long, default_value_t = 3)]
    pub nodes: u32,
    /// Verifiers to start on this machine.
    #[arg(long, default_value_t = 2)]
    pub verifiers: u32,
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
    #[arg(long, default_value_t = 0)]
    pub rpc_port: u16,
}

/// `corex status`.
#[derive(Args, Debug)]
pub struct StatusArgs {
    /// The network's folder or network.json [default: the one running on this machine].
    #[arg(long, value_name = "NETWORK")]
    pub network: Option<PathBuf>,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

/// What `corex dispute` can do.
#[derive(Subcommand, Debug)]
pub enum DisputeCommand {
    /// List all disputes of a network.
    List(DisputeListArgs),
    /// Tell a dispute move by move.
    Show(DisputeShowArgs),
    /// Play the next moves of a dispute as the account of a node, asking before each.
    Play(DisputePlayArgs),
}

/// `corex dispute list`.
#[derive(Args, Debug)]
pub struct DisputeListArgs {
    /// A running network's folder or network.json, or the folder of a training run, finished or not [default: the network running on this machine].
    #[arg(long, value_name = "PATH")]
    pub network: Option<PathBuf>,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

/// `corex dispute show`.
#[derive(Args, Debug)]
pub struct DisputeShowArgs {
    /// The dispute's number.
    pub dispute: u64,
    /// A running network's folder or network.json, or the folder of a training run, finished or not [default: the network running on this machine].
    #[arg(long, value_name = "PATH")]
    pub network: Option<PathBuf>,
    /// Also draw it into this SVG file.
    #[arg(long, value_name = "FILE")]
    pub picture: Option<PathBuf>,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

/// `corex dispute play`.
#[derive(Args, Debug)]
pub struct DisputePlayArgs {
    /// The dispute's number.
    pub dispute: u64,
    /// The node's folder: its keys, its blobs, its record of tasks. The node itself must not be running.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// The running network's folder or network.json [default: the network running on this machine].
    #[arg(long, value_name = "PATH")]
    pub network: Option<PathBuf>,
    /// Make the moves without asking.
    #[arg(long)]
    pub yes: bool,
    /// Threads to compute with [default: all cores].
    #[arg(long)]
    pub threads: Option<usize>,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}
