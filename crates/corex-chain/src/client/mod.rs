//! A chain as a node sees it: an endpoint, and one account to act with. The same for the embedded chain,
//! `anvil` and a public network.

mod error;
pub(crate) mod revert;
mod rpc;
mod send;

pub use error::ChainError;
pub use revert::Revert;

use crate::convert::{from_sol, to_sol};
use alloy::{
    primitives::{Address as SolAddress, B256, Bytes, TxKind, U64, U256},
    rpc::types::{Block, Filter, Log, Transaction, TransactionReceipt, TransactionRequest},
    sol_types::SolCall,
};
use corex_work::{Address, Hash32, OperatorKey, Signature};
use rpc::Endpoint;
use send::{NOBODY, Outgoing};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, atomic::AtomicU64};
use tokio::sync::Mutex;

/// A connection to a chain with the key of one account. Clones share the account's nonce, so one account
/// should be opened once per process and cloned.
#[derive(Clone)]
pub struct Chain(Arc<Inner>);

struct Inner {
    endpoint: Endpoint,
    chain_id: u64,
    key: OperatorKey,
    /// The next nonce, when known.
    nonce: Mutex<Option<u64>>,
    /// Nonces below this were seen in blocks.
    sealed_before: AtomicU64,
}

/// A block, as far as it matters what was sent.
#[derive(Debug, Deserialize)]
struct Body {
    transactions: Vec<Sent>,
}

/// A transaction of a block. Chains have kinds of their own, so that no more is read than is needed.
#[derive(Debug, Deserialize)]
pub(crate) struct Sent {
    /// Who sent it.
    pub(crate) from: SolAddress,
    /// As which of its transactions.
    pub(crate) nonce: U64,
    /// To whom.
    to: Option<SolAddress>,
    /// Call or creation code.
    pub(crate) input: Bytes,
}

impl Sent {
    /// Whether it creates a contract.
    pub(crate) fn creates(&self) -> bool {
        self.to.is_none()
    }
}

/// A sealed, successful transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mined {
    /// Hash of the transaction.
    pub tx: Hash32,
    /// Number of its block.
    pub block: u64,
    /// What it cost.
    pub gas_used: u64,
}

impl From<&TransactionReceipt> for Mined {
    fn from(receipt: &TransactionReceipt) -> Self {
        Self {
            tx: Hash32(receipt.transaction_hash.0),
            block: receipt.block_number.unwrap_or_default(),
            gas_used: receipt.gas_used,
        }
    }
}

impl Chain {
    /// Connects and learns the chain's id; refuses if it is not `expected`.
    ///
    /// # Errors
    /// [`ChainError::Url`], [`ChainError::Unreachable`] or [`ChainError::WrongChain`].
    pub async fn connect(url: &str, key: OperatorKey, expected: Option<u64>) -> Result<Self, ChainError> {
        let endpoint = Endpoint::new(url)?;
        let id: U64 = endpoint.ask("connect", "eth_chainId", ()).await?;
        let chain_id = id.to();
        if let Some(expected) = expected.filter(|e| *e != chain_id) {
            return Err(ChainError::WrongChain { url: url.into(), expected, found: chain_id });
        }
        Ok(Self(Arc::new(Inner {
            endpoint,
            chain_id,
            key,
            nonce: Mutex::default(),
            sealed_before: AtomicU64::default(),
        })))
    }

    /// The same chain with another account.
    pub fn with_key(&self, key: OperatorKey) -> Result<Self, ChainError> {
        let endpoint = Endpoint::new(self.url())?;
        Ok(Self(Arc::new(Inner {
            endpoint,
            chain_id: self.chain_id(),
            key,
            nonce: Mutex::default(),
            sealed_before: AtomicU64::default(),
        })))
    }

    /// Address of the account that signs.
    pub fn address(&self) -> Address {
        self.0.key.address()
    }

    /// The chain's id (EIP-155).
    pub fn chain_id(&self) -> u64 {
        self.0.chain_id
    }

    /// Where the chain is.
    pub fn url(&self) -> &str {
        self.0.endpoint.url()
    }

    /// Number of the newest block.
    pub async fn block_number(&self) -> Result<u64, ChainError> {
        let number: U64 = self.0.endpoint.ask("block number", "eth_blockNumber", ()).await?;
        Ok(number.to())
    }

