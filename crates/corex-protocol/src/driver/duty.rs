//! The audit of one leaf: how far it is, who was asked, who said what.

use std::collections::{BTreeMap, BTreeSet};

use corex_work::{Address, Hash32, SignedVerdict};

use crate::config::Config;

/// The audit of one leaf.
#[derive(Clone, Debug, Default)]
pub(crate) struct DutyState {
    pub(super) stage: Stage,
    /// Counts the draws of a verifier.
    pub(super) attempt: u32,
    /// Whose verdicts count: everyone who was given what a verdict needs.
    pub(super) asked: BTreeSet<Address>,
    /// The first verdict of each.
    pub(super) verdicts: BTreeMap<Address, Hash32>,
    /// Verdicts that contradict the leaf: who gave them is shown the leaf until a dispute opens.
    pub(super) objections: BTreeMap<Address, SignedVerdict>,
    /// When those are shown the leaf again.
    pub(super) reveal_at: u64,
    /// How often each verifier let its time pass.
    pub(super) unanswered: BTreeMap<Address, u32>,
    /// A contradiction has led to no decision: no dispute opened in time, or one expired.
    pub(super) undecided: bool,
    /// While a dispute is open: who has been given what a vote or a second opinion needs.
    pub(super) briefed: BTreeSet<Address>,
    /// Open disputes on chain, with their challengers.
    pub(super) disputes: BTreeMap<u64, Address>,
    /// Disputes that have ended: news of them may come again.
    pub(super) over: BTreeSet<u64>,
    /// Who lost a game about the leaf: nobody listens to them any more.
    pub(super) lost: BTreeSet<Address>,
    /// When another verifier is asked for a second opinion about a disputed leaf.
    pub(super) next_opinion: u64,
    /// It was counted as passed.
    pub(super) passed: bool,
    /// Times that a verifier could not get an input.
    failures: u32,
    /// Nobody is asked before.
    pub(super) not_before: u64,
    /// When verifiers that are away are no longer waited for; set by the first contradiction.
    pub(super) patience_ends: u64,
}

/// How far an audit is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nobody is asked at the moment.
    #[default]
    Unasked,
    /// A verifier is evaluating.
    Asked { verifier: Address, deadline: u64 },
    /// A verifier disagrees; a dispute should open.
    Contested { deadline: u64 },
    /// The chain is deciding.
    Disputed,
    /// Answered.
    Closed,
}

impl DutyState {
    /// The chain had its chance to decide a contradiction: draws again.
    pub(super) fn nothing_decided(&mut self) {
        self.undecided = true;
        self.next_verifier();
    }

    /// Draws again.
    pub(super) fn next_verifier(&mut self) {
        self.attempt = self.attempt.saturating_add(1);
        self.stage = Stage::Unasked;
    }

    /// Draws again after a pause, longer each time.
    pub(super) fn pause(&mut self, now: u64, config: &Config) {
        self.not_before = now.saturating_add(config.backoff_ms(self.failures));
        self.failures = self.failures.saturating_add(1);
        self.next_verifier();
    }

    /// What was missing is there: asks at once.
    pub(super) fn resume(&mut self) {
        (self.failures, self.not_before) = (0, 0);
    }

    /// Whether somebody is a challenger of the leaf.
    pub(super) fn challenges(&self, node: Address) -> bool {
        self.disputes.values().any(|challenger| *challenger == node)
    }

    /// A challenger lost a game.
    pub(super) fn disbelieve(&mut self, loser: Address) {
        self.verdicts.remove(&loser);
        self.lost.insert(loser);
    }

    /// Whether a verifier found something else than the leaf says.
    pub(super) fn is_contradicted(&self, leaf: Hash32) -> bool {
        self.verdicts.values().any(|found| *found != leaf)
    }

    /// The hash that at least two thirds of a stake found. `electorate` are all whose verdict counts, present or not.
    pub(super) fn quorum(&self, electorate: &BTreeMap<Address, u128>) -> Option<Hash32> {
        let sum = |stakes: &mut dyn Iterator<Item = u128>| stakes.fold(0, u128::saturating_add);
        let total = sum(&mut electorate.values().copied());
        let needed = total - total / 3;
        let hashes: BTreeSet<Hash32> = self.verdicts.values().copied().collect();
        hashes.into_iter().find(|hash| {
            let agree = self.verdicts.iter().filter(|(_, found)| *found == hash);
            let stake = sum(&mut agree.filter_map(|(verifier, _)| electorate.get(verifier).copied()));
            stake > 0 && stake >= needed
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_thirds_of_the_stake_decide_whoever_is_silent() {
        let electorate: BTreeMap<Address, u128> =
            [(1, 10), (2, 10), (3, 10)].map(|(n, s)| (Address([n; 20]), s)).into();
        let (right, wrong) = (Hash32([1; 32]), Hash32([2; 32]));
        let quorum = |verdicts: &[(u8, Hash32)]| {
            let verdicts = verdicts.iter().map(|(n, hash)| (Address([*n; 20]), *hash)).collect();
            DutyState { verdicts, ..DutyState::default() }.quorum(&electorate)
        };
        assert_eq!(quorum(&[]), None);
        assert_eq!(quorum(&[(1, right)]), None);
        assert_eq!(quorum(&[(1, right), (2, wrong)]), None);
        assert_eq!(quorum(&[(1, right), (2, wrong), (3, right)]), Some(right));
        assert_eq!(quorum(&[(1, right), (9, right)]), None, "no stake, no weight");
        let huge = [(Address([1; 20]), u128::MAX), (Address([2; 20]), u128::MAX)].into();
        let duty = DutyState { verdicts: [(Address([1; 20]), right)].into(), ..DutyState::default() };
        assert_eq!(duty.quorum(&huge), Some(right), "sums that do not fit do not panic");
    }
}
