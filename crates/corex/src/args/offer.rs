//! Arguments of `corex offer`.

use super::{LookArgs, Quantity, SignArgs, TermsArgs, positive};
use clap::{Args, Subcommand};
use corex_chain::{Span, Tokens};
use corex_work::Address;
use std::path::PathBuf;

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

/// `corex offer make`.
#[derive(Args, Debug)]
pub struct OfferMakeArgs {
    /// The node. This account must be its owner or its operator.
    #[arg(long, value_name = "ADDRESS")]
    pub node: Address,
    /// Price of one second or unit, in tokens, fees included.
    #[arg(long, value_parser = positive)]
    pub price: Tokens,
    /// What is counted, how much, until when.
    #[command(flatten)]
    pub terms: TermsArgs,
    /// Most units per second that the node does; needed for units, and only for them.
    #[arg(long, value_name = "UNITS", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_rate: Option<u64>,
    /// Longest lease; needed for units [default for seconds: the quantity].
    #[arg(long, value_name = "TIME")]
    pub max_term: Option<Span>,
    /// Smallest deposit of a lease, in tokens.
    #[arg(long, default_value = "0", value_name = "AMOUNT")]
    pub min_deposit: Tokens,
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
    /// What is counted, how much, until when.
    #[command(flatten)]
    pub terms: TermsArgs,
    /// Most units per second that may accrue; needed for units, and only for them.
    #[arg(long, value_name = "UNITS", value_parser = clap::value_parser!(u64).range(1..))]
    pub rate: Option<u64>,
    /// How long a lease runs; needed for units, and only for them.
    #[arg(long, value_name = "TIME")]
    pub term: Option<Span>,
    /// Tokens to deposit for the whole quantity [default: what it costs at the highest price].
    #[arg(long, value_parser = positive, value_name = "AMOUNT")]
    pub deposit: Option<Tokens>,
    /// Let the market take this much in all, for several open orders [default: the deposit].
    #[arg(long, value_parser = positive, value_name = "AMOUNT", conflicts_with = "account")]
    pub allow: Option<Tokens>,
    /// A key that signs vouchers, objects and ends leases besides this account.
    #[arg(long, value_name = "ADDRESS")]
    pub signer: Option<Address>,
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
