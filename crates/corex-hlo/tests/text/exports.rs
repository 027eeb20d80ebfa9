//! Modules exported by JAX (tests/data/export.py).

use corex_hlo::{OpKind, canonical_text, inline_calls, parse, print, verify, work_units};

const GPT_STEP: &str = include_str!("../data/gpt_step.mlir");
const OPS_SHORT: &str = include_str!("../data/ops_pretty.mlir");
const OPS_GENERIC: &str = include_str!("../data/ops_generic.mlir");

/// `vectors/jax-elementwise`: the operators that came later, in each form JAX has.
const ELEMENTWISE: [&str; 3] = [
    include_str!("../../../../vectors/jax-elementwise/functions.mlir"),
    include_str!("../../../../vectors/jax-elementwise/generic.mlir"),
    include_str!("../../../../vectors/jax-elementwise/export.mlir"),
];

/// An export survives reading, printing and reading again.
fn check(text: &str) -> corex_hlo::Module {
    let module = parse(text).unwrap();
    let printed = print(&module);
    assert_eq!(parse(&printed).unwrap(), module);
    assert_eq!(print(&parse(&printed).unwrap()), printed);
    let canonical = canonical_text(&module);
    assert_eq!(canonical_text(&parse(&canonical).unwrap()), canonical);
    module
}

#[test]
fn a_training_step_is_read_whole() {
    let module = check(GPT_STEP);
    let main = module.func("main").unwrap();
    let written = GPT_STEP
        .lines()
        .take_while(|l| !l.starts_with("    return"))
        .filter(|l| l.starts_with("    %"))
        .count();
    assert_eq!(main.ops.len(), written);
    let flat = inline_calls(&module, "main").unwrap();
    assert!(flat.ops.iter().all(|op| !matches!(op.kind, OpKind::Call { .. })));
    assert_eq!(flat.params.len(), main.params.len());
    assert_eq!(flat.results.len(), main.results.len());
    verify(&corex_hlo::Module { name: "flat".into(), funcs: vec![flat] }).unwrap();
    assert_eq!(work_units(&module, "main").unwrap(), 13);
}

#[test]
fn every_operator_is_read() {
    check(OPS_SHORT);
}

/// The short and the generic form of one module are one program.
#[test]
fn generic_form_is_the_same_program() {
    let (short, generic) = (check(OPS_SHORT), check(OPS_GENERIC));
    assert_eq!(canonical_text(&short), canonical_text(&generic));
    let [short, generic, _] = ELEMENTWISE.map(check);
    assert_eq!(canonical_text(&short), canonical_text(&generic));
}
