//! What a player can do: calls of the contract, as data.

use corex_engine::trace::Digest;

use super::types::{Accusation, Claim, Code, Inner, Opened, Question, Shown};

/// A call of `IDisputeGame`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Move {
    /// The accused's first answer.
    Claim(Box<Claim>),
    /// The answer to a question.
    Answer(Question, Answer),
    /// Asks for nodes of the tree over the frame's operators.
    AskOperators {
        /// Level of the node above them.
        level: u8,
        /// Which node of the level.
        number: u64,
    },
    /// Asks what an operator gave.
    AskOperator {
        /// Position in the frame.
        place: u64,
        /// The encoded operator.
        op: Vec<u8>,
        /// Beside it and above in the tree of the function's operators.
        siblings: Vec<Digest>,
    },
    /// Asks for nodes of the tree over a loop's frames.
    AskFrames {
        /// The loop.
        opened: Opened,
        /// Level of the node above them.
        level: u8,
        /// Which node of the level.
        number: u64,
    },
    /// Asks for a frame of a loop or branch.
    AskFrame {
        /// The loop or branch.
        opened: Opened,
        /// Which frame.
        number: u64,
    },
    /// Asks for nodes of the BLAKE3 tree of a result or, at level 0, for a chunk of it.
    AskBlob {
        /// The operator.
        opened: Opened,
        /// Which result.
        result: u32,
        /// Level of the node above the nodes.
        level: u8,
        /// Which node of the level, or which chunk.
        number: u64,
    },
    /// Points at an element of a chunk that was answered.
    Contest {
        /// The operator.
        opened: Opened,
        /// Which result.
        result: u32,
        /// Which element.
        element: u64,
        /// The chunk that it lies in, as answered.
        chunk: Vec<u8>,
    },
    /// Picks one of the parts between accumulators that were answered.
    Narrow {
        /// Which part.
        part: u64,
        /// The answer.
        states: Vec<u8>,
    },
    /// Goes on in a frame of a loop or branch.
    Enter {
        /// The loop or branch.
        opened: Opened,
        /// Which frame.
        number: u64,
        /// The frame.
        inner: Inner,
        /// The function that it evaluates.
        code: Box<Code>,
        /// For a branch its operand 0, else nothing.
        index: Shown,
    },
    /// Has the one transition left executed.
    Prove {
        /// The encoded operator.
        op: Vec<u8>,
        /// Accumulators before it.
        before: Vec<u8>,
        /// What it reads.
        shown: Vec<Shown>,
    },
    /// Shows a fault of the frame, or of an operator that was answered.
    Accuse(Box<Accusation>),
    /// The game goes on: what it waits for was answered in another one.
    Proceed,
    /// The other side's clock has run out.
    Timeout,
    /// The leaf was convicted by another game.
    Dismiss,
}

/// What the accused says to a question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// `answerNodes`.
    Nodes {
        /// All nodes some levels below the one asked for.
        nodes: Vec<Digest>,
        /// Beside the node asked for and above; in a blob's tree where there is anything.
        siblings: Vec<Digest>,
    },
    /// `answerOperator`.
    Operator {
        /// Ids of the operator's results.
        results: Vec<Digest>,
        /// Number of frames of a loop or branch, else 0.
        frames: u64,
        /// The node above all frames.
        top: Digest,
        /// Beside the operator's leaf and above.
        siblings: Vec<Digest>,
    },
    /// `answerFrame`.
    Frame(Inner),
    /// `answerChunk`.
    Chunk {
        /// The bytes.
        data: Vec<u8>,
        /// Beside the chunk and above.
        siblings: Vec<Digest>,
    },
    /// `answerStates`: accumulators at the boundaries of the parts, eight bytes each, big-endian.
    States(Vec<u8>),
}

/// What a player does now.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and most are moves")]
pub enum Next {
    /// This.
    Move(Move),
    /// Nothing: it is the other side's turn, or the game has ended.
    Wait,
    /// Nothing: the accused's claims are those of an honest evaluation, so there is nothing to show.
    Concede,
}
