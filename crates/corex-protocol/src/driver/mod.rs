//! The job driver: events in, effects out. This file holds its state and hands events to the parts:
//!
//! | part | concern |
//! |---|---|
//! | `plan` | which tasks must be open now |
//! | `assign` | who does them; leases, stragglers, failures |
//! | `results` | receipts |
//! | `rollback` | wrong results |
//! | `recover` | lost results |
//! | `doubts` | results that are contradicted and that nobody decides |
//! | `rounds` | what goes on chain |
//! | `audits`, `duty` | whom to ask about a leaf |
//! | `disputes` | verdicts, and who is right |
//! | `collect` | checkpoints, metrics, garbage, the end |

mod assign;
mod audits;
mod collect;
mod disputes;
mod doubts;
mod duty;
mod plan;
mod recover;
mod results;
mod rollback;
mod rounds;
mod wages;

use std::collections::{BTreeMap, BTreeSet};

use corex_work::{Address, BlobId, JobId, JobSpec, SpecError, TaskId};

use crate::blobs::Blobs;
use crate::config::Config;
use crate::dag::{Dag, TaskKey};
use crate::effect::{Effect, FinalState, Warning};
use crate::event::{Event, Holder};
use crate::ledger::Ledger;
use crate::nodes::{Node, Nodes};

use assign::OpenTask;
use collect::{Checkpoint, Fetch, Read};
use rounds::Round;

/// Runs one job. See the [crate documentation](crate) for what it guarantees and what a shell must do.
#[derive(Clone, Debug)]
pub struct JobDriver {
    job: JobId,
    dag: Dag,
    config: Config,
    now: u64,
    nodes: Nodes,
    blobs: Blobs,
    ledger: Ledger,
    /// The lineage as it stands: the task that fills each place of the graph.
    results: BTreeMap<TaskKey, TaskId>,
    /// First step whose update is not known: every result before it is.
    step: u32,
    /// States that must be evaluated and are not.
    unevaluated: BTreeSet<u32>,
    open: BTreeMap<TaskId, OpenTask>,
    /// Open tasks that fill a place of the graph; the others only make a lost blob again.
    open_places: BTreeMap<TaskKey, TaskId>,
    /// Accepted receipts that are in no round yet.
    pending: BTreeSet<TaskId>,
    /// Tasks to audit with certainty when their round is sealed.
    suspected: BTreeSet<TaskId>,
    /// Tasks that stand still until an audit says which of two results is right.
    conflicts: BTreeSet<TaskId>,
    rounds: BTreeMap<u64, Round>,
    next_round: u64,
    /// Value of `step / round_steps` when the last round was sealed.
    sealed_at: u32,
    /// Checkpoints that the coordinator holds or wants, by state.
    checkpoints: BTreeMap<u32, Checkpoint>,
    /// Latest checkpoint whose whole history is settled: nothing before it is ever needed again.
    base: u32,
    /// Blobs to bring to the coordinator.
    fetches: BTreeMap<BlobId, Fetch>,
    /// Metrics to read.
    reads: BTreeMap<TaskKey, Read>,
    stopped: bool,
    done: Option<FinalState>,
    audits_passed: u64,
    audits_failed: u64,
    warned_no_verifier: BTreeSet<u64>,
    /// Something changed that may open or fill a place of the graph.
    replan: bool,
    /// It is time to look for lost blobs that no open task reads.
    check_wanted: bool,
    /// Something changed that may move a round or an audit.
    review: bool,
    effects: Vec<Effect>,
}

/// Where a job stands, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Optimizer steps known.
    pub step: u32,
    /// Optimizer steps of the job.
    pub steps: u32,
    /// Tasks assigned or waiting.
    pub open_tasks: usize,
    /// Rounds sealed so far.
    pub rounds: u64,
    /// Rounds sealed and not settled.
    pub unsettled_rounds: u64,
    /// Leaves that a verifier or a dispute confirmed.
    pub audits_passed: u64,
    /// Leaves that were found wrong.
    pub audits_failed: u64,
    /// The result, once the job is finished.
    pub done: Option<FinalState>,
}

impl JobDriver {
    /// Starts a job from its specification.
    ///
    /// # Errors
    /// What [`JobSpec::check`] says.
    pub fn new(job: JobId, spec: &JobSpec, config: Config) -> Result<JobDriver, SpecError> {
        let dag = Dag::new(spec)?;
        let mut blobs = Blobs::default();
        for blob in dag.genesis() {
            blobs.track(0, blob, None);
            blobs.held(Holder::Coordinator, blob);
        }
        let unevaluated = (0..=dag.spec().steps).filter(|&t| dag.is_evaluated(t)).collect();
        Ok(JobDriver {
            job,
            dag,
            config,
            now: 0,
            nodes: Nodes::default(),
            blobs,
            ledger: Ledger::default(),
            results: BTreeMap::new(),
            step: 0,
            unevaluated,
            open: BTreeMap::new(),
            open_places: BTreeMap::new(),
            pending: BTreeSet::new(),
            suspected: BTreeSet::new(),
            conflicts: BTreeSet::new(),
            rounds: BTreeMap::new(),
            next_round: 0,
            sealed_at: 0,
            checkpoints: BTreeMap::new(),
            base: 0,
            fetches: BTreeMap::new(),
            reads: BTreeMap::new(),
            stopped: false,
            done: None,
            audits_passed: 0,
            audits_failed: 0,
            warned_no_verifier: BTreeSet::new(),
            replan: true,
            check_wanted: false,
            review: true,
            effects: Vec::new(),
        })
    }

