//! Deployment of a network's contracts, and the address book that describes one.
//!
//! The contracts name each other in their constructors, so their addresses must be known before the first is
//! created: they follow from the deployer and its nonce. A [`Deployment`] is that plan. It can be saved before
//! the first transaction and carried out again after a crash: what exists is skipped. Nothing is called afterwards:
//! what governs a network is founded by a constructor, too, so that the deployer has no rights at any moment.

mod accounts;
mod arguments;
mod check;
mod creation;
mod parts;
mod permissions;
mod timelock;

pub use accounts::{Accounts, Members};
use check::Findings;
pub use check::Promise;
pub use parts::{Addresses, Part};

use super::{
    bindings::{ComputeToken, Settled},
    events::BLOCKS_PER_QUERY,
    extract,
};
use crate::{
    client::{Chain, ChainError, Mined},
    convert::{from_sol, to_sol},
    profile::Profile,
    tokens::Tokens,
};
use alloy::primitives::Bytes;
use corex_work::{Address, Domain};
use serde::{Deserialize, Serialize};
use std::time::{SystemTime, UNIX_EPOCH};

/// The address book of a network: which chain, which contracts, with which parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// EIP-155 id of the chain.
    pub chain_id: u64,
    /// Account that creates the contracts. It has no rights over them afterwards.
    pub deployer: Address,
    /// The deployer's nonce at the first contract.
    pub first_nonce: u64,
    /// Events of the network are in this block or later ones.
    pub first_block: u64,
    /// When it was planned (Unix seconds), by the chain's clock or this machine's, whichever is later: what a profile counts from
    /// deployment is counted from here.
    pub planned_at: u64,
    /// Who sits where and who gets what.
    pub accounts: Accounts,
    /// The contracts.
    pub contracts: Addresses,
    /// The parameters.
    pub profile: Profile,
}

impl Deployment {
    /// Plans a deployment by the account of `chain`, from its next nonce on. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ChainError::Conflict`] if `accounts` are not those that the profile needs.
    pub async fn plan(chain: &Chain, profile: Profile, accounts: Accounts) -> Result<Self, ChainError> {
        if let Some(reason) = accounts.lacks(&profile) {
            return Err(ChainError::Conflict(reason));
        }
        if let Some(token) = accounts.token {
            check_token(chain, token).await?;
        }
        let deployer = chain.address();
        let first_nonce = chain.account_nonce(deployer).await?;
        let mut plan = Self {
            chain_id: chain.chain_id(),
            deployer,
            first_nonce,
            first_block: chain.block_number().await?,
            // A chain without blocks may believe itself in another age.
            planned_at: chain.time().await?.max(unix_now()),
            accounts,
            contracts: Addresses::default(),
            profile,
        };
        if let Some(token) = plan.accounts.token {
            plan.contracts.set(Part::Token, token);
        }
        let created = plan.created();
        for (part, nonce) in created.into_iter().zip(first_nonce..) {
            plan.contracts.set(part, from_sol(to_sol(deployer).create(nonce)));
        }
        Ok(plan)
    }

