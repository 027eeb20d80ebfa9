//! `corex vest`, `corex sale`, `corex auction`: how tokens come to people, and back.

pub mod auction;
pub mod sale;
pub mod vest;
