//! Merkle trees that OpenZeppelin's `MerkleProof` verifies.
//!
//! Inner nodes hash their two children in ascending order, so a proof is a plain list of siblings without
//! directions. A node without a sibling moves up unchanged. Leaves must be double hashes (see
//! [`Leaf::hash`](crate::Leaf::hash)), or an inner node could pass for a leaf.

use crate::abi::keccak256;
use crate::ids::Hash32;

/// A Merkle tree over leaf hashes, all levels kept.
#[derive(Clone, Debug)]
pub struct MerkleTree {
    /// From the leaves up; the last level has one node, or none for an empty tree.
    levels: Vec<Vec<Hash32>>,
}

impl MerkleTree {
    /// Builds the tree, leaves in the order given.
    pub fn new(leaves: Vec<Hash32>) -> MerkleTree {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let above = below
                .chunks(2)
                .map(|pair| match pair {
                    [a, b] => hash_pair(a, b),
                    // chunks(2) gives one or two nodes; a lone one moves up.
                    lone => lone.first().copied().unwrap_or_default(),
                })
                .collect();
            levels.push(above);
        }
        MerkleTree { levels }
    }

    /// The root; zero for an empty tree, which no contract accepts.
    pub fn root(&self) -> Hash32 {
        self.levels.last().and_then(|top| top.first()).copied().unwrap_or_default()
    }

    /// Siblings from leaf `index` up to the root; `None` if there is no such leaf.
    pub fn proof(&self, index: usize) -> Option<Vec<Hash32>> {
        self.levels.first()?.get(index)?;
        let mut position = index;
        let mut proof = Vec::new();
        for level in &self.levels {
            proof.extend(level.get(position ^ 1));
            position /= 2;
        }
        Some(proof)
    }
}

/// Checks that `leaf` lies under `root`.
pub fn verify_proof(proof: &[Hash32], root: Hash32, leaf: Hash32) -> bool {
    proof.iter().fold(leaf, |node, sibling| hash_pair(&node, sibling)) == root
}

fn hash_pair(a: &Hash32, b: &Hash32) -> Hash32 {
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    let mut both = [0; 64];
    both[..32].copy_from_slice(&low.0);
    both[32..].copy_from_slice(&high.0);
    Hash32(keccak256(&both))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(n: usize) -> Hash32 {
        Hash32(keccak256(&keccak256(&n.to_le_bytes())))
    }

    #[test]
    fn every_leaf_of_every_small_tree_proves_and_no_other_does() {
        for count in 0..40 {
            let tree = MerkleTree::new((0..count).map(leaf).collect());
            for index in 0..count {
                let proof = tree.proof(index).unwrap();
                assert!(verify_proof(&proof, tree.root(), leaf(index)));
                assert!(!verify_proof(&proof, tree.root(), leaf(index + 1)), "{count} {index}");
                assert!(proof.len() <= count.next_power_of_two().ilog2() as usize);
            }
            assert_eq!(tree.proof(count), None);
        }
    }

    #[test]
    fn small_roots() {
        assert_eq!(MerkleTree::new(vec![]).root(), Hash32::default());
        assert_eq!(MerkleTree::new(vec![leaf(1)]).root(), leaf(1));
        assert_eq!(
            MerkleTree::new(vec![leaf(1), leaf(2)]).root(),
            MerkleTree::new(vec![leaf(2), leaf(1)]).root()
        );
    }
}
