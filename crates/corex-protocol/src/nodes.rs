//! What is known of each node: connection, load, speed, failures, reputation.

use std::collections::{BTreeMap, BTreeSet};

use corex_work::{Address, TaskId};

use crate::config::Config;
use crate::dag::TaskKey;
use crate::effect::BanReason;
use crate::event::NodeInfo;
use crate::reputation::Reputation;

/// A verifier that was outvoted this often is not asked again: it would put every leaf in doubt.
const MOST_OUTVOTED: u32 = 3;

/// Speed is learned per kind of task, because units of different kinds need not cost the same time.
fn kind(key: TaskKey) -> usize {
    match key {
        TaskKey::Init => 0,
        TaskKey::Grad { .. } => 1,
        TaskKey::Update { .. } => 2,
        TaskKey::Eval { .. } => 3,
    }
}

/// One node of the job, connected or not.
#[derive(Clone, Debug)]
pub struct Node {
    pub(crate) info: NodeInfo,
    pub(crate) connected: bool,
    pub(crate) banned: Option<BanReason>,
    /// Tasks it has now, with their expected time in ms.
    pub(crate) active: BTreeMap<TaskId, u64>,
    /// Learned nanoseconds per unit, per kind of task.
    ns_per_unit: [Option<u64>; 4],
    last_done: u64,
    consecutive_failures: u32,
    not_before: u64,
    pub(crate) reputation: Reputation,
}

impl Node {
    fn new(info: NodeInfo) -> Node {
        Node {
            info,
            connected: false,
            banned: None,
            active: BTreeMap::new(),
            ns_per_unit: [None; 4],
            last_done: 0,
            consecutive_failures: 0,
            not_before: 0,
            reputation: Reputation::default(),
        }
    }

    /// What the node said when it joined.
    pub fn info(&self) -> &NodeInfo {
        &self.info
    }

    /// Whether it is connected.
    pub fn is_connected(&self) -> bool {
        self.connected
    }

    /// Whether it is banned from the job.
    pub fn is_banned(&self) -> bool {
        self.banned.is_some()
    }

    /// Tasks assigned to it now.
    pub fn load(&self) -> usize {
        self.active.len()
    }

    /// Its history.
    pub fn reputation(&self) -> &Reputation {
        &self.reputation
    }

    /// Expected time of a task in ms: what was learned for its kind, else the best of the claim and other kinds. Nobody
    /// who has never been given a kind is judged slow at it; a false claim is found out with the first task.
    pub(crate) fn expected_ms(&self, key: TaskKey, units: u64, config: &Config) -> u64 {
        let claimed = match self.info.units_per_s {
            0 => config.default_units_per_s,
            claimed => claimed,
        };
        let claimed = 1_000_000_000 / claimed.max(1);
        let learned = self.ns_per_unit.get(kind(key)).copied().flatten();
        let best = || self.ns_per_unit.iter().flatten().fold(claimed, |best, ns| best.min(*ns));
        (units.saturating_mul(learned.unwrap_or_else(best)) / 1_000_000).max(1)
    }

    /// Time until a new task could start, in ms.
    pub(crate) fn busy_ms(&self) -> u64 {
        let sum = self.active.values().fold(0u64, |sum, ms| sum.saturating_add(*ms));
        sum / u64::from(self.info.slots.max(1))
    }

    /// Free places, running and queued.
    pub(crate) fn capacity(&self, config: &Config) -> usize {
        let places = self.info.slots.max(1).saturating_mul(config.queue_per_slot.max(1)) as usize;
        places.saturating_sub(self.active.len())
    }

    /// Whether it may be given work.
    pub(crate) fn is_usable(&self, now: u64) -> bool {
        self.connected && self.banned.is_none() && self.info.roles.provider && now >= self.not_before
    }

    /// Whether its verdicts count: willing, staked, never at fault and not often outvoted.
    pub(crate) fn is_trusted_verifier(&self) -> bool {
        !self.is_banned()
            && self.info.roles.verifier
            && self.info.stake > 0
            && self.reputation.faults == 0
            && self.reputation.outvoted < MOST_OUTVOTED
    }

