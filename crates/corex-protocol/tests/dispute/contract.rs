//! The contract in plain Rust: checks what `contracts/src/dispute` checks, and nothing else.

use std::collections::HashMap;

use corex_engine::referee;
use corex_engine::trace::{CHUNK, Digest, blob, frame_root, program_root, root_of, tree};
use corex_hlo::lower::{Kind, Lowered, LoweredOp, Operand, Source as From, encode_header, encode_op};
use corex_protocol::dispute::*;
use corex_work::{Address, BlobId, Leaf, Task, outputs_hash};

pub type Checked<T> = Result<T, String>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ruling {
    Guilty,
    Innocent,
}

pub const CLOCK: u64 = 1000;
pub const MAX_MOVES: u32 = 96;

/// What is known of a leaf, and what games about it share.
#[derive(Clone, Default)]
struct Subject {
    task: Digest,
    outputs: Digest,
    claimed: Option<(Digest, Frame)>,
}

pub struct Contract {
    pub now: u64,
    pub games: Vec<Game>,
    pub rulings: Vec<Option<Ruling>>,
    /// Events, each with its game and its subject.
    pub events: Vec<(usize, Digest, Event)>,
    subjects: HashMap<Digest, Subject>,
    answers: HashMap<Digest, Digest>,
    /// The operators that bytes may decode to.
    program: Lowered,
    ops: HashMap<Digest, LoweredOp>,
}

fn same<T: PartialEq>(given: T, expected: T, what: &str) -> Checked<()> {
    if given == expected { Ok(()) } else { Err(format!("mismatch: {what}")) }
}

fn some<T>(found: Option<T>, what: &str) -> Checked<T> {
    found.ok_or_else(|| what.to_owned())
}

fn chunks(size: u64) -> u64 {
    size.div_ceil(CHUNK as u64).max(1)
}

/// The root of a tree in which `node` is node `number` of `level`.
fn climb(count: u64, level: u32, number: u64, node: Digest, siblings: &[Digest]) -> Checked<Digest> {
    if level == 0 {
        return some(root_of(count, number, node, siblings), "no such leaf");
    }
    let width = count.saturating_sub(1) >> level;
    same(siblings.len() as u32 + level, tree::height(count), "siblings")?;
    if number > width {
        return Err("no such node".into());
    }
    let top = siblings.iter().enumerate().fold(node, |node, (at, &sibling)| match number >> at & 1 {
        0 => tree::node(node, sibling),
        _ => tree::node(sibling, node),
    });
    Ok(tree::root(count, top))
}

/// The root of a tree, given all nodes that stand a span below one.
fn joined(question: &Question, nodes: &[Digest], siblings: &[Digest]) -> Checked<Digest> {
    let (level, count) = (u32::from(question.level), question.count);
    let span = level.min(SPAN);
    let all = ((count.max(1) - 1) >> (level - span)) + 1;
    let expected = all.saturating_sub(question.number << span).min(1 << span);
    same(nodes.len() as u64, expected, "number of nodes")?;
    let mut row = nodes.to_vec();
    for _ in 0..span {
        row =
            row.chunks(2).map(|pair| tree::node(pair[0], pair.get(1).copied().unwrap_or_default())).collect();
    }
    climb(count, level, question.number, row[0], siblings)
}

/// The same in a blob's tree.
fn joined_hashes(question: &Question, nodes: &[Digest], siblings: &[Digest]) -> Checked<Digest> {
    let (level, count) = (u32::from(question.level), chunks(question.count));
    let span = level.min(SPAN);
    let all = ((count - 1) >> (level - span)) + 1;
    let expected = all.saturating_sub(question.number << span).min(1 << span);
    same(nodes.len() as u64, expected, "number of nodes")?;
    let mut row = nodes.to_vec();
    for at in level - span..level {
        let is_top = at + 1 == tree::height(count);
        let up = |pair: &[Digest]| if let &[a, b] = pair { blob::parent(a, b, is_top) } else { pair[0] };
        row = row.chunks(2).map(up).collect();
    }
    some(blob::climb(count, level, question.number, row[0], siblings), "siblings")
}

