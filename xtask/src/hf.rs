//! `cargo xtask check-hf`: our checkpoints and our logits against Hugging Face's `transformers`, on random weights.
//!
//! The package lives in a scratch environment under `target/`. `vectors/hf` has small cases of the same for every day.

use std::process::Command;

use crate::{python, shell};

/// # Errors
/// Python or its packages cannot be had; a checkpoint that one side writes and the other does not read; logits that
/// differ by more than the script's tolerance.
pub fn run() -> Result<(), String> {
    let python = python::environment("hf-venv")?;
    if !python::imports(&python, "torch") {
        python::install_torch(&python)?;
    }
    if !python::imports(&python, "transformers") {
        python::install(&python, &["transformers"])?;
    }
    shell::run(&mut shell::command(
        "cargo",
        &["build", "--release", "--quiet", "--workspace", "--bin", "corex"],
    ))?;
    let folder = shell::root().join("target/hf");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let mut check = Command::new(python);
    check.arg(shell::root().join("xtask/src/check_hf.py"));
    check.arg(shell::target().join("release/corex")).arg(folder);
    shell::run(&mut check)
}
