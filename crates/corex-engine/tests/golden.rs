//! `vectors/ops`: a file per elementwise operator with edge values of every element type it takes. The files are what
//! the reference computes; the executor computes the same; none goes unread.
//!
//! After a deliberate change of the law: `COREX_BLESS=1 cargo test --release -p corex-engine --test golden`, and review
//! the difference.

mod common;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use common::{ALL_TYPES, COMPARE, Rng, data};
use corex_engine::{Tensor, reference};
use corex_hlo::ir::*;
use corex_hlo::{FuncBuilder, infer};

/// Cases per element type.
const CASES: usize = 24;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/ops"))
}

/// Elements of one type, edge values and others. Operands of one file differ by `salt`.
fn operand(dtype: DType, salt: u64) -> Tensor {
    let mut rng = Rng(1000 + salt);
    let size = dtype.size();
    let word = |rng: &mut Rng| -> u64 {
        let edge = !rng.one_in(3);
        match dtype {
            DType::F32 if edge => u64::from(*rng.pick(&data::EDGES_F32)),
            DType::F16 if edge => u64::from(*rng.pick(&data::EDGES_F16)),
            DType::BF16 if edge => u64::from(*rng.pick(&data::EDGES_F32) >> 16),
            // Shift counts around the width, too.
            _ if dtype.is_int() && edge => {
                let top = 8 * size as u64 - 1;
                *rng.pick(&[0, 1, 2, 7, top, top + 1, u64::MAX, u64::MAX - 1, 1 << top, (1 << top) - 1])
            }
            _ => data::element(rng, dtype).iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        }
    };
    let bytes: Vec<u8> = (0..CASES).flat_map(|_| word(&mut rng).to_le_bytes()[..size].to_vec()).collect();
    Tensor::from_bytes(TensorType::new(dtype, [CASES]), &bytes).expect("elements of the type")
}

/// A column of hexadecimal bit patterns.
fn column(tensor: &Tensor) -> String {
    let mut text = String::from("[");
    for (i, bytes) in tensor.bytes().chunks(tensor.ty().dtype.size()).enumerate() {
        let word = bytes.iter().rev().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
        let separator = if i == 0 { "" } else { "," };
        write!(text, "{separator}\"0x{word:x}\"").expect("a String takes any text");
    }
    text + "]"
}

/// The operators of one file as (column, operator), for operands of that type; `None` if it takes no such operands.
type Kinds = Box<dyn Fn(DType) -> Vec<(String, OpKind)>>;

/// Every file: its name, the names of its operands, and what is computed of them.
fn files() -> Vec<(String, &'static [&'static str], Kinds)> {
    let mut files: Vec<(String, &'static [&'static str], Kinds)> = Vec::new();
    let short = |kind: &OpKind| kind.name().rsplit('.').next().unwrap_or_default().to_owned();
    let plain = |kind: OpKind| -> Kinds { Box::new(move |_| vec![("result".to_owned(), kind.clone())]) };
    for kind in UnaryOp::ALL.map(OpKind::Unary) {
        files.push((short(&kind), &["x"], plain(kind)));
    }
    for kind in BinaryOp::ALL.map(OpKind::Binary) {
        files.push((short(&kind), &["a", "b"], plain(kind)));
    }
    let directions = |of: fn(CompareDir) -> OpKind| -> Kinds {
        Box::new(move |_| COMPARE.map(|dir| (format!("{dir:?}").to_uppercase(), of(dir))).to_vec())
    };
    files.push(("compare".to_owned(), &["a", "b"], directions(OpKind::Compare)));
    files.push(("compare_total_order".to_owned(), &["a", "b"], directions(OpKind::CompareTotal)));
    files.push(("clamp".to_owned(), &["min", "x", "max"], plain(OpKind::Clamp)));
    files.push(("select".to_owned(), &["pred", "on_true", "on_false"], plain(OpKind::Select)));
    let targets = |of: fn(DType) -> OpKind| -> Kinds {
        Box::new(move |_| ALL_TYPES.map(|to| (to.name().to_owned(), of(to))).to_vec())
    };
    files.push(("convert".to_owned(), &["x"], targets(OpKind::Convert)));
    files.push(("bitcast_convert".to_owned(), &["x"], targets(OpKind::BitcastConvert)));
    let formats = |_| {
        let kind = |(exponent_bits, mantissa_bits)| {
            (
                format!("e{exponent_bits}m{mantissa_bits}"),
                OpKind::ReducePrecision { exponent_bits, mantissa_bits },
            )
        };
        [(8, 23), (5, 10), (8, 7), (4, 3), (5, 2), (8, 0), (1, 1)].map(kind).to_vec()
    };
    files.push(("reduce_precision".to_owned(), &["x"], Box::new(formats)));
    files
}