impl Contract {
    pub fn new(program: &Lowered) -> Self {
        let ops = program.funcs.iter().flat_map(|func| &func.ops);
        Self {
            now: 1_000_000,
            games: Vec::new(),
            rulings: Vec::new(),
            events: Vec::new(),
            subjects: HashMap::new(),
            answers: HashMap::new(),
            ops: ops.map(|op| (Digest::keccak(&[&encode_op(program, op)]), op.clone())).collect(),
            program: program.clone(),
        }
    }

    /// Opens a game about a leaf; its number is the dispute's.
    pub fn open(&mut self, job: [u8; 32], round: u64, leaf: &Leaf, challenger: Address) -> usize {
        let mut word = [0; 32];
        word[24..].copy_from_slice(&round.to_be_bytes());
        let id = Digest::keccak(&[&job, &word, &leaf.hash().0]);
        let subject = self.subjects.entry(id).or_default();
        (subject.task, subject.outputs) = (Digest(leaf.task.0), Digest(leaf.outputs_hash.0));
        let mut game = Game {
            accused: leaf.node,
            challenger,
            accused_seconds: CLOCK,
            challenger_seconds: CLOCK,
            since: self.now,
            turn: Turn::Accused,
            subject: id,
            ..Game::default()
        };
        if let Some((program, frame)) = subject.claimed {
            (game.turn, game.program, game.frame) = (Turn::Challenger, program, frame);
        }
        self.games.push(game);
        self.rulings.push(None);
        self.games.len() - 1
    }

    /// What a player sees.
    pub fn view(&self, dispute: usize) -> GameView {
        let game = self.games[dispute];
        let mut history = History::default();
        for (of, subject, event) in &self.events {
            let is_seen = match event {
                Event::Answered(..) => true,
                Event::Claimed(_) => *subject == game.subject,
                _ => *of == dispute,
            };
            if is_seen {
                history.see(event.clone());
            }
        }
        let convicted = self.games.iter().zip(&self.rulings);
        let is_convicted = convicted
            .filter(|(other, _)| other.subject == game.subject)
            .any(|(_, ruling)| *ruling == Some(Ruling::Guilty));
        GameView { game, now: self.now, is_convicted, history }
    }

    /// A transaction. What reverts changes nothing.
    pub fn call(&mut self, by: Turn, dispute: usize, play: &Move) -> Checked<()> {
        let (before, seen) = (self.games[dispute], self.events.len());
        let result = self.play(by, dispute, play);
        if result.is_err() {
            self.games[dispute] = before;
            self.events.truncate(seen);
        }
        result
    }

    fn play(&mut self, by: Turn, dispute: usize, play: &Move) -> Checked<()> {
        let mut game = self.games[dispute];
        if game.turn == Turn::Over {
            return Err("the game is over".into());
        }
        let elapsed = self.now - game.since;
        match play {
            Move::Timeout | Move::Proceed => {
                if game.turn == Turn::Accused && self.is_answered(&game) {
                    if game.question == Digest::default() {
                        let claimed = self.subjects[&game.subject].claimed.ok_or("no claim")?;
                        (game.program, game.frame) = claimed;
                    }
                    (game.turn, game.question, game.since) = (Turn::Challenger, Digest::default(), self.now);
                    self.games[dispute] = game;
                    return Ok(());
                }
                let (left, ruling) = match game.turn {
                    Turn::Accused => (game.accused_seconds, Ruling::Guilty),
                    _ => (game.challenger_seconds, Ruling::Innocent),
                };
                if *play == Move::Proceed || elapsed <= left {
                    return Err("time is not up".into());
                }
                return self.end(dispute, Some(ruling));
            }
            Move::Dismiss => return self.end(dispute, None),
            Move::Claim(_) | Move::Answer(..) => {
                same(game.turn, Turn::Accused, "turn")?;
                if elapsed > game.accused_seconds {
                    return Err("time is up".into());
                }
                self.games[dispute].since = self.now;
            }
            _ => {
                same((game.turn, by), (Turn::Challenger, Turn::Challenger), "turn")?;
                if elapsed > game.challenger_seconds {
                    return Err("time is up".into());
                }
            }
        }
        match play {
            Move::Claim(claim) => self.claim(by, dispute, claim),
            Move::Answer(question, answer) => self.answer(by, dispute, question, answer),
            _ => {
                let guilty = self.challenge(dispute, play)?;
                match guilty {
                    Some(true) => self.end(dispute, Some(Ruling::Guilty)),
                    Some(false) => Err("nothing wrong".into()),
                    None => {
                        let game = &mut self.games[dispute];
                        game.moves += 1;
                        game.since = self.now;
                        if game.moves > MAX_MOVES { Err("too many moves".into()) } else { Ok(()) }
                    }
                }
            }
        }
    }

