//! All tests, in the order in which a failure is cheapest to see.

use crate::{contracts as solidity, shell};

/// Contracts first (their binaries are what the chain tests run against), then everything in Rust.
pub fn run(no_contracts: bool) -> Result<(), String> {
    let contracts = !no_contracts && shell::available("npm");
    if contracts {
        solidity::build(true)?;
        solidity::test()?;
    } else if no_contracts {
        eprintln!("contracts: left out as asked");
    } else if std::env::var_os("CI").is_some() {
        return Err("npm is needed to test the contracts".into());
    } else {
        eprintln!("contracts: NOT TESTED, npm was not found (install Node.js, or pass --no-contracts)");
    }
    let mut tests = shell::command("cargo", &["test", "--release", "--workspace"]);
    if contracts {
        // Named, so that a test that wants it fails rather than passes without it.
        tests.env("COREX_ANVIL", shell::root().join("contracts/node_modules/.bin/anvil"));
    }
    shell::run(&mut tests)
}

/// Formatting and lints.
pub fn lint() -> Result<(), String> {
    shell::run(&mut shell::command("cargo", &["fmt", "--all", "--check"]))?;
    let clippy = ["clippy", "--release", "--workspace", "--all-targets", "--", "-D", "warnings"];
    shell::run(&mut shell::command("cargo", &clippy))
}
