//! The checked-in golden cases are what this crate computes, and what the reference computes; no file goes unread.

mod common;
mod golden;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use corex_num::{UnaryFn, reference};

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/num"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_else(|e| panic!("vectors/num/{name}: {e}"))
}

/// The columns of a file, as bits.
fn columns(name: &str) -> BTreeMap<String, Vec<u64>> {
    let parsed: BTreeMap<String, Vec<String>> = serde_json::from_str(&read(name)).expect(name);
    let number = |s: String| u64::from_str_radix(s.strip_prefix("0x").expect("0x"), 16).expect("hexadecimal");
    parsed.into_iter().map(|(name, column)| (name, column.into_iter().map(number).collect())).collect()
}

#[test]
fn files_are_what_the_crate_computes_and_none_is_unknown() {
    let mut expected = BTreeSet::new();
    let mut bytes = 0;
    for file in golden::files() {
        let found = read(&file.name);
        assert!(found == file.content, "vectors/num/{} differs; see examples/vectors.rs", file.name);
        bytes += found.len();
        expected.insert(file.name);
    }
    let entries = std::fs::read_dir(folder()).expect("vectors/num exists");
    let found: BTreeSet<String> =
        entries.map(|e| e.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(found, expected);
    assert!(bytes < 400 * 1024, "{bytes} bytes of golden cases: too many to carry around");
}

#[test]
fn basic_operations_and_chains_follow_the_reference() {
    let f = |bits: u64| f32::from_bits(bits as u32);
    type Binary = fn(f32, f32) -> f32;
    let binary: [(&str, Binary); 4] = [
        ("add.json", reference::add),
        ("subtract.json", reference::subtract),
        ("multiply.json", reference::multiply),
        ("divide.json", reference::divide),
    ];
    for (name, g) in binary {
        let c = columns(name);
        for i in 0..c["result"].len() {
            assert_eq!(
                u64::from(g(f(c["a"][i]), f(c["b"][i])).to_bits()),
                c["result"][i],
                "{name}, case {i}"
            );
        }
    }
    let c = columns("fma.json");
    for i in 0..c["result"].len() {
        let result = reference::fma(f(c["a"][i]), f(c["b"][i]), f(c["c"][i]));
        assert_eq!(u64::from(result.to_bits()), c["result"][i], "fma, case {i}");
    }
    let c = columns("sqrt.json");
    for (x, result) in c["x"].iter().zip(&c["result"]) {
        assert_eq!(u64::from(reference::sqrt(f(*x)).to_bits()), *result);
    }
    let c = columns("dot.json");
    let mut pairs = c["a"].iter().zip(&c["b"]).map(|(&a, &b)| (f(a), f(b)));
    for (&length, &result) in c["length"].iter().zip(&c["result"]) {
        assert_eq!(u64::from(reference::dot(pairs.by_ref().take(length as usize)).to_bits()), result);
    }
    for name in ["sum_lanes.json", "sum_chain.json"] {
        let c = columns(name);
        let mut rest = c["x"].iter().map(|&x| f(x));
        for (&length, &result) in c["length"].iter().zip(&c["result"]) {
            let x: Vec<f32> = rest.by_ref().take(length as usize).collect();
            let sum =
                if name == "sum_lanes.json" { reference::sum_lanes(&x) } else { reference::sum_chain(x) };
            assert_eq!(u64::from(sum.to_bits()), result, "{name}, {length} elements");
        }
    }
}

#[test]
fn functions_keep_their_bits() {
    for g in UnaryFn::ALL {
        let c = columns(&format!("{g:?}.json").to_lowercase());
        for (x, result) in c["x"].iter().zip(&c["result"]) {
            let x = f32::from_bits(*x as u32);
            assert_eq!(u64::from(g.scalar()(x).to_bits()), *result, "{g:?}({x:e})");
        }
    }
}
