//! Runs one storm with cheaters and prints what happened:
//! `cargo run --release -p corex-sim --example simulate -- SEED`.

use corex_sim::{Provider, Scenario, run};

fn main() {
    let seed = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut scenario = Scenario::calm(seed).stormy();
    scenario.dishonest = vec![Provider::Corrupt, Provider::Lazy, Provider::Copy];
    scenario.cheat_percent = 30;
    match run(&scenario) {
        Ok(report) => println!("{report:#?}"),
        Err(violation) => println!("{violation}"),
    }
}
