//! Transactions, votes, games, and what a watcher of the chain sees.

use corex_protocol::DisputeOutcome;
use corex_work::{Address, TaskId, outputs_hash};

use super::{Item, Tx, World};
use crate::honest;
use crate::scenario::Verifier;

/// A game takes at least so long, and up to [`GAME_MS`] more.
const SHORTEST_GAME_MS: u64 = 500;
const GAME_MS: u64 = 2_500;
/// A side that is away for so many times this long has let its clock run out.
const CLOCK_MS: u64 = 2_000;
const CLOCKS: u32 = 3;

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
                if self.scenario.games {
                    if let Some(dispute) = self.chain.challenge(self.now, round, task, challenger) {
                        let delay = SHORTEST_GAME_MS + self.rng.below(GAME_MS);
                        let end = Tx::EndGame { round, task, dispute, challenger, waited: 0 };
                        self.after(delay, Item::Tx(end));
                    }
                } else if jurors.count() > 1
                    && self.chain.challenge(self.now, round, task, challenger).is_some()
                {
                    // Who is down at first may be back for the second.
                    for delay in [1_500, 3_500] {
                        self.after(delay, Item::Tx(Tx::Resolve { round, task, challenger }));
                    }
                }
            }
            Tx::Resolve { round, task, challenger } => self.vote(round, task, challenger),
            Tx::EndGame { round, task, dispute, challenger, waited } => {
                self.end_game((round, task, dispute), challenger, waited);
            }
        }
        self.watch();
    }

    /// Ends a game with the truth if both sides are there, and against the one that stays away else. A node that lost its disk
    /// has nothing to answer with.
    fn end_game(&mut self, game: (u64, TaskId, u64), challenger: Address, waited: u32) {
        let (round, task, dispute) = game;
        let Some(leaf) = self.chain.leaf(round, task) else { return };
        let Some(count) = self.output_counts.get(&task).copied() else { return };
        let plays = |node: Address, knows: bool| {
            self.nodes.get(&node).is_some_and(|node| node.up && (knows || node.cache.contains_key(&task)))
        };
        let means_it = self.nodes.get(&challenger).is_some_and(|node| node.verifier != Verifier::Liar);
        let is_wrong = leaf.outputs_hash != outputs_hash(&honest::outputs(task, count));
        let guilty = DisputeOutcome::Guilty { outputs_hash: None };
        let (outcome, is_silent) = match (plays(leaf.node, false), plays(challenger, true)) {
            (true, true) => (if is_wrong && means_it { guilty } else { DisputeOutcome::Unproven }, false),
            _ if waited < CLOCKS => {
                let end = Tx::EndGame { round, task, dispute, challenger, waited: waited + 1 };
                return self.after(CLOCK_MS, Item::Tx(end));
            }
            (false, _) => (guilty, true),
            (true, false) => (DisputeOutcome::Unproven, true),
        };
        self.chain.end_game(round, dispute, outcome, is_silent);
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
