//! A least-recently-used set of blobs in memory, bounded by bytes.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use corex_work::BlobId;

/// Verified blobs that were used last. Holding an entry is a promise that its bytes hash to its name.
#[derive(Debug)]
pub(crate) struct Recent {
    capacity: usize,
    held: usize,
    clock: u64,
    entries: HashMap<BlobId, (Bytes, u64)>,
    by_age: BTreeMap<u64, BlobId>,
}

impl Recent {
    pub(crate) fn new(capacity: usize) -> Recent {
        Recent { capacity, held: 0, clock: 0, entries: HashMap::new(), by_age: BTreeMap::new() }
    }

    /// A blob larger than this would push out too much else for its own good.
    pub(crate) fn entry_limit(&self) -> usize {
        self.capacity / 2
    }

    pub(crate) fn get(&mut self, id: &BlobId) -> Option<Bytes> {
        let (bytes, used) = self.entries.get_mut(id)?;
        self.by_age.remove(used);
        self.clock += 1;
        *used = self.clock;
        self.by_age.insert(self.clock, *id);
        Some(bytes.clone())
    }

    pub(crate) fn insert(&mut self, id: BlobId, bytes: Bytes) {
        if bytes.len() > self.entry_limit() {
            return;
        }
        self.remove(&id);
        self.clock += 1;
        self.held += bytes.len();
        self.entries.insert(id, (bytes, self.clock));
        self.by_age.insert(self.clock, id);
        while self.held > self.capacity {
            let Some((_, oldest)) = self.by_age.first_key_value() else { break };
            let oldest = *oldest;
            self.remove(&oldest);
        }
    }

    pub(crate) fn remove(&mut self, id: &BlobId) {
        if let Some((bytes, used)) = self.entries.remove(id) {
            self.held -= bytes.len();
            self.by_age.remove(&used);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> BlobId {
        BlobId([n; 32])
    }

    #[test]
    fn forgets_the_least_recently_used_first() {
        let mut recent = Recent::new(10);
        recent.insert(id(1), Bytes::from_static(b"1234"));
        recent.insert(id(2), Bytes::from_static(b"1234"));
        assert!(recent.get(&id(1)).is_some());
        recent.insert(id(3), Bytes::from_static(b"1234"));
        assert_eq!(recent.get(&id(2)), None);
        assert!(recent.get(&id(1)).is_some() && recent.get(&id(3)).is_some());
        assert_eq!(recent.held, 8);
    }

    #[test]
    fn does_not_keep_what_is_too_large_and_counts_replacements_once() {
        let mut recent = Recent::new(10);
        recent.insert(id(1), Bytes::from_static(b"123456"));
        assert_eq!(recent.get(&id(1)), None);
        recent.insert(id(2), Bytes::from_static(b"12345"));
        recent.insert(id(2), Bytes::from_static(b"12345"));
        assert_eq!((recent.held, recent.by_age.len()), (5, 1));
        recent.remove(&id(2));
        assert_eq!((recent.held, recent.by_age.len(), recent.entries.len()), (0, 0, 0));
    }
}
