//! What the contract stores and what players show each other: `contracts/src/interfaces/IDisputeGame.sol` and
//! `DisputeTypes.sol`, field by field.

use corex_engine::trace::{Digest, frame_root, tree};
use corex_work::Address;

/// One evaluation of a function, as the accused claims it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Frame {
    /// Root of the tree over the function's encoded operators.
    pub code: Digest,
    /// Hash of the function's header.
    pub header: Digest,
    /// Hash of the list of the parameters' blob ids.
    pub parameters: Digest,
    /// Hash of the list of the results' blob ids.
    pub results: Digest,
    /// Root of the tree over the operators' leaves.
    pub operators: Digest,
    /// Number of the function's operators.
    pub count: u64,
}

/// A function of the committed program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Code {
    /// Number of the program's functions.
    pub functions: u64,
    /// Beside the function's leaf and above it in the program's tree.
    pub siblings: Vec<Digest>,
    /// The function's header (`corex_hlo::lower::encode_header`).
    pub header: Vec<u8>,
    /// Number of its operators.
    pub count: u64,
    /// The node above all of them.
    pub top: Digest,
}

/// An operator with what the accused says that it gave.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Opened {
    /// The encoded operator.
    pub op: Vec<u8>,
    /// Ids of the result blobs.
    pub results: Vec<Digest>,
    /// Number of frames of a loop or branch, else 0.
    pub frames: u64,
    /// The node above all frames.
    pub top: Digest,
}

impl Opened {
    /// The root of the tree over the frames.
    pub fn frames_root(&self) -> Digest {
        tree::root(self.frames, self.top)
    }
}

/// A frame of a loop or branch.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Inner {
    /// Blob ids of the parameters.
    pub parameters: Vec<Digest>,
    /// Blob ids of the results.
    pub results: Vec<Digest>,
    /// Root of the tree over the operators' leaves.
    pub operators: Digest,
    /// Beside the frame's root and above in the tree of the operator's frames.
    pub siblings: Vec<Digest>,
}

impl Inner {
    /// The frame's root.
    pub fn root(&self) -> Digest {
        frame_root(&self.parameters, &self.results, self.operators)
    }
}

/// Shows which blob a tensor is in the claim.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Source {
    /// For a parameter the list of the frame's parameters; for an operator's result what its leaf hashes; for a
    /// constant nothing.
    pub words: Vec<Digest>,
    /// Beside the operator's leaf and above.
    pub siblings: Vec<Digest>,
}

/// An operand of an operator, and the chunks of it that are shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shown {
    /// Position among the operator's operands.
    pub operand: u32,
    /// Which blob it is.
    pub source: Source,
    /// Parts of it.
    pub chunks: Vec<Chunk>,
}

/// 1 KiB of a blob, less at its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chunk {
    /// Which chunk.
    pub index: u64,
    /// Its bytes.
    pub data: Vec<u8>,
    /// Beside the chunk and above in the blob's BLAKE3 tree.
    pub siblings: Vec<Digest>,
}

/// What can be wrong beside a transition: a blob that must be another one, by the claims that it depends on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Fault {
    /// A result of the frame is not what its function returns there, which `source` shows; or the frame of a
    /// function without operators has a root over some.
    #[default]
    Result,
    /// The result of a reinterpretation is not its operand, which `source` shows.
    Reinterpretation,
    /// A parameter of frame `number`, `inner`, is not the operand that `source` shows, or what the frame before it,
    /// `previous`, has there.
    Parameter,
    /// Condition `number` of a loop, `inner`, ends it and is true, or does not and is not.
    Condition,
    /// A result of a loop or branch is not that of its last body or its branch, `inner`, or, without iterations, the
    /// operand that `source` shows.
    Outcome,
}

/// One fault and what shows it. What a fault does not need is left empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Accusation {
    /// What is wrong.
    pub fault: Fault,
    /// The operator that was answered.
    pub opened: Opened,
    /// Which frame of it.
    pub number: u64,
    /// The frame.
    pub inner: Inner,
    /// The frame before it.
    pub previous: Inner,
    /// Which result or parameter.
    pub position: u64,
    /// What it must be.
    pub source: Source,
    /// The header of the frame's function.
    pub header: Vec<u8>,
    /// The frame's results.
    pub results: Vec<Digest>,
}

/// What a question is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Topic {
    /// The task and the trace's root.
    Claim,
    /// Nodes below one in the tree of `count` operators.
    Operators,
    /// Results of operator `number`.
    Operator,
    /// Nodes below one in the tree of `count` frames of a loop or branch.
    Frames,
    /// Frame `number` of them.
    Frame,
    /// Nodes below one in the BLAKE3 tree of a blob of `count` bytes.
    Hashes,
    /// Chunk `number` of it.
    Chunk,
    /// Accumulators between the transitions from `number` on, `count` of them.
    States,
}

/// A question to the accused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question {
    /// What it is about.
    pub topic: Topic,
    /// Level of the node, 0 for leaves.
    pub level: u8,
    /// Which node, leaf, chunk or transition.
    pub number: u64,
    /// Leaves of the tree, bytes of the blob, transitions.
    pub count: u64,
    /// What the answer must look like.
    pub shape: u64,
    /// What the answer must prove itself against; for states the identity of the chain.
    pub root: Digest,
    /// For an operator the hash of its encoding, for states that of the hashes of both ends.
    pub detail: Digest,
}

