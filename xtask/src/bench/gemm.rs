//! `cargo xtask bench gemm`: the matrix product against OpenBLAS and the `gemm` crate.
//!
//! The measurement is the package `xtask/bench-gemm`, outside the workspace so that nobody else builds the peers.

use std::path::Path;

use crate::shell;

/// The soname: the dynamic linker finds it wherever the distribution puts it.
const OPENBLAS: &str = "libopenblas.so.0";
/// Where Debian and Ubuntu put it, by architecture.
const DEBIAN: [&str; 2] =
    ["/usr/lib/x86_64-linux-gnu/libopenblas.so.0", "/usr/lib/aarch64-linux-gnu/libopenblas.so.0"];

/// Builds and runs the benchmark; with `json`, one JSON object on stdout has `geomean_vs_best` (the geometric mean
/// over shapes of our speed divided by the faster peer's) and `worst_vs_best`.
///
/// # Errors
/// If OpenBLAS is neither there nor installable with apt-get, or the benchmark fails.
pub fn run(json: bool) -> Result<(), String> {
    let result = measure(None)?;
    if json {
        println!("{result}");
    }
    Ok(())
}

/// The JSON object of [`run`]; with MKL, given by the path of its library, it also has `geomean_vs_mkl`.
///
/// # Errors
/// As [`run`].
pub fn measure(mkl: Option<&Path>) -> Result<serde_json::Value, String> {
    if !openblas_present() {
        shell::run(&mut apt(&["update"]))
            .and_then(|()| {
                shell::run(&mut apt(&["install", "-y", "--no-install-recommends", "libopenblas0-pthread"]))
            })
            .map_err(|e| format!("{e}\nhint: install OpenBLAS so that {OPENBLAS} can be loaded"))?;
    }
    let manifest = "xtask/bench-gemm/Cargo.toml";
    let target = ["--target-dir", "target/bench-gemm"];
    let args = ["run", "--release", "--quiet", "--manifest-path", manifest, target[0], target[1], "--"];
    let mut command = shell::command("cargo", &args);
    command.args(["--json", OPENBLAS]).args(mkl);
    command.env("OPENBLAS_NUM_THREADS", "1").env("MKL_THREADING_LAYER", "SEQUENTIAL");
    let output = shell::output(&mut command)?;
    serde_json::from_str(output.trim()).map_err(|e| format!("bench-gemm answered {output:?}: {e}"))
}

/// Whether the linker's cache or a usual folder has OpenBLAS.
fn openblas_present() -> bool {
    let cached = std::process::Command::new("ldconfig")
        .arg("-p")
        .output()
        .is_ok_and(|o| String::from_utf8_lossy(&o.stdout).contains(OPENBLAS));
    cached || DEBIAN.iter().any(|path| Path::new(path).exists())
}

/// apt-get, whose chatter must not mix with the result on stdout.
fn apt(args: &[&str]) -> std::process::Command {
    let mut command = shell::command("apt-get", args);
    command.env("DEBIAN_FRONTEND", "noninteractive").stdout(std::io::stderr());
    command
}
