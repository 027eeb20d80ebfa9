//! Rounds, challenges, votes, settlement. Contracts `Settlement` and `VoteArbiter`.

use super::{
    Contracts,
    bindings::{
        Entry, Leaf as SolLeaf, LeafState, Payout as SolPayout, Ruling as SolRuling, Settlement, VoteArbiter,
    },
};
use crate::{
    client::{ChainError, Mined},
    convert::{from_sol, to_sol, word},
    tokens::Tokens,
};
use alloy::{primitives::U256, sol_types::SolEvent};
use corex_work::{Address, Beacon, Hash32, JobId, Leaf, Payout, Signature, TaskId, payouts_hash};
use serde::{Deserialize, Serialize};

/// A round on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundInfo {
    /// Merkle root of its leaves.
    pub root: Hash32,
    /// Of what it pays; zero once settled.
    pub payouts_hash: Hash32,
    /// Once drawn.
    pub beacon: Option<Beacon>,
    /// The beacon comes from this block's hash.
    pub draw_block: u64,
    /// Unix time up to which challenges are taken; once the beacon is drawn.
    pub challenge_deadline: Option<u64>,
    /// Sum of the units paid.
    pub units: u64,
    /// Number of leaves.
    pub leaf_count: u32,
    /// Disputes not decided yet.
    pub open_disputes: u16,
    /// Paid.
    pub settled: bool,
}

/// A beacon as drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawnBeacon {
    /// The random value.
    pub beacon: Beacon,
    /// Unix time up to which challenges are taken, inclusive.
    pub challenge_deadline: u64,
    /// The transaction; `None` if it had been drawn before.
    pub mined: Option<Mined>,
}

/// How a dispute ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ruling {
    /// Nobody was found wrong in time.
    Dismissed,
    /// The accused node's result is wrong.
    Guilty,
    /// The accused node's result is right.
    Innocent,
}

impl From<SolRuling> for Ruling {
    fn from(ruling: SolRuling) -> Self {
        match ruling {
            SolRuling::Guilty => Ruling::Guilty,
            SolRuling::Innocent => Ruling::Innocent,
            _ => Ruling::Dismissed,
        }
    }
}

/// A dispute on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisputeInfo {
    /// The job.
    pub job: JobId,
    /// The round of the leaf.
    pub round: u64,
    /// The task.
    pub task: TaskId,
    /// [`Leaf::hash`].
    pub leaf_hash: Hash32,
    /// Who gave the result.
    pub accused: Address,
    /// Who says that it is wrong.
    pub challenger: Address,
    /// `None` while it is undecided.
    pub ruling: Option<Ruling>,
    /// Tokens of the challenger's stake that are held, or were.
    pub bond: Tokens,
}

/// A vote in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollInfo {
    /// `outputs_hash` of the disputed leaf.
    pub accused: Hash32,
    /// Drawn verifiers with the weight of their votes.
    pub seats: Vec<(Address, Tokens)>,
    /// Unix time up to which votes count, inclusive.
    pub deadline: u64,
    /// Undecided.
    pub open: bool,
}

/// A leaf with the proof that it stands in a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenLeaf {
    /// The round.
    pub round: u64,
    /// The leaf.
    pub leaf: Leaf,
    /// Siblings from the leaf to the round's root.
    pub proof: Vec<Hash32>,
}

/// Attempts to draw a beacon: each late one moves the draw to the current block, so the second succeeds
/// unless 256 blocks pass in between.
const DRAW_ATTEMPTS: usize = 4;

/// `Settlement.MAX_AUDITS`: verifiers that are paid together with a round.
pub const MAX_AUDITS: usize = 8;
/// `Settlement.MAX_PAYOUTS`: verifiers that are paid by each transaction after it.
const AUDITS_PER_PAGE: usize = 40;

impl Contracts {
    /// Commits the job's next round, as its coordinator. `None` if exactly this round is on chain already, as
    /// after a crash between sending and noting.
    ///
    /// `payouts` as [`corex_work::payouts`] gives them.
    pub async fn commit_round(
        &self,
        job: JobId,
        round: u64,
        root: Hash32,
        leaf_count: u32,
        payouts: &[Payout],
    ) -> Result<Option<Mined>, ChainError> {
        if let Some(known) = self.round(job, round).await? {
            let same_payouts = known.settled || known.payouts_hash == payouts_hash(payouts);
            if known.root == root && known.leaf_count == leaf_count && same_payouts {
                return Ok(None);
            }
            let found = known.root;
            let reason = format!("round {round} of job {job} is committed with root {found}, not {root}");
            return Err(ChainError::Conflict(reason));
        }
        let call = Settlement::commitRoundCall {
            job: word(job.0),
            round,
            root: word(root.0),
            leafCount: leaf_count,
            payouts: sol_payouts(payouts),
        };
        self.send(self.book.contracts.settlement, &call).await.map(Some)
    }

