//! Operators that are computed together, block by block: what the plan makes of them, and their bits.

mod common;

use common::check::{check, check_with};
use common::{Rng, data};
use corex_engine::{Options, Program, Tensor, reference};
use corex_hlo::FuncBuilder;
use corex_hlo::ir::*;

/// All edge values against all others, and a third operand that takes another order of them.
fn triples() -> Vec<Tensor> {
    let [x, y] = data::edge_pairs(DType::F32);
    let z = Tensor::from_bytes(x.ty().clone(), &x.bytes().rchunks(4).collect::<Vec<_>>().concat()).unwrap();
    vec![x, y, z]
}

fn steps(module: &Module) -> Vec<String> {
    Program::compile(module, "main", &Options::default()).unwrap().steps().collect()
}

/// Each operation rounds by itself, with every NaN and zero, wherever its operands come from: what was computed last, what was
/// put aside, one of each, the same twice.
#[test]
fn operations_on_what_was_computed_last() {
    use BinaryOp::{Add, Divide, Maximum, Minimum, Multiply, Subtract};
    const OPS: [BinaryOp; 6] = [Add, Subtract, Multiply, Divide, Maximum, Minimum];
    check_with("pairs", &triples(), |b, p| {
        let mut results = Vec::new();
        for first in OPS {
            for second in OPS {
                let inner = |b: &mut FuncBuilder| b.op(OpKind::Binary(first), &[p[0], p[1]]);
                let (left, right) = (inner(b), inner(b));
                results.push(b.op(OpKind::Binary(second), &[left, p[2]]));
                results.push(b.op(OpKind::Binary(second), &[p[2], right]));
                let (twice, hidden) = (inner(b), inner(b));
                results.push(b.op(OpKind::Binary(second), &[twice, twice]));
                let hidden = b.op(OpKind::Binary(second), &[p[2], hidden]);
                let root = b.sqrt(hidden);
                let again = b.op(OpKind::Binary(second), &[hidden, root]);
                results.push(b.neg(again));
            }
        }
        results
    });
}

/// Choices between what was computed last and something else, on either side, and bounds of it; none changes a bit of a NaN
/// that somebody sees.
#[test]
fn choices_of_what_was_computed_last() {
    check_with("choices", &triples(), |b, p| {
        let mut results = Vec::new();
        let seen = b.lt(p[0], p[1]);
        for ends_hidden in [false, true] {
            let product = |b: &mut FuncBuilder| b.mul(p[0], p[2]);
            let (x, y, z, both) = (product(b), product(b), product(b), product(b));
            let sum = b.add(p[0], p[1]);
            let chosen = [
                b.select(seen, x, p[1]),
                b.select(seen, p[1], y),
                b.select(seen, z, sum),
                b.select(seen, both, both),
            ];
            for x in chosen {
                results.push(if ends_hidden { b.rsqrt(x) } else { x });
            }
            let (low, x, high) = (product(b), product(b), product(b));
            results.push(b.clamp(p[0], x, p[1]));
            results.push(b.clamp(low, p[0], p[1]));
            results.push(b.clamp(p[0], p[1], high));
        }
        results
    });
}

/// Selections of what is not small, and what only looks like one: another number compared, both sides exchanged, the magnitude
/// or the predicate needed elsewhere. Limits and replacements may be numbers of their own for each element.
#[test]
fn small_numbers_that_are_replaced() {
    check_with("small", &triples(), |b, p| {
        let mut results = Vec::new();
        let one = b.full_like(p[0], 1.5);
        let zero = b.full_like(p[0], 0.0);
        for (limit, other) in [(one, zero), (one, p[2]), (p[2], zero), (p[2], p[1])] {
            for (of, compared) in [(p[0], p[0]), (p[0], p[1])] {
                for is_first in [true, false] {
                    let size = b.abs(of);
                    let is_small = b.lt(size, limit);
                    let (x, y) = if is_first { (other, compared) } else { (compared, other) };
                    let chosen = b.select(is_small, x, y);
                    results.push(chosen);
                    results.push(b.add(chosen, p[1]));
                }
            }
        }
        let sum = b.add(p[0], p[1]);
        let size = b.abs(sum);
        let is_small = b.lt(size, one);
        results.extend([b.select(is_small, zero, sum), size, is_small]);
        results
    });
}

