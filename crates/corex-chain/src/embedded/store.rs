//! World state, blocks and their indices in one redb file. One sealed block is one write transaction, so a
//! process killed at any instant leaves either the whole block or nothing of it.

use super::block::SealedBlock;
use alloy::primitives::{Address, B256, Bloom, Bytes, KECCAK256_EMPTY, U256, keccak256};
use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition};
use revm::{
    database_interface::{DBErrorMarker, DatabaseRef},
    state::{AccountInfo, Bytecode},
};
use std::{collections::BTreeMap, path::Path};

/// Layout version of the file; a file of another version is refused, never guessed at.
const SCHEMA: u64 = 1;
/// The page cache of redb is 1 GiB unless told otherwise, far more than a local chain's whole state.
const CACHE_BYTES: usize = 32 << 20;

const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
/// address -> balance (32, big-endian) | nonce (8, big-endian) | code hash (32)
const ACCOUNTS: TableDefinition<&[u8; 20], &[u8; 72]> = TableDefinition::new("accounts");
/// address (20) | slot (32, big-endian) -> value (32, big-endian); zero is absence
const SLOTS: TableDefinition<&[u8; 52], &[u8; 32]> = TableDefinition::new("slots");
/// code hash -> code
const CODES: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("codes");
/// number -> JSON of [`SealedBlock`]
const BLOCKS: TableDefinition<u64, &[u8]> = TableDefinition::new("blocks");
/// number -> block hash (32) | logs bloom (256): what BLOCKHASH and log queries need, without the body
const HEADS: TableDefinition<u64, &[u8; 288]> = TableDefinition::new("heads");
/// block hash -> number
const BY_HASH: TableDefinition<&[u8; 32], u64> = TableDefinition::new("by_hash");
/// transaction hash -> (block number, index in the block)
const TXS: TableDefinition<&[u8; 32], (u64, u64)> = TableDefinition::new("txs");

/// Why the chain's file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the file open.
    #[error("another process has it open")]
    InUse,
    /// Made by another version of corex.
    #[error("layout version {found}, this program reads version {SCHEMA}")]
    Schema {
        /// The version found in the file.
        found: u64,
    },
    /// A chain of another id lives in the file.
    #[error("it holds chain {found}, not chain {wanted}")]
    ChainId {
        /// Id found in the file.
        found: u64,
        /// Id asked for.
        wanted: u64,
    },
    /// A record is missing or cannot be decoded.
    #[error("corrupted: {0}")]
    Corrupted(String),
    /// The database itself failed.
    #[error(transparent)]
    Redb(Box<redb::Error>),
}

impl DBErrorMarker for StoreError {}

macro_rules! from_redb {
    ($($error:ty),*) => {$(
        impl From<$error> for StoreError {
            fn from(e: $error) -> Self {
                StoreError::Redb(Box::new(e.into()))
            }
        }
    )*};
}
from_redb!(redb::StorageError, redb::TableError, redb::TransactionError, redb::CommitError);

impl From<redb::DatabaseError> for StoreError {
    fn from(e: redb::DatabaseError) -> Self {
        match e {
            redb::DatabaseError::DatabaseAlreadyOpen => StoreError::InUse,
            e => StoreError::Redb(Box::new(e.into())),
        }
    }
}

/// What one block does to the world state. `None` removes an account.
#[derive(Debug, Default)]
pub(super) struct StateDiff {
    pub accounts: BTreeMap<Address, Option<AccountRecord>>,
    pub slots: BTreeMap<(Address, U256), U256>,
    pub codes: BTreeMap<B256, Bytes>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AccountRecord {
    pub balance: U256,
    pub nonce: u64,
    pub code_hash: B256,
}

impl AccountRecord {
    fn encode(&self) -> [u8; 72] {
        let mut out = [0; 72];
        out[..32].copy_from_slice(&self.balance.to_be_bytes::<32>());
        out[32..40].copy_from_slice(&self.nonce.to_be_bytes());
        out[40..].copy_from_slice(self.code_hash.as_slice());
        out
    }

