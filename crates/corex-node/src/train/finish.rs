//! The end of a job: the result on disk, the money settled, the figures added up.

use corex_chain::Tokens;
use corex_engine::Tensor;
use corex_models::hf::Storage;
use corex_protocol::Dag;
use corex_store::BlobStore;
use corex_work::BlobId;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::{JobFile, Place};
use crate::checkpoint::{self, write_whole};
use crate::coordinator::Outcome;
use crate::curve;
use crate::dispute::{self, DisputeSummary};
use crate::error::NodeError;
use crate::lineage::{Checkpoint, Lineage, ModelForm, VERSION, model_id};
use crate::report::{NodeReport, Report, Reporter};
use crate::verify::files;

/// What a finished job comes to. Amounts are in whole tokens.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Training loss of the first step, in nats per token.
    pub loss_first: f32,
    /// Training loss of the last step.
    pub loss_last: f32,
    /// Held-out loss before training.
    pub heldout_first: f32,
    /// Held-out loss of the result.
    pub heldout_last: f32,
    /// BLAKE3 of the final parameters.
    pub model_hash: BlobId,
    /// Audits answered.
    pub audits: u64,
    /// Audits that found a wrong result.
    pub audits_failed: u64,
    /// Disputes that were played on chain.
    pub disputes: Vec<DisputeSummary>,
    /// Taken from the stakes of dishonest nodes.
    pub slashed: f64,
    /// Paid to providers from escrow, net of fees.
    pub paid_from_escrow: f64,
    /// Paid to verifiers from escrow, net of fees.
    pub paid_for_audits: f64,
    /// Fees that the job paid.
    pub fees: f64,
    /// What of them was burned.
    pub burned: f64,
    /// Claimed from the mining pool.
    pub mined: f64,
    /// Given back to the requester.
    pub refunded: f64,
    /// Rounds committed on chain.
    pub rounds: u64,
    /// Gas of the coordinator's transactions per round.
    pub gas_per_round: u64,
    /// Blob and control bytes that the coordinator sent and received, per step.
    pub coordinator_bytes_per_step: u64,
    /// Tokens (rows, for a user's program) trained on per second, network and proofs included.
    pub tokens_per_s: f64,
    /// From the start of the program to the end.
    pub seconds: f64,
    /// The token's symbol.
    pub symbol: String,
    /// The job's folder.
    pub dir: PathBuf,
    /// What the model is, and in which files.
    #[serde(skip)]
    pub form: ModelForm,
    /// What each node did.
    #[serde(skip)]
    pub nodes: Vec<NodeReport>,
}

/// Writes the result, closes the job, and adds up.
pub async fn finish(
    dir: &Path,
    job: &mut JobFile,
    store: &BlobStore,
    place: &Place,
    outcome: Outcome,
    begun: Instant,
    reporter: &Reporter,
) -> Result<Summary, NodeError> {
    reporter(Report::Stage("writing the checkpoint and its lineage".into()));
    write_result(dir, job, store, place, &outcome)?;
    reporter(Report::Stage("closing the job on chain".into()));
    let refunded = settle_accounts(job, place).await?;
    let mined = claim_for_all(place, &outcome).await? + Tokens(outcome.book.mined);
    place.contracts.flush_fees().await?;
    let disputes = match (job.id, job.opened_at) {
        (Some(id), Some(block)) => dispute::summarize(&place.contracts, store, id, block).await?,
        _ => Vec::new(),
    };
    job.finished = true;
    job.write(dir)?;

    let (train, heldout) = (outcome.book.train_curve(), outcome.book.heldout_curve());
    let end = |curve: &[curve::Point], last: bool| {
        let point = if last { curve.last() } else { curve.first() };
        point.map_or(f32::NAN, |p| p.loss)
    };
    let summary = outcome.driver.summary();
    let moved = place.endpoint.counters();
    let bytes = moved.blob_bytes_sent
        + moved.blob_bytes_received
        + moved.control_bytes_sent
        + moved.control_bytes_received;
    let tokens = |base: u128| Tokens(base).to_f64();
    let burn_bps = place.contracts.book().profile.fees.burn_bps;
    let nodes = outcome.driver.nodes().map(|node| NodeReport {
        address: node.info().node,
        name: outcome.names.get(&node.info().node).cloned().unwrap_or_else(|| node.info().node.short()),
        verifier: node.info().roles.verifier,
        online: node.is_connected(),
        banned: node.is_banned(),
        units: node.reputation().units,
        trust: node.reputation().trust(),
    });
    Ok(Summary {
        loss_first: end(&train, false),
        loss_last: end(&train, true),
        heldout_first: end(&heldout, false),
        heldout_last: end(&heldout, true),
        model_hash: model(&outcome),
        audits: summary.audits_passed + summary.audits_failed,
        audits_failed: summary.audits_failed,
        disputes,
        slashed: tokens(outcome.book.slashed),
        paid_from_escrow: tokens(outcome.book.paid),
        paid_for_audits: tokens(outcome.book.paid_for_audits),
        fees: tokens(outcome.book.fees),
        burned: tokens(outcome.book.burned + Tokens(outcome.book.to_splitter).share_down(burn_bps).0),
        mined: mined.to_f64(),
        refunded: refunded.to_f64(),
        rounds: summary.rounds,
        gas_per_round: outcome.book.gas / summary.rounds.max(1),
        coordinator_bytes_per_step: bytes / u64::from(job.steps()).max(1),
        tokens_per_s: (outcome.steps_done * job.tokens_per_step) as f64 / outcome.training.as_secs_f64(),
        seconds: begun.elapsed().as_secs_f64(),
        symbol: place.contracts.book().profile.token.symbol.clone(),
        dir: dir.to_path_buf(),
        form: job.form.clone(),
        nodes: nodes.collect(),
    })
}

