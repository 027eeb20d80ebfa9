//! One node: a process that joins a network, puts down a stake, and works for whatever jobs the network has.
//!
//! The node trusts nobody. It checks every byte it fetches against its name, signs only what it computed itself (or,
//! if it cheats, what it wants the world to believe), and reads rounds and beacons from the chain.

mod audit;
mod challenge;
mod credit;
mod dispute;
mod session;
mod work;

use challenge::Docket;
use credit::Credit;
pub(crate) use session::DONE;

use corex_chain::{Chain, Contracts, Mined, NodeProfile, PROVIDER, Tokens, VERIFIER};
use corex_net::{Connection, Endpoint, NetConfig, PeerAddr};
use corex_store::{BlobStore, BlobStoreOptions, ResultCache};
use corex_work::{Address, Hash32, OperatorKey};
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::cheat::{Cheat, Cheater};
use crate::dispute::{BLOBS, SIGNED, SignedTasks, Table};
use crate::error::NodeError;
use crate::hardware::{Hardware, measure_units_per_second};
use crate::keys::Keys;
use crate::wire::{ToNode, ToServer, VERSION, Welcome};
use crate::worker::{Compute, Worker};

/// How long a node measures itself when it starts.
const BENCHMARK: Duration = Duration::from_millis(200);
/// Pause before dialling a host or coordinator again; doubles up to the limit.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Results that a node remembers.
const CACHE_ENTRIES: usize = 100_000;
/// Peers that are remembered.
const MOST_PEERS: usize = 64;
/// Blobs kept in memory by each node process.
const RECENT_BYTES: usize = 128 << 20;

/// How to run a node.
#[derive(Debug, Clone)]
pub struct NodeOptions {
    /// Host to join.
    pub host: PeerAddr,
    /// Folder for keys, blobs and cache.
    pub dir: PathBuf,
    /// Shown to people.
    pub name: String,
    /// Verify instead of provide.
    pub verifier: bool,
    /// How to compute.
    pub compute: Compute,
    /// Address to listen on.
    pub listen: IpAddr,
    /// Be dishonest.
    pub cheat: Option<Cheat>,
}

/// What every session of a node shares.
struct Context {
    options: NodeOptions,
    operator: OperatorKey,
    hardware: Hardware,
    units_per_s: u64,
    endpoint: Endpoint,
    store: BlobStore,
    worker: Arc<Worker>,
    cheater: Option<Arc<Cheater>>,
    contracts: Contracts,
    /// One evaluation at a time; inputs of the next are fetched meanwhile.
    slot: Arc<Semaphore>,
    /// What it signed, to stand up for it.
    signed: Arc<Mutex<SignedTasks>>,
    table: Table,
    docket: Docket,
    credit: Credit,
    /// Taken while this node decides about a challenge.
    challenging: tokio::sync::Mutex<()>,
    /// Peers that may have a blob, the latest last.
    peers: Mutex<VecDeque<PeerAddr>>,
}

