//! Results by task id: what was accepted, from whom, and what became of it.

use std::collections::{BTreeMap, BTreeSet};

use corex_work::{Address, BlobId, Hash32, SignedReceipt, Task, TaskId, outputs_hash};

use crate::dag::TaskKey;

/// Verifiers contradict a result and nobody decides: independent evaluations will.
#[derive(Clone, Debug)]
pub(crate) struct Doubt {
    /// Whose result is doubted.
    pub(crate) accused: Address,
    /// What each verifier found.
    pub(crate) verdicts: BTreeMap<Address, Hash32>,
    /// What each provider delivered, the accused among them.
    pub(crate) statements: BTreeMap<Address, SignedReceipt>,
    /// Time of the last statement.
    pub(crate) since: u64,
}

/// Everything about one task that has had a result.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: TaskKey,
    pub(crate) task: Task,
    /// Statement of whose result is used.
    pub(crate) receipt: SignedReceipt,
    /// The outputs to use; `None` while a wrong result waits to be made again.
    pub(crate) outputs: Option<Vec<BlobId>>,
    /// Round of the task's leaf, once sealed. There is never a second one, unless the first is void and the task began anew.
    pub(crate) round: Option<u64>,
    /// That round is settled.
    pub(crate) settled: bool,
    /// The outputs hash that a dispute established.
    pub(crate) decided: Option<Hash32>,
    pub(crate) doubt: Option<Doubt>,
    /// Everyone the task was ever assigned to.
    pub(crate) workers: BTreeSet<Address>,
    /// Nodes that had its outputs and did not hand them out.
    pub(crate) lost_by: BTreeSet<Address>,
    /// Times it was done again for a blob that was lost.
    pub(crate) remakes: u32,
    /// Its metrics were read and shown.
    pub(crate) metrics_read: bool,
}

impl Entry {
    /// The only outputs hash that another evaluation of this task may give; `None` while it is in doubt.
    pub(crate) fn expected(&self) -> Option<Hash32> {
        match self.decided {
            Some(right) => Some(right),
            None if self.doubt.is_some() => None,
            None => Some(self.receipt.receipt.outputs_hash()),
        }
    }
}

/// All entries that may still matter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    entries: BTreeMap<TaskId, Entry>,
    /// Valid producers of each output. There can be several: a node may claim another task's result as its own.
    producers: BTreeMap<BlobId, BTreeSet<TaskId>>,
}

impl Ledger {
    pub(crate) fn get(&self, task: &TaskId) -> Option<&Entry> {
        self.entries.get(task)
    }

    pub(crate) fn get_mut(&mut self, task: &TaskId) -> Option<&mut Entry> {
        self.entries.get_mut(task)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&TaskId, &Entry)> {
        self.entries.iter()
    }

    /// Every task that makes a blob.
    pub(crate) fn producers(&self, blob: &BlobId) -> impl Iterator<Item = TaskId> {
        self.producers.get(blob).into_iter().flatten().copied()
    }

    /// A task that makes a blob.
    pub(crate) fn producer(&self, blob: &BlobId) -> Option<TaskId> {
        self.producers.get(blob)?.first().copied()
    }

    /// The blob of one output of a task, if its result is known and not void.
    pub(crate) fn output(&self, task: &TaskId, index: usize) -> Option<BlobId> {
        self.get(task)?.outputs.as_ref()?.get(index).copied()
    }

    pub(crate) fn insert(&mut self, id: TaskId, entry: Entry) {
        self.index(id, entry.outputs.as_deref().unwrap_or_default());
        self.entries.insert(id, entry);
    }

    /// Sets the outputs to use.
    pub(crate) fn restore(&mut self, id: TaskId, receipt: SignedReceipt) {
        let outputs = receipt.receipt.outputs.clone();
        self.index(id, &outputs);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.receipt = receipt;
            entry.outputs = Some(outputs);
            entry.doubt = None;
        }
    }

    /// Takes the outputs of a wrong or doubted result out of use.
    pub(crate) fn void(&mut self, id: TaskId) {
        if let Some(outputs) = self.entries.get_mut(&id).and_then(|entry| entry.outputs.take()) {
            self.unindex(id, &outputs);
        }
    }

    pub(crate) fn remove(&mut self, id: &TaskId) -> Option<Entry> {
        let entry = self.entries.remove(id)?;
        self.unindex(*id, entry.outputs.as_deref().unwrap_or_default());
        Some(entry)
    }

    fn index(&mut self, id: TaskId, outputs: &[BlobId]) {
        for blob in outputs {
            self.producers.entry(*blob).or_default().insert(id);
        }
    }

    fn unindex(&mut self, id: TaskId, outputs: &[BlobId]) {
        for blob in outputs {
            if let Some(makers) = self.producers.get_mut(blob) {
                makers.remove(&id);
                if makers.is_empty() {
                    self.producers.remove(blob);
                }
            }
        }
    }
}

/// Whether `outputs` hash to what is expected; anything does if nothing is.
pub(crate) fn is_expected(expected: Option<Hash32>, outputs: &[BlobId]) -> bool {
    expected.is_none_or(|expected| expected == outputs_hash(outputs))
}
