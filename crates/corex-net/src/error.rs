//! The one error of this crate, and the line between a peer that is away and one that misbehaves.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use corex_store::StoreError;
use corex_work::BlobId;

use crate::PeerKey;

/// Why a message or a blob did not get through.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NetError {
    /// A text or a received value is no peer address.
    #[error("'{text}' is not a peer address: {reason}\nhint: it looks like <64 hex digits>@127.0.0.1:4001")]
    BadAddress {
        /// The address as given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The socket could not be opened.
    #[error("cannot listen on {addr}: {reason}\nhint: is the port in use? port 0 takes a free one")]
    Bind {
        /// The address asked for.
        addr: SocketAddr,
        /// What the transport said.
        reason: String,
    },
    /// No connection came about.
    #[error("cannot reach peer {peer}: {reason}")]
    Unreachable {
        /// The peer dialled.
        peer: PeerKey,
        /// What the transport said.
        reason: String,
    },
    /// The peer ended the connection, and said why.
    #[error("peer {peer} closed the connection: {reason}")]
    Closed {
        /// The peer.
        peer: PeerKey,
        /// Its words; never to be trusted for anything but showing them.
        reason: String,
    },
    /// The connection broke: the peer's process or the network is gone.
    #[error("connection to peer {peer} lost: {reason}")]
    Lost {
        /// The peer.
        peer: PeerKey,
        /// What the transport said.
        reason: String,
    },
    /// The peer took too long.
    #[error("peer {peer} took longer than {limit:?} to {doing}")]
    TimedOut {
        /// The peer.
        peer: PeerKey,
        /// What was waited for.
        doing: &'static str,
        /// How long.
        limit: Duration,
    },
    /// The peer broke the rules of the protocol. The connection is closed and it was told why.
    #[error("peer {peer} misbehaved: {reason}")]
    Protocol {
        /// The peer.
        peer: PeerKey,
        /// Which rule it broke.
        reason: String,
    },
    /// The peer sent other bytes than the blob's.
    #[error("peer {peer} sent wrong bytes for blob {id}: they hash to {found}")]
    WrongBlob {
        /// The peer.
        peer: PeerKey,
        /// The blob asked for.
        id: BlobId,
        /// What came.
        found: BlobId,
    },
    /// The peer answered that it does not hold the blob.
    #[error("peer {peer} does not hold blob {id}")]
    NotHeld {
        /// The peer.
        peer: PeerKey,
        /// The blob asked for.
        id: BlobId,
    },
    /// The peer holds the blob but could not read it.
    #[error("peer {peer} could not read blob {id}")]
    PeerFailed {
        /// The peer.
        peer: PeerKey,
        /// The blob asked for.
        id: BlobId,
    },
    /// A message of ours is longer than a frame may be.
    #[error("a message of {len} bytes does not fit a frame of at most {limit} bytes")]
    MessageTooLarge {
        /// Encoded length in bytes.
        len: usize,
        /// [`Limits::max_frame_bytes`](crate::Limits::max_frame_bytes).
        limit: usize,
    },
    /// A message of ours cannot be encoded.
    #[error("a message cannot be encoded: {0}")]
    Encode(String),
    /// Our own disk failed while receiving.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
    /// The endpoint was closed, or does not accept what was asked of it.
    #[error("this endpoint accepts no control connections: it is closed, or was not set up to")]
    NotAccepting,
}

impl NetError {
    /// Whether the peer did something no honest peer does. An honest one can be unreachable, slow, or without a
    /// blob; it does not send garbage, or wrong bytes.
    pub fn is_misbehaviour(&self) -> bool {
        matches!(self, NetError::Protocol { .. } | NetError::WrongBlob { .. })
    }
}

/// No holder gave the blob.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot fetch blob {id}: {}", describe(tried))]
pub struct FetchError {
    /// The blob.
    pub id: BlobId,
    /// Each holder tried, in order, and what came of it.
    pub tried: Vec<(PeerKey, NetError)>,
}

fn describe(tried: &[(PeerKey, NetError)]) -> String {
    if tried.is_empty() {
        return "no peer is known to hold it".to_string();
    }
    tried.iter().map(|(_, error)| error.to_string()).collect::<Vec<_>>().join("; ")
}
