//! What disputes of a job came to, for people and machines.

use corex_chain::{Contracts, Ruling};
use corex_store::BlobStore;
use corex_work::{Address, JobId, TaskId};
use serde::Serialize;

use super::told::{Programs, gas, tell};
use crate::error::NodeError;

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
    let (mut found, mut programs) = (Vec::new(), Programs::new(Some(store)));
    for (dispute, info) in contracts.disputes(from_block).await? {
        if info.job != job {
            continue;
        }
        let Some(moves) = tell(contracts, &mut programs, dispute, &info).await? else { continue };
        let [gas_accused, gas_challenger] = gas(&moves);
        found.push(DisputeSummary {
            dispute,
            task: info.task,
            accused: info.accused,
            challenger: info.challenger,
            ruling: info.ruling,
            moves: moves.len(),
            gas_accused,
            gas_challenger,
            ended: moves.last().map_or("there was no move".to_owned(), |told| told.says.clone()),
        });
    }
    Ok(found)
}
