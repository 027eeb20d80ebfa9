//! Proofs of what stands in a blob, for someone who only knows its id: the `Blake3` contract's other half.
//!
//! BLAKE3 hashes chunks of 1024 bytes and then pairs of hashes, up to the root, which is the [`BlobId`] (O'Connor,
//! Aumasson, Neves, Wilcox-O'Hearn: "BLAKE3", section 2.1). The left side of a node has the largest power of two of chunks
//! that leaves any for the right side.

use blake3::hazmat::{ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root};
use thiserror::Error;

use crate::ids::BlobId;

/// Bytes in a chunk; the last one of a blob may have fewer.
pub const CHUNK: usize = 1024;

/// One chunk of a blob, and the hashes beside the way from it to the root.
///
/// The length is a claim: chunks of a shorter or longer blob may be accepted under it where the trees agree. A proof of
/// the last chunk proves the length, too.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChunkProof {
    /// Bytes in the blob.
    pub length: u64,
    /// Which chunk, from 0.
    pub index: u64,
    /// The chunk: 1024 bytes, or what is left for the last one.
    pub chunk: Vec<u8>,
    /// The chunk's neighbour first; empty if there is only one chunk.
    pub siblings: Vec<[u8; 32]>,
}

/// Why a chunk proof cannot be one, whatever the blob.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[allow(missing_docs)]
pub enum ChunkProofError {
    #[error("a blob of {length} bytes is longer than 2^63")]
    TooLong { length: u64 },
    #[error("chunk {index} of a blob of {chunks} chunks")]
    NoSuchChunk { index: u64, chunks: u64 },
    #[error("a chunk of {given} bytes where there must be {expected}")]
    WrongChunkLength { given: usize, expected: u64 },
    #[error("{given} sibling hashes where there must be {expected}")]
    WrongProofLength { given: usize, expected: usize },
}

/// A turn on the way from the root to a chunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Turn {
    Left,
    Right,
}

impl ChunkProof {
    /// The proof of chunk `index` of `blob`; `None` if there is no such chunk. Hashes the whole blob.
    pub fn of(blob: &[u8], index: u64) -> Option<ChunkProof> {
        let length = blob.len() as u64;
        let mut siblings = Vec::new();
        let (mut subtree, mut offset) = (blob, 0u64);
        for (turn, left) in way(length, index).ok()? {
            let (left, right) = subtree.split_at_checked(usize::try_from(left).ok()?.checked_mul(CHUNK)?)?;
            let behind = offset + left.len() as u64;
            match turn {
                Turn::Left => {
                    siblings.push(subtree_hash(right, behind));
                    subtree = left;
                }
                Turn::Right => {
                    siblings.push(subtree_hash(left, offset));
                    (subtree, offset) = (right, behind);
                }
            }
        }
        siblings.reverse();
        Some(ChunkProof { length, index, chunk: subtree.to_vec(), siblings })
    }

    /// The id of the blob that this is a proof for.
    ///
    /// # Errors
    /// [`ChunkProofError`] if the parts do not fit each other.
    pub fn root(&self) -> Result<BlobId, ChunkProofError> {
        let way = way(self.length, self.index)?;
        let expected = (self.length - self.index * CHUNK as u64).min(CHUNK as u64);
        if self.chunk.len() as u64 != expected {
            return Err(ChunkProofError::WrongChunkLength { given: self.chunk.len(), expected });
        }
        if self.siblings.len() != way.len() {
            return Err(ChunkProofError::WrongProofLength {
                given: self.siblings.len(),
                expected: way.len(),
            });
        }
        let Some((top, below)) = self.siblings.split_last() else {
            return Ok(BlobId::of(&self.chunk));
        };
        let mut turns = way.iter().rev().map(|(turn, _)| *turn);
        let mut hash = subtree_hash(&self.chunk, self.index * CHUNK as u64);
        for (sibling, turn) in below.iter().zip(&mut turns) {
            let (left, right) = ordered(turn, &hash, sibling);
            hash = merge_subtrees_non_root(left, right, Mode::Hash);
        }
        let (left, right) = ordered(turns.next().unwrap_or(Turn::Left), &hash, top);
        Ok(BlobId(*merge_subtrees_root(left, right, Mode::Hash).as_bytes()))
    }
}

