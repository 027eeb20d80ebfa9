//! `corex committee`.

use super::{emergency, written};
use crate::args::{
    CommitteeActArgs, CommitteeCommand, CommitteeProposeArgs, CommitteeShowArgs, SeatName, SignArgs,
};
use crate::sign;
use crate::{Failure, runtime};
use clap::ValueEnum;
use corex_chain::{
    Action, CommitteeInfo, CommitteeProposal, Intent, Intents, Moment, Part, PauseState, Right, Seat, Span,
    Standpoint,
};
use corex_work::Address;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::ExitCode;

pub fn run(command: CommitteeCommand) -> Result<ExitCode, Failure> {
    match command {
        CommitteeCommand::Show(args) => show(&args),
        CommitteeCommand::Propose(args) => propose_any(&args),
        CommitteeCommand::Confirm(args) => act(&args, Act::Confirm),
        CommitteeCommand::Revoke(args) => act(&args, Act::Revoke),
        CommitteeCommand::Execute(args) => act(&args, Act::Execute),
        CommitteeCommand::Pause(a) => propose_as_whoever_may(&a.sign, async |intents| {
            emergency::pause(intents, a.scope.into(), a.duration.0).await
        }),
        CommitteeCommand::Lift(a) => {
            propose_as_whoever_may(&a.sign, async |intents| emergency::lift(intents, a.scope.into()).await)
        }
        CommitteeCommand::ResetVote(a) => {
            propose_as_whoever_may(&a.sign, async |intents| emergency::reset_vote(intents, &a.proposal).await)
        }
        CommitteeCommand::Seat(a) => runtime()?.block_on(async {
            let intents = sign::signer(&a.sign).await?;
            let seat = Seat::from(a.committee);
            let committee = intents.contracts().committee(seat).await?;
            if committee.controller != committee.address {
                let who = intents.names().address(committee.controller);
                return Err(format!("members of this committee are seated by {who}").into());
            }
            let distinct: BTreeSet<_> = a.members.iter().collect();
            if distinct.len() != a.members.len() || !(1..=a.members.len() as u64).contains(&a.threshold) {
                return Err(format!(
                    "{} members with a threshold of {}: name each once, and let 1 to {} of them agree",
                    a.members.len(),
                    a.threshold,
                    distinct.len()
                )
                .into());
            }
            let action = intents.seat(seat, &a.members, a.threshold)?;
            propose(&intents, seat, &committee, &action, &a.sign).await
        }),
    }
}

/// The committees of this network, each with its name.
fn seats(intents: &Intents) -> impl Iterator<Item = (SeatName, Seat)> + '_ {
    let profile = &intents.contracts().book().profile;
    let all = SeatName::value_variants().iter().map(|name| (*name, Seat::from(*name)));
    all.filter(|(_, seat)| seat.part().belongs_to(profile))
}

fn show(args: &CommitteeShowArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::reader(&args.look).await?.intents();
        let contracts = intents.contracts();
        let mut found = Vec::new();
        let chosen: Vec<Seat> = match args.committee {
            Some(name) => vec![name.into()],
            None => seats(&intents).map(|(_, seat)| seat).collect(),
        };
        for seat in chosen {
            let committee = contracts.committee(seat).await?;
            let mut proposals = Vec::new();
            for id in 0..committee.proposals {
                let proposal = contracts.committee_proposal(seat, &committee, id).await?;
                // What is settled is told of one committee only.
                let wanted = |p: &CommitteeProposal| {
                    args.committee.is_some() || matches!(p.standpoint, Standpoint::Open | Standpoint::Agreed)
                };
                proposals.extend(proposal.filter(wanted));
            }
            found.push((seat, committee, proposals));
        }
        let pauses = match Part::Guard.belongs_to(&contracts.book().profile) {
            true => contracts.pauses().await?,
            false => Vec::new(),
        };
        match args.look.json {
            true => println!("{}", value(&intents, &found, &pauses)),
            false => print!("{}", text(&intents, &found, &pauses)),
        }
        if found.is_empty() {
            eprintln!("networks of profile {} have no committees", contracts.book().profile.name);
        }
        Ok(ExitCode::SUCCESS)
    })
}

