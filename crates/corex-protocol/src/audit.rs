//! Which leaves of a round are checked, and by whom: a pure function of public values, so that a coordinator,
//! a verifier and a bystander find the same answer.
//!
//! *Safety.* The rates and the verifiers are fixed when the round is committed, the beacon is drawn after it:
//! neither worker nor coordinator can know at the time of signing whether a leaf is checked. A worker never
//! checks itself. Whom to ask does not depend on results, so that a verifier can be asked before it is told what it
//! should find. *Liveness.* A leaf with rate `p` is drawn with probability `p`, independently of the others.

use std::collections::{BTreeMap, BTreeSet};

use corex_work::{Address, Beacon, Leaf, TaskId, keccak256};
use serde::{Deserialize, Serialize};

/// One in parts per million: certainty.
pub const ONE_PPM: u32 = 1_000_000;

/// Somebody who may be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verifier {
    /// Operator address.
    pub node: Address,
    /// Weight in the draw; zero is never drawn.
    pub stake: u128,
}

/// A leaf, as far as it matters for who checks it: what it says of the result does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlindLeaf {
    /// The leaf's task.
    pub task: TaskId,
    /// Who did it.
    pub node: Address,
}

impl From<&Leaf> for BlindLeaf {
    fn from(leaf: &Leaf) -> BlindLeaf {
        BlindLeaf { task: leaf.task, node: leaf.node }
    }
}

/// One leaf to check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// The leaf's task.
    pub task: TaskId,
    /// Who checks it; `None` if nobody but the worker could.
    pub verifier: Option<Address>,
}

/// Draws the audits of a round.
///
/// `rates` are in parts per million; a node without one is audited with certainty. `forced` leaves are audited
/// whatever the beacon says. The result is in the order of `leaves`.
pub fn audit_plan(
    beacon: Beacon,
    leaves: &[BlindLeaf],
    verifiers: &[Verifier],
    rates: &BTreeMap<Address, u32>,
    forced: &BTreeSet<TaskId>,
) -> Vec<Duty> {
    leaves
        .iter()
        .filter(|leaf| {
            let rate = rates.get(&leaf.node).copied().unwrap_or(ONE_PPM);
            forced.contains(&leaf.task) || is_drawn(beacon, leaf.task, rate)
        })
        .map(|leaf| Duty { task: leaf.task, verifier: draw_verifier(beacon, leaf, 0, verifiers) })
        .collect()
}

/// Whether the beacon picks a leaf at a rate in parts per million.
fn is_drawn(beacon: Beacon, task: TaskId, rate_ppm: u32) -> bool {
    let (draw, _) = draw(b"sample", beacon, task, 0);
    // draw / 2^64 < rate / 10^6
    u128::from(draw) * u128::from(ONE_PPM) < u128::from(rate_ppm) << 64
}

/// Draws the verifier of a leaf by stake, never its worker. `attempt` 0 is the duty of the plan; each further
/// one is an independent draw, for when a verifier does not answer.
pub fn draw_verifier(
    beacon: Beacon,
    leaf: &BlindLeaf,
    attempt: u32,
    verifiers: &[Verifier],
) -> Option<Address> {
    let eligible = || verifiers.iter().filter(|verifier| verifier.node != leaf.node);
    let total = eligible().fold(0u128, |sum, verifier| sum.saturating_add(verifier.stake));
    let (high, low) = draw(b"verifier", beacon, leaf.task, attempt);
    let point = (u128::from(high) << 64 | u128::from(low)).checked_rem(total)?;
    let mut below = 0u128;
    eligible()
        .find(|verifier| {
            below = below.saturating_add(verifier.stake);
            point < below
        })
        .map(|verifier| verifier.node)
}

