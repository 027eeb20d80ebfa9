//! The `eth_…` methods: parameters in, JSON out.

use super::{
    BASE_FEE, BLOCK_GAS_LIMIT,
    evm::CallError,
    filters::{self, Filters, LogsError, Watch},
    rpc::RpcError,
    sealer::{Core, SubmitError},
    store::{Snapshot, StoreError},
};
use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    primitives::{Address, B256, Bytes, U64, U256},
    rpc::types::{FeeHistory, Filter, Transaction, TransactionRequest},
    sol_types::{Revert, SolError},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue, value::to_raw_value};
use std::sync::{Mutex, PoisonError};

/// Blocks one `eth_feeHistory` answer covers at most.
const MAX_FEE_HISTORY: u64 = 1_024;

type Answer = Result<Box<RawValue>, RpcError>;

/// Positional parameters. A missing one reads as null, so that optional ones may be left out.
pub(super) struct Params(pub Vec<Value>);

impl Params {
    fn get<T: DeserializeOwned>(&self, index: usize, name: &str) -> Result<T, RpcError> {
        let value = self.0.get(index).cloned().unwrap_or(Value::Null);
        serde_json::from_value(value)
            .map_err(|e| RpcError::invalid_params(format!("parameter {index} ({name}): {e}")))
    }
}

fn ok<T: Serialize>(value: T) -> Answer {
    to_raw_value(&value).map_err(|e| RpcError::internal(e.to_string()))
}

/// Answers one method call.
pub(super) fn dispatch(core: &Core, filters: &Mutex<Filters>, method: &str, params: &Params) -> Answer {
    let filters = || filters.lock().unwrap_or_else(PoisonError::into_inner);
    match method {
        "eth_chainId" => ok(U64::from(core.chain_id)),
        "net_version" => ok(core.chain_id.to_string()),
        "web3_clientVersion" => ok(concat!("corex/", env!("CARGO_PKG_VERSION"))),
        "net_listening" => ok(true),
        "eth_syncing" => ok(false),
        "eth_accounts" => ok(Vec::<Address>::new()),
        "eth_gasPrice" => ok(U64::from(BASE_FEE + 1)),
        "eth_maxPriorityFeePerGas" => ok(U64::from(1)),
        "eth_feeHistory" => fee_history(core, params),
        "eth_blockNumber" => ok(U64::from(core.snapshot()?.head())),
        "eth_getBalance" => {
            let account = latest(core, params, 1)?.account(params.get(0, "address")?)?;
            ok(account.map_or(U256::ZERO, |a| a.balance))
        }
        "eth_getTransactionCount" => transaction_count(core, params),
        "eth_getCode" => {
            let snapshot = latest(core, params, 1)?;
            match snapshot.account(params.get(0, "address")?)? {
                Some(account) => ok(snapshot.code(account.code_hash)?),
                None => ok(Bytes::new()),
            }
        }
        "eth_getStorageAt" => {
            use revm::database_interface::DatabaseRef;
            let snapshot = latest(core, params, 2)?;
            ok(B256::from(snapshot.storage_ref(params.get(0, "address")?, params.get(1, "slot")?)?))
        }
        "eth_call" => {
            let request = call_request(core, params)?;
            ok(core.simulator()?.call(&request)?)
        }
        "eth_estimateGas" => {
            let request = call_request(core, params)?;
            ok(U64::from(core.simulator()?.estimate(&request)?))
        }
        "eth_sendRawTransaction" => {
            let raw: Bytes = params.get(0, "transaction")?;
            ok(core.submit(&raw)?)
        }
        "eth_getTransactionByHash" => transaction(core, params.get(0, "hash")?),
        "eth_getTransactionReceipt" => match core.snapshot()?.locate(params.get(0, "hash")?)? {
            Some((block, index)) => ok(block.receipts.get(index)),
            None => ok(Value::Null),
        },
        "eth_getBlockByNumber" | "eth_getBlockByHash" => {
            let full = params.get::<Option<bool>>(1, "full")?.unwrap_or(false);
            let snapshot = core.snapshot()?;
            match block_number(&snapshot, block_param(method, params)?)? {
                Some(number) => ok(snapshot.block(number)?.map(|block| block.into_rpc(full))),
                None => ok(Value::Null),
            }
        }
        "eth_getBlockReceipts" => {
            let snapshot = core.snapshot()?;
            match block_number(&snapshot, params.get(0, "block")?)? {
                Some(number) => ok(snapshot.block(number)?.map(|block| block.receipts)),
                None => ok(Value::Null),
            }
        }
        "eth_getLogs" => {
            let snapshot = core.snapshot()?;
            logs(&snapshot, &params.get(0, "filter")?)
        }
        "eth_newFilter" => {
            let filter: Filter = params.get(0, "filter")?;
            let next = core.snapshot()?.head() + 1;
            ok(U64::from(filters().add(Watch::Logs(Box::new(filter)), next)))
        }
        "eth_newBlockFilter" => {
            let next = core.snapshot()?.head() + 1;
            ok(U64::from(filters().add(Watch::Blocks, next)))
        }
        "eth_getFilterChanges" => {
            let id: U64 = params.get(0, "filter id")?;
            let snapshot = core.snapshot()?;
            let polled = filters().poll(id.to(), snapshot.head());
            match polled.ok_or_else(filter_not_found)? {
                (Watch::Logs(filter), from) => ok(filters::query(&snapshot, &filter, from, snapshot.head())?),
                (Watch::Blocks, from) => {
                    let hashes =
                        (from..=snapshot.head()).map(|n| Ok(snapshot.head_of(n)?.map(|(hash, _)| hash)));
                    ok(hashes.collect::<Result<Vec<_>, StoreError>>()?)
                }
            }
        }
        "eth_getFilterLogs" => {
            let id: U64 = params.get(0, "filter id")?;
            let watch = filters().get(id.to()).cloned();
            match watch.ok_or_else(filter_not_found)? {
                Watch::Logs(filter) => logs(&core.snapshot()?, &filter),
                Watch::Blocks => Err(filter_not_found()),
            }
        }
        "eth_uninstallFilter" => {
            let id: U64 = params.get(0, "filter id")?;
            ok(filters().remove(id.to()))
        }
        _ => Err(RpcError::method_not_found(method)),
    }
}

