//! How a node stands: what it has at stake, what it has proven, what it offers to delegators.

use super::{
    Contracts, NodeInfo, Stake,
    bindings::{NodeRegistry, StakeVault, money::Delegation},
    tokens,
};
use crate::{
    client::ChainError,
    convert::{from_sol, to_sol},
    tokens::Tokens,
};
use alloy::{
    rpc::types::Filter,
    sol_types::{SolCall, SolEvent},
};
use corex_work::Address;
use serde::Serialize;
use std::collections::BTreeSet;

/// Stake on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Unbonding {
    /// What it pays if nothing is slashed in between.
    pub amount: Tokens,
    /// Unix time from which it can be withdrawn.
    pub release_at: u64,
}

/// What a node's owner asks of delegators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Conditions {
    /// New delegations are taken.
    pub accepting: bool,
    /// Part of the delegators' reward that is the owner's, now, in ten-thousandths.
    pub commission_bps: u16,
    /// The same from `changes_at` on.
    pub next_commission_bps: u16,
    /// Unix time.
    pub changes_at: u64,
}

/// A node at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The node.
    pub node: Address,
    /// Who is paid, and may take stake out.
    pub owner: Address,
    /// To whom the node is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered_to: Option<Address>,
    /// In service.
    pub active: bool,
    /// [`PROVIDER`](super::PROVIDER) and [`VERIFIER`](super::VERIFIER), added.
    pub roles: u8,
    /// 0 to 3.
    pub tier: u8,
    /// Share of its results that stood, weighed: ten-thousandths.
    pub quality_bps: u16,
    /// What its own stake and lock multiply its work by: ten-thousandths.
    pub boost_bps: u16,
    /// Units of work settled for it.
    pub verified_units: u128,
    /// Units since its last fault.
    pub history: u128,
    /// Moving average of units per day.
    pub units_per_day: u128,
    /// Results that lost a dispute.
    pub faults: u32,
    /// Its stake.
    pub stake: Stake,
    /// Stake of its owner on its way out.
    pub unbonding: Vec<Unbonding>,
    /// Delegated stake that counts.
    pub counted_delegation: Tokens,
    /// How much more can be delegated to it.
    pub room: Tokens,
    /// What it asks of delegators.
    pub conditions: Conditions,
}

impl Contracts {
    /// Every node that ever registered, ascending by address.
    pub async fn nodes(&self) -> Result<Vec<Address>, ChainError> {
        let filter = Filter::new()
            .address(to_sol(self.book.contracts.registry))
            .event_signature(NodeRegistry::NodeRegistered::SIGNATURE_HASH);
        let logs = self.logs_between(filter, self.book.first_block, self.chain.block_number().await?).await?;
        let nodes: BTreeSet<_> = logs
            .iter()
            .filter_map(|log| NodeRegistry::NodeRegistered::decode_log(&log.inner).ok())
            .map(|log| from_sol(log.data.node))
            .collect();
        Ok(nodes.into_iter().collect())
    }

    /// How a node stands; `None` if it never registered.
    pub async fn standing(&self, address: Address) -> Result<Option<Standing>, ChainError> {
        let at = self.book.contracts;
        let node = to_sol(address);
        let raw = self.chain.read(at.registry, &NodeRegistry::nodeOfCall { node }).await?;
        let history = raw.history.to::<u128>();
        let Some(info) = NodeInfo::new(raw) else { return Ok(None) };
        let registry = at.registry;
        let pending = from_sol(self.read(registry, NodeRegistry::pendingOwnerOfCall { node }).await?);
        let quality = self.read(registry, NodeRegistry::qualityOfCall { node }).await?;
        let units_per_day = self.read(registry, NodeRegistry::measuredUnitsPerDayCall { node }).await?;
        let boost = self.read(at.vault, StakeVault::boostOfCall { node }).await?;
        let counted = self.read(at.vault, StakeVault::countedDelegationOfCall { node }).await?;
        let stake = self.stake_of(address).await?;
        Ok(Some(Standing {
            node: address,
            owner: info.owner,
            offered_to: (pending != Address::default()).then_some(pending),
            active: info.active,
            roles: info.profile.roles,
            tier: self.read(registry, NodeRegistry::tierOfCall { node }).await?,
            quality_bps: quality.saturating_to(),
            boost_bps: boost.saturating_to(),
            verified_units: info.verified_units,
            history,
            units_per_day: units_per_day.saturating_to(),
            faults: info.faults,
            unbonding: self.unbonding_of(address).await?,
            counted_delegation: tokens(counted),
            room: room(stake, self.book.profile.stake.delegation_cap_bps),
            conditions: self.conditions_of(address).await?,
            stake,
        }))
    }

    /// Stake of a node's owner on its way out, oldest first.
    pub async fn unbonding_of(&self, node: Address) -> Result<Vec<Unbonding>, ChainError> {
        let call = StakeVault::requestsOfCall { node: to_sol(node) };
        let requests = self.chain.read(self.book.contracts.vault, &call).await?;
        Ok(requests
            .into_iter()
            .map(|r| Unbonding { amount: tokens(r.amount), release_at: r.releaseAt })
            .collect())
    }

    /// What a node asks of delegators.
    pub async fn conditions_of(&self, node: Address) -> Result<Conditions, ChainError> {
        let (delegation, node) = (self.book.contracts.delegation, to_sol(node));
        let found = self.read(delegation, Delegation::conditionsOfCall { node }).await?;
        let commission = self.read(delegation, Delegation::commissionOfCall { node }).await?;
        Ok(Conditions {
            accepting: found.accepting,
            commission_bps: commission.saturating_to(),
            next_commission_bps: found.nextCommissionBps,
            changes_at: found.changesAt,
        })
    }

    pub(super) async fn read<C: SolCall>(&self, to: Address, call: C) -> Result<C::Return, ChainError> {
        self.chain.read(to, &call).await
    }
}

/// What fits below the cap, which is a multiple of own stake.
fn room(stake: Stake, cap_bps: u32) -> Tokens {
    let own = stake.counting().0;
    // Saturates for more than 2^128 tokens, which there are not.
    let most = (own / 10_000)
        .saturating_mul(cap_bps.into())
        .saturating_add(own % 10_000 * u128::from(cap_bps) / 10_000);
    Tokens(most).saturating_sub(stake.delegated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_what_the_cap_leaves() {
        let stake = |active: u128, bonded: u128, delegated: u128| Stake {
            active: Tokens(active),
            bonded: Tokens(bonded),
            delegated: Tokens(delegated),
            ..Stake::default()
        };
        assert_eq!(room(stake(100, 20, 30), 40_000), Tokens(450));
        assert_eq!(room(stake(100, 0, 500), 40_000), Tokens(0));
        assert_eq!(room(stake(19_999, 0, 0), 5_000), Tokens(9_999));
        assert_eq!(room(stake(0, 0, 0), 40_000), Tokens(0));
    }
}
