//! Playing disputes about exact work: what a node does when it is challenged, or challenges.
//!
//! The players are pure (`corex_protocol::dispute`): from what the chain shows and an evaluation of the task to the next move.
//! Here they get both. Nothing of a game is kept, so that a node that crashed goes on where the chain says it is. The challenger
//! learns from the claim on the chain what the task is; the accused from its durable record of what it signed ([`SignedTasks`]).
//!
//! **Architecture Invariant:** a node is never asked for what it forgot: it records a task durably before it hands out the
//! signed result, and releases no blob of an unsettled round.

mod analyst;
mod claimed;
mod records;
mod signed;
mod summary;
mod told;

pub use analyst::{Analyst, Subject, Thought};
pub use claimed::Claimed;
pub use corex_protocol::dispute::grouped;
pub use records::Records;
pub use signed::{SignedTask, SignedTasks};
pub use summary::{DisputeSummary, summarize};
pub use told::{Listed, Programs, Side, State, Told, gas, list, listed, picture, tell};

pub use corex_chain::Ruling;
use corex_chain::{Contracts, DisputeInfo, Mined};
use corex_engine::trace::Digest;
use corex_hlo::lower::Lowering;
use corex_protocol::dispute::{GameView, Move, Next, Terms, Turn, explain, outside};
use corex_store::{BlobStore, BlobStoreOptions};
use corex_work::{BlobId, Hash32, JobId, Task, TaskId};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

use crate::error::NodeError;
use crate::worker::{Compute, Worker};

/// Where a node's folder has its blobs, and its record.
pub(crate) const BLOBS: &str = "blobs";
pub(crate) const SIGNED: &str = "signed";
/// Tasks whose evaluations are kept between moves, at most.
const MOST_ANALYSTS: usize = 32;
/// Their inputs take at most one part in so many of the memory for tensors.
const MEMORY_PART: u64 = 8;

/// What became of a look at a game.
#[derive(Debug, Clone)]
pub enum Step {
    /// A move was made.
    Played {
        /// Which.
        play: Box<Move>,
        /// What it says.
        words: String,
        /// The transaction.
        mined: Mined,
    },
    /// It is the other side's turn.
    Waiting,
    /// Blobs of the task are not here: without them there is no move.
    Missing(Vec<BlobId>),
    /// There is nothing to show: the accused's claims are those of an honest evaluation.
    Conceded,
    /// The game has ended.
    Over,
    /// The dispute is not decided by a game, or there is none with this number.
    NoGame,
}

/// Where a node plays: its account, its blobs, its record.
pub struct Table {
    contracts: Contracts,
    worker: Arc<Worker>,
    signed: Arc<Mutex<SignedTasks>>,
    /// Taken for every evaluation.
    slot: Arc<Semaphore>,
    /// The outputs that were signed are stood up for, even if they are wrong.
    lies: bool,
    analysts: Mutex<VecDeque<Busy>>,
}

/// What an evaluation is of: the task, and the side that it is for.
type Key = (JobId, TaskId, Turn);

/// An evaluation that is kept, and the bytes of its task's inputs.
struct Busy {
    key: Key,
    bytes: u64,
    analyst: Analyst,
}

/// A move to be made, before it is.
enum Plan {
    Done(Step),
    Play(Box<Thought>),
}

impl Table {
    /// A table for the account of `contracts`. `slot` is taken for every evaluation.
    pub fn new(
        contracts: Contracts,
        worker: Arc<Worker>,
        signed: Arc<Mutex<SignedTasks>>,
        slot: Arc<Semaphore>,
    ) -> Table {
        Table { contracts, worker, signed, slot, lies: false, analysts: Mutex::default() }
    }

