//! Programs to dispute about: every kind of operator, and a GPT's gradient step.

use corex_engine::{Tensor, reference};
use corex_hlo::ir::{DType, TensorType};
use corex_hlo::lower::{Lowered, lower};
use corex_models::{BYTES, BatchSizes, DataSizes, GptConfig, Model, ProgramSet, Start, TrainingJob};

use super::play::Scene;

/// A small generator of numbers (splitmix64).
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Numbers between -2 and 2, some of them zeros of either sign, NaN and infinite.
pub fn f32s(shape: &[usize], seed: u64) -> Tensor {
    let mut rng = Rng(seed);
    let count = shape.iter().product();
    let values: Vec<f32> = (0..count)
        .map(|_| match rng.below(40) {
            0 => 0.0,
            1 => -0.0,
            2 => f32::from_bits(0x7FC1_2345),
            3 => f32::INFINITY,
            _ => (rng.next() >> 40) as f32 / 4_194_304.0 - 2.0,
        })
        .collect();
    Tensor::from_f32(shape, &values).unwrap()
}

pub fn i32s(shape: &[usize], values: &[i32]) -> Tensor {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    Tensor::from_bytes(TensorType::new(DType::I32, shape.to_vec()), &bytes).unwrap()
}

/// Maps, a constant, a product, a sum in 32 lanes and one in a single chain, a body.
const PLAIN: &str = "func.func @main(%x: tensor<20x70xf32>, %y: tensor<70x30xf32>) -> (tensor<20x30xf32>, tensor<20xf32>, tensor<70xf32>, tensor<20xf32>, tensor<20xi32>) {
  %c = stablehlo.constant dense<[[1.0, 2.0, 3.0]]> : tensor<1x3xf32>
  %z = stablehlo.constant dense<0.5> : tensor<f32>
  %lo = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %j0 = stablehlo.constant dense<0> : tensor<i32>
  %cs = stablehlo.reshape %c : (tensor<1x3xf32>) -> tensor<3xf32>
  %cc = stablehlo.broadcast_in_dim %cs, dims = [1] : (tensor<3xf32>) -> tensor<20x3xf32>
  %h = stablehlo.tanh %x : tensor<20x70xf32>
  %hp = stablehlo.slice %h [0:20, 0:67] : (tensor<20x70xf32>) -> tensor<20x67xf32>
  %k = stablehlo.concatenate %hp, %cc, dim = 1 : (tensor<20x67xf32>, tensor<20x3xf32>) -> tensor<20x70xf32>
  %p = stablehlo.dot_general %k, %y, contracting_dims = [1] x [0] : (tensor<20x70xf32>, tensor<70x30xf32>) -> tensor<20x30xf32>
  %s = stablehlo.reduce(%h init: %z) applies stablehlo.add across dimensions = [1] : (tensor<20x70xf32>, tensor<f32>) -> tensor<20xf32>
  %t = stablehlo.reduce(%h init: %z) applies stablehlo.add across dimensions = [0] : (tensor<20x70xf32>, tensor<f32>) -> tensor<70xf32>
  %i = stablehlo.iota dim = 1 : tensor<20x70xi32>
  %m:2 = stablehlo.reduce(%h init: %lo), (%i init: %j0) across dimensions = [1] : (tensor<20x70xf32>, tensor<20x70xi32>, tensor<f32>, tensor<i32>) -> (tensor<20xf32>, tensor<20xi32>)
    reducer(%a: tensor<f32>, %b: tensor<f32>) (%u: tensor<i32>, %v: tensor<i32>) {
      %ge = stablehlo.compare GE, %a, %b : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %f = stablehlo.select %ge, %a, %b : tensor<i1>, tensor<f32>
      %g = stablehlo.select %ge, %u, %v : tensor<i1>, tensor<i32>
      stablehlo.return %f, %g : tensor<f32>, tensor<i32>
    }
  return %p, %s, %t, %m#0, %m#1 : tensor<20x30xf32>, tensor<20xf32>, tensor<70xf32>, tensor<20xf32>, tensor<20xi32>
}";