    /// Takes in one event, seen at `now_ms`, and says what to do. Time never runs backwards: an earlier time
    /// than before counts as the latest seen.
    pub fn handle(&mut self, now_ms: u64, event: Event) -> Vec<Effect> {
        self.now = self.now.max(now_ms);
        match event {
            Event::NodeJoined(info) => {
                self.disconnect(info.node);
                if let Some(reason) = self.nodes.get(info.node).and_then(|node| node.banned) {
                    self.effects.push(Effect::Ban { node: info.node, reason });
                } else {
                    self.nodes.join(info);
                    self.blobs.connect(info.node);
                }
                self.review |= info.roles.verifier;
            }
            Event::NodeLost { node } => self.disconnect(node),
            Event::StakeChanged { node, stake } => {
                if let Some(node) = self.nodes.get_mut(node) {
                    node.info.stake = stake;
                }
                self.review = true;
            }
            Event::TaskDone { node, receipt } => self.task_done(node, receipt),
            Event::TaskFailed { node, task, reason } => self.task_failed(node, task, reason),
            Event::BlobHeld { holder, blob } => self.blob_held(holder, blob),
            Event::BlobLost { holder, blob } => self.blob_lost(holder, blob),
            Event::RoundCommitted { round, .. } => self.round_committed(round),
            Event::BeaconDrawn { round, beacon } => self.beacon_drawn(round, beacon),
            Event::Verdict(signed) => self.verdict(&signed),
            Event::Challenged { dispute, round, task, challenger } => {
                self.challenged(dispute, round, task, challenger);
            }
            Event::DisputeResolved { dispute, round, task, outcome } => {
                self.dispute_resolved(dispute, round, task, outcome);
            }
            Event::RoundSettled { round } => self.round_settled(round),
            Event::MetricsRead { task, values } => self.metrics_read(task, &values),
            Event::Stop => self.stop(),
            Event::Restarted => self.restart(),
            Event::Tick => {
                self.expire_leases();
                self.end_doubts();
                (self.replan, self.review, self.check_wanted) = (true, true, true);
            }
        }
        if !self.stopped {
            self.advance();
        }
        std::mem::take(&mut self.effects)
    }

    /// Does whatever the last event made possible.
    fn advance(&mut self) {
        if self.done.is_none() {
            while std::mem::take(&mut self.replan) {
                self.plan();
            }
            self.schedule();
            self.seal_round();
        }
        if std::mem::take(&mut self.review) {
            self.review_audits();
            self.drive_chain();
            self.drive_fetches();
            self.drive_reads();
        }
        self.finish_if_complete();
    }

    /// Everything a node was doing goes back to the queue.
    fn disconnect(&mut self, node: Address) {
        if let Some(known) = self.nodes.get_mut(node) {
            known.connected = false;
            for task in std::mem::take(&mut known.active).into_keys() {
                if let Some(open) = self.open.get_mut(&task) {
                    open.leases.remove(&node);
                }
            }
        }
        self.rounds.values_mut().for_each(|round| round.forget_briefing(node));
        self.blobs.disconnect(self.now, node);
    }

    fn stop(&mut self) {
        self.stopped = true;
        let leases: Vec<(Address, TaskId)> =
            self.open.iter().flat_map(|(task, open)| open.leases.keys().map(|node| (*node, *task))).collect();
        for (node, task) in leases {
            self.end_lease(node, task);
            self.effects.push(Effect::Cancel { node, task });
        }
    }

    fn restart(&mut self) {
        self.stopped = false;
        for node in self.nodes.connected() {
            self.disconnect(node);
        }
        self.fetches.values_mut().for_each(|fetch| fetch.resend_at = 0);
        self.reads.values_mut().for_each(|read| read.resend_at = 0);
        for round in self.rounds.values_mut() {
            round.resend_at = 0;
            round.ask_again();
        }
        self.warned_no_verifier.clear();
        self.effects.extend(self.done.clone().map(Effect::JobDone));
        (self.replan, self.review) = (true, true);
    }

    fn warn(&mut self, warning: Warning) {
        self.effects.push(Effect::Warn(warning));
    }

    /// The job.
    pub fn job(&self) -> JobId {
        self.job
    }

    /// The task graph.
    pub fn dag(&self) -> &Dag {
        &self.dag
    }

    /// Every node that ever joined.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().map(|(_, node)| node)
    }

    /// Audit rate of a node now, in parts per million.
    pub fn audit_rate_ppm(&self, node: &Node) -> u32 {
        node.reputation().audit_rate_ppm(&self.config.audit)
    }

    /// Where the job stands.
    pub fn summary(&self) -> Summary {
        Summary {
            step: self.step,
            steps: self.dag.spec().steps,
            open_tasks: self.open.len(),
            rounds: self.next_round,
            unsettled_rounds: self.rounds.values().filter(|round| !round.settled).count() as u64,
            audits_passed: self.audits_passed,
            audits_failed: self.audits_failed,
            done: self.done.clone(),
        }
    }
}
