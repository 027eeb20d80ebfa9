//! `corex vote`.

use super::find;
use crate::args::{LookArgs, VoteCastArgs, VoteCommand, VoteDelegateArgs, VoteListArgs, VoteShowArgs};
use crate::{Failure, runtime, sign};
use corex_chain::{Intents, Moment, Power, Proposal, ProposalState, Tally};
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn run(command: VoteCommand) -> Result<ExitCode, Failure> {
    match command {
        VoteCommand::List(args) => list(&args),
        VoteCommand::Show(args) => show(&args),
        VoteCommand::Cast(args) => cast(&args),
        VoteCommand::Power(args) => power(&args),
        VoteCommand::Delegate(args) => delegate(&args),
    }
}

fn list(args: &VoteListArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::reader(&args.look).await?.intents();
        let mut found = Vec::new();
        for proposal in intents.contracts().proposals().await? {
            let tally = intents.contracts().tally(proposal.id).await?;
            if !args.active || tally.state == ProposalState::Active {
                found.push((proposal, tally));
            }
        }
        if args.look.json {
            let all: Vec<Value> = found.iter().map(|(p, t)| value(&intents, p, t)).collect();
            println!("{}", json!({ "proposals": all }));
            return Ok(ExitCode::SUCCESS);
        }
        for (proposal, tally) in &found {
            println!("{}  {:<9} {:?}", proposal.id, tally.state.to_string(), proposal.title());
            print!("{}", standing(&intents, tally));
        }
        if found.is_empty() {
            eprintln!("no proposals");
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn show(args: &VoteShowArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::reader(&args.look).await?.intents();
        let proposal = find::proposal(&intents, &args.proposal).await?;
        let tally = intents.contracts().tally(proposal.id).await?;
        if args.look.json {
            println!("{}", value(&intents, &proposal, &tally));
            return Ok(ExitCode::SUCCESS);
        }
        println!("proposal {}\n  by        {}", proposal.id, intents.names().address(proposal.proposer));
        println!("  state     {}", tally.state);
        for action in &proposal.actions {
            println!("  calls     {}", intents.action_in_words(action));
        }
        print!("{}", standing(&intents, &tally));
        if let Some(from) = tally.executable_from {
            println!("  execute   from {}", Moment(from));
        }
        // A stranger's text must not write lines of its own on a terminal.
        for line in proposal.description.lines() {
            println!("  | {}", line.chars().filter(|c| !c.is_control()).collect::<String>());
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// What a table and JSON say of a proposal.
fn value(intents: &Intents, proposal: &Proposal, tally: &Tally) -> Value {
    let calls: Vec<String> = proposal.actions.iter().map(|action| intents.action_in_words(action)).collect();
    json!({
        "proposal": proposal.id,
        "proposer": proposal.proposer,
        "description": proposal.description,
        "calls": calls,
        "tally": tally,
    })
}

fn standing(intents: &Intents, tally: &Tally) -> String {
    let symbol = intents.names().symbol();
    let quorum = tally.quorum.map_or_else(|| "not known before the vote".into(), |quorum| quorum.to_string());
    let reset = if tally.is_reset { "; voted on anew after a reset" } else { "" };
    format!(
        "  for       {} {symbol}\n  against   {}\n  abstain   {}\n  quorum    {quorum}\n  vote      {} to {}{reset}\n",
        tally.votes_for,
        tally.against,
        tally.abstain,
        Moment(tally.snapshot),
        Moment(tally.deadline)
    )
}

fn cast(args: &VoteCastArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let (contracts, me) = (intents.contracts(), intents.chain().address());
        let proposal = find::proposal(&intents, &args.proposal).await?;
        let tally = contracts.tally(proposal.id).await?;
        match tally.state {
            ProposalState::Active => {}
            ProposalState::Pending => {
                return Err(format!("the vote begins after {}", Moment(tally.snapshot)).into());
            }
            other => return Err(format!("the vote is over: the proposal is {other}").into()),
        }
        let mut steps = Vec::new();
        if contracts.has_voted(proposal.id, me).await? {
            let voted = contracts.last_vote(proposal.id, me).await?;
            if let Some(voted) = voted.filter(|voted| *voted != args.ballot.into()) {
                return Err(format!(
                    "this account has voted '{voted}' already\nhint: a vote cannot be changed"
                )
                .into());
            }
        } else {
            let power = contracts.voting_power(me, tally.snapshot).await?;
            let represented: Vec<_> = match args.alone {
                true => Vec::new(),
                false => power.represents.iter().map(|other| other.account).collect(),
            };
            eprintln!("{}", weight(&intents, &power));
            if power.weight == corex_chain::Tokens(0) {
                let who = match power.delegate {
                    Some(delegate) if delegate != me => format!("{delegate} votes for it"),
                    _ => "name yourself with `corex vote delegate`, before the next proposal".into(),
                };
                let at = Moment(tally.snapshot);
                return Err(format!(
                    "this account had no votes at {at}, when they were counted\nhint: {who}"
                )
                .into());
            }
            steps.push(intents.cast_vote(&proposal, args.ballot.into(), &args.reason, &represented)?.into());
        }
        sign::perform(&intents, steps, &args.sign, "this account has voted already").await
    })
}

fn power(args: &LookArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let (intents, account) = sign::viewer(args).await?;
        // The last second that is over: what counts if a vote was snapshot now.
        let at = intents.chain().time().await?.saturating_sub(1);
        let power = intents.contracts().voting_power(account, at).await?;
        let named = intents.contracts().delegate_of(account).await?;
        match named {
            Some(named) if power.delegate != Some(named) => {
                eprintln!("{} votes for it from the next second on", intents.names().address(named));
            }
            _ => {}
        }
        match args.json {
            true => println!("{}", json!({ "account": account, "power": power })),
            false => print!("{}", table(&intents, &power)),
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn table(intents: &Intents, p: &Power) -> String {
    let (names, symbol) = (intents.names(), intents.names().symbol());
    let delegate = match p.delegate {
        Some(delegate) => names.address(delegate),
        None => {
            "nobody: tokens do not vote until one names somebody, or oneself (`corex vote delegate`)".into()
        }
    };
    let mut out = format!(
        "votes for it    {delegate}\ntokens          {} {symbol}, of all who named this account\nstake           {} {symbol}\n\
         work            {} verified units\n",
        p.delegated_tokens, p.stake, p.units
    );
    for other in &p.represents {
        out += &format!(
            "represents      {}: stake {} {symbol}, work {} units\n",
            names.address(other.account),
            other.stake,
            other.units
        );
    }
    out + &weight(intents, p) + "\n"
}

fn weight(intents: &Intents, p: &Power) -> String {
    let symbol = intents.names().symbol();
    let share = match p.total.0 {
        0 => 0.0,
        _ => 100.0 * p.weight.to_f64() / p.total.to_f64(),
    };
    format!(
        "weight          {} {symbol} ({} of {} votes, for having voted before), {share:.2} % of {} that there are",
        p.weight,
        corex_chain::percent(p.participation_bps.into()),
        p.votes,
        p.total
    )
}

fn delegate(args: &VoteDelegateArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let me = intents.chain().address();
        let to = args.to.unwrap_or(me);
        let intent = intents.delegate_votes(to)?;
        let steps = match intents.contracts().delegate_of(me).await? == Some(to) {
            true => Vec::new(),
            false => vec![intent.into()],
        };
        sign::perform(&intents, steps, &args.sign, "it is so already").await
    })
}
