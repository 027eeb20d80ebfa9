//! Jobs of the built-in families: what `--model`, `--preset` and the optimizer's options mean.

use corex_hlo::{HloError, Module, TensorType, checked_bytes};
use corex_models::{
    BatchSizes, CnnConfig, Decay, GptConfig, LlamaConfig, MlpConfig, Model, ModelError, Optimizer, Rule,
    Start, TrainingJob,
};
use corex_work::{BlobId, JobKind, JobSpec, LoweredProgram, StepProgram, TrainingSpec};

use crate::dataset::{Dataset, Rows};
use crate::error::NodeError;
use crate::lowered::Written;

/// What is trained, and in which portions.
#[derive(Debug, Clone)]
pub struct Preset {
    /// The model.
    pub family: Family,
    /// Windows or rows that a gradient task computes at once.
    pub batch: usize,
    /// Batches that a gradient task adds up one after another.
    pub accumulate: usize,
    /// Gradient tasks per step. Part of the result: does not depend on how many nodes there are.
    pub shards: u32,
    /// Optimizer steps, unless the user asks otherwise.
    pub steps: u32,
    /// Steps per on-chain round.
    pub round_steps: u32,
}

/// A model, as far as it is known before the data is.
#[derive(Debug, Clone)]
pub enum Family {
    /// All of it.
    Model(Model),
    /// A perceptron with these hidden layers.
    Mlp(Vec<usize>),
    /// A convolutional network with these stages.
    Cnn(Vec<usize>),
}

impl Family {
    /// The model for these examples.
    ///
    /// # Errors
    /// Images that are none.
    pub fn classifier(&self, rows: &Rows) -> Result<Model, NodeError> {
        let classes = rows.classes();
        match self {
            Self::Model(model) => Ok(model.clone()),
            Self::Mlp(hidden) => {
                let inputs = rows.shape().iter().product();
                Ok(Model::Mlp(MlpConfig { inputs, hidden: hidden.clone(), classes }))
            }
            Self::Cnn(features) => {
                let (height, width, channels) = match *rows.shape() {
                    [height, width] => (height, width, 1),
                    [height, width, channels] => (height, width, channels),
                    _ => {
                        return Err(NodeError::Refused(format!(
                            "a row of the data has shape {:?}; images are [height, width] or [height, width, channels]\nhint: --model mlp takes any shape",
                            rows.shape()
                        )));
                    }
                };
                Ok(Model::Cnn(CnnConfig { height, width, channels, features: features.clone(), classes }))
            }
        }
    }
}

/// Sizes of presets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// For trying things out, in seconds.
    Tiny,
    /// The default.
    Nano,
    /// About 10 million parameters.
    Small,
    /// The blocks of GPT-2.
    Gpt2,
}

impl Preset {
    /// A GPT on bytes.
    pub fn gpt(size: Size) -> Preset {
        let model = match size {
            Size::Tiny => GptConfig::tiny(),
            Size::Nano => GptConfig::nano(),
            Size::Small => GptConfig::small(),
            Size::Gpt2 => GptConfig::gpt2(),
        };
        Preset::sized(size, Family::Model(Model::Gpt(model)))
    }

    /// A Llama on bytes; there is none of the size of GPT-2.
    pub fn llama(size: Size) -> Option<Preset> {
        let model = match size {
            Size::Tiny => LlamaConfig::tiny(),
            Size::Nano => LlamaConfig::nano(),
            Size::Small => LlamaConfig::small(),
            Size::Gpt2 => return None,
        };
        Some(Preset::sized(size, Family::Model(Model::Llama(model))))
    }

    /// A perceptron on rows; there is none of the size of GPT-2.
    pub fn mlp(size: Size) -> Option<Preset> {
        Some(Preset::classifier(Family::Mlp(match size {
            Size::Tiny => vec![16],
            Size::Nano => vec![64, 64],
            Size::Small => vec![512, 512],
            Size::Gpt2 => return None,
        })))
    }

