//! Who should do a task: the node that is expected to have it finished first.
//!
//! The estimate adds what is queued at the node, the inputs it would have to fetch, and the time it needs. Slow
//! nodes are not shut out: they are judged (leases, stragglers) by their own speed, and evaluations, which hold
//! nothing up, go to whoever has earned least. Who holds the inputs is preferred only while it has not earned more than
//! its peers.

use std::collections::BTreeMap;

use corex_work::{Address, BlobId};

use crate::blobs::Blobs;
use crate::config::Config;
use crate::dag::TaskKey;
use crate::event::Holder;
use crate::nodes::{Node, Nodes};

/// Blobs shorter than this do not decide where a task goes.
const NEGLIGIBLE_BYTES: u64 = 1 << 10;

/// Times that differ by less than this part of a task are equal.
const NEGLIGIBLE_PART: u64 = 4;

/// A choice of node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) node: Address,
    /// Computation alone, in ms.
    pub(crate) compute_ms: u64,
    /// Until the result is expected, in ms from now.
    pub(crate) finish_ms: u64,
    /// The part of it that is for bringing inputs.
    pub(crate) fetch_ms: u64,
    /// The rest.
    without_fetch_ms: u64,
}

/// What is to be placed.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) key: TaskKey,
    pub(crate) units: u64,
    /// Program and inputs.
    pub(crate) blobs: &'a [BlobId],
    /// Only nodes without any task: for second copies, which must not delay other work.
    pub(crate) idle_only: bool,
}

/// Chooses among the usable nodes for which `allowed` holds.
pub(crate) fn choose(
    now: u64,
    nodes: &Nodes,
    blobs: &Blobs,
    config: &Config,
    request: Request<'_>,
    allowed: impl Fn(Address) -> bool,
) -> Option<Choice> {
    let usable = nodes.iter().filter(|(address, node)| {
        node.is_usable(now)
            && node.capacity(config) > 0
            && (!request.idle_only || node.load() == 0)
            && allowed(**address)
    });
    let (total, held) = transfers(blobs, request.blobs);
    let estimate = |address: Address, node: &Node| {
        let compute_ms = node.expected_ms(request.key, request.units, config);
        let missing = total.saturating_sub(held.get(&address).copied().unwrap_or(0));
        let fetch_ms = missing / config.bytes_per_ms.max(1);
        let without_fetch_ms = node.busy_ms().saturating_add(compute_ms);
        let finish_ms = without_fetch_ms.saturating_add(fetch_ms);
        Choice { node: address, compute_ms, finish_ms, fetch_ms, without_fetch_ms }
    };
    let choices = usable.map(|(address, node)| (node, estimate(*address, node)));
    let best = if matches!(request.key, TaskKey::Eval { .. }) {
        choices.min_by_key(|(node, choice)| {
            (node.load(), node.reputation().units, choice.finish_ms, choice.node)
        })
    } else {
        fair(choices.collect(), request.units)
    };
    best.map(|(_, choice)| choice)
}

/// The one that finishes first, unless it has earned more than [`tolerance`] beyond someone who could do it as well if
/// the inputs were there: holding them must not be a rent. So equal nodes end up with equal shares, and inputs move only
/// when the work changes hands.
fn fair(choices: Vec<(&Node, Choice)>, units: u64) -> Option<(&Node, Choice)> {
    let earned = |node: &Node| node.reputation().units;
    let first =
        choices.iter().copied().min_by_key(|(node, choice)| (choice.finish_ms, earned(node), choice.node))?;
    let as_good = first.1.without_fetch_ms.saturating_add(first.1.compute_ms / NEGLIGIBLE_PART);
    let peers = choices.iter().copied().filter(|(_, choice)| choice.without_fetch_ms <= as_good);
    let poorest = peers.min_by_key(|(node, choice)| (earned(node), choice.finish_ms, choice.node))?;
    let lead = earned(first.0).saturating_sub(earned(poorest.0));
    Some(if lead > tolerance(earned(poorest.0), units) { poorest } else { first })
}

/// Units by which a node may be ahead of its peers: a task, or a small share of what they have.
fn tolerance(earned: u64, task_units: u64) -> u64 {
    task_units.max(earned / 50)
}