type Found = (Seat, CommitteeInfo, Vec<CommitteeProposal>);

fn value(intents: &Intents, found: &[Found], pauses: &[PauseState]) -> Value {
    let committees: Vec<Value> = found
        .iter()
        .map(|(seat, committee, proposals)| {
            let proposals: Vec<Value> = proposals
                .iter()
                .map(|p| {
                    json!({
                        "id": p.id,
                        "state": p.standpoint,
                        "call": intents.action_in_words(&p.action),
                        "confirmed_by": p.confirmed_by,
                        "expires_at": p.expires_at,
                    })
                })
                .collect();
            json!({ "committee": seat, "is": committee, "proposals": proposals })
        })
        .collect();
    json!({ "committees": committees, "pauses": pauses })
}

fn text(intents: &Intents, found: &[Found], pauses: &[PauseState]) -> String {
    let names = intents.names();
    let mut out = String::new();
    for (seat, committee, proposals) in found {
        let (threshold, count) = (committee.threshold, committee.members.len());
        out += &format!("{} committee, {threshold} of {count} must agree\n", seat.part().key());
        for member in &committee.members {
            out += &format!("  member    {}\n", names.address(*member));
        }
        for p in proposals {
            out += &format!(
                "  {:<8}  {}: {}\n",
                format!("#{}", p.id),
                p.standpoint,
                intents.action_in_words(&p.action)
            );
            out += &format!("            {} agree, until {}\n", p.confirmed_by.len(), Moment(p.expires_at));
        }
    }
    for pause in pauses {
        let state = match pause.paused_until {
            Some(until) => format!("paused until {}", Moment(until)),
            None if pause.next_pause_from > 0 => {
                format!("runs; can be paused from {} on", Moment(pause.next_pause_from))
            }
            None => "runs".into(),
        };
        out += &format!("{:<10}  {state}\n", pause.scope.name());
    }
    out
}

fn propose_any(args: &CommitteeProposeArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let seat = Seat::from(args.committee);
        let committee = intents.contracts().committee(seat).await?;
        let written = written::read(&intents, &args.action, None)?;
        let [action] = written.actions.as_slice() else {
            return Err("a committee agrees to one call at a time\nhint: propose each by itself".into());
        };
        propose(&intents, seat, &committee, action, &args.sign).await
    })
}

/// Proposes to the committee that has the right, and that this account is a member of.
fn propose_as_whoever_may(
    args: &SignArgs,
    action: impl AsyncFnOnce(&Intents) -> Result<Action, Failure>,
) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(args).await?;
        let action = action(&intents).await?;
        let mut able = None;
        for (_, seat) in seats(&intents) {
            let committee = intents.contracts().committee(seat).await?;
            if intents.contracts().right(committee.address, &action).await? != Right::Never {
                able = Some((seat, committee));
                break;
            }
        }
        let Some((seat, committee)) = able else {
            return Err(format!(
                "no committee has the right to call {} now\nhint: where votes decide, propose it to all: `corex propose new`",
                intents.action_in_words(&action)
            )
            .into());
        };
        propose(&intents, seat, &committee, &action, args).await
    })
}

/// Proposes a call, or first to announce it, where it is possible some time after that only.
async fn propose(
    intents: &Intents,
    seat: Seat,
    committee: &CommitteeInfo,
    action: &Action,
    args: &SignArgs,
) -> Result<ExitCode, Failure> {
    check_member(intents, seat, committee)?;
    let words = intents.action_in_words(action);
    let action = match intents.contracts().right(committee.address, action).await? {
        Right::Now => action.clone(),
        Right::Never => {
            return Err(
                format!("the {} committee has no right to call {words} now", seat.part().key()).into()
            );
        }
        Right::AfterDelay(seconds) => {
            eprintln!(
                "this must be announced {} before it is done: that is proposed first; when it was executed and the time is \
                 over, run the same command again",
                Span(seconds.into())
            );
            intents.schedule(action)
        }
        Right::From(when) if intents.chain().time().await? < when => {
            return Err(format!("{words} was announced, and is possible from {} on", Moment(when)).into());
        }
        Right::From(_) => intents.execute_scheduled(action),
    };
    let (name, me) = (seat.part().key(), intents.chain().address());
    if let Some(known) = open_alike(intents, seat, committee, &action).await? {
        let next = next_step(name, committee, &known.id, &known.confirmed_by, me);
        let already = format!("this is proposal {} of the {name} committee already\nhint: {next}", known.id);
        return sign::perform(intents, Vec::new(), args, &already).await;
    }
    let steps = vec![intents.committee_propose(seat, &action)?.into()];
    sign::perform_to(intents, steps, args, "", |sent| {
        let id = sent.announced("Proposed", "id")?;
        eprintln!("hint: {}", next_step(name, committee, &id, &[me], me));
        Some(id.to_owned())
    })
    .await
}