    fn is_answered(&self, game: &Game) -> bool {
        match game.question == Digest::default() {
            true => self.subjects[&game.subject].claimed.is_some(),
            false => self.answers.contains_key(&game.question),
        }
    }

    fn end(&mut self, dispute: usize, ruling: Option<Ruling>) -> Checked<()> {
        self.games[dispute].turn = Turn::Over;
        self.rulings[dispute] = ruling;
        Ok(())
    }

    // --- the accused

    fn claim(&mut self, by: Turn, dispute: usize, c: &Claim) -> Checked<()> {
        same(by, Turn::Accused, "who claims")?;
        let game = self.games[dispute];
        same(game.question, Digest::default(), "question")?;
        let subject = self.subjects[&game.subject].clone();
        let blobs = |ids: &[Digest]| ids.iter().map(|id| BlobId(id.0)).collect::<Vec<_>>();
        let task = Task { program: BlobId(c.program.0), func: c.func.clone(), inputs: blobs(&c.inputs) };
        same(Digest(task.id().0), subject.task, "task")?;
        same(Digest(outputs_hash(&blobs(&c.outputs)).0), subject.outputs, "outputs")?;
        // The job's programs are this one.
        same(c.lowered, program_root(&self.program), "lowered program")?;
        let func = self.function(&c.code, c.code.functions - 1, c.lowered)?;
        same(c.inputs.len(), self.program.funcs[func].params.len(), "inputs")?;
        same(c.outputs.len(), self.program.funcs[func].results.len(), "outputs")?;
        let frame = frame_of(&c.code, &c.inputs, &c.outputs, c.operators);
        if frame.count == 0 && frame.operators != tree::root(0, Digest::default()) {
            return Err("operators of none".into());
        }
        self.subjects.entry(game.subject).or_default().claimed = Some((c.lowered, frame));
        let game = &mut self.games[dispute];
        (game.program, game.frame, game.turn) = (c.lowered, frame, Turn::Challenger);
        self.events.push((dispute, game.subject, Event::Claimed(Box::new(c.clone()))));
        Ok(())
    }

    /// The function that stands at `position` of the program.
    fn function(&self, code: &Code, position: u64, program: Digest) -> Checked<usize> {
        let leaf = Digest::of_list(&[Digest::keccak(&[&code.header]), tree::root(code.count, code.top)]);
        same(climb(code.functions, 0, position, leaf, &code.siblings)?, program, "program")?;
        Ok(position as usize)
    }

