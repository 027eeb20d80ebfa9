//! The acceptance test of the main job: **the final model is the same, bit for bit**, whatever the number of nodes and
//! threads, the instruction set, cheats, kills and resumes.

mod common;

use common::{Place, Running, hash, json, parse};
use serde_json::Value;
use std::sync::OnceLock;

/// The honest run that every other run is compared with.
fn honest() -> &'static (Place, Value) {
    static HONEST: OnceLock<(Place, Value)> = OnceLock::new();
    HONEST.get_or_init(|| {
        let place = Place::new();
        let summary = json(&mut place.train("out", &[]));
        (place, summary)
    })
}

fn assert_same_model(summary: &Value) {
    assert_eq!(hash(summary), hash(&honest().1), "another model came out: {summary}");
}

#[test]
fn an_honest_run_learns_is_audited_and_pays() {
    let _turn = common::turn();
    let s = &honest().1;
    let number = |key: &str| s[key].as_f64().unwrap_or_else(|| panic!("{key} is a number: {s}"));
    assert!(number("loss_last") < 0.8 * number("loss_first"), "{s}");
    assert!(number("heldout_last") < 0.8 * number("heldout_first"), "{s}");
    assert!(number("audits") > 0.0 && number("audits_failed") == 0.0 && number("slashed") == 0.0, "{s}");
    assert_eq!(s["disputes"].as_array().map(Vec::len), Some(0), "{s}");
    assert!(number("refunded") > 0.0 && number("tokens_per_s") > 0.0, "{s}");
    // The honest run is on cX: providers and verifiers are paid, fees are taken; the base fee, which is most of them, is burned
    // whole, and four fifths of the percentage.
    assert!(number("paid_from_escrow") > number("paid_for_audits") && number("paid_for_audits") > 0.0, "{s}");
    assert!(number("fees") > number("burned") && number("burned") > 0.9 * number("fees"), "{s}");
}

/// The other four networks. What a task is has nothing to do with who pays for it.
#[test]
fn every_profile_trains_the_same_model() {
    let _turn = common::turn();
    let place = Place::new();
    for (profile, symbol) in [("cai", "cAI"), ("cxt", "CXT"), ("aic", "AIC"), ("coai", "USDX")] {
        let summary = json(&mut place.train(profile, &["--profile", profile]));
        assert_same_model(&summary);
        assert_eq!(summary["symbol"], symbol);
        let number = |key: &str| summary[key].as_f64().unwrap_or_else(|| panic!("{key}: {summary}"));
        assert!(number("paid_from_escrow") > 0.0 && number("paid_for_audits") > 0.0, "{summary}");
        assert!(number("fees") > 0.0 && (number("burned") > 0.0) == (profile != "coai"), "{summary}");
    }
}

#[test]
fn nodes_and_threads_do_not_matter() {
    let _turn = common::turn();
    let place = Place::new();
    assert_same_model(&json(&mut place.train("one", &["--nodes", "1", "--threads", "3"])));
    assert_same_model(&json(&mut place.train("five", &["--nodes", "5"])));
}

#[test]
fn instruction_sets_do_not_matter() {
    let _turn = common::turn();
    let place = Place::new();
    for isa in corex_node::Isa::available() {
        let mut run = place.train(isa.name(), &["--nodes", "2"]);
        assert_same_model(&json(run.env("COREX_ISA", isa.name())));
    }
}

fn cheater_is_caught(kind: &str) {
    let _turn = common::turn();
    let place = Place::new();
    let run = Running::start(place.train("out", &["--cheat", kind]));
    let out = run.finish();
    let summary = parse(&out);
    let talk = String::from_utf8_lossy(&out.stderr);
    assert!(talk.contains("CAUGHT: provider-3"), "{talk}");
    assert!(summary["audits_failed"].as_u64() > Some(0), "{summary}");
    assert!(summary["slashed"].as_f64() > Some(0.0), "{summary}");
    // It defends its lie to the end: the game goes down to one operation that does not give what it claims.
    let disputes = summary["disputes"].as_array().expect("a list");
    let is_shown = |d: &Value| {
        let ended = d["ended"].as_str().unwrap_or_default();
        d["ruling"] == "Guilty"
            && ended.contains("is wrong at element")
            && ended.contains("is right")
            && d["moves"].as_u64() > Some(5)
            && d["gas_accused"].as_u64() > Some(0)
            && d["gas_challenger"].as_u64() > Some(0)
    };
    assert!(disputes.iter().any(is_shown), "{summary}\n{talk}");
    assert_same_model(&summary);
}

