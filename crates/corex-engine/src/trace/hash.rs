//! The two hashes: BLAKE3 names blobs, keccak-256 is what a contract can afford for everything else.

use std::fmt;
use std::fmt::Write;

use tiny_keccak::{Hasher, Keccak};

/// 32 bytes of keccak-256, or a blob's id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The id of a blob: BLAKE3.
    pub fn of_blob(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
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