/// 128 pseudorandom bits from the beacon for one purpose.
fn draw(purpose: &[u8], beacon: Beacon, task: TaskId, attempt: u32) -> (u64, u64) {
    let mut message = Vec::with_capacity(96);
    message.extend_from_slice(purpose);
    message.extend_from_slice(&beacon.0);
    message.extend_from_slice(&task.0);
    message.extend_from_slice(&attempt.to_be_bytes());
    let hash = keccak256(&message);
    let word =
        |from: usize| hash.iter().skip(from).take(8).fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    (word(0), word(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(n: u32, node: u8) -> BlindLeaf {
        BlindLeaf { task: TaskId(keccak256(&n.to_le_bytes())), node: Address([node; 20]) }
    }

    fn verifiers(stakes: &[u128]) -> Vec<Verifier> {
        let address = |n: usize| Address([100 + n as u8; 20]);
        stakes.iter().enumerate().map(|(n, &stake)| Verifier { node: address(n), stake }).collect()
    }

    #[test]
    fn the_rate_is_met_and_the_extremes_are_exact() {
        let leaves: Vec<BlindLeaf> = (0..20_000).map(|n| leaf(n, (n % 4) as u8)).collect();
        let rates = [(0, 0), (1, 50_000), (2, 500_000), (3, ONE_PPM)];
        let rates = rates.map(|(node, rate)| (Address([node; 20]), rate)).into_iter().collect();
        let plan = audit_plan(Beacon([1; 32]), &leaves, &verifiers(&[5]), &rates, &BTreeSet::new());
        let drawn: BTreeSet<TaskId> = plan.iter().map(|duty| duty.task).collect();
        let count =
            |node| leaves.iter().filter(|l| l.node == Address([node; 20]) && drawn.contains(&l.task)).count();
        assert_eq!(count(0), 0);
        assert!((200..300).contains(&count(1)), "{}", count(1));
        assert!((2400..2600).contains(&count(2)), "{}", count(2));
        assert_eq!(count(3), 5000);
    }

    #[test]
    fn unknown_nodes_and_forced_leaves_are_certain() {
        let leaves = [leaf(1, 1), leaf(2, 2)];
        let rates = [(Address([2; 20]), 0)].into_iter().collect();
        let none = BTreeSet::new();
        let plan = audit_plan(Beacon([1; 32]), &leaves, &[], &rates, &none);
        assert_eq!(plan, [Duty { task: leaves[0].task, verifier: None }]);
        let forced = [leaves[1].task].into_iter().collect();
        assert_eq!(audit_plan(Beacon([1; 32]), &leaves, &[], &rates, &forced).len(), 2);
    }

    #[test]
    fn verifiers_are_drawn_by_stake_and_never_check_themselves() {
        let all = verifiers(&[1, 0, 3, u128::MAX / 2]);
        let mut counts = BTreeMap::new();
        let small = &all[..3];
        for n in 0..4000 {
            let drawn = draw_verifier(Beacon([2; 32]), &leaf(n, 1), 0, small).unwrap();
            *counts.entry(drawn.0[0]).or_insert(0) += 1;
        }
        assert_eq!(counts.get(&101), None);
        let ratio = f64::from(counts[&102]) / f64::from(counts[&100]);
        assert!((2.5..3.6).contains(&ratio), "{counts:?}");

        for n in 0..100 {
            assert_eq!(draw_verifier(Beacon([2; 32]), &leaf(n, 100), n, &all[..2]), None);
            assert_eq!(draw_verifier(Beacon([2; 32]), &leaf(n, 102), n, small), Some(Address([100; 20])));
        }
        // Stakes whose sum does not fit must not panic.
        assert!(
            draw_verifier(Beacon([2; 32]), &leaf(1, 1), 0, &verifiers(&[u128::MAX, u128::MAX])).is_some()
        );
    }

    #[test]
    fn another_attempt_finds_another_verifier_in_the_end() {
        let all = verifiers(&[1, 1, 1]);
        let drawn: BTreeSet<_> =
            (0..64).map(|n| draw_verifier(Beacon([3; 32]), &leaf(1, 1), n, &all)).collect();
        assert_eq!(drawn.len(), 3);
    }
}
