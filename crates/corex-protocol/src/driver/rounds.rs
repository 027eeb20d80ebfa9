//! Rounds: sealing receipts into a commitment, and its way through the chain.
//!
//! *Safety.* A task has at most one leaf that is not void. A round settles only when every drawn audit is
//! answered and no dispute is open. *Liveness.* A round is sealed every `round_steps` steps and when nothing
//! else is left to do; each chain effect is repeated until the chain reports it; an open dispute ends, by a decision or
//! by the time to vote.

use std::collections::{BTreeMap, BTreeSet};

use corex_work::{
    Address, Beacon, BlobId, Leaf, MerkleTree, SignedReceipt, SignedVerdict, Task, TaskId, payouts,
    payouts_hash,
};

use super::JobDriver;
use super::duty::{DutyState, Stage};
use crate::audit::{BlindLeaf, Verifier, audit_plan};
use crate::dag::{Dag, Input};
use crate::effect::{Effect, Reveal, RoundCommitment, Warning};
use crate::ledger::Ledger;

/// A leaf with what it stands for.
#[derive(Clone, Debug)]
pub(super) struct RoundEntry {
    pub(super) task: Task,
    /// Its leaf is `Leaf::from(&receipt.receipt)`.
    pub(super) receipt: SignedReceipt,
}

/// A sealed round.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    pub(super) entries: BTreeMap<TaskId, RoundEntry>,
    commitment: RoundCommitment,
    tree: MerkleTree,
    rates: BTreeMap<Address, u32>,
    pub(super) verifiers: Vec<Verifier>,
    forced: BTreeSet<TaskId>,
    committed: bool,
    pub(super) beacon: Option<Beacon>,
    pub(super) duties: BTreeMap<TaskId, DutyState>,
    pub(super) convicted: BTreeSet<TaskId>,
    pub(super) settled: bool,
    /// When to repeat what the chain has not answered.
    pub(super) resend_at: u64,
}

impl Round {
    /// The leaf of a task.
    pub(super) fn leaf(&self, task: &TaskId) -> Option<Leaf> {
        self.entries.get(task).map(|entry| Leaf::from(&entry.receipt.receipt))
    }

    /// What a verifier is told once it has spoken about a leaf of this round.
    pub(super) fn reveal(&self, verdict: SignedVerdict) -> Option<Reveal> {
        let task = verdict.verdict.task;
        let place = self.commitment.leaves.binary_search_by_key(&task, |leaf| leaf.task).ok()?;
        let receipt = self.entries.get(&task)?.receipt.clone();
        Some(Reveal { verdict, receipt, proof: self.tree.proof(place)? })
    }

    /// Leaves of a node.
    pub(super) fn leaves_of(&self, node: Address) -> impl Iterator<Item = TaskId> + '_ {
        self.entries
            .iter()
            .filter(move |(_, entry)| entry.receipt.receipt.node == node)
            .map(|(task, _)| *task)
    }

    /// Audits a leaf whatever the beacon says. `again` also asks another verifier where one has confirmed it.
    pub(super) fn force(&mut self, task: TaskId, again: bool) {
        if self.convicted.contains(&task) || !self.entries.contains_key(&task) {
            return;
        }
        self.forced.insert(task);
        if self.beacon.is_some() {
            let duty = self.duties.entry(task).or_default();
            if again && duty.stage == Stage::Closed {
                duty.next_verifier();
            }
        }
    }

    /// Whether a verifier has let the time pass for an audit of this round.
    pub(super) fn waits_in_vain(&self, verifier: Address) -> bool {
        self.duties.values().any(|duty| duty.unanswered.contains_key(&verifier))
    }

    /// After a restart every unanswered audit is asked again.
    pub(super) fn ask_again(&mut self) {
        for duty in self.duties.values_mut() {
            duty.briefed.clear();
            if matches!(duty.stage, Stage::Asked { .. }) {
                duty.stage = Stage::Unasked;
            }
        }
    }

    /// A node that comes back must be told again about open disputes.
    pub(super) fn forget_briefing(&mut self, node: Address) {
        for duty in self.duties.values_mut() {
            duty.briefed.remove(&node);
        }
    }

    /// Blobs that unanswered audits read.
    pub(super) fn audit_inputs<'a>(
        &'a self,
        ledger: &'a Ledger,
        dag: &'a Dag,
    ) -> impl Iterator<Item = BlobId> + 'a {
        let waiting = self.duties.iter().filter(|(_, duty)| duty.stage != Stage::Closed);
        waiting.filter_map(|(task, _)| ledger.get(task)).flat_map(|entry| {
            let kinds = dag.inputs(entry.key).into_iter().zip(&entry.task.inputs);
            kinds.filter(|(kind, _)| matches!(kind, Input::Output { .. })).map(|(_, blob)| *blob)
        })
    }

    /// Leaves with open disputes, whatever is known of them otherwise.
    fn disputed(&self) -> impl Iterator<Item = TaskId> + '_ {
        let open = self.duties.iter().filter(|(_, duty)| !duty.disputes.is_empty());
        open.map(|(task, _)| *task)
    }

    /// Blobs that whoever may be challenged for one of the leaves needs, and whoever challenges.
    pub(super) fn pinned(&self) -> impl Iterator<Item = &BlobId> {
        self.entries.values().flat_map(|entry| entry.task.inputs.iter().chain(&entry.receipt.receipt.outputs))
    }

    fn audits_are_answered(&self) -> bool {
        self.duties.values().all(|duty| duty.stage == Stage::Closed)
    }
}

