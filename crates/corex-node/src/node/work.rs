//! Doing a task: bring the inputs, evaluate, sign.

use corex_net::PeerAddr;
use corex_protocol::{Assignment, Failure, Holder};
use corex_work::{BlobId, Receipt, Task};
use std::sync::{Arc, PoisonError};

use super::session::Session;
use super::{Context, blocking};
use crate::dispute::SignedTask;
use crate::error::NodeError;
use crate::transfer;
use crate::wire::{INLINE_BYTES, ToServer};
use crate::worker::WorkError;

/// Carries out one order and tells the coordinator how it went.
pub async fn execute(session: Arc<Session>, order: Assignment, peers: Vec<(Holder, PeerAddr)>) {
    let task = order.id;
    match attempt(&session, order, &peers).await {
        Ok(()) => {}
        Err(reason) => {
            tracing::warn!(%task, ?reason, "task given back");
            session.say(ToServer::Failed { task, reason }).await;
        }
    }
}

/// Notes durably what is about to be signed.
fn record(session: &Session, task: &Task, outputs: &[BlobId]) -> Result<(), Failure> {
    let Some(proof) = session.programs.proof(task.program, &task.func) else { return Ok(()) };
    let signed = SignedTask { job: session.job, task: task.clone(), outputs: outputs.to_vec(), proof };
    let record = session.context.signed.lock().unwrap_or_else(PoisonError::into_inner).put(&signed);
    record.map_err(crashed)
}

async fn attempt(
    session: &Arc<Session>,
    order: Assignment,
    peers: &[(Holder, PeerAddr)],
) -> Result<(), Failure> {
    let context = &session.context;
    if order.node != context.operator.address() || order.task.id() != order.id {
        return Err(Failure::Crashed("the order contradicts itself".into()));
    }
    context.lends(session.job, order.units).await.map_err(Failure::Refused)?;
    let known = context.cheater.is_none() && context.worker.known(order.id).map_err(crashed)?.is_some();
    if !known {
        bring(session, &order, peers).await?;
    }
    let turn = context.slot.clone().acquire_owned().await.map_err(crashed)?;
    if session.is_cancelled(order.id) {
        tracing::debug!(task = %order.id, "cancelled before it began");
        return Ok(());
    }
    let (units, output_bytes) = (order.units, order.output_bytes.clone());
    let vetted = (session.clone(), order.task.clone());
    blocking(move || vetted.0.vet(&vetted.1)).await.map_err(crashed)?;
    let outputs = compute(context.clone(), order.clone()).await?;
    drop(turn);
    record(session, &order.task, &outputs)?;
    let mut small = Vec::new();
    for (id, length) in outputs.iter().zip(&output_bytes) {
        if *length <= INLINE_BYTES as u64 {
            small.push(context.store.get(id).map_err(crashed)?.to_vec());
        }
    }
    let node = context.operator.address();
    let receipt = Receipt { job: session.job, task: order.id, outputs, node, units };
    let receipt = receipt.sign(&context.operator, &context.contracts.domain());
    context.credit.worked(session.job, units);
    session.say(ToServer::Done { receipt, small }).await;
    Ok(())
}

async fn bring(session: &Session, order: &Assignment, peers: &[(Holder, PeerAddr)]) -> Result<(), Failure> {
    let context = &session.context;
    let missing =
        transfer::bring(&context.endpoint, &context.store, &order.blobs, peers).await.map_err(crashed)?;
    for lack in &missing {
        for holder in &lack.asked {
            session.say(ToServer::Missing { holder: *holder, blob: lack.blob }).await;
        }
    }
    match missing.first() {
        None => Ok(()),
        Some(lack) => Err(Failure::MissingInput(lack.blob)),
    }
}

async fn compute(context: Arc<Context>, order: Assignment) -> Result<Vec<BlobId>, Failure> {
    let result = blocking(move || {
        let worker = &context.worker;
        Ok(match &context.cheater {
            Some(cheater) => cheater.run(&order, worker),
            None => worker.run(&order.task),
        })
    });
    match result.await {
        Ok(Ok(outputs)) => Ok(outputs),
        Ok(Err(WorkError::Missing(blob))) => Err(Failure::MissingInput(blob)),
        Ok(Err(error)) => Err(crashed(error)),
        Err(error @ NodeError::Refused(_)) => Err(crashed(error)),
        Err(error) => Err(crashed(error)),
    }
}

fn crashed(error: impl std::fmt::Display) -> Failure {
    Failure::Crashed(error.to_string())
}
