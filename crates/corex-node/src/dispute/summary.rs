//! What disputes of a job came to, for people and machines.

use corex_chain::{Contracts, DisputeInfo, Played, Ruling};
use corex_hlo::lower::{Lowering, lower};
use corex_protocol::dispute::{GameView, explain};
use corex_store::BlobStore;
use corex_work::{Address, BlobId, JobId, TaskId};
use serde::Serialize;
use std::collections::HashMap;

use crate::error::NodeError;
use crate::worker::parse_program;

/// A dispute that was played.
#[derive(Debug, Clone, Serialize)]
pub struct DisputeSummary {
    /// Its number.
    pub dispute: u64,
    /// The task that it is about.
    pub task: TaskId,
    /// Who gave the result.
    pub accused: Address,
    /// Who said that it is wrong.
    pub challenger: Address,
    /// How it ended; nothing while it is open.
    pub ruling: Option<Ruling>,
    /// Moves of both sides.
    pub moves: usize,
    /// Gas of the accused's moves.
    pub gas_accused: u64,
    /// Gas of everybody else's, which is the challenger's, mostly.
    pub gas_challenger: u64,
    /// What the last move says: where the game ended.
    pub ended: String,
}

/// The disputes of a job that are games, in order, read from the chain. `store` has the job's programs.
///
/// # Errors
/// What the chain says.
pub async fn summarize(
    contracts: &Contracts,
    store: &BlobStore,
    job: JobId,
    from_block: u64,
) -> Result<Vec<DisputeSummary>, NodeError> {
    let (mut found, mut programs) = (Vec::new(), Programs { store, known: HashMap::new() });
    for (dispute, info) in contracts.disputes(from_block).await? {
        if info.job != job {
            continue;
        }
        let Some(view) = contracts.game_view(dispute).await? else { continue };
        let moves = contracts.moves(dispute).await?;
        found.push(summary(dispute, &info, &view, &moves, &mut programs));
    }
    Ok(found)
}

fn summary(
    dispute: u64,
    info: &DisputeInfo,
    view: &GameView,
    moves: &[Played],
    programs: &mut Programs<'_>,
) -> DisputeSummary {
    let gas = |by_accused: bool| {
        let of = moves.iter().filter(|played| (played.by == info.accused) == by_accused);
        of.fold(0u64, |sum, played| sum.saturating_add(played.gas_used))
    };
    DisputeSummary {
        dispute,
        task: info.task,
        accused: info.accused,
        challenger: info.challenger,
        ruling: info.ruling,
        moves: moves.len(),
        gas_accused: gas(true),
        gas_challenger: gas(false),
        ended: last_words(view, moves, programs).unwrap_or_else(|| "there was no move".to_owned()),
    }
}

/// The job's programs, lowered once each.
struct Programs<'s> {
    store: &'s BlobStore,
    known: HashMap<(BlobId, String), Option<Lowering>>,
}

impl Programs<'_> {
    /// Nothing if the program is not here, or none.
    fn lowered(&mut self, program: BlobId, func: &str) -> Option<&Lowering> {
        let key = (program, func.to_owned());
        let lowering = self.known.entry(key).or_insert_with(|| {
            let module = parse_program(&self.store.get(&program).ok()?).ok()?;
            lower(&module, func).ok()
        });
        lowering.as_ref()
    }
}

/// What the last move says. The contract keeps a game as it was before it.
fn last_words(view: &GameView, moves: &[Played], programs: &mut Programs<'_>) -> Option<String> {
    let play = moves.last()?.play.as_ref()?;
    let claim = view.history.claim.as_ref();
    let lowering = match claim {
        Some(claim) => programs.lowered(BlobId(claim.program.0), &claim.func),
        None => None,
    };
    Some(match lowering {
        Some(lowering) => explain(view, lowering, play),
        None => super::analyst::formality(play).to_owned(),
    })
}
