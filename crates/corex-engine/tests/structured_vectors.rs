//! `vectors/structured`: a file per operator that is more than a function of elements, with edge values. The files are
//! what the reference computes; the executor computes the same; none goes unread.
//!
//! After a deliberate change of the law: `COREX_BLESS=1 cargo test --release -p corex-engine --test structured_vectors`,
//! review the difference, and run `vectors/gen/check_structured.py`.

#[path = "structured/cases.rs"]
mod cases;
mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cases::Case;
use common::{Rng, data};
use corex_engine::{Tensor, reference};
use corex_hlo::ir::*;
use corex_hlo::{canonical_text, parse};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/structured"))
}

/// A case as a whole program, for one element type.
fn program(case: &Case, dtype: &str) -> String {
    let params: Vec<String> =
        types(case.inputs).iter().enumerate().map(|(i, ty)| format!("%a{i}: {ty}")).collect();
    let results = types(case.results);
    let values: Vec<String> = match results.len() {
        1 if !case.program.contains("%r:1") => vec!["%r".to_owned()],
        n => (0..n).map(|i| format!("%r#{i}")).collect(),
    };
    let text = format!(
        "func.func public @main({}) -> ({}) {{ {} return {} : {} }}",
        params.join(", "),
        results.join(", "),
        case.program,
        values.join(", "),
        results.join(", ")
    );
    text.replace("xT>", &format!("x{dtype}>")).replace("<T>", &format!("<{dtype}>"))
}

fn types(text: &str) -> Vec<&str> {
    if text.is_empty() { Vec::new() } else { text.split(", ").collect() }
}

/// `{"type": "tensor<2xf32>", "bits": ["0x3f800000", …]}`, elements row-major.
fn tensor(tensor: &Tensor) -> Value {
    let words = tensor.bytes().chunks(tensor.ty().dtype.size());
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    let bits: Vec<String> = words.map(|bytes| format!("0x{:x}", word(bytes))).collect();
    json!({"type": tensor.ty().to_string(), "bits": bits})
}

fn window(window: &[WindowDim]) -> Value {
    let dim = |w: &WindowDim| {
        json!({
            "size": w.size, "stride": w.stride, "low": w.low, "high": w.high,
            "base_dilation": w.base_dilation, "window_dilation": w.window_dilation,
        })
    };
    window.iter().map(dim).collect()
}

fn scatter(dims: &ScatterDims) -> Value {
    json!({
        "update_window_dims": dims.update_window_dims,
        "inserted_window_dims": dims.inserted_window_dims,
        "input_batching_dims": dims.input_batching_dims,
        "scatter_indices_batching_dims": dims.scatter_indices_batching_dims,
        "scatter_dims_to_operand_dims": dims.scatter_dims_to_operand_dims,
        "index_vector_dim": dims.index_vector_dim,
    })
}

fn name(value: impl std::fmt::Debug) -> String {
    format!("{value:?}").to_lowercase()
}

/// The attributes of the operation that a file is about; null for those of which only the whole program tells.
fn attributes(kind: &OpKind) -> Value {
    match kind {
        OpKind::Iota { dim, .. } => json!({"dim": dim}),
        OpKind::BroadcastInDim { dims, .. } => json!({"dims": dims}),
        OpKind::Transpose { perm } => json!({"permutation": perm}),
        OpKind::Slice { start, limit, strides } => {
            json!({"start": start, "limit": limit, "strides": strides})
        }
        OpKind::DynamicSlice { sizes } => json!({"sizes": sizes}),
        OpKind::Concatenate { dim } => json!({"dim": dim}),
        OpKind::Pad { low, high, interior } => json!({"low": low, "high": high, "interior": interior}),
        OpKind::Reverse { dims } => json!({"dims": dims}),
        OpKind::Reduce { dims, reducer } => json!({"dims": dims, "reducer": name(reducer)}),
        OpKind::ReduceWith { dims, .. } => json!({"dims": dims}),
        OpKind::DotGeneral(d) => json!({
            "lhs_batch": d.lhs_batch, "rhs_batch": d.rhs_batch,
            "lhs_contract": d.lhs_contract, "rhs_contract": d.rhs_contract,
        }),
        OpKind::Gather(d) => json!({
            "offset_dims": d.offset_dims,
            "collapsed_slice_dims": d.collapsed_slice_dims,
            "operand_batching_dims": d.operand_batching_dims,
            "start_indices_batching_dims": d.start_indices_batching_dims,
            "start_index_map": d.start_index_map,
            "index_vector_dim": d.index_vector_dim,
            "slice_sizes": d.slice_sizes,
        }),
        OpKind::Scatter(dims, reducer) => json!({"dims": scatter(dims), "reducer": name(reducer)}),
        OpKind::ScatterWith { dims, .. } => json!({"dims": scatter(dims)}),
        OpKind::Sort { dim, .. } => json!({"dim": dim}),
        OpKind::ReduceWindow { window: w, reducer } => json!({"window": window(w), "reducer": name(reducer)}),
        OpKind::ReduceWindowWith { window: w, .. } => json!({"window": window(w)}),
        OpKind::SelectAndScatter { window: w, select, scatter } => {
            json!({"window": window(w), "select": name(select), "scatter": name(scatter)})
        }
        OpKind::Convolution(c) => {
            let layout =
                |l: &ConvLayout| json!({"batch": l.batch, "feature": l.feature, "spatial": l.spatial});
            json!({
                "lhs": layout(&c.lhs), "rhs": layout(&c.rhs), "result": layout(&c.result),
                "window": window(&c.window), "reversal": c.reversal,
                "feature_groups": c.feature_groups, "batch_groups": c.batch_groups,
            })
        }
        _ => Value::Null,
    }
}

