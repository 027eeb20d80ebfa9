//! The transaction that was signed last and of whose end nobody was told yet: so that a command that is run again after an
//! interruption does not do it twice.

use corex_chain::{Chain, Fate, Intent, Intents, Sent};
use corex_node::network::user_folder;
use corex_work::{Address, Hash32};
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
    /// The sentence says what and how much; a permit's signature and deadline change from run to run.
    pub words: String,
}

impl Entry {
    /// Whether it is what `intent` is about to do.
    pub fn is_of(&self, intent: &Intent) -> bool {
        self.to == intent.to && self.words == intent.words
    }
}

impl Journal {
    /// Of the account of `chain`.
    pub fn of(chain: &Chain) -> Journal {
        let name = format!("{}-{}.json", chain.chain_id(), chain.address());
        Journal(user_folder().map(|folder| folder.join("signed").join(name)))
    }

    /// Notes what was signed, before it is sent.
    pub fn note(&self, intent: &Intent, tx: Hash32) {
        let entry = Entry { tx, to: intent.to, words: intent.words.clone() };
        if let Err(error) = self.write(&entry) {
            // It protects from doing things twice after an interruption, and must not be what interrupts.
            tracing::warn!(%error, "cannot note what is being signed");
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
