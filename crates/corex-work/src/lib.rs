//! Ids, tasks, receipts, rounds and jobs: the words every part of corex speaks, with one encoding each.
//!
//! | what | type | named by |
//! |---|---|---|
//! | bytes (tensor, dataset, program, checkpoint) | any `&[u8]` | [`BlobId`]: BLAKE3 |
//! | 1024 of them, shown to who knows the name | [`ChunkProof`] | |
//! | a pure function applied to blobs | [`Task`] | [`TaskId`]: EIP-712 struct hash |
//! | a node's signed statement about a task | [`Receipt`], [`SignedReceipt`] | EIP-712 digest under a [`Domain`] |
//! | a verifier's signed statement | [`Verdict`], [`SignedVerdict`] | EIP-712 digest |
//! | what a chain commits of a batch of receipts | [`Leaf`]s under a [`MerkleTree`], [`Payout`]s | root and payouts hash |
//! | what a trainer asked for | [`JobSpec`] | BLAKE3 of its canonical bytes |
//! | what its functions are, in a form that a contract executes | [`JobPrograms`] | Merkle root |
//!
//! Everything a contract must recompute uses keccak-256 and Ethereum's ABI; everything else uses BLAKE3. The
//! encodings are pinned by golden files in `vectors/work`, which the Solidity tests read as well.
//!
//! The crate is pure: no I/O, no clock, no randomness (signatures are deterministic, RFC 6979), no chain SDK.
//!
//! ```
//! use corex_work::{BlobId, Domain, Hash32, JobId, OperatorKey, Receipt, Task, Address};
//!
//! let task = Task { program: BlobId::of(b"module {}"), func: "main".into(), inputs: vec![BlobId::of(b"x")] };
//! let key = OperatorKey::from_bytes([7; 32])?;
//! let domain = Domain { chain_id: 31337, settlement: Address([0x11; 20]) };
//! let receipt = Receipt {
//!     job: JobId([1; 32]),
//!     task: task.id(),
//!     outputs: vec![BlobId::of(b"y")],
//!     node: key.address(),
//!     units: 5,
//! };
//! let signed = receipt.sign(&key, &domain);
//! signed.verify(&domain)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod abi;
mod chunk;
mod eip712;
mod ids;
mod job;
mod key;
mod mandate;
mod merkle;
mod programs;
mod receipt;
mod round;
mod task;
mod verdict;

pub use abi::keccak256;
pub use chunk::{CHUNK, ChunkProof, ChunkProofError};
pub use eip712::Domain;
pub use ids::{Address, Beacon, BlobId, Hash32, JobId, ParseIdError, ProgramId, TaskId};
pub use job::{JobKind, JobSpec, SpecError, StepProgram, TrainingSpec};
pub use key::{OperatorKey, Signature, SignatureError};
pub use mandate::Mandate;
pub use merkle::{MerkleTree, verify_proof};
pub use programs::{JobPrograms, LoweredProgram, ProgramsError};
pub use receipt::{Receipt, SignedReceipt, outputs_hash};
pub use round::{Leaf, Payout, beacon, payouts, payouts_hash};
pub use task::{Task, scalar_u32};
pub use verdict::{SignedVerdict, Verdict};
