//! Open tasks and their leases.

use std::collections::{BTreeMap, BTreeSet};

use corex_work::{Address, BlobId, Hash32, Task, TaskId};

use super::JobDriver;
use crate::blobs::Availability;
use crate::dag::{Input, TaskKey};
use crate::effect::{Assignment, BlobSource, Effect, Warning};
use crate::event::{Failure, Holder};
use crate::scheduler::{Choice, Request, choose};

/// A task that is to be done.
#[derive(Clone, Debug)]
pub(crate) struct OpenTask {
    pub(super) key: TaskKey,
    pub(super) task: Task,
    /// The only acceptable outputs hash, if it is known.
    pub(super) expected: Option<Hash32>,
    pub(super) leases: BTreeMap<Address, Lease>,
    /// Everyone it was ever assigned to: their results are taken even after the lease.
    pub(super) workers: BTreeSet<Address>,
    /// Nodes that failed it; chosen only when there is nobody else.
    pub(super) failed: BTreeSet<Address>,
    /// Nodes whose result was refused; never chosen again.
    pub(super) refused: BTreeSet<Address>,
    attempt: u32,
    pub(super) not_before: u64,
}

/// A node's time to do a task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lease {
    pub(super) assigned_at: u64,
    /// Expected time for bringing inputs, which says nothing of the node's speed.
    pub(super) fetch_ms: u64,
    expected_ms: u64,
    deadline: u64,
}

impl OpenTask {
    pub(super) fn new(key: TaskKey, task: Task, expected: Option<Hash32>) -> OpenTask {
        OpenTask {
            key,
            task,
            expected,
            leases: BTreeMap::new(),
            workers: BTreeSet::new(),
            failed: BTreeSet::new(),
            refused: BTreeSet::new(),
            attempt: 0,
            not_before: 0,
        }
    }

    /// Lost blobs first (something already waits for them), then by step; what holds up the next step before
    /// what does not.
    fn priority(&self) -> (bool, u32, u8) {
        let rank = match self.key {
            TaskKey::Init | TaskKey::Update { .. } => 0,
            TaskKey::Grad { .. } => 1,
            TaskKey::Eval { .. } => 2,
        };
        (self.expected.is_none(), self.key.step(), rank)
    }
}

/// Holders named per blob: enough that some answer, few enough that a message stays small in a large network.
pub(super) const HOLDERS_NAMED: usize = 8;

/// Keeps a few holders, starting at another one for each reader, so that readers do not all ask the same.
fn spread(holders: &mut Vec<Holder>, reader: Address) {
    let seed =
        reader.0.iter().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    let start = seed.checked_rem(holders.len()).unwrap_or(0);
    holders.rotate_left(start);
    holders.truncate(HOLDERS_NAMED);
}

/// Task pauses this long after a node gave it back.
const RETRY_MS: u64 = 200;

impl JobDriver {
    /// Gives waiting tasks to nodes, as long as any node has room.
    pub(super) fn schedule(&mut self) {
        let now = self.now;
        let mut room: usize = self
            .nodes
            .iter()
            .filter(|(_, node)| node.is_usable(now))
            .fold(0usize, |sum, (_, node)| sum.saturating_add(node.capacity(&self.config)));
        if room == 0 {
            return;
        }
        let mut waiting: Vec<_> = self
            .open
            .iter()
            .filter(|(_, open)| open.leases.is_empty() && open.not_before <= now)
            .map(|(id, open)| (open.priority(), *id))
            .collect();
        waiting.sort_unstable();
        for (_, id) in waiting {
            if room == 0 {
                break;
            }
            if self.place(id, false) {
                room -= 1;
            }
        }
    }

