//! Life of the nodes: joining, crashing, working, auditing.

use corex_protocol::{Assignment, BlobSource, Event, Failure, Reveal};
use corex_work::{
    Address, BlobId, Leaf, Receipt, Signature, SignedReceipt, SignedVerdict, TaskId, Verdict, outputs_hash,
};

use super::{Item, JOB, NOTICE_MS, ToNode, Tx, World};
use crate::honest;
use crate::node::{Node, Work};
use crate::scenario::Verifier;

impl World {
    pub(super) fn join(&mut self, address: Address) {
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

    pub(super) fn crash_node(&mut self) {
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

    pub(super) fn deliver(&mut self, address: Address, message: ToNode) {
        let Some(node) = self.nodes.get_mut(&address).filter(|node| node.up) else { return };
        match message {
            ToNode::Do(work) => node.enqueue(*work),
            ToNode::Audit(order) => {
                if node.verifier != Verifier::Silent {
                    node.enqueue_audit(&order);
                }
            }
            ToNode::Reveal(reveal) => self.compare(address, &reveal),
            ToNode::Cancel(task) => node.cancel(task),
            ToNode::Release(blobs) => blobs.iter().for_each(|blob| _ = node.disk.remove(blob)),
        }
        self.begin(address);
    }

    /// Starts the next piece of work of an idle node.
    pub(super) fn begin(&mut self, address: Address) {
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
            let unreachable = missing
                .iter()
                .find(|source| !self.reachable(source, Some(address)))
                .map(|source| source.blob);
            let fetched: Vec<BlobId> = missing.iter().map(|source| source.blob).collect();
            let bytes: u64 = missing.iter().filter_map(|source| source.bytes).sum();
            let Some(node) = self.nodes.get_mut(&address) else { return };
            node.queue.pop_front();
            if let Some(blob) = unreachable {
                let (task, reason) = (work.task(), Failure::MissingInput(blob));
                let event = Event::TaskFailed { node: address, task, reason };
                self.report.missing_inputs += 1;
                self.send(|| Item::ToCoordinator(Box::new(event.clone())));
                continue;
            }
            let units = match &work {
                Work::Task(assignment) => assignment.units,
                Work::Check { check, .. } => check.units,
            };
            let time = 10 * fetched.len() as u64 + units * 1_000 / node.speed;
            node.disk.extend(fetched);
            if matches!(work, Work::Task(_)) {
                self.report.bytes_moved += bytes;
            }
            node.current = Some(work);
            let life = node.life;
            self.after(time, Item::Finish(address, life));
            return;
        }
    }

    pub(super) fn finish(&mut self, address: Address, life: u32) {
        let Some(node) = self.nodes.get_mut(&address).filter(|node| node.up && node.life == life) else {
            return;
        };
        match node.current.take() {
            Some(Work::Task(assignment)) => self.finish_task(address, &assignment),
            Some(Work::Check { round, check, .. }) => self.finish_check(address, round, check.id),
            None => {}
        }
        self.begin(address);
    }

    pub(super) fn finish_task(&mut self, address: Address, assignment: &Assignment) {
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

    /// What a verifier says of a task that it was asked to do again. Nobody has shown it what the leaf says; colluders know it
    /// from the worker.
    pub(super) fn finish_check(&mut self, address: Address, round: u64, task: TaskId) {
        let (Some(node), Some(leaf)) = (self.nodes.get(&address), self.chain.leaf(round, task)) else {
            return;
        };
        let count = self.output_counts.get(&task).copied().unwrap_or_default();
        let right = outputs_hash(&honest::outputs(task, count));
        let outputs_hash = match node.verifier {
            Verifier::Honest | Verifier::Abstaining => right,
            Verifier::Silent => return,
            Verifier::Colluding => leaf.outputs_hash,
            Verifier::Liar | Verifier::Slanderer => corex_work::Hash32([0xee; 32]),
        };
        self.report.checks += 1;
        let verdict = Verdict { job: JOB, round, task, outputs_hash };
        let signed = SignedVerdict { verdict, verifier: address, signature: Signature([0; 65]) };
        self.send(|| Item::ToCoordinator(Box::new(Event::Verdict(signed.clone()))));
    }

    /// A verifier is shown the leaf that it has spoken about.
    fn compare(&mut self, address: Address, reveal: &Reveal) {
        let Some(node) = self.nodes.get(&address) else { return };
        let Verdict { round, task, outputs_hash, .. } = reveal.verdict.verdict;
        let leaf = Leaf::from(&reveal.receipt.receipt);
        if self.chain.leaf(round, task) != Some(leaf) {
            return self.violation =
                Some(self.violated(format!("a leaf of task {task} that is not on chain is shown")));
        }
        let challenges = !matches!(node.verifier, Verifier::Slanderer | Verifier::Silent);
        if challenges && leaf.outputs_hash != outputs_hash {
            let delay = self.delay();
            self.after(delay, Item::Tx(Tx::Challenge { round, task, challenger: address }));
        }
    }
}