impl Question {
    /// `keccak256(abi.encode(question))`.
    pub fn id(&self) -> Digest {
        let word = |value: u64| {
            let mut word = [0; 32];
            word[24..].copy_from_slice(&value.to_be_bytes());
            word
        };
        let numbers = [self.topic as u64, self.level.into(), self.number, self.count, self.shape].map(word);
        let words =
            [&numbers[0], &numbers[1], &numbers[2], &numbers[3], &numbers[4], &self.root.0, &self.detail.0];
        Digest::keccak(&words.map(|word| &word[..]))
    }

    pub(super) fn node(topic: Topic, level: u32, number: u64, count: u64, root: Digest) -> Self {
        // Levels are at most 64.
        Self { topic, level: level as u8, number, count, shape: 0, root, detail: Digest::default() }
    }
}

/// What the accused claims of its task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// Id of the task's program.
    pub program: Digest,
    /// Name of its function.
    pub func: String,
    /// Ids of its inputs.
    pub inputs: Vec<Digest>,
    /// Ids of its outputs.
    pub outputs: Vec<Digest>,
    /// Root of the lowered program.
    pub lowered: Digest,
    /// That these are one of the job's programs.
    pub proof: Vec<Digest>,
    /// The lowered program's last function.
    pub code: Code,
    /// Root of the tree over the operators' leaves.
    pub operators: Digest,
}

impl Claim {
    /// The evaluation that it speaks of.
    pub fn frame(&self) -> Frame {
        Frame {
            code: tree::root(self.code.count, self.code.top),
            header: Digest::keccak(&[&self.code.header]),
            parameters: Digest::of_list(&self.inputs),
            results: Digest::of_list(&self.outputs),
            operators: self.operators,
            count: self.code.count,
        }
    }
}

/// A chain of transitions in which the accused's story breaks, if the challenger is right.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Chain {
    /// Which result of the operator.
    pub result: u32,
    /// Number of accumulators.
    pub accumulators: u32,
    /// Which element of the result.
    pub element: u64,
    /// Steps of the whole chain; transition 0 begins it, `steps + 1` makes the element.
    pub steps: u64,
    /// The first transition that is still in question.
    pub first: u64,
    /// How many are; 0 if nothing was contested.
    pub count: u64,
    /// Hash of the accumulators before them.
    pub before: Digest,
    /// Hash of the accumulators behind them, or of the element.
    pub afterwards: Digest,
}

/// Who moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Turn {
    /// The game has ended.
    #[default]
    Over,
    /// The accused.
    Accused,
    /// The challenger.
    Challenger,
}

/// The state of a game, as the contract gives it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Game {
    /// Who signed the result.
    pub accused: Address,
    /// Who says that it is wrong.
    pub challenger: Address,
    /// Time that the accused had left when the turn began.
    pub accused_seconds: u64,
    /// Time that the challenger had left then.
    pub challenger_seconds: u64,
    /// When the turn began.
    pub since: u64,
    /// Moves of the challenger that did not end the game.
    pub moves: u32,
    /// Whose turn it is.
    pub turn: Turn,
    /// What the game is about: hash of job, round and leaf.
    pub subject: Digest,
    /// The question to be answered; zeros for the claim.
    pub question: Digest,
    /// Root of the lowered program.
    pub program: Digest,
    /// The evaluation that the challenger asks about.
    pub frame: Frame,
    /// The question that opened an operator of the frame, or zeros.
    pub operator: Digest,
    /// Hash of that operator's encoding.
    pub op: Digest,
    /// Whether it is a loop or branch.
    pub is_control: bool,
    /// What is contested of it.
    pub chain: Chain,
}

impl Game {
    /// The question about the accumulators inside what is contested. They are no part of the trace: an answer is a
    /// claim about this leaf, this operator and this element.
    pub fn states_question(&self) -> Question {
        let chain = &self.chain;
        let mut numbers = [0; 64];
        numbers[28..32].copy_from_slice(&chain.result.to_be_bytes());
        numbers[56..].copy_from_slice(&chain.element.to_be_bytes());
        Question {
            topic: Topic::States,
            level: 0,
            number: chain.first,
            count: chain.count,
            shape: chain.accumulators.into(),
            root: Digest::keccak(&[&self.subject.0, &self.operator.0, &numbers]),
            detail: tree::node(chain.before, chain.afterwards),
        }
    }
}

/// Words that an answer about accumulators may have.
const STATE_WORDS: u64 = 2048;
/// Parts that an answer may divide a chain into.
const MOST_PARTS: u64 = 256;

/// Parts into which an answer divides `count` transitions of a chain with so many accumulators: part `i` begins with
/// transition `count * i / parts`.
pub fn parts_of(count: u64, accumulators: u32) -> u64 {
    (STATE_WORDS / u64::from(accumulators.max(1))).clamp(2, MOST_PARTS).min(count)
}

/// Where part `part` of `parts` begins.
pub(super) fn part_start(count: u64, part: u64, parts: u64) -> u64 {
    (u128::from(count) * u128::from(part) / u128::from(parts.max(1))) as u64
}

/// Accumulators as bytes: eight each, big-endian.
pub fn pack(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}
