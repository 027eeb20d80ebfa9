//! Audits of committed leaves: whom to ask, and whom to ask next. What the answers mean is in `disputes`.
//!
//! *Liveness.* A verifier that does not answer is replaced by another draw, and not waited for again and again once
//! others have; one that contradicts a leaf but opens no dispute is replaced, too; one that cannot get an input is
//! asked again after a pause that grows.
//!
//! *Verdicts are blind.* Who knows a result need not compute it to confirm it. So an order does not show results; the leaf is
//! shown to whoever has spoken about it. A task's inputs are named by other tasks' results: nobody is asked to check a task
//! while it owes a verdict about one of those, and, where there is a choice, nobody about a result that it has read.

use std::collections::{BTreeMap, BTreeSet};

use corex_work::{Address, BlobId, Hash32, TaskId};

use super::JobDriver;
use super::assign::HOLDERS_NAMED;
use super::collect::made_state;
use super::duty::{DutyState, Stage};
use crate::audit::{BlindLeaf, Verifier, draw_verifier};
use crate::config::WithoutVerifiers;
use crate::dag::TaskKey;
use crate::effect::{AuditOrder, BlobSource, Check, Effect, Warning};

/// Draws tried before taking the verifier with the most stake that is connected.
const DRAWS: u32 = 64;

/// Times that a verifier may let pass before an audit goes on without it.
pub(super) const PATIENCE: u32 = 3;

/// What to do about an audit that nobody is working on.
enum Next {
    Ask(Address, u32),
    /// Enough verifiers agree.
    Decided(Hash32),
    /// Everyone eligible who answers has; the leaf is contradicted, and nobody decides.
    Doubt(BTreeMap<Address, Hash32>),
    /// Nobody is left to ask, and nobody has answered: ask everyone again.
    StartOver,
    NoVerifier,
    Wait,
    Waive,
}

/// Those of whom it is true, or all if there is none.
fn prefer(pool: Vec<Verifier>, is_better: impl Fn(Address) -> bool) -> Vec<Verifier> {
    let better: Vec<Verifier> = pool.iter().copied().filter(|candidate| is_better(candidate.node)).collect();
    if better.is_empty() { pool } else { better }
}

impl JobDriver {
    /// Marks a task for an audit with certainty; `again` even if one has passed.
    fn audit_surely(&mut self, task: TaskId, again: bool) {
        let known = self.ledger.get(&task);
        if known
            .is_some_and(|entry| made_state(entry.key).is_some_and(|state| state > 0 && state <= self.base))
        {
            // Its inputs' history is closed: it could not be made again.
            return;
        }
        if known.is_some_and(|entry| entry.decided.is_some() || entry.doubt.is_some()) {
            return;
        }
        match known.map(|entry| entry.round) {
            Some(Some(index)) => {
                if let Some(round) = self.rounds.get_mut(&index) {
                    round.force(task, again);
                }
            }
            _ => _ = self.suspected.insert(task),
        }
        self.review = true;
    }

    /// Something is odd about a task's result: audit it, by another verifier if one has passed it.
    pub(super) fn suspect(&mut self, task: TaskId) {
        self.audit_surely(task, true);
    }

    /// Audits everything of a node that is committed, not settled and not audited yet.
    pub(super) fn audit_all_of(&mut self, node: Address) {
        let open = self.rounds.values().filter(|round| !round.settled);
        let tasks: Vec<TaskId> = open.flat_map(|round| round.leaves_of(node)).collect();
        for task in tasks {
            self.audit_surely(task, false);
        }
    }

    /// Who may be asked now, ascending by address.
    pub(super) fn eligible_verifiers(&self) -> Vec<Verifier> {
        let eligible = self.nodes.iter().filter(|(address, _)| self.nodes.may_verify(**address));
        eligible.map(|(address, node)| Verifier { node: *address, stake: node.info.stake }).collect()
    }

