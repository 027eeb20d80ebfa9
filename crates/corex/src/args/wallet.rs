//! Arguments of `corex wallet`.

use super::{LookArgs, SignArgs, positive};
use clap::{Args, Subcommand};
use corex_chain::Tokens;
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
}

/// `corex wallet new`.
#[derive(Args, Debug)]
pub struct WalletNewArgs {
    /// The file [default: the wallet of this user, which the other commands use if no key is named].
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
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
