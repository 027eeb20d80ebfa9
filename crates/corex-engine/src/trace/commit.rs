//! What is hashed: operators, frames, programs.

use corex_hlo::lower::{Lowered, encode_header, encode_op};

use super::tree::{Tree, root_of};
use super::{Digest, Path};

/// What an operator's leaf commits to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leaf {
    /// Blob ids of the results.
    pub results: Vec<Digest>,
    /// For a loop or branch the root of the tree over the roots of its frames.
    pub frames: Option<Digest>,
}

impl Leaf {
    /// `keccak(results | frames)`.
    pub fn hash(&self) -> Digest {
        let all: Vec<Digest> = self.results.iter().copied().chain(self.frames).collect();
        Digest::of_list(&all)
    }
}

/// The root of a frame: `keccak(keccak(parameters) | keccak(results) | operators)`, the first two being lists of blob
/// ids and the last the root of the tree over the operators' leaves.
pub fn frame_root(params: &[Digest], results: &[Digest], operators: Digest) -> Digest {
    Digest::of_list(&[Digest::of_list(params), Digest::of_list(results), operators])
}

/// The tree over a program's functions, whose leaves are `keccak(keccak(header) | operators)`, the latter being the root
/// of the tree over the hashes of the encoded operators.
pub fn program_tree(program: &Lowered) -> Tree {
    let leaves = program.funcs.iter().enumerate().map(|(position, func)| {
        let header = Digest::keccak(&[&encode_header(program, func)]);
        Digest::of_list(&[header, function_tree(program, position).root()])
    });
    Tree::new(leaves.collect())
}

/// The tree over the hashes of a function's encoded operators; empty if there is no such function.
pub fn function_tree(program: &Lowered, func: usize) -> Tree {
    let ops = program.funcs.get(func).map_or(&[][..], |func| &func.ops);
    Tree::new(ops.iter().map(|op| Digest::keccak(&[&encode_op(program, op)])).collect())
}

/// The root that names a lowered program.
pub fn program_root(program: &Lowered) -> Digest {
    program_tree(program).root()
}

/// Shows that an operator's leaf lies in a trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// From the task's frame inwards.
    pub levels: Vec<Level>,
}

/// One frame on the way to an operator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Level {
    /// Blob ids of the frame's parameters.
    pub params: Vec<Digest>,
    /// Blob ids of its results.
    pub results: Vec<Digest>,
    /// Number of its operators.
    pub operators: u64,
    /// The operator that the path goes through.
    pub op: u64,
    /// Its leaf.
    pub leaf: Leaf,
    /// What stands beside the leaf and above.
    pub siblings: Vec<Digest>,
    /// Where the next level stands among the frames of the operator; none at the end.
    pub frame: Option<FrameProof>,
}

/// Shows that a frame is one of an operator's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrameProof {
    /// Which frame.
    pub index: u64,
    /// How many there are.
    pub count: u64,
    /// What stands beside the frame's root and above.
    pub siblings: Vec<Digest>,
}

impl Proof {
    /// The root of the trace in which the operator's leaf is this; `None` if the parts do not fit together.
    pub fn root(&self) -> Option<Digest> {
        let mut inner: Option<Digest> = None;
        for level in self.levels.iter().rev() {
            match (&level.frame, inner) {
                (None, None) => {}
                (Some(frame), Some(root)) => {
                    let frames = root_of(frame.count, frame.index, root, &frame.siblings)?;
                    if level.leaf.frames != Some(frames) {
                        return None;
                    }
                }
                _ => return None,
            }
            let operators = root_of(level.operators, level.op, level.leaf.hash(), &level.siblings)?;
            inner = Some(frame_root(&level.params, &level.results, operators));
        }
        inner
    }

    /// The operator's place.
    pub fn path(&self) -> Option<Path> {
        let (last, outer) = self.levels.split_last()?;
        let frames =
            outer.iter().map(|level| Some((usize::try_from(level.op).ok()?, level.frame.as_ref()?.index)));
        Some(Path { frames: frames.collect::<Option<_>>()?, op: usize::try_from(last.op).ok()? })
    }

    /// The operator's leaf.
    pub fn leaf(&self) -> Option<&Leaf> {
        self.levels.last().map(|level| &level.leaf)
    }
}
