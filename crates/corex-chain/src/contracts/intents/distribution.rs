//! Vesting, the sale, auctions.

use super::{Intents, Part};
use crate::{
    client::ChainError,
    contracts::{
        SaleInfo, VestingInfo,
        bindings::{
            ComputeToken,
            distribution::{FeeBurner, TokenSale, Vesting},
        },
    },
    convert::{to_sol, word},
    intent::Intent,
    tokens::Tokens,
};
use alloy::primitives::U256;
use corex_work::{Address, Hash32};

/// Wallets that vest.
impl Intents {
    /// Sends what has vested to the wallet's owner.
    pub fn release(&self, wallet: &VestingInfo) -> Result<Intent, ChainError> {
        let words = format!(
            "release {} of {} to {}",
            self.amount(wallet.releasable),
            wallet.bucket,
            self.names.address(wallet.owner)
        );
        let call = Vesting::releaseCall { token: to_sol(self.part(Part::Token)?) };
        Ok(Intent::call(&self.names, "Vesting", wallet.wallet, &call, words))
    }

    /// Offers a wallet, with all that it still holds, to another account, which has to take it.
    pub fn offer_vesting(&self, wallet: &VestingInfo, to: Address) -> Intent {
        let words = format!("offer the vesting wallet {} to {}", wallet.wallet, self.names.address(to));
        let call = Vesting::transferOwnershipCall { newOwner: to_sol(to) };
        Intent::call(&self.names, "Vesting", wallet.wallet, &call, words)
    }

    /// Takes a wallet that was offered.
    pub fn take_vesting(&self, wallet: &VestingInfo) -> Intent {
        let words = format!("take the vesting wallet {}", wallet.wallet);
        Intent::call(&self.names, "Vesting", wallet.wallet, &Vesting::acceptOwnershipCall {}, words)
    }
}

/// The sale.
impl Intents {
    /// Buys tokens in the running stage, for exactly `cost`.
    pub fn buy_in_sale(
        &self,
        sale: &SaleInfo,
        amount: Tokens,
        cost: Tokens,
        proof: &[Hash32],
    ) -> Result<Intent, ChainError> {
        let words = format!(
            "buy {} in the sale for {}; they can be claimed if the sale raises {}, and otherwise the money comes back",
            self.amount(amount),
            self.payment(sale, cost),
            self.payment(sale, sale.soft_cap)
        );
        let proof = proof.iter().map(|node| word(node.0)).collect();
        let call = TokenSale::buyCall { amount: U256::from(amount.0), proof };
        let intent = self.call(Part::Sale, &call, words)?;
        Ok(if sale.payment.is_none() { intent.with_value(cost.0) } else { intent })
    }

    /// Lets the sale take what is paid with, where that is a token; `None` where it may already, or is paid in ether.
    pub async fn sale_allowance(&self, sale: &SaleInfo, cost: Tokens) -> Result<Option<Intent>, ChainError> {
        let Some(token) = sale.payment else { return Ok(None) };
        let at = self.part(Part::Sale)?;
        let (owner, spender) = (to_sol(self.chain().address()), to_sol(at));
        let allowed = self.chain().read(token, &ComputeToken::allowanceCall { owner, spender }).await?;
        if allowed >= U256::from(cost.0) {
            return Ok(None);
        }
        let words = format!("let {} take {}", self.names.address(at), self.payment(sale, cost));
        let call = ComputeToken::approveCall { spender, value: U256::from(cost.0) };
        Ok(Some(Intent::call(&self.names, "ComputeToken", token, &call, words)))
    }

    /// Gives a buyer what it bought.
    pub fn claim_from_sale(&self, buyer: Address, amount: Tokens) -> Result<Intent, ChainError> {
        let words = format!("give {} the {} that it bought", self.names.address(buyer), self.amount(amount));
        self.call(Part::Sale, &TokenSale::claimCall { buyer: to_sol(buyer) }, words)
    }

    /// Gives the account back what it paid.
    pub fn refund_from_sale(
        &self,
        sale: &SaleInfo,
        to: Address,
        amount: Tokens,
    ) -> Result<Intent, ChainError> {
        let amount = self.payment(sale, amount);
        let words =
            format!("have {amount} that was paid in the sale sent back to {}", self.names.address(to));
        self.call(Part::Sale, &TokenSale::refundCall { to: to_sol(to) }, words)
    }

    /// Gives the treasury what was raised.
    pub fn collect_sale(&self, sale: &SaleInfo) -> Result<Intent, ChainError> {
        let words = format!("send what the sale raised to {}", self.names.address(sale.treasury));
        self.call(Part::Sale, &TokenSale::collectCall {}, words)
    }

    /// Sends what was not sold on.
    pub fn sweep_sale(&self, sale: &SaleInfo) -> Result<Intent, ChainError> {
        let words = format!("send what was not sold to {}", self.names.address(sale.unsold_to));
        self.call(Part::Sale, &TokenSale::sweepUnsoldCall {}, words)
    }

    /// An amount of what a sale is paid with.
    pub fn payment(&self, sale: &SaleInfo, amount: Tokens) -> String {
        self.asset(sale.payment, amount)
    }
}

/// Auctions of what the network received.
impl Intents {
    /// Starts the auction of all that there is of an asset, or enlarges the one that runs.
    pub fn start_auction(&self, asset: Option<Address>, held: Tokens) -> Result<Intent, ChainError> {
        let words = format!("put {} up for auction", self.asset(asset, held));
        let asset = asset.map(to_sol).unwrap_or_default();
        self.call(Part::Burner, &FeeBurner::startCall { asset }, words)
    }

    /// Buys the lot, for `most` at most, which is burned.
    pub fn buy_at_auction(
        &self,
        asset: Option<Address>,
        lot: Tokens,
        most: Tokens,
        to: Address,
    ) -> Result<Intent, ChainError> {
        let words = format!(
            "buy {} for {} at most, which is burned; it goes to {}",
            self.asset(asset, lot),
            self.amount(most),
            self.names.address(to)
        );
        let call = FeeBurner::buyCall {
            asset: asset.map(to_sol).unwrap_or_default(),
            minLot: U256::from(lot.0),
            maxPrice: U256::from(most.0),
            to: to_sol(to),
        };
        self.call(Part::Burner, &call, words)
    }

    /// Burns what was sent to the burner of the network's token itself.
    pub fn burn_fees(&self, amount: Tokens) -> Result<Intent, ChainError> {
        let words = format!("burn {} that the burner holds", self.amount(amount));
        self.call(Part::Burner, &FeeBurner::burnCall {}, words)
    }

    /// An amount of ether or of an ERC-20 with 18 decimals.
    pub fn asset(&self, asset: Option<Address>, amount: Tokens) -> String {
        match asset {
            None => format!("{amount} ETH"),
            Some(token) => format!("{} base units of {}", amount.0, self.names.address(token)),
        }
    }
}
