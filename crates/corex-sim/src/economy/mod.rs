//! The economy under rational agents: does any strategy earn more than honesty?
//!
//! [`profit`] plays a [`Strategy`] on a network with a profile's [`Settings`], epoch by epoch: demand, work, audits as the
//! protocol draws them ([`corex_protocol::audit_plan`], [`corex_protocol::Reputation`]), disputes, slashes, fees, mining, claims,
//! with every token on a ledger that is checked after each epoch; and plays honesty with the same machine, capital and chance. The
//! formulas are those of the contracts, each once, in [`formulas`]. [`study`] does it for every profile, with its settings moved to
//! both sides, and looks for the edges: the values of parameters at which a strategy begins to pay. What is measured and what is
//! not is in `docs/economics.md`.

mod bank;
#[cfg(test)]
mod closed_form;
mod edges;
pub mod formulas;
mod measure;
mod money;
mod pool;
mod round;
mod settings;
mod strategy;
mod study;
mod sweeps;
pub mod tables;
mod world;

pub use measure::{Conditions, Effort, Profit, profit};
pub use settings::{Fees, Market, Mining, Rules, Settings, Stake};
pub use strategy::Strategy;
pub use study::{Edge, Plan, Study, Sweep, study};
pub use sweeps::{PARAMETERS, Parameter};
