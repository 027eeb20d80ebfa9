//! Products that end with another operator, and products that are made where their only reader wants them.

mod common;

use common::{Rng, check::check, data};
use corex_engine::{Options, Program, Tensor};
use corex_hlo::ir::*;
use corex_hlo::{Dot, FuncBuilder};

/// What is made of two matrices, and what one of the plan's steps must say; without it, none may end with an operator.
type Case = (&'static str, Option<&'static str>, fn(&mut FuncBuilder, ValueId, ValueId) -> Vec<ValueId>);

const M: usize = 21;
const N: usize = 70;

fn dots(b: &mut FuncBuilder, x: ValueId, y: ValueId) -> ValueId {
    b.matmul(x, y)
}

/// A row of numbers that the function computes.
fn row(b: &mut FuncBuilder, y: ValueId) -> ValueId {
    let sums = b.reduce_sum(y, &[0]);
    b.broadcast_trailing(sums, &[M, N])
}

/// What cannot be computed in one pass with what it reads.
fn sums(b: &mut FuncBuilder, x: ValueId) -> ValueId {
    b.reduce_sum(x, &[0])
}

const CASES: [Case; 13] = [
    ("a bias", Some("then Add"), |b, x, y| {
        let (product, bias) = (dots(b, x, y), row(b, y));
        vec![b.add(product, bias)]
    }),
    ("a bias on the left, then more", Some("then Add"), |b, x, y| {
        let (product, bias) = (dots(b, x, y), row(b, y));
        let sum = b.add(bias, product);
        let turned = b.transpose(sum, &[1, 0]);
        vec![sums(b, sum), b.matmul(x, y), b.exp(turned)]
    }),
    ("a scale", Some("then Multiply"), |b, x, y| {
        let product = dots(b, x, y);
        let scaled = b.scale(product, -0.25);
        vec![scaled, sums(b, scaled)]
    }),
    ("a gate", Some("then Multiply"), |b, x, y| {
        let gate = dots(b, x, y);
        let gate_sums = sums(b, gate);
        let x = b.exp(x);
        let product = dots(b, x, y);
        let gated = b.mul(product, gate);
        vec![sums(b, gated), gate_sums]
    }),
    ("a gate that is computed later", Some("then Multiply"), |b, x, y| {
        let product = dots(b, x, y);
        let gate = b.exp(x);
        let gate = dots(b, gate, y);
        let gate_sums = sums(b, gate);
        let gated = b.mul(product, gate);
        vec![sums(b, gated), gate_sums]
    }),
    ("one number of several", Some("then Add"), |b, x, y| {
        let product = dots(b, x, y);
        let one = b.slice(x, &[3, 2], &[4, 3]);
        let one = b.reshape(one, &[]);
        let one = b.fill(one, &[M, N]);
        vec![b.add(product, one)]
    }),
    ("a column, which is none of these", None, |b, x, y| {
        let product = dots(b, x, y);
        let column = b.reduce_sum(x, &[1]);
        let column = b.broadcast(column, &[M, N], &[0]);
        vec![b.add(product, column)]
    }),
    ("another operator", None, |b, x, y| {
        let (product, bias) = (dots(b, x, y), row(b, y));
        vec![b.sub(product, bias)]
    }),
    ("twice the product", None, |b, x, y| {
        let product = dots(b, x, y);
        vec![b.add(product, product)]
    }),
    ("seen before, too", None, |b, x, y| {
        let (product, bias) = (dots(b, x, y), row(b, y));
        vec![b.add(product, bias), sums(b, product)]
    }),
    ("a result before, too", None, |b, x, y| {
        let (product, bias) = (dots(b, x, y), row(b, y));
        vec![b.add(product, bias), product]
    }),
    ("part of a longer pass", None, |b, x, y| {
        let (product, bias) = (dots(b, x, y), row(b, y));
        let sum = b.add(product, bias);
        vec![b.logistic(sum)]
    }),
    ("by the rows of the transposed product", None, |b, x, y| {
        let product = dots(b, x, y);
        let turned = b.transpose(product, &[1, 0]);
        let turned = b.reshape(turned, &[M, N]);
        let bias = row(b, y);
        let sum = b.add(turned, bias);
        vec![b.exp(sum)]
    }),
];

fn module(name: &str, b: FuncBuilder, results: &[ValueId]) -> Module {
    Module::single("products", b.finish(results).unwrap_or_else(|e| panic!("{name}: {e}")))
}

