//! The provenance of a model: every task that led to it, who did it, and where the chain says so.
//!
//! `lineage.json` is complete: with the blobs beside it, [`crate::verify`] can execute it again from the first
//! random number to the last weight.

use corex_models::{Input, Model};
use corex_protocol::LineageEntry;
use corex_work::{Address, BlobId, Domain, Hash32, JobId, JobSpec, Leaf};
use serde::{Deserialize, Serialize};

/// Format of the file.
pub const VERSION: u32 = 3;

/// The file `lineage.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lineage {
    /// [`VERSION`].
    pub version: u32,
    /// The job's id on chain.
    pub job: JobId,
    /// Chain of the job.
    pub chain_id: u64,
    /// Contract that receipts are signed for.
    pub settlement: Address,
    /// What was asked for.
    pub spec: JobSpec,
    /// Every task of the job, in order of execution.
    pub tasks: Vec<LineageEntry>,
    /// Every round, in order.
    pub rounds: Vec<RoundRecord>,
    /// States whose blobs are kept, in order of steps.
    pub checkpoints: Vec<Checkpoint>,
    /// Nodes convicted during the job.
    pub convicted: Vec<Address>,
    /// What the model is, and in which files.
    pub form: ModelForm,
    /// The model: [`model_id`] of the final parameters.
    pub model: BlobId,
}

/// How a state is kept in files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelForm {
    /// A model of a built-in family: `model.safetensors` and `config.json`, in Hugging Face's format.
    Model(Model),
    /// The state of a user's program: `state.safetensors`, with tensors of these names in the order of the state.
    Tensors(Vec<String>),
}

impl ModelForm {
    /// What a step's data is counted in, for people.
    pub fn unit(&self) -> &'static str {
        match self {
            ModelForm::Model(model) if matches!(model.input(), Input::Tokens { .. }) => "tok",
            ModelForm::Model(_) | ModelForm::Tensors(_) => "rows",
        }
    }
}

/// What names a model: the hash of its parameters, if they are one blob, and of the blobs' hashes if they are several.
pub fn model_id(params: &[BlobId]) -> BlobId {
    match params {
        [one] => *one,
        several => BlobId::of(&several.iter().flat_map(|blob| blob.0).collect::<Vec<u8>>()),
    }
}

impl Lineage {
    /// The EIP-712 domain of the receipts.
    pub fn domain(&self) -> Domain {
        Domain { chain_id: self.chain_id, settlement: self.settlement }
    }
}

/// One round on chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundRecord {
    /// Its index.
    pub round: u64,
    /// Merkle root of the leaves.
    pub root: Hash32,
    /// The leaves, ascending by task; also of results that are not in the model's lineage.
    pub leaves: Vec<Leaf>,
    /// Transactions that concern it, in order.
    pub transactions: Vec<TransactionRecord>,
}

/// One transaction on chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransactionRecord {
    /// What it did: `commit`, `beacon`, `challenge`, `vote`, `verdict`, `settle`.
    pub what: String,
    /// Its hash.
    pub tx: Hash32,
    /// Its block.
    pub block: u64,
}

/// A state that can be continued from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// Optimizer steps done.
    pub step: u32,
    /// The blobs of the state, parameters first.
    pub state: Vec<BlobId>,
}
