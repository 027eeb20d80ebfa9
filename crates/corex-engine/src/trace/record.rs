//! What a trace commits to, written down: every hash needed to show any place of it.

use super::commit::{Leaf, frame_root};
use super::tree::Tree;
use super::{Digest, Path};

/// One evaluation of a function, with everything that it evaluated inside. About a hundred bytes per operator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// The function's position in the program.
    pub func: usize,
    /// Blob ids of its parameters.
    pub params: Vec<Digest>,
    /// Blob ids of its results.
    pub results: Vec<Digest>,
    /// What its operators gave, in order.
    pub operators: Vec<Recorded>,
}

/// What an operator gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded {
    /// What its leaf commits to.
    pub leaf: Leaf,
    /// Frames of a loop or branch, in order; none for other operators.
    pub frames: Vec<Record>,
    /// For a branch the bytes of the operand that chose it.
    pub index: Vec<u8>,
}

impl Record {
    /// The tree over the operators' leaves.
    pub fn tree(&self) -> Tree {
        Tree::new(self.operators.iter().map(|operator| operator.leaf.hash()).collect())
    }

    /// The root of the frame; of a task's function it is the trace's.
    pub fn root(&self) -> Digest {
        frame_root(&self.params, &self.results, self.tree().root())
    }

    /// The frame that is reached by loops and branches with the number of one of their frames each; itself without
    /// any.
    pub fn frame(&self, frames: &[(usize, u64)]) -> Option<&Self> {
        frames
            .iter()
            .try_fold(self, |at, &(op, frame)| at.operators.get(op)?.frames.get(usize::try_from(frame).ok()?))
    }

    /// What the operator at `path` gave.
    pub fn operator(&self, path: &Path) -> Option<&Recorded> {
        self.frame(&path.frames)?.operators.get(path.op)
    }
}

impl Recorded {
    /// The tree over the roots of the frames.
    pub fn tree(&self) -> Tree {
        Tree::new(self.frames.iter().map(Record::root).collect())
    }

    /// Bytes that it occupies, without its frames' operators, which count themselves.
    pub(super) fn bytes(&self) -> u64 {
        let words = self.leaf.results.len()
            + self.frames.iter().map(|frame| frame.params.len() + frame.results.len()).sum::<usize>();
        let sizes = words * size_of::<Digest>() + self.frames.len() * size_of::<Record>() + size_of::<Self>();
        sizes as u64
    }
}
