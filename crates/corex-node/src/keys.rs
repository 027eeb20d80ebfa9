//! The secrets of one party, on disk.
//!
//! A node has two keys: the *operator* key (secp256k1) signs receipts and transactions, the *endpoint* key (ed25519)
//! is its identity on the peer-to-peer network. The registry contract binds them to each other.

use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Both secret keys.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// secp256k1 secret scalar.
    #[serde(with = "hex::serde")]
    pub operator: [u8; 32],
    /// ed25519 secret seed.
    #[serde(with = "hex::serde")]
    pub endpoint: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(secret)")
    }
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("cannot use the key file {path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file is damaged.
    #[error(
        "the key file {path} is damaged: {error}\nhint: restore it from a backup; whoever loses it loses the stake behind it"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// The system gave no randomness.
    #[error("the system gave no random bytes: {0}")]
    Random(getrandom::Error),
}

impl Keys {
    /// New random keys.
    pub fn generate() -> Result<Keys, KeyError> {
        let mut keys = Keys { operator: [0; 32], endpoint: [0; 32] };
        getrandom::fill(&mut keys.operator).map_err(KeyError::Random)?;
        getrandom::fill(&mut keys.endpoint).map_err(KeyError::Random)?;
        Ok(keys)
    }

    /// The public key of the endpoint, by which the registry knows it.
    pub fn endpoint_public(&self) -> [u8; 32] {
        corex_net::PeerKey::of_secret(&self.endpoint).0
    }

    /// Reads the file; nothing if there is none.
    ///
    /// # Errors
    /// It cannot be read or is damaged.
    pub fn load(path: &Path) -> Result<Option<Keys>, KeyError> {
        match std::fs::read(path) {
            // What an interrupted creation leaves.
            Ok(bytes) if bytes.is_empty() => Ok(None),
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| KeyError::Damaged { path: path.to_path_buf(), error }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(KeyError::Io { path: path.to_path_buf(), error }),
        }
    }

    /// Reads the file, or makes new keys and writes them there, readable by the owner only.
    ///
    /// # Errors
    /// It can be neither read nor written, or is damaged.
    pub fn load_or_create(path: &Path) -> Result<Keys, KeyError> {
        if let Some(keys) = Keys::load(path)? {
            return Ok(keys);
        }
        let io = |error| KeyError::Io { path: path.to_path_buf(), error };
        let keys = Keys::generate()?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        write_secret(path, &serde_json::to_vec_pretty(&keys).expect("two hex strings")).map_err(io)?;
        Ok(keys)
    }
}

/// Writes a file that only its owner can read, and that was not there; one without content counts as not there. Of a file that cannot
/// be written whole nothing stays.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() == 0) {
        std::fs::remove_file(path)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // The error says what happened.
        let _ = std::fs::remove_file(path);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_and_damage_is_named() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("deep/keys.json");
        let first = Keys::load_or_create(&path).expect("created");
        let again = Keys::load_or_create(&path).expect("read");
        assert_eq!((first.operator, first.endpoint), (again.operator, again.endpoint));
        assert_ne!(first.operator, first.endpoint);
        std::fs::write(&path, b"{}").expect("write");
        let error = Keys::load_or_create(&path).expect_err("damaged").to_string();
        assert!(error.contains("keys.json") && error.contains("damaged"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn keys_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("keys.json");
        Keys::load_or_create(&path).expect("created");
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}
