//! Who holds which blob, and whether anyone can be asked for it now.
//!
//! A holder can be connected and not deliver, to some or to all. After a node got nothing, a blob is given out only to
//! one reader at a time, with pauses that grow, until one got it or the coordinator has it.

use std::collections::{BTreeMap, BTreeSet};

use corex_work::{Address, BlobId};

use crate::config::Config;
use crate::event::Holder;

/// Whether a blob can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Availability {
    /// A connected holder has it.
    Here,
    /// No connected holder, but not for long: one may come back.
    Away,
    /// No connected holder for longer than the grace time.
    Lost,
}

#[derive(Clone, Debug, Default)]
struct Blob {
    bytes: Option<u64>,
    holders: BTreeSet<Holder>,
    /// Holders that are connected: the coordinator always is.
    live: BTreeSet<Holder>,
    /// Since when `live` is empty.
    away_since: Option<u64>,
    /// Readers in a row that did not get it.
    misses: u32,
    /// No reader is sent for it before.
    not_before: u64,
}

/// The blobs of a job that are in use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blobs {
    blobs: BTreeMap<BlobId, Blob>,
    by_node: BTreeMap<Address, BTreeSet<BlobId>>,
    connected: BTreeSet<Address>,
}

impl Blobs {
    /// Notes that a blob matters, with its length if that is known.
    pub(crate) fn track(&mut self, now: u64, id: BlobId, bytes: Option<u64>) {
        let blob = self.blobs.entry(id).or_insert_with(|| Blob { away_since: Some(now), ..Blob::default() });
        blob.bytes = blob.bytes.or(bytes);
    }

    pub(crate) fn is_tracked(&self, id: &BlobId) -> bool {
        self.blobs.contains_key(id)
    }

    /// Forgets a blob.
    pub(crate) fn release(&mut self, id: &BlobId) {
        let Some(blob) = self.blobs.remove(id) else { return };
        for holder in blob.holders {
            if let Holder::Node(node) = holder
                && let Some(held) = self.by_node.get_mut(&node)
            {
                held.remove(id);
            }
        }
    }

    /// A holder has a blob. Blobs that do not matter are ignored, so that no peer can fill the memory.
    pub(crate) fn held(&mut self, holder: Holder, id: BlobId) {
        let Some(blob) = self.blobs.get_mut(&id) else { return };
        blob.holders.insert(holder);
        match holder {
            Holder::Coordinator => {
                blob.live.insert(holder);
                (blob.misses, blob.not_before) = (0, 0);
            }
            Holder::Node(node) => {
                self.by_node.entry(node).or_default().insert(id);
                if self.connected.contains(&node) {
                    blob.live.insert(holder);
                }
            }
        }
        if !blob.live.is_empty() {
            blob.away_since = None;
        }
    }

    /// A holder turned out not to have a blob. Nobody is waited for then: it is away for the grace time at
    /// most if others may come back, and lost at once if there are none.
    pub(crate) fn lost(&mut self, now: u64, holder: Holder, id: &BlobId) {
        let Some(blob) = self.blobs.get_mut(id) else { return };
        blob.holders.remove(&holder);
        if blob.live.remove(&holder) && blob.live.is_empty() {
            blob.away_since = Some(if blob.holders.is_empty() { 0 } else { now });
        }
        if let Holder::Node(node) = holder
            && let Some(held) = self.by_node.get_mut(&node)
        {
            held.remove(id);
        }
    }

    /// A node read a blob: it can be had, and there is one holder more.
    pub(crate) fn arrived(&mut self, node: Address, id: BlobId) {
        self.held(Holder::Node(node), id);
        if let Some(blob) = self.blobs.get_mut(&id) {
            (blob.misses, blob.not_before) = (0, 0);
        }
    }

    /// A node did not get a blob from any holder. Those who were sent at the same time tell nothing new.
    pub(crate) fn missed(&mut self, now: u64, id: &BlobId, config: &Config) {
        if let Some(blob) = self.blobs.get_mut(id).filter(|blob| blob.misses == 0 || blob.not_before <= now) {
            blob.not_before = now.saturating_add(config.backoff_ms(blob.misses));
            blob.misses = blob.misses.saturating_add(1);
        }
    }

