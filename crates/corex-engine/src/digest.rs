//! The two hashes: BLAKE3 names blobs, keccak-256 is what a contract can afford for everything else.

use std::fmt;
use std::fmt::Write;

use blake3::hazmat::{
    ChainingValue, HasherExt, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root,
};
use tiny_keccak::{Hasher, Keccak};

/// 32 bytes of keccak-256, or a blob's id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The id of a blob: BLAKE3.
    pub fn of_blob(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// [`Digest::of_blob`] on several threads.
    pub(crate) fn of_large_blob(bytes: &[u8], threads: usize) -> Self {
        if threads < 2 || bytes.len() < WORTH_A_THREAD {
            return Self::of_blob(bytes);
        }
        let (left, right) = bytes.split_at(left_subtree_len(bytes.len() as u64) as usize);
        let (left, right) = both(left, right, 0, threads);
        Self(*merge_subtrees_root(&left, &right, Mode::Hash).as_bytes())
    }

    /// The id of a blob that is cut into subtrees of equal length, a power of two of at least two chunks (the last may be
    /// shorter), given their [`subtree`] values; if there is one only, its digest.
    pub(crate) fn of_subtrees(values: &[ChainingValue]) -> Self {
        if let [only] = values {
            return Self(*only);
        }
        let (left, right) = values.split_at(left_half(values.len()));
        Self(*merge_subtrees_root(&merged(left), &merged(right), Mode::Hash).as_bytes())
    }

    /// Keccak-256 of the parts, one behind the other.
    pub fn keccak(parts: &[&[u8]]) -> Self {
        let mut hasher = Keccak::v256();
        parts.iter().for_each(|part| hasher.update(part));
        let mut digest = [0; 32];
        hasher.finalize(&mut digest);
        Self(digest)
    }

    /// Keccak-256 of digests, one behind the other.
    pub fn of_list(digests: &[Self]) -> Self {
        let parts: Vec<&[u8]> = digests.iter().map(|digest| &digest.0[..]).collect();
        Self::keccak(&parts)
    }
}

/// The chaining value of bytes that are a subtree, but not all, of a blob in which they start at `offset`.
pub(crate) fn subtree(bytes: &[u8], offset: u64) -> ChainingValue {
    blake3::Hasher::new().set_input_offset(offset).update(bytes).finalize_non_root()
}

/// That of neighbouring subtrees together.
fn merged(values: &[ChainingValue]) -> ChainingValue {
    if let [only] = values {
        return *only;
    }
    let (left, right) = values.split_at(left_half(values.len()));
    merge_subtrees_non_root(&merged(left), &merged(right), Mode::Hash)
}

/// The largest power of two that leaves something for the right side.
fn left_half(subtrees: usize) -> usize {
    1 << (subtrees - 1).ilog2()
}

/// Bytes that take longer to hash than a thread takes to start.
const WORTH_A_THREAD: usize = 1 << 20;

/// The chaining values of two neighbouring subtrees, of which the left starts at `offset`, on up to so many threads.
fn both(left: &[u8], right: &[u8], offset: u64, threads: usize) -> (ChainingValue, ChainingValue) {
    std::thread::scope(|scope| {
        let helper = scope.spawn(move || subtree_on(left, offset, threads / 2));
        let right = subtree_on(right, offset + left.len() as u64, threads - threads / 2);
        let left = helper.join();
        // The helper does nothing that panics.
        (left.unwrap_or_else(|panic| std::panic::resume_unwind(panic)), right)
    })
}

fn subtree_on(bytes: &[u8], offset: u64, threads: usize) -> ChainingValue {
    if threads < 2 || bytes.len() < WORTH_A_THREAD {
        return subtree(bytes, offset);
    }
    let (left, right) = bytes.split_at(left_subtree_len(bytes.len() as u64) as usize);
    let (left, right) = both(left, right, offset, threads);
    merge_subtrees_non_root(&left, &right, Mode::Hash)
}

impl fmt::Display for Digest {
    /// Hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_char('…')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_do_not_matter() {
        for size in
            [0, 1, 1024, WORTH_A_THREAD - 1, WORTH_A_THREAD, WORTH_A_THREAD + 1, 5 * WORTH_A_THREAD + 4321]
        {
            let bytes: Vec<u8> = (0..size).map(|i| (i / 7 % 251) as u8).collect();
            for threads in 1..=5 {
                assert_eq!(
                    Digest::of_large_blob(&bytes, threads),
                    Digest::of_blob(&bytes),
                    "{size} {threads}"
                );
            }
        }
    }
}
