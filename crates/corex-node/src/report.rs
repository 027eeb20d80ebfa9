//! What a run tells the person who watches it. The shell decides how it looks.

use corex_work::{Address, TaskId};
use std::sync::Arc;

/// One piece of news.
#[derive(Debug, Clone)]
pub enum Report {
    /// A stage of the run began, in a few words.
    Stage(String),
    /// A training step is complete.
    Step(StepReport),
    /// The held-out loss before step `step`, in nats per token.
    Heldout {
        /// Optimizer steps done.
        step: u64,
        /// Mean cross-entropy.
        loss: f32,
    },
    /// The state of the network changed.
    Network(NetworkReport),
    /// Somebody challenges a result on chain.
    Disputed {
        /// The dispute's number.
        dispute: u64,
        /// Who challenges.
        challenger: Address,
        /// Whose result.
        accused: Address,
        /// The task that it is of.
        task: TaskId,
    },
    /// A receipt was found wrong by the contract's verdict.
    Convicted {
        /// Who signed it.
        node: Address,
        /// The task it lied about.
        task: TaskId,
        /// Stake taken, in base units of the token.
        slashed: u128,
    },
    /// Something that a person should know, but that does not stop the run.
    Warning(String),
}

/// See [`Report::Step`].
#[derive(Debug, Clone, Copy)]
pub struct StepReport {
    /// Optimizer steps done.
    pub step: u64,
    /// Steps asked for.
    pub steps: u64,
    /// Mean training loss of the step, in nats per token.
    pub loss: f32,
    /// Tokens or rows per second over the recent past.
    pub tokens_per_s: f64,
    /// Which of them.
    pub unit: &'static str,
}

/// The state of the network as the coordinator sees it.
#[derive(Debug, Clone, Default)]
pub struct NetworkReport {
    /// Nodes that ever joined the job.
    pub nodes: Vec<NodeReport>,
    /// Audits answered so far.
    pub audits: u64,
    /// Audits that found a wrong result.
    pub audits_failed: u64,
    /// Rounds committed on chain.
    pub rounds: u64,
    /// Rounds paid out.
    pub settled: u64,
    /// Paid to providers from escrow, in base units.
    pub paid: u128,
}

/// One node.
#[derive(Debug, Clone)]
pub struct NodeReport {
    /// Its operator address.
    pub address: Address,
    /// The name it gave itself.
    pub name: String,
    /// True for verifiers.
    pub verifier: bool,
    /// True while it is connected.
    pub online: bool,
    /// True if it was convicted and gets no more work.
    pub banned: bool,
    /// Work units with an accepted receipt.
    pub units: u64,
    /// Trust between 0 and 1.
    pub trust: f64,
}

/// Receives the news; called from any thread, must not block.
pub type Reporter = Arc<dyn Fn(Report) + Send + Sync>;
