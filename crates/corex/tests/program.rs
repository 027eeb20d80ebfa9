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

/// A loop after the layer, so that the trace has frames.
const LOOP: &str = r"
module @loop {
  func.func public @main(%x: tensor<4xf32>) -> tensor<4xf32> {
    %zero = stablehlo.constant dense<0> : tensor<i32>
    %r:2 = stablehlo.while(%i = %zero, %c = %x) : tensor<i32>, tensor<4xf32>
    cond {
      %n = stablehlo.constant dense<3> : tensor<i32>
      %b = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %b : tensor<i1>
    } do {
      %one = stablehlo.constant dense<1> : tensor<i32>
      %j = stablehlo.add %i, %one : tensor<i32>
      %d = stablehlo.add %c, %x : tensor<4xf32>
      stablehlo.return %j, %d : tensor<i32>, tensor<4xf32>
    }
    return %r#1 : tensor<4xf32>
  }
}
";

#[test]
fn the_lowered_form_is_shown() {
    let place = place();
    let lowered = json(&mut place.corex(&["program", "lower", "layer.mlir", "--json"]));
    let operators = lowered["functions"][0]["operators"].as_array().expect("a list");
    let from: Vec<&str> = operators.iter().map(|op| op["from"].as_str().expect("a name")).collect();
    assert_eq!(from, ["stablehlo.dot_general", "stablehlo.tanh", "stablehlo.constant", "stablehlo.reduce"]);
    let out = place.corex(&["program", "lower", "layer.mlir"]).output().expect("the program starts");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(text.contains(lowered["root"].as_str().expect("a root")), "{text}");
    for line in [
        "0  fold [i0<5, i1<3] over [k0<7] contract %a0[i0, k0], %a1[k0, i1] : tensor<5x3xf32>",
        "1  map [i0<15] tanh %0[i0] : tensor<5x3xf32>",
        "3  fold [] over [k0<5, k1<3] sum_32 %1[k0, k1] from %2 : tensor<f32>",
        "return %1, %3",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    // Names mean nothing.
    std::fs::write(place.path("renamed.mlir"), LAYER.replace("%y", "%why").replace("@layer", "@other"))
        .expect("written");
    let renamed = json(&mut place.corex(&["program", "lower", "renamed.mlir", "--json"]));
    assert_eq!(renamed["root"], lowered["root"]);
}

#[test]
fn a_trace_is_the_same_however_it_is_computed() {
    let place = place();
    std::fs::write(place.path("loop.mlir"), LOOP).expect("written");
    let run = |extra: &[&str]| {
        let base = ["program", "run", "loop.mlir", "--json", "--fill", "random"];
        json(&mut place.corex(&[&base[..], extra].concat()))
    };
    let plain = run(&[]);
    let traced = run(&["--trace", "--threads", "1"]);
    assert_eq!(blobs(&plain), blobs(&traced));
    assert_eq!(plain.get("trace"), None);
    let inner = run(&["--trace", "--threads", "2", "--operator", "1.5.2"]);
    assert_eq!(inner["trace"]["root"], traced["trace"]["root"]);
    // The last body's sum is what the program returns.
    let operator = &inner["trace"]["operator"];
    assert_eq!(operator["place"], "1.5.2");
    assert_eq!(operator["results"][0]["blob"], blobs(&plain)[0]);
    assert_eq!(operator["operands"].as_array().expect("a list").len(), 2);

    let lowered = json(&mut place.corex(&["program", "lower", "loop.mlir", "--json"]));
    assert_eq!(lowered["root"], inner["trace"]["program_root"]);
    let args = ["program", "run", "loop.mlir", "--fill", "zeros", "--trace", "--operator", "1.7.0"];
    let out = place.corex(&args).output().expect("the program starts");
    let stderr = String::from_utf8_lossy(&out.stderr);
    assert!(!out.status.success() && stderr.contains("no operator 1.7.0"), "{stderr}");
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
    fails(&["lower", "layer.mlir", "--func", "loss"], &["@loss", "main"]);
    fails(&["run", "layer.mlir", "--inputs", "corpus.txt"], &["corpus.txt"]);
    std::fs::write(place.path("f64.mlir"), LAYER.replace("f32", "f64")).expect("written");
    fails(&["check", "f64.mlir"], &["f64.mlir", "line 3", "f64"]);
}
