//! What waits to be paid. Contracts `MiningPool`, `JobEscrow`, `Market`, `FeeSplitter`.

use super::{Intents, Part};
use crate::{
    client::ChainError,
    contracts::{
        Owed,
        bindings::{MiningPool, founding::FeeSplitter, money::Payments},
    },
    convert::to_sol,
    intent::Intent,
    tokens::Tokens,
};
use corex_work::Address;

impl Intents {
    /// Pays what a node mined, `amount` as of now, to its owner and its delegators.
    pub fn claim(&self, node: Address, amount: Tokens) -> Result<Intent, ChainError> {
        let words = format!(
            "claim {} mined by {} for its owner and its delegators",
            self.amount(amount),
            self.node(node)
        );
        self.call(Part::Pool, &MiningPool::claimCall { node: to_sol(node) }, words)
    }

    /// Pays the incentive fund what it earned; `None` if that is nothing, or networks of this profile have no such fund.
    pub async fn claim_incentive(&self) -> Result<Option<Intent>, ChainError> {
        let pool = self.part(Part::Pool)?;
        self.part(Part::Incentive)?;
        let earned = self.chain().read(pool, &MiningPool::claimableIncentiveCall {}).await?;
        let earned = crate::contracts::tokens(earned);
        if earned == Tokens::default() {
            return Ok(None);
        }
        let words = format!("claim {} for the incentive fund", self.amount(earned));
        self.call(Part::Pool, &MiningPool::claimIncentiveCall {}, words).map(Some)
    }

    /// Sends an account what a contract could not send when it was due. By anyone.
    pub fn pay_owed(&self, to: Address, owed: &Owed) -> Result<Intent, ChainError> {
        let words =
            format!("collect {} that {} owes {}", self.amount(owed.amount), owed.by, self.names.address(to));
        let call = Payments::payOwedCall { to: to_sol(to) };
        self.call(owed.part, &call, words)
    }

    /// Divides the fees that have gathered: burned, insured, for the ecosystem. `None` if there are none.
    pub async fn flush_fees(&self) -> Result<Option<Intent>, ChainError> {
        let fees = self.contracts.balance(self.part(Part::Fees)?).await?;
        if fees == Tokens::default() {
            return Ok(None);
        }
        let words =
            format!("divide {} of fees: burned, to the insurance, to the ecosystem", self.amount(fees));
        self.call(Part::Fees, &FeeSplitter::flushCall {}, words).map(Some)
    }
}
