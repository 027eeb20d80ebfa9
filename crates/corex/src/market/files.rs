//! Signed terms on disk.

use crate::Failure;
use corex_chain::{Intents, SignedTerms, Terms, TermsError};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

/// Longer files are no terms; a device that never ends must not be read for ever.
const MOST_BYTES: u64 = 1 << 20;

/// The bytes of a file that somebody sent.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let wrong = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(wrong)?;
    file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(wrong)?;
    Ok(bytes)
}

/// Signed terms that are for this network.
pub fn read<T: Terms>(intents: &Intents, path: &Path) -> Result<SignedTerms<T>, Failure> {
    parse(intents, &bytes(path)?).map_err(|error| named(path, &error))
}

/// The same of bytes.
pub fn parse<T: Terms>(intents: &Intents, bytes: &[u8]) -> Result<SignedTerms<T>, TermsError> {
    SignedTerms::parse(bytes, &intents.contracts().book().market_domain())
}

/// An error with the file that it is about.
pub fn named(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    format!("{}: {error}", path.display()).into()
}

/// Refuses to write over what is there: it may be signed, and somebody's only copy.
pub fn check_free(path: &Path) -> Result<(), Failure> {
    match path.exists() {
        true => Err(taken(path)),
        false => Ok(()),
    }
}

/// Writes signed terms.
pub fn write<T: Terms>(path: &Path, signed: &SignedTerms<T>) -> Result<(), Failure> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| {
        match error.kind() {
            ErrorKind::AlreadyExists => taken(path),
            _ => format!("cannot write {}: {error}", path.display()).into(),
        }
    })?;
    let text = signed.to_json() + "\n";
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| {
        // Half a file is worth nothing, and would be in the way of the next try.
        let _ = std::fs::remove_file(path);
        format!("cannot write {}: {error}", path.display()).into()
    })
}

fn taken(path: &Path) -> Failure {
    format!("there is a file {} already\nhint: choose another name with --out", path.display()).into()
}
