//! Offers, orders and vouchers as files that anybody can be sent: terms, for which market, and the signature.

use super::{MarketDomain, Offer, Order, Voucher};
use alloy::primitives::{Bytes, keccak256};
use corex_work::{Address, Hash32};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// No file of these is longer: whoever sends more, sends something else.
const MOST_BYTES: usize = 64 * 1024;

/// Something that a file of this kind can hold.
pub trait Terms: Serialize + DeserializeOwned {
    /// What it is called.
    const KIND: &'static str;
}

impl Terms for Offer {
    const KIND: &'static str = "offer";
}

impl Terms for Order {
    const KIND: &'static str = "order";
}

impl Terms for Voucher {
    const KIND: &'static str = "voucher";
}

/// Signed terms. The signature is of an account's key (65 bytes), or whatever a contract accepts, which may be nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedTerms<T> {
    /// [`Terms::KIND`].
    kind: String,
    /// EIP-155 id of the chain of the market.
    chain_id: u64,
    /// The market.
    market: Address,
    /// What was signed.
    pub terms: T,
    signature: Bytes,
}

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// Not such a file at all.
    #[error("it is no signed {kind}: {why}\nhint: `corex offer` and `corex rent voucher` write such files")]
    Unreadable {
        /// What was expected.
        kind: &'static str,
        /// What is wrong.
        why: String,
    },
    /// Signed terms of another kind.
    #[error("it is a signed {found}, not a signed {kind}")]
    Kind {
        /// What was expected.
        kind: &'static str,
        /// What it is.
        found: String,
    },
    /// For another network.
    #[error(
        "it is for the market {market} on chain {chain_id}, but this network's is {own} on chain {own_chain}"
    )]
    Market {
        /// The file's.
        market: Address,
        /// The file's.
        chain_id: u64,
        /// This network's.
        own: Address,
        /// This network's.
        own_chain: u64,
    },
}

impl<T: Terms> SignedTerms<T> {
    /// Terms with their signature.
    pub fn new(terms: T, domain: &MarketDomain, signature: Vec<u8>) -> Self {
        let MarketDomain { chain_id, market } = *domain;
        Self { kind: T::KIND.into(), chain_id, market, terms, signature: signature.into() }
    }

    /// Reads a file's bytes. Whether the signature is true is another question.
    ///
    /// # Errors
    /// It is something else, or for another network.
    pub fn parse(bytes: &[u8], domain: &MarketDomain) -> Result<Self, TermsError> {
        let unreadable = |why: String| TermsError::Unreadable { kind: T::KIND, why };
        if bytes.len() > MOST_BYTES {
            return Err(unreadable(format!("it has {} bytes", bytes.len())));
        }
        #[derive(Deserialize)]
        struct Head {
            kind: String,
        }
        let head: Head = serde_json::from_slice(bytes).map_err(|e| unreadable(e.to_string()))?;
        if head.kind != T::KIND {
            // A stranger's words may hold anything.
            let found = if known(&head.kind) { head.kind } else { "something".into() };
            return Err(TermsError::Kind { kind: T::KIND, found });
        }
        let file: Self = serde_json::from_slice(bytes).map_err(|e| unreadable(e.to_string()))?;
        match (file.chain_id, file.market) == (domain.chain_id, domain.market) {
            true => Ok(file),
            false => Err(TermsError::Market {
                market: file.market,
                chain_id: file.chain_id,
                own: domain.market,
                own_chain: domain.chain_id,
            }),
        }
    }

    /// As a file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("terms are text and numbers")
    }

    /// The signature.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

fn known(kind: &str) -> bool {
    [Offer::KIND, Order::KIND, Voucher::KIND].contains(&kind)
}

/// What a lease is called that an offer and an order make.
pub fn lease_id(offer: Hash32, order: Hash32) -> Hash32 {
    Hash32(keccak256([offer.0, order.0].concat()).0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tokens;

    const DOMAIN: MarketDomain = MarketDomain { chain_id: 7, market: Address([5; 20]) };

    fn file() -> SignedTerms<Voucher> {
        SignedTerms::new(Voucher { lease: Hash32([1; 32]), amount: Tokens(15) }, &DOMAIN, vec![9; 65])
    }

    fn check(text: &str, says: &str) {
        let error = SignedTerms::<Voucher>::parse(text.as_bytes(), &DOMAIN).expect_err(text).to_string();
        assert!(error.contains(says), "{text}: {error}");
    }

    #[test]
    fn files_round_trip() {
        assert_eq!(SignedTerms::parse(file().to_json().as_bytes(), &DOMAIN), Ok(file()));
    }

    #[test]
    fn hostile_files_are_named_for_what_they_are() {
        let text = file().to_json();
        check("", "no signed voucher");
        check("[]", "no signed voucher");
        check("{}", "missing field `kind`");
        check(r#"{"kind":"\u001b[31mvoucher"}"#, "a signed something, not");
        check(r#"{"kind":"order"}"#, "it is a signed order, not a signed voucher");
        check(&text.replace("0.000000000000000015", "-1"), "amount of tokens");
        check(&text.replace("0.000000000000000015", "1e9"), "amount of tokens");
        check(&text.replace("\"terms\"", "\"extra\": 1, \"terms\""), "unknown field `extra`");
        check(&text.replace("\"chain_id\": 7", "\"chain_id\": 8"), "on chain 8, but this network's");
        check(&text.replace("\"signature\": \"0x", "\"signature\": \"0xzz"), "no signed voucher");
        check(&format!("{text}{}", " ".repeat(MOST_BYTES)), "bytes");
    }
}