/// Bytes of all needed blobs together, and how many of them each node already holds.
fn transfers(blobs: &Blobs, needed: &[BlobId]) -> (u64, BTreeMap<Address, u64>) {
    let mut total = 0u64;
    let mut held: BTreeMap<Address, u64> = BTreeMap::new();
    for blob in needed {
        let bytes = blobs.bytes(blob).unwrap_or(0);
        if bytes < NEGLIGIBLE_BYTES {
            continue;
        }
        total = total.saturating_add(bytes);
        for holder in blobs.live(blob) {
            if let Holder::Node(node) = holder {
                let sum = held.entry(*node).or_default();
                *sum = sum.saturating_add(bytes);
            }
        }
    }
    (total, held)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{NodeInfo, Roles};

    fn network(speeds: &[u64]) -> Nodes {
        let mut nodes = Nodes::default();
        for (n, &units_per_s) in speeds.iter().enumerate() {
            let roles = Roles { provider: true, verifier: false };
            nodes.join(NodeInfo { node: address(n), roles, units_per_s, slots: 1, stake: 0 });
        }
        nodes
    }

    fn address(n: usize) -> Address {
        Address([n as u8 + 1; 20])
    }

    fn pick(nodes: &Nodes, blobs: &Blobs, key: TaskKey, needed: &[BlobId]) -> Option<Address> {
        let request = Request { key, units: 1_000, blobs: needed, idle_only: false };
        choose(0, nodes, blobs, &Config::default(), request, |_| true).map(|choice| choice.node)
    }

    const GRAD: TaskKey = TaskKey::Grad { step: 0, shard: 0 };

    #[test]
    fn the_fastest_until_its_queue_is_longer_than_the_slow_one_takes() {
        let mut nodes = network(&[100, 150, 10]);
        let blobs = Blobs::default();
        assert_eq!(pick(&nodes, &blobs, GRAD, &[]), Some(address(1)));
        nodes.get_mut(address(1)).unwrap().active.insert(corex_work::TaskId([1; 32]), 6_666);
        assert_eq!(pick(&nodes, &blobs, GRAD, &[]), Some(address(0)));
        nodes.get_mut(address(0)).unwrap().active.insert(corex_work::TaskId([2; 32]), 10_000);
        // 13.3 s behind its first task on the fast node still beats 100 s on the slow one.
        assert_eq!(pick(&nodes, &blobs, GRAD, &[]), Some(address(1)));
    }

    #[test]
    fn a_holder_of_big_inputs_is_preferred() {
        let nodes = network(&[100, 100]);
        let mut blobs = Blobs::default();
        let big = BlobId([9; 32]);
        blobs.track(0, big, Some(1 << 30));
        blobs.connect(address(1));
        blobs.held(Holder::Node(address(1)), big);
        assert_eq!(pick(&nodes, &blobs, GRAD, &[big]), Some(address(1)));
        assert_eq!(pick(&nodes, &blobs, GRAD, &[]), Some(address(0)));
    }

    #[test]
    fn a_holder_that_has_earned_more_than_its_peers_waits_for_them() {
        let mut nodes = network(&[100, 100, 10]);
        let mut blobs = Blobs::default();
        let big = BlobId([9; 32]);
        blobs.track(0, big, Some(1 << 30));
        blobs.connect(address(1));
        blobs.held(Holder::Node(address(1)), big);
        let mut pick_at = |units: u64| {
            nodes.get_mut(address(1)).unwrap().reputation.units = units;
            pick(&nodes, &blobs, GRAD, &[big])
        };
        assert_eq!(pick_at(1_000), Some(address(1)));
        // The slow node has earned as little, but it is no peer.
        assert_eq!(pick_at(1_001), Some(address(0)));
    }

    #[test]
    fn evaluations_go_to_whoever_has_earned_least() {
        let mut nodes = network(&[1000, 1]);
        nodes.get_mut(address(0)).unwrap().reputation.units = 5;
        assert_eq!(pick(&nodes, &Blobs::default(), TaskKey::Eval { step: 0 }, &[]), Some(address(1)));
    }

    #[test]
    fn banned_full_and_foreign_nodes_are_never_chosen() {
        let mut nodes = network(&[1, 1, 1]);
        nodes.get_mut(address(0)).unwrap().banned =
            Some(crate::effect::BanReason::Malformed(Default::default()));
        nodes.get_mut(address(1)).unwrap().info.roles.provider = false;
        let full = nodes.get_mut(address(2)).unwrap();
        full.active.insert(corex_work::TaskId([1; 32]), 1);
        full.active.insert(corex_work::TaskId([2; 32]), 1);
        assert_eq!(pick(&nodes, &Blobs::default(), GRAD, &[]), None);
    }
}
