//! What the contracts announce, as plain values.

use super::{
    Contracts,
    bindings::{
        JobEscrow, MiningPool, NodeRegistry, Payout as SolPayout, Settlement, StakeVault, VoteArbiter,
        game::DisputeGame,
    },
    deploy::Addresses,
    jobs::{JobTerms, WorkKind},
    nodes::NodeProfile,
    rounds::Ruling,
    tokens,
};
use crate::{
    client::ChainError,
    convert::{from_sol, to_sol},
    tokens::Tokens,
};
use alloy::{
    rpc::types::{Filter, Log},
    sol_types::SolEventInterface,
};
use corex_work::{Address, Beacon, BlobId, Hash32, JobId, Leaf, Payout, TaskId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The kind of work that no job has: `AUDIT` in `contracts/src/interfaces/Types.sol`.
const AUDIT: u8 = 5;

/// Something a contract announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // The contracts' interfaces say what each field is.
pub enum ChainEvent {
    NodeRegistered {
        node: Address,
        owner: Address,
        profile: NodeProfile,
    },
    NodeUpdated {
        node: Address,
        profile: NodeProfile,
    },
    NodeActiveChanged {
        node: Address,
        active: bool,
    },
    Staked {
        node: Address,
        from: Address,
        amount: Tokens,
    },
    UnbondRequested {
        node: Address,
        amount: Tokens,
        release_at: u64,
    },
    Withdrawn {
        node: Address,
        owner: Address,
        amount: Tokens,
    },
    Slashed {
        node: Address,
        winner: Address,
        burned: Tokens,
        to_finder: Tokens,
        to_job: Tokens,
    },
    JobOpened {
        job: JobId,
        requester: Address,
        terms: Box<JobTerms>,
        budget: Tokens,
    },
    ToppedUp {
        job: JobId,
        from: Address,
        amount: Tokens,
    },
    Paid {
        job: JobId,
        node: Address,
        owner: Address,
        /// For work that was done again, not first.
        audit: bool,
        units: u64,
        amount: Tokens,
        fee: Tokens,
    },
    /// Where all that was taken off payments in one settlement went.
    FeesPaid {
        job: JobId,
        burned: Tokens,
        to_splitter: Tokens,
        premium: Tokens,
        to_referrer: Tokens,
    },
    JobClosed {
        job: JobId,
    },
    Refunded {
        job: JobId,
        requester: Address,
        amount: Tokens,
    },
    RoundCommitted {
        job: JobId,
        round: u64,
        root: Hash32,
        leaf_count: u32,
        units: u64,
        payouts: Vec<Payout>,
    },
    BeaconPostponed {
        job: JobId,
        round: u64,
        draw_block: u64,
    },
    BeaconDrawn {
        job: JobId,
        round: u64,
        beacon: Beacon,
        challenge_deadline: u64,
    },
    Challenged {
        dispute: u64,
        job: JobId,
        round: u64,
        leaf: Leaf,
        challenger: Address,
    },
    BondRaised {
        dispute: u64,
        bond: Tokens,
    },
    GameOpened {
        dispute: u64,
        accused: Address,
        challenger: Address,
    },
    /// A claim, an answer or a question of the dispute game; one move may announce two. The move that ends a game is seen by
    /// `DisputeResolved`.
    GameMoved {
        dispute: u64,
    },
    CommitteeDrawn {
        dispute: u64,
        seats: Vec<(Address, Tokens)>,
        deadline: u64,
    },
    Voted {
        dispute: u64,
        node: Address,
        outputs_hash: Hash32,
        stake: Tokens,
    },
    DisputeResolved {
        dispute: u64,
        job: JobId,
        round: u64,
        task: TaskId,
        accused: Address,
        challenger: Address,
        ruling: Ruling,
    },
    DuplicateVoided {
        job: JobId,
        round: u64,
        task: TaskId,
        node: Address,
        units: u64,
        original_round: u64,
    },
    /// What verifiers were paid with a round.
    AuditsSettled {
        job: JobId,
        round: u64,
        audits: Vec<Payout>,
    },
    RoundSettled {
        job: JobId,
        round: u64,
        paid_units: u64,
        voided_units: u64,
    },
    Recorded {
        epoch: u64,
        engine: u8,
        node: Address,
        units: u64,
    },
    Claimed {
        node: Address,
        owner: Address,
        amount: Tokens,
        to_delegators: Tokens,
    },
}

/// An event with its place on the chain; ordered by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventAt {
    /// Number of the block.
    pub block: u64,
    /// Index in the block.
    pub log_index: u64,
    /// Hash of the transaction.
    pub tx: Hash32,
    /// What happened.
    pub event: ChainEvent,
}

