//! The lowered form, evaluated element by element, has the reference's bits: the proof that lowering is right.
//!
//! A failure names the seed; `COREX_SEED=n cargo test -p corex-engine --release --test lowered one_seed -- --nocapture`
//! replays it.

mod common;

use common::Rng;
use corex_engine::referee::{self, Observed};
use corex_engine::{DEFAULT_OPERATION_LIMIT, Tensor, reference};
use corex_hlo::ir::Module;
use corex_hlo::lower::{self, Lowered, lower};

const LIMIT: u64 = 1 << 30;

fn lowered(module: &Module, name: &str) -> Lowered {
    let program = lower(module, "main").unwrap_or_else(|e| panic!("{name}: {e}")).program;
    // What is written is read back, and is small.
    let bytes = lower::encode(&program);
    assert_eq!(lower::decode(&bytes).unwrap_or_else(|e| panic!("{name}: {e}")), program, "{name}");
    for op in program.funcs.iter().flat_map(|func| &func.ops) {
        let bytes = lower::encode_op(&program, op);
        assert_eq!(lower::decode_op(&bytes).unwrap_or_else(|e| panic!("{name}: {e}")).0, *op, "{name}");
    }
    program
}

/// Compares the lowered program with the reference, and enters some chains in the middle.
fn check(module: &Module, inputs: &[Tensor], name: &str) {
    let program = lowered(module, name);
    let expected =
        reference::evaluate(module, "main", inputs, LIMIT).unwrap_or_else(|e| panic!("{name}: {e}"));
    let mut rng = Rng(7);
    let got = referee::evaluate(&program, inputs, DEFAULT_OPERATION_LIMIT, &mut |seen| {
        if rng.one_in(4) {
            check_chain(&seen, &mut rng, name);
        }
    });
    let got = got.unwrap_or_else(|e| panic!("{name}: {e}\n{}", lower::print(&program)));
    for (i, (got, expected)) in got.iter().zip(&expected).enumerate() {
        assert!(got == expected, "{name}: result {i} differs\n{}", lower::print(&program));
    }
    assert_eq!(got.len(), expected.len(), "{name}");
}

/// A chain that is left at some position and entered there again, with nothing but its accumulators, ends as it would
/// have.
fn check_chain(seen: &Observed<'_>, rng: &mut Rng, name: &str) {
    let elements = seen.results.first().map_or(0, |bits| bits.len());
    if elements == 0 {
        return;
    }
    let (op, index) = (seen.lowered, rng.below(elements));
    let mut fetch = |operand: u32, element: u64| Some(seen.operands[operand as usize][element as usize]);
    let length = referee::chain_length(op, index as u64).unwrap();
    let leave = rng.below(length as usize + 1) as u64;
    let mut state = referee::begin(op, index as u64, &mut fetch).unwrap();
    for position in 0..leave {
        referee::step(op, index as u64, position, &mut state, &mut fetch).unwrap();
    }
    let mut state = state.clone();
    for position in leave..length {
        referee::step(op, index as u64, position, &mut state, &mut fetch).unwrap();
    }
    let end = referee::finish(op, index as u64, &state, &mut fetch).unwrap();
    let expected: Vec<u64> = seen.results.iter().map(|bits| bits[index]).collect();
    assert_eq!(end, expected, "{name}: {}", lower::print_op(op));
    assert!(referee::step(op, index as u64, length, &mut state, &mut fetch).is_err());
}

fn check_seeds(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let (module, inputs) = common::program(seed);
        check(&module, &inputs, &format!("seed {seed}"));
    }
}

#[test]
fn random_programs_a() {
    check_seeds(0..150);
}

#[test]
fn random_programs_b() {
    check_seeds(1000..1150);
}

/// Operators that strangers wrote: an error, or an element, whatever the operands hold.
#[test]
fn hostile_operators_are_evaluated_or_refused() {
    let mut rng = Rng(99);
    let mut evaluated = 0;
    for seed in 0..40 {
        let (module, _) = common::program(seed);
        let program = lowered(&module, "hostile");
        for op in program.funcs.iter().flat_map(|func| &func.ops) {
            let mut bytes = lower::encode_op(&program, op);
            for _ in 0..1 + rng.below(3) {
                let at = rng.below(bytes.len());
                bytes[at] = if rng.one_in(2) { rng.next() as u8 } else { bytes[at] ^ 1 << rng.below(8) };
            }
            let Ok((op, _)) = lower::decode_op(&bytes) else { continue };
            let elements = op.results.first().map_or(0, |ty| ty.elements());
            if elements == 0 {
                continue;
            }
            for index in [0, rng.below(elements) as u64, elements as u64 - 1, u64::MAX] {
                let mut words = Rng(index);
                let mut fetch = |operand: u32, element: u64| {
                    let ty = &op.operands[operand as usize].ty;
                    assert!(element < ty.elements() as u64, "{op:?}");
                    // As a blob of that type has it.
                    let word = words.next() >> (64 - 8 * ty.dtype.size());
                    Some(if ty.dtype == corex_hlo::DType::I1 { word & 1 } else { word })
                };
                if referee::chain_length(&op, index).is_ok_and(|length| length < 5000) {
                    evaluated += usize::from(referee::evaluate_element(&op, index, &mut fetch).is_ok());
                    let none = referee::evaluate_element(&op, index, &mut |_, _| None);
                    assert!(none.is_ok() || index < elements as u64);
                }
            }
        }
    }
    assert!(evaluated > 100, "{evaluated}");
}

#[test]
fn one_seed() {
    if let Some(seed) = std::env::var("COREX_SEED").ok().and_then(|s| s.parse().ok()) {
        let (module, inputs) = common::program(seed);
        println!("{}", lower::print(&lowered(&module, "one seed")));
        check(&module, &inputs, &format!("seed {seed}"));
    }
}
