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
}

/// Sums the leaves per node: ascending by node, one entry each, as the contract requires. `None` if a node's
/// sum does not fit 64 bits.
pub fn payouts(leaves: &[Leaf]) -> Option<Vec<Payout>> {
    let mut sums: BTreeMap<Address, u64> = BTreeMap::new();
    for leaf in leaves {
        let sum = sums.entry(leaf.node).or_default();
        *sum = sum.checked_add(leaf.units)?;
    }
    Some(sums.into_iter().map(|(node, units)| Payout { node, units }).collect())
}

/// `keccak256(abi.encode(payouts))` for `struct Payout { address node; uint64 units; }[]`.
pub fn payouts_hash(payouts: &[Payout]) -> Hash32 {
    // One dynamic argument: its offset, the length, then two static words per element.
    let head = Words::new().uint(32).uint(payouts.len() as u64);
    let words = payouts.iter().fold(head, |words, payout| words.address(&payout.node).uint(payout.units));
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
        let leaf = |node, units| Leaf {
            task: TaskId([units as u8; 32]),
            outputs_hash: Hash32::default(),
            node: Address([node; 20]),
            units,
        };
        let sums = payouts(&[leaf(9, 1), leaf(2, 10), leaf(9, 4)]).unwrap();
        assert_eq!(
            sums,
            [Payout { node: Address([2; 20]), units: 10 }, Payout { node: Address([9; 20]), units: 5 },]
        );
        assert_eq!(payouts(&[leaf(1, u64::MAX), leaf(1, 1)]), None);
    }
}
