//! Arguments of `corex vote`, `corex propose` and `corex committee`.

use super::{LookArgs, SignArgs};
use clap::{Args, Subcommand, ValueEnum};
use corex_chain::{PauseScope, Seat, Span, Support};
use corex_work::Address;
use std::path::PathBuf;

/// What `corex vote` can do.
#[derive(Subcommand, Debug)]
pub enum VoteCommand {
    /// List proposals: where they are, how the vote stands, until when.
    List(VoteListArgs),
    /// Show a proposal: what would be called, in words, and how the vote stands.
    Show(VoteShowArgs),
    /// Vote.
    Cast(VoteCastArgs),
    /// Show what an account's vote weighs, and of what.
    Power(LookArgs),
    /// Name who votes for this account; itself, to vote with its own tokens.
    Delegate(VoteDelegateArgs),
}

/// `corex vote list`.
#[derive(Args, Debug)]
pub struct VoteListArgs {
    /// Only those that can be voted on now.
    #[arg(long)]
    pub active: bool,
    /// Where the network is.
    #[command(flatten)]
    pub look: LookArgs,
}

/// `corex vote show`.
#[derive(Args, Debug)]
pub struct VoteShowArgs {
    /// The proposal: its number as shown, or enough of its beginning.
    pub proposal: String,
    /// Where the network is.
    #[command(flatten)]
    pub look: LookArgs,
}

/// How to vote.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // As `Support`.
pub enum Ballot {
    For,
    Against,
    Abstain,
}

impl From<Ballot> for Support {
    fn from(ballot: Ballot) -> Self {
        match ballot {
            Ballot::For => Self::For,
            Ballot::Against => Self::Against,
            Ballot::Abstain => Self::Abstain,
        }
    }
}

/// `corex vote cast`.
#[derive(Args, Debug)]
pub struct VoteCastArgs {
    /// The proposal: its number as shown, or enough of its beginning.
    pub proposal: String,
    /// How.
    #[arg(value_enum)]
    pub ballot: Ballot,
    /// Why, for everybody to read.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub reason: String,
    /// Vote without the stake and work of those who are represented, which cost gas each.
    #[arg(long)]
    pub alone: bool,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex vote delegate`.
#[derive(Args, Debug)]
pub struct VoteDelegateArgs {
    /// Who votes; this account itself, if nobody is named.
    pub to: Option<Address>,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// What `corex propose` can do.
#[derive(Subcommand, Debug)]
pub enum ProposeCommand {
    /// Make a proposal that all vote on.
    New(ProposeNewArgs),
    /// Hand an accepted proposal to the timelock.
    Queue(ProposalArgs),
    /// Do what was accepted, when the timelock's delay is over.
    Execute(ProposalArgs),
    /// Take one's own proposal back, before the vote on it begins.
    Cancel(ProposalArgs),
    /// Show the stage that governance is in, and what the next one needs.
    Stage(LookArgs),
    /// Enter the next stage of governance, once its condition holds.
    Advance(AdvanceArgs),
}

/// What is to be called: in a file, or by arguments.
#[derive(Args, Debug)]
pub struct ActionArgs {
    /// A TOML or JSON file with title, text and calls.
    #[arg(required_unless_present = "contract", conflicts_with = "contract")]
    pub file: Option<PathBuf>,
    /// Call this contract: its name in the address book, such as `market`.
    #[arg(long, value_name = "NAME", requires = "function")]
    pub contract: Option<String>,
    /// The function.
    #[arg(long, value_name = "NAME", requires = "contract")]
    pub function: Option<String>,
    /// An argument, in the function's order; or, for all of them, NAME=VALUE.
    #[arg(long, value_name = "VALUE", requires = "contract", allow_hyphen_values = true)]
    pub arg: Vec<String>,
}

/// `corex propose new`.
#[derive(Args, Debug)]
pub struct ProposeNewArgs {
    /// What.
    #[command(flatten)]
    pub action: ActionArgs,
    /// What it is for: the proposal's title, if there is no file.
    #[arg(long, value_name = "TEXT", requires = "contract")]
    pub title: Option<String>,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Commands that take a proposal only.
#[derive(Args, Debug)]
pub struct ProposalArgs {
    /// The proposal: its number as shown, or enough of its beginning.
    pub proposal: String,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex propose advance`.
#[derive(Args, Debug)]
pub struct AdvanceArgs {
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// What `corex committee` can do.
#[derive(Subcommand, Debug)]
pub enum CommitteeCommand {
    /// Show the committees: members, proposals, what is paused.
    Show(CommitteeShowArgs),
    /// Propose any call that the committee may make, and agree to it.
    Propose(CommitteeProposeArgs),
    /// Agree to a proposal.
    Confirm(CommitteeActArgs),
    /// Take one's agreement back.
    Revoke(CommitteeActArgs),
    /// Do what enough members agreed to.
    Execute(CommitteeActArgs),
    /// Propose to pause jobs, the market or rewards for a while.
    Pause(CommitteePauseArgs),
    /// Propose to end a pause.
    Lift(CommitteeLiftArgs),
    /// Propose to void the votes on a proposal, which is then voted on anew.
    ResetVote(CommitteeResetArgs),
    /// Propose other members.
    Seat(CommitteeSeatArgs),
}

/// A committee.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // As `Seat`.
pub enum SeatName {
    Executive,
    Operations,
    Security,
}

impl From<SeatName> for Seat {
    fn from(name: SeatName) -> Self {
        match name {
            SeatName::Executive => Self::Executive,
            SeatName::Operations => Self::Operations,
            SeatName::Security => Self::Security,
        }
    }
}

/// What can be paused.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // As `PauseScope`.
pub enum ScopeName {
    Jobs,
    Market,
    Rewards,
}

impl From<ScopeName> for PauseScope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Jobs => Self::Jobs,
            ScopeName::Market => Self::Market,
            ScopeName::Rewards => Self::Rewards,
        }
    }
}

