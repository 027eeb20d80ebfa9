//! What we measure against: Python packages, in a scratch environment under `target/`, installed on first use, and candle.

use std::path::PathBuf;

use crate::python::{self, imports, install};
use crate::shell;

const ENVIRONMENT: &str = "bench-venv";

/// The environment's Python, with JAX.
pub fn jax() -> Result<PathBuf, String> {
    let python = python::environment(ENVIRONMENT)?;
    if !imports(&python, "jax") {
        install(&python, &["jax"])?;
    }
    Ok(python)
}

/// The environment's Python, with PyTorch.
pub fn torch() -> Result<PathBuf, String> {
    let python = python::environment(ENVIRONMENT)?;
    if !imports(&python, "torch") {
        python::install_torch(&python)?;
    }
    Ok(python)
}

/// Intel's MKL as a shared library; there is none for other processors.
pub fn mkl() -> Result<PathBuf, String> {
    let find = || {
        let entries = std::fs::read_dir(python::folder(ENVIRONMENT).join("lib")).into_iter().flatten();
        let mut found = entries.flatten().map(|e| e.path());
        found.find(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("libmkl_rt.so")))
    };
    if find().is_none() {
        // MKL's own threads are not used, so neither are the packages that bring them.
        install(&python::environment(ENVIRONMENT)?, &["--no-deps", "mkl"])?;
    }
    find().ok_or_else(|| "the package mkl brought no libmkl_rt.so".to_owned())
}

/// The training step in candle, built for this processor, as candle's documentation advises. It is a package outside the
/// workspace, so that nobody else builds it, which takes some minutes.
pub fn candle() -> Result<PathBuf, String> {
    let target = shell::root().join("target/bench-candle");
    let args =
        ["build", "--release", "--quiet", "--manifest-path", "xtask/bench-candle/Cargo.toml", "--target-dir"];
    shell::run(shell::command("cargo", &args).arg(&target).env("RUSTFLAGS", "-C target-cpu=native"))?;
    Ok(target.join("release/bench-candle"))
}
