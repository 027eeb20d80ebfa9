//! `vectors/lowered`: small programs, the bytes and roots of their lowered form, and what every operator of it gives,
//! chains step by step. A contract reads these, too; none goes unread.
//!
//! After a deliberate change: `COREX_BLESS=1 cargo test --release -p corex-engine --test lowered_vectors`, and review the
//! difference.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use common::{Rng, check::check, data};
use corex_engine::referee::{self, Observed};
use corex_engine::trace::{Digest, Tracer, program_root};
use corex_engine::{DEFAULT_OPERATION_LIMIT, Options, Tensor};
use corex_hlo::ir::TensorType;
use corex_hlo::{lower, parse};
use serde_json::{Value, json};

/// Chains up to this length are written out.
const SHOWN: u64 = 40;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/lowered"))
}

fn hex(bytes: impl IntoIterator<Item = u8>) -> Value {
    Value::from(bytes.into_iter().fold("0x".to_owned(), |text, byte| format!("{text}{byte:02x}")))
}

/// A tensor as its blob.
fn blob(ty: &TensorType, bits: &[u64]) -> Value {
    let size = ty.dtype.size();
    let bytes = bits.iter().flat_map(|word| word.to_le_bytes().into_iter().take(size));
    json!({ "type": ty.to_string(), "blob": hex(bytes) })
}

/// The last element's chain: the accumulators before every step and behind the last.
fn chain(seen: &Observed<'_>) -> Option<Value> {
    let op = seen.lowered;
    let element = seen.results.first()?.len().checked_sub(1)? as u64;
    let length = referee::chain_length(op, element).ok().filter(|length| (1..=SHOWN).contains(length))?;
    let mut fetch = |operand: u32, j: u64| seen.operands[operand as usize].get(j as usize).copied();
    let mut state = referee::begin(op, element, &mut fetch).unwrap();
    let words = |state: &[u64]| -> Vec<String> { state.iter().map(|word| format!("{word:#x}")).collect() };
    let mut states = vec![words(&state)];
    for position in 0..length {
        referee::step(op, element, position, &mut state, &mut fetch).unwrap();
        states.push(words(&state));
    }
    Some(json!({ "element": element, "states": states }))
}

fn content(name: &str, text: &str) -> Value {
    let module = parse(text).unwrap_or_else(|e| panic!("{name}: {e}"));
    let mut rng = Rng(31);
    let main = module.func("main").unwrap();
    let inputs: Vec<Tensor> = main.params.iter().map(|&v| data::tensor(&mut rng, main.ty(v))).collect();
    check(&module, &inputs, name);
    let tracer = Tracer::new(&module, "main", &Options::default()).unwrap();
    let trace = tracer.trace(&inputs).unwrap();
    let program = tracer.program();
    let mut operators = BTreeMap::new();
    referee::evaluate(program, &inputs, DEFAULT_OPERATION_LIMIT, &mut |seen| {
        let op = seen.lowered;
        let operands = op.operands.iter().zip(&seen.operands).map(|(x, bits)| blob(&x.ty, bits));
        let results = op.results.iter().zip(&seen.results).map(|(ty, bits)| blob(ty, bits));
        // Of an operator in a loop the first evaluation.
        operators.entry((seen.func, seen.op)).or_insert_with(|| {
            json!({
                "function": seen.func,
                "operator": seen.op,
                "text": lower::print_op(op),
                "bytes": hex(lower::encode_op(program, op)),
                "operands": operands.collect::<Vec<_>>(),
                "results": results.collect::<Vec<_>>(),
                "chain": chain(&seen),
            })
        });
    })
    .unwrap();
    let root = |digest: Digest| hex(digest.0);
    let tensor = |t: &Tensor| json!({ "type": t.ty().to_string(), "blob": hex(t.bytes().iter().copied()), "id": root(Digest::of_blob(t.bytes())) });
    let leaves = trace.leaves.iter().map(|leaf| root(leaf.hash())).collect::<Vec<_>>();
    json!({
        "program": hex(lower::encode(program)),
        "programRoot": root(program_root(program)),
        "inputs": inputs.iter().map(tensor).collect::<Vec<_>>(),
        "results": trace.results.iter().map(tensor).collect::<Vec<_>>(),
        "leaves": leaves,
        "traceRoot": root(trace.root),
        "operators": operators.into_values().collect::<Vec<_>>(),
    })
}

/// A line per operator, so that differences can be read.
fn lines(content: &Value) -> String {
    let fields: Vec<String> = content
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| match value.as_array() {
            Some(items) => {
                let items: Vec<String> = items.iter().map(|item| format!("  {item}")).collect();
                format!("\"{name}\": [\n{}\n]", items.join(",\n"))
            }
            None => format!("\"{name}\": {value}"),
        })
        .collect();
    format!("{{\n{}\n}}\n", fields.join(",\n"))
}

#[test]
fn files_are_what_the_lowering_gives_and_none_goes_unread() {
    let entries = std::fs::read_dir(folder()).expect("the folder is there");
    let names: BTreeSet<String> =
        entries.map(|e| e.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    let programs: Vec<&str> = names.iter().filter_map(|name| name.strip_suffix(".mlir")).collect();
    assert!(programs.len() >= 7, "{programs:?}");
    let mut expected = BTreeSet::new();
    for name in programs {
        let text = std::fs::read_to_string(folder().join(format!("{name}.mlir"))).expect("readable");
        let content = lines(&content(name, &text));
        let path = folder().join(format!("{name}.json"));
        if std::env::var_os("COREX_BLESS").is_some() {
            std::fs::write(&path, &content).expect("the file can be written");
        }
        let found = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}.json: {e}"));
        assert!(found == content, "vectors/lowered/{name}.json differs from what the lowering gives");
        expected.extend([format!("{name}.mlir"), format!("{name}.json")]);
    }
    let names: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names, expected);
}
