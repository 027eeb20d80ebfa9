//! Programs: the StableHLO subset of corex, parsed, printed, verified, built, differentiated and lowered.

pub mod builder;
pub mod canonical;
pub mod cost;
pub mod error;
pub mod grad;
pub mod infer;
pub mod inline;
pub mod ir;
pub mod loops;
pub mod lower;
pub mod parse;
pub mod print;
pub mod rng;
pub mod verify;

pub use builder::{Dot, FuncBuilder};
pub use canonical::{canonical_text, canonicalize, program_id};
pub use cost::{multiply_adds, work_units, work_units_assuming};
pub use error::HloError;
pub use grad::gradients;
pub use infer::{Signature, checked_bytes, infer, infer_results};
pub use inline::{Inlined, inline_calls, remove_dead};
pub use ir::*;
pub use loops::trip_count;
pub use lower::{Lowered, Lowering, lower};
pub use parse::parse;
pub use print::print;
pub use rng::{RngAlgorithm, rng_bit_generator};
pub use verify::{MAX_CALL_DEPTH, verify};
