//! Optimizers, written as operations on the flat vector of parameters.
//!
//! Every optimizer is the same frame around a [`Rule`]:
//!
//! 1. the gradient is clipped to a global norm (R. Pascanu et al., 2013),
//! 2. the rule makes a direction of it and remembers what it wants to know at the next step,
//! 3. weights with decay are pulled towards zero, apart from the gradient (I. Loshchilov, F. Hutter: Decoupled Weight
//!    Decay Regularization, 2019), and the parameters move against the direction by the [`Schedule`]'s rate.
//!
//! ```
//! use corex_models::{Optimizer, ParamTable, Rule, Weight};
//! let table = ParamTable::new(vec![Weight::matrix("w", &[3, 2], 0.5), Weight::bias("b", 2)]);
//! let sgd = Optimizer::new(Rule::sgd(0.9), 0.1, 100);
//! // (params[8], momentum[8], step, gradient[8], loss) -> (params[8], momentum[8], metrics[3])
//! let update = sgd.update_program(&table, 1)?;
//! assert_eq!(update.funcs[0].params.len(), 5);
//! # Ok::<(), corex_models::ModelError>(())
//! ```

mod adam;
mod clip;
mod lbfgs;
mod muon;
mod rmsprop;
mod schedule;
mod sgd;

use corex_hlo::{CompareDir, DType, FuncBuilder, Literal, Module, TensorType, ValueId};
use serde::{Deserialize, Serialize};

use crate::error::{ModelError, require};
use crate::params::ParamTable;

pub use adam::Adam;
pub use lbfgs::Lbfgs;
pub use muon::Muon;
pub use rmsprop::RmsProp;
pub use schedule::{Decay, Schedule};
pub use sgd::Sgd;

/// Values below this, 2^-60, are stored as zero: far below any influence on training, and far enough above the
/// subnormals that squares of what remains are normal numbers. Subnormals are slow on most processors.
const FLUSH_BELOW: f32 = 8.673_617_4e-19;

/// How a gradient changes the parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Optimizer {
    /// The direction.
    pub rule: Rule,
    /// The learning rate.
    pub schedule: Schedule,
    /// Pull of matrices and embeddings towards zero, times the learning rate.
    pub weight_decay: f32,
    /// Largest global norm of the gradient; what is longer is scaled down to it. `None` takes any.
    pub clip_norm: Option<f32>,
}

/// What makes a direction out of a gradient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// Gradient descent, with or without momentum.
    Sgd(Sgd),
    /// Adam; with weight decay, AdamW.
    Adam(Adam),
    /// RMSprop.
    RmsProp(RmsProp),
    /// Limited-memory BFGS.
    Lbfgs(Lbfgs),
    /// Muon on matrices, Adam on the rest.
    Muon(Muon),
}

impl Rule {
    /// Gradient descent with this momentum; 0 is none.
    pub fn sgd(momentum: f32) -> Self {
        Self::Sgd(Sgd { momentum, nesterov: false })
    }

    fn implementation(&self) -> &dyn Direction {
        match self {
            Self::Sgd(rule) => rule,
            Self::Adam(rule) => rule,
            Self::RmsProp(rule) => rule,
            Self::Lbfgs(rule) => rule,
            Self::Muon(rule) => rule,
        }
    }
}

/// What a rule has to say. All vectors are flat: `tensor<Nxf32>`.
trait Direction {
    /// Settings outside the range in which the rule means anything.
    fn validate(&self) -> Result<(), ModelError>;
    /// Types of what is remembered from step to step. It starts as zeros.
    fn memory(&self, table: &ParamTable) -> Vec<TensorType>;
    /// The direction, and the new memory in the order of [`Self::memory`].
    fn direction(&self, b: &mut FuncBuilder, step: &Step) -> (ValueId, Vec<ValueId>);
}

/// What a rule sees of a step.
struct Step<'a> {
    table: &'a ParamTable,
    /// Where the gradient was taken.
    params: ValueId,
    /// The clipped gradient.
    grad: ValueId,
    memory: &'a [ValueId],
    /// f32 scalar, counts from 0.
    index: ValueId,
}

/// What comes out of a step.
pub(crate) struct Updated {
    pub params: ValueId,
    pub memory: Vec<ValueId>,
    /// Norm of the gradient before clipping.
    pub norm: ValueId,
    pub lr: ValueId,
}

impl Optimizer {
    /// That rule with [`Schedule::for_steps`], weight decay 0.1 and the gradient clipped to 1.
    pub fn new(rule: Rule, peak_lr: f32, total_steps: u32) -> Self {
        let schedule = Schedule::for_steps(peak_lr, total_steps);
        Self { rule, schedule, weight_decay: 0.1, clip_norm: Some(1.0) }
    }

    /// AdamW with settings that suit language models.
    pub fn adamw(peak_lr: f32, total_steps: u32) -> Self {
        Self::new(Rule::Adam(Adam::default()), peak_lr, total_steps)
    }

    /// # Errors
    /// A setting outside the range in which it means anything.
    pub fn validate(&self) -> Result<(), ModelError> {
        self.schedule.validate()?;
        require(self.weight_decay.is_finite() && self.weight_decay >= 0.0, || {
            format!("weight_decay must not be negative, got {}", self.weight_decay)
        })?;
        if let Some(limit) = self.clip_norm {
            require(limit.is_finite() && limit > 0.0, || format!("clip_norm must be positive, got {limit}"))?;
        }
        self.rule.implementation().validate()
    }

