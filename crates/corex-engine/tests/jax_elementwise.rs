//! Elementwise programs as JAX prints them, run on what JAX computed: `vectors/jax-elementwise`.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use corex_engine::{Tensor, reference};
use corex_hlo::ir::{DType, Module, TensorType};
use corex_hlo::{HloError, RngAlgorithm, parse, rng_bit_generator};
use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/jax-elementwise");
const LIMIT: u64 = 1 << 26;

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(FOLDER).join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// `{"dtype": …, "shape": […], "bits": ["0x…", …]}`.
fn tensor(value: &Value) -> Tensor {
    let name = value["dtype"].as_str().expect("a type");
    let dtype = match name {
        "bfloat16" => DType::BF16,
        "float32" => DType::F32,
        "int16" => DType::I16,
        "int32" => DType::I32,
        "uint8" => DType::U8,
        "uint16" => DType::U16,
        "uint32" => DType::U32,
        "uint64" => DType::U64,
        _ => panic!("{name} does not occur"),
    };
    let shape: Vec<usize> =
        rows(&value["shape"]).iter().map(|d| d.as_u64().expect("a size") as usize).collect();
    let word = |bits: &Value| {
        let digits = bits.as_str().and_then(|s| s.strip_prefix("0x")).expect("0x");
        u64::from_str_radix(digits, 16).expect("hexadecimal")
    };
    let bytes: Vec<u8> =
        rows(&value["bits"]).iter().flat_map(|b| word(b).to_le_bytes()[..dtype.size()].to_vec()).collect();
    Tensor::from_bytes(TensorType::new(dtype, shape), &bytes).expect("elements of the type")
}

/// JAX's own functions are off by up to 3e-6 of the value (`tan` near a pole), ours by at most 2 ulp.
fn assert_close(got: &Tensor, expected: &Tensor, what: &str) {
    let (got, expected) = (got.to_f32().expect("f32"), expected.to_f32().expect("f32"));
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (g, e)) in got.iter().zip(&expected).enumerate() {
        let near = (g - e).abs() <= 3e-6 * e.abs() + 1e-12;
        assert!(near || g == e || g.is_nan() && e.is_nan(), "{what}, element {i}: {g:e}, JAX has {e:e}");
    }
}

#[test]
fn programs_of_every_form_compute_what_jax_computes() {
    let cases: Value = serde_json::from_str(&read("functions.json")).expect("JSON");
    let of = |name: &str| -> Vec<Tensor> { rows(&cases[name]).iter().map(tensor).collect() };
    let (inputs, close, exact) = (of("inputs"), of("close"), of("exact"));
    for name in ["functions.mlir", "generic.mlir", "export.mlir"] {
        let module = parse(&read(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let got =
            reference::evaluate(&module, "main", &inputs, LIMIT).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(got.len(), close.len() + exact.len(), "{name}");
        for (i, (got, expected)) in got.iter().zip(&close).enumerate() {
            assert_close(got, expected, &format!("{name}, result {i}"));
        }
        for (i, (got, expected)) in got[close.len()..].iter().zip(&exact).enumerate() {
            assert_eq!(got, expected, "{name}, exact result {i}");
        }
        common::check::check(&module, &inputs, name);
    }
}

#[test]
fn random_bits_are_those_of_jax() -> Result<(), HloError> {
    let cases: Value = serde_json::from_str(&read("random_bits.json")).expect("JSON");
    for case in rows(&cases) {
        let (state, next, bits) = (tensor(&case["state"]), tensor(&case["next"]), tensor(&case["result"]));
        let algorithm = match case["algorithm"].as_str() {
            Some("THREE_FRY") => RngAlgorithm::ThreeFry,
            _ => RngAlgorithm::Philox,
        };
        let func = rng_bit_generator(algorithm, state.ty(), bits.ty())?;
        let name = func.name.clone();
        let module = Module::single("random", func);
        let got = reference::evaluate(&module, &name, &[state], LIMIT).expect("the program runs");
        assert_eq!(got, [next, bits], "{case}");
    }
    assert!(rows(&cases).len() > 100);
    Ok(())
}

/// The high half of Philox's counter: taken from the state, and carried into.
#[test]
fn philox_counts_in_128_bits() -> Result<(), HloError> {
    let run = |words: &[u64]| -> Result<Vec<Tensor>, HloError> {
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let state = TensorType::new(DType::U64, [words.len()]);
        let func = rng_bit_generator(RngAlgorithm::Philox, &state, &TensorType::new(DType::U32, [12]))?;
        let state = Tensor::from_bytes(state, &bytes).expect("elements of the type");
        let module = Module::single("random", func);
        Ok(reference::evaluate(&module, "rng_bit_generator", &[state], LIMIT).expect("the program runs"))
    };
    let (short, long) = (run(&[9, u64::MAX])?, run(&[9, u64::MAX, 9])?);
    assert_eq!(short[1], long[1]);
    let words = |t: &Tensor| t.bytes().chunks(8).map(|b| b[0]).collect::<Vec<_>>();
    assert_eq!((words(&short[0]), words(&long[0])), (vec![9, 2], vec![9, 2, 10]));
    Ok(())
}

#[test]
fn no_file_goes_unread() {
    let known = ["export.mlir", "functions.json", "functions.mlir", "generic.mlir", "random_bits.json"];
    let entries = std::fs::read_dir(FOLDER).expect("the folder is there");
    let found: BTreeSet<String> =
        entries.map(|e| e.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(found, known.map(str::to_owned).into());
}