    /// A convolutional network on images; there is none of the size of GPT-2.
    pub fn cnn(size: Size) -> Option<Preset> {
        Some(Preset::classifier(Family::Cnn(match size {
            Size::Tiny => vec![8],
            Size::Nano => vec![16, 32],
            Size::Small => vec![32, 64, 128],
            Size::Gpt2 => return None,
        })))
    }

    /// Portions for a model of any size.
    pub fn around(model: Model) -> Preset {
        const LARGE: usize = 50_000_000;
        let large = model.param_table().total() >= LARGE;
        Preset::sized(if large { Size::Gpt2 } else { Size::Nano }, Family::Model(model))
    }

    fn classifier(family: Family) -> Preset {
        Preset { family, batch: 32, accumulate: 1, shards: 2, steps: 200, round_steps: 10 }
    }

    fn sized(size: Size, family: Family) -> Preset {
        let (batch, shards, steps, round_steps) = match size {
            Size::Tiny => (8, 4, 40, 5),
            Size::Nano => (8, 4, 240, 10),
            Size::Small => (8, 4, 1000, 2),
            Size::Gpt2 => (1, 8, 10_000, 1),
        };
        Preset { family, batch, accumulate: 1, shards, steps, round_steps }
    }
}

/// What the user says of the optimizer; for the rest there are defaults that suit the model.
#[derive(Debug, Clone, Default)]
pub struct Tuning {
    /// What makes a direction of the gradient; AdamW.
    pub rule: Option<Rule>,
    /// The learning rate's way after the warm-up.
    pub decay: Option<Decay>,
    /// Learning rate at the end of the warm-up; with it a last one of a tenth.
    pub lr: Option<f32>,
    /// Steps of warm-up.
    pub warmup: Option<u32>,
    /// Decoupled weight decay.
    pub weight_decay: Option<f32>,
    /// Largest norm of a gradient, 0 for any.
    pub clip_norm: Option<f32>,
}

impl Tuning {
    /// The optimizer of a run.
    pub fn optimizer(&self, model: &Model, steps: u32) -> Optimizer {
        let mut optimizer = match &self.rule {
            Some(rule) => model.optimizer_with(rule.clone(), steps),
            None => model.optimizer(steps),
        };
        let schedule = &mut optimizer.schedule;
        if let Some(lr) = self.lr {
            (schedule.peak_lr, schedule.final_lr) = (lr, lr / 10.0);
        }
        if let Some(warmup) = self.warmup {
            schedule.warmup_steps = warmup.max(1);
            schedule.total_steps = steps.max(schedule.warmup_steps.saturating_add(1));
        }
        schedule.decay = self.decay.unwrap_or(schedule.decay);
        optimizer.weight_decay = self.weight_decay.unwrap_or(optimizer.weight_decay);
        if let Some(limit) = self.clip_norm {
            optimizer.clip_norm = Some(limit).filter(|limit| *limit != 0.0);
        }
        optimizer
    }
}

/// Everything that exists before a job does.
#[derive(Debug, Clone)]
pub struct PreparedJob {
    /// What is asked for.
    pub spec: JobSpec,
    /// The programs and data that the specification names.
    pub genesis: Vec<Vec<u8>>,
    /// What its functions lower to.
    pub programs: Vec<LoweredProgram>,
    /// Tokens or rows of one optimizer step.
    pub tokens_per_step: u64,
    /// Work units of the whole job.
    pub units: u64,
}

/// What a job of a built-in family starts from.
#[derive(Debug)]
pub struct Ingredients {
    /// The model.
    pub model: Model,
    /// Its optimizer.
    pub optimizer: Optimizer,
    /// What it is trained on.
    pub data: Dataset,
    /// The flat vector of parameters to go on from; `None` is random numbers.
    pub params: Option<Vec<u8>>,
}