    /// The parts of this network, in order of creation.
    pub fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        Part::ALL.iter().copied().filter(|part| part.belongs_to(&self.profile))
    }

    /// Those that the deployment creates: all but a token that is there already.
    fn created(&self) -> Vec<Part> {
        self.parts().filter(|part| !(*part == Part::Token && self.accounts.token.is_some())).collect()
    }

    /// Carries the plan out, going on where an earlier attempt stopped. Tells `progress` of each contract before it is created, with
    /// its place among how many. Returns the transactions sent.
    ///
    /// # Errors
    /// [`ChainError::Conflict`] if the deployer has done something else in between, so that the remaining
    /// contracts cannot get their planned addresses: plan anew.
    pub async fn execute(
        &self,
        chain: &Chain,
        mut progress: impl FnMut(Part, usize, usize),
    ) -> Result<Vec<(Part, Mined)>, ChainError> {
        self.check_chain(chain)?;
        let mut sent = Vec::new();
        let created = self.created();
        let count = created.len();
        for ((index, part), nonce) in created.into_iter().enumerate().zip(self.first_nonce..) {
            let (name, address) = (part.contract(&self.profile), self.contracts.at(part));
            if chain.has_code(address).await? {
                continue;
            }
            let next = chain.account_nonce(self.deployer).await?;
            if chain.address() != self.deployer || next != nonce {
                let (who, account) = (chain.address(), self.deployer);
                return Err(ChainError::Conflict(format!(
                    "{name} is planned for account {account} at nonce {nonce}, but {who} would deploy it and \
                     that account is at nonce {next}: plan a new deployment"
                )));
            }
            progress(part, index, count);
            let (created, mined) = chain.create(name, code(name)?, &arguments::of(part, self)).await?;
            if created != address {
                let reason = format!("{name} was created at {created}, planned at {address}");
                return Err(ChainError::Conflict(reason));
            }
            sent.push((part, mined));
        }
        self.verify(chain).await?;
        Ok(sent)
    }

    /// Checks that the network of this book is on the chain: every contract is there and obeys its Settlement.
    pub async fn verify(&self, chain: &Chain) -> Result<(), ChainError> {
        self.check_chain(chain)?;
        let settlement = self.contracts.settlement;
        for part in self.parts() {
            let (name, address) = (part.contract(&self.profile), self.contracts.at(part));
            if !chain.has_code(address).await? {
                let (id, url) = (chain.chain_id(), chain.url());
                let reason = format!("there is no {name} at {address} on chain {id} ({url})");
                return Err(ChainError::Conflict(reason));
            }
            if !part.is_settled() {
                continue;
            }
            let master = from_sol(chain.read(address, &Settled::settlementCall {}).await?);
            if master != settlement {
                let reason =
                    format!("{name} at {address} obeys the Settlement at {master}, not {settlement}");
                return Err(ChainError::Conflict(reason));
            }
        }
        Ok(())
    }

    fn check_chain(&self, chain: &Chain) -> Result<(), ChainError> {
        self.profile.validate_words().map_err(|error| ChainError::Conflict(error.to_string()))?;
        match chain.chain_id() == self.chain_id {
            true => Ok(()),
            false => Err(ChainError::WrongChain {
                url: chain.url().into(),
                expected: self.chain_id,
                found: chain.chain_id(),
            }),
        }
    }

    /// The AccessManager, which `GovernanceGenesis` creates as its first contract; zero if nobody governs.
    pub fn manager(&self) -> Address {
        match self.profile.is_governed() {
            true => from_sol(to_sol(self.contracts.genesis).create(1)),
            false => Address::default(),
        }
    }

    /// Whether somebody may tune fees within their bounds.
    pub(crate) fn is_tunable(&self) -> bool {
        let governance = &self.profile.governance;
        let voters_are_admin = governance.vote.as_ref().is_some_and(|vote| vote.is_admin);
        governance.has(crate::profile::Seat::Executive) || voters_are_admin
    }

    /// Where receipts and verdicts of this network are signed for.
    pub fn domain(&self) -> Domain {
        Domain { chain_id: self.chain_id, settlement: self.contracts.settlement }
    }
}

/// Whether a token that is there already can be a network's: it answers as one, and counts as corex counts.
async fn check_token(chain: &Chain, token: Address) -> Result<(), ChainError> {
    let refuse = |why: String| ChainError::Conflict(format!("{token} cannot be the network's token: {why}"));
    let no_token = |error: ChainError| match error.is_transient() {
        true => error,
        false => refuse(format!("it does not answer as an ERC-20 token ({error})")),
    };
    chain.read(token, &ComputeToken::totalSupplyCall {}).await.map_err(no_token)?;
    let anybody = to_sol(chain.address());
    chain.read(token, &ComputeToken::balanceOfCall { account: anybody }).await.map_err(no_token)?;
    let decimals = chain.read(token, &ComputeToken::decimalsCall {}).await.map_err(no_token)?;
    match usize::from(decimals) == Tokens::DECIMALS {
        true => Ok(()),
        false => Err(refuse(format!("it has {decimals} decimals, and corex counts with 18"))),
    }
}

/// Seconds since 1970; 0 if the clock is before that.
fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn code(name: &str) -> Result<&'static Bytes, ChainError> {
    let missing = || ChainError::Conflict(format!("this program was built without {name}"));
    extract::bytecode(name).ok_or_else(missing)
}
