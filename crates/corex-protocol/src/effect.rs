//! What comes out of the driver: things the shell must do.

use corex_work::{Address, Beacon, BlobId, Hash32, Leaf, Payout, SignedReceipt, SignedVerdict, Task, TaskId};
use serde::{Deserialize, Serialize};

use crate::dag::TaskKey;
use crate::event::Holder;

/// Something to do. Every effect is idempotent: doing it twice is the same as doing it once, so the shell may
/// crash before, during or after. Effects that the chain or a store must answer are repeated until they are.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Give a task to a node.
    Assign(Assignment),
    /// Tell a node that a task is not wanted any more.
    Cancel {
        /// Who has it.
        node: Address,
        /// Which.
        task: TaskId,
    },
    /// Bring blobs into the coordinator's durable store, then report [`BlobHeld`](crate::Event::BlobHeld); for
    /// a holder that does not deliver report [`BlobLost`](crate::Event::BlobLost).
    FetchToCoordinator {
        /// The blobs, each with at least one holder that is connected.
        blobs: Vec<BlobSource>,
    },
    /// Commit a round on chain. If the chain already has this round of this job, only report that.
    CommitRound(RoundCommitment),
    /// Fix a round's beacon on chain.
    DrawBeacon {
        /// Index of the round.
        round: u64,
    },
    /// Ask a verifier to check leaves of a round.
    Audit(Box<AuditOrder>),
    /// Show the verifier that gave a verdict the leaf that it is about.
    Reveal(Box<Reveal>),
    /// End the open disputes about a leaf on chain, as soon as that is possible: when the time to vote has passed or, of a game,
    /// the clock of whose turn it is, or another game has convicted the leaf. No chain does so by itself, and a round with an
    /// open dispute cannot be settled. Disputes that are decided by then need nothing.
    ExpireDispute {
        /// Index of the round.
        round: u64,
        /// The leaf's task.
        task: TaskId,
    },
    /// Settle a round on chain, as soon as its challenge window has passed.
    SettleRound {
        /// Index of the round.
        round: u64,
        /// The payouts that were committed with it.
        payouts: Vec<Payout>,
        /// What its audits come to, per verifier. They are paid with the round, as what they are: the same work again.
        audits: Vec<Payout>,
    },
    /// These blobs are not needed any more, by anyone. Never genesis, checkpoint or final state.
    Release {
        /// The blobs.
        blobs: Vec<BlobId>,
    },
    /// Read a small blob of f32 values and report [`MetricsRead`](crate::Event::MetricsRead); for a holder that
    /// does not deliver report [`BlobLost`](crate::Event::BlobLost).
    ReadMetrics {
        /// The task that produced it.
        task: TaskId,
        /// Its place in the job.
        key: TaskKey,
        /// The blob.
        blob: BlobSource,
    },
    /// Show that an optimizer step or evaluation is known.
    Progress(Progress),
    /// Refuse this node from now on.
    Ban {
        /// Who.
        node: Address,
        /// Why, for people.
        reason: BanReason,
    },
    /// Entries of the job's lineage that nothing can change any more, in no particular order. The one effect
    /// that a shell wants during replay too: it is idempotent, keyed by [`TaskKey`].
    Archive(Vec<LineageEntry>),
    /// The job is finished: its last state is held by the coordinator and every round is settled.
    JobDone(FinalState),
    /// Something a person may want to know.
    Warn(Warning),
}

/// A task for a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Who is to do it.
    pub node: Address,
    /// Its id.
    pub id: TaskId,
    /// What is to be done.
    pub task: Task,
    /// Its place in the job.
    pub key: TaskKey,
    /// Counts the assignments of this task, from 1.
    pub attempt: u32,
    /// Time after which the task is given to another node.
    pub lease_ms: u64,
    /// Units to write into the receipt.
    pub units: u64,
    /// Length of each output in bytes; anything else is a wrong result.
    pub output_bytes: Vec<u64>,
    /// Where to get the program (first) and each distinct input.
    pub blobs: Vec<BlobSource>,
}

/// A blob and where to get it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobSource {
    /// Its name.
    pub blob: BlobId,
    /// Its length in bytes, where the job says so.
    pub bytes: Option<u64>,
    /// Who is connected and has it; empty for inline blobs.
    pub holders: Vec<Holder>,
    /// The bytes themselves, for scalars that the driver made.
    pub inline: Option<Vec<u8>>,
}

/// What goes on chain for a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundCommitment {
    /// Index of the round in the job.
    pub round: u64,
    /// The leaves, ascending by task.
    pub leaves: Vec<Leaf>,
    /// Their Merkle root.
    pub root: Hash32,
    /// Sum of units per node, ascending by node.
    pub payouts: Vec<Payout>,
    /// Hash of the payouts.
    pub payouts_hash: Hash32,
    /// Sum of all units.
    pub units: u64,
}

/// A task to do again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Its id.
    pub id: TaskId,
    /// What is to be done.
    pub task: Task,
    /// What a right verdict is paid as.
    pub units: u64,
}

/// An order to a verifier. It does not show what the leaves say: who is shown a result need not compute it, and confirming
/// what one is shown would be paid like work, as long as it is right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditOrder {
    /// Who is asked.
    pub verifier: Address,
    /// Index of the round.
    pub round: u64,
    /// Its beacon, as drawn on chain.
    pub beacon: Beacon,
    /// The leaves to check now. At first what [`audit_plan`](crate::audit_plan) gives this verifier; later also
    /// what others failed to answer.
    pub checks: Vec<Check>,
    /// Where to get the programs and inputs of these tasks.
    pub blobs: Vec<BlobSource>,
}