fn filter_not_found() -> RpcError {
    RpcError::server("filter not found".into())
}

/// The block a `BlockId` names, if the chain has it.
fn block_number(snapshot: &Snapshot, id: BlockId) -> Result<Option<u64>, RpcError> {
    Ok(match id {
        BlockId::Hash(hash) => snapshot.number_of(hash.block_hash)?,
        BlockId::Number(BlockNumberOrTag::Number(n)) => (n <= snapshot.head()).then_some(n),
        BlockId::Number(BlockNumberOrTag::Earliest) => Some(0),
        // What is sealed is final: there is one sealer and no reorganisation.
        BlockId::Number(_) => Some(snapshot.head()),
    })
}

fn block_param(method: &str, params: &Params) -> Result<BlockId, RpcError> {
    match method {
        "eth_getBlockByHash" => Ok(BlockId::from(params.get::<B256>(0, "hash")?)),
        _ => Ok(BlockId::Number(params.get(0, "number")?)),
    }
}

/// The newest state, refusing a request for any other block's: old states are not kept.
fn latest(core: &Core, params: &Params, index: usize) -> Result<Snapshot, RpcError> {
    let snapshot = core.snapshot()?;
    let Some(id) = params.get::<Option<BlockId>>(index, "block")? else { return Ok(snapshot) };
    match block_number(&snapshot, id)? {
        Some(number) if number == snapshot.head() => Ok(snapshot),
        Some(number) => {
            Err(RpcError::server(format!("state of block {number} is not kept, only the latest")))
        }
        None => Err(RpcError::server("unknown block".into())),
    }
}

fn call_request(core: &Core, params: &Params) -> Result<TransactionRequest, RpcError> {
    latest(core, params, 1)?;
    if params.0.get(2).is_some_and(|overrides| !overrides.is_null()) {
        return Err(RpcError::invalid_params("parameter 2: state overrides are not supported".into()));
    }
    params.get(0, "call")
}

