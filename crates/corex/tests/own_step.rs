//! Training with a user's own step on the network.

mod common;

use common::{Place, hash, json};

/// Makes a state (weights and a counter) and data (rows of seven numbers, and what a hidden rule says of them).
const MAKE_STATE: &str = r"
module @make {
  func.func public @main() -> (tensor<7x1xf32>, tensor<ui32>) {
    %w = stablehlo.constant dense<0.0> : tensor<7x1xf32>
    %n = stablehlo.constant dense<0> : tensor<ui32>
    return %w, %n : tensor<7x1xf32>, tensor<ui32>
  }
}
";
const MAKE_DATA: &str = r"
module @make {
  func.func public @main(%x: tensor<200x7xf32>, %rule: tensor<7x1xf32>) -> (tensor<200x7xf32>, tensor<200x1xf32>) {
    %y = stablehlo.dot_general %x, %rule, contracting_dims = [1] x [0] : (tensor<200x7xf32>, tensor<7x1xf32>) -> tensor<200x1xf32>
    return %x, %y : tensor<200x7xf32>, tensor<200x1xf32>
  }
}
";

/// Least squares; `GRADIENT` and what follows differs between the forms of a step.
const ERROR: &str = r"
    %p = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<16x7xf32>, tensor<7x1xf32>) -> tensor<16x1xf32>
    %e = stablehlo.subtract %p, %y : tensor<16x1xf32>
    %e2 = stablehlo.multiply %e, %e : tensor<16x1xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %loss = stablehlo.reduce(%e2 init: %zero) applies stablehlo.add across dimensions = [0, 1] : (tensor<16x1xf32>, tensor<f32>) -> tensor<f32>
";
const GRADIENT: &str = r"
    %g = stablehlo.dot_general %x, %e, contracting_dims = [0] x [0] : (tensor<16x7xf32>, tensor<16x1xf32>) -> tensor<7x1xf32>
";
const DESCEND: &str = r"
    %rate = stablehlo.constant dense<0.05> : tensor<7x1xf32>
    %s = stablehlo.multiply %rate, %g : tensor<7x1xf32>
    %new = stablehlo.subtract %w, %s : tensor<7x1xf32>
    %one = stablehlo.constant dense<1> : tensor<ui32>
    %next = stablehlo.add %n, %one : tensor<ui32>
";

fn program(params: &str, body: &[&str], results: &str, types: &str) -> String {
    let body = body.concat();
    format!(
        "module @m {{\n  func.func public @main({params}) -> ({types}) {{{body}    return {results} : {types}\n  }}\n}}\n"
    )
}

fn place() -> Place {
    let place = Place::new();
    let write = |name: &str, text: &str| std::fs::write(place.path(name), text).expect("written");
    write("make_state.mlir", MAKE_STATE);
    write("make_data.mlir", MAKE_DATA);
    let batch = "%x: tensor<16x7xf32>, %y: tensor<16x1xf32>";
    let state = "tensor<7x1xf32>, tensor<ui32>";
    let step = program(
        &format!("%w: tensor<7x1xf32>, %n: tensor<ui32>, {batch}"),
        &[ERROR, GRADIENT, DESCEND],
        "%new, %next, %loss",
        &format!("{state}, tensor<f32>"),
    );
    write("step.mlir", &step);
    let params = format!("%w: tensor<7x1xf32>, {batch}");
    write("grad.mlir", &program(&params, &[ERROR, GRADIENT], "%g, %loss", "tensor<7x1xf32>, tensor<f32>"));
    write("eval.mlir", &program(&params, &[ERROR], "%loss", "tensor<f32>").replace("16x", "8x"));
    let update = program(
        "%w: tensor<7x1xf32>, %n: tensor<ui32>, %g: tensor<7x1xf32>",
        &[DESCEND],
        "%new, %next",
        state,
    );
    write("update.mlir", &update);
    for name in ["state", "data"] {
        let (make, out) = (format!("make_{name}.mlir"), format!("{name}.safetensors"));
        json(&mut place.corex(&["program", "run", &make, "--fill", "random", "--out", &out, "--json"]));
    }
    place
}

fn train(place: &Place, out: &str, extra: &[&str]) -> serde_json::Value {
    let job =
        ["train", "--state", "state.safetensors", "--data", "data.safetensors", "--steps", "30", "--json"];
    json(&mut place.corex(&[&job[..], &["--out", out], extra].concat()))
}

#[test]
fn one_program_per_step_learns_and_is_verified() {
    let _turn = common::turn();
    let place = place();
    let summary = train(&place, "serial", &["--program", "step.mlir", "--nodes", "2"]);
    let number = |key: &str| summary[key].as_f64().unwrap_or_else(|| panic!("{key} is a number: {summary}"));
    assert!(number("loss_last") < 0.1 * number("loss_first"), "{summary}");
    assert!(place.path("serial/state.safetensors").exists());
    let checked = json(&mut place.corex(&["verify", "serial", "--json"]));
    assert_eq!((checked["ok"].as_bool(), hash(&checked)), (Some(true), hash(&summary)));
}

#[test]
fn gradients_on_several_nodes_learn_the_same_on_any_number_of_them() {
    let _turn = common::turn();
    let place = place();
    let parallel =
        ["--program", "grad.mlir", "--update", "update.mlir", "--eval", "eval.mlir", "--shards", "3"];
    let summary = train(&place, "three", &[&parallel[..], &["--nodes", "3"]].concat());
    let number = |key: &str| summary[key].as_f64().unwrap_or_else(|| panic!("{key} is a number: {summary}"));
    assert!(number("heldout_last") < 0.1 * number("heldout_first"), "{summary}");
    let alone = train(&place, "one", &[&parallel[..], &["--nodes", "1"]].concat());
    assert_eq!(hash(&alone), hash(&summary));
    let checked = json(&mut place.corex(&["verify", "three", "--json"]));
    assert_eq!(checked["ok"].as_bool(), Some(true));
}

#[test]
fn what_does_not_fit_is_named() {
    let place = place();
    let fails = |args: &[&str], code: i32, says: &[&str]| {
        let base = ["train", "--state", "state.safetensors", "--data", "data.safetensors", "--out", "o"];
        let out = place.corex(&[&base[..], args].concat()).output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(code), "{args:?}: {stderr}");
        for word in says {
            assert!(stderr.contains(word), "{args:?} does not say {word:?}: {stderr}");
        }
        assert!(!place.path("o").exists(), "{args:?}: nothing was begun");
    };
    fails(&["--program", "missing.mlir"], 1, &["missing.mlir"]);
    fails(&["--program", "update.mlir"], 1, &["step program", "result"]);
    fails(&["--program", "grad.mlir"], 1, &["parameter 1", "tensor<ui32>"]);
    fails(&["--program", "step.mlir", "--update", "update.mlir"], 1, &["update program", "parameter 3"]);
    fails(&["--program", "corpus.txt"], 1, &["corpus.txt", "line 1"]);
    fails(&["--program", "step.mlir", "--cheat", "lazy"], 2, &["--cheat"]);
}
