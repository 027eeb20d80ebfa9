//! Encrypted, peer-to-peer transport: control messages, and blobs that are verified as they arrive.
//!
//! QUIC with peer keys is iroh's; this crate adds what corex says over it.
//!
//! | protocol (ALPN) | carries | from whom |
//! |---|---|---|
//! | `corex/control/1` | one two-way stream of length-prefixed postcard messages | a node, to its coordinator |
//! | `corex/blob/1` | requests for blobs by name, answered with length and bytes | anyone, to any holder |
//!
//! [`Endpoint`] is the way in: [`Endpoint::connect`] and [`Endpoint::accept`] give a [`Connection`] for control
//! messages; [`Endpoint::fetch`] brings blobs into a [`BlobStore`](corex_store::BlobStore) from whoever holds
//! them, and a [`BlobSource`] answers others' requests.
//!
//! # What a peer cannot do
//! *Safety*: whatever a peer sends, no process crashes, no wrong byte becomes a blob, and memory and time spent
//! on it stay within [`Limits`]. It is told why it is dropped, and [`NetError::is_misbehaviour`] tells the caller
//! whether it was away or dishonest. *Liveness*: a fetch succeeds if one of the holders given is honest,
//! reachable and fast enough.
//!
//! # Why not iroh-blobs
//! It streams blobs of any size with verification of every 16 KiB, which corex does not need: its blobs are a
//! few megabytes, are named by the same BLAKE3 hash, and are checked whole before they are visible. It would more
//! than double the time this crate takes to build, and bring a second store beside `corex-store`.
//!
//! **Architecture Invariant:** nothing above this crate sees a type of iroh or quinn.
//!
//! ```
//! use std::sync::Arc;
//! use corex_net::{Endpoint, NetConfig, Want};
//! use corex_store::{BlobStore, BlobStoreOptions};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! let (here, there) = (dir.path().join("here"), dir.path().join("there"));
//! let theirs = BlobStore::open(there, BlobStoreOptions::default())?;
//! let id = theirs.put("weights")?;
//!
//! let server = NetConfig { accept_control: true, blobs: Some(Arc::new(theirs)), ..NetConfig::loopback([1; 32]) };
//! let coordinator = Endpoint::bind(server).await?;
//! let node = Endpoint::bind(NetConfig::loopback([2; 32])).await?;
//!
//! let address = coordinator.addr();
//! let (dialled, accepted) = tokio::join!(node.connect(&address), coordinator.accept());
//! let (mut to_coordinator, mut from_node) = (dialled?, accepted?);
//! to_coordinator.send(&"ready").await?;
//! assert_eq!(from_node.recv::<String>().await?, "ready");
//! assert_eq!(from_node.peer(), node.key());
//!
//! let ours = BlobStore::open(here, BlobStoreOptions::default())?;
//! let want = Want { id, max_len: 1 << 20, holders: vec![coordinator.addr()] };
//! assert_eq!(node.fetch(&want, &ours).await?.from, Some(coordinator.key()));
//! assert_eq!(ours.get(&id)?, "weights");
//!
//! node.close().await;
//! coordinator.close().await;
//! # Ok(())
//! # }
//! ```

mod addr;
mod blob;
mod config;
mod control;
mod counters;
mod endpoint;
mod error;
mod fetch;
mod frame;
mod link;
mod serve;

pub use addr::{PeerAddr, PeerKey};
pub use blob::BlobSource;
pub use config::{Limits, NetConfig};
pub use control::{Connection, Receiver, Sender};
pub use counters::Counters;
pub use endpoint::Endpoint;
pub use error::{FetchError, NetError};
pub use fetch::{Fetched, Want};
