//! What goes into the driver: facts observed by the shell.

use corex_work::{Address, Beacon, BlobId, Hash32, SignedReceipt, SignedVerdict, TaskId};
use serde::{Deserialize, Serialize};

/// Something that happened. The shell appends it to a durable log before it acts on the effects.
///
/// Signatures are checked by the shell before an event is made: the driver trusts that a receipt was signed by
/// its node and a verdict by its verifier, and that chain events were read from the chain. It trusts nothing
/// else in them. Events may come twice, late or out of order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// A node connected (again). A node that joins has lost what it was doing, not what it stores.
    NodeJoined(NodeInfo),
    /// A node's connection ended.
    NodeLost {
        /// Who.
        node: Address,
    },
    /// A node's stake on chain changed; decides who may verify, and with what weight.
    StakeChanged {
        /// Who.
        node: Address,
        /// Stake in the token's smallest unit.
        stake: u128,
    },
    /// A node delivered a result. It then holds the task's inputs and outputs.
    TaskDone {
        /// The peer that delivered it.
        node: Address,
        /// Its statement.
        receipt: SignedReceipt,
    },
    /// A node gave a task back; or a verifier could not get an input of a task that it was to audit.
    TaskFailed {
        /// Who.
        node: Address,
        /// Which task.
        task: TaskId,
        /// Why.
        reason: Failure,
    },
    /// Someone has a blob, verified against its name.
    BlobHeld {
        /// Who.
        holder: Holder,
        /// Which.
        blob: BlobId,
    },
    /// Someone was found not to have a blob (any more): by the coordinator itself, or by the holder's own word,
    /// never by a third party's, or one node could talk another's work away.
    BlobLost {
        /// Who.
        holder: Holder,
        /// Which.
        blob: BlobId,
    },
    /// The chain accepted a round.
    RoundCommitted {
        /// Index of the round in the job.
        round: u64,
        /// Number of the block.
        block: u64,
    },
    /// The chain fixed a round's beacon.
    BeaconDrawn {
        /// Index of the round.
        round: u64,
        /// The random value.
        beacon: Beacon,
    },
    /// A verifier answered.
    Verdict(SignedVerdict),
    /// Someone opened a dispute on chain about a leaf.
    Challenged {
        /// Its number on chain.
        dispute: u64,
        /// Index of the round.
        round: u64,
        /// The leaf's task.
        task: TaskId,
        /// Who challenged.
        challenger: Address,
    },
    /// The chain decided a dispute.
    DisputeResolved {
        /// Its number on chain.
        dispute: u64,
        /// Index of the round.
        round: u64,
        /// The leaf's task.
        task: TaskId,
        /// The decision.
        outcome: DisputeOutcome,
    },
    /// The chain paid a round. Nothing in it can be disputed any more.
    RoundSettled {
        /// Index of the round.
        round: u64,
    },
    /// The values of a metrics or loss blob that was asked for by [`Effect::ReadMetrics`](crate::Effect).
    MetricsRead {
        /// The task that produced the blob.
        task: TaskId,
        /// The blob's f32 elements.
        values: Vec<f32>,
    },
    /// Stop handing out work; the job can be resumed after [`Restarted`](Self::Restarted).
    Stop,
    /// The coordinator started from its log: no node is connected, every outstanding effect is due again.
    Restarted,
    /// Time passed. Without ticks nothing times out.
    Tick,
}

/// What a node says about itself when it joins, and what the chain says about its stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeInfo {
    /// Operator address.
    pub node: Address,
    /// What it offers to do.
    pub roles: Roles,
    /// Claimed speed in units of work per second; observation replaces it.
    pub units_per_s: u64,
    /// Tasks it runs at a time, at least 1.
    pub slots: u32,
    /// Stake in the token's smallest unit.
    pub stake: u128,
}

/// What a node offers to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Roles {
    /// Evaluates tasks.
    pub provider: bool,
    /// Evaluates samples of other nodes' tasks again.
    pub verifier: bool,
}

/// Who has a copy of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Holder {
    /// The coordinator's own durable store.
    Coordinator,
    /// A node.
    Node(Address),
}

/// Why a node gave a task back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// No holder delivered this input. Not the node's fault.
    MissingInput(BlobId),
    /// The node does not do it, and why, for people: it would not be paid.
    Refused(String),
    /// The evaluation failed: out of memory, a defect.
    Crashed(String),
}

/// How a dispute ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DisputeOutcome {
    /// The leaf is void.
    Guilty {
        /// The hash of the right outputs, if a committee found them. A game shows that a result is wrong, or that its node
        /// does not stand up for it, never which one is right.
        outputs_hash: Option<Hash32>,
    },
    /// The leaf is right, for good; the challenger lost its bond.
    Cleared,
    /// The challenger lost a game and its bond. That says nothing of the leaf: others may show what it did not.
    Unproven,
    /// No quorum in time; nothing was decided.
    Expired,
}
