//! Bad input gets an error that names it and says what to do, and changes nothing.

mod common;

use common::Place;
use std::io::{Read, Write};
use std::net::TcpListener;

/// Runs the program; it must fail with exit code `code` and say every word of `says`.
fn check(place: &Place, args: &[&str], code: i32, says: &[&str]) {
    let out = place.corex(args).output().expect("the program starts");
    let stderr = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(code), "{args:?}: {stderr}");
    for word in says {
        assert!(stderr.contains(word), "{args:?} does not say {word:?}: {stderr}");
    }
    assert!(!stderr.contains("panicked"), "{args:?}: {stderr}");
}

/// With `--json`, machines read what went wrong where they read what went right.
#[test]
fn failures_are_json_too() {
    let place = Place::new();
    let out = place.corex(&["train", "--resume", "nowhere", "--json"]).output().expect("the program starts");
    assert_eq!(out.status.code(), Some(1));
    let said: serde_json::Value = serde_json::from_slice(&out.stdout).expect("one object on stdout");
    let error = said["error"].as_str().expect("what went wrong");
    assert!(error.contains("holds no job"), "{said}");
    assert!(String::from_utf8_lossy(&out.stderr).contains(error), "people are told as well");
    let plain = place.corex(&["train", "--resume", "nowhere"]).output().expect("the program starts");
    assert!(plain.stdout.is_empty(), "only where it was asked for");
}

#[test]
fn bad_data() {
    let place = Place::new();
    let write = |name: &str, bytes: &[u8]| std::fs::write(place.path(name), bytes).expect("written");
    write("empty", b"");
    write("binary", b"\xff\xfe\0");
    write("tiny", b"too little text");
    let train = |data: &str, says: &[&str]| {
        check(&place, &["train", "--preset", "tiny", "--out", "o", "--data", data], 1, says);
        assert!(!place.path("o").exists(), "{data}: nothing was begun");
    };
    train("missing", &["missing", "error:"]);
    train("empty", &["empty", "hint:"]);
    train("binary", &["binary", "not text", "hint:"]);
    train("tiny", &["too few", "hint:"]);
    check(&place, &["train", "--preset", "tiny"], 1, &["--data", "git checkout"]);
}

#[test]
fn absurd_sizes() {
    let place = Place::new();
    let train = |extra: &[&str], code: i32, says: &[&str]| {
        check(&place, &[&["train", "--data", "corpus.txt", "--out", "o"], extra].concat(), code, says);
        assert!(!place.path("o").exists(), "{extra:?}: nothing was begun");
    };
    train(&["--steps", "0"], 1, &["--steps 0", "hint:"]);
    train(&["--steps", "99999999999"], 1, &["absurd", "hint:"]);
    train(&["--nodes", "0"], 1, &["0 providers", "hint:"]);
    train(&["--threads", "0"], 1, &["--threads", "hint:"]);
    train(&["--nodes", "1", "--cheat", "lazy"], 1, &["honest provider", "hint:"]);
    train(&["--preset", "huge"], 2, &["huge", "nano"]);
    train(&["--rpc", "http://127.0.0.1:1"], 2, &["--key"]);
}

#[test]
fn places_that_cannot_hold_a_job() {
    let place = Place::new();
    let out = |dir: &str, says: &[&str]| {
        let args = ["train", "--preset", "tiny", "--steps", "1", "--data", "corpus.txt", "--out", dir];
        check(&place, &args, 1, says);
    };
    std::fs::create_dir(place.path("full")).expect("made");
    std::fs::write(place.path("full/precious"), b"x").expect("written");
    out("full", &["full", "not empty", "hint:"]);
    assert_eq!(std::fs::read(place.path("full/precious")).expect("still there"), b"x");
    std::fs::create_dir(place.path("other")).expect("made");
    std::fs::write(place.path("other/job.json"), b"{}").expect("written");
    out("other", &["other", "another job", "--resume"]);
    out("corpus.txt", &["corpus.txt"]);
    check(&place, &["train", "--resume", "nowhere"], 1, &["nowhere", "holds no job"]);
    check(&place, &["train", "--resume", "other"], 1, &["job.json", "damaged"]);
}

#[test]
fn chains_and_networks_that_are_not_there() {
    let place = Place::new();
    let key = "11".repeat(32);
    let base = ["train", "--preset", "tiny", "--data", "corpus.txt"];
    let rpc = |url: &str, says: &[&str]| {
        check(&place, &[&base[..], &["--out", "o1", "--rpc", url, "--key", &key]].concat(), 1, says);
        let _ = std::fs::remove_dir_all(place.path("o1"));
    };
    rpc("http://127.0.0.1:1", &["127.0.0.1:1"]);
    rpc("nonsense", &["nonsense"]);
    check(
        &place,
        &[&base[..], &["--out", "o2", "--rpc", "http://127.0.0.1:1", "--key", "abc"]].concat(),
        1,
        &["--key"],
    );
    rpc(&chain_of_id_1(), &["chain 1 ", "not a development chain", "hint:"]);
    check(&place, &["status"], 1, &["no network", "hint:"]);
    check(&place, &["status", "--network", "nowhere"], 1, &["nowhere", "hint:"]);
    check(&place, &["node", "--join", "zz@127.0.0.1:1"], 1, &["zz@127.0.0.1:1", "64 hex digits"]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    check(&place, &[&base[..], &["--out", "o3", "--rpc-port", &port]].concat(), 1, &[&port]);
}

/// The URL of an RPC endpoint that says whose chain it is, whatever it is asked.
fn chain_of_id_1() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            // The request's JSON is its end, and has no nested objects.
            while !request.ends_with(b"}") {
                match stream.read(&mut buffer) {
                    Ok(n @ 1..) => request.extend_from_slice(&buffer[..n]),
                    _ => break,
                }
            }
            let body = r#"{"jsonrpc":"2.0","id":0,"result":"0x1"}"#;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
            let _ = write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        }
    });
    url
}

#[test]
fn results_that_are_none() {
    let place = Place::new();
    std::fs::create_dir(place.path("empty")).expect("made");
    check(&place, &["verify", "empty"], 1, &["lineage.json", "hint:"]);
    check(&place, &["verify", "empty", "--sample", "2"], 1, &["--sample 2", "hint:"]);
    check(&place, &["generate", "--checkpoint", "empty"], 1, &["config.json"]);
    check(&place, &["generate", "--checkpoint", "empty", "--prompt", ""], 1, &["prompt"]);
    std::fs::write(place.path("empty/lineage.json"), b"{\"version\":1}").expect("written");
    check(&place, &["verify", "empty"], 1, &["lineage.json", "damaged"]);
    let mut wrong = place.corex(&["generate", "--checkpoint", "empty"]);
    let out = wrong.env("COREX_ISA", "abacus").output().expect("the program starts");
    assert!(String::from_utf8_lossy(&out.stderr).contains("COREX_ISA"));
}
