//! Virtual time, the network, and the shell around the driver.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use corex_protocol::{
    Assignment, BlobSource, Config, Effect, Event, Failure, Holder, JobDriver, NodeInfo, Roles, TaskKey,
    Warning,
};
use corex_work::{
    Address, BlobId, JobId, JobSpec, Receipt, Signature, SignedReceipt, SignedVerdict, TaskId, Verdict,
    keccak256, outputs_hash,
};

use crate::chain::Chain;
use crate::check::{Report, Violation, check};
use crate::honest;
use crate::node::{Node, Work};
use crate::rng::Rng;
use crate::scenario::{Canary, Provider, Scenario, Verifier};

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
    Cancel(TaskId),
    Release(Vec<BlobId>),
}

#[derive(Debug)]
enum Tx {
    Commit(corex_protocol::RoundCommitment),
    Draw(u64),
    Settle(u64),
    Challenge { round: u64, task: TaskId, challenger: Address },
    Resolve { round: u64, task: TaskId },
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
        let config = Config { audit: scenario.audit, ..Config::default() };
        let driver = JobDriver::new(JOB, &spec, config)
            .map_err(|error| Violation { seed: scenario.seed, what: error.to_string() })?;
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
            chain: Chain::default(),
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
        })
    }

    pub(crate) fn violated(&self, what: impl Into<String>) -> Violation {
        Violation { seed: self.scenario.seed, what: what.into() }
    }

    fn config(&self) -> Config {
        Config { audit: self.scenario.audit, ..Config::default() }
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
            let speed = 200 + self.rng.below(1_800);
            let info = NodeInfo {
                node,
                roles: Roles { provider: provider.is_some(), verifier: verifier.is_some() },
                // Claims are wrong by up to a factor of four either way.
                units_per_s: (speed / 4).max(1) * (1 + self.rng.below(16)),
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

    /// The shell's loop: log, then think, then act.
    fn event(&mut self, event: Event) {
        let now = self.now;
        if self.driver.is_none() {
            return;
        }
        let event = match (event, self.scenario.canary) {
            (Event::TaskDone { node, mut receipt }, Some(Canary::SwappedOutput)) if !self.canary_done => {
                receipt.receipt.outputs.reverse();
                self.canary_done = receipt.receipt.outputs.len() > 1;
                // So that nothing after it stumbles over missing bytes.
                self.store.extend(&receipt.receipt.outputs);
                Event::TaskDone { node, receipt }
            }
            (event, _) => event,
        };
        match postcard::to_stdvec(&(now, &event)) {
            Ok(bytes) => self.log.push(bytes),
            Err(error) => self.violation = Some(self.violated(format!("event does not encode: {error}"))),
        }
        let Some(driver) = &mut self.driver else { return };
        let effects = driver.handle(now, event);
        if std::mem::take(&mut self.crash_after_log) {
            self.crash_coordinator();
        } else {
            effects.into_iter().for_each(|effect| self.act(effect));
        }
    }

    fn crash_coordinator(&mut self) {
        let before = self.driver.take();
        // A replay must end in the state that was lost.
        match (self.replayed(), before) {
            (Ok(after), Some(before)) => {
                if format!("{after:?}") != format!("{before:?}") {
                    self.violation = Some(self.violated("replay of the log ends in another state"));
                }
            }
            (Err(violation), _) => self.violation = Some(violation),
            (Ok(_), None) => {}
        }
        self.report.coordinator_crashes += 1;
        let down = 200 + self.rng.below(2_000);
        self.after(down, Item::StartCoordinator);
    }

    /// A new driver, fed the log.
    fn replayed(&mut self) -> Result<JobDriver, Violation> {
        let mut driver = JobDriver::new(JOB, &self.spec, self.config())
            .map_err(|error| self.violated(error.to_string()))?;
        let skip = match self.scenario.canary {
            Some(Canary::ForgottenEvent) => self.log.len() / 2,
            _ => usize::MAX,
        };
        for (index, bytes) in self.log.iter().enumerate().filter(|(index, _)| *index != skip) {
            let (time, event): (u64, Event) = postcard::from_bytes(bytes)
                .map_err(|error| self.violated(format!("logged event {index} does not decode: {error}")))?;
            for effect in driver.handle(time, event) {
                if let Effect::Archive(entries) = effect {
                    self.report.archive(entries);
                }
            }
        }
        Ok(driver)
    }

    fn start_coordinator(&mut self) {
        match self.replayed() {
            Ok(driver) => self.driver = Some(driver),
            Err(violation) => return self.violation = Some(violation),
        }
        self.event(Event::Restarted);
        // The watcher reads the chain from the start again.
        self.seen_news = 0;
        self.watch();
        let running: Vec<Address> = self.nodes.values().filter(|node| node.up).map(Node::address).collect();
        for node in running {
            let delay = self.rng.below(1_000);
            self.after(delay, Item::Join(node));
        }
    }

    /// Schedules what the chain announced since the last look.
    fn watch(&mut self) {
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

    fn act(&mut self, effect: Effect) {
        match effect {
            Effect::Assign(assignment) => {
                self.report.assignments += 1;
                let node = assignment.node;
                self.send(|| Item::ToNode(node, ToNode::Do(Box::new(Work::Task(assignment.clone())))));
            }
            Effect::Audit(order) => {
                let node = order.verifier;
                self.send(|| Item::ToNode(node, ToNode::Audit(order.clone())));
            }
            Effect::Cancel { node, task } => self.send(|| Item::ToNode(node, ToNode::Cancel(task))),
            Effect::Release { blobs } => {
                blobs.iter().for_each(|blob| _ = self.store.remove(blob));
                for node in self.nodes.keys().copied().collect::<Vec<_>>() {
                    let delay = self.delay();
                    self.after(delay, Item::ToNode(node, ToNode::Release(blobs.clone())));
                }
            }
            Effect::FetchToCoordinator { blobs } => blobs.iter().for_each(|source| self.fetch(source)),
            Effect::ReadMetrics { task, key, blob } => {
                let values =
                    if matches!(key, TaskKey::Eval { .. }) { vec![1.0] } else { vec![1.0, 2.0, 3.0] };
                if self.reachable(&blob) {
                    let event = Event::MetricsRead { task, values };
                    self.send(|| Item::ToCoordinator(Box::new(event.clone())));
                } else {
                    self.report_lost(&blob);
                }
            }
            Effect::CommitRound(mut commitment) => {
                if self.scenario.canary == Some(Canary::SecondLeaf) && commitment.round == 1 {
                    commitment = self.with_second_leaf(commitment);
                }
                self.transact(Tx::Commit(commitment));
            }
            Effect::DrawBeacon { round } => self.transact(Tx::Draw(round)),
            Effect::SettleRound { round, .. } => self.transact(Tx::Settle(round)),
            Effect::ExpireDispute { round, task } => {
                self.chain.expire(self.now, round, task);
                self.watch();
            }
            Effect::Ban { node, .. } => {
                self.banned.insert(node);
            }
            Effect::Archive(entries) => self.report.archive(entries),
            Effect::JobDone(state) => self.report.done = Some(state),
            Effect::Progress(_) => self.report.progress += 1,
            Effect::Warn(warning) => {
                if matches!(warning, Warning::BlobLost(_)) {
                    self.report.blobs_made_again += 1;
                }
                if let Warning::AuditWaived { task, .. } = warning {
                    self.waived.insert(task);
                }
                if matches!(warning, Warning::RolledBack { .. }) {
                    self.report.rollbacks += 1;
                }
                self.report.warnings += 1;
            }
        }
    }

    fn with_second_leaf(
        &mut self,
        honest: corex_protocol::RoundCommitment,
    ) -> corex_protocol::RoundCommitment {
        let mut commitment = honest;
        commitment.leaves.extend(self.chain.paid_leaves.first().copied().or_else(|| self.chain.first_leaf()));
        commitment.leaves.sort_by_key(|leaf| leaf.task);
        let hashes = commitment.leaves.iter().map(corex_work::Leaf::hash).collect();
        commitment.root = corex_work::MerkleTree::new(hashes).root();
        commitment.payouts = corex_work::payouts(&commitment.leaves).unwrap_or_default();
        commitment.payouts_hash = corex_work::payouts_hash(&commitment.payouts);
        commitment
    }

    fn transact(&mut self, tx: Tx) {
        // Transactions get lost too; the driver repeats what it hears nothing of.
        if !self.rng.percent(self.scenario.drop_percent) {
            let delay = self.delay();
            self.after(delay, Item::Tx(tx));
        }
    }

    /// Whether a source has a holder that delivers.
    fn reachable(&self, source: &BlobSource) -> bool {
        source.inline.is_some()
            || source.holders.iter().any(|holder| match holder {
                Holder::Coordinator => self.driver.is_some() && self.store.contains(&source.blob),
                Holder::Node(node) => self.nodes.get(node).is_some_and(|node| node.serves(&source.blob)),
            })
    }

    /// The coordinator downloads a blob, and learns who does not have it.
    fn fetch(&mut self, source: &BlobSource) {
        let blob = source.blob;
        if self.store.contains(&blob) || self.reachable(source) {
            self.store.insert(blob);
            let delay = self.delay();
            let event = Event::BlobHeld { holder: Holder::Coordinator, blob };
            return self.after(delay, Item::ToCoordinator(Box::new(event)));
        }
        self.report_lost(source);
    }

    /// Running holders that did not deliver do not have it.
    fn report_lost(&mut self, source: &BlobSource) {
        let blob = source.blob;
        for holder in &source.holders {
            if let Holder::Node(node) = holder
                && self.nodes.get(node).is_some_and(|node| node.up)
            {
                let delay = self.delay();
                let event = Event::BlobLost { holder: *holder, blob };
                self.after(delay, Item::ToCoordinator(Box::new(event)));
            }
        }
    }

    fn join(&mut self, address: Address) {
        if self.banned.contains(&address) {
            return;
        }
        let Some(node) = self.nodes.get_mut(&address) else { return };
        node.up = true;
        let info = node.info;
        if self.driver.is_none() {
            return;
        }
        let delay = self.delay();
        self.after(delay, Item::ToCoordinator(Box::new(Event::NodeJoined(info))));
    }

    fn crash_node(&mut self) {
        let every = self.scenario.node_crash_ms.unwrap_or(u64::MAX / 4);
        let next = every / 2 + self.rng.below(every);
        self.after(next, Item::CrashNode);
        let running: Vec<Address> = self.nodes.values().filter(|node| node.up).map(Node::address).collect();
        let pick = self.rng.below(running.len() as u64) as usize;
        let wipe = self.rng.percent(self.scenario.wipe_percent);
        let Some(address) = running.get(pick).copied() else { return };
        if let Some(node) = self.nodes.get_mut(&address) {
            node.crash(wipe);
        }
        let (notice, back) = (self.rng.below(NOTICE_MS), self.rng.below(2 * every));
        self.after(notice, Item::ToCoordinator(Box::new(Event::NodeLost { node: address })));
        self.after(notice + back, Item::Join(address));
    }

    fn deliver(&mut self, address: Address, message: ToNode) {
        let Some(node) = self.nodes.get_mut(&address).filter(|node| node.up) else { return };
        match message {
            ToNode::Do(work) => node.enqueue(*work),
            ToNode::Audit(order) => {
                if node.verifier != Verifier::Silent {
                    node.enqueue_audit(&order);
                }
            }
            ToNode::Cancel(task) => node.cancel(task),
            ToNode::Release(blobs) => blobs.iter().for_each(|blob| _ = node.disk.remove(blob)),
        }
        self.begin(address);
    }

    /// Starts the next piece of work of an idle node.
    fn begin(&mut self, address: Address) {
        loop {
            let Some(node) = self.nodes.get(&address).filter(|node| node.up && node.current.is_none()) else {
                return;
            };
            let Some(work) = node.queue.front().cloned() else { return };
            let missing: Vec<&BlobSource> = work
                .blobs()
                .iter()
                .filter(|source| source.inline.is_none() && !node.disk.contains(&source.blob))
                .collect();
            let unreachable = missing.iter().find(|source| !self.reachable(source)).map(|source| source.blob);
            let fetched: Vec<BlobId> = missing.iter().map(|source| source.blob).collect();
            let Some(node) = self.nodes.get_mut(&address) else { return };
            node.queue.pop_front();
            if let Some(blob) = unreachable {
                let (task, reason) = (work.task(), Failure::MissingInput(blob));
                let event = Event::TaskFailed { node: address, task, reason };
                self.send(|| Item::ToCoordinator(Box::new(event.clone())));
                continue;
            }
            let units = match &work {
                Work::Task(assignment) => assignment.units,
                Work::Check { entry, .. } => entry.receipt.receipt.units,
            };
            let time = 10 * fetched.len() as u64 + units * 1_000 / node.speed;
            node.disk.extend(fetched);
            node.current = Some(work);
            let life = node.life;
            self.after(time, Item::Finish(address, life));
            return;
        }
    }

    fn finish(&mut self, address: Address, life: u32) {
        let Some(node) = self.nodes.get_mut(&address).filter(|node| node.up && node.life == life) else {
            return;
        };
        match node.current.take() {
            Some(Work::Task(assignment)) => self.finish_task(address, &assignment),
            Some(Work::Check { round, entry, .. }) => self.finish_check(address, round, &entry.receipt),
            None => {}
        }
        self.begin(address);
    }

    fn finish_task(&mut self, address: Address, assignment: &Assignment) {
        let count = assignment.output_bytes.len();
        self.output_counts.insert(assignment.id, count);
        let others = self.reported.entry(count).or_default();
        let Some(node) = self.nodes.get_mut(&address) else { return };
        let outputs = node.evaluate(assignment, self.scenario.cheat_percent, others, &mut self.rng);
        others.push(outputs.clone());
        // Only some history, or large networks would run on a growing list.
        if others.len() > 64 {
            others.remove(0);
        }
        let receipt =
            Receipt { job: JOB, task: assignment.id, outputs, node: address, units: assignment.units };
        let receipt = SignedReceipt { receipt, signature: Signature([0; 65]) };
        let event = Event::TaskDone { node: address, receipt };
        self.send(|| Item::ToCoordinator(Box::new(event.clone())));
    }

    fn finish_check(&mut self, address: Address, round: u64, leaf: &SignedReceipt) {
        let Some(node) = self.nodes.get(&address) else { return };
        let task = leaf.receipt.task;
        let claimed = leaf.receipt.outputs_hash();
        let right = outputs_hash(&honest::outputs(task, leaf.receipt.outputs.len()));
        let slander = corex_work::Hash32([0xee; 32]);
        let (outputs_hash, challenges) = match node.verifier {
            Verifier::Honest | Verifier::Abstaining => (right, right != claimed),
            Verifier::Silent => return,
            Verifier::Colluding => (claimed, false),
            Verifier::Liar => (slander, true),
            Verifier::Slanderer => (slander, false),
        };
        self.report.checks += 1;
        let verdict = Verdict { job: JOB, round, task, outputs_hash };
        let signed = SignedVerdict { verdict, verifier: address, signature: Signature([0; 65]) };
        self.send(|| Item::ToCoordinator(Box::new(Event::Verdict(signed.clone()))));
        if challenges {
            let delay = self.delay();
            self.after(delay, Item::Tx(Tx::Challenge { round, task, challenger: address }));
        }
    }

    fn include(&mut self, tx: Tx) {
        match tx {
            Tx::Commit(commitment) => {
                if let Err(what) = self.chain.commit(self.now, commitment) {
                    self.violation = Some(self.violated(what));
                }
            }
            Tx::Draw(round) => {
                let entropy = self.rng.bits();
                self.chain.draw(round, entropy);
            }
            Tx::Settle(round) => self.chain.settle(self.now, round),
            Tx::Challenge { round, task, challenger } => {
                if self.chain.challenge(self.now, round, task, challenger) {
                    self.after(1_500, Item::Tx(Tx::Resolve { round, task }));
                }
            }
            Tx::Resolve { round, task } => self.vote(round, task),
        }
        self.watch();
    }

    fn vote(&mut self, round: u64, task: TaskId) {
        let Some(leaf) = self.chain.leaf(round, task) else { return };
        let Some(count) = self.output_counts.get(&task).copied() else { return };
        let right = outputs_hash(&honest::outputs(task, count));
        let electors = self.nodes.values().filter(|node| node.info.roles.verifier);
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