    fn answer(&mut self, by: Turn, dispute: usize, q: &Question, answer: &Answer) -> Checked<()> {
        let game = self.games[dispute];
        same(game.question, q.id(), "question")?;
        let level = q.level.into();
        let kept = match (q.topic, answer) {
            (Topic::Operators | Topic::Frames, Answer::Nodes { nodes, siblings }) => {
                same(joined(q, nodes, siblings)?, q.root, "root")?;
                Digest([1; 32])
            }
            (Topic::Operator, Answer::Operator { results, frames, top, siblings }) => {
                same(results.len() as u64, q.shape >> 2, "results")?;
                let mut words = results.clone();
                match q.shape & 3 {
                    0 => {}
                    1 if frames % 2 == 0 || *frames > 1 << 48 => return Err("frames".into()),
                    2 if *frames != 1 => return Err("frames".into()),
                    _ => words.push(tree::root(*frames, *top)),
                }
                let leaf = Digest::of_list(&words);
                same(climb(q.count, 0, q.number, leaf, siblings)?, q.root, "root")?;
                leaf
            }
            (Topic::Frame, Answer::Frame(inner)) => {
                same(inner.parameters.len() as u64, q.shape >> 32, "parameters")?;
                same(inner.results.len() as u64, q.shape & u64::from(u32::MAX), "results")?;
                same(climb(q.count, 0, q.number, inner.root(), &inner.siblings)?, q.root, "root")?;
                inner.root()
            }
            (Topic::Hashes, Answer::Nodes { nodes, siblings }) => {
                same(joined_hashes(q, nodes, siblings)?, q.root, "id")?;
                Digest([1; 32])
            }
            (Topic::Chunk, Answer::Chunk { data, siblings }) => {
                same(blob::id_of(q.count, q.number, data, siblings), Some(q.root), "id")?;
                same(level, 0_u32, "level")?;
                Digest::keccak(&[data])
            }
            (Topic::States, Answer::States(states)) => {
                same(by, Turn::Accused, "who answers")?;
                let expected = (parts_of(q.count, q.shape as u32) - 1) * 8 * q.shape;
                same(states.len() as u64, expected, "states")?;
                Digest::keccak(&[states])
            }
            _ => return Err("another question".into()),
        };
        self.answers.insert(q.id(), kept);
        let game = &mut self.games[dispute];
        (game.turn, game.question) = (Turn::Challenger, Digest::default());
        self.events.push((dispute, game.subject, Event::Answered(q.id(), answer.clone())));
        Ok(())
    }

    // --- the challenger

