//! Products of which a `select` hides a part: what is seen is the reference's, and what is not is not computed.

mod common;

use common::{Rng, check::check, data};
use corex_engine::{Options, Program, Tensor};
use corex_hlo::ir::*;
use corex_hlo::{Dot, FuncBuilder};

const BATCH: usize = 2;
const STEPS: usize = 9;

/// Writes a predicate of `[m, n]`.
type Seen = fn(&mut FuncBuilder, [usize; 2]) -> ValueId;

fn indices(b: &mut FuncBuilder, shape: [usize; 2], dtype: DType) -> [ValueId; 2] {
    [0, 1].map(|dim| b.iota(TensorType::new(dtype, shape), dim))
}

/// Row and column as JAX's `arange` writes them: one dimension each, repeated along the other.
fn aranges(b: &mut FuncBuilder, shape: [usize; 2]) -> [ValueId; 2] {
    [0, 1].map(|dim| {
        let index = b.iota(TensorType::new(DType::I32, [shape[dim]]), 0);
        b.broadcast(index, &shape, &[dim])
    })
}

/// Whether the engine is expected to leave a part, and the predicate.
const PREDICATES: [(bool, &str, Seen); 15] = [
    (true, "row >= column", |b, shape| {
        let [row, column] = indices(b, shape, DType::U32);
        b.compare(CompareDir::Ge, row, column)
    }),
    (true, "column < row", |b, shape| {
        let [row, column] = indices(b, shape, DType::I64);
        b.lt(column, row)
    }),
    (true, "row + 70 > column", |b, shape| {
        let [row, column] = indices(b, shape, DType::I32);
        let shift = b.full(70i32, &shape);
        let row = b.add(row, shift);
        b.compare(CompareDir::Gt, row, column)
    }),
    (true, "column + 3 <= row, of repeated vectors", |b, shape| {
        let [row, column] = aranges(b, shape);
        let shift = b.full(3i32, &shape);
        let column = b.add(shift, column);
        b.compare(CompareDir::Le, column, row)
    }),
    (true, "within a window", |b, shape| {
        let [row, column] = indices(b, shape, DType::U32);
        let seen = b.compare(CompareDir::Ge, row, column);
        let window = b.full(20u32, &shape);
        let end = b.add(column, window);
        let near = b.lt(row, end);
        b.and(near, seen)
    }),
    (true, "a triangle of ones", |b, shape| {
        let [row, column] = indices(b, shape, DType::I32);
        let seen = b.compare(CompareDir::Ge, row, column);
        let (yes, no) = (b.full(true, &shape), b.full(false, &shape));
        b.select(seen, yes, no)
    }),
    (true, "nothing", |b, shape| {
        let [row, column] = indices(b, shape, DType::U32);
        let far = b.full(1000u32, &shape);
        let column = b.add(column, far);
        b.compare(CompareDir::Ge, row, column)
    }),
    (false, "row <= column", |b, shape| {
        let [row, column] = indices(b, shape, DType::U32);
        b.compare(CompareDir::Le, row, column)
    }),
    (false, "row = column", |b, shape| {
        let [row, column] = indices(b, shape, DType::U32);
        b.eq(row, column)
    }),
    (false, "twice the row", |b, shape| {
        let [row, column] = indices(b, shape, DType::U32);
        let row = b.add(row, row);
        b.compare(CompareDir::Ge, row, column)
    }),
    (false, "a sum that wraps", |b, shape| {
        let [row, column] = indices(b, shape, DType::U32);
        let minus_three = b.full(u32::MAX - 2, &shape);
        let row = b.add(row, minus_three);
        b.compare(CompareDir::Ge, row, column)
    }),
    (false, "bytes that wrap", |b, shape| {
        let [row, column] = indices(b, shape, DType::U8);
        b.compare(CompareDir::Ge, row, column)
    }),
    (false, "the bits of floats", |b, shape| {
        let indices = indices(b, shape, DType::F32);
        let [row, column] = indices.map(|index| b.bitcast(index, DType::I32));
        let shift = b.full(3i32, &shape);
        let column = b.add(column, shift);
        b.compare(CompareDir::Ge, row, column)
    }),
    (false, "one or the other", |b, shape| {
        let [row, column] = indices(b, shape, DType::U32);
        let (less, more) = (b.lt(row, column), b.compare(CompareDir::Ge, row, column));
        b.or(less, more)
    }),
    (false, "turned", |b, [m, n]| {
        let [row, column] = indices(b, [n, m], DType::U32);
        let seen = b.compare(CompareDir::Ge, row, column);
        b.transpose(seen, &[1, 0])
    }),
];

