//! The Python packages that we measure against, in a scratch environment under `target/`, installed on first use.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell;

/// Wheels of PyTorch without GPU libraries: much smaller than those of PyPI, which serve where this cannot be reached.
const TORCH_CPU: &str = "https://download.pytorch.org/whl/cpu";

/// The environment's Python, with JAX.
pub fn jax() -> Result<PathBuf, String> {
    let python = environment()?;
    if !imports(&python, "jax") {
        install(&python, &["jax"])?;
    }
    Ok(python)
}

/// The environment's Python, with PyTorch.
pub fn torch() -> Result<PathBuf, String> {
    let python = environment()?;
    if !imports(&python, "torch") {
        install(&python, &["--retries", "0", "numpy", "torch", "--index-url", TORCH_CPU])
            .or_else(|_| install(&python, &["numpy", "torch"]))?;
    }
    Ok(python)
}

/// Intel's MKL as a shared library; there is none for other processors.
pub fn mkl() -> Result<PathBuf, String> {
    let find = || {
        let entries = std::fs::read_dir(shell::root().join("target/bench-venv/lib")).into_iter().flatten();
        let mut found = entries.flatten().map(|e| e.path());
        found.find(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("libmkl_rt.so")))
    };
    if find().is_none() {
        // MKL's own threads are not used, so neither are the packages that bring them.
        install(&environment()?, &["--no-deps", "mkl"])?;
    }
    find().ok_or_else(|| "the package mkl brought no libmkl_rt.so".to_owned())
}

fn environment() -> Result<PathBuf, String> {
    let venv = shell::root().join("target/bench-venv");
    let python = venv.join("bin/python");
    if !python.exists() {
        let folder = venv.display().to_string();
        shell::run(shell::command("python3", &["-m", "venv", &folder]).stdout(std::io::stderr()))?;
    }
    Ok(python)
}

fn imports(python: &Path, module: &str) -> bool {
    let import = format!("import {module}");
    Command::new(python).args(["-c", &import]).output().is_ok_and(|out| out.status.success())
}

fn install(python: &Path, packages: &[&str]) -> Result<(), String> {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "install", "--quiet"]).args(packages).stdout(std::io::stderr());
    shell::run(&mut command)
        .map_err(|e| format!("{e}\nhint: the peers come from PyPI, which must be reachable"))
}
