//! Arguments of `corex dispute`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

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