    fn decode(bytes: &[u8; 72]) -> Self {
        let mut nonce = [0; 8];
        nonce.copy_from_slice(&bytes[32..40]);
        Self {
            balance: U256::from_be_slice(&bytes[..32]),
            nonce: u64::from_be_bytes(nonce),
            code_hash: B256::from_slice(&bytes[40..]),
        }
    }
}

impl StateDiff {
    /// The header's `stateRoot`: a hash chain over every block's diff. It commits to the whole state as a
    /// Merkle-Patricia root does, but offers no proofs of single accounts, which nobody asks a local chain
    /// for and which would cost a trie update per slot.
    pub fn state_root(&self, parent: B256) -> B256 {
        let mut bytes = parent.to_vec();
        for (address, account) in &self.accounts {
            bytes.extend_from_slice(address.as_slice());
            bytes.extend_from_slice(&account.map_or([0; 72], |a| a.encode()));
        }
        for ((address, slot), value) in &self.slots {
            bytes.extend_from_slice(&slot_key(*address, *slot));
            bytes.extend_from_slice(&value.to_be_bytes::<32>());
        }
        keccak256(bytes)
    }
}

fn slot_key(address: Address, slot: U256) -> [u8; 52] {
    let mut key = [0; 52];
    key[..20].copy_from_slice(address.as_slice());
    key[20..].copy_from_slice(&slot.to_be_bytes::<32>());
    key
}

/// The open file.
pub(super) struct Store {
    db: Database,
}

impl Store {
    /// Opens or creates the file and checks that it holds chain `chain_id`. A new file gets the block that
    /// `genesis` makes.
    pub fn open(
        path: &Path,
        chain_id: u64,
        genesis: impl FnOnce() -> (SealedBlock, StateDiff),
    ) -> Result<Self, StoreError> {
        let store = Self { db: open_sound(path)? };
        let txn = store.db.begin_write()?;
        let found = {
            let meta = txn.open_table(META)?;
            let read = |key| -> Result<_, StoreError> { Ok(meta.get(key)?.map(|v| v.value())) };
            (read("schema")?, read("chain_id")?)
        };
        match found {
            (None, None) => {
                let (block, diff) = genesis();
                {
                    let mut meta = txn.open_table(META)?;
                    meta.insert("schema", SCHEMA)?;
                    meta.insert("chain_id", chain_id)?;
                }
                write_block(&txn, &block, &diff)?;
                txn.commit()?;
            }
            (Some(SCHEMA), Some(id)) if id == chain_id => drop(txn),
            (Some(SCHEMA), Some(found)) => return Err(StoreError::ChainId { found, wanted: chain_id }),
            (Some(found), _) => return Err(StoreError::Schema { found }),
            (None, Some(_)) => return Err(StoreError::Corrupted("no schema version".into())),
        }
        Ok(store)
    }

    /// A consistent view as of the newest block. Later blocks do not change it, so readers take no lock.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let txn = self.db.begin_read()?;
        let heads = txn.open_table(HEADS)?;
        let Some(head) = heads.last()?.map(|(number, _)| number.value()) else {
            return Err(StoreError::Corrupted("no genesis block".into()));
        };
        Ok(Snapshot {
            head,
            heads,
            accounts: txn.open_table(ACCOUNTS)?,
            slots: txn.open_table(SLOTS)?,
            codes: txn.open_table(CODES)?,
            blocks: txn.open_table(BLOCKS)?,
            by_hash: txn.open_table(BY_HASH)?,
            txs: txn.open_table(TXS)?,
        })
    }

    /// Makes a block durable: when this returns, no crash loses it.
    pub fn commit(&self, block: &SealedBlock, diff: &StateDiff) -> Result<(), StoreError> {
        let txn = self.db.begin_write()?;
        write_block(&txn, block, diff)?;
        Ok(txn.commit()?)
    }
}

/// Opens a file after checking all of it: redb takes a damaged page for a broken promise of its own and panics when
/// it comes upon one. The check can come upon one, too.
fn open_sound(path: &Path) -> Result<Database, StoreError> {
    let check = || {
        let mut db = Database::builder().set_cache_size(CACHE_BYTES).create(path)?;
        match db.check_integrity()? {
            true => Ok(db),
            false => Err(StoreError::Corrupted("it does not match its checksums".into())),
        }
    };
    std::panic::catch_unwind(check)
        .unwrap_or_else(|_| Err(StoreError::Corrupted("its pages make no sense".into())))
}

fn write_block(
    txn: &redb::WriteTransaction,
    block: &SealedBlock,
    diff: &StateDiff,
) -> Result<(), StoreError> {
    let mut accounts = txn.open_table(ACCOUNTS)?;
    for (address, account) in &diff.accounts {
        match account {
            Some(a) => drop(accounts.insert(&address.into_array(), &a.encode())?),
            None => drop(accounts.remove(&address.into_array())?),
        }
    }
    let mut slots = txn.open_table(SLOTS)?;
    for ((address, slot), value) in &diff.slots {
        let key = slot_key(*address, *slot);
        match value.is_zero() {
            true => drop(slots.remove(&key)?),
            false => drop(slots.insert(&key, &value.to_be_bytes::<32>())?),
        }
    }
    let mut codes = txn.open_table(CODES)?;
    for (hash, code) in &diff.codes {
        codes.insert(&hash.0, code.as_ref())?;
    }

    let (number, hash) = (block.header.number, block.header.hash);
    let json =
        serde_json::to_vec(block).map_err(|e| StoreError::Corrupted(format!("block {number}: {e}")))?;
    txn.open_table(BLOCKS)?.insert(number, json.as_slice())?;
    let mut head = [0; 288];
    head[..32].copy_from_slice(hash.as_slice());
    head[32..].copy_from_slice(block.header.logs_bloom.as_slice());
    txn.open_table(HEADS)?.insert(number, &head)?;
    txn.open_table(BY_HASH)?.insert(&hash.0, number)?;
    let mut txs = txn.open_table(TXS)?;
    for (index, receipt) in block.receipts.iter().enumerate() {
        txs.insert(&receipt.transaction_hash.0, (number, index as u64))?;
    }
    Ok(())
}

