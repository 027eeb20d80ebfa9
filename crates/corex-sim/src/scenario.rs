//! What is simulated: a network, its faults and its dishonest members.

use corex_protocol::AuditPolicy;

/// How a provider behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Evaluates every task.
    Honest,
    /// Returns a result of its own from before.
    Lazy,
    /// Returns something wrong.
    Corrupt,
    /// Returns another node's result for a different task.
    Copy,
    /// Evaluates every task but never hands out the results' bytes.
    Withhold,
    /// Like [`Withhold`](Self::Withhold), and whoever asks for the bytes waits for ever: not even the coordinator
    /// finds out that it does not have them.
    Stall,
}

/// How a verifier behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verifier {
    /// Evaluates, tells the truth, challenges what is wrong, votes for what is right.
    Honest,
    /// Never answers and never votes.
    Silent,
    /// Tells the truth and challenges what is wrong, but never votes: with such a committee no dispute is decided.
    Abstaining,
    /// Confirms whatever the worker has said, and votes for it.
    Colluding,
    /// Says that right results are wrong, and opens a dispute about whatever it has judged. Games it loses on purpose.
    Liar,
    /// Says that right results are wrong, but never opens a dispute.
    Slanderer,
}

/// A planted defect, to show that the checker sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canary {
    /// The coordinator swaps an output of one accepted result.
    SwappedOutput,
    /// The coordinator commits one leaf a second time.
    SecondLeaf,
    /// The coordinator forgets one logged event when it replays.
    ForgottenEvent,
}

/// Everything a run depends on. Equal scenarios run equally.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Of all chance in the run.
    pub seed: u64,
    /// Optimizer steps of the job.
    pub steps: u32,
    /// Gradient tasks per step.
    pub shards: u32,
    /// Units per second of every node, as claimed; else each has its own speed and claims another.
    pub speed: Option<u64>,
    /// Honest providers.
    pub providers: u32,
    /// Further providers that are not honest.
    pub dishonest: Vec<Provider>,
    /// Chance, in percent, that a dishonest provider cheats on a task.
    pub cheat_percent: u64,
    /// Verifiers.
    pub verifiers: Vec<Verifier>,
    /// Disputes are games: whoever is right and answers wins, alone.
    pub games: bool,
    /// Audit rates.
    pub audit: AuditPolicy,
    /// Chance, in percent, that a message between coordinator and node is lost.
    pub drop_percent: u64,
    /// Chance, in percent, that a message arrives twice.
    pub duplicate_percent: u64,
    /// Chance, in percent, that a given node cannot download from another given node, ever.
    pub unreachable_percent: u64,
    /// Messages take up to this long, each on its own: they overtake each other.
    pub delay_ms: u64,
    /// Some node crashes about this often.
    pub node_crash_ms: Option<u64>,
    /// Chance, in percent, that a crash takes the node's disk with it.
    pub wipe_percent: u64,
    /// The coordinator crashes about this often, and replays its log.
    pub coordinator_crash_ms: Option<u64>,
    /// A run that takes longer is stuck.
    pub limit_ms: u64,
    /// A planted defect.
    pub canary: Option<Canary>,
}

impl Scenario {
    /// A small, fault-free network with certain audits.
    pub fn calm(seed: u64) -> Scenario {
        Scenario {
            seed,
            steps: 12,
            shards: 4,
            speed: None,
            providers: 4,
            dishonest: vec![],
            cheat_percent: 0,
            verifiers: vec![Verifier::Honest; 3],
            games: false,
            audit: AuditPolicy { start_ppm: 1_000_000, floor_ppm: 1_000_000, half_after: 8 },
            drop_percent: 0,
            duplicate_percent: 0,
            unreachable_percent: 0,
            delay_ms: 20,
            node_crash_ms: None,
            wipe_percent: 0,
            coordinator_crash_ms: None,
            limit_ms: 10 * 60_000,
            canary: None,
        }
    }

    /// Adds message faults and crashes of everything.
    pub fn stormy(mut self) -> Scenario {
        self.drop_percent = 5;
        self.duplicate_percent = 5;
        self.delay_ms = 300;
        self.node_crash_ms = Some(4_000);
        self.wipe_percent = 30;
        self.coordinator_crash_ms = Some(9_000);
        self.limit_ms = 15 * 60_000;
        self
    }

    /// A seed from `COREX_SIM_SEED`, to replay a failure; else the given one.
    pub fn seed_from_env(default: u64) -> u64 {
        std::env::var("COREX_SIM_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    }
}
