//! Arguments of `corex wallet`.

use super::{EndArgs, LookArgs, SignArgs, positive};
use clap::{Args, Subcommand};
use corex_chain::{Span, Tokens};
use corex_work::Address;
use std::path::PathBuf;

/// What `corex wallet` can do.
#[derive(Subcommand, Debug)]
pub enum WalletCommand {
    /// Make a new account: a secret key in a file that only you can read.
    New(WalletNewArgs),
    /// Show the address of an account.
    Address(WalletAddressArgs),
    /// Show what an account has: spendable, staked, delegated, unbonding, claimable, owed.
    Balance(LookArgs),
    /// Send tokens, or ether to pay for gas with.
    Send(WalletSendArgs),
    /// Spending accounts: let hot keys pay for jobs and leases, each up to a limit.
    #[command(subcommand)]
    Account(SpendingCommand),
}

/// What `corex wallet account` can do. Tokens come in with `corex wallet send`.
#[derive(Subcommand, Debug)]
pub enum SpendingCommand {
    /// Create a spending account that you own.
    Create(SignArgs),
    /// Show what a spending account has, and what a key of it may spend.
    Show(SpendingShowArgs),
    /// Let a key spend up to a limit, or give it a new one; what it spent is then forgotten.
    Limit(SpendingLimitArgs),
    /// Take every right from a key.
    Revoke(SpendingKeyArgs),
    /// Take tokens out, to the owner.
    Withdraw(SpendingWithdrawArgs),
}

/// `corex wallet account show`.
#[derive(Args, Debug)]
pub struct SpendingShowArgs {
    /// The spending account.
    pub account: Address,
    /// A hot key.
    #[arg(long, value_name = "ADDRESS")]
    pub hot: Option<Address>,
    /// Network and account.
    #[command(flatten)]
    pub look: LookArgs,
}

/// `corex wallet account limit`.
#[derive(Args, Debug)]
pub struct SpendingLimitArgs {
    /// The spending account.
    pub account: Address,
    /// The hot key.
    pub hot: Address,
    /// Most that it may spend in a period.
    #[arg(long, value_name = "AMOUNT", value_parser = positive)]
    pub per_period: Tokens,
    /// Length of a period, such as 1d.
    #[arg(long, value_name = "TIME", default_value = "1d")]
    pub every: Span,
    /// Most that it may spend in all.
    #[arg(long, value_name = "AMOUNT", value_parser = positive)]
    pub total: Tokens,
    /// When it may spend no more.
    #[command(flatten)]
    pub end: EndArgs,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex wallet account revoke`.
#[derive(Args, Debug)]
pub struct SpendingKeyArgs {
    /// The spending account.
    pub account: Address,
    /// The hot key.
    pub hot: Address,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex wallet account withdraw`.
#[derive(Args, Debug)]
pub struct SpendingWithdrawArgs {
    /// The spending account.
    pub account: Address,
    /// How much, in whole tokens.
    #[arg(value_parser = positive)]
    pub amount: Tokens,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex wallet new`.
#[derive(Args, Debug)]
pub struct WalletNewArgs {
    /// The file [default: the wallet of this user, which the other commands use if no key is named].
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Leave the key unencrypted, for programs that sign by themselves. (Otherwise a passphrase is asked for, or taken from COREX_PASSPHRASE.)
    #[arg(long)]
    pub no_passphrase: bool,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

/// `corex wallet address`.
#[derive(Args, Debug)]
pub struct WalletAddressArgs {
    /// A file of `corex wallet new`, a node's keys.json, or a secret key in hex [default: the wallet of this user].
    #[arg(long, env = "COREX_KEY", hide_env_values = true, value_name = "FILE")]
    pub key: Option<String>,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

/// `corex wallet send`.
#[derive(Args, Debug)]
pub struct WalletSendArgs {
    /// How much, in whole tokens: `1.5`.
    #[arg(value_parser = positive)]
    pub amount: Tokens,
    /// To whom.
    pub to: Address,
    /// Send ether instead of tokens.
    #[arg(long)]
    pub gas: bool,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}
