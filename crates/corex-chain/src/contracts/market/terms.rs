//! What provider and requester sign: offers, orders, vouchers (EIP-712). `IMarket.sol` says what each field is for.

use crate::{
    contracts::{
        WorkKind,
        bindings::market::{Offer as SolOffer, Order as SolOrder, Voucher as SolVoucher},
    },
    convert::{to_sol, word},
    tokens::Tokens,
};
use alloy::{
    primitives::U256,
    sol_types::{Eip712Domain, SolStruct},
};
use corex_work::{Address, Hash32, OperatorKey};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What quantity, price and rate of a lease count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Meter {
    /// Time that the node is held for the requester.
    Seconds = 0,
    /// Units of verified work.
    Units = 1,
}

impl Meter {
    pub(super) fn of(code: u8) -> Option<Self> {
        [Self::Seconds, Self::Units].into_iter().find(|meter| *meter as u8 == code)
    }
}

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seconds => "seconds",
            Self::Units => "units",
        })
    }
}

/// An ask: a node for lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Who signs: the node's operator key or its owner. The owner is paid.
    pub provider: Address,
    /// The node.
    pub node: Address,
    /// What it is leased for.
    pub kind: WorkKind,
    /// What is counted.
    pub meter: Meter,
    /// For one second or unit, fees included.
    pub price: Tokens,
    /// Smallest lease, in seconds or units.
    pub min_quantity: u64,
    /// All that is offered, over all leases.
    pub max_quantity: u64,
    /// Most units per second; 1 for seconds.
    pub max_rate: u64,
    /// Longest lease, in seconds.
    pub max_term: u64,
    /// Smallest deposit of a lease.
    pub min_deposit: Tokens,
    /// Last second (Unix) at which it can be taken.
    pub expiry: u64,
    /// Void once its signer has raised the least nonce above it.
    pub nonce: u64,
}

/// A bid: a node is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Who signs and pays, and gets back what is left.
    pub requester: Address,
    /// The key that signs vouchers, objects and ends leases; zero for the requester alone.
    pub signer: Address,
    /// The node that is wanted; zero for any.
    pub node: Address,
    /// Bit mask of the tiers that a node may have.
    pub tiers: u8,
    /// What for.
    pub kind: WorkKind,
    /// What is counted.
    pub meter: Meter,
    /// Highest price of one second or unit.
    pub max_price: Tokens,
    /// Smallest lease, in seconds or units.
    pub min_quantity: u64,
    /// All that is wanted, over all leases.
    pub max_quantity: u64,
    /// Most units per second that may accrue; 1 for seconds.
    pub rate: u64,
    /// Seconds that a lease runs; 0 for a lease in seconds, which runs for its quantity.
    pub term: u64,
    /// Tokens for the whole quantity.
    pub deposit: Tokens,
    /// Last second (Unix) at which it can be taken.
    pub expiry: u64,
    /// Void once its signer has raised the least nonce above it.
    pub nonce: u64,
}

/// A requester's word for what a lease has earned so far: cumulative, so that the latest replaces all earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voucher {
    /// The lease.
    pub lease: Hash32,
    /// Earned since it opened, fees included.
    pub amount: Tokens,
}

/// Any tier: all bits that a tier may have.
pub const ANY_TIER: u8 = 0xff;

/// Where signatures for the market of one network count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketDomain {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The `Market` contract.
    pub market: Address,
}

impl MarketDomain {
    /// EIP-712 `name`.
    pub const NAME: &'static str = "corex market";
    /// EIP-712 `version`.
    pub const VERSION: &'static str = "1";

    fn sol(&self) -> Eip712Domain {
        Eip712Domain {
            name: Some(Self::NAME.into()),
            version: Some(Self::VERSION.into()),
            chain_id: Some(U256::from(self.chain_id)),
            verifying_contract: Some(to_sol(self.market)),
            salt: None,
        }
    }
}

/// A message of the market that is signed off chain.
pub trait MarketMessage {
    /// EIP-712 digest: what is signed, and for offers and orders also the hash that the contract knows them by.
    fn digest(&self, domain: &MarketDomain) -> Hash32;

