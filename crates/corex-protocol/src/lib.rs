//! Sans-I/O state machines of corex: the job driver, with its scheduler, audits and reputation, and the players of
//! disputes ([`dispute`]).
//!
//! A [`JobDriver`] runs one job. It takes [`Event`]s with the time at which they were seen and answers with
//! [`Effect`]s; it reads no clock, draws no random number and does no I/O, so a coordinator, a simulator and a
//! test run the same code, and a log of events is all there is to save.
//!
//! # The shell's part
//!
//! 1. Append an event, with its time, to a durable log. Only then call [`JobDriver::handle`] and do the effects.
//! 2. Check signatures before making an event of a receipt or a verdict.
//! 3. Send a [`Event::Tick`] a few times per second.
//! 4. After a crash: make a new driver, feed it the logged events, ignore all effects except
//!    [`Effect::Archive`], then log and feed [`Event::Restarted`]. What is outstanding comes again.
//!
//! # Guarantees
//!
//! *Safety* (always, whatever nodes, verifiers and the network do):
//! - the driver is a function of its events: a replay ends in the same state;
//! - no two leaves with one task id are committed, unless the first is void, so nobody is paid twice for a task;
//! - a result that lost a dispute, and everything computed from it, is not in the final lineage;
//! - the job is only done when every committed round is settled and the last state is held by the coordinator;
//! - no input of a task that may still be needed is released.
//!
//! *Correctness of the result* is what audits buy: a wrong result that no audit draws stays. At audit rate 1,
//! and with less than a third of the drawn stake dishonest, the final state is that of honest evaluation. Where the
//! chain decides nothing, two thirds of the stake do by signed verdicts, and where those are not to be had, a majority
//! of independent evaluations, which is weaker.
//!
//! *Liveness* (the job finishes) needs: one honest provider that stays connected long enough, the coordinator's
//! store, a chain that includes transactions, and one honest, answering verifier other than each worker
//! (or [`WithoutVerifiers::SettleUnaudited`]).
//!
//! *Architecture Invariant:* nothing reachable from [`JobDriver::handle`] unwraps, indexes or panics.

mod audit;
mod blobs;
mod config;
mod dag;
pub mod dispute;
mod driver;
mod effect;
mod event;
mod ledger;
mod nodes;
mod reputation;
mod scheduler;

pub use audit::{BlindLeaf, Duty, ONE_PPM, Verifier, audit_plan, draw_verifier};
pub use config::{AuditPolicy, COVERED, Config, WithoutVerifiers};
pub use dag::{Dag, Input, TaskKey};
pub use driver::{JobDriver, Summary};
pub use effect::{
    Assignment, AuditOrder, BanReason, BlobSource, Check, Effect, FinalState, LineageEntry, Progress, Reveal,
    RoundCommitment, Warning,
};
pub use event::{DisputeOutcome, Event, Failure, Holder, NodeInfo, Roles};
pub use nodes::Node;
pub use reputation::Reputation;
