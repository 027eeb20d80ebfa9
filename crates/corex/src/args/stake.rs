//! Arguments of `corex stake`, `corex delegate` and `corex claim`.

use super::{EndArgs, LookArgs, SignArgs, percent, positive};
use clap::{Args, Subcommand, ValueEnum};
use corex_chain::Tokens;
use corex_work::{Address, Hash32};
use std::path::PathBuf;

/// What `corex stake` can do.
#[derive(Subcommand, Debug)]
pub enum StakeCommand {
    /// Show stake, tier, quality and conditions of one's own nodes, or of one node.
    Show(StakeShowArgs),
    /// Add tokens to a node's stake.
    Add(NodeAmountArgs),
    /// Lock a node's stake for a time, which raises what its work is worth.
    Lock(StakeLockArgs),
    /// Start to take stake out of a node.
    Unbond(NodeAmountArgs),
    /// Withdraw stake that has finished unbonding, to the node's owner.
    Withdraw(OneNodeArgs),
    /// Bring a node into or out of the verifiers, as its stake and roles say.
    Sync(OneNodeArgs),
    /// The node itself: registration, owner, service, what it offers to delegators.
    #[command(subcommand)]
    Node(StakeNodeCommand),
}

/// What `corex stake node` can do.
#[derive(Subcommand, Debug)]
pub enum StakeNodeCommand {
    /// Register a node that this account owns, with the consent of the node's operator key. (`corex node` registers itself as its own owner.)
    Register(NodeRegisterArgs),
    /// Change what a node says of itself.
    Update(NodeUpdateArgs),
    /// Take a node into service again.
    Activate(OneNodeArgs),
    /// Take a node out of service; its stake stays where it is.
    Deactivate(OneNodeArgs),
    /// Offer a node to another owner, with its stake and all that it has not claimed.
    Transfer(NodeTransferArgs),
    /// Take a node over that was offered to this account.
    Accept(OneNodeArgs),
    /// Take delegations for a node, or no more.
    Delegations(NodeDelegationsArgs),
    /// Set the owner's part of the delegators' reward.
    Commission(NodeCommissionArgs),
}

/// `corex stake show`.
#[derive(Args, Debug)]
pub struct StakeShowArgs {
    /// The node [default: those that the account owns].
    pub node: Option<Address>,
    /// Network and account.
    #[command(flatten)]
    pub look: LookArgs,
}

/// A node and an amount.
#[derive(Args, Debug)]
pub struct NodeAmountArgs {
    /// The node's address.
    pub node: Address,
    /// How much, in whole tokens: `1.5`.
    #[arg(value_parser = positive)]
    pub amount: Tokens,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// A node.
#[derive(Args, Debug)]
pub struct OneNodeArgs {
    /// The node's address.
    pub node: Address,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex stake lock`.
#[derive(Args, Debug)]
pub struct StakeLockArgs {
    /// The node's address.
    pub node: Address,
    /// Until when.
    #[command(flatten)]
    pub end: EndArgs,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// What a node does.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roles {
    /// Works on tasks.
    Provider,
    /// Checks the work of others.
    Verifier,
    /// Both.
    Both,
}

/// `corex stake node register`.
#[derive(Args, Debug)]
pub struct NodeRegisterArgs {
    /// The node's keys.json, whose operator key agrees and whose endpoint key is registered.
    #[arg(long, value_name = "FILE")]
    pub operator: PathBuf,
    /// What it does.
    #[arg(long, value_enum, default_value = "provider")]
    pub roles: Roles,
    /// Claimed speed, in units of work per second.
    #[arg(long, value_name = "UNITS")]
    pub capability: u64,
    /// Hash of its hardware description [default: none].
    #[arg(long, value_name = "HASH")]
    pub hardware: Option<Hash32>,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex stake node update`: what is not named stays.
#[derive(Args, Debug)]
pub struct NodeUpdateArgs {
    /// The node's address.
    pub node: Address,
    /// What it does.
    #[arg(long, value_enum)]
    pub roles: Option<Roles>,
    /// Claimed speed, in units of work per second.
    #[arg(long, value_name = "UNITS")]
    pub capability: Option<u64>,
    /// Hash of its hardware description.
    #[arg(long, value_name = "HASH")]
    pub hardware: Option<Hash32>,
    /// ed25519 public key of its peer-to-peer endpoint.
    #[arg(long, value_name = "KEY")]
    pub endpoint: Option<Hash32>,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex stake node transfer`.
#[derive(Args, Debug)]
pub struct NodeTransferArgs {
    /// The node's address.
    pub node: Address,
    /// Who may take it over, with `corex stake node accept`.
    #[arg(required_unless_present = "withdraw", conflicts_with = "withdraw")]
    pub to: Option<Address>,
    /// Withdraw an offer instead.
    #[arg(long)]
    pub withdraw: bool,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Yes or no.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
}

/// `corex stake node delegations`.
#[derive(Args, Debug)]
pub struct NodeDelegationsArgs {
    /// The node's address.
    pub node: Address,
    /// Whether to take them.
    #[arg(value_enum)]
    pub switch: Switch,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex stake node commission`.
#[derive(Args, Debug)]
pub struct NodeCommissionArgs {
    /// The node's address.
    pub node: Address,
    /// In percent, such as 12.5.
    #[arg(value_parser = percent)]
    pub percent: u16,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// What `corex delegate` can do.
#[derive(Subcommand, Debug)]
pub enum DelegateCommand {
    /// List all nodes: stake, commission, tier, quality, what is delegated and what there is room for.
    List(LookArgs),
    /// Show what this account has delegated, and what is on its way out.
    Show(LookArgs),
    /// Delegate tokens to a node.
    To(NodeAmountArgs),
    /// Start to take delegated tokens out.
    Remove(DelegateRemoveArgs),
    /// Withdraw what has finished unbonding.
    Withdraw(OneNodeArgs),
}

/// `corex delegate remove`.
#[derive(Args, Debug)]
pub struct DelegateRemoveArgs {
    /// The node's address.
    pub node: Address,
    /// How much, in whole tokens.
    #[arg(value_parser = positive, required_unless_present = "all", conflicts_with = "all")]
    pub amount: Option<Tokens>,
    /// All of it.
    #[arg(long)]
    pub all: bool,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}

/// `corex claim`.
#[derive(Args, Debug)]
pub struct ClaimArgs {
    /// Only what this node mined and unbonded.
    #[arg(long, value_name = "ADDRESS")]
    pub node: Option<Address>,
    /// For this spending account instead, whose key need not sign: refunds of its jobs and leases, what is owed to it.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "node")]
    pub account: Option<Address>,
    /// Also send the incentive fund what it earned.
    #[arg(long, conflicts_with = "node")]
    pub incentive: bool,
    /// Also divide the fees that have gathered: burned, to the insurance, to the ecosystem.
    #[arg(long, conflicts_with = "node")]
    pub fees: bool,
    /// Network, account and signing.
    #[command(flatten)]
    pub sign: SignArgs,
}
