//! Transactions, votes, and what a watcher of the chain sees.

use corex_work::{Address, TaskId, outputs_hash};

use super::{Item, Tx, World};
use crate::honest;
use crate::scenario::Verifier;

impl World {
    /// Schedules what the chain announced since the last look.
    pub(super) fn watch(&mut self) {
        for index in self.seen_news..self.chain.log.len() {
            let delay = self.delay();
            self.after(delay, Item::News(index));
            if self.rng.percent(self.scenario.duplicate_percent) {
                let again = self.delay();
                self.after(again, Item::News(index));
            }
        }
        self.seen_news = self.chain.log.len();
    }

    pub(super) fn transact(&mut self, tx: Tx) {
        // Transactions get lost too; the driver repeats what it hears nothing of.
        if !self.rng.percent(self.scenario.drop_percent) {
            let delay = self.delay();
            self.after(delay, Item::Tx(tx));
        }
    }

    pub(super) fn include(&mut self, tx: Tx) {
        match tx {
            Tx::Commit(commitment) => {
                if let Err(what) = self.chain.commit(self.now, commitment) {
                    self.violation = Some(self.violated(what));
                }
            }
            Tx::Draw(round) => {
                let entropy = self.rng.bits();
                self.chain.draw(self.now, round, entropy);
            }
            Tx::Settle(round) => self.chain.settle(self.now, round),
            Tx::Challenge { round, task, challenger } => {
                let jurors = self.nodes.values().filter(|node| node.info.roles.verifier);
                if jurors.count() > 1 && self.chain.challenge(self.now, round, task, challenger) {
                    // Who is down at first may be back for the second.
                    for delay in [1_500, 3_500] {
                        self.after(delay, Item::Tx(Tx::Resolve { round, task, challenger }));
                    }
                }
            }
            Tx::Resolve { round, task, challenger } => self.vote(round, task, challenger),
        }
        self.watch();
    }

    fn vote(&mut self, round: u64, task: TaskId, challenger: Address) {
        let Some(leaf) = self.chain.leaf(round, task) else { return };
        let Some(count) = self.output_counts.get(&task).copied() else { return };
        let right = outputs_hash(&honest::outputs(task, count));
        let electors = self.nodes.values();
        let electors = electors.filter(|node| node.info.roles.verifier && node.info.node != challenger);
        let total = electors.clone().map(|node| node.info.stake).sum();
        let votes: Vec<_> = electors
            .filter(|node| node.up)
            .filter_map(|node| match node.verifier {
                Verifier::Honest | Verifier::Liar | Verifier::Slanderer => Some((right, node.info.stake)),
                Verifier::Colluding => Some((leaf.outputs_hash, node.info.stake)),
                Verifier::Silent | Verifier::Abstaining => None,
            })
            .collect();
        self.chain.resolve(round, task, &votes, total);
    }
}
