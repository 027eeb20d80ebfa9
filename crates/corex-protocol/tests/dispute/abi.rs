//! Calls of `IDisputeGame` as bytes.

use corex_engine::trace::Digest;
use corex_protocol::dispute::*;

/// A value as Solidity's ABI sees it.
enum Abi {
    Word([u8; 32]),
    Bytes(Vec<u8>),
    Array(Vec<Abi>),
    Tuple(Vec<Abi>),
}

impl Abi {
    fn is_dynamic(&self) -> bool {
        match self {
            Abi::Word(_) => false,
            Abi::Bytes(_) | Abi::Array(_) => true,
            Abi::Tuple(parts) => parts.iter().any(Abi::is_dynamic),
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Abi::Word(word) => word.to_vec(),
            Abi::Bytes(bytes) => {
                let mut out = word(bytes.len() as u64).to_vec();
                out.extend(bytes);
                out.resize(32 + bytes.len().div_ceil(32) * 32, 0);
                out
            }
            Abi::Array(items) => [&word(items.len() as u64)[..], &sequence(items)].concat(),
            Abi::Tuple(parts) => sequence(parts),
        }
    }
}

/// Heads, then tails.
fn sequence(parts: &[Abi]) -> Vec<u8> {
    let encoded: Vec<Vec<u8>> = parts.iter().map(Abi::encode).collect();
    let size = |(part, bytes): (&Abi, &Vec<u8>)| if part.is_dynamic() { 32 } else { bytes.len() };
    let mut offset: usize = parts.iter().zip(&encoded).map(size).sum();
    let (mut heads, mut tails) = (Vec::new(), Vec::new());
    for (part, bytes) in parts.iter().zip(encoded) {
        if part.is_dynamic() {
            heads.extend(word(offset as u64));
            offset += bytes.len();
            tails.extend(bytes);
        } else {
            heads.extend(bytes);
        }
    }
    [heads, tails].concat()
}

fn word(value: u64) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&value.to_be_bytes());
    word
}

fn uint(value: impl Into<u64>) -> Abi {
    Abi::Word(word(value.into()))
}

fn digest(digest: &Digest) -> Abi {
    Abi::Word(digest.0)
}

fn digests(list: &[Digest]) -> Abi {
    Abi::Array(list.iter().map(digest).collect())
}

fn bytes(bytes: &[u8]) -> Abi {
    Abi::Bytes(bytes.to_vec())
}

fn question(q: &Question) -> Abi {
    let topic = q.topic as u64;
    let words = [
        uint(topic),
        uint(q.level),
        uint(q.number),
        uint(q.count),
        uint(q.shape),
        digest(&q.root),
        digest(&q.detail),
    ];
    Abi::Tuple(words.into())
}

fn code(c: &Code) -> Abi {
    Abi::Tuple(vec![uint(c.functions), digests(&c.siblings), bytes(&c.header), uint(c.count), digest(&c.top)])
}

fn opened(o: &Opened) -> Abi {
    Abi::Tuple(vec![bytes(&o.op), digests(&o.results), uint(o.frames), digest(&o.top)])
}

fn inner(i: &Inner) -> Abi {
    Abi::Tuple(vec![digests(&i.parameters), digests(&i.results), digest(&i.operators), digests(&i.siblings)])
}

fn source(s: &Source) -> Abi {
    Abi::Tuple(vec![digests(&s.words), digests(&s.siblings)])
}

fn shown(s: &Shown) -> Abi {
    let chunk = |c: &Chunk| Abi::Tuple(vec![uint(c.index), bytes(&c.data), digests(&c.siblings)]);
    Abi::Tuple(vec![uint(s.operand), source(&s.source), Abi::Array(s.chunks.iter().map(chunk).collect())])
}

const QUESTION: &str = "(uint8,uint8,uint64,uint64,uint64,bytes32,bytes32)";
const CODE: &str = "(uint64,bytes32[],bytes,uint64,bytes32)";
const OPENED: &str = "(bytes,bytes32[],uint64,bytes32)";
const INNER: &str = "(bytes32[],bytes32[],bytes32,bytes32[])";
const SOURCE: &str = "(bytes32[],bytes32[])";
const SHOWN: &str = "(uint32,(bytes32[],bytes32[]),(uint64,bytes,bytes32[])[])";

