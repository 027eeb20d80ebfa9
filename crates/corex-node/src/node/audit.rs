//! Checking other nodes' results, and standing up for what one found: verdicts, challenges, votes.

use corex_chain::{ChainEvent, ProvenLeaf};
use corex_net::PeerAddr;
use corex_protocol::{AuditOrder, BlobSource, Failure, Holder, RoundEntry, RoundInfo, audit_plan};
use corex_work::{Address, Hash32, Leaf, MerkleTree, Task, TaskId, Verdict, outputs_hash};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::blocking;
use super::challenge::{Claim, challenge};
use super::session::Session;
use crate::error::NodeError;
use crate::transfer;
use crate::wire::ToServer;

/// How often the chain is asked for disputes.
const POLL: Duration = Duration::from_millis(500);
/// Disputes that were opened this many blocks before the session began are still looked for.
const LOOK_BACK_BLOCKS: u64 = 1000;

/// Carries out an audit order: checks it against the chain, then the leaves it names.
pub async fn execute(session: Arc<Session>, votes: Votes, order: AuditOrder, peers: Vec<(Holder, PeerAddr)>) {
    let round = order.info.round;
    let leaves = match check_round(&session, &order.info).await {
        Ok(leaves) => leaves,
        Err(error) => {
            tracing::warn!(round, %error, "audit order refused");
            return;
        }
    };
    report_withheld(&session, &order, &leaves);
    for task in &order.tasks {
        let Some(entry) = order.info.entries.iter().find(|e| e.receipt.receipt.task == *task) else {
            tracing::warn!(%task, round, "asked to audit a task that is not in the round");
            continue;
        };
        if let Err(error) = check_leaf(&session, &votes, &order, entry, &leaves, &peers).await {
            tracing::warn!(%task, round, %error, "audit failed");
        }
    }
}

/// The round is the one that the chain has, and every receipt in it is signed by its node.
async fn check_round(session: &Session, info: &RoundInfo) -> Result<Vec<Leaf>, NodeError> {
    let lie = |why: String| NodeError::Peer { peer: "the coordinator".into(), why };
    let contracts = &session.context.contracts;
    let onchain = contracts
        .round(session.job, info.round)
        .await?
        .ok_or_else(|| lie(format!("round {} is not on chain", info.round)))?;
    let domain = contracts.domain();
    let mut leaves = Vec::with_capacity(info.entries.len());
    for RoundEntry { task, receipt } in &info.entries {
        if receipt.receipt.task != task.id() || receipt.receipt.job != session.job {
            return Err(lie(format!("a receipt of round {} is for another task or job", info.round)));
        }
        receipt.verify(&domain)?;
        leaves.push(Leaf::from(&receipt.receipt));
    }
    let root = MerkleTree::new(leaves.iter().map(Leaf::hash).collect()).root();
    if root != onchain.root {
        return Err(lie(format!("round {} has root {}, its leaves give {root}", info.round, onchain.root)));
    }
    if onchain.beacon != Some(info.beacon) {
        return Err(lie(format!("the beacon of round {} is not the one on chain", info.round)));
    }
    Ok(leaves)
}

/// The beacon, not the coordinator, says what this verifier checks; a coordinator that asks for less is told on.
fn report_withheld(session: &Session, order: &AuditOrder, leaves: &[Leaf]) {
    let info = &order.info;
    let me = session.context.operator.address();
    let rates: BTreeMap<Address, u32> = info.rates.iter().copied().collect();
    let forced: BTreeSet<TaskId> = info.forced.iter().copied().collect();
    let plan = audit_plan(info.beacon, leaves, &info.verifiers, &rates, &forced);
    let withheld = plan.iter().filter(|d| d.verifier == Some(me) && !order.tasks.contains(&d.task)).count();
    if withheld > 0 {
        tracing::info!(round = info.round, withheld, "the beacon drew more than this order names");
    }
}

async fn check_leaf(
    session: &Arc<Session>,
    votes: &Votes,
    order: &AuditOrder,
    entry: &RoundEntry,
    leaves: &[Leaf],
    peers: &[(Holder, PeerAddr)],
) -> Result<(), NodeError> {
    let (round, task) = (order.info.round, entry.receipt.receipt.task);
    let computed = compute(session, &entry.task, &order.blobs, peers).await?;
    let context = &session.context;
    let verdict = Verdict { job: session.job, round, task, outputs_hash: computed };
    let verdict = verdict.sign(&context.operator, &context.contracts.domain());
    session.say(ToServer::Verdict(verdict)).await;
    votes.found(task, computed).await;
    if computed != entry.receipt.receipt.outputs_hash() {
        let leaf = Leaf::from(&entry.receipt.receipt);
        let tree = MerkleTree::new(leaves.iter().map(Leaf::hash).collect());
        let place = leaves.iter().position(|l| *l == leaf);
        let proof = place.and_then(|i| tree.proof(i)).unwrap_or_default();
        let claim = Claim {
            job: session.job,
            at: ProvenLeaf { round, leaf, proof },
            receipt: entry.receipt.signature,
            is_game: !session.programs.list().is_empty(),
        };
        // It may have to wait for the stake, and audits go on; a session's end does not end it.
        tokio::spawn(challenge(context.clone(), claim));
    }
    Ok(())
}

