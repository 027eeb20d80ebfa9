//! `cargo xtask gallery`: the steps of `examples/jax` on a network, compared with JAX's own run.
//!
//! Each script exports its step and prints the losses of some steps in JAX; `corex train --program` runs as many on the
//! same batches. Twice, with other nodes and another instruction set: the model must be the same, bit for bit. JAX
//! lives in a scratch environment under `target/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{python, shell};

const EXAMPLES: [&str; 6] = ["mlp", "nanogpt", "llama_lora", "cnn", "lstm", "lbfgs"];
const STEPS: usize = 10;
/// Largest difference of a loss from JAX's, relative to it. JAX sums in other orders.
const TOLERANCE: f64 = 1e-4;

/// Runs the examples of these names, or all.
///
/// # Errors
/// An unknown name; Python or its packages cannot be had; a run that fails; a loss that differs by more than the
/// tolerance, or a model that depends on who computed it.
pub fn run(names: &[String]) -> Result<(), String> {
    if let Some(unknown) = names.iter().find(|name| !EXAMPLES.contains(&name.as_str())) {
        return Err(format!("there is no example `{unknown}`\nhint: there are {}", EXAMPLES.join(", ")));
    }
    let python = python_with_packages()?;
    shell::run(&mut shell::command(
        "cargo",
        &["build", "--release", "--quiet", "--workspace", "--bin", "corex"],
    ))?;
    eprintln!("{:12} {:>22}  model (equal on 1 portable and 3 native providers)", "", "difference from JAX");
    for name in EXAMPLES.iter().filter(|name| names.is_empty() || names.iter().any(|n| n == *name)) {
        eprintln!("{}", example(&python, name)?);
    }
    Ok(())
}

fn example(python: &Path, name: &str) -> Result<String, String> {
    let folder = shell::root().join("target/gallery").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let script = shell::root().join(format!("examples/jax/{name}.py"));
    let export = Command::new(python).arg(script).arg(&folder).args(["--steps", &STEPS.to_string()]).output();
    let export = export.map_err(|e| format!("{name}: {e}"))?;
    if !export.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&export.stderr)));
    }
    let theirs = losses(&String::from_utf8_lossy(&export.stdout), ' ');

    let native = train(&folder, "native", "3", None)?;
    let portable = train(&folder, "portable", "1", Some("portable"))?;
    if native != portable {
        return Err(format!("{name}: the model is {native} on one network and {portable} on another"));
    }
    let curve =
        std::fs::read_to_string(folder.join("native/loss.csv")).map_err(|e| format!("{name}: {e}"))?;
    let ours = losses(&curve, ',');
    if ours.len() != STEPS || theirs.len() != STEPS {
        return Err(format!(
            "{name}: {} losses of ours, {} of JAX, expected {STEPS}",
            ours.len(),
            theirs.len()
        ));
    }
    let worst = ours.iter().zip(&theirs).map(|(a, b)| ((a - b) / b).abs()).fold(0.0, f64::max);
    if worst.is_nan() || worst > TOLERANCE {
        return Err(format!(
            "{name}: a loss differs from JAX's by {worst:e}, the tolerance is {TOLERANCE:e}"
        ));
    }
    Ok(format!("{name:12} {worst:>22.2e}  {native}"))
}

/// The second field of every line whose first is a step.
fn losses(text: &str, separator: char) -> Vec<f64> {
    let fields = text.lines().map(|line| line.split(separator).collect::<Vec<_>>());
    let steps = fields.filter(|fields| fields[0].parse::<usize>().is_ok());
    steps.filter_map(|fields| fields.get(1)?.parse().ok()).collect()
}

/// Trains into a folder; gives the model's hash.
fn train(folder: &Path, out: &str, nodes: &str, isa: Option<&str>) -> Result<String, String> {
    let mut command = Command::new(shell::target().join("release/corex"));
    command.current_dir(folder);
    command.args(["train", "--program", "step.mlir", "--state", "state.safetensors"]);
    command.args(["--data", "data.safetensors", "--steps", &STEPS.to_string()]);
    command.args(["--nodes", nodes, "--out", out, "--json"]);
    // Only a line search needs it; the others are priced by what they count.
    command.args(["--loop-rounds", "8"]);
    isa.iter().for_each(|isa| _ = command.env("COREX_ISA", isa));
    let output = command.output().map_err(|e| format!("corex: {e}"))?;
    if !output.status.success() {
        return Err(format!("{}: {}", folder.display(), String::from_utf8_lossy(&output.stderr)));
    }
    let stdout = String::from_utf8_lossy(&output.stdout);
    let summary: serde_json::Value =
        serde_json::from_str(stdout.lines().last().unwrap_or_default()).map_err(|e| format!("corex: {e}"))?;
    Ok(summary["model_hash"].as_str().unwrap_or_default().to_owned())
}

fn python_with_packages() -> Result<PathBuf, String> {
    let python = python::environment("gallery-venv")?;
    if !python::imports(&python, "jax, optax, safetensors, sklearn") {
        python::install(&python, &["-r", "examples/jax/requirements.txt"])?;
    }
    Ok(python)
}