#[test]
fn a_lazy_provider_is_caught() {
    cheater_is_caught("lazy");
}

#[test]
fn a_corrupting_provider_is_caught() {
    cheater_is_caught("corrupt");
}

#[test]
fn a_copying_provider_is_caught() {
    cheater_is_caught("copy");
}

/// Both sides are killed in the middle of a game: the accused has noted what it signed, the challenger finds the task in the
/// claim, and both find their game on the chain.
#[cfg(target_os = "linux")]
#[test]
fn players_that_are_killed_go_on() {
    let _turn = common::turn();
    let place = Place::new();
    let mut run = Running::start(place.train("out", &["--cheat", "corrupt"]));
    run.wait_for("dispute 1:");
    for player in ["verifier-1", "verifier-2", "provider-3"] {
        place.processes(&["corex", "node", player]).into_iter().for_each(common::kill);
    }
    let summary = parse(&run.finish());
    let convicted = |d: &Value| d["ruling"] == "Guilty" && d["moves"].as_u64() > Some(5);
    assert!(summary["disputes"].as_array().expect("a list").iter().any(convicted), "{summary}");
    assert_same_model(&summary);
}

/// It is started again by its supervisor, at another port, and serves what its first life made.
#[cfg(target_os = "linux")]
#[test]
fn a_killed_provider_does_not_matter() {
    let _turn = common::turn();
    let place = Place::new();
    let mut run = Running::start(place.train("out", &[]));
    for step in [4, 8] {
        run.wait_for(&format!("held-out loss after {step} steps"));
        let victims = place.processes(&["corex", "node", "provider-2"]);
        assert!(!victims.is_empty(), "provider-2 runs");
        victims.into_iter().for_each(common::kill);
    }
    assert_same_model(&parse(&run.finish()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_coordinator_is_resumed() {
    let _turn = common::turn();
    let place = Place::new();
    let mut run = Running::start(place.train("out", &[]));
    run.wait_for("held-out loss after 8 steps");
    common::kill(run.child.id());
    run.finish();
    // Its nodes end with it; until then they hold the locks on their folders.
    assert_same_model(&json(&mut place.corex(&["train", "--resume", "out", "--json"])));
}

/// A job that names other lowered programs than its programs lower to would be disputed about something else than what is
/// computed: no node works for it.
#[test]
fn a_job_that_names_other_programs_is_refused() {
    let _turn = common::turn();
    let place = Place::new();
    // Everything is written before the chain is asked.
    let key = "01".repeat(32);
    let unreachable = ["--rpc", "http://127.0.0.1:1", "--key", &key];
    assert!(!place.train("out", &unreachable).output().expect("it runs").status.success());
    let file = place.path("out/job.json");
    let text = std::fs::read_to_string(&file).expect("the job is there");
    let mut job: Value = serde_json::from_str(&text).expect("JSON");
    job["network"]["Own"]["chain"] = serde_json::json!({ "Embedded": { "rpc_port": 0 } });
    job["programs"][0]["lowered"] = format!("0x{key}").into();
    std::fs::write(&file, job.to_string()).expect("written");
    let mut run = Running::start(place.corex(&["train", "--resume", "out"]));
    let said = run.wait_for("provider-1 refuses the job");
    assert!(said.contains("lowers to") && said.contains(&key), "{said}");
    common::kill(run.child.id());
    run.finish();
}

#[test]
fn the_same_commands_run_against_anvil() {
    let _turn = common::turn();
    let Some(anvil) = common::anvil() else {
        assert!(std::env::var_os("CI").is_none(), "CI must install anvil (npm ci in contracts)");
        eprintln!("not tested: anvil was not found");
        return;
    };
    let chain = common::Anvil::start(&anvil);
    let place = Place::new();
    // The first of the well-known accounts that every anvil funds.
    let key = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
    let out = place.train("out", &["--rpc", &chain.url, "--key", key]).output().expect("the program starts");
    drop(chain);
    assert_same_model(&parse(&out));
}

#[test]
fn the_lineage_holds_and_a_forged_one_does_not() {
    let _turn = common::turn();
    let (place, summary) = honest();
    let full = json(&mut place.corex(&["verify", "out", "--json"]));
    assert_eq!((full["ok"].as_bool(), full["executed"].as_u64()), (Some(true), full["tasks"].as_u64()));
    assert_eq!(hash(&full), hash(summary));
    let part = json(&mut place.corex(&["verify", "out", "--json", "--sample", "0.2", "--seed", "1"]));
    assert!(part["executed"].as_u64() < full["tasks"].as_u64(), "{part}");

    // A copy whose model differs in one bit, and one whose lineage names another node's outputs.
    let copy = |name: &str| {
        let to = place.path(name);
        let from = place.path("out");
        let status =
            std::process::Command::new("cp").arg("-r").arg(from).arg(&to).status().expect("cp exists");
        assert!(status.success());
        to
    };
    let refused = |dir: &str, named: &str| {
        let out = place.corex(&["verify", dir]).output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!out.status.success() && stderr.contains(named), "{dir}: {} {stderr}", out.status);
    };
    let model = copy("bitflip").join("model.safetensors");
    let mut bytes = std::fs::read(&model).expect("there");
    *bytes.last_mut().expect("not empty") ^= 1;
    std::fs::write(&model, bytes).expect("written");
    refused("bitflip", "model.safetensors");

    let path = copy("forged").join("lineage.json");
    let mut lineage: Value = serde_json::from_slice(&std::fs::read(&path).expect("there")).expect("JSON");
    let outputs = lineage["tasks"][3]["receipt"]["receipt"]["outputs"].clone();
    lineage["tasks"][4]["receipt"]["receipt"]["outputs"] = outputs;
    std::fs::write(&path, lineage.to_string()).expect("written");
    refused("forged", "forged or damaged");
}

#[test]
fn the_model_generates_the_same_text_twice() {
    let _turn = common::turn();
    let (place, _) = honest();
    let generate = |extra: &[&str]| {
        let base = ["generate", "--checkpoint", "out", "--prompt", "the ", "--length", "40"];
        let out = place.corex(&[&base[..], extra].concat()).output().expect("the program starts");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        out.stdout
    };
    let text = generate(&[]);
    assert_eq!(text, generate(&[]));
    assert!(text.starts_with(b"the ") && text.len() == 4 + 40 + 1, "{text:?}");
    assert_ne!(text, generate(&["--seed", "1"]));
}

#[test]
fn a_second_terminal_adds_a_provider_to_a_running_network() {
    let _turn = common::turn();
    let place = Place::new();
    let mut up = Running::start(place.corex(&["up", "--dir", "net", "--nodes", "1", "--verifiers", "2"]));
    up.wait_for("running; Ctrl-C stops it");
    let mut guest = place.corex(&["node", "--join", "net", "--name", "guest", "--dir", "guest", "--owned"]);
    guest.stdin(std::process::Stdio::piped());
    let mut guest = Running::start(guest);
    guest.wait_for("registered and staked");
    let mut run = Running::start(place.train("out", &["--network", "net"]));
    run.wait_for("provider guest joined");
    let talk = run.finish();
    let summary = parse(&talk);
    assert_same_model(&summary);
    let status = json(&mut place.corex(&["status", "--network", "net", "--json"]));
    let worked = |n: &Value| n["role"] == "provider" && n["verified_units"].as_u64() > Some(0);
    let workers = status["nodes"].as_array().expect("a list").iter().filter(|n| worked(n)).count();
    assert_eq!(workers, 2, "both providers were paid: {status}");
    drop(guest.child.stdin.take());
    guest.finish();
    let stopped = std::process::Command::new("kill").arg(up.child.id().to_string()).status();
    assert!(stopped.expect("kill exists").success());
    up.finish();
}
