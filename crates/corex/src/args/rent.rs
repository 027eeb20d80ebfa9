//! Arguments of `corex rent`.

use super::{Earned, LeasesArgs, LookArgs, Quantity, SignArgs, positive};
use clap::{Args, Subcommand};
use corex_chain::{Span, Tokens};
use corex_work::{Address, Hash32};
use std::path::PathBuf;

/// What `corex rent` can do.
#[derive(Subcommand, Debug)]
pub enum RentCommand {
    /// Take an offer: opens a lease, with a deposit that pays it.
    Take(RentTakeArgs),
    /// Show a lease: what has accrued, what is paid, what is open.
    Show(RentShowArgs),
    /// List the leases that one rents, and those of one's own nodes.
    List(LeasesArgs),
    /// Add to a lease's deposit.
    TopUp(RentTopUpArgs),
    /// Take more of the same offer for a lease that runs.
    Extend(RentExtendArgs),
    /// As requester: sign what the provider has earned so far. The file is the provider's money.
    Voucher(RentVoucherArgs),
    /// As requester: pay what the provider has earned so far, at once.
    Pay(RentEarnedArgs),
    /// As provider: have a voucher paid.
    Redeem(RentRedeemArgs),
    /// As provider, without a voucher: claim what was earned, with a bond; the requester may object.
    Claim(RentClaimArgs),
    /// As provider: take the open claim back, soon after it was made.
    WithdrawClaim(RentLeaseArgs),
    /// Have a claim paid that nobody objected to in time.
    Finalize(RentLeaseArgs),
    /// As requester: object to the open claim. What is not agreed to is lost to both.
    Object(RentObjectArgs),
    /// Give notice.
    End(RentNoticeArgs),
    /// Close a lease that is over: what is left of the deposit returns to the requester.
    Close(RentLeaseArgs),
}

/// `corex rent take`.
#[derive(Args, Debug)]
pub struct RentTakeArgs {
    /// A file of `corex offer make`.
    pub offer: PathBuf,
    /// Seconds (or 12h, 2d, …) or units.
    #[arg(long, required_unless_present = "order")]
    pub quantity: Option<Quantity>,
    /// Tokens to deposit [default: what the quantity costs].
    #[arg(long, value_parser = positive, value_name = "AMOUNT")]
    pub deposit: Option<Tokens>,
    /// How long a lease in units runs [default: as long as the offer allows].
    #[arg(long, value_name = "TIME")]
    pub term: Option<Span>,
    /// Most units per second that may accrue [default: as many as the offer allows].
    #[arg(long, value_name = "UNITS", value_parser = clap::value_parser!(u64).range(1..))]
    pub rate: Option<u64>,
    /// A key that signs vouchers, objects and ends the lease besides this account.
    #[arg(long, value_name = "ADDRESS")]
    pub signer: Option<Address>,
    /// Bring the offer together with this order, a file of `corex offer bid`, whosever they are.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["quantity", "deposit", "term", "rate", "signer"])]
    pub order: Option<PathBuf>,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex rent show`.
#[derive(Args, Debug)]
pub struct RentShowArgs {
    /// The lease.
    pub lease: Hash32,
    /// Where the network is.
    #[command(flatten)]
    pub look: LookArgs,
}

/// Commands that take a lease only.
#[derive(Args, Debug)]
pub struct RentLeaseArgs {
    /// The lease.
    pub lease: Hash32,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex rent end`.
#[derive(Args, Debug)]
pub struct RentNoticeArgs {
    /// The lease.
    pub lease: Hash32,
    /// It is a lease of this spending account, whose key this account is.
    #[arg(long, value_name = "ADDRESS")]
    pub account: Option<Address>,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex rent top-up`.
#[derive(Args, Debug)]
pub struct RentTopUpArgs {
    /// The lease.
    pub lease: Hash32,
    /// Tokens.
    #[arg(value_parser = positive)]
    pub amount: Tokens,
    /// Pay from this spending account, whose key this account is.
    #[arg(long, value_name = "ADDRESS")]
    pub account: Option<Address>,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex rent extend`.
#[derive(Args, Debug)]
pub struct RentExtendArgs {
    /// The lease.
    pub lease: Hash32,
    /// The offer that it was opened with.
    #[arg(long, value_name = "FILE")]
    pub offer: PathBuf,
    /// Seconds (or 12h, 2d, …) or units more; they are paid into the deposit in full.
    #[arg(long)]
    pub quantity: Option<Quantity>,
    /// Time more, for a lease in units.
    #[arg(long, value_name = "TIME")]
    pub term: Option<Span>,
    /// Pay from this spending account, whose key this account is.
    #[arg(long, value_name = "ADDRESS")]
    pub account: Option<Address>,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex rent pay`.
#[derive(Args, Debug)]
pub struct RentEarnedArgs {
    /// The lease.
    pub lease: Hash32,
    /// All that the provider has earned since the lease opened, fees included, in tokens; or `accrued`.
    pub amount: Earned,
    /// Even if less than that has accrued so far.
    #[arg(long)]
    pub ahead: bool,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex rent voucher`.
#[derive(Args, Debug)]
pub struct RentVoucherArgs {
    /// The lease.
    pub lease: Hash32,
    /// All that the provider has earned since the lease opened, fees included, in tokens; or `accrued`.
    pub amount: Earned,
    /// Even if less than that has accrued so far.
    #[arg(long)]
    pub ahead: bool,
    /// The file to write.
    #[arg(long, value_name = "FILE", default_value = "voucher.json")]
    pub out: PathBuf,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex rent redeem`.
#[derive(Args, Debug)]
pub struct RentRedeemArgs {
    /// A file of `corex rent voucher`.
    pub voucher: PathBuf,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex rent claim`.
#[derive(Args, Debug)]
pub struct RentClaimArgs {
    /// The lease.
    pub lease: Hash32,
    /// All that was earned since the lease opened, fees included, in tokens; or `accrued`.
    pub amount: Earned,
    /// A file that shows it; its hash goes on record.
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex rent object`.
#[derive(Args, Debug)]
pub struct RentObjectArgs {
    /// The lease.
    pub lease: Hash32,
    /// What is agreed to, of all that was earned since the lease opened, in tokens; 0 for nothing.
    #[arg(long, value_name = "AMOUNT")]
    pub agreed: Tokens,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}
