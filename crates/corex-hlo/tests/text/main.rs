//! Programs as text: reading, printing, canonical form, limits.

mod errors;
mod exports;
mod hostile;
mod identity;
mod operators;
mod random;
mod structured;
