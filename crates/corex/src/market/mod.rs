//! `corex offer` and `corex rent`: leases of nodes, from signed terms to the last token.

mod bid;
mod files;
mod fit;
mod list;
mod make;
pub mod offer;
pub mod rent;
mod words;
