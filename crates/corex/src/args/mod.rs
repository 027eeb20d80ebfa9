//! The command line, declared once.

mod deploy;
mod dispute;
mod distribution;
mod escrow;
mod governance;
mod model;
mod node;
mod offer;
mod program;
mod rent;
mod signing;
mod stake;
mod terms;
mod train;
mod wallet;

pub use deploy::DeployArgs;
pub use dispute::*;
pub use distribution::*;
pub use escrow::*;
pub use governance::*;
pub use model::*;
pub use node::*;
pub use offer::*;
pub use program::*;
pub use rent::*;
pub use signing::{EndArgs, LookArgs, SignArgs, percent, positive};
pub use stake::*;
pub use terms::*;
pub use train::*;
pub use wallet::*;

use clap::{Parser, Subcommand};

/// Train models on machines that nobody vouches for, and prove every result.
#[derive(Parser, Debug)]
#[command(name = "corex", version, about, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Everything that corex can be asked.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Train a model on a network of untrusted nodes; with nothing configured, on a network of this machine's own.
    Train(Box<TrainArgs>),
    /// Sample text from a trained model.
    Generate(GenerateArgs),
    /// Look at a model on disk, of corex or of Hugging Face: show it, convert it, ask it for logits.
    #[command(subcommand)]
    Model(ModelCommand),
    /// Re-execute the lineage of a finished training run, with no network, and say whether it is true.
    Verify(VerifyArgs),
    /// Run one node: earn by computing, or by checking others with --verify.
    Node(NodeArgs),
    /// Start a network on this machine (chain, contracts, nodes) and keep it running.
    Up(UpArgs),
    /// Deploy the contracts of a network, on any EVM chain, and check every promise of its profile.
    Deploy(DeployArgs),
    /// Show what a running network looks like: nodes, stakes, jobs, tokens.
    Status(StatusArgs),
    /// An account of one's own: make one, see what it has, send from it, give hot keys a limit.
    #[command(subcommand)]
    Wallet(WalletCommand),
    /// Offer nodes for lease, and bid for them: terms that are signed and sent around, not kept by anybody.
    #[command(subcommand)]
    Offer(OfferCommand),
    /// Rent a node: take an offer, pay by vouchers, claim, object, end.
    #[command(subcommand)]
    Rent(RentCommand),
    /// Vote, see what is voted on, and what one's vote weighs.
    #[command(subcommand)]
    Vote(VoteCommand),
    /// Make proposals and carry them out; move governance on.
    #[command(subcommand)]
    Propose(ProposeCommand),
    /// Act as a member of a committee: propose, confirm, pause, reset a vote.
    #[command(subcommand)]
    Committee(CommitteeCommand),
    /// See and release tokens that vest.
    #[command(subcommand)]
    Vest(VestCommand),
    /// Buy in the sale of tokens, and what comes after.
    #[command(subcommand)]
    Sale(SaleCommand),
    /// Buy what the network received, for tokens that are burned.
    #[command(subcommand)]
    Auction(AuctionCommand),
    /// Nodes of one's own: their stake, their owner, what they offer.
    #[command(subcommand)]
    Stake(StakeCommand),
    /// Lend stake to nodes of others, for a part of what they mine.
    #[command(subcommand)]
    Delegate(DelegateCommand),
    /// Collect everything that waits for this account: mined tokens, unbonded stake, refunds, what is owed.
    Claim(ClaimArgs),
    /// Jobs as their requester pays for them: what is in escrow, top up, close, withdraw.
    #[command(subcommand)]
    Escrow(EscrowCommand),
    /// Look at disputes about results: which there are, what was said in each; play one's own side by hand.
    #[command(subcommand)]
    Dispute(DisputeCommand),
    /// Look at a StableHLO program, as `jax.jit(f).lower(…).as_text()` prints it: check it, run it.
    #[command(subcommand)]
    Program(ProgramCommand),
}
