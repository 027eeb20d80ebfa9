//! Jobs of a requester. Contract `JobEscrow`.

use super::{Intents, Part};
use crate::{
    client::ChainError,
    contracts::{JobTerms, bindings::JobEscrow},
    convert::{to_sol, word},
    intent::Intent,
    time::Moment,
    tokens::Tokens,
};
use alloy::primitives::U256;
use corex_work::{Address, JobId};

impl Intents {
    /// Opens a job. Takes an allowance for the escrow.
    pub fn open_job(&self, terms: JobTerms, budget: Tokens) -> Result<Intent, ChainError> {
        let words = self.open_words(&terms, budget);
        self.call(
            Part::Escrow,
            &JobEscrow::openCall { terms: terms.into(), budget: U256::from(budget.0) },
            words,
        )
    }

    pub(super) fn open_words(&self, terms: &JobTerms, budget: Tokens) -> String {
        format!(
            "open job {} with {} in escrow, at {} for a unit of work, until {}",
            terms.spec.short(),
            self.amount(budget),
            self.amount(terms.price_per_unit),
            Moment(terms.deadline)
        )
    }

    /// Adds tokens of the account to an open job of anybody. Takes an allowance for the escrow.
    pub fn top_up_job(&self, job: JobId, amount: Tokens) -> Result<Intent, ChainError> {
        let words = format!("add {} to job {job}; what is left goes to its requester", self.amount(amount));
        self.call(
            Part::Escrow,
            &JobEscrow::topUpCall { job: word(job.0), amount: U256::from(amount.0) },
            words,
        )
    }

    /// Hands the coordinator's role to another account. By the requester.
    pub fn set_coordinator(&self, job: JobId, coordinator: Address) -> Result<Intent, ChainError> {
        let words = format!("let {} commit the rounds of job {job}", self.names.address(coordinator));
        let call = JobEscrow::setCoordinatorCall { job: word(job.0), coordinator: to_sol(coordinator) };
        self.call(Part::Escrow, &call, words)
    }

    /// Ends a job and refunds what is free. By the requester, after the deadline by anybody.
    pub fn close_job(&self, job: JobId) -> Result<Intent, ChainError> {
        let words = format!("close job {job}, and send what is free to its requester");
        self.call(Part::Escrow, &JobEscrow::closeCall { job: word(job.0) }, words)
    }

    /// Sends what has become free in a closed job to its requester.
    pub fn refund_job(&self, job: JobId, free: Tokens) -> Result<Intent, ChainError> {
        let words = format!("send {} that has become free in job {job} to its requester", self.amount(free));
        self.call(Part::Escrow, &JobEscrow::refundCall { job: word(job.0) }, words)
    }
}
