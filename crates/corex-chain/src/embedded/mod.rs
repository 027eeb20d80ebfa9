//! An Ethereum chain inside this process: one sealer, the real EVM, JSON-RPC over HTTP.
//!
//! It seals a block at once whenever a transaction waits, and nothing otherwise. Headers, hashes, receipts,
//! logs and `BLOCKHASH` are real, so contracts and client libraries behave as on any chain, and one file
//! holds everything: a sealed block survives `kill -9`.
//!
//! What it refuses to be: there is no peer-to-peer layer, no fee market (the base fee is constant), no
//! history of states (reads are of the newest block only), no Merkle-Patricia state root (the header's is a
//! hash chain over state changes) and no account whose key it holds: every transaction comes signed.
//!
//! **Architecture Invariant:** the rest of the crate, and every node, talks to this chain over JSON-RPC only,
//! exactly as to a public one. Nothing outside this module reads its state directly.

mod block;
mod clock;
mod evm;
mod filters;
mod methods;
mod pool;
mod rpc;
mod sealer;
mod store;

pub use clock::{Clock, ManualClock};
pub use store::StoreError;

use block::SealedBlock;
use corex_work::Address;
use rpc::Rpc;
use sealer::Core;
use std::{
    convert::Infallible,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use store::{AccountRecord, StateDiff, Store};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

/// Gas per block.
pub const BLOCK_GAS_LIMIT: u64 = 60_000_000;
/// Gas per transaction: 2^24, as EIP-7825 has it.
pub const TX_GAS_LIMIT: u64 = 1 << 24;
/// Wei per gas, constant: one gwei.
pub const BASE_FEE: u64 = 1_000_000_000;
/// The chain id of embedded chains, unless told otherwise.
pub const DEFAULT_CHAIN_ID: u64 = 27_393;

/// What an embedded chain is started with.
#[derive(Clone, Debug)]
pub struct EmbeddedConfig {
    /// The file that holds the chain. Created, with the directories above it, if absent.
    pub path: PathBuf,
    /// Where to serve JSON-RPC. Port 0 takes any free one. Anything but loopback exposes the chain.
    pub listen: SocketAddr,
    /// Refused if the file holds a chain of another id.
    pub chain_id: u64,
    /// Accounts that a new chain starts with, and their wei. Ignored for a chain that exists.
    pub genesis: Vec<(Address, u128)>,
    /// Block time.
    pub clock: Clock,
}

impl EmbeddedConfig {
    /// A chain in `path` on any free loopback port, with the wall clock.
    pub fn new(path: impl Into<PathBuf>, genesis: Vec<(Address, u128)>) -> Self {
        Self {
            path: path.into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            chain_id: DEFAULT_CHAIN_ID,
            genesis,
            clock: Clock::system(),
        }
    }
}

/// Why an embedded chain could not start.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// The address cannot be listened on, most often because the port is in use.
    #[error("cannot serve the chain on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The directory of the chain's file cannot be made.
    #[error("cannot create {}: {source}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The chain's file cannot be used.
    #[error("chain file {}: {source}", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: StoreError,
    },
}

/// A running embedded chain. Dropping it stops it; nothing sealed is lost.
pub struct EmbeddedChain {
    address: SocketAddr,
    chain_id: u64,
    sealer: JoinHandle<()>,
    server: JoinHandle<()>,
    stop: Option<oneshot::Sender<()>>,
    /// Ends when the file is closed.
    open: mpsc::Receiver<Infallible>,
}

/// How long requests in progress may take when the chain stops.
const LAST_ANSWERS: Duration = Duration::from_millis(500);
/// How long what reads or writes the file may take to end then.
const LAST_READS: Duration = Duration::from_secs(10);

impl EmbeddedChain {
    /// Opens or creates the chain and serves it. Must be called within a tokio runtime.
    pub async fn start(config: EmbeddedConfig) -> Result<Self, EmbeddedError> {
        let listen_error = |source| EmbeddedError::Listen { address: config.listen, source };
        let listener = tokio::net::TcpListener::bind(config.listen).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let store = open(&config)?;
        let (opened, open) = mpsc::channel(1);
        let core = Arc::new(Core::new(config.chain_id, config.clock, store, opened));
        let router = Rpc::new(core.clone()).router();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(async move {
            // Both an order to stop and a dropped handle end the wait.
            let until = async move { drop(stopped.await) };
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(until).await {
                tracing::error!(%error, "the chain's HTTP server ended");
            }
        });
        let sealer = tokio::spawn(core.run_sealer());
        Ok(Self { address, chain_id: config.chain_id, sealer, server, stop: Some(stop), open })
    }

    /// Where JSON-RPC is served.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where JSON-RPC is served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The chain's id.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// Stops serving and sealing, and returns once the file is closed and can be opened again.
    pub async fn shutdown(mut self) {
        self.stop.take();
        if timeout(LAST_ANSWERS, &mut self.server).await.is_err() {
            self.server.abort();
            (&mut self.server).await.ok();
        }
        self.sealer.abort();
        (&mut self.sealer).await.ok();
        // What runs on a blocking thread is not aborted, and holds the file until it is done.
        if timeout(LAST_READS, self.open.recv()).await.is_err() {
            tracing::warn!("the chain's file is still in use");
        }
    }
}

impl Drop for EmbeddedChain {
    fn drop(&mut self) {
        self.server.abort();
        self.sealer.abort();
    }
}

fn open(config: &EmbeddedConfig) -> Result<Store, EmbeddedError> {
    if let Some(dir) = config.path.parent().filter(|d| *d != Path::new("")) {
        std::fs::create_dir_all(dir)
            .map_err(|source| EmbeddedError::Directory { path: dir.to_path_buf(), source })?;
    }
    let genesis = || {
        let mut diff = StateDiff::default();
        for (address, wei) in &config.genesis {
            let account = AccountRecord {
                balance: alloy::primitives::U256::from(*wei),
                nonce: 0,
                code_hash: alloy::primitives::KECCAK256_EMPTY,
            };
            diff.accounts.insert(address.0.into(), Some(account));
        }
        let root = diff.state_root(Default::default());
        (SealedBlock::genesis(config.clock.now(), root), diff)
    };
    Store::open(&config.path, config.chain_id, genesis)
        .map_err(|source| EmbeddedError::Store { path: config.path.clone(), source })
}
