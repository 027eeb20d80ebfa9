//! The rules of the house, as tests: layering, purity, true maps, no unfinished code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// From the bottom up: a crate may depend only on crates that stand before it.
const LAYERS: &[&str] = &[
    "corex-num",
    "corex-hlo",
    "corex-engine",
    "corex-models",
    "corex-work",
    "corex-protocol",
    "corex-store",
    "corex-net",
    "corex-chain",
    "corex-node",
    "corex",
];

/// No I/O, no async, no clock, no randomness of their own, no chain SDK.
const PURE: &[&str] =
    &["corex-num", "corex-hlo", "corex-engine", "corex-models", "corex-work", "corex-protocol"];

/// Packages that must not be reachable from a pure crate.
const IMPURE_PACKAGES: &[&str] = &[
    "alloy",
    "alloy-core",
    "alloy-primitives",
    "axum",
    "getrandom",
    "hyper",
    "iroh",
    "mio",
    "rand",
    "redb",
    "reqwest",
    "revm",
    "socket2",
    "tokio",
];

/// What a pure crate's sources (tests aside) must not mention.
const IMPURE_PATHS: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::env::",
    "SystemTime",
    "Instant::now",
    "println!",
    "eprintln!",
];

/// Longer files are split by concept. A ratchet: exceptions are listed with a reason.
const MAX_LINES: usize = 700;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace").to_path_buf()
}

fn stdout(program: &str, args: &[&str]) -> String {
    let out = Command::new(program).args(args).current_dir(root()).output().expect("the program starts");
    assert!(out.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("UTF-8")
}

/// Tracked files, or every file that git would track.
fn files() -> Vec<String> {
    let list = stdout("git", &["ls-files", "--cached", "--others", "--exclude-standard"]);
    list.lines().filter(|f| root().join(f).is_file()).map(str::to_owned).collect()
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// Normal dependencies of each package of the whole graph, by name.
fn graph() -> BTreeMap<String, BTreeSet<String>> {
    let text = stdout(env!("CARGO"), &["metadata", "--format-version", "1", "--locked"]);
    let meta: serde_json::Value = serde_json::from_str(&text).expect("cargo prints JSON");
    let array = |v: &serde_json::Value| v.as_array().expect("a list").clone();
    let name_of: BTreeMap<String, String> = array(&meta["packages"])
        .iter()
        .map(|p| (p["id"].as_str().expect("id").to_owned(), p["name"].as_str().expect("name").to_owned()))
        .collect();
    let mut graph = BTreeMap::<String, BTreeSet<String>>::new();
    for node in array(&meta["resolve"]["nodes"]) {
        let deps = graph.entry(name_of[node["id"].as_str().expect("id")].clone()).or_default();
        for dep in array(&node["deps"]) {
            if array(&dep["dep_kinds"]).iter().any(|k| k["kind"].is_null()) {
                deps.insert(name_of[dep["pkg"].as_str().expect("pkg")].clone());
            }
        }
    }
    graph
}

#[test]
fn crates_use_only_what_stands_below_them() {
    let graph = graph();
    for (at, name) in LAYERS.iter().enumerate() {
        let deps = graph.get(*name).unwrap_or_else(|| panic!("{name} is not in the workspace"));
        for dep in deps {
            if let Some(level) = LAYERS.iter().position(|l| l == dep) {
                assert!(level < at, "{name} must not depend on {dep}: it stands above it");
            }
        }
    }
}

#[test]
fn pure_crates_cannot_reach_the_world() {
    for name in PURE {
        // `cargo metadata` would merge the features that other crates of the workspace ask for.
        let tree = ["tree", "--package", name, "--edges", "normal", "--prefix", "none", "--locked"];
        for line in stdout(env!("CARGO"), &tree).lines() {
            let package = line.split(' ').next().unwrap_or_default();
            assert!(
                !IMPURE_PACKAGES.contains(&package),
                "{name} must not depend on {package}, even indirectly"
            );
        }
        for file in
            files().iter().filter(|f| f.starts_with(&format!("crates/{name}/src/")) && f.ends_with(".rs"))
        {
            let text = read(file);
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (n, line) in code.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
                for path in IMPURE_PATHS {
                    assert!(!line.contains(path), "{file}:{}: `{path}` in a pure crate", n + 1);
                }
            }
        }
    }
}

#[test]
fn paths_named_in_documents_exist() {
    let files = files();
    let mut wrong = Vec::new();
    for doc in files.iter().filter(|f| f.ends_with(".md") && !f.contains("node_modules")) {
        let text = read(doc);
        let folder = Path::new(doc).parent().unwrap_or(Path::new(""));
        let quoted = text.split('`').skip(1).step_by(2).map(str::to_owned);
        let linked = text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()));
        for path in quoted.chain(linked) {
            let path = path.split('#').next().unwrap_or_default().trim_end_matches('/');
            if !looks_like_path(path) {
                continue;
            }
            let exists = [PathBuf::from(path), folder.join(path)].iter().any(|p| root().join(p).exists());
            if !exists {
                wrong.push(format!("{doc} names {path}, which is not here"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A relative path of this repository: has a slash, plain characters, and starts in a folder of the root.
fn looks_like_path(s: &str) -> bool {
    let plain = s.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
    let Some((first, _)) = s.split_once('/') else { return false };
    let tops =
        ["crates", "contracts", "vectors", "api", "docs", "profiles", "xtask", "fuzz", "examples", ".ci"];
    plain && tops.contains(&first)
}

#[test]
fn nothing_unfinished_and_no_giant_files() {
    let (todo, unimplemented) = (["todo", "!("].concat(), ["unimplemented", "!("].concat());
    for file in files() {
        let limit = [".rs", ".sol", ".ts", ".py"].iter().any(|e| file.ends_with(e));
        if !limit {
            continue;
        }
        let text = read(&file);
        assert!(
            text.lines().count() <= MAX_LINES,
            "{file} has more than {MAX_LINES} lines: split it by concept"
        );
        for word in [&todo, &unimplemented] {
            assert!(!text.contains(word.as_str()), "{file} holds {word}…)");
        }
    }
}
