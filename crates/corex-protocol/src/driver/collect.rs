//! Checkpoints, metrics, garbage and the end of a job.

use std::collections::BTreeSet;

use corex_work::{BlobId, TaskId};

use super::JobDriver;
use crate::dag::TaskKey;
use crate::effect::{Effect, FinalState, LineageEntry, Progress, Warning};
use crate::event::Holder;
use crate::ledger::Ledger;

/// A state that is kept for good.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoint {
    blobs: Vec<BlobId>,
}

/// A metrics blob to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Read {
    pub(super) task: TaskId,
    pub(super) resend_at: u64,
}

/// A blob to bring to the coordinator.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fetch {
    /// When to ask again.
    pub(super) resend_at: u64,
    /// Times it was asked for in vain. Not a time: a coordinator that is down, or often down, does not wait for anyone.
    asked: u64,
}

/// The state that a task makes.
pub(super) fn made_state(key: TaskKey) -> Option<u32> {
    match key {
        TaskKey::Init => Some(0),
        TaskKey::Update { step } => Some(step + 1),
        TaskKey::Grad { .. } | TaskKey::Eval { .. } => None,
    }
}

/// Whoever makes the blob again, it should not be who lost it.
fn note_loss(ledger: &mut Ledger, holder: Holder, blob: &BlobId) {
    if let Holder::Node(node) = holder
        && let Some(task) = ledger.producer(blob)
        && let Some(entry) = ledger.get_mut(&task)
    {
        entry.lost_by.insert(node);
    }
}

impl JobDriver {
    /// A state came to be: if it is a checkpoint, the coordinator must get it.
    pub(super) fn want_checkpoint(&mut self, key: TaskKey, id: TaskId) {
        let Some(state) = made_state(key).filter(|&state| self.dag.is_checkpoint(state)) else { return };
        let blobs: Vec<BlobId> =
            (0..self.dag.state_blobs()).filter_map(|index| self.ledger.output(&id, index)).collect();
        for blob in &blobs {
            if !self.blobs.is_held_by(blob, Holder::Coordinator) {
                self.fetches.insert(*blob, Fetch::default());
            }
        }
        self.checkpoints.insert(state, Checkpoint { blobs });
        self.review = true;
    }

    /// A state turned out wrong.
    pub(super) fn forget_checkpoint(&mut self, key: TaskKey) {
        if let Some(gone) = made_state(key).and_then(|state| self.checkpoints.remove(&state)) {
            gone.blobs.iter().for_each(|blob| _ = self.fetches.remove(blob));
        }
    }

    fn is_held(&self, state: u32) -> bool {
        self.checkpoints.get(&state).is_some_and(|checkpoint| {
            checkpoint.blobs.iter().all(|blob| self.blobs.is_held_by(blob, Holder::Coordinator))
        })
    }

    pub(super) fn blob_held(&mut self, holder: Holder, blob: BlobId) {
        self.blobs.held(holder, blob);
        if holder == Holder::Coordinator && self.fetches.remove(&blob).is_some() {
            self.advance_base();
            self.resume_audits(&blob);
            self.review = true;
        }
    }

    pub(super) fn blob_lost(&mut self, holder: Holder, blob: BlobId) {
        self.blobs.lost(self.now, holder, &blob);
        note_loss(&mut self.ledger, holder, &blob);
        self.replan = true;
    }

    /// Asks for blobs that the coordinator should have, and gives those up that nobody delivers.
    pub(super) fn drive_fetches(&mut self) {
        let now = self.now;
        let due = self.fetches.iter().filter(|(_, fetch)| fetch.resend_at <= now);
        let mut blobs: Vec<_> = due.filter_map(|(blob, _)| self.source(blob)).collect();
        blobs.retain(|source| {
            let transfer_ms = source.bytes.unwrap_or(0) / self.config.bytes_per_ms.max(1);
            let patience_ms = self.config.fetch_patience_ms.saturating_add(transfer_ms.saturating_mul(100));
            let Some(fetch) = self.fetches.get_mut(&source.blob) else { return false };
            let waited_ms = fetch.asked.saturating_mul(self.config.resend_ms);
            fetch.asked = fetch.asked.saturating_add(1);
            fetch.resend_at = now.saturating_add(self.config.resend_ms);
            let can_be_made = self.ledger.producer(&source.blob).is_some();
            let patient = waited_ms < patience_ms || !can_be_made;
            if !patient {
                fetch.asked = 0;
                for holder in self.blobs.give_up(&source.blob) {
                    note_loss(&mut self.ledger, holder, &source.blob);
                }
                self.replan = true;
            }
            patient
        });
        if !blobs.is_empty() {
            self.effects.push(Effect::FetchToCoordinator { blobs });
        }
    }

