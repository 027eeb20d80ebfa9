//! Finding the first difference between one's own tree and one that is shown piece by piece.

use corex_engine::trace::{Digest, Tree, tree};

/// Levels of nodes that one answer shows: 2^7 = 128 nodes.
pub const SPAN: u32 = 7;

/// What is to be done to find the first leaf that differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Search {
    /// Ask for the nodes below this one.
    Ask { level: u32, number: u64 },
    /// It is this leaf.
    Leaf(u64),
    /// The nodes shown are one's own.
    Same,
}

/// Goes down from a top that differs. `shown` gives the nodes that were shown below a node, `own` whether a node is
/// known to be as shown.
pub(super) fn search<'a>(
    height: u32,
    shown: impl Fn(u32, u64) -> Option<&'a [Digest]>,
    own: impl Fn(u32, u64) -> Option<Digest>,
) -> Search {
    let (mut level, mut number) = (height, 0);
    while level > 0 {
        let Some(nodes) = shown(level, number) else { return Search::Ask { level, number } };
        let span = level.min(SPAN);
        let first = number << span;
        let differs = (first..).zip(nodes).find(|&(at, &node)| own(level - span, at) != Some(node));
        let Some((at, _)) = differs else { return Search::Same };
        (level, number) = (level - span, at);
    }
    Search::Leaf(number)
}

/// A tree of the accused of which a leaf and all before it are known: enough to show any of these.
pub(super) struct Known {
    before: Tree,
    last: u64,
    /// The nodes from the last known leaf upwards, and what stands beside them.
    way: Vec<(Digest, Digest)>,
}

impl Known {
    /// `before` are the leaves before the one with these siblings.
    pub(super) fn new(before: Vec<Digest>, leaf: Digest, siblings: &[Digest]) -> Self {
        let last = before.len() as u64;
        let (mut node, mut way) = (leaf, Vec::with_capacity(siblings.len()));
        for (level, &sibling) in siblings.iter().enumerate() {
            way.push((node, sibling));
            node = match last >> level & 1 {
                0 => tree::node(node, sibling),
                _ => tree::node(sibling, node),
            };
        }
        Self { before: Tree::new(before), last, way }
    }

    /// What stands beside a leaf and the nodes above it; `None` behind the last known one.
    pub(super) fn siblings(&self, leaf: u64) -> Option<Vec<Digest>> {
        if leaf > self.last {
            return None;
        }
        let beside = |(level, &(node, sibling)): (u32, &(Digest, Digest))| {
            let (at, way) = (leaf >> level, self.last >> level);
            if at == way {
                Some(sibling)
            } else if at ^ 1 == way {
                Some(node)
            } else {
                // Left of the way, so all of its leaves are known.
                self.before.node(level, at ^ 1)
            }
        };
        (0..).zip(&self.way).map(beside).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u64) -> Vec<Digest> {
        (0..count).map(|i| Digest::keccak(&[&i.to_be_bytes()])).collect()
    }

    #[test]
    fn what_is_known_can_be_shown() {
        for count in 1..40 {
            let tree = Tree::new(leaves(count));
            for last in 0..count {
                let all = leaves(count);
                let siblings = tree.proof(last).unwrap();
                let known = Known::new(all[..last as usize].to_vec(), all[last as usize], &siblings);
                for leaf in 0..=last {
                    assert_eq!(known.siblings(leaf), tree.proof(leaf), "{leaf} of {last} of {count}");
                }
                assert_eq!(known.siblings(last + 1), None);
            }
        }
    }

    #[test]
    fn the_first_difference_is_found() {
        for count in [1, 2, 100, 128, 129, 300, 20_000] {
            let own = Tree::new(leaves(count));
            for wrong in [0, count / 2, count - 1] {
                let mut theirs = leaves(count);
                theirs[wrong as usize].0[0] ^= 1;
                theirs.last_mut().unwrap().0[5] ^= 1;
                let theirs = Tree::new(theirs);
                let mut answers = std::collections::HashMap::new();
                let found = loop {
                    let shown =
                        |level, number| answers.get(&(level, number)).map(|nodes: &Vec<Digest>| &nodes[..]);
                    match search(own.height(), shown, |level, number| own.node(level, number)) {
                        Search::Ask { level, number } => {
                            let span = level.min(SPAN);
                            let below = (number << span..(number + 1) << span)
                                .map_while(|at| theirs.node(level - span, at));
                            assert!(answers.insert((level, number), below.collect()).is_none());
                        }
                        found => break found,
                    }
                };
                assert_eq!(found, Search::Leaf(wrong), "{count}");
                assert_eq!(answers.len() as u32, own.height().div_ceil(SPAN));
            }
        }
    }
}
