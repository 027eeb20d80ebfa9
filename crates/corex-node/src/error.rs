//! What can stop a role from running.

use crate::checkpoint::CheckpointError;
use crate::corpus::CorpusError;
use crate::keys::KeyError;
use corex_chain::{ChainError, EmbeddedError, ProfileError};
use corex_models::ModelError;
use corex_net::NetError;
use corex_protocol::dispute::PlayError;
use corex_store::StoreError;
use corex_work::{ProgramsError, SignatureError, SpecError};
use std::path::PathBuf;

/// Why a node, a network or a job could not go on.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The transport failed.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The chain failed or refused.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The embedded chain failed.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// A disk failed or lied.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys are not usable.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// A key is not one.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// There is nothing to train on.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// The model cannot be built.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The job's specification is not one.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The network's parameters are wrong.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A checkpoint cannot be written or read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A move in a dispute cannot be found.
    #[error(transparent)]
    Play(#[from] PlayError),
    /// A list of programs is none.
    #[error(transparent)]
    Programs(#[from] ProgramsError),
    /// A file cannot be used.
    #[error("cannot use {path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path} is damaged or from another version: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A peer does not follow the protocol.
    #[error("{peer} does not follow the protocol: {why}")]
    Peer {
        /// Who.
        peer: String,
        /// What it did.
        why: String,
    },
    /// Anything that a person has to change; says what and how.
    #[error("{0}")]
    Refused(String),
    /// Stopped on request; the job can be resumed.
    #[error("interrupted\nhint: go on with `corex train --resume {}`", .0.display())]
    Interrupted(PathBuf),
}

impl NodeError {
    /// For files of this crate.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> NodeError {
        let path = path.into();
        move |error| NodeError::Io { path, error }
    }
}
