//! Programs that JAX printed, compared with what JAX computed (`crates/corex-hlo/tests/data/export_structured.py`),
//! on all ways to run them.

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use common::check::check;
use corex_engine::{Tensor, reference};
use corex_hlo::ir::{DType, TensorType};
use corex_hlo::{canonical_text, parse, print};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../corex-hlo/tests/data/jax")
}

struct Case {
    name: String,
    tolerance: f32,
    inputs: Vec<Tensor>,
    outputs: Vec<Tensor>,
}

/// `tensor<4x6xf32> 0011…`.
fn tensor(text: &str) -> Tensor {
    let (ty, hex) = text.split_once(' ').expect("a type and its bytes");
    let module = parse(&format!("func.func @f(%a: {ty}) {{ return }}")).expect("a type");
    let ty: TensorType = module.funcs[0].values[0].clone();
    let byte = |i: usize| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hexadecimal");
    let bytes: Vec<u8> = (0..hex.len() / 2).map(byte).collect();
    Tensor::from_bytes(ty, &bytes).expect("bytes of the type")
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(folder().join("cases.txt")).expect("cases.txt");
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        let (word, rest) = line.split_once(' ').expect("a word first");
        match word {
            "case" => {
                let (name, tolerance) = rest.split_once(' ').expect("a tolerance");
                let tolerance = tolerance.parse().expect("a number");
                cases.push(Case { name: name.into(), tolerance, inputs: vec![], outputs: vec![] });
            }
            "in" => cases.last_mut().expect("a case").inputs.push(tensor(rest)),
            _ => cases.last_mut().expect("a case").outputs.push(tensor(rest)),
        }
    }
    cases
}

/// Integers agree exactly; floats up to the tolerance, relative to the largest element.
fn agrees(got: &Tensor, expected: &Tensor, tolerance: f32) -> bool {
    if got.ty() != expected.ty() || tolerance == 0.0 || got.ty().dtype != DType::F32 {
        return got == expected;
    }
    let (got, expected) = (got.to_f32().unwrap_or_default(), expected.to_f32().unwrap_or_default());
    let largest = expected.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    got.iter().zip(&expected).all(|(g, e)| g == e || (g - e).abs() <= tolerance * largest)
}

#[test]
fn results_are_those_of_jax() {
    let mut known = BTreeSet::new();
    for case in cases() {
        let file = format!("{}.mlir", case.name);
        let text = std::fs::read_to_string(folder().join(&file)).expect("a program per case");
        let module = parse(&text).unwrap_or_else(|e| panic!("{file}: {e}"));
        let got = reference::evaluate(&module, "main", &case.inputs, 1 << 30)
            .unwrap_or_else(|e| panic!("{file}: {e}"));
        assert_eq!(got.len(), case.outputs.len(), "{file}");
        for (i, (got, expected)) in got.iter().zip(&case.outputs).enumerate() {
            assert!(agrees(got, expected, case.tolerance), "{file}, result {i}: {got:?}, JAX: {expected:?}");
        }
        check(&module, &case.inputs, &case.name);
        known.insert(file);
    }
    for entry in std::fs::read_dir(folder()).expect("the folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        assert!(name == "cases.txt" || known.contains(&name), "{name} belongs to no case");
    }
}

/// Text -> module -> text is a fixed point, and the canonical form, read again, is the same program.
#[test]
fn programs_survive_printing() {
    for case in cases() {
        let text = std::fs::read_to_string(folder().join(format!("{}.mlir", case.name))).expect("a program");
        let module = parse(&text).expect("checked above");
        let printed = print(&module);
        assert_eq!(parse(&printed).as_ref(), Ok(&module), "{}:\n{printed}", case.name);
        let canonical = canonical_text(&module);
        let again = parse(&canonical).unwrap_or_else(|e| panic!("{}: {e}\n{canonical}", case.name));
        assert_eq!(canonical_text(&again), canonical);
    }
}
