//! A durable, append-only log of events: what [`EventLog::append`] acknowledged is read back after any crash.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::StoreError;
use crate::blob::sync_dir;
use crate::frame::{self, FRAME_HEADER, FrameHeader, MARK, Salt};
use crate::lock::Lock;
use crate::scan::{Next, Records, Scanner};

/// The most bytes one [`EventLog::append`] takes, counting four for the length of each record.
pub const MAX_BATCH_BYTES: u64 = 64 << 20;

/// The only writer of a log file.
///
/// *Safety*: records are read back in order, whole and unchanged, or an error names the offset of the damage.
/// *Liveness*: a log whose last append was cut short by a crash opens again; the cut-off part, which was never
/// acknowledged, is reported and removed.
#[derive(Debug)]
pub struct EventLog {
    path: PathBuf,
    file: File,
    salt: Salt,
    /// Where the next frame starts: always just after the mark of the one before.
    end: u64,
    next: u64,
    poisoned: bool,
    lock: Lock,
}

/// What [`EventLog::open`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovery {
    /// Number of intact records.
    pub records: u64,
    /// The unfinished append that was cut off, if there was one. Worth a warning; nothing acknowledged is lost.
    pub torn: Option<TornTail>,
}

/// An append that never finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TornTail {
    /// Where it started, in bytes from the start of the file.
    pub offset: u64,
    /// How many bytes of it were there.
    pub bytes: u64,
}

impl EventLog {
    /// Starts a new log at `path`, whose directory must exist.
    ///
    /// # Errors
    /// [`StoreError::Io`] if there is a file already or it cannot be made, [`StoreError::Locked`].
    pub fn create(path: impl Into<PathBuf>) -> Result<EventLog, StoreError> {
        let path = path.into();
        let lock = Lock::take(&beside(&path, "lock"), &path)?;
        if fs::symlink_metadata(&path).is_ok() {
            return Err(StoreError::io("create", &path)(io::ErrorKind::AlreadyExists.into()));
        }
        EventLog::begin::<&[u8]>(path, lock, &[])
    }

    /// Puts a log of `records` in the place of this one. After a crash it is the one or the other.
    ///
    /// # Errors
    /// As [`append`](Self::append); the file is unchanged then.
    pub fn rewrite(self, records: &[impl AsRef<[u8]>]) -> Result<EventLog, StoreError> {
        EventLog::begin(self.path, self.lock, records)
    }

    /// Makes the file aside and gives it its name when it is whole.
    fn begin<R: AsRef<[u8]>>(path: PathBuf, lock: Lock, records: &[R]) -> Result<EventLog, StoreError> {
        let temporary = beside(&path, "new");
        let salt = Salt::fresh();
        let mut file = File::create(&temporary).map_err(StoreError::io("create", &temporary))?;
        file.write_all(&frame::encode_file_header(salt)).map_err(StoreError::io("write", &temporary))?;
        file.sync_all().map_err(StoreError::io("flush", &temporary))?;
        let end = frame::FILE_HEADER as u64;
        let mut log = EventLog { path, file, salt, end, next: 0, poisoned: false, lock };
        for batch in records.chunks(4096) {
            log.append(batch)?;
        }
        fs::rename(&temporary, &log.path).map_err(StoreError::io("create", &log.path))?;
        sync_dir(parent(&log.path))?;
        Ok(log)
    }

    /// Opens the log at `path`, verifies all of it, and cuts off an unfinished append.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`StoreError::NotALog`], [`StoreError::LogVersion`], [`StoreError::CorruptLog`]
    /// with the offset of the damage, [`StoreError::Io`]. The file is unchanged then.
    pub fn open(path: impl Into<PathBuf>) -> Result<(EventLog, Recovery), StoreError> {
        let path = path.into();
        // Before the lock: a lock file is not left beside a log that does not exist.
        let file =
            File::options().read(true).write(true).open(&path).map_err(StoreError::io("open", &path))?;
        let lock = Lock::take(&beside(&path, "lock"), &path)?;
        let mut scanner = Scanner::open(&path)?;
        let torn = loop {
            match scanner.advance()? {
                Next::Frame { .. } => {}
                Next::End => break None,
                Next::Torn { bytes } => break Some(TornTail { offset: scanner.offset, bytes }),
            }
        };
        let (end, next, salt) = (scanner.offset, scanner.next, scanner.salt);
        let mut log = EventLog { path, file, salt, end, next, poisoned: false, lock };
        log.settle()?;
        Ok((log, Recovery { records: next, torn }))
    }

    /// Reads the log at `path` without being its writer; sees what was appended before this call.
    ///
    /// # Errors
    /// As [`open`](Self::open), except [`StoreError::Locked`].
    pub fn read(path: impl AsRef<Path>) -> Result<Records, StoreError> {
        Scanner::open(path.as_ref()).map(Records::new)
    }

