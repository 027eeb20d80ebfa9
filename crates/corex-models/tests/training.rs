//! Whole runs in miniature, on the executor: every family learns, with every optimizer.

mod common;

use common::{job, u8s, u32};
use corex_engine::{Options, Program, Tensor};
use corex_hlo::TensorType;
use corex_models::{
    BatchSizes, CnnConfig, DataSizes, GptConfig, Lbfgs, LlamaConfig, MlpConfig, Model, Muon, Optimizer,
    RmsProp, Rule, Sgd,
};

fn compile(module: &corex_hlo::Module) -> Program {
    Program::compile(module, "main", &Options::default()).expect("compiles")
}

fn value(outputs: &[Tensor]) -> f32 {
    outputs[0].to_f32().expect("f32")[0]
}

/// Trains for some steps with two shards; the held-out loss before and after.
fn learn(model: &Model, opt: &Optimizer, data: [&[Tensor]; 2], batch: usize, steps: u32) -> (f32, f32) {
    let [train, heldout] = data;
    let count = |data: &[Tensor]| data[0].ty().shape[0];
    let sizes = DataSizes { train: count(train), heldout: count(heldout) };
    let set = job(model, opt, sizes, BatchSizes::new(batch, 2)).programs().expect("valid");
    let (grad, update, eval) = (compile(&set.grad), compile(&set.update), compile(&set.eval));
    let loss = |params: &Tensor| {
        let inputs = [std::slice::from_ref(params), heldout].concat();
        value(&eval.run(&inputs).expect("runs"))
    };
    let mut state = compile(&set.init).run(&[u32(1)]).expect("runs");
    let before = loss(&state[0]);
    for step in 0..steps {
        let shard = |shard| {
            let place = [u32(1), u32(step), u32(shard)];
            grad.run(&[&state[..1], train, &place].concat()).expect("runs")
        };
        let results = [shard(0), shard(1)];
        let all = |at: usize| results.iter().map(move |r| r[at].clone());
        let inputs: Vec<_> = state.iter().cloned().chain([u32(step)]).chain(all(0)).chain(all(1)).collect();
        state = update.run(&inputs).expect("runs");
        state.pop();
    }
    (before, loss(&state[0]))
}

fn rhyme() -> (Tensor, Tensor) {
    let text = "one for sorrow, two for joy, three for a girl, four for a boy. ".repeat(40);
    let (train, heldout) = text.as_bytes().split_at(2_000);
    (u8s(train), u8s(heldout))
}

/// Single letters without context have an entropy of about 2.8 nats in the rhyme.
fn learns_the_rhyme(model: Model, opt: &Optimizer, steps: u32) {
    let (train, heldout) = rhyme();
    let (before, after) = learn(&model, opt, [&[train], &[heldout]], 4, steps);
    assert!(before > 5.0 && after < 2.2, "{opt:?}: held-out loss went from {before} to {after}");
}

#[test]
fn a_gpt_learns_a_rhyme() {
    let model = Model::Gpt(GptConfig::tiny());
    learns_the_rhyme(model.clone(), &model.optimizer(60), 60);
}

#[test]
fn a_llama_learns_a_rhyme() {
    let model = Model::Llama(LlamaConfig { window: Some(16), ..LlamaConfig::tiny() });
    learns_the_rhyme(model.clone(), &model.optimizer(60), 60);
}

#[test]
fn muon_and_momentum_and_rmsprop_learn_it_too() {
    let model = Model::Gpt(GptConfig::tiny());
    let muon = model.optimizer_with(Rule::Muon(Muon::default()), 60);
    learns_the_rhyme(model.clone(), &muon, 60);
    let nesterov = Optimizer {
        weight_decay: 0.0,
        ..Optimizer::new(Rule::Sgd(Sgd { momentum: 0.9, nesterov: true }), 0.3, 80)
    };
    learns_the_rhyme(model.clone(), &nesterov, 80);
    let rmsprop = Optimizer::new(Rule::RmsProp(RmsProp::default()), 2e-3, 60);
    learns_the_rhyme(model, &rmsprop, 60);
}

/// Images of 8 x 8 that hold a bright row or a bright column, at a place that says nothing.
fn images(count: usize, seed: usize) -> [Tensor; 2] {
    let (mut pixels, mut labels) = (vec![0f32; count * 64], Vec::new());
    for i in 0..count {
        let (class, place) = ((i + seed) % 2, (i * 7 + seed) % 8);
        for along in 0..8 {
            let at = if class == 0 { place * 8 + along } else { along * 8 + place };
            pixels[i * 64 + at] = 1.0;
        }
        labels.extend((class as u32).to_le_bytes());
    }
    let labels_type = TensorType::new(corex_hlo::DType::U32, [count]);
    let pixels: Vec<u8> = pixels.iter().flat_map(|x| x.to_le_bytes()).collect();
    [
        Tensor::from_bytes(TensorType::f32([count, 8, 8, 1]), &pixels).expect("fits"),
        Tensor::from_bytes(labels_type, &labels).expect("fits"),
    ]
}

fn flat([pixels, labels]: [Tensor; 2]) -> [Tensor; 2] {
    let rows = pixels.ty().shape[0];
    [Tensor::from_bytes(TensorType::f32([rows, 64]), pixels.bytes()).expect("fits"), labels]
}

#[test]
fn a_cnn_tells_rows_from_columns() {
    let cnn = CnnConfig { height: 8, width: 8, channels: 1, features: vec![4, 8], classes: 2 };
    let model = Model::Cnn(cnn);
    let opt = Optimizer::adamw(1e-2, 40);
    let (before, after) = learn(&model, &opt, [&images(64, 0), &images(16, 3)], 8, 40);
    assert!(before > 0.5 && after < 0.1, "held-out loss went from {before} to {after}");
}

#[test]
fn an_mlp_tells_rows_from_columns_by_quasi_newton_steps() {
    let model = Model::Mlp(MlpConfig { inputs: 64, hidden: vec![16], classes: 2 });
    let mut opt = Optimizer::new(Rule::Lbfgs(Lbfgs::default()), 0.5, 40);
    (opt.weight_decay, opt.clip_norm) = (0.0, None);
    let data = [&flat(images(64, 0))[..], &flat(images(16, 3))[..]];
    let (before, after) = learn(&model, &opt, data, 64, 40);
    assert!(before > 0.5 && after < 0.1, "held-out loss went from {before} to {after}");
}
