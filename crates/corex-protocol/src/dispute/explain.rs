//! Moves in words, for people who watch a game.

use std::fmt::Write;

use corex_engine::trace::{Digest, Path, function_tree};
use corex_hlo::ir::TensorType;
use corex_hlo::lower::{Kind, LoweredOp, Lowering, encode_header};

use super::evidence::execute;
use super::moves::{Answer, Move};
use super::types::{Accusation, Chain, Fault, Question, Shown, pack, part_start, parts_of};
use super::view::GameView;

/// What a move that is made in this view says, in a sentence. Never an error: what does not fit is left out.
pub fn explain(view: &GameView, lowering: &Lowering, play: &Move) -> String {
    Words { view, lowering }.of(play)
}

struct Words<'v> {
    view: &'v GameView,
    lowering: &'v Lowering,
}

impl Words<'_> {
    fn of(&self, play: &Move) -> String {
        let (open, frame) = (self.open(), self.frame());
        match play {
            Move::Claim(claim) => {
                format!("claims a trace of {} operators of @{}", claim.code.count, claim.func)
            }
            Move::Answer(question, answer) => self.answer(question, answer),
            Move::AskOperators { level, number } => {
                let (first, last) = range(*level, *number, self.view.game.frame.count);
                format!("asks for hashes over operators {first} to {last}{frame}")
            }
            Move::AskOperator { place, .. } => format!("asks what {} gave", self.operator(*place)),
            Move::AskFrames { opened, level, number } => {
                let (first, last) = range(*level, *number, opened.frames);
                format!("asks for hashes over frames {first} to {last} of {open}")
            }
            Move::AskFrame { number, .. } => format!("asks for {} of {open}", self.evaluation(*number)),
            Move::AskBlob { result, level, number, .. } => {
                let size = self.result(*result).map_or(u64::MAX, |ty| ty.bytes() as u64);
                let (first, last) = range(*level, *number, size.div_ceil(1024));
                let what = if *level == 0 { "the bytes" } else { "hashes over the bytes" };
                let end = last.saturating_add(1).saturating_mul(1024).min(size);
                format!(
                    "asks for {what} {} to {end} of result {result} of {open}",
                    first.saturating_mul(1024)
                )
            }
            Move::Contest { result, element, chunk, .. } => {
                let claimed = self.claimed(*result, *element, chunk);
                format!(
                    "contests element {} of result {result} of {open}{claimed}",
                    self.element(*result, *element)
                )
            }
            Move::Narrow { part, .. } => {
                let chain = self.view.game.chain;
                let parts = parts_of(chain.count, chain.accumulators);
                let [from, to] = [*part, part.saturating_add(1)]
                    .map(|part| chain.first.saturating_add(part_start(chain.count, part, parts)));
                let element = self.element(chain.result, chain.element);
                let (last, all) = (to.saturating_sub(1), chain.steps.saturating_add(2));
                let which = if from == last { format!("{from}") } else { format!("{from} to {last}") };
                format!("contests transition {which} of the {all} that make element {element} of {open}")
            }
            Move::Enter { number, .. } => format!("goes on in {} of {open}", self.evaluation(*number)),
            Move::Prove { before, shown, .. } => self.proof(before, shown),
            Move::Accuse(accusation) => self.accusation(accusation),
            Move::Proceed => "goes on: what is asked was answered in another game".to_owned(),
            Move::Timeout => "ends the game: the other side's time is up".to_owned(),
            Move::Dismiss => "ends the game: another one has convicted the leaf".to_owned(),
        }
    }

    fn answer(&self, question: &Question, answer: &Answer) -> String {
        let open = self.open();
        match answer {
            Answer::Nodes { nodes, .. } => format!("answers with {} hashes", nodes.len()),
            Answer::Operator { results, .. } => {
                let ids: Vec<String> = results.iter().map(|id| format!("{id:?}")).collect();
                format!("answers that {} gave {}", self.operator(question.number), ids.join(", "))
            }
            Answer::Frame(inner) => {
                format!("answers that {} of {open} is {:?}", self.evaluation(question.number), inner.root())
            }
            Answer::Chunk { data, .. } => format!("answers with {} bytes of {open}", data.len()),
            Answer::States(states) => {
                let count = states.len() as u64 / question.shape.max(1).saturating_mul(8);
                format!("answers with accumulators at {count} places of a chain of {open}")
            }
        }
    }

    fn accusation(&self, a: &Accusation) -> String {
        let (open, frame) = (self.open(), self.frame());
        match a.fault {
            Fault::Result => {
                format!("shows that result {}{frame} is not what the function returns", a.position)
            }
            Fault::Reinterpretation => format!("shows that {open} changed its operand's bytes"),
            Fault::Parameter => {
                format!(
                    "shows that parameter {} of {} of {open} is another value than was passed",
                    a.position,
                    self.evaluation(a.number)
                )
            }
            Fault::Condition => format!("shows that {open} does not end where its condition does"),
            Fault::Outcome => {
                format!("shows that result {} of {open} is not that of what it ran", a.position)
            }
        }
    }

    /// The transition, executed on what is shown.
    fn proof(&self, before: &[u8], shown: &[Shown]) -> String {
        let chain = self.view.game.chain;
        let (open, element) = (self.open(), self.element(chain.result, chain.element));
        let mut text = format!("shows that {open} is wrong at element {element}");
        let Some(op) = self.op() else { return text };
        if let Some(step) = chain.first.checked_sub(1).filter(|step| *step < chain.steps) {
            let _ = write!(text, ", step {}", place(op, step));
        }
        let before: Vec<u64> = before
            .chunks(8)
            .map(|word| word.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)))
            .collect();
        let mut reads = Vec::new();
        let mut fetch = |operand: u32, element: u64| {
            let word = read(op, shown, operand, element)?;
            reads.push((operand, element, word));
            Some(word)
        };
        let Ok(found) = execute(op, chain.element, (chain.first, chain.steps), &before, &mut fetch) else {
            return text;
        };
        for (operand, element, word) in reads.into_iter().take(8) {
            let ty = op.operands.get(operand as usize).map(|operand| &operand.ty);
            let (at, word) = (ty.map_or(String::new(), |ty| indices(ty, element)), bits(word));
            let _ = write!(text, ", operand {operand} {at} = {word}");
        }
        let is_last = chain.steps.checked_add(1) == Some(chain.first);
        let own =
            if is_last { found.get(chain.result as usize).copied().into_iter().collect() } else { found };
        let claimed = self.hashed(&chain);
        let differs =
            (0..own.len()).find(|&at| claimed.as_ref().is_some_and(|claimed| claimed.get(at) != own.get(at)));
        let at = differs.unwrap_or_default();
        if let Some(claimed) = claimed.and_then(|claimed| claimed.get(at).copied()) {
            let _ = write!(text, ": {} is claimed", bits(claimed));
        }
        if let Some(own) = own.get(at) {
            let _ = write!(text, ", {} is right", bits(*own));
        }
        text
    }

    /// What the accused claims behind the transition in question.
    fn hashed(&self, chain: &Chain) -> Option<Vec<u64>> {
        let words = |bytes: &[u8]| -> Vec<u64> {
            bytes
                .chunks(8)
                .map(|word| word.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)))
                .collect()
        };
        let is_it = |words: &Vec<u64>| Digest::keccak(&[&pack(words)]) == chain.afterwards;
        let ty = self.result(chain.result)?;
        let (size, width) = (ty.dtype.size() as u64, 8 * chain.accumulators as usize);
        let offset = chain.element.checked_mul(size)?;
        let within = (offset % 1024) as usize..(offset % 1024 + size) as usize;
        self.view.history.answers.values().find_map(|answer| match answer {
            Answer::Chunk { data, .. } => {
                let word =
                    data.get(within.clone())?.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
                Some(vec![word]).filter(is_it)
            }
            Answer::States(states) => states.chunks(width.max(8)).map(words).find(is_it),
            _ => None,
        })
    }

    /// The value claimed of an element, out of its chunk.
    fn claimed(&self, result: u32, element: u64, chunk: &[u8]) -> String {
        let word = self.result(result).and_then(|ty| {
            let size = ty.dtype.size() as u64;
            let first = (element.checked_mul(size)? % 1024) as usize;
            let bytes = chunk.get(first..first + size as usize)?;
            Some(bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)))
        });
        word.map_or(String::new(), |word| format!(", which is claimed to be {}", bits(word)))
    }

    /// The function of the present frame: the one with that code.
    fn func(&self) -> Option<usize> {
        let (program, frame) = (&self.lowering.program, &self.view.game.frame);
        (0..program.funcs.len()).find(|&at| {
            Digest::keccak(&[&encode_header(program, &program.funcs[at])]) == frame.header
                && function_tree(program, at).root() == frame.code
        })
    }

    fn op(&self) -> Option<&LoweredOp> {
        self.lowering.program.funcs.get(self.func()?)?.ops.get(self.view.open()?.op)
    }

    fn result(&self, result: u32) -> Option<&TensorType> {
        self.op()?.results.get(result as usize)
    }

    fn element(&self, result: u32, element: u64) -> String {
        self.result(result).map_or(element.to_string(), |ty| indices(ty, element))
    }

    /// The open operator.
    fn open(&self) -> String {
        self.view.open().map_or("an operator".to_owned(), |path| self.operator(path.op as u64))
    }

    /// An operator of the present frame: its place, its operation, its type.
    fn operator(&self, place: u64) -> String {
        let op = usize::try_from(place).unwrap_or(usize::MAX);
        let path = Path { frames: self.view.history.frames.clone(), op };
        let mut text = format!("operator {path}");
        if let Some(func) = self.func() {
            let origin = self.lowering.origins.get(func);
            let kind = origin.and_then(|origin| origin.func.ops.get(*origin.ops.get(op)?));
            if let Some(kind) = kind {
                let name = kind.kind.name();
                let _ = write!(text, " {}", name.strip_prefix("stablehlo.").unwrap_or(name));
            }
            let lowered = self.lowering.program.funcs.get(func).and_then(|func| func.ops.get(op));
            if let Some(ty) = lowered.and_then(|op| op.results.first()) {
                let _ = write!(text, " ({ty})");
            }
        }
        text
    }

    /// The present frame, unless it is the task's.
    fn frame(&self) -> String {
        let frames: Vec<String> =
            self.view.history.frames.iter().map(|(op, frame)| format!("{op}.{frame}")).collect();
        if frames.is_empty() { String::new() } else { format!(" of frame {}", frames.join(".")) }
    }

    /// A frame of the open operator.
    fn evaluation(&self, number: u64) -> String {
        match self.op().map(|op| &op.kind) {
            Some(Kind::While { .. }) if number.is_multiple_of(2) => format!("condition {}", number / 2),
            Some(Kind::While { .. }) => format!("iteration {}", number / 2),
            _ => format!("frame {number}"),
        }
    }
}

