//! The contracts: build them, keep `api/` equal to what they compile to, test them.
//!
//! `api/<Contract>.json` holds what other languages need of a contract, its ABI and its creation bytecode, and is
//! checked in, so that building the Rust side needs neither Node.js nor a Solidity compiler. Forge's own artifacts
//! also hold build paths and source ids, which differ from machine to machine; the extract does not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use crate::shell::{available, command, root, run, target};

/// The contracts that a network may have (`crates/corex-chain/src/contracts/deploy/parts.rs`), those that these create, and those that
/// users deploy for themselves.
const CONTRACTS: [&str; 35] = [
    "ComputeToken",
    "NodeRegistry",
    "StakeVault",
    "Delegation",
    "Weights",
    "FeeSplitter",
    "InsurancePool",
    "Credentials",
    "JobEscrow",
    "MiningPool",
    "VoteArbiter",
    "Transcendental",
    "Arithmetic",
    "Blake3",
    "BlobTree",
    "Referee",
    "Evidence",
    "DisputeGame",
    "Settlement",
    "Market",
    "UpgradeableMarket",
    "MarketProxy",
    "FeeBurner",
    "Committee",
    "Timelock",
    "VotingPower",
    "Stages",
    "NetworkGovernor",
    "Guard",
    "EcosystemFund",
    "GovernanceGenesis",
    "TokenSale",
    "Allocation",
    "Vesting",
    "SpendingAccount",
];

/// Compiles the contracts and writes their extracts to `api/`; with `check`, fails instead if one differs, is missing
/// or belongs to no contract. Installs the compiler from `contracts/package-lock.json` first where that is not done.
///
/// Our own sources are compiled without the tests, so that warnings in them are errors and not lost among those of
/// the test library.
///
/// # Errors
/// What went wrong, for a person: a missing tool, a failed build, drift.
pub fn build(check: bool) -> Result<(), String> {
    let home = installed()?;
    run(&mut forge(&home, &["build", "src"])?)?;
    if check {
        run(&mut forge(&home, &["fmt", "--check"])?)?;
    }

    let api = root().join("api");
    let mut drifted = Vec::new();
    for contract in CONTRACTS {
        let extract = extract(&home, contract)?;
        let path = api.join(format!("{contract}.json"));
        let found = fs::read_to_string(&path).unwrap_or_default();
        if found == extract {
            continue;
        }
        if check {
            drifted.push(format!("api/{contract}.json is not what the sources compile to"));
        } else {
            write(&path, &extract)?;
        }
    }
    drifted.extend(strangers(&api)?);
    if drifted.is_empty() {
        return Ok(());
    }
    Err(format!("{}\nhint: `cargo xtask contracts` writes api/ anew", drifted.join("\n")))
}

/// Tests that have a process to themselves: among the others Forge 1.7.1 overflows a thread's stack, wherever their calls lead.
const ALONE: &str = "test/ImmutableEverywhere.t.sol";

/// Runs the contracts' tests: unit, fuzz, invariants, the golden vectors shared with Rust, and random cases of arithmetic
/// that the Rust reference computes first. Their seed is another one every time; the example prints it and takes it.
///
/// # Errors
/// A missing tool or a failed test, for a person.
pub fn test() -> Result<(), String> {
    let home = installed()?;
    let out = home.join("out");
    fs::create_dir_all(&out).map_err(|error| format!("cannot make {}: {error}", out.display()))?;
    let cases = out.join("referee-cases.bin");
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    // Not `-p corex-engine`: with the features of the whole workspace, what the Rust tests need is built here already.
    run(&mut command("cargo", &["build", "--release", "--workspace", "--example", "referee_cases"]))?;
    let example = target().join("release/examples/referee_cases");
    run(Command::new(example).arg(&cases).arg(seed.to_string()))?;
    // Forge lets tests read this folder by its relative name.
    for choice in ["--no-match-path", "--match-path"] {
        let mut forge = forge(&home, &["test", choice, ALONE])?;
        run(forge.env("COREX_REFEREE_CASES", "out/referee-cases.bin"))?;
    }
    Ok(())
}

