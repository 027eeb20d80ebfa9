//! Games about exact work: what the players of `corex_protocol::dispute` see and do, on the chain. Contract
//! `DisputeGame`.
//!
//! Nothing is kept between calls: a view is made from the contract's state and its events, so that a player may be
//! started anew before every move.

mod answers;
mod decode;
mod encode;
mod history;

use super::{
    Contracts,
    bindings::{Settlement, game::DisputeGame},
    rounds::DisputeInfo,
};
use crate::{
    client::{ChainError, Mined},
    convert::{from_sol, to_sol},
};
use alloy::{
    consensus::Transaction as _,
    primitives::{B256, U256},
    rpc::types::{Filter, Log},
    sol_types::SolEvent,
};
use corex_protocol::dispute::{Event, Move};
use corex_work::{Address, Hash32};
use std::collections::BTreeMap;

/// A move that the game accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// Number of its block.
    pub block: u64,
    /// When the block was sealed, as Unix time.
    pub time: u64,
    /// Hash of the transaction.
    pub tx: Hash32,
    /// Who sent it.
    pub by: Address,
    /// What was played; `None` if the transaction is no plain call of the game, such as that of a wallet contract.
    pub play: Option<Move>,
    /// What it cost.
    pub gas_used: u64,
    /// Bytes of the call.
    pub calldata_bytes: usize,
    /// What the game announced in it.
    pub events: Vec<Event>,
}

impl Contracts {
    /// Makes a move in a game, as one of its players or, for [`Move::Proceed`], [`Move::Timeout`] and [`Move::Dismiss`],
    /// as anybody.
    ///
    /// # Errors
    /// [`ChainError::Reverted`] if the game does not take it: it is not this account's turn any more, a clock has run out,
    /// or the move is wrong.
    pub async fn play(&self, dispute: u64, play: &Move) -> Result<Mined, ChainError> {
        let (name, call) = encode::call(dispute, play);
        Ok(Mined::from(&self.chain.write_encoded(name, self.book.contracts.game, call).await?))
    }

    /// What was played in a game, in order. A move of a hostile player may not be readable; it is there all the same.
    pub async fn moves(&self, dispute: u64) -> Result<Vec<Played>, ChainError> {
        let Some(info) = self.dispute(dispute).await? else { return Ok(Vec::new()) };
        let (from, to) = (self.first_block_of(&info).await?, self.chain.block_number().await?);
        let (game, settlement) = (self.book.contracts.game, self.book.contracts.settlement);
        let mut logs = self.logs_between(about(game, dispute), from, to).await?;
        // Who opens a game makes no move yet.
        logs.retain(|log| log.topic0() != Some(&DisputeGame::GameOpened::SIGNATURE_HASH));
        let ends = about(settlement, dispute).event_signature(Settlement::DisputeResolved::SIGNATURE_HASH);
        logs.extend(self.logs_between(ends, from, to).await?);
        let mut played = Vec::new();
        for (at, tx) in transactions(&logs) {
            let Some((sent, receipt)) = self.chain.transaction(tx).await? else { continue };
            let input = sent.input();
            let announced = receipt.logs().iter().filter(|log| {
                log.address() == to_sol(game) && log.topics().get(1) == Some(&B256::from(U256::from(dispute)))
            });
            let is_plain = sent.to() == Some(to_sol(game));
            let play = is_plain.then(|| decode::call(input)).flatten();
            played.push(Played {
                block: at.0,
                time: self.chain.block_time(at.0).await?,
                tx,
                by: from_sol(receipt.from),
                play: play.filter(|(of, _)| *of == U256::from(dispute)).map(|(_, play)| play),
                gas_used: receipt.gas_used,
                calldata_bytes: input.len(),
                events: announced.filter_map(history::event).collect(),
            });
        }
        Ok(played)
    }

    /// Disputes that were opened in block `from_block` or later, in order, as they stand now.
    pub async fn disputes(&self, from_block: u64) -> Result<Vec<(u64, DisputeInfo)>, ChainError> {
        let head = self.chain.block_number().await?;
        let filter = Filter::new()
            .address(to_sol(self.book.contracts.settlement))
            .event_signature(Settlement::Challenged::SIGNATURE_HASH);
        let mut found = Vec::new();
        for log in self.logs_between(filter, from_block, head).await? {
            let Some(id) = log.topics().get(1) else { continue };
            let id = U256::from_be_bytes(id.0).saturating_to();
            found.extend(self.dispute(id).await?.map(|info| (id, info)));
        }
        found.sort_by_key(|(id, _)| *id);
        Ok(found)
    }

    /// A block before everything that concerns a leaf: its round's beacon comes from it, and nothing is disputed before
    /// that is drawn.
    async fn first_block_of(&self, info: &DisputeInfo) -> Result<u64, ChainError> {
        let round = self.round(info.job, info.round).await?;
        // Contracts on some chains see the block numbers of another one, which are smaller.
        Ok(round.map_or(0, |round| round.draw_block).max(self.book.first_block))
    }
}

/// Logs of a contract with this dispute as their first argument.
fn about(contract: Address, dispute: u64) -> Filter {
    Filter::new().address(to_sol(contract)).topic1(B256::from(U256::from(dispute)))
}

/// The place of a log on the chain.
fn place(log: &Log) -> Option<(u64, u64)> {
    Some((log.block_number?, log.log_index?))
}

/// The transactions that the logs are of, each once, in order.
fn transactions(logs: &[Log]) -> Vec<((u64, u64), Hash32)> {
    let mut found = BTreeMap::new();
    for log in logs {
        if let (Some(block), Some(index), Some(tx)) =
            (log.block_number, log.transaction_index, log.transaction_hash)
        {
            found.insert((block, index), Hash32(tx.0));
        }
    }
    found.into_iter().collect()
}
