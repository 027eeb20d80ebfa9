//! The coordinator of one job: the driver's shell.
//!
//! Everything that decides is in [`corex_protocol::JobDriver`]. This module turns the world into events, writes them
//! to the durable log, and does the effects. Whoever has the log and the store of a coordinator can be the
//! coordinator: that is all that `corex train --resume` does.

mod book;
mod chain;
mod peers;

pub use book::Book;

use corex_chain::{ChainEvent, Contracts, MAX_AUDITS};
use corex_net::{Endpoint, PeerAddr, Want};
use corex_protocol::{BlobSource, Config, Effect, Event, FinalState, Holder, JobDriver, Warning};
use corex_store::{BlobStore, EventLog, StoreError};
use corex_work::{Address, BlobId, Hash32, JobId, JobPrograms, JobSpec, Mandate};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::error::NodeError;
use crate::report::{NetworkReport, NodeReport, Report, Reporter, StepReport};
use crate::server::Caller;
use crate::wire::ToNode;
use chain::{ChainAgent, ChainNews};
use peers::{PeerNews, Peers};

/// Time between ticks of the driver.
const TICK: Duration = Duration::from_millis(250);
/// Time between reports of the network's state.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// Time without any provider until that is said.
const PATIENCE: Duration = Duration::from_secs(15);
/// News waiting to be handled; whoever brings more waits.
const INBOX: usize = 1024;
/// Most events that are logged with one write.
const BATCH: usize = 256;

/// What a coordinator needs.
pub struct Setup {
    /// The job's folder: `events.log` is there.
    pub dir: PathBuf,
    /// The job's id on chain.
    pub job: JobId,
    /// What was asked for.
    pub spec: JobSpec,
    /// What its functions lower to.
    pub programs: JobPrograms,
    /// Tuning.
    pub config: Config,
    /// Tokens or rows of one optimizer step, for display.
    pub tokens_per_step: u64,
    /// Which of them.
    pub unit: &'static str,
    /// Where nodes dial in; serves the store's blobs.
    pub endpoint: Arc<Endpoint>,
    /// Programs and data now, checkpoints later.
    pub store: BlobStore,
    /// The contracts, as the coordinator's account.
    pub contracts: Contracts,
    /// First block in which the job's events may be.
    pub first_block: u64,
    /// Who watches.
    pub reporter: Reporter,
}

/// How a job ended.
pub struct Outcome {
    /// Its result.
    pub state: FinalState,
    /// What was recorded on the way.
    pub book: Book,
    /// The driver, for its statistics.
    pub driver: JobDriver,
    /// What the nodes call themselves.
    pub names: HashMap<Address, String>,
    /// Optimizer steps done by this process.
    pub steps_done: u64,
    /// From the start of this process's coordinator to its last step.
    pub training: Duration,
}

/// What the coordinator's loop takes in.
enum News {
    Peer(PeerNews),
    Chain(ChainNews),
    Event(Event),
    /// A fetch ended: whether the blob is in the durable store now, and who was asked for it in vain.
    Fetched {
        blob: BlobId,
        kept: bool,
        refused: Vec<Holder>,
    },
}

/// One line of the log.
#[derive(Serialize, Deserialize)]
struct Record {
    now_ms: u64,
    event: Event,
}

