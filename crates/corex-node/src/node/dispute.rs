//! Watching the chain for disputes that concern this node, and playing them.

use corex_chain::{ChainError, ChainEvent, EventAt};
use corex_net::{PeerAddr, Want};
use corex_work::{Address, BlobId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::task::{AbortHandle, JoinSet};

use super::{Context, LONGEST_PAUSE};
use crate::checkpoint::write_whole;
use crate::dispute::Step;
use crate::error::NodeError;

/// How often the chain is asked.
const POLL: Duration = Duration::from_millis(500);
/// A game is looked at again after so long, even if no block was sealed: a clock may have run out.
const LONGEST_LOOK: Duration = Duration::from_secs(3);
/// The note is written anew after so many blocks without a dispute.
const NOTE_BLOCKS: u64 = 256;
/// A blob of a task is at most so long.
const MOST_BYTES: u64 = 1 << 40;

/// Where the node begins to read the chain: before this block it has no open dispute.
#[derive(Serialize, Deserialize)]
struct Note {
    block: u64,
}

/// Plays every dispute in which this node is accused or challenger, for as long as the node runs. What was open when it stopped
/// is found again: a note on disk says from which block on.
pub async fn watch(context: Arc<Context>) {
    let mut games = Games { open: BTreeMap::new(), tasks: JoinSet::new(), noted: None };
    let path = context.options.dir.join("disputes.json");
    let first = match read(&path) {
        Some(note) => note.block,
        // Before a node registers, nobody can dispute with it.
        None => loop {
            match context.contracts.chain().block_number().await {
                Ok(head) => break head,
                Err(error) => tracing::warn!(%error, "cannot read the chain"),
            }
            tokio::time::sleep(POLL).await;
        },
    };
    let mut stream = context.contracts.watch(first);
    games.note(&path, first);
    loop {
        match stream.poll().await {
            Ok(events) => {
                for event in events {
                    games.observe(&context, &event);
                }
                games.note(&path, stream.next_block());
            }
            Err(error) => tracing::warn!(%error, "cannot read the chain"),
        }
        tokio::time::sleep(POLL).await;
    }
}

/// The games of this node.
struct Games {
    /// By number: the block in which each began, and who plays it.
    open: BTreeMap<u64, (u64, AbortHandle)>,
    /// Dropping it ends the players.
    tasks: JoinSet<()>,
    noted: Option<u64>,
}

impl Games {
    fn observe(&mut self, context: &Arc<Context>, at: &EventAt) {
        while self.tasks.try_join_next().is_some() {}
        let me: Address = context.operator.address();
        match &at.event {
            ChainEvent::Challenged { dispute, job, round, leaf, challenger } => {
                context.docket.opened(*dispute, *job, *round, leaf.task, *challenger);
            }
            ChainEvent::DisputeResolved { dispute, .. } => context.docket.ended(*dispute),
            ChainEvent::RoundCommitted { job, .. } => context.credit.committed(*job),
            _ => {}
        }
        match &at.event {
            ChainEvent::Challenged { dispute, leaf, challenger, .. }
                if leaf.node == me || *challenger == me =>
            {
                let player = self.tasks.spawn(play(context.clone(), *dispute));
                if let Some((_, old)) = self.open.insert(*dispute, (at.block, player)) {
                    old.abort();
                }
            }
            ChainEvent::DisputeResolved { dispute, ruling, .. } => {
                if let Some((_, player)) = self.open.remove(dispute) {
                    player.abort();
                    tracing::info!(dispute, ?ruling, "a dispute has ended");
                }
            }
            _ => {}
        }
    }

    /// Writes down where to begin after a restart.
    fn note(&mut self, path: &Path, next: u64) {
        let block = self.open.values().map(|(block, _)| *block).min().unwrap_or(next);
        let is_due = self.noted.is_none_or(|noted| block < noted || block >= noted + NOTE_BLOCKS);
        if !is_due {
            return;
        }
        let bytes = serde_json::to_vec(&Note { block }).expect("a number becomes JSON");
        match write_whole(path, &bytes) {
            Ok(()) => self.noted = Some(block),
            Err(error) => tracing::warn!(%error, "cannot note where disputes begin"),
        }
    }
}

fn read(path: &Path) -> Option<Note> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Plays one game to its end. Whatever fails is tried again: the next look at the chain says where the game is.
async fn play(context: Arc<Context>, dispute: u64) {
    let mut pause = POLL;
    loop {
        match context.table.step(dispute).await {
            Ok(Step::NoGame | Step::Over) => return,
            Ok(Step::Conceded) => {
                return tracing::warn!(dispute, "there is nothing to show: the accused is right");
            }
            Ok(Step::Played { words, mined, .. }) => {
                tracing::info!(dispute, words, tx = %mined.tx, gas = mined.gas_used, "played");
                pause = POLL;
            }
            Ok(Step::Waiting) => {
                pause = POLL;
                another_block(&context).await;
            }
            Ok(Step::Missing(blobs)) => {
                if !bring(&context, &blobs).await {
                    tracing::warn!(dispute, missing = blobs.len(), "inputs of a disputed task cannot be had");
                    pause = wait(pause).await;
                }
            }
            // The chain has moved on: somebody was faster, or the game has ended.
            Err(NodeError::Chain(error @ ChainError::Reverted { .. })) => {
                tracing::info!(dispute, %error, "a move came too late or was wrong");
                pause = wait(pause).await;
            }
            Err(error) => {
                tracing::warn!(dispute, %error, "cannot play, will try again");
                pause = wait(pause).await;
            }
        }
    }
}

/// Sleeps; longer each time.
async fn wait(pause: Duration) -> Duration {
    tokio::time::sleep(pause).await;
    (pause * 2).min(LONGEST_PAUSE)
}

/// Waits until something may have changed.
async fn another_block(context: &Context) {
    let chain = context.contracts.chain();
    let before = chain.block_number().await.ok();
    let changed = async {
        loop {
            tokio::time::sleep(POLL).await;
            if chain.block_number().await.ok() != before {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(LONGEST_LOOK, changed).await;
}

/// Asks everybody this node knows for blobs; says whether it has them all.
async fn bring(context: &Context, blobs: &[BlobId]) -> bool {
    let holders: Vec<PeerAddr> = {
        let peers = context.peers.lock().unwrap_or_else(PoisonError::into_inner);
        peers.iter().rev().cloned().collect()
    };
    let want = |id: &BlobId| Want { id: *id, max_len: MOST_BYTES, holders: holders.clone() };
    let wants: Vec<Want> = blobs.iter().map(want).collect();
    let results = context.endpoint.fetch_many(&wants, &context.store).await;
    results.into_iter().all(|result| result.is_ok())
}
