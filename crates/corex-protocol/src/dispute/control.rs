//! The challenger at a loop or branch: finds the first frame that differs, and what is wrong with it.

use corex_engine::trace::{Digest, Record, Recorded, Tree};
use corex_hlo::lower::Kind;

use super::PlayError;
use super::challenger::{Operator, Player, accuse, first_difference};
use super::moves::{Answer, Move, Next};
use super::show;
use super::tree::{Known, Search, search};
use super::types::{Accusation, Chunk, Fault, Inner, Question, Shown, Source, Topic};

/// The next move at an open loop or branch whose leaf differs.
pub(super) fn next(player: &Player<'_>, operator: &Operator<'_>) -> Result<Next, PlayError> {
    let own =
        player.frame.operators.get(operator.path.op).ok_or(PlayError::Evidence("an operator is missing"))?;
    Control { player, operator, own, roots: own.frames.iter().map(Record::root).collect() }.next()
}

struct Control<'c, 'v> {
    player: &'c Player<'v>,
    operator: &'c Operator<'v>,
    own: &'c Recorded,
    /// Roots of one's own frames.
    roots: Vec<Digest>,
}

impl<'v> Control<'_, 'v> {
    fn next(&self) -> Result<Next, PlayError> {
        let (claimed, own) = (self.operator.opened.frames, self.roots.len() as u64);
        // One's own frames, as many as are claimed.
        let tree = Tree::new(
            self.roots.iter().copied().take(usize::try_from(claimed).unwrap_or(usize::MAX)).collect(),
        );
        if tree.root() == self.operator.opened.frames_root() {
            return match claimed == own {
                true => self.results(&tree),
                // The loop ends too early: its last condition is true.
                false => self.condition(claimed.saturating_sub(1), &tree),
            };
        }
        let root = self.operator.opened.frames_root();
        let question = |level, number| Question::node(Topic::Frames, level, number, claimed, root);
        // Beyond one's own frames nothing is known.
        let known = |level: u32, number: u64| {
            let end = number.checked_add(1).and_then(|next| next.checked_shl(level)).unwrap_or(u64::MAX);
            if end <= own || claimed <= own { tree.node(level, number) } else { None }
        };
        let height = corex_engine::trace::tree::height(claimed);
        let found = search(height, |level, number| self.player.nodes(&question(level, number)), known);
        let opened = || self.operator.opened.clone();
        let number = match found {
            Search::Ask { level, number } => {
                return Ok(Next::Move(Move::AskFrames { opened: opened(), level: level as u8, number }));
            }
            // The loop goes on behind one's own last frame, a condition: that one is asked for.
            Search::Leaf(number) => number.min(own.saturating_sub(1)),
            Search::Same => return Err(PlayError::View("nodes that hash to something else are one's own")),
        };
        let Some(inner) = self.answered(number) else {
            return Ok(Next::Move(Move::AskFrame { opened: opened(), number }));
        };
        self.differing(number, inner)
    }

    /// What the accused says of a frame.
    fn answered(&self, number: u64) -> Option<&'v Inner> {
        let root = self.operator.opened.frames_root();
        let is_about = |question: &&Question| {
            question.topic == Topic::Frame && question.number == number && question.root == root
        };
        // The shape of an answer follows from the operator, so one question about the frame is as good as another.
        let mut asked = self.player.view.history.questions.values().filter(is_about);
        asked.find_map(|question| match self.player.view.answer(question)? {
            Answer::Frame(inner) => Some(inner),
            _ => None,
        })
    }

    /// Frame `number` is the first that is not one's own, or one's own last one although the loop goes on behind it.
    fn differing(&self, number: u64, inner: &Inner) -> Result<Next, PlayError> {
        let at = usize::try_from(number).map_err(|_| PlayError::View("a frame's number is too large"))?;
        let own = self.own.frames.get(at).ok_or(PlayError::Evidence("a frame is missing"))?;
        let opened = self.operator.opened.clone();
        if inner.root() == own.root() {
            let (fault, inner) = (Fault::Condition, inner.clone());
            return Ok(accuse(Accusation { fault, opened, number, inner, ..Accusation::default() }));
        }
        if let Some(position) = first_difference(&inner.parameters, &own.params) {
            return self.parameter(at, inner, position);
        }
        let index = match &self.operator.op.kind {
            Kind::Case { .. } => Shown {
                operand: 0,
                source: self.player.operand(self.operator, 0)?,
                chunks: vec![Chunk { index: 0, data: self.own.index.clone(), siblings: Vec::new() }],
            },
            _ => Shown::default(),
        };
        let code = Box::new(show::code(self.player.program, own.func)?);
        Ok(Next::Move(Move::Enter { opened, number, inner: inner.clone(), code, index }))
    }

    fn parameter(&self, at: usize, inner: &Inner, position: usize) -> Result<Next, PlayError> {
        let (mut previous, mut source) = (Inner::default(), Source::default());
        if let Some(before) = at.checked_sub(1) {
            let known = Known::new(self.roots[..at].to_vec(), inner.root(), &inner.siblings);
            let siblings =
                known.siblings(before as u64).ok_or(PlayError::View("a frame has too few siblings"))?;
            previous = show::inner(&self.own.frames[before], siblings);
        } else {
            // The first operand of a branch is its index.
            let operand = position + usize::from(matches!(self.operator.op.kind, Kind::Case { .. }));
            source = self.player.operand(self.operator, operand)?;
        }
        Ok(accuse(Accusation {
            fault: Fault::Parameter,
            opened: self.operator.opened.clone(),
            number: at as u64,
            inner: inner.clone(),
            previous,
            position: position as u64,
            source,
            ..Accusation::default()
        }))
    }

    /// One's own frame `number`, a condition, is claimed to end the loop.
    fn condition(&self, number: u64, tree: &Tree) -> Result<Next, PlayError> {
        let (fault, opened, inner) =
            (Fault::Condition, self.operator.opened.clone(), self.shown(number, tree)?);
        Ok(accuse(Accusation { fault, opened, number, inner, ..Accusation::default() }))
    }

    /// All frames are right, so that the operator's results are not.
    fn results(&self, tree: &Tree) -> Result<Next, PlayError> {
        let opened = self.operator.opened.clone();
        let position = first_difference(&opened.results, &self.own.leaf.results);
        let position = position.ok_or(PlayError::View("an operator's leaf differs, and nothing in it"))?;
        let (mut inner, mut source) = (Inner::default(), Source::default());
        let is_loop = matches!(self.operator.op.kind, Kind::While { .. });
        match (is_loop, (opened.frames).checked_sub(2)) {
            (true, None) => source = self.player.operand(self.operator, position)?,
            (true, Some(body)) => inner = self.shown(body, tree)?,
            (false, _) => inner = self.shown(0, tree)?,
        }
        let (fault, position) = (Fault::Outcome, position as u64);
        Ok(accuse(Accusation { fault, opened, inner, position, source, ..Accusation::default() }))
    }

    /// One's own frame, in a tree of one's own frames.
    fn shown(&self, number: u64, tree: &Tree) -> Result<Inner, PlayError> {
        let frame = usize::try_from(number).ok().and_then(|at| self.own.frames.get(at));
        let (frame, siblings) =
            frame.zip(tree.proof(number)).ok_or(PlayError::Evidence("a frame is missing"))?;
        Ok(show::inner(frame, siblings))
    }
}
