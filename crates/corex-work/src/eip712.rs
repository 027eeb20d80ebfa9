//! EIP-712: what a signature of corex is made over.

use serde::{Deserialize, Serialize};

use crate::abi::{Words, keccak256};
use crate::ids::{Address, Hash32};

/// Where a signature counts: one `Settlement` contract on one chain. A receipt signed for one network is
/// worthless on every other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Domain {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Address of the `Settlement` contract.
    pub settlement: Address,
}

impl Domain {
    /// EIP-712 `name` of every corex domain.
    pub const NAME: &'static str = "corex";
    /// EIP-712 `version` of every corex domain.
    pub const VERSION: &'static str = "1";

    /// The domain separator, as `EIP712("corex", "1")` computes it in Solidity.
    pub fn separator(&self) -> Hash32 {
        separator(Self::NAME, Self::VERSION, self)
    }

    /// The digest to sign for a struct hash: `keccak256(0x1901 ‖ separator ‖ struct_hash)`.
    pub(crate) fn digest(&self, struct_hash: &[u8; 32]) -> Hash32 {
        let mut message = [0; 66];
        message[..2].copy_from_slice(&[0x19, 0x01]);
        message[2..34].copy_from_slice(&self.separator().0);
        message[34..].copy_from_slice(struct_hash);
        Hash32(keccak256(&message))
    }
}

fn separator(name: &str, version: &str, domain: &Domain) -> Hash32 {
    const TYPE: &[u8] = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
    let words = Words::new()
        .word(&keccak256(TYPE))
        .word(&keccak256(name.as_bytes()))
        .word(&keccak256(version.as_bytes()))
        .uint(domain.chain_id)
        .address(&domain.settlement);
    Hash32(words.keccak())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The "Ether Mail" example of EIP-712: an outside witness that domain and digest are composed right.
    #[test]
    fn agrees_with_the_example_of_the_standard() {
        let domain = Domain { chain_id: 1, settlement: Address([0xcc; 20]) };
        let mail = separator("Ether Mail", "1", &domain);
        assert_eq!(mail.to_string(), "0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
    }

    #[test]
    fn chain_and_contract_both_matter() {
        let here = Domain { chain_id: 1, settlement: Address([1; 20]) };
        assert_ne!(here.separator(), Domain { chain_id: 2, ..here }.separator());
        assert_ne!(here.separator(), Domain { settlement: Address([2; 20]), ..here }.separator());
    }
}