/// `corex committee show`.
#[derive(Args, Debug)]
pub struct CommitteeShowArgs {
    /// This one only, with all of its proposals.
    #[arg(value_enum)]
    pub committee: Option<SeatName>,
    /// Where the network is.
    #[command(flatten)]
    pub look: LookArgs,
}

/// `corex committee propose`.
#[derive(Args, Debug)]
pub struct CommitteeProposeArgs {
    /// Which.
    #[arg(value_enum)]
    pub committee: SeatName,
    /// What; of a file, its only call.
    #[command(flatten)]
    pub action: ActionArgs,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex committee confirm`, `revoke`, `execute`.
#[derive(Args, Debug)]
pub struct CommitteeActArgs {
    /// Which.
    #[arg(value_enum)]
    pub committee: SeatName,
    /// Number of the proposal.
    pub id: u64,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex committee pause`.
#[derive(Args, Debug)]
pub struct CommitteePauseArgs {
    /// What.
    #[arg(value_enum)]
    pub scope: ScopeName,
    /// For how long, such as 12h.
    pub duration: Span,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex committee lift`.
#[derive(Args, Debug)]
pub struct CommitteeLiftArgs {
    /// What.
    #[arg(value_enum)]
    pub scope: ScopeName,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex committee reset-vote`.
#[derive(Args, Debug)]
pub struct CommitteeResetArgs {
    /// The proposal: its number as shown, or enough of its beginning.
    pub proposal: String,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex committee seat`.
#[derive(Args, Debug)]
pub struct CommitteeSeatArgs {
    /// Which.
    #[arg(value_enum)]
    pub committee: SeatName,
    /// The new members.
    #[arg(required = true)]
    pub members: Vec<Address>,
    /// How many must agree.
    #[arg(long)]
    pub threshold: u64,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}