/// The function's name and the call's data.
pub fn call(dispute: u64, play: &Move) -> (String, Vec<u8>) {
    let (name, types, args): (&str, String, Vec<Abi>) = match play {
        Move::Claim(c) => {
            let claim = vec![
                digest(&c.program),
                bytes(c.func.as_bytes()),
                digests(&c.inputs),
                digests(&c.outputs),
                digest(&c.lowered),
                digests(&c.proof),
                code(&c.code),
                digest(&c.operators),
            ];
            let types = format!("(bytes32,string,bytes32[],bytes32[],bytes32,bytes32[],{CODE},bytes32)");
            ("claim", types, vec![Abi::Tuple(claim)])
        }
        Move::Answer(q, answer) => {
            let (name, types, mut args) = match answer {
                Answer::Nodes { nodes, siblings } => (
                    "answerNodes",
                    ",bytes32[],bytes32[]".to_owned(),
                    vec![digests(nodes), digests(siblings)],
                ),
                Answer::Operator { results, frames, top, siblings } => (
                    "answerOperator",
                    ",bytes32[],uint64,bytes32,bytes32[]".to_owned(),
                    vec![digests(results), uint(*frames), digest(top), digests(siblings)],
                ),
                Answer::Frame(frame) => ("answerFrame", format!(",{INNER}"), vec![inner(frame)]),
                Answer::Chunk { data, siblings } => {
                    ("answerChunk", ",bytes,bytes32[]".to_owned(), vec![bytes(data), digests(siblings)])
                }
                Answer::States(states) => ("answerStates", ",bytes".to_owned(), vec![bytes(states)]),
            };
            args.insert(0, question(q));
            (name, format!("{QUESTION}{types}"), args)
        }
        Move::AskOperators { level, number } => {
            ("askOperators", "uint8,uint64".into(), vec![uint(*level), uint(*number)])
        }
        Move::AskOperator { place, op, siblings } => {
            ("askOperator", "uint64,bytes,bytes32[]".into(), vec![uint(*place), bytes(op), digests(siblings)])
        }
        Move::AskFrames { opened: o, level, number } => {
            ("askFrames", format!("{OPENED},uint8,uint64"), vec![opened(o), uint(*level), uint(*number)])
        }
        Move::AskFrame { opened: o, number } => {
            ("askFrame", format!("{OPENED},uint64"), vec![opened(o), uint(*number)])
        }
        Move::AskBlob { opened: o, result, level, number } => (
            "askBlob",
            format!("{OPENED},uint32,uint8,uint64"),
            vec![opened(o), uint(*result), uint(*level), uint(*number)],
        ),
        Move::Contest { opened: o, result, element, chunk } => (
            "contest",
            format!("{OPENED},uint32,uint64,bytes"),
            vec![opened(o), uint(*result), uint(*element), bytes(chunk)],
        ),
        Move::Narrow { part, states } => ("narrow", "uint64,bytes".into(), vec![uint(*part), bytes(states)]),
        Move::Enter { opened: o, number, inner: i, code: c, index } => (
            "enter",
            format!("{OPENED},uint64,{INNER},{CODE},{SHOWN}"),
            vec![opened(o), uint(*number), inner(i), code(c), shown(index)],
        ),
        Move::Prove { op, before, shown: list } => (
            "prove",
            format!("bytes,bytes,{SHOWN}[]"),
            vec![bytes(op), bytes(before), Abi::Array(list.iter().map(shown).collect())],
        ),
        Move::Accuse(a) => {
            let parts = vec![
                uint(a.fault as u64),
                opened(&a.opened),
                uint(a.number),
                inner(&a.inner),
                inner(&a.previous),
                uint(a.position),
                source(&a.source),
                bytes(&a.header),
                digests(&a.results),
            ];
            let types = format!("(uint8,{OPENED},uint64,{INNER},{INNER},uint256,{SOURCE},bytes,bytes32[])");
            ("accuse", types, vec![Abi::Tuple(parts)])
        }
        Move::Proceed => ("proceed", String::new(), Vec::new()),
        Move::Timeout => ("timeout", String::new(), Vec::new()),
        Move::Dismiss => ("dismiss", String::new(), Vec::new()),
    };
    let comma = if types.is_empty() { "" } else { "," };
    let selector = Digest::keccak(&[format!("{name}(uint256{comma}{types})").as_bytes()]);
    let mut all = vec![uint(dispute)];
    all.extend(args);
    (name.to_owned(), [&selector.0[..4], &sequence(&all)].concat())
}