    /// A reader is sent for a blob: if the last one came back without it, it goes alone.
    pub(crate) fn sent_for(&mut self, now: u64, id: &BlobId, config: &Config) {
        if let Some(blob) = self.blobs.get_mut(id).filter(|blob| blob.misses > 0) {
            blob.not_before = now.saturating_add(config.backoff_ms(blob.misses));
            blob.misses = blob.misses.saturating_add(1);
        }
    }

    /// Whether readers must wait, except those who hold the blob themselves.
    pub(crate) fn is_waited_for(&self, now: u64, id: &BlobId) -> bool {
        self.blobs.get(id).is_some_and(|blob| blob.not_before > now)
    }

    /// Nobody delivers a blob, whatever they say: it is lost. Returns who said to have it.
    pub(crate) fn give_up(&mut self, id: &BlobId) -> BTreeSet<Holder> {
        let Some(blob) = self.blobs.get_mut(id) else { return BTreeSet::new() };
        let holders = std::mem::take(&mut blob.holders);
        blob.live.clear();
        (blob.misses, blob.not_before, blob.away_since) = (0, 0, Some(0));
        for holder in &holders {
            if let Holder::Node(node) = holder
                && let Some(held) = self.by_node.get_mut(node)
            {
                held.remove(id);
            }
        }
        holders
    }

    pub(crate) fn connect(&mut self, node: Address) {
        self.connected.insert(node);
        for id in self.by_node.get(&node).into_iter().flatten() {
            if let Some(blob) = self.blobs.get_mut(id) {
                blob.live.insert(Holder::Node(node));
                blob.away_since = None;
            }
        }
    }

    pub(crate) fn disconnect(&mut self, now: u64, node: Address) {
        self.connected.remove(&node);
        for id in self.by_node.get(&node).into_iter().flatten() {
            if let Some(blob) = self.blobs.get_mut(id)
                && blob.live.remove(&Holder::Node(node))
                && blob.live.is_empty()
            {
                blob.away_since = Some(now);
            }
        }
    }

    pub(crate) fn availability(&self, now: u64, grace_ms: u64, id: &BlobId) -> Availability {
        match self.blobs.get(id) {
            None => Availability::Lost,
            Some(Blob { away_since: None, .. }) => Availability::Here,
            Some(Blob { away_since: Some(since), .. }) if now.saturating_sub(*since) < grace_ms => {
                Availability::Away
            }
            Some(_) => Availability::Lost,
        }
    }

    /// Connected holders, the coordinator first, without a copy.
    pub(crate) fn live(&self, id: &BlobId) -> impl Iterator<Item = &Holder> {
        self.blobs.get(id).into_iter().flat_map(|blob| &blob.live)
    }

    /// Connected holders, the coordinator first.
    pub(crate) fn holders(&self, id: &BlobId) -> Vec<Holder> {
        self.blobs.get(id).into_iter().flat_map(|blob| blob.live.iter().copied()).collect()
    }

    pub(crate) fn is_held_by(&self, id: &BlobId, holder: Holder) -> bool {
        self.blobs.get(id).is_some_and(|blob| blob.holders.contains(&holder))
    }

    pub(crate) fn bytes(&self, id: &BlobId) -> Option<u64> {
        self.blobs.get(id).and_then(|blob| blob.bytes)
    }

    /// Every tracked blob, ascending.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &BlobId> {
        self.blobs.keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_here_then_away_then_lost() {
        let (node, id) = (Address([1; 20]), BlobId([2; 32]));
        let mut blobs = Blobs::default();
        blobs.held(Holder::Node(node), id);
        assert!(!blobs.is_tracked(&id), "a peer cannot make the driver remember a blob");

        blobs.connect(node);
        blobs.track(0, id, Some(8));
        blobs.held(Holder::Node(node), id);
        assert_eq!(blobs.availability(10, 5, &id), Availability::Here);
        blobs.disconnect(10, node);
        assert_eq!(blobs.availability(14, 5, &id), Availability::Away);
        assert_eq!(blobs.availability(15, 5, &id), Availability::Lost);
        blobs.connect(node);
        assert_eq!(blobs.availability(16, 5, &id), Availability::Here);
        blobs.lost(16, Holder::Node(node), &id);
        assert_eq!(blobs.availability(16, 5, &id), Availability::Lost);
        blobs.held(Holder::Coordinator, id);
        assert_eq!(blobs.holders(&id), [Holder::Coordinator]);
    }
}
