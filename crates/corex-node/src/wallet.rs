//! The secret key of a person, in a file.

use corex_chain::keystore::{self, KeystoreError};
use corex_work::{Hash32, OperatorKey};
use std::io::Read;
use std::path::Path;

use crate::error::NodeError;
use crate::keys::{Keys, write_secret};

/// Files that hold a key are short.
const LONGEST: u64 = 64 << 10;

/// Makes a new key and writes it to a file that only its owner can read, encrypted if there is a passphrase. Never overwrites.
///
/// # Errors
/// There is such a file already, or it cannot be written; the system gives no randomness.
pub fn create(path: &Path, passphrase: Option<&str>) -> Result<OperatorKey, NodeError> {
    let secret = Keys::generate()?.operator;
    let key = OperatorKey::from_bytes(secret)?;
    let text = match passphrase {
        Some(passphrase) => {
            keystore::seal(&key, passphrase).map_err(|e| NodeError::Refused(e.to_string()))?
        }
        None => Hash32(secret).to_string(),
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(NodeError::io(folder))?;
    }
    write_secret(path, format!("{text}\n").as_bytes()).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => NodeError::Refused(format!(
            "{} exists, and a key that is overwritten is lost with all that it holds\nhint: choose another file",
            path.display()
        )),
        _ => NodeError::io(path)(error),
    })?;
    Ok(key)
}

/// The key in a file: one of [`create`] or of another wallet's (Web3 Secret Storage), a secret key in hex, or a node's `keys.json`, whose
/// operator key it is. `passphrase` is asked for one if the file is encrypted.
///
/// # Errors
/// There is no such file, or no key in it, or the passphrase is wrong. The error does not show what the file holds.
pub fn read(
    path: &Path,
    passphrase: impl FnOnce() -> Result<String, NodeError>,
) -> Result<OperatorKey, NodeError> {
    let missing = || {
        NodeError::Refused(format!(
            "there is no key file {}\n\
             hint: --key takes a file of `corex wallet new`, the keys.json of a node, or 64 hex digits",
            path.display()
        ))
    };
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => missing(),
        _ => NodeError::Io { path: path.to_path_buf(), error },
    })?;
    let damaged = |why: &str| NodeError::Damaged { path: path.to_path_buf(), why: why.into() };
    // Not what the system says is its length: some files have no end.
    let mut text = String::new();
    file.take(LONGEST + 1).read_to_string(&mut text).map_err(NodeError::io(path))?;
    if text.len() as u64 > LONGEST {
        return Err(damaged("it is too long for a key"));
    }
    if keystore::is_keystore(&text) {
        return keystore::unseal(&text, &passphrase()?).map_err(|error| match error {
            KeystoreError::Passphrase => NodeError::Refused(format!("{}: {error}", path.display())),
            other => damaged(&other.to_string()),
        });
    }
    let secret = match text.trim().parse::<Hash32>() {
        Ok(secret) => secret.0,
        Err(_) => {
            serde_json::from_str::<Keys>(&text)
                .map_err(|_| {
                    damaged("it holds neither a secret key of 64 hex digits nor the keys of a node")
                })?
                .operator
        }
    };
    OperatorKey::from_bytes(secret).map_err(|_| damaged("it holds a number that is no key"))
}
