//! Checking other nodes' results, and standing up for what one found: verdicts, challenges, votes.

use corex_chain::{ChainEvent, ProvenLeaf};
use corex_net::PeerAddr;
use corex_protocol::{AuditOrder, BlobSource, Check, Failure, Holder, Reveal};
use corex_work::{Hash32, Leaf, Task, TaskId, Verdict, outputs_hash, verify_proof};
use std::collections::HashMap;
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

/// Carries out an audit order: checks that its round is the chain's, does the tasks again, says what came out.
pub async fn execute(session: Arc<Session>, votes: Votes, order: AuditOrder, peers: Vec<(Holder, PeerAddr)>) {
    let round = order.round;
    if let Err(error) = check_round(&session, &order).await {
        tracing::warn!(round, %error, "audit order refused");
        return;
    }
    for check in &order.checks {
        if let Err(error) = audit(&session, &votes, &order, check, &peers).await {
            tracing::warn!(task = %check.id, round, %error, "audit failed");
        }
    }
}

/// The round and its beacon are the ones that the chain has.
async fn check_round(session: &Session, order: &AuditOrder) -> Result<(), NodeError> {
    let onchain = on_chain(session, order.round).await?;
    if onchain.beacon != Some(order.beacon) {
        return Err(lie(format!("the beacon of round {} is not the one on chain", order.round)));
    }
    Ok(())
}

async fn on_chain(session: &Session, round: u64) -> Result<corex_chain::RoundInfo, NodeError> {
    let known = session.context.contracts.round(session.job, round).await?;
    known.ok_or_else(|| lie(format!("round {round} is not on chain")))
}

fn lie(why: String) -> NodeError {
    NodeError::Peer { peer: "the coordinator".into(), why }
}

/// Does a task again and says what came out, before anybody says what should.
async fn audit(
    session: &Arc<Session>,
    votes: &Votes,
    order: &AuditOrder,
    check: &Check,
    peers: &[(Holder, PeerAddr)],
) -> Result<(), NodeError> {
    let (round, task) = (order.round, check.id);
    if check.task.id() != task {
        return Err(lie(format!("the task that it names is {}", check.task.id())));
    }
    let computed = compute(session, &check.task, &order.blobs, peers).await?;
    let context = &session.context;
    let verdict = Verdict { job: session.job, round, task, outputs_hash: computed };
    let verdict = verdict.sign(&context.operator, &context.contracts.domain());
    session.say(ToServer::Verdict(verdict)).await;
    votes.found(task, computed).await;
    Ok(())
}

/// Compares a leaf with what this verifier has said about it, and challenges it if it says something else.
pub async fn compare(session: Arc<Session>, reveal: Reveal) {
    let Verdict { round, task, .. } = reveal.verdict.verdict;
    match wrong_leaf(&session, &reveal).await {
        Ok(Some(claim)) if session.contest(round, task) => {
            // It may have to wait for the stake, and audits go on; a session's end does not end it.
            tokio::spawn(challenge(session.context.clone(), claim));
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%task, round, %error, "cannot see what the leaf says"),
    }
}

/// The claim that a leaf is wrong, if this verifier has said so. The leaf must be in the round that the chain has.
async fn wrong_leaf(session: &Session, reveal: &Reveal) -> Result<Option<Claim>, NodeError> {
    let context = &session.context;
    let domain = context.contracts.domain();
    let Reveal { verdict, receipt, proof } = reveal;
    let said = verdict.verdict;
    verdict.verify(&domain)?;
    receipt.verify(&domain)?;
    let is_mine = verdict.verifier == context.operator.address() && said.job == session.job;
    if !is_mine || receipt.receipt.task != said.task || receipt.receipt.job != said.job {
        return Err(lie("it shows the leaf of another verdict".into()));
    }
    let leaf = Leaf::from(&receipt.receipt);
    if leaf.outputs_hash == said.outputs_hash {
        return Ok(None);
    }
    if !verify_proof(proof, on_chain(session, said.round).await?.root, leaf.hash()) {
        return Err(lie(format!("the leaf that it shows is not in round {}", said.round)));
    }
    Ok(Some(Claim {
        job: session.job,
        at: ProvenLeaf { round: said.round, leaf, proof: proof.clone() },
        receipt: receipt.signature,
        is_game: !session.programs.list().is_empty(),
    }))
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
