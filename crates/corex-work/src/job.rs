//! Jobs: what a trainer asks for, complete enough that anyone can unfold it into the same tasks.

use serde::{Deserialize, Serialize};

use crate::ids::{BlobId, ProgramId};

/// A job as the escrow knows it by hash. Its canonical bytes are themselves a blob.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct JobSpec {
    /// What is to be done.
    pub kind: JobKind,
}

/// The kinds of job.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum JobKind {
    /// Data-parallel training from scratch.
    Training(TrainingSpec),
}

/// One kind of task of a job: the function, what it pays and what it returns.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StepProgram {
    /// The program.
    pub program: ProgramId,
    /// Function inside it.
    pub func: String,
    /// Units of work paid per task.
    pub units: u64,
    /// Length in bytes of each output blob, in result order.
    pub output_bytes: Vec<u64>,
}

/// Training: `init` once, then per step `shards` gradients and one update, with evaluations in between.
///
/// A *state* is a list of blobs, as many as `init` has results; its first [`params`](Self::params) are what gradients are
/// taken of. Signatures, in parameter and result order (`seed`, `step`, `shard` are `ui32` scalars,
/// see [`scalar_u32`](crate::scalar_u32); `…` is one or more of a kind):
/// - `init(seed, initial…) -> (state…)`
/// - `grad(params…, train…, seed, step, shard) -> (grads…, loss)`
/// - `update(state…, step, grads_0 of every shard…, grads_1 of every shard…, losses…) -> (state…, metrics)`
/// - `eval(params…, heldout…) -> loss`
///
/// A job without `grad` has no shards, and its update sees the data itself:
/// - `update(state…, train…, seed, step) -> (state…, metrics)`
///
/// `metrics` is a vector of f32 for people: the loss, and if the job has them, gradient norm and learning rate.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TrainingSpec {
    /// Makes the first state.
    pub init: StepProgram,
    /// Gradient of one shard of a step's batch.
    pub grad: Option<StepProgram>,
    /// Reduces the gradients and applies the optimizer.
    pub update: StepProgram,
    /// Loss on held-out data.
    pub eval: Option<StepProgram>,
    /// What the first state is made from, besides the seed.
    pub initial: Vec<BlobId>,
    /// Blobs at the start of a state that are parameters, at least 1.
    pub params: u32,
    /// Training data, at least one blob.
    pub train: Vec<BlobId>,
    /// Held-out data.
    pub heldout: Vec<BlobId>,
    /// Seed of initialisation and batch sampling.
    pub seed: u32,
    /// Optimizer steps, at least 1.
    pub steps: u32,
    /// Gradient tasks per step: at least 1 if there is `grad`, otherwise 0.
    pub shards: u32,
    /// Steps between evaluations, at least 1; step 0 and the last state are always evaluated.
    pub eval_every: u32,
    /// Steps between durable checkpoints, at least 1; the last state always is one.
    pub checkpoint_every: u32,
    /// Steps per on-chain round, at least 1.
    pub round_steps: u32,
}

/// Why a specification is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// A count that must be at least one is zero.
    #[error("job specification: {0} must be at least 1")]
    Zero(&'static str),
    /// A count is beyond what one job may have.
    #[error("job specification: {what} is {value}, the limit is {limit}")]
    TooLarge {
        /// The field.
        what: &'static str,
        /// Its value.
        value: u64,
        /// The largest value allowed.
        limit: u64,
    },
    /// A function's results do not fit its role in the job.
    #[error("job specification: {what} must have {expected} outputs, has {found}")]
    Outputs {
        /// The kind of task.
        what: &'static str,
        /// Results of that role.
        expected: usize,
        /// Results specified.
        found: usize,
    },
    /// State that does not keep its size from step to step.
    #[error("job specification: output sizes of init, grad and update do not agree")]
    StateSize,
    /// Shards of nothing.
    #[error("job specification: it has shards, but no program for their gradients")]
    NoGradient,
    /// The bytes are not a specification, or not in canonical form.
    #[error("job specification: bytes are damaged or not canonical ({0})")]
    Encoding(String),
}