/// A chain long enough for two questions about accumulators, in a blob long enough for its tree.
const LONG: &str = "func.func @main(%x: tensor<300x700xf32>) -> (tensor<300x700xf32>, tensor<700xf32>, tensor<300xf32>) {
  %z = stablehlo.constant dense<0.0> : tensor<f32>
  %y = stablehlo.multiply %x, %x : tensor<300x700xf32>
  %s = stablehlo.reduce(%y init: %z) applies stablehlo.add across dimensions = [0] : (tensor<300x700xf32>, tensor<f32>) -> tensor<700xf32>
  %t = stablehlo.reduce(%y init: %z) applies stablehlo.add across dimensions = [1] : (tensor<300x700xf32>, tensor<f32>) -> tensor<300xf32>
  return %y, %s, %t : tensor<300x700xf32>, tensor<700xf32>, tensor<300xf32>
}";

/// A loop in a loop, with something shared and a body of no operators.
pub const LOOPS: &str =
    "func.func @main(%x: tensor<5xf32>, %d: tensor<5xf32>) -> (tensor<5xf32>, tensor<i32>) {
  %zero = stablehlo.constant dense<0> : tensor<i32>
  %r:2 = stablehlo.while(%i = %zero, %c = %x) : tensor<i32>, tensor<5xf32>
  cond {
    %n = stablehlo.constant dense<5> : tensor<i32>
    %b = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %b : tensor<i1>
  } do {
    %one = stablehlo.constant dense<1> : tensor<i32>
    %j = stablehlo.add %i, %one : tensor<i32>
    %q:2 = stablehlo.while(%k = %zero, %e = %c) : tensor<i32>, tensor<5xf32>
    cond {
      %b2 = stablehlo.compare LT, %k, %i : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %b2 : tensor<i1>
    } do {
      %k2 = stablehlo.add %k, %one : tensor<i32>
      %e2 = stablehlo.add %e, %d : tensor<5xf32>
      stablehlo.return %k2, %e2 : tensor<i32>, tensor<5xf32>
    }
    stablehlo.return %j, %q#1 : tensor<i32>, tensor<5xf32>
  }
  %s = stablehlo.tanh %r#1 : tensor<5xf32>
  return %s, %r#0 : tensor<5xf32>, tensor<i32>
}";

/// Branches, chosen by a number that was computed.
const BRANCHES: &str =
    "func.func @main(%x: tensor<7xf32>, %i: tensor<i32>) -> (tensor<7xf32>, tensor<7xf32>) {
  %one = stablehlo.constant dense<1> : tensor<i32>
  %j = stablehlo.add %i, %one : tensor<i32>
  %a = \"stablehlo.case\"(%j) ({
    %p = stablehlo.exponential %x : tensor<7xf32>
    stablehlo.return %p : tensor<7xf32>
  }, {
    %q = stablehlo.negate %x : tensor<7xf32>
    %q2 = stablehlo.tanh %q : tensor<7xf32>
    stablehlo.return %q2 : tensor<7xf32>
  }) : (tensor<i32>) -> tensor<7xf32>
  %b = \"stablehlo.case\"(%i) ({
    stablehlo.return %a : tensor<7xf32>
  }, {
    stablehlo.return %x : tensor<7xf32>
  }) : (tensor<i32>) -> tensor<7xf32>
  return %a, %b : tensor<7xf32>, tensor<7xf32>
}";

