//! Shared by the tests of this crate: well-behaved endpoints, and bare ones that say anything.
#![allow(dead_code)] // Each test file uses its own part.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use corex_net::{Endpoint, Limits, NetConfig, PeerAddr, PeerKey};
use corex_store::{BlobStore, BlobStoreOptions};
use iroh::endpoint::{Connection, ConnectionError, RecvStream, SendStream, presets};
use iroh::{EndpointAddr, PublicKey, RelayMode, SecretKey};

pub const CONTROL: &[u8] = b"corex/control/1";
pub const BLOB: &[u8] = b"corex/blob/1";
pub const PREAMBLE: &[u8] = b"corexctl\x01";

/// Long enough for any machine; a test that needs it fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub async fn node(secret: u8, change: impl FnOnce(&mut NetConfig)) -> Endpoint {
    let mut config = NetConfig::loopback([secret; 32]);
    change(&mut config);
    Endpoint::bind(config).await.unwrap()
}

pub async fn coordinator(secret: u8) -> Endpoint {
    node(secret, |config| config.accept_control = true).await
}

/// Limits that give up on a peer after a moment.
pub fn impatient() -> Limits {
    let moment = Duration::from_millis(300);
    Limits { handshake_timeout: moment, send_timeout: moment, blob_stall: moment, ..Limits::default() }
}

pub fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

pub fn store(dir: &Path, name: &str) -> BlobStore {
    BlobStore::open(dir.join(name), BlobStoreOptions::default()).unwrap()
}

pub async fn holder(secret: u8, store: &BlobStore) -> Endpoint {
    let source = Arc::new(store.clone());
    node(secret, |config| config.blobs = Some(source)).await
}

/// The transport without any of our manners.
pub async fn bare(secret: u8, protocols: &[&[u8]]) -> iroh::Endpoint {
    iroh::Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(&[secret; 32]))
        .relay_mode(RelayMode::Disabled)
        .alpns(protocols.iter().map(|protocol| protocol.to_vec()).collect())
        .clear_ip_transports()
        .bind_addr("127.0.0.1:0")
        .unwrap()
        .bind()
        .await
        .unwrap()
}

pub fn bare_addr(endpoint: &iroh::Endpoint) -> PeerAddr {
    PeerAddr { key: PeerKey(*endpoint.id().as_bytes()), sockets: endpoint.bound_sockets() }
}

/// Dials and sends `bytes` on a fresh stream.
pub async fn bare_dial(
    from: &iroh::Endpoint,
    to: &PeerAddr,
    protocol: &[u8],
    bytes: &[u8],
) -> (Connection, SendStream, RecvStream) {
    let key = PublicKey::from_bytes(&to.key.0).unwrap();
    let addr = to.sockets.iter().fold(EndpointAddr::new(key), |addr, socket| addr.with_ip_addr(*socket));
    let connection = from.connect(addr, protocol).await.unwrap();
    let (mut send, recv) = connection.open_bi().await.unwrap();
    send.write_all(bytes).await.unwrap();
    (connection, send, recv)
}

/// What the other side said when it closed this connection.
pub async fn close_reason(connection: &Connection) -> String {
    match tokio::time::timeout(PATIENCE, connection.closed()).await.expect("the peer was not dropped") {
        ConnectionError::ApplicationClosed(close) => String::from_utf8_lossy(&close.reason).into_owned(),
        other => panic!("closed without a reason: {other}"),
    }
}
