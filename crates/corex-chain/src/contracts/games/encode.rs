//! Moves as calls of the contract.

use crate::contracts::bindings::game::{self as sol, DisputeGame};
use alloy::{
    primitives::{B256, U256},
    sol_types::SolCall,
};
use corex_engine::trace::Digest;
use corex_protocol::dispute::{
    Accusation, Answer, Claim, Code, Fault, Inner, Move, Opened, Question, Shown, Source, Topic,
};

/// The function's name and the call.
pub(super) fn call(dispute: u64, play: &Move) -> (&'static str, Vec<u8>) {
    let dispute = U256::from(dispute);
    match play {
        Move::Claim(c) => named(DisputeGame::claimCall { dispute, claim_: claim(c) }),
        Move::Answer(q, answer) => answered(dispute, question(q), answer),
        &Move::AskOperators { level, number } => {
            named(DisputeGame::askOperatorsCall { dispute, level, number })
        }
        Move::AskOperator { place, op, siblings } => named(DisputeGame::askOperatorCall {
            dispute,
            place: *place,
            op: op.clone().into(),
            siblings: words(siblings),
        }),
        Move::AskFrames { opened: o, level, number } => {
            named(DisputeGame::askFramesCall { dispute, opened: opened(o), level: *level, number: *number })
        }
        Move::AskFrame { opened: o, number } => {
            named(DisputeGame::askFrameCall { dispute, opened: opened(o), number: *number })
        }
        Move::AskBlob { opened: o, result, level, number } => named(DisputeGame::askBlobCall {
            dispute,
            opened: opened(o),
            result: *result,
            level: *level,
            number: *number,
        }),
        Move::Contest { opened: o, result, element, chunk } => named(DisputeGame::contestCall {
            dispute,
            opened: opened(o),
            result: *result,
            element: *element,
            chunk: chunk.clone().into(),
        }),
        Move::Narrow { part, states } => {
            named(DisputeGame::narrowCall { dispute, part: *part, states: states.clone().into() })
        }
        Move::Enter { opened: o, number, inner: i, code: c, index } => named(DisputeGame::enterCall {
            dispute,
            opened: opened(o),
            number: *number,
            inner: inner(i),
            code: code(c),
            index: shown(index),
        }),
        Move::Prove { op, before, shown: list } => named(DisputeGame::proveCall {
            dispute,
            op: op.clone().into(),
            before: before.clone().into(),
            shown: list.iter().map(shown).collect(),
        }),
        Move::Accuse(a) => named(DisputeGame::accuseCall { dispute, accusation: accusation(a) }),
        Move::Proceed => named(DisputeGame::proceedCall { dispute }),
        Move::Timeout => named(DisputeGame::timeoutCall { dispute }),
        Move::Dismiss => named(DisputeGame::dismissCall { dispute }),
    }
}

fn named<C: SolCall>(call: C) -> (&'static str, Vec<u8>) {
    let name = C::SIGNATURE.split('(').next().unwrap_or(C::SIGNATURE);
    (name, call.abi_encode())
}

fn answered(dispute: U256, question: sol::Question, answer: &Answer) -> (&'static str, Vec<u8>) {
    match answer {
        Answer::Nodes { nodes, siblings } => named(DisputeGame::answerNodesCall {
            dispute,
            question,
            nodes: words(nodes),
            siblings: words(siblings),
        }),
        Answer::Operator { results, frames, top, siblings } => named(DisputeGame::answerOperatorCall {
            dispute,
            question,
            results: words(results),
            frames: *frames,
            top: word(*top),
            siblings: words(siblings),
        }),
        Answer::Frame(frame) => {
            named(DisputeGame::answerFrameCall { dispute, question, inner: inner(frame) })
        }
        Answer::Chunk { data, siblings } => named(DisputeGame::answerChunkCall {
            dispute,
            question,
            data: data.clone().into(),
            siblings: words(siblings),
        }),
        Answer::States(states) => {
            named(DisputeGame::answerStatesCall { dispute, question, states: states.clone().into() })
        }
    }
}

pub(super) fn word(digest: Digest) -> B256 {
    B256::from(digest.0)
}

fn words(digests: &[Digest]) -> Vec<B256> {
    digests.iter().copied().map(word).collect()
}

fn claim(c: &Claim) -> sol::Claim {
    sol::Claim {
        program: word(c.program),
        func: c.func.clone(),
        inputs: words(&c.inputs),
        outputs: words(&c.outputs),
        lowered: word(c.lowered),
        proof: words(&c.proof),
        code: code(&c.code),
        operators: word(c.operators),
    }
}

fn question(q: &Question) -> sol::Question {
    sol::Question {
        topic: match q.topic {
            Topic::Claim => sol::Topic::Claim,
            Topic::Operators => sol::Topic::Operators,
            Topic::Operator => sol::Topic::Operator,
            Topic::Frames => sol::Topic::Frames,
            Topic::Frame => sol::Topic::Frame,
            Topic::Hashes => sol::Topic::Hashes,
            Topic::Chunk => sol::Topic::Chunk,
            Topic::States => sol::Topic::States,
        },
        level: q.level,
        number: q.number,
        count: q.count,
        shape: q.shape,
        root: word(q.root),
        detail: word(q.detail),
    }
}

fn code(c: &Code) -> sol::Code {
    sol::Code {
        functions: c.functions,
        siblings: words(&c.siblings),
        header: c.header.clone().into(),
        count: c.count,
        top: word(c.top),
    }
}

fn opened(o: &Opened) -> sol::Opened {
    sol::Opened { op: o.op.clone().into(), results: words(&o.results), frames: o.frames, top: word(o.top) }
}

fn inner(i: &Inner) -> sol::Inner {
    sol::Inner {
        parameters: words(&i.parameters),
        results: words(&i.results),
        operators: word(i.operators),
        siblings: words(&i.siblings),
    }
}

fn source(s: &Source) -> sol::Source {
    sol::Source { words: words(&s.words), siblings: words(&s.siblings) }
}

fn shown(s: &Shown) -> sol::Shown {
    let chunks = s.chunks.iter().map(|chunk| sol::Chunk {
        index: chunk.index,
        data: chunk.data.clone().into(),
        siblings: words(&chunk.siblings),
    });
    sol::Shown { operand: s.operand, source: source(&s.source), chunks: chunks.collect() }
}

fn accusation(a: &Accusation) -> sol::Accusation {
    sol::Accusation {
        fault: match a.fault {
            Fault::Result => sol::Fault::Result,
            Fault::Reinterpretation => sol::Fault::Reinterpretation,
            Fault::Parameter => sol::Fault::Parameter,
            Fault::Condition => sol::Fault::Condition,
            Fault::Outcome => sol::Fault::Outcome,
        },
        opened: opened(&a.opened),
        number: a.number,
        inner: inner(&a.inner),
        previous: inner(&a.previous),
        position: U256::from(a.position),
        source: source(&a.source),
        header: a.header.clone().into(),
        results: words(&a.results),
    }
}
