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
/// Signatures, in parameter and result order (`seed`, `step`, `shard` are `ui32` scalars,
/// see [`scalar_u32`](crate::scalar_u32)):
/// - `init(seed) -> (params, m, v)`
/// - `grad(params, tokens, seed, step, shard) -> (grads, loss)`
/// - `update(params, m, v, step, grads_0.., loss_0..) -> (params, m, v, metrics)`
/// - `eval(params, heldout) -> loss`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TrainingSpec {
    /// Makes the first state.
    pub init: StepProgram,
    /// Gradient of one shard of a step's batch.
    pub grad: StepProgram,
    /// Reduces the gradients and applies the optimizer.
    pub update: StepProgram,
    /// Loss on held-out data.
    pub eval: StepProgram,
    /// Training tokens.
    pub train: BlobId,
    /// Held-out tokens.
    pub heldout: BlobId,
    /// Seed of initialisation and batch sampling.
    pub seed: u32,
    /// Optimizer steps, at least 1.
    pub steps: u32,
    /// Gradient tasks per step, at least 1.
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

    fn check(&self) -> Result<(), SpecError> {
        let counts = [
            ("steps", self.steps, Self::MAX_STEPS),
            ("shards", self.shards, Self::MAX_SHARDS),
            ("eval_every", self.eval_every, u32::MAX),
            ("checkpoint_every", self.checkpoint_every, u32::MAX),
            ("round_steps", self.round_steps, u32::MAX),
        ];
        for (what, value, limit) in counts {
            if value == 0 {
                return Err(SpecError::Zero(what));
            }
            too_large(what, value.into(), limit.into())?;
        }
        let programs = [
            ("init", &self.init, 3),
            ("grad", &self.grad, 2),
            ("update", &self.update, 4),
            ("eval", &self.eval, 1),
        ];
        for (what, program, expected) in programs {
            let found = program.output_bytes.len();
            if found != expected {
                return Err(SpecError::Outputs { what, expected, found });
            }
            for &bytes in &program.output_bytes {
                too_large("output bytes", bytes, Self::MAX_OUTPUT_BYTES)?;
            }
            too_large("units", program.units, Self::MAX_UNITS)?;
            too_large("function name length", program.func.len() as u64, Self::MAX_FUNC_BYTES as u64)?;
        }
        let state = self.init.output_bytes.get(..3);
        let grads = self.grad.output_bytes.first();
        if state != self.update.output_bytes.get(..3) || grads != self.init.output_bytes.first() {
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
    const MAGIC: &'static [u8] = b"corex/job/1\n";

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
            .ok_or_else(|| SpecError::Encoding("no corex/job/1 header".into()))?;
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
            grad: program(&[40, 4]),
            update: program(&[40, 40, 40, 12]),
            eval: program(&[4]),
            train: BlobId([2; 32]),
            heldout: BlobId([3; 32]),
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
        assert!(refused(|s| s.eval.output_bytes = vec![]).contains("eval must have 1 outputs"));
        assert!(refused(|s| s.grad.output_bytes = vec![44, 4]).contains("do not agree"));
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