/// State and blocks as of one block.
pub(super) struct Snapshot {
    head: u64,
    heads: ReadOnlyTable<u64, &'static [u8; 288]>,
    accounts: ReadOnlyTable<&'static [u8; 20], &'static [u8; 72]>,
    slots: ReadOnlyTable<&'static [u8; 52], &'static [u8; 32]>,
    codes: ReadOnlyTable<&'static [u8; 32], &'static [u8]>,
    blocks: ReadOnlyTable<u64, &'static [u8]>,
    by_hash: ReadOnlyTable<&'static [u8; 32], u64>,
    txs: ReadOnlyTable<&'static [u8; 32], (u64, u64)>,
}

impl Snapshot {
    /// Number of the newest block.
    pub fn head(&self) -> u64 {
        self.head
    }

    pub fn account(&self, address: Address) -> Result<Option<AccountRecord>, StoreError> {
        Ok(self.accounts.get(&address.into_array())?.map(|v| AccountRecord::decode(v.value())))
    }

    pub fn nonce(&self, address: Address) -> Result<u64, StoreError> {
        Ok(self.account(address)?.map_or(0, |a| a.nonce))
    }

    pub fn code(&self, hash: B256) -> Result<Bytes, StoreError> {
        if hash == KECCAK256_EMPTY || hash.is_zero() {
            return Ok(Bytes::new());
        }
        match self.codes.get(&hash.0)? {
            Some(code) => Ok(Bytes::copy_from_slice(code.value())),
            None => Err(StoreError::Corrupted(format!("no code with hash {hash}"))),
        }
    }

    pub fn block(&self, number: u64) -> Result<Option<SealedBlock>, StoreError> {
        let Some(json) = self.blocks.get(number)? else { return Ok(None) };
        serde_json::from_slice(json.value())
            .map(Some)
            .map_err(|e| StoreError::Corrupted(format!("block {number}: {e}")))
    }

    /// The newest block.
    pub fn head_block(&self) -> Result<SealedBlock, StoreError> {
        self.block(self.head)?.ok_or_else(|| StoreError::Corrupted(format!("no block {}", self.head)))
    }

    pub fn number_of(&self, hash: B256) -> Result<Option<u64>, StoreError> {
        Ok(self.by_hash.get(&hash.0)?.map(|n| n.value()))
    }

    /// Hash and logs bloom of a block.
    pub fn head_of(&self, number: u64) -> Result<Option<(B256, Bloom)>, StoreError> {
        Ok(self.heads.get(number)?.map(|v| {
            let (hash, bloom) = v.value().split_at(32);
            (B256::from_slice(hash), Bloom::from_slice(bloom))
        }))
    }

    /// The block that holds a transaction, and the transaction's index in it.
    pub fn locate(&self, tx: B256) -> Result<Option<(SealedBlock, usize)>, StoreError> {
        let Some((number, index)) = self.txs.get(&tx.0)?.map(|v| v.value()) else { return Ok(None) };
        Ok(self.block(number)?.map(|block| (block, index as usize)))
    }
}

impl DatabaseRef for Snapshot {
    type Error = StoreError;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, StoreError> {
        // `code: None` makes the EVM ask for the code by hash; the default would say "no code".
        Ok(self.account(address)?.map(|a| AccountInfo {
            balance: a.balance,
            nonce: a.nonce,
            code_hash: a.code_hash,
            code: None,
            ..Default::default()
        }))
    }

    fn code_by_hash_ref(&self, hash: B256) -> Result<Bytecode, StoreError> {
        let code = self.code(hash)?;
        Bytecode::new_raw_checked(code).map_err(|e| StoreError::Corrupted(format!("code {hash}: {e}")))
    }

    fn storage_ref(&self, address: Address, slot: U256) -> Result<U256, StoreError> {
        let value = self.slots.get(&slot_key(address, slot))?;
        Ok(value.map_or(U256::ZERO, |v| U256::from_be_slice(v.value())))
    }

    /// The real hash of our own block. The EVM asks only for the 256 blocks before the current one.
    fn block_hash_ref(&self, number: u64) -> Result<B256, StoreError> {
        Ok(self.head_of(number)?.map_or(B256::ZERO, |(hash, _)| hash))
    }
}