    /// Moves every unanswered audit on.
    pub(super) fn review_audits(&mut self) {
        self.expire_audits();
        self.show_contradicted();
        self.brief_juries();
        let unasked = self.unasked();
        if unasked.is_empty() {
            return;
        }
        let eligible = self.eligible_verifiers();
        let mut orders: BTreeMap<(u64, Address), Vec<TaskId>> = BTreeMap::new();
        for (index, task) in unasked {
            match self.next_for(index, task, &eligible) {
                Next::Ask(verifier, attempt) => {
                    let deadline = self.now.saturating_add(self.config.audit_timeout_ms);
                    if self.would_tell(verifier, index, task) {
                        continue;
                    }
                    self.with_duty(index, task, |duty| {
                        duty.attempt = attempt;
                        duty.asked.insert(verifier);
                        duty.stage = Stage::Asked { verifier, deadline };
                    });
                    orders.entry((index, verifier)).or_default().push(task);
                }
                Next::Decided(right) => self.decided_by_verifiers(index, task, right),
                Next::Doubt(verdicts) => {
                    self.close_duty(index, task);
                    self.doubt(task, verdicts);
                }
                Next::StartOver => {
                    let (now, config) = (self.now, self.config);
                    self.with_duty(index, task, |duty| {
                        duty.unanswered.clear();
                        duty.pause(now, &config);
                    });
                }
                Next::Waive => {
                    self.close_duty(index, task);
                    self.warn(Warning::AuditWaived { round: index, task });
                }
                Next::NoVerifier => self.without_verifier(index, task),
                Next::Wait => {}
            }
        }
        for ((index, verifier), tasks) in orders {
            self.order(index, verifier, tasks);
        }
    }

    /// Audits that nobody is working on, each after those of the tasks that it reads from.
    fn unasked(&self) -> Vec<(u64, TaskId)> {
        let mut unasked: Vec<_> = self
            .rounds
            .iter()
            .flat_map(|(index, round)| {
                let unasked = round.duties.iter().filter(|(_, duty)| duty.stage == Stage::Unasked);
                unasked.map(|(task, _)| {
                    let key = self.ledger.get(task).map(|entry| entry.key);
                    (key.map(|key| (key.step(), matches!(key, TaskKey::Update { .. }))), *index, *task)
                })
            })
            .collect();
        unasked.sort_unstable();
        unasked.into_iter().map(|(_, index, task)| (index, task)).collect()
    }

    /// Whether asking `verifier` to check a task would tell it a result that it still owes a verdict about: the names of the
    /// task's inputs are the results of others. Nobody waits for who does not answer, and what somebody has spoken about
    /// does not wait.
    fn would_tell(&self, verifier: Address, index: u64, task: TaskId) -> bool {
        let (Some(entry), Some(round)) = (self.ledger.get(&task), self.rounds.get(&index)) else {
            return false;
        };
        let is_urgent = round.duties.get(&task).is_some_and(|duty| !duty.verdicts.is_empty());
        if is_urgent || round.waits_in_vain(verifier) {
            return false;
        }
        let makers: BTreeSet<TaskId> =
            entry.task.inputs.iter().flat_map(|blob| self.ledger.producers(blob)).collect();
        makers.iter().any(|maker| {
            let round = self.ledger.get(maker).and_then(|made| self.rounds.get(&made.round?));
            let duty = round.and_then(|round| round.duties.get(maker));
            duty.is_some_and(
                |duty| matches!(duty.stage, Stage::Asked { verifier: busy, .. } if busy == verifier),
            )
        })
    }

    /// Whether a node was given a task that reads the result of this one, to do or to check.
    fn has_seen(&self, node: Address, task: TaskId) -> bool {
        let Some(entry) = self.ledger.get(&task) else { return false };
        let readers = self.dag.consumers(entry.key).into_iter();
        readers.filter_map(|reader| Some((self.results.get(&reader)?, reader))).any(|(reader, _)| {
            let Some(read) = self.ledger.get(reader) else { return false };
            let duty = read.round.and_then(|index| self.rounds.get(&index)?.duties.get(reader));
            read.workers.contains(&node) || duty.is_some_and(|duty| duty.asked.contains(&node))
        })
    }

    /// Shows those who contradict a leaf what they contradict, until a dispute opens: messages get lost, and so do the
    /// coordinator's own on its way down.
    fn show_contradicted(&mut self) {
        let (now, again) = (self.now, self.now.saturating_add(self.config.resend_ms));
        for round in self.rounds.values_mut() {
            let mut due = Vec::new();
            for duty in round.duties.values_mut() {
                if matches!(duty.stage, Stage::Contested { .. }) && duty.reveal_at <= now {
                    duty.reveal_at = again;
                    due.extend(duty.objections.values().cloned());
                }
            }
            let reveals = due.into_iter().filter_map(|verdict| round.reveal(verdict));
            self.effects.extend(reveals.map(|reveal| Effect::Reveal(Box::new(reveal))));
        }
    }

