//! The socket: dialling, accepting, and the connections blobs are fetched over.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use corex_store::BlobStore;
use iroh::endpoint::{IdleTimeout, Incoming, QuicTransportConfig, VarInt, presets};
use iroh::{EndpointAddr, RelayMode, SecretKey};
use tokio::sync::{Mutex, Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tracing::debug;

use crate::counters::Meters;
use crate::fetch::{self, InFlight};
use crate::link::{Code, Detour, Link, chain};
use crate::serve::Server;
use crate::{
    Connection, Counters, FetchError, Fetched, Limits, NetConfig, NetError, PeerAddr, PeerKey, Want,
};

const CONTROL: &[u8] = b"corex/control/1";
const BLOB: &[u8] = b"corex/blob/1";
/// Accepted control connections that wait for [`Endpoint::accept`].
const BACKLOG: usize = 64;
/// Time for a peer to answer before it is dialled by another socket as well.
const HEAD_START: Duration = Duration::from_secs(1);
/// Connections kept for further fetches.
const KEPT_LINKS: usize = 64;
/// A window above about 2.4 MB can break a connection: noq, the QUIC implementation, gives up on a stream whose
/// received pieces have too many gaps between them.
const STREAM_WINDOW: u32 = 2 << 20;
/// Unread bytes of all streams of a connection, which is what one peer can make us keep.
const CONNECTION_WINDOW: u32 = 16 << 20;
/// What the transport allows at most.
const MAX_KEEP_ALIVE: Duration = Duration::from_secs(5);
const MAX_IDLE: Duration = Duration::from_secs(15);

/// This process in the network. All methods may be called from any task; nothing works after
/// [`close`](Self::close).
#[derive(Debug)]
pub struct Endpoint {
    shared: Arc<Shared>,
    advertise: Vec<SocketAddr>,
    accepted: Mutex<mpsc::Receiver<Connection>>,
    accepting: JoinHandle<()>,
}

/// What fetches need of the endpoint.
pub(crate) struct Shared {
    quic: iroh::Endpoint,
    secret: [u8; 32],
    bind: SocketAddr,
    pub(crate) key: PeerKey,
    pub(crate) limits: Limits,
    pub(crate) meters: Arc<Meters>,
    pub(crate) in_flight: InFlight,
    /// One place per peer being fetched from.
    pub(crate) fetches: Semaphore,
    links: std::sync::Mutex<Links>,
}

/// Without the secret key.
impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("key", &self.key).field("bind", &self.bind).finish_non_exhaustive()
    }
}

/// Connections kept for further fetches, with the time of their last use in uses.
#[derive(Debug, Default)]
struct Links {
    uses: u64,
    by_peer: HashMap<PeerKey, (u64, Slot)>,
}

/// Where the connection to one peer is kept; locked while it is dialled.
type Slot = Arc<Mutex<Option<Kept>>>;