/// What is done with a product and the predicate.
type Use = fn(&mut FuncBuilder, ValueId, ValueId) -> Vec<ValueId>;

/// As above.
const USES: [(bool, &str, Use); 6] = [
    (true, "hidden", |b, x, seen| {
        let other = b.full_like(x, -1e30);
        vec![b.select(seen, x, other)]
    }),
    (true, "scaled, then hidden twice", |b, x, seen| {
        let scaled = b.scale(x, 0.25);
        let other = b.full_like(x, 0.0);
        let chosen = b.select(seen, scaled, other);
        let exp = b.exp(x);
        let grown = b.select(seen, exp, other);
        let sums = b.reduce_sum(chosen, &[2]);
        vec![sums, grown]
    }),
    (false, "seen beside", |b, x, seen| {
        let other = b.full_like(x, 0.0);
        let chosen = b.select(seen, x, other);
        let sums = b.reduce_sum(x, &[2]);
        vec![chosen, sums]
    }),
    (false, "seen where the predicate does not hold", |b, x, seen| {
        let other = b.full_like(x, 0.0);
        vec![b.select(seen, other, x)]
    }),
    (false, "seen either way", |b, x, seen| {
        let negative = b.neg(x);
        vec![b.select(seen, x, negative)]
    }),
    (false, "a result", |b, x, seen| {
        let other = b.full_like(x, 0.0);
        let chosen = b.select(seen, x, other);
        vec![x, chosen]
    }),
];

fn check_one(shape: [usize; 2], predicate: (bool, &str, Seen), using: (bool, &str, Use)) {
    let name = format!("{shape:?}, {}, {}", predicate.1, using.1);
    let mut b = FuncBuilder::new("main");
    let types = [TensorType::f32([BATCH, shape[0], STEPS]), TensorType::f32([BATCH, STEPS, shape[1]])];
    let [x, y] = types.clone().map(|ty| b.param(ty));
    let product = b.dot_general(x, y, Dot::contract(&[2], &[1]).batch(&[0], &[0]));
    let seen = (predicate.2)(&mut b, shape);
    let seen = b.broadcast_trailing(seen, &[BATCH, shape[0], shape[1]]);
    let results = (using.2)(&mut b, product, seen);
    let module = Module::single("hidden", b.finish(&results).unwrap_or_else(|e| panic!("{name}: {e}")));
    let mut rng = Rng(5);
    // Plain numbers, of which every one is seen in the results; and all kinds of numbers.
    let plain = types.clone().map(|ty| {
        let values: Vec<f32> = (0..ty.elements()).map(|_| rng.below(2001) as f32 / 1000.0 - 1.0).collect();
        Tensor::from_f32(&ty.shape, &values).unwrap()
    });
    check(&module, &plain, &name);
    check(&module, &types.map(|ty| data::tensor(&mut rng, &ty)), &name);
    let program = Program::compile(&module, "main", &Options::default()).unwrap();
    let leaves = program.steps().any(|step| step.contains("below a diagonal"));
    // One row does not say how it depends on rows.
    assert_eq!(leaves, predicate.0 && using.0 && shape[0] > 1, "{name}");
}

#[test]
fn what_is_seen_is_computed() {
    for predicate in PREDICATES {
        check_one([150, 150], predicate, USES[0]);
    }
    for using in USES {
        check_one([131, 131], PREDICATES[0], using);
    }
    // More rows than columns, and fewer; few of both.
    for shape in [[200, 70], [3, 300], [70, 65], [64, 64], [1, 129]] {
        check_one(shape, PREDICATES[0], USES[1]);
        check_one(shape, PREDICATES[2], USES[0]);
    }
}