/// Lengths at which blocks, vectors and tiles end; rows between folds, where only long sequences are worth it.
#[test]
fn sequences_of_any_length() {
    for n in [1, 7, 16, 127, 128, 129, 1000, 1024, 1025, 2500] {
        let mut rng = Rng(n as u64);
        let inputs: Vec<Tensor> = (0..2).map(|_| data::tensor(&mut rng, &TensorType::f32([3, n]))).collect();
        check_with(&format!("rows of {n}"), &inputs, |b, p| {
            let mean = b.reduce_sum(p[0], &[1]);
            let mean = b.broadcast(mean, &[3, n], &[0]);
            let centred = b.sub(p[0], mean);
            let size = b.abs(centred);
            let scaled = b.mul(size, p[1]);
            let both = b.add(scaled, centred);
            let ratio = b.div(both, p[1]);
            let total = b.reduce_sum(ratio, &[1]);
            vec![ratio, total]
        });
    }
}

/// Parameters, averages and gradient of an optimiser's step, the first `DECAYED` of which decay.
const ELEMENTS: usize = 3000;
const DECAYED: i32 = 1111;

fn optimizer() -> Module {
    let mut b = FuncBuilder::new("main");
    let ty = TensorType::f32([ELEMENTS]);
    let p: Vec<ValueId> = (0..4).map(|_| b.param(ty.clone())).collect();
    let [param, mean, square, gradient] = p[..] else { unreachable!("four parameters") };
    let number = |b: &mut FuncBuilder, x: f32| b.full_like(param, x);
    let flushed = |b: &mut FuncBuilder, x: ValueId| {
        let (limit, zero, size) = (number(b, 1e-18), number(b, 0.0), b.abs(x));
        let is_small = b.lt(size, limit);
        b.select(is_small, zero, x)
    };
    let (keep, take) = (number(&mut b, 0.9), number(&mut b, 0.1));
    let gradient = flushed(&mut b, gradient);
    let average = |b: &mut FuncBuilder, old: ValueId, new: ValueId| {
        let (old, new) = (b.mul(old, keep), b.mul(new, take));
        let sum = b.add(old, new);
        flushed(b, sum)
    };
    let mean = average(&mut b, mean, gradient);
    let squared = b.mul(gradient, gradient);
    let square = average(&mut b, square, squared);
    let root = b.sqrt(square);
    let epsilon = number(&mut b, 1e-8);
    let root = b.add(root, epsilon);
    let change = b.div(mean, root);
    let index = TensorType::new(DType::I32, [ELEMENTS]);
    let indices = b.iota(index, 0);
    let limit = b.full(DECAYED, &[ELEMENTS]);
    let decays = b.lt(indices, limit);
    let zero = number(&mut b, 0.0);
    let decay = b.select(decays, param, zero);
    let change = b.add(change, decay);
    let change = b.mul(change, take);
    let param = b.sub(param, change);
    Module::single("optimizer", b.finish(&[param, mean, square]).unwrap())
}

