//! Stake lent to nodes. Contract `Delegation`.

use super::{Intents, Part};
use crate::{
    client::ChainError, contracts::bindings::money::Delegation, convert::to_sol, intent::Intent,
    tokens::Tokens,
};
use alloy::primitives::U256;
use corex_work::Address;

impl Intents {
    /// Lends tokens of the account to a node. Takes an allowance for the contract.
    pub fn delegate(&self, node: Address, amount: Tokens) -> Result<Intent, ChainError> {
        let words = format!("delegate {} to {}", self.amount(amount), self.node(node));
        let call = Delegation::delegateCall { node: to_sol(node), amount: U256::from(amount.0) };
        self.call(Part::Delegation, &call, words)
    }

    /// Starts to take delegated stake out: `amount`, or all of it. The contract counts in shares, whose worth grows with rewards and
    /// falls with slashes; those are taken that are worth `amount` now, rounded up.
    ///
    /// # Errors
    /// [`ChainError::Conflict`] if the account has delegated less.
    pub async fn undelegate(&self, node: Address, amount: Option<Tokens>) -> Result<Intent, ChainError> {
        let at = self.part(Part::Delegation)?;
        let (node_, delegator) = (to_sol(node), to_sol(self.chain().address()));
        let shares = self.chain().read(at, &Delegation::sharesOfCall { node: node_, delegator }).await?;
        let call = Delegation::delegationOfCall { node: node_, delegator };
        let worth = crate::contracts::tokens(self.chain().read(at, &call).await?);
        let amount = amount.unwrap_or(worth);
        if amount > worth || shares.is_zero() {
            return Err(ChainError::Conflict(format!(
                "this account has delegated {} to {}, not {}\nhint: `corex delegate show` shows all",
                self.amount(worth),
                self.node(node),
                self.amount(amount)
            )));
        }
        let shares = match amount == worth {
            true => shares,
            // Shares have 160 bits and amounts 128, so nothing is lost in between; `worth` is not zero, being more than `amount`.
            false => part_up(shares, amount, worth),
        };
        let words =
            format!("start to take {} out of the delegation to {}", self.amount(amount), self.node(node));
        self.call(Part::Delegation, &Delegation::undelegateCall { node: node_, shares }, words)
    }

    /// Pays delegated stake that has finished unbonding to the account.
    pub fn withdraw_delegation(&self, node: Address) -> Result<Intent, ChainError> {
        let words = format!("withdraw what has finished unbonding of the delegation to {}", self.node(node));
        let delegator = to_sol(self.chain().address());
        self.call(Part::Delegation, &Delegation::withdrawCall { node: to_sol(node), delegator }, words)
    }
}

/// `shares * amount / worth`, rounded up. In 512 bits' stead: 160 + 128 exceed 256, so the quotient comes first.
fn part_up(shares: U256, amount: Tokens, worth: Tokens) -> U256 {
    let (amount, worth) = (U256::from(amount.0), U256::from(worth.0.max(1)));
    let (whole, rest) = (shares / worth, shares % worth);
    whole * amount + (rest * amount).div_ceil(worth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_up_and_never_overflow() {
        let part = |shares: U256, amount, worth| part_up(shares, Tokens(amount), Tokens(worth));
        assert_eq!(part(U256::from(1_000), 1, 3), U256::from(334));
        assert_eq!(part(U256::from(1_000), 3, 3), U256::from(1_000));
        assert_eq!(part(U256::from(7), 1, u128::MAX), U256::from(1));
        let most = (U256::from(1) << 160) - U256::from(1);
        assert_eq!(part(most, u128::MAX, u128::MAX), most);
        assert!(part(most, u128::MAX - 1, u128::MAX) <= most);
    }
}
