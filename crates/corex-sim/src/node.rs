//! A simulated node: a queue of work, a disk of blob names, a character.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use corex_protocol::{Assignment, AuditOrder, BlobSource, Check, NodeInfo};
use corex_work::{Address, BlobId, TaskId};

use crate::honest;
use crate::rng::Rng;
use crate::scenario::{Provider, Verifier};

/// Something a node has to do.
#[derive(Clone, Debug)]
pub enum Work {
    /// A task to evaluate.
    Task(Assignment),
    /// A leaf to check.
    Check {
        /// Round of the leaf.
        round: u64,
        /// What to do again.
        check: Check,
        /// Where its inputs are.
        blobs: Vec<BlobSource>,
    },
}

impl Work {
    /// The task.
    pub fn task(&self) -> TaskId {
        match self {
            Work::Task(assignment) => assignment.id,
            Work::Check { check, .. } => check.id,
        }
    }

    /// Where to get what it reads.
    pub fn blobs(&self) -> &[BlobSource] {
        match self {
            Work::Task(assignment) => &assignment.blobs,
            Work::Check { blobs, .. } => blobs,
        }
    }
}

/// A node.
#[derive(Debug)]
pub struct Node {
    /// What it says about itself.
    pub info: NodeInfo,
    /// Character as provider.
    pub provider: Provider,
    /// Character as verifier.
    pub verifier: Verifier,
    /// Units per second that it really does.
    pub speed: u64,
    /// Running.
    pub up: bool,
    /// Counts its starts: what an earlier life computed is lost.
    pub life: u32,
    /// Names of the blobs on its disk.
    pub disk: BTreeSet<BlobId>,
    /// Waiting work.
    pub queue: VecDeque<Work>,
    /// What it computes now.
    pub current: Option<Work>,
    /// Results on its disk, by task.
    pub cache: BTreeMap<TaskId, Vec<BlobId>>,
    /// Tasks that it did wrong.
    pub cheated: BTreeSet<TaskId>,
}

impl Node {
    /// A node that has never run.
    pub fn new(info: NodeInfo, provider: Provider, verifier: Verifier, speed: u64) -> Node {
        Node {
            info,
            provider,
            verifier,
            speed,
            up: false,
            life: 0,
            disk: BTreeSet::new(),
            queue: VecDeque::new(),
            current: None,
            cache: BTreeMap::new(),
            cheated: BTreeSet::new(),
        }
    }

    /// Takes an order; a repeated one is the same one.
    pub fn enqueue(&mut self, work: Work) {
        let same = |other: &Work| {
            other.task() == work.task() && matches!(other, Work::Task(_)) == matches!(work, Work::Task(_))
        };
        if !self.queue.iter().chain(&self.current).any(same) {
            self.queue.push_back(work);
        }
    }

    /// Forgets an assignment that has not started.
    pub fn cancel(&mut self, task: TaskId) {
        self.queue.retain(|work| !matches!(work, Work::Task(assignment) if assignment.id == task));
    }

    /// Work from an audit order.
    pub fn enqueue_audit(&mut self, order: &AuditOrder) {
        for check in &order.checks {
            let round = order.round;
            self.enqueue(Work::Check { round, check: check.clone(), blobs: order.blobs.clone() });
        }
    }

    /// Whether it hands out a blob when asked.
    pub fn serves(&self, blob: &BlobId) -> bool {
        self.up && self.disk.contains(blob)
    }

    /// The outputs it reports for a task. `others` are the results other nodes have reported for such tasks.
    pub fn evaluate(
        &mut self,
        assignment: &Assignment,
        cheat_percent: u64,
        others: &[Vec<BlobId>],
        rng: &mut Rng,
    ) -> Vec<BlobId> {
        let serves = !matches!(self.provider, Provider::Withhold | Provider::Stall);
        if let Some(known) = self.cache.get(&assignment.id) {
            if serves {
                self.disk.extend(known);
            }
            return known.clone();
        }
        let count = assignment.output_bytes.len();
        let right = honest::outputs(assignment.id, count);
        let cheats = !matches!(self.provider, Provider::Honest | Provider::Withhold | Provider::Stall)
            && rng.percent(cheat_percent);
        let outputs = match self.provider {
            _ if !cheats => right.clone(),
            Provider::Lazy => {
                let old = self.cache.values().find(|outputs| outputs.len() == count);
                old.cloned().unwrap_or_else(|| right.clone())
            }
            Provider::Copy if !others.is_empty() => {
                let pick = rng.below(others.len() as u64) as usize;
                others.get(pick).cloned().unwrap_or_else(|| right.clone())
            }
            Provider::Corrupt => honest::outputs(TaskId(assignment.id.0.map(|byte| !byte)), count),
            Provider::Honest | Provider::Withhold | Provider::Stall | Provider::Copy => right.clone(),
        };
        if outputs != right {
            self.cheated.insert(assignment.id);
        }
        self.cache.insert(assignment.id, outputs.clone());
        if serves {
            self.disk.extend(&outputs);
        }
        outputs
    }

    /// Stops at once.
    pub fn crash(&mut self, wipe: bool) {
        self.up = false;
        self.life += 1;
        self.queue.clear();
        self.current = None;
        if wipe {
            self.disk.clear();
            self.cache.clear();
        }
    }

    /// Operator address.
    pub fn address(&self) -> Address {
        self.info.node
    }
}
