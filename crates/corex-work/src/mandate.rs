//! Mandates: who speaks for a job.

use crate::abi::{Words, keccak256};
use crate::eip712::Domain;
use crate::ids::{Hash32, JobId};

/// "Whoever answers at `endpoint` coordinates `job`", signed by the account that the escrow names as the job's coordinator. Without it,
/// anybody could have work done in the name of a job that somebody else pays for, and would never have to commit it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mandate {
    /// The job.
    pub job: JobId,
    /// ed25519 public key of the endpoint.
    pub endpoint: Hash32,
}

impl Mandate {
    /// EIP-712 type string.
    pub const TYPE: &'static str = "Mandate(bytes32 job,bytes32 endpoint)";

    /// The digest that the coordinator's account signs.
    pub fn digest(&self, domain: &Domain) -> Hash32 {
        let words =
            Words::new().word(&keccak256(Self::TYPE.as_bytes())).word(&self.job.0).word(&self.endpoint.0);
        domain.digest(&words.keccak())
    }
}