/// Blocks asked for at once; public endpoints refuse wide ranges.
pub(super) const BLOCKS_PER_QUERY: u64 = 2_000;

impl Contracts {
    /// All events of blocks `from..=to`, in order.
    pub async fn events(&self, from: u64, to: u64) -> Result<Vec<EventAt>, ChainError> {
        let at = self.book.contracts;
        let sources = [at.registry, at.vault, at.escrow, at.pool, at.arbiter, at.game, at.settlement];
        // Zero is a part that this network does not have.
        let sources: Vec<_> = sources.into_iter().map(to_sol).filter(|source| !source.is_zero()).collect();
        let logs = self.logs_between(Filter::new().address(sources), from, to).await?;
        let mut events: Vec<_> = logs.iter().filter_map(|log| read(&at, log)).collect();
        events.sort_by_key(|e| (e.block, e.log_index));
        Ok(events)
    }

    /// All logs of blocks `from..=to` that match, a stretch of blocks at a time.
    pub(super) async fn logs_between(
        &self,
        filter: Filter,
        from: u64,
        to: u64,
    ) -> Result<Vec<Log>, ChainError> {
        let mut logs = Vec::new();
        let mut start = from;
        while start <= to {
            let end = to.min(start.saturating_add(BLOCKS_PER_QUERY - 1));
            logs.extend(self.chain.logs(&filter.clone().from_block(start).to_block(end)).await?);
            if end == u64::MAX {
                break;
            }
            start = end + 1;
        }
        Ok(logs)
    }

    /// All logs since the network began that match.
    pub(super) async fn all_logs(&self, filter: Filter) -> Result<Vec<Log>, ChainError> {
        self.logs_between(filter, self.book.first_block, self.chain.block_number().await?).await
    }

    /// Follows the events from a block on.
    pub fn watch(&self, from_block: u64) -> EventStream {
        EventStream { contracts: self.clone(), next_block: from_block }
    }
}

/// Events as they happen; see [`Contracts::watch`].
#[derive(Clone, Debug)]
pub struct EventStream {
    contracts: Contracts,
    next_block: u64,
}

impl EventStream {
    /// The first block whose events have not been given out: where to resume after a restart. On an error
    /// nothing is skipped.
    pub fn next_block(&self) -> u64 {
        self.next_block
    }

    /// The events since the last call, without waiting; empty if there are none.
    pub async fn poll(&mut self) -> Result<Vec<EventAt>, ChainError> {
        let head = self.contracts.chain.block_number().await?;
        if head < self.next_block {
            return Ok(Vec::new());
        }
        let events = self.contracts.events(self.next_block, head).await?;
        self.next_block = head + 1;
        Ok(events)
    }

    /// Waits for the next events, asking every `interval`; never empty. Cancel-safe.
    pub async fn next(&mut self, interval: Duration) -> Result<Vec<EventAt>, ChainError> {
        loop {
            let events = self.poll().await?;
            if !events.is_empty() {
                return Ok(events);
            }
            tokio::time::sleep(interval).await;
        }
    }
}

/// Reads a log of one of our contracts; `None` for an event that nobody here needs.
fn read(at: &Addresses, log: &Log) -> Option<EventAt> {
    let source = from_sol(log.address());
    let raw = &log.inner;
    let event = match source {
        s if s == at.registry => from_registry(NodeRegistry::NodeRegistryEvents::decode_log(raw).ok()?.data),
        s if s == at.vault => from_vault(StakeVault::StakeVaultEvents::decode_log(raw).ok()?.data),
        s if s == at.escrow => from_escrow(JobEscrow::JobEscrowEvents::decode_log(raw).ok()?.data)?,
        s if s == at.pool => from_pool(MiningPool::MiningPoolEvents::decode_log(raw).ok()?.data),
        s if s == at.arbiter => from_arbiter(VoteArbiter::VoteArbiterEvents::decode_log(raw).ok()?.data),
        s if s == at.game => from_game(DisputeGame::DisputeGameEvents::decode_log(raw).ok()?.data),
        s if s == at.settlement => from_settlement(Settlement::SettlementEvents::decode_log(raw).ok()?.data),
        _ => return None,
    };
    Some(EventAt {
        block: log.block_number?,
        log_index: log.log_index?,
        tx: Hash32(log.transaction_hash?.0),
        event,
    })
}

