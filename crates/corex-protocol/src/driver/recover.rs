//! Which lost blobs can be made again, and by which task.
//!
//! A blob can have several producers: a node may claim another task's result as its own. Among them some need, directly
//! or not, the very blob that they would make; so a producer counts only if all that it reads is there, or can be made
//! without it. What no such task makes is gone for good, and nobody may wait for it.

use std::collections::{BTreeMap, BTreeSet};

use corex_work::{BlobId, TaskId};

use super::JobDriver;
use crate::blobs::Availability;

impl JobDriver {
    pub(super) fn is_lost(&self, blob: &BlobId) -> bool {
        self.blobs.availability(self.now, self.config.lost_grace_ms, blob) == Availability::Lost
    }

    /// Whether a blob is somewhere, or can be made again.
    pub(super) fn is_recoverable(&self, blob: BlobId) -> bool {
        !self.is_lost(&blob) || self.maker(&blob).is_some()
    }

    /// The task to do again for a lost blob, if one can be done: found with the fewest other tasks before it.
    pub(super) fn maker(&self, wanted: &BlobId) -> Option<TaskId> {
        // Every lost blob and producer that could matter; per producer the number of lost blobs it still lacks.
        let mut lacking: BTreeMap<TaskId, usize> = BTreeMap::new();
        let mut readers: BTreeMap<BlobId, Vec<TaskId>> = BTreeMap::new();
        let mut ready = Vec::new();
        let (mut seen, mut blobs) = (BTreeSet::from([*wanted]), vec![*wanted]);
        while let Some(blob) = blobs.pop() {
            for task in self.ledger.producers(&blob) {
                let Some(entry) = self.ledger.get(&task).filter(|_| !lacking.contains_key(&task)) else {
                    continue;
                };
                let lost: BTreeSet<BlobId> =
                    self.produced_inputs(entry.key, &entry.task).filter(|b| self.is_lost(b)).collect();
                lacking.insert(task, lost.len());
                if lost.is_empty() {
                    ready.push(task);
                }
                for input in lost {
                    readers.entry(input).or_default().push(task);
                    if seen.insert(input) {
                        blobs.push(input);
                    }
                }
            }
        }
        // What can be done at once, then what that makes possible, until the wanted blob is made.
        let mut made = BTreeSet::new();
        while !ready.is_empty() {
            let mut next = Vec::new();
            for task in ready {
                let outputs =
                    self.ledger.get(&task).into_iter().flat_map(|entry| entry.outputs.iter().flatten());
                for output in outputs.copied() {
                    if output == *wanted {
                        return Some(task);
                    }
                    if !made.insert(output) {
                        continue;
                    }
                    for reader in readers.get(&output).into_iter().flatten() {
                        if let Some(count) = lacking.get_mut(reader) {
                            *count = count.saturating_sub(1);
                            if *count == 0 {
                                next.push(*reader);
                            }
                        }
                    }
                }
            }
            ready = next;
        }
        None
    }
}
