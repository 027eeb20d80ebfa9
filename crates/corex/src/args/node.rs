//! Arguments of the commands that run a network or look at one: `corex node`, `up`, `status`.

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use std::net::IpAddr;
use std::path::PathBuf;

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
    /// Folder of the network's state.
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
    #[arg(long, default_value_t = 0, hide_default_value = true)]
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
