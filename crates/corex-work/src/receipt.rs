//! Receipts: what a node puts its stake behind.

use serde::{Deserialize, Serialize};

use crate::abi::{Words, hash_words, keccak256};
use crate::eip712::Domain;
use crate::ids::{Address, BlobId, Hash32, JobId, TaskId};
use crate::key::{OperatorKey, Signature, SignatureError};

/// "Task `task` gives `outputs`", said by `node`, for `units` of work in `job`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// The job that pays.
    pub job: JobId,
    /// The task that was evaluated.
    pub task: TaskId,
    /// Result blobs, in result order.
    pub outputs: Vec<BlobId>,
    /// Operator address of the node that evaluated it.
    pub node: Address,
    /// Work claimed, in the units of the job's specification.
    pub units: u64,
}

impl Receipt {
    /// EIP-712 type string.
    pub const TYPE: &'static str =
        "Receipt(bytes32 job,bytes32 task,bytes32[] outputs,address node,uint64 units)";

    /// `keccak256(abi.encodePacked(outputs))`: stands for the outputs in leaves, verdicts and votes.
    pub fn outputs_hash(&self) -> Hash32 {
        outputs_hash(&self.outputs)
    }

    /// The EIP-712 struct hash. It needs the outputs only through their hash, so a contract can recompute it
    /// from a leaf.
    pub fn struct_hash(&self) -> Hash32 {
        let words = Words::new()
            .word(&keccak256(Self::TYPE.as_bytes()))
            .word(&self.job.0)
            .word(&self.task.0)
            .word(&self.outputs_hash().0)
            .address(&self.node)
            .uint(self.units);
        Hash32(words.keccak())
    }

    /// The digest a node signs.
    pub fn digest(&self, domain: &Domain) -> Hash32 {
        domain.digest(&self.struct_hash().0)
    }

    /// Signs the receipt. Signing for another node's address gives a receipt that does not verify.
    pub fn sign(self, key: &OperatorKey, domain: &Domain) -> SignedReceipt {
        let signature = key.sign(&self.digest(domain));
        SignedReceipt { receipt: self, signature }
    }
}

/// A receipt with its node's signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedReceipt {
    /// The statement.
    pub receipt: Receipt,
    /// Of [`Receipt::digest`].
    pub signature: Signature,
}

impl SignedReceipt {
    /// Checks that the receipt's node signed it.
    ///
    /// # Errors
    /// [`SignatureError`] saying who signed instead, or why it is no signature.
    pub fn verify(&self, domain: &Domain) -> Result<(), SignatureError> {
        self.signature.verify(&self.receipt.digest(domain), self.receipt.node)
    }
}

/// `keccak256(abi.encodePacked(outputs))`.
pub fn outputs_hash(outputs: &[BlobId]) -> Hash32 {
    Hash32(hash_words(outputs.iter().map(BlobId::as_bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_its_nodes_own_and_only_for_its_domain() {
        let key = OperatorKey::from_bytes([3; 32]).unwrap();
        let domain = Domain { chain_id: 1, settlement: Address([1; 20]) };
        let receipt = Receipt {
            job: JobId([1; 32]),
            task: TaskId([2; 32]),
            outputs: vec![BlobId([4; 32])],
            node: key.address(),
            units: 7,
        };
        let signed = receipt.clone().sign(&key, &domain);
        assert_eq!(signed.verify(&domain), Ok(()));
        assert!(signed.verify(&Domain { chain_id: 2, ..domain }).is_err());

        let mut altered = signed.clone();
        altered.receipt.units += 1;
        assert!(altered.verify(&domain).is_err());

        let other = OperatorKey::from_bytes([4; 32]).unwrap();
        assert!(receipt.sign(&other, &domain).verify(&domain).is_err());
    }
}
