//! `init`, `grad` and `eval`; `update` is the optimizer's.

use corex_hlo::{DType, Func, FuncBuilder, HloError, Module, TensorType, ValueId, gradients};

use super::{Start, TrainingJob};
use crate::data;
use crate::error::ModelError;
use crate::init::initial_params;
use crate::model::{Input, Model};
use crate::optim::empty_memory;
use crate::params::ParamTable;

/// An evaluation looks at no more tokens than this (but at one window at least).
const EVAL_TOKENS: usize = 8192;
/// An evaluation looks at no more rows than this.
const EVAL_ROWS: usize = 1024;

/// A module whose `main` is what `write` writes.
pub(super) fn program(
    name: &'static str,
    write: impl FnOnce(&mut FuncBuilder) -> Vec<ValueId>,
) -> Result<Module, ModelError> {
    let mut b = FuncBuilder::new("main");
    let results = write(&mut b);
    Ok(Module::single(name, finish(name, b, &results)?))
}

fn finish(program: &'static str, b: FuncBuilder, results: &[ValueId]) -> Result<Func, ModelError> {
    b.finish(results).map_err(|error: HloError| ModelError::Program { program, error })
}

fn counter() -> TensorType {
    TensorType::scalar(DType::U32)
}

pub(super) fn init(job: &TrainingJob, table: &ParamTable) -> Result<Module, ModelError> {
    program("init", |b| {
        let seed = b.param(counter());
        let params = match job.start {
            Start::Random => initial_params(b, table, seed),
            Start::Given => b.param(TensorType::f32([table.total()])),
        };
        let memory = empty_memory(b, &job.optimizer.state(table)[1..]);
        [&[params], &memory[..]].concat()
    })
}

pub(super) fn grad(job: &TrainingJob, table: &ParamTable) -> Result<Module, ModelError> {
    if job.batch.accumulate > 1 {
        return accumulated_grad(job, table);
    }
    program("grad", |b| {
        let inputs = GradInputs::of(b, job, table);
        inputs.gradient(b, job, table, None)
    })
}

/// The same over several batches in a loop, so that memory holds one of them.
fn accumulated_grad(job: &TrainingJob, table: &ParamTable) -> Result<Module, ModelError> {
    let count = job.batch.accumulate;
    let sums = [counter(), TensorType::f32([table.total()]), TensorType::f32([])];
    let carried = |b: &mut FuncBuilder| sums.clone().map(|ty| b.param(ty));

    let mut b = FuncBuilder::new("one_batch");
    let [number, grad_sum, loss_sum] = carried(&mut b);
    let inputs = GradInputs::of(&mut b, job, table);
    let rows = b.scalar(job.batch.batch as u32);
    let first = b.mul(number, rows);
    let found = inputs.gradient(&mut b, job, table, Some(first));
    let one = b.scalar(1u32);
    let results = [b.add(number, one), b.add(grad_sum, found[0]), b.add(loss_sum, found[1])];
    let body = Func { public: false, ..finish("grad", b, &results)? };

    let mut b = FuncBuilder::new("more_batches");
    let [number, ..] = carried(&mut b);
    GradInputs::of(&mut b, job, table);
    let end = b.scalar(count as u32);
    let more = b.lt(number, end);
    let cond = Func { public: false, ..finish("grad", b, &[more])? };

    let mut b = FuncBuilder::new("main");
    let shared = GradInputs::of(&mut b, job, table).all();
    let (zero, no_loss) = (b.scalar(0u32), b.scalar(0f32));
    let no_grad = b.full(0f32, &[table.total()]);
    let sums = b.while_loop(&cond, &body, &[zero, no_grad, no_loss], &shared);
    let means: Vec<_> = sums.iter().skip(1).map(|sum| b.scale(*sum, 1.0 / count as f32)).collect();
    let main = finish("grad", b, &means)?;
    Ok(Module { name: "grad".into(), funcs: vec![main, cond, body] })
}

/// Parameters of a gradient.
struct GradInputs {
    params: ValueId,
    data: Vec<ValueId>,
    /// Seed, step, shard.
    place: [ValueId; 3],
}

impl GradInputs {
    fn of(b: &mut FuncBuilder, job: &TrainingJob, table: &ParamTable) -> Self {
        Self {
            params: b.param(TensorType::f32([table.total()])),
            data: job.model.input().data(job.data.train).into_iter().map(|ty| b.param(ty)).collect(),
            place: [b.param(counter()), b.param(counter()), b.param(counter())],
        }
    }

    fn all(&self) -> Vec<ValueId> {
        [&[self.params], &self.data[..], &self.place].concat()
    }

    /// Gradient and loss of the batch whose first row has the number `first`, or 0.
    fn gradient(
        &self,
        b: &mut FuncBuilder,
        job: &TrainingJob,
        table: &ParamTable,
        first: Option<ValueId>,
    ) -> Vec<ValueId> {
        let rows = data::Rows { first, count: job.batch.batch };
        let batch = match (job.model.input(), &self.data[..]) {
            (Input::Tokens { context, .. }, [tokens]) => {
                vec![data::sampled_windows(b, *tokens, self.place, rows, context + 1)]
            }
            _ => data::sampled_rows(b, &self.data, self.place, job.data.train, rows),
        };
        let loss = loss(b, &job.model, table, self.params, &batch);
        let grads = gradients(b, loss, &[self.params]);
        vec![grads[0], loss]
    }
}

pub(super) fn eval(job: &TrainingJob, table: &ParamTable) -> Result<Module, ModelError> {
    let heldout = job.data.heldout;
    program("eval", |b| {
        let params = b.param(TensorType::f32([table.total()]));
        let data: Vec<_> = job.model.input().data(heldout).into_iter().map(|ty| b.param(ty)).collect();
        let batch = match (job.model.input(), &data[..]) {
            (Input::Tokens { context, .. }, [tokens]) => {
                let count = ((heldout - 1) / context).min((EVAL_TOKENS / context).max(1));
                // The last window ends at or before the end of the data.
                let stride = if count > 1 { (heldout - context - 1) / (count - 1) } else { 0 };
                vec![data::fixed_windows(b, *tokens, count, stride, context + 1)]
            }
            _ => data.iter().map(|x| b.slice_dim(*x, 0, 0, heldout.min(EVAL_ROWS))).collect(),
        };
        vec![loss(b, &job.model, table, params, &batch)]
    })
}

fn loss(
    b: &mut FuncBuilder,
    model: &Model,
    table: &ParamTable,
    params: ValueId,
    batch: &[ValueId],
) -> ValueId {
    let weights = table.unpack(b, params);
    model.loss(b, &weights, batch)
}
