//! Taking back what is wrong: a convicted result and all that was computed from it leave the lineage; the same
//! tasks come back through planning. Content addressing makes this cheap: where making a result again gives the
//! same bytes, everything after it has the same task ids and is found in the ledger.

use corex_work::{Address, Hash32, Leaf, TaskId, outputs_hash};

use super::JobDriver;
use crate::dag::TaskKey;
use crate::effect::{BanReason, Effect, Warning};

impl JobDriver {
    /// The leaf of `task` was found wrong, by the chain or by two thirds of the verifiers' stake.
    pub(super) fn convict(&mut self, node: Address, task: TaskId, right: Hash32, reason: BanReason) {
        self.audits_failed += 1;
        self.note_fault(node);
        self.decide(task, right);
        self.ban(node, reason);
    }

    /// The leaf is void, and nobody says what is right: unless something else stands for the task by now, it begins anew, with a
    /// leaf of its own, which is audited without exception.
    pub(super) fn begin_anew(&mut self, index: u64, leaf: &Leaf) {
        self.audits_failed += 1;
        self.note_fault(leaf.node);
        let task = leaf.task;
        if let Some(entry) = self.ledger.get(&task).filter(|entry| entry.round == Some(index)) {
            let is_other = |hash: Hash32| hash != leaf.outputs_hash;
            let stands = entry.outputs.as_deref().is_some_and(|outputs| is_other(outputs_hash(outputs)));
            if !stands && !entry.decided.is_some_and(is_other) {
                self.void(entry.key, task);
                self.forget(task);
                self.suspected.insert(task);
            }
        }
        self.ban(leaf.node, BanReason::Convicted(task));
    }

    /// Removes all that is known of a task. If a place is already waiting for it, then now without an expectation: no leaf binds
    /// it.
    fn forget(&mut self, task: TaskId) {
        self.ledger.remove(&task);
        if let Some(open) = self.open.get_mut(&task) {
            open.expected = None;
            open.refused.clear();
        }
        self.conflicts.remove(&task);
    }

    /// From now on only `right` is accepted for `task`.
    fn decide(&mut self, task: TaskId, right: Hash32) {
        let Some(entry) = self.ledger.get_mut(&task) else { return };
        entry.decided = Some(right);
        entry.doubt = None;
        let standing = entry.outputs.as_deref().is_some_and(|outputs| outputs_hash(outputs) == right);
        let key = entry.key;
        if let Some(open) = self.open.get_mut(&task) {
            open.expected = Some(right);
            // Whoever was refused because of the wrong result may have been right.
            open.refused.clear();
        }
        self.conflicts.remove(&task);
        if !standing {
            self.void(key, task);
        }
    }

    /// Takes a result out of use and out of the lineage.
    pub(super) fn void(&mut self, key: TaskKey, task: TaskId) {
        self.ledger.void(task);
        if self.results.get(&key) == Some(&task) {
            self.drop_place(key);
        }
        // If it was only being made again, it is wanted only if a place wants it.
        if self.open_places.get(&key) != Some(&task) {
            self.close(task, None);
        }
        self.replan = true;
    }

    /// Empties a place and every place that was computed from it.
    fn drop_place(&mut self, key: TaskKey) {
        let mut places = vec![key];
        let mut dropped = 0usize;
        while let Some(place) = places.pop() {
            if self.results.remove(&place).is_some() {
                dropped += 1;
                match place {
                    TaskKey::Update { step } => self.step = self.step.min(step),
                    TaskKey::Eval { step } => _ = self.unevaluated.insert(step),
                    TaskKey::Init | TaskKey::Grad { .. } => {}
                }
                self.forget_metrics(place);
                self.forget_checkpoint(place);
                places.extend(self.dag.consumers(place));
            } else if let Some(id) = self.open_places.get(&place).copied() {
                self.close(id, None);
            }
        }
        if dropped > 0 {
            self.warn(Warning::RolledBack { step: key.step(), dependants: dropped - 1 });
        }
    }

    /// Refuses a node for good. What it has delivered and nobody has committed is made again; what is committed
    /// and not settled is audited without exception.
    pub(super) fn ban(&mut self, node: Address, reason: BanReason) {
        let Some(known) = self.nodes.get_mut(node) else { return };
        if known.banned.is_some() {
            return;
        }
        known.banned = Some(reason);
        known.reputation.faults = known.reputation.faults.max(1);
        self.effects.push(Effect::Ban { node, reason });
        self.disconnect(node);

        let is_its =
            |task: &TaskId| self.ledger.get(task).is_some_and(|entry| entry.receipt.receipt.node == node);
        let uncommitted: Vec<TaskId> = self.pending.iter().copied().filter(is_its).collect();
        for task in uncommitted {
            self.pending.remove(&task);
            self.suspected.remove(&task);
            if let Some(key) = self.ledger.get(&task).map(|entry| entry.key) {
                self.void(key, task);
            }
            self.forget(task);
        }
        self.audit_all_of(node);
        (self.replan, self.review) = (true, true);
    }
}