/// A connection kept for further fetches.
#[derive(Debug)]
struct Kept {
    link: Arc<Link>,
    /// The addresses that were dialled.
    sockets: Vec<SocketAddr>,
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Endpoint {
    /// Opens the socket and starts to accept what the configuration says.
    ///
    /// # Errors
    /// [`NetError::Bind`], a port in use above all.
    pub async fn bind(config: NetConfig) -> Result<Endpoint, NetError> {
        let NetConfig { secret, bind, advertise, accept_control, blobs, limits } = config;
        let failed = |reason| NetError::Bind { addr: bind, reason };
        let mut protocols = Vec::new();
        protocols.extend(accept_control.then(|| CONTROL.to_vec()));
        protocols.extend(blobs.is_some().then(|| BLOB.to_vec()));
        let builder = builder(&secret, bind, &limits).map_err(&failed)?.alpns(protocols);
        let quic = builder.bind().await.map_err(|error| failed(chain(&error)))?;
        let meters = Arc::new(Meters::default());
        let shared = Arc::new(Shared {
            key: PeerKey(*quic.id().as_bytes()),
            quic: quic.clone(),
            secret,
            bind,
            limits,
            meters: Arc::clone(&meters),
            in_flight: InFlight::default(),
            fetches: Semaphore::new(limits.max_fetches),
            links: std::sync::Mutex::default(),
        });
        let (control, accepted) = mpsc::channel(BACKLOG);
        let server = blobs.map(|source| Server {
            source,
            limits,
            meters: Arc::clone(&meters),
            places: Arc::new(Semaphore::new(limits.max_blobs_served)),
        });
        let desk = Desk { limits, meters, control: accept_control.then_some(control), server };
        let accepting = tokio::spawn(desk.run(quic));
        Ok(Endpoint { shared, advertise, accepted: Mutex::new(accepted), accepting })
    }

    /// This peer's identity.
    pub fn key(&self) -> PeerKey {
        self.shared.key
    }

    /// What others dial to reach this peer: what was configured, or else every address this machine knows of.
    pub fn addr(&self) -> PeerAddr {
        let mut sockets = self.advertise.clone();
        if sockets.is_empty() {
            sockets = self.shared.quic.bound_sockets();
            if sockets.iter().any(|socket| socket.ip().is_unspecified()) {
                sockets = self.shared.quic.addr().ip_addrs().copied().collect();
            }
        }
        PeerAddr { key: self.key(), sockets }
    }

    /// Where the socket listens; with port 0 configured, this has the port that was taken.
    pub fn bound(&self) -> Vec<SocketAddr> {
        self.shared.quic.bound_sockets()
    }

    /// Opens a control connection to a peer.
    ///
    /// # Errors
    /// [`NetError::BadAddress`]; [`NetError::Unreachable`]; [`NetError::Closed`] with the peer's reason if it speaks
    /// another version; [`NetError::TimedOut`].
    pub async fn connect(&self, peer: &PeerAddr) -> Result<Connection, NetError> {
        let link = self.shared.dial(peer, CONTROL).await?;
        Connection::dialled(link, self.shared.limits, Arc::clone(&self.shared.meters)).await
    }

    /// The next control connection from a peer that speaks our version.
    ///
    /// *Cancellation*: if the future is dropped, no connection is lost.
    ///
    /// # Errors
    /// [`NetError::NotAccepting`] once the endpoint is closed, or if it was not set up to accept.
    pub async fn accept(&self) -> Result<Connection, NetError> {
        self.accepted.lock().await.recv().await.ok_or(NetError::NotAccepting)
    }

    /// Brings one blob into the store from the first of its holders that gives it.
    ///
    /// # Errors
    /// [`FetchError`] with what came of each holder.
    pub async fn fetch(&self, want: &Want, store: &BlobStore) -> Result<Fetched, FetchError> {
        let results = self.fetch_many(std::slice::from_ref(want), store).await;
        let none = || Err(FetchError { id: want.id, tried: Vec::new() });
        results.into_iter().next().unwrap_or_else(none)
    }

    /// Brings blobs into the store, as many as possible; the results are in the order of the wants. Blobs with the
    /// same next holder share a request, different holders are asked at the same time, and a blob that another
    /// caller already fetches is waited for.
    pub async fn fetch_many(&self, wants: &[Want], store: &BlobStore) -> Vec<Result<Fetched, FetchError>> {
        fetch::fetch_many(&self.shared, wants, store).await
    }

    /// How much went over the wire so far.
    pub fn counters(&self) -> Counters {
        self.shared.meters.read()
    }

    /// Closes every connection, telling the peers, and stops listening. Takes up to a few seconds if peers are
    /// gone without a word. The port is free a moment after the endpoint is dropped as well.
    pub async fn close(&self) {
        self.shared.quic.close().await;
    }
}

impl Shared {
    async fn dial(&self, peer: &PeerAddr, protocol: &[u8]) -> Result<Link, NetError> {
        let addr = peer.to_endpoint()?;
        let limit = self.limits.handshake_timeout;
        let unreachable = |reason| NetError::Unreachable { peer: peer.key, reason };
        let usual = async {
            let connection = self.quic.connect(addr.clone(), protocol).await;
            connection.map(|connection| Link::new(connection, None)).map_err(|error| chain(&error))
        };
        let detour = async {
            sleep(HEAD_START).await;
            self.detour(addr.clone(), protocol).await
        };
        let either = async {
            tokio::select! {
                outcome = usual => outcome,
                Some(link) = detour => Ok(link),
            }
        };
        match timeout(limit, either).await {
            Ok(Ok(link)) => Ok(link),
            Ok(Err(reason)) => Err(unreachable(reason)),
            Err(_) => Err(unreachable(format!("no answer within {limit:?}"))),
        }
    }

    /// Dials from a socket of its own, with nothing remembered of the peer.
    ///
    /// iroh sends a new connection's first packets only to the address of the peer's selected path, and keeps that
    /// selection for as long as any connection with the peer is open. A peer that was killed and started again at
    /// another port, and has dialled us since, is then out of reach through the usual socket.
    async fn detour(&self, addr: EndpointAddr, protocol: &[u8]) -> Option<Link> {
        let bind = SocketAddr::new(self.bind.ip(), 0);
        let socket = builder(&self.secret, bind, &self.limits).ok()?.bind().await.ok()?;
        let detour = Detour(socket);
        let connection = detour.0.connect(addr, protocol).await.ok()?;
        debug!(peer = %connection.remote_id().fmt_short(), "reached by a socket of its own");
        Some(Link::by_detour(connection, detour))
    }

