//! Proposals that all vote on. Contract `NetworkGovernor`.

use crate::{
    client::ChainError,
    contracts::{Action, Contracts, Part, Support, bindings::governance::NetworkGovernor, tokens},
    convert::{from_sol, to_sol},
    tokens::Tokens,
};
use alloy::{
    primitives::{U256, keccak256},
    rpc::types::Filter,
    sol_types::{SolEvent, SolValue},
};
use corex_work::{Address, Hash32};
use serde::Serialize;
use std::fmt;

/// A proposal, as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its number: a hash of everything in it.
    pub id: Hash32,
    /// Who made it, and may cancel it while it is pending.
    pub proposer: Address,
    /// What is called if it is accepted.
    pub actions: Vec<Action>,
    /// What it is, in its proposer's words.
    pub description: String,
}

/// Where a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // OpenZeppelin's words.
pub enum ProposalState {
    Pending,
    Active,
    Canceled,
    Defeated,
    Succeeded,
    Queued,
    Expired,
    Executed,
}

impl ProposalState {
    fn of(code: u8) -> Option<Self> {
        use ProposalState::*;
        [Pending, Active, Canceled, Defeated, Succeeded, Queued, Expired, Executed]
            .get(usize::from(code))
            .copied()
    }
}

impl fmt::Display for ProposalState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Canceled => "canceled",
            Self::Defeated => "defeated",
            Self::Succeeded => "succeeded",
            Self::Queued => "queued",
            Self::Expired => "expired",
            Self::Executed => "executed",
        })
    }
}

/// How a vote stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Where the proposal is.
    pub state: ProposalState,
    /// Votes for it, in base units.
    pub votes_for: Tokens,
    /// Votes against it.
    pub against: Tokens,
    /// Votes that only count for the quorum.
    pub abstain: Tokens,
    /// Votes for and abstaining that it needs; unknown before the snapshot.
    pub quorum: Option<Tokens>,
    /// Unix time at which votes are counted; voting begins right after.
    pub snapshot: u64,
    /// Unix time at which voting ends.
    pub deadline: u64,
    /// Unix time from which it can be executed, once it is queued.
    pub executable_from: Option<u64>,
    /// Whether its votes were voided once and it is voted on again.
    pub is_reset: bool,
}

/// Longer titles are cut.
const TITLE: usize = 80;

impl Proposal {
    /// The first line of its description. A stranger wrote it: print it with `{:?}`.
    pub fn title(&self) -> String {
        let line = self.description.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        line.trim().trim_start_matches('#').trim().chars().take(TITLE).collect()
    }

    /// The number that a proposal with this content has.
    pub fn id_of(actions: &[Action], description: &str) -> Hash32 {
        let parts = Calldata::of(actions);
        let encoded =
            (parts.targets, parts.values, parts.calldatas, description_hash(description)).abi_encode_params();
        Hash32(keccak256(encoded).0)
    }
}

/// The actions as the governor's functions take them.
pub(crate) struct Calldata {
    pub targets: Vec<alloy::primitives::Address>,
    pub values: Vec<U256>,
    pub calldatas: Vec<alloy::primitives::Bytes>,
}

impl Calldata {
    pub(crate) fn of(actions: &[Action]) -> Self {
        Self {
            targets: actions.iter().map(|action| to_sol(action.to)).collect(),
            values: actions.iter().map(|action| U256::from(action.value)).collect(),
            calldatas: actions.iter().map(|action| action.data.clone().into()).collect(),
        }
    }
}

pub(crate) fn description_hash(description: &str) -> alloy::primitives::B256 {
    keccak256(description.as_bytes())
}

pub(crate) fn number(id: Hash32) -> U256 {
    U256::from_be_bytes(id.0)
}

