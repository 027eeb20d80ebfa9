//! Durable event log and content-addressed blob store.