/// The way from the root to a chunk: turns, each with the number of chunks on the left side of its node.
fn way(length: u64, index: u64) -> Result<Vec<(Turn, u64)>, ChunkProofError> {
    if length >> 63 != 0 {
        return Err(ChunkProofError::TooLong { length });
    }
    let mut chunks = length.div_ceil(CHUNK as u64).max(1);
    if index >= chunks {
        return Err(ChunkProofError::NoSuchChunk { index, chunks });
    }
    let mut index = index;
    let mut way = Vec::new();
    while chunks > 1 {
        let left = 1 << (chunks - 1).ilog2();
        if index < left {
            way.push((Turn::Left, left));
            chunks = left;
        } else {
            way.push((Turn::Right, left));
            (chunks, index) = (chunks - left, index - left);
        }
    }
    Ok(way)
}

/// The hash of whole chunks that are not all of a blob; `offset` is their place in it, in bytes.
fn subtree_hash(bytes: &[u8], offset: u64) -> ChainingValue {
    blake3::Hasher::new().set_input_offset(offset).update(bytes).finalize_non_root()
}

fn ordered<'a>(turn: Turn, hash: &'a [u8; 32], sibling: &'a [u8; 32]) -> (&'a [u8; 32], &'a [u8; 32]) {
    match turn {
        Turn::Left => (hash, sibling),
        Turn::Right => (sibling, hash),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(length: usize) -> Vec<u8> {
        (0..length).map(|i| (i % 251) as u8).collect()
    }

    #[test]
    fn every_chunk_of_a_blob_leads_to_its_id() {
        for length in [0, 1, 1023, 1024, 1025, 2048, 3000, 4096, 5 * 1024, 9 * 1024 + 1, 64 * 1024] {
            let blob = blob(length);
            let chunks = length.div_ceil(CHUNK).max(1) as u64;
            for index in 0..chunks {
                let proof = ChunkProof::of(&blob, index).unwrap();
                assert_eq!(proof.root(), Ok(BlobId::of(&blob)), "chunk {index} of {length} bytes");
            }
            assert_eq!(ChunkProof::of(&blob, chunks), None);
        }
    }

    #[test]
    fn a_changed_proof_leads_elsewhere() {
        let blob = blob(5 * CHUNK + 7);
        let id = Ok(BlobId::of(&blob));
        let proof = ChunkProof::of(&blob, 3).unwrap();
        let changed = |change: fn(&mut ChunkProof)| {
            let mut other = proof.clone();
            change(&mut other);
            other.root()
        };
        assert_ne!(changed(|p| p.chunk[1000] ^= 1), id);
        assert_ne!(changed(|p| p.siblings[2][0] ^= 1), id);
        assert_ne!(changed(|p| p.siblings.swap(0, 1)), id);
        assert_ne!(changed(|p| p.index = 2), id);
        assert_eq!(
            changed(|p| p.length += 10 * CHUNK as u64),
            Err(ChunkProofError::WrongProofLength { given: 3, expected: 4 })
        );
        assert_eq!(changed(|p| p.length = u64::MAX), Err(ChunkProofError::TooLong { length: u64::MAX }));
        assert_eq!(changed(|p| p.index = 6), Err(ChunkProofError::NoSuchChunk { index: 6, chunks: 6 }));
        assert_eq!(
            changed(|p| p.chunk.push(0)),
            Err(ChunkProofError::WrongChunkLength { given: 1025, expected: 1024 })
        );
    }

    #[test]
    fn the_last_chunk_proves_the_length() {
        let blob = blob(3 * CHUNK);
        let last = ChunkProof::of(&blob, 2).unwrap();
        for chunks in 1..40 {
            for index in 0..chunks {
                let other = ChunkProof { length: chunks * CHUNK as u64, index, ..last.clone() };
                let as_last = index + 1 == chunks;
                let same = other == last;
                assert!(!as_last || same || other.root() != Ok(BlobId::of(&blob)), "{index} of {chunks}");
            }
        }
    }
}
