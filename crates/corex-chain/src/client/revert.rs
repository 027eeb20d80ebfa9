//! What a contract said when it refused, in its own words: `Settlement: WrongRoundIndex(0x…, 3, 4)`.

use crate::{contracts::extract, intent::plain};
use alloy::{dyn_abi::JsonAbiExt, json_abi::Error, primitives::hex, sol_types::SolError};
use std::{collections::HashMap, fmt, sync::LazyLock};

/// A refusal by a contract. Displays as `Contract: Error(arguments)`, without a contract if several declare the error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert {
    /// The contract that declares the error, the first of several; empty if no contract of ours does.
    pub contract: &'static str,
    /// Whether other contracts declare it as well: then nobody knows from here whose it was.
    pub shared: bool,
    /// Name of the custom error; `"Error"` for a plain message, `"Panic"` for a failed assertion, empty if
    /// nothing was said.
    pub name: String,
    /// The error's arguments, as text.
    pub arguments: Vec<String>,
    /// The bytes as returned.
    pub data: Vec<u8>,
}

/// A custom error of our contracts.
struct Known {
    contract: &'static str,
    shared: bool,
    error: Error,
}

/// All custom errors of our contracts by selector. Contracts that share an error share its meaning, so the
/// first that declares it stands for all: which one it was cannot be told from the bytes.
static ERRORS: LazyLock<HashMap<[u8; 4], Known>> = LazyLock::new(|| {
    let mut errors: HashMap<_, Known> = HashMap::new();
    for contract in extract::all() {
        for error in contract.abi.errors() {
            let first = || Known { contract: contract.name, shared: false, error: error.clone() };
            let known = errors.entry(error.selector().0).or_insert_with(first);
            known.shared |= known.contract != contract.name;
        }
    }
    errors
});

/// The custom error that returned bytes begin with, and the first contract that declares it.
pub(crate) fn error(data: &[u8]) -> Option<(&'static str, &'static Error)> {
    let (selector, _) = data.split_first_chunk::<4>()?;
    ERRORS.get(selector).map(|known| (known.contract, &known.error))
}

impl Revert {
    /// Reads returned bytes; anything unknown is shown as hex.
    pub(super) fn decode(data: &[u8]) -> Self {
        let known = data.first_chunk::<4>().and_then(|selector| ERRORS.get(selector));
        let (name, arguments) = match (known, data.split_first_chunk::<4>()) {
            (_, None) => (String::new(), Vec::new()),
            (Some(Known { error, .. }), Some((_, body))) => {
                let values = error.abi_decode_input(body).unwrap_or_default();
                (error.name.clone(), values.iter().map(plain).collect())
            }
            (None, Some((selector, body))) => match standard(data) {
                Some((name, text)) => (name.into(), vec![text]),
                None => (format!("0x{}", hex::encode(selector)), vec![hex::encode(body)]),
            },
        };
        let (contract, shared) = known.map_or(("", false), |known| (known.contract, known.shared));
        Self { contract, shared, name, arguments, data: data.to_vec() }
    }
}

/// `Error(string)` and `Panic(uint256)`, which the Solidity compiler itself emits.
fn standard(data: &[u8]) -> Option<(&'static str, String)> {
    if let Ok(error) = alloy::sol_types::Revert::abi_decode(data) {
        return Some(("Error", error.reason));
    }
    alloy::sol_types::Panic::abi_decode(data).ok().map(|panic| ("Panic", panic.to_string()))
}

impl fmt::Display for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.contract, self.name.as_str()) {
            ("", "") => f.write_str("reverted without a reason"),
            ("", "Error") => f.write_str(&self.arguments.join(", ")),
            ("", name) => write!(f, "reverted with {name}({})", self.arguments.join(", ")),
            (_, name) if self.shared => write!(f, "{name}({})", self.arguments.join(", ")),
            (contract, name) => write!(f, "{contract}: {name}({})", self.arguments.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::Settlement;
    use alloy::primitives::B256;

    #[test]
    fn custom_errors_are_named_with_their_contract_and_arguments() {
        let error = Settlement::WrongRoundIndex { job: B256::repeat_byte(1), given: 3, expected: 4 };
        let revert = Revert::decode(&error.abi_encode());
        let job = "01".repeat(32);
        assert_eq!(revert.to_string(), format!("Settlement: WrongRoundIndex(0x{job}, 3, 4)"));
        assert_eq!(revert.name, "WrongRoundIndex");
    }

    #[test]
    fn an_error_of_many_contracts_is_blamed_on_none() {
        let selector = alloy::primitives::keccak256("InvalidParams(string)");
        let what = alloy::sol_types::Revert::from("shares must sum to 10000").abi_encode();
        let revert = Revert::decode(&[&selector[..4], &what[4..]].concat());
        assert_eq!(revert.to_string(), "InvalidParams(shares must sum to 10000)");
        assert!(!revert.contract.is_empty(), "one of ours it is");
    }

    #[test]
    fn plain_messages_panics_and_garbage_are_shown_too() {
        let message = alloy::sol_types::Revert::from("no luck").abi_encode();
        assert_eq!(Revert::decode(&message).to_string(), "no luck");
        let panic = alloy::sol_types::Panic::from(0x11).abi_encode();
        assert!(Revert::decode(&panic).to_string().contains("overflow"), "{}", Revert::decode(&panic));
        assert_eq!(Revert::decode(&[]).to_string(), "reverted without a reason");
        assert_eq!(Revert::decode(&[1, 2, 3, 4, 5]).to_string(), "reverted with 0x01020304(05)");
        // A known selector with a body that does not fit it must not panic.
        let mut torn = Settlement::UnknownRound { job: B256::ZERO, round: 1 }.abi_encode();
        torn.truncate(20);
        assert!(Revert::decode(&torn).to_string().starts_with("Settlement: UnknownRound("));
    }
}
