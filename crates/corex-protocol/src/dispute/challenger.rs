//! The challenger: finds the first claim that differs from its own evaluation, and shows that it is wrong.
//!
//! Of a frame whose parameters are its own, the challenger finds the first operator that differs. All operands of
//! that one are its own, too, so either one of the operator's elements is wrong, or a frame of it, of which the
//! first one that differs has the challenger's own parameters again or wrong ones. If no operator differs, the
//! frame's list of results does. Nothing is asked that is known from another game.

use corex_engine::trace::{BlobTree, CHUNK, Digest, Path, Record, Tree, function_tree};
use corex_hlo::lower::{Kind, Lowered, LoweredFunc, LoweredOp, encode_header, encode_op};

use super::evidence::{Evidence, Tensors};
use super::moves::{Answer, Move, Next};
use super::tree::{Known, Search, search};
use super::types::{Accusation, Fault, Opened, Question, Source, Topic, Turn};
use super::view::GameView;
use super::{PlayError, chain, control, outside, show};

/// The challenger's next move in a game about a task that `program` is the lowered form of.
///
/// # Errors
/// What its own evaluation ends with, and a view that is not of this task.
pub fn next(view: &GameView, program: &Lowered, evidence: &mut dyn Evidence) -> Result<Next, PlayError> {
    if let Some(next) = outside(view, Turn::Challenger) {
        return Ok(next);
    }
    let record = evidence.record()?;
    let frame = record.frame(&view.history.frames);
    let frame = frame.ok_or(PlayError::View("it is in a frame that the task does not evaluate"))?;
    let func = program.funcs.get(frame.func).ok_or(PlayError::Evidence("a function is missing"))?;
    let player = Player { view, program, frame, func };
    match player.open()? {
        Some(operator) if matches!(operator.op.kind, Kind::While { .. } | Kind::Case { .. }) => {
            control::next(&player, &operator)
        }
        Some(operator) => player.plain(&operator, evidence),
        None => player.search(),
    }
}

/// The frame that the game is about: what the accused says of it is in the view.
pub(super) struct Player<'v> {
    pub(super) view: &'v GameView,
    pub(super) program: &'v Lowered,
    /// One's own evaluation.
    pub(super) frame: &'v Record,
    pub(super) func: &'v LoweredFunc,
}

/// The operator that is open in the frame, and the first whose leaf differs.
pub(super) struct Operator<'v> {
    pub(super) path: Path,
    pub(super) op: &'v LoweredOp,
    pub(super) opened: Opened,
    /// The accused's leaves up to this one.
    known: Known,
}