/// Runs a node until `stop` becomes true.
pub async fn run(options: NodeOptions, mut stop: watch::Receiver<bool>) -> Result<(), NodeError> {
    let keys = Keys::load_or_create(&options.dir.join("keys.json"))?;
    let operator = OperatorKey::from_bytes(keys.operator)?;
    let blob_options = BlobStoreOptions { recent_bytes: RECENT_BYTES, ..Default::default() };
    let store = BlobStore::open(options.dir.join(BLOBS), blob_options)?;
    let (cache, _) = ResultCache::open(options.dir.join("results"), CACHE_ENTRIES)?;
    let (signed, damage) = SignedTasks::open(options.dir.join(SIGNED))?;
    if let Some(error) = damage {
        tracing::warn!(%error, "the record of signed tasks is set aside: this node cannot answer for them");
    }
    let endpoint = Endpoint::bind(NetConfig {
        bind: SocketAddr::new(options.listen, 0),
        blobs: Some(Arc::new(store.clone())),
        ..NetConfig::loopback(keys.endpoint)
    })
    .await?;
    let hardware = Hardware::detect(options.compute.isa);
    let isa = options.compute.isa;
    let units_per_s = blocking(move || Ok(measure_units_per_second(isa, BENCHMARK))).await?;
    tracing::info!(name = options.name, node = %operator.address(), addr = %endpoint.addr(), units_per_s, "node starts");

    let (mut host, mut welcome) = tokio::select! {
        joined = join(&endpoint, &options.host) => joined?,
        _ = stop.wait_for(|s| *s) => return Ok(()),
    };
    let chain = Chain::connect(&welcome.rpc, operator.clone(), Some(welcome.deployment.chain_id)).await?;
    let contracts = Contracts::attach(chain, welcome.deployment.clone()).await?;
    let worker = Arc::new(Worker::new(store.clone(), Some(cache), options.compute));
    let (signed, slot) = (Arc::new(Mutex::new(signed)), Arc::new(Semaphore::new(1)));
    let table = Table::new(contracts.clone(), worker.clone(), signed.clone(), slot.clone())
        .lying(options.cheat.is_some());
    let context = Arc::new(Context {
        worker,
        cheater: options.cheat.map(|c| Arc::new(Cheater::new(c))),
        slot,
        signed,
        table,
        docket: Docket::default(),
        credit: Credit::default(),
        challenging: tokio::sync::Mutex::default(),
        peers: Mutex::default(),
        options,
        operator,
        hardware,
        units_per_s,
        endpoint,
        store,
        contracts,
    });
    context.enrol(&mut host, &mut welcome).await?;
    let chores = tokio::spawn(context.clone().chores());
    let watch = tokio::spawn(dispute::watch(context.clone()));
    let result = tokio::select! {
        result = context.clone().follow(host, welcome) => result,
        _ = stop.wait_for(|s| *s) => Ok(()),
    };
    chores.abort();
    watch.abort();
    context.endpoint.close().await;
    result
}

/// Runs code that blocks on a thread made for it. A panic there is reported, not spread.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NodeError> + Send + 'static,
) -> Result<T, NodeError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(e) => Err(NodeError::Refused(format!("a computation ended abnormally: {e}"))),
    }
}

