//! How a network decides: votes, committees, emergencies. Contracts of `contracts/src/governance`.
//!
//! Only reading: what changes anything is prepared by [`Intents`](super::Intents).

mod committee;
mod power;
mod proposals;
mod rights;

pub use committee::{CommitteeInfo, CommitteeProposal, Standpoint};
pub use power::{Power, Represented};
pub(crate) use proposals::{Calldata, description_hash, number};
pub use proposals::{Proposal, ProposalState, Tally};
pub use rights::{NextStage, PauseState, Right, StageInfo};
