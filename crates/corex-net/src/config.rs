//! What an endpoint does and how much it puts up with.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::BlobSource;

/// How an [`Endpoint`](crate::Endpoint) is set up.
#[derive(Clone)]
pub struct NetConfig {
    /// The ed25519 secret key: 32 random bytes, kept by the caller.
    pub secret: [u8; 32],
    /// Where to listen. Port 0 takes a free one; `0.0.0.0` listens on all networks.
    pub bind: SocketAddr,
    /// What to tell others to dial, if it differs from what is bound (a forwarded port, say).
    pub advertise: Vec<SocketAddr>,
    /// Whether peers may open control connections.
    pub accept_control: bool,
    /// Where peers' requests for blobs are answered from; `None` refuses them.
    pub blobs: Option<Arc<dyn BlobSource>>,
    /// Times and sizes.
    pub limits: Limits,
}

impl NetConfig {
    /// For peers on this machine only: a free port on 127.0.0.1, accepting nothing yet.
    pub fn loopback(secret: [u8; 32]) -> NetConfig {
        NetConfig {
            secret,
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            advertise: Vec::new(),
            accept_control: false,
            blobs: None,
            limits: Limits::default(),
        }
    }
}

/// How long to wait, and how much to take, from peers that nobody vouches for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A sign of life is sent after this long without one. At most 5 s.
    pub keep_alive: Duration,
    /// A peer that gave no sign of life for this long is lost. At most 15 s, which the transport has as its own.
    pub idle_timeout: Duration,
    /// For dialling, and for a new connection to say what it wants.
    pub handshake_timeout: Duration,
    /// For a peer to make room for a message, or for a piece of a blob.
    pub send_timeout: Duration,
    /// The longest encoded message, in bytes.
    pub max_frame_bytes: usize,
    /// Incoming connections at the same time; more are refused.
    pub max_connections: usize,
    /// Blobs read for peers at the same time; more wait. Bounds memory to this many blobs.
    pub max_blobs_served: usize,
    /// Requests for blobs that one peer may have open at the same time; more wait.
    pub max_requests_per_peer: u32,
    /// Peers fetched from at the same time; more wait.
    pub max_fetches: usize,
    /// The longest wait for the next byte of a blob.
    pub blob_stall: Duration,
    /// The slowest transfer put up with, in bytes per second, measured over a whole blob.
    pub blob_min_rate: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            keep_alive: Duration::from_secs(3),
            idle_timeout: Duration::from_secs(15),
            handshake_timeout: Duration::from_secs(10),
            send_timeout: Duration::from_secs(30),
            max_frame_bytes: 8 << 20,
            max_connections: 4096,
            max_blobs_served: 32,
            max_requests_per_peer: 16,
            max_fetches: 16,
            blob_stall: Duration::from_secs(15),
            blob_min_rate: 64 << 10,
        }
    }
}