    /// Draws the beacon of a committed round, or tells the one that was drawn.
    pub async fn draw_beacon(&self, job: JobId, round: u64) -> Result<DrawnBeacon, ChainError> {
        let settlement = self.book.contracts.settlement;
        for _ in 0..DRAW_ATTEMPTS {
            if let Some(drawn) = self.drawn(job, round).await? {
                return Ok(drawn);
            }
            let call = Settlement::drawBeaconCall { job: word(job.0), round };
            let receipt = match self.chain.write(settlement, &call).await {
                // Another account was faster.
                Err(e) if e.is_revert("BeaconAlreadyDrawn") => continue,
                sent => sent?,
            };
            let event =
                super::event_in(&receipt, settlement, "drawBeacon", Settlement::BeaconDrawn::decode_log);
            // Otherwise the commitment was more than 256 blocks ago, and the draw moved to this block.
            if let Ok(event) = event {
                return Ok(DrawnBeacon {
                    beacon: Beacon(event.beacon.0),
                    challenge_deadline: event.challengeDeadline,
                    mined: Some(Mined::from(&receipt)),
                });
            }
        }
        let reason = format!("the beacon of round {round} of job {job} was postponed {DRAW_ATTEMPTS} times");
        Err(ChainError::Answer { call: "drawBeacon".into(), reason })
    }

    async fn drawn(&self, job: JobId, round: u64) -> Result<Option<DrawnBeacon>, ChainError> {
        let found = self.round(job, round).await?;
        Ok(found.and_then(|r| {
            let (beacon, challenge_deadline) = (r.beacon?, r.challenge_deadline?);
            Some(DrawnBeacon { beacon, challenge_deadline, mined: None })
        }))
    }

    /// Says that a leaf is wrong, as an eligible verifier and within the window. `receipt` is the accused
    /// node's signature of the leaf's receipt. Returns the dispute's id.
    pub async fn challenge(
        &self,
        job: JobId,
        at: &ProvenLeaf,
        receipt: &Signature,
    ) -> Result<(u64, Mined), ChainError> {
        let settlement = self.book.contracts.settlement;
        let call = Settlement::challengeCall {
            job: word(job.0),
            round: at.round,
            leaf: sol_leaf(&at.leaf),
            proof: at.proof.iter().map(|h| word(h.0)).collect(),
            receiptSignature: receipt.0.to_vec().into(),
        };
        let sealed = self.chain.write(settlement, &call).await?;
        let event = super::event_in(&sealed, settlement, "challenge", Settlement::Challenged::decode_log)?;
        Ok((event.dispute.saturating_to(), Mined::from(&sealed)))
    }

    /// Votes, as a drawn verifier, that the disputed task has outputs with this hash. `None` if this account
    /// has voted, or the dispute is decided.
    pub async fn vote(&self, dispute: u64, outputs_hash: Hash32) -> Result<Option<Mined>, ChainError> {
        let arbiter = self.book.contracts.arbiter;
        let call = VoteArbiter::voteCall { dispute: U256::from(dispute), outputsHash: word(outputs_hash.0) };
        match self.send(arbiter, &call).await {
            Err(e) if e.is_revert("AlreadyVoted") || e.is_revert("NotOpen") => Ok(None),
            sent => sent.map(Some),
        }
    }

    /// Dismisses a dispute whose vote found no majority in time. `None` if it is decided already.
    pub async fn expire(&self, dispute: u64) -> Result<Option<Mined>, ChainError> {
        let call = VoteArbiter::expireCall { dispute: U256::from(dispute) };
        match self.send(self.book.contracts.arbiter, &call).await {
            Err(e) if e.is_revert("NotOpen") => Ok(None),
            sent => sent.map(Some),
        }
    }

    /// Voids the second of two leaves with one task. `None` if it is void already.
    pub async fn prove_duplicate(
        &self,
        job: JobId,
        original: &ProvenLeaf,
        duplicate: &ProvenLeaf,
    ) -> Result<Option<Mined>, ChainError> {
        if self.leaf_is_voided(job, duplicate.round, duplicate.leaf.hash()).await? {
            return Ok(None);
        }
        let call = Settlement::proveDuplicateCall {
            job: word(job.0),
            original: sol_entry(original),
            duplicate: sol_entry(duplicate),
        };
        self.send(self.book.contracts.settlement, &call).await.map(Some)
    }

    /// Pays a round and its audits (ascending by node), once its window is over and no dispute is open. `None` if it is settled
    /// already. Only the job's coordinator states audits; anybody else waits for as long as the window once more. More audits than
    /// one transaction can pay take further ones, and a call that comes after some of them goes on from there.
    pub async fn settle_round(
        &self,
        job: JobId,
        round: u64,
        payouts: &[Payout],
        audits: &[Payout],
    ) -> Result<Option<Mined>, ChainError> {
        let first = sol_payouts(audits.get(..MAX_AUDITS).unwrap_or(audits));
        let call = Settlement::settleRoundCall {
            job: word(job.0),
            round,
            payouts: sol_payouts(payouts),
            audits: first,
        };
        let settled = match self.send(self.book.contracts.settlement, &call).await {
            Err(e) if e.is_revert("AlreadySettled") => None,
            sent => Some(sent?),
        };
        if audits.len() > MAX_AUDITS {
            self.settle_audits(job, round, audits).await?;
        }
        Ok(settled)
    }

