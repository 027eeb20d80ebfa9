//! Who can get which blob from whom.

use corex_protocol::{BlobSource, Event, Holder};
use corex_work::{Address, keccak256};

use super::{Item, World};
use crate::scenario::Provider;

impl World {
    /// Whether a source has a holder that delivers to a reader; the coordinator, if that is `None`.
    pub(super) fn reachable(&self, source: &BlobSource, reader: Option<Address>) -> bool {
        source.inline.is_some()
            || source.holders.iter().any(|holder| match *holder {
                Holder::Coordinator => self.driver.is_some() && self.store.contains(&source.blob),
                Holder::Node(node) => {
                    self.nodes.get(&node).is_some_and(|node| node.serves(&source.blob))
                        && reader.is_none_or(|reader| self.is_linked(reader, node))
                }
            })
    }

    /// Whether one node can download from another: by chance, but always the same.
    fn is_linked(&self, reader: Address, holder: Address) -> bool {
        let pair = [&self.scenario.seed.to_le_bytes()[..], &reader.0, &holder.0].concat();
        let draw = keccak256(&pair).iter().fold(0u64, |sum, byte| sum * 31 % 1_000_003 + u64::from(*byte));
        draw % 100 >= self.scenario.unreachable_percent
    }

    /// The coordinator downloads a blob, and learns who does not have it.
    pub(super) fn fetch(&mut self, source: &BlobSource) {
        let blob = source.blob;
        if self.store.contains(&blob) || self.reachable(source, None) {
            self.store.insert(blob);
            let delay = self.delay();
            let event = Event::BlobHeld { holder: Holder::Coordinator, blob };
            return self.after(delay, Item::ToCoordinator(Box::new(event)));
        }
        self.report_lost(source);
    }

    /// Running holders that did not deliver do not have it.
    pub(super) fn report_lost(&mut self, source: &BlobSource) {
        let blob = source.blob;
        for holder in &source.holders {
            if let Holder::Node(node) = holder
                && self.nodes.get(node).is_some_and(|node| node.up && node.provider != Provider::Stall)
            {
                let delay = self.delay();
                let event = Event::BlobLost { holder: *holder, blob };
                self.after(delay, Item::ToCoordinator(Box::new(event)));
            }
        }
    }
}
