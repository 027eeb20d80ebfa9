//! Getting blobs from whoever holds them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use corex_store::{BlobStore, BlobWriter, StoreError};
use corex_work::BlobId;
use iroh::endpoint::RecvStream;
use tokio::sync::watch;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::Instant;

use crate::blob::{self, FAILED, HELD, MAX_IDS, NOT_HELD};
use crate::endpoint::Shared;
use crate::link::Link;
use crate::{FetchError, NetError, PeerAddr, PeerKey};

/// Received bytes are written to disk in batches of about this size.
const BATCH: usize = 512 << 10;

/// A blob to fetch.
#[derive(Debug, Clone)]
pub struct Want {
    /// Its name.
    pub id: BlobId,
    /// The longest it can be, in bytes: a peer that offers more is refused before it sends them.
    pub max_len: u64,
    /// Who may hold it, in the order they are tried.
    pub holders: Vec<PeerAddr>,
}

/// A blob that is in the store now.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Its name.
    pub id: BlobId,
    /// Who gave it; `None` if it was in the store already.
    pub from: Option<PeerKey>,
    /// Length in bytes.
    pub bytes: u64,
    /// Holders that did not give it, and why.
    pub failed: Vec<(PeerKey, NetError)>,
}

/// Blobs on their way, so that two callers who want the same one do not both carry it.
#[derive(Debug, Default)]
pub(crate) struct InFlight(Mutex<HashMap<BlobId, watch::Receiver<()>>>);