    /// A table for a node's folder, while that node does not run: what `contracts` signs with must be its key.
    ///
    /// # Errors
    /// A folder that is in use, or that cannot be read.
    pub fn open(dir: &Path, contracts: Contracts, compute: Compute) -> Result<Table, NodeError> {
        let store = BlobStore::open(dir.join(BLOBS), BlobStoreOptions::default())?;
        let (signed, damage) = SignedTasks::open(dir.join(SIGNED))?;
        if let Some(error) = damage {
            return Err(error.into());
        }
        let worker = Arc::new(Worker::new(store, None, compute));
        let slot = Arc::new(Semaphore::new(1));
        Ok(Table::new(contracts, worker, Arc::new(Mutex::new(signed)), slot))
    }

    /// As a dishonest provider: what it signed is defended to the end.
    #[must_use]
    pub fn lying(self, lies: bool) -> Table {
        Table { lies, ..self }
    }

    /// Makes the next move in a game, if it is this account's turn or a move that anybody may make is due.
    ///
    /// # Errors
    /// What the chain says: a move that somebody else made impossible reverts, and the next look finds another one. An
    /// evaluation that fails. An accused that has no record of the task.
    pub async fn step(&self, dispute: u64) -> Result<Step, NodeError> {
        let Thought { next, words } = match self.plan(dispute).await? {
            Plan::Done(step) => return Ok(step),
            Plan::Play(thought) => *thought,
        };
        match next {
            Next::Wait => Ok(Step::Waiting),
            Next::Concede => Ok(Step::Conceded),
            Next::Move(play) => {
                let mined = self.contracts.play(dispute, &play).await?;
                Ok(Step::Played { play: Box::new(play), words, mined })
            }
        }
    }

    /// What this account would do now, without doing it; `None` if there is nothing to do.
    ///
    /// # Errors
    /// As [`Table::step`], except what the chain says to the move; blobs that are not here.
    pub async fn think(&self, dispute: u64) -> Result<Option<Thought>, NodeError> {
        match self.plan(dispute).await? {
            Plan::Play(thought) => Ok(Some(*thought)),
            Plan::Done(Step::Missing(blobs)) => Err(missing(&blobs)),
            Plan::Done(_) => Ok(None),
        }
    }

    async fn plan(&self, dispute: u64) -> Result<Plan, NodeError> {
        let Some(view) = self.contracts.game_view(dispute).await? else {
            return Ok(Plan::Done(Step::NoGame));
        };
        let Some(info) = self.contracts.dispute(dispute).await? else { return Ok(Plan::Done(Step::NoGame)) };
        if view.game.turn == Turn::Over {
            return Ok(Plan::Done(Step::Over));
        }
        let me = self.contracts.chain().address();
        let role = match me {
            _ if me == view.game.accused => Turn::Accused,
            _ if me == view.game.challenger => Turn::Challenger,
            _ => Turn::Over,
        };
        if let Some(next) = outside(&view, role) {
            return Ok(match next {
                Next::Move(play) => {
                    // Nothing in it depends on the program.
                    let words = explain(&view, &Lowering::default(), &play);
                    Plan::Play(Box::new(Thought { next: Next::Move(play), words }))
                }
                Next::Wait | Next::Concede => Plan::Done(Step::Waiting),
            });
        }
        let subject = self.subject(role, &info, &view)?;
        let missing = self.missing(&subject)?;
        if !missing.is_empty() {
            return Ok(Plan::Done(Step::Missing(missing)));
        }
        let thought = self.ask((info.job, info.task, role), subject, view).await?;
        Ok(Plan::Play(Box::new(thought)))
    }

