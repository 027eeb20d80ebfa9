//! Audits of committed leaves: asking verifiers, taking verdicts, following disputes.
//!
//! *Safety.* A leaf is closed by a verdict that agrees with it, by a decision of the chain, or, where the chain
//! decides nothing, by an independent evaluation that agrees with one side. *Liveness.* A verifier that does
//! not answer is replaced by another draw, and not waited for again and again once others have; one that contradicts a
//! leaf but opens no dispute is replaced, too. A chain that has decided nothing once is not waited for again.

use std::collections::{BTreeMap, BTreeSet};

use corex_work::{Address, Hash32, SignedVerdict, TaskId};

use super::JobDriver;
use super::assign::HOLDERS_NAMED;
use super::collect::made_state;
use crate::audit::{Verifier, draw_verifier};
use crate::config::WithoutVerifiers;
use crate::effect::{AuditOrder, BlobSource, Effect, Warning};
use crate::event::DisputeOutcome;

/// The audit of one leaf.
#[derive(Clone, Debug, Default)]
pub(crate) struct DutyState {
    pub(super) stage: Stage,
    /// Counts the draws of a verifier.
    attempt: u32,
    /// Whose verdicts count: everyone who was asked.
    pub(super) asked: BTreeSet<Address>,
    /// Verdicts that contradict the leaf.
    contradicted: BTreeMap<Address, Hash32>,
    /// How often each verifier let its time pass.
    unanswered: BTreeMap<Address, u32>,
    /// A contradiction has led to no decision: no dispute opened in time, or one expired.
    undecided: bool,
    /// While a dispute is open: who has been given what a vote needs.
    pub(super) briefed: BTreeSet<Address>,
}

/// How far an audit is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nobody is asked at the moment.
    #[default]
    Unasked,
    /// A verifier is evaluating.
    Asked { verifier: Address, deadline: u64 },
    /// A verifier disagrees; a dispute should open.
    Contested { deadline: u64 },
    /// The chain is deciding.
    Disputed { challenger: Address },
    /// Answered.
    Closed,
}

impl DutyState {
    /// The chain had its chance to decide a contradiction: draws again.
    fn nothing_decided(&mut self) {
        self.undecided = true;
        self.next_verifier();
    }

    /// Draws again.
    pub(super) fn next_verifier(&mut self) {
        self.attempt = self.attempt.saturating_add(1);
        self.stage = Stage::Unasked;
    }
}

/// Draws tried before taking the verifier with the most stake that is connected.
const DRAWS: u32 = 64;

/// Times that a verifier may let pass before an audit goes on without it.
const PATIENCE: u32 = 3;

