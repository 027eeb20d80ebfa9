//! Reads StableHLO text as JAX prints it.
//!
//! ```
//! let text = "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
//!   %0 = stablehlo.add %x, %x : tensor<4xf32>
//!   return %0 : tensor<4xf32>
//! }";
//! let module = corex_hlo::parse(text)?;
//! assert_eq!(module.func("main").unwrap().ops.len(), 1);
//! # Ok::<(), corex_hlo::HloError>(())
//! ```
//!
//! Both MLIR's short and generic forms are read. What carries no meaning is passed over: locations, sharding,
//! precision hints, optimization barriers, names of values. Some operations are read as several others (`expand`).
//! Everything else that corex does not compute is an error that names it and says what is supported; nothing is dropped
//! silently.
//!
//! Regions become private functions of the module (see [`OpKind::callees`](crate::OpKind::callees)): values that the
//! region of a `while` or `case` uses from outside become its last operands.
//!
//! The text may come from a stranger. Time and memory are linear in its length (names: times a logarithm), only
//! nested regions recurse, and the limits are [`MAX_TEXT_BYTES`] and those of [`crate::verify`].

mod attrs;
mod body;
mod cursor;
mod expand;
mod func;
pub(crate) mod half;
pub(crate) mod kind;
mod lexer;
mod literal;
mod ops;
pub(crate) mod region;
mod window;

use crate::error::HloError;
use crate::ir::Module;

/// Longest program text read, in bytes.
pub const MAX_TEXT_BYTES: usize = 64 << 20;

/// Reads a module. What comes back satisfies [`crate::verify`].
///
/// # Errors
/// [`HloError::Parse`] with line and column for text that is malformed, ill-typed or outside the subset;
/// [`HloError::Module`] for what is wrong with the module as a whole.
pub fn parse(text: &str) -> Result<Module, HloError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(HloError::Module(format!(
            "a program text of {} bytes is longer than the limit of {MAX_TEXT_BYTES}",
            text.len()
        )));
    }
    let module = func::module(&mut cursor::Cursor::new(text)?)?;
    crate::verify::verify(&module)?;
    Ok(module)
}
