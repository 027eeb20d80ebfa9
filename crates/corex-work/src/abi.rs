//! The few pieces of Ethereum's ABI that corex hashes: 32-byte words, concatenated.

use tiny_keccak::{Hasher, Keccak};

use crate::ids::Address;

/// Keccak-256 as Ethereum uses it (the original padding, not SHA-3's).
pub fn keccak256(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = Keccak::v256();
    hasher.update(bytes);
    let mut out = [0; 32];
    hasher.finalize(&mut out);
    out
}

/// Builds `abi.encode(...)` of static values: every value is one left-padded word.
#[derive(Default)]
pub(crate) struct Words(Vec<u8>);

impl Words {
    pub(crate) fn new() -> Words {
        Words::default()
    }

    /// A `bytes32`.
    pub(crate) fn word(mut self, word: &[u8; 32]) -> Words {
        self.0.extend_from_slice(word);
        self
    }

    /// A `uint64` (or any wider unsigned type holding a u64).
    pub(crate) fn uint(mut self, value: u64) -> Words {
        self.0.extend_from_slice(&[0; 24]);
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// An `address`.
    pub(crate) fn address(mut self, address: &Address) -> Words {
        self.0.extend_from_slice(&[0; 12]);
        self.0.extend_from_slice(&address.0);
        self
    }

    /// keccak-256 of the encoding so far.
    pub(crate) fn keccak(&self) -> [u8; 32] {
        keccak256(&self.0)
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// `keccak256(abi.encodePacked(words))` for a `bytes32[]`; also how EIP-712 hashes such an array.
pub(crate) fn hash_words<'a>(words: impl Iterator<Item = &'a [u8; 32]>) -> [u8; 32] {
    let mut hasher = Keccak::v256();
    words.for_each(|word| hasher.update(word));
    let mut out = [0; 32];
    hasher.finalize(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keccak_is_ethereums() {
        assert_eq!(
            hex::encode(keccak256(b"")),
            "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
        );
        assert_eq!(hash_words([[1; 32], [2; 32]].iter()), keccak256(&[[1u8; 32], [2; 32]].concat()));
    }
}
