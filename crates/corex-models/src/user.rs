//! Training steps that somebody else wrote, JAX for instance, made into the programs of a job.
//!
//! A user's program is a pure function of state and batch; here it gets what a task needs around it: choosing the batch
//! from the data, averaging gradients over shards, and a metrics vector. `docs/programs.md` has the contract in words.

use corex_hlo::{DType, Func, FuncBuilder, Module, TensorType, ValueId};

use crate::data::{Rows, sampled_rows};
use crate::error::{ModelError, require};

/// The function of each of the user's modules, as `jax.jit(f).lower(…).as_text()` names it.
const ENTRY: &str = "main";
/// What it is called inside a task's program, whose own function is `main`.
const INNER: &str = "user_main";
/// Rows are numbered with 32 bits.
const MAX_ROWS: usize = 1 << 31;
/// Batches that one evaluation looks at, at most.
const EVAL_BATCHES: usize = 16;

/// What a user brings.
#[derive(Debug, Clone)]
pub struct UserModules<'a> {
    /// One program per step, or the gradient.
    pub step: &'a Module,
    /// With this, [`step`](Self::step) is `(params…, batch…) -> (grads…, loss)`, and this is
    /// `(state…, grads…) -> (state…)`. Without it, `step` is `(state…, batch…) -> (state…, loss, metrics…)`.
    pub update: Option<&'a Module>,
    /// `(params…, batch…) -> loss`.
    pub eval: Option<&'a Module>,
}

/// Types of what a job is made of.
#[derive(Debug, Clone)]
pub struct UserTensors<'a> {
    /// The state, in the order of the step's parameters.
    pub state: &'a [TensorType],
    /// Training data: tensors `[rows, …]` with one number of rows.
    pub train: &'a [TensorType],
    /// Held-out data, of the same types but for the rows; empty if nothing is evaluated.
    pub heldout: &'a [TensorType],
}

/// The programs of a user's job; each module has one public function, `main`. See `corex_work::TrainingSpec` for
/// parameters and results.
#[derive(Debug, Clone, PartialEq)]
pub struct UserPrograms {
    /// Hands the initial state on.
    pub init: Module,
    /// The gradient of one shard, if the user brought an update of its own.
    pub grad: Option<Module>,
    /// One step.
    pub update: Module,
    /// Mean held-out loss.
    pub eval: Option<Module>,
    /// Tensors at the start of the state that are parameters.
    pub params: usize,
    /// Numbers in the metrics vector, the loss being the first.
    pub metrics: usize,
    /// Rows that one step of one shard sees.
    pub batch: usize,
}

/// Writes the programs of a user's job with `shards` gradients per step (0 without [`UserModules::update`]).
///
/// # Errors
/// [`ModelError::Config`] naming the function, the parameter or result, what it is and what it has to be.
pub fn user_job_programs(
    modules: &UserModules,
    tensors: &UserTensors,
    shards: usize,
) -> Result<UserPrograms, ModelError> {
    require(!tensors.state.is_empty(), || "the state has no tensors".into())?;
    let init = init_program(tensors.state)?;
    let step = Signature::of("step", modules.step)?;
    let eval_of = |params: &[TensorType]| {
        modules.eval.map(|module| eval_program(module, params, tensors.heldout)).transpose()
    };
    let Some(update) = modules.update else {
        require(shards == 0, || "a step without an update of its own cannot be split into shards".into())?;
        let (update, metrics, batch) = serial_program(modules.step, &step, tensors)?;
        let eval = eval_of(tensors.state)?;
        return Ok(UserPrograms {
            init,
            grad: None,
            update,
            eval,
            params: tensors.state.len(),
            metrics,
            batch,
        });
    };
    require(shards > 0, || "a step with an update of its own needs at least one shard".into())?;
    let params = step.results.len().saturating_sub(1);
    require((1..=tensors.state.len()).contains(&params), || {
        format!(
            "@main of the gradient returns {params} gradients and a loss, but the state has {} tensors",
            tensors.state.len()
        )
    })?;
    let params = &tensors.state[..params];
    step.check_results(params, "the parameter it is the gradient of")?;
    step.check_loss(params.len())?;
    let (grad, batch) = grad_program(modules.step, &step, params, tensors.train)?;
    let update = update_program(update, tensors.state, params, shards)?;
    let eval = eval_of(params)?;
    Ok(UserPrograms { init, grad: Some(grad), update, eval, params: params.len(), metrics: 1, batch })
}

