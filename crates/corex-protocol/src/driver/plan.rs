//! Which tasks must be open now. Works backwards from what is wanted (the next update, evaluations,
//! checkpoints, inputs of audits) to what can be done at once; a lost blob is wanted like a missing result.

use std::collections::BTreeSet;
use std::collections::btree_map::Entry;

use corex_work::{BlobId, Task, TaskId, scalar_u32};

use super::JobDriver;
use super::assign::OpenTask;
use crate::dag::{Input, TaskKey};
use crate::effect::Warning;

/// Something that must come to exist.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Goal {
    /// The result at a place of the graph.
    Place(TaskKey),
    /// A copy of a blob whose making is known.
    Blob(BlobId),
}

impl JobDriver {
    /// Opens every task that is wanted and can be done.
    pub(super) fn plan(&mut self) {
        while self.results.contains_key(&TaskKey::Update { step: self.step }) {
            self.step += 1;
        }
        let mut goals = Vec::new();
        if self.step < self.dag.spec().steps {
            goals.push(Goal::Place(TaskKey::Update { step: self.step }));
        } else {
            goals.push(Goal::Place(self.dag.state(self.step)));
        }
        goals.extend(self.unevaluated.range(..=self.step).map(|&step| Goal::Place(TaskKey::Eval { step })));
        // Costs a look at every audit, and losses are not urgent: a few times per second is enough.
        let wanted = if std::mem::take(&mut self.check_wanted) { self.wanted_blobs() } else { vec![] };
        goals.extend(wanted.into_iter().filter(|blob| self.is_lost(blob)).map(Goal::Blob));

        let mut seen = BTreeSet::new();
        while let Some(goal) = goals.pop() {
            if seen.insert(goal) {
                match goal {
                    Goal::Place(key) => self.demand_place(key, &mut goals),
                    Goal::Blob(blob) => self.demand_blob(blob, &mut goals),
                }
            }
        }
    }

    /// Blobs that are wanted although no open task reads them.
    fn wanted_blobs(&self) -> Vec<BlobId> {
        let reads = self.reads.iter().filter_map(|(key, read)| self.metrics_blob(*key, &read.task));
        let audits = self.rounds.values().flat_map(|round| round.audit_inputs(&self.ledger, &self.dag));
        self.fetches.keys().copied().chain(reads).chain(audits).collect()
    }

    /// A place needs the results of the places before it, then its own.
    fn demand_place(&mut self, key: TaskKey, goals: &mut Vec<Goal>) {
        if self.results.contains_key(&key) {
            return;
        }
        let mut inputs = Vec::new();
        let mut complete = true;
        for input in self.dag.inputs(key) {
            match input {
                Input::Blob(blob) => inputs.push(blob),
                Input::Scalar(value) => inputs.push(BlobId::of(&scalar_u32(value))),
                Input::Output { of, index } => {
                    let known = self.results.get(&of).and_then(|task| self.ledger.output(task, index));
                    match known {
                        Some(blob) => {
                            inputs.push(blob);
                            if self.is_lost(&blob) {
                                goals.push(Goal::Blob(blob));
                            }
                        }
                        None => {
                            complete = false;
                            goals.push(Goal::Place(of));
                        }
                    }
                }
            }
        }
        if complete && !self.open_places.contains_key(&key) {
            let step = self.dag.program(key);
            self.fill_place(key, Task { program: step.program, func: step.func.clone(), inputs });
        }
    }

    /// Uses the result of a task that was done before, or opens it.
    fn fill_place(&mut self, key: TaskKey, task: Task) {
        let id = task.id();
        let known = self.ledger.get(&id);
        if known.is_some_and(|entry| entry.outputs.is_some()) {
            self.set_result(key, id);
            return;
        }
        let mut open = OpenTask::new(key, task, known.and_then(|entry| entry.expected()));
        if let Some(entry) = known {
            open.workers = entry.workers.clone();
            // What was wrong or is in doubt must be done by someone else.
            match &entry.doubt {
                Some(doubt) => open.refused.extend(doubt.statements.keys()),
                None => _ = open.refused.insert(entry.receipt.receipt.node),
            }
        }
        self.open_places.insert(key, id);
        self.open.insert(id, open);
    }

    /// A lost blob needs the inputs of the task that made it, then another run of that task.
    fn demand_blob(&mut self, blob: BlobId, goals: &mut Vec<Goal>) {
        let Some(id) = self.maker(&blob) else { return };
        let Some(entry) = self.ledger.get(&id) else { return };
        let lost: Vec<BlobId> =
            self.produced_inputs(entry.key, &entry.task).filter(|b| self.is_lost(b)).collect();
        goals.extend(lost.into_iter().map(Goal::Blob));
        if let Entry::Vacant(place) = self.open.entry(id) {
            let mut open = OpenTask::new(entry.key, entry.task.clone(), entry.expected());
            open.workers = entry.workers.clone();
            // Someone else, if there is anyone: these would only lose it again.
            open.failed = entry.lost_by.clone();
            // A result that is lost again and again is not worth a spinning driver.
            if let Some(before) = entry.remakes.checked_sub(1) {
                open.not_before = self.now.saturating_add(self.config.backoff_ms(before));
            }
            place.insert(open);
            if let Some(entry) = self.ledger.get_mut(&id) {
                entry.remakes = entry.remakes.saturating_add(1);
            }
            self.warn(Warning::BlobLost(blob));
        }
    }

    /// Inputs of a task that other tasks made.
    pub(super) fn produced_inputs<'a>(
        &'a self,
        key: TaskKey,
        task: &'a Task,
    ) -> impl Iterator<Item = BlobId> + 'a {
        let kinds = self.dag.inputs(key).into_iter().zip(&task.inputs);
        kinds.filter(|(kind, _)| matches!(kind, Input::Output { .. })).map(|(_, blob)| *blob)
    }

    /// A place of the graph has its result.
    pub(super) fn set_result(&mut self, key: TaskKey, id: TaskId) {
        self.results.insert(key, id);
        if let TaskKey::Eval { step } = key {
            self.unevaluated.remove(&step);
        }
        self.want_metrics(key, id);
        self.want_checkpoint(key, id);
        // A gradient opens nothing until its step has the last one.
        self.replan |= match key {
            TaskKey::Grad { step, .. } => {
                let (first, last) =
                    (TaskKey::Grad { step, shard: 0 }, TaskKey::Grad { step, shard: u32::MAX });
                self.open_places.range(first..=last).next().is_none()
            }
            _ => true,
        };
    }
}
