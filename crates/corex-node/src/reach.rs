//! How an account reaches a network: the one that runs on this machine, or any chain with an address book.

use corex_chain::{Chain, ChainError, Contracts};
use corex_work::OperatorKey;
use std::path::{Path, PathBuf};

use crate::deploy::{self, BOOK};
use crate::error::NodeError;
use crate::network::NetworkFile;

/// Where a network is.
#[derive(Clone, Debug)]
pub enum Reach {
    /// On this machine: its folder or `network.json`; without one, the network last started.
    Running(Option<PathBuf>),
    /// On a chain that somebody runs.
    Chain {
        /// Its JSON-RPC endpoint.
        rpc: String,
        /// The address book that `corex deploy` wrote, or the folder it is in.
        book: PathBuf,
    },
}

impl Reach {
    /// The network's contracts as an account; without a key, as one of no importance.
    ///
    /// # Errors
    /// Nothing runs there; chain and address book do not belong together; the network's token is not counted as corex counts.
    pub async fn contracts(&self, key: Option<OperatorKey>) -> Result<Contracts, NodeError> {
        let contracts = match self {
            Reach::Running(None) => NetworkFile::latest()?.contracts(key).await?,
            Reach::Running(Some(path)) => NetworkFile::read(path)?.contracts(key).await?,
            Reach::Chain { rpc, book } => attach(rpc, book, key).await?,
        };
        let decimals = contracts.token_decimals().await?;
        if usize::from(decimals) != corex_chain::Tokens::DECIMALS {
            return Err(NodeError::Refused(format!(
                "the network's token {} has {decimals} decimals; corex counts with 18, so amounts would be wrong",
                contracts.book().contracts.token
            )));
        }
        Ok(contracts)
    }
}

async fn attach(rpc: &str, book: &Path, key: Option<OperatorKey>) -> Result<Contracts, NodeError> {
    let path = if book.is_dir() { book.join(BOOK) } else { book.to_path_buf() };
    let missing = || {
        NodeError::Refused(format!(
            "there is no address book {}\nhint: `corex deploy` makes one",
            path.display()
        ))
    };
    let book = deploy::read(&path)?.ok_or_else(missing)?;
    let key = match key {
        Some(key) => key,
        None => OperatorKey::from_bytes(crate::keys::Keys::generate()?.operator)?,
    };
    let wanted = book.chain_id;
    let chain = Chain::connect(rpc, key, Some(wanted)).await.map_err(|error| match error {
        ChainError::WrongChain { found, .. } => NodeError::Refused(format!(
            "{} is the address book of a network on chain {wanted}, but {rpc} is chain {found}\n\
             hint: give the book and the endpoint of the same network",
            path.display()
        )),
        other => other.into(),
    })?;
    Contracts::attach(chain, book).await.map_err(|error| match error {
        ChainError::Conflict(why) => NodeError::Refused(format!(
            "{} does not fit the chain: {why}\nhint: give the book that `corex deploy` wrote for this network",
            path.display()
        )),
        other => other.into(),
    })
}
