//! Disputes for people: which there are, what was said in each, and in which words.

use corex_chain::{ChainError, Contracts, DisputeInfo, Ruling};
use corex_hlo::lower::{Lowering, lower};
use corex_protocol::dispute::{Claim, Drawn, Event, GameView, Turn, explain, svg};
use corex_store::BlobStore;
use corex_work::{Address, BlobId, Hash32, JobId, TaskId};
use serde::Serialize;
use std::collections::HashMap;

use crate::worker::parse_program;

/// A dispute, as a list shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Its number.
    pub dispute: u64,
    /// The job.
    pub job: JobId,
    /// The round of the leaf.
    pub round: u64,
    /// The task whose result is contested.
    pub task: TaskId,
    /// Who gave the result.
    pub accused: Address,
    /// Who says that it is wrong.
    pub challenger: Address,
    /// What the challenger has at stake, in whole tokens.
    pub bond: f64,
    /// How it stands.
    pub state: State,
}

/// How a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Decided: the result is wrong.
    Guilty,
    /// Decided: the result stands.
    Innocent,
    /// Ended without a decision of its own.
    Dismissed,
    /// Committee members vote.
    Voting,
    /// One side is to move in the game.
    Playing {
        /// Which.
        turn: Side,
        /// Seconds that it has left; 0: whoever calls it ends the game.
        seconds: u64,
        /// Moves of the challenger so far.
        moves: u32,
    },
}

/// Who made a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Who gave the result.
    Accused,
    /// Who says that it is wrong.
    Challenger,
    /// Somebody else.
    #[default]
    Anybody,
}

/// A move in words.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Told {
    /// Whose move it was.
    pub by: Side,
    /// What it says.
    pub says: String,
    /// The block it is in.
    pub block: u64,
    /// When it was made, in seconds since 1970.
    pub time: u64,
    /// The transaction.
    pub tx: Hash32,
    /// What it cost.
    pub gas: u64,
    /// Bytes of its data.
    pub calldata: usize,
}

/// A game as a picture (SVG).
pub fn picture(title: &str, moves: &[Told], end: &str) -> String {
    let drawn = |told: &Told| Drawn {
        by: match told.by {
            Side::Accused => Turn::Accused,
            Side::Challenger => Turn::Challenger,
            Side::Anybody => Turn::Over,
        },
        says: told.says.clone(),
        gas: told.gas,
        bytes: Some(told.calldata as u64),
    };
    svg(title, &moves.iter().map(drawn).collect::<Vec<_>>(), end)
}

/// All disputes, oldest first.
///
/// # Errors
/// The chain's.
pub async fn list(contracts: &Contracts) -> Result<Vec<Listed>, ChainError> {
    let mut out = Vec::new();
    for (dispute, info) in contracts.disputes(contracts.book().first_block).await? {
        out.push(listed(contracts, dispute, &info).await?);
    }
    Ok(out)
}

/// A dispute with how it stands.
///
/// # Errors
/// The chain's.
pub async fn listed(contracts: &Contracts, dispute: u64, info: &DisputeInfo) -> Result<Listed, ChainError> {
    let state = match info.ruling {
        Some(Ruling::Guilty) => State::Guilty,
        Some(Ruling::Innocent) => State::Innocent,
        Some(Ruling::Dismissed) => State::Dismissed,
        None => match contracts.game_view(dispute).await? {
            Some(view) => playing(&view),
            None => State::Voting,
        },
    };
    let DisputeInfo { job, round, task, accused, challenger, bond, .. } = *info;
    Ok(Listed { dispute, job, round, task, accused, challenger, bond: bond.to_f64(), state })
}

fn playing(view: &GameView) -> State {
    let game = &view.game;
    let (turn, left) = match game.turn {
        Turn::Accused => (Side::Accused, game.accused_seconds),
        Turn::Challenger => (Side::Challenger, game.challenger_seconds),
        Turn::Over => return State::Dismissed,
    };
    let seconds = game.since.saturating_add(left).saturating_sub(view.now);
    State::Playing { turn, seconds, moves: game.moves }
}

/// Gas of the accused's moves, and of everybody else's, which is the challenger's, mostly.
pub fn gas(moves: &[Told]) -> [u64; 2] {
    moves.iter().fold([0; 2], |mut sums: [u64; 2], told| {
        let sum = &mut sums[usize::from(told.by != Side::Accused)];
        *sum = sum.saturating_add(told.gas);
        sums
    })
}

/// What the programs of disputed tasks lower to, each looked up once.
pub struct Programs<'s> {
    store: Option<&'s BlobStore>,
    known: HashMap<(BlobId, String), Option<Lowering>>,
}

impl<'s> Programs<'s> {
    /// Of the programs in a store, if there is one.
    pub fn new(store: Option<&'s BlobStore>) -> Programs<'s> {
        Programs { store, known: HashMap::new() }
    }

    /// Nothing if the program is not here, or none.
    fn lowered(&mut self, claim: &Claim) -> Option<&Lowering> {
        let program = BlobId(claim.program.0);
        let lowering = self.known.entry((program, claim.func.clone())).or_insert_with(|| {
            let module = parse_program(&self.store?.get(&program).ok()?).ok()?;
            lower(&module, &claim.func).ok()
        });
        lowering.as_ref()
    }
}

/// A whole game in words, move by move; nothing of a dispute that is voted on. Without the task's program places have
/// numbers, but operators no names.
///
/// # Errors
/// The chain's.
pub async fn tell(
    contracts: &Contracts,
    programs: &mut Programs<'_>,
    dispute: u64,
    info: &DisputeInfo,
) -> Result<Option<Vec<Told>>, ChainError> {
    let Some(now) = contracts.game_view(dispute).await? else { return Ok(None) };
    let nothing = Lowering::default();
    let (mut view, mut lowering) = (GameView::default(), &nothing);
    // It may have been made in another game about the same leaf.
    if let Some(claim) = now.history.claim {
        lowering = programs.lowered(&claim).unwrap_or(&nothing);
        view.see(Event::Claimed(Box::new(claim)));
    }
    let mut told = Vec::new();
    for played in contracts.moves(dispute).await? {
        let by = match played.by {
            who if who == info.accused => Side::Accused,
            who if who == info.challenger => Side::Challenger,
            _ => Side::Anybody,
        };
        told.push(Told {
            by,
            says: played
                .play
                .map_or("moves by another contract".into(), |play| explain(&view, lowering, &play)),
            block: played.block,
            time: played.time,
            tx: played.tx,
            gas: played.gas_used,
            calldata: played.calldata_bytes,
        });
        played.events.into_iter().for_each(|event| view.see(event));
    }
    Ok(Some(told))
}
