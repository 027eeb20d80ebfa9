//! Running programs with the reference interpreter.
#![allow(dead_code)]

use corex_engine::{Tensor, reference::evaluate};
use corex_hlo::{DType, Module, TensorType};
use corex_models::{BatchSizes, DataSizes, Model, Optimizer, Start, TrainingJob};

/// A job from random weights without accumulation.
pub fn job(model: &Model, optimizer: &Optimizer, data: DataSizes, batch: BatchSizes) -> TrainingJob {
    TrainingJob { model: model.clone(), optimizer: optimizer.clone(), start: Start::Random, data, batch }
}

/// Bytes of text that the tests train on.
pub fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|i| (i * 31 % 256) as u8).collect()
}

pub fn f32s(values: &[f32]) -> Tensor {
    Tensor::from_f32(&[values.len()], values).expect("fits")
}

pub fn u32(value: u32) -> Tensor {
    Tensor::scalar_u32(value).expect("fits")
}

pub fn u8s(values: &[u8]) -> Tensor {
    Tensor::from_u8(values).expect("fits")
}

pub fn u32s(values: &[u32]) -> Tensor {
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    Tensor::from_bytes(TensorType::new(DType::U32, [values.len()]), &bytes).expect("fits")
}

pub fn scalar(value: f32) -> Tensor {
    Tensor::from_f32(&[], &[value]).expect("fits")
}

/// The f32 results of `main`.
pub fn run(module: &Module, inputs: &[Tensor]) -> Vec<Vec<f32>> {
    let outputs = evaluate(module, "main", inputs, 1 << 32).expect("the program runs");
    assert!(outputs.iter().all(|t| t.ty().dtype == DType::F32));
    outputs.iter().filter_map(Tensor::to_f32).collect()
}
