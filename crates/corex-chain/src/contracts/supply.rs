//! The token, what is mined, and where all of the supply is. Contracts `ComputeToken` and `MiningPool`.

use super::{
    Contracts,
    bindings::{ComputeToken, JobEscrow, MiningPool, StakeVault},
    tokens,
};
use crate::{
    client::{ChainError, Mined},
    convert::to_sol,
    tokens::Tokens,
};
use alloy::{primitives::U256, sol_types::SolEvent};
use corex_work::Address;

/// Where the supply is. `initial == pool + escrow + staked + circulating + burned`, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supply {
    /// Minted at genesis.
    pub initial: Tokens,
    /// Not mined yet.
    pub pool: Tokens,
    /// Held for jobs.
    pub escrow: Tokens,
    /// Staked, bonded or unbonding.
    pub staked: Tokens,
    /// Burned.
    pub burned: Tokens,
    /// With everybody else.
    pub circulating: Tokens,
}

impl Contracts {
    /// Tokens of an account.
    pub async fn balance(&self, account: Address) -> Result<Tokens, ChainError> {
        let call = ComputeToken::balanceOfCall { account: to_sol(account) };
        self.chain.read(self.book.contracts.token, &call).await.map(tokens)
    }

    /// Sends tokens of this account.
    pub async fn transfer(&self, to: Address, amount: Tokens) -> Result<Mined, ChainError> {
        let call = ComputeToken::transferCall { to: to_sol(to), value: U256::from(amount.0) };
        self.send(self.book.contracts.token, &call).await
    }

    /// Pays what `node` mined in `epochs`, all of them over, to its owner. The amount, and the transaction;
    /// `None` if there is nothing to claim.
    pub async fn claim(&self, node: Address, epochs: &[u64]) -> Result<Option<(Tokens, Mined)>, ChainError> {
        let pool = self.book.contracts.pool;
        let call = MiningPool::claimCall { node: to_sol(node), epochs: epochs.to_vec() };
        let receipt = match self.chain.write(pool, &call).await {
            Err(e) if e.is_revert("NothingToClaim") => return Ok(None),
            sent => sent?,
        };
        let claimed = super::event_in(&receipt, pool, "claim", MiningPool::Claimed::decode_log)?;
        Ok(Some((tokens(claimed.amount), Mined::from(&receipt))))
    }

    /// What [`Contracts::claim`] would pay now.
    pub async fn claimable(&self, node: Address, epochs: &[u64]) -> Result<Tokens, ChainError> {
        let call = MiningPool::claimableCall { node: to_sol(node), epochs: epochs.to_vec() };
        self.chain.read(self.book.contracts.pool, &call).await.map(tokens)
    }

    /// The running epoch of the mining pool.
    pub async fn current_epoch(&self) -> Result<u64, ChainError> {
        self.chain.read(self.book.contracts.pool, &MiningPool::currentEpochCall {}).await
    }

    /// Most that `epoch` can give.
    pub async fn emission(&self, epoch: u64) -> Result<Tokens, ChainError> {
        self.chain.read(self.book.contracts.pool, &MiningPool::emissionCall { epoch }).await.map(tokens)
    }

    /// Where the supply is. The parts are read one after another: exact only while nothing is sent.
    pub async fn supply(&self) -> Result<Supply, ChainError> {
        let at = &self.book.contracts;
        let initial = tokens(self.chain.read(at.token, &ComputeToken::initialSupplyCall {}).await?);
        let total = tokens(self.chain.read(at.token, &ComputeToken::totalSupplyCall {}).await?);
        let pool = self.balance(at.pool).await?;
        let escrow = tokens(self.chain.read(at.escrow, &JobEscrow::totalHeldCall {}).await?);
        let staked = tokens(self.chain.read(at.vault, &StakeVault::totalHeldCall {}).await?);
        let circulating = total.saturating_sub(pool).saturating_sub(escrow).saturating_sub(staked);
        Ok(Supply { initial, pool, escrow, staked, burned: initial.saturating_sub(total), circulating })
    }
}
