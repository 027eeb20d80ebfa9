//! Wallets that vest. Contracts `Allocation` and `Vesting`.

use crate::{
    client::ChainError,
    contracts::{
        Contracts, Part,
        bindings::distribution::{Allocation, Vesting},
        tokens,
    },
    convert::{from_sol, to_sol},
    tokens::Tokens,
};
use alloy::{rpc::types::Filter, sol_types::SolEvent};
use corex_work::Address;
use serde::Serialize;

/// A wallet that releases tokens over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VestingInfo {
    /// Where it is.
    pub wallet: Address,
    /// What the tokens are for.
    pub bucket: String,
    /// Who gets them.
    pub owner: Address,
    /// Whom the owner offers it to, who has not taken it yet.
    pub pending_owner: Option<Address>,
    /// All that was granted.
    pub granted: Tokens,
    /// What was released already.
    pub released: Tokens,
    /// What can be released now.
    pub releasable: Tokens,
    /// Unix time from which it counts.
    pub start: u64,
    /// Unix time before which nothing is released.
    pub cliff: u64,
    /// Unix time from which everything can be released.
    pub end: u64,
}

impl Contracts {
    /// The wallets that this network's allocation created.
    pub async fn vesting_wallets(&self) -> Result<Vec<VestingInfo>, ChainError> {
        let filter = Filter::new()
            .address(to_sol(self.part(Part::Allocation)?))
            .event_signature(Allocation::Allocated::SIGNATURE_HASH);
        let mut found = Vec::new();
        for log in self.all_logs(filter).await? {
            let Ok(grant) = Allocation::Allocated::decode_log(&log.inner) else { continue };
            // What does not vest went to its owner at once.
            if grant.holder == grant.to {
                continue;
            }
            let bucket = label(&grant.bucket.0);
            found.push(self.vesting(from_sol(grant.holder), bucket, tokens(grant.amount)).await?);
        }
        Ok(found)
    }

    async fn vesting(
        &self,
        wallet: Address,
        bucket: String,
        granted: Tokens,
    ) -> Result<VestingInfo, ChainError> {
        let token = to_sol(self.book.contracts.token);
        let pending = self.chain.read(wallet, &Vesting::pendingOwnerCall {}).await?;
        Ok(VestingInfo {
            wallet,
            bucket,
            owner: from_sol(self.chain.read(wallet, &Vesting::ownerCall {}).await?),
            pending_owner: (!pending.is_zero()).then(|| from_sol(pending)),
            granted,
            released: tokens(self.chain.read(wallet, &Vesting::releasedCall { token }).await?),
            releasable: tokens(self.chain.read(wallet, &Vesting::releasableCall { token }).await?),
            start: self.chain.read(wallet, &Vesting::startCall {}).await?.saturating_to(),
            cliff: self.chain.read(wallet, &Vesting::cliffCall {}).await?.saturating_to(),
            end: self.chain.read(wallet, &Vesting::endCall {}).await?.saturating_to(),
        })
    }
}

/// `team` of `team` and zeros.
fn label(word: &[u8; 32]) -> String {
    let text = word.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).chars().filter(|c| !c.is_control()).collect()
}
