//! Arguments of `corex deploy`.

use clap::Args;
use std::path::PathBuf;

/// `corex deploy`.
#[derive(Args, Debug)]
pub struct DeployArgs {
    /// Which network: cai, cx, cxt, aic, coai, or a TOML file.
    #[arg(long, value_name = "PROFILE", required_unless_present = "check")]
    pub profile: Option<String>,
    /// Folder of the network: its address book (deployment.json), keys and, without --rpc, its chain.
    #[arg(long, default_value = "out/network")]
    pub dir: PathBuf,
    /// Deploy to this Ethereum JSON-RPC endpoint instead of an embedded chain in the folder.
    #[arg(long, value_name = "URL")]
    pub rpc: Option<String>,
    /// Funded account for --rpc: a file of `corex wallet new`, or a secret key in hex. It has no rights over what it deploys.
    #[arg(long, env = "COREX_KEY", hide_env_values = true, value_name = "FILE")]
    pub key: Option<String>,
    /// The accounts that the profile needs (committees, team, …): a TOML file.
    #[arg(long, value_name = "FILE")]
    pub accounts: Option<PathBuf>,
    /// A network for development: short windows, and a treasury that its owner fills. Always so on an embedded chain.
    #[arg(long)]
    pub local: bool,
    /// Show addresses and parameters, and send nothing.
    #[arg(long, conflicts_with = "check")]
    pub dry_run: bool,
    /// Deploy nothing: derive every promise of the network in the folder anew and hold it against the chain.
    #[arg(long, conflicts_with_all = ["profile", "accounts", "local"])]
    pub check: bool,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}
