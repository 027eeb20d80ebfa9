//! What is worth keeping of a run: the loss curve, the lineage, the money, the transactions.
//!
//! The book is rebuilt from the log and the chain when a job is resumed; it is no state of its own.

use corex_chain::{ChainEvent, Ruling};
use corex_protocol::{Effect, LineageEntry, Progress, TaskKey};
use corex_work::{Address, Hash32, Leaf, TaskId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::chain::ChainNews;
use crate::curve::Point;
use crate::lineage::{RoundRecord, TransactionRecord};

/// See the module.
#[derive(Debug, Default)]
pub struct Book {
    train: BTreeMap<u64, f32>,
    heldout: BTreeMap<u64, f32>,
    lineage: BTreeMap<TaskKey, LineageEntry>,
    rounds: BTreeMap<u64, (Hash32, Vec<Leaf>)>,
    transactions: BTreeMap<u64, Vec<TransactionRecord>>,
    /// Votes of each dispute: stake per outputs hash.
    votes: HashMap<u64, BTreeMap<Hash32, u128>>,
    convictions: Vec<Conviction>,
    reported: usize,
    slashes: HashMap<Hash32, u128>,
    /// Paid to providers from escrow, net of fees, in base units.
    pub paid: u128,
    /// The same to verifiers.
    pub paid_for_audits: u128,
    /// Fees on both.
    pub fees: u128,
    /// What of them was burned with the payment.
    pub burned: u128,
    /// What of them went to the splitter, which divides it.
    pub to_splitter: u128,
    /// Taken from stakes.
    pub slashed: u128,
    /// Claimed from the mining pool by any node.
    pub mined: u128,
    /// Gas of the coordinator's transactions about rounds.
    pub gas: u64,
}

/// A decided dispute that a node lost.
#[derive(Debug, Clone, Copy)]
pub struct Conviction {
    /// Who.
    pub node: Address,
    /// For which task.
    pub task: TaskId,
    tx: Hash32,
}

impl Book {
    /// Takes note of what the driver decided.
    pub fn note(&mut self, effect: &Effect) {
        match effect {
            Effect::Progress(Progress::Step { step, loss, .. }) => {
                self.train.insert(u64::from(*step), *loss);
            }
            Effect::Progress(Progress::Evaluated { step, loss }) => {
                self.heldout.insert(u64::from(*step), *loss);
            }
            Effect::Archive(entries) => {
                self.lineage.extend(entries.iter().map(|e| (e.key, e.clone())));
            }
            Effect::CommitRound(c) => {
                self.rounds.insert(c.round, (c.root, c.leaves.clone()));
            }
            _ => {}
        }
    }

    /// Takes note of what the chain says. Announcements come once each, in order.
    pub fn note_chain(&mut self, news: &ChainNews) {
        let event = match news {
            ChainNews::Sent { mined, .. } => {
                self.gas += mined.gas_used;
                return;
            }
            ChainNews::Event(event) => event,
            ChainNews::Stake { .. } | ChainNews::Trouble(_) => return,
        };
        let about = match &event.event {
            ChainEvent::RoundCommitted { round, .. } => Some((*round, "commit")),
            ChainEvent::BeaconDrawn { round, .. } => Some((*round, "beacon")),
            ChainEvent::Challenged { round, .. } => Some((*round, "challenge")),
            ChainEvent::DisputeResolved { round, .. } => Some((*round, "verdict")),
            ChainEvent::RoundSettled { round, .. } => Some((*round, "settle")),
            _ => None,
        };
        if let Some((round, what)) = about {
            let record = TransactionRecord { what: what.into(), tx: event.tx, block: event.block };
            self.transactions.entry(round).or_default().push(record);
        }
        match &event.event {
            ChainEvent::Paid { amount, audit: false, .. } => self.paid += amount.0,
            ChainEvent::Paid { amount, audit: true, .. } => self.paid_for_audits += amount.0,
            ChainEvent::FeesPaid { burned, to_splitter, premium, .. } => {
                self.fees += burned.0 + to_splitter.0 + premium.0;
                self.burned += burned.0;
                self.to_splitter += to_splitter.0;
            }
            ChainEvent::Slashed { burned, to_finder, to_job, .. } => {
                let total = burned.0 + to_finder.0 + to_job.0;
                self.slashed += total;
                *self.slashes.entry(event.tx).or_default() += total;
            }
            ChainEvent::Claimed { amount, .. } => self.mined += amount.0,
            ChainEvent::Voted { dispute, outputs_hash, stake, .. } => {
                *self.votes.entry(*dispute).or_default().entry(*outputs_hash).or_default() += stake.0;
            }
            ChainEvent::DisputeResolved { task, accused, ruling: Ruling::Guilty, .. } => {
                self.convictions.push(Conviction { node: *accused, task: *task, tx: event.tx });
            }
            _ => {}
        }
    }

    /// The outputs that most stake voted for.
    pub fn verdict_of(&self, dispute: u64) -> Option<Hash32> {
        self.votes.get(&dispute)?.iter().max_by_key(|(_, stake)| **stake).map(|(hash, _)| *hash)
    }

    /// A conviction that was not given out yet: node, task, and what was slashed.
    pub fn newly_convicted(&mut self) -> Option<(Address, TaskId, u128)> {
        let conviction = *self.convictions.get(self.reported)?;
        // The slash is announced in the same transaction, before or after the verdict.
        let slashed = *self.slashes.get(&conviction.tx)?;
        self.reported += 1;
        Some((conviction.node, conviction.task, slashed))
    }

    /// Nodes that lost a dispute, each once.
    pub fn convicted(&self) -> Vec<Address> {
        let nodes: BTreeSet<Address> = self.convictions.iter().map(|c| c.node).collect();
        nodes.into_iter().collect()
    }

    /// The training loss of every step.
    pub fn train_curve(&self) -> Vec<Point> {
        points(&self.train)
    }

    /// The held-out losses.
    pub fn heldout_curve(&self) -> Vec<Point> {
        points(&self.heldout)
    }

    /// Every task of the job, in order of execution.
    pub fn lineage(&self, order: impl Iterator<Item = TaskKey>) -> Vec<LineageEntry> {
        order.filter_map(|key| self.lineage.get(&key).cloned()).collect()
    }

    /// Every round, in order, with its transactions.
    pub fn rounds(&self) -> Vec<RoundRecord> {
        let record = |(round, (root, leaves)): (&u64, &(Hash32, Vec<Leaf>))| RoundRecord {
            round: *round,
            root: *root,
            leaves: leaves.clone(),
            transactions: self.transactions.get(round).cloned().unwrap_or_default(),
        };
        self.rounds.iter().map(record).collect()
    }
}

fn points(map: &BTreeMap<u64, f32>) -> Vec<Point> {
    map.iter().map(|(step, loss)| Point { step: *step, loss: *loss }).collect()
}
