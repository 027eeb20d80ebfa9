//! Arguments of `corex offer` and `corex rent`.

use super::{Kind, LookArgs, SignArgs, positive};
use clap::{Args, Subcommand, ValueEnum};
use corex_chain::{Meter, Moment, Span, Tokens, WorkKind};
use corex_work::{Address, Hash32};
use std::path::PathBuf;
use std::str::FromStr;

/// What `corex offer` can do.
#[derive(Subcommand, Debug)]
pub enum OfferCommand {
    /// Sign an ask: a node for lease. The file can be sent to anybody.
    Make(OfferMakeArgs),
    /// Sign a bid: a node is wanted. Whoever has a fitting node can take it.
    Bid(Box<OfferBidArgs>),
    /// Take a bid with a node of one's own: opens the lease.
    Accept(OfferAcceptArgs),
    /// Show an ask or a bid: whose it is, whether it is signed, what is left of it.
    Show(OfferShowArgs),
    /// Void what is left of an ask or a bid.
    Cancel(OfferCancelArgs),
    /// Void every ask and bid that this account has signed so far.
    CancelAll(OfferCancelAllArgs),
    /// List the leases of one's own nodes, and those that one rents.
    List(LeasesArgs),
}

impl From<Kind> for WorkKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Training => Self::Training,
            Kind::FineTuning => Self::FineTuning,
            Kind::Inference => Self::Inference,
            Kind::Preprocessing => Self::Preprocessing,
            Kind::Challenge => Self::Challenge,
        }
    }
}

/// What a lease counts.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // As `Meter`.
pub enum Count {
    Seconds,
    Units,
}

impl From<Count> for Meter {
    fn from(count: Count) -> Self {
        match count {
            Count::Seconds => Self::Seconds,
            Count::Units => Self::Units,
        }
    }
}

/// A number of seconds or units: digits, or a length of time such as `12h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity(pub u64);

impl FromStr for Quantity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let count = match plain {
            true => text.parse().ok(),
            false => text.parse::<Span>().ok().map(|span| span.0),
        };
        let wrong = || {
            format!(
                "'{text}' is no quantity\nhint: write a number, or for seconds a length of time such as 12h"
            )
        };
        count.filter(|count| *count > 0).map(Self).ok_or_else(wrong)
    }
}

/// A moment: a date, or a length of time from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// This.
    At(Moment),
    /// From when the command runs, by the chain's clock.
    In(Span),
}

impl When {
    /// As Unix time, on a chain whose clock says `now`.
    pub fn after(self, now: u64) -> u64 {
        match self {
            Self::At(moment) => moment.0,
            Self::In(span) => now.saturating_add(span.0),
        }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let span = || text.parse().map(Self::In);
        span().or_else(|_| text.parse().map(Self::At)).map_err(|error: corex_chain::ParseTimeError| {
            format!("{error}, or a length of time from now such as 2w")
        })
    }
}

/// An amount, or all that has accrued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earned {
    /// This, since the lease opened.
    Amount(Tokens),
    /// Whatever has accrued when the command runs.
    Accrued,
}

impl FromStr for Earned {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "accrued" => Ok(Self::Accrued),
            amount => positive(amount).map(Self::Amount).map_err(|why| format!("{why}, or 'accrued'")),
        }
    }
}

