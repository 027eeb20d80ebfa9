//! The programs of a training job.

use corex_hlo::{DType, Func, FuncBuilder, HloError, Module, TensorType, ValueId, gradients};

use crate::adamw::{self, AdamW};
use crate::data;
use crate::error::{ModelError, require};
use crate::gpt::{Gpt, GptConfig, next_token_loss};
use crate::init::initial_params;
use crate::params::ParamTable;

/// Sizes of the two token blobs, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataSizes {
    /// Text to train on.
    pub train_bytes: usize,
    /// Text that is only evaluated on.
    pub heldout_bytes: usize,
}

/// Everything a training job executes. Each module has one function, `main`. `N` is the number of parameters,
/// `seed`, `step`, `shard` and `position` are `tensor<ui32>`, and all floats are f32.
#[derive(Debug, Clone, PartialEq)]
pub struct ProgramSet {
    /// `(seed) -> (params[N], m[N], v[N])`
    pub init: Module,
    /// `(params[N], tokens: tensor<D x ui8>, seed, step, shard) -> (grads[N], loss)`
    pub grad: Module,
    /// `(params[N], m[N], v[N], step, grads_0[N] …, loss_0 …) -> (params[N], m[N], v[N], metrics[3])`, the
    /// metrics being mean loss, norm of the gradient before clipping, and learning rate.
    pub update: Module,
    /// `(params[N], heldout: tensor<H x ui8>) -> loss`, over fixed windows.
    pub eval: Module,
    /// `(params[N], tokens: tensor<T x ui8>, position) -> logits[256]` of the byte after `tokens[position]`;
    /// later tokens have no influence.
    pub logits: Module,
    /// Which element of `params` is which weight.
    pub table: ParamTable,
    /// Tokens that one call of `grad` trains on.
    pub tokens_per_grad: usize,
}

/// An evaluation looks at no more tokens than this (but at one window at least).
const EVAL_TOKENS: usize = 8192;
/// Largest batch x context of one gradient task.
const MAX_TASK_TOKENS: usize = 1 << 20;
/// Largest attention matrix of one task, in bytes: batch x heads x context².
const MAX_ATTENTION_BYTES: usize = 1 << 33;
/// Offsets into data are 32-bit.
const MAX_DATA_BYTES: usize = 1 << 31;
/// The update task takes all shards' gradients.
const MAX_SHARDS: usize = 4096;

/// Writes the programs that train `gpt` on byte tokens: per step `shards` gradients of `batch` windows each.
///
/// # Errors
/// [`ModelError::Config`] for zero or absurd sizes, or data shorter than one window (context + 1 bytes).
pub fn gpt_job_programs(
    gpt: &GptConfig,
    opt: &AdamW,
    sizes: DataSizes,
    batch: usize,
    shards: usize,
) -> Result<ProgramSet, ModelError> {
    gpt.validate()?;
    opt.validate()?;
    check_task(gpt, batch, shards)?;
    check_data("training data", sizes.train_bytes, gpt)?;
    check_data("held-out data", sizes.heldout_bytes, gpt)?;
    let table = gpt.param_table();
    Ok(ProgramSet {
        init: init_program(&table)?,
        grad: grad_program(gpt, &table, sizes.train_bytes, batch)?,
        update: update_program(opt, &table, shards)?,
        eval: eval_program(gpt, &table, sizes.heldout_bytes)?,
        logits: gpt_logits_program(gpt)?,
        table,
        tokens_per_grad: batch * gpt.context,
    })
}

fn check_task(gpt: &GptConfig, batch: usize, shards: usize) -> Result<(), ModelError> {
    require((1..=MAX_SHARDS).contains(&shards), || {
        format!("shards must be 1 to {MAX_SHARDS}, got {shards}")
    })?;
    let limit = MAX_TASK_TOKENS / gpt.context;
    require((1..=limit).contains(&batch), || {
        format!("batch must be 1 to {limit} rows for a context of {}, got {batch}", gpt.context)
    })?;
    // No overflow: batch x context <= 2^20, heads <= 2^15, context <= 2^16.
    let attention = (4 * batch * gpt.context) as u64 * gpt.heads as u64 * gpt.context as u64;
    require(attention <= MAX_ATTENTION_BYTES as u64, || {
        format!(
            "attention would take {attention} bytes per task, the limit is {MAX_ATTENTION_BYTES}: lower the batch"
        )
    })
}

fn check_data(what: &str, bytes: usize, gpt: &GptConfig) -> Result<(), ModelError> {
    let window = gpt.context + 1;
    require(bytes >= window, || {
        format!("the {what} has {bytes} bytes, less than one window of {window} bytes (context + 1)")
    })?;
    require(bytes <= MAX_DATA_BYTES, || {
        format!("the {what} has {bytes} bytes, one job takes at most {MAX_DATA_BYTES}")
    })
}