/// What to do about an audit that nobody is working on.
enum Next {
    Ask(Address, u32),
    /// Everyone eligible who answers contradicts the leaf, and no dispute decides.
    Doubt(Hash32, Vec<Address>),
    /// Nobody is left to ask, but nothing follows from the answers: ask everyone again.
    StartOver,
    NoVerifier,
    Wait,
    Waive,
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
        self.brief_juries();
        let unasked: Vec<(u64, TaskId)> = self
            .rounds
            .iter()
            .flat_map(|(index, round)| {
                let unasked = round.duties.iter().filter(|(_, duty)| duty.stage == Stage::Unasked);
                unasked.map(|(task, _)| (*index, *task))
            })
            .collect();
        if unasked.is_empty() {
            return;
        }
        let eligible = self.eligible_verifiers();
        let mut orders: BTreeMap<(u64, Address), Vec<TaskId>> = BTreeMap::new();
        for (index, task) in unasked {
            match self.next_for(index, task, &eligible) {
                Next::Ask(verifier, attempt) => {
                    let deadline = self.now.saturating_add(self.config.audit_timeout_ms);
                    self.with_duty(index, task, |duty| {
                        duty.attempt = attempt;
                        duty.asked.insert(verifier);
                        duty.stage = Stage::Asked { verifier, deadline };
                    });
                    orders.entry((index, verifier)).or_default().push(task);
                }
                Next::Doubt(claimed, accusers) => {
                    self.close_duty(index, task);
                    self.doubt(task, claimed, accusers);
                }
                Next::StartOver => self.with_duty(index, task, |duty| {
                    duty.contradicted.clear();
                    duty.unanswered.clear();
                    duty.next_verifier();
                }),
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

    /// The chain draws a committee from all verifiers: each gets the task of an open dispute and its inputs once per
    /// connection, so that whoever has a seat can vote on what it computed itself.
    fn brief_juries(&mut self) {
        let eligible = self.eligible_verifiers();
        let mut orders = Vec::new();
        for (index, round) in &mut self.rounds {
            for (task, duty) in &mut round.duties {
                let Stage::Disputed { challenger } = duty.stage else { continue };
                let accused = round.entries.get(task).map(|entry| entry.receipt.receipt.node);
                for verifier in eligible.iter().map(|verifier| verifier.node) {
                    let party = verifier == challenger || Some(verifier) == accused;
                    if !party && duty.briefed.insert(verifier) {
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
        let Some(entry) = self.ledger.get(&task) else { return Next::Waive };
        if self.sources(entry.key, &entry.task).is_none() {
            let mut inputs = self.produced_inputs(entry.key, &entry.task);
            return if inputs.all(|blob| self.is_recoverable(blob)) { Next::Wait } else { Next::Waive };
        }
        let others = || eligible.iter().filter(|verifier| verifier.node != leaf.node);
        let is_left = |verifier: &&Verifier| {
            let unanswered = duty.unanswered.get(&verifier.node).copied().unwrap_or(0);
            !duty.contradicted.contains_key(&verifier.node) && unanswered < PATIENCE
        };
        let pool: Vec<Verifier> = others().filter(is_left).copied().collect();
        if pool.is_empty() {
            return match agreement(&duty.contradicted) {
                Some((claimed, accusers)) => Next::Doubt(claimed, accusers),
                None if others().next().is_none() && duty.contradicted.is_empty() => Next::NoVerifier,
                None => Next::StartOver,
            };
        }
        // The first draw is the plan's, among those fixed with the round; later ones among those here now.
        let attempts = duty.attempt..duty.attempt.saturating_add(DRAWS);
        let drawn = attempts.clone().find_map(|attempt| {
            let among = if attempt == 0 { &round.verifiers } else { &pool };
            let verifier = draw_verifier(beacon, &leaf, attempt, among)?;
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
        let Some((round, beacon)) = self.rounds.get(&index).and_then(|round| Some((round, round.beacon?)))
        else {
            return;
        };
        let mut blobs = BTreeMap::new();
        for entry in tasks.iter().filter_map(|task| self.ledger.get(task)) {
            for source in self.sources(entry.key, &entry.task).into_iter().flatten() {
                let holders = source.holders.into_iter().take(HOLDERS_NAMED).collect();
                blobs.insert(source.blob, BlobSource { holders, ..source });
            }
        }
        let blobs = blobs.into_values().collect();
        self.effects.push(Effect::Audit(Box::new(AuditOrder {
            verifier,
            tasks,
            blobs,
            info: round.info(beacon),
        })));
    }

    /// A verifier answered.
    pub(super) fn verdict(&mut self, signed: &SignedVerdict) {
        let (verdict, verifier) = (&signed.verdict, signed.verifier);
        if verdict.job != self.job {
            return self.unexpected(verdict.round, "a verdict for another job");
        }
        let deadline = self.now.saturating_add(self.config.audit_timeout_ms);
        let Some(round) = self.rounds.get_mut(&verdict.round) else { return };
        let Some(leaf) = round.leaf(&verdict.task) else { return };
        let Some(duty) = round.duties.get_mut(&verdict.task) else { return };
        let waiting = matches!(duty.stage, Stage::Unasked | Stage::Asked { .. } | Stage::Contested { .. });
        if !waiting || !duty.asked.contains(&verifier) || verifier == leaf.node {
            return;
        }
        if verdict.outputs_hash == leaf.outputs_hash {
            self.confirm(verdict.round, verdict.task, leaf.node);
        } else if duty.contradicted.insert(verifier, verdict.outputs_hash).is_none() {
            // In a settled round the chain takes no disputes, and where one was tried in vain the next is hardly better:
            // go straight to the next verifier. If a dispute opens all the same, it is followed.
            let waits = !round.settled && !duty.undecided;
            duty.stage = if waits { Stage::Contested { deadline } } else { Stage::Unasked };
            self.warn(Warning::Mismatch { verifier, round: verdict.round, task: verdict.task });
            self.review = true;
        }
    }

    /// A verifier cannot audit a leaf that it was asked to; says whether it was.
    pub(super) fn pass_audit_on(&mut self, node: Address, task: TaskId) -> bool {
        let Some(Some(index)) = self.ledger.get(&task).map(|entry| entry.round) else { return false };
        let mut was_asked = false;
        self.with_duty(index, task, |duty| {
            was_asked = matches!(duty.stage, Stage::Asked { verifier, .. } if verifier == node);
            if was_asked {
                duty.next_verifier();
            }
        });
        was_asked
    }

    fn confirm(&mut self, index: u64, task: TaskId, node: Address) {
        self.audits_passed += 1;
        if let Some(node) = self.nodes.get_mut(node) {
            node.reputation.confirmed = node.reputation.confirmed.saturating_add(1);
        }
        self.conflicts.remove(&task);
        self.close_duty(index, task);
    }

    /// A dispute opened; anyone may challenge any leaf.
    pub(super) fn challenged(&mut self, index: u64, task: TaskId, challenger: Address) {
        let Some(round) = self.rounds.get_mut(&index).filter(|round| round.entries.contains_key(&task))
        else {
            return self.unexpected(index, "a challenge");
        };
        if !round.settled && !round.convicted.contains(&task) {
            round.duties.entry(task).or_default().stage = Stage::Disputed { challenger };
            self.review = true;
        }
    }

    /// The chain decided.
    pub(super) fn dispute_resolved(&mut self, index: u64, task: TaskId, outcome: DisputeOutcome) {
        let Some(round) = self.rounds.get_mut(&index) else {
            return self.unexpected(index, "a decision");
        };
        let Some(leaf) = round.leaf(&task) else {
            return self.unexpected(index, "a decision");
        };
        if round.convicted.contains(&task) {
            return;
        }
        let duty = round.duties.entry(task).or_default();
        let challenger = match duty.stage {
            Stage::Disputed { challenger } => Some(challenger),
            _ => None,
        };
        match outcome {
            DisputeOutcome::Guilty { outputs_hash } => {
                round.convicted.insert(task);
                self.close_duty(index, task);
                self.convict(leaf.node, task, outputs_hash);
            }
            DisputeOutcome::Cleared => {
                if let Some(loser) = challenger.and_then(|challenger| self.nodes.get_mut(challenger)) {
                    loser.reputation.faults = loser.reputation.faults.saturating_add(1);
                }
                self.confirm(index, task, leaf.node);
            }
            // Nothing was decided: another verifier is asked. Late news of a dispute that a verdict has closed
            // in the meantime changes nothing.
            DisputeOutcome::Expired if challenger.is_some() => {
                duty.nothing_decided();
                self.review = true;
            }
            DisputeOutcome::Expired => {}
        }
    }

    fn close_duty(&mut self, index: u64, task: TaskId) {
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

/// The hash that most contradicting verdicts agree on: at least two, or all of them if there is one.
fn agreement(contradicted: &BTreeMap<Address, Hash32>) -> Option<(Hash32, Vec<Address>)> {
    let mut sides: BTreeMap<Hash32, Vec<Address>> = BTreeMap::new();
    for (verifier, claimed) in contradicted {
        sides.entry(*claimed).or_default().push(*verifier);
    }
    let needed = contradicted.len().min(2);
    sides
        .into_iter()
        .filter(|(_, who)| who.len() >= needed.max(1))
        .max_by_key(|(claimed, who)| (who.len(), *claimed))
}
