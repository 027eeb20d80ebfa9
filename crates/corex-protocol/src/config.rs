//! What an operator may tune.

use serde::{Deserialize, Serialize};

/// Timing, redundancy and audit policy of a job. No choice here can change the job's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Shortest lease of a task.
    pub lease_min_ms: u64,
    /// A lease is this many times the expected time.
    pub lease_factor: u64,
    /// A second node gets the task after this many percent of the expected time, if one is idle.
    pub straggler_percent: u64,
    /// A straggler is not suspected before this time.
    pub straggler_min_ms: u64,
    /// Tasks a node may have per slot: running and queued. Two lets it fetch inputs while it computes.
    pub queue_per_slot: u32,
    /// Assumed speed of a node that claims none, units per second.
    pub default_units_per_s: u64,
    /// Assumed transfer speed between nodes, for weighing locality.
    pub bytes_per_ms: u64,
    /// How long a blob may have no connected holder before it counts as lost.
    pub lost_grace_ms: u64,
    /// First pause after a failure (of a node, of a delivery, of an audit); doubles per failure.
    pub backoff_min_ms: u64,
    /// Longest pause after a failure.
    pub backoff_max_ms: u64,
    /// A blob that the coordinator wants and does not get for this long, and a hundred times its expected transfer, is
    /// made again, whoever claims to have it.
    pub fetch_patience_ms: u64,
    /// Unanswered chain and fetch effects are repeated after this time.
    pub resend_ms: u64,
    /// Time for a verifier to answer, and for a dispute to open after a mismatch.
    pub audit_timeout_ms: u64,
    /// Audit rates.
    pub audit: AuditPolicy,
    /// What a unit of work pays, in the token's smallest unit. A leaf that is worth more than [`COVERED`] of its node's stake
    /// is audited whatever the beacon says.
    pub price_per_unit: u128,
    /// What to do with a round when no eligible verifier is connected.
    pub without_verifiers: WithoutVerifiers,
    /// Disputes are games, which a challenger wins or loses alone; else verifiers vote.
    pub games: bool,
    /// Most nodes that one round can pay for work.
    pub round_nodes: usize,
}

/// A stake vouches for leaves worth up to a part in so many of it: with sampled audits, what a node can gain by guessing a
/// dearer one comes near to what it can lose (`docs/economics.md`).
pub const COVERED: u128 = 100;

/// How often a node's results are audited, in parts per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPolicy {
    /// Rate of an unknown node.
    pub start_ppm: u32,
    /// Rate that no node falls below.
    pub floor_ppm: u32,
    /// Confirmed results after which the rate is half the start rate.
    pub half_after: u32,
}

/// What to do with a round that nobody can audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WithoutVerifiers {
    /// Wait until a verifier joins. Safe; the job does not finish without one.
    Wait,
    /// Settle unaudited, with a warning.
    SettleUnaudited,
}

impl Config {
    /// For a chain on which a leaf can be challenged for so long: a verifier that keeps silent is replaced while there
    /// is still time for another one to challenge.
    pub fn with_challenge_window(self, window_ms: u64) -> Config {
        Config { audit_timeout_ms: self.audit_timeout_ms.min(window_ms / 2), ..self }
    }

    /// For a job with programs that a contract executes.
    pub fn with_games(self, games: bool) -> Config {
        Config { games, ..self }
    }

    /// For a job that pays so much for a unit of work, in the token's smallest unit.
    pub fn with_price(self, price_per_unit: u128) -> Config {
        Config { price_per_unit, ..self }
    }

    /// Whether a node's stake vouches for work of so many units.
    pub(crate) fn is_covered(&self, units: u64, stake: u128) -> bool {
        let value = self.price_per_unit.saturating_mul(u128::from(units));
        value.saturating_mul(COVERED) <= stake
    }

    /// Pause after a failure that `before` others went before: doubles each time, up to a bound.
    pub(crate) fn backoff_ms(&self, before: u32) -> u64 {
        self.backoff_min_ms.saturating_mul(1 << before.min(20)).min(self.backoff_max_ms)
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            lease_min_ms: 20_000,
            lease_factor: 6,
            straggler_percent: 300,
            straggler_min_ms: 3_000,
            queue_per_slot: 2,
            default_units_per_s: 1_000,
            bytes_per_ms: 100_000,
            lost_grace_ms: 5_000,
            backoff_min_ms: 500,
            backoff_max_ms: 60_000,
            fetch_patience_ms: 30_000,
            resend_ms: 5_000,
            audit_timeout_ms: 30_000,
            audit: AuditPolicy { start_ppm: 500_000, floor_ppm: 50_000, half_after: 8 },
            price_per_unit: 0,
            without_verifiers: WithoutVerifiers::Wait,
            games: false,
            // `Settlement.MAX_PAYOUTS`: what fits into one transaction.
            round_nodes: 40,
        }
    }
}
