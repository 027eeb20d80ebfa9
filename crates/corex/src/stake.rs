//! `corex stake`: nodes of one's own.

mod node;

use crate::args::{NodeAmountArgs, OneNodeArgs, StakeCommand, StakeLockArgs, StakeShowArgs};
use crate::{Failure, money, runtime, sign};
use corex_chain::{Allowance, Intent, Intents, Moment, Standing, Unbonding};
use serde_json::json;
use sign::Step;
use std::fmt::Write;
use std::process::ExitCode;

/// How long a permit is good for, in seconds: it is used at once.
const PERMIT_SECONDS: u64 = 3_600;

pub fn run(command: StakeCommand) -> Result<ExitCode, Failure> {
    match command {
        StakeCommand::Show(args) => show(&args),
        StakeCommand::Add(args) => add(&args),
        StakeCommand::Lock(args) => lock(&args),
        StakeCommand::Unbond(args) => sign::one(&args.sign, |intents| intents.unbond(args.node, args.amount)),
        StakeCommand::Withdraw(args) => withdraw(&args),
        StakeCommand::Sync(args) => sign::one(&args.sign, |intents| intents.sync_verifier(args.node)),
        StakeCommand::Node(command) => node::run(command),
    }
}

fn add(args: &NodeAmountArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let steps = staking(&intents, args).await.map_err(|e| e.explain(intents.names()))?;
        sign::perform(&intents, steps, &args.sign, "").await
    })
}

/// With a permit where the token knows permits, which saves a transaction.
async fn staking(intents: &Intents, args: &NodeAmountArgs) -> Result<Vec<Step>, corex_chain::ChainError> {
    let (node, amount) = (args.node, args.amount);
    let vault = intents.contracts().book().contracts.vault;
    let stake = intents.stake(node, amount)?;
    let approval = match intents.allowance(vault, amount).await? {
        Allowance::Granted => return Ok(vec![stake.into()]),
        Allowance::Approve(approval) => approval,
    };
    let deadline = intents.chain().time().await?.saturating_add(PERMIT_SECONDS);
    Ok(match intents.permit(vault, amount, deadline).await? {
        Some(message) => {
            let transaction = intents.stake_with_permit(node, amount, deadline)?;
            vec![Step { message: Some(message), transaction, after_previous: false }]
        }
        None => vec![approval.into(), Step { message: None, transaction: stake, after_previous: true }],
    })
}

fn lock(args: &StakeLockArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let until = args.end.at(intents.chain().time().await?);
        // A command that is run again must not lock for longer than it said.
        let locked = intents.contracts().stake_of(args.node).await?.locked_until;
        let steps: Vec<Step> = match args.end.until.is_some() && locked == until {
            true => Vec::new(),
            false => vec![intents.lock(args.node, until)?.into()],
        };
        sign::perform(&intents, steps, &args.sign, &format!("locked until {} already", Moment(locked))).await
    })
}

fn withdraw(args: &OneNodeArgs) -> Result<ExitCode, Failure> {
    sign::one(&args.sign, |intents: &Intents| -> Result<Intent, _> { intents.withdraw_stake(args.node) })
}

fn show(args: &StakeShowArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let (contracts, nodes) = match args.node {
            Some(node) => (sign::reader(&args.look).await?, vec![node]),
            None => {
                let (intents, account) = sign::viewer(&args.look).await?;
                let own = intents.contracts().nodes_of(account).await?;
                (intents.contracts().clone(), own.iter().map(|own| own.node).collect())
            }
        };
        let mut found = Vec::new();
        for node in nodes {
            let unknown = || {
                format!("there is no node {node}\nhint: `corex delegate list` shows all nodes of the network")
            };
            found.push(contracts.standing(node).await?.ok_or_else(unknown)?);
        }
        if args.look.json {
            println!("{}", json!({ "nodes": found }));
        } else if found.is_empty() {
            eprintln!("this account owns no node");
        } else {
            let symbol = &contracts.book().profile.token.symbol;
            let texts: Vec<_> = found.iter().map(|standing| text(standing, symbol)).collect();
            print!("{}", texts.join("\n"));
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn text(s: &Standing, symbol: &str) -> String {
    let mut out = format!("node {}\n", s.node);
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "  {name:<12} {value}");
    };
    line("owner", s.owner.to_string());
    if let Some(to) = s.offered_to {
        line("offered to", to.to_string());
    }
    let service = if s.active { "in service" } else { "out of service" };
    line("role", format!("{}, {service}", role(s.roles)));
    line(
        "reputation",
        format!("tier {}, quality {}, boost {}", s.tier, percent(s.quality_bps), percent(s.boost_bps)),
    );
    line(
        "work",
        format!(
            "{} units verified, {} a day, {} since the last fault, {} faults",
            s.verified_units, s.units_per_day, s.history, s.faults
        ),
    );
    let held = money::show(s.stake.bonded.0);
    line("stake", format!("{} {symbol} active, {held} bonded in disputes", money::show(s.stake.active.0)));
    if s.stake.locked_until > 0 {
        line("locked", format!("until {}", Moment(s.stake.locked_until)));
    }
    for Unbonding { amount, release_at } in &s.unbonding {
        line("unbonding", format!("{} {symbol}, from {} on", money::show(amount.0), Moment(*release_at)));
    }
    line(
        "delegated",
        format!(
            "{} {symbol}, {} of it counts, room for {}",
            money::show(s.stake.delegated.0),
            money::show(s.counted_delegation.0),
            money::show(s.room.0)
        ),
    );
    let c = &s.conditions;
    let taking = if c.accepting { "taken" } else { "not taken" };
    let next = match c.next_commission_bps == c.commission_bps {
        true => String::new(),
        false => format!(", {} from {} on", percent(c.next_commission_bps), Moment(c.changes_at)),
    };
    line("delegations", format!("{taking}, commission {}{next}", percent(c.commission_bps)));
    out
}

pub fn role(roles: u8) -> &'static str {
    match (roles & corex_chain::PROVIDER != 0, roles & corex_chain::VERIFIER != 0) {
        (true, true) => "provider and verifier",
        (true, false) => "provider",
        (false, true) => "verifier",
        (false, false) => "no role",
    }
}

/// `12.5 %`.
pub fn percent(bps: u16) -> String {
    format!("{} %", f64::from(bps) / 100.0)
}