/// Compares with the reference, for plain numbers and all kinds of them; the steps of the plan.
fn check_both(module: &Module, name: &str) -> Vec<String> {
    let func = &module.funcs[0];
    let types: Vec<TensorType> = func.params.iter().map(|p| func.ty(*p).clone()).collect();
    let mut rng = Rng(11);
    let mut plain = |ty: &TensorType| {
        let values: Vec<f32> = (0..ty.elements()).map(|_| rng.below(2001) as f32 / 1000.0 - 1.0).collect();
        Tensor::from_f32(&ty.shape, &values).unwrap()
    };
    check(module, &types.iter().map(&mut plain).collect::<Vec<_>>(), name);
    check(module, &types.iter().map(|ty| data::tensor(&mut rng, ty)).collect::<Vec<_>>(), name);
    Program::compile(module, "main", &Options::default()).unwrap().steps().collect()
}

#[test]
fn what_follows_a_product_is_part_of_it() {
    for (name, expected, make) in CASES {
        let mut b = FuncBuilder::new("main");
        let [x, y] = [[M, 9], [9, N]].map(|shape| b.param(TensorType::f32(shape)));
        let results = make(&mut b, x, y);
        let steps = check_both(&module(name, b, &results), name);
        let says = |what: &str| steps.iter().any(|step| step.contains(what));
        assert!(expected.map_or(!says("then"), says), "{name}: {steps:#?}");
    }
}

/// Gradients of queries, keys and values as attention has them: a product per head, of which the first is scaled, in the
/// order of tokens, side by side; `heads` of `width`.
fn side_by_side(heads: usize, width: usize, dim: usize) -> (Module, String) {
    const BATCH: usize = 3;
    const TOKENS: usize = 20;
    let name = format!("{heads} heads of {width}, dimension {dim}");
    let mut b = FuncBuilder::new("main");
    let square = TensorType::f32([BATCH, heads, TOKENS, TOKENS]);
    let tall = TensorType::f32([BATCH, heads, TOKENS, width]);
    let mut parts = Vec::new();
    for at in 0..3 {
        let [x, y] = [&square, &tall].map(|ty| b.param(ty.clone()));
        let product = b.dot_general(x, y, Dot::contract(&[3], &[2]).batch(&[0, 1], &[0, 1]));
        let by_token = b.transpose(product, &[0, 2, 1, 3]);
        let by_token = if at == 0 { b.scale(by_token, 0.125) } else { by_token };
        parts.push(b.reshape(by_token, &[BATCH * TOKENS, heads * width]));
    }
    let whole = b.concatenate(&parts, dim);
    let sums = b.reduce_sum(whole, &[0]);
    let turned = b.transpose(whole, &[1, 0]);
    let squared = b.matmul(turned, whole);
    (module(&name, b, &[sums, squared]), name)
}

#[test]
fn products_are_made_side_by_side() {
    for (heads, width) in [(2, 8), (1, 8), (4, 1), (3, 5)] {
        let (module, name) = side_by_side(heads, width, 1);
        let steps = check_both(&module, &name);
        let apart = format!("rows {} apart", 3 * heads * width);
        let count = steps.iter().map(|step| step.matches(&apart).count()).sum::<usize>();
        assert_eq!(count, 3, "{name}: {steps:#?}");
        assert!(steps.iter().any(|step| step.contains("then Multiply")), "{name}: {steps:#?}");
        let (module, name) = side_by_side(heads, width, 0);
        check_both(&module, &name);
    }
}

/// Some products are side by side with what is no product, with what others read, or are wider than their part's rows.
#[test]
fn others_are_copied_to_their_places() {
    let mut b = FuncBuilder::new("main");
    let [x, y] = [[12, 6], [6, 10]].map(|shape| b.param(TensorType::f32(shape)));
    let z = b.param(TensorType::f32([12, 10]));
    let (product, other) = (b.matmul(x, y), b.exp(x));
    let wide = b.matmul(other, y);
    let narrow = b.reshape(wide, &[60, 2]);
    let column = b.reshape(z, &[60, 2]);
    let mixed = b.concatenate(&[narrow, column], 1);
    let product_again = b.matmul(x, y);
    let gated = b.mul(product_again, z);
    let both = b.concatenate(&[product, z, gated], 1);
    let sums = b.reduce_sum(product, &[0]);
    let results = [mixed, both].map(|x| b.reduce_sum(x, &[0]));
    let module = module("others", b, &[results[0], results[1], sums]);
    check_both(&module, "others");
}
