//! Any program is refused, or runs within its limits and gives the reference's bits.
//!
//! Inputs of the program are made from the text's length, so that a case is one file.

#![no_main]

use corex_engine::{EngineError, Options, Program, Tensor, referee, reference};
use corex_hlo::{TensorType, lower, parse, work_units_assuming};
use corex_num::Isa;

const MEMORY: u64 = 8 << 20;
const OPERATIONS: u64 = 500;

/// Elements of all kinds: zeros, small and huge numbers, NaN.
fn input(ty: &TensorType, salt: usize) -> Option<Tensor> {
    let word = |i: usize| (i.wrapping_add(salt) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let byte = |i: usize, size: usize| match word(i / size) >> 60 {
        0 => 0,
        1 => 0xFF,
        2 => [0, 0, 0x80, 0x3F, 0, 0, 0, 0][8 - size + i % size],
        _ => (word(i / size) >> (8 * (i % size))) as u8,
    };
    let size = ty.dtype.size();
    let mask = if ty.dtype == corex_hlo::DType::I1 { 1 } else { 0xFF };
    Tensor::from_bytes(ty.clone(), &(0..ty.bytes()).map(|i| byte(i, size) & mask).collect::<Vec<_>>()).ok()
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(module) = parse(text) else { return };
    let Some(func) = module.funcs.iter().find(|func| func.public) else { return };
    let name = func.name.clone();
    // What would take long is what a price is for.
    if !matches!(work_units_assuming(&module, &name, OPERATIONS), Ok(0..=2)) {
        return;
    }
    let isas = Isa::available();
    let isa = isas[text.len() % isas.len()];
    let options = Options {
        isa,
        threads: 1 + text.len() % 2,
        memory_limit: MEMORY,
        operation_limit: OPERATIONS,
        hash_results: text.len() % 3 == 0,
    };
    let Ok(program) = Program::compile(&module, &name, &options) else { return };
    let inputs: Option<Vec<Tensor>> = program.inputs().enumerate().map(|(i, ty)| input(ty, i)).collect();
    let Some(inputs) = inputs else { return };
    let outcome = program.run(&inputs);
    match reference::evaluate_limited(&module, &name, &inputs, 64 * MEMORY, OPERATIONS) {
        Ok(expected) => {
            assert_eq!(outcome.as_ref(), Ok(&expected), "the executor gives the reference's bits");
            for (got, expected) in outcome.iter().flatten().zip(&expected) {
                assert_eq!(got.digest(), expected.digest(), "results are hashed as they are");
            }
            // Windows and padding may have numbers that a referee does not calculate with.
            if let Ok(lowering) = lower(&module, &name) {
                let refereed = referee::evaluate(&lowering.program, &inputs, OPERATIONS, &mut |_| ());
                assert_eq!(refereed.as_ref(), Ok(&expected), "the lowered form has the reference's bits");
            }
        }
        Err(EngineError::Operations { .. }) => assert!(outcome.is_err(), "both stop at the limit"),
        Err(error) => panic!("the reference refuses what compiles: {error}"),
    }
});
