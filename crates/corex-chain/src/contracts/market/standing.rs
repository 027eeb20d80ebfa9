//! Whether an offer or order that came as a file is worth anything.

use super::{MarketMessage, Offer, Order};
use crate::{
    client::ChainError,
    contracts::{
        Contracts, PROVIDER,
        bindings::{
            ComputeToken,
            market::{ContractWallet, Market},
        },
        tokens,
    },
    convert::{to_sol, word},
    tokens::Tokens,
};
use alloy::{primitives::U256, sol_types::SolCall};
use corex_work::{Address, Hash32, Signature};
use serde::Serialize;
use std::fmt;

/// What is left of an offer or order, and what stands against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfferStanding {
    /// What the contract knows it by.
    pub hash: Hash32,
    /// Seconds or units that no lease has taken.
    pub left: u64,
    /// Why it cannot be taken now; empty if it can.
    pub troubles: Vec<Trouble>,
}

/// A reason why an offer or order cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Not signed by whom it names.
    Forged,
    /// Cancelled by its signer.
    Cancelled,
    /// Leases have taken all of it.
    UsedUp,
    /// Its time is over.
    Expired,
    /// Its signer voided all with such nonces.
    Void,
    /// Who signed it is neither the node nor its owner.
    NotProvider,
    /// The node is not in service.
    NotInService,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forged => "the signature is not that of the account it names",
            Self::Cancelled => "it was cancelled",
            Self::UsedUp => "leases have taken all of it",
            Self::Expired => "it has expired",
            Self::Void => "its signer has voided everything with such nonces",
            Self::NotProvider => "who signed it is neither the node's operator nor its owner",
            Self::NotInService => "the node is not in service as a provider",
        })
    }
}

impl Contracts {
    /// What stands against an offer.
    pub async fn offer_standing(&self, offer: &Offer, signature: &[u8]) -> Result<OfferStanding, ChainError> {
        let hash = offer.digest(&self.book.market_domain());
        let mut standing = self
            .of_terms(hash, offer.provider, signature, offer.max_quantity, offer.expiry, offer.nonce)
            .await?;
        match self.node(offer.node).await? {
            Some(node) if offer.provider == offer.node || offer.provider == node.owner => {
                if !node.active || node.profile.roles & PROVIDER == 0 {
                    standing.troubles.push(Trouble::NotInService);
                }
            }
            _ => standing.troubles.push(Trouble::NotProvider),
        }
        Ok(standing)
    }

    /// What stands against an order.
    pub async fn order_standing(&self, order: &Order, signature: &[u8]) -> Result<OfferStanding, ChainError> {
        let hash = order.digest(&self.book.market_domain());
        self.of_terms(hash, order.requester, signature, order.max_quantity, order.expiry, order.nonce).await
    }

    /// What the market can take of an account's tokens now: what it has, as far as it lets the market take that.
    pub async fn market_can_take(&self, account: Address) -> Result<Tokens, ChainError> {
        let (owner, spender) = (to_sol(account), to_sol(self.book.contracts.market));
        let call = ComputeToken::allowanceCall { owner, spender };
        let allowed = tokens(self.chain.read(self.book.contracts.token, &call).await?);
        Ok(self.balance(account).await?.min(allowed))
    }

    /// The least nonce that an account's offers and orders must have.
    pub async fn least_nonce(&self, signer: Address) -> Result<u64, ChainError> {
        let call = Market::minNonceCall { signer: to_sol(signer) };
        Ok(self.chain.read(self.book.contracts.market, &call).await?.saturating_to())
    }

    /// Whether `signer` signed `digest`, by its key or, where it is a contract, in that contract's own way (ERC-1271).
    pub async fn is_signed(
        &self,
        signer: Address,
        digest: Hash32,
        signature: &[u8],
    ) -> Result<bool, ChainError> {
        if !self.chain.has_code(signer).await? {
            let bytes = <[u8; 65]>::try_from(signature).map(Signature);
            return Ok(bytes.is_ok_and(|signature| signature.verify(&digest, signer).is_ok()));
        }
        let call = ContractWallet::isValidSignatureCall {
            hash: word(digest.0),
            signature: signature.to_vec().into(),
        };
        match self.chain.read(signer, &call).await {
            Ok(magic) => Ok(magic.0 == ContractWallet::isValidSignatureCall::SELECTOR),
            // A contract that says anything else does not agree.
            Err(ChainError::Reverted { .. } | ChainError::Answer { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn of_terms(
        &self,
        hash: Hash32,
        signer: Address,
        signature: &[u8],
        quantity: u64,
        expiry: u64,
        nonce: u64,
    ) -> Result<OfferStanding, ChainError> {
        let market = self.book.contracts.market;
        let filled = self.chain.read(market, &Market::filledCall { hash: word(hash.0) }).await?;
        let left = u64::try_from(U256::from(quantity).saturating_sub(filled)).unwrap_or_default();
        let mut troubles = Vec::new();
        let mut note = |wrong: bool, trouble: Trouble| {
            if wrong {
                troubles.push(trouble);
            }
        };
        note(!self.is_signed(signer, hash, signature).await?, Trouble::Forged);
        note(filled == U256::MAX, Trouble::Cancelled);
        note(left == 0 && filled != U256::MAX, Trouble::UsedUp);
        note(self.chain.time().await? > expiry, Trouble::Expired);
        note(nonce < self.least_nonce(signer).await?, Trouble::Void);
        Ok(OfferStanding { hash, left, troubles })
    }
}
