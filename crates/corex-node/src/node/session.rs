//! A node's conversation with one coordinator.

use corex_net::{PeerAddr, Sender};
use corex_work::{Hash32, JobId, JobPrograms, LoweredProgram, Mandate, Signature, Task, TaskId};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::{Context, audit, work};
use crate::error::NodeError;
use crate::wire::{Hello, ToNode, ToServer, VERSION};

/// Messages waiting to be sent; a slow coordinator slows the node down instead of filling its memory.
const OUTBOX: usize = 64;
/// Orders being prepared or evaluated at once; a coordinator that sends more than that is not a sane one.
const MOST_ORDERS: usize = 1024;

/// How long a coordinator has to close a session that the node refuses.
const FAREWELL: Duration = Duration::from_secs(3);

/// How a session ended, other than by losing the connection.
pub enum End {
    /// The job is done.
    Finished,
    /// The coordinator refused this node for good.
    Refused(String),
}

/// What the tasks of one session share.
pub struct Session {
    pub context: Arc<Context>,
    pub job: JobId,
    pub programs: JobPrograms,
    pub outbox: mpsc::Sender<ToServer>,
    cancelled: Mutex<HashSet<TaskId>>,
    /// Leaves that this verifier challenges, by round.
    contested: Mutex<HashSet<(u64, TaskId)>>,
    /// Why the node does not work for the job, once it has found that out.
    refusal: watch::Sender<Option<String>>,
}

impl Session {
    /// Whether the coordinator has taken an order back.
    pub fn is_cancelled(&self, task: TaskId) -> bool {
        self.cancelled.lock().unwrap_or_else(PoisonError::into_inner).contains(&task)
    }

    fn set_cancelled(&self, task: TaskId, cancelled: bool) {
        let mut set = self.cancelled.lock().unwrap_or_else(PoisonError::into_inner);
        if cancelled {
            set.insert(task)
        } else {
            set.remove(&task)
        };
    }

    /// Notes that a leaf will be challenged; says whether that is news.
    pub fn contest(&self, round: u64, task: TaskId) -> bool {
        self.contested.lock().unwrap_or_else(PoisonError::into_inner).insert((round, task))
    }

    /// Makes sure that a task's function lowers to what the job says, so that a dispute about it would be about what this node
    /// computes. If not, the session ends. Blocks; what was found is remembered.
    ///
    /// # Errors
    /// A function that the job does not name or that lowers to something else; a program that is not here.
    pub fn vet(&self, task: &Task) -> Result<(), NodeError> {
        if self.programs.list().is_empty() {
            return Ok(());
        }
        let Task { program, func, .. } = task;
        let own = self.context.worker.lowered(*program, func);
        let own = own.map_err(|error| NodeError::Refused(error.to_string()))?;
        let why = match self.programs.get(*program, func) {
            Some(named) if named.lowered == own => return Ok(()),
            Some(named) => format!(
                "function @{func} of program {program} lowers to {own} here, the job says {}",
                named.lowered
            ),
            None => format!("function @{func} of program {program} is none of the job's programs"),
        };
        self.refusal.send_replace(Some(why.clone()));
        Err(NodeError::Refused(why))
    }

    /// Queues a message. A closed queue means that the session is over, and with it the message's use.
    pub async fn say(&self, message: ToServer) {
        let _ = self.outbox.send(message).await;
    }
}

