//! The chain's core, shared by the sealer and the RPC front: takes transactions in, seals blocks.

use super::{
    BASE_FEE, BLOCK_GAS_LIMIT, TX_GAS_LIMIT,
    clock::Clock,
    evm::{Simulator, execute_block},
    pool::{Pool, PoolError},
    store::{Snapshot, Store, StoreError},
};
use alloy::{
    consensus::{
        Transaction as _, TxEnvelope,
        transaction::{Recovered, SignerRecoverable},
    },
    eips::eip2718::Decodable2718,
    primitives::{Address, B256, U256},
};
use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{Notify, mpsc};

/// Why a raw transaction was refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum SubmitError {
    #[error("rlp: {0}")]
    Decode(String),
    #[error("{0} bytes after the transaction")]
    TrailingBytes(usize),
    #[error("invalid signature: {0}")]
    Signature(String),
    #[error("blob transactions are not supported")]
    Blob,
    #[error("invalid chain id: {found:?}, this is chain {wanted}")]
    ChainId { found: Option<u64>, wanted: u64 },
    #[error("gas limit {0} exceeds the transaction gas cap {TX_GAS_LIMIT}")]
    GasLimit(u64),
    #[error("max fee per gas {0} is less than the block base fee {BASE_FEE}")]
    Fee(u128),
    #[error("insufficient funds for gas * price + value: {address} has {balance} wei, needs {needed}")]
    Funds { address: Address, balance: U256, needed: U256 },
    #[error("the chain cannot write its state: {0}")]
    Sealer(String),
    #[error(transparent)]
    Pool(#[from] PoolError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(super) struct Core {
    pub chain_id: u64,
    pub clock: Clock,
    store: Store,
    pool: Mutex<Pool>,
    wake: Notify,
    /// Why sealing fails at the moment, so that submitters hear of it instead of waiting for ever.
    stuck: Mutex<Option<String>>,
    /// Nothing is sent: it is dropped after `store`, which tells the other end that the file is closed.
    _open: mpsc::Sender<Infallible>,
}

/// A panic elsewhere while a lock was held leaves data that every operation here keeps consistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core {
    pub fn new(chain_id: u64, clock: Clock, store: Store, open: mpsc::Sender<Infallible>) -> Self {
        Self {
            chain_id,
            clock,
            store,
            pool: Mutex::default(),
            wake: Notify::new(),
            stuck: Mutex::default(),
            _open: open,
        }
    }

    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.store.snapshot()
    }

    pub fn pool(&self) -> MutexGuard<'_, Pool> {
        lock(&self.pool)
    }

    /// The EVM as of now: `block.timestamp` is the clock's, not the head block's, so that time-based
    /// windows open for readers even while no transaction arrives.
    pub fn simulator(&self) -> Result<Simulator, StoreError> {
        Simulator::new(self.snapshot()?, self.chain_id, self.clock.now())
    }

    /// Checks a signed transaction and puts it in the pool.
    pub fn submit(&self, raw: &[u8]) -> Result<B256, SubmitError> {
        let mut rest = raw;
        let tx = TxEnvelope::decode_2718(&mut rest).map_err(|e| SubmitError::Decode(e.to_string()))?;
        if !rest.is_empty() {
            return Err(SubmitError::TrailingBytes(rest.len()));
        }
        if tx.is_eip4844() {
            return Err(SubmitError::Blob);
        }
        if tx.chain_id() != Some(self.chain_id) {
            return Err(SubmitError::ChainId { found: tx.chain_id(), wanted: self.chain_id });
        }
        if tx.gas_limit() > TX_GAS_LIMIT {
            return Err(SubmitError::GasLimit(tx.gas_limit()));
        }
        if tx.max_fee_per_gas() < u128::from(BASE_FEE) {
            return Err(SubmitError::Fee(tx.max_fee_per_gas()));
        }
        let sender = tx.recover_signer().map_err(|e| SubmitError::Signature(e.to_string()))?;
        let account = self.snapshot()?.account(sender)?;
        let balance = account.map_or(U256::ZERO, |a| a.balance);
        let gas_cost = U256::from(tx.gas_limit()).saturating_mul(U256::from(tx.max_fee_per_gas()));
        let needed = gas_cost.saturating_add(tx.value());
        if balance < needed {
            return Err(SubmitError::Funds { address: sender, balance, needed });
        }
        if let Some(reason) = lock(&self.stuck).clone() {
            return Err(SubmitError::Sealer(reason));
        }
        let next = account.map_or(0, |a| a.nonce);
        let hash = self.pool().insert(Recovered::new_unchecked(tx, sender), next)?;
        self.wake.notify_one();
        Ok(hash)
    }

    /// Seals one block if anything can run; says whether it did.
    pub fn seal(&self) -> Result<bool, StoreError> {
        let snapshot = self.snapshot()?;
        let queue = self.pool().executable(|sender| snapshot.nonce(sender))?;
        if queue.is_empty() {
            return Ok(false);
        }
        // No lock is held while the block runs and is written: readers and submitters go on.
        let done = execute_block(snapshot, self.chain_id, self.clock.now(), queue)?;
        let mut included = Vec::with_capacity(done.block.txs.len());
        if !done.block.txs.is_empty() {
            debug_assert!(done.block.header.gas_used <= BLOCK_GAS_LIMIT);
            self.store.commit(&done.block, &done.diff)?;
            included.extend(done.block.txs.iter().map(|t| (t.inner.signer(), t.inner.nonce())));
        }
        let mut pool = self.pool();
        for (sender, nonce) in included {
            pool.remove(sender, nonce);
        }
        for (tx, reason) in done.invalid {
            tracing::warn!(tx = %tx.tx_hash(), sender = %tx.signer(), %reason, "dropped a transaction");
            pool.remove(tx.signer(), tx.nonce());
        }
        Ok(true)
    }

    /// Seals at once whenever transactions wait, and nothing otherwise. Runs until its task is aborted.
    pub async fn run_sealer(self: Arc<Self>) {
        loop {
            let core = self.clone();
            let sealed = tokio::task::spawn_blocking(move || core.seal()).await;
            let failure = match sealed {
                Ok(Ok(true)) => None,
                Ok(Ok(false)) => {
                    self.wake.notified().await;
                    continue;
                }
                Ok(Err(e)) => Some(e.to_string()),
                Err(e) => Some(e.to_string()),
            };
            lock(&self.stuck).clone_from(&failure);
            if let Some(reason) = failure {
                tracing::error!(%reason, "cannot seal a block, will try again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}
