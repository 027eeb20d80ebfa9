//! Doubts: verifiers contradict a leaf, and neither the chain nor two thirds of their stake say who is right.
//!
//! The result is taken out of use, and providers that have not spoken yet evaluate the task, one after the other,
//! until one outcome leads by [`LEAD`], verdicts and statements together. Nobody is believed for being first, and one
//! accomplice is never enough, on either side.
//!
//! *Safety.* A doubt ends in the honest outcome if those who tell the truth are more than those who agree on one and
//! the same lie, counting all who are asked until the lead is reached. *Liveness.* When there is nobody left to ask,
//! the outcome with the most voices is taken, and a person is told.

use std::collections::BTreeMap;

use corex_work::{Address, Hash32, SignedReceipt, TaskId};

use super::JobDriver;
use crate::effect::{BanReason, Warning};
use crate::ledger::Doubt;

/// Voices by which an outcome must lead.
const LEAD: usize = 3;

/// A doubt is ended with what is known after this many audit timeouts without news, even if someone could be asked.
const LONGEST: u64 = 10;

impl JobDriver {
    /// Opens a doubt about the result that stands.
    pub(super) fn doubt(&mut self, task: TaskId, verdicts: BTreeMap<Address, Hash32>) {
        let now = self.now;
        let Some(entry) = self.ledger.get_mut(&task) else { return };
        if entry.decided.is_some() || entry.doubt.is_some() {
            return;
        }
        let accused = entry.receipt.receipt.node;
        let statements = [(accused, entry.receipt.clone())].into();
        entry.doubt = Some(Doubt { accused, verdicts, statements, since: now });
        let key = entry.key;
        self.void(key, task);
        if let Some(open) = self.open.get_mut(&task) {
            open.expected = None;
            open.refused = [accused].into();
        }
        self.warn(Warning::Doubted(task));
    }

    /// A node evaluated a doubted task. Its receipt has the right shape.
    pub(super) fn testify(&mut self, node: Address, task: TaskId, signed: SignedReceipt) {
        self.end_lease(node, task);
        if let Some(open) = self.open.get_mut(&task) {
            open.refused.insert(node);
        }
        let now = self.now;
        let Some(doubt) = self.ledger.get_mut(&task).and_then(|entry| entry.doubt.as_mut()) else { return };
        if doubt.statements.contains_key(&node) {
            return;
        }
        doubt.statements.insert(node, signed);
        doubt.since = now;
        self.weigh(task, false);
    }

    /// Ends doubts about which nobody is left to ask.
    pub(super) fn end_doubts(&mut self) {
        let timeout = self.config.audit_timeout_ms;
        let waiting: Vec<TaskId> = self
            .open
            .iter()
            .filter_map(|(task, open)| {
                let doubt = self.ledger.get(task)?.doubt.as_ref()?;
                let waited = self.now.saturating_sub(doubt.since);
                let someone = self.nodes.iter().any(|(address, node)| {
                    node.connected
                        && !node.is_banned()
                        && node.info.roles.provider
                        && !open.refused.contains(address)
                });
                let over = waited >= timeout && !someone && open.leases.is_empty();
                (over || waited >= timeout.saturating_mul(LONGEST)).then_some(*task)
            })
            .collect();
        waiting.into_iter().for_each(|task| self.weigh(task, true));
    }

    /// Counts the voices; `anyway` takes the outcome with the most of them, however few.
    fn weigh(&mut self, task: TaskId, anyway: bool) {
        let Some(doubt) = self.ledger.get(&task).and_then(|entry| entry.doubt.as_ref()) else { return };
        // Hash, and voices with the stake behind them.
        let mut voices: BTreeMap<Hash32, (usize, u128)> = BTreeMap::new();
        let verdicts = doubt.verdicts.iter().map(|(who, hash)| (*who, *hash));
        let statements = doubt.statements.iter().map(|(who, said)| (*who, said.receipt.outputs_hash()));
        for (who, hash) in verdicts.chain(statements) {
            let Some(node) = self.nodes.get(who).filter(|node| !node.is_banned()) else { continue };
            let (count, stake) = voices.entry(hash).or_default();
            *count += 1;
            *stake = stake.saturating_add(node.info.stake);
        }
        let mut ranking: Vec<((usize, u128), Hash32)> =
            voices.into_iter().map(|(hash, v)| (v, hash)).collect();
        ranking.sort_unstable_by(|a, b| b.cmp(a));
        let has_outputs = |hash: &Hash32| self.statement(task, *hash).is_some();
        let winner = match ranking.as_slice() {
            // Only what somebody delivered can be used.
            _ if anyway => ranking.iter().map(|(_, hash)| *hash).find(has_outputs),
            [((first, _), hash), rest @ ..] => {
                let second = rest.first().map_or(0, |((count, _), _)| *count);
                (*first >= second + LEAD && has_outputs(hash)).then_some(*hash)
            }
            [] => None,
        };
        if let Some(winner) = winner {
            self.end_doubt(task, winner);
        }
    }

    /// Someone's receipt with these outputs; of someone who is not banned, preferably connected.
    fn statement(&self, task: TaskId, hash: Hash32) -> Option<&SignedReceipt> {
        let statements = &self.ledger.get(&task)?.doubt.as_ref()?.statements;
        let known = statements
            .iter()
            .filter(|(_, said)| said.receipt.outputs_hash() == hash)
            .filter_map(|(who, said)| Some((self.nodes.get(*who)?, said)))
            .filter(|(node, _)| !node.is_banned());
        known.max_by_key(|(node, _)| node.connected).map(|(_, said)| said)
    }

    fn end_doubt(&mut self, task: TaskId, right: Hash32) {
        let Some(receipt) = self.statement(task, right).cloned() else { return };
        let Some(doubt) = self.ledger.get_mut(&task).and_then(|entry| entry.doubt.take()) else { return };
        self.ledger.restore(task, receipt);
        let Some(key) = self.ledger.get(&task).map(|entry| entry.key) else { return };
        let is_place = self.open_places.get(&key) == Some(&task);
        self.close(task, None);
        if is_place {
            self.set_result(key, task);
        }
        self.warn(Warning::SettledByMajority(task));

        for (verifier, _) in doubt.verdicts.iter().filter(|(_, found)| **found != right) {
            if let Some(node) = self.nodes.get_mut(*verifier) {
                node.reputation.outvoted = node.reputation.outvoted.saturating_add(1);
            }
        }
        for (node, said) in &doubt.statements {
            if said.receipt.outputs_hash() == right {
                continue;
            }
            if *node == doubt.accused {
                self.audits_failed += 1;
                self.ban(*node, BanReason::Doubted(task));
            } else {
                self.note_fault(*node);
            }
        }
        self.replan = true;
    }
}