    /// Gives one task to the best node; says whether there was one.
    fn place(&mut self, id: TaskId, second_copy: bool) -> bool {
        let Some(open) = self.open.get(&id) else { return false };
        let units = self.dag.program(open.key).units;
        let Some(blobs) = self.sources(open.key, &open.task) else { return false };
        let needed: Vec<BlobId> = blobs.iter().map(|source| source.blob).collect();
        let request = Request { key: open.key, units, blobs: &needed, idle_only: second_copy };
        // What could not be had just now is only for those who have it.
        let waited: Vec<BlobId> =
            needed.iter().filter(|blob| self.blobs.is_waited_for(self.now, blob)).copied().collect();
        let has_it = |node| waited.iter().all(|blob| self.blobs.is_held_by(blob, Holder::Node(node)));
        let pick = |allowed: &dyn Fn(Address) -> bool| {
            choose(self.now, &self.nodes, &self.blobs, &self.config, request, allowed)
        };
        let possible = |node| !open.refused.contains(&node) && has_it(node);
        let fresh = |node| possible(node) && !open.failed.contains(&node);
        let choice = if second_copy {
            pick(&|node| fresh(node) && !open.leases.contains_key(&node))
        } else {
            pick(&fresh).or_else(|| pick(&possible))
        };
        let Some(choice) = choice else { return false };
        self.grant(id, choice, blobs);
        true
    }

    fn grant(&mut self, id: TaskId, choice: Choice, mut blobs: Vec<BlobSource>) {
        let config = self.config;
        let (Some(open), Some(node)) = (self.open.get_mut(&id), self.nodes.get_mut(choice.node)) else {
            return;
        };
        let lease_ms = choice.finish_ms.saturating_mul(config.lease_factor).max(config.lease_min_ms);
        open.attempt = open.attempt.saturating_add(1);
        open.workers.insert(choice.node);
        let lease = Lease {
            assigned_at: self.now,
            fetch_ms: choice.fetch_ms,
            expected_ms: choice.finish_ms,
            deadline: self.now.saturating_add(lease_ms),
        };
        open.leases.insert(choice.node, lease);
        node.active.insert(id, choice.compute_ms);
        for source in &mut blobs {
            if !source.holders.contains(&Holder::Node(choice.node)) {
                self.blobs.sent_for(self.now, &source.blob, &config);
            }
            source.holders.retain(|holder| *holder != Holder::Node(choice.node));
            spread(&mut source.holders, choice.node);
        }
        let program = self.dag.program(open.key);
        self.effects.push(Effect::Assign(Assignment {
            node: choice.node,
            id,
            task: open.task.clone(),
            key: open.key,
            attempt: open.attempt,
            lease_ms,
            units: program.units,
            output_bytes: program.output_bytes.clone(),
            blobs,
        }));
    }

    /// Where to get a task's program and inputs; `None` while one of them has no connected holder.
    pub(super) fn sources(&self, key: TaskKey, task: &Task) -> Option<Vec<BlobSource>> {
        let mut seen = BTreeSet::new();
        let mut sources = vec![self.source(&task.program)?];
        for (kind, blob) in self.dag.inputs(key).into_iter().zip(&task.inputs) {
            if !seen.insert(*blob) {
                continue;
            }
            sources.push(match kind {
                Input::Scalar(value) => {
                    let bytes = corex_work::scalar_u32(value).to_vec();
                    BlobSource { blob: *blob, bytes: Some(4), holders: vec![], inline: Some(bytes) }
                }
                Input::Blob(_) | Input::Output { .. } => self.source(blob)?,
            });
        }
        Some(sources)
    }

    /// Where to get a blob; `None` if no holder is connected.
    pub(super) fn source(&self, blob: &BlobId) -> Option<BlobSource> {
        let here = self.blobs.availability(self.now, 0, blob) == Availability::Here;
        here.then(|| BlobSource {
            blob: *blob,
            bytes: self.blobs.bytes(blob),
            holders: self.blobs.holders(blob),
            inline: None,
        })
    }

    /// Takes a task away from a node, if it has it. Returns the lease.
    pub(super) fn end_lease(&mut self, node: Address, task: TaskId) -> Option<Lease> {
        if let Some(node) = self.nodes.get_mut(node) {
            node.active.remove(&task);
        }
        self.open.get_mut(&task)?.leases.remove(&node)
    }

