//! Built-in families and checkpoints of Hugging Face's, on the command line.

mod common;

use common::{Place, hash, json};
use std::path::{Path, PathBuf};

fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/hf").join(name)
}

fn check_verified(place: &Place, dir: &str, summary: &serde_json::Value) {
    let checked = json(&mut place.corex(&["verify", dir, "--json"]));
    assert_eq!((checked["ok"].as_bool(), hash(&checked)), (Some(true), hash(summary)));
}

/// Makes 100 rows of 6 x 5 pixels, bright on the left or on the right, and says on which side.
const MAKE_IMAGES: &str = r"
module @make {
  func.func public @main() -> (tensor<100x6x5xf32>, tensor<100xi32>) {
    %row = stablehlo.iota dim = 0 : tensor<100xi32>
    %two = stablehlo.constant dense<2> : tensor<100xi32>
    %side = stablehlo.remainder %row, %two : tensor<100xi32>
    %sides = stablehlo.broadcast_in_dim %side, dims = [0] : (tensor<100xi32>) -> tensor<100x6x5xi32>
    %column = stablehlo.iota dim = 2 : tensor<100x6x5xi32>
    %third = stablehlo.constant dense<3> : tensor<100x6x5xi32>
    %left = stablehlo.divide %column, %third : tensor<100x6x5xi32>
    %bright = stablehlo.compare EQ, %left, %sides : (tensor<100x6x5xi32>, tensor<100x6x5xi32>) -> tensor<100x6x5xi1>
    %pixels = stablehlo.convert %bright : (tensor<100x6x5xi1>) -> tensor<100x6x5xf32>
    return %pixels, %side : tensor<100x6x5xf32>, tensor<100xi32>
  }
}
";

/// 90,000 token ids below 40: the twentieth block of 4096 is held out.
const MAKE_IDS: &str = r"
module @make {
  func.func public @main() -> tensor<90000xi32> {
    %at = stablehlo.iota dim = 0 : tensor<90000xi32>
    %most = stablehlo.constant dense<37> : tensor<90000xi32>
    %ids = stablehlo.remainder %at, %most : tensor<90000xi32>
    return %ids : tensor<90000xi32>
  }
}
";

fn make(place: &Place, program: &str, out: &str) {
    std::fs::write(place.path("make.mlir"), program).expect("written");
    json(&mut place.corex(&["program", "run", "make.mlir", "--out", out, "--json"]));
}

#[test]
fn a_llama_learns_by_muon_and_is_tuned_further() {
    let _turn = common::turn();
    let place = Place::new();
    let base = ["train", "--preset", "tiny", "--data", "corpus.txt", "--json", "--nodes", "2"];
    let muon =
        ["--model", "llama", "--optimizer", "muon", "--schedule", "wsd", "--batch", "4", "--accumulate", "2"];
    let summary = json(&mut place.corex(&[&base[..], &muon, &["--steps", "16", "--out", "llama"]].concat()));
    let number = |summary: &serde_json::Value, key: &str| summary[key].as_f64().expect(key);
    assert!(number(&summary, "heldout_last") < 0.8 * number(&summary, "heldout_first"), "{summary}");
    check_verified(&place, "llama", &summary);

    let shown = json(&mut place.corex(&["model", "show", "llama", "--json"]));
    assert_eq!((shown["family"].as_str(), hash(&shown)), (Some("llama"), hash(&summary)));
    let generate = ["generate", "--checkpoint", "llama", "--prompt", "the ", "--length", "20", "--json"];
    let text = json(&mut place.corex(&generate));
    assert!(text["text"].as_str().is_some_and(|text| !text.is_empty()), "{text}");

    let tuned = ["train", "--from", "llama", "--data", "corpus.txt", "--json", "--nodes", "2"];
    let slowly =
        ["--optimizer", "nesterov", "--lr", "0.01", "--steps", "4", "--batch", "4", "--out", "tuned"];
    let tuned = json(&mut place.corex(&[&tuned[..], &slowly].concat()));
    let jump = number(&tuned, "heldout_first") - number(&summary, "heldout_last");
    assert!(jump.abs() < 1e-4, "it starts where the other ended: {tuned}, {summary}");
    check_verified(&place, "tuned", &tuned);
}

