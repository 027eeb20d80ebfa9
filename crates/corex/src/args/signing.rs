//! Arguments of all commands that look at money or move it.

use clap::Args;
use corex_chain::{Moment, Span, Tokens};
use corex_node::reach::Reach;
use corex_work::Address;
use std::path::PathBuf;

const NETWORK: &str = "Network";
const SIGNING: &str = "Signing";

/// Where the network is.
#[derive(Args, Debug, Clone)]
pub struct NetworkArgs {
    /// A running network's folder or network.json [default: the one running on this machine].
    #[arg(long, value_name = "PATH", conflicts_with_all = ["rpc", "book"], help_heading = NETWORK)]
    pub network: Option<PathBuf>,
    /// The chain's JSON-RPC endpoint, with --book.
    #[arg(long, value_name = "URL", requires = "book", help_heading = NETWORK)]
    pub rpc: Option<String>,
    /// The network's address book (deployment.json, or the folder it is in), with --rpc.
    #[arg(long, value_name = "FILE", requires = "rpc", help_heading = NETWORK)]
    pub book: Option<PathBuf>,
}

impl NetworkArgs {
    /// Where that is.
    pub fn reach(&self) -> Reach {
        match (&self.rpc, &self.book) {
            (Some(rpc), Some(book)) => Reach::Chain { rpc: rpc.clone(), book: book.clone() },
            _ => Reach::Running(self.network.clone()),
        }
    }
}

/// For commands that only look.
#[derive(Args, Debug, Clone)]
pub struct LookArgs {
    /// Where the network is.
    #[command(flatten)]
    pub network: NetworkArgs,
    /// The account: a file of `corex wallet new`, a node's keys.json, or a secret key in hex [default: the wallet of this user].
    #[arg(long, env = "COREX_KEY", hide_env_values = true, value_name = "FILE")]
    pub key: Option<String>,
    /// Look at this account instead; needs no key.
    #[arg(long, value_name = "ADDRESS")]
    pub of: Option<Address>,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

/// For commands that sign.
#[derive(Args, Debug, Clone)]
pub struct SignArgs {
    /// Where the network is.
    #[command(flatten)]
    pub network: NetworkArgs,
    /// The account that signs: a file of `corex wallet new`, a node's keys.json, or a secret key in hex [default: the wallet of this user].
    #[arg(long, env = "COREX_KEY", hide_env_values = true, value_name = "FILE", help_heading = SIGNING)]
    pub key: Option<String>,
    /// Show what would be signed, try it on the chain, and sign nothing.
    #[arg(long, help_heading = SIGNING)]
    pub dry_run: bool,
    /// Sign without asking.
    #[arg(long, help_heading = SIGNING)]
    pub yes: bool,
    /// End with one JSON object on stdout.
    #[arg(long, help_heading = SIGNING)]
    pub json: bool,
}

/// When something ends.
#[derive(Args, Debug, Clone)]
#[group(required = true, multiple = false)]
pub struct EndArgs {
    /// For how long from now, such as 2w or 1d12h.
    #[arg(long = "for", value_name = "TIME")]
    pub span: Option<Span>,
    /// Until when (UTC), such as 2027-01-31 or 2027-01-31T18:30.
    #[arg(long, value_name = "DATE")]
    pub until: Option<Moment>,
}

impl EndArgs {
    /// Unix time, if it is `now` on the chain.
    pub fn at(&self, now: u64) -> u64 {
        match (self.until, self.span) {
            (Some(until), _) => until.0,
            (None, span) => now.saturating_add(span.map_or(0, |span| span.0)),
        }
    }
}

/// An amount above zero.
pub fn positive(text: &str) -> Result<Tokens, String> {
    match text.parse::<Tokens>() {
        Ok(Tokens(0)) => Err("the amount is zero".into()),
        Ok(amount) => Ok(amount),
        Err(error) => Err(error.to_string()),
    }
}

/// A percentage with at most two decimals, in ten-thousandths: `12.5` is 1250.
pub fn percent(text: &str) -> Result<u16, String> {
    let wrong = || format!("'{text}' is not a percentage: expected 0 to 100 with at most two decimals");
    let bare = text.strip_suffix('%').map_or(text, str::trim_end);
    // As many decimals as ten-thousandths of a percent would be too many tokens: the parser of amounts does the rest.
    let amount = bare.parse::<Tokens>().map_err(|_| wrong())?;
    const BASIS_POINT: u128 = 10u128.pow(Tokens::DECIMALS as u32 - 2);
    match (amount.0 % BASIS_POINT, u16::try_from(amount.0 / BASIS_POINT)) {
        (0, Ok(bps)) if bps <= 10_000 => Ok(bps),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_and_amounts_take_no_garbage() {
        for (text, bps) in
            [("0", 0), ("100", 10_000), ("12.5", 1_250), ("0.01", 1), ("7%", 700), ("7 %", 700)]
        {
            assert_eq!(percent(text), Ok(bps), "{text}");
        }
        for bad in ["", "%", "-1", "100.01", "0.001", "1e1", "NaN", "655360", "12,5", "5%%"] {
            assert!(percent(bad).unwrap_err().starts_with(&format!("'{bad}' is not a percentage")), "{bad}");
        }
        assert_eq!(positive("1.5"), Ok(Tokens(1_500_000_000_000_000_000)));
        for bad in ["0", "0.0", "-1", "all", "1.0000000000000000001", "1 cX", "0x10", "١"] {
            assert!(positive(bad).is_err(), "{bad}");
        }
    }
}
