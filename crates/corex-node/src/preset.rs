//! What `--preset` means: a model and how long to train it.

use corex_models::{DataSizes, GptConfig, ModelError, ProgramSet, gpt_job_programs};
use corex_work::{BlobId, JobKind, JobSpec, StepProgram, TrainingSpec};

use crate::corpus::Corpus;

/// A model family member with its training schedule.
#[derive(Debug, Clone)]
pub struct Preset {
    /// The model.
    pub gpt: GptConfig,
    /// Windows per gradient task.
    pub batch: usize,
    /// Gradient tasks per step. Part of the result: does not depend on how many nodes there are.
    pub shards: u32,
    /// Optimizer steps, unless the user asks otherwise.
    pub steps: u32,
    /// Steps per on-chain round.
    pub round_steps: u32,
}

impl Preset {
    /// For trying things out, in seconds.
    pub const fn tiny() -> Preset {
        Preset { gpt: GptConfig::tiny(), batch: 8, shards: 4, steps: 40, round_steps: 5 }
    }
    /// The default.
    pub const fn nano() -> Preset {
        Preset { gpt: GptConfig::nano(), batch: 8, shards: 4, steps: 240, round_steps: 10 }
    }
    /// 11 million parameters.
    pub const fn small() -> Preset {
        Preset { gpt: GptConfig::small(), batch: 8, shards: 4, steps: 1000, round_steps: 2 }
    }
    /// The shape of GPT-2.
    pub const fn gpt2() -> Preset {
        Preset { gpt: GptConfig::gpt2(), batch: 1, shards: 8, steps: 10_000, round_steps: 1 }
    }
}

/// Everything that exists before a job does.
#[derive(Debug, Clone)]
pub struct PreparedJob {
    /// What is asked for.
    pub spec: JobSpec,
    /// The programs and data that the specification names.
    pub genesis: Vec<Vec<u8>>,
    /// Tokens of one optimizer step.
    pub tokens_per_step: u64,
    /// Work units of the whole job.
    pub units: u64,
}

/// Writes the programs and the specification of a training job. A pure function of its arguments: the same data,
/// seed and steps give the same specification on every machine.
pub fn prepare(preset: &Preset, corpus: Corpus, seed: u32, steps: u32) -> Result<PreparedJob, ModelError> {
    let sizes = DataSizes { train_bytes: corpus.train.len(), heldout_bytes: corpus.heldout.len() };
    let optimizer = preset.gpt.optimizer(steps);
    let set = gpt_job_programs(&preset.gpt, &optimizer, sizes, preset.batch, preset.shards as usize)?;
    let mut genesis = Vec::new();
    let state = 4 * set.table.total() as u64;
    let mut step_program = |module: &corex_hlo::Module, output_bytes| {
        step_program(module, output_bytes, None, &mut genesis)
            .map_err(|error| ModelError::Program { program: "step", error })
    };
    let ProgramSet { init, grad, update, eval, tokens_per_grad, .. } = &set;
    let spec = TrainingSpec {
        init: step_program(init, vec![state; 3])?,
        grad: Some(step_program(grad, vec![state, 4])?),
        update: step_program(update, vec![state, state, state, 12])?,
        eval: Some(step_program(eval, vec![4])?),
        initial: vec![],
        params: 1,
        train: vec![BlobId::of(&corpus.train)],
        heldout: vec![BlobId::of(&corpus.heldout)],
        seed,
        steps,
        shards: preset.shards,
        eval_every: (steps / 10).max(1),
        checkpoint_every: (steps / 10).max(1),
        round_steps: preset.round_steps,
    };
    genesis.extend([corpus.train, corpus.heldout]);
    let units = units(&spec);
    let tokens_per_step = *tokens_per_grad as u64 * u64::from(preset.shards);
    Ok(PreparedJob { spec: JobSpec { kind: JobKind::Training(spec) }, genesis, tokens_per_step, units })
}

/// A module's `main` as a program of a job; its text joins the blobs that exist before the job does. `rounds` prices
/// loops that cannot be counted.
pub(crate) fn step_program(
    module: &corex_hlo::Module,
    output_bytes: Vec<u64>,
    rounds: Option<u64>,
    genesis: &mut Vec<Vec<u8>>,
) -> Result<StepProgram, corex_hlo::HloError> {
    let text = corex_hlo::canonical_text(module).into_bytes();
    let units = match rounds {
        None => corex_hlo::work_units(module, "main")?,
        Some(rounds) => corex_hlo::work_units_assuming(module, "main", rounds)?,
    };
    let program = BlobId::of(&text);
    genesis.push(text);
    Ok(StepProgram { program, func: "main".into(), units, output_bytes })
}

/// Work units of a whole job.
pub(crate) fn units(spec: &TrainingSpec) -> u64 {
    let units = |program: &Option<StepProgram>| program.as_ref().map_or(0, |p| p.units);
    let per_step = u64::from(spec.shards) * units(&spec.grad) + spec.update.units;
    // One evaluation every `eval_every` steps, one before the first step, one at the end.
    let evals = u64::from(spec.steps / spec.eval_every) + 2;
    spec.init.units + u64::from(spec.steps) * per_step + evals * units(&spec.eval)
}
