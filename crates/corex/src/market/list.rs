//! Leases of one's own.

use super::words;
use crate::args::LeasesArgs;
use crate::{Failure, runtime, sign};
use corex_chain::LeaseInfo;
use corex_work::Address;
use serde_json::json;
use std::process::ExitCode;

/// The leases of an account's nodes, and those that it rents.
pub fn run(args: &LeasesArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let (intents, account) = sign::viewer(&args.look).await?;
        let contracts = intents.contracts();
        let own = contracts.nodes_of(account).await?;
        let mut nodes: Vec<Address> = own.into_iter().map(|own| own.node).collect();
        nodes.extend(&args.node);
        let mut leases: Vec<LeaseInfo> = Vec::new();
        for at in contracts.leases_of(&nodes, &[account]).await? {
            leases.extend(contracts.lease(at.lease).await?.filter(|lease| args.all || !lease.closed));
        }
        if args.look.json {
            println!("{}", json!({ "account": account, "leases": leases }));
            return Ok(ExitCode::SUCCESS);
        }
        let now = contracts.chain().time().await?;
        let window = contracts.book().profile.market.challenge_seconds;
        for lease in &leases {
            print!("{}", words::lease(&intents, lease, now, window));
        }
        if leases.is_empty() {
            eprintln!("no leases of {account} or its nodes; --all shows closed ones, too");
        }
        Ok(ExitCode::SUCCESS)
    })
}