/// A whole step is one sequence, which writes into the places of what it was given where nothing reads that any more.
#[test]
fn an_optimizer_step_is_one_sequence_in_place() {
    let module = optimizer();
    let steps = steps(&module);
    let [step] = &steps[..] else { panic!("several steps: {steps:?}") };
    assert_eq!(step.matches('[').count(), 1, "{step}");
    assert!(!step.contains("Iota") && !step.contains("store"), "{step}");
    let mut rng = Rng(17);
    for threads in 1..=3 {
        let program = Program::compile(&module, "main", &Options { threads, ..Options::default() }).unwrap();
        for _ in 0..3 {
            let inputs: Vec<Tensor> =
                (0..4).map(|_| data::tensor(&mut rng, &TensorType::f32([ELEMENTS]))).collect();
            check(&module, &inputs, "optimizer");
            let expected = reference::evaluate(&module, "main", &inputs, 1 << 20).unwrap();
            let places: Vec<*const u8> = inputs.iter().map(|x| x.bytes().as_ptr()).collect();
            let results = program.run_donated(inputs, None).unwrap();
            assert!(results == expected, "{threads} threads");
            for (result, place) in results.iter().zip(places) {
                assert_eq!(result.bytes().as_ptr(), place, "each result has the place of what it replaces");
            }
        }
    }
}

/// A result waits with taking an input's place for whoever reads that after the sequence.
#[test]
fn inputs_that_are_read_later_stay_so_long() {
    let ty = TensorType::f32([ELEMENTS]);
    let mut b = FuncBuilder::new("main");
    let (x, factor) = (b.param(ty.clone()), b.param(TensorType::f32([])));
    let factor = b.broadcast(factor, &[ELEMENTS], &[]);
    let product = b.mul(x, factor);
    let sum = b.add(product, factor);
    // Not an operator of sequences.
    let gate = b.logistic(sum);
    let rest = b.sub(gate, x);
    let module = Module::single("later", b.finish(&[sum, rest]).unwrap());
    let text = steps(&module).concat();
    assert!(text.contains("] Unary(Logistic)") && text.contains("store"), "{text}");
    let mut rng = Rng(23);
    let inputs = vec![data::tensor(&mut rng, &ty), data::tensor(&mut rng, &TensorType::f32([]))];
    let expected = reference::evaluate(&module, "main", &inputs, 1 << 20).unwrap();
    let program = Program::compile(&module, "main", &Options::default()).unwrap();
    let place = inputs[0].bytes().as_ptr();
    let results = program.run_donated(inputs, None).unwrap();
    assert!(results == expected, "x was overwritten before it was read");
    assert_eq!(results[0].bytes().as_ptr(), place);
}

/// Indices compared with one number, from either side, in every way, also where all or none are below it.
#[test]
fn indices_compared_with_a_number() {
    const SHAPE: [usize; 3] = [5, 3, 100];
    let mut cases = 0;
    for dtype in [DType::I8, DType::U8, DType::I32, DType::U32, DType::I64, DType::U64] {
        for dim in 0..3 {
            for limit in [-1i64, 0, 1, 2, 3, 5, 99, 100, i64::from(i32::MIN), i64::MAX] {
                let ty = TensorType::new(dtype, SHAPE);
                let mut b = FuncBuilder::new("main");
                let x = b.param(TensorType::f32(SHAPE));
                let bytes = limit.to_le_bytes()[..dtype.size()].to_vec();
                let limit = b.constant(Literal { ty: ty.clone(), data: LiteralData::Splat(bytes) });
                let mut results = Vec::new();
                for dir in common::COMPARE {
                    for is_left in [true, false] {
                        let indices = b.iota(ty.clone(), dim);
                        let pair = if is_left { (indices, limit) } else { (limit, indices) };
                        let found = b.compare(dir, pair.0, pair.1);
                        let zero = b.full_like(x, 0.0);
                        results.extend([b.select(found, x, zero), found]);
                    }
                }
                let module = Module::single("indices", b.finish(&results).unwrap());
                let mut rng = Rng(3);
                let input = data::tensor(&mut rng, &TensorType::f32(SHAPE));
                check(&module, &[input], &format!("{dtype:?}, dimension {dim}"));
                let text = steps(&module).concat();
                cases += usize::from(dtype.size() >= 4);
                // Only equality needs the indices.
                let expected = if dtype.size() >= 4 { 4 } else { 12 };
                assert_eq!(text.matches("Iota").count(), expected, "{text}");
            }
        }
    }
    assert_eq!(cases, 4 * 3 * 10);
}
