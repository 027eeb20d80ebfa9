//! Training a model from end to end: data in, checkpoint and proof out.

mod finish;
mod jobfile;
mod place;

pub use finish::Summary;
pub use jobfile::JobFile;

use corex_chain::{Contracts, JobTerms, Tokens, WorkKind};
use corex_protocol::Config;
use corex_store::{BlobStore, BlobStoreOptions};
use corex_work::{JobId, OperatorKey};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

use crate::cheat::Cheat;
use crate::coordinator::{self, Setup};
use crate::dispute::is_played;
use crate::error::NodeError;
use crate::family_job::{self, ModelWork};
use crate::network::ChainChoice;
use crate::program_job::{self, ProgramFiles};
use crate::report::{Report, Reporter};
use crate::verify::files;
use place::Place;

/// Audits are paid as the work itself, and so is work that is redone, if it was honest: the budget leaves room for all of
/// the work to be audited, and half of it to be redone. Unused budget is refunded.
const BUDGET_PERCENT: u128 = 250;
/// After this the escrow may be reclaimed whatever happened.
const DEADLINE: Duration = Duration::from_secs(30 * 24 * 3600);

/// What is to be trained.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What is computed.
    pub work: Work,
    /// Optimizer steps.
    pub steps: u32,
    /// Seed of weights and batches.
    pub seed: u32,
    /// Whose nodes to use.
    pub network: NetworkChoice,
}

/// What a job computes.
#[derive(Debug, Clone)]
pub enum Work {
    /// A model of a built-in family.
    Model(ModelWork),
    /// A user's step.
    Program(ProgramFiles),
}

/// Whose nodes do the work.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub enum NetworkChoice {
    /// A network that is started for the job and ends with it.
    Own {
        /// Where the contracts live.
        chain: ChainChoice,
        /// Name of the profile.
        profile: String,
        /// Providers to start.
        providers: u32,
        /// Verifiers to start.
        verifiers: u32,
    },
    /// A network that is running already.
    Join {
        /// Its folder or `network.json`.
        path: PathBuf,
    },
}

/// How to run the job in this process.
pub struct TrainOptions {
    /// The job's folder.
    pub dir: PathBuf,
    /// The job, or `None` to go on with the one in `dir`.
    pub new: Option<NewJob>,
    /// Makes one provider of an own network dishonest.
    pub cheat: Option<Cheat>,
    /// Account for a chain of somebody else's.
    pub key: Option<OperatorKey>,
    /// Threads of each node; `None` shares the machine's cores among the nodes.
    pub threads: Option<usize>,
    /// Address to listen on.
    pub listen: IpAddr,
    /// The program that nodes are started from.
    pub program: PathBuf,
}

/// Runs a training job until it is done or `stop` becomes true.
pub async fn train(
    options: TrainOptions,
    reporter: Reporter,
    stop: watch::Receiver<bool>,
) -> Result<Summary, NodeError> {
    let begun = Instant::now();
    let store_of = |dir: &Path| BlobStore::open(dir.join(files::BLOBS), BlobStoreOptions::default());
    let (mut job, store) = match &options.new {
        None => {
            let job = JobFile::read(&options.dir)?;
            (job, store_of(&options.dir)?)
        }
        Some(new) => {
            let (job, genesis) = plan(new, &reporter)?;
            JobFile::claim(&options.dir)?;
            let store = store_of(&options.dir)?;
            for blob in genesis {
                store.put_synced(blob)?;
            }
            job.write(&options.dir)?;
            (job, store)
        }
    };
    if job.finished {
        return Err(NodeError::Refused(format!(
            "the job in {} is finished\nhint: `corex verify {0}` checks it, `corex generate --checkpoint {0}` uses it",
            options.dir.display()
        )));
    }
    let mut place = Place::open(&options, &job, &store, &reporter).await?;
    let result = async {
        let first_block = open_job(&options.dir, &mut job, &place.contracts, &reporter).await?;
        let id = job.id.ok_or_else(|| NodeError::Refused("the job has no id on chain".into()))?;
        place.announce().await?;
        reporter(Report::Stage(format!("training {} for {} steps (job {id})", job.name, job.steps())));
        let window_ms = place.contracts.book().profile.settlement.challenge_seconds.saturating_mul(1000);
        let programs = job.programs()?;
        let terms = place.contracts.job(id).await?;
        let price = terms.map_or(0, |terms| terms.price_per_unit.0);
        let games = is_played(programs.root());
        let config = Config::default().with_challenge_window(window_ms).with_games(games).with_price(price);
        let setup = Setup {
            dir: options.dir.clone(),
            job: id,
            spec: job.spec.clone(),
            programs,
            config,
            tokens_per_step: job.tokens_per_step,
            unit: job.form.unit(),
            endpoint: place.endpoint.clone(),
            store: store.clone(),
            contracts: place.contracts.clone(),
            first_block,
            reporter: reporter.clone(),
        };
        let callers = place.callers.take().ok_or_else(|| NodeError::Refused("already in use".into()))?;
        let outcome = coordinator::run(setup, callers, stop).await?;
        finish::finish(&options.dir, &mut job, &store, &place, outcome, begun, &reporter).await
    }
    .await;
    place.close().await;
    result
}

