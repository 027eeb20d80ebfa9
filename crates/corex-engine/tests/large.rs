//! Products of several blocks among what a layer computes with them: more numbers than the other tests have.

mod common;

use common::Rng;
use corex_engine::{Options, Program, Tensor, reference};
use corex_hlo::FuncBuilder;
use corex_hlo::ir::*;
use corex_num::Isa;

const LIMIT: u64 = 1 << 30;
const ROWS: usize = 3072;
const WIDE: usize = 704;
const NARROW: usize = 6;

/// A layer of a perceptron and its gradients, with steps in between that need whole columns, and values that are needed later.
fn layer(b: &mut FuncBuilder) -> Vec<ValueId> {
    let mut param = |shape: &[usize]| b.param(TensorType::f32(shape.to_vec()));
    let (x, up, down) = (param(&[ROWS, NARROW]), param(&[NARROW, WIDE]), param(&[WIDE, NARROW]));
    let (bias, back) = (param(&[WIDE]), param(&[ROWS, NARROW]));
    let wide = [ROWS, WIDE];
    let hidden = b.matmul(x, up);
    let bias = b.broadcast_trailing(bias, &wide);
    let hidden = b.add(hidden, bias);
    let gate = b.logistic(hidden);
    let hidden = b.mul(hidden, gate);
    let out = b.matmul(hidden, down);
    let sum = b.add(out, x);
    let normed = b.softmax(sum, 1);
    let back = b.mul(normed, back);
    // Backward: a gradient of weights and a sum of columns stand between what can be computed row by row.
    let up_again = b.transpose(down, &[1, 0]);
    let change = b.matmul(back, up_again);
    let turned = b.transpose(hidden, &[1, 0]);
    let by_down = b.matmul(turned, back);
    let change = b.mul(change, gate);
    let by_bias = b.reduce_sum(change, &[0]);
    let down_again = b.transpose(up, &[1, 0]);
    let by_x = b.matmul(change, down_again);
    let turned = b.transpose(x, &[1, 0]);
    let by_up = b.matmul(turned, change);
    // Needs every block of what was put off.
    let columns = b.broadcast_trailing(by_bias, &wide);
    let weighted = b.mul(change, columns);
    let weighted = b.reduce_sum(weighted, &[1]);
    // What nobody reads blockwise, and what is read by a slice.
    let half = b.slice_dim(normed, 1, 0, NARROW / 2);
    let both = b.concatenate(&[half, by_x], 1);
    vec![normed, by_down, by_bias, by_up, weighted, both]
}

#[test]
fn a_layer_with_large_products() {
    let mut b = FuncBuilder::new("main");
    let results = layer(&mut b);
    let module = Module::single("layer", b.finish(&results).unwrap());
    let func = &module.funcs[0];
    let mut rng = Rng(3);
    // Plain numbers: sums over thousands of rows would else be NaN, which hides everything.
    let mut tensor = |ty: &TensorType| {
        let values: Vec<f32> = (0..ty.elements()).map(|_| rng.below(2001) as f32 / 1000.0 - 1.0).collect();
        Tensor::from_f32(&ty.shape, &values).unwrap()
    };
    let inputs: Vec<Tensor> = func.params.iter().map(|p| tensor(func.ty(*p))).collect();
    let expected = reference::evaluate(&module, "main", &inputs, LIMIT).unwrap();
    for isa in Isa::available() {
        for threads in 1..=3 {
            let options = Options { isa, threads, hash_results: true, ..Options::default() };
            let program = Program::compile(&module, "main", &options).unwrap();
            for run in 0..2 {
                let got = program.run(&inputs).unwrap();
                for (i, (got, expected)) in got.iter().zip(&expected).enumerate() {
                    assert!(got == expected, "{isa}, {threads} thread(s), run {run}: result {i} differs");
                    assert_eq!(got.digest(), expected.digest(), "{isa}, {threads} thread(s): result {i}");
                }
            }
        }
    }
}
