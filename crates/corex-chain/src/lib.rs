//! Contract bindings, wallet, the embedded chain, and any JSON-RPC chain.

pub mod embedded;
