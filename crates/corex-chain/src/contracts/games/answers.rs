//! Answers as the contract reads them.
//!
//! An answer that the contract accepted must be understood here, or its author would win by the challenger's clock. The
//! contract's compiler reads calldata more freely than the ABI's specification asks for: tails may overlap, lie before
//! their heads, or behind the end, where there are zeros. So calls are read here as the EVM does it.

use super::decode::topic;
use crate::contracts::bindings::game::DisputeGame;
use alloy::{primitives::U256, sol_types::SolCall};
use corex_engine::trace::Digest;
use corex_protocol::dispute::{Answer, Inner, Question};

/// The dispute, the question and what was said; `None` if it is no answer.
pub(super) fn call(data: &[u8]) -> Option<(U256, Question, Answer)> {
    let (selector, arguments) = data.split_first_chunk::<4>()?;
    let calldata = Calldata(arguments);
    let head = |place: u64| U256::from(32 * place);
    let question = calldata.question()?;
    // Behind the dispute and the seven words of the question.
    let answer = match *selector {
        DisputeGame::answerNodesCall::SELECTOR => Answer::Nodes {
            nodes: calldata.words(U256::ZERO, head(8))?,
            siblings: calldata.words(U256::ZERO, head(9))?,
        },
        DisputeGame::answerOperatorCall::SELECTOR => Answer::Operator {
            results: calldata.words(U256::ZERO, head(8))?,
            frames: calldata.number(head(9))?,
            top: calldata.digest(head(10)),
            siblings: calldata.words(U256::ZERO, head(11))?,
        },
        DisputeGame::answerFrameCall::SELECTOR => {
            let inner = calldata.word(head(8));
            let field = |place: u64| inner.wrapping_add(head(place));
            Answer::Frame(Inner {
                parameters: calldata.words(inner, field(0))?,
                results: calldata.words(inner, field(1))?,
                operators: calldata.digest(field(2)),
                siblings: calldata.words(inner, field(3))?,
            })
        }
        DisputeGame::answerChunkCall::SELECTOR => Answer::Chunk {
            data: calldata.bytes(U256::ZERO, head(8))?,
            siblings: calldata.words(U256::ZERO, head(9))?,
        },
        DisputeGame::answerStatesCall::SELECTOR => Answer::States(calldata.bytes(U256::ZERO, head(8))?),
        _ => return None,
    };
    Some((calldata.word(U256::ZERO), question, answer))
}

/// A call without its selector.
struct Calldata<'d>(&'d [u8]);

impl Calldata<'_> {
    /// `length` bytes from `at` on, zeros behind the end.
    fn read(&self, at: U256, length: usize) -> Vec<u8> {
        let from = usize::try_from(at).map_or(self.0.len(), |at| at.min(self.0.len()));
        let to = from.saturating_add(length).min(self.0.len());
        let mut bytes = self.0[from..to].to_vec();
        bytes.resize(length, 0);
        bytes
    }

    fn word(&self, at: U256) -> U256 {
        U256::from_be_slice(&self.read(at, 32))
    }

    fn digest(&self, at: U256) -> Digest {
        Digest(self.word(at).to_be_bytes())
    }

    fn number(&self, at: U256) -> Option<u64> {
        self.word(at).try_into().ok()
    }

    /// Where the tail begins whose offset from `base` is at `at`, and how many items it has. Never more than the whole call
    /// has bytes, as the contract refuses that.
    fn tail(&self, base: U256, at: U256) -> Option<(U256, usize)> {
        let tail = base.wrapping_add(self.word(at));
        let count = usize::try_from(self.word(tail)).ok().filter(|count| *count <= self.0.len())?;
        Some((tail.wrapping_add(U256::from(32)), count))
    }

    fn words(&self, base: U256, at: U256) -> Option<Vec<Digest>> {
        let (first, count) = self.tail(base, at)?;
        let bytes = self.read(first, count.checked_mul(32).filter(|size| *size <= self.0.len())?);
        let digest = |word: &[u8]| word.try_into().ok().map(Digest);
        bytes.chunks(32).map(digest).collect()
    }

    fn bytes(&self, base: U256, at: U256) -> Option<Vec<u8>> {
        let (first, length) = self.tail(base, at)?;
        Some(self.read(first, length))
    }

    /// The question, behind the dispute.
    fn question(&self) -> Option<Question> {
        let field = |place: u64| U256::from(32 * (place + 1));
        Some(Question {
            topic: topic(self.number(field(0))?)?,
            level: self.number(field(1))?.try_into().ok()?,
            number: self.number(field(2))?,
            count: self.number(field(3))?,
            shape: self.number(field(4))?,
            root: self.digest(field(5)),
            detail: self.digest(field(6)),
        })
    }
}
