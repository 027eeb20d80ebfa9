//! Checking a finished training run without any network: is its lineage true?
//!
//! Three things are checked, cheapest first: that the lineage hangs together (every task is the one that the job's
//! specification asks for at that place, every receipt is signed by its node, every leaf is under its round's root);
//! that the blobs beside it are what their names say; and that executing the tasks again gives the same bits.

use corex_protocol::{Dag, Input, LineageEntry, TaskKey};
use corex_store::{BlobStore, BlobStoreOptions, StoreError};
use corex_work::{BlobId, Leaf, MerkleTree, SpecError, Task, TaskId, scalar_u32};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use crate::checkpoint::{self, CheckpointError};
use crate::lineage::{Checkpoint, Lineage, ModelForm, VERSION, model_id};
use crate::worker::{Compute, WorkError, Worker};

/// Names of what a finished run leaves in its folder.
pub mod files {
    /// The provenance.
    pub const LINEAGE: &str = "lineage.json";
    /// The weights, in Hugging Face's format.
    pub const MODEL: &str = "model.safetensors";
    /// The last state of a user's program.
    pub const STATE: &str = "state.safetensors";
    /// The model's shape.
    pub const CONFIG: &str = "config.json";
    /// Blobs of the run: programs, data, checkpoints.
    pub const BLOBS: &str = "blobs";
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Everything that was checked is true.
    Ok,
    /// This task's claimed result is not what executing it gives.
    WrongTask {
        /// Its place in the job.
        key: TaskKey,
        /// Its id.
        task: TaskId,
        /// Index of the first output that differs.
        output: usize,
        /// What the receipt says.
        claimed: BlobId,
        /// What came out.
        computed: BlobId,
    },
}

/// The result of a check.
#[derive(Debug, Clone)]
pub struct Verification {
    /// What was found.
    pub finding: Finding,
    /// Tasks executed again.
    pub executed: usize,
    /// Tasks of the lineage.
    pub tasks: usize,
    /// The model that the lineage leads to.
    pub model: BlobId,
}

/// Why there is no verdict, or why the lineage is not even well formed.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A file cannot be read.
    #[error("cannot read {path}: {error}\nhint: give the folder of a finished `corex train`")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file is damaged or of another version.
    #[error("{path} is damaged or not from this version: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The lineage contradicts itself.
    #[error("the lineage is forged or damaged: {0}")]
    Inconsistent(String),
    /// The specification is not one.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The store failed, or a blob is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A task could not be executed.
    #[error("{key:?} cannot be executed again: {error}")]
    Work {
        /// Its place.
        key: TaskKey,
        /// Why.
        error: WorkError,
    },
}

/// How much to check.
#[derive(Debug, Clone, Copy)]
pub struct VerifyOptions {
    /// Share of the run's segments (from one checkpoint to the next) to execute, in `[0, 1]`; at least one is.
    pub sample: f64,
    /// Chooses the segments.
    pub seed: u64,
    /// How to compute.
    pub compute: Compute,
}

/// Reads a lineage.
pub fn read_lineage(dir: &Path) -> Result<Lineage, VerifyError> {
    let path = dir.join(files::LINEAGE);
    let bytes = std::fs::read(&path).map_err(|error| VerifyError::Read { path: path.clone(), error })?;
    let lineage: Lineage = serde_json::from_slice(&bytes)
        .map_err(|e| VerifyError::Damaged { path: path.clone(), why: e.to_string() })?;
    if lineage.version != VERSION {
        return Err(VerifyError::Damaged {
            path,
            why: format!("version {}, expected {VERSION}", lineage.version),
        });
    }
    Ok(lineage)
}