/// Runs the job until it is done or `stop` becomes true; from the log, if there is one.
pub async fn run(
    setup: Setup,
    callers: mpsc::Receiver<Caller>,
    mut stop: watch::Receiver<bool>,
) -> Result<Outcome, NodeError> {
    let (inbox, mut news) = mpsc::channel(INBOX);
    let (mut coordinator, resumed) = Coordinator::open(setup, inbox.clone())?;
    // Dropping the set ends whatever the coordinator started.
    let mut helpers = JoinSet::new();
    helpers.spawn(peers::greet_callers(callers, inbox.clone(), coordinator.admission()));
    if resumed {
        coordinator.take(Event::Restarted)?;
    }
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut reported = Instant::now();
    loop {
        tokio::select! {
            Some(first) = news.recv() => {
                let mut events = Vec::new();
                coordinator.hear(first, &mut events).await;
                while events.len() < BATCH && let Ok(more) = news.try_recv() {
                    coordinator.hear(more, &mut events).await;
                }
                coordinator.take_all(events)?;
            }
            _ = ticks.tick() => coordinator.take(Event::Tick)?,
            _ = stop.wait_for(|s| *s) => {
                coordinator.take(Event::Stop)?;
                coordinator.peers.dismiss("the coordinator stops; it may come back").await;
                return Err(NodeError::Interrupted(coordinator.setup.dir.clone()));
            }
        }
        if reported.elapsed() >= REPORT_EVERY || coordinator.done.is_some() {
            reported = Instant::now();
            coordinator.report();
            coordinator.watch_for_providers();
        }
        if let Some(state) = coordinator.done {
            coordinator.peers.dismiss(crate::node::DONE).await;
            coordinator.chain.finish().await;
            return Ok(Outcome {
                state,
                book: coordinator.book,
                driver: coordinator.driver,
                names: coordinator.peers.into_names(),
                steps_done: coordinator.recent.steps,
                training: coordinator.recent.until,
            });
        }
    }
}

struct Coordinator {
    setup: Setup,
    driver: JobDriver,
    log: EventLog,
    peers: Peers,
    chain: ChainAgent,
    book: Book,
    inbox: mpsc::Sender<News>,
    /// Blobs on their way to the coordinator's store.
    fetching: HashSet<BlobId>,
    fetches: JoinSet<()>,
    started: Instant,
    /// Since when no provider is there, and whether that was said.
    alone: Option<(Instant, bool)>,
    /// Time of the last record of the log when this process began.
    offset_ms: u64,
    recent: SpeedMeter,
    done: Option<FinalState>,
}

impl Coordinator {
    /// Opens or creates the log and brings the driver to where it was; true if there was something to resume.
    fn open(setup: Setup, inbox: mpsc::Sender<News>) -> Result<(Coordinator, bool), NodeError> {
        let path = setup.dir.join("events.log");
        let mut driver = JobDriver::new(setup.job, &setup.spec, setup.config)?;
        let mut book = Book::default();
        let mut offset_ms = 0;
        let mut paged = BTreeMap::new();
        let resumed = path.exists();
        let log = if resumed {
            let (log, recovery) = EventLog::open(&path)?;
            if let Some(torn) = &recovery.torn {
                let (bytes, offset) = (torn.bytes, torn.offset);
                let why = format!(
                    "{}: {bytes} bytes of an unfinished write at {offset} were cut off",
                    path.display()
                );
                (setup.reporter)(Report::Warning(why));
            }
            for record in log.records()? {
                let (_, bytes) = record?;
                let record = decode(&path, &bytes)?;
                offset_ms = record.now_ms;
                for effect in driver.handle(record.now_ms, record.event) {
                    book.note(&effect);
                    if let Effect::SettleRound { round, payouts, audits } = effect
                        && audits.len() > MAX_AUDITS
                    {
                        paged.insert(round, (payouts, audits));
                    }
                }
            }
            log
        } else {
            EventLog::create(&path)?
        };
        let peers = Peers::new(setup.endpoint.addr());
        let chain = ChainAgent::start(setup.contracts.clone(), setup.job, setup.first_block, inbox.clone());
        // It takes several transactions to pay them, and the last process may have ended between two.
        for (round, (payouts, audits)) in paged {
            chain.settle(round, payouts, audits);
        }
        let coordinator = Coordinator {
            setup,
            driver,
            log,
            peers,
            chain,
            book,
            inbox,
            fetching: HashSet::new(),
            fetches: JoinSet::new(),
            started: Instant::now(),
            alone: None,
            offset_ms,
            recent: SpeedMeter::default(),
            done: None,
        };
        Ok((coordinator, resumed))
    }

