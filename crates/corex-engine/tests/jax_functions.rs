//! Functions of jax.numpy, jax.lax and jax.nn as JAX prints them, with JAX's results: `vectors/jax-functions`.

mod common;

use std::path::{Path, PathBuf};

use common::check::check;
use corex_engine::{Tensor, reference};
use corex_hlo::ir::{DType, TensorType};
use corex_hlo::parse;
use serde_json::Value;

/// Every file but that of refused functions; one that is not listed fails the last test.
const GROUPS: [&str; 7] = ["elementwise", "gradients", "integers", "networks", "random", "shapes", "sums"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/jax-functions")
}

fn cases(group: &str) -> Vec<Value> {
    let path = folder().join(format!("{group}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let value: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    value.as_array().expect("a list of cases").clone()
}

/// `{"type": "tensor<4x6xf32>", "bytes": "0011…"}`.
fn tensor(value: &Value) -> Tensor {
    let (ty, hex) = (value["type"].as_str().expect("a type"), value["bytes"].as_str().expect("bytes"));
    let module = parse(&format!("func.func @f(%a: {ty}) {{ return }}")).expect("a type");
    let ty: TensorType = module.funcs[0].values[0].clone();
    let byte = |i: usize| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hexadecimal");
    let bytes: Vec<u8> = (0..hex.len() / 2).map(byte).collect();
    Tensor::from_bytes(ty, &bytes).expect("bytes of the type")
}

fn tensors(value: &Value) -> Vec<Tensor> {
    value.as_array().expect("a list of tensors").iter().map(tensor).collect()
}

/// The elements as numbers that can be compared; `None` for integers.
fn numbers(tensor: &Tensor) -> Option<Vec<f32>> {
    let halves = || tensor.bytes().chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
    match tensor.ty().dtype {
        DType::F32 => tensor.to_f32(),
        DType::BF16 => Some(halves().map(|h| f32::from_bits(u32::from(h) << 16)).collect()),
        DType::F16 => Some(halves().map(corex_num::convert::f16_to_f32).collect()),
        _ => None,
    }
}

/// What is wrong with a result, if anything. Integers agree exactly; floats up to the tolerance, relative to the largest
/// element.
fn difference(got: &Tensor, expected: &Tensor, tolerance: f32) -> Option<String> {
    let close = |got: Vec<f32>, expected: Vec<f32>| {
        let largest = expected.iter().filter(|x| x.is_finite()).fold(0.0_f32, |most, x| most.max(x.abs()));
        let near =
            |g: f32, e: f32| g == e || g.is_nan() && e.is_nan() || (g - e).abs() <= tolerance * largest;
        got.iter().zip(&expected).all(|(g, e)| near(*g, *e))
    };
    let agrees = got.ty() == expected.ty()
        && match (numbers(got), numbers(expected)) {
            (Some(g), Some(e)) if tolerance > 0.0 => close(g, e),
            _ => got == expected,
        };
    (!agrees).then(|| format!("{:?} against JAX's {:?}", numbers(got), numbers(expected)))
}

fn check_group(group: &str) {
    let mut wrong = Vec::new();
    for case in cases(group) {
        let name = format!("{group}: {}", case["name"].as_str().expect("a name"));
        let tolerance = case["tolerance"].as_f64().expect("a tolerance") as f32;
        let (inputs, outputs) = (tensors(&case["inputs"]), tensors(&case["outputs"]));
        let got =
            parse(case["program"].as_str().expect("a program")).map_err(|e| e.to_string()).and_then(|m| {
                Ok((reference::evaluate(&m, "main", &inputs, 1 << 28).map_err(|e| e.to_string())?, m))
            });
        match got {
            Err(error) => wrong.push(format!("{name}: {error}")),
            Ok((got, _)) if got.len() != outputs.len() => {
                wrong.push(format!("{name}: {} results", got.len()))
            }
            Ok((got, module)) => {
                let results = got.iter().zip(&outputs).enumerate();
                wrong.extend(results.filter_map(|(i, (got, expected))| {
                    difference(got, expected, tolerance).map(|text| format!("{name}, result {i}: {text}"))
                }));
                check(&module, &inputs, &name);
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn elementwise_functions() {
    check_group("elementwise");
}

#[test]
fn functions_of_integers() {
    check_group("integers");
}

#[test]
fn random_numbers() {
    check_group("random");
}

#[test]
fn shapes_indices_and_order() {
    check_group("shapes");
}

#[test]
fn sums_and_products() {
    check_group("sums");
}

#[test]
fn functions_of_networks() {
    check_group("networks");
}

#[test]
fn gradients() {
    check_group("gradients");
}

/// What is not supported is refused with the line, what was found there, and a way out.
#[test]
fn others_are_refused_with_a_hint() {
    for case in cases("refused") {
        let name = case["name"].as_str().expect("a name");
        let error = parse(case["program"].as_str().expect("a program")).expect_err(name).to_string();
        println!("{name}: {error}\n");
        assert!(error.contains("line ") && error.contains("hint:"), "{name}: {error}");
    }
}

#[test]
fn no_file_goes_unread() {
    for entry in std::fs::read_dir(folder()).expect("the folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        let known =
            name.strip_suffix(".json").is_some_and(|name| name == "refused" || GROUPS.contains(&name));
        assert!(known, "{name} is read by no test");
    }
}
