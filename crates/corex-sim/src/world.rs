//! A whole network: virtual time and what happens in it. The parts:
//!
//! | part | concern |
//! |---|---|
//! | `coordinator` | the shell around the driver; its crashes |
//! | `nodes` | providers and verifiers at work; their crashes |
//! | `ledger` | transactions and votes |
//! | `transfer` | who can get which blob from whom |

mod coordinator;
mod ledger;
mod nodes;
mod transfer;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use corex_protocol::{Config, Event, JobDriver, NodeInfo, Roles};
use corex_work::{Address, BlobId, JobId, JobSpec, TaskId, keccak256};

use crate::chain::Chain;
use crate::check::{Report, Violation, check};
use crate::honest;
use crate::node::{Node, Work};
use crate::rng::Rng;
use crate::scenario::{Provider, Scenario, Verifier};

const TICK_MS: u64 = 250;
const JOB: JobId = JobId([0xc0; 32]);
/// Longest time until the coordinator notices that a node is gone.
const NOTICE_MS: u64 = 1_500;
/// Stake of every verifier.
const STAKE: u128 = 1_000;

/// Something that will happen.
#[derive(Debug)]
enum Item {
    Tick,
    /// A message from the coordinator arrives at a node.
    ToNode(Address, ToNode),
    /// A message or observation arrives at the coordinator.
    ToCoordinator(Box<Event>),
    /// A node connects.
    Join(Address),
    /// A node finishes what it computes, if it still lives the same life.
    Finish(Address, u32),
    /// A transaction is included.
    Tx(Tx),
    /// The coordinator's watcher sees an entry of the chain's log.
    News(usize),
    CrashNode,
    CrashCoordinator,
    StartCoordinator,
}

#[derive(Clone, Debug)]
enum ToNode {
    Do(Box<Work>),
    Audit(Box<corex_protocol::AuditOrder>),
    Reveal(Box<corex_protocol::Reveal>),
    Cancel(TaskId),
    Release(Vec<BlobId>),
}

#[derive(Debug)]
enum Tx {
    Commit(corex_protocol::RoundCommitment),
    Draw(u64),
    Settle(u64),
    Challenge {
        round: u64,
        task: TaskId,
        challenger: Address,
    },
    /// The committee votes: everyone with stake but the challenger.
    Resolve {
        round: u64,
        task: TaskId,
        challenger: Address,
    },
    /// A game comes to where it would end, if both sides are there.
    EndGame {
        round: u64,
        task: TaskId,
        dispute: u64,
        challenger: Address,
        /// Times that a side was not there.
        waited: u32,
    },
}

/// A whole network in one value.
pub(crate) struct World {
    pub(crate) scenario: Scenario,
    pub(crate) spec: JobSpec,
    pub(crate) now: u64,
    rng: Rng,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    items: BTreeMap<u64, Item>,
    next_item: u64,
    pub(crate) nodes: BTreeMap<Address, Node>,
    pub(crate) chain: Chain,
    seen_news: usize,
    /// The driver, while the coordinator is up.
    driver: Option<JobDriver>,
    /// The coordinator's durable log, as bytes.
    log: Vec<Vec<u8>>,
    store: BTreeSet<BlobId>,
    banned: BTreeSet<Address>,
    /// Results reported per number of outputs, for nodes that copy.
    reported: BTreeMap<usize, Vec<Vec<BlobId>>>,
    /// Number of outputs of every task that was ever evaluated.
    pub(crate) output_counts: BTreeMap<TaskId, usize>,
    /// Leaves that could not be audited.
    pub(crate) waived: BTreeSet<TaskId>,
    crash_after_log: bool,
    violation: Option<Violation>,
    pub(crate) report: Report,
    canary_done: bool,
    /// Print every event and its effects.
    trace: bool,
    /// How often each task was handed out.
    pub(crate) attempts: BTreeMap<TaskId, u64>,
}

/// Runs a scenario to its end and checks it.
///
/// # Errors
/// The first [`Violation`], which says how to replay.
pub fn run(scenario: &Scenario) -> Result<Report, Violation> {
    let mut world = World::new(scenario.clone())?;
    world.start();
    while world.report.done.is_none() || !world.chain.all_settled() {
        if let Some(violation) = world.violation.take() {
            return Err(violation);
        }
        if world.now > world.scenario.limit_ms || !world.step() {
            let state = world.driver.as_ref().map(JobDriver::summary);
            // The whole state is long, but a stuck seed is worth it.
            if std::env::var_os("COREX_SIM_DUMP").is_some() {
                eprintln!("{:#?}\n{:#?}", world.driver, world.chain);
            }
            return Err(world.violated(format!("stuck at {} ms: {state:?}", world.now)));
        }
    }
    check(world)
}

