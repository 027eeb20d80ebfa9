//! The transaction that was signed last and of whose end nobody was told yet: so that a command that is run again after an
//! interruption does not do it twice.

use corex_chain::{Chain, Fate, Intent, Intents, Sent};
use corex_node::network::user_folder;
use corex_work::{Address, Hash32, keccak256};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

use crate::Failure;

/// How long is waited for a transaction of an earlier run, in looks.
const LOOKS: u32 = 120;
const PAUSE: Duration = Duration::from_millis(500);

/// A file for each account on each chain; nothing where the system names no place for such things.
pub struct Journal(Option<PathBuf>);

/// What was signed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    tx: Hash32,
    to: Option<Address>,
    function: String,
    /// Of all that the transaction says, without what a permit adds.
    content: Hash32,
    /// Of the command that it was a step of.
    command: Hash32,
    /// What it does, for people.
    pub words: String,
}

impl Entry {
    fn new(intent: &Intent, tx: Hash32) -> Entry {
        let (to, function, words) = (intent.to, intent.function.clone(), intent.words.clone());
        Entry { tx, to, function, content: intent.content(), command: command(std::env::args()), words }
    }

    /// Whether it is what `intent` is about to do: it says the very same, or the same command asks for the same call in the same words.
    /// Moments that are counted from now, and the deadlines of permits, differ from run to run.
    pub fn is_of(&self, intent: &Intent) -> bool {
        let is_again = self.command == command(std::env::args())
            && self.function == intent.function
            && without_moments(&self.words).eq(without_moments(&intent.words));
        self.to == intent.to && (is_again || self.content == intent.content())
    }
}

/// The words of a sentence but for dates and times of day.
fn without_moments(words: &str) -> impl Iterator<Item = &str> {
    let is_moment = |word: &str| {
        word.contains(['-', ':']) && word.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ':' | ','))
    };
    words.split_whitespace().filter(move |word| !is_moment(word))
}

/// Hash of a command as it was typed, but for how it asks and answers.
fn command(typed: impl Iterator<Item = String>) -> Hash32 {
    let asks = ["--yes", "--json", "--dry-run"];
    let words = typed.skip(1).filter(|word| !asks.contains(&word.as_str()));
    Hash32(keccak256(words.fold(String::new(), |all, word| all + &word + "\0").as_bytes()))
}

impl Journal {
    /// Of the account of `chain`.
    pub fn of(chain: &Chain) -> Journal {
        let name = format!("{}-{}.json", chain.chain_id(), chain.address());
        Journal(user_folder().map(|folder| folder.join("signed").join(name)))
    }

    /// Notes what was signed, before it is sent.
    pub fn note(&self, intent: &Intent, tx: Hash32) {
        let entry = Entry::new(intent, tx);
        if let Err(error) = self.write(&entry) {
            // It protects from doing things twice after an interruption, and must not be what interrupts.
            eprintln!(
                "warning: cannot note what is signed ({error}): if this is interrupted, look before you do it again"
            );
        }
    }

    fn write(&self, entry: &Entry) -> std::io::Result<()> {
        let Some(path) = &self.0 else { return Ok(()) };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let new = path.with_extension("new");
        std::fs::write(&new, serde_json::to_vec(entry)?)?;
        std::fs::rename(new, path)
    }

    /// Everybody knows what became of it.
    pub fn clear(&self) {
        if let Some(path) = &self.0 {
            // Not being there is what is wanted.
            let _ = std::fs::remove_file(path);
        }
    }

    /// What an earlier run signed and did not see the end of, if it was sealed. Waits for it while it is on its way. Stays noted
    /// until [`Self::clear`].
    pub async fn look(&self, intents: &Intents) -> Result<Option<(Entry, Sent)>, Failure> {
        let Some(bytes) = self.0.as_ref().and_then(|path| std::fs::read(path).ok()) else { return Ok(None) };
        // Of a file that is damaged nothing is known; nor of one of another version.
        let Ok(entry) = serde_json::from_slice::<Entry>(&bytes) else {
            self.clear();
            return Ok(None);
        };
        for look in 0..LOOKS {
            match Fate::of(intents.chain(), intents.names(), entry.tx).await? {
                Fate::Sealed(sent) => return Ok(Some((entry, sent))),
                Fate::Failed | Fate::Unknown => {
                    self.clear();
                    return Ok(None);
                }
                Fate::Waiting if look == 0 => {
                    eprintln!("waiting for the transaction of a command that was interrupted: {}", entry.tx);
                }
                Fate::Waiting => {}
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(format!(
            "transaction {} of a command that was interrupted is still on its way: {}\nhint: try again later",
            entry.tx, entry.words
        )
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_the_same_however_it_asks() {
        let hash = |line: &str| command(line.split(' ').map(str::to_owned));
        let open = hash("corex escrow open 10 --for 1d");
        assert_eq!(open, hash("/usr/bin/corex escrow open 10 --for 1d --yes --json"));
        assert_ne!(open, hash("corex escrow open 11 --for 1d"));
        assert_ne!(hash("corex a bc"), hash("corex ab c"));
    }

    #[test]
    fn sentences_are_compared_without_their_moments() {
        let same = |a: &str, b: &str| without_moments(a).eq(without_moments(b));
        let open = "open job 7777: 10 cX in escrow until 2026-11-23 08:00:01 UTC, 0.055 cX a unit";
        assert!(same(open, "open job 7777: 10 cX in escrow until 2026-11-23 08:02:59 UTC, 0.055 cX a unit"));
        assert!(!same(open, "open job 7777: 11 cX in escrow until 2026-11-23 08:00:01 UTC, 0.055 cX a unit"));
        assert!(!same("claim what node 0x12 mined", "claim what node 0x34 mined"));
    }
}
