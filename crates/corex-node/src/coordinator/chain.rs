//! The coordinator's dealings with the chain: one task that sends its transactions, one after another, and reads what
//! the contracts announce.

use corex_chain::{ChainError, ChainEvent, Contracts, EventAt, Mined, Ruling, VERIFIER};
use corex_protocol::dispute::{Next, Turn, outside};
use corex_protocol::{DisputeOutcome, Event, RoundCommitment};
use corex_work::{Address, JobId, Payout, TaskId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{Book, News};

/// How often the chain is read.
const POLL: Duration = Duration::from_millis(200);
/// Pause after the chain could not be read.
const TROUBLE_PAUSE: Duration = Duration::from_secs(2);
/// A block's time may lag behind the clock: settling earlier than this after the window would only be refused.
const SETTLE_MARGIN_SECONDS: u64 = 1;

/// What the agent reports.
#[derive(Debug, Clone)]
pub enum ChainNews {
    /// A contract announced something.
    Event(EventAt),
    /// A node's stake is this now.
    Stake {
        /// Whose.
        node: Address,
        /// Base units.
        stake: u128,
    },
    /// A transaction of the coordinator was sealed.
    Sent {
        /// The round it is about.
        round: u64,
        /// What it cost.
        mined: Mined,
    },
    /// Something did not work; it will be tried again.
    Trouble(String),
}

enum Command {
    Commit(RoundCommitment),
    Draw(u64),
    Settle(u64, Wages),
    Expire(u64, TaskId),
}

/// What settling a round pays.
#[derive(Debug, Clone)]
struct Wages {
    payouts: Vec<Payout>,
    audits: Vec<Payout>,
}

/// Handle to the task.
pub struct ChainAgent {
    commands: mpsc::UnboundedSender<Command>,
    task: JoinHandle<()>,
}

impl ChainAgent {
    /// Starts the task; events are read from `first_block` on.
    pub fn start(
        contracts: Contracts,
        job: JobId,
        first_block: u64,
        inbox: mpsc::Sender<News>,
    ) -> ChainAgent {
        let (commands, orders) = mpsc::unbounded_channel();
        let agent = Agent {
            contracts,
            job,
            inbox,
            settling: BTreeMap::new(),
            deadlines: BTreeMap::new(),
            settled: BTreeSet::new(),
            disputes: BTreeMap::new(),
        };
        ChainAgent { commands, task: tokio::spawn(agent.run(orders, first_block)) }
    }

    /// Commits a round, unless the chain has it.
    pub fn commit(&self, commitment: RoundCommitment) {
        self.order(Command::Commit(commitment));
    }

    /// Draws a round's beacon, unless the chain has it.
    pub fn draw(&self, round: u64) {
        self.order(Command::Draw(round));
    }

    /// Settles a round as soon as its challenge window has passed.
    pub fn settle(&self, round: u64, payouts: Vec<Payout>, audits: Vec<Payout>) {
        self.order(Command::Settle(round, Wages { payouts, audits }));
    }

    /// Ends the disputes about a leaf whose time to vote has passed, or the clock of whose turn it is.
    pub fn expire(&self, round: u64, task: TaskId) {
        self.order(Command::Expire(round, task));
    }

    /// The driver repeats what is not answered, so a task that is gone loses nothing.
    fn order(&self, command: Command) {
        let _ = self.commands.send(command);
    }

    /// Ends the task.
    pub async fn finish(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

struct Agent {
    contracts: Contracts,
    job: JobId,
    inbox: mpsc::Sender<News>,
    /// Rounds that wait for the end of their challenge window.
    settling: BTreeMap<u64, Wages>,
    deadlines: BTreeMap<u64, u64>,
    settled: BTreeSet<u64>,
    /// Open disputes of the job, and until when votes are taken (Unix time), once that is known.
    disputes: BTreeMap<u64, OpenDispute>,
}

struct OpenDispute {
    round: u64,
    task: TaskId,
    deadline: Option<u64>,
}

impl Agent {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Command>, first_block: u64) {
        let mut stream = self.contracts.watch(first_block);
        let mut polls = tokio::time::interval(POLL);
        polls.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                command = orders.recv() => match command {
                    None => return,
                    Some(command) => self.obey(command).await,
                },
                _ = polls.tick() => match stream.poll().await {
                    Ok(events) => {
                        for event in events {
                            self.observe(event).await;
                        }
                        self.settle_due().await;
                    }
                    Err(error) => {
                        self.trouble("reading the chain", &error).await;
                        tokio::time::sleep(TROUBLE_PAUSE).await;
                    }
                }
            }
        }
    }

    /// A closed inbox means that the job is over, and that this task is about to be ended.
    async fn tell(&self, news: ChainNews) {
        let _ = self.inbox.send(News::Chain(news)).await;
    }

    async fn trouble(&self, doing: &str, error: &ChainError) {
        self.tell(ChainNews::Trouble(format!("{doing}: {error}"))).await;
    }

    async fn sent(&self, round: u64, result: Result<Option<Mined>, ChainError>, doing: &str) {
        match result {
            Ok(None) => {}
            Ok(Some(mined)) => self.tell(ChainNews::Sent { round, mined }).await,
            Err(error) => self.trouble(&format!("{doing} round {round}"), &error).await,
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Commit(c) => {
                let leaves = c.leaves.len() as u32;
                let result = self.contracts.commit_round(self.job, c.round, c.root, leaves, &c.payouts).await;
                self.sent(c.round, result, "committing").await;
            }
            Command::Draw(round) => {
                let result = self.contracts.draw_beacon(self.job, round).await.map(|drawn| drawn.mined);
                self.sent(round, result, "drawing the beacon of").await;
            }
            Command::Expire(round, task) => self.expire(round, task).await,
            Command::Settle(round, wages) => {
                if !self.settled.contains(&round) {
                    self.settling.insert(round, wages);
                }
            }
        }
    }

    /// Does nothing before the time: the driver asks again.
    async fn expire(&self, round: u64, task: TaskId) {
        let about_it = self.disputes.iter().filter(|(_, d)| d.round == round && d.task == task);
        for (dispute, open) in about_it {
            let result = match open.deadline {
                Some(at) if unix_now() > at + SETTLE_MARGIN_SECONDS => self.contracts.expire(*dispute).await,
                Some(_) => Ok(None),
                // No committee was drawn: it is a game.
                None => self.end_game(*dispute).await,
            };
            self.sent(round, result, "ending a dispute of").await;
        }
    }

    /// Makes the move that anybody may make in a game, if one is due.
    async fn end_game(&self, dispute: u64) -> Result<Option<Mined>, ChainError> {
        let Some(view) = self.contracts.game_view(dispute).await? else { return Ok(None) };
        let Some(Next::Move(play)) = outside(&view, Turn::Over) else { return Ok(None) };
        match self.contracts.play(dispute, &play).await {
            // Somebody else was faster.
            Err(error) if error.revert().is_some() => Ok(None),
            sent => sent.map(Some),
        }
    }

    async fn settle_due(&mut self) {
        let now = unix_now();
        let due = |round: &u64| {
            let deadline = self.deadlines.get(round).copied().unwrap_or(0);
            now > deadline.saturating_add(SETTLE_MARGIN_SECONDS)
        };
        // In order: a later round may void leaves of its own only.
        let rounds: Vec<u64> = self.settling.keys().copied().filter(due).collect();
        for round in rounds {
            let Some(wages) = self.settling.remove(&round) else { continue };
            match self.settle(round, &wages).await {
                Err(error) if error.is_revert("ChallengeWindowOpen") || error.is_revert("DisputesOpen") => {
                    self.settling.insert(round, wages);
                }
                result => self.sent(round, result, "settling").await,
            }
        }
    }

    /// Audits of whoever is no verifier any more cannot be paid, and none can if the budget does not last.
    async fn settle(&self, round: u64, wages: &Wages) -> Result<Option<Mined>, ChainError> {
        let mut audits = Vec::new();
        for audit in &wages.audits {
            if self.contracts.is_eligible(audit.node, VERIFIER).await? {
                audits.push(*audit);
            }
        }
        match self.contracts.settle_round(self.job, round, &wages.payouts, &audits).await {
            Err(error) if error.is_revert("InsufficientBudget") && !audits.is_empty() => {
                self.trouble(&format!("paying the audits of round {round}"), &error).await;
                self.contracts.settle_round(self.job, round, &wages.payouts, &[]).await
            }
            result => result,
        }
    }

    async fn observe(&mut self, event: EventAt) {
        let slashed = match &event.event {
            ChainEvent::BeaconDrawn { job, round, challenge_deadline, .. } if *job == self.job => {
                self.deadlines.insert(*round, *challenge_deadline);
                None
            }
            ChainEvent::RoundSettled { job, round, .. } if *job == self.job => {
                self.settled.insert(*round);
                self.deadlines.remove(round);
                // Somebody else was faster, or this process's predecessor, which may not have paid all audits.
                if let Some(wages) = self.settling.remove(round) {
                    self.sent(*round, self.settle(*round, &wages).await, "paying the audits of").await;
                }
                None
            }
            ChainEvent::Challenged { dispute, job, round, leaf, .. } if *job == self.job => {
                let open = OpenDispute { round: *round, task: leaf.task, deadline: None };
                self.disputes.insert(*dispute, open);
                None
            }
            ChainEvent::CommitteeDrawn { dispute, deadline, .. } => {
                if let Some(open) = self.disputes.get_mut(dispute) {
                    open.deadline = Some(*deadline);
                }
                None
            }
            ChainEvent::DisputeResolved { dispute, .. } => {
                self.disputes.remove(dispute);
                None
            }
            ChainEvent::Slashed { node, .. } => Some(*node),
            _ => None,
        };
        self.tell(ChainNews::Event(event)).await;
        if let Some(node) = slashed {
            match self.contracts.stake_of(node).await {
                Ok(stake) => self.tell(ChainNews::Stake { node, stake: stake.counting().0 }).await,
                Err(error) => self.trouble("reading a stake", &error).await,
            }
        }
    }
}

