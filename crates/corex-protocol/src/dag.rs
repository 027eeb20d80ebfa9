//! The shape of a training job: which tasks there are and what feeds what. Pure arithmetic on the
//! specification; knows nothing of results.

use corex_work::{BlobId, JobKind, JobSpec, SpecError, StepProgram, TrainingSpec};
use serde::{Deserialize, Serialize};

/// A task's place in a training job. State `t` is the state after `t` updates: [`Init`](Self::Init) makes
/// state 0, [`Update`](Self::Update)`{ step }` makes state `step + 1` from state `step`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum TaskKey {
    /// Makes state 0.
    Init,
    /// Gradient of one shard of a step's batch, at state `step`.
    Grad {
        /// Step, from 0.
        step: u32,
        /// Shard, from 0.
        shard: u32,
    },
    /// Reduces the gradients of a step and applies the optimizer.
    Update {
        /// Step, from 0.
        step: u32,
    },
    /// Held-out loss of state `step`.
    Eval {
        /// The state.
        step: u32,
    },
}

impl TaskKey {
    /// The state this task reads; 0 for [`Init`](Self::Init).
    pub const fn step(self) -> u32 {
        match self {
            TaskKey::Init => 0,
            TaskKey::Grad { step, .. } | TaskKey::Update { step } | TaskKey::Eval { step } => step,
        }
    }
}

/// One argument of a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// A blob that the specification names.
    Blob(BlobId),
    /// A `ui32` scalar.
    Scalar(u32),
    /// An output of another task.
    Output {
        /// The task.
        of: TaskKey,
        /// Which of its outputs.
        index: usize,
    },
}

const HAS_SUCH_TASKS: &str = "the graph has such tasks only if the job has the program";

/// The task graph of a training job. Anyone with the specification unfolds the same one.
#[derive(Clone, Debug)]
pub struct Dag {
    spec: TrainingSpec,
}

impl Dag {
    /// Takes a specification.
    ///
    /// # Errors
    /// What [`JobSpec::check`] says.
    pub fn new(spec: &JobSpec) -> Result<Dag, SpecError> {
        spec.check()?;
        let JobKind::Training(training) = &spec.kind;
        Ok(Dag { spec: training.clone() })
    }

    /// The specification.
    pub fn spec(&self) -> &TrainingSpec {
        &self.spec
    }

    /// Blobs of a state: as many outputs of [`Init`](TaskKey::Init) and [`Update`](TaskKey::Update), from the first.
    pub fn state_blobs(&self) -> usize {
        self.spec.state_blobs()
    }

    /// What a task of this job runs, pays and returns.
    pub fn program(&self, key: TaskKey) -> &StepProgram {
        match key {
            TaskKey::Init => &self.spec.init,
            TaskKey::Grad { .. } => self.spec.grad.as_ref().expect(HAS_SUCH_TASKS),
            TaskKey::Update { .. } => &self.spec.update,
            TaskKey::Eval { .. } => self.spec.eval.as_ref().expect(HAS_SUCH_TASKS),
        }
    }

    /// The task that makes state `t`.
    pub fn state(&self, t: u32) -> TaskKey {
        match t.checked_sub(1) {
            None => TaskKey::Init,
            Some(step) => TaskKey::Update { step },
        }
    }

    /// Arguments in parameter order; see [`TrainingSpec`].
    pub fn inputs(&self, key: TaskKey) -> Vec<Input> {
        let spec = &self.spec;
        let states = |t, count| {
            let of = self.state(t);
            (0..count).map(move |index| Input::Output { of, index })
        };
        let params = spec.params as usize;
        let blobs = |ids: &[BlobId]| ids.iter().copied().map(Input::Blob).collect::<Vec<_>>();
        match key {
            TaskKey::Init => [Input::Scalar(spec.seed)].into_iter().chain(blobs(&spec.initial)).collect(),
            TaskKey::Grad { step, shard } => {
                let scalars = [spec.seed, step, shard].map(Input::Scalar);
                states(step, params).chain(blobs(&spec.train)).chain(scalars).collect()
            }
            TaskKey::Update { step } => {
                let state = states(step, self.state_blobs());
                if spec.grad.is_none() {
                    return state
                        .chain(blobs(&spec.train))
                        .chain([spec.seed, step].map(Input::Scalar))
                        .collect();
                }
                // Every gradient, then the loss.
                let of_shards = (0..=params).flat_map(|index| {
                    (0..spec.shards)
                        .map(move |shard| Input::Output { of: TaskKey::Grad { step, shard }, index })
                });
                state.chain([Input::Scalar(step)]).chain(of_shards).collect()
            }
            TaskKey::Eval { step } => states(step, params).chain(blobs(&spec.heldout)).collect(),
        }
    }

