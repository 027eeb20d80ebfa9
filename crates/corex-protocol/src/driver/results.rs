//! Receipts: which are taken, and what two different ones for a task mean.

use std::collections::BTreeSet;

use corex_work::{Address, BlobId, SignedReceipt, TaskId};

use super::JobDriver;
use super::assign::OpenTask;
use super::collect::made_state;
use crate::dag::TaskKey;
use crate::effect::{BanReason, Warning};
use crate::event::Holder;
use crate::ledger::{Entry, is_expected};

/// Outputs shorter than this may coincide by chance or by nature (a loss, a flag).
const COINCIDENCE_BYTES: u64 = 64;

impl JobDriver {
    /// A node delivered a result. It counts if the node was given the task, at any time.
    pub(super) fn task_done(&mut self, node: Address, signed: SignedReceipt) {
        let task = signed.receipt.task;
        let refuse = |why| Warning::ReceiptRefused { node, task, why };
        if signed.receipt.node != node {
            return self.warn(refuse("it names another node"));
        }
        if signed.receipt.job != self.job {
            return self.warn(refuse("it is for another job"));
        }
        if self.nodes.is_banned(node) {
            return self.warn(refuse("the node is banned"));
        }
        if self.open.contains_key(&task) {
            self.result_of_open(node, task, signed);
        } else if self.ledger.get(&task).is_some_and(|entry| entry.workers.contains(&node)) {
            self.late_result(node, task, &signed);
        } else {
            self.warn(refuse("the task is unknown or not wanted any more"));
        }
    }

    fn result_of_open(&mut self, node: Address, task: TaskId, signed: SignedReceipt) {
        let Some(open) = self.open.get(&task) else { return };
        if !open.workers.contains(&node) {
            return self.warn(Warning::ReceiptRefused { node, task, why: "the task was not given to it" });
        }
        let program = self.dag.program(open.key);
        let shape = (signed.receipt.outputs.len(), signed.receipt.units);
        if shape != (program.output_bytes.len(), program.units) {
            self.warn(Warning::ReceiptRefused { node, task, why: "wrong number of outputs or wrong units" });
            return self.ban(node, BanReason::Malformed(task));
        }
        if !is_expected(open.expected, &signed.receipt.outputs) {
            return self.contradicted(node, task);
        }
        let in_doubt = self.ledger.get(&task).is_some_and(|entry| entry.doubt.is_some());
        let assigned_at =
            open.leases.get(&node).map(|lease| lease.assigned_at.saturating_add(lease.fetch_ms));
        let (key, units) = (open.key, program.units);
        if let Some(known) = self.nodes.get_mut(node) {
            if let Some(assigned_at) = assigned_at {
                known.delivered(self.now, key, units, assigned_at);
            }
            known.reputation.accepted = known.reputation.accepted.saturating_add(1);
            known.reputation.units = known.reputation.units.saturating_add(units);
        }
        if in_doubt {
            self.note_outputs(node, &signed.receipt.outputs, key);
            return self.testify(node, task, signed);
        }
        let is_place = self.open_places.get(&key) == Some(&task);
        let Some(open) = self.close(task, Some(node)) else { return };
        self.take(node, task, &open, signed);
        if is_place {
            self.set_result(key, task);
        }
    }

    /// Enters a result into the ledger and notes who holds its blobs.
    fn take(&mut self, node: Address, task: TaskId, open: &OpenTask, signed: SignedReceipt) {
        self.note_outputs(node, &signed.receipt.outputs, open.key);
        for blob in self.produced_inputs(open.key, &open.task).collect::<Vec<_>>() {
            self.blobs.arrived(node, blob);
        }
        let sizes = self.dag.program(open.key).output_bytes.clone();
        if self.ledger.get(&task).is_some() {
            // Done again, because it was wrong or its outputs were lost. Its leaf exists: no second one.
            self.conflicts.remove(&task);
            if self.ledger.get(&task).is_some_and(|entry| entry.outputs.is_none()) {
                self.ledger.restore(task, signed);
            }
            return;
        }
        self.screen(task, open, &signed.receipt.outputs, &sizes);
        let entry = Entry {
            key: open.key,
            task: open.task.clone(),
            outputs: Some(signed.receipt.outputs.clone()),
            receipt: signed,
            round: None,
            settled: false,
            decided: None,
            doubt: None,
            workers: open.workers.clone(),
            lost_by: BTreeSet::new(),
            remakes: 0,
            metrics_read: false,
        };
        self.ledger.insert(task, entry);
        self.pending.insert(task);
    }

    fn note_outputs(&mut self, node: Address, outputs: &[BlobId], key: TaskKey) {
        for (blob, bytes) in outputs.iter().zip(&self.dag.program(key).output_bytes) {
            self.blobs.track(self.now, *blob, Some(*bytes));
            self.blobs.held(Holder::Node(node), *blob);
        }
    }

    /// Two different tasks with a large output in common: one of them may be a copy. Not so where a step hands parts
    /// of the state on as they are.
    fn screen(&mut self, task: TaskId, open: &OpenTask, outputs: &[BlobId], sizes: &[u64]) {
        let handed_on = |blob| made_state(open.key).is_some() && open.task.inputs.contains(blob);
        let large = outputs
            .iter()
            .zip(sizes)
            .filter(|(blob, bytes)| **bytes >= COINCIDENCE_BYTES && !handed_on(blob));
        let twins: BTreeSet<TaskId> = large.filter_map(|(blob, _)| self.ledger.producer(blob)).collect();
        for twin in twins.into_iter().filter(|twin| *twin != task) {
            self.warn(Warning::SameOutput(twin, task));
            self.suspect(twin);
            self.suspected.insert(task);
        }
    }

    /// A node delivered what another one already had. Never paid; but it shows if they agree.
    fn late_result(&mut self, node: Address, task: TaskId, signed: &SignedReceipt) {
        let Some(entry) = self.ledger.get(&task) else { return };
        if !is_expected(entry.expected(), &signed.receipt.outputs) {
            return self.contradicted(node, task);
        }
        if entry.outputs.as_ref() == Some(&signed.receipt.outputs) {
            for blob in &signed.receipt.outputs {
                self.blobs.held(Holder::Node(node), *blob);
            }
        }
    }

    /// A node's result differs from what is known of the task. If a dispute decided it, the node is wrong;
    /// otherwise an audit has to say who is.
    fn contradicted(&mut self, node: Address, task: TaskId) {
        if self.ledger.get(&task).is_some_and(|entry| entry.decided.is_some()) {
            return self.ban(node, BanReason::ContradictsDecision(task));
        }
        self.end_lease(node, task);
        if let Some(open) = self.open.get_mut(&task) {
            open.refused.insert(node);
            self.conflicts.insert(task);
        }
        if let Some(known) = self.nodes.get_mut(node) {
            known.failed(self.now, &self.config);
        }
        self.warn(Warning::Conflict(task));
        self.suspect(task);
    }
}
