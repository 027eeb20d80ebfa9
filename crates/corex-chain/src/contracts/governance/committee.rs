//! What committees propose and agree to. Contract `Committee`.

use crate::{
    client::ChainError,
    contracts::{Action, Contracts, Part, bindings::governance::Committee},
    convert::{from_sol, to_sol},
    profile::Seat,
};
use alloy::primitives::U256;
use corex_work::Address;
use serde::Serialize;
use std::fmt;

/// A committee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommitteeInfo {
    /// Where it is.
    pub address: Address,
    /// Who sits in it.
    pub members: Vec<Address>,
    /// How many must agree.
    pub threshold: u64,
    /// Who may seat members anew: the committee itself, or somebody else.
    pub controller: Address,
    /// Number of the present composition.
    pub composition: u64,
    /// How many proposals were ever made in it.
    pub proposals: u64,
}

/// A call that a member proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitteeProposal {
    /// Its number in the committee.
    pub id: u64,
    /// The call.
    pub action: Action,
    /// Unix time after which nothing happens to it any more.
    pub expires_at: u64,
    /// Members who agree.
    pub confirmed_by: Vec<Address>,
    /// Where it is.
    pub standpoint: Standpoint,
}

/// Where a committee's proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standpoint {
    /// Members may confirm it.
    Open,
    /// Enough members agree: any of them may execute it.
    Agreed,
    /// Done.
    Executed,
    /// Its time is over.
    Expired,
    /// Members or threshold have changed since: void.
    Superseded,
}

impl fmt::Display for Standpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Agreed => "agreed",
            Self::Executed => "executed",
            Self::Expired => "expired",
            Self::Superseded => "void: the committee has changed",
        })
    }
}

impl Seat {
    /// Its committee.
    pub fn part(self) -> Part {
        match self {
            Self::Executive => Part::Executive,
            Self::Operations => Part::Operations,
            Self::Security => Part::Security,
        }
    }
}

impl Contracts {
    /// Who sits in a committee.
    pub async fn committee(&self, seat: Seat) -> Result<CommitteeInfo, ChainError> {
        let at = self.part(seat.part())?;
        let members = self.chain.read(at, &Committee::membersCall {}).await?;
        Ok(CommitteeInfo {
            address: at,
            members: members.into_iter().map(from_sol).collect(),
            threshold: self.chain.read(at, &Committee::thresholdCall {}).await?.saturating_to(),
            controller: from_sol(self.chain.read(at, &Committee::controllerCall {}).await?),
            composition: self.chain.read(at, &Committee::compositionCall {}).await?,
            proposals: self.chain.read(at, &Committee::proposalCountCall {}).await?.saturating_to(),
        })
    }

    /// A proposal of a committee; `None` if there is none with this number.
    pub async fn committee_proposal(
        &self,
        seat: Seat,
        committee: &CommitteeInfo,
        id: u64,
    ) -> Result<Option<CommitteeProposal>, ChainError> {
        if id >= committee.proposals {
            return Ok(None);
        }
        let at = self.part(seat.part())?;
        let number = U256::from(id);
        let found = self.chain.read(at, &Committee::proposalOfCall { id: number }).await?;
        let mut confirmed_by = Vec::new();
        for member in &committee.members {
            let call = Committee::hasConfirmedCall { id: number, member: to_sol(*member) };
            if self.chain.read(at, &call).await? {
                confirmed_by.push(*member);
            }
        }
        let standpoint = match () {
            () if found.executed => Standpoint::Executed,
            () if found.composition != committee.composition => Standpoint::Superseded,
            () if self.chain.time().await? > found.expiresAt => Standpoint::Expired,
            () if u64::from(found.confirmations) >= committee.threshold => Standpoint::Agreed,
            () => Standpoint::Open,
        };
        Ok(Some(CommitteeProposal {
            id,
            action: Action {
                to: from_sol(found.target),
                value: found.value.saturating_to(),
                data: found.data.into(),
            },
            expires_at: found.expiresAt,
            confirmed_by,
            standpoint,
        }))
    }
}
