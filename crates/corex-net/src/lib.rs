//! Encrypted peer-to-peer transport: messages and verified blob transfer.