    /// Unix time that a contract sees if it is called now, on the newest state.
    pub async fn time(&self) -> Result<u64, ChainError> {
        // A creation that is only tried gives back what would become the contract's code: here, TIMESTAMP as a word.
        const TIMESTAMP: [u8; 8] = [0x42, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3, 0x00];
        let request = TransactionRequest {
            from: Some(to_sol(self.address())),
            input: Bytes::from_static(&TIMESTAMP).into(),
            ..Default::default()
        };
        let answer: Bytes = self.0.endpoint.ask("time", "eth_call", (request, "latest")).await?;
        let time = U256::try_from_be_slice(&answer).and_then(|time| time.try_into().ok());
        time.ok_or_else(|| ChainError::Answer { call: "time".into(), reason: format!("{answer} is no time") })
    }

    /// Wei that `address` has for gas.
    pub async fn gas_balance(&self, address: Address) -> Result<u128, ChainError> {
        let params = (to_sol(address), "latest");
        let wei: U256 = self.0.endpoint.ask("balance", "eth_getBalance", params).await?;
        Ok(wei.saturating_to())
    }

    /// Number of transactions `address` has sealed: the nonce of its next one.
    pub async fn account_nonce(&self, address: Address) -> Result<u64, ChainError> {
        let params = (to_sol(address), "latest");
        let nonce: U64 = self.0.endpoint.ask("nonce", "eth_getTransactionCount", params).await?;
        Ok(nonce.to())
    }

    /// What [`Chain::account_nonce`] was after a block. Chains that keep no history of states refuse.
    pub(crate) async fn nonce_at(&self, address: Address, block: u64) -> Result<u64, ChainError> {
        let params = (to_sol(address), U64::from(block));
        let nonce: U64 = self.0.endpoint.ask("nonce", "eth_getTransactionCount", params).await?;
        Ok(nonce.to())
    }

    /// The transactions of a block, which must be there.
    pub(crate) async fn sent_in(&self, block: u64) -> Result<Vec<Sent>, ChainError> {
        let params = (U64::from(block), true);
        let body: Option<Body> = self.0.endpoint.ask("block", "eth_getBlockByNumber", params).await?;
        let missing =
            || ChainError::Answer { call: "block".into(), reason: format!("there is no block {block}") };
        Ok(body.ok_or_else(missing)?.transactions)
    }

    /// Whether there is a contract at `address`.
    pub async fn has_code(&self, address: Address) -> Result<bool, ChainError> {
        Ok(!self.code(address).await?.is_empty())
    }

    /// The code at `address`; empty if there is no contract.
    pub(crate) async fn code(&self, address: Address) -> Result<Bytes, ChainError> {
        self.0.endpoint.ask("code", "eth_getCode", (to_sol(address), "latest")).await
    }

    /// A word of a contract's storage.
    pub(crate) async fn storage(&self, address: Address, slot: B256) -> Result<B256, ChainError> {
        self.0.endpoint.ask("storage", "eth_getStorageAt", (to_sol(address), slot, "latest")).await
    }

    /// What a contract answers to a call that is encoded already.
    pub(crate) async fn call_raw(&self, to: Address, data: Bytes) -> Result<Bytes, ChainError> {
        let request = TransactionRequest {
            from: Some(to_sol(self.address())),
            to: Some(TxKind::Call(to_sol(to))),
            input: data.into(),
            ..Default::default()
        };
        self.0.endpoint.ask("call", "eth_call", (request, "latest")).await
    }

    /// Sends wei, so that another account can pay for gas.
    pub async fn send_gas(&self, to: Address, wei: u128) -> Result<Mined, ChainError> {
        let out = Outgoing {
            call: "transfer",
            to: TxKind::Call(to_sol(to)),
            data: Bytes::new(),
            value: U256::from(wei),
            signed: NOBODY,
        };
        Ok(Mined::from(&self.transact(out).await?))
    }

    /// Calls a contract without a transaction, on the newest state.
    pub(crate) async fn read<C: SolCall>(&self, to: Address, call: &C) -> Result<C::Return, ChainError> {
        let name = function_name::<C>();
        let request = TransactionRequest {
            from: Some(to_sol(self.address())),
            to: Some(TxKind::Call(to_sol(to))),
            input: Bytes::from(call.abi_encode()).into(),
            ..Default::default()
        };
        let answer: Bytes = self.0.endpoint.ask(name, "eth_call", (request, "latest")).await?;
        if answer.is_empty() && !self.has_code(to).await? {
            let chain_id = self.chain_id();
            return Err(ChainError::NoContract { call: name.into(), address: to, chain_id });
        }
        C::abi_decode_returns_validate(&answer)
            .map_err(|e| ChainError::Answer { call: name.into(), reason: e.to_string() })
    }

