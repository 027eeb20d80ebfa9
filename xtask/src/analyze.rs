//! Static analysis of the contracts: runs Slither and holds its findings against the answers in `contracts/ANALYSIS.md`.

use crate::python;
use crate::shell::{command, run, target};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The version whose findings are answered: another one has other detectors.
const SLITHER: &str = "0.11.6";
/// What the compiler needs of `contracts/`.
const SOURCES: [&str; 3] = ["src", "tools", "foundry.toml"];

/// Fails on a finding without an answer and on an answer without a finding. Slither is installed under `target/` on first use.
///
/// # Errors
/// Slither cannot be installed or fails, or the findings and the answers differ, for a person.
pub fn analyze() -> Result<(), String> {
    let home = crate::contracts::installed()?;
    let python = python::environment(&environment())?;
    if !python::imports(&python, "slither") {
        python::install(&python, &[&format!("slither-analyzer=={SLITHER}")])?;
    }
    let text =
        fs::read_to_string(home.join("ANALYSIS.md")).map_err(|e| format!("contracts/ANALYSIS.md: {e}"))?;
    let answers = answers(&text)?;
    let findings = findings(&report(&home)?)?;
    let problems = compare(&findings, &answers);
    if problems.is_empty() {
        eprintln!("{} findings, each answered in contracts/ANALYSIS.md", findings.len());
        return Ok(());
    }
    Err(problems.join("\n"))
}

/// Slither's environment: one for each version.
fn environment() -> String {
    format!("slither-{SLITHER}")
}

/// What Slither says of a copy of the sources: it cleans the folder that it compiles in, and tests read that one.
fn report(home: &Path) -> Result<Value, String> {
    let copy = target().join("analysis");
    let failed = |e: std::io::Error| format!("{}: {e}", copy.display());
    if copy.exists() {
        fs::remove_dir_all(&copy).map_err(failed)?;
    }
    fs::create_dir_all(&copy).map_err(failed)?;
    for source in SOURCES {
        run(command("cp", &["-R"]).arg(home.join(source)).arg(&copy))?;
    }
    run(command("ln", &["-s"]).arg(home.join("node_modules")).arg(copy.join("node_modules")))?;
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let tools = std::iter::once(home.join("node_modules/.bin")).chain(std::env::split_paths(&paths));
    let path = std::env::join_paths(tools).map_err(|e| e.to_string())?;
    let arguments = [".", "--filter-paths", "node_modules", "--fail-none", "--json", "findings.json"];
    let mut slither =
        command(&python::folder(&environment()).join("bin/slither").to_string_lossy(), &arguments);
    // Its prose repeats the file.
    slither.current_dir(&copy).env("PATH", path).stdout(std::process::Stdio::null());
    slither.stderr(std::process::Stdio::null());
    run(&mut slither)?;
    let text = fs::read_to_string(copy.join("findings.json")).map_err(failed)?;
    serde_json::from_str(&text).map_err(|e| format!("what slither wrote: {e}"))
}

/// Detector and place, `File.function` or `File`, of each finding.
fn findings(report: &Value) -> Result<BTreeSet<(String, String)>, String> {
    let detectors = report.pointer("/results/detectors").and_then(Value::as_array);
    let detectors = detectors.ok_or("slither reports no results: did the sources compile?")?;
    let found = detectors.iter().map(|finding| {
        let check = finding["check"].as_str().unwrap_or_default();
        (check.to_owned(), place(&finding["elements"][0]))
    });
    Ok(found.collect())
}

/// The file of an element and the function that it is, or is in, if it is in one.
fn place(element: &Value) -> String {
    let file =
        element.pointer("/source_mapping/filename_relative").and_then(Value::as_str).unwrap_or_default();
    let stem = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut at = element;
    loop {
        if at["type"] == "function" {
            return format!("{stem}.{}", at["name"].as_str().unwrap_or_default());
        }
        match at.pointer("/type_specific_fields/parent") {
            Some(parent) => at = parent,
            None => return stem,
        }
    }
}

/// An answer: detector, and the places that it is for.
struct Answer {
    detector: String,
    places: Vec<String>,
}

impl Answer {
    fn is_for(&self, detector: &str, place: &str) -> bool {
        self.detector == detector && self.places.iter().any(|named| covers(named, place))
    }
}

/// Whether `named` is the place, the file that it is in, or `everywhere`.
fn covers(named: &str, place: &str) -> bool {
    let file = place.split('.').next().unwrap_or_default();
    named == "everywhere" || named == place || named == file
}

/// The rows of the table: `detector`, places, answer.
fn answers(text: &str) -> Result<Vec<Answer>, String> {
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        match cells[..] {
            [detector, places, answer] if !answer.is_empty() => Ok(Answer {
                detector: detector.replace('`', ""),
                places: places.split(',').map(|place| place.replace('`', "").trim().to_owned()).collect(),
            }),
            _ => Err(format!("contracts/ANALYSIS.md: a row is detector, places, answer: {line}")),
        }
    })
    .collect()
}

fn compare(findings: &BTreeSet<(String, String)>, answers: &[Answer]) -> Vec<String> {
    let open = findings
        .iter()
        .filter(|(detector, place)| !answers.iter().any(|answer| answer.is_for(detector, place)))
        .map(|(detector, place)| format!("{detector} at {place} has no answer in contracts/ANALYSIS.md"));
    let stale = answers.iter().flat_map(|answer| {
        let found = |named: &&String| {
            !findings.iter().any(|(detector, place)| *detector == answer.detector && covers(named, place))
        };
        let stale = answer.places.iter().filter(found);
        stale.map(|place| format!("{} at {place} is answered, but not found any more", answer.detector))
    });
    open.chain(stale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(list: &[(&str, &str)]) -> BTreeSet<(String, String)> {
        list.iter().map(|(detector, place)| ((*detector).to_owned(), (*place).to_owned())).collect()
    }

    #[test]
    fn every_finding_needs_an_answer_and_every_answer_a_finding() {
        let text = "| detector | place | answer |\n|---|---|---|\n| `timestamp` | everywhere | windows |\n\
                    | `weak-prng` | `A.f`, `B` | no chance here |\n";
        let answers = answers(text).unwrap();
        let good = found(&[("timestamp", "Guard.pause"), ("weak-prng", "A.f"), ("weak-prng", "B.g")]);
        assert_eq!(compare(&good, &answers), Vec::<String>::new());
        let other = found(&[("timestamp", "Guard.pause"), ("weak-prng", "A.g"), ("weak-prng", "B")]);
        assert_eq!(
            compare(&other, &answers),
            [
                "weak-prng at A.g has no answer in contracts/ANALYSIS.md",
                "weak-prng at A.f is answered, but not found any more"
            ]
        );
        assert!(super::answers("| `timestamp` | everywhere | |").is_err(), "an answer says something");
    }

    #[test]
    fn a_place_is_a_file_and_the_function_around() {
        let file = r#""source_mapping": {"filename_relative": "src/Vault.sol"}"#;
        let function = format!(r#"{{"type": "function", "name": "take", {file}}}"#);
        let inner = format!(
            r#"{{"type": "variable", "name": "x", {file}, "type_specific_fields": {{"parent": {function}}}}}"#
        );
        let outer = format!(r#"{{"type": "contract", "name": "Vault", {file}}}"#);
        let place = |text: &str| super::place(&serde_json::from_str(text).unwrap());
        assert_eq!([place(&inner), place(&function), place(&outer)], ["Vault.take", "Vault.take", "Vault"]);
        assert!(findings(&serde_json::json!({"success": false})).is_err());
    }
}
