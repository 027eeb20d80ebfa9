//! Scratch Python environments under `target/`, made on first use.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell;

/// The folder of an environment.
pub fn folder(name: &str) -> PathBuf {
    shell::root().join("target").join(name)
}

/// The Python of the environment of that name.
pub fn environment(name: &str) -> Result<PathBuf, String> {
    let python = folder(name).join("bin/python");
    if !python.exists() {
        let folder = folder(name).display().to_string();
        shell::run(shell::command("python3", &["-m", "venv", &folder]).stdout(std::io::stderr()))?;
    }
    Ok(python)
}

/// Whether all of these modules (`a, b`) can be imported.
pub fn imports(python: &Path, modules: &str) -> bool {
    let import = format!("import {modules}");
    Command::new(python).args(["-c", &import]).output().is_ok_and(|out| out.status.success())
}

/// Wheels of PyTorch without GPU libraries: much smaller than those of PyPI, which serve where this cannot be reached.
const TORCH_CPU: &str = "https://download.pytorch.org/whl/cpu";

/// Installs PyTorch.
pub fn install_torch(python: &Path) -> Result<(), String> {
    install(python, &["--retries", "0", "numpy", "torch", "--index-url", TORCH_CPU])
        .or_else(|_| install(python, &["numpy", "torch"]))
}

/// `pip install` with these arguments.
pub fn install(python: &Path, arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "install", "--quiet"]).args(arguments);
    command.current_dir(shell::root()).stdout(std::io::stderr());
    shell::run(&mut command)
        .map_err(|e| format!("{e}\nhint: the packages come from PyPI, which must be reachable"))
}