impl TrainingSpec {
    /// Most shards of one step.
    pub const MAX_SHARDS: u32 = 4096;
    /// Most steps of one job.
    pub const MAX_STEPS: u32 = 100_000_000;
    /// Largest single output, in bytes.
    pub const MAX_OUTPUT_BYTES: u64 = 1 << 40;
    /// Most units of one task: sums over any round stay far below 2^64.
    pub const MAX_UNITS: u64 = 1 << 40;
    /// Longest function name, in bytes.
    pub const MAX_FUNC_BYTES: usize = 256;

    /// Most blobs of a state, of the initial data, of the training data, and of the held-out data.
    pub const MAX_BLOBS: usize = 4096;

    /// Blobs of a state.
    pub fn state_blobs(&self) -> usize {
        self.init.output_bytes.len()
    }

    fn check(&self) -> Result<(), SpecError> {
        let counts = [
            ("steps", self.steps, Self::MAX_STEPS),
            ("eval_every", self.eval_every, u32::MAX),
            ("checkpoint_every", self.checkpoint_every, u32::MAX),
            ("round_steps", self.round_steps, u32::MAX),
            ("params", self.params, Self::MAX_BLOBS as u32),
            ("train", u32::try_from(self.train.len()).unwrap_or(u32::MAX), Self::MAX_BLOBS as u32),
        ];
        for (what, value, limit) in counts {
            if value == 0 {
                return Err(SpecError::Zero(what));
            }
            too_large(what, value.into(), limit.into())?;
        }
        let lists = [("initial", self.initial.len()), ("heldout", self.heldout.len())];
        for (what, len) in lists.into_iter().chain([("state", self.state_blobs())]) {
            too_large(what, len as u64, Self::MAX_BLOBS as u64)?;
        }
        too_large("shards", self.shards.into(), Self::MAX_SHARDS.into())?;
        if self.grad.is_some() != (self.shards > 0) {
            return Err(if self.shards == 0 { SpecError::Zero("shards") } else { SpecError::NoGradient });
        }
        let params = self.params as usize;
        let outputs = |what, program: &StepProgram, expected| {
            let found = program.output_bytes.len();
            if found == expected { Ok(()) } else { Err(SpecError::Outputs { what, expected, found }) }
        };
        outputs("update", &self.update, self.state_blobs() + 1)?;
        self.grad.iter().try_for_each(|grad| outputs("grad", grad, params + 1))?;
        self.eval.iter().try_for_each(|eval| outputs("eval", eval, 1))?;
        for program in [&self.init, &self.update].into_iter().chain(&self.grad).chain(&self.eval) {
            for &bytes in &program.output_bytes {
                too_large("output bytes", bytes, Self::MAX_OUTPUT_BYTES)?;
            }
            too_large("units", program.units, Self::MAX_UNITS)?;
            too_large("function name length", program.func.len() as u64, Self::MAX_FUNC_BYTES as u64)?;
        }
        let state = &self.init.output_bytes;
        let fits = |sizes: &[u64], of: &[u64]| of.get(..sizes.len()) == Some(sizes);
        let grads = self.grad.as_ref().and_then(|grad| grad.output_bytes.get(..params));
        if !fits(state, &self.update.output_bytes)
            || params > state.len()
            || !grads.is_none_or(|g| fits(g, state))
        {
            return Err(SpecError::StateSize);
        }
        Ok(())
    }
}

fn too_large(what: &'static str, value: u64, limit: u64) -> Result<(), SpecError> {
    if value > limit { Err(SpecError::TooLarge { what, value, limit }) } else { Ok(()) }
}

impl JobSpec {
    /// First bytes of every encoded specification: format and version.
    const MAGIC: &'static [u8] = b"corex/job/2\n";

    /// Checks counts and sizes.
    ///
    /// # Errors
    /// The first [`SpecError`] found.
    pub fn check(&self) -> Result<(), SpecError> {
        match &self.kind {
            JobKind::Training(training) => training.check(),
        }
    }