/// One session, from hello to the end of the connection.
pub async fn run(context: Arc<Context>, coordinator: &PeerAddr) -> Result<End, NodeError> {
    let mut connection = context.endpoint.connect(coordinator).await?;
    connection.send(&ToServer::Hello(Box::new(hello(&context)))).await?;
    let (job, mandate, programs) = match connection.recv::<ToNode>().await? {
        ToNode::Accepted { job, mandate, programs } => (job, mandate, programs),
        ToNode::Bye(why) => return Ok(End::Refused(why)),
        other => {
            return Err(NodeError::Peer {
                peer: coordinator.to_string(),
                why: format!("answered {other:?}"),
            });
        }
    };
    context.meet(coordinator);
    let mandate = (Mandate { job, endpoint: Hash32(connection.peer().0) }, mandate);
    let programs = match check_job(&context, mandate, programs).await {
        Ok(programs) => programs,
        Err(NodeError::Refused(why)) => {
            connection.send(&ToServer::Refused { why: why.clone() }).await?;
            // Closing at once could overtake the message.
            let closed = async { while connection.recv::<ToNode>().await.is_ok() {} };
            let _ = tokio::time::timeout(FAREWELL, closed).await;
            return Ok(End::Refused(why));
        }
        Err(error) => return Err(error),
    };
    tracing::info!(%coordinator, %job, "works for a job");
    let (sender, mut receiver) = connection.split();
    let (outbox, letters) = mpsc::channel(OUTBOX);
    // Dropping the set ends everything that the session started.
    let mut tasks = JoinSet::new();
    tasks.spawn(post(sender, letters));
    let (refusal, mut refused) = watch::channel(None);
    let (cancelled, contested) = (Mutex::default(), Mutex::default());
    let session = Arc::new(Session { context, job, programs, outbox, cancelled, contested, refusal });
    let watcher = session.context.options.verifier.then(|| audit::Votes::new(session.clone()));
    if let Some(votes) = &watcher {
        tasks.spawn(votes.clone().watch());
    }
    loop {
        let message = tokio::select! {
            message = receiver.recv::<ToNode>() => message?,
            // The session holds the sender.
            why = refused_because(&mut refused) => {
                session.say(ToServer::Refused { why: why.clone() }).await;
                // Until the message is sent and the coordinator has closed the connection.
                while receiver.recv::<ToNode>().await.is_ok() {}
                return Ok(End::Refused(why));
            }
        };
        while tasks.try_join_next().is_some() {}
        if tasks.len() > MOST_ORDERS {
            let why = format!("it sent more than {MOST_ORDERS} orders at once");
            return Err(NodeError::Peer { peer: coordinator.to_string(), why });
        }
        match message {
            ToNode::Assign { order, peers } => {
                peers.iter().for_each(|(_, peer)| session.context.meet(peer));
                session.set_cancelled(order.id, false);
                tasks.spawn(work::execute(session.clone(), *order, peers));
            }
            ToNode::Audit { order, peers } => match &watcher {
                Some(votes) => {
                    peers.iter().for_each(|(_, peer)| session.context.meet(peer));
                    tasks.spawn(audit::execute(session.clone(), votes.clone(), *order, peers));
                }
                None => tracing::warn!("asked to audit, but this node is no verifier"),
            },
            ToNode::Reveal(reveal) => _ = tasks.spawn(audit::compare(session.clone(), *reveal)),
            ToNode::Cancel(task) => session.set_cancelled(task, true),
            ToNode::Release(blobs) => {
                let store = session.context.store.clone();
                tasks.spawn_blocking(move || {
                    for blob in blobs {
                        if let Err(error) = store.remove(&blob) {
                            tracing::warn!(%blob, %error, "cannot remove a released blob");
                        }
                    }
                });
            }
            ToNode::Bye(why) if why == DONE => return Ok(End::Finished),
            ToNode::Bye(why) => return Ok(End::Refused(why)),
            other => tracing::warn!(?other, "unexpected message of the coordinator"),
        }
    }
}

/// Waits until the node finds out that it does not work for the job.
async fn refused_because(refused: &mut watch::Receiver<Option<String>>) -> String {
    let found = refused.wait_for(Option::is_some).await;
    found.ok().and_then(|why| why.clone()).unwrap_or_default()
}

/// The list of the job's programs, if the coordinator speaks for the job, and the list is the one that the chain knows by its root.
async fn check_job(
    context: &Context,
    (mandate, signature): (Mandate, Signature),
    programs: Vec<LoweredProgram>,
) -> Result<JobPrograms, NodeError> {
    let job = mandate.job;
    let refuse = |why: String| NodeError::Refused(why);
    let known = context.contracts.job(job).await?;
    let known = known.ok_or_else(|| refuse(format!("job {job} is not on chain")))?;
    let verified = signature.verify(&mandate.digest(&context.contracts.domain()), known.coordinator);
    verified.map_err(|error| refuse(format!("it does not speak for job {job}: {error}")))?;

    let refuse = |why: String| NodeError::Refused(format!("the job's programs: {why}"));
    let programs = JobPrograms::new(programs).map_err(|error| refuse(error.to_string()))?;
    if programs.root() != known.programs {
        let (root, chain) = (programs.root(), known.programs);
        return Err(refuse(format!("they have root {root}, on chain is {chain}")));
    }
    Ok(programs)
}

/// The word with which a coordinator ends a finished job.
pub const DONE: &str = "the job is done";

fn hello(context: &Context) -> Hello {
    Hello {
        version: VERSION,
        node: context.operator.address(),
        name: context.options.name.clone(),
        addr: context.endpoint.addr(),
        verifier: context.options.verifier,
        hardware: context.hardware.clone(),
        units_per_s: context.units_per_s,
    }
}

/// Sends what the session's tasks have to say, in order.
async fn post(mut sender: Sender, mut letters: mpsc::Receiver<ToServer>) {
    while let Some(letter) = letters.recv().await {
        if let Err(error) = sender.send(&letter).await {
            tracing::info!(%error, "cannot send");
            return;
        }
    }
}