    /// The blob with the numbers to show for a task.
    pub(super) fn metrics_blob(&self, key: TaskKey, task: &TaskId) -> Option<BlobId> {
        match key {
            TaskKey::Update { .. } => self.ledger.output(task, self.dag.state_blobs()),
            TaskKey::Eval { .. } => self.ledger.output(task, 0),
            TaskKey::Init | TaskKey::Grad { .. } => None,
        }
    }

    pub(super) fn want_metrics(&mut self, key: TaskKey, task: TaskId) {
        let unread = self.ledger.get(&task).is_some_and(|entry| !entry.metrics_read);
        if unread && self.metrics_blob(key, &task).is_some() {
            self.reads.insert(key, Read { task, resend_at: 0 });
            self.review = true;
        }
    }

    pub(super) fn forget_metrics(&mut self, key: TaskKey) {
        self.reads.remove(&key);
    }

    /// Asks for the numbers to show.
    pub(super) fn drive_reads(&mut self) {
        let now = self.now;
        let due = self.reads.iter().filter(|(_, read)| read.resend_at <= now);
        let sources: Vec<_> = due
            .filter_map(|(key, read)| {
                Some((*key, read.task, self.source(&self.metrics_blob(*key, &read.task)?)?))
            })
            .collect();
        for (key, task, blob) in sources {
            if let Some(read) = self.reads.get_mut(&key) {
                // Unanswered: a fetch has an end.
                if read.resend_at > 0 {
                    self.fetches.entry(blob.blob).or_default();
                }
                read.resend_at = now.saturating_add(self.config.resend_ms);
            }
            self.effects.push(Effect::ReadMetrics { task, key, blob });
        }
    }

    pub(super) fn metrics_read(&mut self, task: TaskId, values: &[f32]) {
        let Some(entry) = self.ledger.get_mut(&task) else { return };
        entry.metrics_read = true;
        let key = entry.key;
        if self.reads.get(&key).is_none_or(|read| read.task != task) {
            return;
        }
        self.reads.remove(&key);
        let progress = match (key, values) {
            (TaskKey::Update { step }, &[loss, ref rest @ ..]) => {
                let (grad_norm, learning_rate) = (rest.first().copied(), rest.get(1).copied());
                Progress::Step { step, loss, grad_norm, learning_rate }
            }
            (TaskKey::Eval { step }, &[loss]) => Progress::Evaluated { step, loss },
            _ => return,
        };
        if !values.iter().all(|value| value.is_finite()) {
            self.warn(Warning::NotFinite(key.step()));
        }
        self.effects.push(Effect::Progress(progress));
        self.advance_base();
    }

    /// Moves the base to the latest checkpoint before which everything is known, shown and settled.
    pub(super) fn advance_base(&mut self) {
        let unsettled =
            self.ledger.iter().filter(|(_, entry)| !entry.settled).map(|(_, entry)| entry.key.step());
        let unread = self.reads.keys().map(|key| key.step());
        let unevaluated = self.unevaluated.first().copied();
        // Everything of a step below this is settled and read.
        let clear = unsettled.chain(unread).chain(unevaluated).min().unwrap_or(u32::MAX).min(self.step);
        let later = self.checkpoints.keys().rev().take_while(|state| **state > self.base);
        let Some(base) = later.copied().find(|&state| state <= clear && self.is_held(state)) else { return };
        self.base = base;
        // The task that made the base state stays: it is how later tasks name it.
        let is_past = |key: TaskKey| match key {
            TaskKey::Init => true,
            TaskKey::Update { step } => step + 1 < base,
            TaskKey::Grad { step, .. } | TaskKey::Eval { step } => step < base,
        };
        let past: Vec<TaskId> =
            self.ledger.iter().filter(|(_, entry)| is_past(entry.key)).map(|(id, _)| *id).collect();
        let archive = self.lineage(&past);
        if !archive.is_empty() {
            self.effects.push(Effect::Archive(archive));
        }
        for id in past {
            self.ledger.remove(&id);
            self.close(id, None);
        }
        self.results.retain(|key, _| !is_past(*key));
        let ledger = &self.ledger;
        self.rounds
            .retain(|_, round| !round.settled || round.entries.keys().any(|task| ledger.get(task).is_some()));
    }

