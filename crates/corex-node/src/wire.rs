//! What nodes, hosts and coordinators say to each other over the control channel.
//!
//! A *host* knows the network: chain endpoint, contract addresses, faucet (local networks only) and the coordinators
//! of running jobs. A *coordinator* runs one job. Both may live in one process behind one endpoint, as in
//! `corex train`; a node cannot tell and need not care.
//!
//! ```text
//! anyone      -> host          Join, Fund                    host        -> anyone   Welcome, Funded, Coordinators
//! coordinator -> host          Announce
//! node        -> coordinator   Hello, Done, Failed, Verdict  coordinator -> node     Accepted, Assign, Audit, …
//! ```

use corex_chain::Deployment;
use corex_net::PeerAddr;
use corex_protocol::{Assignment, AuditOrder, Failure, Holder, Reveal};
use corex_work::{Address, BlobId, JobId, LoweredProgram, Signature, SignedReceipt, SignedVerdict, TaskId};
use serde::{Deserialize, Serialize};

use crate::hardware::Hardware;

/// Bumped when any message changes its meaning or encoding.
pub const VERSION: u32 = 4;

/// A blob at most this long travels inside messages instead of being fetched.
pub const INLINE_BYTES: usize = 1024;

/// From whoever dialled to whoever was dialled.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum ToServer {
    /// First message to a host.
    Join {
        /// [`VERSION`] of the sender.
        version: u32,
    },
    /// Asks the faucet of a local network for stake and gas.
    Fund {
        /// The account to fund.
        account: Address,
    },
    /// A coordinator offers work to the host's nodes, for as long as the connection lasts.
    Announce {
        /// Where nodes reach it.
        coordinator: PeerAddr,
    },
    /// First message to a coordinator. The sender must be registered on chain with the endpoint key it dialled with.
    Hello(Box<Hello>),
    /// A task is done.
    Done {
        /// The signed statement.
        receipt: SignedReceipt,
        /// Outputs of at most [`INLINE_BYTES`] bytes, so that nobody has to ask for them.
        small: Vec<Vec<u8>>,
    },
    /// A task cannot be done here.
    Failed {
        /// Which one.
        task: TaskId,
        /// Why.
        reason: Failure,
    },
    /// None of the named holders gave a correct copy of this blob.
    Missing {
        /// Who was asked.
        holder: Holder,
        /// For which blob.
        blob: BlobId,
    },
    /// The node does not work for the job; the last message of a session.
    Refused {
        /// Why, for people.
        why: String,
    },
    /// Result of re-executing an audited task.
    Verdict(SignedVerdict),
}

/// See [`ToServer::Hello`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`] of the sender.
    pub version: u32,
    /// Operator address.
    pub node: Address,
    /// For people.
    pub name: String,
    /// Where its blobs can be fetched.
    pub addr: PeerAddr,
    /// True if it offers to verify, false if it offers to compute.
    pub verifier: bool,
    /// What it runs on.
    pub hardware: Hardware,
    /// Work units per second that it measured on itself.
    pub units_per_s: u64,
}

/// From whoever was dialled to whoever dialled.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum ToNode {
    /// Answer to [`ToServer::Join`].
    Welcome(Box<Welcome>),
    /// Answer to [`ToServer::Fund`]: the account has what a node needs.
    Funded,
    /// Jobs that want nodes; sent whenever the list changes.
    Coordinators(Vec<PeerAddr>),
    /// Answer to [`ToServer::Hello`].
    Accepted {
        /// The job that tasks will belong to.
        job: JobId,
        /// Of the [`Mandate`](corex_work::Mandate) for the endpoint that was dialled, by the job's coordinator account.
        mandate: Signature,
        /// What its functions lower to, according to the coordinator: their root must be the one on chain. Empty if disputes
        /// are voted on.
        programs: Vec<LoweredProgram>,
    },
    /// Please do this task.
    Assign {
        /// What, and who holds its inputs.
        order: Box<Assignment>,
        /// Where those holders are.
        peers: Vec<(Holder, PeerAddr)>,
    },
    /// This task is not wanted any more.
    Cancel(TaskId),
    /// A round was committed and its beacon drawn: check what falls to you.
    Audit {
        /// Which leaves, and who holds their inputs.
        order: Box<AuditOrder>,
        /// Where those holders are.
        peers: Vec<(Holder, PeerAddr)>,
    },
    /// The leaf that a verdict is about, once it was given.
    Reveal(Box<Reveal>),
    /// These blobs are no longer needed by the job.
    Release(Vec<BlobId>),
    /// The connection ends, and why.
    Bye(String),
}

/// See [`ToNode::Welcome`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Welcome {
    /// [`VERSION`] of the host.
    pub version: u32,
    /// Ethereum JSON-RPC endpoint.
    pub rpc: String,
    /// Contract addresses and parameters.
    pub deployment: Deployment,
    /// True if the host has a faucet.
    pub faucet: bool,
    /// Jobs that want nodes.
    pub coordinators: Vec<PeerAddr>,
}
