//! A network of one's own on this machine: chain, contracts, host, and nodes as processes.

use corex_chain::{Chain, Contracts, EmbeddedChain, EmbeddedConfig, Profile};
use corex_net::{Endpoint, NetConfig, PeerAddr};
use corex_store::BlobStore;
use corex_work::OperatorKey;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::cheat::Cheat;
use crate::checkpoint::write_whole;
use crate::deploy;
use crate::error::NodeError;
use crate::host::{Faucet, Host};
use crate::keys::Keys;
use crate::report::{Report, Reporter};
use crate::server::{self, Caller};
use crate::supervise::{ChildSpec, Supervisor};

/// Wei of the account that owns an embedded network.
const GENESIS_WEI: u128 = 1_000_000 * 1_000_000_000_000_000_000;
/// Nodes that one machine is asked to run; more is a mistake.
pub const MOST_NODES: u32 = 256;
/// Nodes waiting to be admitted.
const CALLERS: usize = 256;

/// Where the contracts live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChainChoice {
    /// A chain of the network's own, with JSON-RPC on this port (0: any free one).
    Embedded {
        /// The port.
        rpc_port: u16,
    },
    /// A chain that somebody else runs.
    Rpc {
        /// Its JSON-RPC endpoint.
        url: String,
    },
}

/// What to start.
#[derive(Debug, Clone)]
pub struct NetworkOptions {
    /// Folder of the network's state.
    pub dir: PathBuf,
    /// Name of the profile; without, that of the network in the folder, or `cx`.
    pub profile: Option<String>,
    /// Where the contracts live.
    pub chain: ChainChoice,
    /// The account that deploys and pays, for a chain of somebody else's.
    pub key: Option<OperatorKey>,
    /// Address to listen on.
    pub listen: IpAddr,
    /// The program that nodes are started from.
    pub program: PathBuf,
    /// Providers to start.
    pub providers: u32,
    /// Verifiers to start.
    pub verifiers: u32,
    /// Threads of each node.
    pub threads: usize,
    /// Makes the last provider dishonest.
    pub cheat: Option<Cheat>,
    /// Blobs to serve, for a coordinator in the same process.
    pub blobs: Option<BlobStore>,
}

/// How others find a running network: the file `network.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkFile {
    /// JSON-RPC endpoint of the chain.
    pub rpc: String,
    /// Its id.
    pub chain_id: u64,
    /// Where the host listens: `KEY@HOST:PORT`.
    pub host: String,
    /// The process that runs it.
    pub pid: u32,
}

const FILE: &str = "network.json";
/// The embedded chain's file in a network's folder.
pub(crate) const CHAIN: &str = "chain.redb";

/// Where corex keeps what belongs to this user and not to a network; nothing if the system names no such place.
pub fn user_folder() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".local/state"));
    Some(state.or_else(home)?.join("corex"))
}