    /// `Some` if the move ends the game should it be right.
    fn challenge(&mut self, dispute: usize, play: &Move) -> Checked<Option<bool>> {
        let game = self.games[dispute];
        let frame = game.frame;
        let node = |topic, level: u8, number, count, root| {
            let leaves = if topic == Topic::Hashes { chunks(count) } else { count };
            let height = tree::height(leaves);
            let exists =
                level > 0 && u32::from(level) <= height && number <= leaves.saturating_sub(1) >> level;
            some(exists.then(|| question(topic, level, number, count, root)), "no such node")
        };
        match play {
            Move::AskOperators { level, number } => {
                self.ask(dispute, node(Topic::Operators, *level, *number, frame.count, frame.operators)?);
            }
            Move::AskOperator { place, op, siblings } => {
                let hash = Digest::keccak(&[op]);
                same(climb(frame.count, 0, *place, hash, siblings)?, frame.code, "code")?;
                let op = some(self.ops.get(&hash), "no operator")?;
                let control = match op.kind {
                    Kind::While { .. } => 1,
                    Kind::Case { .. } => 2,
                    _ => 0,
                };
                let shape = (op.results.len() as u64) << 2 | control;
                let q = Question {
                    shape,
                    detail: hash,
                    ..question(Topic::Operator, 0, *place, frame.count, frame.operators)
                };
                let game = &mut self.games[dispute];
                (game.operator, game.op, game.is_control, game.chain.count) = (q.id(), hash, control != 0, 0);
                self.ask(dispute, q);
            }
            Move::AskFrames { opened, level, number } => {
                self.control(&game, opened)?;
                self.ask(dispute, node(Topic::Frames, *level, *number, opened.frames, opened.frames_root())?);
            }
            Move::AskFrame { opened, number } => {
                let op = self.control(&game, opened)?;
                if *number >= opened.frames {
                    return Err("no such frame".into());
                }
                let is_loop = matches!(op.kind, Kind::While { .. });
                let parameters = op.operands.len() as u64 - u64::from(!is_loop);
                let results = if is_loop && number % 2 == 0 { 1 } else { op.results.len() as u64 };
                let q = question(Topic::Frame, 0, *number, opened.frames, opened.frames_root());
                self.ask(dispute, Question { shape: parameters << 32 | results, ..q });
            }
            Move::AskBlob { opened, result, level, number } => {
                let size = self.opened(&game, opened)?.results[*result as usize].bytes() as u64;
                let id = opened.results[*result as usize];
                let q = match level {
                    0 if *number >= chunks(size) => return Err("no such chunk".into()),
                    0 => question(Topic::Chunk, 0, *number, size, id),
                    _ => node(Topic::Hashes, *level, *number, size, id)?,
                };
                self.ask(dispute, q);
            }
            Move::Contest { opened, result, element, chunk } => {
                let op = self.opened(&game, opened)?;
                let accumulators = accumulators(&op)?;
                let steps = referee::chain_length(&op, *element).map_err(|e| e.to_string())?;
                let ty = &op.results[*result as usize];
                let (size, width) = (ty.bytes() as u64, ty.dtype.size());
                let offset = *element as usize * width;
                let id = opened.results[*result as usize];
                let q = question(Topic::Chunk, 0, (offset / CHUNK) as u64, size, id);
                same(self.answers.get(&q.id()), Some(&Digest::keccak(&[chunk])), "chunk")?;
                let bytes = &chunk[offset % CHUNK..][..width];
                let value = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
                let first = u64::from(accumulators == 0);
                self.games[dispute].chain = Chain {
                    result: *result,
                    accumulators,
                    element: *element,
                    steps,
                    first,
                    count: steps + 2 - first,
                    before: Digest::keccak(&[]),
                    afterwards: Digest::keccak(&[&pack(&[value])]),
                };
                self.ask_states(dispute);
            }
            Move::Narrow { part, states } => {
                let mut chain = game.chain;
                let q = game.states_question();
                same(self.answers.get(&q.id()), Some(&Digest::keccak(&[states])), "states")?;
                let parts = parts_of(chain.count, chain.accumulators);
                if *part >= parts {
                    return Err("no such part".into());
                }
                let width = 8 * chain.accumulators as usize;
                let state = |at: u64| Digest::keccak(&[&states[at as usize * width..][..width]]);
                if *part > 0 {
                    chain.before = state(part - 1);
                }
                if *part < parts - 1 {
                    chain.afterwards = state(*part);
                }
                let from = chain.count * part / parts;
                let to = chain.count * (part + 1) / parts;
                (chain.first, chain.count) = (chain.first + from, to - from);
                self.games[dispute].chain = chain;
                self.ask_states(dispute);
            }
            Move::Enter { opened, number, inner, code, index } => {
                let op = self.control(&game, opened)?;
                stands(opened, *number, inner)?;
                let callee = match &op.kind {
                    Kind::While { cond, body } => {
                        if number % 2 == 0 {
                            *cond
                        } else {
                            *body
                        }
                    }
                    Kind::Case { branches } => {
                        let chunk = some(index.chunks.first(), "index")?;
                        let id = self.id(&frame, &op.operands[0], &index.source)?;
                        let root = blob::id_of(
                            op.operands[0].ty.bytes() as u64,
                            chunk.index,
                            &chunk.data,
                            &chunk.siblings,
                        );
                        same(root, Some(id), "index")?;
                        let value =
                            chunk.data[..4].iter().rev().fold(0, |word, byte| word << 8 | usize::from(*byte));
                        branches[value.min(branches.len() - 1)]
                    }
                    _ => return Err("kind".into()),
                };
                self.function(code, callee.into(), game.program)?;
                let game = &mut self.games[dispute];
                game.frame = frame_of(code, &inner.parameters, &inner.results, inner.operators);
                (game.operator, game.op, game.chain.count) = (Digest::default(), Digest::default(), 0);
                self.events.push((dispute, game.subject, Event::Entered(*number, game.frame)));
            }
            _ => return self.accuse(&game, play).map(Some),
        }
        Ok(None)
    }

