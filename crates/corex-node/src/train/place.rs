//! Where a training run's coordinator stands: in a network of its own, or in somebody else's.

use corex_chain::Contracts;
use corex_net::{Connection, Endpoint, NetConfig, PeerAddr};
use corex_store::BlobStore;
use corex_work::OperatorKey;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{JobFile, NetworkChoice, TrainOptions, share_of_cores};
use crate::error::NodeError;
use crate::keys::Keys;
use crate::network::{LocalNetwork, NetworkFile, NetworkOptions};
use crate::report::{Report, Reporter};
use crate::server::{self, Caller};
use crate::wire::ToServer;

/// Where the coordinator of this process stands: in a network of its own, or in somebody else's.
pub(crate) struct Place {
    pub(crate) contracts: Contracts,
    pub(crate) endpoint: Arc<Endpoint>,
    pub(super) callers: Option<mpsc::Receiver<Caller>>,
    kind: PlaceKind,
}

enum PlaceKind {
    Own(Box<LocalNetwork>),
    Guest(Box<Guest>),
}

struct Guest {
    host: PeerAddr,
    connection: Option<Connection>,
    server: JoinHandle<()>,
    herald: Option<JoinHandle<()>>,
}

impl Place {
    pub(super) async fn open(
        options: &TrainOptions,
        job: &JobFile,
        store: &BlobStore,
        reporter: &Reporter,
    ) -> Result<Place, NodeError> {
        let dir = options.dir.join("network");
        match &job.network {
            NetworkChoice::Own { chain, profile, providers, verifiers } => {
                let network = NetworkOptions {
                    dir,
                    profile: Some(profile.clone()),
                    chain: chain.clone(),
                    key: options.key.clone(),
                    listen: options.listen,
                    program: options.program.clone(),
                    providers: *providers,
                    verifiers: *verifiers,
                    threads: options.threads.unwrap_or_else(|| share_of_cores(*providers)),
                    cheat: options.cheat,
                    blobs: Some(store.clone()),
                };
                let mut network = LocalNetwork::start(network, reporter).await?;
                Ok(Place {
                    contracts: network.contracts.clone(),
                    endpoint: network.endpoint.clone(),
                    callers: network.callers.take(),
                    kind: PlaceKind::Own(Box::new(network)),
                })
            }
            NetworkChoice::Join { path } => Place::join(&dir, path, options, store, reporter).await,
        }
    }

    async fn join(
        dir: &Path,
        path: &Path,
        options: &TrainOptions,
        store: &BlobStore,
        reporter: &Reporter,
    ) -> Result<Place, NodeError> {
        let host = NetworkFile::read(path)?.host()?;
        reporter(Report::Stage(format!("joining the network at {host}")));
        let keys = Keys::load_or_create(&dir.join("keys.json"))?;
        let mut config = NetConfig { accept_control: true, ..NetConfig::loopback(keys.endpoint) };
        config.bind = SocketAddr::new(options.listen, 0);
        config.blobs = Some(Arc::new(store.clone()));
        let endpoint = Arc::new(Endpoint::bind(config).await?);
        let (mut connection, welcome) = crate::node::greet(&endpoint, &host).await?;
        let own = match &options.key {
            Some(key) => key.clone(),
            None => OperatorKey::from_bytes(keys.operator)?,
        };
        let account = own.address();
        let chain = corex_chain::Chain::connect(&welcome.rpc, own, Some(welcome.deployment.chain_id)).await?;
        let contracts = Contracts::attach(chain, welcome.deployment.clone()).await?;
        if welcome.faucet {
            crate::node::fund(&mut connection, account).await?;
        }
        let (callers, inbox) = mpsc::channel(256);
        let server = server::start(endpoint.clone(), None, Some(callers));
        let guest = Guest { host, connection: Some(connection), server, herald: None };
        let kind = PlaceKind::Guest(Box::new(guest));
        Ok(Place { contracts, endpoint, callers: Some(inbox), kind })
    }

    /// Tells the network's nodes that there is work.
    pub(super) async fn announce(&mut self) -> Result<(), NodeError> {
        let own = self.endpoint.addr();
        match &mut self.kind {
            PlaceKind::Own(network) => network.host.add(own),
            PlaceKind::Guest(guest) => {
                let connection = guest.connection.take();
                let task = stay_announced(self.endpoint.clone(), guest.host.clone(), own, connection);
                guest.herald = Some(tokio::spawn(task));
            }
        }
        Ok(())
    }

    pub(super) async fn close(self) {
        match self.kind {
            PlaceKind::Own(network) => network.stop().await,
            PlaceKind::Guest(guest) => {
                guest.herald.into_iter().for_each(|h| h.abort());
                guest.server.abort();
                self.endpoint.close().await;
            }
        }
    }
}

/// Keeps the announcement alive: it lasts as long as the connection it was made on.
async fn stay_announced(endpoint: Arc<Endpoint>, host: PeerAddr, own: PeerAddr, first: Option<Connection>) {
    let mut connection = first;
    loop {
        if connection.is_none() {
            connection = crate::node::greet(&endpoint, &host).await.map(|(c, _)| c).ok();
        }
        if let Some(mut c) = connection.take()
            && c.send(&ToServer::Announce { coordinator: own.clone() }).await.is_ok()
        {
            while c.recv::<crate::wire::ToNode>().await.is_ok() {}
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
