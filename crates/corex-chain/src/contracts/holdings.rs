//! What an account has, wherever in the network it lies.

use super::{
    Contracts, LeaseInfo, Stake, Unbonding, WorkKind,
    bindings::{
        JobEscrow,
        money::{Delegation, Payments},
    },
    deploy::Part,
    tokens,
};
use crate::{
    client::ChainError,
    convert::{from_sol, to_sol},
    tokens::Tokens,
};
use alloy::{rpc::types::Filter, sol_types::SolEvent};
use corex_work::{Address, JobId};
use serde::Serialize;
use std::collections::BTreeSet;

/// What an account has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holdings {
    /// The account.
    pub account: Address,
    /// Unix time for which this holds.
    pub time: u64,
    /// Ether, for gas.
    pub gas: Tokens,
    /// Tokens that it can spend now.
    pub spendable: Tokens,
    /// Nodes that it owns.
    pub nodes: Vec<OwnNode>,
    /// Nodes that it delegates to, or did.
    pub delegations: Vec<Position>,
    /// Jobs that it opened.
    pub jobs: Vec<OwnJob>,
    /// Leases that are not closed, of nodes that it rents or owns.
    pub leases: Vec<LeaseInfo>,
    /// What contracts could not send to it when it was due.
    pub owed: Vec<Owed>,
}

/// A node of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnNode {
    /// The node.
    pub node: Address,
    /// What it has at stake.
    pub stake: Stake,
    /// What of it is on its way out.
    pub unbonding: Vec<Unbonding>,
    /// Mined and not claimed, its delegators' part included.
    pub claimable: Tokens,
}

/// Stake lent to a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    /// The node.
    pub node: Address,
    /// What the account's shares are worth.
    pub worth: Tokens,
    /// What of it is on its way out, and worth no shares.
    pub unbonding: Vec<Unbonding>,
    /// Mined by the node and not claimed; a part of it is its delegators'.
    pub claimable: Tokens,
}

/// A job of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnJob {
    /// The job.
    pub job: JobId,
    /// Who opened it, and gets refunds.
    pub requester: Address,
    /// What it is.
    pub kind: Option<WorkKind>,
    /// Who commits its rounds.
    pub coordinator: Address,
    /// For a unit of work.
    pub price_per_unit: Tokens,
    /// Unix time after which no round can be committed.
    pub deadline: u64,
    /// Tokens held for it.
    pub balance: Tokens,
    /// The part that belongs to rounds that are not settled.
    pub reserved: Tokens,
    /// Takes no more rounds.
    pub closed: bool,
    /// Is compensated for work that is proven wrong.
    pub insured: bool,
}

/// A payment that a token refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Owed {
    /// Key of the contract in the address book.
    pub by: &'static str,
    /// How much.
    pub amount: Tokens,
    #[serde(skip)]
    pub(super) part: Part,
}

impl Unbonding {
    /// What of these can be withdrawn at `time`.
    pub fn released(requests: &[Unbonding], time: u64) -> Tokens {
        requests.iter().filter(|request| request.release_at <= time).map(|request| request.amount).sum()
    }

    /// All of these.
    pub fn total(requests: &[Unbonding]) -> Tokens {
        requests.iter().map(|request| request.amount).sum()
    }
}

impl OwnJob {
    /// What belongs to no round.
    pub fn free(&self) -> Tokens {
        self.balance.saturating_sub(self.reserved)
    }
}

impl Holdings {
    /// Own stake, active and bonded.
    pub fn staked(&self) -> Tokens {
        self.nodes.iter().map(|node| node.stake.counting()).sum()
    }

    /// The part of [`Self::staked`] that a lock holds.
    pub fn locked(&self) -> Tokens {
        let locked = self.nodes.iter().filter(|node| node.stake.locked_until > self.time);
        locked.map(|node| node.stake.active).sum()
    }

    /// What is lent to nodes.
    pub fn delegated(&self) -> Tokens {
        self.delegations.iter().map(|position| position.worth).sum()
    }

    /// What is on its way out, of own and of lent stake.
    pub fn unbonding(&self) -> Tokens {
        let own = self.nodes.iter().map(|node| Unbonding::total(&node.unbonding));
        own.chain(self.delegations.iter().map(|position| Unbonding::total(&position.unbonding))).sum()
    }

    /// What can be taken out of that now.
    pub fn withdrawable(&self) -> Tokens {
        let own = self.nodes.iter().map(|node| Unbonding::released(&node.unbonding, self.time));
        own.chain(self.delegations.iter().map(|p| Unbonding::released(&p.unbonding, self.time))).sum()
    }

    /// Mined by own nodes and not claimed.
    pub fn claimable(&self) -> Tokens {
        self.nodes.iter().map(|node| node.claimable).sum()
    }

    /// Held for the account's jobs.
    pub fn in_escrow(&self) -> Tokens {
        self.jobs.iter().map(|job| job.balance).sum()
    }