    /// The canonical bytes: a magic line, then the postcard encoding of the fields in order.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_extend(self, Self::MAGIC.to_vec())
            .expect("the specification has no type that postcard cannot encode, and a Vec does not run full")
    }

    /// Decodes canonical bytes and checks the specification.
    ///
    /// # Errors
    /// [`SpecError::Encoding`] for anything [`to_bytes`](Self::to_bytes) would not have written; else what
    /// [`check`](Self::check) says.
    pub fn from_bytes(bytes: &[u8]) -> Result<JobSpec, SpecError> {
        let body = bytes
            .strip_prefix(Self::MAGIC)
            .ok_or_else(|| SpecError::Encoding("no corex/job/2 header".into()))?;
        let spec: JobSpec =
            postcard::from_bytes(body).map_err(|error| SpecError::Encoding(error.to_string()))?;
        // postcard accepts trailing bytes and overlong integers; a second form of one job must not exist.
        if spec.to_bytes() != bytes {
            return Err(SpecError::Encoding(
                "another encoding of the same fields is the canonical one".into(),
            ));
        }
        spec.check()?;
        Ok(spec)
    }

    /// The hash that the escrow stores: the [`BlobId`] of the canonical bytes.
    pub fn id(&self) -> BlobId {
        BlobId::of(&self.to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(outputs: &[u64]) -> StepProgram {
        StepProgram {
            program: BlobId([1; 32]),
            func: "main".into(),
            units: 3,
            output_bytes: outputs.to_vec(),
        }
    }

    fn spec() -> TrainingSpec {
        TrainingSpec {
            init: program(&[40, 40, 40]),
            grad: Some(program(&[40, 4])),
            update: program(&[40, 40, 40, 12]),
            eval: Some(program(&[4])),
            initial: vec![],
            params: 1,
            train: vec![BlobId([2; 32])],
            heldout: vec![BlobId([3; 32])],
            seed: 1,
            steps: 300,
            shards: 4,
            eval_every: 50,
            checkpoint_every: 50,
            round_steps: 10,
        }
    }

    fn job(training: TrainingSpec) -> JobSpec {
        JobSpec { kind: JobKind::Training(training) }
    }

    #[test]
    fn a_job_may_have_one_program_per_step() {
        let mut serial = TrainingSpec { grad: None, eval: None, shards: 0, heldout: vec![], ..spec() };
        assert_eq!(job(serial.clone()).check(), Ok(()));
        serial.params = 4;
        assert_eq!(job(serial).check(), Err(SpecError::StateSize));
    }

    #[test]
    fn bytes_round_trip_and_have_one_form() {
        let bytes = job(spec()).to_bytes();
        assert_eq!(JobSpec::from_bytes(&bytes), Ok(job(spec())));
        for cut in 0..bytes.len() {
            assert!(JobSpec::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(matches!(JobSpec::from_bytes(&longer), Err(SpecError::Encoding(_))));
        let json = serde_json::to_string(&job(spec())).unwrap();
        assert_eq!(serde_json::from_str::<JobSpec>(&json).unwrap(), job(spec()));
    }

    #[test]
    fn absurd_specifications_are_refused_by_name() {
        fn refused(change: impl FnOnce(&mut TrainingSpec)) -> String {
            let mut training = spec();
            change(&mut training);
            let bytes = job(training).to_bytes();
            JobSpec::from_bytes(&bytes).unwrap_err().to_string()
        }
        assert!(refused(|s| s.steps = 0).contains("steps must be at least 1"));
        assert!(refused(|s| s.shards = 1 << 20).contains("shards is 1048576"));
        assert!(refused(|s| s.round_steps = 0).contains("round_steps"));
        assert!(refused(|s| s.eval = Some(program(&[]))).contains("eval must have 1 outputs"));
        assert!(refused(|s| s.grad = Some(program(&[44, 4]))).contains("do not agree"));
        assert!(refused(|s| s.grad = None).contains("no program for their gradients"));
        assert!(refused(|s| s.shards = 0).contains("shards must be at least 1"));
        assert!(refused(|s| s.params = 0).contains("params must be at least 1"));
        assert!(refused(|s| s.params = 4).contains("grad must have 5 outputs"));
        assert!(refused(|s| s.train = vec![]).contains("train must be at least 1"));
        assert!(refused(|s| s.init.output_bytes = vec![u64::MAX; 3]).contains("output bytes"));
    }

    #[test]
    fn every_byte_flip_is_an_error_or_another_job() {
        let bytes = job(spec()).to_bytes();
        for position in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[position] ^= 0x40;
            if let Ok(other) = JobSpec::from_bytes(&damaged) {
                assert_ne!(other.id(), job(spec()).id());
            }
        }
    }
}
