//! What a process of corex keeps on disk, and the promise that what it reads back is what it wrote.
//!
//! | type | keeps | when the disk lies |
//! |---|---|---|
//! | [`BlobStore`] | blobs, named by their BLAKE3 hash | the file is put into quarantine and named; never returned |
//! | [`EventLog`] | acknowledged events, in order | a torn tail is cut and reported; anything else is refused with its offset |
//! | [`ResultCache`] | task id to output ids, so that a restarted node does not compute twice | set aside and started anew: results can be computed again |
//!
//! Everything here blocks: async callers go through a thread made for blocking work. Each directory or file has
//! one writer at a time; a second one gets [`StoreError::Locked`].
//!
//! **Architecture Invariant:** no byte read from disk reaches a caller before it was compared with a BLAKE3 hash.
//!
//! **Architecture Invariant:** this crate knows no encoding but its own frames: events are bytes, serde is the
//! caller's business.
//!
//! ```
//! use corex_store::{BlobStore, BlobStoreOptions, EventLog};
//!
//! let dir = tempfile::tempdir()?;
//! let blobs = BlobStore::open(dir.path().join("blobs"), BlobStoreOptions::default())?;
//! let id = blobs.put("some bytes")?;
//! assert_eq!(blobs.get(&id)?, "some bytes");
//!
//! let path = dir.path().join("events.log");
//! let mut log = EventLog::create(&path)?;
//! assert_eq!(log.append(&["joined", "assigned"])?, 0..2);
//! drop(log);
//! let (log, recovery) = EventLog::open(&path)?;
//! assert_eq!((recovery.records, recovery.torn), (2, None));
//! assert_eq!(log.records()?.count(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod blob;
mod cache;
mod error;
mod frame;
mod import;
mod lock;
mod log;
mod recent;
mod scan;

pub use blob::{BlobStore, BlobStoreOptions, Pin, Usage};
pub use cache::{CacheRecovery, ResultCache};
pub use error::StoreError;
pub use import::BlobWriter;
pub use lock::Lock;
pub use log::{EventLog, MAX_BATCH_BYTES, Recovery, TornTail};
pub use scan::Records;
