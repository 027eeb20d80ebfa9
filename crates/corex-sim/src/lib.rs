//! Whole networks in one thread: seeded, in virtual time, with faults.
//!
//! [`run`] plays a [`Scenario`]: nodes of different speeds behind a network that loses, repeats, delays and
//! reorders; crashes of nodes, with and without their disks; crashes of the coordinator between logging an
//! event and acting on it, followed by a replay of its log; providers and verifiers that cheat, each in its own
//! way; and a model of the contracts. The code under test is the real [`corex_protocol::JobDriver`]; only
//! evaluation is replaced by a hash, which is as sensitive to its inputs and much cheaper.
//!
//! After every run these hold, or [`run`] returns a [`Violation`] with the seed that replays it:
//! - the job finished, and every round is settled;
//! - the lineage is complete and hangs together, each task has one leaf that is not void, and no convicted result is in it;
//! - the final state is the honest one, if no wrong result escaped its audit. With certain audits and fewer
//!   than a third of the stake colluding none may escape; with sampled audits [`Report::escaped`] counts them;
//! - payments are the leaves that stand, and no one was slashed who never cheated, or kept silent in a game. With certain, honest audits a
//!   wrong leaf is paid only where its dispute found no quorum, or where its audit was impossible because the
//!   wrong input it consumed vanished with the node that made it; neither is in the lineage;
//! - every replay of a log ended in the state that the crash destroyed.

mod chain;
mod check;
pub mod economy;
mod honest;
mod networks;
mod node;
mod rng;
mod scenario;
mod world;

pub use check::{Report, Violation};
pub use networks::{CHEATS, NETWORKS, Network};
pub use rng::Rng;
pub use scenario::{Canary, Provider, Scenario, Verifier};
pub use world::run;
