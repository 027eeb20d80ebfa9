//! The nodes that are connected to a coordinator.

use corex_chain::{Contracts, PROVIDER, VERIFIER};
use corex_net::{Connection, PeerAddr, Receiver, Sender};
use corex_protocol::{BlobSource, Event, Holder, NodeInfo, Roles};
use corex_store::BlobStore;
use corex_work::{Address, BlobId, JobId, LoweredProgram, Signature};
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::News;
use crate::error::NodeError;
use crate::server::Caller;
use crate::wire::{Hello, INLINE_BYTES, ToNode, ToServer, VERSION};

/// Messages waiting for one node. A node that reads nothing for that long is taken for gone.
const OUTBOX: usize = 4096;
/// Characters of a node's reason that are shown.
const MOST_WORDS: usize = 500;
/// How long goodbyes may take.
const FAREWELL: Duration = Duration::from_secs(3);

/// What a session says to the coordinator's loop.
pub enum PeerNews {
    /// A node was admitted.
    Joined {
        /// Which of the node's sessions this is.
        session: u64,
        /// Where to send messages for it.
        outbox: mpsc::Sender<ToNode>,
        /// Who it is.
        hello: Box<Hello>,
        /// For the driver.
        info: NodeInfo,
    },
    /// A node says that somebody does not give it a blob.
    Doubt {
        /// Who does not.
        holder: Holder,
        /// Which.
        blob: BlobId,
    },
    /// A node does not work for the job.
    Refusal {
        /// Who.
        node: Address,
        /// Why, in its words.
        why: String,
    },
    /// A session ended.
    Left {
        /// Which one.
        session: u64,
        /// Whose.
        node: Address,
    },
}

struct Peer {
    session: u64,
    outbox: mpsc::Sender<ToNode>,
    addr: PeerAddr,
}

/// Who is connected, and where their blobs are.
pub struct Peers {
    own: PeerAddr,
    connected: HashMap<Address, Peer>,
    /// Names of all that ever joined.
    names: HashMap<Address, String>,
}

impl Peers {
    /// Nobody yet; `own` is where the coordinator's blobs are.
    pub fn new(own: PeerAddr) -> Peers {
        Peers { own, connected: HashMap::new(), names: HashMap::new() }
    }

    /// Takes in news of a session.
    pub fn hear(&mut self, news: PeerNews, events: &mut Vec<Event>) {
        match news {
            PeerNews::Joined { session, outbox, hello, info } => {
                self.names.insert(hello.node, hello.name);
                // A node that comes back before its old session is missed replaces it.
                self.connected.insert(hello.node, Peer { session, outbox, addr: hello.addr });
                events.push(Event::NodeJoined(info));
            }
            // Handled by the coordinator, who has the means to look.
            PeerNews::Doubt { .. } | PeerNews::Refusal { .. } => {}
            PeerNews::Left { session, node } => {
                if self.connected.get(&node).is_some_and(|p| p.session == session) {
                    self.connected.remove(&node);
                    events.push(Event::NodeLost { node });
                }
            }
        }
    }

    /// What the node calls itself, or the start of its address.
    pub fn name(&self, node: Address) -> String {
        self.names.get(&node).cloned().unwrap_or_else(|| node.short())
    }

    /// The names of all that ever joined.
    pub fn into_names(self) -> HashMap<Address, String> {
        self.names
    }

    /// Where the holders of these blobs are.
    pub fn directory(&self, sources: &[BlobSource]) -> Vec<(Holder, PeerAddr)> {
        let holders: BTreeSet<Holder> = sources.iter().flat_map(|s| s.holders.iter().copied()).collect();
        let place = |holder: Holder| match holder {
            Holder::Coordinator => Some((holder, self.own.clone())),
            Holder::Node(node) => self.connected.get(&node).map(|p| (holder, p.addr.clone())),
        };
        holders.into_iter().filter_map(place).collect()
    }

