//! Rounds: what of a batch of receipts goes on chain.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::abi::{Words, keccak256};
use crate::ids::{Address, Beacon, Hash32, JobId, TaskId};
use crate::receipt::Receipt;

/// One receipt as the chain sees it. The leaves of a round are ordered by task id, one per task.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Leaf {
    /// The task.
    pub task: TaskId,
    /// Hash of the outputs claimed, see [`outputs_hash`](crate::outputs_hash).
    pub outputs_hash: Hash32,
    /// Who claimed them.
    pub node: Address,
    /// Work to be paid.
    pub units: u64,
}

impl Leaf {
    /// `keccak256(keccak256(abi.encode(task, outputsHash, node, units)))`; hashed twice so that no inner node
    /// of a tree (64 bytes, hashed once) can pass for a leaf.
    pub fn hash(&self) -> Hash32 {
        let words =
            Words::new().word(&self.task.0).word(&self.outputs_hash.0).address(&self.node).uint(self.units);
        Hash32(keccak256(&words.keccak()))
    }
}

impl From<&Receipt> for Leaf {
    fn from(receipt: &Receipt) -> Leaf {
        Leaf {
            task: receipt.task,
            outputs_hash: receipt.outputs_hash(),
            node: receipt.node,
            units: receipt.units,
        }
    }
}

/// What one node earned in a round, before voided leaves are taken off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Payout {
    /// The node.
    pub node: Address,
    /// Sum of the units of its leaves.
    pub units: u64,
    /// How many leaves these are.
    pub tasks: u32,
}

/// Sums work per node: ascending by node, one entry each, as the contract requires. Each item is one task's node and
/// units. `None` if a node's sum does not fit 64 bits.
pub fn payouts(work: impl IntoIterator<Item = (Address, u64)>) -> Option<Vec<Payout>> {
    let mut sums: BTreeMap<Address, Payout> = BTreeMap::new();
    for (node, units) in work {
        let sum = sums.entry(node).or_insert(Payout { node, units: 0, tasks: 0 });
        sum.units = sum.units.checked_add(units)?;
        sum.tasks = sum.tasks.checked_add(1)?;
    }
    Some(sums.into_values().collect())
}

/// `keccak256(abi.encode(payouts))` for `struct Payout { address node; uint64 units; uint32 tasks; }[]`.
pub fn payouts_hash(payouts: &[Payout]) -> Hash32 {
    // One dynamic argument: its offset, the length, then three static words per element.
    let head = Words::new().uint(32).uint(payouts.len() as u64);
    let words = payouts.iter().fold(head, |words, payout| {
        words.address(&payout.node).uint(payout.units).uint(u64::from(payout.tasks))
    });
    Hash32(keccak256(&words.into_bytes()))
}

/// The beacon of a round: `keccak256(abi.encode(blockhash(commitBlock), root, job, round))`.
///
/// Unpredictable to whoever chose the leaves, as far as the commit block's hash is; bound to root, job and
/// round so that two rounds committed in one block do not share a beacon.
pub fn beacon(commit_block_hash: Hash32, root: Hash32, job: JobId, round: u64) -> Beacon {
    Beacon(Words::new().word(&commit_block_hash.0).word(&root.0).word(&job.0).uint(round).keccak())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payouts_are_summed_and_ordered() {
        let node = |n| Address([n; 20]);
        let sums = payouts([(node(9), 1), (node(2), 10), (node(9), 4)]).unwrap();
        let expected =
            [Payout { node: node(2), units: 10, tasks: 1 }, Payout { node: node(9), units: 5, tasks: 2 }];
        assert_eq!(sums, expected);
        assert_eq!(payouts([(node(1), u64::MAX), (node(1), 1)]), None);
    }
}
