//! Exact f32 arithmetic: scalar functions, GEMM and reductions with one answer on every machine.
//!
//! Everything here obeys the arithmetic law (`docs/spec/arithmetic.md`): which IEEE 754 operations make up a
//! result, and in which order. How many lanes, tiles or threads compute it is a choice of speed.
//!
//! - [`scalar`]: the functions of one or two numbers; [`unary`] and [`binary`]: the same over arrays.
//! - [`accumulator`]: many of them one after the other, on elements that stay in registers.
//! - [`gemm`](gemm()): the matrix product, one fma chain per output element.
//! - [`multiply_lanes`]: contractions side by side, as in a depthwise convolution.
//! - [`sum_lanes`], [`add_rows`], [`fold_max`], [`fold_min`]: reductions.
//! - [`convert`], [`integer`]: number formats and integer arithmetic with every edge defined.
//! - [`reference`](mod@reference): the law again in integer arithmetic, slow and plain, for tests and referees.
//! - [`Isa`] chooses among instruction sets, [`FpEnv`] guards a thread's floating-point environment,
//!   [`prefer_large_pages`] and [`prefetch()`] suit memory to what is computed.
//!
//! ```
//! use corex_num::{Isa, MatRef, gemm};
//!
//! let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]; // 2 x 3
//! let b = [1.0, 0.0, 0.0, 1.0, 1.0, 1.0]; // 3 x 2
//! let mut c = [0.0; 4];
//! gemm(Isa::detect(), 2, 2, 3, MatRef::row_major(&a, 3), MatRef::row_major(&b, 2), &mut c, 2);
//! assert_eq!(c, [4.0, 5.0, 10.0, 11.0]);
//! ```
//!
//! **Invariant:** no function here reads a clock, a file, an environment variable or a random number, and none
//! starts a thread. All that is asked of the system is large pages.

pub mod accumulator;
mod bits;
pub mod convert;
mod dispatch;
mod elementwise;
mod fma;
mod fpenv;
mod gemm;
pub mod integer;
mod isa;
mod lanes;
mod pages;
mod prefetch;
mod reduce;
pub mod reference;
pub mod scalar;

pub use elementwise::{Arg, BinaryFn, UnaryFn, binary, binary_in_place, unary, unary_in_place};
pub use fpenv::{FpEnv, FpEnvError, check_thread};
pub use gemm::{
    Epilogue, EpilogueOp, FLUSH_BELOW, GemmOptions, MatRef, Stretch, flush, gemm, gemm_batch, gemm_raw,
    gemm_stretch,
};
pub use isa::{Isa, UnknownIsa};
pub use lanes::{LaneRows, MOST_LANES, end_lanes, multiply_lanes};
pub use pages::prefer_large_pages;
pub use prefetch::prefetch;
pub use reduce::{LANES, LaneSum, add_rows, fold_max, fold_min, sum_lanes};
