//! The comparison of the executor, and of the lowered form, with the reference.

use corex_engine::{DEFAULT_OPERATION_LIMIT, Options, Program, Tensor, referee, reference};
use corex_hlo::ir::{Module, ValueId};
use corex_hlo::{FuncBuilder, lower};
use corex_num::Isa;

const LIMIT: u64 = 1 << 30;

/// Compares all ways to run a program with the reference.
pub fn check(module: &Module, inputs: &[Tensor], name: &str) {
    let expected = match reference::evaluate(module, "main", inputs, LIMIT) {
        Ok(expected) => expected,
        Err(error) => panic!("{name}: the reference refuses: {error}"),
    };
    let lowered = lower(module, "main").unwrap_or_else(|e| panic!("{name}: cannot be lowered: {e}")).program;
    let got = referee::evaluate(&lowered, inputs, DEFAULT_OPERATION_LIMIT, &mut |_| ())
        .unwrap_or_else(|e| panic!("{name}: the lowered form is not evaluated: {e}"));
    for (i, (got, expected)) in got.iter().zip(&expected).enumerate() {
        assert!(
            got == expected,
            "{name}, lowered: result {i} differs\n{}\n{}",
            first_difference(got, expected),
            lower::print(&lowered)
        );
    }
    for isa in Isa::available() {
        for threads in 1..=3 {
            let hash_results = threads != 2;
            let options = Options { isa, threads, memory_limit: LIMIT, hash_results, ..Options::default() };
            let program = Program::compile(module, "main", &options)
                .unwrap_or_else(|e| panic!("{name}: does not compile: {e}"));
            // The second run reuses the arena, full of old values; the third may reuse the inputs.
            for run in 0..3 {
                let got =
                    if run < 2 { program.run(inputs) } else { program.run_donated(copies(inputs), None) };
                let got = got.unwrap_or_else(|e| panic!("{name}: does not run: {e}"));
                for (i, (got, expected)) in got.iter().zip(&expected).enumerate() {
                    assert!(
                        got == expected,
                        "{name}, {isa}, {threads} thread(s), run {run}: result {i} differs\n{}",
                        first_difference(got, expected)
                    );
                    assert_eq!(
                        got.digest(),
                        expected.digest(),
                        "{name}, {isa}, {threads} thread(s): result {i}"
                    );
                }
            }
        }
    }
}

/// Tensors that nobody else holds.
fn copies(inputs: &[Tensor]) -> Vec<Tensor> {
    inputs.iter().map(|x| Tensor::from_bytes(x.ty().clone(), x.bytes()).unwrap()).collect()
}

/// [`check`] of a function of these inputs.
pub fn check_with(
    name: &str,
    inputs: &[Tensor],
    body: impl FnOnce(&mut FuncBuilder, &[ValueId]) -> Vec<ValueId>,
) {
    let mut b = FuncBuilder::new("main");
    let params: Vec<ValueId> = inputs.iter().map(|x| b.param(x.ty().clone())).collect();
    let results = body(&mut b, &params);
    let func = b.finish(&results).unwrap_or_else(|e| panic!("{name}: {e}"));
    check(&Module::single("test", func), inputs, name);
}

fn first_difference(got: &Tensor, expected: &Tensor) -> String {
    let size = got.ty().dtype.size();
    let mut elements = got.bytes().chunks(size).zip(expected.bytes().chunks(size));
    match elements.position(|(g, e)| g != e) {
        Some(at) => {
            let of = |t: &Tensor| t.bytes()[at * size..][..size].to_vec();
            format!("{}: element {at} is {:02x?}, expected {:02x?}", got.ty(), of(got), of(expected))
        }
        None => format!("{} against {}", got.ty(), expected.ty()),
    }
}