impl<'v> Player<'v> {
    /// The operator that was opened, if it is not as it should be.
    fn open(&self) -> Result<Option<Operator<'v>>, PlayError> {
        let Some(path) = self.view.open() else { return Ok(None) };
        let Some(Answer::Operator { results, frames, top, siblings }) =
            self.view.history.answers.get(&self.view.game.operator)
        else {
            return Ok(None);
        };
        let own = self.frame.operators.get(path.op).zip(self.func.ops.get(path.op));
        let (own, op) = own.ok_or(PlayError::View("it opened an operator that the program does not have"))?;
        let opened =
            Opened { op: encode_op(self.program, op), results: results.clone(), frames: *frames, top: *top };
        let mut words = opened.results.clone();
        words.extend(self.view.game.is_control.then(|| opened.frames_root()));
        if words == show::leaf_words(own) {
            return Ok(None);
        }
        let before = self.frame.operators[..path.op].iter().map(|operator| operator.leaf.hash());
        let known = Known::new(before.collect(), Digest::of_list(&words), siblings);
        Ok(Some(Operator { path, op, opened, known }))
    }

    /// Looks for the first operator that differs.
    fn search(&self) -> Result<Next, PlayError> {
        let (claimed, own) = (&self.view.game.frame, self.frame.tree());
        // Of no operators nothing can be asked: a root over them that is not the empty tree's is wrong by itself.
        let is_bogus = own.count() == 0 && claimed.operators != own.root();
        if is_bogus || claimed.operators == own.root() {
            return self.results(&own, is_bogus);
        }
        let question =
            |level, number| Question::node(Topic::Operators, level, number, claimed.count, claimed.operators);
        let found = search(
            own.height(),
            |level, number| self.nodes(&question(level, number)),
            |level, number| own.node(level, number),
        );
        let place = match found {
            Search::Ask { level, number } => {
                return Ok(Next::Move(Move::AskOperators { level: level as u8, number }));
            }
            Search::Leaf(place) => place,
            Search::Same => return Err(PlayError::View("nodes that hash to something else are one's own")),
        };
        let op = usize::try_from(place).ok().and_then(|place| self.func.ops.get(place));
        let siblings = function_tree(self.program, self.frame.func).proof(place);
        let (op, siblings) = op.zip(siblings).ok_or(PlayError::View("the frame has too many operators"))?;
        Ok(Next::Move(Move::AskOperator { place, op: encode_op(self.program, op), siblings }))
    }

    /// Nodes that answer a question.
    pub(super) fn nodes(&self, question: &Question) -> Option<&'v [Digest]> {
        match self.view.answer(question)? {
            Answer::Nodes { nodes, .. } => Some(nodes),
            _ => None,
        }
    }

    /// All operators are right, so that the list of results is not, if anything is wrong at all.
    fn results(&self, own: &Tree, is_bogus: bool) -> Result<Next, PlayError> {
        let claimed = self.claimed_results()?;
        let position = match first_difference(claimed, &self.frame.results) {
            Some(position) => position,
            None if is_bogus => 0,
            None => return Ok(Next::Concede),
        };
        let source = match self.func.results.get(position) {
            Some(operand) => show::source(self.frame, operand, |op| own.proof(op))?,
            None => Source::default(),
        };
        let header = encode_header(self.program, self.func);
        Ok(accuse(Accusation {
            fault: Fault::Result,
            position: position as u64,
            source,
            header,
            results: claimed.to_vec(),
            ..Accusation::default()
        }))
    }

    /// What the accused says that the frame returns.
    fn claimed_results(&self) -> Result<&'v [Digest], PlayError> {
        let hash = self.view.game.frame.results;
        let inner = self.view.history.answers.values().filter_map(|answer| match answer {
            Answer::Frame(inner) => Some(&inner.results[..]),
            _ => None,
        });
        let claimed = self.view.history.claim.iter().map(|claim| &claim.outputs[..]);
        let found = claimed.chain(inner).find(|results| Digest::of_list(results) == hash);
        found.ok_or(PlayError::View("the claim of the frame's results is not in its history"))
    }

    /// An operator that is no loop or branch.
    fn plain(&self, operator: &Operator<'v>, evidence: &mut dyn Evidence) -> Result<Next, PlayError> {
        if operator.op.kind == Kind::Reinterpret {
            let source = self.operand(operator, 0)?;
            let (fault, opened) = (Fault::Reinterpretation, operator.opened.clone());
            return Ok(accuse(Accusation { fault, opened, source, ..Accusation::default() }));
        }
        let tensors = evidence.tensors(&operator.path)?;
        if let Some(next) = chain::next(self, operator, &tensors, evidence)? {
            return Ok(next);
        }
        self.blob(operator, &tensors)
    }

    /// Looks for the first element that differs.
    fn blob(&self, operator: &Operator<'v>, tensors: &Tensors) -> Result<Next, PlayError> {
        let own = self
            .frame
            .operators
            .get(operator.path.op)
            .ok_or(PlayError::Evidence("an operator is missing"))?;
        let result = first_difference(&operator.opened.results, &own.leaf.results);
        let (result, own, id) = result
            .and_then(|at| Some((at, tensors.results.get(at)?, *operator.opened.results.get(at)?)))
            .ok_or(PlayError::View("an operator's leaf differs, and none of its results"))?;
        let (blob, size) = (BlobTree::new(own.bytes()), own.bytes().len() as u64);
        let question = |level, number| Question::node(Topic::Hashes, level, number, size, id);
        let found = search(
            blob.height(),
            |level, number| self.nodes(&question(level, number)),
            |level, number| blob.node(level, number),
        );
        let (opened, result) = (operator.opened.clone(), result as u32);
        let number = match found {
            Search::Ask { level, number } => {
                return Ok(Next::Move(Move::AskBlob { opened, result, level: level as u8, number }));
            }
            Search::Leaf(number) => number,
            Search::Same => return Err(PlayError::View("nodes that hash to something else are one's own")),
        };
        let question = Question::node(Topic::Chunk, 0, number, size, id);
        let Some(Answer::Chunk { data, .. }) = self.view.answer(&question) else {
            return Ok(Next::Move(Move::AskBlob { opened, result, level: 0, number }));
        };
        let byte =
            blob.chunk(number).and_then(|own| own.iter().zip(data).position(|(own, byte)| own != byte));
        let byte = byte.ok_or(PlayError::View("a chunk that hashes to something else is one's own"))?;
        let element = (number * CHUNK as u64 + byte as u64) / own.ty().dtype.size() as u64;
        Ok(Next::Move(Move::Contest { opened, result, element, chunk: data.clone() }))
    }

    /// Which blob an operand of the operator is.
    pub(super) fn operand(&self, operator: &Operator<'_>, position: usize) -> Result<Source, PlayError> {
        let operand =
            operator.op.operands.get(position).ok_or(PlayError::View("an operator has too few operands"))?;
        show::source(self.frame, operand, |op| operator.known.siblings(op))
    }
}

pub(super) fn accuse(accusation: Accusation) -> Next {
    Next::Move(Move::Accuse(Box::new(accusation)))
}

/// The first position at which two lists differ.
pub(super) fn first_difference(claimed: &[Digest], own: &[Digest]) -> Option<usize> {
    (0..claimed.len().max(own.len())).find(|&at| claimed.get(at) != own.get(at))
}
