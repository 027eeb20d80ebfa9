//! A network's contracts as typed Rust calls: deploy them, call them, read what they announce.
//!
//! A call that sends a transaction returns once it is sealed, with the gas it used ([`Mined`]). Calls that a
//! crashed and restarted process may repeat say `None` when there was nothing left to do.

mod actions;
mod bindings;
mod deploy;
mod distribution;
mod events;
pub(crate) mod extract;
mod games;
mod governance;
mod holdings;
mod intents;
mod jobs;
mod market;
mod nodes;
mod rounds;
mod standing;
mod supply;

pub use actions::{Action, ActionError, WrittenAction};
#[cfg(test)]
pub(crate) use bindings::Settlement;
pub use deploy::{Accounts, Addresses, Deployment, Members, Part, Promise};
pub use distribution::{AllowList, AuctionInfo, Outcome, SaleInfo, SaleStageInfo, VestingInfo};
pub use events::{ChainEvent, EventAt, EventStream};
pub use games::Played;
pub use governance::{
    CommitteeInfo, CommitteeProposal, NextStage, PauseState, Power, Proposal, ProposalState, Represented,
    Right, StageInfo, Standpoint, Tally,
};
pub use holdings::{Holdings, Owed, OwnJob, OwnNode, Position};
pub use intents::{Allowance, Intents, SpendingKey, SpendingLimit, Support};
pub use jobs::{JobInfo, JobTerms, WorkKind};
pub use market::{
    ANY_TIER, ClaimInfo, LeaseAt, LeaseInfo, MarketDomain, MarketMessage, Meter, Offer, OfferStanding, Order,
    SignedTerms, Terms, TermsError, Trouble, Voucher, lease_id,
};
pub use nodes::{NodeInfo, NodeProfile, PROVIDER, Stake, VERIFIER};
pub use rounds::{DisputeInfo, DrawnBeacon, MAX_AUDITS, PollInfo, ProvenLeaf, RoundInfo, Ruling};
pub use standing::{Conditions, Standing, Unbonding};
pub use supply::Supply;

use crate::{
    client::{Chain, ChainError, Mined},
    convert::{amount, to_sol},
    tokens::Tokens,
};
use alloy::{
    primitives::{Log, U256},
    rpc::types::TransactionReceipt,
    sol_types::SolCall,
};
use corex_work::{Address, Domain};

/// The contracts of one network, called as one account.
#[derive(Clone, Debug)]
pub struct Contracts {
    chain: Chain,
    book: Deployment,
}

impl Contracts {
    /// Plans and carries out a new deployment by the account of `chain`. Use [`Deployment::plan`] and
    /// [`Deployment::execute`] instead if it must survive a crash in between.
    pub async fn deploy(
        chain: Chain,
        profile: crate::profile::Profile,
        accounts: Accounts,
    ) -> Result<Self, ChainError> {
        let book = Deployment::plan(&chain, profile, accounts).await?;
        book.execute(&chain, |_, _, _| {}).await?;
        Ok(Self { chain, book })
    }

    /// Connects to the network of an address book, after checking that it is there.
    ///
    /// # Errors
    /// [`ChainError::WrongChain`] or [`ChainError::Conflict`], naming what is missing.
    pub async fn attach(chain: Chain, book: Deployment) -> Result<Self, ChainError> {
        book.verify(&chain).await?;
        Ok(Self { chain, book })
    }

    /// The same network as another account.
    pub fn with_chain(&self, chain: Chain) -> Self {
        Self { chain, book: self.book.clone() }
    }

    /// The chain, as the account that calls are made with.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The address book.
    pub fn book(&self) -> &Deployment {
        &self.book
    }

    /// Where receipts and verdicts of this network are signed for.
    pub fn domain(&self) -> Domain {
        self.book.domain()
    }

    /// Where a part is.
    ///
    /// # Errors
    /// [`ChainError::Absent`] if networks of this profile have no such part.
    pub(crate) fn part(&self, part: Part) -> Result<Address, ChainError> {
        let profile = &self.book.profile;
        match part.belongs_to(profile) {
            true => Ok(self.book.contracts.at(part)),
            false => Err(ChainError::Absent { profile: profile.name.clone(), part: part.key() }),
        }
    }

    async fn send<C: SolCall>(&self, to: Address, call: &C) -> Result<Mined, ChainError> {
        Ok(Mined::from(&self.chain.write(to, call).await?))
    }
}

fn tokens(value: U256) -> Tokens {
    Tokens(amount(value))
}

/// The first event of a kind that `source` emitted in a transaction.
fn event_in<E>(
    receipt: &TransactionReceipt,
    source: Address,
    call: &str,
    decode: impl Fn(&Log) -> alloy::sol_types::Result<Log<E>>,
) -> Result<E, ChainError> {
    let source = to_sol(source);
    let logs = receipt.inner.logs().iter().filter(|log| log.address() == source);
    let found = logs.filter_map(|log| decode(&log.inner).ok()).next();
    found.map(|log| log.data).ok_or_else(|| ChainError::Answer {
        call: call.into(),
        reason: "the expected event is missing from the receipt".into(),
    })
}
