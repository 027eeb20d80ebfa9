//! The players of a dispute about exact work (`docs/spec/disputes.md`).
//!
//! The accused answers questions about the one trace that it commits to; the challenger asks until it can show one
//! place that is wrong. Both are functions of what the chain shows: [`accused::next`] and [`challenger::next`] take
//! a [`GameView`] and the lowered program, and give the move to make now. They keep nothing between calls, so that a
//! player may crash before or after any move and go on. What a player knows of the task is its [`Evidence`];
//! [`Replay`] gets it by evaluating the task again, twice per game.
//!
//! **Architecture Invariant:** who evaluates honestly wins, as the accused and as the challenger, whatever the other
//! side answers or asks (`tests/dispute.rs`).

pub mod accused;
mod chain;
pub mod challenger;
mod control;
mod evidence;
mod explain;
mod moves;
mod picture;
mod prospect;
mod show;
mod tree;
mod types;
mod view;

use corex_engine::EngineError;
use corex_engine::referee::RefereeError;

pub use accused::Terms;
pub use evidence::{Evidence, Replay, Tensors, execute};
pub use explain::explain;
pub use moves::{Answer, Move, Next};
pub use picture::{Drawn, grouped, svg};
pub use prospect::{Moment, Prospect};
pub use tree::SPAN;
pub use types::{
    Accusation, Chain, Chunk, Claim, Code, Fault, Frame, Game, Inner, Opened, Question, Shown, Source, Topic,
    Turn, pack, parts_of,
};
pub use view::{Event, GameView, History};

/// Why there is no move.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The task cannot be evaluated.
    #[error("the task in dispute cannot be evaluated: {0}")]
    Evaluation(#[from] EngineError),
    /// An element cannot be evaluated.
    #[error("the element in dispute cannot be evaluated: {0}")]
    Element(#[from] RefereeError),
    /// The game is not about the task, or its history has gaps.
    #[error("this is no game about this task: {0}")]
    View(&'static str),
    /// The evidence is not of the program.
    #[error("the evidence does not fit the program: {0}")]
    Evidence(&'static str),
}

/// What `me` does if it is not its turn to think: wait, or call what anybody may call. Nothing if it is. Whoever is neither
/// side says [`Turn::Over`].
pub fn outside(view: &GameView, me: Turn) -> Option<Next> {
    let game = &view.game;
    if game.turn == Turn::Over {
        return Some(Next::Wait);
    }
    if view.is_convicted {
        return Some(Next::Move(Move::Dismiss));
    }
    if game.turn == Turn::Accused && view.is_answered() {
        return Some(Next::Move(Move::Proceed));
    }
    if game.turn == me {
        return None;
    }
    let left = if game.turn == Turn::Accused { game.accused_seconds } else { game.challenger_seconds };
    let is_late = view.now > game.since.saturating_add(left);
    Some(if is_late { Next::Move(Move::Timeout) } else { Next::Wait })
}