    /// Pays the audits of a settled round that are not paid yet, a page at a time.
    async fn settle_audits(&self, job: JobId, round: u64, audits: &[Payout]) -> Result<(), ChainError> {
        let settlement = self.book.contracts.settlement;
        loop {
            let call = Settlement::roundOfCall { job: word(job.0), round };
            let paid_up_to = from_sol(self.chain.read(settlement, &call).await?.auditedUpTo);
            let unpaid = audits.iter().skip_while(|audit| audit.node <= paid_up_to);
            let page: Vec<Payout> = unpaid.take(AUDITS_PER_PAGE).copied().collect();
            if paid_up_to == Address::default() || page.is_empty() {
                return Ok(());
            }
            let audits = sol_payouts(&page);
            self.send(settlement, &Settlement::settleAuditsCall { job: word(job.0), round, audits }).await?;
        }
    }

    /// A round; `None` if it is not committed.
    pub async fn round(&self, job: JobId, round: u64) -> Result<Option<RoundInfo>, ChainError> {
        let call = Settlement::roundOfCall { job: word(job.0), round };
        let found = match self.chain.read(self.book.contracts.settlement, &call).await {
            Err(e) if e.is_revert("UnknownRound") => return Ok(None),
            found => found?,
        };
        let drawn = !found.beacon.is_zero();
        Ok(Some(RoundInfo {
            root: Hash32(found.root.0),
            payouts_hash: Hash32(found.payoutsHash.0),
            beacon: drawn.then_some(Beacon(found.beacon.0)),
            draw_block: found.drawBlock,
            challenge_deadline: drawn.then_some(found.challengeDeadline),
            units: found.units,
            leaf_count: found.leafCount,
            open_disputes: found.openDisputes,
            settled: found.settled,
        }))
    }

    /// Number of rounds committed, which is the index of the next one.
    pub async fn round_count(&self, job: JobId) -> Result<u64, ChainError> {
        let call = Settlement::roundCountCall { job: word(job.0) };
        self.chain.read(self.book.contracts.settlement, &call).await
    }

    /// Whether a leaf lost a dispute or was a duplicate, and is not paid.
    pub async fn leaf_is_voided(&self, job: JobId, round: u64, leaf: Hash32) -> Result<bool, ChainError> {
        let call = Settlement::leafStateOfCall { job: word(job.0), round, leafHash: word(leaf.0) };
        let state = self.chain.read(self.book.contracts.settlement, &call).await?;
        Ok(matches!(state, LeafState::Voided))
    }

    /// A dispute; `None` if there is none with this id.
    pub async fn dispute(&self, dispute: u64) -> Result<Option<DisputeInfo>, ChainError> {
        let call = Settlement::disputeOfCall { dispute: U256::from(dispute) };
        let found = self.chain.read(self.book.contracts.settlement, &call).await?;
        Ok((!found.challenger.is_zero()).then_some(DisputeInfo {
            job: JobId(found.job.0),
            round: found.round,
            task: TaskId(found.task.0),
            leaf_hash: Hash32(found.leafHash.0),
            accused: from_sol(found.accused),
            challenger: from_sol(found.challenger),
            ruling: (!found.open).then_some(found.ruling.into()),
            bond: Tokens(found.bond),
        }))
    }

    /// The vote on a dispute.
    pub async fn poll(&self, dispute: u64) -> Result<PollInfo, ChainError> {
        let (arbiter, dispute) = (self.book.contracts.arbiter, U256::from(dispute));
        let poll = self.chain.read(arbiter, &VoteArbiter::pollOfCall { dispute }).await?;
        let seats = self.chain.read(arbiter, &VoteArbiter::committeeOfCall { dispute }).await?;
        let seats = seats.into_iter().map(|s| (from_sol(s.node), Tokens(s.stake.to())));
        Ok(PollInfo {
            accused: Hash32(poll.accused.0),
            seats: seats.collect(),
            deadline: poll.deadline,
            open: poll.open,
        })
    }
}

fn sol_payouts(payouts: &[Payout]) -> Vec<SolPayout> {
    payouts.iter().map(|p| SolPayout { node: to_sol(p.node), units: p.units, tasks: p.tasks }).collect()
}

fn sol_leaf(leaf: &Leaf) -> SolLeaf {
    SolLeaf {
        task: word(leaf.task.0),
        outputsHash: word(leaf.outputs_hash.0),
        node: to_sol(leaf.node),
        units: leaf.units,
    }
}

fn sol_entry(at: &ProvenLeaf) -> Entry {
    let proof = at.proof.iter().map(|h| word(h.0)).collect();
    Entry { round: at.round, leaf: sol_leaf(&at.leaf), proof }
}