/// Parameters and results of a user's `main`.
struct Signature {
    what: &'static str,
    params: Vec<TensorType>,
    results: Vec<TensorType>,
}

impl Signature {
    fn of(what: &'static str, module: &Module) -> Result<Signature, ModelError> {
        corex_hlo::verify(module)
            .map_err(|error| ModelError::Config(format!("the {what} program: {error}")))?;
        let func = module.func(ENTRY).filter(|f| f.public);
        let func = func.ok_or_else(|| {
            ModelError::Config(format!("the {what} program has no public function @{ENTRY}"))
        })?;
        let types = |values: &[ValueId]| values.iter().map(|v| func.ty(*v).clone()).collect();
        Ok(Signature { what, params: types(&func.params), results: types(&func.results) })
    }

    /// The first parameters are these.
    fn check_params(&self, wanted: &[TensorType], whence: &str) -> Result<(), ModelError> {
        check("parameter", self.what, &self.params, wanted, whence)
    }

    fn check_results(&self, wanted: &[TensorType], whence: &str) -> Result<(), ModelError> {
        check("result", self.what, &self.results, wanted, whence)
    }

    /// The result at `index` is a loss.
    fn check_loss(&self, index: usize) -> Result<(), ModelError> {
        let found = self.results.get(index);
        require(found == Some(&TensorType::f32([])), || {
            let found = found.map_or("missing".into(), |ty| format!("a {ty}"));
            format!(
                "result {index} of the {} program is {found}; it has to be the loss, a tensor<f32>",
                self.what
            )
        })
    }

    /// The parameters after the first `skip` are a batch of `data`; says of how many rows.
    fn batch(&self, skip: usize, data: &[TensorType]) -> Result<usize, ModelError> {
        let found = self.params.get(skip..).unwrap_or_default();
        require(found.len() == data.len() && !data.is_empty(), || {
            format!(
                "the {} program takes {} tensors of a batch, the data has {}",
                self.what,
                found.len(),
                data.len()
            )
        })?;
        let mut batch = None;
        for (index, (param, data)) in found.iter().zip(data).enumerate() {
            let index = index + skip;
            let fits = param.rank() > 0
                && data.rank() > 0
                && param.dtype == data.dtype
                && param.shape[1..] == data.shape[1..];
            require(fits, || {
                format!(
                    "parameter {index} of the {} program is a {param}: no batch of rows of the data, a {data}",
                    self.what
                )
            })?;
            let rows = *batch.get_or_insert(param.shape[0]);
            require(rows == param.shape[0] && rows > 0, || {
                format!(
                    "parameter {index} of the {} program is a batch of {} rows, others have {rows}",
                    self.what, param.shape[0]
                )
            })?;
        }
        Ok(batch.unwrap_or(0))
    }
}

fn check(
    role: &str,
    what: &str,
    found: &[TensorType],
    wanted: &[TensorType],
    whence: &str,
) -> Result<(), ModelError> {
    for (index, wanted) in wanted.iter().enumerate() {
        let found = found.get(index);
        require(found == Some(wanted), || {
            let found = found.map_or("missing".into(), |ty| format!("a {ty}"));
            format!("{role} {index} of the {what} program is {found}; {whence} is a {wanted}")
        })?;
    }
    Ok(())
}

