//! What committees do in an emergency: pause, lift, void a vote. What could not be done now is not proposed at all.

use super::find;
use crate::Failure;
use corex_chain::{Action, Intents, Moment, PauseScope, PauseState, ProposalState, Span};

/// The action of pausing something for so many seconds.
pub async fn pause(intents: &Intents, scope: PauseScope, seconds: u64) -> Result<Action, Failure> {
    let action = intents.pause(scope, seconds)?;
    let state = state_of(intents, scope).await?;
    let pause = intents.contracts().book().profile.governance.pause.as_ref();
    let most = pause.map_or(0, |pause| pause.max_seconds);
    if seconds == 0 {
        return Err(format!("a pause of no time pauses nothing\nhint: pause for up to {}", Span(most)).into());
    }
    if seconds > most {
        let words = format!("a pause of {} is too long: {} is the longest", Span(seconds), Span(most));
        return Err(format!("{words}\nhint: pause for less").into());
    }
    if intents.chain().time().await? < state.next_pause_from {
        let now = match state.paused_until {
            Some(until) => format!("is paused until {}", Moment(until)),
            None => "was paused".into(),
        };
        return Err(format!(
            "{} {now}, and cannot be paused again before {}\nhint: nobody can pause without end",
            scope.name(),
            Moment(state.next_pause_from)
        )
        .into());
    }
    Ok(action)
}

/// The action of ending a pause.
pub async fn lift(intents: &Intents, scope: PauseScope) -> Result<Action, Failure> {
    let action = intents.lift(scope)?;
    match state_of(intents, scope).await?.paused_until {
        Some(_) => Ok(action),
        None => {
            Err(format!("{} is not paused\nhint: `corex committee show` shows what is", scope.name()).into())
        }
    }
}

async fn state_of(intents: &Intents, scope: PauseScope) -> Result<PauseState, Failure> {
    let states = intents.contracts().pauses().await?;
    states.iter().find(|state| state.scope == scope).copied().ok_or_else(|| {
        let known: Vec<_> = states.iter().map(|state| state.scope.name()).collect();
        let (scope, known) = (scope.name(), known.join(" and "));
        format!("{scope} cannot be paused in this network\nhint: {known} can").into()
    })
}

/// The action of voiding the votes on the proposal whose number begins so.
pub async fn reset_vote(intents: &Intents, beginning: &str) -> Result<Action, Failure> {
    let proposal = find::proposal(intents, beginning).await?;
    let profile = &intents.contracts().book().profile;
    if profile.governance.vote.as_ref().is_none_or(|vote| vote.reset_seconds == 0) {
        return Err(format!("no vote is ever reset in networks of profile {}", profile.name).into());
    }
    let tally = intents.contracts().tally(proposal.id).await?;
    if tally.is_reset {
        return Err("the votes on it were voided once already\nhint: that is possible once only".into());
    }
    if tally.state != ProposalState::Active {
        return Err(format!("only votes that go on can be voided: the proposal is {}", tally.state).into());
    }
    eprintln!("about proposal {:?}", proposal.title());
    Ok(intents.reset_vote(proposal.id)?)
}
