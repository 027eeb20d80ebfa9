//! The bytes of an event log: a header, then one frame per acknowledged batch.
//!
//! ```text
//! file   = header frame*
//! header = "corexlog" version:u32 zero:u32 salt:[16] check:[8]                        40 bytes
//! frame  = length:u32 count:u32 first:u64 payload_hash:[16] check:[8]  payload  mark:[8]
//! payload = count times (length:u32 bytes)
//! ```
//!
//! Integers are little-endian; hashes are BLAKE3, truncated. Every check covers the file's salt and the offset
//! it stands at, so bytes of another log, or bytes a peer put into an event, cannot pass for a frame.
//!
//! The *mark* is what tells a torn tail from a damaged one. It is written only after the frame before it was
//! flushed, so a file that ends in a mark ended in an acknowledged frame. (A mark that is missing proves
//! nothing: the process may have died just before it.)

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::ops::RangeInclusive;
use std::path::Path;

use crate::StoreError;

pub(crate) const VERSION: u32 = 1;
pub(crate) const FILE_HEADER: usize = 40;
pub(crate) const FRAME_HEADER: usize = 40;
pub(crate) const MARK: usize = 8;
const MAGIC: &[u8; 8] = b"corexlog";

/// What every check of one file starts with. Not a secret: it only has to differ between files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Salt([u8; 16]);

impl Salt {
    /// A salt nobody could foresee, from the seed the standard library gives its hash maps.
    pub(crate) fn fresh() -> Salt {
        let word = || RandomState::new().build_hasher().finish().to_le_bytes();
        let mut salt = [0; 16];
        salt[..8].copy_from_slice(&word());
        salt[8..].copy_from_slice(&word());
        Salt(salt)
    }

    fn check(&self, what: &[u8], offset: u64, bytes: &[u8]) -> [u8; 8] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(what).update(&self.0).update(&offset.to_le_bytes()).update(bytes);
        prefix(hasher.finalize().as_bytes())
    }

    /// The mark that stands at `offset` once everything before it was flushed.
    pub(crate) fn mark(&self, offset: u64) -> [u8; MARK] {
        self.check(b"mark", offset, &[])
    }
}

/// First `N` bytes of a slice that the caller knows to be long enough.
fn prefix<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[..N]);
    out
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(prefix(&bytes[at..]))
}

/// The header of a new file.
pub(crate) fn encode_file_header(salt: Salt) -> [u8; FILE_HEADER] {
    let mut header = [0; FILE_HEADER];
    header[..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&VERSION.to_le_bytes());
    header[16..32].copy_from_slice(&salt.0);
    let check = salt.check(b"file", 0, &header[..32]);
    header[32..].copy_from_slice(&check);
    header
}

/// Reads the header of the file at `path`.
pub(crate) fn decode_file_header(header: &[u8; FILE_HEADER], path: &Path) -> Result<Salt, StoreError> {
    let not = |reason| StoreError::NotALog { path: path.to_path_buf(), reason };
    if &header[..8] != MAGIC {
        return Err(not("it does not start with 'corexlog'"));
    }
    let salt = Salt(prefix(&header[16..]));
    if salt.check(b"file", 0, &header[..32]) != header[32..] {
        return Err(not("its header is damaged"));
    }
    match u32_at(header, 8) {
        VERSION => Ok(salt),
        found => Err(StoreError::LogVersion { path: path.to_path_buf(), found, expected: VERSION }),
    }
}

/// What stands before the payload of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    /// Bytes of payload.
    pub length: u32,
    /// Records in the payload, at least 1.
    pub count: u32,
    /// Sequence number of the first record.
    pub first: u64,
    payload_hash: [u8; 16],
}

impl FrameHeader {
    pub(crate) fn new(count: u32, first: u64, payload: &[u8], length: u32) -> FrameHeader {
        FrameHeader { length, count, first, payload_hash: hash(payload) }
    }

    pub(crate) fn encode(&self, salt: Salt, offset: u64) -> [u8; FRAME_HEADER] {
        let mut out = [0; FRAME_HEADER];
        out[..4].copy_from_slice(&self.length.to_le_bytes());
        out[4..8].copy_from_slice(&self.count.to_le_bytes());
        out[8..16].copy_from_slice(&self.first.to_le_bytes());
        out[16..32].copy_from_slice(&self.payload_hash);
        let check = salt.check(b"frame", offset, &out[..32]);
        out[32..].copy_from_slice(&check);
        out
    }

    /// `None` if this is not the header of a frame at `offset` whose first record has one of the numbers `first`.
    pub(crate) fn decode(
        bytes: &[u8],
        salt: Salt,
        offset: u64,
        first: &RangeInclusive<u64>,
    ) -> Option<FrameHeader> {
        if bytes.len() < FRAME_HEADER {
            return None;
        }
        let header = FrameHeader {
            length: u32_at(bytes, 0),
            count: u32_at(bytes, 4),
            first: u64::from_le_bytes(prefix(&bytes[8..])),
            payload_hash: prefix(&bytes[16..]),
        };
        // Cheap conditions first: a search for the next frame asks this at every byte.
        let plausible = first.contains(&header.first) && header.count > 0;
        (plausible && salt.check(b"frame", offset, &bytes[..32]) == bytes[32..FRAME_HEADER]).then_some(header)
    }

    /// Whether `payload` is the one this header was written for.
    pub(crate) fn fits(&self, payload: &[u8]) -> bool {
        hash(payload) == self.payload_hash
    }
}

fn hash(payload: &[u8]) -> [u8; 16] {
    prefix(blake3::hash(payload).as_bytes())
}

/// Cuts a verified payload into its records; `None` if it is not made of exactly `count` of them.
pub(crate) fn decode_payload(mut payload: &[u8], count: u32) -> Option<Vec<Vec<u8>>> {
    let mut records = Vec::new();
    while !payload.is_empty() {
        let (length, rest) = payload.split_first_chunk()?;
        let (record, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        records.push(record.to_vec());
        payload = rest;
    }
    (records.len() as u64 == u64::from(count)).then_some(records)
}
