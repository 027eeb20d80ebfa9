//! A directory of content-addressed files.
//!
//! ```text
//! <root>/lock                  one process at a time
//! <root>/blobs/ab/abcd…        the blob abcd…, named by the BLAKE3 hash of its bytes
//! <root>/tmp/…                 being written; emptied when the store is opened
//! <root>/quarantine/abcd….0    bytes that were found not to be abcd…
//! ```
//!
//! A blob appears under its name by one rename, after all of its bytes were written, so a crash leaves either
//! the whole blob or none. Without [`BlobStore::sync`] a power failure may still lose or damage it; reading
//! finds that out, and the blob is then fetched or computed again.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use corex_work::BlobId;

use crate::lock::Lock;
use crate::recent::Recent;
use crate::{BlobWriter, StoreError};

/// Limits of a [`BlobStore`].
#[derive(Debug, Clone, Copy)]
pub struct BlobStoreOptions {
    /// The longest blob that is written or read, in bytes.
    pub max_blob_bytes: u64,
    /// How many bytes of recently used blobs stay in memory.
    pub recent_bytes: usize,
}

impl Default for BlobStoreOptions {
    fn default() -> Self {
        BlobStoreOptions { max_blob_bytes: 16 << 30, recent_bytes: 256 << 20 }
    }
}

/// Blobs on disk. Cloning gives another handle to the same store; all methods may be called from any thread.
#[derive(Debug, Clone)]
pub struct BlobStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    options: BlobStoreOptions,
    recent: Mutex<Recent>,
    pins: Arc<Mutex<HashMap<BlobId, usize>>>,
    /// Held while a name appears or disappears, so that quarantine never takes a file that was just replaced.
    naming: Mutex<()>,
    serial: AtomicU64,
    _lock: Lock,
}

/// How much a store holds, or how much was removed from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Number of blobs.
    pub blobs: u64,
    /// Sum of their lengths in bytes.
    pub bytes: u64,
}

/// Keeps one blob from being removed for as long as this value lives. Pins are of this process only.
#[derive(Debug)]
pub struct Pin {
    id: BlobId,
    pins: Arc<Mutex<HashMap<BlobId, usize>>>,
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut pins = held(&self.pins);
        if let Some(count) = pins.get_mut(&self.id) {
            *count -= 1;
            if *count == 0 {
                pins.remove(&self.id);
            }
        }
    }
}

/// Whether a write must survive a power failure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    Lazy,
    Synced,
}

impl BlobStore {
    /// Opens the store at `root`, creating it if needed, and throws away what a crash left half-written.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has it open, [`StoreError::Io`] naming the path otherwise.
    pub fn open(root: impl Into<PathBuf>, options: BlobStoreOptions) -> Result<BlobStore, StoreError> {
        let root = root.into();
        for dir in ["blobs", "tmp", "quarantine"].map(|name| root.join(name)) {
            fs::create_dir_all(&dir).map_err(StoreError::io("create", &dir))?;
        }
        let lock = Lock::take(&root.join("lock"), &root)?;
        let tmp = root.join("tmp");
        for entry in fs::read_dir(&tmp).map_err(StoreError::io("read", &tmp))? {
            let path = entry.map_err(StoreError::io("read", &tmp))?.path();
            fs::remove_file(&path).map_err(StoreError::io("remove", &path))?;
        }
        let inner = Inner {
            root,
            options,
            recent: Mutex::new(Recent::new(options.recent_bytes)),
            pins: Arc::default(),
            naming: Mutex::new(()),
            serial: AtomicU64::new(0),
            _lock: lock,
        };
        Ok(BlobStore { inner: Arc::new(inner) })
    }

    /// The directory given to [`open`](Self::open).
    pub fn root(&self) -> &Path {
        &self.inner.root
    }

    /// Keeps `bytes` and returns their name. Keeping the same bytes twice costs nothing the second time.
    ///
    /// # Errors
    /// [`StoreError::BlobTooLarge`], [`StoreError::Io`].
    pub fn put(&self, bytes: impl Into<Bytes>) -> Result<BlobId, StoreError> {
        let bytes = bytes.into();
        self.put_with(BlobId::of(&bytes), bytes, Durability::Lazy)
    }

