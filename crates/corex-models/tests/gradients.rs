//! Loss and gradient of models against JAX's and PyTorch's, in double precision (vectors/grad, written by
//! vectors/gen/gpt_gradient.py and vectors/gen/classifiers.py).

mod common;

use std::path::Path;

use common::{bytes, f32s, job, run, u8s, u32, u32s};
use corex_engine::Tensor;
use corex_models::{BatchSizes, DataSizes, Input, Model};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    config: Model,
    batch: usize,
    /// Tokens or rows.
    data: usize,
    seed: u32,
    step: u32,
    shard: u32,
    loss: f32,
    grad: Vec<f32>,
}

/// Data by the formulas that the scripts use.
fn data(input: &Input, count: usize) -> Vec<Tensor> {
    match input {
        Input::Tokens { .. } => vec![u8s(&bytes(count))],
        Input::Rows { features, classes } => {
            let shape = [&[count], &features[..]].concat();
            let values = (0..shape.iter().product()).map(|i: usize| (i * 31 % 64) as f32 / 64.0);
            let labels: Vec<u32> = (0..count).map(|i| (i * 5 % classes) as u32).collect();
            vec![Tensor::from_f32(&shape, &values.collect::<Vec<_>>()).expect("fits"), u32s(&labels)]
        }
    }
}

fn check(case: &Case) {
    let (model, input) = (&case.config, case.config.input());
    let heldout = if let Input::Tokens { context, .. } = input { context + 1 } else { 1 };
    let sizes = DataSizes { train: case.data, heldout };
    let programs = job(model, &model.optimizer(10), sizes, BatchSizes::new(case.batch, 1)).programs();
    let programs = programs.expect("valid");
    let table = &programs.table;
    assert_eq!(table.total(), case.grad.len());
    let params: Vec<f32> = (0..table.total()).map(|i| ((i * 7919 % 1009) as f32 - 504.0) / 1024.0).collect();
    let place = [u32(case.seed), u32(case.step), u32(case.shard)];
    let inputs = [vec![f32s(&params)], data(&input, case.data), place.to_vec()].concat();
    let [grad, loss] = &run(&programs.grad, &inputs)[..] else { panic!("two results") };
    assert!((loss[0] - case.loss).abs() < 1e-5, "loss {} against {}", loss[0], case.loss);
    for p in table.iter() {
        let (ours, theirs) = (&grad[p.offset..][..p.len()], &case.grad[p.offset..][..p.len()]);
        let largest = theirs.iter().fold(0f32, |m, x| m.max(x.abs()));
        assert!(largest > 0.0, "{} has no influence", p.name);
        for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
            assert!((a - b).abs() <= 2e-5 * largest + 1e-7, "{}[{i}]: {a} against {b}", p.name);
        }
    }
}

#[test]
fn gradients_are_those_of_jax_and_pytorch() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/grad");
    let files: Vec<_> =
        std::fs::read_dir(folder).expect("vectors/grad").map(|f| f.expect("a file").path()).collect();
    assert_eq!(files.len(), 2, "every file is read");
    for file in files {
        let text = std::fs::read_to_string(&file).expect("readable");
        let cases: Vec<Case> = serde_json::from_str(&text).expect("cases");
        assert_eq!(cases.len(), 2);
        cases.iter().for_each(check);
    }
}