/// A case for one element type, computed by the reference and compared with the executor on the way.
fn computed(case: &Case, dtype: &str) -> Value {
    let title = format!("{}, {} of {dtype}", case.file, case.name);
    let text = program(case, dtype);
    let module = parse(&text).unwrap_or_else(|e| panic!("{title}: {e}\n{text}"));
    let main = module.func("main").expect("the function written above");
    let mut rng =
        Rng(case.name.bytes().chain(dtype.bytes()).map(u64::from).fold(7, |a, b| a * 31 % 100_003 + b));
    let inputs: Vec<Tensor> = main.params.iter().map(|p| data::tensor(&mut rng, main.ty(*p))).collect();
    common::check::check(&module, &inputs, &title);
    let outputs = reference::evaluate(&module, "main", &inputs, 1 << 24).expect("checked above");
    let operation = format!("stablehlo.{}", case.file);
    let op = main.ops.iter().find(|op| op.kind.name() == operation);
    let all = |tensors: &[Tensor]| tensors.iter().map(tensor).collect::<Value>();
    json!({
        "name": format!("{}_{dtype}", case.name),
        "attributes": op.map_or(Value::Null, |op| attributes(&op.kind)),
        "program": canonical_text(&module).lines().collect::<Vec<_>>(),
        "inputs": all(&inputs),
        "outputs": all(&outputs),
    })
}

/// Every file: a list with a line per case.
fn files() -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let programs = cases::all()
        .into_iter()
        .flat_map(|case| case.types.split(' ').map(|dtype| program(&case, dtype)).collect::<Vec<_>>());
    let wrong: Vec<String> =
        programs.filter_map(|text| parse(&text).err().map(|error| format!("{error}\n{text}"))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    for case in cases::all() {
        // A case without `T` is the same for all types.
        for dtype in case.types.split(' ') {
            let lines = files.entry(format!("{}.json", case.file)).or_default();
            lines.push(computed(&case, dtype).to_string());
        }
    }
    files.into_iter().map(|(file, lines)| (file, format!("[\n{}\n]\n", lines.join(",\n")))).collect()
}

#[test]
fn files_are_what_the_reference_computes_and_none_goes_unread() {
    let expected = files();
    if std::env::var_os("COREX_BLESS").is_some() {
        std::fs::create_dir_all(folder()).expect("the folder can be made");
        for (name, content) in &expected {
            std::fs::write(folder().join(name), content).expect("the file can be written");
        }
    }
    let mut bytes = 0;
    for (name, content) in &expected {
        let found = std::fs::read_to_string(folder().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(found == *content, "vectors/structured/{name} differs from what the reference computes");
        bytes += found.len();
    }
    let entries = std::fs::read_dir(folder()).expect("the folder is there");
    let names: BTreeSet<String> =
        entries.map(|e| e.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>(), expected.keys().collect());
    assert!(bytes < 600 * 1024, "{bytes} bytes of golden cases: too many to carry around");
}

/// Every operation that has shape, order or regions is in some file.
#[test]
fn every_structured_operator_has_cases() {
    let files: BTreeSet<&str> = cases::all().iter().map(|case| case.file).collect();
    for name in [
        "bitcast_convert",
        "broadcast_in_dim",
        "case",
        "concatenate",
        "constant",
        "convolution",
        "dot_general",
        "dynamic_slice",
        "dynamic_update_slice",
        "gather",
        "if",
        "iota",
        "pad",
        "reduce",
        "reduce_window",
        "reshape",
        "reverse",
        "rng_bit_generator",
        "scatter",
        "select_and_scatter",
        "slice",
        "sort",
        "transpose",
        "while",
    ] {
        assert!(files.contains(name), "{name} has no cases");
    }
}
