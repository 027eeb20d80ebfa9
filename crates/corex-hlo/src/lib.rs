//! Programs: the StableHLO subset of corex, parsed, printed, verified, built and differentiated.

pub mod builder;
pub mod error;
pub mod grad;
pub mod infer;
pub mod ir;

pub use builder::{Dot, FuncBuilder};
pub use error::HloError;
pub use grad::gradients;
pub use infer::{checked_bytes, infer};
pub use ir::*;