    /// Deposits of leases that it rents, as far as they are not spent, and bonds of its claims.
    pub fn in_leases(&self) -> Tokens {
        let deposits =
            self.leases.iter().filter(|lease| lease.requester == self.account).map(LeaseInfo::left);
        let claims = self.leases.iter().filter_map(|lease| lease.claim);
        deposits.chain(claims.filter(|claim| claim.claimant == self.account).map(|claim| claim.bond)).sum()
    }

    /// Not sent when it was due.
    pub fn owed(&self) -> Tokens {
        self.owed.iter().map(|owed| owed.amount).sum()
    }
}

impl Contracts {
    /// What an account has. Reads the events of the whole network and asks about each of its nodes, so it takes longer the larger that is.
    pub async fn holdings(&self, account: Address) -> Result<Holdings, ChainError> {
        let nodes = self.nodes_of(account).await?;
        let ids: Vec<Address> = nodes.iter().map(|own| own.node).collect();
        Ok(Holdings {
            account,
            time: self.chain.time().await?,
            gas: Tokens(self.chain.gas_balance(account).await?),
            spendable: self.balance(account).await?,
            nodes,
            delegations: self.positions_of(account).await?,
            jobs: self.jobs_of(account).await?,
            leases: self.open_leases(&ids, account).await?,
            owed: self.owed_to(account).await?,
        })
    }

    /// The nodes that an account owns.
    pub async fn nodes_of(&self, account: Address) -> Result<Vec<OwnNode>, ChainError> {
        let mut own = Vec::new();
        for node in self.nodes().await? {
            if self.node(node).await?.is_none_or(|info| info.owner != account) {
                continue;
            }
            own.push(OwnNode {
                node,
                stake: self.stake_of(node).await?,
                unbonding: self.unbonding_of(node).await?,
                claimable: self.mined_by(node).await?,
            });
        }
        Ok(own)
    }

    /// What an account lends to nodes, and takes out.
    pub async fn positions_of(&self, account: Address) -> Result<Vec<Position>, ChainError> {
        let contract = self.book.contracts.delegation;
        let delegator = to_sol(account);
        let filter = Filter::new()
            .address(to_sol(contract))
            .event_signature(Delegation::Delegated::SIGNATURE_HASH)
            .topic2(delegator.into_word());
        let logs = self.logs_between(filter, self.book.first_block, self.chain.block_number().await?).await?;
        let nodes: BTreeSet<_> = logs
            .iter()
            .filter_map(|log| Delegation::Delegated::decode_log(&log.inner).ok())
            .map(|log| log.data.node)
            .collect();
        let mut positions = Vec::new();
        for node in nodes {
            let worth = self.read(contract, Delegation::delegationOfCall { node, delegator }).await?;
            let requests = self.read(contract, Delegation::requestsOfCall { node, delegator }).await?;
            let unbonding: Vec<_> = requests
                .into_iter()
                .map(|r| Unbonding { amount: tokens(r.amount), release_at: r.releaseAt })
                .collect();
            if worth.is_zero() && unbonding.is_empty() {
                continue;
            }
            let claimable = self.mined_by(from_sol(node)).await?;
            positions.push(Position { node: from_sol(node), worth: tokens(worth), unbonding, claimable });
        }
        Ok(positions)
    }

    /// The jobs that an account opened, oldest first.
    pub async fn jobs_of(&self, account: Address) -> Result<Vec<OwnJob>, ChainError> {
        let filter = Filter::new()
            .address(to_sol(self.book.contracts.escrow))
            .event_signature(JobEscrow::JobOpened::SIGNATURE_HASH)
            .topic2(to_sol(account).into_word());
        let logs = self.logs_between(filter, self.book.first_block, self.chain.block_number().await?).await?;
        let mut jobs = Vec::new();
        for opened in logs.iter().filter_map(|log| JobEscrow::JobOpened::decode_log(&log.inner).ok()) {
            jobs.extend(self.own_job(JobId(opened.data.job.0)).await?);
        }
        Ok(jobs)
    }

    /// A job as its requester sees it; `None` if there is none with this id.
    pub async fn own_job(&self, job: JobId) -> Result<Option<OwnJob>, ChainError> {
        let Some(info) = self.job(job).await? else { return Ok(None) };
        Ok(Some(OwnJob {
            job,
            requester: info.requester,
            kind: info.kind,
            coordinator: info.coordinator,
            price_per_unit: info.price_per_unit,
            deadline: info.deadline,
            balance: info.balance,
            reserved: info.reserved,
            closed: info.closed,
            insured: info.insured,
        }))
    }

    /// What contracts could not send to an account when it was due.
    pub async fn owed_to(&self, account: Address) -> Result<Vec<Owed>, ChainError> {
        let mut owed = Vec::new();
        for part in [Part::Escrow, Part::Market] {
            let call = Payments::owedToCall { to: to_sol(account) };
            let amount = tokens(self.read(self.book.contracts.at(part), call).await?);
            if amount > Tokens::default() {
                owed.push(Owed { by: part.key(), amount, part });
            }
        }
        Ok(owed)
    }

    /// What can be claimed for a node; zero where nothing is mined.
    async fn mined_by(&self, node: Address) -> Result<Tokens, ChainError> {
        if self.has_pool() { self.claimable(node).await } else { Ok(Tokens::default()) }
    }
}