    /// Learns from a delivered result. The first observation replaces the claim.
    pub(crate) fn delivered(&mut self, now: u64, key: TaskKey, units: u64, assigned_at: u64) {
        // With one slot a task starts when the one before it ends, not when it is queued.
        let start = if self.info.slots <= 1 { assigned_at.max(self.last_done) } else { assigned_at };
        let observed = now.saturating_sub(start).saturating_mul(1_000_000) / units.max(1);
        if let Some(speed) = self.ns_per_unit.get_mut(kind(key)) {
            *speed = Some(match *speed {
                None => observed,
                Some(old) => (old / 4).saturating_mul(3).saturating_add(observed / 4),
            });
        }
        self.last_done = now;
        self.consecutive_failures = 0;
        self.not_before = 0;
    }

    /// Makes a failing node pause, longer each time.
    pub(crate) fn failed(&mut self, now: u64, config: &Config) {
        self.not_before = now.saturating_add(config.backoff_ms(self.consecutive_failures));
        self.consecutive_failures = self.consecutive_failures.saturating_add(1);
    }
}

/// All nodes of the job, by address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nodes {
    nodes: BTreeMap<Address, Node>,
}

impl Nodes {
    pub(crate) fn get(&self, node: Address) -> Option<&Node> {
        self.nodes.get(&node)
    }

    pub(crate) fn get_mut(&mut self, node: Address) -> Option<&mut Node> {
        self.nodes.get_mut(&node)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Address, &Node)> {
        self.nodes.iter()
    }

    pub(crate) fn join(&mut self, info: NodeInfo) {
        let node = self.nodes.entry(info.node).or_insert_with(|| Node::new(info));
        node.info = info;
        node.connected = true;
        node.active.clear();
    }

    pub(crate) fn is_banned(&self, node: Address) -> bool {
        self.get(node).is_some_and(Node::is_banned)
    }

    /// Everyone connected.
    pub(crate) fn connected(&self) -> BTreeSet<Address> {
        self.iter().filter(|(_, node)| node.connected).map(|(address, _)| *address).collect()
    }

    /// Whether `node` may be asked to audit: connected, willing, staked, never at fault.
    pub(crate) fn may_verify(&self, node: Address) -> bool {
        self.get(node).is_some_and(|node| node.connected && node.is_trusted_verifier())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Roles;

    fn node(units_per_s: u64, slots: u32) -> Node {
        let roles = Roles { provider: true, verifier: false };
        Node::new(NodeInfo { node: Address([1; 20]), roles, units_per_s, slots, stake: 0 })
    }

    #[test]
    fn observation_replaces_the_claim() {
        let config = Config::default();
        let mut node = node(1_000_000_000, 1);
        let grad = TaskKey::Grad { step: 0, shard: 0 };
        assert_eq!(node.expected_ms(grad, 1_000_000, &config), 1);
        node.delivered(2_000, grad, 1_000_000, 1_000);
        assert_eq!(node.expected_ms(grad, 1_000_000, &config), 1_000);
        // Queued at 1000 as well, but it could start only at 2000.
        node.delivered(3_000, grad, 1_000_000, 1_000);
        assert_eq!(node.expected_ms(grad, 1_000_000, &config), 1_000);
        assert_eq!(node.expected_ms(TaskKey::Init, 1_000_000, &config), 1, "another kind is tried first");
    }

    #[test]
    fn failures_pause_a_node_longer_each_time_and_success_forgives() {
        let config = Config::default();
        let mut node = node(1, 1);
        node.connected = true;
        let mut pauses = Vec::new();
        for _ in 0..40 {
            node.failed(0, &config);
            pauses.push(node.not_before);
        }
        assert_eq!(pauses[..3], [500, 1_000, 2_000]);
        assert_eq!(pauses[39], config.backoff_max_ms);
        assert!(!node.is_usable(0) && node.is_usable(config.backoff_max_ms));
        node.delivered(0, TaskKey::Init, 1, 0);
        assert!(node.is_usable(0));
    }

    #[test]
    fn extreme_claims_do_not_overflow() {
        let config = Config::default();
        for speed in [0, 1, u64::MAX] {
            let mut node = node(speed, u32::MAX);
            let ms = node.expected_ms(TaskKey::Init, u64::MAX, &config);
            node.active.insert(TaskId([1; 32]), ms);
            node.active.insert(TaskId([2; 32]), u64::MAX);
            node.delivered(u64::MAX, TaskKey::Init, 0, 0);
            assert!(node.busy_ms() > 0 && node.capacity(&config) > 0);
        }
    }
}
