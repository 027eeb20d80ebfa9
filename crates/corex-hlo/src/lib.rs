//! Programs: the StableHLO subset of corex, parsed, printed, verified, built and differentiated.

pub mod error;
pub mod ir;

pub use error::HloError;
pub use ir::*;