    fn ask(&mut self, dispute: usize, q: Question) {
        let is_known = self.answers.contains_key(&q.id());
        let game = &mut self.games[dispute];
        self.events.push((dispute, game.subject, Event::Asked(q)));
        if !is_known {
            (game.question, game.turn) = (q.id(), Turn::Accused);
        }
    }

    fn ask_states(&mut self, dispute: usize) {
        let game = self.games[dispute];
        self.events.push((dispute, game.subject, Event::Contested(game.chain)));
        if game.chain.count > 1 {
            self.ask(dispute, game.states_question());
        }
    }

    /// Whether something is not what it must be.
    fn accuse(&self, game: &Game, play: &Move) -> Checked<bool> {
        let frame = game.frame;
        match play {
            Move::Prove { op, before, shown } => {
                let chain = game.chain;
                same(chain.count, 1, "transitions")?;
                same(Digest::keccak(&[op]), game.op, "operator")?;
                same(Digest::keccak(&[before]), chain.before, "state")?;
                let op = some(self.ops.get(&game.op), "no operator")?;
                let computed = self.executed(&frame, op, &chain, before, shown)?;
                Ok(Digest::keccak(&[&pack(&computed)]) != chain.afterwards)
            }
            Move::Accuse(accusation) => {
                if accusation.fault != Fault::Result {
                    self.opened(game, &accusation.opened)?;
                }
                self.holds(&frame, accusation)
            }
            _ => Err("no such move".into()),
        }
    }

    fn holds(&self, frame: &Frame, a: &Accusation) -> Checked<bool> {
        let position = a.position as usize;
        let op = self.ops.get(&Digest::keccak(&[&a.opened.op]));
        let is_loop = matches!(op.map(|op| &op.kind), Some(Kind::While { .. }));
        let is_branch = matches!(op.map(|op| &op.kind), Some(Kind::Case { .. }));
        let operand = |position: usize| {
            let operand = op.and_then(|op| op.operands.get(position)).ok_or("no operand")?;
            self.id(frame, operand, &a.source)
        };
        match a.fault {
            Fault::Result if frame.count == 0 && frame.operators != tree::root(0, Digest::default()) => {
                Ok(true)
            }
            Fault::Result => {
                same(Digest::keccak(&[&a.header]), frame.header, "header")?;
                same(Digest::of_list(&a.results), frame.results, "results")?;
                let func =
                    self.program.funcs.iter().find(|func| encode_header(&self.program, func) == a.header);
                let func = some(func, "header")?;
                Ok(a.results[position] != self.id(frame, &func.results[position], &a.source)?)
            }
            Fault::Reinterpretation => {
                same(op.map(|op| &op.kind), Some(&Kind::Reinterpret), "kind")?;
                Ok(a.opened.results[0] != operand(0)?)
            }
            Fault::Parameter => {
                same(is_loop || is_branch, true, "control")?;
                stands(&a.opened, a.number, &a.inner)?;
                let given = a.inner.parameters[position];
                if a.number == 0 {
                    return Ok(given != operand(position + usize::from(is_branch))?);
                }
                stands(&a.opened, a.number - 1, &a.previous)?;
                let is_carried = a.number.is_multiple_of(2) && position < a.opened.results.len();
                let previous = if is_carried { &a.previous.results } else { &a.previous.parameters };
                Ok(given != previous[position])
            }
            Fault::Condition => {
                same(is_loop && a.number.is_multiple_of(2), true, "condition")?;
                stands(&a.opened, a.number, &a.inner)?;
                Ok(a.inner.results[0] != Digest::of_blob(&[u8::from(a.number != a.opened.frames - 1)]))
            }
            Fault::Outcome => {
                same(is_loop || is_branch, true, "control")?;
                let expected = if is_loop && a.opened.frames == 1 {
                    operand(position)?
                } else {
                    stands(&a.opened, if is_loop { a.opened.frames - 2 } else { 0 }, &a.inner)?;
                    a.inner.results[position]
                };
                Ok(a.opened.results[position] != expected)
            }
        }
    }