fn transaction_count(core: &Core, params: &Params) -> Answer {
    let address: Address = params.get(0, "address")?;
    let pending = BlockId::Number(BlockNumberOrTag::Pending);
    if params.get::<Option<BlockId>>(1, "block")? == Some(pending) {
        // The pool is locked before the snapshot is taken: a transaction is in one of them at least, so a
        // nonce is never handed out twice.
        let pool = core.pool();
        let account = core.snapshot()?.nonce(address)?;
        return ok(U64::from(pool.pending_nonce(address, account)));
    }
    ok(U64::from(latest(core, params, 1)?.nonce(address)?))
}

fn transaction(core: &Core, hash: B256) -> Answer {
    let waiting = core.pool().get(hash).cloned();
    if let Some((block, index)) = core.snapshot()?.locate(hash)? {
        return ok(block.txs.get(index));
    }
    ok(waiting.map(|inner| Transaction {
        inner,
        block_hash: None,
        block_number: None,
        transaction_index: None,
        effective_gas_price: None,
        block_timestamp: None,
    }))
}

fn logs(snapshot: &Snapshot, filter: &Filter) -> Answer {
    let (from, to) = match filter.get_block_hash() {
        Some(hash) => {
            let number = snapshot.number_of(hash)?;
            let number = number.ok_or_else(|| RpcError::server(format!("unknown block {hash}")))?;
            (number, number)
        }
        None => {
            let number = |bound: Option<&BlockNumberOrTag>| match bound {
                Some(BlockNumberOrTag::Number(n)) => *n,
                Some(BlockNumberOrTag::Earliest) => 0,
                _ => snapshot.head(),
            };
            (number(filter.block_option.get_from_block()), number(filter.block_option.get_to_block()))
        }
    };
    ok(filters::query(snapshot, filter, from, to)?)
}

fn fee_history(core: &Core, params: &Params) -> Answer {
    let asked: U64 = params.get(0, "block count")?;
    let newest: BlockNumberOrTag = params.get(1, "newest block")?;
    let percentiles: Vec<f64> = params.get::<Option<_>>(2, "reward percentiles")?.unwrap_or_default();
    let snapshot = core.snapshot()?;
    let newest = block_number(&snapshot, BlockId::Number(newest))?
        .ok_or_else(|| RpcError::server("unknown block".into()))?;
    let count = asked.to::<u64>().clamp(1, MAX_FEE_HISTORY).min(newest + 1);
    let oldest = newest + 1 - count;
    let mut gas_used_ratio = Vec::new();
    for number in oldest..=newest {
        let gas = snapshot.block(number)?.map_or(0, |b| b.header.gas_used);
        gas_used_ratio.push(gas as f64 / BLOCK_GAS_LIMIT as f64);
    }
    ok(FeeHistory {
        base_fee_per_gas: vec![u128::from(BASE_FEE); gas_used_ratio.len() + 1],
        reward: Some(vec![vec![1; percentiles.len()]; gas_used_ratio.len()]),
        gas_used_ratio,
        oldest_block: oldest,
        ..Default::default()
    })
}

impl From<StoreError> for RpcError {
    fn from(e: StoreError) -> Self {
        RpcError::internal(format!("chain store: {e}"))
    }
}

impl From<LogsError> for RpcError {
    fn from(e: LogsError) -> Self {
        match e {
            LogsError::TooMany => RpcError::server(e.to_string()),
            LogsError::Store(e) => e.into(),
        }
    }
}

impl From<SubmitError> for RpcError {
    fn from(e: SubmitError) -> Self {
        match e {
            SubmitError::Store(e) => e.into(),
            e => RpcError::server(e.to_string()),
        }
    }
}

impl From<CallError> for RpcError {
    fn from(e: CallError) -> Self {
        match e {
            CallError::Store(e) => e.into(),
            CallError::Reverted(data) => {
                let reason = Revert::abi_decode(&data).map(|r| format!(": {}", r.reason)).unwrap_or_default();
                RpcError::reverted(format!("execution reverted{reason}"), &data)
            }
            e => RpcError::server(e.to_string()),
        }
    }
}
