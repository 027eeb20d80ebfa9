//! Execution: one EVM type over one database type. Each further database type would be another whole copy of
//! the interpreter to compile.

use super::{
    BASE_FEE, BLOCK_GAS_LIMIT, TX_GAS_LIMIT,
    block::{BlockContext, SealedBlock},
    store::{AccountRecord, Snapshot, StateDiff, StoreError},
};
use alloy::{
    consensus::{Transaction as _, TxEnvelope, Typed2718, transaction::Recovered},
    primitives::{Address, Bytes, TxKind, U256},
    rpc::types::TransactionRequest,
};
use revm::{
    Context, DatabaseCommit, ExecuteEvm, MainBuilder, MainContext, MainnetEvm,
    context::{
        BlockEnv, CfgEnv, TxEnv,
        result::{EVMError, ExecutionResult},
    },
    database::{AccountState, CacheDB},
    handler::MainnetContext,
    primitives::{AddressMap, hardfork::SpecId},
    state::Account,
};
use std::collections::BTreeSet;

type Vm = MainnetEvm<MainnetContext<CacheDB<Snapshot>>>;

/// Osaka, for the CLZ opcode; the same rules as Arbitrum One.
const SPEC: SpecId = SpecId::OSAKA;

fn vm(snapshot: Snapshot, chain_id: u64, ctx: BlockContext, cfg: impl FnOnce(&mut CfgEnv)) -> Vm {
    let block = BlockEnv {
        number: U256::from(ctx.number),
        timestamp: U256::from(ctx.timestamp),
        gas_limit: BLOCK_GAS_LIMIT,
        basefee: BASE_FEE,
        prevrandao: Some(ctx.prevrandao()),
        ..Default::default()
    };
    let mut config = CfgEnv::new_with_spec(SPEC).with_chain_id(chain_id);
    config.tx_gas_limit_cap = Some(TX_GAS_LIMIT);
    cfg(&mut config);
    Context::mainnet().with_db(CacheDB::new(snapshot)).with_cfg(config).with_block(block).build_mainnet()
}

/// A block that ran, ready to be committed, and the transactions that can never run.
pub(super) struct Executed {
    pub block: SealedBlock,
    pub diff: StateDiff,
    pub invalid: Vec<(Recovered<TxEnvelope>, String)>,
}

/// Runs `queue` on top of the snapshot's head block until the block is full. The block may come out empty, if
/// every transaction was invalid.
pub(super) fn execute_block(
    snapshot: Snapshot,
    chain_id: u64,
    now: u64,
    queue: Vec<Recovered<TxEnvelope>>,
) -> Result<Executed, StoreError> {
    let parent = snapshot.head_block()?.header;
    let ctx = BlockContext::after(&parent, now);
    let mut vm = vm(snapshot, chain_id, ctx, |_| {});
    let (mut executed, mut invalid) = (Vec::new(), Vec::new());
    let mut touched = Touched::default();
    let mut gas_used = 0;
    for tx in queue {
        if tx.gas_limit() > BLOCK_GAS_LIMIT - gas_used {
            break;
        }
        match vm.transact(tx_env(&tx)) {
            Ok(outcome) => {
                gas_used += outcome.result.tx_gas_used();
                touched.note(&outcome.state);
                vm.ctx.journaled_state.database.commit(outcome.state);
                executed.push((tx, outcome.result));
            }
            Err(EVMError::Database(e)) => return Err(e),
            Err(e) => invalid.push((tx, e.to_string())),
        }
    }
    let diff = touched.diff(&vm.ctx.journaled_state.database);
    let block = SealedBlock::seal(ctx, diff.state_root(parent.state_root), executed);
    Ok(Executed { block, diff, invalid })
}

/// Which accounts and slots a block touched; their final values are read from the EVM's cache at the end.
#[derive(Default)]
struct Touched {
    accounts: BTreeSet<Address>,
    slots: BTreeSet<(Address, U256)>,
}

impl Touched {
    fn note(&mut self, state: &AddressMap<Account>) {
        for (address, account) in state.iter().filter(|(_, a)| a.is_touched()) {
            self.accounts.insert(*address);
            self.slots.extend(account.changed_storage_slots().map(|(slot, _)| (*address, *slot)));
        }
    }

    fn diff(&self, cache: &CacheDB<Snapshot>) -> StateDiff {
        let mut diff = StateDiff::default();
        for address in &self.accounts {
            let found = cache.cache.accounts.get(address);
            // EIP-161: an empty account does not exist.
            let alive = found.filter(|a| a.account_state != AccountState::NotExisting && !a.info.is_empty());
            let record = alive.map(|a| AccountRecord {
                balance: a.info.balance,
                nonce: a.info.nonce,
                code_hash: a.info.code_hash,
            });
            if let Some(code) = record.and_then(|r| cache.cache.contracts.get_key_value(&r.code_hash))
                && !code.1.is_empty()
            {
                diff.codes.insert(*code.0, code.1.original_bytes());
            }
            diff.accounts.insert(*address, record);
        }
        for (address, slot) in &self.slots {
            let account = cache.cache.accounts.get(address);
            let value = account.and_then(|a| a.storage.get(slot)).copied().unwrap_or_default();
            diff.slots.insert((*address, *slot), value);
        }
        diff
    }
}

