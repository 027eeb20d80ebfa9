//! The programs of a training job.

mod logits;
mod programs;

use corex_hlo::{Module, TensorType};

use crate::error::{ModelError, require};
use crate::limits::{self, within};
use crate::model::{Input, Model};
use crate::optim::Optimizer;
use crate::params::ParamTable;

pub use logits::{logits_program, next_token_program};

/// A model, how it is trained and on how much data. Its programs are a pure function of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingJob {
    /// The model.
    pub model: Model,
    /// How its gradient changes it.
    pub optimizer: Optimizer,
    /// Where it starts.
    pub start: Start,
    /// How much data there is.
    pub data: DataSizes,
    /// How much of it a step sees.
    pub batch: BatchSizes,
}

/// The first parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Random numbers from the job's seed.
    Random,
    /// A blob `params[N]`.
    Given,
}

/// Sizes of the data, in tokens or rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataSizes {
    /// To train on.
    pub train: usize,
    /// Only evaluated on.
    pub heldout: usize,
}

/// What a step is made of: `shards` gradient tasks, each of which adds up `accumulate` batches one after another. The
/// parameters then move along the mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchSizes {
    /// Windows of `context + 1` tokens, or rows, that are computed at once.
    pub batch: usize,
    /// Batches per task; more cost time, not memory.
    pub accumulate: usize,
    /// Tasks per step.
    pub shards: usize,
}

impl BatchSizes {
    /// Batches of that size without accumulation.
    pub const fn new(batch: usize, shards: usize) -> Self {
        Self { batch, accumulate: 1, shards }
    }
}

/// Everything a training job executes. `N` is the number of parameters, `seed`, `step` and `shard` are `tensor<ui32>`,
/// all floats are f32. `data…` is one tensor of tokens `[D]`, or features `[D, …]` and classes `tensor<D x ui32>`: see
/// [`Input::data`]. The public function of each module is `main`.
#[derive(Debug, Clone, PartialEq)]
pub struct ProgramSet {
    /// `(seed) -> (params[N], memory…)`, or with [`Start::Given`] `(seed, params[N]) -> (params[N], memory…)`.
    pub init: Module,
    /// `(params[N], data…, seed, step, shard) -> (grads[N], loss)`
    pub grad: Module,
    /// `(params[N], memory…, step, grads_0[N] …, loss_0 …) -> (params[N], memory…, metrics[3])`, the metrics being mean
    /// loss, norm of the gradient before clipping, and learning rate.
    pub update: Module,
    /// `(params[N], heldout…) -> loss`, over fixed windows or rows.
    pub eval: Module,
    /// Which element of `params` is which weight.
    pub table: ParamTable,
    /// Types of a state: `params[N]`, then the optimizer's memory.
    pub state: Vec<TensorType>,
    /// Tokens or rows that one call of `grad` trains on.
    pub examples_per_grad: usize,
}

impl TrainingJob {
    /// Writes the programs.
    ///
    /// # Errors
    /// [`ModelError::Config`] for zero or absurd sizes, or less data than one window.
    pub fn programs(&self) -> Result<ProgramSet, ModelError> {
        self.model.validate()?;
        self.optimizer.validate()?;
        let input = self.model.input();
        self.check_task(&input)?;
        check_data("training", self.data.train, &input)?;
        check_data("held-out", self.data.heldout, &input)?;
        let table = self.model.param_table();
        let per_row = if let Input::Tokens { context, .. } = input { context } else { 1 };
        Ok(ProgramSet {
            init: programs::init(self, &table)?,
            grad: programs::grad(self, &table)?,
            update: self.optimizer.update_program(&table, self.batch.shards)?,
            eval: programs::eval(self, &table)?,
            state: self.optimizer.state(&table),
            table,
            examples_per_grad: self.batch.batch * self.batch.accumulate * per_row,
        })
    }

    fn check_task(&self, input: &Input) -> Result<(), ModelError> {
        let BatchSizes { batch, accumulate, shards } = self.batch;
        within("shards", shards, limits::SHARDS)?;
        match input {
            Input::Tokens { context, .. } => {
                let limit = limits::TASK_TOKENS / context;
                require((1..=limit).contains(&batch), || {
                    format!("batch must be 1 to {limit} rows for a context of {context}, got {batch}")
                })?;
                within("accumulate", accumulate, limit / batch)?;
            }
            Input::Rows { .. } => {
                within("batch", batch, limits::TASK_ROWS)?;
                within("accumulate", accumulate, limits::TASK_ROWS / batch)?;
            }
        }
        let Some((heads, context)) = self.model.attention() else { return Ok(()) };
        // No overflow: batch x context <= 2^20, heads <= 2^15, context <= 2^16.
        let attention = (4 * batch * context) as u64 * heads as u64 * context as u64;
        let limit = limits::ATTENTION_BYTES as u64;
        require(attention <= limit, || {
            format!(
                "attention would take {attention} bytes per task, the limit is {limit}: lower the batch, and accumulate instead"
            )
        })
    }
}

fn check_data(what: &str, count: usize, input: &Input) -> Result<(), ModelError> {
    let (unit, least) = match input {
        Input::Tokens { context, .. } => ("tokens", context + 1),
        Input::Rows { .. } => ("rows", 1),
    };
    require(count >= least, || {
        let window = if least > 1 {
            format!(", less than one window of {least} (context + 1)")
        } else {
            String::new()
        };
        format!("the {what} data has {count} {unit}{window}")
    })?;
    require(count <= limits::DATA, || {
        format!("the {what} data has {count} {unit}, one job takes at most {}", limits::DATA)
    })
}