    fn admission(&self) -> peers::Admission {
        let Setup { job, contracts, endpoint, .. } = &self.setup;
        let mandate = Mandate { job: *job, endpoint: Hash32(endpoint.key().0) };
        peers::Admission {
            job: *job,
            mandate: contracts.chain().sign(&mandate.digest(&contracts.domain())),
            programs: self.setup.programs.list().to_vec(),
            contracts: self.setup.contracts.clone(),
            store: self.setup.store.clone(),
        }
    }

    /// Turns news into events for the driver.
    async fn hear(&mut self, news: News, events: &mut Vec<Event>) {
        match news {
            News::Event(event) => events.push(event),
            News::Fetched { blob, kept, refused } => {
                self.fetching.remove(&blob);
                events.extend(refused.into_iter().map(|holder| Event::BlobLost { holder, blob }));
                events.extend(kept.then_some(Event::BlobHeld { holder: Holder::Coordinator, blob }));
            }
            News::Peer(PeerNews::Doubt { holder, blob }) => self.look(holder, blob, events),
            News::Peer(PeerNews::Refusal { node, why }) => {
                let name = self.peers.name(node);
                (self.setup.reporter)(Report::Warning(format!("{name} refuses the job: {why}")));
            }
            News::Peer(news) => self.peers.hear(news, events),
            News::Chain(news) => {
                self.book.note_chain(&news);
                if let Some((node, task, slashed)) = self.book.newly_convicted() {
                    (self.setup.reporter)(Report::Convicted { node, task, slashed });
                }
                match news {
                    ChainNews::Event(event) => {
                        if let ChainEvent::Challenged { dispute, job, leaf, challenger, .. } = &event.event
                            && *job == self.setup.job
                        {
                            let (dispute, challenger) = (*dispute, *challenger);
                            let (accused, task) = (leaf.node, leaf.task);
                            (self.setup.reporter)(Report::Disputed { dispute, challenger, accused, task });
                        }
                        let (job, games) = (self.setup.job, self.setup.config.games);
                        events.extend(chain::to_driver(&event, job, &self.book, games));
                    }
                    ChainNews::Stake { node, stake } => events.push(Event::StakeChanged { node, stake }),
                    ChainNews::Trouble(why) => (self.setup.reporter)(Report::Warning(why)),
                    ChainNews::Sent { .. } => {}
                }
            }
        }
    }

    fn take(&mut self, event: Event) -> Result<(), NodeError> {
        self.take_all(vec![event])
    }

