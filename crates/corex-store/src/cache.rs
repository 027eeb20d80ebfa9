//! What a node has already computed: task id to output ids, across restarts.
//!
//! A log of entries and a map of it in memory, rewritten when it is opened with much in it that no longer
//! counts. Not a B-tree database: the ones tried trust their file and panic when a byte of it is wrong, and a
//! node signs what it finds here.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use corex_work::{BlobId, TaskId};

use crate::log::beside;
use crate::{EventLog, StoreError, TornTail};

/// A durable map from a task to the names of its outputs, which forgets the oldest entries beyond a limit.
#[derive(Debug)]
pub struct ResultCache {
    log: EventLog,
    limit: usize,
    /// The sequence number tells which entry is the oldest.
    results: HashMap<TaskId, (u64, Vec<BlobId>)>,
}

/// What [`ResultCache::open`] found.
#[derive(Debug)]
pub struct CacheRecovery {
    /// An unfinished write that was cut off.
    pub torn: Option<TornTail>,
    /// What was wrong with a file that was set aside, and where it is now. The cache starts empty then.
    pub set_aside: Option<(StoreError, PathBuf)>,
}

impl ResultCache {
    /// Opens or creates the cache file at `path`, which keeps the newest `limit` results.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`StoreError::Io`]. A damaged file is no error: see [`CacheRecovery`].
    pub fn open(path: impl Into<PathBuf>, limit: usize) -> Result<(ResultCache, CacheRecovery), StoreError> {
        let path = path.into();
        let mut recovery = CacheRecovery { torn: None, set_aside: None };
        if !path.exists() {
            let log = EventLog::create(path)?;
            return Ok((ResultCache { log, limit, results: HashMap::new() }, recovery));
        }
        let opened = EventLog::open(&path).and_then(|(log, found)| {
            recovery.torn = found.torn;
            ResultCache::load(log, limit)
        });
        match opened {
            Ok(cache) => Ok((cache, recovery)),
            Err(
                error @ (StoreError::NotALog { .. }
                | StoreError::LogVersion { .. }
                | StoreError::CorruptLog { .. }),
            ) => {
                let aside = beside(&path, "damaged");
                fs::rename(&path, &aside).map_err(StoreError::io("set aside", &path))?;
                recovery.set_aside = Some((error, aside));
                let log = EventLog::create(path)?;
                Ok((ResultCache { log, limit, results: HashMap::new() }, recovery))
            }
            Err(error) => Err(error),
        }
    }

    fn load(log: EventLog, limit: usize) -> Result<ResultCache, StoreError> {
        let mut cache = ResultCache { log, limit, results: HashMap::new() };
        for record in cache.log.records()? {
            let (seq, bytes) = record?;
            let Some((task, outputs)) = decode(&bytes) else {
                let (path, reason) = (cache.log.path().to_path_buf(), "it is a log of something else");
                return Err(StoreError::NotALog { path, reason });
            };
            cache.remember(task, seq, outputs);
        }
        let live = cache.results.len();
        if cache.log.next_seq() as usize <= 2 * live + 1024 {
            return Ok(cache);
        }
        let mut entries: Vec<_> = cache.results.drain().collect();
        entries.sort_unstable_by_key(|(_, (seq, _))| *seq);
        let records: Vec<_> = entries.iter().map(|(task, (_, outputs))| encode(task, outputs)).collect();
        cache.log = cache.log.rewrite(&records)?;
        let renumbered = (0..).zip(entries).map(|(seq, (task, (_, outputs)))| (task, (seq, outputs)));
        cache.results.extend(renumbered);
        Ok(cache)
    }

    /// The outputs of `task`, if they are known.
    pub fn get(&self, task: &TaskId) -> Option<&[BlobId]> {
        self.results.get(task).map(|(_, outputs)| outputs.as_slice())
    }

    /// Remembers the outputs of `task`; durable when it returns.
    ///
    /// # Errors
    /// As [`EventLog::append`]; the cache is unchanged then.
    pub fn put(&mut self, task: &TaskId, outputs: &[BlobId]) -> Result<(), StoreError> {
        if self.get(task) == Some(outputs) {
            return Ok(());
        }
        let seq = self.log.append(&[encode(task, outputs)])?.start;
        self.remember(*task, seq, outputs.to_vec());
        Ok(())
    }

    /// Number of tasks remembered.
    pub fn len(&self) -> usize {
        self.results.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.results.is_empty()
    }

    fn remember(&mut self, task: TaskId, seq: u64, outputs: Vec<BlobId>) {
        self.results.insert(task, (seq, outputs));
        // An eighth more than asked for, so that looking for the oldest is rare.
        if self.results.len() > self.limit + self.limit / 8 {
            let mut seqs: Vec<u64> = self.results.values().map(|(seq, _)| *seq).collect();
            let surplus = seqs.len() - self.limit;
            let (_, oldest_kept, _) = seqs.select_nth_unstable(surplus);
            let oldest_kept = *oldest_kept;
            self.results.retain(|_, (seq, _)| *seq >= oldest_kept);
        }
    }
}

fn encode(task: &TaskId, outputs: &[BlobId]) -> Vec<u8> {
    task.as_bytes().iter().chain(outputs.iter().flat_map(BlobId::as_bytes)).copied().collect()
}

fn decode(record: &[u8]) -> Option<(TaskId, Vec<BlobId>)> {
    let (task, outputs) = record.split_first_chunk()?;
    let (outputs, rest) = outputs.as_chunks();
    rest.is_empty().then(|| (TaskId(*task), outputs.iter().copied().map(BlobId).collect()))
}
