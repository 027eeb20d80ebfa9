//! `cargo xtask bench dispute`: what a dispute about exact work costs both sides, on the contracts of an embedded chain.
//!
//! Faults at random places of the default job's gradient task, of both tasks of a training step of GPT-2 small (124 million
//! parameters), of a convolution and of a long reduction. `max_moves` (of the challenger),
//! `max_gas_per_side`, `max_tx_gas`, `max_tx_calldata_bytes`, `honest_reexecutions` and `honest_losses` are of all games; under
//! `programs` the same for each.

use crate::shell::{command, output, run as shell_run, target};

/// Plays the games: lines and a table go to stderr and, with `json`, one JSON object to stdout.
///
/// # Errors
/// A game that the honest side lost, and whatever keeps one from being played.
pub fn run(
    json: bool,
    seed: u64,
    games: Option<u32>,
    draw: Option<&str>,
    programs: &[String],
) -> Result<(), String> {
    // Not `-p corex-chain`: its dependencies are built with the features of the whole workspace.
    shell_run(&mut command("cargo", &["build", "--release", "--workspace", "--example", "dispute_bench"]))?;
    let example = target().join("release/examples/dispute_bench");
    let mut bench = std::process::Command::new(example);
    bench.arg("--seed").arg(seed.to_string()).args(programs);
    if let Some(games) = games {
        bench.arg("--games").arg(games.to_string());
    }
    if let Some(file) = draw {
        return shell_run(bench.arg("--draw").arg(file));
    }
    let result = output(&mut bench)?;
    let figures: serde_json::Value =
        serde_json::from_str(&result).map_err(|e| format!("dispute_bench printed no JSON: {e}"))?;
    if json {
        println!("{figures}");
    }
    match figures["honest_losses"].as_u64() {
        Some(0) => Ok(()),
        _ => Err(format!("the honest side lost {} games", figures["honest_losses"])),
    }
}
