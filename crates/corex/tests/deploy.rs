//! `corex deploy` as a person runs it: planned, interrupted, gone on with, checked by somebody who trusts nobody.

mod common;

use common::{Anvil, Place, anvil, kill};
use serde_json::Value;
use std::process::{Output, Stdio};
use std::time::Duration;

/// The first account of every anvil.
const RICH: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

const ACCOUNTS: &str = r#"
allow_list = "0x6060606060606060606060606060606060606060606060606060606060606060"
[security]
members = ["0x0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", "0x0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "0x0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c"]
threshold = 2
[named]
team = "0x1111111111111111111111111111111111111111"
advisors = "0x1212121212121212121212121212121212121212"
reserve = "0x1313131313131313131313131313131313131313"
marketing = "0x1414141414141414141414141414141414141414"
treasury = "0x1515151515151515151515151515151515151515"
"#;

fn run(place: &Place, args: &[&str]) -> Output {
    place.corex(&[&["deploy"], args].concat()).output().expect("the program starts")
}

/// Must end with this exit code and say all of this.
fn fails(place: &Place, args: &[&str], code: i32, says: &[&str]) {
    let out = run(place, args);
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert_eq!(out.status.code(), Some(code), "{args:?}: {said}");
    for word in says {
        assert!(said.contains(word), "{args:?} does not say {word:?}: {said}");
    }
}

fn kept(report: &Value) -> usize {
    let promises = report["promises"].as_array().expect("promises");
    assert!(promises.iter().all(|promise| promise["broken"].is_null()), "{promises:#?}");
    promises.len()
}

#[test]
fn a_network_on_an_embedded_chain() {
    let place = Place::new();
    // Nothing is made for what cannot be.
    fails(&place, &["--profile", "nope", "--dir", "a"], 1, &["'nope'", "cai, cx"]);
    fails(&place, &["--profile", "cx", "--dir", "a", "--accounts", "none.toml"], 1, &["none.toml"]);
    fails(&place, &["--check", "--dir", "a"], 1, &["there is no address book", "hint:"]);
    assert!(!place.path("a").exists());

    let plan =
        common::json(&mut place.corex(&["deploy", "--profile", "cai", "--dir", "a", "--dry-run", "--json"]));
    assert!(!place.path("a/deployment.json").exists(), "a plan is not carried out");
    let made = common::json(&mut place.corex(&["deploy", "--profile", "cai", "--dir", "a", "--json"]));
    assert_eq!(made["book"]["contracts"], plan["book"]["contracts"], "where the plan said");
    let created = made["created"].as_array().expect("what was created").len();
    assert!(created > 15, "{created}");
    let promises = kept(&made);

    let again = common::json(&mut place.corex(&["deploy", "--profile", "cai", "--dir", "a", "--json"]));
    assert_eq!(again["created"], serde_json::json!([]));
    let checked = common::json(&mut place.corex(&["deploy", "--check", "--dir", "a", "--json"]));
    assert_eq!(kept(&checked), promises);
    fails(&place, &["--profile", "cx", "--dir", "a"], 1, &["of profile cai, not cx", "--dir"]);

    // A book that lies is found out.
    let book = std::fs::read_to_string(place.path("a/deployment.json")).expect("the address book");
    let mut lie: Value = serde_json::from_str(&book).expect("JSON");
    lie["profile"]["token"]["symbol"] = "cAl".into();
    std::fs::write(place.path("a/deployment.json"), lie.to_string()).expect("written");
    fails(&place, &["--check", "--dir", "a"], 3, &["BROKEN", "token.symbol is \"cAl\"", "symbol was"]);
    fails(&place, &["--profile", "cai", "--dir", "a"], 1, &["with other parameters: token.symbol", "hint:"]);

    // A profile of one's own needs a name of its own.
    let cx = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../profiles/cx.toml"));
    let own = cx.expect("the profile").replace("executive_delay = 172800", "executive_delay = 0");
    std::fs::write(place.path("own.toml"), &own).expect("written");
    let args = ["--profile", "own.toml", "--dir", "b"];
    fails(&place, &args, 1, &["calls itself cx", "governance.executive_delay is 0", "hint:"]);
    std::fs::write(place.path("own.toml"), own.replace("name = \"cx\"", "name = \"mine\"")).expect("written");
    let out = run(&place, &args);
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success() && said.contains("profile mine is this network's own"), "{said}");
}

#[test]
fn a_network_on_somebody_elses_chain() {
    let Some(binary) = anvil() else { return println!("no anvil: not run") };
    let (place, chain) = (Place::new(), Anvil::start(&binary));
    std::fs::write(place.path("accounts.toml"), ACCOUNTS).expect("written");
    let deploy = ["--profile", "aic", "--rpc", &chain.url, "--key", RICH, "--accounts", "accounts.toml"];
    let deploy = [&deploy[..], &["--dir", "net", "--json"]].concat();

    // Killed at some moments, each later than the one before.
    for moment in [400, 700, 1_000] {
        let mut command = place.corex(&[&["deploy"], &deploy[..]].concat());
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        std::thread::sleep(Duration::from_millis(moment));
        if child.try_wait().expect("it can be asked").is_none() {
            kill(child.id());
        }
        child.wait().expect("it ends");
    }
    let other = ACCOUNTS.replace("threshold = 2", "threshold = 3");
    std::fs::write(place.path("other.toml"), other).expect("written");
    if place.path("net/deployment.json").exists() {
        let args: Vec<&str> =
            deploy.iter().map(|arg| if *arg == "accounts.toml" { "other.toml" } else { arg }).collect();
        fails(&place, &args, 1, &["with other accounts", "hint:"]);
    }
    let made = common::parse(&run(&place, &deploy));
    assert_eq!(made["book"]["accounts"]["security"]["threshold"], 2);
    let promises = kept(&made);

    fails(&place, &["--check", "--dir", "net"], 1, &["on chain 31337", "--rpc"]);
    let check = ["--check", "--dir", "net", "--rpc", &chain.url, "--json"];
    assert_eq!(kept(&common::parse(&run(&place, &check))), promises);
    // Who sits in a committee is told by nobody but the transaction that made it.
    let path = place.path("net/deployment.json");
    let book = std::fs::read_to_string(&path).expect("the address book");
    let mut lie: Value = serde_json::from_str(&book).expect("JSON");
    lie["accounts"]["security"]["members"][2] = "0x0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d".into();
    std::fs::write(&path, lie.to_string()).expect("written");
    fails(&place, &check, 3, &["security was created as the profile says"]);
}
