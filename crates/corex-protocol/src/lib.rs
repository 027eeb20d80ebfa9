//! Sans-I/O state machines: job driver, scheduler, audits, reputation.
