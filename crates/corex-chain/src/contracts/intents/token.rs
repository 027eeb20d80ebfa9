//! The token: transfers, allowances, permits.

use super::{Intents, Part};
use crate::{
    client::ChainError,
    contracts::bindings::{ComputeToken, Permit},
    convert::to_sol,
    intent::{Intent, Message},
    tokens::Tokens,
};
use alloy::{primitives::U256, sol_types::Eip712Domain};
use corex_work::Address;

/// How a contract comes to take tokens of an account.
#[derive(Clone, Debug)]
pub enum Allowance {
    /// It may already.
    Granted,
    /// By a transaction before.
    Approve(Intent),
}

impl Intents {
    /// Sends tokens of the account.
    pub fn transfer(&self, to: Address, amount: Tokens) -> Result<Intent, ChainError> {
        let words = format!("send {} to {}", self.amount(amount), self.names.address(to));
        self.call(
            Part::Token,
            &ComputeToken::transferCall { to: to_sol(to), value: U256::from(amount.0) },
            words,
        )
    }

    /// Sends wei of the account, to pay for gas with.
    pub fn pay_gas(&self, to: Address, wei: Tokens) -> Intent {
        let words = format!("send {wei} ETH to {}, to pay for gas", self.names.address(to));
        Intent::pay(&self.names, to, wei.0, words)
    }

    /// What lets `spender` take `amount`, and no more, of the account's tokens.
    ///
    /// # Errors
    /// [`ChainError::Conflict`] if the account has less: an allowance for more would be of no use.
    pub async fn allowance(&self, spender: Address, amount: Tokens) -> Result<Allowance, ChainError> {
        let has = self.contracts.balance(self.chain().address()).await?;
        if has < amount {
            return Err(ChainError::Conflict(format!(
                "this account has {}, and {} are needed\nhint: `corex wallet balance` shows where the rest is",
                self.amount(has),
                self.amount(amount)
            )));
        }
        let owner = to_sol(self.chain().address());
        let call = ComputeToken::allowanceCall { owner, spender: to_sol(spender) };
        let allowed = self.chain().read(self.part(Part::Token)?, &call).await?;
        if allowed >= U256::from(amount.0) {
            return Ok(Allowance::Granted);
        }
        let words = format!("let {} take {}", self.names.address(spender), self.amount(amount));
        let call = ComputeToken::approveCall { spender: to_sol(spender), value: U256::from(amount.0) };
        Ok(Allowance::Approve(self.call(Part::Token, &call, words)?))
    }

    /// The message (ERC-2612) that lets `spender` take `amount` of the account's tokens until `deadline`, instead of a transaction;
    /// `None` if the token knows no permits.
    pub async fn permit(
        &self,
        spender: Address,
        amount: Tokens,
        deadline: u64,
    ) -> Result<Option<Message>, ChainError> {
        let (chain, token) = (self.chain(), self.part(Part::Token)?);
        let owner = to_sol(chain.address());
        let name = match chain.read(token, &ComputeToken::nameCall {}).await {
            Err(ChainError::Reverted { .. } | ChainError::Answer { .. }) => return Ok(None),
            name => name?,
        };
        let domain = Eip712Domain::new(
            Some(name.clone().into()),
            Some("1".into()),
            Some(U256::from(chain.chain_id())),
            Some(to_sol(token)),
            None,
        );
        // A token of somebody else's may name another version, or know no permits at all.
        match chain.read(token, &ComputeToken::DOMAIN_SEPARATORCall {}).await {
            Ok(separator) if separator == domain.separator() => {}
            Ok(_) | Err(ChainError::Reverted { .. } | ChainError::Answer { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
        let nonce = chain.read(token, &ComputeToken::noncesCall { owner }).await?;
        let permit = Permit {
            owner,
            spender: to_sol(spender),
            value: U256::from(amount.0),
            nonce,
            deadline: U256::from(deadline),
        };
        let words = format!("let {} take {} once", self.names.address(spender), self.amount(amount));
        let place = ("ComputeToken", token);
        Message::new(&self.names, (&name, "1"), chain.chain_id(), place, &permit, words).map(Some)
    }
}