    /// Closes a task: nobody needs to do it any more, except that `by` already has.
    pub(super) fn close(&mut self, id: TaskId, by: Option<Address>) -> Option<OpenTask> {
        let open = self.open.remove(&id)?;
        if self.open_places.get(&open.key) == Some(&id) {
            self.open_places.remove(&open.key);
        }
        for &holder in open.leases.keys() {
            if let Some(node) = self.nodes.get_mut(holder) {
                node.active.remove(&id);
            }
            if by != Some(holder) {
                self.effects.push(Effect::Cancel { node: holder, task: id });
            }
        }
        Some(open)
    }

    /// Gives late tasks to others, and second copies of slow ones to whoever is idle.
    pub(super) fn expire_leases(&mut self) {
        let now = self.now;
        let mut expired = Vec::new();
        let mut slow = Vec::new();
        for (id, open) in &self.open {
            let late = open.leases.iter().filter(|(_, lease)| lease.deadline <= now);
            expired.extend(late.map(|(node, _)| (*node, *id)));
            if let [lease] = open.leases.values().collect::<Vec<_>>().as_slice() {
                let patience = lease.expected_ms.saturating_mul(self.config.straggler_percent) / 100;
                let patience = patience.max(self.config.straggler_min_ms);
                if now.saturating_sub(lease.assigned_at) >= patience {
                    slow.push(*id);
                }
            }
        }
        for (node, task) in expired {
            self.end_lease(node, task);
            self.effects.push(Effect::Cancel { node, task });
            self.warn(Warning::LeaseExpired { node, task });
            self.note_failure(node, task);
        }
        if !self.stopped && self.done.is_none() {
            for id in slow {
                self.place(id, true);
            }
        }
    }

    fn note_failure(&mut self, node: Address, task: TaskId) {
        if let Some(open) = self.open.get_mut(&task) {
            open.failed.insert(node);
        }
        if let Some(known) = self.nodes.get_mut(node) {
            known.failed(self.now, &self.config);
        }
    }

    /// A node gave a task back.
    pub(super) fn task_failed(&mut self, node: Address, task: TaskId, reason: Failure) {
        if self.end_lease(node, task).is_none() {
            if self.pass_audit_on(node, task)
                && let Failure::MissingInput(blob) = reason
            {
                self.missing_input(node, task, blob);
            }
            return;
        }
        let retry_at = self.now.saturating_add(RETRY_MS);
        if let Some(open) = self.open.get_mut(&task) {
            open.not_before = retry_at;
        }
        let why = match reason {
            Failure::MissingInput(blob) => {
                self.missing_input(node, task, blob);
                format!("input {blob} was not delivered")
            }
            Failure::Refused(why) | Failure::Crashed(why) => {
                self.note_failure(node, task);
                why
            }
        };
        self.warn(Warning::TaskFailed { node, task, why });
        self.replan = true;
    }

    /// A node could not get an input. It certainly does not hold it; whether the holders that it was told of
    /// do, the coordinator finds out by fetching the blob itself. Until then others are tried, one at a time.
    fn missing_input(&mut self, node: Address, task: TaskId, blob: BlobId) {
        if self.blobs.is_held_by(&blob, Holder::Node(node)) {
            self.blob_lost(Holder::Node(node), blob);
        }
        let inputs = self.open.get(&task).map(|open| &open.task.inputs);
        let inputs = inputs.or_else(|| self.ledger.get(&task).map(|entry| &entry.task.inputs));
        let reads_it = inputs.is_some_and(|inputs| inputs.contains(&blob));
        let can_be_had = self.blobs.is_held_by(&blob, Holder::Coordinator);
        if can_be_had || !reads_it || !self.blobs.is_tracked(&blob) {
            // The trouble is this node's own.
            self.note_failure(node, task);
        } else {
            if let Some(open) = self.open.get_mut(&task) {
                open.failed.insert(node);
            }
            self.blobs.missed(self.now, &blob, &self.config);
            self.fetches.entry(blob).or_default();
            self.review = true;
        }
    }
}
