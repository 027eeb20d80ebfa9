//! What the contract stores, announces and was called with, as the players know it. Calls come from anybody: what
//! cannot be read is `None`.

use super::answers;
use crate::{
    contracts::bindings::game::{self as sol, DisputeGame},
    convert::from_sol,
};
use alloy::{
    primitives::{B256, U256},
    sol_types::SolInterface,
};
use corex_engine::trace::Digest;
use corex_protocol::dispute::{
    Accusation, Chain, Chunk, Claim, Code, Fault, Frame, Game, Inner, Move, Opened, Question, Shown, Source,
    Topic, Turn,
};

/// The dispute and the move of a call; `None` for calls that are no moves.
pub(super) fn call(data: &[u8]) -> Option<(U256, Move)> {
    use DisputeGame::DisputeGameCalls as C;
    if let Some(answered) = answers::call(data) {
        let (dispute, question, answer) = answered;
        return Some((dispute, Move::Answer(question, answer)));
    }
    Some(match C::abi_decode(data).ok()? {
        C::claim(c) => (c.dispute, Move::Claim(Box::new(claim(c.claim_)))),
        C::askOperators(c) => (c.dispute, Move::AskOperators { level: c.level, number: c.number }),
        C::askOperator(c) => {
            let (op, siblings) = (c.op.to_vec(), digests(c.siblings));
            (c.dispute, Move::AskOperator { place: c.place, op, siblings })
        }
        C::askFrames(c) => {
            (c.dispute, Move::AskFrames { opened: opened(c.opened), level: c.level, number: c.number })
        }
        C::askFrame(c) => (c.dispute, Move::AskFrame { opened: opened(c.opened), number: c.number }),
        C::askBlob(c) => {
            let (opened, result) = (opened(c.opened), c.result);
            (c.dispute, Move::AskBlob { opened, result, level: c.level, number: c.number })
        }
        C::contest(c) => {
            let (opened, result, element) = (opened(c.opened), c.result, c.element);
            (c.dispute, Move::Contest { opened, result, element, chunk: c.chunk.to_vec() })
        }
        C::narrow(c) => (c.dispute, Move::Narrow { part: c.part, states: c.states.to_vec() }),
        C::enter(c) => {
            let (opened, inner, index) = (opened(c.opened), inner(c.inner), shown(c.index));
            let code = Box::new(code(c.code));
            (c.dispute, Move::Enter { opened, number: c.number, inner, code, index })
        }
        C::prove(c) => {
            let shown = c.shown.into_iter().map(shown).collect();
            (c.dispute, Move::Prove { op: c.op.to_vec(), before: c.before.to_vec(), shown })
        }
        C::accuse(c) => (c.dispute, Move::Accuse(Box::new(accusation(c.accusation)?))),
        C::proceed(c) => (c.dispute, Move::Proceed),
        C::timeout(c) => (c.dispute, Move::Timeout),
        C::dismiss(c) => (c.dispute, Move::Dismiss),
        _ => return None,
    })
}

/// The state of a game; `None` if there is none.
pub(super) fn game(g: sol::Game) -> Option<Game> {
    let is_there = !g.subject.is_zero();
    is_there.then(|| Game {
        accused: from_sol(g.accused),
        challenger: from_sol(g.challenger),
        accused_seconds: g.accusedSeconds,
        challenger_seconds: g.challengerSeconds,
        since: g.since,
        moves: g.moves,
        turn: match g.turn {
            sol::Turn::Accused => Turn::Accused,
            sol::Turn::Challenger => Turn::Challenger,
            _ => Turn::Over,
        },
        subject: digest(g.subject),
        question: digest(g.question),
        program: digest(g.program),
        frame: frame(&g.frame),
        operator: digest(g.operator),
        op: digest(g.op),
        is_control: g.isControl,
        chain: chain(&g.chain),
    })
}

pub(super) fn frame(f: &sol::Frame) -> Frame {
    Frame {
        code: digest(f.code),
        header: digest(f.header),
        parameters: digest(f.parameters),
        results: digest(f.results),
        operators: digest(f.operators),
        count: f.count,
    }
}

pub(super) fn chain(c: &sol::Chain) -> Chain {
    Chain {
        result: c.result,
        accumulators: c.accumulators,
        element: c.element,
        steps: c.steps,
        first: c.first,
        count: c.count,
        before: digest(c.before),
        afterwards: digest(c.afterwards),
    }
}

pub(super) fn claim(c: sol::Claim) -> Claim {
    Claim {
        program: digest(c.program),
        func: c.func,
        inputs: digests(c.inputs),
        outputs: digests(c.outputs),
        lowered: digest(c.lowered),
        proof: digests(c.proof),
        code: code(c.code),
        operators: digest(c.operators),
    }
}

pub(super) fn question(q: &sol::Question) -> Option<Question> {
    Some(Question {
        topic: topic(q.topic as u64)?,
        level: q.level,
        number: q.number,
        count: q.count,
        shape: q.shape,
        root: digest(q.root),
        detail: digest(q.detail),
    })
}

pub(super) fn topic(number: u64) -> Option<Topic> {
    const TOPICS: [Topic; 8] = [
        Topic::Claim,
        Topic::Operators,
        Topic::Operator,
        Topic::Frames,
        Topic::Frame,
        Topic::Hashes,
        Topic::Chunk,
        Topic::States,
    ];
    TOPICS.get(usize::try_from(number).ok()?).copied()
}

pub(super) fn digest(word: B256) -> Digest {
    Digest(word.0)
}

fn digests(words: Vec<B256>) -> Vec<Digest> {
    words.into_iter().map(digest).collect()
}

fn code(c: sol::Code) -> Code {
    Code {
        functions: c.functions,
        siblings: digests(c.siblings),
        header: c.header.to_vec(),
        count: c.count,
        top: digest(c.top),
    }
}

fn opened(o: sol::Opened) -> Opened {
    Opened { op: o.op.to_vec(), results: digests(o.results), frames: o.frames, top: digest(o.top) }
}

fn inner(i: sol::Inner) -> Inner {
    Inner {
        parameters: digests(i.parameters),
        results: digests(i.results),
        operators: digest(i.operators),
        siblings: digests(i.siblings),
    }
}

fn source(s: sol::Source) -> Source {
    Source { words: digests(s.words), siblings: digests(s.siblings) }
}

fn shown(s: sol::Shown) -> Shown {
    let chunk =
        |c: sol::Chunk| Chunk { index: c.index, data: c.data.to_vec(), siblings: digests(c.siblings) };
    Shown { operand: s.operand, source: source(s.source), chunks: s.chunks.into_iter().map(chunk).collect() }
}

fn accusation(a: sol::Accusation) -> Option<Accusation> {
    Some(Accusation {
        fault: match a.fault {
            sol::Fault::Result => Fault::Result,
            sol::Fault::Reinterpretation => Fault::Reinterpretation,
            sol::Fault::Parameter => Fault::Parameter,
            sol::Fault::Condition => Fault::Condition,
            sol::Fault::Outcome => Fault::Outcome,
            _ => return None,
        },
        opened: opened(a.opened),
        number: a.number,
        inner: inner(a.inner),
        previous: inner(a.previous),
        position: a.position.try_into().ok()?,
        source: source(a.source),
        header: a.header.to_vec(),
        results: digests(a.results),
    })
}
