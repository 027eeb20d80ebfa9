//! Fixed-size identifiers: one newtype per meaning, so that a task id cannot be passed where a blob id is due.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::abi::keccak256;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseIdError {
    /// The text has the wrong number of characters.
    #[error("{what}: expected {expected} hex digits, found {found}")]
    Length {
        /// Name of the type that was asked for.
        what: &'static str,
        /// Hex digits needed, without a `0x` prefix.
        expected: usize,
        /// Characters found, without a `0x` prefix.
        found: usize,
    },
    /// A character is not a hex digit.
    #[error("{what}: not a hex digit in '{text}'")]
    Digit {
        /// Name of the type that was asked for.
        what: &'static str,
        /// The text as given.
        text: String,
    },
    /// An address mixes upper and lower case, which is a checksum (EIP-55), and the checksum is wrong.
    #[error("address '{0}' has a wrong EIP-55 checksum: a digit was mistyped")]
    Checksum(String),
}

/// Parses `N` bytes of hex, with or without `0x`, of exact length.
pub(crate) fn parse_hex<const N: usize>(what: &'static str, text: &str) -> Result<[u8; N], ParseIdError> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let found = digits.chars().count();
    if found != 2 * N {
        return Err(ParseIdError::Length { what, expected: 2 * N, found });
    }
    let mut bytes = [0; N];
    hex::decode_to_slice(digits, &mut bytes)
        .map_err(|_| ParseIdError::Digit { what, text: text.to_string() })?;
    Ok(bytes)
}

/// Serde for byte arrays of any length: text for people (JSON), raw bytes for machines (postcard).
macro_rules! serde_as_hex {
    ($name:ident, $len:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_bytes(&self.0)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl de::Visitor<'_> for Visitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        write!(f, concat!("a ", stringify!($name), " of {} bytes"), $len)
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<$name, E> {
                        match <[u8; $len]>::try_from(bytes) {
                            Ok(array) => Ok($name(array)),
                            Err(_) => Err(E::invalid_length(bytes.len(), &self)),
                        }
                    }
                }
                if deserializer.is_human_readable() {
                    deserializer.deserialize_str(Visitor)
                } else {
                    deserializer.deserialize_bytes(Visitor)
                }
            }
        }
    };
}
pub(crate) use serde_as_hex;

macro_rules! id32 {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// The raw bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// The first eight hex digits, for progress lines and logs.
            pub fn short(&self) -> String {
                self.0.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({}…)"), self.short())
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse_hex(stringify!($name), text).map(Self)
            }
        }

        serde_as_hex!($name, 32);
    };
}

id32! {
    /// Name of a blob: the BLAKE3 hash of its bytes. Shown as plain hex, as `b3sum` prints it.
    BlobId, ""
}
id32! {
    /// Name of a [`Task`](crate::Task): its EIP-712 struct hash.
    TaskId, "0x"
}
id32! {
    /// Name of a job, given by the `JobEscrow` contract when the job is opened.
    JobId, "0x"
}
id32! {
    /// The random value of a round, fixed only after the round's leaves are; see [`beacon`](crate::beacon).
    Beacon, "0x"
}
id32! {
    /// A keccak-256 value with no narrower meaning: Merkle roots, digests, `outputsHash`, `payoutsHash`.
    Hash32, "0x"
}

/// Name of a program: the [`BlobId`] of its canonical text.
pub type ProgramId = BlobId;

impl BlobId {
    /// The name of `bytes`.
    pub fn of(bytes: &[u8]) -> BlobId {
        BlobId(*blake3::hash(bytes).as_bytes())
    }
}

/// A 20-byte Ethereum address: of a contract, or of a node's operator key. Shown with its EIP-55 checksum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Address(pub [u8; 20]);

impl Address {
    /// The raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The first eight hex digits, for progress lines and logs.
    pub fn short(&self) -> String {
        self.0.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lower = hex::encode(self.0);
        let hash = hex::encode(keccak256(lower.as_bytes()));
        f.write_str("0x")?;
        // EIP-55: a letter is upper case where the same digit of the hash is 8 or more.
        for (digit, check) in lower.chars().zip(hash.chars()) {
            let upper = matches!(check, '8' | '9' | 'a'..='f');
            write!(f, "{}", if upper { digit.to_ascii_uppercase() } else { digit })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({}…)", self.short())
    }
}

impl FromStr for Address {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let address = Address(parse_hex("Address", text)?);
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let mixed = digits.contains(|c: char| c.is_ascii_uppercase())
            && digits.contains(|c: char| c.is_ascii_lowercase());
        if mixed && address.to_string().get(2..) != Some(digits) {
            return Err(ParseIdError::Checksum(text.to_string()));
        }
        Ok(address)
    }
}

serde_as_hex!(Address, 20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blob_ids_are_blake3() {
        // The empty-input test vector of the BLAKE3 reference.
        let id = BlobId::of(b"");
        assert_eq!(id.to_string(), "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
        assert_eq!(id.to_string().parse::<BlobId>(), Ok(id));
        assert_eq!(id.short(), "af1349b9");
    }

    #[test]
    fn ids_parse_with_and_without_prefix_and_refuse_the_rest() {
        let id = TaskId([0xab; 32]);
        assert_eq!(id.to_string().parse::<TaskId>(), Ok(id));
        assert_eq!("ab".repeat(32).parse::<TaskId>(), Ok(id));
        let short = "0xab".parse::<TaskId>().unwrap_err();
        assert_eq!(short.to_string(), "TaskId: expected 64 hex digits, found 2");
        assert!(matches!("zz".repeat(32).parse::<TaskId>(), Err(ParseIdError::Digit { .. })));
        // 64 characters but more bytes: must be an error, not a slice in the middle of a character.
        assert!("é".repeat(64).parse::<TaskId>().is_err());
    }

    #[test]
    fn addresses_carry_the_eip55_checksum() {
        // The examples of EIP-55.
        for text in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
            assert_eq!(text.to_lowercase().parse::<Address>(), Ok(address));
        }
        let typo = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD";
        assert_eq!(typo.parse::<Address>(), Err(ParseIdError::Checksum(typo.to_string())));
    }

    #[test]
    fn serde_is_text_in_json_and_raw_in_postcard() {
        let address = Address([0x11; 20]);
        let json = serde_json::to_string(&address).unwrap();
        assert_eq!(json, "\"0x1111111111111111111111111111111111111111\"");
        assert_eq!(serde_json::from_str::<Address>(&json).unwrap(), address);
        assert!(serde_json::from_str::<Address>("\"0x11\"").is_err());
        let raw = postcard::to_stdvec(&address).unwrap();
        assert_eq!(raw.len(), 21);
        assert_eq!(postcard::from_bytes::<Address>(&raw).unwrap(), address);
        assert!(postcard::from_bytes::<BlobId>(&raw).is_err());
    }
}