    /// Those of `tasks` that are in the lineage.
    fn lineage(&self, tasks: &[TaskId]) -> Vec<LineageEntry> {
        let known = tasks.iter().filter_map(|id| Some((id, self.ledger.get(id)?)));
        known
            .filter(|(id, entry)| self.results.get(&entry.key) == Some(*id))
            .filter_map(|(_, entry)| {
                Some(LineageEntry {
                    key: entry.key,
                    task: entry.task.clone(),
                    receipt: entry.receipt.clone(),
                    round: entry.round?,
                })
            })
            .collect()
    }

    /// Releases every blob that nothing can need any more.
    pub(super) fn collect_garbage(&mut self) {
        let mut needed: BTreeSet<BlobId> = self.dag.genesis().into_iter().collect();
        for (_, entry) in self.ledger.iter().filter(|(_, entry)| !entry.settled) {
            needed.extend(&entry.task.inputs);
            needed.extend(entry.outputs.iter().flatten());
            let statements = entry.doubt.iter().flat_map(|doubt| doubt.statements.values());
            needed.extend(statements.flat_map(|said| &said.receipt.outputs));
        }
        for round in self.rounds.values().filter(|round| !round.settled) {
            needed.extend(round.pinned());
        }
        for open in self.open.values() {
            needed.extend(&open.task.inputs);
            needed.extend(
                self.ledger.get(&open.task.id()).into_iter().flat_map(|e| e.outputs.iter().flatten()),
            );
        }
        for (key, task) in &self.results {
            let unused = self.dag.consumers(*key).iter().any(|consumer| !self.results.contains_key(consumer));
            if unused {
                needed.extend(
                    self.ledger.get(task).into_iter().flat_map(|entry| entry.outputs.iter().flatten()),
                );
            }
        }
        needed.extend(self.checkpoints.values().flat_map(|checkpoint| &checkpoint.blobs));
        needed.extend(self.reads.iter().filter_map(|(key, read)| self.metrics_blob(*key, &read.task)));
        needed.extend(self.rounds.values().flat_map(|round| round.audit_inputs(&self.ledger, &self.dag)));
        let garbage: Vec<BlobId> = self.blobs.ids().filter(|blob| !needed.contains(*blob)).copied().collect();
        for blob in &garbage {
            self.blobs.release(blob);
            self.fetches.remove(blob);
        }
        if !garbage.is_empty() {
            self.effects.push(Effect::Release { blobs: garbage });
        }
    }

    /// Ends the job when there is nothing left to do, to show, to settle or to fetch.
    pub(super) fn finish_if_complete(&mut self) {
        let steps = self.dag.spec().steps;
        let complete = self.done.is_none()
            && self.step == steps
            && self.unevaluated.is_empty()
            && self.reads.is_empty()
            && self.pending.is_empty()
            && self.rounds.values().all(|round| round.settled)
            && self.is_held(steps);
        if !complete {
            return;
        }
        let Some(Checkpoint { blobs }) = self.checkpoints.get(&steps) else { return };
        let done = FinalState { blobs: blobs.clone() };
        let rest: Vec<TaskId> = self.results.values().copied().collect();
        let archive = self.lineage(&rest);
        if !archive.is_empty() {
            self.effects.push(Effect::Archive(archive));
        }
        let open: Vec<TaskId> = self.open.keys().copied().collect();
        for id in open {
            self.close(id, None);
        }
        self.done = Some(done.clone());
        self.effects.push(Effect::JobDone(done));
    }
}