/// Rows of the data: one number for all of its tensors.
fn rows(data: &[TensorType]) -> Result<usize, ModelError> {
    let rows = data.first().and_then(|ty| ty.shape.first()).copied().unwrap_or(0);
    let same = data.iter().all(|ty| ty.shape.first() == Some(&rows));
    require(same && (1..=MAX_ROWS).contains(&rows), || {
        let found: Vec<String> = data.iter().map(ToString::to_string).collect();
        format!("the tensors of the data need one number of rows, 1 to {MAX_ROWS}: {}", found.join(", "))
    })?;
    Ok(rows)
}

/// `main` as `write` writes it, beside the user's functions, of which `main` is called [`INNER`].
fn around(
    what: &'static str,
    user: &Module,
    write: impl FnOnce(&mut FuncBuilder) -> Vec<ValueId>,
) -> Result<Module, ModelError> {
    require(user.func(INNER).is_none(), || {
        format!("a function of the {what} program is called @{INNER}: rename it")
    })?;
    let mut b = FuncBuilder::new(ENTRY);
    let results = write(&mut b);
    let main = b.finish(&results).map_err(|error| ModelError::Program { program: what, error })?;
    let mut funcs = vec![main];
    for func in &user.funcs {
        let mut func = Func { public: false, ..func.clone() };
        let names = func.ops.iter_mut().flat_map(|op| op.kind.callees_mut());
        names.chain([&mut func.name]).filter(|name| *name == ENTRY).for_each(|name| INNER.clone_into(name));
        funcs.push(func);
    }
    let module = Module { name: what.into(), funcs };
    corex_hlo::verify(&module).map_err(|error| ModelError::Program { program: what, error })?;
    Ok(module)
}

fn counter() -> TensorType {
    TensorType::scalar(DType::U32)
}

fn init_program(state: &[TensorType]) -> Result<Module, ModelError> {
    let mut b = FuncBuilder::new(ENTRY);
    b.param(counter());
    let state: Vec<ValueId> = state.iter().map(|ty| b.param(ty.clone())).collect();
    let main = b.finish(&state).map_err(|error| ModelError::Program { program: "init", error })?;
    Ok(Module::single("init", main))
}

fn all_params(b: &mut FuncBuilder, types: &[TensorType]) -> Vec<ValueId> {
    types.iter().map(|ty| b.param(ty.clone())).collect()
}

/// `(state…, train…, seed, step) -> (state…, metrics)`
fn serial_program(
    user: &Module,
    step: &Signature,
    tensors: &UserTensors,
) -> Result<(Module, usize, usize), ModelError> {
    let state = tensors.state;
    step.check_params(state, "the state's tensor there")?;
    step.check_results(state, "the state's tensor there")?;
    step.check_loss(state.len())?;
    let batch = step.batch(state.len(), tensors.train)?;
    let rows = rows(tensors.train)?;
    let extra = step.results.get(state.len()..).unwrap_or_default();
    let scalars = extra.iter().all(|ty| *ty == TensorType::f32([]));
    require(scalars, || {
        "the step program returns something after state and loss that is not a tensor<f32>: metrics are numbers".into()
    })?;
    let module = around("step", user, |b| {
        let state = all_params(b, state);
        let data = all_params(b, tensors.train);
        let (seed, step_index) = (b.param(counter()), b.param(counter()));
        let zero = b.scalar(0u32);
        let batch = sampled_rows(b, &data, [seed, step_index, zero], rows, Rows::all(batch));
        let results = b.call(INNER, &[&state[..], &batch].concat(), &step.results);
        let (new, metrics) = results.split_at(state.len());
        let metrics = vector(b, metrics);
        [new, &[metrics]].concat()
    })?;
    Ok((module, extra.len(), batch))
}

