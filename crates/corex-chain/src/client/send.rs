//! Transactions: priced, numbered, signed, sent, and waited for.
//!
//! Nonces are handed out one at a time under a lock, so any number of tasks may send from one account. Sending
//! the same signed bytes twice is harmless (the chain knows a transaction by its hash), which is what makes
//! retries after a lost connection safe. No two sends have equal bytes, not even by two processes with one key
//! that want the same thing: each carries a random few units of gas more than it needs ([`gas_limit`]), so a
//! transaction the chain already knows is this very send's.

use super::{
    Chain,
    error::{ChainError, explain},
    revert::Revert,
};
use crate::convert::to_sol;
use alloy::{
    consensus::{SignableTransaction, TxEip1559, TxEnvelope},
    eips::eip2718::Encodable2718,
    primitives::{Address, B256, Bytes, Signature, TxKind, U64, U256},
    rpc::types::{FeeHistory, TransactionReceipt, TransactionRequest},
};
use corex_work::Hash32;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How often a refused nonce is read anew: another process may use the same key.
const NONCE_ATTEMPTS: usize = 16;
/// How long a transaction is waited for.
const SEAL_TIMEOUT: Duration = Duration::from_secs(180);
/// After so long without a receipt the transaction is sent again, in case the chain lost its pool.
const RESEND_AFTER: Duration = Duration::from_secs(3);
/// Looks in a row that must find a transaction cut off before it is given up: blocks that were taken back come again, mostly.
const MOST_GAPS: u32 = 2;
/// Gas cap of one transaction (EIP-7825).
const TX_GAS_CAP: u64 = 1 << 24;

/// What to send.
pub(super) struct Outgoing<'a> {
    pub call: &'a str,
    pub to: TxKind,
    pub data: Bytes,
    pub value: U256,
    /// Told the hash of whatever is signed, before it is sent.
    pub signed: &'a (dyn Fn(Hash32) + Sync),
}

/// For those who need not know.
pub(super) const NOBODY: &(dyn Fn(Hash32) + Sync) = &|_| {};

/// A signed transaction on its way.
struct Signed {
    hash: B256,
    raw: Bytes,
    nonce: u64,
    /// Nonces below this were in blocks when it was signed.
    after: u64,
}

impl Chain {
    /// Sends and waits until it is sealed. A transaction that was sealed but reverted is an error.
    pub(super) async fn transact(&self, out: Outgoing<'_>) -> Result<TransactionReceipt, ChainError> {
        let request = TransactionRequest {
            from: Some(to_sol(self.address())),
            to: Some(out.to),
            input: out.data.clone().into(),
            value: Some(out.value),
            ..Default::default()
        };
        // A call that would revert fails here, with its reason, and costs nothing.
        let estimate: U64 = self.endpoint().ask(out.call, "eth_estimateGas", (&request,)).await?;
        let signed = self.broadcast(&out, gas_limit(estimate.to(), random_tag())).await?;
        let receipt = match self.sealed(&out, &signed).await {
            Ok(receipt) => receipt,
            Err(e) => {
                // The nonce may be free again, and later ones wait for it.
                *self.nonce().lock().await = None;
                return Err(e);
            }
        };
        if receipt.status() {
            return Ok(receipt);
        }
        // The state changed between estimate and block. Ask again for the reason.
        let again: Result<Bytes, _> = self.endpoint().ask(out.call, "eth_call", (&request, "latest")).await;
        Err(match again {
            Err(e @ ChainError::Reverted { .. }) => e,
            _ => ChainError::Reverted { call: out.call.into(), revert: Revert::decode(&[]) },
        })
    }

