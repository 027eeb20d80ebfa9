//! Accounts with hot keys that may spend up to a limit. Contract `SpendingAccount`.

use super::{Intents, Part};
use crate::{
    client::ChainError,
    contracts::{
        JobTerms,
        bindings::{
            Terms,
            money::{self, Limit, SpendingAccount},
        },
        extract, tokens,
    },
    convert::{from_sol, to_sol, word},
    intent::Intent,
    time::{Moment, Span},
    tokens::Tokens,
};
use alloy::{primitives::U256, sol_types::SolCall};
use corex_work::{Address, JobId};
use serde::Serialize;

const CONTRACT: &str = "SpendingAccount";

/// What a hot key may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SpendingLimit {
    /// Most within a period.
    pub per_period: Tokens,
    /// Most in all, from when the limit is set.
    pub total: Tokens,
    /// Length of a period. Periods are counted from the beginning of 1970.
    pub period_seconds: u64,
    /// Unix time of the last second at which the key may act.
    pub expiry: u64,
}

/// A hot key at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SpendingKey {
    /// Its limit; all zero for an address that is no key.
    pub limit: SpendingLimit,
    /// Spent since the limit was set.
    pub spent: Tokens,
    /// What it may spend now.
    pub spendable: Tokens,
}

impl Intents {
    /// Creates a spending account that this account owns.
    pub fn create_spending_account(&self) -> Result<Intent, ChainError> {
        let at = |part| self.part(part).map(to_sol);
        let constructor = SpendingAccount::constructorCall {
            owner: to_sol(self.chain().address()),
            token: at(Part::Token)?,
            escrow: at(Part::Escrow)?,
            market: at(Part::Market)?,
        };
        let missing = || ChainError::Conflict(format!("this program was built without {CONTRACT}"));
        let code = extract::bytecode(CONTRACT).ok_or_else(missing)?;
        let words = "create a spending account that this account owns";
        Ok(Intent::create(&self.names, CONTRACT, code, &constructor, words))
    }

    /// Makes the spending account at `address` known by its name, after checking that it is one of this network's. Its owner.
    ///
    /// # Errors
    /// [`ChainError::Conflict`] if it is something else, or belongs to another network.
    pub async fn know_spending_account(&mut self, address: Address) -> Result<Address, ChainError> {
        let not = |why: &str| {
            ChainError::Conflict(format!("{address} is no spending account of this network: {why}"))
        };
        let mut wired = Vec::new();
        for call in [
            SpendingAccount::tokenCall {}.abi_encode(),
            SpendingAccount::escrowCall {}.abi_encode(),
            SpendingAccount::marketCall {}.abi_encode(),
            SpendingAccount::ownerCall {}.abi_encode(),
        ] {
            let answer = match self.chain().call_raw(address, call.into()).await {
                Err(ChainError::Reverted { .. }) => return Err(not("it answers no such questions")),
                answer => answer?,
            };
            let word = <[u8; 32]>::try_from(&answer[..]).map_err(|_| not("it answers no such questions"))?;
            wired.push(from_sol(alloy::primitives::Address::from_word(word.into())));
        }
        let ours = [self.part(Part::Token)?, self.part(Part::Escrow)?, self.part(Part::Market)?];
        match wired.as_slice() {
            [token, escrow, market, owner] if ours == [*token, *escrow, *market] => {
                self.names.know_contract(address, CONTRACT, "spending account");
                Ok(*owner)
            }
            _ => Err(not("it spends other tokens, or on other contracts")),
        }
    }

    /// A hot key of a spending account.
    pub async fn spending_key(&self, account: Address, key: Address) -> Result<SpendingKey, ChainError> {
        let found = self.chain().read(account, &SpendingAccount::keyOfCall { key: to_sol(key) }).await?;
        let spendable =
            self.chain().read(account, &SpendingAccount::spendableCall { key: to_sol(key) }).await?;
        Ok(SpendingKey {
            limit: SpendingLimit {
                per_period: Tokens(found.limit.perPeriod),
                total: Tokens(found.limit.total),
                period_seconds: found.limit.periodSeconds,
                expiry: found.limit.expiry,
            },
            spent: Tokens(found.spent),
            spendable: tokens(spendable),
        })
    }