/// The folder of the contracts, with its npm packages as the lock file says.
pub fn installed() -> Result<PathBuf, String> {
    let home = root().join("contracts");
    // npm keeps a copy of the lock file it installed from. Older than ours: the packages are those of another lock.
    let stamp = |path: &str| fs::metadata(home.join(path)).and_then(|meta| meta.modified()).ok();
    let (wanted, found) = (stamp("package-lock.json"), stamp("node_modules/.package-lock.json"));
    if found.is_none() || found < wanted {
        if !available("npm") {
            return Err("npm is missing\nhint: the contracts need Node.js 20 or newer".into());
        }
        // No scripts: the packages are binaries and sources, and nothing of them may run while they are unpacked.
        // Not `npm ci`: it insists on the packages of every other platform, which not every registry has. `install`
        // takes the versions and hashes of the lock file too, and --no-save leaves that file alone.
        let arguments = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
        run(Command::new("npm").args(arguments).current_dir(&home))?;
    }
    Ok(home)
}

/// Forge itself. Not npm's launcher of it (`node_modules/.bin/forge`), which ends with success whatever forge ends with, so that no
/// failed test would be noticed.
fn forge(home: &Path, arguments: &[&str]) -> Result<Command, String> {
    let packages = home.join("node_modules/@foundry-rs");
    let listed = fs::read_dir(&packages).map_err(|error| format!("{}: {error}", packages.display()))?;
    let binary = format!("bin/forge{}", std::env::consts::EXE_SUFFIX);
    let mut platforms =
        listed.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("forge-"));
    let found = platforms.find_map(|entry| Some(entry.path().join(&binary)).filter(|path| path.exists()));
    let found = found.ok_or_else(|| format!("{} has no forge for this machine", packages.display()))?;
    let mut command = Command::new(found);
    command.args(arguments).current_dir(home);
    Ok(command)
}

/// The text of `api/<contract>.json`.
fn extract(home: &Path, contract: &str) -> Result<String, String> {
    let path = home.join(format!("out/{contract}.sol/{contract}.json"));
    let text =
        fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let artifact: Value =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;

    let field = |pointer: &str| {
        let found = artifact.pointer(pointer).cloned();
        found.ok_or_else(|| format!("{} has no {pointer}", path.display()))
    };
    // A build of single tests leaves what it compiles for itself, without the optimiser, under the same name.
    if field("/metadata/settings/optimizer/enabled")? != Value::Bool(true) {
        return Err(format!(
            "{contract} was compiled for tests only\nhint: remove contracts/out and contracts/cache"
        ));
    }
    if field("/bytecode/linkReferences")?.as_object().is_none_or(|links| !links.is_empty()) {
        return Err(format!("{contract} needs linking, which deployment does not do"));
    }
    let mut extract = Map::new();
    extract.insert("abi".into(), sorted(field("/abi")?));
    extract.insert("bytecode".into(), field("/bytecode/object")?);
    extract.insert("contractName".into(), contract.into());
    extract.insert(
        "immutables".into(),
        immutables(&field("/deployedBytecode/immutableReferences").unwrap_or_default())?,
    );
    let text = serde_json::to_string_pretty(&Value::Object(extract)).map_err(|error| error.to_string())?;
    Ok(text + "\n")
}

/// Where constructors write immutables into the deployed code, which is otherwise a part of the creation bytecode: start and
/// length of each place, ascending.
fn immutables(references: &Value) -> Result<Value, String> {
    let places = references.as_object().into_iter().flatten().flat_map(|(_, places)| places.as_array());
    let place = |place: &Value| {
        let number = |key: &str| place[key].as_u64().ok_or("an immutable has no place");
        Ok::<_, &str>((number("start")?, number("length")?))
    };
    let mut found = places.flatten().map(place).collect::<Result<Vec<_>, _>>()?;
    found.sort_unstable();
    Ok(serde_json::json!(found))
}

/// `value` with the keys of every object in order, whatever order the JSON library keeps.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.into_iter().collect();
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(entries.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(array) => Value::Array(array.into_iter().map(sorted).collect()),
        other => other,
    }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Complaints about files in `api/` named like an extract that belong to none of our contracts.
fn strangers(api: &Path) -> Result<Vec<String>, String> {
    let ours: BTreeSet<String> = CONTRACTS.iter().map(|contract| format!("{contract}.json")).collect();
    let entries = fs::read_dir(api).map_err(|error| format!("cannot read {}: {error}", api.display()))?;
    let mut complaints = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| error.to_string())?.file_name();
        let name = name.to_string_lossy();
        // Contract names are capitalised; other interfaces (OpenAPI) are not.
        if name.ends_with(".json") && name.starts_with(char::is_uppercase) && !ours.contains(name.as_ref()) {
            complaints.push(format!("api/{name} belongs to no contract"));
        }
    }
    complaints.sort();
    Ok(complaints)
}
