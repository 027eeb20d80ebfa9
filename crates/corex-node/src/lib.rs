//! The roles (provider, verifier, coordinator) wired together.