    /// As [`put`](Self::put), for whoever has hashed the bytes already. Under a wrong name they would be handed out until
    /// they are read from disk, and then count as corrupt.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn put_named(&self, id: BlobId, bytes: impl Into<Bytes>) -> Result<BlobId, StoreError> {
        let bytes = bytes.into();
        debug_assert_eq!(id, BlobId::of(&bytes));
        self.put_with(id, bytes, Durability::Lazy)
    }

    /// As [`put`](Self::put); when it returns, the blob survives a power failure. For checkpoints.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn put_synced(&self, bytes: impl Into<Bytes>) -> Result<BlobId, StoreError> {
        let bytes = bytes.into();
        self.put_with(BlobId::of(&bytes), bytes, Durability::Synced)
    }

    fn put_with(&self, id: BlobId, bytes: Bytes, durability: Durability) -> Result<BlobId, StoreError> {
        if bytes.len() as u64 > self.inner.options.max_blob_bytes {
            return Err(StoreError::BlobTooLarge { id, limit: self.inner.options.max_blob_bytes });
        }
        // A file of the right length is trusted only where a wrong one costs no more than doing it again.
        if durability == Durability::Lazy && self.len(&id)? == Some(bytes.len() as u64) {
            self.remember(id, bytes);
            return Ok(id);
        }
        let (mut file, path) = self.temporary()?;
        let written = file
            .write_all(&bytes)
            .map_err(StoreError::io("write", &path))
            .and_then(|()| self.publish(&id, file, &path, durability));
        if written.is_err() {
            // The write already failed and is reported; what is left in `tmp` goes when the store is opened.
            let _ = fs::remove_file(&path);
        }
        written?;
        self.remember(id, bytes);
        Ok(id)
    }

    /// The bytes of a blob, from memory if used recently, else from disk and then verified.
    ///
    /// # Errors
    /// [`StoreError::Missing`]; [`StoreError::CorruptBlob`], after which the blob counts as missing;
    /// [`StoreError::BlobTooLarge`]; [`StoreError::Io`].
    pub fn get(&self, id: &BlobId) -> Result<Bytes, StoreError> {
        if let Some(bytes) = held(&self.inner.recent).get(id) {
            return Ok(bytes);
        }
        let path = self.path(id);
        let bytes = self.read(id, &path)?;
        let bytes = if BlobId::of(&bytes) == *id { bytes } else { self.reread_or_quarantine(id, &path)? };
        self.remember(*id, bytes.clone());
        Ok(bytes)
    }

    /// Whether a file of that name is there. Its bytes are only checked by [`get`](Self::get).
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn has(&self, id: &BlobId) -> Result<bool, StoreError> {
        self.len(id).map(|len| len.is_some())
    }

    /// Length in bytes of a blob on disk, `None` if it is not held.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn len(&self, id: &BlobId) -> Result<Option<u64>, StoreError> {
        let path = self.path(id);
        match fs::symlink_metadata(&path) {
            Ok(meta) => Ok(Some(meta.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("inspect", &path)(error)),
        }
    }

    /// Makes a held blob survive a power failure, after verifying it on disk.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn sync(&self, id: &BlobId) -> Result<(), StoreError> {
        held(&self.inner.recent).remove(id);
        self.get(id)?;
        let path = self.path(id);
        let file = File::open(&path).map_err(StoreError::io("open", &path))?;
        file.sync_all().map_err(StoreError::io("flush", &path))?;
        self.sync_names(&path)
    }

    /// Starts to receive the blob `id`, of at most `max_len` bytes, piece by piece.
    ///
    /// # Errors
    /// [`StoreError::BlobTooLarge`] if `max_len` exceeds the store's limit, [`StoreError::Io`].
    pub fn writer(&self, id: BlobId, max_len: u64) -> Result<BlobWriter, StoreError> {
        let limit = self.inner.options.max_blob_bytes;
        if max_len > limit {
            return Err(StoreError::BlobTooLarge { id, limit });
        }
        let (file, path) = self.temporary()?;
        let keep = held(&self.inner.recent).entry_limit();
        Ok(BlobWriter::new(self.clone(), id, max_len, file, path, keep))
    }

    /// Keeps a blob from being removed while the returned value lives, whether or not it is held yet.
    pub fn pin(&self, id: &BlobId) -> Pin {
        *held(&self.inner.pins).entry(*id).or_insert(0) += 1;
        Pin { id: *id, pins: Arc::clone(&self.inner.pins) }
    }

    /// Removes a blob; `false` if it was not held.
    ///
    /// # Errors
    /// [`StoreError::Pinned`] if it is in use, [`StoreError::Io`].
    pub fn remove(&self, id: &BlobId) -> Result<bool, StoreError> {
        // Pins stay locked until the file is gone: a pin taken meanwhile would promise what is being removed.
        let pins = held(&self.inner.pins);
        if pins.contains_key(id) {
            return Err(StoreError::Pinned { id: *id });
        }
        let _naming = held(&self.inner.naming);
        held(&self.inner.recent).remove(id);
        let path = self.path(id);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(StoreError::io("remove", &path)(error)),
        }
    }

    /// Removes every blob that is neither pinned nor kept by `keep`, and says how much that was.
    ///
    /// # Errors
    /// As [`ids`](Self::ids) and [`remove`](Self::remove); blobs removed before the error stay removed.
    pub fn retain(&self, mut keep: impl FnMut(&BlobId) -> bool) -> Result<Usage, StoreError> {
        let mut removed = Usage::default();
        for id in self.ids()? {
            if keep(&id) {
                continue;
            }
            let bytes = self.len(&id)?.unwrap_or(0);
            match self.remove(&id) {
                Ok(true) => removed = Usage { blobs: removed.blobs + 1, bytes: removed.bytes + bytes },
                Ok(false) | Err(StoreError::Pinned { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(removed)
    }

    /// The names of all blobs held, ascending. Reads the directory, not the blobs.
    ///
    /// # Errors
    /// [`StoreError::StrayFile`] for a file that is no blob, [`StoreError::Io`].
    pub fn ids(&self) -> Result<Vec<BlobId>, StoreError> {
        let mut ids = Vec::new();
        let blobs = self.inner.root.join("blobs");
        for shard in fs::read_dir(&blobs).map_err(StoreError::io("read", &blobs))? {
            let shard = shard.map_err(StoreError::io("read", &blobs))?.path();
            for file in fs::read_dir(&shard).map_err(StoreError::io("read", &shard))? {
                let file = file.map_err(StoreError::io("read", &shard))?;
                let id = file.file_name().to_string_lossy().parse();
                ids.push(id.map_err(|source| StoreError::StrayFile { path: file.path(), source })?);
            }
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// Number and total length of the blobs held.
    ///
    /// # Errors
    /// As [`ids`](Self::ids).
    pub fn usage(&self) -> Result<Usage, StoreError> {
        let mut usage = Usage::default();
        for id in self.ids()? {
            if let Some(len) = self.len(&id)? {
                usage = Usage { blobs: usage.blobs + 1, bytes: usage.bytes + len };
            }
        }
        Ok(usage)
    }

    /// Gives a complete temporary file its name.
    pub(crate) fn publish(
        &self,
        id: &BlobId,
        file: File,
        from: &Path,
        durability: Durability,
    ) -> Result<(), StoreError> {
        if durability == Durability::Synced {
            file.sync_all().map_err(StoreError::io("flush", from))?;
        }
        drop(file);
        let path = self.path(id);
        if let Some(shard) = path.parent() {
            fs::create_dir_all(shard).map_err(StoreError::io("create", shard))?;
        }
        let naming = held(&self.inner.naming);
        fs::rename(from, &path).map_err(StoreError::io("create", &path))?;
        drop(naming);
        if durability == Durability::Synced { self.sync_names(&path) } else { Ok(()) }
    }

    pub(crate) fn remember(&self, id: BlobId, bytes: Bytes) {
        held(&self.inner.recent).insert(id, bytes);
    }

    /// Makes the directory entries that lead to `path` survive a power failure.
    fn sync_names(&self, path: &Path) -> Result<(), StoreError> {
        for dir in path.ancestors().skip(1).take_while(|dir| dir.starts_with(&self.inner.root)) {
            sync_dir(dir)?;
        }
        Ok(())
    }

    fn temporary(&self) -> Result<(File, PathBuf), StoreError> {
        let serial = self.inner.serial.fetch_add(1, Ordering::Relaxed);
        let path = self.inner.root.join("tmp").join(serial.to_string());
        let file = File::create(&path).map_err(StoreError::io("create", &path))?;
        Ok((file, path))
    }

    fn path(&self, id: &BlobId) -> PathBuf {
        let name = id.to_string();
        self.inner.root.join("blobs").join(&name[..2]).join(name)
    }

    fn read(&self, id: &BlobId, path: &Path) -> Result<Bytes, StoreError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::Missing { id: *id });
            }
            Err(error) => return Err(StoreError::io("open", path)(error)),
        };
        let limit = self.inner.options.max_blob_bytes;
        let len = file.metadata().map_err(StoreError::io("inspect", path))?.len();
        if len > limit {
            return Err(StoreError::BlobTooLarge { id: *id, limit });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0));
        file.take(limit).read_to_end(&mut bytes).map_err(StoreError::io("read", path))?;
        Ok(Bytes::from(bytes))
    }

    /// A read gave wrong bytes. Unless another thread has replaced the file since, it goes to quarantine.
    fn reread_or_quarantine(&self, id: &BlobId, path: &Path) -> Result<Bytes, StoreError> {
        let _naming = held(&self.inner.naming);
        let bytes = self.read(id, path)?;
        let found = BlobId::of(&bytes);
        if found == *id {
            return Ok(bytes);
        }
        let dir = self.inner.root.join("quarantine");
        let quarantine = (0..)
            .map(|n: u64| dir.join(format!("{id}.{n}")))
            .find(|path| !path.exists())
            .unwrap_or_else(|| dir.join(id.to_string()));
        fs::rename(path, &quarantine).map_err(StoreError::io("quarantine", path))?;
        Err(StoreError::CorruptBlob { id: *id, found, quarantine })
    }
}

/// Makes created, renamed and removed names in `dir` survive a power failure.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    // Only Unix can open a directory; elsewhere a rename is as durable as the system makes it.
    if cfg!(unix) {
        let handle = File::open(dir).map_err(StoreError::io("open", dir))?;
        handle.sync_all().map_err(StoreError::io("flush", dir))?;
    }
    Ok(())
}

/// Locks; a thread that panicked while holding one of these locks left a map that is still a valid map.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
