//! Runs many seeds of the simulated networks and prints the ones that fail:
//!
//! `cargo run --release -p corex-sim --example seeds -- [NETWORK|all] [FIRST] [LAST]`
//!
//! Without arguments: every network, seeds 1 to 100. Ends with status 1 if any seed failed. A single seed prints its
//! report. With `COREX_SIM_TRACE=1` every event is printed with its effects, with `COREX_SIM_DUMP=1` the whole state of a
//! stuck run.

use std::process::ExitCode;
use std::time::Instant;

use corex_sim::{NETWORKS, Network, run};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let name = arguments.first().map_or("all", String::as_str);
    let number = |n: usize, default| arguments.get(n).map_or(Some(default), |text| text.parse().ok());
    let Some((first, last)) = number(1, 1).and_then(|first| Some((first, number(2, first.max(100))?))) else {
        eprintln!("error: FIRST and LAST are numbers");
        return ExitCode::FAILURE;
    };
    let chosen: Vec<&Network> = match Network::named(name) {
        Some(network) => vec![network],
        None if name == "all" => NETWORKS.iter().collect(),
        None => {
            let names: Vec<&str> = NETWORKS.iter().map(|network| network.name).collect();
            eprintln!("error: no network is called {name:?}\nhint: all, or one of {}", names.join(", "));
            return ExitCode::FAILURE;
        }
    };
    let mut failed = 0u64;
    for network in chosen {
        let began = Instant::now();
        let (mut failures, mut cheats, mut escaped, mut slowest) = (0u64, 0, 0, (0, 0));
        for seed in first..=last {
            match run(&(network.scenario)(seed)) {
                Ok(report) => {
                    cheats += report.cheats;
                    escaped += report.escaped;
                    slowest = slowest.max((report.ms, seed));
                    if first == last {
                        println!("{report:#?}");
                    }
                }
                Err(violation) => {
                    failures += 1;
                    println!("{} seed {seed}: {}", network.name, violation.what);
                }
            }
        }
        println!(
            "{}: seeds {first}..={last}, {failures} failed, {cheats} cheats, {escaped} escaped, slowest {} s (seed {}), {:.1?}",
            network.name,
            slowest.0 / 1000,
            slowest.1,
            began.elapsed()
        );
        failed += failures;
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
