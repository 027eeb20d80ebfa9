//! Loss and gradient of a GPT against JAX's, in double precision (vectors/grad, written by
//! vectors/gen/gpt_gradient.py).

mod common;

use std::path::Path;

use common::{bytes, f32s, job, run, u8s, u32};
use corex_models::{BYTES, BatchSizes, DataSizes, GptConfig, Model};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    config: Sizes,
    batch: usize,
    data: usize,
    seed: u32,
    step: u32,
    shard: u32,
    loss: f32,
    grad: Vec<f32>,
}

#[derive(Deserialize)]
struct Sizes {
    layers: usize,
    width: usize,
    heads: usize,
    context: usize,
    tied: bool,
}

fn check(case: &Case) {
    let Sizes { layers, width, heads, context, tied } = case.config;
    let model = Model::Gpt(GptConfig { vocab: BYTES, layers, width, heads, context, tied });
    let sizes = DataSizes { train: case.data, heldout: context + 1 };
    let programs = job(&model, &model.optimizer(10), sizes, BatchSizes::new(case.batch, 1)).programs();
    let programs = programs.expect("valid");
    let table = &programs.table;
    assert_eq!(table.total(), case.grad.len());
    let params: Vec<f32> = (0..table.total()).map(|i| ((i * 7919 % 1009) as f32 - 504.0) / 1024.0).collect();
    let inputs = [f32s(&params), u8s(&bytes(case.data)), u32(case.seed), u32(case.step), u32(case.shard)];
    let [grad, loss] = &run(&programs.grad, &inputs)[..] else { panic!("two results") };
    assert!((loss[0] - case.loss).abs() < 1e-5, "loss {} against {}", loss[0], case.loss);
    for p in table.iter() {
        let (ours, theirs) = (&grad[p.offset..][..p.len()], &case.grad[p.offset..][..p.len()]);
        let largest = theirs.iter().fold(0f32, |m, x| m.max(x.abs()));
        for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
            assert!((a - b).abs() <= 2e-5 * largest + 1e-7, "{}[{i}]: {a} against {b}", p.name);
        }
    }
}

#[test]
fn gradients_are_those_of_jax() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/grad");
    let files: Vec<_> =
        std::fs::read_dir(folder).expect("vectors/grad").map(|f| f.expect("a file").path()).collect();
    assert_eq!(files.len(), 1, "every file is read");
    for file in files {
        let text = std::fs::read_to_string(&file).expect("readable");
        let cases: Vec<Case> = serde_json::from_str(&text).expect("cases");
        assert_eq!(cases.len(), 2);
        cases.iter().for_each(check);
    }
}