    /// What the game is about, as this side knows it.
    fn subject(&self, role: Turn, info: &DisputeInfo, view: &GameView) -> Result<Subject, NodeError> {
        if role == Turn::Accused {
            let signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
            let SignedTask { task, outputs, proof, .. } =
                signed.get(info.job, info.task).ok_or_else(|| {
                    let (job, task) = (info.job, info.task);
                    NodeError::Refused(format!(
                        "this node has no record of task {task} of job {job}: it cannot answer"
                    ))
                })?;
            let terms = Terms {
                program: Digest(task.program.0),
                func: task.func.clone(),
                proof: proof.iter().map(|hash| Digest(hash.0)).collect(),
            };
            return Ok(Subject { task, terms: Some(terms), claimed: self.lies.then_some(outputs) });
        }
        let claim = view.history.claim.as_ref();
        let claim =
            claim.ok_or_else(|| NodeError::Refused("the accused has not claimed anything yet".into()))?;
        let task = Task {
            program: BlobId(claim.program.0),
            func: claim.func.clone(),
            inputs: claim.inputs.iter().map(|id| BlobId(id.0)).collect(),
        };
        // The contract has checked this.
        if task.id() != info.task {
            return Err(NodeError::Refused(format!(
                "what is claimed is task {}, not {}",
                task.id(),
                info.task
            )));
        }
        Ok(Subject { task, terms: None, claimed: None })
    }

    fn missing(&self, subject: &Subject) -> Result<Vec<BlobId>, NodeError> {
        let mut missing = Vec::new();
        for blob in std::iter::once(&subject.task.program).chain(&subject.task.inputs) {
            if !self.worker.store().has(blob)? && !missing.contains(blob) {
                missing.push(*blob);
            }
        }
        Ok(missing)
    }

    async fn ask(&self, key: Key, subject: Subject, view: GameView) -> Result<Thought, NodeError> {
        // The semaphore is never closed.
        let _turn = self.slot.acquire().await.map_err(|e| NodeError::Refused(e.to_string()))?;
        if let Some(analyst) = self.known(key)
            && let Some(thought) = analyst.ask(view.clone()).await
        {
            return thought;
        }
        let bytes = self.bytes(&subject)?;
        let analyst = Analyst::start(self.worker.clone(), subject)?;
        self.remember(Busy { key, bytes, analyst: analyst.clone() });
        let thought = analyst.ask(view).await.unwrap_or_else(|| {
            Err(NodeError::Refused("an evaluation for a dispute ended abnormally".into()))
        });
        if thought.is_err() {
            self.forget(key);
        }
        thought
    }

    /// The length of all inputs.
    fn bytes(&self, subject: &Subject) -> Result<u64, NodeError> {
        subject.task.inputs.iter().try_fold(0u64, |sum, blob| {
            Ok(sum.saturating_add(self.worker.store().len(blob)?.unwrap_or_default()))
        })
    }

    fn analysts(&self) -> MutexGuard<'_, VecDeque<Busy>> {
        self.analysts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An evaluation of before; it is now the last one to be dropped.
    fn known(&self, key: Key) -> Option<Analyst> {
        let mut analysts = self.analysts();
        let at = analysts.iter().position(|busy| busy.key == key)?;
        let busy = analysts.remove(at)?;
        let analyst = busy.analyst.clone();
        analysts.push_back(busy);
        Some(analyst)
    }

    fn remember(&self, busy: Busy) {
        let mut analysts = self.analysts();
        analysts.retain(|known| known.key != busy.key);
        analysts.push_back(busy);
        let most_bytes = self.worker.memory_limit() / MEMORY_PART;
        let bytes =
            |analysts: &VecDeque<Busy>| analysts.iter().fold(0, |sum: u64, b| sum.saturating_add(b.bytes));
        // Without its last sender a thread ends.
        while analysts.len() > MOST_ANALYSTS || (analysts.len() > 1 && bytes(&analysts) > most_bytes) {
            analysts.pop_front();
        }
    }

    fn forget(&self, key: Key) {
        self.analysts().retain(|known| known.key != key);
    }
}

fn missing(blobs: &[BlobId]) -> NodeError {
    let names: Vec<String> = blobs.iter().map(BlobId::to_string).collect();
    NodeError::Refused(format!("inputs of the task are not here: {}", names.join(", ")))
}

/// Whether disputes of a job with this root of programs are games.
pub fn is_played(programs: Hash32) -> bool {
    programs != Hash32::default()
}