/// The leaf that a verifier has spoken about: all that it needs to challenge it, if it found something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reveal {
    /// What it said. Its own signature shows that it did, so that it need not remember.
    pub verdict: SignedVerdict,
    /// What the leaf's node said; the leaf is `Leaf::from(&receipt.receipt)`.
    pub receipt: SignedReceipt,
    /// Siblings from the leaf to the root of the verdict's round.
    pub proof: Vec<Hash32>,
}

/// A step of the loss curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Progress {
    /// The update of step `step` (from 0) is known.
    Step {
        /// Step, from 0.
        step: u32,
        /// Mean training loss before the update.
        loss: f32,
        /// Global norm of the gradient, if the job reports it.
        grad_norm: Option<f32>,
        /// Learning rate, if the job reports it.
        learning_rate: Option<f32>,
    },
    /// The held-out loss of the state after `step` updates is known.
    Evaluated {
        /// Updates behind the state.
        step: u32,
        /// Held-out loss.
        loss: f32,
    },
}

/// A task of the job, what it gave, and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineageEntry {
    /// Its place in the job.
    pub key: TaskKey,
    /// The task.
    pub task: Task,
    /// Statement of the node whose result was used.
    pub receipt: SignedReceipt,
    /// Round of the task's leaf. The leaf may be another node's, if that node was convicted.
    pub round: u64,
}

/// The result of a job: the blobs of its last state, held by the coordinator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinalState {
    /// As many as the state has; the parameters first.
    pub blobs: Vec<BlobId>,
}

/// Why a node is banned from the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum BanReason {
    /// It lost a dispute.
    #[error("its result for task {0} lost a dispute")]
    Convicted(TaskId),
    /// It signed something else than what a dispute established.
    #[error("its result for task {0} contradicts a decided dispute")]
    ContradictsDecision(TaskId),
    /// Verifiers, or a majority of evaluations, say that its result is wrong, and the chain did not decide.
    #[error("independent evaluations of task {0} contradict it")]
    Doubted(TaskId),
    /// Its receipt has the wrong number of outputs or the wrong units.
    #[error("its receipt for task {0} does not have the shape the job asks for")]
    Malformed(TaskId),
}

/// Something a person may want to know; nothing the shell must do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// A receipt was refused.
    #[error("receipt of {node} for task {task} refused: {why}")]
    ReceiptRefused {
        /// Who delivered it.
        node: Address,
        /// For which task.
        task: TaskId,
        /// Why.
        why: &'static str,
    },
    /// A node gave a task back.
    #[error("{node} failed task {task}: {why}")]
    TaskFailed {
        /// Who.
        node: Address,
        /// Which.
        task: TaskId,
        /// Why.
        why: String,
    },
    /// A task was not delivered in time.
    #[error("{node} did not deliver task {task} in time")]
    LeaseExpired {
        /// Who.
        node: Address,
        /// Which.
        task: TaskId,
    },
    /// Two nodes gave different results for one task.
    #[error("task {0} has two different results; it will be audited")]
    Conflict(TaskId),
    /// Verifiers contradict a result, and neither the chain nor enough of their stake decides.
    #[error("task {0}: verifiers contradict its result and nobody decides; others evaluate it")]
    Doubted(TaskId),
    /// A doubt ended.
    #[error("task {0}: of several results, the one that most evaluations gave is used")]
    SettledByMajority(TaskId),
    /// Two tasks have an output in common.
    #[error("tasks {0} and {1} have the same output; both will be audited")]
    SameOutput(TaskId, TaskId),
    /// A verifier found a different result.
    #[error("verifier {verifier} disagrees with task {task} of round {round}")]
    Mismatch {
        /// Who.
        verifier: Address,
        /// Round of the leaf.
        round: u64,
        /// Task of the leaf.
        task: TaskId,
    },
    /// A verifier did not answer in time.
    #[error("verifier {verifier} did not answer for task {task} of round {round}")]
    AuditExpired {
        /// Who.
        verifier: Address,
        /// Round of the leaf.
        round: u64,
        /// Task of the leaf.
        task: TaskId,
    },
    /// A round cannot settle because nobody can audit it.
    #[error("round {0} waits for its audits, and no eligible verifier is connected")]
    NoVerifier(u64),
    /// A round is settled without audits, as configured.
    #[error("round {0} is settled without audits: there is no eligible verifier")]
    Unaudited(u64),
    /// An input of an audited task exists nowhere any more and cannot be made again.
    #[error("task {task} of round {round} cannot be audited: an input exists nowhere any more")]
    AuditWaived {
        /// Round of the leaf.
        round: u64,
        /// Task of the leaf.
        task: TaskId,
    },
    /// A result must be made again.
    #[error("step {step}: a result is dropped and made again, with {dependants} results that depend on it")]
    RolledBack {
        /// Step of the result.
        step: u32,
        /// Results that consumed it, directly or not.
        dependants: usize,
    },
    /// A blob that is needed exists nowhere any more.
    #[error("blob {0} is lost; the task that made it is done again")]
    BlobLost(BlobId),
    /// A loss or norm is NaN or infinite.
    #[error("step {0}: loss or gradient norm is not finite")]
    NotFinite(u32),
    /// The chain reported something that does not fit what the driver knows.
    #[error("round {round}: {what} does not fit; ignored")]
    Unexpected {
        /// Index of the round.
        round: u64,
        /// What was reported.
        what: &'static str,
    },
}