#[test]
fn classifiers_and_token_ids_are_trained_from_tensors() {
    let _turn = common::turn();
    let place = Place::new();
    make(&place, MAKE_IMAGES, "images.safetensors");
    let train =
        |extra: &[&str]| json(&mut place.corex(&[&["train", "--json", "--nodes", "2"], extra].concat()));
    let cnn = ["--model", "cnn", "--preset", "tiny", "--optimizer", "momentum", "--schedule", "constant"];
    let out = ["--data", "images.safetensors", "--steps", "20", "--out", "cnn"];
    let summary = train(&[&cnn[..], &out].concat());
    let last = summary["heldout_last"].as_f64().expect("a loss");
    assert!(last < 0.2, "{summary}");
    check_verified(&place, "cnn", &summary);

    let images = corex_node::tensors::read(&place.path("images.safetensors")).expect("images");
    let (pixels, sides) = (images["out0"].clone(), images["out1"].clone());
    corex_node::tensors::write(&place.path("f.safetensors"), &[("features".into(), pixels)])
        .expect("written");
    let found = json(&mut place.corex(&["model", "logits", "cnn", "--data", "f.safetensors", "--json"]));
    let sides: Vec<u64> = sides.bytes().chunks_exact(4).map(|x| u64::from(x[0])).collect();
    assert_eq!(found["best"], serde_json::json!(sides));

    make(&place, MAKE_IDS, "ids.safetensors");
    let config = vector("gpt2/config.json");
    let config = ["--config", config.to_str().expect("UTF-8"), "--data", "ids.safetensors"];
    let summary = train(&[&config[..], &["--steps", "4", "--out", "ids"]].concat());
    check_verified(&place, "ids", &summary);
}

#[test]
fn checkpoints_of_hugging_face_are_read_and_written() {
    let place = Place::new();
    for (name, family) in [("gpt2", "gpt"), ("llama", "llama"), ("mistral", "llama")] {
        let from = vector(name);
        let from = from.to_str().expect("UTF-8");
        let shown = json(&mut place.corex(&["model", "show", from, "--json"]));
        assert_eq!(shown["family"], family);
        let converted = place.corex(&["model", "convert", from, "--out", name]).status();
        assert!(converted.expect("the program starts").success());
        assert_eq!(hash(&json(&mut place.corex(&["model", "show", name, "--json"]))), hash(&shown));

        let ids = ["--ids", "1,2,3,39", "--json"];
        let logits = json(&mut place.corex(&[&["model", "logits", from], &ids[..]].concat()));
        assert_eq!(logits["type"], "tensor<4x40xf32>");
        let greedy = ["generate", "--checkpoint", name, "--temperature", "0", "--length", "1"];
        let next = json(&mut place.corex(&[&greedy[..], &ids].concat()));
        assert_eq!(next["ids"][0], logits["best"][3], "{next} {logits}");
    }
}

#[test]
fn what_makes_no_sense_is_named() {
    let place = Place::new();
    std::fs::write(place.path("bert.json"), r#"{"model_type":"bert"}"#).expect("written");
    make(&place, MAKE_IDS, "ids.safetensors");
    let gpt2 = vector("gpt2");
    let gpt2 = gpt2.to_str().expect("UTF-8");
    let fails = |args: &[&str], code: i32, says: &[&str]| {
        let out = place.corex(args).output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(code), "{args:?}: {stderr}");
        for word in says {
            assert!(stderr.contains(word), "{args:?} does not say {word:?}: {stderr}");
        }
        assert!(!place.path("o").exists(), "{args:?}: nothing was begun");
    };
    let train = |extra: &[&str], code: i32, says: &[&str]| {
        fails(&[&["train", "--data", "corpus.txt", "--out", "o"], extra].concat(), code, says);
    };
    train(&["--model", "llama", "--preset", "gpt2"], 1, &["--model llama", "hint:"]);
    train(&["--model", "mlp"], 1, &["corpus.txt"]);
    train(&["--optimizer", "sgdd"], 2, &["sgdd", "nesterov"]);
    train(&["--lr=-1"], 1, &["peak_lr must be positive, got -1"]);
    train(&["--lr", "inf"], 1, &["peak_lr"]);
    train(&["--batch", "0"], 1, &["batch must be 1 to"]);
    train(&["--accumulate", "0"], 1, &["accumulate must be 1 to"]);
    train(&["--config", "bert.json"], 1, &["bert.json", "bert", "gpt2, llama"]);
    train(&["--from", "nowhere"], 1, &["nowhere"]);
    train(&["--from", gpt2], 1, &["corpus.txt"]);
    fails(&["train", "--model", "cnn", "--data", "ids.safetensors", "--out", "o"], 1, &["two tensors"]);
    fails(&["generate", "--checkpoint", gpt2], 1, &["not bytes", "--ids"]);
    fails(&["generate", "--checkpoint", gpt2, "--ids", "40"], 1, &["token 40", "vocabulary of 40"]);
    fails(&["model", "logits", gpt2, "--ids", "1,2,3,4,5,6,7,8,9,10,11,12,13"], 1, &["1 to 12 tokens"]);
    fails(&["model", "logits", gpt2], 2, &["--ids"]);
    fails(&["model", "convert", gpt2, "--out", gpt2], 1, &["not empty", "hint:"]);
    fails(&["model", "show", "nowhere"], 1, &["nowhere", "config.json"]);
}
