//! What becomes of a leaf that verifiers speak about: verdicts, disputes on chain, and the decision.
//!
//! *Safety.* One agreeing verdict closes an audit only while nobody contradicts the leaf. From the first contradiction
//! on, these decide, in this order: the chain; two thirds of the stake of all verifiers, present or not, by signed
//! verdicts, which are what a vote on chain would have been; independent evaluations (`doubts`). *Liveness.* A chain
//! that has decided nothing once is not waited for again, and neither is a verifier that stays away.
//!
//! Of exact work the chain decides by games (`crate::dispute`): each is one challenger's. A lost one says nothing of the leaf,
//! so that nobody shields a wrong result by challenging it and losing: the loser is not believed any more, and the audit goes on.
//! While games are open one more verifier is asked, who challenges, too, if it finds a fault. A game that is won says that the
//! leaf is void, not what is right, or even that it was wrong: its node may just have been silent. So the task begins anew.

use std::collections::BTreeMap;

use corex_work::{Address, Hash32, Leaf, SignedVerdict, TaskId};

use super::JobDriver;
use super::audits::PATIENCE;
use super::duty::Stage;
use crate::effect::{BanReason, Effect, Warning};
use crate::event::DisputeOutcome;

impl JobDriver {
    /// A verifier answered.
    pub(super) fn verdict(&mut self, signed: &SignedVerdict) {
        let (verdict, verifier) = (&signed.verdict, signed.verifier);
        if verdict.job != self.job {
            return self.unexpected(verdict.round, "a verdict for another job");
        }
        let timeout = self.config.audit_timeout_ms;
        let Some(round) = self.rounds.get_mut(&verdict.round) else { return };
        let Some(leaf) = round.leaf(&verdict.task) else { return };
        let Some(duty) = round.duties.get_mut(&verdict.task) else { return };
        if !duty.asked.contains(&verifier) || verifier == leaf.node {
            return;
        }
        let counts = duty.stage != Stage::Closed
            && !duty.verdicts.contains_key(&verifier)
            && !duty.lost.contains(&verifier);
        let contradicts = verdict.outputs_hash != leaf.outputs_hash;
        if counts && contradicts {
            duty.objections.insert(verifier, signed.clone());
            duty.reveal_at = self.now.saturating_add(self.config.resend_ms);
        }
        // Whoever was asked and has answered may know, even if it is late.
        let reveal = round.reveal(signed.clone());
        self.effects.extend(reveal.map(|reveal| Effect::Reveal(Box::new(reveal))));
        if !counts {
            return;
        }
        let Some(duty) = round.duties.get_mut(&verdict.task) else { return };
        duty.verdicts.insert(verifier, verdict.outputs_hash);
        self.review = true;
        let waits_for_chain = matches!(duty.stage, Stage::Contested { .. } | Stage::Disputed);
        if contradicts {
            if duty.patience_ends == 0 {
                duty.patience_ends = self.now.saturating_add(timeout.saturating_mul(u64::from(PATIENCE)));
            }
            // In a settled round the chain takes no disputes, and where one was tried in vain the next is hardly better:
            // go straight to the next verifier. If a dispute opens all the same, it is followed.
            if !waits_for_chain {
                let deadline = self.now.saturating_add(timeout);
                let hopeful = !round.settled && !duty.undecided;
                duty.stage = if hopeful { Stage::Contested { deadline } } else { Stage::Unasked };
            }
            self.warn(Warning::Mismatch { verifier, round: verdict.round, task: verdict.task });
        } else if !waits_for_chain {
            if duty.is_contradicted(leaf.outputs_hash) {
                duty.stage = Stage::Unasked;
            } else {
                self.confirm(verdict.round, verdict.task, leaf.node);
            }
        }
    }

    /// Stake of everyone whose verdict about a result of `worker` counts, connected or not.
    pub(super) fn electorate(&self, worker: Address) -> BTreeMap<Address, u128> {
        let others =
            self.nodes.iter().filter(|(address, node)| **address != worker && node.is_trusted_verifier());
        others.map(|(address, node)| (*address, node.info.stake)).collect()
    }

