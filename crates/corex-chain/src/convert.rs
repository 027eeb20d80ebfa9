//! Between corex's types and the chain SDK's, which differ in name only.

use alloy::primitives::{Address as SolAddress, B256, U256};
use corex_work::Address;

pub(crate) fn to_sol(address: Address) -> SolAddress {
    SolAddress::from(address.0)
}

pub(crate) fn from_sol(address: SolAddress) -> Address {
    Address(address.into_array())
}

pub(crate) fn word(bytes: [u8; 32]) -> B256 {
    B256::from(bytes)
}

/// Token amounts fit 128 bits: the largest supply of any profile is 10^27. A contract that says otherwise is
/// not one of ours; the value then reads as the maximum rather than as something small.
pub(crate) fn amount(value: U256) -> u128 {
    value.saturating_to()
}
