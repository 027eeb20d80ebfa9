//! `cargo xtask sim`: simulations that are studies rather than tests.

use clap::Subcommand;

use crate::shell;

/// What to simulate.
#[derive(Clone, Subcommand)]
pub enum Sim {
    /// The economy under rational agents: profit of every strategy over honest, on every profile; fails if one pays.
    Economy {
        /// Fewer seeds and epochs.
        #[arg(long)]
        quick: bool,
        /// Only these strategies.
        strategies: Vec<String>,
    },
}

/// Runs a simulation: a table on stderr and, with `json`, one JSON object on stdout.
pub fn run(what: &Sim, json: bool) -> Result<(), String> {
    let Sim::Economy { quick, strategies } = what;
    let flags = [(*quick).then_some("--quick"), json.then_some("--json")];
    let mut arguments = vec!["run", "--release", "--quiet", "-p", "corex-sim", "--example", "economy", "--"];
    arguments.extend(flags.into_iter().flatten().chain(strategies.iter().map(String::as_str)));
    shell::run(&mut shell::command("cargo", &arguments))
}
