//! Transactions of people, prepared: what the commands of [`Intents`] return is shown, tried and sent by whoever asked.
//!
//! Nothing here sends. Calls of nodes, which nobody is asked about, are methods of [`Contracts`].

mod claim;
mod committee;
mod delegate;
mod distribution;
mod escrow;
mod market;
mod spending;
mod stake;
mod token;
mod votes;

pub use spending::{SpendingKey, SpendingLimit};
pub use token::Allowance;
pub use votes::Support;

use super::{Contracts, Part};
use crate::{
    client::{Chain, ChainError},
    intent::{Intent, Names},
    tokens::Tokens,
};
use alloy::sol_types::SolCall;
use corex_work::Address;

/// Prepares transactions of one account with the contracts of one network.
#[derive(Clone, Debug)]
pub struct Intents {
    contracts: Contracts,
    names: Names,
}

impl Contracts {
    /// For transactions that a person is to read and agree to.
    pub fn intents(&self) -> Intents {
        Intents { contracts: self.clone(), names: Names::new(self.book(), self.chain().address()) }
    }
}

impl Intents {
    /// The contracts.
    pub fn contracts(&self) -> &Contracts {
        &self.contracts
    }

    /// The chain, as the account that is to sign.
    pub fn chain(&self) -> &Chain {
        self.contracts.chain()
    }

    /// What addresses are called.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// To make more addresses known.
    pub fn names_mut(&mut self) -> &mut Names {
        &mut self.names
    }

    /// Where a part is.
    ///
    /// # Errors
    /// [`ChainError::Conflict`] if networks of this profile have no such part.
    pub(crate) fn part(&self, part: Part) -> Result<Address, ChainError> {
        self.contracts.part(part)
    }

    /// A call of a part of the network.
    pub(crate) fn call<C: SolCall>(
        &self,
        part: Part,
        call: &C,
        words: impl Into<String>,
    ) -> Result<Intent, ChainError> {
        let to = self.part(part)?;
        let contract = self.names.contract(to).unwrap_or(part.contract(&self.contracts.book().profile));
        Ok(Intent::call(&self.names, contract, to, call, words))
    }

    /// `1.5 cX`.
    pub(crate) fn amount(&self, amount: Tokens) -> String {
        format!("{amount} {}", self.names.symbol())
    }
}
