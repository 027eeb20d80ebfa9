//! Evaluation of programs: the reference interpreter (the law), the fast executor, the referee and traces.
//!
//! A program (see [`corex_hlo`]) has exactly one answer for given inputs. Two evaluators live here:
//!
//! * [`reference`] evaluates one operator after the other, one element after the other, in the plainest code we
//!   could write. Together with `docs/spec/arithmetic.md` it *is* the definition of every operator.
//! * [`Program`] compiles a function once (views without copies, fused elementwise and row passes, strided matrix
//!   products, buffers reused by liveness) and runs it many times on several threads.
//!
//! For disputes there are, on the lowered form of a program ([`corex_hlo::lower`]):
//!
//! * [`referee`] evaluates one element of one operator, or one step of the chain that makes it: the twin of a contract.
//! * [`trace`] commits to the results of every operator, opens any of them again, and proves that it is one.
//!
//! **Architecture Invariant:** the evaluators agree bit for bit, for every program, instruction set and thread count.
//! Fusion, layout and threading are speed decisions; `tests/equivalence.rs` compares random programs.
//!
//! Nothing a program or a blob contains can make this crate panic: broken programs, mismatched inputs and programs
//! that need too much memory are [`EngineError`]s.

mod buffer;
mod digest;
mod error;
mod exec;
mod prepare;
pub mod referee;
pub mod reference;
mod tensor;
pub mod trace;

pub use error::EngineError;
pub use exec::{DEFAULT_OPERATION_LIMIT, Observer, Options, Program};
pub use tensor::Tensor;
