//! `cargo xtask bench`: speed as a ratio against peers measured in the same run.

mod gemm;
mod train;

use clap::Subcommand;

/// What to measure.
#[derive(Clone, Copy, Subcommand)]
pub enum Bench {
    /// The matrix product against OpenBLAS and the `gemm` crate, one thread.
    Gemm,
    /// A GPT's training step against JAX, one thread.
    Train,
}

/// Runs a benchmark: a table on stderr and, with `json`, one JSON object on stdout.
pub fn run(what: Bench, json: bool) -> Result<(), String> {
    match what {
        Bench::Gemm => gemm::run(json),
        Bench::Train => train::run(json),
    }
}