impl World {
    fn new(scenario: Scenario) -> Result<World, Violation> {
        let spec = honest::job(scenario.steps, scenario.shards);
        let config = Config { audit: scenario.audit, games: scenario.games, ..Config::default() };
        let driver = JobDriver::new(JOB, &spec, config)
            .map_err(|error| Violation { seed: scenario.seed, what: error.to_string() })?;
        let games = scenario.games;
        let store = driver.dag().genesis().into_iter().collect();
        Ok(World {
            rng: Rng::new(scenario.seed),
            scenario,
            spec,
            now: 0,
            queue: BinaryHeap::new(),
            items: BTreeMap::new(),
            next_item: 0,
            nodes: BTreeMap::new(),
            chain: Chain::new(games),
            seen_news: 0,
            driver: Some(driver),
            log: Vec::new(),
            store,
            banned: BTreeSet::new(),
            reported: BTreeMap::new(),
            output_counts: BTreeMap::new(),
            waived: BTreeSet::new(),
            crash_after_log: false,
            violation: None,
            report: Report::default(),
            canary_done: false,
            trace: std::env::var_os("COREX_SIM_TRACE").is_some(),
            attempts: BTreeMap::new(),
        })
    }

    pub(crate) fn violated(&self, what: impl Into<String>) -> Violation {
        Violation { seed: self.scenario.seed, what: what.into() }
    }

    fn config(&self) -> Config {
        Config { audit: self.scenario.audit, games: self.scenario.games, ..Config::default() }
    }

    fn start(&mut self) {
        let honest = std::iter::repeat_n(Provider::Honest, self.scenario.providers as usize);
        let providers: Vec<Provider> = honest.chain(self.scenario.dishonest.clone()).collect();
        let verifiers = self.scenario.verifiers.clone();
        let characters = providers.into_iter().map(|provider| (Some(provider), None));
        let characters = characters.chain(verifiers.into_iter().map(|verifier| (None, Some(verifier))));
        for (n, (provider, verifier)) in characters.enumerate().collect::<Vec<_>>() {
            let hash = keccak256(&n.to_le_bytes());
            let mut node = [0; 20];
            node.copy_from_slice(&hash[..20]);
            let node = Address(node);
            let drawn = 200 + self.rng.below(1_800);
            let claimed = (drawn / 4).max(1) * (1 + self.rng.below(16));
            let speed = self.scenario.speed.unwrap_or(drawn);
            let info = NodeInfo {
                node,
                roles: Roles { provider: provider.is_some(), verifier: verifier.is_some() },
                // Claims are wrong by up to a factor of four either way.
                units_per_s: self.scenario.speed.unwrap_or(claimed),
                slots: 1,
                stake: if verifier.is_some() { STAKE } else { 0 },
            };
            let (provider, verifier) =
                (provider.unwrap_or(Provider::Honest), verifier.unwrap_or(Verifier::Honest));
            self.nodes.insert(node, Node::new(info, provider, verifier, speed));
            let at = self.rng.below(500);
            self.at(at, Item::Join(node));
        }
        self.at(TICK_MS, Item::Tick);
        if let Some(every) = self.scenario.node_crash_ms {
            self.at(every, Item::CrashNode);
        }
        if let Some(every) = self.scenario.coordinator_crash_ms {
            self.at(every, Item::CrashCoordinator);
        }
    }

    /// Schedules an item.
    fn at(&mut self, time: u64, item: Item) {
        self.queue.push(Reverse((time, self.next_item)));
        self.items.insert(self.next_item, item);
        self.next_item += 1;
    }

    fn after(&mut self, delay: u64, item: Item) {
        self.at(self.now + delay, item);
    }

    fn delay(&mut self) -> u64 {
        1 + self.rng.below(self.scenario.delay_ms)
    }

    fn step(&mut self) -> bool {
        let Some(Reverse((time, id))) = self.queue.pop() else { return false };
        self.now = time;
        if let Some(item) = self.items.remove(&id) {
            self.happen(item);
        }
        true
    }

    fn happen(&mut self, item: Item) {
        match item {
            Item::Tick => {
                self.event(Event::Tick);
                self.after(TICK_MS, Item::Tick);
            }
            Item::ToNode(node, message) => self.deliver(node, message),
            Item::ToCoordinator(event) => self.event(*event),
            Item::Join(node) => self.join(node),
            Item::Finish(node, life) => self.finish(node, life),
            Item::Tx(tx) => self.include(tx),
            Item::News(index) => {
                if let Some(event) = self.chain.log.get(index).cloned() {
                    self.event(event);
                }
            }
            Item::CrashNode => self.crash_node(),
            Item::CrashCoordinator => {
                // Between logging an event and acting on it: the hardest moment.
                self.crash_after_log = true;
                let every = self.scenario.coordinator_crash_ms.unwrap_or(u64::MAX / 4);
                let next = every / 2 + self.rng.below(every);
                self.after(next, Item::CrashCoordinator);
            }
            Item::StartCoordinator => self.start_coordinator(),
        }
    }

    /// Sends over the unreliable network.
    fn send(&mut self, mut make: impl FnMut() -> Item) {
        if self.rng.percent(self.scenario.drop_percent) {
            return;
        }
        let copies = 1 + u64::from(self.rng.percent(self.scenario.duplicate_percent));
        for _ in 0..copies {
            let delay = self.delay();
            self.after(delay, make());
        }
    }
}
