//! What can go wrong between a node and its chain.

use super::revert::Revert;
use alloy::{
    primitives::{Bytes, hex},
    rpc::json_rpc::{ErrorPayload, RpcError},
    transports::{TransportError, TransportErrorKind},
};

/// Why the chain did not do or say what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ChainError {
    /// The URL of the chain cannot be used.
    #[error("chain URL '{url}': {reason}")]
    Url {
        /// As given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answers there, after retries.
    #[error("cannot reach the chain at {url}: {reason}")]
    Unreachable {
        /// Where.
        url: String,
        /// The last failure.
        reason: String,
    },
    /// The endpoint serves another chain than the one asked for.
    #[error("{url} is chain {found}, but chain {expected} is wanted")]
    WrongChain {
        /// Where.
        url: String,
        /// The id wanted.
        expected: u64,
        /// The id served.
        found: u64,
    },
    /// A contract refused.
    #[error("{call}: {revert}")]
    Reverted {
        /// The function called.
        call: String,
        /// What the contract said.
        revert: Revert,
    },
    /// The endpoint refused for a reason of its own, such as missing funds for gas.
    #[error("{call}: the chain refuses: {message} (code {code})")]
    Refused {
        /// The function called, or the RPC method.
        call: String,
        /// JSON-RPC error code.
        code: i64,
        /// The endpoint's words.
        message: String,
    },
    /// The endpoint's answer makes no sense.
    #[error("{call}: unusable answer: {reason}")]
    Answer {
        /// The function called, or the RPC method.
        call: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// There is no contract at an address where one is expected.
    #[error("{call}: there is no contract at {address} on chain {chain_id}")]
    NoContract {
        /// The function called.
        call: String,
        /// The address called.
        address: corex_work::Address,
        /// The chain asked.
        chain_id: u64,
    },
    /// A transaction was sent and not sealed in time. It may still be.
    #[error("{call}: transaction {tx} was not sealed within {seconds} s")]
    Timeout {
        /// The function called.
        call: String,
        /// Hash of the transaction.
        tx: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The transaction's nonce was used by another transaction of the same account, or those before it were taken back
    /// with their blocks: it will not be sealed.
    #[error("{call}: transaction {tx} was replaced by another one, or cut off by a reorganisation")]
    Replaced {
        /// The function called.
        call: String,
        /// Hash of the transaction.
        tx: String,
    },
    /// Networks of this profile have no such contract.
    #[error("networks of profile {profile} have no {part}")]
    Absent {
        /// Name of the profile.
        profile: String,
        /// What the address book would call the contract.
        part: &'static str,
    },
    /// What is on the chain contradicts what this program was told: another deployment, another round.
    #[error("{0}")]
    Conflict(String),
}

impl ChainError {
    /// What the contract said, if a contract refused.
    pub fn revert(&self) -> Option<&Revert> {
        match self {
            ChainError::Reverted { revert, .. } => Some(revert),
            _ => None,
        }
    }

    /// Whether a contract refused with the custom error of this name, such as `"BeaconAlreadyDrawn"`.
    pub fn is_revert(&self, name: &str) -> bool {
        self.revert().is_some_and(|r| r.name == name)
    }

    /// Whether the same call may well succeed a moment later: the failure was the endpoint's, not the call's.
    pub fn is_transient(&self) -> bool {
        matches!(self, ChainError::Unreachable { .. } | ChainError::Timeout { .. })
    }
}

/// Whether a request may be sent again after this failure: it did not reach the endpoint, or the endpoint
/// asked for patience. A JSON-RPC error is an answer and final.
pub(super) fn worth_retrying(error: &TransportError) -> bool {
    match error {
        RpcError::ErrorResp(payload) => payload.is_retry_err(),
        RpcError::Transport(TransportErrorKind::NonRetryable(_)) => false,
        // Whoever has kept silent for so long would be waited for as long again.
        RpcError::Transport(TransportErrorKind::Custom(e)) if is_timeout(e.as_ref()) => false,
        RpcError::Transport(TransportErrorKind::HttpError(e)) => e.status == 429 || e.status >= 500,
        RpcError::Transport(_) => true,
        _ => false,
    }
}

/// Puts an RPC failure into words; `call` names what was tried.
pub(super) fn explain(call: &str, url: &str, error: TransportError) -> ChainError {
    match error {
        RpcError::ErrorResp(payload) => match revert_data(&payload) {
            Some(data) => ChainError::Reverted { call: call.into(), revert: Revert::decode(&data) },
            None => ChainError::Refused {
                call: call.into(),
                code: payload.code,
                message: shown(&payload.message),
            },
        },
        RpcError::Transport(TransportErrorKind::Custom(e)) if is_timeout(e.as_ref()) => {
            ChainError::Unreachable { url: url.into(), reason: "it does not answer in time".into() }
        }
        RpcError::Transport(kind) => {
            ChainError::Unreachable { url: url.into(), reason: shown(&innermost(&kind)) }
        }
        other => ChainError::Answer { call: format!("{call} at {url}"), reason: shown(&other.to_string()) },
    }
}

/// Words of an endpoint, which may be anything: not too many, and nothing that moves a terminal's cursor.
fn shown(words: &str) -> String {
    const MOST: usize = 300;
    let mut shown: String = words.chars().take(MOST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if words.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

fn is_timeout(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |e| e.source());
    causes.any(|e| e.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_timeout))
}

/// The bytes a contract reverted with. Clients agree on code 3 and hex `data`; some wrap it in an object.
fn revert_data(payload: &ErrorPayload) -> Option<Bytes> {
    if payload.code != 3 && !payload.message.contains("revert") {
        return None;
    }
    let Some(raw) = &payload.data else { return Some(Bytes::new()) };
    let value: serde_json::Value = serde_json::from_str(raw.get()).ok()?;
    let text = value.as_str().or_else(|| value.get("data").and_then(|d| d.as_str()))?;
    hex::decode(text).ok().map(Bytes::from)
}

/// The root cause of a failure, with the outer layers' "error sending request" left out.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_endpoint_says_is_shown_harmlessly() {
        assert_eq!(shown("\u{1b}[31mred\nnext"), " [31mred next");
        let long = shown(&"ä".repeat(1_000_000));
        assert_eq!((long.chars().count(), long.ends_with('…')), (301, true));
    }
}
