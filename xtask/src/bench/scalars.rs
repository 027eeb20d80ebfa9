//! `cargo xtask bench scalars`: the proof that no function of one number is off by more than 2 ulp, anywhere.
//!
//! The measurement is an example of corex-num, next to the tests whose truth it shares.

use crate::shell;

/// Builds and runs the measurement; with `json`, one JSON object on stdout has `max_ulp` over all functions and per
/// function `max_ulp`, `at` (an operand with that error) and `hash` (of all operands with their results).
///
/// # Errors
/// If a function is off by more than 2 ulp where the law promises that, if two paths differ, or if the package does
/// not build.
pub fn run(json: bool, others_every: u32, functions: &[String]) -> Result<(), String> {
    let every = others_every.to_string();
    let mut args = vec![
        "run",
        "--release",
        "--quiet",
        "-p",
        "corex-num",
        "--example",
        "scalars",
        "--",
        "--others-every",
        &every,
    ];
    if json {
        args.push("--json");
    }
    args.extend(functions.iter().map(String::as_str));
    shell::run(&mut shell::command("cargo", &args))
}