impl Contracts {
    /// Every proposal that was made, oldest first.
    pub async fn proposals(&self) -> Result<Vec<Proposal>, ChainError> {
        let filter = Filter::new()
            .address(to_sol(self.part(Part::Governor)?))
            .event_signature(NetworkGovernor::ProposalCreated::SIGNATURE_HASH);
        let mut found = Vec::new();
        for log in self.all_logs(filter).await? {
            let Ok(made) = NetworkGovernor::ProposalCreated::decode_log(&log.inner) else { continue };
            let made = made.data;
            let calls = made.targets.iter().zip(&made.values).zip(made.calldatas);
            let actions = calls.map(|((to, value), data)| Action {
                to: from_sol(*to),
                value: value.saturating_to(),
                data: data.into(),
            });
            found.push(Proposal {
                id: Hash32(made.proposalId.to_be_bytes()),
                proposer: from_sol(made.proposer),
                actions: actions.collect(),
                description: made.description,
            });
        }
        Ok(found)
    }

    /// How the vote on a proposal stands.
    pub async fn tally(&self, id: Hash32) -> Result<Tally, ChainError> {
        use NetworkGovernor as G;
        let (governor, id) = (self.part(Part::Governor)?, number(id));
        let code = self.chain.read(governor, &G::stateCall { proposalId: id }).await?;
        let unknown = || ChainError::Answer { call: "state".into(), reason: format!("state {code}") };
        let state = ProposalState::of(code).ok_or_else(unknown)?;
        let votes = self.chain.read(governor, &G::proposalVotesCall { proposalId: id }).await?;
        let snapshot = self.chain.read(governor, &G::proposalSnapshotCall { proposalId: id }).await?;
        let deadline = self.chain.read(governor, &G::proposalDeadlineCall { proposalId: id }).await?;
        let eta: u64 =
            self.chain.read(governor, &G::proposalEtaCall { proposalId: id }).await?.saturating_to();
        let is_reset = self.chain.read(governor, &G::isResetCall { proposalId: id }).await?;
        // A quorum of the future cannot be asked for.
        let quorum = match snapshot < U256::from(self.chain.time().await?) {
            true => Some(tokens(self.chain.read(governor, &G::quorumCall { timepoint: snapshot }).await?)),
            false => None,
        };
        Ok(Tally {
            state,
            votes_for: tokens(votes.forVotes),
            against: tokens(votes.againstVotes),
            abstain: tokens(votes.abstainVotes),
            quorum,
            snapshot: snapshot.saturating_to(),
            deadline: deadline.saturating_to(),
            executable_from: (eta > 0).then_some(eta),
            is_reset,
        })
    }

    /// Whether an account has voted on a proposal, since its votes were last voided.
    pub async fn has_voted(&self, id: Hash32, account: Address) -> Result<bool, ChainError> {
        let call = NetworkGovernor::hasVotedCall { proposalId: number(id), account: to_sol(account) };
        self.chain.read(self.part(Part::Governor)?, &call).await
    }

    /// How an account voted on a proposal last; after a reset, that may be the vote which was voided, so ask [`Self::has_voted`] first.
    pub async fn last_vote(&self, id: Hash32, account: Address) -> Result<Option<Support>, ChainError> {
        let plain = NetworkGovernor::VoteCast::SIGNATURE_HASH;
        let with_others = NetworkGovernor::VoteCastWithParams::SIGNATURE_HASH;
        let filter = Filter::new()
            .address(to_sol(self.part(Part::Governor)?))
            .event_signature(vec![plain, with_others])
            .topic1(to_sol(account).into_word());
        let logs = self.all_logs(filter).await?;
        let votes = logs.iter().filter_map(|log| {
            let plain =
                NetworkGovernor::VoteCast::decode_log(&log.inner).map(|vote| (vote.proposalId, vote.support));
            let others = |_| {
                NetworkGovernor::VoteCastWithParams::decode_log(&log.inner)
                    .map(|vote| (vote.proposalId, vote.support))
            };
            plain.or_else(others).ok()
        });
        let last = votes.filter(|(proposal, _)| *proposal == number(id)).last();
        Ok(last.and_then(|(_, support)| Support::of(support)))
    }

    /// Votes that a proposer needs.
    pub async fn proposal_threshold(&self) -> Result<Tokens, ChainError> {
        let call = NetworkGovernor::proposalThresholdCall {};
        self.chain.read(self.part(Part::Governor)?, &call).await.map(tokens)
    }
}
