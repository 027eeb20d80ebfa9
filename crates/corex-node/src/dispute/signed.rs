//! The tasks that a provider signed results of: what it has to know to stand up for them, also after a crash.

use corex_store::{EventLog, StoreError};
use corex_work::{BlobId, Hash32, JobId, Task, TaskId};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;

/// Bytes of records that are kept; with more, the oldest are forgotten. A hundred thousand tasks or so.
const MOST_BYTES: usize = 64 << 20;
/// A file with so many forgotten records, and as many as there are others, is written anew when it is opened.
const MOST_FORGOTTEN: u64 = 1024;

/// A result that the node has signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedTask {
    /// The job.
    pub job: JobId,
    /// The task.
    pub task: Task,
    /// What it signed.
    pub outputs: Vec<BlobId>,
    /// That the task's function is one of the job's programs.
    pub proof: Vec<Hash32>,
}

type Key = (JobId, TaskId);

/// A durable record of [`SignedTask`]s, which forgets the oldest.
#[derive(Debug)]
pub struct SignedTasks {
    log: EventLog,
    /// Encoded, by job and task.
    records: HashMap<Key, Vec<u8>>,
    /// In the order in which they came; the first of several about one task are void.
    order: VecDeque<(Key, usize)>,
    bytes: usize,
    most_bytes: usize,
}

impl SignedTasks {
    /// Opens or creates the record at `path`. Says if a damaged one was set aside: then the node cannot answer for what it
    /// signed before.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`StoreError::Io`].
    pub fn open(path: impl Into<PathBuf>) -> Result<(SignedTasks, Option<StoreError>), StoreError> {
        SignedTasks::with_limit(path.into(), MOST_BYTES)
    }

    fn with_limit(path: PathBuf, most_bytes: usize) -> Result<(SignedTasks, Option<StoreError>), StoreError> {
        let empty =
            |log| SignedTasks { log, records: HashMap::new(), order: VecDeque::new(), bytes: 0, most_bytes };
        if !path.exists() {
            return Ok((empty(EventLog::create(path)?), None));
        }
        match EventLog::open(&path).and_then(|(log, _)| empty(log).load()) {
            Ok(known) => Ok((known, None)),
            Err(
                error @ (StoreError::NotALog { .. }
                | StoreError::LogVersion { .. }
                | StoreError::CorruptLog { .. }),
            ) => {
                let mut aside = path.clone().into_os_string();
                aside.push(".damaged");
                std::fs::rename(&path, PathBuf::from(aside)).map_err(|source| StoreError::Io {
                    doing: "set aside",
                    path: path.clone(),
                    source,
                })?;
                Ok((empty(EventLog::create(path)?), Some(error)))
            }
            Err(error) => Err(error),
        }
    }

    fn load(mut self) -> Result<SignedTasks, StoreError> {
        for record in self.log.records()? {
            let (_, bytes) = record?;
            let Some(key) = decode(&bytes).map(|signed| (signed.job, signed.task.id())) else {
                let path = self.log.path().to_path_buf();
                return Err(StoreError::NotALog { path, reason: "it is a log of something else" });
            };
            self.remember(key, bytes);
        }
        let live = self.records.len() as u64;
        if self.log.next_seq() > 2 * live + MOST_FORGOTTEN {
            let in_order = self.order.iter().filter_map(|(key, _)| self.records.get(key));
            let records: Vec<&Vec<u8>> = in_order.collect();
            self.log = self.log.rewrite(&records)?;
        }
        Ok(self)
    }

    /// Remembers a result; durable when it returns. To be called before the result is given to anyone.
    ///
    /// # Errors
    /// As [`EventLog::append`].
    pub fn put(&mut self, signed: &SignedTask) -> Result<(), StoreError> {
        let key = (signed.job, signed.task.id());
        // Ids, strings and lists of them: postcard writes them to memory without fail.
        let bytes = postcard::to_stdvec(signed).expect("plain data encodes");
        if self.records.get(&key) == Some(&bytes) {
            return Ok(());
        }
        self.log.append(&[&bytes])?;
        self.remember(key, bytes);
        Ok(())
    }

    /// What was signed for a task of a job.
    pub fn get(&self, job: JobId, task: TaskId) -> Option<SignedTask> {
        self.records.get(&(job, task)).and_then(|bytes| decode(bytes))
    }

    fn remember(&mut self, key: Key, bytes: Vec<u8>) {
        if let Some(old) = self.records.remove(&key) {
            self.bytes -= old.len();
            // Rare: a result that was done again and came out otherwise.
            self.order.retain(|(known, _)| *known != key);
        }
        self.bytes += bytes.len();
        self.order.push_back((key, bytes.len()));
        self.records.insert(key, bytes);
        while self.bytes > self.most_bytes && self.order.len() > 1 {
            if let Some((oldest, length)) = self.order.pop_front() {
                self.records.remove(&oldest);
                self.bytes -= length;
            }
        }
    }
}

fn decode(bytes: &[u8]) -> Option<SignedTask> {
    postcard::from_bytes(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(n: u32) -> SignedTask {
        let blob = BlobId::of(&n.to_le_bytes());
        let task = Task { program: blob, func: "main".into(), inputs: vec![blob; 3] };
        SignedTask { job: JobId([1; 32]), task, outputs: vec![blob], proof: vec![Hash32([2; 32])] }
    }

    #[test]
    fn what_was_signed_is_known_after_a_crash_and_the_oldest_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("signed");
        let length = postcard::to_stdvec(&signed(0)).unwrap().len();
        let open = || SignedTasks::with_limit(path.clone(), 10 * length).unwrap();
        let get = |tasks: &SignedTasks, n: u32| tasks.get(signed(n).job, signed(n).task.id());
        {
            let (mut tasks, _) = open();
            for n in 0..3000 {
                tasks.put(&signed(n)).unwrap();
                tasks.put(&signed(n)).unwrap();
            }
            assert_eq!(get(&tasks, 2999), Some(signed(2999)));
        }
        let before = std::fs::metadata(&path).unwrap().len();
        let (mut tasks, damage) = open();
        assert!(damage.is_none() && std::fs::metadata(&path).unwrap().len() < before / 10);
        assert_eq!(get(&tasks, 2999), Some(signed(2999)));
        assert_eq!(get(&tasks, 2989), None);
        let other = SignedTask { outputs: vec![], ..signed(2995) };
        tasks.put(&other).unwrap();
        drop(tasks);
        assert_eq!(get(&open().0, 2995), Some(other), "the last word counts");
    }

    #[test]
    fn a_damaged_record_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("signed");
        std::fs::write(&path, b"something else entirely, and long enough to be read as a header").unwrap();
        let (mut tasks, damage) = SignedTasks::open(&path).unwrap();
        assert!(damage.is_some());
        tasks.put(&signed(1)).unwrap();
        assert!(dir.path().join("signed.damaged").exists());
    }
}