/// The content of a file; every result is compared with the executor's on the way.
fn content(name: &str, operands: &[&str], kinds: &Kinds) -> String {
    // One program computes the columns of all element types.
    let mut b = FuncBuilder::new("main");
    let (mut inputs, mut outputs, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
    for dtype in ALL_TYPES {
        let tensors: Vec<Tensor> = (operands.iter().zip(0..))
            .map(|(operand_name, salt)| {
                operand(if *operand_name == "pred" { DType::I1 } else { dtype }, salt)
            })
            .collect();
        let types: Vec<&TensorType> = tensors.iter().map(Tensor::ty).collect();
        // Bits of another size have another shape; those are for tests with shapes.
        let takes = |kind: &OpKind| infer(kind, &types).is_ok_and(|ty| ty.shape == [CASES]);
        let kinds: Vec<_> = kinds(dtype).into_iter().filter(|(_, kind)| takes(kind)).collect();
        if kinds.is_empty() {
            continue;
        }
        let params: Vec<ValueId> = types.iter().map(|ty| b.param((*ty).clone())).collect();
        let columns: Vec<String> = kinds.iter().map(|(column, _)| column.clone()).collect();
        outputs.extend(kinds.iter().map(|(_, kind)| b.op(kind.clone(), &params)));
        blocks.push((dtype, tensors.clone(), columns));
        inputs.extend(tensors);
    }
    let module = Module::single("golden", b.finish(&outputs).expect("well typed"));
    common::check::check(&module, &inputs, name);
    let mut results =
        reference::evaluate(&module, "main", &inputs, 1 << 24).expect("the program runs").into_iter();
    let block = |(dtype, tensors, columns): (DType, Vec<Tensor>, Vec<String>)| {
        let named = operands.iter().map(|n| (*n).to_owned()).zip(tensors);
        let lines: Vec<String> = named
            .chain(columns.into_iter().zip(results.by_ref()))
            .map(|(name, tensor)| format!("  \"{name}\": {}", column(&tensor)))
            .collect();
        format!("\"{}\": {{\n{}}}", dtype.name(), lines.join(",\n"))
    };
    let blocks: Vec<String> = blocks.into_iter().map(block).collect();
    format!("{{\n{}\n}}\n", blocks.join(",\n"))
}

#[test]
fn files_are_what_the_engine_computes_and_none_goes_unread() {
    let expected: BTreeMap<String, String> = files()
        .into_iter()
        .map(|(name, operands, kinds)| (format!("{name}.json"), content(&name, operands, &kinds)))
        .collect();
    if std::env::var_os("COREX_BLESS").is_some() {
        std::fs::create_dir_all(folder()).expect("the folder can be made");
        for (name, content) in &expected {
            std::fs::write(folder().join(name), content).expect("the file can be written");
        }
    }
    let mut bytes = 0;
    for (name, content) in &expected {
        let found = std::fs::read_to_string(folder().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        serde_json::from_str::<serde_json::Value>(&found).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(found == *content, "vectors/ops/{name} differs from what the reference computes");
        bytes += found.len();
    }
    let entries = std::fs::read_dir(folder()).expect("the folder is there");
    let names: Vec<String> =
        entries.map(|e| e.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>(), expected.keys().collect());
    assert!(bytes < 400 * 1024, "{bytes} bytes of golden cases: too many to carry around");
}