    /// Types of a state: the flat parameters, then what the rule remembers, which starts as zeros.
    pub fn state(&self, table: &ParamTable) -> Vec<TensorType> {
        let mut state = vec![flat(table)];
        state.extend(self.rule.implementation().memory(table));
        state
    }

    /// The `update` program of a job with `shards >= 1` gradients per step:
    /// `(state…, step: ui32, grads_0[N] …, loss_0 …) -> (state…, metrics[3])`, the metrics being mean loss, norm of the
    /// mean gradient before clipping, and learning rate.
    ///
    /// # Errors
    /// As [`Self::validate`]; zero shards.
    pub fn update_program(&self, table: &ParamTable, shards: usize) -> Result<Module, ModelError> {
        self.validate()?;
        require(shards > 0, || "an update needs at least one gradient".to_owned())?;
        let mut b = FuncBuilder::new("main");
        let state: Vec<_> = self.state(table).into_iter().map(|ty| b.param(ty)).collect();
        let step = b.param(TensorType::scalar(DType::U32));
        let grads: Vec<_> = (0..shards).map(|_| b.param(flat(table))).collect();
        let losses: Vec<_> = (0..shards).map(|_| b.param(TensorType::f32([]))).collect();
        let (grad, loss) = (mean(&mut b, &grads), mean(&mut b, &losses));
        let new = self.apply(&mut b, table, &state, grad, step);
        let metrics = [loss, new.norm, new.lr].map(|x| b.reshape(x, &[1]));
        let metrics = b.concatenate(&metrics, 0);
        let results = [&[new.params], &new.memory[..], &[metrics]].concat();
        let main = b.finish(&results).map_err(|error| ModelError::Program { program: "update", error })?;
        Ok(Module::single("update", main))
    }

    /// One step from `state` (parameters, then memory); `step` is a ui32 scalar that counts from 0.
    pub(crate) fn apply(
        &self,
        b: &mut FuncBuilder,
        table: &ParamTable,
        state: &[ValueId],
        grad: ValueId,
        step: ValueId,
    ) -> Updated {
        let (params, memory) = (state[0], &state[1..]);
        let index = b.convert(step, DType::F32);
        let lr = self.schedule.learning_rate(b, index);
        let grad = flushed(b, grad);
        let (grad, norm) = clip::clip(b, self.clip_norm, grad);
        let seen = Step { table, params, grad, memory, index };
        let (mut direction, memory) = self.rule.implementation().direction(b, &seen);
        if self.weight_decay > 0.0 {
            let pull = self.pull(b, table, params);
            direction = b.add(direction, pull);
        }
        let lr_all = b.fill(lr, &[table.total()]);
        let change = b.mul(lr_all, direction);
        Updated { params: b.sub(params, change), memory, norm, lr }
    }

    /// Weight decay: the rate times those parameters that decay.
    fn pull(&self, b: &mut FuncBuilder, table: &ParamTable, params: ValueId) -> ValueId {
        let shape = [table.total()];
        let index = b.iota(TensorType::new(DType::U32, shape), 0);
        let limit = b.full(table.decayed() as u32, &shape);
        let is_decayed = b.lt(index, limit);
        let (rate, none) = (b.full(self.weight_decay, &shape), b.full(0f32, &shape));
        let rate = b.select(is_decayed, rate, none);
        b.mul(rate, params)
    }
}

/// The type of all parameters.
fn flat(table: &ParamTable) -> TensorType {
    TensorType::f32([table.total()])
}

/// Zeros of these types: what is remembered before the first step.
pub(crate) fn empty_memory(b: &mut FuncBuilder, types: &[TensorType]) -> Vec<ValueId> {
    types.iter().map(|ty| b.constant(Literal::zeros(ty.clone()))).collect()
}

/// The mean of tensors of one type, added in order.
fn mean(b: &mut FuncBuilder, parts: &[ValueId]) -> ValueId {
    let mut sum = parts[0];
    for &part in &parts[1..] {
        sum = b.add(sum, part);
    }
    b.scale(sum, 1.0 / parts.len() as f32)
}

/// β mean + (1 - β) x, without subnormals.
fn running_mean(b: &mut FuncBuilder, mean: ValueId, x: ValueId, beta: f32) -> ValueId {
    let old = b.scale(mean, beta);
    let new = b.scale(x, 1.0 - beta);
    let sum = b.add(old, new);
    flushed(b, sum)
}

/// x, with zeros for what is smaller than [`FLUSH_BELOW`]. NaN stays.
fn flushed(b: &mut FuncBuilder, x: ValueId) -> ValueId {
    let size = b.abs(x);
    let limit = b.full_like(x, FLUSH_BELOW);
    let small = b.compare(CompareDir::Lt, size, limit);
    let zero = b.zeros_like(x);
    b.select(small, zero, x)
}

/// Errors unless `value` lies in `[0, 1)`.
fn require_rate(name: &str, value: f32) -> Result<(), ModelError> {
    require((0.0..1.0).contains(&value), || format!("{name} must lie in [0, 1), got {value}"))
}

fn require_positive(name: &str, value: f32) -> Result<(), ModelError> {
    require(value.is_finite() && value > 0.0, || format!("{name} must be positive, got {value}"))
}