    /// While the chain decides by games: one verifier more, who challenges, too, if it finds a fault, so that a challenger that
    /// loses on purpose shields nothing. The next one, if it does not answer.
    fn ask_for_opinions(&mut self) {
        let (now, eligible) = (self.now, self.eligible_verifiers());
        let deadline = now.saturating_add(self.config.audit_timeout_ms);
        let mut orders = Vec::new();
        for (index, round) in &mut self.rounds {
            let Some(beacon) = round.beacon else { continue };
            for (task, duty) in round.duties.iter_mut().filter(|(_, duty)| duty.stage == Stage::Disputed) {
                let Some(leaf) = round.entries.get(task).map(|entry| &entry.receipt.receipt) else {
                    continue;
                };
                let leaf = BlindLeaf { task: *task, node: leaf.node };
                let heard = duty.verdicts.keys().any(|verifier| !duty.challenges(*verifier));
                if heard || now < duty.next_opinion.max(duty.not_before) {
                    continue;
                }
                let mut pool = eligible.clone();
                pool.retain(|verifier| {
                    verifier.node != leaf.node
                        && !duty.challenges(verifier.node)
                        && !duty.briefed.contains(&verifier.node)
                });
                let attempt = duty.attempt.saturating_add(1).saturating_add(duty.briefed.len() as u32);
                if let Some(verifier) = draw_verifier(beacon, &leaf, attempt, &pool) {
                    duty.briefed.insert(verifier);
                    duty.asked.insert(verifier);
                    duty.next_opinion = deadline;
                    orders.push((*index, verifier, *task));
                }
            }
        }
        for (index, verifier, task) in orders {
            self.order(index, verifier, vec![task]);
        }
    }

    /// The chain draws a committee from all verifiers: each gets the task of an open dispute and its inputs once per
    /// connection, so that whoever has a seat can vote on what it computed itself.
    fn brief_juries(&mut self) {
        if self.config.games {
            return self.ask_for_opinions();
        }
        let (now, eligible) = (self.now, self.eligible_verifiers());
        let mut orders = Vec::new();
        for (index, round) in &mut self.rounds {
            for (task, duty) in &mut round.duties {
                if duty.stage != Stage::Disputed {
                    continue;
                }
                let accused = round.entries.get(task).map(|entry| entry.receipt.receipt.node);
                for verifier in eligible.iter().map(|verifier| verifier.node) {
                    let party = duty.challenges(verifier) || Some(verifier) == accused;
                    if !party && duty.not_before <= now && duty.briefed.insert(verifier) {
                        duty.asked.insert(verifier);
                        orders.push((*index, verifier, *task));
                    }
                }
            }
        }
        for (index, verifier, task) in orders {
            self.order(index, verifier, vec![task]);
        }
    }

    fn expire_audits(&mut self) {
        let now = self.now;
        let mut warnings = Vec::new();
        for (index, round) in &mut self.rounds {
            for (task, duty) in &mut round.duties {
                match duty.stage {
                    Stage::Asked { verifier, deadline } if deadline <= now => {
                        warnings.push(Warning::AuditExpired { verifier, round: *index, task: *task });
                        let times = duty.unanswered.entry(verifier).or_default();
                        *times = times.saturating_add(1);
                        duty.next_verifier();
                    }
                    Stage::Contested { deadline } if deadline <= now => duty.nothing_decided(),
                    _ => {}
                }
            }
        }
        warnings.into_iter().for_each(|warning| self.warn(warning));
    }

    fn next_for(&self, index: u64, task: TaskId, eligible: &[Verifier]) -> Next {
        let Some(round) = self.rounds.get(&index) else { return Next::Wait };
        let (Some(beacon), Some(leaf), Some(duty)) =
            (round.beacon, round.leaf(&task), round.duties.get(&task))
        else {
            return Next::Wait;
        };
        if duty.is_contradicted(leaf.outputs_hash)
            && let Some(right) = duty.quorum(&self.electorate(leaf.node))
        {
            return Next::Decided(right);
        }
        if duty.not_before > self.now {
            return Next::Wait;
        }
        let Some(entry) = self.ledger.get(&task) else { return Next::Waive };
        if self.sources(entry.key, &entry.task).is_none() {
            let mut inputs = self.produced_inputs(entry.key, &entry.task);
            return if inputs.all(|blob| self.is_recoverable(blob)) { Next::Wait } else { Next::Waive };
        }
        let others = || eligible.iter().filter(|verifier| verifier.node != leaf.node);
        let is_left = |verifier: &&Verifier| {
            let unanswered = duty.unanswered.get(&verifier.node).copied().unwrap_or(0);
            !duty.verdicts.contains_key(&verifier.node)
                && !duty.lost.contains(&verifier.node)
                && unanswered < PATIENCE
        };
        let pool: Vec<Verifier> = others().filter(is_left).copied().collect();
        if pool.is_empty() {
            return if duty.is_contradicted(leaf.outputs_hash) {
                // Who is away may decide it.
                let spoken = |node: &Address| {
                    duty.verdicts.contains_key(node) || others().any(|verifier| verifier.node == *node)
                };
                let complete = self.electorate(leaf.node).keys().all(spoken);
                let over = complete || self.now >= duty.patience_ends;
                if over { Next::Doubt(duty.verdicts.clone()) } else { Next::Wait }
            } else if !duty.verdicts.is_empty() {
                Next::Decided(leaf.outputs_hash)
            } else if others().next().is_none() {
                Next::NoVerifier
            } else {
                Next::StartOver
            };
        }
        // Better who answers than who has let time pass, better who has not seen the result; better anyone than nobody.
        let pool = prefer(pool, |node| !round.waits_in_vain(node));
        let pool = prefer(pool, |node| !self.has_seen(node, task));
        // The first draw is the plan's, among those fixed with the round; later ones among those here now.
        let attempts = duty.attempt..duty.attempt.saturating_add(DRAWS);
        let drawn = attempts.clone().find_map(|attempt| {
            let among = if attempt == 0 { &round.verifiers } else { &pool };
            let verifier = draw_verifier(beacon, &BlindLeaf::from(&leaf), attempt, among)?;
            pool.iter().any(|candidate| candidate.node == verifier).then_some((verifier, attempt))
        });
        match drawn {
            Some((verifier, attempt)) => Next::Ask(verifier, attempt),
            None => pool
                .iter()
                .max_by_key(|verifier| (verifier.stake, verifier.node))
                .map_or(Next::Wait, |verifier| Next::Ask(verifier.node, attempts.end)),
        }
    }