/// Checks the run in `dir`; `progress` is told how many of how many tasks are executed.
pub fn verify(
    dir: &Path,
    options: &VerifyOptions,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Verification, VerifyError> {
    let lineage = read_lineage(dir)?;
    let dag = Dag::new(&lineage.spec)?;
    let entries = check_tasks(&lineage, &dag)?;
    check_rounds(&lineage)?;
    check_model(dir, &lineage, &dag, &entries)?;

    let kept = BlobStore::open(dir.join(files::BLOBS), BlobStoreOptions::default())?;
    let scratch_dir = Scratch::new()?;
    let scratch = BlobStore::open(&scratch_dir.0, BlobStoreOptions::default())?;
    let replay = Replay {
        dag: &dag,
        entries: &entries,
        kept: &kept,
        worker: Worker::new(scratch, None, options.compute),
    };

    let segments = segments(&lineage, &dag)?;
    let chosen = choose(segments.len(), options.sample, options.seed);
    let total: usize = chosen.iter().map(|i| replay.keys(&segments[*i]).count()).sum();
    let mut executed = 0;
    for i in chosen {
        let finding = replay.segment(&segments[i], &mut || {
            executed += 1;
            progress(executed, total);
        })?;
        if finding != Finding::Ok {
            return Ok(Verification { finding, executed, tasks: entries.len(), model: lineage.model });
        }
    }
    Ok(Verification { finding: Finding::Ok, executed, tasks: entries.len(), model: lineage.model })
}

type Entries<'a> = BTreeMap<TaskKey, &'a LineageEntry>;

fn inconsistent(why: String) -> VerifyError {
    VerifyError::Inconsistent(why)
}

/// Every task of the job is there once, is what the specification asks for, and is signed for.
fn check_tasks<'a>(lineage: &'a Lineage, dag: &Dag) -> Result<Entries<'a>, VerifyError> {
    let entries: Entries = lineage.tasks.iter().map(|e| (e.key, e)).collect();
    if entries.len() != lineage.tasks.len() {
        return Err(inconsistent("a task is listed twice".into()));
    }
    let mut expected = 0;
    for key in dag.keys() {
        expected += 1;
        let entry = entries.get(&key).ok_or_else(|| inconsistent(format!("{key:?} is missing")))?;
        let program = dag.program(key);
        let mut inputs = Vec::new();
        for input in dag.inputs(key) {
            inputs.push(match input {
                Input::Blob(blob) => blob,
                Input::Scalar(value) => BlobId::of(&scalar_u32(value)),
                Input::Output { of, index } => *entries
                    .get(&of)
                    .and_then(|e| e.receipt.receipt.outputs.get(index))
                    .ok_or_else(|| inconsistent(format!("{of:?}, which {key:?} needs, is missing")))?,
            });
        }
        let task = Task { program: program.program, func: program.func.clone(), inputs };
        let receipt = &entry.receipt.receipt;
        if entry.task != task {
            return Err(inconsistent(format!("{key:?} is not the task that the job asks for")));
        }
        if receipt.task != task.id() || receipt.job != lineage.job {
            return Err(inconsistent(format!("the receipt of {key:?} is for another task or job")));
        }
        if receipt.outputs.len() != program.output_bytes.len() {
            return Err(inconsistent(format!("{key:?} has {} outputs", receipt.outputs.len())));
        }
        entry
            .receipt
            .verify(&lineage.domain())
            .map_err(|e| inconsistent(format!("the receipt of {key:?} is not signed by its node: {e}")))?;
    }
    if expected != entries.len() {
        return Err(inconsistent("it lists tasks that are not part of the job".into()));
    }
    Ok(entries)
}

/// Leaves hash to the committed roots, and every result of the lineage is under one of them.
fn check_rounds(lineage: &Lineage) -> Result<(), VerifyError> {
    let mut committed = HashMap::new();
    for record in &lineage.rounds {
        let hashes = record.leaves.iter().map(Leaf::hash).collect();
        if MerkleTree::new(hashes).root() != record.root {
            return Err(inconsistent(format!("the leaves of round {} do not give its root", record.round)));
        }
        for leaf in &record.leaves {
            committed.insert(leaf.task, *leaf);
        }
    }
    for entry in &lineage.tasks {
        if !committed.contains_key(&entry.receipt.receipt.task) {
            return Err(inconsistent(format!("{:?} is in no committed round", entry.key)));
        }
    }
    Ok(())
}