/// The bits of an element among what is shown.
fn read(op: &LoweredOp, shown: &[Shown], operand: u32, element: u64) -> Option<u64> {
    let size = op.operands.get(operand as usize)?.ty.dtype.size() as u64;
    let offset = element.checked_mul(size)?;
    let chunks = shown.iter().filter(|shown| shown.operand == operand).flat_map(|shown| &shown.chunks);
    let chunk = chunks.into_iter().find(|chunk| chunk.index == offset / 1024)?;
    let first = (offset % 1024) as usize;
    let bytes = chunk.data.get(first..first + size as usize)?;
    Some(bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)))
}

/// Leaves below a node.
fn range(level: u8, number: u64, count: u64) -> (u64, u64) {
    let first = number.checked_shl(level.into()).unwrap_or(u64::MAX);
    let next = number.saturating_add(1).checked_shl(level.into()).unwrap_or(u64::MAX);
    (first, next.min(count).saturating_sub(1))
}

fn bits(word: u64) -> String {
    format!("{word:#x}")
}

/// A step of a chain, by its indices if it has more than one.
fn place(op: &LoweredOp, step: u64) -> String {
    match &op.kind {
        Kind::Fold(fold) if fold.over.len() > 1 => list(&fold.over, step),
        _ => step.to_string(),
    }
}

/// An element by its indices.
fn indices(ty: &TensorType, element: u64) -> String {
    let sizes: Vec<u64> = ty.shape.iter().map(|&size| size as u64).collect();
    list(&sizes, element)
}

fn list(sizes: &[u64], number: u64) -> String {
    let mut rest = number;
    let mut indices: Vec<String> = Vec::with_capacity(sizes.len());
    for size in sizes.iter().rev() {
        indices.push((rest % (*size).max(1)).to_string());
        rest /= (*size).max(1);
    }
    indices.reverse();
    format!("[{}]", indices.join(", "))
}
