//! A whole run in miniature, on the executor: the model learns.

mod common;

use common::{u8s, u32};
use corex_engine::{Options, Program, Tensor};
use corex_models::{DataSizes, GptConfig, gpt_job_programs};

#[test]
fn a_tiny_model_learns_a_rhyme() {
    let text = "one for sorrow, two for joy, three for a girl, four for a boy. ".repeat(40);
    let (train, heldout) = text.as_bytes().split_at(2_000);
    let (steps, shards) = (60, 2);
    let sizes = DataSizes { train_bytes: train.len(), heldout_bytes: heldout.len() };
    let opt = GptConfig::tiny().optimizer(steps);
    let set = gpt_job_programs(&GptConfig::tiny(), &opt, sizes, 4, shards).expect("valid");
    let compile = |module| Program::compile(module, "main", &Options::default()).expect("compiles");
    let (grad, update, eval) = (compile(&set.grad), compile(&set.update), compile(&set.eval));
    let value = |outputs: Vec<Tensor>| outputs[0].to_f32().expect("f32")[0];

    let (train, heldout) = (u8s(train), u8s(heldout));
    let mut state = compile(&set.init).run(&[u32(1)]).expect("runs");
    let before = value(eval.run(&[state[0].clone(), heldout.clone()]).expect("runs"));
    for step in 0..steps {
        let shard = |shard| {
            let inputs = [state[0].clone(), train.clone(), u32(1), u32(step), u32(shard)];
            grad.run(&inputs).expect("runs")
        };
        let results: Vec<_> = (0..shards as u32).map(shard).collect();
        let grads = results.iter().map(|r| r[0].clone());
        let losses = results.iter().map(|r| r[1].clone());
        let inputs: Vec<_> = state.iter().cloned().chain([u32(step)]).chain(grads).chain(losses).collect();
        state = update.run(&inputs).expect("runs");
        state.truncate(3);
    }
    let after = value(eval.run(&[state[0].clone(), heldout]).expect("runs"));
    // Single letters without context have an entropy of about 2.8 nats here.
    assert!(before > 5.0 && after < 2.2, "held-out loss went from {before} to {after}");
}
