//! Operator keys and signatures: secp256k1, as Ethereum uses it.

use std::fmt;
use std::str::FromStr;

use k256::ecdsa::{RecoveryId, SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::abi::keccak256;
use crate::ids::{Address, Hash32, ParseIdError, parse_hex, serde_as_hex};

/// Why a signature is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The 32 bytes are zero or not below the group order.
    #[error("not a secp256k1 private key: zero or not below the group order")]
    Key,
    /// The last byte of a signature must be 27 or 28.
    #[error("signature has v = {0}, expected 27 or 28")]
    RecoveryByte(u8),
    /// `s` is in the upper half of the group order, which would give every signature a second form.
    #[error("signature is malleable: s is in the upper half of the group order")]
    HighS,
    /// `r` or `s` is out of range, or no public key fits.
    #[error("signature does not recover to any key")]
    Unrecoverable,
    /// The signature is some other key's.
    #[error("signed by {signer}, not by {expected}")]
    WrongSigner {
        /// Who the statement says signed it.
        expected: Address,
        /// Who did.
        signer: Address,
    },
}

/// A node's secp256k1 key: signs receipts, verdicts and transactions. The node *is* its [`address`].
///
/// [`address`]: OperatorKey::address
#[derive(Clone)]
pub struct OperatorKey(SigningKey);

impl OperatorKey {
    /// Takes a private key.
    ///
    /// # Errors
    /// [`SignatureError::Key`] if the bytes are not a scalar of the group.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<OperatorKey, SignatureError> {
        SigningKey::from_slice(&bytes).map(OperatorKey).map_err(|_| SignatureError::Key)
    }

    /// The private key, for storage and for a chain wallet.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes().into()
    }

    /// The address of the public key.
    pub fn address(&self) -> Address {
        address_of(self.0.verifying_key())
    }

    /// Signs a digest; deterministic (RFC 6979), low `s`.
    pub fn sign(&self, digest: &Hash32) -> Signature {
        let (signature, recovery) = self
            .0
            .sign_prehash_recoverable(&digest.0)
            .expect("a 32-byte digest is long enough, and the chance of r or s being zero is 2^-256");
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes[64] = 27 + u8::from(recovery.is_y_odd());
        Signature(bytes)
    }
}

impl fmt::Debug for OperatorKey {
    /// Shows the address only: a key must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OperatorKey({})", self.address())
    }
}

/// A recoverable signature: `r` (32 bytes), `s` (32 bytes), `v` (27 or 28), as Solidity's `ECDSA` expects it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature(pub [u8; 65]);

impl Signature {
    /// Who signed `digest`.
    ///
    /// # Errors
    /// [`SignatureError`] for anything OpenZeppelin's `ECDSA.recover` would refuse too.
    pub fn recover(&self, digest: &Hash32) -> Result<Address, SignatureError> {
        let [rs @ .., v] = &self.0;
        let y_odd = match v {
            27 => false,
            28 => true,
            other => return Err(SignatureError::RecoveryByte(*other)),
        };
        let signature = k256::ecdsa::Signature::from_slice(rs).map_err(|_| SignatureError::Unrecoverable)?;
        if signature.normalize_s().is_some() {
            return Err(SignatureError::HighS);
        }
        VerifyingKey::recover_from_prehash(&digest.0, &signature, RecoveryId::new(y_odd, false))
            .map(|key| address_of(&key))
            .map_err(|_| SignatureError::Unrecoverable)
    }

    /// Checks that `expected` signed `digest`.
    ///
    /// # Errors
    /// [`SignatureError::WrongSigner`], or what [`recover`](Self::recover) says.
    pub fn verify(&self, digest: &Hash32, expected: Address) -> Result<(), SignatureError> {
        let signer = self.recover(digest)?;
        if signer == expected { Ok(()) } else { Err(SignatureError::WrongSigner { expected, signer }) }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head: String = self.0.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        write!(f, "Signature({head}…)")
    }
}

impl FromStr for Signature {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        parse_hex("Signature", text).map(Self)
    }
}

serde_as_hex!(Signature, 65);

fn address_of(key: &VerifyingKey) -> Address {
    let point = key.to_encoded_point(false);
    // SEC1 uncompressed: one tag byte, then 64 bytes of coordinates.
    let hash = keccak256(point.as_bytes().get(1..).unwrap_or_default());
    let mut address = [0; 20];
    address.copy_from_slice(&hash[12..]);
    Address(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Group order of secp256k1.
    const N: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

    fn key(byte: u8) -> OperatorKey {
        OperatorKey::from_bytes([byte; 32]).unwrap()
    }

    #[test]
    fn address_and_signature_agree_with_the_example_of_eip712() {
        // EIP-712's example: the private key is keccak256("cow").
        let cow = OperatorKey::from_bytes(keccak256(b"cow")).unwrap();
        assert_eq!(cow.address().to_string(), "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826");
        let digest: Hash32 =
            "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2".parse().unwrap();
        let signature = cow.sign(&digest);
        assert_eq!(
            signature.to_string(),
            "0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d\
             07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c"
        );
        assert_eq!(signature.recover(&digest), Ok(cow.address()));
    }

    #[test]
    fn keys_out_of_range_are_refused() {
        assert_eq!(OperatorKey::from_bytes([0; 32]).unwrap_err(), SignatureError::Key);
        assert_eq!(OperatorKey::from_bytes([0xff; 32]).unwrap_err(), SignatureError::Key);
        let order: [u8; 32] = hex::decode(N).unwrap().try_into().unwrap();
        assert!(OperatorKey::from_bytes(order).is_err());
        assert!(!format!("{:?}", key(9)).contains("0909"));
    }

    #[test]
    fn another_digest_or_key_does_not_verify() {
        let digest = Hash32([5; 32]);
        let signature = key(1).sign(&digest);
        assert_eq!(signature.verify(&digest, key(1).address()), Ok(()));
        assert!(matches!(
            signature.verify(&digest, key(2).address()),
            Err(SignatureError::WrongSigner { expected, signer })
                if expected == key(2).address() && signer == key(1).address()
        ));
        assert!(signature.verify(&Hash32([6; 32]), key(1).address()).is_err());
    }

    #[test]
    fn malformed_and_malleable_signatures_are_refused() {
        let digest = Hash32([5; 32]);
        let good = key(1).sign(&digest);

        let mut v = good;
        v.0[64] = 1;
        assert_eq!(v.recover(&digest), Err(SignatureError::RecoveryByte(1)));

        assert_eq!(Signature([0; 65]).recover(&digest), Err(SignatureError::RecoveryByte(0)));
        let mut zero = Signature([0; 65]);
        zero.0[64] = 27;
        assert_eq!(zero.recover(&digest), Err(SignatureError::Unrecoverable));

        // The twin (r, n - s, flipped v) is the same signature in another form.
        let s = k256::ecdsa::Signature::from_slice(&good.0[..64]).unwrap();
        let twin = k256::ecdsa::Signature::from_scalars(s.r().to_bytes(), (-*s.s()).to_bytes()).unwrap();
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&twin.to_bytes());
        bytes[64] = if good.0[64] == 27 { 28 } else { 27 };
        assert_eq!(Signature(bytes).recover(&digest), Err(SignatureError::HighS));
    }
}
