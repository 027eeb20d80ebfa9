//! Where the record of a network's disputes is read: its running chain, or the chain that a finished run left on disk.

use corex_chain::{Chain, Contracts, Deployment, EmbeddedChain, EmbeddedConfig};
use corex_store::{BlobStore, BlobStoreOptions};
use corex_work::OperatorKey;
use std::path::{Path, PathBuf};

use super::told::Programs;
use crate::error::NodeError;
use crate::keys::Keys;
use crate::network::NetworkFile;
use crate::verify::files;

/// An open record. [`Records::close`] ends what was started for it.
pub struct Records {
    /// The network's contracts, as an account of no importance unless a key was given.
    pub contracts: Contracts,
    embedded: Option<EmbeddedChain>,
    blobs: Option<BlobStore>,
}

impl Records {
    /// Opens the record of the network at `path`: a running network's folder or `network.json`, or the folder of a
    /// training run, finished or not; without a path the network that was started last on this machine.
    ///
    /// # Errors
    /// There is no network, or it cannot be read.
    pub async fn open(path: Option<&Path>, key: Option<OperatorKey>) -> Result<Records, NodeError> {
        let Some(path) = path else { return Records::running(&NetworkFile::latest()?, key).await };
        let job = path.join(files::BLOBS).is_dir();
        let network = if job { path.join("network") } else { path.to_path_buf() };
        let file = network.join("chain.redb");
        let running = match NetworkFile::read(&network) {
            Ok(running) => Records::running(&running, key.clone()).await,
            Err(error) => Err(error),
        };
        let mut records = match running {
            // A process that was killed leaves the note that says that it runs.
            Err(_) if file.is_file() => Records::at_rest(&network, file, key).await?,
            running => running?,
        };
        if job {
            let options = BlobStoreOptions::default();
            records.blobs = Some(BlobStore::open(path.join(files::BLOBS), options)?);
        }
        Ok(records)
    }

    async fn running(file: &NetworkFile, key: Option<OperatorKey>) -> Result<Records, NodeError> {
        Ok(Records { contracts: file.contracts(key).await?, embedded: None, blobs: None })
    }

    /// Starts the chain for as long as it is read.
    async fn at_rest(dir: &Path, file: PathBuf, key: Option<OperatorKey>) -> Result<Records, NodeError> {
        let path = dir.join("deployment.json");
        let bytes = std::fs::read(&path).map_err(NodeError::io(&path))?;
        let book: Deployment =
            serde_json::from_slice(&bytes).map_err(|e| NodeError::Damaged { path, why: e.to_string() })?;
        let mut config = EmbeddedConfig::new(file, Vec::new());
        config.chain_id = book.chain_id;
        let embedded = EmbeddedChain::start(config).await?;
        let key =
            key.map_or_else(|| Ok::<_, NodeError>(OperatorKey::from_bytes(Keys::generate()?.operator)?), Ok)?;
        let chain = Chain::connect(&embedded.url(), key, Some(book.chain_id)).await?;
        let contracts = Contracts::attach(chain, book).await?;
        Ok(Records { contracts, embedded: Some(embedded), blobs: None })
    }

    /// The programs of the run, if the record is one's.
    pub fn programs(&self) -> Programs<'_> {
        Programs::new(self.blobs.as_ref())
    }

    /// Ends the chain if it was started.
    pub async fn close(self) {
        if let Some(chain) = self.embedded {
            chain.shutdown().await;
        }
    }
}
