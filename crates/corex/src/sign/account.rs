//! Whose key, and which network.

use super::{journal::Journal, passphrase};
use crate::Failure;
use crate::args::{LookArgs, SignArgs};
use corex_chain::{Contracts, Intents};
use corex_node::network::user_folder;
use corex_work::{Address, Hash32, OperatorKey};
use std::path::{Path, PathBuf};

/// The wallet that is used if no key is named.
pub fn usual_wallet() -> Option<PathBuf> {
    user_folder().map(|folder| folder.join("wallet.json"))
}

/// The key that an argument names: a file, or 64 hex digits.
pub fn key_of(text: &str) -> Result<OperatorKey, Failure> {
    let text = text.trim();
    match text.parse::<Hash32>() {
        // The key itself must not appear in an error.
        Ok(bytes) => {
            OperatorKey::from_bytes(bytes.0).map_err(|_| "--key is not a valid secp256k1 key".into())
        }
        // A key with a slip of the finger must not appear either.
        Err(_)
            if text.len() >= 32 && text.trim_start_matches("0x").bytes().all(|b| b.is_ascii_hexdigit()) =>
        {
            Err("--key is not a secret key of 64 hex digits".into())
        }
        Err(_) => of_file(Path::new(text)),
    }
}

fn of_file(path: &Path) -> Result<OperatorKey, Failure> {
    Ok(corex_node::wallet::read(path, || passphrase::of(path))?)
}

/// The key of `--key`, or of the wallet of this user; nothing if there is neither.
fn chosen(key: Option<&str>) -> Result<Option<OperatorKey>, Failure> {
    match (key, usual_wallet()) {
        (Some(key), _) => key_of(key).map(Some),
        (None, Some(path)) if path.exists() => of_file(&path).map(Some),
        _ => Ok(None),
    }
}

/// The key of an account that must be named.
pub fn own_key(key: Option<&str>) -> Result<OperatorKey, Failure> {
    chosen(key)?.ok_or_else(missing)
}

fn missing() -> Failure {
    "no account is named\nhint: pass --key FILE, set COREX_KEY, or make a wallet with `corex wallet new`"
        .into()
}

/// The network, as the account that signs.
pub async fn signer(args: &SignArgs) -> Result<Intents, Failure> {
    let key = own_key(args.key.as_deref())?;
    let intents = args.network.reach().contracts(Some(key)).await?.intents();
    // Said before a command looks at what it finds, which is no longer what the interrupted one found.
    if let Some((entry, sent)) = Journal::of(intents.chain()).look(&intents).await? {
        eprintln!("done by a command that was interrupted: {} (transaction {})", entry.words, sent.mined.tx);
    }
    Ok(intents)
}

/// The network, as the account that signs, for what concerns the spending account `of`, if one is named: then it is one, and known by name.
pub async fn signer_for(args: &SignArgs, of: Option<Address>) -> Result<Intents, Failure> {
    let mut intents = signer(args).await?;
    if let Some(account) = of {
        intents.know_spending_account(account).await?;
    }
    Ok(intents)
}

/// The network, and the account that is looked at.
pub async fn viewer(args: &LookArgs) -> Result<(Intents, Address), Failure> {
    let (key, who) = match args.of {
        Some(of) => (None, of),
        None => {
            let key = own_key(args.key.as_deref())?;
            let who = key.address();
            (Some(key), who)
        }
    };
    Ok((args.network.reach().contracts(key).await?.intents(), who))
}

/// The network, as nobody in particular: for commands that look at things that are nobody's in particular.
pub async fn reader(args: &LookArgs) -> Result<Contracts, Failure> {
    Ok(args.network.reach().contracts(None).await?)
}

/// The network for commands that show what is nobody's in particular, and an account's part of it if one is named.
pub async fn onlooker(args: &LookArgs) -> Result<(Intents, Option<Address>), Failure> {
    if args.of.is_none() && args.key.is_none() {
        return Ok((reader(args).await?.intents(), None));
    }
    let (intents, account) = viewer(args).await?;
    Ok((intents, Some(account)))
}