/// Dials the host until it answers.
async fn join(endpoint: &Endpoint, host: &PeerAddr) -> Result<(Connection, Welcome), NodeError> {
    let mut pause = FIRST_PAUSE;
    loop {
        match greet(endpoint, host).await {
            Ok(joined) => return Ok(joined),
            Err(error @ NodeError::Refused(_)) => return Err(error),
            Err(error) => tracing::info!(%host, %error, "the host does not answer yet"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Says hello to a host once.
pub(crate) async fn greet(endpoint: &Endpoint, host: &PeerAddr) -> Result<(Connection, Welcome), NodeError> {
    let mut connection = endpoint.connect(host).await?;
    connection.send(&ToServer::Join { version: VERSION }).await?;
    match connection.recv::<ToNode>().await? {
        ToNode::Welcome(welcome) if welcome.version == VERSION => Ok((connection, *welcome)),
        ToNode::Welcome(welcome) => Err(NodeError::Refused(format!(
            "{host} speaks version {}, this program version {VERSION}\nhint: use the same release on both sides",
            welcome.version
        ))),
        ToNode::Bye(why) => Err(NodeError::Refused(format!("{host} refused: {why}"))),
        other => Err(NodeError::Peer { peer: host.to_string(), why: format!("answered {other:?}") }),
    }
}

/// Asks a local network's faucet. The list of coordinators may be sent at any time, and not again before it changes: the last
/// one that came meanwhile is given back.
pub(crate) async fn fund(
    host: &mut Connection,
    account: corex_work::Address,
) -> Result<Option<Vec<PeerAddr>>, NodeError> {
    host.send(&ToServer::Fund { account }).await?;
    let mut coordinators = None;
    loop {
        match host.recv::<ToNode>().await? {
            ToNode::Funded => return Ok(coordinators),
            ToNode::Bye(why) => return Err(NodeError::Refused(format!("the faucet refused: {why}"))),
            ToNode::Coordinators(list) => coordinators = Some(list),
            _ => {}
        }
    }
}

impl Context {
    /// Remembers somebody who may have blobs.
    fn meet(&self, peer: &PeerAddr) {
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        if peers.back() != Some(peer) {
            peers.retain(|known| known.key != peer.key);
            peers.push_back(peer.clone());
        }
        while peers.len() > MOST_PEERS {
            peers.pop_front();
        }
    }

    fn role(&self) -> u8 {
        if self.options.verifier { VERIFIER } else { PROVIDER }
    }

    /// Registers on chain and puts down the stake that the role asks for, once. Where another account owns the node, the stake is
    /// that account's affair.
    async fn enrol(&self, host: &mut Connection, welcome: &mut Welcome) -> Result<(), NodeError> {
        let node = self.operator.address();
        let stake = self.contracts.book().profile.stake.min_for(self.role());
        let staked = self.contracts.stake_of(node).await?.counting();
        let owner = self.contracts.node(node).await?.map_or(node, |known| known.owner);
        if owner != node && staked < stake {
            return Err(NodeError::Refused(format!(
                "node {node} belongs to {owner} and has a stake of {staked}; its role asks for {stake}\n\
                 hint: its owner adds it with `corex stake add {node} AMOUNT`"
            )));
        }
        let poor = self.contracts.chain().gas_balance(node).await? == 0
            || self.contracts.balance(node).await? + staked < stake;
        if poor && welcome.faucet {
            if let Some(coordinators) = fund(host, node).await? {
                welcome.coordinators = coordinators;
            }
        } else if poor {
            return Err(NodeError::Refused(format!(
                "account {node} cannot pay its stake of {stake} and gas\nhint: send it tokens and gas, then start again"
            )));
        }
        let hardware = serde_json::to_vec(&self.hardware).unwrap_or_default();
        let profile = NodeProfile {
            endpoint: Hash32(self.endpoint.key().0),
            hardware: Hash32(corex_work::keccak256(&hardware)),
            capability: self.units_per_s,
            roles: self.role(),
        };
        self.contracts.register(owner, profile).await?;
        self.contracts.stake_up_to(node, stake).await?;
        if self.options.verifier {
            self.contracts.sync_verifier(node).await?;
        }
        tracing::info!(%node, %stake, "registered and staked");
        Ok(())
    }

    /// Keeps one session per coordinator that the host names, for as long as the host lives. If it goes away, the
    /// node waits for it and goes on.
    async fn follow(self: Arc<Self>, mut host: Connection, welcome: Welcome) -> Result<(), NodeError> {
        let mut sessions: BTreeMap<String, JoinHandle<()>> = BTreeMap::new();
        let mut wanted = welcome.coordinators;
        loop {
            sessions.retain(|addr, task| {
                let keep = wanted.iter().any(|w| w.to_string() == *addr) && !task.is_finished();
                if !keep {
                    task.abort();
                }
                keep
            });
            for addr in wanted.iter() {
                sessions
                    .entry(addr.to_string())
                    .or_insert_with(|| tokio::spawn(self.clone().serve(addr.clone())));
            }
            match host.recv::<ToNode>().await {
                Ok(ToNode::Coordinators(list)) => wanted = list,
                Ok(ToNode::Bye(why)) => {
                    tracing::info!(why, "the host says goodbye");
                    return Ok(());
                }
                Ok(other) => tracing::warn!(?other, "unexpected message of the host"),
                Err(error) => {
                    tracing::info!(%error, "lost the host, waiting for it");
                    let (connection, welcome) = join(&self.endpoint, &self.options.host).await?;
                    host = connection;
                    wanted = welcome.coordinators;
                }
            }
        }
    }

    /// Sessions with one coordinator, again and again until it is not wanted any more or refuses this node.
    async fn serve(self: Arc<Self>, coordinator: PeerAddr) {
        let mut pause = FIRST_PAUSE;
        loop {
            match session::run(self.clone(), &coordinator).await {
                Ok(session::End::Refused(why)) => {
                    tracing::warn!(%coordinator, why, "the coordinator does not want this node");
                    return;
                }
                Ok(session::End::Finished) => return,
                Err(error) => tracing::info!(%coordinator, %error, "session ended"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// What a node does for itself: claims what it mined.
    async fn chores(self: Arc<Self>) {
        let Some(mining) = &self.contracts.book().profile.mining else { return };
        let epoch = Duration::from_secs(mining.epoch_seconds.max(1));
        let node = self.operator.address();
        loop {
            tokio::time::sleep(epoch).await;
            match self.claim(node).await {
                Ok(None) => {}
                Ok(Some((amount, mined))) => {
                    tracing::info!(%amount, tx = %mined.tx, "claimed from the mining pool");
                }
                Err(error) => tracing::warn!(%error, "claiming failed, will try again"),
            }
        }
    }

    /// Asks before it sends: a claim of nothing would cost gas.
    async fn claim(&self, node: Address) -> Result<Option<(Tokens, Mined)>, NodeError> {
        match self.contracts.claimable(node).await? > Tokens::default() {
            true => Ok(self.contracts.claim(node).await?),
            false => Ok(None),
        }
    }
}
