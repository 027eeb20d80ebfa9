//! A game as a player sees it on the chain.

use std::collections::HashMap;

use corex_engine::trace::{Digest, Path};

use super::moves::Answer;
use super::types::{Chain, Claim, Frame, Game, Question, Topic};

/// All that a player needs to know of a game. Made anew from the chain at any time, so that a player keeps nothing.
#[derive(Clone, Debug, Default)]
pub struct GameView {
    /// `gameOf`.
    pub game: Game,
    /// Seconds on the chain's clock.
    pub now: u64,
    /// Whether another game has convicted the leaf.
    pub is_convicted: bool,
    /// What was said.
    pub history: History,
}

/// The contract's events, folded.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// What the accused claims of the task; in this game or another one about the same leaf.
    pub claim: Option<Claim>,
    /// Questions asked in this game, by id.
    pub questions: HashMap<Digest, Question>,
    /// Answers given in any game, by the question's id. Every answer kept here was accepted by the contract.
    pub answers: HashMap<Digest, Answer>,
    /// Loops and branches that the game has entered, with the number of the frame.
    pub frames: Vec<(usize, u64)>,
    /// The operator that was asked for last in the present frame.
    place: Option<u64>,
}

/// An event of the contract. Of other games only [`Event::Answered`] matters, and [`Event::Claimed`] if they are
/// about the same leaf.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// `Claimed`.
    Claimed(Box<Claim>),
    /// `Asked`.
    Asked(Question),
    /// `Answered`.
    Answered(Digest, Answer),
    /// `Contested`: what is contested from now on.
    Contested(Chain),
    /// `Entered`: the number of the frame, and the frame.
    Entered(u64, Frame),
}

impl History {
    /// Takes note of an event; they come in the chain's order.
    pub fn see(&mut self, event: Event) {
        match event {
            Event::Claimed(claim) => self.claim = Some(*claim),
            Event::Asked(question) => {
                if question.topic == Topic::Operator {
                    self.place = Some(question.number);
                }
                self.questions.insert(question.id(), question);
            }
            Event::Answered(question, answer) => _ = self.answers.insert(question, answer),
            Event::Entered(frame, _) => {
                let place = self.place.take().and_then(|place| usize::try_from(place).ok());
                self.frames.extend(place.map(|place| (place, frame)));
            }
            Event::Contested(_) => {}
        }
    }
}

impl GameView {
    /// Takes note of an event of a game that is told after the fact: the history, and of the game's state what places
    /// and names in [`explain`](super::explain) depend on. Clocks and hashes are not among it.
    pub fn see(&mut self, event: Event) {
        let game = &mut self.game;
        match &event {
            Event::Claimed(claim) => game.frame = claim.frame(),
            Event::Asked(question) if question.topic == Topic::Operator => {
                (game.operator, game.chain) = (question.id(), Chain::default());
            }
            Event::Contested(chain) => game.chain = *chain,
            Event::Entered(_, frame) => {
                (game.frame, game.operator, game.chain) = (*frame, Digest::default(), Chain::default());
            }
            Event::Asked(_) | Event::Answered(..) => {}
        }
        self.history.see(event);
    }

    /// The answer to a question, if there is one.
    pub fn answer(&self, question: &Question) -> Option<&Answer> {
        self.history.answers.get(&question.id())
    }

    /// The question that the game waits for; `None` for the claim, or if it waits for none.
    pub fn pending(&self) -> Option<&Question> {
        self.history.questions.get(&self.game.question)
    }

    /// The place of the operator that is open in the present frame.
    pub fn open(&self) -> Option<Path> {
        let question = self.history.questions.get(&self.game.operator)?;
        let op = usize::try_from(question.number).ok()?;
        Some(Path { frames: self.history.frames.clone(), op })
    }

    /// Whether what the game waits for was answered already.
    pub(super) fn is_answered(&self) -> bool {
        match self.game.question == Digest::default() {
            true => self.history.claim.is_some(),
            false => self.history.answers.contains_key(&self.game.question),
        }
    }
}