/// Seconds since 1970; 0 if the clock is before that, which only delays things.
fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| t.as_secs())
}

/// What an announcement means for the driver of `job`. `book` has noted it, and everything before it.
/// `games`: disputes of the job are games.
pub fn to_driver(at: &EventAt, job: JobId, book: &Book, games: bool) -> Option<Event> {
    match &at.event {
        ChainEvent::RoundCommitted { job: j, round, .. } if *j == job => {
            Some(Event::RoundCommitted { round: *round, block: at.block })
        }
        ChainEvent::BeaconDrawn { job: j, round, beacon, .. } if *j == job => {
            Some(Event::BeaconDrawn { round: *round, beacon: *beacon })
        }
        ChainEvent::Challenged { dispute, job: j, round, leaf, challenger } if *j == job => {
            let (dispute, round, challenger) = (*dispute, *round, *challenger);
            Some(Event::Challenged { dispute, round, task: leaf.task, challenger })
        }
        ChainEvent::DisputeResolved { job: j, dispute, round, task, ruling, .. } if *j == job => {
            let outcome = match ruling {
                Ruling::Guilty if games => DisputeOutcome::Guilty { outputs_hash: None },
                Ruling::Guilty => DisputeOutcome::Guilty { outputs_hash: Some(book.verdict_of(*dispute)?) },
                Ruling::Innocent if games => DisputeOutcome::Unproven,
                Ruling::Innocent => DisputeOutcome::Cleared,
                Ruling::Dismissed => DisputeOutcome::Expired,
            };
            Some(Event::DisputeResolved { dispute: *dispute, round: *round, task: *task, outcome })
        }
        ChainEvent::RoundSettled { job: j, round, .. } if *j == job => {
            Some(Event::RoundSettled { round: *round })
        }
        _ => None,
    }
}
