//! The roles (provider, verifier, coordinator, host) wired together: the only crate that knows everything.
//!
//! | to | look at |
//! |---|---|
//! | train a model | [`train`] |
//! | run a node | [`node`] |
//! | run a network on this machine | [`network`] |
//! | check a finished run | [`verify`] |
//! | play disputes | [`dispute`] |
//! | reach a network as some account, to move money there | [`reach`] |
//! | use a trained model | [`generate()`], [`token_logits`], [`row_logits`] |
//!
//! **Architecture Invariant:** nothing here decides what is right. Which task is next, who does it, what is audited,
//! rolled back and paid is decided in `corex-protocol`; what a task's result is, in `corex-engine`; who is slashed, by
//! the contracts. This crate moves bytes between them.

pub mod cheat;
pub mod checkpoint;
pub mod coordinator;
pub mod corpus;
pub mod curve;
pub mod dataset;
pub mod deploy;
pub mod dispute;
mod error;
pub mod family_job;
mod generate;
pub mod hardware;
pub mod host;
pub mod keys;
pub mod lineage;
mod lowered;
pub mod network;
pub mod node;
pub mod preset;
pub mod program_job;
pub mod reach;
pub mod report;
pub mod server;
pub mod status;
mod supervise;
pub mod tensors;
pub mod train;
mod transfer;
pub mod verify;
pub mod wallet;
pub mod wire;
pub mod worker;

pub use corex_num::Isa;
pub use error::NodeError;
pub use generate::{GenerateError, generate, row_logits, token_logits};
pub use worker::Compute;

/// A random number of the system's.
pub fn random_u64() -> Result<u64, NodeError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .map_err(|e| NodeError::Refused(format!("the system gave no random bytes: {e}")))?;
    Ok(u64::from_le_bytes(bytes))
}
