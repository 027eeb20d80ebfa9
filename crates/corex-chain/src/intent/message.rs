//! EIP-712 messages: shown field by field, then signed.

use super::{
    Names,
    field::{Field, Place, Shape},
};
use crate::{
    client::{Chain, ChainError},
    convert::to_sol,
};
use alloy::{
    dyn_abi::DynSolType,
    sol_types::{Eip712Domain, SolStruct},
};
use corex_work::{Address, Hash32, Signature};
use serde::Serialize;

/// An EIP-712 message that nobody has signed yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// What it allows, in a sentence.
    pub words: String,
    /// `name` of the domain.
    pub domain: String,
    /// `version` of the domain.
    pub version: String,
    /// `chainId` of the domain.
    pub chain_id: u64,
    /// `verifyingContract` of the domain.
    pub contract: Address,
    /// `contract` with its name.
    pub contract_shown: String,
    /// Its type, as EIP-712 writes it: `Permit(address owner,…)`.
    #[serde(rename = "type")]
    pub kind: String,
    /// All that it says, in the type's order.
    pub fields: Vec<Field>,
    /// What is signed: the hash of domain and message.
    pub digest: Hash32,
}

impl Message {
    /// A message for `verifier`, whose name in `api/` is `contract`. Its fields are read back from what is hashed, so the structure may
    /// hold values of one word only.
    ///
    /// # Errors
    /// [`ChainError::Conflict`] for a structure that holds more.
    pub(crate) fn new<M: SolStruct>(
        names: &Names,
        (domain, version): (&str, &str),
        chain_id: u64,
        (contract, verifier): (&str, Address),
        message: &M,
        words: impl Into<String>,
    ) -> Result<Self, ChainError> {
        let kind = M::eip712_encode_type().into_owned();
        let encoded = message.eip712_encode_data();
        let fields = read(&kind, &encoded, names, contract).ok_or_else(|| {
            ChainError::Conflict(format!("{kind} has fields of more than one word, which cannot be shown"))
        })?;
        let eip712 = Eip712Domain::new(
            Some(domain.to_owned().into()),
            Some(version.to_owned().into()),
            Some(alloy::primitives::U256::from(chain_id)),
            Some(to_sol(verifier)),
            None,
        );
        Ok(Self {
            words: words.into(),
            domain: domain.to_owned(),
            version: version.to_owned(),
            chain_id,
            contract: verifier,
            contract_shown: names.address(verifier),
            kind,
            fields,
            digest: Hash32(message.eip712_signing_hash(&eip712).0),
        })
    }

    /// Signs it with the key of an account.
    pub fn sign(&self, chain: &Chain) -> Signature {
        chain.sign(&self.digest)
    }

    /// Whether `signature` is the signature of the key of `signer`. What a contract signs (ERC-1271) is asked of that contract.
    pub fn is_signed_by(&self, signer: Address, signature: &Signature) -> bool {
        signature.verify(&self.digest, signer).is_ok()
    }
}

/// The words of an encoded message beside the fields of its type.
fn read(kind: &str, encoded: &[u8], names: &Names, contract: &str) -> Option<Vec<Field>> {
    let (item, list) = kind.strip_suffix(')')?.split_once('(')?;
    // A type that refers to others lists them behind its own.
    if list.contains(')') {
        return None;
    }
    let place = Place { contract, item, names };
    let mut fields = Vec::new();
    let mut words = encoded.chunks_exact(32);
    for parameter in list.split(',') {
        let (kind, name) = parameter.split_once(' ')?;
        let solidity: DynSolType = kind.parse().ok()?;
        // Of text and lists only the hash is signed.
        if matches!(solidity, DynSolType::String | DynSolType::Bytes) || kind.ends_with(']') {
            return None;
        }
        let value = solidity.abi_decode(words.next()?).ok()?;
        fields.extend(place.fields([Shape { name, kind, parts: &[] }], &[value]));
    }
    words.next().is_none().then_some(fields)
}
