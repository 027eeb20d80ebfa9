//! A model of the contracts: commit, beacon, challenge, vote, settle. It enforces what the real ones enforce,
//! so a driver that relies on less than that fails here.

use std::collections::{BTreeMap, BTreeSet};

use corex_protocol::{DisputeOutcome, Event, RoundCommitment};
use corex_work::{Address, Beacon, Hash32, Leaf, MerkleTree, TaskId, keccak256, payouts, payouts_hash};

/// Time in which a round can be challenged, from its beacon on.
pub const WINDOW_MS: u64 = 5_000;
/// Time in which the committee of a dispute can vote.
pub const VOTE_MS: u64 = 4_000;

#[derive(Debug)]
struct Round {
    commitment: RoundCommitment,
    /// Last moment of a challenge, once the beacon is drawn.
    deadline: Option<u64>,
    disputes: BTreeMap<TaskId, Dispute>,
    settled: bool,
}

#[derive(Debug)]
struct Dispute {
    /// Last moment of the vote.
    deadline: u64,
    outcome: Option<DisputeOutcome>,
}

/// The chain's state and everything it ever announced.
#[derive(Debug, Default)]
pub struct Chain {
    rounds: Vec<Round>,
    /// Events in order; a watcher may read them from the start at any time.
    pub log: Vec<Event>,
    /// Units paid per node.
    pub paid: BTreeMap<Address, u64>,
    /// Every task that has a leaf.
    leaves: BTreeSet<TaskId>,
    /// Nodes that lost a dispute.
    pub slashed: BTreeSet<Address>,
    /// Leaves that lost a dispute.
    pub voided: BTreeSet<TaskId>,
    /// Leaves with a dispute that found no quorum.
    pub undecided: BTreeSet<TaskId>,
    /// Leaves with a challenge that came after the window.
    pub late: BTreeSet<TaskId>,
    /// Disputes that found no quorum.
    pub expired: u64,
    /// Leaves whose round is settled and that were paid.
    pub paid_leaves: Vec<Leaf>,
}

impl Chain {
    /// Takes a round, if it is the next. A resubmission of the same round changes nothing.
    ///
    /// # Errors
    /// What a correct coordinator never does.
    pub fn commit(&mut self, now: u64, commitment: RoundCommitment) -> Result<(), String> {
        let index = usize::try_from(commitment.round).unwrap_or(usize::MAX);
        if let Some(known) = self.rounds.get(index) {
            let same = known.commitment == commitment;
            return if same { Ok(()) } else { Err(format!("round {index} committed twice, differently")) };
        }
        if index > self.rounds.len() {
            return Err(format!("round {index} committed before round {}", self.rounds.len()));
        }
        let leaves = &commitment.leaves;
        if leaves.is_empty() || !leaves.is_sorted_by(|a, b| a.task < b.task) {
            return Err(format!("round {index}: leaves are empty or not strictly ascending"));
        }
        let hashes = leaves.iter().map(Leaf::hash).collect();
        let sums = payouts(leaves).unwrap_or_default();
        if MerkleTree::new(hashes).root() != commitment.root
            || sums != commitment.payouts
            || payouts_hash(&sums) != commitment.payouts_hash
        {
            return Err(format!("round {index}: root or payouts do not belong to the leaves"));
        }
        for leaf in leaves {
            if !self.leaves.insert(leaf.task) {
                return Err(format!("task {} has a second leaf, in round {index}", leaf.task));
            }
        }
        self.log.push(Event::RoundCommitted { round: commitment.round, block: now });
        self.rounds.push(Round { commitment, deadline: None, disputes: BTreeMap::new(), settled: false });
        Ok(())
    }

    fn round(&mut self, round: u64) -> Option<&mut Round> {
        self.rounds.get_mut(usize::try_from(round).ok()?)
    }

    /// Fixes a round's beacon.
    pub fn draw(&mut self, now: u64, round: u64, entropy: u64) {
        let Some(known) = self.round(round) else { return };
        if known.deadline.is_none() {
            known.deadline = Some(now + WINDOW_MS);
            let seed = [known.commitment.root.0.as_slice(), &entropy.to_le_bytes()].concat();
            self.log.push(Event::BeaconDrawn { round, beacon: Beacon(keccak256(&seed)) });
        }
    }

