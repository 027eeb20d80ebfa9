//! What is disputed.

use corex_engine::{Options, Program, Tensor};
use corex_hlo::ir::{DType, TensorType};
use corex_models::{BYTES, BatchSizes, DataSizes, GptConfig, Model, ProgramSet, Start, TrainingJob};

use super::court::Scene;
use super::programs::{Rng, f32s};

/// A task and the number of its games.
pub struct TaskKind {
    pub name: &'static str,
    pub games: u64,
    pub make: fn() -> Scene,
}

pub const TASKS: [TaskKind; 5] = [
    TaskKind { name: "nano", games: 20, make: nano },
    TaskKind { name: "convolution", games: 10, make: convolution },
    TaskKind { name: "reduction", games: 10, make: reduction },
    TaskKind { name: "gpt2-grad", games: 4, make: gpt2_grad },
    TaskKind { name: "gpt2-update", games: 4, make: gpt2_update },
];

/// The tokens of GPT-2 small.
const GPT2: GptConfig = GptConfig { vocab: 50_257, ..GptConfig::gpt2() };

fn options() -> Options {
    Options { memory_limit: 16 << 30, ..Options::default() }
}

fn job(gpt: GptConfig, data: usize, batch: BatchSizes) -> ProgramSet {
    let model = Model::Gpt(gpt);
    let sizes = DataSizes { train: data, heldout: data };
    let job =
        TrainingJob { optimizer: model.optimizer(1000), start: Start::Random, data: sizes, batch, model };
    job.programs().expect("the sizes are sensible")
}

fn scalar(value: u32) -> Tensor {
    Tensor::scalar_u32(value).expect("a scalar is small")
}

fn state(set: &ProgramSet) -> Vec<Tensor> {
    let init = Program::compile(&set.init, "main", &options()).expect("a program of ours");
    init.run(&[scalar(3)]).expect("it fits into memory")
}

/// Numbers between -2 and 2.
fn numbers(shape: &[usize], seed: u64) -> Tensor {
    let values = f32s(shape, seed).to_f32().expect("it has floats");
    let finite: Vec<f32> = values.into_iter().map(|x| if x.is_finite() { x } else { 0.5 }).collect();
    Tensor::from_f32(shape, &finite).expect("as many as before")
}

/// The gradient task of the default job: `nano`, a batch of 8.
fn nano() -> Scene {
    let data: Vec<u8> = (0..200_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let set = job(GptConfig { vocab: BYTES, ..GptConfig::nano() }, data.len(), BatchSizes::new(8, 4));
    let data = Tensor::from_u8(&data).expect("bytes");
    Scene::new("nano", &set.grad, vec![state(&set).remove(0), data, scalar(3), scalar(0), scalar(0)])
}

fn gpt2_grad() -> Scene {
    let count = 20_000;
    let set = job(GPT2, count, BatchSizes::new(1, 1));
    let mut rng = Rng(5);
    let tokens: Vec<u8> = (0..count).flat_map(|_| (rng.below(50_257) as u16).to_le_bytes()).collect();
    let data = Tensor::from_bytes(TensorType::new(DType::U16, [count]), &tokens).expect("two bytes each");
    Scene::new("gpt2-grad", &set.grad, vec![state(&set).remove(0), data, scalar(3), scalar(0), scalar(0)])
}

fn gpt2_update() -> Scene {
    let set = job(GPT2, 20_000, BatchSizes::new(1, 1));
    let mut inputs = state(&set);
    // What a gradient is matters to nobody here, as long as it is one of the right size.
    let grads = inputs[0].clone();
    inputs.extend([scalar(1), grads, Tensor::from_f32(&[], &[3.0]).expect("a scalar")]);
    Scene::new("gpt2-update", &set.update, inputs)
}

const CONVOLUTION: &str = "func.func @main(%x: tensor<8x32x32x16xf32>, %w: tensor<3x3x16x32xf32>, %b: tensor<32xf32>) -> tensor<8x32x32x32xf32> {
  %v = stablehlo.convolution(%x, %w) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<8x32x32x16xf32>, tensor<3x3x16x32xf32>) -> tensor<8x32x32x32xf32>
  %c = stablehlo.broadcast_in_dim %b, dims = [3] : (tensor<32xf32>) -> tensor<8x32x32x32xf32>
  %y = stablehlo.add %v, %c : tensor<8x32x32x32xf32>
  %r = stablehlo.tanh %y : tensor<8x32x32x32xf32>
  return %r : tensor<8x32x32x32xf32>
}";

fn convolution() -> Scene {
    let inputs = vec![numbers(&[8, 32, 32, 16], 1), numbers(&[3, 3, 16, 32], 2), numbers(&[32], 3)];
    Scene::text("convolution", CONVOLUTION, inputs)
}

const REDUCTION: &str = "func.func @main(%x: tensor<1048576xf32>, %y: tensor<1048576xf32>) -> (tensor<f32>, tensor<f32>) {
  %z = stablehlo.constant dense<0.0> : tensor<f32>
  %s = stablehlo.reduce(%x init: %z) applies stablehlo.add across dimensions = [0] : (tensor<1048576xf32>, tensor<f32>) -> tensor<f32>
  %p = stablehlo.dot_general %x, %y, contracting_dims = [0] x [0] : (tensor<1048576xf32>, tensor<1048576xf32>) -> tensor<f32>
  return %s, %p : tensor<f32>, tensor<f32>
}";

fn reduction() -> Scene {
    Scene::text("reduction", REDUCTION, vec![numbers(&[1 << 20], 1), numbers(&[1 << 20], 2)])
}
