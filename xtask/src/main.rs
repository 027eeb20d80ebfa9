//! Development tasks: `cargo xtask <task>`.
//!
//! Every task is a thin sequence of ordinary commands, so that each of them can also be run by hand; what is run
//! is printed first. Output for machines goes to stdout, everything else to stderr.

mod analyze;
mod bench;
mod contracts;
mod gallery;
mod hf;
mod python;
mod shell;
mod sim;
mod test;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(about, bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run all tests: Rust, contracts, generated files, and whole training runs.
    Test {
        /// Leave out the contracts (no npm needed).
        #[arg(long)]
        no_contracts: bool,
    },
    /// Measure speed as a ratio against peers in the same run.
    Bench {
        #[command(subcommand)]
        what: bench::Bench,
        /// End with one JSON object on stdout.
        #[arg(long, global = true)]
        json: bool,
    },
    /// Simulate what tests cannot play.
    Sim {
        #[command(subcommand)]
        what: sim::Sim,
        /// End with one JSON object on stdout.
        #[arg(long, global = true)]
        json: bool,
    },
    /// Compile the contracts and write what users need of them to `api/`.
    Contracts {
        /// Write nothing; fail if `api/` is not what the sources compile to.
        #[arg(long)]
        check: bool,
    },
    /// Analyse the contracts with Slither; every finding must be answered in `contracts/ANALYSIS.md`.
    Analyze,
    /// Run the JAX examples on a network and compare them with JAX.
    Gallery {
        /// Which ones; all by default.
        names: Vec<String>,
    },
    /// Compare checkpoints and logits with Hugging Face's transformers.
    CheckHf,
    /// Lint everything: rustfmt, clippy with warnings denied.
    Lint,
}

fn main() -> ExitCode {
    let result = match Args::parse().task {
        Task::Test { no_contracts } => test::run(no_contracts),
        Task::Bench { what, json } => bench::run(what, json),
        Task::Sim { what, json } => sim::run(&what, json),
        Task::Contracts { check } => contracts::build(check),
        Task::Analyze => analyze::analyze(),
        Task::Gallery { names } => gallery::run(&names),
        Task::CheckHf => hf::run(),
        Task::Lint => test::lint(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