/// Reads the data and writes the programs: everything that can be wrong with the request is found here.
fn plan(new: &NewJob, reporter: &Reporter) -> Result<(JobFile, Vec<Vec<u8>>), NodeError> {
    let (name, source, form, prepared) = match &new.work {
        Work::Model(work) => {
            let (source, form, prepared) = family_job::prepare(work, new.seed, new.steps, reporter)?;
            (work.name.clone(), source, form, prepared)
        }
        Work::Program(files) => {
            let (prepared, form) = program_job::prepare(files, new.seed, new.steps)?;
            (files.step.display().to_string(), files.data.display().to_string(), form, prepared)
        }
    };
    let job = JobFile {
        version: jobfile::VERSION,
        name,
        source,
        form,
        spec: prepared.spec,
        programs: prepared.programs,
        tokens_per_step: prepared.tokens_per_step,
        units: prepared.units,
        network: new.network.clone(),
        id: None,
        opened_at: None,
        finished: false,
    };
    Ok((job, prepared.genesis))
}

/// Puts the budget into escrow, once: a crash between the transaction and the note about it is found on chain.
async fn open_job(
    dir: &Path,
    job: &mut JobFile,
    contracts: &Contracts,
    reporter: &Reporter,
) -> Result<u64, NodeError> {
    if let (Some(_), Some(block)) = (job.id, job.opened_at) {
        return Ok(block);
    }
    let found = find_job(contracts, job).await?;
    let (id, block) = match found {
        Some(found) => found,
        None => {
            let price = contracts.book().profile.escrow.usual_price();
            let budget = Tokens(price.0 * u128::from(job.units) * BUDGET_PERCENT / 100);
            let balance = contracts.balance(contracts.chain().address()).await?;
            if balance < budget {
                return Err(NodeError::Refused(format!(
                    "the job needs {budget} tokens in escrow, account {} has {balance}\nhint: send it tokens, or train fewer steps",
                    contracts.chain().address()
                )));
            }
            let symbol = &contracts.book().profile.token.symbol;
            reporter(Report::Stage(format!("opening the job: {budget} {symbol} into escrow")));
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let terms = JobTerms {
                spec: job.spec.id(),
                coordinator: contracts.chain().address(),
                price_per_unit: price,
                deadline: (now + DEADLINE).as_secs(),
                kind: WorkKind::Training,
                programs: job.programs()?.root(),
                referrer: None,
                insured: false,
            };
            let (id, mined) = contracts.open_job(terms, budget).await?;
            (id, mined.block)
        }
    };
    (job.id, job.opened_at) = (Some(id), Some(block));
    job.write(dir)?;
    Ok(block)
}

/// A job of this account with this specification that was opened by a process that crashed right after.
async fn find_job(contracts: &Contracts, job: &JobFile) -> Result<Option<(JobId, u64)>, NodeError> {
    let head = contracts.chain().block_number().await?;
    let me = contracts.chain().address();
    for at in contracts.events(contracts.book().first_block, head).await? {
        if let corex_chain::ChainEvent::JobOpened { job: id, requester, terms, .. } = at.event
            && requester == me
            && terms.spec == job.spec.id()
            && terms.programs == job.programs()?.root()
            && contracts.job(id).await?.is_some_and(|j| !j.closed)
            && contracts.round_count(id).await? == 0
        {
            return Ok(Some((id, at.block)));
        }
    }
    Ok(None)
}

/// Threads per node that neither leave cores idle nor crowd them.
pub fn share_of_cores(providers: u32) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    (cores / (providers.max(1) as usize)).max(1)
}