    /// Makes `key` a hot key with a limit, or gives it a new one. By the owner.
    pub fn set_limit(&self, account: Address, key: Address, limit: SpendingLimit) -> Intent {
        let words = format!(
            "let {} spend {} every {} and {} in all, on jobs and leases of this spending account, until {}; what it spent is forgotten",
            self.names.address(key),
            self.amount(limit.per_period),
            Span(limit.period_seconds),
            self.amount(limit.total),
            Moment(limit.expiry)
        );
        let limit = Limit {
            perPeriod: limit.per_period.0,
            total: limit.total.0,
            periodSeconds: limit.period_seconds,
            expiry: limit.expiry,
        };
        self.spending(account, &SpendingAccount::setLimitCall { key: to_sol(key), limit }, words)
    }

    /// Takes every right from a hot key. By the owner.
    pub fn revoke_key(&self, account: Address, key: Address) -> Intent {
        let words = format!("take every right from key {}", self.names.address(key));
        self.spending(account, &SpendingAccount::revokeCall { key: to_sol(key) }, words)
    }

    /// Sends tokens of a spending account to its owner. By the owner.
    pub fn withdraw_spending(&self, account: Address, amount: Tokens) -> Result<Intent, ChainError> {
        let words = format!("take {} out of the spending account, to its owner", self.amount(amount));
        let asset = to_sol(self.part(Part::Token)?);
        Ok(self.spending(
            account,
            &SpendingAccount::withdrawCall { asset, amount: U256::from(amount.0) },
            words,
        ))
    }

    /// Opens a job of a spending account. By a key or the owner, like what follows.
    pub fn open_job_of(&self, account: Address, terms: JobTerms, budget: Tokens) -> Intent {
        let words = self.open_words(&terms, budget);
        let terms = Terms::from(terms);
        let terms = money::Terms {
            spec: terms.spec,
            coordinator: terms.coordinator,
            pricePerUnit: terms.pricePerUnit,
            deadline: terms.deadline,
            kind: terms.kind,
            programs: terms.programs,
            referrer: terms.referrer,
            insured: terms.insured,
        };
        self.spending(account, &SpendingAccount::openJobCall { terms, budget: U256::from(budget.0) }, words)
    }

    /// Adds tokens of a spending account to a job of it.
    pub fn top_up_job_of(&self, account: Address, job: JobId, amount: Tokens) -> Intent {
        let words = format!("add {} of the spending account to its job {job}", self.amount(amount));
        let call = SpendingAccount::topUpJobCall { job: word(job.0), amount: U256::from(amount.0) };
        self.spending(account, &call, words)
    }

    /// Hands the coordinator's role of a job of a spending account to another account.
    pub fn set_coordinator_of(&self, account: Address, job: JobId, coordinator: Address) -> Intent {
        let words = format!("let {} commit the rounds of job {job}", self.names.address(coordinator));
        let call = SpendingAccount::setCoordinatorCall { job: word(job.0), coordinator: to_sol(coordinator) };
        self.spending(account, &call, words)
    }

    /// Ends a job of a spending account; what is free returns to the account.
    pub fn close_job_of(&self, account: Address, job: JobId) -> Intent {
        let words = format!("close job {job}, and return what is free to the spending account");
        self.spending(account, &SpendingAccount::closeJobCall { job: word(job.0) }, words)
    }

    fn spending<C: SolCall>(&self, account: Address, call: &C, words: impl Into<String>) -> Intent {
        Intent::call(&self.names, CONTRACT, account, call, words)
    }
}
