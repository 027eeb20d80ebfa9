//! Auctions of what the network received. Contract `FeeBurner`.

use crate::{
    client::ChainError,
    contracts::{
        Contracts, Part,
        bindings::{ComputeToken, distribution::FeeBurner},
        tokens,
    },
    convert::to_sol,
    tokens::Tokens,
};
use corex_work::Address;
use serde::Serialize;

/// The auction of one asset. Amounts of the asset are in its smallest unit, which for ether and most tokens is 10^-18.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AuctionInfo {
    /// The ERC-20 for sale; `None` for ether.
    pub asset: Option<Address>,
    /// How much of it is there.
    pub held: Tokens,
    /// How much of it is for sale; zero if no auction runs.
    pub lot: Tokens,
    /// What the lot costs now, in the network's token.
    pub price: Option<Tokens>,
    /// Unix time from which the price falls.
    pub started_at: u64,
    /// What it cost then.
    pub start_price: Tokens,
    /// Seconds in which the price halves.
    pub halving_seconds: u32,
    /// Least price of a lot.
    pub floor: Tokens,
    /// What was sold last.
    pub last_lot: Tokens,
    /// What was paid for it.
    pub last_price: Tokens,
}

impl Contracts {
    /// What `account` has of an ERC-20, or of ether, in the smallest unit.
    pub async fn holding(&self, asset: Option<Address>, account: Address) -> Result<Tokens, ChainError> {
        match asset {
            None => self.chain.gas_balance(account).await.map(Tokens),
            Some(asset) => {
                let call = ComputeToken::balanceOfCall { account: to_sol(account) };
                self.chain.read(asset, &call).await.map(tokens)
            }
        }
    }

    /// The auction of an ERC-20, or of ether.
    pub async fn auction(&self, asset: Option<Address>) -> Result<AuctionInfo, ChainError> {
        let at = self.part(Part::Burner)?;
        let id = asset.map(to_sol).unwrap_or_default();
        let found = self.chain.read(at, &FeeBurner::auctionOfCall { asset: id }).await?;
        let held = self.holding(asset, at).await?;
        let price = match found.lot {
            0 => None,
            _ => Some(tokens(self.chain.read(at, &FeeBurner::priceOfCall { asset: id }).await?)),
        };
        Ok(AuctionInfo {
            asset,
            held,
            lot: Tokens(found.lot),
            price,
            started_at: found.startedAt,
            start_price: tokens(found.startPrice),
            halving_seconds: self.chain.read(at, &FeeBurner::halvingSecondsCall {}).await?,
            floor: Tokens(self.chain.read(at, &FeeBurner::floorCall {}).await?),
            last_lot: Tokens(found.lastLot),
            last_price: Tokens(found.lastPrice),
        })
    }
}