    /// Two thirds of the stake found the same.
    pub(super) fn decided_by_verifiers(&mut self, index: u64, task: TaskId, right: Hash32) {
        let Some(round) = self.rounds.get(&index) else { return };
        let (Some(leaf), Some(duty)) = (round.leaf(&task), round.duties.get(&task)) else { return };
        let wrong: Vec<Address> =
            duty.verdicts.iter().filter(|(_, found)| **found != right).map(|(who, _)| *who).collect();
        wrong.into_iter().for_each(|verifier| self.note_fault(verifier));
        if leaf.outputs_hash == right {
            self.confirm(index, task, leaf.node);
        } else {
            self.close_duty(index, task);
            self.convict(leaf.node, task, right, BanReason::Doubted(task));
        }
    }

    pub(super) fn note_fault(&mut self, node: Address) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.reputation.faults = node.reputation.faults.saturating_add(1);
        }
    }

    fn confirm(&mut self, index: u64, task: TaskId, node: Address) {
        let duty = self.rounds.get_mut(&index).and_then(|round| round.duties.get_mut(&task));
        if duty.is_some_and(|duty| std::mem::replace(&mut duty.passed, true)) {
            // Someone objected to a leaf that had passed.
            return self.close_duty(index, task);
        }
        self.audits_passed += 1;
        if let Some(node) = self.nodes.get_mut(node) {
            node.reputation.confirmed = node.reputation.confirmed.saturating_add(1);
        }
        self.conflicts.remove(&task);
        self.close_duty(index, task);
    }

    /// A dispute opened; anyone may challenge any leaf.
    pub(super) fn challenged(&mut self, dispute: u64, index: u64, task: TaskId, challenger: Address) {
        let Some(round) = self.rounds.get_mut(&index).filter(|round| round.entries.contains_key(&task))
        else {
            return self.unexpected(index, "a challenge");
        };
        if round.settled {
            return;
        }
        let convicted = round.convicted.contains(&task);
        let duty = round.duties.entry(task).or_default();
        if duty.over.contains(&dispute) {
            return;
        }
        duty.disputes.insert(dispute, challenger);
        // What is convicted needs no decision, but somebody must end the game before the round can settle.
        if !convicted {
            duty.stage = Stage::Disputed;
        }
        self.review = true;
    }

    /// The chain decided.
    pub(super) fn dispute_resolved(
        &mut self,
        dispute: u64,
        index: u64,
        task: TaskId,
        outcome: DisputeOutcome,
    ) {
        let Some(round) = self.rounds.get_mut(&index) else {
            return self.unexpected(index, "a decision");
        };
        let Some(leaf) = round.leaf(&task) else {
            return self.unexpected(index, "a decision");
        };
        let duty = round.duties.entry(task).or_default();
        let challenger = duty.disputes.remove(&dispute);
        self.review = true;
        if !duty.over.insert(dispute) || round.convicted.contains(&task) {
            return;
        }
        match outcome {
            DisputeOutcome::Guilty { outputs_hash } => {
                round.convicted.insert(task);
                self.close_duty(index, task);
                match outputs_hash {
                    Some(right) => self.convict(leaf.node, task, right, BanReason::Convicted(task)),
                    None => self.begin_anew(index, &leaf),
                }
            }
            DisputeOutcome::Cleared => {
                if let Some(loser) = challenger {
                    self.note_fault(loser);
                }
                self.confirm(index, task, leaf.node);
            }
            DisputeOutcome::Unproven => {
                if let Some(loser) = challenger {
                    duty.disbelieve(loser);
                    self.note_fault(loser);
                }
                self.after_games(index, &leaf);
            }
            // Nothing was decided: another verifier is asked. Late news of a dispute that a verdict has closed
            // in the meantime changes nothing.
            DisputeOutcome::Expired if challenger.is_some() && duty.disputes.is_empty() => {
                duty.nothing_decided();
            }
            DisputeOutcome::Expired => {}
        }
    }

    /// A game about a leaf was lost by its challenger: if it was the last one, the audit goes on where it was.
    fn after_games(&mut self, index: u64, leaf: &Leaf) {
        let Some(round) = self.rounds.get_mut(&index) else { return };
        let Some(duty) = round.duties.get_mut(&leaf.task) else { return };
        if duty.stage != Stage::Disputed || !duty.disputes.is_empty() {
            return;
        }
        let agrees = duty.passed || duty.verdicts.values().any(|found| *found == leaf.outputs_hash);
        if agrees && !duty.is_contradicted(leaf.outputs_hash) {
            self.confirm(index, leaf.task, leaf.node);
        } else {
            duty.next_verifier();
        }
    }
}