impl JobDriver {
    /// Seals the pending receipts if it is time.
    pub(super) fn seal_round(&mut self) {
        let uncommitted = self.rounds.last_key_value().is_some_and(|(_, round)| !round.committed);
        if self.pending.is_empty() || uncommitted {
            return;
        }
        let spec = self.dag.spec();
        let boundary = self.step / spec.round_steps;
        let at_boundary = boundary > self.sealed_at;
        let idle = self.step == spec.steps && self.unevaluated.is_empty() && self.open_places.is_empty();
        // A conflict is resolved by an audit, and only what is committed can be audited.
        let conflict = self.conflicts.iter().any(|task| self.pending.contains(task));
        if at_boundary || idle || conflict {
            self.sealed_at = self.sealed_at.max(boundary);
            self.seal();
        }
    }

    fn seal(&mut self) {
        let index = self.next_round;
        let tasks = self.next_leaves();
        let mut entries = BTreeMap::new();
        for task in &tasks {
            if let Some(entry) = self.ledger.get_mut(task) {
                entry.round = Some(index);
                entries
                    .insert(*task, RoundEntry { task: entry.task.clone(), receipt: entry.receipt.clone() });
            }
        }
        // BTreeMap: ascending by task, as the leaves of a round must be.
        let leaves: Vec<Leaf> = entries.values().map(|entry| Leaf::from(&entry.receipt.receipt)).collect();
        let Some(payouts) = payouts(leaves.iter().map(|leaf| (leaf.node, leaf.units))) else {
            // Cannot happen: a checked specification bounds the units of a task far below 2^64 per round.
            return self.warn(Warning::Unexpected { round: index, what: "a sum of units beyond 64 bits" });
        };
        let rate = |node| {
            let rate = |node: &crate::nodes::Node| node.reputation.audit_rate_ppm(&self.config.audit);
            self.nodes.get(node).map_or(crate::audit::ONE_PPM, rate)
        };
        let rates = payouts.iter().map(|payout| (payout.node, rate(payout.node))).collect();
        let stake = |node| self.nodes.get(node).map_or(0, |node| node.info.stake);
        let uncovered = leaves.iter().filter(|leaf| !self.config.is_covered(leaf.units, stake(leaf.node)));
        let forced =
            uncovered.map(|leaf| leaf.task).chain(self.suspected.intersection(&tasks).copied()).collect();
        let tree = MerkleTree::new(leaves.iter().map(Leaf::hash).collect());
        let commitment = RoundCommitment {
            round: index,
            root: tree.root(),
            payouts_hash: payouts_hash(&payouts),
            units: payouts.iter().fold(0, |sum: u64, payout| sum.saturating_add(payout.units)),
            leaves,
            payouts,
        };
        let round = Round {
            forced,
            entries,
            commitment,
            tree,
            rates,
            verifiers: self.eligible_verifiers(),
            committed: false,
            beacon: None,
            duties: BTreeMap::new(),
            convicted: BTreeSet::new(),
            settled: false,
            resend_at: 0,
        };
        self.suspected.retain(|task| !tasks.contains(task));
        self.rounds.insert(index, round);
        self.next_round += 1;
        self.review = true;
    }