fn from_registry(event: NodeRegistry::NodeRegistryEvents) -> ChainEvent {
    use NodeRegistry::NodeRegistryEvents as E;
    match event {
        E::NodeRegistered(e) => ChainEvent::NodeRegistered {
            node: from_sol(e.node),
            owner: from_sol(e.owner),
            profile: e.profile.into(),
        },
        E::NodeUpdated(e) => ChainEvent::NodeUpdated { node: from_sol(e.node), profile: e.profile.into() },
        E::NodeActiveChanged(e) => ChainEvent::NodeActiveChanged { node: from_sol(e.node), active: e.active },
    }
}

fn from_vault(event: StakeVault::StakeVaultEvents) -> ChainEvent {
    use StakeVault::StakeVaultEvents as E;
    match event {
        E::Staked(e) => {
            ChainEvent::Staked { node: from_sol(e.node), from: from_sol(e.from), amount: tokens(e.amount) }
        }
        E::UnbondRequested(e) => ChainEvent::UnbondRequested {
            node: from_sol(e.node),
            amount: tokens(e.amount),
            release_at: e.releaseAt,
        },
        E::Withdrawn(e) => ChainEvent::Withdrawn {
            node: from_sol(e.node),
            owner: from_sol(e.owner),
            amount: tokens(e.amount),
        },
        E::Slashed(e) => ChainEvent::Slashed {
            node: from_sol(e.node),
            winner: from_sol(e.winner),
            burned: tokens(e.burned),
            to_finder: tokens(e.toFinder),
            to_job: tokens(e.toJob),
        },
    }
}

fn from_escrow(event: JobEscrow::JobEscrowEvents) -> Option<ChainEvent> {
    use JobEscrow::JobEscrowEvents as E;
    Some(match event {
        E::JobOpened(e) => ChainEvent::JobOpened {
            job: JobId(e.job.0),
            requester: from_sol(e.requester),
            terms: Box::new(JobTerms {
                spec: BlobId(e.terms.spec.0),
                coordinator: from_sol(e.terms.coordinator),
                price_per_unit: Tokens(e.terms.pricePerUnit),
                deadline: e.terms.deadline,
                kind: WorkKind::of(e.terms.kind)?,
                programs: Hash32(e.terms.programs.0),
                referrer: (!e.terms.referrer.is_zero()).then(|| from_sol(e.terms.referrer)),
                insured: e.terms.insured,
            }),
            budget: tokens(e.budget),
        },
        E::ToppedUp(e) => {
            ChainEvent::ToppedUp { job: JobId(e.job.0), from: from_sol(e.from), amount: tokens(e.amount) }
        }
        E::Paid(e) => ChainEvent::Paid {
            job: JobId(e.job.0),
            node: from_sol(e.node),
            owner: from_sol(e.owner),
            audit: e.kind == AUDIT,
            units: e.units,
            amount: tokens(e.amount),
            fee: tokens(e.fee),
        },
        E::FeesPaid(e) => ChainEvent::FeesPaid {
            job: JobId(e.job.0),
            burned: tokens(e.burned),
            to_splitter: tokens(e.toSplitter),
            premium: tokens(e.premium),
            to_referrer: tokens(e.toReferrer),
        },
        E::JobClosed(e) => ChainEvent::JobClosed { job: JobId(e.job.0) },
        E::Refunded(e) => ChainEvent::Refunded {
            job: JobId(e.job.0),
            requester: from_sol(e.requester),
            amount: tokens(e.amount),
        },
    })
}

fn from_pool(event: MiningPool::MiningPoolEvents) -> ChainEvent {
    use MiningPool::MiningPoolEvents as E;
    match event {
        E::Recorded(e) => {
            ChainEvent::Recorded { epoch: e.epoch, engine: e.engine, node: from_sol(e.node), units: e.units }
        }
        E::Claimed(e) => ChainEvent::Claimed {
            node: from_sol(e.node),
            owner: from_sol(e.owner),
            amount: tokens(e.amount),
            to_delegators: tokens(e.toDelegators),
        },
    }
}

