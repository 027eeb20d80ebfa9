//! The shell around the driver: log, think, act; crash, replay.

use corex_protocol::{Effect, Event, JobDriver, TaskKey, Warning};
use corex_work::Address;

use super::{Item, JOB, ToNode, Tx, World};
use crate::check::Violation;
use crate::node::{Node, Work};
use crate::scenario::Canary;

impl World {
    /// The shell's loop: log, then think, then act.
    pub(super) fn event(&mut self, event: Event) {
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
        let said = self.trace.then(|| format!("{event:?}"));
        let effects = driver.handle(now, event);
        if let Some(said) = said.filter(|said| said != "Tick" || !effects.is_empty()) {
            eprintln!("{now} {said}");
            effects.iter().for_each(|effect| eprintln!("    {effect:?}"));
        }
        if std::mem::take(&mut self.crash_after_log) {
            self.crash_coordinator();
        } else {
            effects.into_iter().for_each(|effect| self.act(effect));
        }
    }

    pub(super) fn crash_coordinator(&mut self) {
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
    pub(super) fn replayed(&mut self) -> Result<JobDriver, Violation> {
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

    pub(super) fn start_coordinator(&mut self) {
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

    pub(super) fn act(&mut self, effect: Effect) {
        match effect {
            Effect::Assign(assignment) => {
                self.report.assignments += 1;
                let node = assignment.node;
                *self.attempts.entry(assignment.id).or_default() += 1;
                self.send(|| Item::ToNode(node, ToNode::Do(Box::new(Work::Task(assignment.clone())))));
            }
            Effect::Audit(order) => {
                let node = order.verifier;
                self.send(|| Item::ToNode(node, ToNode::Audit(order.clone())));
            }
            Effect::Reveal(reveal) => {
                let node = reveal.verdict.verifier;
                self.send(|| Item::ToNode(node, ToNode::Reveal(reveal.clone())));
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
                if self.reachable(&blob, None) {
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

    pub(super) fn with_second_leaf(
        &mut self,
        honest: corex_protocol::RoundCommitment,
    ) -> corex_protocol::RoundCommitment {
        let mut commitment = honest;
        commitment.leaves.extend(self.chain.paid_leaves.first().copied().or_else(|| self.chain.first_leaf()));
        commitment.leaves.sort_by_key(|leaf| leaf.task);
        let hashes = commitment.leaves.iter().map(corex_work::Leaf::hash).collect();
        commitment.root = corex_work::MerkleTree::new(hashes).root();
        commitment.payouts =
            corex_work::payouts(commitment.leaves.iter().map(|leaf| (leaf.node, leaf.units)))
                .unwrap_or_default();
        commitment.payouts_hash = corex_work::payouts_hash(&commitment.payouts);
        commitment
    }
}
