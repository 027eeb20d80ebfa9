//! Leases as they stand.

use super::Meter;
use crate::{
    client::ChainError,
    contracts::{Contracts, bindings::market::Market, tokens},
    convert::{from_sol, to_sol, word},
    tokens::Tokens,
};
use alloy::{primitives::B256, rpc::types::Filter, sol_types::SolEvent};
use corex_work::{Address, Hash32};
use serde::Serialize;

/// A lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LeaseInfo {
    /// Its id.
    pub lease: Hash32,
    /// Who pays, and gets back what is left.
    pub requester: Address,
    /// Who acts for the requester; may be the requester.
    pub signer: Address,
    /// The node.
    pub node: Address,
    /// What is counted.
    pub meter: Meter,
    /// For one second or unit, fees included.
    pub price: Tokens,
    /// What accrues per second.
    pub per_second: Tokens,
    /// Unix time at which it opened.
    pub start: u64,
    /// Unix time at which it ends or ended.
    pub end: u64,
    /// What its quantity costs: the most that the deposit can be.
    pub most: Tokens,
    /// All that was deposited.
    pub deposit: Tokens,
    /// How much of the deposit is spent.
    pub settled: Tokens,
    /// Most that can be claimed now, cumulative.
    pub accrued: Tokens,
    /// Part of what the provider is paid that is the network's fee, in ten-thousandths.
    pub fee_bps: u16,
    /// Whether what was left has been paid back.
    pub closed: bool,
    /// Hash of the offer.
    pub offer: Hash32,
    /// What the provider says it earned, while that is open.
    pub claim: Option<ClaimInfo>,
}

/// A claim without a voucher, that can be objected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimInfo {
    /// Who posted the bond and gets it back.
    pub claimant: Address,
    /// Unix time, last second of the objection.
    pub deadline: u64,
    /// Cumulative.
    pub amount: Tokens,
    /// What an objection costs the claimant at most.
    pub bond: Tokens,
}

/// Where a lease was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LeaseAt {
    /// Its id.
    pub lease: Hash32,
    /// The node.
    pub node: Address,
    /// Who pays.
    pub requester: Address,
    /// Seconds or units.
    pub quantity: u64,
}

impl Contracts {
    /// A lease; `None` if there is none with this id.
    pub async fn lease(&self, lease: Hash32) -> Result<Option<LeaseInfo>, ChainError> {
        let (market, id) = (self.book.contracts.market, word(lease.0));
        let l = self.chain.read(market, &Market::leaseOfCall { lease: id }).await?;
        if l.requester.is_zero() {
            return Ok(None);
        }
        let unknown = || ChainError::Answer { call: "leaseOf".into(), reason: format!("meter {}", l.meter) };
        let meter = Meter::of(l.meter).ok_or_else(unknown)?;
        let claim = self.chain.read(market, &Market::claimOfCall { lease: id }).await?;
        let accrued = tokens(self.chain.read(market, &Market::accruedCall { lease: id }).await?);
        Ok(Some(LeaseInfo {
            lease,
            requester: from_sol(l.requester),
            signer: from_sol(l.signer),
            node: from_sol(l.node),
            meter,
            price: Tokens(l.price),
            per_second: Tokens(l.perSecond),
            start: l.start,
            end: l.end,
            most: Tokens(l.most),
            deposit: Tokens(l.deposit),
            settled: Tokens(l.settled),
            accrued,
            fee_bps: l.feeBps,
            closed: l.closed,
            offer: Hash32(l.offer.0),
            claim: (!claim.claimant.is_zero()).then_some(ClaimInfo {
                claimant: from_sol(claim.claimant),
                deadline: claim.deadline,
                amount: Tokens(claim.amount),
                bond: Tokens(claim.bond),
            }),
        }))
    }

    /// Leases of these nodes and of this requester that are not closed, oldest first.
    pub(in crate::contracts) async fn open_leases(
        &self,
        nodes: &[Address],
        requester: Address,
    ) -> Result<Vec<LeaseInfo>, ChainError> {
        let mut open = Vec::new();
        for at in self.leases_of(nodes, &[requester]).await? {
            open.extend(self.lease(at.lease).await?.filter(|lease| !lease.closed));
        }
        Ok(open)
    }

    /// Leases that were opened of these nodes or by these requesters, oldest first. Asks the chain's log for them alone, however
    /// many others there are.
    pub async fn leases_of(
        &self,
        nodes: &[Address],
        requesters: &[Address],
    ) -> Result<Vec<LeaseAt>, ChainError> {
        let topics = |who: &[Address]| who.iter().map(|a| to_sol(*a).into_word()).collect::<Vec<B256>>();
        let base = Filter::new()
            .address(to_sol(self.book.contracts.market))
            .event_signature(Market::LeaseOpened::SIGNATURE_HASH);
        let mut filters = Vec::new();
        if !nodes.is_empty() {
            filters.push(base.clone().topic2(topics(nodes)));
        }
        if !requesters.is_empty() {
            filters.push(base.topic3(topics(requesters)));
        }
        let mut found: Vec<(u64, u64, LeaseAt)> = Vec::new();
        for filter in filters {
            for log in self.all_logs(filter).await? {
                let at = (log.block_number.unwrap_or_default(), log.log_index.unwrap_or_default());
                let Ok(opened) = Market::LeaseOpened::decode_log(&log.inner) else { continue };
                let lease = LeaseAt {
                    lease: Hash32(opened.lease.0),
                    node: from_sol(opened.node),
                    requester: from_sol(opened.requester),
                    quantity: opened.quantity,
                };
                found.push((at.0, at.1, lease));
            }
        }
        // Who leases its own node finds it twice.
        found.sort_by_key(|(block, index, _)| (*block, *index));
        found.dedup_by_key(|(_, _, at)| at.lease);
        Ok(found.into_iter().map(|(_, _, at)| at).collect())
    }
}

impl LeaseInfo {
    /// Unix time until which the provider may redeem and claim, and from which anybody may close it.
    pub fn closable_from(&self, challenge_seconds: u64) -> u64 {
        self.end.saturating_add(challenge_seconds)
    }

    /// What of the deposit is not spent.
    pub fn left(&self) -> Tokens {
        self.deposit.saturating_sub(self.settled)
    }
}