/// Evaluates a task and names what came out.
async fn compute(
    session: &Arc<Session>,
    task: &Task,
    sources: &[BlobSource],
    peers: &[(Holder, PeerAddr)],
) -> Result<Hash32, NodeError> {
    let context = &session.context;
    let needed = |s: &&BlobSource| s.blob == task.program || task.inputs.contains(&s.blob);
    let sources: Vec<BlobSource> = sources.iter().filter(needed).cloned().collect();
    let missing = transfer::bring(&context.endpoint, &context.store, &sources, peers).await?;
    for lack in &missing {
        for holder in &lack.asked {
            session.say(ToServer::Missing { holder: *holder, blob: lack.blob }).await;
        }
    }
    if let Some(lack) = missing.first() {
        let reason = Failure::MissingInput(lack.blob);
        session.say(ToServer::Failed { task: task.id(), reason }).await;
        return Err(NodeError::Refused(format!("blob {} cannot be had", lack.blob)));
    }
    // The semaphore is never closed.
    let turn = context.slot.clone().acquire_owned().await.map_err(|e| NodeError::Refused(e.to_string()))?;
    let (session, task) = (session.clone(), task.clone());
    let outputs = blocking(move || {
        session.vet(&task)?;
        session.context.worker.run(&task).map_err(|error| NodeError::Refused(error.to_string()))
    });
    let outputs = outputs.await?;
    drop(turn);
    Ok(outputs_hash(&outputs))
}

/// What this verifier found, and the disputes in which it has a seat.
#[derive(Clone)]
pub struct Votes(Arc<Inner>);

struct Inner {
    session: Arc<Session>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    found: HashMap<TaskId, Hash32>,
    /// Open disputes by task; true once this verifier has a seat.
    disputes: HashMap<u64, Open>,
}

struct Open {
    task: TaskId,
    seated: bool,
}

impl Votes {
    /// Nothing found, no dispute.
    pub fn new(session: Arc<Session>) -> Votes {
        Votes(Arc::new(Inner { session, state: Mutex::default() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a result, and votes with it where it is asked for.
    async fn found(&self, task: TaskId, outputs: Hash32) {
        let disputes: Vec<u64> = {
            let mut state = self.state();
            state.found.insert(task, outputs);
            let open = state.disputes.iter().filter(|(_, d)| d.task == task && d.seated);
            open.map(|(id, _)| *id).collect()
        };
        for dispute in disputes {
            self.vote(dispute, outputs).await;
        }
    }

    /// Follows the chain for disputes of this job, until the session ends.
    pub async fn watch(self) {
        let contracts = &self.0.session.context.contracts;
        let head = loop {
            match contracts.chain().block_number().await {
                Ok(head) => break head,
                Err(error) => tracing::warn!(%error, "cannot read the chain"),
            }
            tokio::time::sleep(POLL).await;
        };
        let mut stream = contracts.watch(head.saturating_sub(LOOK_BACK_BLOCKS));
        loop {
            match stream.next(POLL).await {
                Ok(events) => {
                    for event in events {
                        self.observe(event.event).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot read the chain");
                    tokio::time::sleep(POLL).await;
                }
            }
        }
    }

    async fn observe(&self, event: ChainEvent) {
        match event {
            ChainEvent::Challenged { dispute, job, leaf, .. } if job == self.0.session.job => {
                self.state().disputes.insert(dispute, Open { task: leaf.task, seated: false });
            }
            ChainEvent::CommitteeDrawn { dispute, seats, .. } => {
                let me = self.0.session.context.operator.address();
                let mine = seats.iter().any(|(node, _)| *node == me);
                let found = {
                    let mut state = self.state();
                    let State { found, disputes } = &mut *state;
                    disputes.get_mut(&dispute).filter(|_| mine).and_then(|open| {
                        open.seated = true;
                        found.get(&open.task).copied()
                    })
                };
                if let Some(outputs) = found {
                    self.vote(dispute, outputs).await;
                }
            }
            ChainEvent::DisputeResolved { dispute, .. } => {
                self.state().disputes.remove(&dispute);
            }
            _ => {}
        }
    }

    async fn vote(&self, dispute: u64, outputs: Hash32) {
        match self.0.session.context.contracts.vote(dispute, outputs).await {
            Ok(Some(mined)) => tracing::info!(dispute, tx = %mined.tx, "voted"),
            Ok(None) => {}
            Err(error) => tracing::warn!(dispute, %error, "cannot vote"),
        }
    }
}
