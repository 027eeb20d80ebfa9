//! Optimizers against PyTorch's and optax's, in double precision (vectors/optim, written by
//! vectors/gen/optimizers.py).

mod common;

use std::path::Path;

use common::{f32s, run, scalar, u32};
use corex_engine::Tensor;
use corex_models::{Init, Kind, Optimizer, ParamTable, Weight};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    steps: u32,
    weights: Vec<Shape>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Shape {
    name: String,
    shape: Vec<usize>,
    kind: String,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    /// How much the gradient is shaken.
    noise: f32,
    optimizer: Optimizer,
    norms: Vec<f32>,
    rates: Vec<f32>,
    params: Vec<f32>,
}

fn table(shapes: &[Shape]) -> ParamTable {
    let weight = |s: &Shape| {
        let kind = match s.kind.as_str() {
            "embedding" => Kind::Embedding,
            "matrix" => Kind::Matrix,
            _ => Kind::Vector,
        };
        Weight { name: s.name.clone(), shape: s.shape.clone(), kind, init: Init::Zeros }
    };
    ParamTable::new(shapes.iter().map(weight).collect())
}

/// The script's gradient.
fn gradient(params: &[f32], step: u32, noise: f32) -> Vec<f32> {
    let at = |(i, p): (usize, &f32)| {
        let shake = ((31 * i + 7 * step as usize) % 101) as f32 - 50.0;
        (1 + i % 7) as f32 * p + noise * shake / 50.0
    };
    params.iter().enumerate().map(at).collect()
}

/// Largest difference of a last parameter.
fn check(file: &File, case: &Case) -> f32 {
    let table = table(&file.weights);
    let update = case.optimizer.update_program(&table, 1).expect(&case.name);
    let start: Vec<f32> = (0..table.total()).map(|i| ((i * 7919 % 1009) as f32 - 504.0) / 1024.0).collect();
    let types = case.optimizer.state(&table);
    let zeros = |ty: &corex_hlo::TensorType| vec![0f32; ty.elements()];
    let mut state = vec![start];
    state.extend(types[1..].iter().map(zeros));
    for step in 0..file.steps {
        let grad = gradient(&state[0], step, case.noise);
        let mut inputs: Vec<Tensor> =
            state.iter().zip(&types).map(|(x, ty)| Tensor::from_f32(&ty.shape, x).expect("fits")).collect();
        inputs.extend([u32(step), f32s(&grad), scalar(1.0)]);
        let mut results = run(&update, &inputs);
        let metrics = results.pop().expect("metrics");
        let at = step as usize;
        for (ours, theirs) in [(metrics[1], case.norms[at]), (metrics[2], case.rates[at])] {
            assert!((ours - theirs).abs() <= 1e-4 * theirs, "{}, step {step}: {ours}, {theirs}", case.name);
        }
        state = results;
    }
    let differences = state[0].iter().zip(&case.params).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, f32::max)
}

#[test]
fn optimizers_are_those_of_pytorch_and_optax() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/optim");
    let files: Vec<_> =
        std::fs::read_dir(folder).expect("vectors/optim").map(|f| f.expect("a file").path()).collect();
    assert_eq!(files.len(), 1, "every file is read");
    let text = std::fs::read_to_string(&files[0]).expect("readable");
    let file: File = serde_json::from_str(&text).expect("cases");
    assert_eq!(file.cases.len(), 10);
    for case in &file.cases {
        let worst = check(&file, case);
        println!("{:24} {worst:.1e}", case.name);
        // Parameters are of size 1.
        assert!(worst <= 2e-6, "{}: a parameter differs by {worst:e}", case.name);
    }
}
