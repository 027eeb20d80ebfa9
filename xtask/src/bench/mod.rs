//! `cargo xtask bench`: speed as a ratio against peers measured in the same run, and what a dispute costs.

mod dispute;
mod engine;
mod gemm;
mod peers;
mod scalars;
mod side;
mod train;

use clap::Subcommand;

/// What to measure.
#[derive(Clone, Subcommand)]
pub enum Bench {
    /// The matrix product against OpenBLAS and the `gemm` crate, one thread.
    Gemm,
    /// Every function of one number on all 2^32 operands: largest error, and one hash for all instruction sets.
    Scalars {
        /// The slower paths on every N-th block of 2^16 operands only.
        #[arg(long, value_name = "N", default_value_t = 1)]
        others_every: u32,
        /// Only these functions.
        functions: Vec<String>,
    },
    /// A GPT's training step against JAX, one thread.
    Train,
    /// Everything that the engine's speed is judged by: products, training steps against JAX and PyTorch, memory.
    Engine,
    /// Disputes about faults at random places: moves, gas, calldata, re-executions.
    Dispute {
        /// Where the faults are.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Games for every program; by default more for small ones.
        #[arg(long)]
        games: Option<u32>,
        /// Draw one game into this file, an SVG, instead.
        #[arg(long, value_name = "FILE")]
        draw: Option<String>,
        /// Only these programs.
        programs: Vec<String>,
    },
}

/// Runs a benchmark: a table on stderr and, with `json`, one JSON object on stdout.
pub fn run(what: Bench, json: bool) -> Result<(), String> {
    match what {
        Bench::Gemm => gemm::run(json),
        Bench::Scalars { others_every, functions } => scalars::run(json, others_every, &functions),
        Bench::Train => train::run(json),
        Bench::Engine => engine::run(json),
        Bench::Dispute { seed, games, draw, programs } => {
            dispute::run(json, seed, games, draw.as_deref(), &programs)
        }
    }
}
