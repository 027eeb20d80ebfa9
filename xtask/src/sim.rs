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
        /// Put the tables into docs/economics.md and docs/economics-settings.md.
        #[arg(long, conflicts_with_all = ["quick", "strategies"])]
        write: bool,
        /// Only these strategies.
        strategies: Vec<String>,
    },
}

/// Runs a simulation: tables on stderr and, with `json`, one JSON object on stdout.
pub fn run(what: &Sim, json: bool) -> Result<(), String> {
    let Sim::Economy { quick, write, strategies } = what;
    let flags = [(*quick, "--quick"), (*write, "--write"), (json, "--json")];
    let flags = flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| *flag);
    let mut arguments = vec!["run", "--release", "--quiet", "-p", "corex-sim", "--example", "economy", "--"];
    arguments.extend(flags.chain(strategies.iter().map(String::as_str)));
    shell::run(&mut shell::command("cargo", &arguments))
}
