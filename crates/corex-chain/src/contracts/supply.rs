//! The token, what is mined, and where all of the supply is. Contracts `ComputeToken` and `MiningPool`.

use super::{
    Contracts,
    bindings::{ComputeToken, JobEscrow, MiningPool, StakeVault, market::Market, money::Delegation},
    deploy::Part,
    tokens,
};
use crate::{
    client::{ChainError, Mined},
    convert::to_sol,
    tokens::Tokens,
};
use alloy::{primitives::U256, sol_types::SolEvent};
use corex_work::Address;

/// Where the supply is. `initial` is the sum of all others, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supply {
    /// Minted at genesis; of a token that is somebody else's, what there is of it.
    pub initial: Tokens,
    /// Not mined yet.
    pub pool: Tokens,
    /// Held for jobs and leases.
    pub escrow: Tokens,
    /// Staked, bonded, delegated or unbonding.
    pub staked: Tokens,
    /// With the network's own contracts otherwise: fees that are not divided yet, insurance, funds, what is for sale.
    pub funds: Tokens,
    /// Burned.
    pub burned: Tokens,
    /// With everybody else.
    pub circulating: Tokens,
}

/// Parts of a network that hold tokens for nobody in particular.
const FUNDS: [Part; 6] =
    [Part::Fees, Part::Insurance, Part::Ecosystem, Part::Incentive, Part::Sale, Part::Burner];

impl Contracts {
    /// Tokens of an account.
    pub async fn balance(&self, account: Address) -> Result<Tokens, ChainError> {
        let call = ComputeToken::balanceOfCall { account: to_sol(account) };
        self.chain.read(self.book.contracts.token, &call).await.map(tokens)
    }

    /// Decimals of the token: [`Tokens::DECIMALS`], unless the token is somebody else's.
    pub async fn token_decimals(&self) -> Result<u8, ChainError> {
        self.chain.read(self.book.contracts.token, &ComputeToken::decimalsCall {}).await
    }

    /// Sends tokens of this account.
    pub async fn transfer(&self, to: Address, amount: Tokens) -> Result<Mined, ChainError> {
        let call = ComputeToken::transferCall { to: to_sol(to), value: U256::from(amount.0) };
        self.send(self.book.contracts.token, &call).await
    }

    /// Whether work is mined for here.
    pub fn has_pool(&self) -> bool {
        Part::Pool.belongs_to(&self.book.profile)
    }

    fn pool(&self) -> Result<Address, ChainError> {
        let missing =
            || ChainError::Conflict(format!("profile {} has no mining pool", self.book.profile.name));
        self.has_pool().then_some(self.book.contracts.pool).ok_or_else(missing)
    }

    /// Pays what `node` mined in epochs that are over, to its owner and those who delegate to it. What the owner got, and the
    /// transaction; `None` if there is nothing to claim.
    pub async fn claim(&self, node: Address) -> Result<Option<(Tokens, Mined)>, ChainError> {
        let pool = self.pool()?;
        let receipt = match self.chain.write(pool, &MiningPool::claimCall { node: to_sol(node) }).await {
            Err(e) if e.is_revert("NothingToClaim") => return Ok(None),
            sent => sent?,
        };
        let claimed = super::event_in(&receipt, pool, "claim", MiningPool::Claimed::decode_log)?;
        Ok(Some((tokens(claimed.amount), Mined::from(&receipt))))
    }

    /// What [`Contracts::claim`] would pay now.
    pub async fn claimable(&self, node: Address) -> Result<Tokens, ChainError> {
        let call = MiningPool::claimableCall { node: to_sol(node) };
        self.chain.read(self.pool()?, &call).await.map(tokens)
    }

    /// Where the supply is. The parts are read one after another: exact only while nothing is sent.
    pub async fn supply(&self) -> Result<Supply, ChainError> {
        let at = &self.book.contracts;
        let total = tokens(self.chain.read(at.token, &ComputeToken::totalSupplyCall {}).await?);
        let initial = match self.book.profile.token.burnable {
            true => tokens(self.chain.read(at.token, &ComputeToken::initialSupplyCall {}).await?),
            false => total,
        };
        let pool = if self.has_pool() { self.balance(at.pool).await? } else { Tokens::default() };
        let escrow = tokens(self.chain.read(at.escrow, &JobEscrow::totalHeldCall {}).await?)
            + tokens(self.chain.read(at.market, &Market::totalHeldCall {}).await?);
        let staked = tokens(self.chain.read(at.vault, &StakeVault::totalHeldCall {}).await?)
            + tokens(self.chain.read(at.delegation, &Delegation::totalHeldCall {}).await?);
        let mut funds = Tokens::default();
        for part in FUNDS.into_iter().filter(|part| part.belongs_to(&self.book.profile)) {
            funds = funds + self.balance(at.at(part)).await?;
        }
        let held = [pool, escrow, staked, funds];
        let circulating = held.into_iter().fold(total, Tokens::saturating_sub);
        let burned = initial.saturating_sub(total);
        Ok(Supply { initial, pool, escrow, staked, funds, burned, circulating })
    }
}
