//! Polling filters (`eth_newFilter` and friends), and the log query they share with `eth_getLogs`.

use super::store::{Snapshot, StoreError};
use alloy::rpc::types::{Filter, Log};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// Most logs one answer may hold; a client that wants more narrows its block range.
pub(super) const MAX_LOGS: usize = 20_000;
/// Filters kept at once; beyond it the one polled longest ago makes room.
const MAX_FILTERS: usize = 256;
/// A filter not polled for so long is forgotten, as other clients do.
const IDLE: Duration = Duration::from_secs(300);

#[derive(Debug, thiserror::Error)]
pub(super) enum LogsError {
    #[error("query returns more than {MAX_LOGS} logs: narrow the block range")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Logs of blocks `from..=to` that match, oldest first. Blocks whose bloom cannot match are not read.
pub(super) fn query(snapshot: &Snapshot, filter: &Filter, from: u64, to: u64) -> Result<Vec<Log>, LogsError> {
    let mut logs = Vec::new();
    for number in from..=to.min(snapshot.head()) {
        let Some((_, bloom)) = snapshot.head_of(number)? else { continue };
        if !filter.matches_bloom(bloom) {
            continue;
        }
        let Some(block) = snapshot.block(number)? else { continue };
        logs.extend(block.logs().filter(|log| filter.matches(&log.inner)).cloned());
        if logs.len() > MAX_LOGS {
            return Err(LogsError::TooMany);
        }
    }
    Ok(logs)
}

/// What a filter reports.
#[derive(Clone)]
pub(super) enum Watch {
    Blocks,
    Logs(Box<Filter>),
}

struct Entry {
    watch: Watch,
    next_block: u64,
    polled: Instant,
}

/// The filters of all clients, by id.
#[derive(Default)]
pub(super) struct Filters {
    last_id: u64,
    entries: HashMap<u64, Entry>,
}

impl Filters {
    /// Starts a filter that reports from block `next_block` on.
    pub fn add(&mut self, watch: Watch, next_block: u64) -> u64 {
        self.entries.retain(|_, e| e.polled.elapsed() < IDLE);
        if self.entries.len() >= MAX_FILTERS
            && let Some(oldest) = self.entries.iter().min_by_key(|(_, e)| e.polled).map(|(id, _)| *id)
        {
            self.entries.remove(&oldest);
        }
        self.last_id += 1;
        self.entries.insert(self.last_id, Entry { watch, next_block, polled: Instant::now() });
        self.last_id
    }

    /// What a filter watches, and the first block not reported yet; the next poll starts after `head`.
    pub fn poll(&mut self, id: u64, head: u64) -> Option<(Watch, u64)> {
        let entry = self.entries.get_mut(&id)?;
        let from = entry.next_block;
        entry.next_block = from.max(head + 1);
        entry.polled = Instant::now();
        Some((entry.watch.clone(), from))
    }

    /// What a filter watches.
    pub fn get(&self, id: u64) -> Option<&Watch> {
        self.entries.get(&id).map(|e| &e.watch)
    }

    pub fn remove(&mut self, id: u64) -> bool {
        self.entries.remove(&id).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_filters_is_bounded_and_the_idlest_goes_first() {
        let mut filters = Filters::default();
        let first = filters.add(Watch::Blocks, 0);
        let second = filters.add(Watch::Blocks, 0);
        assert!(filters.poll(first, 7).is_some_and(|(_, from)| from == 0));
        for _ in 2..=MAX_FILTERS {
            filters.add(Watch::Blocks, 0);
        }
        assert_eq!(filters.entries.len(), MAX_FILTERS);
        assert!(filters.get(second).is_none());
        assert!(filters.poll(first, 9).is_some_and(|(_, from)| from == 8));
        assert!(filters.remove(first) && !filters.remove(first));
    }
}
