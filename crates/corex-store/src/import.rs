//! Receiving one blob piece by piece: nothing is visible under its name before the whole is verified.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use bytes::Bytes;
use corex_work::BlobId;

use crate::blob::Durability;
use crate::{BlobStore, StoreError};

/// A blob on its way into a [`BlobStore`]. Dropping it unfinished leaves nothing behind.
#[derive(Debug)]
pub struct BlobWriter {
    store: BlobStore,
    id: BlobId,
    max_len: u64,
    len: u64,
    hasher: blake3::Hasher,
    path: PathBuf,
    file: Option<File>,
    /// A copy for the store's memory, as long as it is small enough to stay there.
    copy: Option<Vec<u8>>,
    copy_limit: usize,
}

impl BlobWriter {
    pub(crate) fn new(
        store: BlobStore,
        id: BlobId,
        max_len: u64,
        file: File,
        path: PathBuf,
        copy_limit: usize,
    ) -> BlobWriter {
        BlobWriter {
            store,
            id,
            max_len,
            len: 0,
            hasher: blake3::Hasher::new(),
            path,
            file: Some(file),
            copy: Some(Vec::new()),
            copy_limit,
        }
    }

    /// The blob that is expected.
    pub fn id(&self) -> BlobId {
        self.id
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`StoreError::BlobTooLarge`] past the promised length, [`StoreError::Io`]. After an error only dropping
    /// makes sense.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.len = self.len.saturating_add(bytes.len() as u64);
        if self.len > self.max_len {
            return Err(StoreError::BlobTooLarge { id: self.id, limit: self.max_len });
        }
        self.hasher.update(bytes);
        match &mut self.copy {
            Some(copy) if copy.len() + bytes.len() <= self.copy_limit => copy.extend_from_slice(bytes),
            copy => *copy = None,
        }
        match &mut self.file {
            Some(file) => file.write_all(bytes).map_err(StoreError::io("write", &self.path)),
            None => Ok(()),
        }
    }

    /// Verifies what came and, if it is the blob, gives it its name. Returns its length in bytes.
    ///
    /// # Errors
    /// [`StoreError::WrongBytes`] if it is not, [`StoreError::Io`]; nothing is kept then.
    pub fn finish(mut self) -> Result<u64, StoreError> {
        let found = BlobId(*self.hasher.finalize().as_bytes());
        if found != self.id {
            return Err(StoreError::WrongBytes { id: self.id, found });
        }
        if let Some(file) = self.file.take()
            && let Err(error) = self.store.publish(&self.id, file, &self.path, Durability::Lazy)
        {
            // The failure is reported; what is left in `tmp` goes when the store is opened.
            let _ = fs::remove_file(&self.path);
            return Err(error);
        }
        if let Some(copy) = self.copy.take() {
            self.store.remember(self.id, Bytes::from(copy));
        }
        Ok(self.len)
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // Best effort: what is left in `tmp` goes when the store is opened.
            let _ = fs::remove_file(&self.path);
        }
    }
}
