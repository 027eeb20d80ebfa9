//! `corex delegate`: stake lent to nodes of others.

use crate::args::{DelegateCommand, DelegateRemoveArgs, LookArgs, NodeAmountArgs};
use crate::stake::{percent, role};
use crate::{Failure, money, runtime, sign};
use corex_chain::{Moment, Standing};
use serde_json::json;
use sign::Step;
use std::fmt::Write;
use std::process::ExitCode;

pub fn run(command: DelegateCommand) -> Result<ExitCode, Failure> {
    match command {
        DelegateCommand::List(args) => list(&args),
        DelegateCommand::Show(args) => show(&args),
        DelegateCommand::To(args) => to(&args),
        DelegateCommand::Remove(args) => remove(&args),
        DelegateCommand::Withdraw(args) => sign::one(&args.sign, |i| i.withdraw_delegation(args.node)),
    }
}

fn to(args: &NodeAmountArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let delegation = intents.contracts().book().contracts.delegation;
        let transaction = intents.delegate(args.node, args.amount)?;
        let steps = Step::taking(&intents, delegation, args.amount, transaction).await?;
        sign::perform(&intents, steps, &args.sign, "").await
    })
}

fn remove(args: &DelegateRemoveArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let transaction = intents.undelegate(args.node, args.amount).await?;
        sign::perform(&intents, vec![transaction.into()], &args.sign, "").await
    })
}

fn list(args: &LookArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let contracts = sign::reader(args).await?;
        let mut nodes = Vec::new();
        for node in contracts.nodes().await? {
            nodes.extend(contracts.standing(node).await?);
        }
        // Those that can be delegated to first, the best among them first.
        nodes.sort_by_key(|n| (!open(n), std::cmp::Reverse((n.tier, n.quality_bps, n.stake.counting()))));
        match args.json {
            true => println!("{}", json!({ "nodes": nodes })),
            false => print!("{}", table(&nodes)),
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Whether it takes delegations now.
fn open(node: &Standing) -> bool {
    node.active && node.conditions.accepting && node.room.0 > 0
}

fn table(nodes: &[Standing]) -> String {
    let mut out = String::from(
        "NODE                                        ROLE                   TIER  QUALITY  FAULTS       STAKE   DELEGATED        ROOM  COMMISSION\n",
    );
    for n in nodes {
        let note = match (n.active, n.conditions.accepting) {
            (false, _) => "  out of service",
            (true, false) => "  takes none",
            (true, true) => "",
        };
        let _ = writeln!(
            out,
            "{:<42}  {:<21}  {:>4}  {:>7}  {:>6}  {:>10}  {:>10}  {:>10}  {:>10}{note}",
            n.node.to_string(),
            role(n.roles),
            n.tier,
            percent(n.quality_bps),
            n.faults,
            money::show(n.stake.counting().0),
            money::show(n.stake.delegated.0),
            money::show(n.room.0),
            percent(n.conditions.commission_bps),
        );
    }
    out
}

fn show(args: &LookArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let (intents, account) = sign::viewer(args).await?;
        let positions = intents.contracts().positions_of(account).await?;
        if args.json {
            println!("{}", json!({ "account": account, "delegations": positions }));
        } else if positions.is_empty() {
            eprintln!("this account has delegated nothing");
        } else {
            let symbol = intents.names().symbol();
            for p in &positions {
                println!("node {}\n  delegated    {} {symbol}", p.node, money::show(p.worth.0));
                for u in &p.unbonding {
                    println!(
                        "  unbonding    {} {symbol}, from {} on",
                        money::show(u.amount.0),
                        Moment(u.release_at)
                    );
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