fn from_arbiter(event: VoteArbiter::VoteArbiterEvents) -> ChainEvent {
    use VoteArbiter::VoteArbiterEvents as E;
    match event {
        E::CommitteeDrawn(e) => ChainEvent::CommitteeDrawn {
            dispute: e.dispute.saturating_to(),
            seats: e.seats.iter().map(|s| (from_sol(s.node), Tokens(s.stake.to()))).collect(),
            deadline: e.deadline,
        },
        E::Voted(e) => ChainEvent::Voted {
            dispute: e.dispute.saturating_to(),
            node: from_sol(e.node),
            outputs_hash: Hash32(e.outputsHash.0),
            stake: tokens(e.stake),
        },
    }
}

fn from_game(event: DisputeGame::DisputeGameEvents) -> ChainEvent {
    use DisputeGame::DisputeGameEvents as E;
    let dispute = match event {
        E::GameOpened(e) => {
            return ChainEvent::GameOpened {
                dispute: e.dispute.saturating_to(),
                accused: from_sol(e.accused),
                challenger: from_sol(e.challenger),
            };
        }
        E::Claimed(e) => e.dispute,
        E::Asked(e) => e.dispute,
        E::Answered(e) => e.dispute,
        E::Proceeded(e) => e.dispute,
        E::Contested(e) => e.dispute,
        E::Entered(e) => e.dispute,
    };
    ChainEvent::GameMoved { dispute: dispute.saturating_to() }
}

fn payout(payout: &SolPayout) -> Payout {
    Payout { node: from_sol(payout.node), units: payout.units, tasks: payout.tasks }
}

fn from_settlement(event: Settlement::SettlementEvents) -> ChainEvent {
    use Settlement::SettlementEvents as E;
    match event {
        E::RoundCommitted(e) => ChainEvent::RoundCommitted {
            job: JobId(e.job.0),
            round: e.round,
            root: Hash32(e.root.0),
            leaf_count: e.leafCount,
            units: e.units,
            payouts: e.payouts.iter().map(payout).collect(),
        },
        E::BeaconPostponed(e) => {
            ChainEvent::BeaconPostponed { job: JobId(e.job.0), round: e.round, draw_block: e.drawBlock }
        }
        E::BeaconDrawn(e) => ChainEvent::BeaconDrawn {
            job: JobId(e.job.0),
            round: e.round,
            beacon: Beacon(e.beacon.0),
            challenge_deadline: e.challengeDeadline,
        },
        E::Challenged(e) => ChainEvent::Challenged {
            dispute: e.dispute.saturating_to(),
            job: JobId(e.job.0),
            round: e.round,
            leaf: Leaf {
                task: TaskId(e.leaf.task.0),
                outputs_hash: Hash32(e.leaf.outputsHash.0),
                node: from_sol(e.leaf.node),
                units: e.leaf.units,
            },
            challenger: from_sol(e.challenger),
        },
        E::BondRaised(e) => {
            ChainEvent::BondRaised { dispute: e.dispute.saturating_to(), bond: tokens(e.bond) }
        }
        E::DisputeResolved(e) => ChainEvent::DisputeResolved {
            dispute: e.dispute.saturating_to(),
            job: JobId(e.job.0),
            round: e.round,
            task: TaskId(e.task.0),
            accused: from_sol(e.accused),
            challenger: from_sol(e.challenger),
            ruling: e.ruling.into(),
        },
        E::DuplicateVoided(e) => ChainEvent::DuplicateVoided {
            job: JobId(e.job.0),
            round: e.round,
            task: TaskId(e.task.0),
            node: from_sol(e.node),
            units: e.units,
            original_round: e.originalRound,
        },
        E::AuditsSettled(e) => ChainEvent::AuditsSettled {
            job: JobId(e.job.0),
            round: e.round,
            audits: e.audits.iter().map(payout).collect(),
        },
        E::RoundSettled(e) => ChainEvent::RoundSettled {
            job: JobId(e.job.0),
            round: e.round,
            paid_units: e.paidUnits,
            voided_units: e.voidedUnits,
        },
    }
}
