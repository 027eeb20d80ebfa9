//! `corex vote`, `corex propose`, `corex committee`: how a network decides.

pub mod committee;
mod emergency;
mod find;
pub mod propose;
pub mod vote;
mod written;
