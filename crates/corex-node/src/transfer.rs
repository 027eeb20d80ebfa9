//! Bringing the blobs that an order names into one's own store.

use corex_net::{Endpoint, PeerAddr, Want};
use corex_protocol::{BlobSource, Holder};
use corex_store::BlobStore;
use corex_work::BlobId;

use crate::error::NodeError;

/// Blobs whose length the job does not say (programs, data) may be this long.
const MAX_UNSIZED_BYTES: u64 = 1 << 30;

/// Where the holders of an order's blobs are.
pub type Directory = [(Holder, PeerAddr)];

/// A blob that could not be brought, and the holders that did not give it.
#[derive(Debug)]
pub struct NotBrought {
    /// The blob.
    pub blob: BlobId,
    /// Who was asked in vain.
    pub asked: Vec<Holder>,
}

/// Brings every blob that the store lacks; inline bytes are kept, the rest is fetched from the holders in turn.
pub async fn bring(
    endpoint: &Endpoint,
    store: &BlobStore,
    sources: &[BlobSource],
    directory: &Directory,
) -> Result<Vec<NotBrought>, NodeError> {
    let mut wants = Vec::new();
    for source in sources {
        if store.has(&source.blob)? {
            continue;
        }
        if let Some(bytes) = &source.inline {
            let id = store.put(bytes.clone())?;
            if id != source.blob {
                let why = format!("it sent {id} under the name {}", source.blob);
                return Err(NodeError::Peer { peer: "the coordinator".into(), why });
            }
            continue;
        }
        let holders = source.holders.iter().filter_map(|h| address(directory, *h)).collect();
        wants.push(Want { id: source.blob, max_len: source.bytes.unwrap_or(MAX_UNSIZED_BYTES), holders });
    }
    let mut missing = Vec::new();
    for result in endpoint.fetch_many(&wants, store).await {
        if let Err(error) = result {
            tracing::debug!(%error, "blob not brought");
            let asked = error.tried.iter().filter_map(|(key, _)| holder(directory, *key)).collect();
            missing.push(NotBrought { blob: error.id, asked });
        }
    }
    Ok(missing)
}

fn address(directory: &Directory, holder: Holder) -> Option<PeerAddr> {
    directory.iter().find(|(h, _)| *h == holder).map(|(_, addr)| addr.clone())
}

fn holder(directory: &Directory, key: corex_net::PeerKey) -> Option<Holder> {
    directory.iter().find(|(_, addr)| addr.key == key).map(|(h, _)| *h)
}
