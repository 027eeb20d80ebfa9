//! `corex offer` and `corex rent`: leases of nodes, from signed terms to the last token.

mod files;
mod list;
pub mod offer;
pub mod rent;
mod words;