/// Sort with a companion, gather, scatter, dynamic slices, convolution, windows.
const INDEXED: &str = "func.func @main(%x: tensor<37xf32>, %i: tensor<9x1xi32>, %w: tensor<3x1x1xf32>) -> (tensor<37xf32>, tensor<37xi32>, tensor<9xf32>, tensor<37xf32>, tensor<1x37x1xf32>, tensor<5xf32>) {
  %n = stablehlo.iota dim = 0 : tensor<37xi32>
  %s:2 = \"stablehlo.sort\"(%x, %n) <{dimension = 0 : i64, is_stable = true}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>, %c: tensor<i32>, %d: tensor<i32>):
      %lt = stablehlo.compare LT, %a, %b, TOTALORDER : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %lt : tensor<i1>
  }) : (tensor<37xf32>, tensor<37xi32>) -> (tensor<37xf32>, tensor<37xi32>)
  %g = \"stablehlo.gather\"(%s#0, %i) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1>}> : (tensor<37xf32>, tensor<9x1xi32>) -> tensor<9xf32>
  %u = \"stablehlo.scatter\"(%x, %i, %g) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %t = stablehlo.add %a, %b : tensor<f32>
      stablehlo.return %t : tensor<f32>
  }) : (tensor<37xf32>, tensor<9x1xi32>, tensor<9xf32>) -> tensor<37xf32>
  %r = stablehlo.reshape %x : (tensor<37xf32>) -> tensor<1x37x1xf32>
  %v = stablehlo.convolution(%r, %w) dim_numbers = [b, 0, f]x[0, i, o]->[b, 0, f], window = {pad = [[1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<1x37x1xf32>, tensor<3x1x1xf32>) -> tensor<1x37x1xf32>
  %k = stablehlo.constant dense<4> : tensor<i32>
  %y = stablehlo.dynamic_slice %u, %k, sizes = [5] : (tensor<37xf32>, tensor<i32>) -> tensor<5xf32>
  return %s#0, %s#1, %g, %u, %v, %y : tensor<37xf32>, tensor<37xi32>, tensor<9xf32>, tensor<37xf32>, tensor<1x37x1xf32>, tensor<5xf32>
}";

/// All programs of the tests but the GPT, each with inputs.
pub fn scenes() -> Vec<Scene> {
    let indices = i32s(&[9, 1], &[0, 36, 5, 5, 40, -1, 12, 5, 3]);
    vec![
        Scene::text("plain", PLAIN, vec![f32s(&[20, 70], 1), f32s(&[70, 30], 2)]),
        Scene::text("long", LONG, vec![f32s(&[300, 700], 3)]),
        Scene::text("loops", LOOPS, vec![f32s(&[5], 4), f32s(&[5], 5)]),
        Scene::text("branches", BRANCHES, vec![f32s(&[7], 6), i32s(&[], &[0])]),
        Scene::text("last branch", BRANCHES, vec![f32s(&[7], 7), i32s(&[], &[-9])]),
        Scene::text("indexed", INDEXED, vec![f32s(&[37], 8), indices, f32s(&[3, 1, 1], 9)]),
    ]
}

/// The programs of a job that trains this.
fn job(gpt: GptConfig, data: DataSizes, batch: BatchSizes) -> ProgramSet {
    let model = Model::Gpt(gpt);
    let job = TrainingJob { optimizer: model.optimizer(1000), start: Start::Random, data, batch, model };
    job.programs().unwrap()
}

/// A gradient step of a very small GPT on bytes.
pub fn gpt() -> Scene {
    let gpt = GptConfig { vocab: BYTES, layers: 1, width: 8, heads: 2, context: 4, tied: true };
    let set = job(gpt, DataSizes { train: 50, heldout: 20 }, BatchSizes::new(1, 1));
    let seed = || Tensor::scalar_u32(3).unwrap();
    let params = reference::evaluate(&set.init, "main", &[seed()], 1 << 30).unwrap().remove(0);
    let data: Vec<u8> = (0..50).map(|i| (i * 31 % 256) as u8).collect();
    let data = Tensor::from_u8(&data).unwrap();
    Scene::new("gpt", &set.grad, vec![params, data, seed(), seed(), Tensor::scalar_u32(0).unwrap()])
}

/// Gradient and update of GPT-2 small, 124 million parameters, lowered.
pub fn gpt2() -> (Lowered, Lowered) {
    let gpt = GptConfig { vocab: 50_257, ..GptConfig::gpt2() };
    let set = job(gpt, DataSizes { train: 1 << 28, heldout: 1 << 20 }, BatchSizes::new(4, 8));
    let lowered = |module| lower(module, "main").unwrap().program;
    (lowered(&set.grad), lowered(&set.update))
}