    /// Gets a transaction into the chain's pool.
    async fn broadcast(&self, out: &Outgoing<'_>, gas_limit: u64) -> Result<Signed, ChainError> {
        let (max_fee_per_gas, max_priority_fee_per_gas) = self.fees(out.call).await?;
        let mut next = self.nonce().lock().await;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let nonce = match *next {
                Some(nonce) => nonce,
                None => self.pending_nonce(out.call).await?,
            };
            // Unknown until the chain has taken the transaction, whatever happens on the way there.
            *next = None;
            let signed = self.sign_transaction(TxEip1559 {
                chain_id: self.chain_id(),
                nonce,
                gas_limit,
                max_fee_per_gas,
                max_priority_fee_per_gas,
                to: out.to,
                value: out.value,
                input: out.data.clone(),
                access_list: Default::default(),
            });
            (out.signed)(Hash32(signed.hash.0));
            let sent = self.endpoint().try_ask::<_, B256>("eth_sendRawTransaction", (&signed.raw,)).await;
            let Err(error) = sent else {
                *next = Some(nonce + 1);
                return Ok(signed);
            };
            let conflict = is_nonce_conflict(&error);
            // An attempt whose answer was lost comes back as "already known" or "nonce too low".
            if conflict && self.is_known(out.call, signed.hash).await? {
                *next = Some(nonce + 1);
                return Ok(signed);
            }
            if attempts >= NONCE_ATTEMPTS || !conflict {
                return Err(explain(out.call, self.endpoint().url(), error));
            }
            tracing::debug!(call = out.call, nonce, %error, "nonce taken, reading it anew");
        }
    }

    /// What a transaction would take: gas as estimated, and the most wei for the limit and the price that it would be sent with.
    pub(crate) async fn estimate(
        &self,
        call: &str,
        to: Option<Address>,
        data: &Bytes,
        value: u128,
    ) -> Result<(u64, u128), ChainError> {
        let request = TransactionRequest {
            from: Some(to_sol(self.address())),
            to: Some(to.map_or(TxKind::Create, TxKind::Call)),
            input: data.clone().into(),
            value: Some(U256::from(value)),
            ..Default::default()
        };
        let estimate: U64 = self.endpoint().ask(call, "eth_estimateGas", (&request,)).await?;
        let (max_fee_per_gas, _) = self.fees(call).await?;
        let limit = gas_limit(estimate.to(), u16::MAX);
        Ok((estimate.to(), u128::from(limit).saturating_mul(max_fee_per_gas)))
    }

    fn sign_transaction(&self, tx: TxEip1559) -> Signed {
        let signature = self.key().sign(&Hash32(tx.signature_hash().0));
        let (rs, v) = signature.0.split_at(64);
        let (nonce, after) = (tx.nonce, self.sealed_before().load(Ordering::Relaxed));
        let signed = tx.into_signed(Signature::from_bytes_and_parity(rs, v == [28]));
        let hash = *signed.hash();
        Signed { hash, raw: TxEnvelope::from(signed).encoded_2718().into(), nonce, after }
    }

    /// Most and tip, in wei per gas. The most leaves room for six full blocks of rising base fee.
    async fn fees(&self, call: &str) -> Result<(u128, u128), ChainError> {
        let history: FeeHistory =
            self.endpoint().ask(call, "eth_feeHistory", (U64::from(1), "latest", [50.0])).await?;
        let base = history.base_fee_per_gas.last().copied().unwrap_or_default();
        let tip = history.reward.iter().flatten().flatten().copied().max().unwrap_or_default().max(1);
        Ok((base.saturating_mul(2).saturating_add(tip), tip))
    }

    async fn pending_nonce(&self, call: &str) -> Result<u64, ChainError> {
        let params = (to_sol(self.address()), "pending");
        let nonce: U64 = self.endpoint().ask(call, "eth_getTransactionCount", params).await?;
        Ok(nonce.to())
    }

    /// Whether the chain has the transaction, sealed or waiting.
    pub(crate) async fn is_known(&self, call: &str, hash: B256) -> Result<bool, ChainError> {
        let found: Option<serde_json::Value> =
            self.endpoint().ask(call, "eth_getTransactionByHash", (hash,)).await?;
        Ok(found.is_some())
    }

    async fn receipt(&self, call: &str, hash: B256) -> Result<Option<TransactionReceipt>, ChainError> {
        self.endpoint().ask(call, "eth_getTransactionReceipt", (hash,)).await
    }

    /// Polls for the receipt: a local chain seals within milliseconds, a public one within seconds.
    async fn sealed(&self, out: &Outgoing<'_>, tx: &Signed) -> Result<TransactionReceipt, ChainError> {
        let (mut pause, longest) = match self.endpoint().is_local() {
            true => (Duration::from_millis(5), Duration::from_millis(100)),
            false => (Duration::from_millis(500), Duration::from_secs(2)),
        };
        let start = Instant::now();
        let mut resend_at = start + RESEND_AFTER;
        let mut gaps = 0;
        while start.elapsed() < SEAL_TIMEOUT {
            if let Some(receipt) = self.receipt(out.call, tx.hash).await? {
                self.sealed_before().fetch_max(tx.nonce + 1, Ordering::Relaxed);
                return Ok(receipt);
            }
            if Instant::now() >= resend_at {
                resend_at = Instant::now() + 4 * RESEND_AFTER;
                self.resend(out, tx).await?;
                // Those before it may come back by themselves.
                gaps = if self.is_cut_off(out.call, tx).await? { gaps + 1 } else { 0 };
                if gaps == MOST_GAPS {
                    self.sealed_before().store(self.sealed_nonces(out.call).await?, Ordering::Relaxed);
                    return Err(ChainError::Replaced { call: out.call.into(), tx: tx.hash.to_string() });
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
        let seconds = SEAL_TIMEOUT.as_secs();
        Err(ChainError::Timeout { call: out.call.into(), tx: tx.hash.to_string(), seconds })
    }

    /// Whether the chain has taken back transactions of the account that were sealed when this one was signed: a
    /// reorganisation, after which nobody sends those again, and this one waits behind them.
    async fn is_cut_off(&self, call: &str, tx: &Signed) -> Result<bool, ChainError> {
        Ok(self.sealed_nonces(call).await? < tx.after)
    }

    /// Transactions of the account in blocks.
    async fn sealed_nonces(&self, call: &str) -> Result<u64, ChainError> {
        let params = (to_sol(self.address()), "latest");
        let count: U64 = self.endpoint().ask(call, "eth_getTransactionCount", params).await?;
        Ok(count.to())
    }

    /// Sends a transaction again if the chain no longer knows it, and notices if it can never be sealed.
    async fn resend(&self, out: &Outgoing<'_>, tx: &Signed) -> Result<(), ChainError> {
        if self.is_known(out.call, tx.hash).await? {
            return Ok(());
        }
        tracing::warn!(call = out.call, tx = %tx.hash, "the chain lost a transaction, sending it again");
        let sent = self.endpoint().try_ask::<_, B256>("eth_sendRawTransaction", (&tx.raw,)).await;
        let Err(error) = sent else { return Ok(()) };
        if self.sealed_nonces(out.call).await? > tx.nonce && self.receipt(out.call, tx.hash).await?.is_none()
        {
            return Err(ChainError::Replaced { call: out.call.into(), tx: tx.hash.to_string() });
        }
        match error.is_error_resp() && !is_nonce_conflict(&error) {
            // Such as: the funds for its gas are gone.
            true => Err(explain(out.call, self.endpoint().url(), error)),
            false => Ok(()),
        }
    }
}

/// A quarter more than estimated, as other transactions may come first and make storage writes dearer, and
/// `tag` units that make the transaction unlike any other. Gas that is not used is not paid.
fn gas_limit(estimate: u64, tag: u16) -> u64 {
    let limit = estimate.saturating_add(estimate / 4).saturating_add(10_000);
    let highest = TX_GAS_CAP - u64::from(u16::MAX);
    let limit = if estimate <= highest { limit.min(highest) } else { limit };
    limit.saturating_add(tag.into())
}

fn random_tag() -> u16 {
    let random = getrandom::u32().expect("the operating system gives random numbers");
    (random & 0xffff) as u16
}

/// Whether another transaction of the account got in first. Clients differ in code but share these words.
fn is_nonce_conflict(error: &alloy::transports::TransportError) -> bool {
    let Some(payload) = error.as_error_resp() else { return false };
    let message = payload.message.to_ascii_lowercase();
    ["nonce too low", "underpriced", "already known", "already imported"].iter().any(|w| message.contains(w))
}
