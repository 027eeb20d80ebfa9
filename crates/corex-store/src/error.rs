//! The one error of this crate. Each variant names the file, blob or offset it speaks of.

use std::io;
use std::path::{Path, PathBuf};

use corex_work::{BlobId, ParseIdError};

/// Why something could not be kept or read back.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("cannot {doing} {}: {source}{}", path.display(), hint(source))]
    Io {
        /// The verb, such as `read` or `create`.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another process (or another handle of this one) writes here.
    #[error("{} is in use by {holder}\nhint: stop that process, or choose another directory", path.display())]
    Locked {
        /// The locked directory or file.
        path: PathBuf,
        /// "process 1234", or "another process" if it did not say.
        holder: String,
    },
    /// The store does not hold this blob.
    #[error("blob {id} is not held here")]
    Missing {
        /// The blob asked for.
        id: BlobId,
    },
    /// A file of the store no longer has the bytes its name promises. It was moved to `quarantine`.
    #[error("blob {id} is corrupt on disk: its bytes hash to {found}; moved to {}", quarantine.display())]
    CorruptBlob {
        /// The blob asked for.
        id: BlobId,
        /// Hash of the bytes that were there.
        found: BlobId,
        /// Where the bytes are now.
        quarantine: PathBuf,
    },
    /// Bytes offered as this blob are something else.
    #[error("the bytes given for blob {id} hash to {found}")]
    WrongBytes {
        /// What they were said to be.
        id: BlobId,
        /// What they are.
        found: BlobId,
    },
    /// A blob is longer than is allowed.
    #[error("blob {id} is longer than the limit of {limit} bytes")]
    BlobTooLarge {
        /// The blob.
        id: BlobId,
        /// The limit, in bytes.
        limit: u64,
    },
    /// Somebody in this process still uses the blob.
    #[error("blob {id} is in use and cannot be removed")]
    Pinned {
        /// The blob.
        id: BlobId,
    },
    /// A file in the store's directory is not named like a blob.
    #[error("{} is not a blob of this store: {source}\nhint: move it out of the store's directory", path.display())]
    StrayFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with its name.
        source: ParseIdError,
    },
    /// The file is no event log, or its header is damaged.
    #[error("{} is not a corex event log: {reason}", path.display())]
    NotALog {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The log was written by another version.
    #[error("event log {} has format version {found}, this program reads version {expected}", path.display())]
    LogVersion {
        /// The file.
        path: PathBuf,
        /// The version in its header.
        found: u32,
        /// The version understood here.
        expected: u32,
    },
    /// An acknowledged part of the log was changed after it was written.
    #[error("event log {} is corrupt at byte {offset}: {reason}\nhint: restore it from a copy; nothing was changed", path.display())]
    CorruptLog {
        /// The file.
        path: PathBuf,
        /// Start of the damaged frame, in bytes from the start of the file.
        offset: u64,
        /// What is wrong there.
        reason: &'static str,
    },
    /// A batch is longer than a frame may be.
    #[error("{len} bytes in one append, the limit is {limit}")]
    BatchTooLarge {
        /// Bytes of the batch with its length prefixes.
        len: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// An earlier write failed in a way that leaves the end of the file unknown.
    #[error("event log {} had a failed write and takes no more events\nhint: open it again", path.display())]
    Poisoned {
        /// The file.
        path: PathBuf,
    },
}

impl StoreError {
    /// Adapter for `map_err`: names what was being done to which path.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
        let path = path.to_path_buf();
        move |source| StoreError::Io { doing, path, source }
    }
}

/// What the reader can do about an operating system error; empty if there is nothing to say.
fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "\nhint: the disk is full; free some space"
        }
        io::ErrorKind::PermissionDenied => "\nhint: check who owns it and its permissions",
        io::ErrorKind::ReadOnlyFilesystem => "\nhint: the file system is read-only; choose another directory",
        _ => "",
    }
}