fn write_result(
    dir: &Path,
    job: &JobFile,
    store: &BlobStore,
    place: &Place,
    outcome: &Outcome,
) -> Result<(), NodeError> {
    let dag = outcome.driver.dag();
    let state = &outcome.state.blobs;
    write_model(dir, &job.form, store, dag, state)?;
    let tasks = outcome.book.lineage(dag.keys());
    let mut checkpoints = Vec::new();
    for entry in &tasks {
        if let corex_protocol::TaskKey::Update { step } = entry.key
            && let Some(state) = entry.receipt.receipt.outputs.get(..dag.state_blobs())
            && dag.is_checkpoint(step + 1)
        {
            checkpoints.push(Checkpoint { step: step + 1, state: state.to_vec() });
        }
    }
    let contracts = &place.contracts;
    let lineage = Lineage {
        version: VERSION,
        job: outcome.driver.job(),
        chain_id: contracts.book().chain_id,
        settlement: contracts.book().contracts.settlement,
        spec: job.spec.clone(),
        tasks,
        rounds: outcome.book.rounds(),
        checkpoints,
        convicted: outcome.book.convicted(),
        form: job.form.clone(),
        model: model(outcome),
    };
    let text = serde_json::to_vec(&lineage).expect("every key is a string");
    write_whole(&dir.join(files::LINEAGE), &text)?;
    let (train, heldout) = (outcome.book.train_curve(), outcome.book.heldout_curve());
    write_whole(&dir.join("loss.csv"), curve::csv(&train, &heldout).as_bytes())?;
    write_whole(&dir.join("loss.svg"), curve::svg(&train, &heldout).as_bytes())?;
    Ok(())
}

/// What names the result.
fn model(outcome: &Outcome) -> BlobId {
    let params = outcome.driver.dag().spec().params as usize;
    model_id(outcome.state.blobs.get(..params).unwrap_or_default())
}

/// Writes the state for the world outside: a model's weights, or all tensors of a user's state.
fn write_model(
    dir: &Path,
    form: &ModelForm,
    store: &BlobStore,
    dag: &Dag,
    state: &[BlobId],
) -> Result<(), NodeError> {
    let path = dir.join(files::STATE);
    let broken = |why: String| NodeError::Damaged { path: path.clone(), why };
    match (form, state) {
        (ModelForm::Model(model), [params, ..]) => {
            Ok(checkpoint::save(dir, model, &store.get(params)?, Storage::F32)?)
        }
        (ModelForm::Model(_), []) => Err(broken("the state has no blobs".into())),
        (ModelForm::Tensors(names), state) => {
            let program = store.get(&dag.spec().init.program)?;
            let types = crate::program_job::state_types(&program).map_err(broken)?;
            let mut tensors = Vec::new();
            for ((name, ty), blob) in names.iter().zip(types).zip(state) {
                let tensor = Tensor::from_bytes(ty, &store.get(blob)?).map_err(|e| broken(e.to_string()))?;
                tensors.push((name.clone(), tensor));
            }
            Ok(crate::tensors::write(&path, &tensors)?)
        }
    }
}

/// Closes the job and takes back what was not spent.
async fn settle_accounts(job: &JobFile, place: &Place) -> Result<Tokens, NodeError> {
    let Some(id) = job.id else { return Ok(Tokens::default()) };
    let contracts = &place.contracts;
    let account = contracts.chain().address();
    // Closing refunds what no round needs; in a network of one's own, nobody else moves this account's tokens.
    let before = contracts.balance(account).await?;
    contracts.close_job(id).await?;
    match contracts.refund(id).await {
        // Nothing was left.
        Err(error) if error.is_revert("ZeroAmount") => {}
        result => drop(result?),
    }
    Ok(contracts.balance(account).await?.saturating_sub(before))
}

/// Claims what nodes mined in finished epochs and did not claim themselves: anyone may, the pool pays the owner.
async fn claim_for_all(place: &Place, outcome: &Outcome) -> Result<Tokens, NodeError> {
    let contracts = &place.contracts;
    let mut total = Tokens::default();
    if !contracts.has_pool() {
        return Ok(total);
    }
    for node in outcome.driver.nodes() {
        let node = node.info().node;
        if contracts.claimable(node).await? > Tokens::default()
            && let Some((amount, _)) = contracts.claim(node).await?
        {
            total = total + amount;
        }
    }
    Ok(total)
}