/// The right to fetch one blob. Dropping it wakes those who wait.
struct Claim {
    id: BlobId,
    shared: Arc<Shared>,
    _wake: watch::Sender<()>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let InFlight(claims) = &self.shared.in_flight;
        claims.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Claim {
    /// Claims a blob, or says whose end to wait for.
    fn take(shared: &Arc<Shared>, id: BlobId) -> Result<Claim, watch::Receiver<()>> {
        let InFlight(claims) = &shared.in_flight;
        let mut claims = claims.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = claims.get(&id) {
            return Err(other.clone());
        }
        let (wake, end) = watch::channel(());
        claims.insert(id, end);
        Ok(Claim { id, shared: Arc::clone(shared), _wake: wake })
    }
}

/// A blob being fetched: which holder is next, and what came of those before.
struct Job {
    want: Want,
    next: usize,
    failed: Vec<(PeerKey, NetError)>,
    _claim: Claim,
}

impl Job {
    fn fail(self) -> FetchError {
        FetchError { id: self.want.id, tried: self.failed }
    }
}

/// Fetches every want that the store lacks; the answers are in the order of the wants.
pub(crate) async fn fetch_many(
    shared: &Arc<Shared>,
    wants: &[Want],
    store: &BlobStore,
) -> Vec<Result<Fetched, FetchError>> {
    let mut done: HashMap<BlobId, Result<Fetched, FetchError>> = HashMap::new();
    loop {
        let open: Vec<&Want> = wants.iter().filter(|want| !done.contains_key(&want.id)).collect();
        let (mut mine, mut elsewhere) = (BTreeMap::new(), None);
        for want in open {
            if mine.contains_key(&want.id) {
                continue;
            }
            match Claim::take(shared, want.id) {
                Ok(claim) => {
                    let job = Job { want: want.clone(), next: 0, failed: Vec::new(), _claim: claim };
                    mine.insert(want.id, job);
                }
                Err(end) => elsewhere = Some(end),
            }
        }
        let fetched = fetch_claimed(shared, mine.into_values().collect(), store).await;
        done.extend(fetched);
        match elsewhere {
            // Holding no claim now, so two callers can never wait for each other. An error is the end waited for.
            Some(mut end) => drop(end.changed().await),
            None => break,
        }
    }
    wants
        .iter()
        .map(|want| match done.get(&want.id) {
            Some(result) => result.clone(),
            None => Err(FetchError { id: want.id, tried: Vec::new() }),
        })
        .collect()
}

async fn fetch_claimed(
    shared: &Arc<Shared>,
    jobs: Vec<Job>,
    store: &BlobStore,
) -> Vec<(BlobId, Result<Fetched, FetchError>)> {
    let (mut done, mut open) = look_up(jobs, store).await;
    while !open.is_empty() {
        // One request to each peer that is next for some blob; all of them at the same time.
        let mut by_peer: BTreeMap<PeerKey, (PeerAddr, Vec<Job>)> = BTreeMap::new();
        for mut job in std::mem::take(&mut open) {
            while job.want.holders.get(job.next).is_some_and(|holder| holder.key == shared.key) {
                job.next += 1;
            }
            match job.want.holders.get(job.next) {
                Some(holder) => {
                    by_peer.entry(holder.key).or_insert_with(|| (holder.clone(), Vec::new())).1.push(job);
                }
                None => done.push((job.want.id, Err(job.fail()))),
            }
        }
        let mut requests = JoinSet::new();
        for (holder, jobs) in by_peer.into_values() {
            let (shared, store) = (Arc::clone(shared), store.clone());
            requests.spawn(async move {
                let results = ask(&shared, &holder, &jobs, &store).await;
                (holder.key, jobs, results)
            });
        }
        while let Some(request) = requests.join_next().await {
            // A request ends in an error only if its task was cancelled with the whole runtime.
            let Ok((peer, jobs, results)) = request else { continue };
            for (mut job, result) in jobs.into_iter().zip(results) {
                match result {
                    Ok(bytes) => {
                        let fetched =
                            Fetched { id: job.want.id, from: Some(peer), bytes, failed: job.failed };
                        done.push((fetched.id, Ok(fetched)));
                    }
                    Err(error) => {
                        let ours = matches!(error, NetError::Store(_));
                        job.failed.push((peer, error));
                        job.next += 1;
                        // Another peer's bytes would meet the same disk.
                        if ours { done.push((job.want.id, Err(job.fail()))) } else { open.push(job) }
                    }
                }
            }
        }
    }
    done
}

/// Splits off what is in the store already.
async fn look_up(
    jobs: Vec<Job>,
    store: &BlobStore,
) -> (Vec<(BlobId, Result<Fetched, FetchError>)>, Vec<Job>) {
    let held: Vec<(Job, Result<Option<u64>, StoreError>)> = {
        let (ids, store): (Vec<BlobId>, _) = (jobs.iter().map(|job| job.want.id).collect(), store.clone());
        let lens = spawn_blocking(move || ids.iter().map(|id| store.len(id)).collect::<Vec<_>>()).await;
        jobs.into_iter().zip(lens.unwrap_or_default()).collect()
    };
    let (mut done, mut open) = (Vec::new(), Vec::new());
    for (job, len) in held {
        let id = job.want.id;
        match len {
            Ok(Some(bytes)) => done.push((id, Ok(Fetched { id, from: None, bytes, failed: Vec::new() }))),
            Ok(None) => open.push(job),
            Err(error) => {
                let tried = vec![(job._claim.shared.key, NetError::Store(Arc::new(error)))];
                done.push((id, Err(FetchError { id, tried })));
            }
        }
    }
    (done, open)
}

/// Asks one peer for several blobs; one result per job, the length in bytes of what is in the store now.
async fn ask(
    shared: &Arc<Shared>,
    holder: &PeerAddr,
    jobs: &[Job],
    store: &BlobStore,
) -> Vec<Result<u64, NetError>> {
    let mut results = Vec::with_capacity(jobs.len());
    let mut broken = None;
    for jobs in jobs.chunks(MAX_IDS) {
        if broken.is_some() {
            break;
        }
        let (kept, before) = (shared.keeps_link(&holder.key), results.len());
        let mut outcome = ask_once(shared, holder, jobs, store, &mut results).await;
        // A connection from before the peer was restarted fails once; that says nothing about the peer of today.
        let stale = matches!(outcome, Err(NetError::Lost { .. } | NetError::Closed { .. }));
        if kept && stale && results.len() == before {
            outcome = ask_once(shared, holder, jobs, store, &mut results).await;
        }
        broken = outcome.err();
    }
    // Whatever broke the conversation is the reason for everything that was still to come.
    let reason = broken.unwrap_or_else(|| NetError::Lost {
        peer: holder.key,
        reason: "the conversation ended early".to_string(),
    });
    results.resize_with(jobs.len(), || Err(reason.clone()));
    results
}

/// One request; pushes a result per blob until the conversation is broken.
async fn ask_once(
    shared: &Arc<Shared>,
    holder: &PeerAddr,
    jobs: &[Job],
    store: &BlobStore,
    results: &mut Vec<Result<u64, NetError>>,
) -> Result<(), NetError> {
    let Ok(_place) = shared.fetches.acquire().await else { return Err(NetError::NotAccepting) };
    let link = shared.blob_link(holder).await?;
    let limits = &shared.limits;
    // Waits while too many requests of ours are open there; each of those is limited in time.
    let (mut send, recv) = link.quic.open_bi().await.map_err(|error| link.lost(error))?;
    let ids: Vec<BlobId> = jobs.iter().map(|job| job.want.id).collect();
    let request = blob::encode_request(&ids);
    let sent = link.within(limits.send_timeout, "take a request", send.write_all(&request)).await?;
    sent.map_err(|error| link.write_failed(error))?;
    // Fails only if the peer is gone, which reading will tell.
    let _ = send.finish();
    let mut incoming = Incoming { shared, link: &link, recv, deadline: Instant::now() };
    for job in jobs {
        match incoming.blob(&job.want, store).await {
            // The frame around a wrong blob was right, so the next one can still be read.
            Err(
                error @ (NetError::WrongBlob { .. } | NetError::NotHeld { .. } | NetError::PeerFailed { .. }),
            ) => {
                results.push(Err(error));
            }
            Err(error) => return Err(error),
            Ok(bytes) => results.push(Ok(bytes)),
        }
    }
    Ok(())
}

/// The response to one request, being read.
struct Incoming<'a> {
    shared: &'a Shared,
    link: &'a Link,
    recv: RecvStream,
    /// When the current blob must be complete.
    deadline: Instant,
}

