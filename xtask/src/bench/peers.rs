//! The Python packages that we measure against, in a scratch environment under `target/`, installed on first use.

use std::path::PathBuf;

use crate::python::{self, imports, install};

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
