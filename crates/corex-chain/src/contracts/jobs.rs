//! Jobs and the money in them. Contract `JobEscrow`.

use super::{
    Contracts,
    bindings::{JobEscrow, Terms, founding::FeeSplitter},
};
use crate::{
    client::{ChainError, Mined},
    convert::{from_sol, to_sol, word},
    tokens::Tokens,
};
use alloy::{primitives::U256, sol_types::SolEvent};
use corex_work::{Address, BlobId, Hash32, JobId};
use serde::{Deserialize, Serialize};

/// What work is, which decides what it counts for in the mining pool: training and fine-tuning are proofs of training, audits
/// Stake-to-Validate, the rest proofs of compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum WorkKind {
    /// Gradients, updates and evaluation of a new model.
    Training = 0,
    /// The same of a model that is there.
    FineTuning = 1,
    /// Answers of a model.
    Inference = 2,
    /// Data and vector operations.
    Preprocessing = 3,
    /// What the network asks for when nobody else does.
    Challenge = 4,
}

impl WorkKind {
    pub(super) fn of(code: u8) -> Option<Self> {
        let all = [Self::Training, Self::FineTuning, Self::Inference, Self::Preprocessing, Self::Challenge];
        all.into_iter().find(|kind| *kind as u8 == code)
    }
}

impl std::fmt::Display for WorkKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Training => "training",
            Self::FineTuning => "fine-tuning",
            Self::Inference => "inference",
            Self::Preprocessing => "preprocessing",
            Self::Challenge => "challenge",
        })
    }
}

/// What a job offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobTerms {
    /// [`JobSpec::id`](corex_work::JobSpec::id).
    pub spec: BlobId,
    /// The account that commits rounds.
    pub coordinator: Address,
    /// For one unit of work, all fees included. Rounds cannot be committed while the base fee is above it.
    pub price_per_unit: Tokens,
    /// Unix time after which no round can be committed and anyone may close the job.
    pub deadline: u64,
    /// What its work is.
    pub kind: WorkKind,
    /// Root of the Merkle tree over the job's lowered programs: disputes are decided by the game. Zero if no
    /// contract can execute the work: disputes are voted on.
    pub programs: Hash32,
    /// Gets the referral share, which is then charged on top.
    pub referrer: Option<Address>,
    /// Pays the premium, and is compensated for work that is proven wrong.
    pub insured: bool,
}

impl From<JobTerms> for Terms {
    fn from(terms: JobTerms) -> Self {
        Self {
            spec: word(terms.spec.0),
            coordinator: to_sol(terms.coordinator),
            pricePerUnit: terms.price_per_unit.0,
            deadline: terms.deadline,
            kind: terms.kind as u8,
            programs: word(terms.programs.0),
            referrer: terms.referrer.map(to_sol).unwrap_or_default(),
            insured: terms.insured,
        }
    }
}

/// A job on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobInfo {
    /// Who gets refunds.
    pub requester: Address,
    /// Takes no more rounds.
    pub closed: bool,
    /// What its work is; `None` for a kind that this version does not know.
    pub kind: Option<WorkKind>,
    /// Unix time after which no round can be committed.
    pub deadline: u64,
    /// Who commits rounds.
    pub coordinator: Address,
    /// For one unit of work, all fees included.
    pub price_per_unit: Tokens,
    /// All tokens held for the job.
    pub balance: Tokens,
    /// The part of `balance` that belongs to committed, unsettled rounds.
    pub reserved: Tokens,
    /// Hash of the job's specification.
    pub spec: BlobId,
    /// As in [`JobTerms::programs`].
    pub programs: Hash32,
    /// As in [`JobTerms::insured`].
    pub insured: bool,
}

impl Contracts {
    /// Opens a job with `budget` of this account's tokens.
    pub async fn open_job(&self, terms: JobTerms, budget: Tokens) -> Result<(JobId, Mined), ChainError> {
        let escrow = self.book.contracts.escrow;
        self.allow(escrow, budget).await?;
        let call = JobEscrow::openCall { terms: terms.into(), budget: U256::from(budget.0) };
        let receipt = self.chain.write(escrow, &call).await?;
        let opened = super::event_in(&receipt, escrow, "open", JobEscrow::JobOpened::decode_log)?;
        Ok((JobId(opened.job.0), Mined::from(&receipt)))
    }

    /// Adds this account's tokens to an open job.
    pub async fn top_up(&self, job: JobId, amount: Tokens) -> Result<Mined, ChainError> {
        let escrow = self.book.contracts.escrow;
        self.allow(escrow, amount).await?;
        self.send(escrow, &JobEscrow::topUpCall { job: word(job.0), amount: U256::from(amount.0) }).await
    }

    /// Hands the coordinator's role of a job of this requester to another account.
    pub async fn set_coordinator(&self, job: JobId, coordinator: Address) -> Result<Mined, ChainError> {
        let call = JobEscrow::setCoordinatorCall { job: word(job.0), coordinator: to_sol(coordinator) };
        self.send(self.book.contracts.escrow, &call).await
    }

    /// Ends a job and refunds what is free. `None` if it was closed already.
    pub async fn close_job(&self, job: JobId) -> Result<Option<Mined>, ChainError> {
        if self.job(job).await?.is_some_and(|j| j.closed) {
            return Ok(None);
        }
        self.send(self.book.contracts.escrow, &JobEscrow::closeCall { job: word(job.0) }).await.map(Some)
    }

    /// Sends what has become free in a closed job to its requester.
    pub async fn refund(&self, job: JobId) -> Result<Mined, ChainError> {
        self.send(self.book.contracts.escrow, &JobEscrow::refundCall { job: word(job.0) }).await
    }

    /// Divides the fees that have gathered: burned, insured, for the ecosystem. The part that was burned; `None` if there was
    /// nothing.
    pub async fn flush_fees(&self) -> Result<Option<(Tokens, Mined)>, ChainError> {
        let fees = self.book.contracts.fees;
        let receipt = self.chain.write(fees, &FeeSplitter::flushCall {}).await?;
        let flushed = super::event_in(&receipt, fees, "flush", FeeSplitter::Flushed::decode_log).ok();
        Ok(flushed.map(|flushed| (super::tokens(flushed.burned), Mined::from(&receipt))))
    }

    /// A job; `None` if there is none with this id.
    pub async fn job(&self, job: JobId) -> Result<Option<JobInfo>, ChainError> {
        let call = JobEscrow::jobOfCall { job: word(job.0) };
        let found = match self.chain.read(self.book.contracts.escrow, &call).await {
            Err(e) if e.is_revert("UnknownJob") => return Ok(None),
            found => found?,
        };
        Ok((!found.requester.is_zero()).then_some(JobInfo {
            requester: from_sol(found.requester),
            closed: found.closed,
            kind: WorkKind::of(found.kind),
            deadline: found.deadline,
            coordinator: from_sol(found.coordinator),
            price_per_unit: Tokens(found.pricePerUnit),
            balance: Tokens(found.balance),
            reserved: Tokens(found.reserved),
            spec: BlobId(found.spec.0),
            programs: Hash32(found.programs.0),
            insured: found.insured,
        }))
    }
}