impl Incoming<'_> {
    async fn blob(&mut self, want: &Want, store: &BlobStore) -> Result<u64, NetError> {
        let (peer, id) = (self.link.peer, want.id);
        self.deadline = Instant::now() + self.shared.limits.blob_stall;
        match self.read_array::<1>().await? {
            [HELD] => {}
            [NOT_HELD] => return Err(NetError::NotHeld { peer, id }),
            [FAILED] => return Err(NetError::PeerFailed { peer, id }),
            [other] => {
                return Err(self.link.protocol(format!("{other} is no answer to a request for a blob")));
            }
        }
        let len = u64::from_le_bytes(self.read_array().await?);
        if len > want.max_len {
            let reason =
                format!("blob {id} is offered with {len} bytes, at most {} can be right", want.max_len);
            return Err(self.link.protocol(reason));
        }
        let at_min_rate = len / self.shared.limits.blob_min_rate.max(1);
        self.deadline += Duration::from_secs(at_min_rate);
        let store = store.clone();
        let mut writer = on_disk(move || store.writer(id, len)).await?;
        let mut left = len;
        while left > 0 {
            let mut batch = Vec::new();
            let mut batched = 0;
            while left > 0 && batched < BATCH {
                let chunk = self.read_chunk(usize::try_from(left).unwrap_or(BATCH).min(BATCH)).await?;
                self.shared.meters.blob_bytes_received.add(chunk.len());
                left -= chunk.len() as u64;
                batched += chunk.len();
                batch.push(chunk);
            }
            writer = on_disk(move || write(writer, &batch)).await?;
        }
        match on_disk(move || writer.finish()).await {
            Ok(bytes) => {
                self.shared.meters.blobs_received.add(1);
                Ok(bytes)
            }
            Err(NetError::Store(error)) => match *error {
                StoreError::WrongBytes { found, .. } => Err(NetError::WrongBlob { peer, id, found }),
                _ => Err(NetError::Store(error)),
            },
            Err(error) => Err(error),
        }
    }

    async fn read_array<const N: usize>(&mut self) -> Result<[u8; N], NetError> {
        let mut bytes = [0; N];
        let mut filled = 0;
        while filled < N {
            let chunk = self.read_chunk(N - filled).await?;
            bytes[filled..filled + chunk.len()].copy_from_slice(&chunk);
            filled += chunk.len();
        }
        Ok(bytes)
    }

    /// The next bytes, at most `limit` and at least one.
    async fn read_chunk(&mut self, limit: usize) -> Result<Bytes, NetError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let wait = self.shared.limits.blob_stall.min(left);
        let chunk =
            self.link.within(wait, "send the next bytes of a blob", self.recv.read_chunk(limit)).await?;
        match chunk.map_err(|error| self.link.read_failed(error))? {
            Some(chunk) => Ok(chunk),
            None => Err(self.link.protocol("the response ended before all blobs were answered")),
        }
    }
}

fn write(mut writer: BlobWriter, batch: &[Bytes]) -> Result<BlobWriter, StoreError> {
    batch.iter().try_for_each(|chunk| writer.write(chunk)).map(|()| writer)
}

/// Runs what may block on a thread made for that.
async fn on_disk<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, NetError> {
    match spawn_blocking(act).await {
        Ok(result) => result.map_err(|error| NetError::Store(Arc::new(error))),
        // Only a runtime that is shutting down cancels it.
        Err(_) => Err(NetError::NotAccepting),
    }
}
