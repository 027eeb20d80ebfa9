//! What honest evaluation gives. A task's outputs are hashes of its id: cheap, and different wherever any input
//! differs, as real arithmetic is.

use std::collections::BTreeMap;

use corex_protocol::{Dag, FinalState, Input, TaskKey};
use corex_work::{BlobId, JobKind, JobSpec, StepProgram, Task, TaskId, TrainingSpec, scalar_u32};

/// The outputs of a task.
pub fn outputs(task: TaskId, count: usize) -> Vec<BlobId> {
    let output = |index: usize| [&task.0[..], &index.to_le_bytes()].concat();
    (0..count).map(|index| BlobId::of(&output(index))).collect()
}

/// The task at a place, given the results before it. `None` if one is missing.
pub fn task_at(dag: &Dag, key: TaskKey, results: &BTreeMap<TaskKey, Vec<BlobId>>) -> Option<Task> {
    let input = |input| match input {
        Input::Blob(blob) => Some(blob),
        Input::Scalar(value) => Some(BlobId::of(&scalar_u32(value))),
        Input::Output { of, index } => results.get(&of)?.get(index).copied(),
    };
    let inputs = dag.inputs(key).into_iter().map(input).collect::<Option<Vec<_>>>()?;
    let step = dag.program(key);
    Some(Task { program: step.program, func: step.func.clone(), inputs })
}

/// Runs the whole job honestly.
pub fn reference(dag: &Dag) -> Option<FinalState> {
    let mut results = BTreeMap::new();
    for key in dag.keys() {
        let task = task_at(dag, key, &results)?;
        results.insert(key, outputs(task.id(), dag.program(key).output_bytes.len()));
    }
    let last = results.get(&dag.state(dag.spec().steps))?;
    Some(FinalState { blobs: last.get(..dag.state_blobs())?.to_vec() })
}

/// A job with made-up programs.
pub fn job(steps: u32, shards: u32) -> JobSpec {
    let program = |name: &str, units, output_bytes: &[u64]| StepProgram {
        program: BlobId::of(name.as_bytes()),
        func: "main".into(),
        units,
        output_bytes: output_bytes.to_vec(),
    };
    const STATE: u64 = 1 << 20;
    JobSpec {
        kind: JobKind::Training(TrainingSpec {
            init: program("init", 20, &[STATE; 3]),
            grad: Some(program("grad", 100, &[STATE, 4])),
            update: program("update", 40, &[STATE, STATE, STATE, 12]),
            eval: Some(program("eval", 30, &[4])),
            initial: vec![],
            params: 1,
            train: vec![BlobId::of(b"train")],
            heldout: vec![BlobId::of(b"heldout")],
            seed: 1,
            steps,
            shards,
            eval_every: 5,
            checkpoint_every: 4,
            round_steps: 2,
        }),
    }
}
