//! What a contract said when it refused, in its own words: `Settlement: WrongRoundIndex(0x…, 3, 4)`.

use crate::{contracts::extract, intent::plain};
use alloy::{dyn_abi::JsonAbiExt, json_abi::Error, primitives::hex, sol_types::SolError};
use std::{collections::HashMap, fmt, sync::LazyLock};

/// A refusal by a contract. Displays as `Contract: Error(arguments)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert {
    /// The contract that declares the error; empty if no contract of ours does.
    pub contract: &'static str,
    /// Name of the custom error; `"Error"` for a plain message, `"Panic"` for a failed assertion, empty if
    /// nothing was said.
    pub name: String,
    /// The error's arguments, as text.
    pub arguments: Vec<String>,
    /// The bytes as returned.
    pub data: Vec<u8>,
}

/// All custom errors of our contracts by selector. Contracts that share an error share its meaning, so the
/// first that declares it stands for all: which one it was cannot be told from the bytes.
static ERRORS: LazyLock<HashMap<[u8; 4], (&'static str, Error)>> = LazyLock::new(|| {
    let mut errors = HashMap::new();
    for contract in extract::all() {
        for error in contract.abi.errors() {
            errors.entry(error.selector().0).or_insert_with(|| (contract.name, error.clone()));
        }
    }
    errors
});

/// The custom error that returned bytes begin with, and the first contract that declares it.
pub(crate) fn error(data: &[u8]) -> Option<(&'static str, &'static Error)> {
    let (selector, _) = data.split_first_chunk::<4>()?;
    ERRORS.get(selector).map(|(contract, error)| (*contract, error))
}

impl Revert {
    /// Reads returned bytes; anything unknown is shown as hex.
    pub(super) fn decode(data: &[u8]) -> Self {
        let (contract, name, arguments) = match data.split_first_chunk::<4>() {
            None => ("", String::new(), Vec::new()),
            Some((selector, body)) => match ERRORS.get(selector) {
                Some((contract, error)) => {
                    let values = error.abi_decode_input(body).unwrap_or_default();
                    (*contract, error.name.clone(), values.iter().map(plain).collect())
                }
                None => match standard(data) {
                    Some((name, text)) => ("", name.into(), vec![text]),
                    None => ("", format!("0x{}", hex::encode(selector)), vec![hex::encode(body)]),
                },
            },
        };
        Self { contract, name, arguments, data: data.to_vec() }
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
