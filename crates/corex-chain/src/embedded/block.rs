//! From executed transactions to a sealed block: header, receipts and logs in the form JSON-RPC shows them.

use super::{BASE_FEE, BLOCK_GAS_LIMIT};
use alloy::{
    consensus::{
        EMPTY_ROOT_HASH, Header, Receipt, ReceiptEnvelope, ReceiptWithBloom, Transaction as _, TxEnvelope,
        TxType,
        proofs::{calculate_receipt_root, calculate_transaction_root},
        transaction::Recovered,
    },
    eips::eip7685::EMPTY_REQUESTS_HASH,
    primitives::{B256, Bloom, Bytes, Log as RawLog, keccak256, logs_bloom},
    rpc::types::{Block, BlockTransactions, Header as RpcHeader, Log, Transaction, TransactionReceipt},
};
use revm::context::result::ExecutionResult;
use serde::{Deserialize, Serialize};

/// A block with everything JSON-RPC can be asked about it. This is also its form on disk.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SealedBlock {
    pub header: RpcHeader,
    pub txs: Vec<Transaction>,
    pub receipts: Vec<TransactionReceipt>,
}

/// Where and when a block is sealed.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockContext {
    pub number: u64,
    pub timestamp: u64,
    pub parent_hash: B256,
}

impl BlockContext {
    /// The block after `parent`. Its time is `now`, but never before its parent's: several blocks may share
    /// a second.
    pub fn after(parent: &RpcHeader, now: u64) -> Self {
        Self { number: parent.number + 1, timestamp: now.max(parent.timestamp), parent_hash: parent.hash }
    }

    /// PREVRANDAO. A single sealer has no randomness to offer, and contracts must not rely on it; the round
    /// beacon takes the block hash instead.
    pub fn prevrandao(&self) -> B256 {
        keccak256(self.parent_hash)
    }

    fn header(&self) -> Header {
        Header {
            parent_hash: self.parent_hash,
            number: self.number,
            timestamp: self.timestamp,
            gas_limit: BLOCK_GAS_LIMIT,
            base_fee_per_gas: Some(BASE_FEE),
            mix_hash: self.prevrandao(),
            extra_data: Bytes::from_static(b"corex"),
            withdrawals_root: Some(EMPTY_ROOT_HASH),
            blob_gas_used: Some(0),
            excess_blob_gas: Some(0),
            parent_beacon_block_root: Some(B256::ZERO),
            requests_hash: Some(EMPTY_REQUESTS_HASH),
            ..Default::default()
        }
    }
}

impl SealedBlock {
    /// Block 0.
    pub fn genesis(timestamp: u64, state_root: B256) -> Self {
        let ctx = BlockContext { number: 0, timestamp, parent_hash: B256::ZERO };
        let header = RpcHeader::new(Header { state_root, ..ctx.header() });
        Self { header, txs: Vec::new(), receipts: Vec::new() }
    }

    /// Seals `executed` transactions, in order.
    pub fn seal(
        ctx: BlockContext,
        state_root: B256,
        executed: Vec<(Recovered<TxEnvelope>, ExecutionResult)>,
    ) -> Self {
        let mut cumulative = 0;
        let consensus_receipts: Vec<ReceiptEnvelope> = executed
            .iter()
            .map(|(tx, result)| {
                cumulative += result.tx_gas_used();
                receipt_envelope(tx.tx_type(), result.is_success(), cumulative, result.logs().to_vec())
            })
            .collect();
        let envelopes: Vec<&TxEnvelope> = executed.iter().map(|(tx, _)| tx.inner()).collect();
        let header = RpcHeader::new(Header {
            state_root,
            gas_used: cumulative,
            logs_bloom: consensus_receipts.iter().fold(Bloom::ZERO, |b, r| b | *r.logs_bloom()),
            transactions_root: calculate_transaction_root(&envelopes),
            receipts_root: calculate_receipt_root(&consensus_receipts),
            ..ctx.header()
        });

        let (mut txs, mut receipts) = (Vec::new(), Vec::new());
        let (mut cumulative, mut log_index) = (0, 0);
        for (index, (tx, result)) in executed.into_iter().enumerate() {
            let at = Position { ctx, block_hash: header.hash, tx_hash: *tx.tx_hash(), index: index as u64 };
            let logs = result.logs().iter().map(|log| at.log(log, &mut log_index)).collect();
            let price = tx.effective_gas_price(Some(BASE_FEE));
            cumulative += result.tx_gas_used();
            receipts.push(TransactionReceipt {
                inner: receipt_envelope(tx.tx_type(), result.is_success(), cumulative, logs),
                transaction_hash: at.tx_hash,
                transaction_index: Some(at.index),
                block_hash: Some(at.block_hash),
                block_number: Some(ctx.number),
                gas_used: result.tx_gas_used(),
                effective_gas_price: price,
                blob_gas_used: None,
                blob_gas_price: None,
                from: tx.signer(),
                to: tx.to(),
                contract_address: result.created_address(),
            });
            txs.push(Transaction {
                inner: tx,
                block_hash: Some(at.block_hash),
                block_number: Some(ctx.number),
                transaction_index: Some(at.index),
                effective_gas_price: Some(price),
                block_timestamp: Some(ctx.timestamp),
            });
        }
        Self { header, txs, receipts }
    }

    /// All logs, in order.
    pub fn logs(&self) -> impl Iterator<Item = &Log> {
        self.receipts.iter().flat_map(|r| r.inner.logs())
    }

    /// The block as `eth_getBlockBy…` shows it: with whole transactions or their hashes only.
    pub fn into_rpc(self, full: bool) -> Block {
        let transactions = match full {
            true => BlockTransactions::Full(self.txs),
            false => BlockTransactions::Hashes(self.receipts.iter().map(|r| r.transaction_hash).collect()),
        };
        Block { header: self.header, uncles: Vec::new(), transactions, withdrawals: Some(Default::default()) }
    }
}

struct Position {
    ctx: BlockContext,
    block_hash: B256,
    tx_hash: B256,
    index: u64,
}

impl Position {
    fn log(&self, raw: &RawLog, log_index: &mut u64) -> Log {
        let index = *log_index;
        *log_index += 1;
        Log {
            inner: raw.clone(),
            block_hash: Some(self.block_hash),
            block_number: Some(self.ctx.number),
            block_timestamp: Some(self.ctx.timestamp),
            transaction_hash: Some(self.tx_hash),
            transaction_index: Some(self.index),
            log_index: Some(index),
            removed: false,
        }
    }
}

fn receipt_envelope<L: AsRef<RawLog>>(
    kind: TxType,
    success: bool,
    cumulative_gas_used: u64,
    logs: Vec<L>,
) -> ReceiptEnvelope<L> {
    let logs_bloom = logs_bloom(logs.iter().map(AsRef::as_ref));
    let receipt = Receipt { status: success.into(), cumulative_gas_used, logs };
    let receipt = ReceiptWithBloom { receipt, logs_bloom };
    match kind {
        TxType::Legacy => ReceiptEnvelope::Legacy(receipt),
        TxType::Eip2930 => ReceiptEnvelope::Eip2930(receipt),
        TxType::Eip1559 => ReceiptEnvelope::Eip1559(receipt),
        TxType::Eip4844 => ReceiptEnvelope::Eip4844(receipt),
        TxType::Eip7702 => ReceiptEnvelope::Eip7702(receipt),
    }
}