impl NetworkFile {
    /// Reads it; `path` is the file or the folder it is in.
    pub fn read(path: &Path) -> Result<NetworkFile, NodeError> {
        let path = if path.is_dir() { path.join(FILE) } else { path.to_path_buf() };
        let bytes = std::fs::read(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => NodeError::Refused(format!(
                "no network runs at {}\nhint: start one with `corex up` or `corex train`",
                path.display()
            )),
            _ => NodeError::io(path.clone())(error),
        })?;
        serde_json::from_slice(&bytes).map_err(|e| NodeError::Damaged { path, why: e.to_string() })
    }

    /// Where the host is.
    pub fn host(&self) -> Result<PeerAddr, NodeError> {
        Ok(self.host.parse()?)
    }

    /// Its contracts, which the host names, for an account or, without a key, for one of no importance.
    ///
    /// # Errors
    /// The host does not answer, or speaks another version; the chain does not answer.
    pub async fn contracts(&self, key: Option<OperatorKey>) -> Result<Contracts, NodeError> {
        let keys = Keys::generate()?;
        let endpoint = Endpoint::bind(NetConfig::loopback(keys.endpoint)).await?;
        let (connection, welcome) = crate::node::greet(&endpoint, &self.host()?).await?;
        connection.close("thank you").await;
        endpoint.close().await;
        let key = key.map_or_else(|| OperatorKey::from_bytes(keys.operator), Ok)?;
        let chain = Chain::connect(&welcome.rpc, key, Some(welcome.deployment.chain_id)).await?;
        Ok(Contracts::attach(chain, welcome.deployment).await?)
    }

    /// The file that names the network last started by this user.
    fn pointer() -> Option<PathBuf> {
        Some(user_folder()?.join(FILE))
    }

    /// The network last started by this user on this machine.
    pub fn latest() -> Result<NetworkFile, NodeError> {
        let missing = || {
            NodeError::Refused(
                "no network was started on this machine\nhint: start one with `corex up`".into(),
            )
        };
        NetworkFile::read(&NetworkFile::pointer().ok_or_else(missing)?)
    }

    /// Whether the process that runs it is there.
    fn runs(&self) -> bool {
        Path::new("/proc").join(self.pid.to_string()).exists()
    }

    /// Lets others find the network. One that ends by itself does not take the place of one that stays.
    fn publish(&self, dir: &Path, stays: bool) -> Result<(), NodeError> {
        let bytes = serde_json::to_vec_pretty(self).expect("strings and numbers");
        write_whole(&dir.join(FILE), &bytes)?;
        if let Some(pointer) = NetworkFile::pointer()
            && (stays || !NetworkFile::read(&pointer).is_ok_and(|other| other.runs()))
            && let Some(folder) = pointer.parent()
            && std::fs::create_dir_all(folder).is_ok()
            && let Err(error) = write_whole(&pointer, &bytes)
        {
            // A convenience: without it, others name the network's folder.
            tracing::info!(%error, "cannot remember the network");
        }
        Ok(())
    }

    /// Removes what [`Self::publish`] wrote, unless another network has taken its place.
    fn withdraw(&self, dir: &Path) {
        for path in [Some(dir.join(FILE)), NetworkFile::pointer()].into_iter().flatten() {
            if NetworkFile::read(&path).is_ok_and(|found| found == *self) {
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

/// A running network.
pub struct LocalNetwork {
    dir: PathBuf,
    file: NetworkFile,
    embedded: Option<EmbeddedChain>,
    /// The contracts, as the account that owns the network.
    pub contracts: Contracts,
    /// Where everyone dials in.
    pub endpoint: Arc<Endpoint>,
    /// Tells nodes where work is.
    pub host: Arc<Host>,
    /// Nodes that want to work for a coordinator in this process.
    pub callers: Option<mpsc::Receiver<Caller>>,
    server: JoinHandle<()>,
    supervisor: Supervisor,
}

impl LocalNetwork {
    /// Starts the network, or starts it again from its folder.
    pub async fn start(options: NetworkOptions, reporter: &Reporter) -> Result<LocalNetwork, NodeError> {
        if options.providers > MOST_NODES || options.verifiers > MOST_NODES {
            return Err(NodeError::Refused(format!("one machine runs at most {MOST_NODES} nodes of a kind")));
        }
        let dir = options.dir.clone();
        std::fs::create_dir_all(&dir).map_err(NodeError::io(&dir))?;
        let keys = Keys::load_or_create(&dir.join("keys.json"))?;
        let own = OperatorKey::from_bytes(keys.operator)?;
        let (embedded, chain) =
            open_chain(&dir, &options.chain, own, options.key.clone(), options.listen, reporter).await?;
        let rpc = chain.url().to_owned();
        let contracts = deploy::for_development(&dir, chain, options.profile.as_deref(), reporter).await?;

        let mut config = NetConfig { accept_control: true, ..NetConfig::loopback(keys.endpoint) };
        config.bind = SocketAddr::new(options.listen, 0);
        if let Some(store) = &options.blobs {
            config.blobs = Some(Arc::new(store.clone()));
        }
        let endpoint = Arc::new(Endpoint::bind(config).await?);
        let host = Arc::new(Host::new(rpc.clone(), contracts.clone(), Some(Faucet::new(contracts.clone()))));
        let (callers, inbox) = mpsc::channel(CALLERS);
        let callers = options.blobs.is_some().then_some(callers);
        let server = server::start(endpoint.clone(), Some(host.clone()), callers);
        let file = NetworkFile {
            rpc,
            chain_id: contracts.chain().chain_id(),
            host: endpoint.addr().to_string(),
            pid: std::process::id(),
        };
        file.publish(&dir, options.blobs.is_none())?;
        reporter(Report::Stage(format!(
            "starting {} and {}",
            counted(options.providers, "provider"),
            counted(options.verifiers, "verifier")
        )));
        let supervisor = Supervisor::start(&options.program, children(&options, &file.host), reporter);
        Ok(LocalNetwork {
            dir,
            file,
            embedded,
            contracts,
            endpoint,
            host,
            callers: Some(inbox),
            server,
            supervisor,
        })
    }

    /// Where the network's folder is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// How others find it.
    pub fn file(&self) -> &NetworkFile {
        &self.file
    }

    /// Stops everything that [`Self::start`] started.
    pub async fn stop(self) {
        self.supervisor.stop().await;
        self.server.abort();
        self.endpoint.close().await;
        self.file.withdraw(&self.dir);
        if let Some(chain) = self.embedded {
            chain.shutdown().await;
        }
    }
}

/// The chain that a network's folder is about: its own, which is started, or somebody else's. As the account that pays.
pub(crate) async fn open_chain(
    dir: &Path,
    choice: &ChainChoice,
    own: OperatorKey,
    key: Option<OperatorKey>,
    listen: IpAddr,
    reporter: &Reporter,
) -> Result<(Option<EmbeddedChain>, Chain), NodeError> {
    match choice {
        ChainChoice::Embedded { rpc_port } => {
            reporter(Report::Stage("starting the embedded chain".into()));
            let mut config = EmbeddedConfig::new(dir.join(CHAIN), vec![(own.address(), GENESIS_WEI)]);
            config.listen = SocketAddr::new(listen, *rpc_port);
            let embedded = EmbeddedChain::start(config).await?;
            let chain = Chain::connect(&embedded.url(), own, None).await?;
            Ok((Some(embedded), chain))
        }
        ChainChoice::Rpc { url } => {
            let key = key.ok_or_else(|| {
                NodeError::Refused(format!("the chain at {url} needs a funded account\nhint: pass --key"))
            })?;
            Ok((None, Chain::connect(url, key, None).await?))
        }
    }
}

/// Names of the profiles that a network can be started with.
pub fn profiles() -> [&'static str; 5] {
    Profile::names()
}

fn counted(number: u32, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn children(options: &NetworkOptions, host: &str) -> Vec<ChildSpec> {
    let child = |name: String, extra: &[&str]| {
        let dir = options.dir.join("nodes").join(&name);
        let mut args: Vec<String> =
            ["node", "--owned", "--join", host, "--name", &name, "--dir"].map(str::to_owned).to_vec();
        args.push(dir.display().to_string());
        args.extend(["--threads".into(), options.threads.to_string()]);
        args.extend(["--listen".into(), options.listen.to_string()]);
        args.extend(extra.iter().map(|a| (*a).to_owned()));
        ChildSpec { name, dir, args }
    };
    let mut out = Vec::new();
    for i in 1..=options.providers {
        let cheat = options.cheat.filter(|_| i == options.providers).map(|c| ["--cheat", c.name()]);
        out.push(child(format!("provider-{i}"), cheat.as_ref().map_or(&[], |c| c.as_slice())));
    }
    for i in 1..=options.verifiers {
        out.push(child(format!("verifier-{i}"), &["--verify"]));
    }
    out
}
