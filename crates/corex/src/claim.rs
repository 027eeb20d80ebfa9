//! `corex claim`: everything that waits for an account.

use crate::args::ClaimArgs;
use crate::{Failure, money, runtime, sign};
use corex_chain::{ChainError, Holdings, Intents, Tokens, Unbonding};
use sign::Step;
use std::collections::BTreeMap;
use std::process::ExitCode;

pub fn run(args: &ClaimArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let holdings = intents.contracts().holdings(intents.chain().address()).await?;
        let steps = steps(&intents, &holdings, args).await?;
        if !steps.is_empty() {
            eprint!("{}", table(&intents, &holdings));
        }
        sign::perform(&intents, steps, &args.sign, "nothing waits for this account").await
    })
}

/// One transaction for each thing that waits; none of them needs another.
async fn steps(intents: &Intents, holdings: &Holdings, args: &ClaimArgs) -> Result<Vec<Step>, ChainError> {
    let wanted = |node| args.node.is_none_or(|only| only == node);
    let mut out = Vec::new();
    // A node may be one's own and have one's delegation as well: its mining is claimed once.
    let own = holdings.nodes.iter().map(|own| (own.node, own.claimable));
    let lent = holdings.delegations.iter().map(|lent| (lent.node, lent.claimable));
    for (node, amount) in own.chain(lent).collect::<BTreeMap<_, _>>() {
        if wanted(node) && amount > Tokens::default() {
            out.push(intents.claim(node, amount)?);
        }
    }
    let released = |requests: &[Unbonding]| Unbonding::released(requests, holdings.time) > Tokens::default();
    for own in holdings.nodes.iter().filter(|own| wanted(own.node) && released(&own.unbonding)) {
        out.push(intents.withdraw_stake(own.node)?);
    }
    for lent in holdings.delegations.iter().filter(|lent| wanted(lent.node) && released(&lent.unbonding)) {
        out.push(intents.withdraw_delegation(lent.node)?);
    }
    if args.node.is_none() {
        for job in holdings.jobs.iter().filter(|job| job.closed && job.free() > Tokens::default()) {
            out.push(intents.refund_job(job.job, job.free())?);
        }
        for owed in &holdings.owed {
            out.push(intents.pay_owed(owed)?);
        }
    }
    if args.incentive {
        out.extend(intents.claim_incentive().await?);
    }
    if args.fees {
        out.extend(intents.flush_fees().await?);
    }
    Ok(out.into_iter().map(Step::from).collect())
}

fn table(intents: &Intents, holdings: &Holdings) -> String {
    let symbol = intents.names().symbol();
    let refunds = holdings.jobs.iter().filter(|job| job.closed).map(|job| job.free()).sum::<Tokens>();
    let mut out = format!("WAITING FOR {}\n", holdings.account);
    for own in &holdings.nodes {
        out += &line(&format!("mined by {}", own.node), own.claimable, symbol);
    }
    for lent in &holdings.delegations {
        out += &line(&format!("mined by {}, partly its delegators'", lent.node), lent.claimable, symbol);
    }
    out += &line("stake and delegations that have finished unbonding", holdings.withdrawable(), symbol);
    out += &line("refunds of closed jobs", refunds, symbol);
    out += &line("payments that could not be made", holdings.owed(), symbol);
    out.push('\n');
    out
}

fn line(what: &str, amount: Tokens, symbol: &str) -> String {
    match amount {
        Tokens(0) => String::new(),
        Tokens(amount) => format!("  {what:<74} {:>14} {symbol}\n", money::show(amount)),
    }
}
