//! `corex program`: what a person does with a program that JAX printed.

mod common;

use common::{Place, json};
use serde_json::Value;

const LAYER: &str = r"
module @layer {
  func.func public @main(%x: tensor<5x7xf32>, %w: tensor<7x3xf32>) -> (tensor<5x3xf32>, tensor<f32>) {
    %y = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<5x7xf32>, tensor<7x3xf32>) -> tensor<5x3xf32>
    %z = stablehlo.tanh %y : tensor<5x3xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %sum = stablehlo.reduce(%z init: %zero) applies stablehlo.add across dimensions = [0, 1] : (tensor<5x3xf32>, tensor<f32>) -> tensor<f32>
    return %z, %sum : tensor<5x3xf32>, tensor<f32>
  }
}
";

fn place() -> Place {
    let place = Place::new();
    std::fs::write(place.path("layer.mlir"), LAYER).expect("written");
    place
}

fn blobs(result: &Value) -> Vec<&str> {
    result["outputs"].as_array().expect("a list").iter().map(|o| o["blob"].as_str().expect("an id")).collect()
}

#[test]
fn a_program_is_described() {
    let place = place();
    let card = json(&mut place.corex(&["program", "check", "layer.mlir", "--json"]));
    let main = &card["functions"][0];
    assert_eq!(main["params"], serde_json::json!(["tensor<5x7xf32>", "tensor<7x3xf32>"]));
    assert_eq!(main["results"], serde_json::json!(["tensor<5x3xf32>", "tensor<f32>"]));

    // Both printed forms are the same program.
    for form in [&["program", "print", "layer.mlir"][..], &["program", "print", "layer.mlir", "--canonical"]]
    {
        let out = place.corex(form).output().expect("the program starts");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        std::fs::write(place.path("again.mlir"), out.stdout).expect("written");
        let again = json(&mut place.corex(&["program", "check", "again.mlir", "--json"]));
        assert_eq!(again["program"], card["program"]);
    }
}

#[test]
fn results_are_the_same_however_they_are_computed() {
    let place = place();
    let run = |extra: &[&str]| {
        let base = ["program", "run", "layer.mlir", "--json", "--fill", "random"];
        json(&mut place.corex(&[&base[..], extra].concat()))
    };
    let first = run(&["--threads", "1", "--out", "results.safetensors"]);
    assert_eq!(blobs(&first), blobs(&run(&["--threads", "3"])));
    assert_eq!(blobs(&first), blobs(&run(&["--reference"])));
    assert_ne!(
        blobs(&first)[0],
        blobs(&json(&mut place.corex(&["program", "run", "layer.mlir", "--json", "--fill", "zeros"])))[0]
    );
    assert!(place.path("results.safetensors").exists());
}

#[test]
fn what_cannot_be_run_is_named() {
    let place = place();
    let fails = |args: &[&str], says: &[&str]| {
        let out = place.corex(&[&["program"], args].concat()).output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(1), "{args:?}: {stderr}");
        for word in says {
            assert!(stderr.contains(word), "{args:?} does not say {word:?}: {stderr}");
        }
    };
    fails(&["check", "missing.mlir"], &["missing.mlir"]);
    fails(&["run", "layer.mlir"], &["arg0", "tensor<5x7xf32>", "--fill"]);
    fails(&["run", "layer.mlir", "--func", "loss", "--fill", "zeros"], &["@loss", "main"]);
    fails(&["run", "layer.mlir", "--inputs", "corpus.txt"], &["corpus.txt"]);
    std::fs::write(place.path("f64.mlir"), LAYER.replace("f32", "f64")).expect("written");
    fails(&["check", "f64.mlir"], &["f64.mlir", "line 3", "f64"]);
}