/// Scalars as one vector.
fn vector(b: &mut FuncBuilder, scalars: &[ValueId]) -> ValueId {
    let parts: Vec<ValueId> = scalars.iter().map(|x| b.reshape(*x, &[1])).collect();
    b.concatenate(&parts, 0)
}

/// `(params…, train…, seed, step, shard) -> (grads…, loss)`
fn grad_program(
    user: &Module,
    grad: &Signature,
    params: &[TensorType],
    train: &[TensorType],
) -> Result<(Module, usize), ModelError> {
    grad.check_params(params, "the state's tensor there")?;
    let batch = grad.batch(params.len(), train)?;
    let rows = rows(train)?;
    let module = around("grad", user, |b| {
        let params = all_params(b, params);
        let data = all_params(b, train);
        let place = [b.param(counter()), b.param(counter()), b.param(counter())];
        let batch = sampled_rows(b, &data, place, rows, Rows::all(batch));
        b.call(INNER, &[params, batch].concat(), &grad.results)
    })?;
    Ok((module, batch))
}

/// `(state…, step, grads_0 of every shard…, …, losses…) -> (state…, metrics)`
fn update_program(
    user: &Module,
    state: &[TensorType],
    params: &[TensorType],
    shards: usize,
) -> Result<Module, ModelError> {
    let update = Signature::of("update", user)?;
    update.check_params(&[state, params].concat(), "the state's tensor or the gradient there")?;
    let takes = state.len() + params.len();
    require(update.params.len() == takes, || {
        format!("the update program takes {} tensors; state and gradients are {takes}", update.params.len())
    })?;
    update.check_results(state, "the state's tensor there")?;
    require(update.results.len() == state.len(), || {
        format!("the update program returns {} tensors, the state has {}", update.results.len(), state.len())
    })?;
    let floats = params.iter().all(|ty| ty.dtype == DType::F32);
    require(floats, || "gradients have to be f32: their mean over the shards is".into())?;
    around("update", user, |b| {
        let state = all_params(b, state);
        b.param(counter());
        let grads: Vec<ValueId> = params.iter().map(|ty| mean_of_params(b, ty, shards)).collect();
        let loss = mean_of_params(b, &TensorType::f32([]), shards);
        let new = b.call(INNER, &[state, grads].concat(), &update.results);
        let metrics = vector(b, &[loss]);
        [new, vec![metrics]].concat()
    })
}

/// The mean of `count` new parameters, added in order.
fn mean_of_params(b: &mut FuncBuilder, ty: &TensorType, count: usize) -> ValueId {
    let mut sum = b.param(ty.clone());
    for _ in 1..count {
        let next = b.param(ty.clone());
        sum = b.add(sum, next);
    }
    b.scale(sum, 1.0 / count as f32)
}

/// `(params…, heldout…) -> loss`: the mean over the first batches of the held-out rows.
fn eval_program(user: &Module, params: &[TensorType], heldout: &[TensorType]) -> Result<Module, ModelError> {
    let eval = Signature::of("eval", user)?;
    eval.check_params(params, "the state's tensor there")?;
    eval.check_loss(0)?;
    let batch = eval.batch(params.len(), heldout)?;
    let rows = rows(heldout)?;
    let batches = (rows / batch).min(EVAL_BATCHES);
    require(batches > 0, || format!("the held-out data has {rows} rows, less than one batch of {batch}"))?;
    around("eval", user, |b| {
        let params = all_params(b, params);
        let data = all_params(b, heldout);
        let mut losses = Vec::with_capacity(batches);
        for n in 0..batches {
            let part: Vec<ValueId> =
                data.iter().map(|d| b.slice_dim(*d, 0, n * batch, (n + 1) * batch)).collect();
            losses.extend(b.call(INNER, &[&params[..], &part].concat(), &eval.results).first());
        }
        let mut sum = losses[0];
        for &loss in &losses[1..] {
            sum = b.add(sum, loss);
        }
        vec![b.scale(sum, 1.0 / batches as f32)]
    })
}