    /// Signed with a key, as `r`, `s`, `v`.
    fn sign(&self, key: &OperatorKey, domain: &MarketDomain) -> Vec<u8> {
        key.sign(&self.digest(domain)).0.to_vec()
    }
}

impl From<&Offer> for SolOffer {
    fn from(o: &Offer) -> Self {
        Self {
            provider: to_sol(o.provider),
            node: to_sol(o.node),
            kind: o.kind as u8,
            meter: o.meter as u8,
            price: o.price.0,
            minQuantity: o.min_quantity,
            maxQuantity: o.max_quantity,
            maxRate: o.max_rate,
            maxTerm: o.max_term,
            minDeposit: o.min_deposit.0,
            expiry: o.expiry,
            nonce: U256::from(o.nonce),
        }
    }
}

impl From<&Order> for SolOrder {
    fn from(o: &Order) -> Self {
        Self {
            requester: to_sol(o.requester),
            signer: to_sol(o.signer),
            node: to_sol(o.node),
            tiers: o.tiers,
            kind: o.kind as u8,
            meter: o.meter as u8,
            maxPrice: o.max_price.0,
            minQuantity: o.min_quantity,
            maxQuantity: o.max_quantity,
            rate: o.rate,
            term: o.term,
            deposit: o.deposit.0,
            expiry: o.expiry,
            nonce: U256::from(o.nonce),
        }
    }
}

impl From<&Voucher> for SolVoucher {
    fn from(v: &Voucher) -> Self {
        Self { lease: word(v.lease.0), amount: v.amount.0 }
    }
}

impl MarketMessage for Offer {
    fn digest(&self, domain: &MarketDomain) -> Hash32 {
        Hash32(SolOffer::from(self).eip712_signing_hash(&domain.sol()).0)
    }
}

impl MarketMessage for Order {
    fn digest(&self, domain: &MarketDomain) -> Hash32 {
        Hash32(SolOrder::from(self).eip712_signing_hash(&domain.sol()).0)
    }
}

impl MarketMessage for Voucher {
    fn digest(&self, domain: &MarketDomain) -> Hash32 {
        Hash32(SolVoucher::from(self).eip712_signing_hash(&domain.sol()).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The types that the contract hashes, as its source has them.
    #[test]
    fn types_are_those_of_the_contract() {
        let source = include_str!("../../../../../contracts/src/Market.sol");
        for kind in
            [SolOffer::eip712_encode_type(), SolOrder::eip712_encode_type(), SolVoucher::eip712_encode_type()]
        {
            assert!(source.contains(&format!("\"{kind}\"")), "{kind}");
        }
        assert!(source.contains(&format!(
            "EIP712(\"{}\", \"{}\")",
            MarketDomain::NAME,
            MarketDomain::VERSION
        )));
    }

    #[test]
    fn no_field_can_change_without_the_digest() {
        let domain = MarketDomain { chain_id: 1, market: Address([9; 20]) };
        let offer = sample_offer();
        let digest = offer.digest(&domain);
        for other in [
            Offer { node: Address([5; 20]), ..offer },
            Offer { kind: WorkKind::Inference, ..offer },
            Offer { meter: Meter::Units, ..offer },
            Offer { price: Tokens(2), ..offer },
            Offer { nonce: 1, ..offer },
        ] {
            assert_ne!(other.digest(&domain), digest);
        }
        assert_ne!(offer.digest(&MarketDomain { chain_id: 2, ..domain }), digest);
        assert_ne!(offer.digest(&MarketDomain { market: Address([8; 20]), ..domain }), digest);
    }

    fn sample_offer() -> Offer {
        Offer {
            provider: Address([1; 20]),
            node: Address([2; 20]),
            kind: WorkKind::Training,
            meter: Meter::Seconds,
            price: Tokens(1),
            min_quantity: 1,
            max_quantity: 10,
            max_rate: 1,
            max_term: 10,
            min_deposit: Tokens(0),
            expiry: 100,
            nonce: 0,
        }
    }
}
