//! Merkle trees over lists whose positions matter.
//!
//! A node is the keccak-256 hash of its left and its right child; a child that is missing at the end of the list
//! counts as zeros. The root also hashes the number of leaves, so that the depth of every leaf is known and no node
//! can pass for a leaf.

use super::Digest;

const MISSING: Digest = Digest([0; 32]);

/// The node above two others: `keccak(left | right)`.
pub fn node(left: Digest, right: Digest) -> Digest {
    Digest::keccak(&[&left.0, &right.0])
}

/// The root of a tree of `count` leaves: `keccak(count as 32 bytes, big-endian | top)`.
pub fn root(count: u64, top: Digest) -> Digest {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&count.to_be_bytes());
    Digest::keccak(&[&word, &top.0])
}

/// Levels above the leaves of a tree of `count` leaves.
pub fn height(count: u64) -> u32 {
    u64::BITS - count.saturating_sub(1).leading_zeros()
}

/// A tree with all its levels, for proofs.
#[derive(Clone, Debug)]
pub struct Tree {
    levels: Vec<Vec<Digest>>,
}

impl Tree {
    /// The tree over these leaves.
    pub fn new(leaves: Vec<Digest>) -> Self {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let above = below.chunks(2).map(|pair| node(pair[0], pair.get(1).copied().unwrap_or(MISSING)));
            levels.push(above.collect());
        }
        Self { levels }
    }

    /// Number of leaves.
    pub fn count(&self) -> u64 {
        self.levels.first().map_or(0, Vec::len) as u64
    }

    /// The root.
    pub fn root(&self) -> Digest {
        root(self.count(), self.top())
    }

    /// Levels above the leaves.
    pub fn height(&self) -> u32 {
        height(self.count())
    }

    /// The node above all leaves; zeros if there are none.
    pub fn top(&self) -> Digest {
        self.node(self.height(), 0).unwrap_or(MISSING)
    }

    /// Node `number` of `level`, leaves being level 0; `None` if there is no such node.
    pub fn node(&self, level: u32, number: u64) -> Option<Digest> {
        self.levels.get(level as usize)?.get(usize::try_from(number).ok()?).copied()
    }

    /// What stands beside leaf `index` and the nodes above it, upwards; `None` if there is no such leaf.
    pub fn proof(&self, index: u64) -> Option<Vec<Digest>> {
        self.siblings(0, index)
    }

    /// What stands beside node `number` of `level` and the nodes above it, upwards; `None` if there is no such node.
    pub fn siblings(&self, level: u32, number: u64) -> Option<Vec<Digest>> {
        self.node(level, number)?;
        let beside = |up: u32| self.node(level + up, number >> up ^ 1).unwrap_or(MISSING);
        Some((0..self.height() - level).map(beside).collect())
    }
}

/// The root of the tree of `count` leaves in which `leaf` is leaf `index`, with these siblings; `None` if the position
/// or the number of siblings is none of such a tree.
pub fn root_of(count: u64, index: u64, leaf: Digest, siblings: &[Digest]) -> Option<Digest> {
    if index >= count || siblings.len() != height(count) as usize {
        return None;
    }
    let top = siblings.iter().enumerate().fold(leaf, |at, (level, &sibling)| match index >> level & 1 {
        0 => node(at, sibling),
        _ => node(sibling, at),
    });
    Some(root(count, top))
}

/// A tree of which only the root is wanted: leaves come one by one, and as many nodes are kept as it has levels.
#[derive(Clone, Debug, Default)]
pub(super) struct Growing {
    count: u64,
    /// The complete node that waits for its right sibling, by height.
    waiting: Vec<Option<Digest>>,
}

impl Growing {
    pub fn push(&mut self, leaf: Digest) {
        self.count += 1;
        let mut carried = leaf;
        for waiting in &mut self.waiting {
            match waiting.take() {
                Some(left) => carried = node(left, carried),
                None => {
                    *waiting = Some(carried);
                    return;
                }
            }
        }
        self.waiting.push(Some(carried));
    }

    pub fn root(&self) -> Digest {
        let height = height(self.count) as usize;
        let mut last: Option<Digest> = None;
        for waiting in self.waiting.iter().take(height) {
            last = match (*waiting, last) {
                (Some(left), right) => Some(node(left, right.unwrap_or(MISSING))),
                (None, Some(alone)) => Some(node(alone, MISSING)),
                (None, None) => None,
            };
        }
        let top = self.waiting.get(height).copied().flatten().or(last);
        root(self.count, top.unwrap_or(MISSING))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u64) -> Vec<Digest> {
        (0..count).map(|i| Digest::keccak(&[&i.to_be_bytes()])).collect()
    }

    #[test]
    fn every_leaf_has_one_place() {
        for count in 0..70 {
            let tree = Tree::new(leaves(count));
            let mut growing = Growing::default();
            leaves(count).into_iter().for_each(|leaf| growing.push(leaf));
            assert_eq!(growing.root(), tree.root(), "{count}");
            for index in 0..count {
                let (leaf, proof) = (leaves(count)[index as usize], tree.proof(index).unwrap());
                let root = |count, index, proof: &[Digest]| root_of(count, index, leaf, proof);
                assert_eq!(root(count, index, &proof), Some(tree.root()));
                assert_ne!(root(count, index ^ 1, &proof), Some(tree.root()));
                assert_ne!(root(count + 1, index, &proof), Some(tree.root()));
                assert_eq!(root(count, count, &proof), None);
                assert_eq!(root(count, index, &[&proof[..], &[MISSING]].concat()), None);
            }
            assert_eq!(tree.proof(count), None);
        }
    }

    /// The number of leaves is part of the root: what is missing is not zeros that somebody wrote.
    #[test]
    fn padding_is_no_leaf() {
        let roots: Vec<Digest> =
            (5..8).map(|n| Tree::new([leaves(5), vec![MISSING; n - 5]].concat()).root()).collect();
        assert!(roots[0] != roots[1] && roots[1] != roots[2] && roots[0] != roots[2]);
    }
}
