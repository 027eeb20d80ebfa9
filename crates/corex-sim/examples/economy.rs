//! The economy under rational agents:
//! `cargo run --release -p corex-sim --example economy -- [--json] [--quick] [--write] [STRATEGY…]`.
//!
//! Tables go to stderr and, with `--json`, one JSON object to stdout; `--write` puts the tables where the documents have them. Ends
//! with status 1 if a strategy pays more than honesty at the parameters of a profile.

use std::path::Path;
use std::process::ExitCode;

use corex_sim::economy::tables::{publish, tables};
use corex_sim::economy::{Effort, Plan, Profit, Strategy, Study, study};
use indicatif::{ProgressBar, ProgressStyle};

/// Where the tables are published.
const DOCUMENTS: [&str; 2] = ["docs/economics.md", "docs/economics-settings.md"];

fn main() -> ExitCode {
    match run() {
        Ok(study) if study.profitable_attacks() == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<Study, String> {
    let (mut json, mut write, mut effort, mut only) = (false, false, Effort::FULL, Vec::new());
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--json" => json = true,
            "--quick" => effort = Effort::QUICK,
            "--write" => write = true,
            other => only.push(Strategy::named(other).ok_or_else(|| {
                let names = Strategy::ALL.map(Strategy::name).join(", ");
                format!("unknown argument {other:?}\nhint: --json, --quick, --write, or some of {names}")
            })?),
        }
    }
    if write && (effort != Effort::FULL || !only.is_empty()) {
        return Err("what is published is the whole study\nhint: --write alone, or with --json".to_owned());
    }
    let strategies = if only.is_empty() { &Strategy::ALL[..] } else { &only };
    let study = played(&Plan { effort, strategies, sweeps: true });
    let tables = tables(&study);
    eprintln!("profit over honest, in percent of a machine's revenue\n");
    for (name, table) in &tables {
        eprintln!("{name}\n{table}");
    }
    eprintln!("profitable attacks: {}", study.profitable_attacks());
    if write {
        write_tables(&tables)?;
    }
    if json {
        println!("{}", to_json(&study));
    }
    Ok(study)
}

/// The study, with a bar for a person who waits; without a terminal, a line for each tenth.
fn played(plan: &Plan<'_>) -> Study {
    let bar = ProgressBar::new(0);
    let style = "{bar:24} {pos}/{len} figures  [{elapsed} < {eta}]";
    bar.set_style(ProgressStyle::with_template(style).expect("a constant template"));
    let study = study(plan, &|done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
        if bar.is_hidden() && done * 10 / of > (done - 1) * 10 / of {
            eprintln!("{done} of {of} figures");
        }
    });
    bar.finish_and_clear();
    study
}

/// Puts each table between its markers.
fn write_tables(tables: &[(&str, String)]) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut homeless: Vec<&str> = tables.iter().map(|(name, _)| *name).collect();
    for document in DOCUMENTS {
        let path = root.join(document);
        let mut text = std::fs::read_to_string(&path).map_err(|e| format!("{document}: {e}"))?;
        for (name, table) in tables {
            if let Some(changed) = publish(&text, name, table) {
                text = changed;
                homeless.retain(|other| other != name);
            }
        }
        std::fs::write(&path, text).map_err(|e| format!("{document}: {e}"))?;
    }
    if homeless.is_empty() { Ok(()) } else { Err(format!("no document has markers for {homeless:?}")) }
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
    let sweeps: Vec<Value> = (study.sweeps.iter())
        .map(|sweep| {
            let point = |(value, profits): &(f64, Vec<(Strategy, Profit)>)| {
                let over: serde_json::Map<String, Value> =
                    profits.iter().map(|(strategy, p)| (strategy.name().to_owned(), profit(p))).collect();
                json!({"value": value, "profit_over_honest": over})
            };
            json!({
                "profile": sweep.profile,
                "parameter": sweep.parameter,
                "shipped": sweep.shipped,
                "pays_from": sweep.pays_from().map(|(value, _)| value),
                "points": sweep.points.iter().map(point).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "strategies": strategies,
        "profitable_attacks": study.profitable_attacks(),
        "sweeps": sweeps,
        "edges": edges,
    })
}