/// What is to be done about a proposal that these members agree to, as `me` sees it.
fn next_step(
    name: &str,
    committee: &CommitteeInfo,
    id: &dyn std::fmt::Display,
    agree: &[Address],
    me: Address,
) -> String {
    let (have, need) = (agree.len() as u64, committee.threshold);
    match (have >= need, agree.contains(&me)) {
        (true, _) => format!("enough members agree: `corex committee execute {name} {id}` does it"),
        (false, true) => {
            format!("{have} of {need} agree: others do so with `corex committee confirm {name} {id}`")
        }
        (false, false) => format!("agree with `corex committee confirm {name} {id}`"),
    }
}

/// The open proposal of the same call.
async fn open_alike(
    intents: &Intents,
    seat: Seat,
    committee: &CommitteeInfo,
    action: &Action,
) -> Result<Option<CommitteeProposal>, Failure> {
    let open = |p: &CommitteeProposal| matches!(p.standpoint, Standpoint::Open | Standpoint::Agreed);
    for id in (0..committee.proposals).rev() {
        let known = intents.contracts().committee_proposal(seat, committee, id).await?;
        if let Some(alike) = known.filter(|p| open(p) && p.action == *action) {
            return Ok(Some(alike));
        }
    }
    Ok(None)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Confirm,
    Revoke,
    Execute,
}

fn act(args: &CommitteeActArgs, what: Act) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let seat = Seat::from(args.committee);
        let committee = intents.contracts().committee(seat).await?;
        check_member(&intents, seat, &committee)?;
        let found = intents.contracts().committee_proposal(seat, &committee, args.id).await?;
        let name = seat.part().key();
        let proposal = found.ok_or_else(|| {
            format!(
                "the {name} committee has no proposal {}\nhint: `corex committee show {name}` shows all",
                args.id
            )
        })?;
        let agrees = proposal.confirmed_by.contains(&intents.chain().address());
        let intent: Option<Intent> = match (what, proposal.standpoint) {
            (Act::Execute, Standpoint::Executed) => None,
            (Act::Confirm, _) if agrees => None,
            (Act::Revoke, _) if !agrees => None,
            (_, state @ (Standpoint::Executed | Standpoint::Expired | Standpoint::Superseded)) => {
                return Err(format!("proposal {} of the {name} committee is {state}", args.id).into());
            }
            (Act::Execute, Standpoint::Open) => {
                let (have, need) = (proposal.confirmed_by.len(), committee.threshold);
                return Err(
                    format!("{have} members agree, and {need} must\nhint: others confirm it first").into()
                );
            }
            (Act::Confirm, _) => Some(intents.committee_confirm(seat, args.id, &proposal.action)?),
            (Act::Revoke, _) => Some(intents.committee_revoke(seat, args.id, &proposal.action)?),
            (Act::Execute, _) => Some(intents.committee_execute(seat, args.id, &proposal.action)?),
        };
        let steps = intent.into_iter().map(Into::into).collect();
        sign::perform(&intents, steps, &args.sign, "it is so already").await
    })
}

fn check_member(intents: &Intents, seat: Seat, committee: &CommitteeInfo) -> Result<(), Failure> {
    let me = intents.chain().address();
    match committee.members.contains(&me) {
        true => Ok(()),
        false => Err(format!(
            "{me} is no member of the {} committee\nhint: use a member's key: --key",
            seat.part().key()
        )
        .into()),
    }
}
