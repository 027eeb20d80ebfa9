//! Secret keys under a passphrase: version 3 of the Web3 Secret Storage Definition, which other Ethereum wallets read and write,
//! too (<https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage/>). Of its two functions that
//! stretch a passphrase only scrypt, which nearly all wallets use.

use aes::cipher::{KeyIvInit, StreamCipher};
use alloy::primitives::keccak256;
use corex_work::{OperatorKey, SignatureError};
use serde::{Deserialize, Serialize};

type Aes128Ctr = ctr::Ctr128BE<aes::Aes128>;

/// Work of scrypt for new files: log2 of the blocks of 1 KiB, so 256 MiB, and about a second.
const LOG_N: u8 = 18;
const BLOCK: u32 = 8;
/// Most memory that a file may ask for.
const MOST_BYTES: u64 = 1 << 30;
/// Most passes that a file may ask for.
const MOST_PASSES: u32 = 16;

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    // Some wallets write it with a capital.
    #[serde(alias = "Crypto")]
    crypto: Crypto,
}

#[derive(Serialize, Deserialize)]
struct Crypto {
    cipher: String,
    cipherparams: CipherParams,
    #[serde(with = "hex::serde")]
    ciphertext: Vec<u8>,
    kdf: String,
    kdfparams: serde_json::Value,
    #[serde(with = "hex::serde")]
    mac: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct CipherParams {
    #[serde(with = "hex::serde")]
    iv: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Scrypt {
    dklen: u32,
    n: u64,
    r: u32,
    p: u32,
    #[serde(with = "hex::serde")]
    salt: Vec<u8>,
}

/// Why a file gives no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeystoreError {
    /// It is no such file.
    #[error("it is no key file of version 3: {0}")]
    Format(String),
    /// It is one that this program cannot read.
    #[error("it uses {0}, which is not supported: aes-128-ctr and scrypt are")]
    Unsupported(String),
    /// It asks for more work than a key file may.
    #[error("it asks for too much work: {0}")]
    TooMuch(String),
    /// The passphrase is not that of the file, or the file is damaged.
    #[error("the passphrase is wrong, or the file is damaged")]
    Passphrase,
    /// What it holds is no key.
    #[error(transparent)]
    Key(#[from] SignatureError),
    /// The system gives no randomness.
    #[error("the system gave no random bytes: {0}")]
    Random(String),
}

/// Whether a text claims to be a key file of this kind.
pub fn is_keystore(text: &str) -> bool {
    serde_json::from_str::<File>(text).is_ok()
}

/// Encrypts a key.
///
/// # Errors
/// The system gives no randomness.
pub fn seal(key: &OperatorKey, passphrase: &str) -> Result<String, KeystoreError> {
    let mut random = [0; 64];
    getrandom::fill(&mut random).map_err(|error| KeystoreError::Random(error.to_string()))?;
    let (salt, rest) = random.split_at(32);
    let (iv, id) = rest.split_at(16);
    let scrypt = Scrypt { dklen: 32, n: 1 << LOG_N, r: BLOCK, p: 1, salt: salt.to_vec() };
    let stretched = stretch(passphrase, &scrypt)?;
    let mut ciphertext = key.to_bytes().to_vec();
    apply(&stretched, iv, &mut ciphertext)?;
    let file = File {
        version: 3,
        id: uuid(id),
        address: Some(hex::encode(key.address().0)),
        crypto: Crypto {
            cipher: "aes-128-ctr".into(),
            cipherparams: CipherParams { iv: iv.to_vec() },
            mac: mac(&stretched, &ciphertext).to_vec(),
            ciphertext,
            kdf: "scrypt".into(),
            kdfparams: serde_json::to_value(scrypt).map_err(|e| KeystoreError::Format(e.to_string()))?,
        },
    };
    serde_json::to_string_pretty(&file).map_err(|e| KeystoreError::Format(e.to_string()))
}

/// Decrypts a key.
///
/// # Errors
/// See [`KeystoreError`].
pub fn unseal(text: &str, passphrase: &str) -> Result<OperatorKey, KeystoreError> {
    let file: File = serde_json::from_str(text).map_err(|e| KeystoreError::Format(e.to_string()))?;
    let crypto = file.crypto;
    if file.version != 3 {
        return Err(KeystoreError::Format(format!("its version is {}", file.version)));
    }
    for (used, known) in [(&crypto.cipher, "aes-128-ctr"), (&crypto.kdf, "scrypt")] {
        if used != known {
            return Err(KeystoreError::Unsupported(format!("{used:?}")));
        }
    }
    let scrypt: Scrypt =
        serde_json::from_value(crypto.kdfparams).map_err(|e| KeystoreError::Format(e.to_string()))?;
    let stretched = stretch(passphrase, &scrypt)?;
    // Wrong bytes are found by their hash, so how long the comparison takes tells nothing.
    if mac(&stretched, &crypto.ciphertext)[..] != crypto.mac[..] {
        return Err(KeystoreError::Passphrase);
    }
    let mut secret = crypto.ciphertext;
    apply(&stretched, &crypto.cipherparams.iv, &mut secret)?;
    let secret = <[u8; 32]>::try_from(secret)
        .map_err(|secret| KeystoreError::Format(format!("a key of {} bytes", secret.len())))?;
    Ok(OperatorKey::from_bytes(secret)?)
}

/// The 32 bytes that a passphrase becomes: a key for the cipher, and one for the check.
fn stretch(passphrase: &str, params: &Scrypt) -> Result<[u8; 32], KeystoreError> {
    let Scrypt { dklen, n, r, p, salt } = params;
    if *dklen != 32 || !n.is_power_of_two() || *n < 2 || *r == 0 || *p == 0 {
        return Err(KeystoreError::Format(format!("scrypt with dklen {dklen}, n {n}, r {r}, p {p}")));
    }
    let bytes = n.checked_mul(128).and_then(|bytes| bytes.checked_mul((*r).into()));
    if bytes.is_none_or(|bytes| bytes > MOST_BYTES) || *p > MOST_PASSES {
        return Err(KeystoreError::TooMuch(format!("scrypt with n {n}, r {r}, p {p}")));
    }
    let log_n = u8::try_from(n.ilog2()).unwrap_or(u8::MAX);
    let params = scrypt::Params::new(log_n, *r, *p, 32).map_err(|e| KeystoreError::Format(e.to_string()))?;
    let mut out = [0; 32];
    scrypt::scrypt(passphrase.as_bytes(), salt, &params, &mut out)
        .map_err(|e| KeystoreError::Format(e.to_string()))?;
    Ok(out)
}

/// Encrypts or decrypts: in counter mode they are the same.
fn apply(stretched: &[u8; 32], iv: &[u8], bytes: &mut [u8]) -> Result<(), KeystoreError> {
    let (key, _) = stretched.split_at(16);
    let mut cipher = Aes128Ctr::new_from_slices(key, iv)
        .map_err(|_| KeystoreError::Format(format!("an iv of {} bytes", iv.len())))?;
    cipher.apply_keystream(bytes);
    Ok(())
}

fn mac(stretched: &[u8; 32], ciphertext: &[u8]) -> [u8; 32] {
    let (_, key) = stretched.split_at(16);
    keccak256([key, ciphertext].concat()).0
}

/// Random bytes as a UUID of version 4 (RFC 9562).
fn uuid(random: &[u8]) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(random);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(bytes);
    let parts: Vec<_> =
        [0..8, 8..12, 12..16, 16..20, 20..32].into_iter().filter_map(|part| hex.get(part)).collect();
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with other programs: scrypt of Python's hashlib, AES of OpenSSL, and a Keccak of its own.
    const EXAMPLE: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},
        "ciphertext":"8ebd1d6529dd94bc5349f4c792810fc9a2db712662d3aa9db4e97a01487ce5c1","kdf":"scrypt",
        "kdfparams":{"dklen":32,"n":16384,"r":8,"p":1,"salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
        "mac":"d6c72d672221d637ee56a893b79b17dd8e983d786f11ef020ccf4251cd956c51"},
        "id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;