    fn without_verifier(&mut self, index: u64, task: TaskId) {
        let first = self.warned_no_verifier.insert(index);
        match self.config.without_verifiers {
            WithoutVerifiers::Wait if first => self.warn(Warning::NoVerifier(index)),
            WithoutVerifiers::Wait => {}
            WithoutVerifiers::SettleUnaudited => {
                self.close_duty(index, task);
                if first {
                    self.warn(Warning::Unaudited(index));
                }
            }
        }
    }

    fn order(&mut self, index: u64, verifier: Address, tasks: Vec<TaskId>) {
        let Some(beacon) = self.rounds.get(&index).and_then(|round| round.beacon) else { return };
        let mut blobs = BTreeMap::new();
        let mut checks = Vec::new();
        for (id, entry) in tasks.iter().filter_map(|task| Some((*task, self.ledger.get(task)?))) {
            let units = entry.receipt.receipt.units;
            checks.push(Check { id, task: entry.task.clone(), units });
            for source in self.sources(entry.key, &entry.task).into_iter().flatten() {
                let holders = source.holders.into_iter().take(HOLDERS_NAMED).collect();
                blobs.insert(source.blob, BlobSource { holders, ..source });
            }
        }
        let blobs = blobs.into_values().collect();
        let order = AuditOrder { verifier, round: index, beacon, checks, blobs };
        self.effects.push(Effect::Audit(Box::new(order)));
    }

    /// A verifier cannot audit a leaf, or vote on it; says whether it was asked to.
    pub(super) fn pass_audit_on(&mut self, node: Address, task: TaskId) -> bool {
        let Some(Some(index)) = self.ledger.get(&task).map(|entry| entry.round) else { return false };
        let (now, config) = (self.now, self.config);
        let mut was_asked = false;
        self.with_duty(index, task, |duty| match duty.stage {
            Stage::Asked { verifier, .. } if verifier == node => {
                was_asked = true;
                duty.pause(now, &config);
            }
            // A juror is told again, in case that helps.
            Stage::Disputed => {
                was_asked = duty.briefed.remove(&node);
                duty.pause(now, &config);
                duty.stage = Stage::Disputed;
            }
            _ => {}
        });
        was_asked
    }

    /// The coordinator has a blob that somebody could not get: audits that read it need not pause.
    pub(super) fn resume_audits(&mut self, blob: &BlobId) {
        for round in self.rounds.values_mut() {
            let paused = round.duties.iter_mut().filter(|(_, duty)| duty.not_before > self.now);
            for (task, duty) in paused {
                if self.ledger.get(task).is_some_and(|entry| entry.task.inputs.contains(blob)) {
                    duty.resume();
                }
            }
        }
    }

    pub(super) fn close_duty(&mut self, index: u64, task: TaskId) {
        self.with_duty(index, task, |duty| duty.stage = Stage::Closed);
        if let Some(round) = self.rounds.get_mut(&index) {
            round.resend_at = 0;
        }
        self.review = true;
    }

    fn with_duty(&mut self, index: u64, task: TaskId, change: impl FnOnce(&mut DutyState)) {
        if let Some(duty) = self.rounds.get_mut(&index).and_then(|round| round.duties.get_mut(&task)) {
            change(duty);
        }
    }
}
