//! What an account's vote weighs. Contracts `VotingPower`, and those that it counts from.

use crate::{
    client::ChainError,
    contracts::{
        Contracts, Part,
        bindings::governance::{NetworkGovernor, VoteSource, VotingPower},
        tokens,
    },
    convert::{from_sol, to_sol},
    tokens::Tokens,
};
use alloy::{primitives::U256, rpc::types::Filter, sol_types::SolEvent};
use corex_work::Address;
use serde::Serialize;
use std::collections::BTreeSet;

/// Most accounts whose stake and work one vote counts: each costs gas.
const MOST_REPRESENTED: usize = 100;

/// What an account's vote weighs at one moment, in base units of the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Power {
    /// The moment, as Unix time.
    pub at: u64,
    /// Whom the account has named to vote for it; `None` if it has not, so that its tokens do not count.
    pub delegate: Option<Address>,
    /// Tokens whose holders named this account.
    pub delegated_tokens: Tokens,
    /// Stake of its own.
    pub stake: Tokens,
    /// Verified units of work of its own.
    pub units: u128,
    /// Others whose stake and work it may vote with.
    pub represents: Vec<Represented>,
    /// All together: tokens, stake, and what work weighs.
    pub votes: Tokens,
    /// Part of `votes` that counts, for having voted on what was decided before, in ten-thousandths.
    pub participation_bps: u16,
    /// What counts.
    pub weight: Tokens,
    /// Votes that there are in all.
    pub total: Tokens,
}

/// An account that named another to vote for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Represented {
    /// Who.
    pub account: Address,
    /// Its stake.
    pub stake: Tokens,
    /// Its verified units of work.
    pub units: u128,
}

impl Contracts {
    /// What the vote of `account` weighed at `time`, which must be in the past.
    pub async fn voting_power(&self, account: Address, time: u64) -> Result<Power, ChainError> {
        let (token, power) = (self.book.contracts.token, self.part(Part::Power)?);
        let (who, at) = (to_sol(account), U256::from(time));
        let delegate =
            self.chain.read(token, &VoteSource::getPastDelegateCall { account: who, timepoint: at }).await?;
        let delegated_tokens = tokens(
            self.chain.read(token, &VoteSource::getPastVotesCall { account: who, timepoint: at }).await?,
        );
        let (stake, units) = self.earned_votes(account, time).await?;
        let represents = self.represented_by(account, time).await?;
        let call = VotingPower::getPastVotesForCall {
            account: who,
            timepoint: at,
            represented: represents.iter().map(|other| to_sol(other.account)).collect(),
        };
        let votes = self.chain.read(power, &call).await?;
        let total =
            tokens(self.chain.read(power, &VotingPower::getPastTotalSupplyCall { timepoint: at }).await?);
        let call = NetworkGovernor::participationBpsCall { account: who, timepoint: at };
        let bps = self.chain.read(self.part(Part::Governor)?, &call).await?;
        Ok(Power {
            at: time,
            delegate: (!delegate.is_zero()).then(|| from_sol(delegate)),
            delegated_tokens,
            stake,
            units,
            represents,
            votes: tokens(votes),
            participation_bps: bps.saturating_to(),
            weight: tokens(votes.saturating_mul(bps) / U256::from(10_000)),
            total,
        })
    }

    /// Votes of `account` without those whom it represents: what counts for making proposals.
    pub async fn votes_alone(&self, account: Address, time: u64) -> Result<Tokens, ChainError> {
        let (power, who, at) = (self.part(Part::Power)?, to_sol(account), U256::from(time));
        let call = VotingPower::getPastVotesCall { account: who, timepoint: at };
        let votes = self.chain.read(power, &call).await?;
        let call = NetworkGovernor::participationBpsCall { account: who, timepoint: at };
        let bps = self.chain.read(self.part(Part::Governor)?, &call).await?;
        Ok(tokens(votes.saturating_mul(bps) / U256::from(10_000)))
    }

    /// Whom `account` has named to vote for it now.
    pub async fn delegate_of(&self, account: Address) -> Result<Option<Address>, ChainError> {
        let call = VoteSource::delegatesCall { account: to_sol(account) };
        let delegate = self.chain.read(self.book.contracts.token, &call).await?;
        Ok((!delegate.is_zero()).then(|| from_sol(delegate)))
    }

    /// Accounts with stake or work of their own whose delegate `account` was at `time`, ascending: as a vote has to name them.
    async fn represented_by(&self, account: Address, time: u64) -> Result<Vec<Represented>, ChainError> {
        let token = self.book.contracts.token;
        let filter = Filter::new()
            .address(to_sol(token))
            .event_signature(VoteSource::DelegateChanged::SIGNATURE_HASH)
            .topic3(to_sol(account).into_word());
        let mut candidates = BTreeSet::new();
        for log in self.all_logs(filter).await? {
            let Ok(changed) = VoteSource::DelegateChanged::decode_log(&log.inner) else { continue };
            candidates.insert(from_sol(changed.delegator));
        }
        let mut found = Vec::new();
        for other in candidates.into_iter().filter(|other| *other != account) {
            let call =
                VoteSource::getPastDelegateCall { account: to_sol(other), timepoint: U256::from(time) };
            if from_sol(self.chain.read(token, &call).await?) != account {
                continue;
            }
            let (stake, units) = self.earned_votes(other, time).await?;
            if stake > Tokens::default() || units > 0 {
                found.push(Represented { account: other, stake, units });
            }
            if found.len() == MOST_REPRESENTED {
                break;
            }
        }
        Ok(found)
    }

    /// Stake and units of work of an account.
    async fn earned_votes(&self, account: Address, time: u64) -> Result<(Tokens, u128), ChainError> {
        let (owner, timepoint) = (to_sol(account), U256::from(time));
        let sources = self.chain.read(self.part(Part::Power)?, &VotingPower::stakeSourcesCall {}).await?;
        let mut stake = Tokens::default();
        for source in sources {
            let call = VoteSource::pastStakeCall { owner, timepoint };
            stake = stake + tokens(self.chain.read(from_sol(source), &call).await?);
        }
        let call = VoteSource::pastContributionCall { owner, timepoint };
        let units = self.chain.read(self.part(Part::Credentials)?, &call).await?;
        Ok((stake, units.saturating_to()))
    }
}