/// Writes the programs and the specification of a training job. A pure function of its arguments: the same data,
/// seed and steps give the same specification on every machine.
///
/// # Errors
/// Sizes and data that do not fit together.
pub fn prepare(
    preset: &Preset,
    ingredients: Ingredients,
    seed: u32,
    steps: u32,
) -> Result<PreparedJob, ModelError> {
    let Ingredients { model, optimizer, data, params } = ingredients;
    let start = if params.is_some() { Start::Given } else { Start::Random };
    let batch =
        BatchSizes { batch: preset.batch, accumulate: preset.accumulate, shards: preset.shards as usize };
    let job = TrainingJob { model, optimizer, start, data: data.sizes, batch };
    let set = job.programs()?;
    let mut written = Written::default();
    let bytes = |ty: &TensorType| checked_bytes(ty).unwrap_or(usize::MAX) as u64;
    let state: Vec<u64> = set.state.iter().map(bytes).collect();
    let mut step_program = |module: &Module, output_bytes| {
        let program = step_program(module, output_bytes, None, &mut written);
        program
            .and_then(|program| written.lower(module, &program).map(|()| program))
            .map_err(|error| ModelError::Program { program: "step", error })
    };
    let mut spec = TrainingSpec {
        init: step_program(&set.init, state.clone())?,
        grad: Some(step_program(&set.grad, vec![state[0], 4])?),
        update: step_program(&set.update, [&state[..], &[12]].concat())?,
        eval: Some(step_program(&set.eval, vec![4])?),
        initial: vec![],
        params: 1,
        train: vec![],
        heldout: vec![],
        seed,
        steps,
        shards: preset.shards,
        eval_every: (steps / 10).max(1),
        checkpoint_every: (steps / 10).max(1),
        round_steps: preset.round_steps,
    };
    let Written { mut genesis, lowered: programs } = written;
    let mut keep = |blobs: Vec<Vec<u8>>| -> Vec<BlobId> {
        let ids = blobs.iter().map(|blob| BlobId::of(blob)).collect();
        genesis.extend(blobs);
        ids
    };
    (spec.initial, spec.train, spec.heldout) =
        (keep(params.into_iter().collect()), keep(data.train), keep(data.heldout));
    let units = units(&spec);
    let tokens_per_step = set.examples_per_grad as u64 * u64::from(preset.shards);
    let spec = JobSpec { kind: JobKind::Training(spec) };
    Ok(PreparedJob { spec, genesis, programs, tokens_per_step, units })
}

/// A module's `main` as a program of a job; its text joins the blobs that exist before the job does. `rounds` prices loops
/// that cannot be counted.
pub(crate) fn step_program(
    module: &Module,
    output_bytes: Vec<u64>,
    rounds: Option<u64>,
    written: &mut Written,
) -> Result<StepProgram, HloError> {
    let text = corex_hlo::canonical_text(module).into_bytes();
    let units = match rounds {
        None => corex_hlo::work_units(module, "main")?,
        Some(rounds) => corex_hlo::work_units_assuming(module, "main", rounds)?,
    };
    let program = BlobId::of(&text);
    written.genesis.push(text);
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

#[cfg(test)]
mod tests {
    use super::*;
    use corex_models::{Lbfgs, Schedule};

    #[test]
    fn what_the_user_says_wins_over_the_defaults() {
        let model = Model::Gpt(GptConfig::nano());
        assert_eq!(Tuning::default().optimizer(&model, 240), model.optimizer(240));
        let said = Tuning {
            rule: Some(Rule::Lbfgs(Lbfgs::default())),
            decay: Some(Decay::Linear),
            lr: Some(0.5),
            warmup: Some(300),
            weight_decay: Some(0.25),
            clip_norm: Some(0.0),
        };
        let schedule = Schedule {
            peak_lr: 0.5,
            final_lr: 0.05,
            warmup_steps: 300,
            total_steps: 301,
            decay: Decay::Linear,
        };
        let expected =
            Optimizer { rule: Rule::Lbfgs(Lbfgs::default()), schedule, weight_decay: 0.25, clip_norm: None };
        assert_eq!(said.optimizer(&model, 240), expected);
    }
}