/// The files beside the lineage hold the state that it ends with.
fn check_model(dir: &Path, lineage: &Lineage, dag: &Dag, entries: &Entries) -> Result<(), VerifyError> {
    let last = dag.state(dag.spec().steps);
    let state = entries.get(&last).and_then(|e| e.receipt.receipt.outputs.get(..dag.state_blobs()));
    let state = state.ok_or_else(|| inconsistent("the last step has no result".into()))?;
    let params = state.get(..dag.spec().params as usize).unwrap_or_default();
    if model_id(params) != lineage.model {
        return Err(inconsistent("the model is not the result of the last step".into()));
    }
    let (file, found) = match &lineage.form {
        ModelForm::Model(model) if !checkpoint::model_of(dir).is_ok_and(|found| found == *model) => {
            let why = "it is not the configuration of the lineage".into();
            return Err(VerifyError::Damaged { path: dir.join(files::CONFIG), why });
        }
        ModelForm::Model(_) => (files::MODEL, checkpoint::params_of(dir).map(|p| vec![BlobId::of(&p)])),
        ModelForm::Tensors(names) => (files::STATE, state_of(&dir.join(files::STATE), names)),
    };
    let path = dir.join(file);
    let found = found.map_err(|e| VerifyError::Damaged { path: path.clone(), why: e.to_string() })?;
    // The file of a built-in family has the parameters only.
    let expected = state.get(..found.len()).unwrap_or_default();
    if found.len() < params.len() || found != expected {
        let (found, expected) = (model_id(&found), model_id(expected));
        let why = format!("its weights hash to {found}, the lineage ends with {expected}");
        return Err(VerifyError::Damaged { path, why });
    }
    Ok(())
}

/// Blobs of the tensors of these names.
fn state_of(path: &Path, names: &[String]) -> Result<Vec<BlobId>, CheckpointError> {
    let tensors = crate::tensors::read(path)?;
    let blob = |name: &String| {
        let tensor = tensors.get(name).ok_or_else(|| checkpoint::damaged(path, format!("it has no {name}")));
        tensor.map(|tensor| BlobId::of(tensor.bytes()))
    };
    names.iter().map(blob).collect()
}

/// A stretch of the run between two kept states. The first starts from nothing.
struct Segment<'a> {
    from: Option<&'a Checkpoint>,
    to: u32,
}

fn segments<'a>(lineage: &'a Lineage, dag: &Dag) -> Result<Vec<Segment<'a>>, VerifyError> {
    let mut out = Vec::new();
    let mut from = None;
    for checkpoint in &lineage.checkpoints {
        let start = from.map_or(0, |c: &Checkpoint| c.step);
        if checkpoint.step <= start && from.is_some() {
            return Err(inconsistent("checkpoints are not in order".into()));
        }
        out.push(Segment { from, to: checkpoint.step });
        from = Some(checkpoint);
    }
    let steps = dag.spec().steps;
    if from.map(|c| c.step) != Some(steps) {
        out.push(Segment { from, to: steps });
    }
    Ok(out)
}

/// A seeded choice of `ceil(share * count)` segments, at least one, in ascending order.
fn choose(count: usize, share: f64, seed: u64) -> Vec<usize> {
    let wanted = ((count as f64 * share).ceil() as usize).clamp(1, count);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|i| {
        let mut message = seed.to_le_bytes().to_vec();
        message.extend_from_slice(&(*i as u64).to_le_bytes());
        BlobId::of(&message)
    });
    order.truncate(wanted);
    order.sort_unstable();
    order
}

struct Replay<'a> {
    dag: &'a Dag,
    entries: &'a Entries<'a>,
    /// Blobs that the run kept. Nothing is taken from there without comparing it with its name.
    kept: &'a BlobStore,
    /// Works in a scratch store of its own.
    worker: Worker,
}

