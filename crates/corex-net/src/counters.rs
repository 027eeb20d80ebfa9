//! How much went over the wire.

use std::sync::atomic::{AtomicU64, Ordering};

/// Totals of an endpoint since it was made, in bytes and blobs; encryption and packet headers are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bytes of blobs handed to the transport for peers.
    pub blob_bytes_sent: u64,
    /// Bytes of blobs received, right or wrong.
    pub blob_bytes_received: u64,
    /// Blobs sent whole.
    pub blobs_sent: u64,
    /// Blobs received and verified.
    pub blobs_received: u64,
    /// Bytes of control messages sent, with their length prefixes.
    pub control_bytes_sent: u64,
    /// Bytes of control messages received, with their length prefixes.
    pub control_bytes_received: u64,
}

/// The live totals behind [`Counters`].
#[derive(Debug, Default)]
pub(crate) struct Meters {
    pub blob_bytes_sent: Meter,
    pub blob_bytes_received: Meter,
    pub blobs_sent: Meter,
    pub blobs_received: Meter,
    pub control_bytes_sent: Meter,
    pub control_bytes_received: Meter,
}

#[derive(Debug, Default)]
pub(crate) struct Meter(AtomicU64);

impl Meter {
    pub(crate) fn add(&self, amount: usize) {
        self.0.fetch_add(amount as u64, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Meters {
    pub(crate) fn read(&self) -> Counters {
        Counters {
            blob_bytes_sent: self.blob_bytes_sent.get(),
            blob_bytes_received: self.blob_bytes_received.get(),
            blobs_sent: self.blobs_sent.get(),
            blobs_received: self.blobs_received.get(),
            control_bytes_sent: self.control_bytes_sent.get(),
            control_bytes_received: self.control_bytes_received.get(),
        }
    }
}
