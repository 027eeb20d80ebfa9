//! The blob protocol's bytes, and where the answers come from.
//!
//! ```text
//! request  = version:u8 count:u16 (id:[32])*            then the end of the stream
//! response = (0 | 1 length:u64 bytes | 2)*              one per id, in order; then the end of the stream
//! ```
//!
//! 0: not held. 1: here it is. 2: held, but it cannot be read. Integers are little-endian.

use std::error::Error;

use bytes::Bytes;
use corex_store::{BlobStore, StoreError};
use corex_work::BlobId;

/// Version of the blob protocol.
pub(crate) const VERSION: u8 = 1;
/// Most blobs in one request.
pub(crate) const MAX_IDS: usize = 1024;
/// Longest request in bytes.
pub(crate) const MAX_REQUEST: usize = 3 + 32 * MAX_IDS;

/// Answers in a response.
pub(crate) const NOT_HELD: u8 = 0;
pub(crate) const HELD: u8 = 1;
pub(crate) const FAILED: u8 = 2;

/// What peers' requests for blobs are answered from.
pub trait BlobSource: Send + Sync + 'static {
    /// The bytes of a blob, verified; `None` if it is not held. May block: it is called on a thread made for that.
    ///
    /// # Errors
    /// Whatever kept a held blob from being read; it is logged, and the peer is told that the blob cannot be had.
    fn blob(&self, id: &BlobId) -> Result<Option<Bytes>, Box<dyn Error + Send + Sync>>;
}

impl BlobSource for BlobStore {
    fn blob(&self, id: &BlobId) -> Result<Option<Bytes>, Box<dyn Error + Send + Sync>> {
        match self.get(id) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StoreError::Missing { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// `ids` must be at most [`MAX_IDS`].
pub(crate) fn encode_request(ids: &[BlobId]) -> Vec<u8> {
    let mut request = vec![VERSION];
    request.extend_from_slice(&(ids.len() as u16).to_le_bytes());
    request.extend(ids.iter().flat_map(BlobId::as_bytes));
    request
}

/// Reads a request.
///
/// # Errors
/// What to tell the peer that sent it.
pub(crate) fn decode_request(request: &[u8]) -> Result<Vec<BlobId>, String> {
    match request {
        [VERSION, low, high, ids @ ..] => {
            let count = usize::from(u16::from_le_bytes([*low, *high]));
            let (ids, rest) = ids.as_chunks::<32>();
            if count != ids.len() || count > MAX_IDS || !rest.is_empty() {
                return Err(format!("a request for {count} blobs that holds {} ids", ids.len()));
            }
            Ok(ids.iter().copied().map(BlobId).collect())
        }
        [version, ..] if *version != VERSION => {
            Err(format!("blob version {version} is not spoken here, version {VERSION} is"))
        }
        _ => Err("a request that ends before it says what it wants".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_wrong_with_a_request_is_named() {
        fn check(request: &[u8], reason: &str) {
            let error = decode_request(request).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
        check(&[], "ends before");
        check(&[VERSION, 1], "ends before");
        check(&[9, 0, 0], "version 9");
        check(&[VERSION, 1, 0, 7], "request for 1 blobs that holds 0");
        check(&[&[VERSION, 0, 0][..], &[7; 32]].concat(), "request for 0 blobs that holds 1");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn requests_round_trip(ids in prop::collection::vec(any::<[u8; 32]>(), 0..20)) {
            let ids: Vec<_> = ids.into_iter().map(BlobId).collect();
            prop_assert_eq!(decode_request(&encode_request(&ids)), Ok(ids));
        }

        #[test]
        fn garbage_is_an_error_or_ids(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode_request(&bytes);
        }
    }
}