    fn executed(
        &self,
        frame: &Frame,
        op: &LoweredOp,
        chain: &Chain,
        before: &[u8],
        shown: &[Shown],
    ) -> Checked<Vec<u64>> {
        let mut pieces: HashMap<(u32, u64), &[u8]> = HashMap::new();
        for shown in shown {
            let operand = &op.operands[shown.operand as usize];
            let id = self.id(frame, operand, &shown.source)?;
            for chunk in &shown.chunks {
                let root = blob::id_of(operand.ty.bytes() as u64, chunk.index, &chunk.data, &chunk.siblings);
                same(root, Some(id), "chunk")?;
                pieces.insert((shown.operand, chunk.index), &chunk.data);
            }
        }
        let mut fetch = |operand: u32, element: u64| {
            let width = op.operands.get(operand as usize)?.ty.dtype.size();
            let offset = usize::try_from(element).ok()? * width;
            let piece = pieces.get(&(operand, (offset / CHUNK) as u64))?;
            let bytes = piece.get(offset % CHUNK..)?.get(..width)?;
            Some(bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)))
        };
        let state: Vec<u64> = before
            .chunks(8)
            .map(|word| word.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)))
            .collect();
        let transition = (chain.first, chain.steps);
        let words = execute(op, chain.element, transition, &state, &mut fetch).map_err(|e| e.to_string())?;
        Ok(if chain.first == chain.steps + 1 { vec![words[chain.result as usize]] } else { words })
    }

    fn id(&self, frame: &Frame, operand: &Operand, source: &Source) -> Checked<Digest> {
        let hash = Digest::of_list(&source.words);
        match operand.source {
            From::Constant(constant) => Ok(Digest(self.program.constants[constant as usize].id())),
            From::Param(position) => {
                same(hash, frame.parameters, "parameters")?;
                some(source.words.get(position as usize).copied(), "parameter")
            }
            From::Op { op, result } => {
                same(
                    climb(frame.count, 0, op.into(), hash, &source.siblings)?,
                    frame.operators,
                    "operators",
                )?;
                some(source.words.get(result as usize).copied(), "result")
            }
        }
    }

    fn opened(&self, game: &Game, opened: &Opened) -> Checked<LoweredOp> {
        same(Digest::keccak(&[&opened.op]), game.op, "operator")?;
        let mut words = opened.results.clone();
        words.extend(game.is_control.then(|| opened.frames_root()));
        same(self.answers.get(&game.operator), Some(&Digest::of_list(&words)), "answer")?;
        some(self.ops.get(&game.op).cloned(), "no operator")
    }

    fn control(&self, game: &Game, opened: &Opened) -> Checked<LoweredOp> {
        same(game.is_control, true, "control")?;
        self.opened(game, opened)
    }
}

fn question(topic: Topic, level: u8, number: u64, count: u64, root: Digest) -> Question {
    Question { topic, level, number, count, shape: 0, root, detail: Digest::default() }
}

fn frame_of(code: &Code, parameters: &[Digest], results: &[Digest], operators: Digest) -> Frame {
    Frame {
        code: tree::root(code.count, code.top),
        header: Digest::keccak(&[&code.header]),
        parameters: Digest::of_list(parameters),
        results: Digest::of_list(results),
        operators,
        count: code.count,
    }
}

fn stands(opened: &Opened, number: u64, inner: &Inner) -> Checked<()> {
    let root = frame_root(&inner.parameters, &inner.results, inner.operators);
    same(climb(opened.frames, 0, number, root, &inner.siblings)?, opened.frames_root(), "frames")
}

/// Number of accumulators, which does not depend on what is read.
fn accumulators(op: &LoweredOp) -> Checked<u32> {
    let state = referee::begin(op, 0, &mut |_, _| Some(0)).map_err(|e| e.to_string())?;
    Ok(state.len() as u32)
}
