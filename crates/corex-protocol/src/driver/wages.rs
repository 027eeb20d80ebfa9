//! What verifiers earn: a leaf done again is work like the leaf itself.
//!
//! Paid is who was asked, answered, and was right: what the chain or a decision says of the leaf, and of leaves that nobody
//! contradicted what the leaf says. So silence earns nothing, neither does a verdict that was outvoted, and nobody earns by
//! sending verdicts about leaves that it was not drawn for.

use corex_work::{Address, Hash32, Payout, TaskId, payouts};

use super::rounds::Round;

impl Round {
    /// What the round's audits come to, per verifier, ascending by node.
    /// `decided`: the right result of a task, where that was in doubt. `trusted`: whose verdicts still count.
    pub(super) fn wages(
        &self,
        decided: impl Fn(&TaskId) -> Option<Hash32>,
        trusted: impl Fn(Address) -> bool,
    ) -> Vec<Payout> {
        let right = self.duties.iter().flat_map(|(task, duty)| {
            let leaf = self.leaf(task);
            let right = decided(task);
            let void = self.convicted.contains(task);
            duty.verdicts.iter().filter_map(move |(verifier, found)| {
                let leaf = leaf?;
                let agrees = match right {
                    Some(right) => *found == right,
                    None => (*found == leaf.outputs_hash) != void,
                };
                agrees.then_some((*verifier, leaf.units))
            })
        });
        // A specification bounds the units of a task far below 2^64 per round: the sum exists.
        payouts(right.filter(|(verifier, _)| trusted(*verifier))).unwrap_or_default()
    }
}
