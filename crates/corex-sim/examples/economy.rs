//! The economy under rational agents: `cargo run --release -p corex-sim --example economy -- [--json] [--quick] [STRATEGY…]`.
//!
//! A table goes to stderr and, with `--json`, one JSON object to stdout. Ends with status 1 if a strategy pays more than
//! honesty at the parameters of a profile.

use std::process::ExitCode;

use corex_sim::economy::{Effort, Profit, Strategy, Study, study};

fn main() -> ExitCode {
    let (mut json, mut effort, mut only) = (false, Effort::FULL, Vec::new());
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--json" => json = true,
            "--quick" => effort = Effort::QUICK,
            other => match Strategy::named(other) {
                Some(strategy) => only.push(strategy),
                None => {
                    let names = Strategy::ALL.map(Strategy::name).join(", ");
                    eprintln!("error: unknown argument {other:?}\nhint: --json, --quick, or some of {names}");
                    return ExitCode::FAILURE;
                }
            },
        }
    }
    let study = study(effort, if only.is_empty() { &Strategy::ALL } else { &only });
    eprintln!("{}", table(&study));
    if json {
        println!("{}", to_json(&study));
    }
    if study.profitable_attacks() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Profits over honest, in percent of a machine's revenue.
fn table(study: &Study) -> String {
    let mut lines = vec!["profit over honest, in percent of a machine's revenue".to_owned()];
    let names: Vec<&str> = study.strategies[0].1.iter().map(|(profile, _)| *profile).collect();
    let cells = names.iter().map(|name| format!("{name:>17}")).collect::<String>();
    lines.push(format!("{:20}{cells}", "strategy"));
    for (strategy, profits) in &study.strategies {
        let cells = profits.iter().map(|(_, profit)| cell(profit)).collect::<String>();
        lines.push(format!("{:20}{cells}", strategy.name()));
    }
    lines.push("\nwhere strategies begin to pay (profile cx)".to_owned());
    for edge in &study.edges {
        let from = edge.pays_from().map_or("never".to_owned(), |value| format!("from {value}"));
        lines.push(format!(
            "{:20} {}: shipped {}, pays {from}",
            edge.strategy.name(),
            edge.parameter,
            edge.shipped
        ));
        let points = edge.profits.iter().map(|(value, profit)| format!("{value}: {:.2}", profit.mean));
        lines.push(format!("{:21}{}", "", points.collect::<Vec<_>>().join(", ")));
    }
    lines.push(format!("\nprofitable attacks: {}", study.profitable_attacks()));
    lines.join("\n")
}

fn cell(profit: &Profit) -> String {
    let mark = if profit.is_profitable() { "!" } else { " " };
    format!("{:>9.2} ±{:>5.2}{mark}", profit.mean, profit.spread)
}

fn to_json(study: &Study) -> serde_json::Value {
    use serde_json::{Value, json};
    let profit = |p: &Profit| json!({"mean_percent": p.mean, "spread_percent": p.spread, "seeds": p.seeds});
    let strategies: Vec<Value> = (study.strategies.iter())
        .map(|(strategy, profits)| {
            let over: serde_json::Map<String, Value> =
                profits.iter().map(|(profile, p)| ((*profile).to_owned(), profit(p))).collect();
            json!({"name": strategy.name(), "profit_over_honest": over})
        })
        .collect();
    let edges: Vec<Value> = (study.edges.iter())
        .map(|edge| {
            let points: Vec<Value> =
                edge.profits.iter().map(|(value, p)| json!({"value": value, "profit": profit(p)})).collect();
            json!({
                "strategy": edge.strategy.name(),
                "parameter": edge.parameter,
                "shipped": edge.shipped,
                "pays_from": edge.pays_from(),
                "profits": points,
            })
        })
        .collect();
    json!({"strategies": strategies, "profitable_attacks": study.profitable_attacks(), "edges": edges})
}