    /// Queues a message. If the node is gone, or does not read, its session ends and the driver hears of that.
    pub fn send(&mut self, node: Address, message: ToNode) {
        if let Some(peer) = self.connected.get(&node)
            && peer.outbox.try_send(message).is_err()
        {
            // Without its sender the session's writing half ends, and with it the session.
            tracing::info!(%node, "does not take messages");
            let (dead, _) = mpsc::channel(1);
            if let Some(peer) = self.connected.get_mut(&node) {
                peer.outbox = dead;
            }
        }
    }

    /// Queues a message for everybody.
    pub fn broadcast(&mut self, message: &ToNode) {
        let nodes: Vec<Address> = self.connected.keys().copied().collect();
        for node in nodes {
            self.send(node, message.clone());
        }
    }

    /// Says goodbye to everybody.
    pub async fn dismiss(&mut self, why: &str) {
        let outboxes: Vec<_> = self.connected.drain().map(|(_, p)| p.outbox).collect();
        for outbox in &outboxes {
            let _ = outbox.try_send(ToNode::Bye(why.to_owned()));
        }
        let closed = async {
            for outbox in &outboxes {
                outbox.closed().await;
            }
        };
        let _ = tokio::time::timeout(FAREWELL, closed).await;
    }
}

/// What is needed to decide whether a node may take part.
#[derive(Clone)]
pub struct Admission {
    /// The job.
    pub job: JobId,
    /// Shows nodes that this endpoint speaks for the job.
    pub mandate: Signature,
    /// What its functions lower to.
    pub programs: Vec<LoweredProgram>,
    /// Where nodes are registered.
    pub contracts: Contracts,
    /// Where small outputs are kept.
    pub store: BlobStore,
}

/// Admits callers, each in a task of its own, until the job is over.
pub async fn greet_callers(
    mut callers: mpsc::Receiver<Caller>,
    inbox: mpsc::Sender<News>,
    admission: Admission,
) {
    static SESSIONS: AtomicU64 = AtomicU64::new(0);
    let mut sessions = JoinSet::new();
    while let Some(caller) = callers.recv().await {
        while sessions.try_join_next().is_some() {}
        let session = SESSIONS.fetch_add(1, Ordering::Relaxed);
        sessions.spawn(serve(caller, session, inbox.clone(), admission.clone()));
    }
    while sessions.join_next().await.is_some() {}
}

async fn serve(caller: Caller, session: u64, inbox: mpsc::Sender<News>, admission: Admission) {
    let Caller { mut connection, hello } = caller;
    let node = hello.node;
    let info = match admission.check(&connection, &hello).await {
        Ok(info) => info,
        Err(error) => {
            tracing::info!(%node, %error, "not admitted");
            return connection.close(&error.to_string()).await;
        }
    };
    let Admission { job, mandate, ref programs, .. } = admission;
    let accepted = ToNode::Accepted { job, mandate, programs: programs.clone() };
    if let Err(error) = connection.send(&accepted).await {
        return tracing::info!(%node, %error, "gone before it was admitted");
    }
    let (sender, receiver) = connection.split();
    let (outbox, letters) = mpsc::channel(OUTBOX);
    let joined = PeerNews::Joined { session, outbox, hello: Box::new(hello), info };
    if inbox.send(News::Peer(joined)).await.is_err() {
        return;
    }
    tokio::select! {
        () = post(sender, letters) => {}
        error = listen(receiver, node, &inbox, &admission) => {
            tracing::info!(%node, %error, "session ended");
        }
    }
    let _ = inbox.send(News::Peer(PeerNews::Left { session, node })).await;
}

/// Sends what the coordinator queues, until it drops the queue.
async fn post(mut sender: Sender, mut letters: mpsc::Receiver<ToNode>) {
    while let Some(letter) = letters.recv().await {
        if let Err(error) = sender.send(&letter).await {
            return tracing::info!(%error, "cannot send");
        }
        if let ToNode::Bye(why) = letter {
            return sender.close(&why).await;
        }
    }
}