impl Replay<'_> {
    /// The tasks of a segment, each after what it needs.
    fn keys<'s>(&'s self, segment: &'s Segment<'s>) -> impl Iterator<Item = TaskKey> + 's {
        let start = segment.from.map_or(0, |c| c.step);
        let last = segment.to == self.dag.spec().steps;
        self.dag.keys().filter(move |key| match key {
            TaskKey::Init => segment.from.is_none(),
            // The state at the end belongs to the next segment, except that there is none after the last.
            TaskKey::Eval { step } => (start..segment.to).contains(step) || (last && *step == segment.to),
            key => (start..segment.to).contains(&key.step()),
        })
    }

    fn segment(&self, segment: &Segment, done: &mut dyn FnMut()) -> Result<Finding, VerifyError> {
        for blob in self.dag.genesis() {
            self.bring(blob)?;
        }
        if let Some(c) = segment.from {
            let maker = self.entries.get(&self.dag.state(c.step));
            let claimed = maker.and_then(|e| e.receipt.receipt.outputs.get(..self.dag.state_blobs()));
            if claimed != Some(&c.state[..]) {
                return Err(inconsistent(format!("checkpoint {} is not the state after that step", c.step)));
            }
            c.state.iter().try_for_each(|blob| self.bring(*blob))?;
        }
        let mut finished = Vec::new();
        for key in self.keys(segment) {
            let Some(entry) = self.entries.get(&key) else { continue };
            for input in self.dag.inputs(key) {
                if let Input::Scalar(value) = input {
                    self.worker.store().put(scalar_u32(value).to_vec())?;
                }
            }
            let computed =
                self.worker.evaluate(&entry.task).map_err(|error| VerifyError::Work { key, error })?;
            let claimed = &entry.receipt.receipt.outputs;
            done();
            if let Some(output) = claimed.iter().zip(&computed).position(|(a, b)| a != b) {
                let (claimed, computed) = (claimed[output], computed[output]);
                return Ok(Finding::WrongTask { key, task: entry.task.id(), output, claimed, computed });
            }
            if let TaskKey::Update { .. } = key {
                finished.push(*entry);
                self.forget(&mut finished)?;
            }
        }
        Ok(Finding::Ok)
    }

    /// Keeps the scratch store small: after an update, the gradients it consumed and the state before the last
    /// one are done with.
    fn forget(&self, finished: &mut Vec<&LineageEntry>) -> Result<(), VerifyError> {
        if finished.len() < 2 {
            return Ok(());
        }
        let old = finished.remove(0);
        let keep = self.dag.genesis();
        let recent = &finished[0].receipt.receipt.outputs;
        for blob in &old.task.inputs {
            if !keep.contains(blob) && !recent.contains(blob) && !finished[0].task.inputs.contains(blob) {
                self.worker.store().remove(blob)?;
            }
        }
        Ok(())
    }

    /// Copies a kept blob into the scratch store.
    fn bring(&self, blob: BlobId) -> Result<(), VerifyError> {
        if self.worker.store().has(&blob)? {
            return Ok(());
        }
        if !self.kept.has(&blob)? {
            return Err(inconsistent(format!("blob {blob} is not in {}", self.kept.root().display())));
        }
        self.worker.store().put(self.kept.get(&blob)?)?;
        Ok(())
    }
}

/// A folder that is gone when this value is.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch, VerifyError> {
        let mut random = [0; 8];
        getrandom::fill(&mut random)
            .map_err(|e| inconsistent(format!("the system gave no random bytes: {e}")))?;
        let path = std::env::temp_dir().join(format!("corex-verify-{}", hex::encode(random)));
        std::fs::create_dir_all(&path).map_err(|error| VerifyError::Read { path: path.clone(), error })?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Best effort: a temporary folder that stays behind is the system's to clean.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn samples_are_seeded_bounded_and_never_empty() {
        assert_eq!(choose(10, 1.0, 0), (0..10).collect::<Vec<_>>());
        assert_eq!(choose(10, 0.0, 0).len(), 1);
        assert_eq!(choose(10, 0.35, 7).len(), 4);
        assert_eq!(choose(10, 0.35, 7), choose(10, 0.35, 7));
        assert!((0..20).any(|seed| choose(10, 0.1, seed) != choose(10, 0.1, 0)));
    }
}
