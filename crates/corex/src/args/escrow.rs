//! Arguments of `corex escrow`.

use super::{EndArgs, LookArgs, SignArgs, positive};
use clap::{Args, Subcommand, ValueEnum};
use corex_chain::Tokens;
use corex_work::{Address, BlobId, Hash32, JobId};

/// What `corex escrow` can do.
#[derive(Subcommand, Debug)]
pub enum EscrowCommand {
    /// List the jobs of an account.
    List(LookArgs),
    /// Show a job.
    Show(EscrowShowArgs),
    /// Open a job by hand. (`corex train` opens its own.)
    Open(EscrowOpenArgs),
    /// Add tokens to an open job.
    TopUp(EscrowTopUpArgs),
    /// Let another account commit a job's rounds.
    Coordinator(EscrowCoordinatorArgs),
    /// Close a job: no further rounds, and what is free goes back.
    Close(EscrowJobArgs),
    /// Get back what has become free in a closed job; by anyone, to its requester.
    #[command(visible_alias = "refund")]
    Withdraw(EscrowJobArgs),
}

/// `corex escrow show`.
#[derive(Args, Debug)]
pub struct EscrowShowArgs {
    /// The job.
    pub job: JobId,
    /// Network and account.
    #[command(flatten)]
    pub look: LookArgs,
}

/// What the work of a job is; decides what it counts for in the mining pool.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Training of a new model.
    Training,
    /// Training of a model that is there.
    FineTuning,
    /// Answers of a model.
    Inference,
    /// Data and vector operations.
    Preprocessing,
    /// What the network asks for when nobody else does.
    Challenge,
}

/// `corex escrow open`.
#[derive(Args, Debug)]
pub struct EscrowOpenArgs {
    /// Tokens to put into escrow.
    #[arg(value_parser = positive)]
    pub budget: Tokens,
    /// Hash of the job's description.
    #[arg(long, value_name = "HASH")]
    pub spec: BlobId,
    /// Tokens for a unit of work, all fees included.
    #[arg(long, value_name = "AMOUNT", value_parser = positive)]
    pub price: Tokens,
    /// After which no round can be committed.
    #[command(flatten)]
    pub end: EndArgs,
    /// Who commits the rounds [default: this account].
    #[arg(long, value_name = "ADDRESS")]
    pub coordinator: Option<Address>,
    /// What the work is.
    #[arg(long, value_enum, default_value = "training")]
    pub kind: Kind,
    /// Root over the job's lowered programs [default: none; disputes are then voted on].
    #[arg(long, value_name = "HASH")]
    pub programs: Option<Hash32>,
    /// Gets the referral share, which is charged on top.
    #[arg(long, value_name = "ADDRESS")]
    pub referrer: Option<Address>,
    /// Pay the premium, and be compensated for work that is proven wrong.
    #[arg(long)]
    pub insured: bool,
    /// As a job of this spending account, one of whose keys signs.
    #[arg(long, value_name = "ADDRESS")]
    pub account: Option<Address>,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex escrow top-up`.
#[derive(Args, Debug)]
pub struct EscrowTopUpArgs {
    /// The job.
    pub job: JobId,
    /// How much, in whole tokens.
    #[arg(value_parser = positive)]
    pub amount: Tokens,
    /// Out of this spending account, whose job it is.
    #[arg(long, value_name = "ADDRESS")]
    pub account: Option<Address>,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex escrow coordinator`.
#[derive(Args, Debug)]
pub struct EscrowCoordinatorArgs {
    /// The job.
    pub job: JobId,
    /// Who commits its rounds from now on.
    pub coordinator: Address,
    /// It is a job of this spending account.
    #[arg(long, value_name = "ADDRESS")]
    pub account: Option<Address>,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex escrow close` and `withdraw`.
#[derive(Args, Debug)]
pub struct EscrowJobArgs {
    /// The job.
    pub job: JobId,
    /// It is a job of this spending account.
    #[arg(long, value_name = "ADDRESS")]
    pub account: Option<Address>,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}