/// A module whose `main` is what `write` writes: it gets the parameters and returns the results.
fn program<const P: usize>(
    name: &'static str,
    params: [TensorType; P],
    write: impl FnOnce(&mut FuncBuilder, [ValueId; P]) -> Vec<ValueId>,
) -> Result<Module, ModelError> {
    let mut b = FuncBuilder::new("main");
    let params = params.map(|ty| b.param(ty));
    let results = write(&mut b, params);
    module(name, b.finish(&results))
}

fn module(name: &'static str, func: Result<Func, HloError>) -> Result<Module, ModelError> {
    func.map(|func| Module::single(name, func)).map_err(|error| ModelError::Program { program: name, error })
}

fn counter() -> TensorType {
    TensorType::scalar(DType::U32)
}

fn bytes(shape: impl Into<Vec<usize>>) -> TensorType {
    TensorType::new(DType::U8, shape)
}

fn init_program(table: &ParamTable) -> Result<Module, ModelError> {
    program("init", [counter()], |b, [seed]| {
        let params = initial_params(b, table, seed);
        let zeros = b.zeros_like(params);
        vec![params, zeros, zeros]
    })
}

fn grad_program(
    gpt: &GptConfig,
    table: &ParamTable,
    data: usize,
    batch: usize,
) -> Result<Module, ModelError> {
    let params = [TensorType::f32([table.total()]), bytes([data]), counter(), counter(), counter()];
    program("grad", params, |b, [params, tokens, seed, step, shard]| {
        let windows = data::sampled_windows(b, tokens, [seed, step, shard], batch, gpt.context + 1);
        let loss = loss(b, gpt, table, params, windows);
        let grads = gradients(b, loss, &[params]);
        vec![grads[0], loss]
    })
}

fn update_program(opt: &AdamW, table: &ParamTable, shards: usize) -> Result<Module, ModelError> {
    let flat = TensorType::f32([table.total()]);
    let mut b = FuncBuilder::new("main");
    let [params, m, v] = std::array::from_fn(|_| b.param(flat.clone()));
    let step = b.param(counter());
    let grads: Vec<_> = (0..shards).map(|_| b.param(flat.clone())).collect();
    let losses: Vec<_> = (0..shards).map(|_| b.param(TensorType::f32([]))).collect();
    let (grad, loss) = (mean(&mut b, &grads), mean(&mut b, &losses));
    let new = adamw::apply(&mut b, opt, table, [params, m, v, grad], step);
    let metrics = [loss, new.norm, new.lr].map(|x| b.reshape(x, &[1]));
    let metrics = b.concatenate(&metrics, 0);
    module("update", b.finish(&[new.params, new.m, new.v, metrics]))
}

fn eval_program(gpt: &GptConfig, table: &ParamTable, heldout: usize) -> Result<Module, ModelError> {
    let count = ((heldout - 1) / gpt.context).min((EVAL_TOKENS / gpt.context).max(1));
    // The last window ends at or before the end of the data.
    let stride = if count > 1 { (heldout - gpt.context - 1) / (count - 1) } else { 0 };
    program("eval", [TensorType::f32([table.total()]), bytes([heldout])], |b, [params, tokens]| {
        let windows = data::fixed_windows(b, tokens, count, stride, gpt.context + 1);
        vec![loss(b, gpt, table, params, windows)]
    })
}

/// The `logits` program alone (see [`ProgramSet::logits`]): what generating text from a checkpoint needs.
///
/// # Errors
/// As [`GptConfig::validate`].
pub fn gpt_logits_program(gpt: &GptConfig) -> Result<Module, ModelError> {
    gpt.validate()?;
    let table = gpt.param_table();
    let params = [TensorType::f32([table.total()]), bytes([gpt.context]), counter()];
    program("logits", params, |b, [params, tokens, position]| {
        let model = Gpt::new(b, gpt, &table, params);
        let tokens = b.reshape(tokens, &[1, gpt.context]);
        let activations = model.activations(b, tokens);
        let zero = b.scalar(0u32);
        let row = b.dynamic_slice(activations, &[position, zero], &[1, gpt.width]);
        let logits = model.head(b, row);
        vec![b.reshape(logits, &[crate::VOCAB])]
    })
}

/// Mean loss of `windows: tensor<B x (T+1) x ui8>`, every byte predicted from those before it.
fn loss(
    b: &mut FuncBuilder,
    gpt: &GptConfig,
    table: &ParamTable,
    params: ValueId,
    windows: ValueId,
) -> ValueId {
    let (batch, length) = (b.dim(windows, 0), gpt.context);
    let model = Gpt::new(b, gpt, table, params);
    let inputs = b.slice_dim(windows, 1, 0, length);
    let activations = model.activations(b, inputs);
    let logits = model.head(b, activations);
    let targets = b.slice_dim(windows, 1, 1, length + 1);
    let targets = b.reshape(targets, &[batch * length]);
    next_token_loss(b, logits, targets)
}

/// The mean of tensors of one type, added in order.
fn mean(b: &mut FuncBuilder, parts: &[ValueId]) -> ValueId {
    let mut sum = parts[0];
    for &part in &parts[1..] {
        sum = b.add(sum, part);
    }
    b.scale(sum, 1.0 / parts.len() as f32)
}