    /// Tasks that take an output of this one.
    pub fn consumers(&self, key: TaskKey) -> Vec<TaskKey> {
        match key {
            TaskKey::Init => self.readers(0),
            TaskKey::Grad { step, .. } => vec![TaskKey::Update { step }],
            TaskKey::Update { step } => self.readers(step + 1),
            TaskKey::Eval { .. } => vec![],
        }
    }

    /// Tasks that read state `t`.
    fn readers(&self, t: u32) -> Vec<TaskKey> {
        let mut readers = Vec::new();
        if t < self.spec.steps {
            readers.extend((0..self.spec.shards).map(|shard| TaskKey::Grad { step: t, shard }));
            readers.push(TaskKey::Update { step: t });
        }
        if self.is_evaluated(t) {
            readers.push(TaskKey::Eval { step: t });
        }
        readers
    }

    /// Whether state `t` is evaluated: the first, the last, and every `eval_every`-th.
    pub fn is_evaluated(&self, t: u32) -> bool {
        self.spec.eval.is_some() && (t == self.spec.steps || t.is_multiple_of(self.spec.eval_every))
    }

    /// Whether state `t` is kept for good: the last, and every `checkpoint_every`-th except the first.
    pub fn is_checkpoint(&self, t: u32) -> bool {
        t == self.spec.steps || (t > 0 && t.is_multiple_of(self.spec.checkpoint_every))
    }

    /// Blobs that exist before the job does, all held by the coordinator.
    pub fn genesis(&self) -> Vec<BlobId> {
        let spec = &self.spec;
        let mut blobs = [&spec.initial[..], &spec.train, &spec.heldout].concat();
        let programs = [&spec.init, &spec.update].into_iter().chain(&spec.grad).chain(&spec.eval);
        blobs.extend(programs.map(|step| step.program));
        blobs.sort();
        blobs.dedup();
        blobs
    }

    /// Every task of the job, each after what it needs.
    pub fn keys(&self) -> impl Iterator<Item = TaskKey> + '_ {
        std::iter::once(TaskKey::Init).chain((0..=self.spec.steps).flat_map(|t| {
            let eval = self.is_evaluated(t).then_some(TaskKey::Eval { step: t });
            let shards = if t < self.spec.steps { self.spec.shards } else { 0 };
            let grads = (0..shards).map(move |shard| TaskKey::Grad { step: t, shard });
            let update = (t < self.spec.steps).then_some(TaskKey::Update { step: t });
            eval.into_iter().chain(grads).chain(update)
        }))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use super::*;

    pub(crate) fn spec(steps: u32, shards: u32) -> JobSpec {
        let program = |n: u8, output_bytes: &[u64]| StepProgram {
            program: BlobId([n; 32]),
            func: "main".into(),
            units: 10 * u64::from(n),
            output_bytes: output_bytes.to_vec(),
        };
        JobSpec {
            kind: JobKind::Training(TrainingSpec {
                init: program(1, &[4000; 3]),
                grad: Some(program(2, &[4000, 4])),
                update: program(3, &[4000, 4000, 4000, 12]),
                eval: Some(program(4, &[4])),
                initial: vec![],
                params: 1,
                train: vec![BlobId([5; 32])],
                heldout: vec![BlobId([6; 32])],
                seed: 7,
                steps,
                shards,
                eval_every: 4,
                checkpoint_every: 5,
                round_steps: 2,
            }),
        }
    }

    #[test]
    fn consumers_are_the_inverse_of_inputs() {
        let dag = Dag::new(&spec(11, 3)).unwrap();
        let all: Vec<TaskKey> = dag.keys().collect();
        let mut seen = BTreeSet::new();
        for &key in &all {
            for input in dag.inputs(key) {
                if let Input::Output { of, index } = input {
                    assert!(seen.contains(&of), "{key:?} comes before {of:?}");
                    assert!(dag.consumers(of).contains(&key), "{of:?} -> {key:?}");
                    assert!(index < dag.program(of).output_bytes.len());
                }
            }
            for consumer in dag.consumers(key) {
                assert!(all.contains(&consumer), "{consumer:?}");
                assert!(
                    dag.inputs(consumer).iter().any(|i| matches!(i, Input::Output { of, .. } if *of == key))
                );
            }
            assert!(seen.insert(key));
        }
        // 1 init, 11 updates, 33 gradients, evaluations of states 0, 4, 8 and 11.
        assert_eq!(all.len(), 1 + 11 + 33 + 4);
        assert_eq!((0..=11).filter(|&t| dag.is_checkpoint(t)).collect::<Vec<_>>(), [5, 10, 11]);
    }
}