/// `corex offer make`.
#[derive(Args, Debug)]
pub struct OfferMakeArgs {
    /// The node. This account must be its owner or its operator.
    #[arg(long, value_name = "ADDRESS")]
    pub node: Address,
    /// Price of one second or unit, in tokens, fees included.
    #[arg(long, value_parser = positive)]
    pub price: Tokens,
    /// What is counted.
    #[arg(long, value_enum, default_value = "seconds")]
    pub meter: Count,
    /// What the node is leased for.
    #[arg(long, value_enum, default_value = "training")]
    pub kind: Kind,
    /// All that is offered, over all leases: seconds (or 12h, 2d, …) or units.
    #[arg(long)]
    pub quantity: Quantity,
    /// Smallest lease.
    #[arg(long, default_value = "1")]
    pub min_quantity: Quantity,
    /// Most units per second that the node does; for seconds there is none.
    #[arg(long, default_value = "1", value_name = "UNITS")]
    pub max_rate: Quantity,
    /// Longest lease [default: the quantity, for seconds].
    #[arg(long, value_name = "TIME")]
    pub max_term: Option<Span>,
    /// Smallest deposit of a lease, in tokens.
    #[arg(long, default_value = "0", value_name = "AMOUNT")]
    pub min_deposit: Tokens,
    /// Until when it can be taken: a date, or a time from now.
    #[arg(long, default_value = "1w", value_name = "WHEN")]
    pub expires: When,
    /// The file to write.
    #[arg(long, value_name = "FILE", default_value = "offer.json")]
    pub out: PathBuf,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex offer bid`.
#[derive(Args, Debug)]
pub struct OfferBidArgs {
    /// The node that is wanted [default: any].
    #[arg(long, value_name = "ADDRESS")]
    pub node: Option<Address>,
    /// Tiers that a node may have, such as 1,2,3 [default: all].
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u8).range(0..8))]
    pub tiers: Vec<u8>,
    /// Highest price of one second or unit, in tokens.
    #[arg(long, value_parser = positive)]
    pub max_price: Tokens,
    /// What is counted.
    #[arg(long, value_enum, default_value = "seconds")]
    pub meter: Count,
    /// What the node is leased for.
    #[arg(long, value_enum, default_value = "training")]
    pub kind: Kind,
    /// All that is wanted: seconds (or 12h, 2d, …) or units.
    #[arg(long)]
    pub quantity: Quantity,
    /// Smallest lease.
    #[arg(long, default_value = "1")]
    pub min_quantity: Quantity,
    /// Most units per second that may accrue; for seconds there is none.
    #[arg(long, default_value = "1", value_name = "UNITS")]
    pub rate: Quantity,
    /// How long a lease in units runs.
    #[arg(long, value_name = "TIME")]
    pub term: Option<Span>,
    /// Tokens to deposit for the whole quantity [default: what it costs at the highest price].
    #[arg(long, value_parser = positive, value_name = "AMOUNT")]
    pub deposit: Option<Tokens>,
    /// A key that signs vouchers, objects and ends leases besides this account.
    #[arg(long, value_name = "ADDRESS")]
    pub signer: Option<Address>,
    /// Until when it can be taken: a date, or a time from now.
    #[arg(long, default_value = "1w", value_name = "WHEN")]
    pub expires: When,
    /// Order from this spending account, whose key this account is.
    #[arg(long, value_name = "ADDRESS")]
    pub account: Option<Address>,
    /// The file to write.
    #[arg(long, value_name = "FILE", default_value = "order.json")]
    pub out: PathBuf,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex offer accept`.
#[derive(Args, Debug)]
pub struct OfferAcceptArgs {
    /// A file of `corex offer bid`.
    pub order: PathBuf,
    /// The node. This account must be its owner or its operator.
    #[arg(long, value_name = "ADDRESS")]
    pub node: Address,
    /// Price of one second or unit, in tokens [default: the highest that the bid allows].
    #[arg(long, value_parser = positive)]
    pub price: Option<Tokens>,
    /// Seconds or units [default: all that is left of the bid].
    #[arg(long)]
    pub quantity: Option<Quantity>,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex offer show`.
#[derive(Args, Debug)]
pub struct OfferShowArgs {
    /// A file of `corex offer make` or `corex offer bid`.
    pub file: PathBuf,
    /// Where the network is.
    #[command(flatten)]
    pub look: LookArgs,
}

/// `corex offer cancel`.
#[derive(Args, Debug)]
pub struct OfferCancelArgs {
    /// A file of `corex offer make` or `corex offer bid`.
    pub file: PathBuf,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex offer cancel-all`.
#[derive(Args, Debug)]
pub struct OfferCancelAllArgs {
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex offer list`, `corex rent list`.
#[derive(Args, Debug)]
pub struct LeasesArgs {
    /// Leases of this node, too; may be given several times. The account's own nodes are found by themselves.
    #[arg(long, value_name = "ADDRESS")]
    pub node: Vec<Address>,
    /// Show those that are closed, too.
    #[arg(long)]
    pub all: bool,
    /// Whose.
    #[command(flatten)]
    pub look: LookArgs,
}

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
    #[arg(long, value_name = "UNITS")]
    pub rate: Option<Quantity>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_times_and_earnings_take_no_garbage() {
        for (text, count) in [("1", 1), ("3600", 3_600), ("1h", 3_600), ("1d12h", 129_600)] {
            assert_eq!(text.parse(), Ok(Quantity(count)), "{text}");
        }
        for bad in ["", "0", "0s", "-1", "1.5", "1e3", "99999999999999999999", "one", "1 h", "0x10", "١"] {
            assert!(bad.parse::<Quantity>().unwrap_err().starts_with(&format!("'{bad}' is no")), "{bad}");
        }
        assert_eq!("2w".parse::<When>().unwrap().after(100), 100 + 2 * 604_800);
        assert_eq!("2027-01-15T08:00".parse::<When>().unwrap().after(100), 1_800_000_000);
        assert_eq!("@5".parse::<When>().unwrap().after(100), 5);
        for bad in ["", "soon", "2w!", "2027-13-01"] {
            assert!(bad.parse::<When>().is_err(), "{bad}");
        }
        assert_eq!("accrued".parse(), Ok(Earned::Accrued));
        assert_eq!("1.5".parse(), Ok(Earned::Amount(Tokens(1_500_000_000_000_000_000))));
        for bad in ["", "all", "0", "-1", "Accrued"] {
            assert!(bad.parse::<Earned>().is_err(), "{bad}");
        }
    }
}