    /// Appends records as one batch: after a crash either all of them are there or none. When this returns, they
    /// survive a power failure. Returns their sequence numbers, which count from 0 without gaps.
    ///
    /// # Errors
    /// [`StoreError::BatchTooLarge`] above [`MAX_BATCH_BYTES`]; [`StoreError::Io`], with nothing appended;
    /// [`StoreError::Poisoned`] after an error that left the state of the file unknown.
    pub fn append(&mut self, records: &[impl AsRef<[u8]>]) -> Result<Range<u64>, StoreError> {
        if self.poisoned {
            return Err(StoreError::Poisoned { path: self.path.clone() });
        }
        if records.is_empty() {
            return Ok(self.next..self.next);
        }
        let bytes = self.encode(records)?;
        let first = self.next;
        if let Err(error) =
            self.file.seek(SeekFrom::Start(self.end)).and_then(|_| self.file.write_all(&bytes))
        {
            // Part of the frame may be there. Cut it off, or stop: the next frame must follow an intact one.
            self.poisoned = self.file.set_len(self.end).is_err();
            return Err(StoreError::io("write", &self.path)(error));
        }
        if let Err(error) = self.file.sync_data() {
            // The system may have dropped the pages and will not say so again: only opening anew can tell.
            self.poisoned = true;
            return Err(StoreError::io("flush", &self.path)(error));
        }
        let marked = self.end + bytes.len() as u64;
        self.end = marked + MARK as u64;
        self.next += records.len() as u64;
        // The events are durable. A mark that cannot be written costs nothing but the telling of damage from a
        // torn tail, and the next append will say what is wrong with the disk.
        let _ = self.file.write_all(&self.salt.mark(marked));
        Ok(first..self.next)
    }

    /// Sequence number of the next record, which is the number of records so far.
    pub fn next_seq(&self) -> u64 {
        self.next
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All records from the first, read from the disk and verified again.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn records(&self) -> Result<Records, StoreError> {
        EventLog::read(&self.path)
    }

    fn encode(&self, records: &[impl AsRef<[u8]>]) -> Result<Vec<u8>, StoreError> {
        let len = records
            .iter()
            .fold(0u64, |sum, record| sum.saturating_add(4).saturating_add(record.as_ref().len() as u64));
        let too_large = || StoreError::BatchTooLarge { len, limit: MAX_BATCH_BYTES };
        if len > MAX_BATCH_BYTES {
            return Err(too_large());
        }
        let (length, count) = (u32::try_from(len), u32::try_from(records.len()));
        let (Ok(length), Ok(count)) = (length, count) else { return Err(too_large()) };
        let mut bytes = Vec::with_capacity(FRAME_HEADER + length as usize);
        bytes.extend_from_slice(&[0; FRAME_HEADER]);
        for record in records {
            // Fits: it is part of `length`.
            bytes.extend_from_slice(&(record.as_ref().len() as u32).to_le_bytes());
            bytes.extend_from_slice(record.as_ref());
        }
        let header = FrameHeader::new(count, self.next, &bytes[FRAME_HEADER..], length);
        bytes[..FRAME_HEADER].copy_from_slice(&header.encode(self.salt, self.end));
        Ok(bytes)
    }

    /// Ends the file at `end`, with what stands before it flushed and marked.
    fn settle(&mut self) -> Result<(), StoreError> {
        let doing = StoreError::io("repair", &self.path);
        let settled = (|| {
            if self.next == 0 {
                self.file.set_len(self.end)?;
                return self.file.sync_data();
            }
            let marked = self.end - MARK as u64;
            self.file.set_len(marked)?;
            self.file.sync_data()?;
            self.file.seek(SeekFrom::Start(marked))?;
            self.file.write_all(&self.salt.mark(marked))
        })();
        settled.map_err(doing)
    }
}

/// `events.log` -> `events.log.lock`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// `/dev/full` answers every write as a full disk does.
    #[test]
    fn a_full_disk_is_named_and_nothing_is_acknowledged() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = EventLog::create(dir.path().join("events.log")).unwrap();
        log.append(&["kept"]).unwrap();
        log.file = File::options().write(true).open("/dev/full").unwrap();
        let error = log.append(&["lost"]).unwrap_err().to_string();
        assert!(error.contains("events.log") && error.contains("disk is full"), "{error}");
        // `/dev/full` cannot be cut either, so the log must not go on.
        assert!(matches!(log.append(&["more"]), Err(StoreError::Poisoned { .. })));
        assert_eq!(log.records().unwrap().count(), 1);
    }
}