    #[test]
    fn a_file_of_other_programs_opens() {
        let key = unseal(EXAMPLE, "testpassword").unwrap();
        let secret = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
        assert_eq!(hex::encode(key.to_bytes()), secret);
        assert_eq!(unseal(EXAMPLE, "testpasswore").unwrap_err(), KeystoreError::Passphrase);
    }

    #[test]
    fn what_is_sealed_opens_again_and_does_not_show() {
        let key = OperatorKey::from_bytes([7; 32]).unwrap();
        let text = seal(&key, "correct horse").unwrap();
        assert!(is_keystore(&text) && !text.contains(&hex::encode([7; 8])), "{text}");
        assert_eq!(unseal(&text, "correct horse").unwrap().to_bytes(), key.to_bytes());
        assert_ne!(text, seal(&key, "correct horse").unwrap(), "salted");
    }

    #[test]
    fn hostile_files_are_refused_before_they_cost_anything() {
        for (from, to) in [
            ("16384", "16383"),
            ("16384", "0"),
            ("16384", "18446744073709551615"),
            ("16384", "9223372036854775808"),
            ("\"r\":8", "\"r\":4294967295"),
            ("\"r\":8", "\"r\":0"),
            ("\"p\":1", "\"p\":1000000"),
            ("\"dklen\":32", "\"dklen\":4294967295"),
            ("scrypt", "pbkdf2"),
            ("aes-128-ctr", "aes-128-cbc"),
            ("\"version\":3", "\"version\":4"),
            ("{", "["),
        ] {
            let text = EXAMPLE.replacen(from, to, 1);
            let error = unseal(&text, "testpassword").unwrap_err();
            assert_ne!(error, KeystoreError::Passphrase, "{from} -> {to}: refused before the work");
        }
        let short = EXAMPLE.replace("83dbcc02d8ccb40e466191a123791e0e", "83dbcc02d8ccb40e");
        assert!(matches!(unseal(&short, "testpassword"), Err(KeystoreError::Format(_))));
    }
}
