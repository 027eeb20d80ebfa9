//! Jobs whose step is a user's own program: files in, specification out. `docs/programs.md` says what they hold.

use corex_engine::Tensor;
use corex_hlo::{Module, TensorType};
use corex_models::{UserModules, UserTensors, user_job_programs};
use corex_work::{BlobId, JobKind, JobSpec, TrainingSpec};
use std::path::{Path, PathBuf};

use crate::error::NodeError;
use crate::lineage::ModelForm;
use crate::lowered::Written;
use crate::preset::{PreparedJob, step_program, units};
use crate::tensors;
use crate::worker::MAX_PROGRAM_BYTES;

/// One row in this many is held out, if there is a program to evaluate it with.
const HELD_OUT: usize = 20;

/// What to do about a program that no contract could judge.
const NO_LOWERED_FORM: &str =
    "every operation needs a form that a contract can execute: docs/spec/lowering.md";

/// What the user brings.
#[derive(Debug, Clone)]
pub struct ProgramFiles {
    /// One step, or with [`update`](Self::update) a gradient; StableHLO text.
    pub step: PathBuf,
    /// Applies the mean gradient.
    pub update: Option<PathBuf>,
    /// Loss of a batch.
    pub eval: Option<PathBuf>,
    /// The initial state: tensors, in the order of their names.
    pub state: PathBuf,
    /// The data: tensors `[rows, …]`, in the order of their names.
    pub data: PathBuf,
    /// Gradient tasks per step; 0 without [`update`](Self::update).
    pub shards: u32,
    /// Rounds that a loop is priced at which ends when it wants to.
    pub loop_rounds: Option<u64>,
}

/// Reads the files and writes the job. The same files, seed and steps give the same job on every machine.
///
/// # Errors
/// A file that cannot be read or is not what it should be; programs, state and data that do not fit together.
pub fn prepare(files: &ProgramFiles, seed: u32, steps: u32) -> Result<(PreparedJob, ModelForm), NodeError> {
    let step = module(&files.step)?;
    let update = files.update.as_deref().map(module).transpose()?;
    let eval = files.eval.as_deref().map(module).transpose()?;
    let (names, state): (Vec<String>, Vec<Tensor>) = tensors::read(&files.state)?.into_iter().unzip();
    let data: Vec<Tensor> = tensors::read(&files.data)?.into_values().collect();
    let (train, heldout) = match eval {
        Some(_) => split(&data, &files.data)?,
        None => (data, Vec::new()),
    };
    let types = |tensors: &[Tensor]| tensors.iter().map(|t| t.ty().clone()).collect::<Vec<_>>();
    let (state_types, train_types, heldout_types) = (types(&state), types(&train), types(&heldout));
    let modules = UserModules { step: &step, update: update.as_ref(), eval: eval.as_ref() };
    let types = UserTensors { state: &state_types, train: &train_types, heldout: &heldout_types };
    let programs = user_job_programs(&modules, &types, files.shards as usize)?;

    let mut written = Written::default();
    let sizes: Vec<u64> = state.iter().map(|t| t.bytes().len() as u64).collect();
    let params = &sizes[..programs.params];
    let program = |module: &Module, output_bytes: Vec<u64>, written: &mut Written| {
        let refused = |hint: &'static str| {
            let name = module.name.clone();
            move |error| NodeError::Refused(format!("the {name} program: {error}\nhint: {hint}"))
        };
        let program = step_program(module, output_bytes, files.loop_rounds, written)
            .map_err(refused("--loop-rounds sets a price for loops that cannot be counted"))?;
        written.lower(module, &program).map_err(refused(NO_LOWERED_FORM))?;
        Ok::<_, NodeError>(program)
    };
    let grad =
        programs.grad.as_ref().map(|m| program(m, [params, &[4]].concat(), &mut written)).transpose()?;
    let metrics = 4 * programs.metrics as u64;
    let eval = programs.eval.as_ref().map(|m| program(m, vec![4], &mut written)).transpose()?;
    let mut data_blobs = Vec::new();
    let mut keep = |tensors: Vec<Tensor>| -> Vec<BlobId> {
        let blobs: Vec<Vec<u8>> = tensors.into_iter().map(|t| t.bytes().to_vec()).collect();
        let ids = blobs.iter().map(|b| BlobId::of(b)).collect();
        data_blobs.extend(blobs);
        ids
    };
    let (initial, train, heldout) = (keep(state), keep(train), keep(heldout));
    let spec = TrainingSpec {
        init: program(&programs.init, sizes.clone(), &mut written)?,
        grad,
        update: program(&programs.update, [&sizes[..], &[metrics]].concat(), &mut written)?,
        eval,
        initial,
        params: programs.params as u32,
        train,
        heldout,
        seed,
        steps,
        shards: files.shards,
        eval_every: (steps / 10).max(1),
        checkpoint_every: (steps / 10).max(1),
        round_steps: (steps / 20).max(1),
    };
    let (units, tokens_per_step) = (units(&spec), programs.batch as u64 * u64::from(files.shards.max(1)));
    let spec = JobSpec { kind: JobKind::Training(spec) };
    spec.check()?;
    let Written { mut genesis, lowered: programs } = written;
    genesis.extend(data_blobs);
    Ok((PreparedJob { spec, genesis, programs, tokens_per_step, units }, ModelForm::Tensors(names)))
}

/// Reads a program.
///
/// # Errors
/// A file that cannot be read, is larger than any node would take, or is not StableHLO that corex has.
pub fn module(path: &Path) -> Result<Module, NodeError> {
    let length = std::fs::metadata(path).map_err(NodeError::io(path))?.len();
    let damaged = |why: String| NodeError::Refused(format!("{}: {why}", path.display()));
    if length > MAX_PROGRAM_BYTES as u64 {
        return Err(damaged(format!("{length} bytes long, the limit is {MAX_PROGRAM_BYTES}")));
    }
    let text = std::fs::read_to_string(path).map_err(NodeError::io(path))?;
    corex_hlo::parse(&text).map_err(|e| damaged(e.to_string()))
}

/// The last rows are held out.
fn split(data: &[Tensor], path: &Path) -> Result<(Vec<Tensor>, Vec<Tensor>), NodeError> {
    let few = || {
        NodeError::Refused(format!(
            "{}: too few rows to hold some out\nhint: leave out --eval, or bring more data",
            path.display()
        ))
    };
    let (mut train, mut heldout) = (Vec::new(), Vec::new());
    for tensor in data {
        let ty = tensor.ty();
        let rows = ty.shape.first().copied().filter(|rows| *rows >= 2).ok_or_else(few)?;
        let first = rows - (rows / HELD_OUT).max(1);
        let at = tensor.bytes().len() / rows * first;
        let part = |rows: usize, bytes: &[u8]| {
            let shape = [&[rows], &ty.shape[1..]].concat();
            Tensor::from_bytes(TensorType::new(ty.dtype, shape), bytes)
                .map_err(|e| NodeError::Refused(e.to_string()))
        };
        train.push(part(first, &tensor.bytes()[..at])?);
        heldout.push(part(rows - first, &tensor.bytes()[at..])?);
    }
    Ok((train, heldout))
}

/// Types of a state, from the text of the job's first program.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn state_types(program: &[u8]) -> Result<Vec<TensorType>, String> {
    let text = std::str::from_utf8(program).map_err(|e| e.to_string())?;
    let module = corex_hlo::parse(text).map_err(|e| e.to_string())?;
    let main = module.func("main").ok_or("the first program has no @main")?;
    Ok(main.results.iter().map(|v| main.ty(*v).clone()).collect())
}
