//! `corex claim`: everything that waits for an account.

use crate::args::ClaimArgs;
use crate::{Failure, money, runtime, sign};
use corex_chain::{ChainError, Holdings, Intent, Intents, LeaseInfo, Tokens, Unbonding};
use sign::Step;
use std::collections::BTreeMap;
use std::process::ExitCode;

pub fn run(args: &ClaimArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer_for(&args.sign, args.account).await?;
        let account = args.account.unwrap_or(intents.chain().address());
        let holdings = intents.contracts().holdings(account).await?;
        let mut steps = steps(&intents, &holdings, args).await?;
        let owed = if args.node.is_none() { owed(&intents, &holdings).await? } else { Vec::new() };
        if steps.is_empty() && owed.is_empty() && args.node.is_none() && holdings.owed() > Tokens(0) {
            return Err("nothing else waits for this account".into());
        }
        steps.extend(owed);
        if !steps.is_empty() {
            eprint!("{}", table(&intents, &holdings));
        }
        let steps = steps.into_iter().map(Step::from).collect();
        sign::perform(&intents, steps, &args.sign, "nothing waits for this account").await
    })
}

/// One transaction for each thing that waits; none of them needs another.
async fn steps(intents: &Intents, h: &Holdings, args: &ClaimArgs) -> Result<Vec<Intent>, ChainError> {
    let wanted = |node| args.node.is_none_or(|only| only == node);
    let mut out = Vec::new();
    // A node may be one's own and have one's delegation as well: its mining is claimed once.
    let own = h.nodes.iter().map(|own| (own.node, own.claimable));
    let lent = h.delegations.iter().map(|lent| (lent.node, lent.claimable));
    for (node, amount) in own.chain(lent).collect::<BTreeMap<_, _>>() {
        if wanted(node) && amount > Tokens::default() {
            out.push(intents.claim(node, amount)?);
        }
    }
    let released = |requests: &[Unbonding]| Unbonding::released(requests, h.time) > Tokens::default();
    for own in h.nodes.iter().filter(|own| wanted(own.node) && released(&own.unbonding)) {
        out.push(intents.withdraw_stake(own.node)?);
    }
    for lent in h.delegations.iter().filter(|lent| wanted(lent.node) && released(&lent.unbonding)) {
        out.push(intents.withdraw_delegation(lent.node)?);
    }
    for (lease, amount) in unopposed(h).filter(|(lease, _)| wanted(lease.node)) {
        out.push(intents.finalize_claim(lease.lease, amount)?);
    }
    for lease in over(intents, h).filter(|lease| wanted(lease.node)) {
        out.push(intents.close_lease(lease.lease, lease.left())?);
    }
    if args.node.is_none() {
        for job in h.jobs.iter().filter(|job| job.closed && job.free() > Tokens::default()) {
            out.push(intents.refund_job(job.job, job.free())?);
        }
    }
    if args.incentive {
        out.extend(intents.claim_incentive().await?);
    }
    if args.fees {
        out.extend(intents.flush_fees().await?);
    }
    Ok(out)
}

/// What is owed because a token refused a transfer. As long as it still does, this stands behind, so that it does not stop the rest.
async fn owed(intents: &Intents, h: &Holdings) -> Result<Vec<Intent>, Failure> {
    let mut out = Vec::new();
    for owed in &h.owed {
        let intent = intents.pay_owed(h.account, owed)?;
        match intent.simulate(intents.chain()).await {
            Err(error) if error.revert().is_some() => {
                let symbol = intents.names().symbol();
                eprintln!(
                    "warning: {} owes {} {} {symbol}, and the token still refuses to send them: {}\n\
                     hint: whoever runs the token knows why; nothing is lost, claim again when it does not",
                    owed.by,
                    h.account,
                    money::show(owed.amount.0),
                    error.explain(intents.names())
                );
            }
            _ => out.push(intent),
        }
    }
    Ok(out)
}

/// Leases of the account's nodes whose claim can be paid, and what that claims in all.
fn unopposed(h: &Holdings) -> impl Iterator<Item = (&LeaseInfo, Tokens)> {
    let own = h.leases.iter().filter(|lease| h.nodes.iter().any(|own| own.node == lease.node));
    let claimed = own.filter_map(|lease| lease.claim.map(|claim| (lease, claim)));
    claimed.filter(|(_, claim)| h.time > claim.deadline).map(|(lease, claim)| (lease, claim.amount))
}

/// Leases that the account rents, that have something left, and have been over for so long that anybody can close them.
fn over<'h>(intents: &Intents, h: &'h Holdings) -> impl Iterator<Item = &'h LeaseInfo> {
    let window = intents.contracts().book().profile.market.challenge_seconds;
    let rented = h.leases.iter().filter(|lease| lease.requester == h.account && lease.claim.is_none());
    rented.filter(move |lease| lease.left() > Tokens(0) && h.time > lease.closable_from(window))
}

fn table(intents: &Intents, h: &Holdings) -> String {
    let symbol = intents.names().symbol();
    let refunds = h.jobs.iter().filter(|job| job.closed).map(|job| job.free()).sum::<Tokens>();
    let claims = unopposed(h).map(|(lease, amount)| amount.saturating_sub(lease.settled)).sum::<Tokens>();
    let deposits = over(intents, h).map(LeaseInfo::left).sum::<Tokens>();
    let mut out = format!("WAITING FOR {}\n", h.account);
    for own in &h.nodes {
        out += &line(&format!("mined by {}", own.node), own.claimable, symbol);
    }
    for lent in &h.delegations {
        out += &line(&format!("mined by {}, partly its delegators'", lent.node), lent.claimable, symbol);
    }
    out += &line("stake and delegations that have finished unbonding", h.withdrawable(), symbol);
    out += &line("claims on leases that nobody objected to, fees included", claims, symbol);
    out += &line("deposits of leases that are over", deposits, symbol);
    out += &line("refunds of closed jobs", refunds, symbol);
    out += &line("payments that could not be made", h.owed(), symbol);
    out.push('\n');
    out
}

fn line(what: &str, amount: Tokens, symbol: &str) -> String {
    match amount {
        Tokens(0) => String::new(),
        Tokens(amount) => format!("  {what:<74} {:>14} {symbol}\n", money::show(amount)),
    }
}
