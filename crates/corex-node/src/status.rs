//! What a running network looks like, read from its chain.

use corex_chain::{ChainEvent, Contracts};
use corex_work::{Address, JobId};
use serde::Serialize;
use std::collections::BTreeSet;

use crate::error::NodeError;
use crate::network::NetworkFile;

/// A network at one moment. Amounts are in whole tokens.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// JSON-RPC endpoint of the chain.
    pub rpc: String,
    /// Its id.
    pub chain_id: u64,
    /// Newest block.
    pub block: u64,
    /// The token's symbol.
    pub symbol: String,
    /// Minted at genesis.
    pub supply: f64,
    /// Not mined yet.
    pub pool: f64,
    /// In escrow for jobs.
    pub escrow: f64,
    /// Staked.
    pub staked: f64,
    /// With the network's funds: fees not divided yet, insurance, ecosystem, what is for sale.
    pub funds: f64,
    /// Burned.
    pub burned: f64,
    /// Registered nodes.
    pub nodes: Vec<NodeStatus>,
    /// Jobs, oldest first.
    pub jobs: Vec<JobStatus>,
}

/// One node.
#[derive(Debug, Clone, Serialize)]
pub struct NodeStatus {
    /// Operator address.
    pub node: Address,
    /// `provider` or `verifier`.
    pub role: &'static str,
    /// Claimed work units per second.
    pub capability: u64,
    /// Work units paid so far.
    pub verified_units: u128,
    /// Lost disputes.
    pub faults: u32,
    /// Active stake.
    pub stake: f64,
    /// Tokens of the owner.
    pub balance: f64,
    /// False if it left.
    pub active: bool,
}

/// One job.
#[derive(Debug, Clone, Serialize)]
pub struct JobStatus {
    /// Its id.
    pub job: JobId,
    /// Rounds committed.
    pub rounds: u64,
    /// What is left in escrow.
    pub balance: f64,
    /// True once it is over.
    pub closed: bool,
}

/// Asks the host where the chain is, and the chain for everything else.
pub async fn status(file: &NetworkFile) -> Result<Status, NodeError> {
    read(file.contracts(None).await?).await
}

async fn read(contracts: Contracts) -> Result<Status, NodeError> {
    let block = contracts.chain().block_number().await?;
    let (mut nodes, mut jobs) = (BTreeSet::new(), Vec::new());
    for at in contracts.events(contracts.book().first_block, block).await? {
        match at.event {
            ChainEvent::NodeRegistered { node, .. } => drop(nodes.insert(node)),
            ChainEvent::JobOpened { job, .. } => jobs.push(job),
            _ => {}
        }
    }
    let supply = contracts.supply().await?;
    let mut status = Status {
        rpc: contracts.chain().url().to_owned(),
        chain_id: contracts.chain().chain_id(),
        block,
        symbol: contracts.book().profile.token.symbol.clone(),
        supply: supply.initial.to_f64(),
        pool: supply.pool.to_f64(),
        escrow: supply.escrow.to_f64(),
        staked: supply.staked.to_f64(),
        funds: supply.funds.to_f64(),
        burned: supply.burned.to_f64(),
        nodes: Vec::new(),
        jobs: Vec::new(),
    };
    for node in nodes {
        let Some(info) = contracts.node(node).await? else { continue };
        status.nodes.push(NodeStatus {
            node,
            role: if info.profile.roles & corex_chain::VERIFIER != 0 { "verifier" } else { "provider" },
            capability: info.profile.capability,
            verified_units: info.verified_units,
            faults: info.faults,
            stake: contracts.stake_of(node).await?.counting().to_f64(),
            balance: contracts.balance(info.owner).await?.to_f64(),
            active: info.active,
        });
    }
    for job in jobs {
        let Some(info) = contracts.job(job).await? else { continue };
        let rounds = contracts.round_count(job).await?;
        status.jobs.push(JobStatus { job, rounds, balance: info.balance.to_f64(), closed: info.closed });
    }
    Ok(status)
}
