//! Verdicts: what a verifier found when it evaluated a task again.

use serde::{Deserialize, Serialize};

use crate::abi::{Words, keccak256};
use crate::eip712::Domain;
use crate::ids::{Address, Hash32, JobId, TaskId};
use crate::key::{OperatorKey, Signature, SignatureError};

/// "In round `round` of `job`, task `task` gives outputs with hash `outputs_hash`." Who says it is known from
/// the signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// The job.
    pub job: JobId,
    /// Index of the round whose leaf was checked.
    pub round: u64,
    /// The task of the leaf.
    pub task: TaskId,
    /// What the verifier computed: [`outputs_hash`](crate::outputs_hash) of its own outputs.
    pub outputs_hash: Hash32,
}

impl Verdict {
    /// EIP-712 type string.
    pub const TYPE: &'static str = "Verdict(bytes32 job,uint64 round,bytes32 task,bytes32 outputsHash)";

    /// The digest a verifier signs.
    pub fn digest(&self, domain: &Domain) -> Hash32 {
        let words = Words::new()
            .word(&keccak256(Self::TYPE.as_bytes()))
            .word(&self.job.0)
            .uint(self.round)
            .word(&self.task.0)
            .word(&self.outputs_hash.0);
        domain.digest(&words.keccak())
    }

    /// Signs the verdict.
    pub fn sign(self, key: &OperatorKey, domain: &Domain) -> SignedVerdict {
        SignedVerdict { verdict: self, verifier: key.address(), signature: key.sign(&self.digest(domain)) }
    }
}

/// A verdict, who gave it, and the signature that shows so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedVerdict {
    /// The statement.
    pub verdict: Verdict,
    /// Operator address of the verifier.
    pub verifier: Address,
    /// Of [`Verdict::digest`].
    pub signature: Signature,
}

impl SignedVerdict {
    /// Checks that the verifier signed it.
    ///
    /// # Errors
    /// [`SignatureError`] saying who signed instead, or why it is no signature.
    pub fn verify(&self, domain: &Domain) -> Result<(), SignatureError> {
        self.signature.verify(&self.verdict.digest(domain), self.verifier)
    }
}
