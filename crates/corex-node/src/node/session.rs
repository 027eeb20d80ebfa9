//! A node's conversation with one coordinator.

use corex_net::{PeerAddr, Sender};
use corex_work::{JobId, TaskId};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Context, audit, work};
use crate::error::NodeError;
use crate::wire::{Hello, ToNode, ToServer, VERSION};

/// Messages waiting to be sent; a slow coordinator slows the node down instead of filling its memory.
const OUTBOX: usize = 64;
/// Orders being prepared or evaluated at once; a coordinator that sends more than that is not a sane one.
const MOST_ORDERS: usize = 1024;

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
    pub outbox: mpsc::Sender<ToServer>,
    cancelled: Mutex<HashSet<TaskId>>,
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

    /// Queues a message. A closed queue means that the session is over, and with it the message's use.
    pub async fn say(&self, message: ToServer) {
        let _ = self.outbox.send(message).await;
    }
}

/// One session, from hello to the end of the connection.
pub async fn run(context: Arc<Context>, coordinator: &PeerAddr) -> Result<End, NodeError> {
    let mut connection = context.endpoint.connect(coordinator).await?;
    connection.send(&ToServer::Hello(Box::new(hello(&context)))).await?;
    let job = match connection.recv::<ToNode>().await? {
        ToNode::Accepted { job } => job,
        ToNode::Bye(why) => return Ok(End::Refused(why)),
        other => {
            return Err(NodeError::Peer {
                peer: coordinator.to_string(),
                why: format!("answered {other:?}"),
            });
        }
    };
    tracing::info!(%coordinator, %job, "works for a job");
    let (sender, mut receiver) = connection.split();
    let (outbox, letters) = mpsc::channel(OUTBOX);
    // Dropping the set ends everything that the session started.
    let mut tasks = JoinSet::new();
    tasks.spawn(post(sender, letters));
    let session = Arc::new(Session { context, job, outbox, cancelled: Mutex::default() });
    let watcher = session.context.options.verifier.then(|| audit::Votes::new(session.clone()));
    if let Some(votes) = &watcher {
        tasks.spawn(votes.clone().watch());
    }
    loop {
        let message = receiver.recv::<ToNode>().await?;
        while tasks.try_join_next().is_some() {}
        if tasks.len() > MOST_ORDERS {
            let why = format!("it sent more than {MOST_ORDERS} orders at once");
            return Err(NodeError::Peer { peer: coordinator.to_string(), why });
        }
        match message {
            ToNode::Assign { order, peers } => {
                session.set_cancelled(order.id, false);
                tasks.spawn(work::execute(session.clone(), *order, peers));
            }
            ToNode::Audit { order, peers } => match &watcher {
                Some(votes) => {
                    tasks.spawn(audit::execute(session.clone(), votes.clone(), *order, peers));
                }
                None => tracing::warn!("asked to audit, but this node is no verifier"),
            },
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