    /// Takes from the pending tasks those that the next round commits to: all, but of no more nodes than one round can pay. The rest
    /// waits for the round after.
    fn next_leaves(&mut self) -> BTreeSet<TaskId> {
        let mut nodes = BTreeSet::new();
        let (taken, left) = std::mem::take(&mut self.pending).into_iter().partition(|task| {
            let node = self.ledger.get(task).map(|entry| entry.receipt.receipt.node);
            node.is_none_or(|node| {
                nodes.contains(&node) || (nodes.len() < self.config.round_nodes && nodes.insert(node))
            })
        });
        self.pending = left;
        taken
    }

    /// The chain took a round.
    pub(super) fn round_committed(&mut self, index: u64) {
        let Some(round) = self.rounds.get_mut(&index) else {
            return self.unexpected(index, "a commitment");
        };
        if !round.committed {
            round.committed = true;
            round.resend_at = 0;
            self.review = true;
        }
    }

    /// The chain fixed a beacon: now it is known what is audited.
    pub(super) fn beacon_drawn(&mut self, index: u64, beacon: Beacon) {
        let Some(round) = self.rounds.get_mut(&index) else {
            return self.unexpected(index, "a beacon");
        };
        round.committed = true;
        if round.beacon.is_none() {
            round.beacon = Some(beacon);
            round.resend_at = 0;
            let leaves: Vec<BlindLeaf> = round.commitment.leaves.iter().map(BlindLeaf::from).collect();
            for duty in audit_plan(beacon, &leaves, &round.verifiers, &round.rates, &round.forced) {
                round.duties.entry(duty.task).or_default();
            }
            self.review = true;
        }
    }

    /// The chain paid a round: it is final.
    pub(super) fn round_settled(&mut self, index: u64) {
        let Some(round) = self.rounds.get_mut(&index) else {
            return self.unexpected(index, "a settlement");
        };
        if round.settled {
            return;
        }
        round.committed = true;
        round.settled = true;
        for task in round.entries.keys() {
            // A convicted leaf's task may stand in a later round by now.
            if let Some(entry) = self.ledger.get_mut(task).filter(|entry| entry.round == Some(index)) {
                entry.settled = true;
            }
        }
        self.advance_base();
        self.collect_garbage();
        self.review = true;
    }

    pub(super) fn unexpected(&mut self, round: u64, what: &'static str) {
        self.warn(Warning::Unexpected { round, what });
    }

    /// Asks the chain for the next thing each round needs.
    pub(super) fn drive_chain(&mut self) {
        let now = self.now;
        let decided = |task: &TaskId| self.ledger.get(task).and_then(|entry| entry.decided);
        let trusted = |node| self.nodes.get(node).is_some_and(crate::nodes::Node::is_trusted_verifier);
        for (index, round) in &mut self.rounds {
            if round.settled || now < round.resend_at {
                continue;
            }
            let asked = self.effects.len();
            if !round.committed {
                self.effects.push(Effect::CommitRound(round.commitment.clone()));
            } else if round.beacon.is_none() {
                self.effects.push(Effect::DrawBeacon { round: *index });
            } else {
                if round.audits_are_answered() {
                    let payouts = round.commitment.payouts.clone();
                    let audits = round.wages(decided, trusted);
                    self.effects.push(Effect::SettleRound { round: *index, payouts, audits });
                }
                let expire = |task| Effect::ExpireDispute { round: *index, task };
                self.effects.extend(round.disputed().map(expire));
            }
            if self.effects.len() > asked {
                round.resend_at = now.saturating_add(self.config.resend_ms);
            }
        }
    }
}