fn tx_env(tx: &Recovered<TxEnvelope>) -> TxEnv {
    let mut env = TxEnv::builder()
        .tx_type(Some(tx.ty()))
        .caller(tx.signer())
        .gas_limit(tx.gas_limit())
        .max_fee_per_gas(tx.max_fee_per_gas())
        .gas_priority_fee(tx.max_priority_fee_per_gas())
        .kind(tx.kind())
        .value(tx.value())
        .data(tx.input().clone())
        .nonce(tx.nonce())
        .chain_id(tx.chain_id())
        .access_list(tx.access_list().cloned().unwrap_or_default());
    if let Some(list) = tx.authorization_list() {
        env = env.authorization_list_signed(list.to_vec());
    }
    env.build_fill()
}

/// Why a call that is not a transaction gave no result.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error("execution reverted")]
    Reverted(Bytes),
    #[error("execution halted: {0}")]
    Halted(String),
    #[error("{0}")]
    Invalid(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A simulator for `eth_call` and `eth_estimateGas`: the block that would be sealed now, with balance, nonce
/// and base-fee checks off. Nothing it does is kept.
pub(super) struct Simulator {
    vm: Vm,
    chain_id: u64,
}

impl Simulator {
    pub fn new(snapshot: Snapshot, chain_id: u64, now: u64) -> Result<Self, StoreError> {
        let ctx = BlockContext::after(&snapshot.head_block()?.header, now);
        let vm = vm(snapshot, chain_id, ctx, |cfg| {
            cfg.disable_balance_check = true;
            cfg.disable_base_fee = true;
            cfg.disable_nonce_check = true;
        });
        Ok(Self { vm, chain_id })
    }

    fn run(&mut self, request: &TransactionRequest, gas: u64) -> Result<ExecutionResult, CallError> {
        let env = TxEnv::builder()
            .caller(request.from.unwrap_or_default())
            .kind(request.to.unwrap_or(TxKind::Create))
            .data(request.input.input().cloned().unwrap_or_default())
            .value(request.value.unwrap_or_default())
            .access_list(request.access_list.clone().unwrap_or_default())
            .gas_limit(gas)
            .chain_id(Some(self.chain_id))
            .build_fill();
        match self.vm.transact(env) {
            Ok(outcome) => Ok(outcome.result),
            Err(EVMError::Database(e)) => Err(e.into()),
            Err(e) => Err(CallError::Invalid(e.to_string())),
        }
    }

    /// `eth_call`: the returned bytes.
    pub fn call(&mut self, request: &TransactionRequest) -> Result<Bytes, CallError> {
        let gas = request.gas.unwrap_or(TX_GAS_LIMIT).min(TX_GAS_LIMIT);
        output(self.run(request, gas)?)
    }

    /// `eth_estimateGas`: the least gas limit, to within 1/64, with which the call succeeds. It can exceed
    /// the gas used, because a call forwards at most 63/64 of what is left and refunds come at the end.
    pub fn estimate(&mut self, request: &TransactionRequest) -> Result<u64, CallError> {
        let cap = request.gas.unwrap_or(TX_GAS_LIMIT).min(TX_GAS_LIMIT);
        let first = self.run(request, cap)?;
        let used = first.tx_gas_used();
        output(first)?;
        let (mut fails, mut works) = (used.saturating_sub(1), cap);
        // Most calls need little more than they use, so the first guess is close to that.
        let mut guess = (used + used / 63 + 2_300).min(works);
        while works - fails > (works / 64).max(1) {
            let succeeds = match self.run(request, guess) {
                Ok(result) => result.is_success(),
                // Too little gas for the intrinsic cost.
                Err(CallError::Invalid(_)) => false,
                Err(e) => return Err(e),
            };
            match succeeds {
                true => works = guess,
                false => fails = guess,
            }
            guess = fails + (works - fails) / 2;
        }
        Ok(works)
    }
}

fn output(result: ExecutionResult) -> Result<Bytes, CallError> {
    match result {
        ExecutionResult::Success { output, .. } => Ok(output.into_data()),
        ExecutionResult::Revert { output, .. } => Err(CallError::Reverted(output)),
        ExecutionResult::Halt { reason, .. } => Err(CallError::Halted(format!("{reason:?}"))),
    }
}
