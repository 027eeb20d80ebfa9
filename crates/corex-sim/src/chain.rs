//! A model of the contracts: commit, beacon, challenge, vote or game, settle. It enforces what the real ones enforce,
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
    disputes: BTreeMap<u64, Dispute>,
    settled: bool,
}

#[derive(Debug)]
struct Dispute {
    task: TaskId,
    challenger: Address,
    /// Last moment of the vote.
    deadline: u64,
    /// Of a game whose side to move has let its clock run out: how it ends as soon as somebody says so.
    due: Option<DisputeOutcome>,
    outcome: Option<DisputeOutcome>,
}

impl Round {
    fn open(&self, task: TaskId) -> impl Iterator<Item = (&u64, &Dispute)> {
        self.disputes.iter().filter(move |(_, dispute)| dispute.task == task && dispute.outcome.is_none())
    }
}

/// The chain's state and everything it ever announced.
#[derive(Debug, Default)]
pub struct Chain {
    rounds: Vec<Round>,
    /// Events in order; a watcher may read them from the start at any time.
    pub log: Vec<Event>,
    /// Units paid per node.
    pub paid: BTreeMap<Address, u64>,
    /// Every task that has a leaf, with the round of the last one.
    leaves: BTreeMap<TaskId, u64>,
    /// Disputes are games: many about one leaf, one per challenger, each won or lost alone.
    games: bool,
    next_dispute: u64,
    /// Nodes that lost a dispute.
    pub slashed: BTreeSet<Address>,
    /// Nodes that lost a dispute because they did not answer.
    pub silent: BTreeSet<Address>,
    /// Leaves that lost a dispute, with their rounds.
    pub voided: BTreeSet<(u64, TaskId)>,
    /// Leaves with a dispute that found no quorum, or whose challenger did not play to the end.
    pub undecided: BTreeSet<TaskId>,
    /// Leaves with a challenge that came after the window.
    pub late: BTreeSet<TaskId>,
    /// Disputes that found no quorum.
    pub expired: u64,
    /// Leaves whose round is settled and that were paid.
    pub paid_leaves: Vec<Leaf>,
}

impl Chain {
    /// Nothing has happened yet.
    pub fn new(games: bool) -> Chain {
        Chain { games, ..Chain::default() }
    }

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
        let sums = payouts(leaves.iter().map(|leaf| (leaf.node, leaf.units))).unwrap_or_default();
        if MerkleTree::new(hashes).root() != commitment.root
            || sums != commitment.payouts
            || payouts_hash(&sums) != commitment.payouts_hash
        {
            return Err(format!("round {index}: root or payouts do not belong to the leaves"));
        }
        for leaf in leaves {
            let before = self.leaves.insert(leaf.task, commitment.round);
            if before.is_some_and(|round| !self.voided.contains(&(round, leaf.task))) {
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

    /// Opens a dispute and says which. None after the window. Votes: one at a time per leaf, none once the leaf is decided.
    /// Games: one at a time per challenger, none once the leaf is void.
    pub fn challenge(&mut self, now: u64, round: u64, task: TaskId, challenger: Address) -> Option<u64> {
        let (games, number) = (self.games, self.next_dispute);
        let is_void = self.voided.contains(&(round, task));
        let known = self.round(round)?;
        let exists = known.commitment.leaves.iter().any(|leaf| leaf.task == task && leaf.node != challenger);
        let in_time = known.deadline.is_some_and(|deadline| now <= deadline);
        let mut about_it = known.disputes.values().filter(|dispute| dispute.task == task);
        let is_taken = match games {
            true => {
                is_void
                    || about_it.any(|dispute| dispute.outcome.is_none() && dispute.challenger == challenger)
            }
            false => about_it.any(|dispute| dispute.outcome != Some(DisputeOutcome::Expired)),
        };
        if exists && !in_time {
            self.late.insert(task);
            return None;
        }
        if !exists || is_taken {
            return None;
        }
        let dispute = Dispute { task, challenger, deadline: now + VOTE_MS, due: None, outcome: None };
        known.disputes.insert(number, dispute);
        self.next_dispute += 1;
        self.log.push(Event::Challenged { dispute: number, round, task, challenger });
        Some(number)
    }

    /// A game is played to its end, or one side's clock has run out and `outcome` is for whoever says so.
    pub fn end_game(&mut self, round: u64, number: u64, outcome: DisputeOutcome, is_silent: bool) {
        let dispute = self.round(round).and_then(|round| round.disputes.get_mut(&number));
        let Some(dispute) = dispute.filter(|dispute| dispute.outcome.is_none()) else { return };
        match is_silent {
            true => dispute.due = Some(outcome),
            false => self.rule(round, number, outcome),
        }
    }

    fn rule(&mut self, round: u64, number: u64, outcome: DisputeOutcome) {
        let Some(known) = self.rounds.get_mut(usize::try_from(round).unwrap_or(usize::MAX)) else { return };
        let Some(dispute) = known.disputes.get_mut(&number) else { return };
        let task = dispute.task;
        let is_void = self.voided.contains(&(round, task));
        // A leaf is convicted once.
        let outcome = if is_void { DisputeOutcome::Expired } else { outcome };
        dispute.outcome = Some(outcome);
        let leaf = known.commitment.leaves.iter().find(|leaf| leaf.task == task);
        if let (DisputeOutcome::Guilty { .. }, Some(leaf)) = (outcome, leaf) {
            self.slashed.insert(leaf.node);
            self.voided.insert((round, task));
        }
        self.log.push(Event::DisputeResolved { dispute: number, round, task, outcome });
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
            outputs_hash => DisputeOutcome::Guilty { outputs_hash: Some(outputs_hash) },
        };
        let open = known.open(task).map(|(number, _)| *number).next();
        if let Some(number) = open {
            self.rule(round, number, outcome);
        }
    }

    /// Ends disputes that found no quorum in time, games whose clock has run out, and games about a leaf that is void. Like the
    /// real one, the chain does nothing by itself: whoever wants a dispute to end must say so.
    pub fn expire(&mut self, now: u64, round: u64, task: TaskId) {
        let (games, is_void) = (self.games, self.voided.contains(&(round, task)));
        let Some(known) = self.round(round) else { return };
        let accused = known.commitment.leaves.iter().find(|leaf| leaf.task == task).map(|leaf| leaf.node);
        let late = known.open(task).filter_map(|(number, dispute)| match games {
            true if is_void => Some((*number, DisputeOutcome::Expired)),
            true => Some((*number, dispute.due?)),
            false => (now > dispute.deadline).then_some((*number, DisputeOutcome::Expired)),
        });
        let late: Vec<_> = late.collect();
        for (number, outcome) in late {
            match outcome {
                DisputeOutcome::Guilty { .. } => self.silent.extend(accused),
                _ if !is_void => _ = self.undecided.insert(task),
                _ => {}
            }
            self.expired += 1;
            self.rule(round, number, outcome);
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
            if !self.voided.contains(&(round, leaf.task)) {
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
