//! Running other programs, visibly.

use std::path::PathBuf;
use std::process::Command;

/// The root of the checkout.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask is a folder of the workspace").to_path_buf()
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A command that starts in the root of the checkout.
///
/// It does not see what cargo tells the xtask about itself: build scripts (ring's) run again, and half of the
/// dependencies with them, whenever such a variable differs from the last build's.
pub fn command(program: &str, args: &[&str]) -> Command {
    let mut c = Command::new(program);
    c.args(args).current_dir(root());
    let of_the_xtask = |name: &str| {
        name == "CARGO" || ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|start| name.starts_with(start))
    };
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter(|name| of_the_xtask(name)).for_each(|name| _ = c.env_remove(name));
    c
}

/// Prints the command, runs it, and turns a failure into an error that names it.
pub fn run(c: &mut Command) -> Result<(), String> {
    let line = std::iter::once(c.get_program())
        .chain(c.get_args())
        .map(|a| a.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ");
    eprintln!("+ {line}");
    match c.status() {
        Ok(s) if s.success() => Ok(()),
        Ok(s) => Err(format!("`{line}` failed ({s})")),
        Err(e) => Err(format!("`{line}` could not be started: {e}")),
    }
}

/// [`run`], giving what the command wrote to stdout.
pub fn output(c: &mut Command) -> Result<String, String> {
    let line = format!("{} {:?}", c.get_program().display(), c.get_args().collect::<Vec<_>>());
    eprintln!("+ {line}");
    let out = c.stderr(std::process::Stdio::inherit()).output();
    let out = out.map_err(|e| format!("`{line}` could not be started: {e}"))?;
    if !out.status.success() {
        return Err(format!("`{line}` failed ({})", out.status));
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// True if a program of that name answers `--version`.
pub fn available(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success())
}