    /// Opens a dispute; says whether it did. One at a time per leaf, none after the window, none once the leaf is
    /// decided.
    pub fn challenge(&mut self, now: u64, round: u64, task: TaskId, challenger: Address) -> bool {
        let Some(known) = self.round(round) else { return false };
        let exists = known.commitment.leaves.iter().any(|leaf| leaf.task == task && leaf.node != challenger);
        let in_time = known.deadline.is_some_and(|deadline| now <= deadline);
        let is_open =
            known.disputes.get(&task).is_none_or(|dispute| dispute.outcome == Some(DisputeOutcome::Expired));
        if exists && !in_time {
            self.late.insert(task);
            return false;
        }
        if !exists || !is_open {
            return false;
        }
        known.disputes.insert(task, Dispute { deadline: now + VOTE_MS, outcome: None });
        self.log.push(Event::Challenged { round, task, challenger });
        true
    }

    /// Counts the votes of a dispute: two thirds of the whole stake decide, and without them it stays open until someone
    /// has it [expire](Self::expire). `votes` are (hash, stake).
    pub fn resolve(&mut self, round: u64, task: TaskId, votes: &[(Hash32, u128)], total: u128) {
        let Some(known) = self.round(round) else { return };
        let Some(leaf) = known.commitment.leaves.iter().find(|leaf| leaf.task == task).copied() else {
            return;
        };
        let mut sums: BTreeMap<Hash32, u128> = BTreeMap::new();
        for (hash, stake) in votes {
            *sums.entry(*hash).or_default() += stake;
        }
        let Some((winner, _)) = sums.into_iter().find(|(_, stake)| stake * 3 >= total * 2) else { return };
        let outcome = match winner {
            hash if hash == leaf.outputs_hash => DisputeOutcome::Cleared,
            outputs_hash => DisputeOutcome::Guilty { outputs_hash },
        };
        let Some(dispute) = known.disputes.get_mut(&task).filter(|dispute| dispute.outcome.is_none()) else {
            return;
        };
        dispute.outcome = Some(outcome);
        if matches!(outcome, DisputeOutcome::Guilty { .. }) {
            self.slashed.insert(leaf.node);
            self.voided.insert(task);
        }
        self.log.push(Event::DisputeResolved { round, task, outcome });
    }

    /// Ends a dispute that found no quorum in time. Like the real one, the chain does nothing by itself: whoever wants a
    /// dispute to end must say so.
    pub fn expire(&mut self, now: u64, round: u64, task: TaskId) {
        let Some(dispute) = self.round(round).and_then(|round| round.disputes.get_mut(&task)) else { return };
        if dispute.outcome.is_none() && now > dispute.deadline {
            let outcome = DisputeOutcome::Expired;
            dispute.outcome = Some(outcome);
            self.undecided.insert(task);
            self.expired += 1;
            self.log.push(Event::DisputeResolved { round, task, outcome });
        }
    }

    /// Pays a round, if its window has passed and no dispute is open.
    pub fn settle(&mut self, now: u64, round: u64) {
        let Some(known) = self.round(round) else { return };
        let open = known.disputes.values().any(|dispute| dispute.outcome.is_none());
        if known.settled || open || known.deadline.is_none_or(|deadline| now <= deadline) {
            return;
        }
        known.settled = true;
        let leaves = known.commitment.leaves.clone();
        for leaf in leaves {
            if !self.voided.contains(&leaf.task) {
                *self.paid.entry(leaf.node).or_default() += leaf.units;
                self.paid_leaves.push(leaf);
            }
        }
        self.log.push(Event::RoundSettled { round });
    }

    /// The leaf of a task in a round.
    pub fn leaf(&self, round: u64, task: TaskId) -> Option<Leaf> {
        let known = self.rounds.get(usize::try_from(round).ok()?)?;
        known.commitment.leaves.iter().find(|leaf| leaf.task == task).copied()
    }

    /// Any leaf.
    pub fn first_leaf(&self) -> Option<Leaf> {
        self.rounds.first()?.commitment.leaves.first().copied()
    }

    /// Rounds committed.
    pub fn committed(&self) -> usize {
        self.rounds.len()
    }

    /// Whether every committed round is settled.
    pub fn all_settled(&self) -> bool {
        self.rounds.iter().all(|round| round.settled)
    }
}
