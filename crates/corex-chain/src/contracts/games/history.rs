//! A game as its players see it.

use super::{about, answers, decode, encode::word, place};
use crate::{
    client::ChainError,
    contracts::{
        Contracts,
        bindings::{Settlement, game::DisputeGame},
        rounds::DisputeInfo,
    },
    convert::to_sol,
};
use alloy::{
    primitives::{B256, U256},
    rpc::types::{Filter, Log},
    sol_types::SolEvent,
};
use corex_engine::trace::Digest;
use corex_protocol::dispute::{Event, Game, GameView, History};
use std::collections::{BTreeMap, HashSet};

/// How often a view is made anew because somebody moved meanwhile.
const ATTEMPTS: usize = 5;
/// Topics that one query names at most; public endpoints refuse long lists.
const TOPICS_PER_QUERY: usize = 64;

impl Contracts {
    /// All that a player needs to know of a game, made from the contract's state and events; `None` if the dispute is not
    /// decided by a game, or does not exist.
    ///
    /// # Errors
    /// What the chain says; [`ChainError::Conflict`] if the game moves on faster than it can be read.
    pub async fn game_view(&self, dispute: u64) -> Result<Option<GameView>, ChainError> {
        let Some(info) = self.dispute(dispute).await? else { return Ok(None) };
        let mut seen = self.game(dispute).await?;
        for _ in 0..ATTEMPTS {
            let Some(game) = seen else { return Ok(None) };
            let history = self.history(dispute, &info, &game).await?;
            let call = Settlement::isConvictedCall { dispute: U256::from(dispute) };
            let is_convicted = self.chain.read(self.book.contracts.settlement, &call).await?;
            let now = self.chain.time().await?;
            // State and events are read one after the other: what happened in between would make them disagree.
            seen = self.game(dispute).await?;
            if seen == Some(game) {
                return Ok(Some(GameView { game, now, is_convicted, history }));
            }
        }
        Err(ChainError::Conflict(format!("game {dispute} moves on while it is read: try again")))
    }

    async fn game(&self, dispute: u64) -> Result<Option<Game>, ChainError> {
        let call = DisputeGame::gameOfCall { dispute: U256::from(dispute) };
        Ok(decode::game(self.chain.read(self.book.contracts.game, &call).await?))
    }

    /// Folds the events. Games about the same leaf are read whole, and of all others the answers to what was asked here, so
    /// that nobody can make reading a game dear by playing others.
    async fn history(&self, dispute: u64, info: &DisputeInfo, game: &Game) -> Result<History, ChainError> {
        let (from, to) = (self.first_block_of(info).await?, self.chain.block_number().await?);
        let contract = to_sol(self.book.contracts.game);
        let own = about(self.book.contracts.game, dispute)
            .event_signature(vec![DisputeGame::Asked::SIGNATURE_HASH, DisputeGame::Entered::SIGNATURE_HASH]);
        let mut logs = self.logs_between(own, from, to).await?;
        let (asked, known_before) = questions(&logs);

        let leaf = Filter::new()
            .address(contract)
            .event_signature(vec![
                DisputeGame::GameOpened::SIGNATURE_HASH,
                DisputeGame::Claimed::SIGNATURE_HASH,
            ])
            .topic2(word(game.subject));
        let of_leaf = self.logs_between(leaf, from, to).await?;
        let mut games: Vec<B256> = of_leaf.iter().filter_map(|log| log.topics().get(1).copied()).collect();
        games.sort_unstable();
        games.dedup();
        logs.extend(of_leaf);

        let answered =
            || Filter::new().address(contract).event_signature(DisputeGame::Answered::SIGNATURE_HASH);
        for games in games.chunks(TOPICS_PER_QUERY) {
            logs.extend(self.logs_between(answered().topic1(games.to_vec()), from, to).await?);
        }
        for asked in asked.chunks(TOPICS_PER_QUERY) {
            logs.extend(self.logs_between(answered().topic2(asked.to_vec()), from, to).await?);
        }
        // An answer may be older than the leaf: the same blob in another job.
        let found: HashSet<B256> = answers_in(&logs).collect();
        let older: Vec<B256> = known_before.into_iter().filter(|id| !found.contains(id)).collect();
        if let Some(before) = from.checked_sub(1) {
            for older in older.chunks(TOPICS_PER_QUERY) {
                let filter = answered().topic2(older.to_vec());
                logs.extend(self.logs_between(filter, self.book.first_block, before).await?);
            }
        }

        let in_order: BTreeMap<_, _> = logs.iter().filter_map(|log| Some((place(log)?, log))).collect();
        let mut history = History::default();
        in_order.into_values().filter_map(event).for_each(|event| history.see(event));
        Ok(history)
    }
}

/// The questions that a game asked, and those of them whose answers were known then.
fn questions(logs: &[Log]) -> (Vec<B256>, Vec<B256>) {
    let asked = logs.iter().filter_map(|log| DisputeGame::Asked::decode_log(&log.inner).ok());
    let mut asked: Vec<(B256, bool)> = asked.map(|log| (log.question, log.isKnown)).collect();
    asked.sort_unstable();
    asked.dedup();
    let known = asked.iter().filter(|(_, is_known)| *is_known).map(|(id, _)| *id).collect();
    (asked.into_iter().map(|(id, _)| id).collect(), known)
}

fn answers_in(logs: &[Log]) -> impl Iterator<Item = B256> {
    let answers = logs.iter().filter(|log| log.topic0() == Some(&DisputeGame::Answered::SIGNATURE_HASH));
    answers.filter_map(|log| log.topics().get(2).copied())
}

/// What a log says to a player; `None` if nothing.
pub(super) fn event(log: &Log) -> Option<Event> {
    let raw = &log.inner;
    match *log.topic0()? {
        DisputeGame::Claimed::SIGNATURE_HASH => {
            let claimed = DisputeGame::Claimed::decode_log(raw).ok()?;
            Some(Event::Claimed(Box::new(decode::claim(claimed.data.claim))))
        }
        DisputeGame::Asked::SIGNATURE_HASH => {
            let asked = DisputeGame::Asked::decode_log(raw).ok()?;
            Some(Event::Asked(decode::question(&asked.details)?))
        }
        DisputeGame::Answered::SIGNATURE_HASH => {
            let answered = DisputeGame::Answered::decode_log(raw).ok()?;
            let (_, _, answer) = answers::call(&answered.answer)?;
            Some(Event::Answered(Digest(answered.question.0), answer))
        }
        DisputeGame::Contested::SIGNATURE_HASH => {
            Some(Event::Contested(decode::chain(&DisputeGame::Contested::decode_log(raw).ok()?.chain)))
        }
        DisputeGame::Entered::SIGNATURE_HASH => {
            let entered = DisputeGame::Entered::decode_log(raw).ok()?;
            Some(Event::Entered(entered.number, decode::frame(&entered.frame)))
        }
        _ => None,
    }
}
