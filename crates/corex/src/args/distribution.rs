//! Arguments of `corex vest`, `corex sale` and `corex auction`.

use super::{LookArgs, SignArgs, positive};
use clap::{Args, Subcommand};
use corex_chain::Tokens;
use corex_work::Address;
use std::path::PathBuf;

/// What `corex vest` can do.
#[derive(Subcommand, Debug)]
pub enum VestCommand {
    /// Show what vests for whom, and when.
    Show(VestShowArgs),
    /// Send what has vested to whom it belongs.
    Release(VestReleaseArgs),
    /// Offer a vesting wallet, with all that it still holds, to another account.
    Offer(VestOfferArgs),
    /// Take a vesting wallet that was offered to this account.
    Take(VestTakeArgs),
}

/// `corex vest show`.
#[derive(Args, Debug)]
pub struct VestShowArgs {
    /// All wallets of the network, not only those of the account.
    #[arg(long)]
    pub all: bool,
    /// Whose.
    #[command(flatten)]
    pub look: LookArgs,
}

/// `corex vest release`.
#[derive(Args, Debug)]
pub struct VestReleaseArgs {
    /// The wallet [default: every wallet of this account with something to release].
    pub wallet: Option<Address>,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex vest offer`.
#[derive(Args, Debug)]
pub struct VestOfferArgs {
    /// The wallet.
    pub wallet: Address,
    /// Who gets it, once it takes it.
    pub to: Address,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex vest take`.
#[derive(Args, Debug)]
pub struct VestTakeArgs {
    /// The wallet.
    pub wallet: Address,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// What `corex sale` can do.
#[derive(Subcommand, Debug)]
pub enum SaleCommand {
    /// Show the sale: stages, prices, what is sold, what this account bought.
    Show(LookArgs),
    /// Buy tokens in the running stage.
    Buy(SaleBuyArgs),
    /// After success: get the tokens that were bought.
    Claim(SaleClaimArgs),
    /// After failure: get back what was paid.
    Refund(SaleRefundArgs),
    /// After the end: send what was raised to the treasury, and what was not sold where it belongs. By anyone.
    Finalize(SaleFinalizeArgs),
    /// Make the list of those who may buy in a stage: its root, for `corex deploy`, and everybody's proof.
    AllowList(SaleAllowListArgs),
}

/// `corex sale buy`.
#[derive(Args, Debug)]
pub struct SaleBuyArgs {
    /// Tokens.
    #[arg(value_parser = positive)]
    pub amount: Tokens,
    /// A file of `corex sale allow-list`, for a stage that has a list.
    #[arg(long, value_name = "FILE")]
    pub proof: Option<PathBuf>,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex sale claim`.
#[derive(Args, Debug)]
pub struct SaleClaimArgs {
    /// The buyer, who gets them [default: this account].
    #[arg(long, value_name = "ADDRESS")]
    pub buyer: Option<Address>,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex sale refund`.
#[derive(Args, Debug)]
pub struct SaleRefundArgs {
    /// Where to [default: this account].
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<Address>,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex sale finalize`.
#[derive(Args, Debug)]
pub struct SaleFinalizeArgs {
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex sale allow-list`.
#[derive(Args, Debug)]
pub struct SaleAllowListArgs {
    /// Text with one address on a line; what stands behind a # is for readers.
    pub accounts: PathBuf,
    /// The file to write.
    #[arg(long, value_name = "FILE", default_value = "allow-list.json")]
    pub out: PathBuf,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

/// What `corex auction` can do.
#[derive(Subcommand, Debug)]
pub enum AuctionCommand {
    /// Show the auction of an asset: what is for sale, and what it costs now.
    Show(AuctionShowArgs),
    /// Put all that there is of an asset up for auction. By anyone.
    Start(AuctionActArgs),
    /// Buy the lot at its present price, which is burned.
    Buy(AuctionBuyArgs),
    /// Burn what was sent to the burner of the network's own token. By anyone.
    Burn(AuctionBurnArgs),
}

/// `corex auction show`.
#[derive(Args, Debug)]
pub struct AuctionShowArgs {
    /// The ERC-20 [default: ether].
    #[arg(long, value_name = "ADDRESS")]
    pub asset: Option<Address>,
    /// Where the network is.
    #[command(flatten)]
    pub look: LookArgs,
}

/// `corex auction start`.
#[derive(Args, Debug)]
pub struct AuctionActArgs {
    /// The ERC-20 [default: ether].
    #[arg(long, value_name = "ADDRESS")]
    pub asset: Option<Address>,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex auction buy`.
#[derive(Args, Debug)]
pub struct AuctionBuyArgs {
    /// The ERC-20 [default: ether].
    #[arg(long, value_name = "ADDRESS")]
    pub asset: Option<Address>,
    /// Most tokens to pay [default: the present price, which only falls].
    #[arg(long, value_parser = positive, value_name = "AMOUNT")]
    pub max: Option<Tokens>,
    /// Who gets the lot [default: this account].
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<Address>,
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex auction burn`.
#[derive(Args, Debug)]
pub struct AuctionBurnArgs {
    /// Who signs.
    #[command(flatten)]
    pub sign: SignArgs,
}