    /// Calls a contract by a transaction.
    pub(crate) async fn write<C: SolCall>(
        &self,
        to: Address,
        call: &C,
    ) -> Result<TransactionReceipt, ChainError> {
        self.write_encoded(function_name::<C>(), to, call.abi_encode()).await
    }

    /// [`Chain::write`] for a call that is encoded already; `name` is its function's.
    pub(crate) async fn write_encoded(
        &self,
        name: &str,
        to: Address,
        call: Vec<u8>,
    ) -> Result<TransactionReceipt, ChainError> {
        self.send_encoded(name, Some(to_sol(to)), call.into(), 0, NOBODY).await
    }

    /// Sends any transaction; without `to` it creates a contract. `signed` is told the hash before it is sent, each time it is signed.
    pub(crate) async fn send_encoded(
        &self,
        name: &str,
        to: Option<SolAddress>,
        data: Bytes,
        value: u128,
        signed: &(dyn Fn(Hash32) + Sync),
    ) -> Result<TransactionReceipt, ChainError> {
        let to = to.map_or(TxKind::Create, TxKind::Call);
        self.transact(Outgoing { call: name, to, data, value: U256::from(value), signed }).await
    }

    /// Signs a digest with the account's key.
    pub fn sign(&self, digest: &Hash32) -> Signature {
        self.0.key.sign(digest)
    }

    /// Creates a contract, which errors call `name`; `arguments` are its constructor's, encoded.
    pub async fn create(
        &self,
        name: &str,
        init_code: &[u8],
        arguments: &[u8],
    ) -> Result<(Address, Mined), ChainError> {
        let data = [init_code, arguments].concat();
        let receipt = self.send_encoded(name, None, data.into(), 0, NOBODY).await?;
        let Some(address) = receipt.contract_address else {
            let reason = "the receipt of a deployment names no contract".to_string();
            return Err(ChainError::Answer { call: name.into(), reason });
        };
        Ok((from_sol(address), Mined::from(&receipt)))
    }

    /// A sealed transaction and its receipt; `None` if the chain has none with this hash.
    pub(crate) async fn transaction(
        &self,
        tx: Hash32,
    ) -> Result<Option<(Transaction, TransactionReceipt)>, ChainError> {
        let hash = B256::from(tx.0);
        let sent: Option<Transaction> =
            self.0.endpoint.ask("transaction", "eth_getTransactionByHash", (hash,)).await?;
        let receipt: Option<TransactionReceipt> =
            self.0.endpoint.ask("receipt", "eth_getTransactionReceipt", (hash,)).await?;
        Ok(sent.zip(receipt))
    }

    /// When a block was sealed, as Unix time.
    pub(crate) async fn block_time(&self, number: u64) -> Result<u64, ChainError> {
        let params = (U64::from(number), false);
        let block: Option<Block> = self.0.endpoint.ask("block", "eth_getBlockByNumber", params).await?;
        let missing = || ChainError::Answer { call: "block".into(), reason: format!("no block {number}") };
        Ok(block.ok_or_else(missing)?.header.timestamp)
    }

    /// Logs that match, oldest first.
    pub(crate) async fn logs(&self, filter: &Filter) -> Result<Vec<Log>, ChainError> {
        self.0.endpoint.ask("event logs", "eth_getLogs", (filter,)).await
    }

    fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    fn key(&self) -> &OperatorKey {
        &self.0.key
    }

    fn sealed_before(&self) -> &AtomicU64 {
        &self.0.sealed_before
    }

    fn nonce(&self) -> &Mutex<Option<u64>> {
        &self.0.nonce
    }
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Chain({} as {} at {})", self.chain_id(), self.address(), self.url())
    }
}

/// `commitRound` of `commitRound(bytes32,uint64,…)`.
fn function_name<C: SolCall>() -> &'static str {
    C::SIGNATURE.split('(').next().unwrap_or(C::SIGNATURE)
}