    /// Whether a connection to this peer is being kept; it may turn out to be dead.
    pub(crate) fn keeps_link(&self, peer: &PeerKey) -> bool {
        self.links.lock().unwrap_or_else(PoisonError::into_inner).by_peer.contains_key(peer)
    }

    /// The kept blob connection to a peer, or a new one.
    pub(crate) async fn blob_link(&self, peer: &PeerAddr) -> Result<Arc<Link>, NetError> {
        let slot = self.links.lock().unwrap_or_else(PoisonError::into_inner).slot(peer.key);
        // Held while dialling, so that callers who want the same peer share one connection.
        let mut slot = slot.lock().await;
        // Another address means another life of the peer: the connection to its last one only looks alive.
        let usable = |kept: &&Kept| kept.sockets == peer.sockets && kept.link.quic.close_reason().is_none();
        if let Some(kept) = slot.as_ref().filter(usable) {
            return Ok(Arc::clone(&kept.link));
        }
        *slot = None;
        let link = Arc::new(self.dial(peer, BLOB).await?);
        *slot = Some(Kept { link: Arc::clone(&link), sockets: peer.sockets.clone() });
        Ok(link)
    }
}

impl Links {
    fn slot(&mut self, peer: PeerKey) -> Slot {
        self.uses += 1;
        let uses = self.uses;
        let entry = self.by_peer.entry(peer).or_default();
        entry.0 = uses;
        let slot = Arc::clone(&entry.1);
        if self.by_peer.len() > KEPT_LINKS {
            let oldest = self.by_peer.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| *key);
            // Transfers that use it hold it until they end.
            oldest.and_then(|key| self.by_peer.remove(&key));
        }
        slot
    }
}

/// Receives incoming connections and takes each to where it belongs.
#[derive(Clone)]
struct Desk {
    limits: Limits,
    meters: Arc<Meters>,
    control: Option<mpsc::Sender<Connection>>,
    server: Option<Server>,
}

impl Desk {
    async fn run(self, quic: iroh::Endpoint) {
        let places = Arc::new(Semaphore::new(self.limits.max_connections));
        while let Some(incoming) = quic.accept().await {
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                incoming.refuse();
                continue;
            };
            let desk = self.clone();
            tokio::spawn(async move {
                let Some(quic) = desk.handshake(incoming).await else { return };
                let link = Link::new(quic, Some(place));
                let peer = link.peer.short();
                if let Err(error) = desk.receive(link).await {
                    debug!(peer, %error, "connection not accepted");
                }
            });
        }
    }

    async fn handshake(&self, incoming: Incoming) -> Option<iroh::endpoint::Connection> {
        let handshake = async { incoming.accept().ok()?.await.ok() };
        timeout(self.limits.handshake_timeout, handshake).await.ok().flatten()
    }

    async fn receive(self, link: Link) -> Result<(), NetError> {
        match (link.quic.alpn(), self.control, self.server) {
            (CONTROL, Some(control), _) => {
                let connection = Connection::accepted(link, self.limits, self.meters).await?;
                // Fails only when the endpoint was dropped, which closes the connection too.
                let _ = control.send(connection).await;
            }
            (BLOB, _, Some(server)) => server.run(link).await,
            _ => link.close(Code::NotOffered, "this peer does not offer that protocol"),
        }
        Ok(())
    }
}

/// A socket before it is opened; it accepts nothing yet.
fn builder(secret: &[u8; 32], bind: SocketAddr, limits: &Limits) -> Result<iroh::endpoint::Builder, String> {
    iroh::Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(secret))
        .relay_mode(RelayMode::Disabled)
        .transport_config(transport(limits)?)
        .clear_ip_transports()
        .bind_addr(bind)
        .map_err(|error| chain(&error))
}

fn transport(limits: &Limits) -> Result<QuicTransportConfig, String> {
    let keep_alive = limits.keep_alive.min(MAX_KEEP_ALIVE);
    let idle = limits.idle_timeout.min(MAX_IDLE);
    let idle_timeout = IdleTimeout::try_from(idle).map_err(|error| chain(&error))?;
    Ok(QuicTransportConfig::builder()
        .keep_alive_interval(keep_alive)
        .default_path_keep_alive_interval(keep_alive)
        .max_idle_timeout(Some(idle_timeout))
        .default_path_max_idle_timeout(idle)
        .max_concurrent_bidi_streams(VarInt::from_u32(limits.max_requests_per_peer))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .datagram_receive_buffer_size(None)
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW))
        .receive_window(VarInt::from_u32(CONNECTION_WINDOW))
        .build())
}