    /// Logs events, hands them to the driver, does the effects.
    fn take_all(&mut self, events: Vec<Event>) -> Result<(), NodeError> {
        if events.is_empty() {
            return Ok(());
        }
        let now_ms = self.offset_ms + self.started.elapsed().as_millis() as u64;
        let records: Vec<Vec<u8>> = events
            .iter()
            .map(|event| {
                postcard::to_stdvec(&Record { now_ms, event: event.clone() }).map_err(|e| {
                    NodeError::Damaged {
                        path: self.log.path().to_path_buf(),
                        why: format!("an event cannot be encoded: {e}"),
                    }
                })
            })
            .collect::<Result<_, _>>()?;
        self.log.append(&records)?;
        for event in events {
            for effect in self.driver.handle(now_ms, event) {
                self.book.note(&effect);
                self.perform(effect)?;
            }
        }
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> Result<(), NodeError> {
        match effect {
            Effect::Assign(order) => {
                let peers = self.peers.directory(&order.blobs);
                self.peers.send(order.node, ToNode::Assign { order: Box::new(order), peers });
            }
            Effect::Cancel { node, task } => self.peers.send(node, ToNode::Cancel(task)),
            Effect::Audit(order) => {
                let peers = self.peers.directory(&order.blobs);
                self.peers.send(order.verifier, ToNode::Audit { order, peers });
            }
            Effect::Reveal(reveal) => self.peers.send(reveal.verdict.verifier, ToNode::Reveal(reveal)),
            Effect::FetchToCoordinator { blobs } => blobs.into_iter().for_each(|blob| self.fetch(blob)),
            Effect::ReadMetrics { task, blob, .. } => self.read_metrics(task, blob)?,
            Effect::CommitRound(commitment) => self.chain.commit(commitment),
            Effect::DrawBeacon { round } => self.chain.draw(round),
            Effect::SettleRound { round, payouts, audits } => self.chain.settle(round, payouts, audits),
            Effect::ExpireDispute { round, task } => self.chain.expire(round, task),
            Effect::Release { blobs } => {
                for blob in &blobs {
                    self.setup.store.remove(blob)?;
                }
                self.peers.broadcast(&ToNode::Release(blobs));
            }
            Effect::Progress(progress) => self.show(progress),
            Effect::Ban { node, reason } => {
                (self.setup.reporter)(Report::Warning(format!("{node} gets no more work: {reason}")));
            }
            Effect::Warn(warning) => self.warn(&warning),
            Effect::Archive(_) => {}
            Effect::JobDone(state) => self.done = Some(state),
        }
        Ok(())
    }

    /// Finds out whether a holder has a blob, by getting it. A node that raises doubts for nothing costs one
    /// transfer per blob: after that the coordinator has it, too.
    fn look(&mut self, holder: Holder, blob: BlobId, events: &mut Vec<Event>) {
        match (holder, self.setup.store.has(&blob)) {
            (Holder::Coordinator, Ok(false)) => events.push(Event::BlobLost { holder, blob }),
            (Holder::Node(_), Ok(false)) => {
                self.fetch(BlobSource { blob, bytes: None, holders: vec![holder], inline: None });
            }
            // It can be had here.
            (Holder::Node(_), Ok(true)) => events.push(Event::BlobHeld { holder: Holder::Coordinator, blob }),
            (Holder::Coordinator, Ok(true)) => {}
            (_, Err(error)) => tracing::warn!(%blob, %error, "cannot look for a blob"),
        }
    }

    /// Brings a blob into the durable store, in the background.
    fn fetch(&mut self, source: BlobSource) {
        while self.fetches.try_join_next().is_some() {}
        let blob = source.blob;
        if !self.fetching.insert(blob) {
            return;
        }
        let (endpoint, store, inbox) =
            (self.setup.endpoint.clone(), self.setup.store.clone(), self.inbox.clone());
        let directory = self.peers.directory(std::slice::from_ref(&source));
        self.fetches.spawn(async move {
            let holders: Vec<PeerAddr> = directory.iter().map(|(_, addr)| addr.clone()).collect();
            let want = Want { id: blob, max_len: source.bytes.unwrap_or(u64::MAX), holders };
            let mut refused = Vec::new();
            let mut kept = false;
            match endpoint.fetch(&want, &store).await {
                Ok(_) => match keep(store, blob).await {
                    Ok(()) => kept = true,
                    Err(error) => tracing::warn!(%blob, %error, "cannot keep a blob"),
                },
                Err(error) => {
                    let tried = |key| error.tried.iter().any(|(k, _)| *k == key);
                    refused.extend(directory.iter().filter(|(_, a)| tried(a.key)).map(|(holder, _)| *holder));
                }
            }
            // A closed inbox means that the job is over.
            let _ = inbox.send(News::Fetched { blob, kept, refused }).await;
        });
    }

    /// Reads the f32 values of a small blob, fetching it first if it did not come with the receipt.
    fn read_metrics(&mut self, task: corex_work::TaskId, source: BlobSource) -> Result<(), NodeError> {
        if !self.setup.store.has(&source.blob)? {
            self.fetch(source);
            return Ok(());
        }
        let bytes = self.setup.store.get(&source.blob)?;
        let values = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        let inbox = self.inbox.clone();
        self.fetches.spawn(async move {
            let _ = inbox.send(News::Event(Event::MetricsRead { task, values })).await;
        });
        Ok(())
    }

    fn show(&mut self, progress: corex_protocol::Progress) {
        match progress {
            corex_protocol::Progress::Step { step, loss, .. } => {
                self.recent.count(self.setup.tokens_per_step, self.started.elapsed());
                (self.setup.reporter)(Report::Step(StepReport {
                    step: u64::from(step) + 1,
                    steps: u64::from(self.driver.dag().spec().steps),
                    loss,
                    tokens_per_s: self.recent.per_second(),
                    unit: self.setup.unit,
                }));
            }
            corex_protocol::Progress::Evaluated { step, loss } => {
                (self.setup.reporter)(Report::Heldout { step: u64::from(step), loss });
            }
        }
    }

    /// Most warnings are for the log; what a person should see is reported.
    fn warn(&self, warning: &Warning) {
        match warning {
            Warning::RolledBack { .. }
            | Warning::NoVerifier(_)
            | Warning::Unaudited(_)
            | Warning::NotFinite(_) => (self.setup.reporter)(Report::Warning(warning.to_string())),
            _ => tracing::info!(%warning, "job"),
        }
    }

    /// Without a provider nothing moves, which a person should not have to guess.
    fn watch_for_providers(&mut self) {
        let works = self
            .driver
            .nodes()
            .any(|node| node.info().roles.provider && node.is_connected() && !node.is_banned());
        self.alone = match self.alone {
            _ if works => None,
            None => Some((Instant::now(), false)),
            Some((since, false)) if since.elapsed() >= PATIENCE => {
                let words = "no provider works for this job; it goes on when one joins\nhint: `corex node` starts one";
                (self.setup.reporter)(Report::Warning(words.into()));
                Some((since, true))
            }
            waiting => waiting,
        };
    }

    fn report(&self) {
        let summary = self.driver.summary();
        let nodes = self.driver.nodes().map(|node| {
            let info = node.info();
            NodeReport {
                address: info.node,
                name: self.peers.name(info.node),
                verifier: info.roles.verifier,
                online: node.is_connected(),
                banned: node.is_banned(),
                units: node.reputation().units,
                trust: node.reputation().trust(),
            }
        });
        (self.setup.reporter)(Report::Network(NetworkReport {
            nodes: nodes.collect(),
            audits: summary.audits_passed + summary.audits_failed,
            audits_failed: summary.audits_failed,
            rounds: summary.rounds,
            settled: summary.rounds - summary.unsettled_rounds,
            paid: self.book.paid,
        }));
    }
}

/// Makes sure that a fetched blob survives a power failure.
async fn keep(store: BlobStore, blob: BlobId) -> Result<(), StoreError> {
    // The task is not cancelled and does not panic; if the runtime is shutting down, the blob is fetched again.
    tokio::task::spawn_blocking(move || store.sync(&blob)).await.unwrap_or(Ok(()))
}

fn decode(path: &Path, bytes: &[u8]) -> Result<Record, NodeError> {
    postcard::from_bytes(bytes).map_err(|e| NodeError::Damaged {
        path: path.to_path_buf(),
        why: format!("a record cannot be read: {e}"),
    })
}

/// Tokens per second over the last steps.
#[derive(Default)]
struct SpeedMeter {
    marks: VecDeque<(Instant, u64)>,
    steps: u64,
    /// When the last step was counted.
    until: Duration,
}

impl SpeedMeter {
    const WINDOW: usize = 20;

    fn count(&mut self, tokens: u64, at: Duration) {
        self.steps += 1;
        self.until = at;
        self.marks.push_back((Instant::now(), tokens));
        if self.marks.len() > Self::WINDOW {
            self.marks.pop_front();
        }
    }

    fn per_second(&self) -> f64 {
        let (Some((first, _)), Some((last, _))) = (self.marks.front(), self.marks.back()) else { return 0.0 };
        // The first mark is when counting began; its tokens came before.
        let tokens: u64 = self.marks.iter().skip(1).map(|(_, n)| n).sum();
        let seconds = last.duration_since(*first).as_secs_f64();
        if seconds > 0.0 { tokens as f64 / seconds } else { 0.0 }
    }
}