/// Hears a node until it goes or breaks the protocol.
async fn listen(
    mut receiver: Receiver,
    node: Address,
    inbox: &mpsc::Sender<News>,
    admission: &Admission,
) -> NodeError {
    loop {
        let events = match receiver.recv::<ToServer>().await {
            Err(error) => return error.into(),
            // Hearsay about others: the coordinator looks for itself.
            Ok(ToServer::Missing { holder, blob }) => {
                if inbox.send(News::Peer(PeerNews::Doubt { holder, blob })).await.is_err() {
                    return NodeError::Refused("the job is over".into());
                }
                continue;
            }
            Ok(ToServer::Refused { why }) => {
                let why = why.chars().take(MOST_WORDS).collect();
                // A closed inbox means that the job is over.
                let _ = inbox.send(News::Peer(PeerNews::Refusal { node, why })).await;
                return NodeError::Refused("it does not work for the job".into());
            }
            Ok(message) => match admission.translate(node, message) {
                Ok(events) => events,
                Err(error) => return error,
            },
        };
        for event in events {
            if inbox.send(News::Event(event)).await.is_err() {
                return NodeError::Refused("the job is over".into());
            }
        }
    }
}

impl Admission {
    /// A node may take part if it is registered with the endpoint key that it dialled with, and staked for the role.
    async fn check(&self, connection: &Connection, hello: &Hello) -> Result<NodeInfo, NodeError> {
        let refuse = |why: &str| Err(NodeError::Refused(why.to_owned()));
        if hello.version != VERSION {
            return refuse(&format!(
                "this coordinator speaks version {VERSION}, you speak {}",
                hello.version
            ));
        }
        if hello.addr.key != connection.peer() {
            return refuse("your blobs must be served by the endpoint that you dialled with");
        }
        let Some(registered) = self.contracts.node(hello.node).await? else {
            return refuse("you are not registered on chain");
        };
        if !registered.active || registered.profile.endpoint.0 != connection.peer().0 {
            return refuse("you are registered with another endpoint key, or deactivated");
        }
        let role = if hello.verifier { VERIFIER } else { PROVIDER };
        if !self.contracts.is_eligible(hello.node, role).await? {
            return refuse("your stake is too small for the role");
        }
        let stake = self.contracts.stake_of(hello.node).await?.counting();
        Ok(NodeInfo {
            node: hello.node,
            roles: Roles { provider: !hello.verifier, verifier: hello.verifier },
            units_per_s: hello.units_per_s,
            slots: 1,
            stake: stake.0,
        })
    }

    /// What a node's message means for the driver, or why it must not have been sent.
    fn translate(&self, node: Address, message: ToServer) -> Result<Vec<Event>, NodeError> {
        let breach = |why: String| NodeError::Peer { peer: node.to_string(), why };
        match message {
            ToServer::Done { receipt, small } => {
                if receipt.receipt.node != node || receipt.receipt.job != self.job {
                    return Err(breach("it sent a receipt for another node or job".into()));
                }
                receipt.verify(&self.contracts.domain())?;
                let mut events = Vec::new();
                for bytes in small {
                    if bytes.len() > INLINE_BYTES {
                        return Err(breach(format!("it sent {} bytes inline", bytes.len())));
                    }
                    let blob = corex_work::BlobId::of(&bytes);
                    if !receipt.receipt.outputs.contains(&blob) {
                        return Err(breach(format!("it sent {blob}, which is no output of its task")));
                    }
                    self.store.put(bytes)?;
                    events.push(Event::BlobHeld { holder: Holder::Coordinator, blob });
                }
                events.insert(0, Event::TaskDone { node, receipt });
                Ok(events)
            }
            ToServer::Failed { task, reason } => Ok(vec![Event::TaskFailed { node, task, reason }]),
            ToServer::Verdict(verdict) => {
                if verdict.verifier != node || verdict.verdict.job != self.job {
                    return Err(breach("it sent a verdict of another verifier or job".into()));
                }
                verdict.verify(&self.contracts.domain())?;
                Ok(vec![Event::Verdict(verdict)])
            }
            ToServer::Missing { .. }
            | ToServer::Refused { .. }
            | ToServer::Join { .. }
            | ToServer::Fund { .. }
            | ToServer::Announce { .. }
            | ToServer::Hello(_) => {
                Err(breach("it sent a message that does not belong into a session".into()))
            }
        }
    }
}
