//! `corex propose`.

use super::{find, written};
use crate::args::{LookArgs, ProposalArgs, ProposeCommand, ProposeNewArgs, SignArgs};
use crate::sign::{self, Step};
use crate::{Failure, runtime};
use corex_chain::{Intents, Moment, Proposal, ProposalState, Right, Tally};
use std::process::ExitCode;

pub fn run(command: ProposeCommand) -> Result<ExitCode, Failure> {
    match command {
        ProposeCommand::New(args) => new(&args),
        ProposeCommand::Queue(args) => {
            with_proposal(&args, "it is queued already", async |intents, proposal, tally| {
                use ProposalState::*;
                match tally.state {
                    Succeeded => Ok(vec![intents.queue_proposal(proposal)?.into()]),
                    Queued | Executed => Ok(Vec::new()),
                    Pending | Active => {
                        Err(format!("it is voted on until {}", Moment(tally.deadline)).into())
                    }
                    other => Err(format!("it was not accepted: it is {other}").into()),
                }
            })
        }
        ProposeCommand::Execute(args) => {
            with_proposal(&args, "it is executed already", async |intents, proposal, tally| {
                let now = intents.chain().time().await?;
                match (tally.state, tally.executable_from) {
                    (ProposalState::Queued, Some(from)) if now < from => {
                        Err(format!("it can be executed from {} on", Moment(from)).into())
                    }
                    (ProposalState::Queued, _) => Ok(vec![intents.execute_proposal(proposal)?.into()]),
                    (ProposalState::Executed, _) => Ok(Vec::new()),
                    (ProposalState::Succeeded, _) => {
                        Err("it waits to be queued\nhint: `corex propose queue` does that".into())
                    }
                    (other, _) => Err(format!("only what is queued can be executed: it is {other}").into()),
                }
            })
        }
        ProposeCommand::Cancel(args) => {
            with_proposal(&args, "it is canceled already", async |intents, proposal, tally| {
                match tally.state {
                    ProposalState::Canceled => Ok(Vec::new()),
                    _ if proposal.proposer != intents.chain().address() => Err(format!(
                        "this proposal is of {}, who alone can take it back\nhint: use its key: --key",
                        intents.names().address(proposal.proposer)
                    )
                    .into()),
                    ProposalState::Pending => Ok(vec![intents.cancel_proposal(proposal)?.into()]),
                    other => Err(format!(
                        "only a proposal that is not voted on yet can be taken back: it is {other}"
                    )
                    .into()),
                }
            })
        }
        ProposeCommand::Stage(args) => stage(&args),
        ProposeCommand::Advance(args) => advance(&args.sign),
    }
}

fn new(args: &ProposeNewArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let contracts = intents.contracts();
        let me = intents.chain().address();
        // Says first if there is no vote here at all.
        let threshold = contracts.proposal_threshold().await?;
        let written = written::read(&intents, &args.action, args.title.as_deref())?;
        let id = Proposal::id_of(&written.actions, &written.description);
        let known = contracts.proposals().await?.iter().any(|proposal| proposal.id == id);
        let mut steps: Vec<Step> = Vec::new();
        if known {
            let state = contracts.tally(id).await?.state;
            if matches!(state, ProposalState::Canceled | ProposalState::Defeated | ProposalState::Expired) {
                return Err(format!(
                    "the same was proposed before and is {state}: {id}\n\
                     hint: with another title or text it is another proposal"
                )
                .into());
            }
        } else {
            let at = intents.chain().time().await?.saturating_sub(1);
            let own = contracts.voting_power(me, at).await?;
            // Others' stake and work do not count for this, see docs/governance.md.
            let votes = contracts.votes_alone(me, at).await?;
            if votes < threshold {
                let symbol = intents.names().symbol();
                let named = contracts.delegate_of(me).await?;
                let hint = match own.delegate {
                    now if now != named => "whom one names votes from the next second on: try again",
                    None => "tokens vote only once one names somebody, or oneself: `corex vote delegate`",
                    Some(_) => "let others with more votes propose it",
                };
                return Err(format!(
                    "a proposal needs {threshold} {symbol} of votes, and this account has {votes}\nhint: {hint}"
                )
                .into());
            }
            for action in &written.actions {
                warn_if_powerless(&intents, action).await?;
            }
            steps.push(intents.propose(&written.actions, &written.description)?.into());
        }
        let done = sign::perform(&intents, steps, &args.sign, "this is proposed already").await?;
        if done == ExitCode::SUCCESS && !args.sign.dry_run && !args.sign.json {
            println!("{id}");
        }
        Ok(done)
    })
}

/// A vote on what the timelock may not do would be for nothing.
async fn warn_if_powerless(intents: &Intents, action: &corex_chain::Action) -> Result<(), Failure> {
    let timelock = intents.contracts().book().contracts.timelock;
    if intents.contracts().right(timelock, action).await? == Right::Never {
        eprintln!(
            "warning: the timelock has no right to {} now; the proposal can be accepted, but not executed",
            intents.action_in_words(action)
        );
    }
    Ok(())
}

/// Finds a proposal, plans with it, and carries the plan out.
fn with_proposal(
    args: &ProposalArgs,
    nothing: &str,
    plan: impl AsyncFnOnce(&Intents, &Proposal, &Tally) -> Result<Vec<Step>, Failure>,
) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let proposal = find::proposal(&intents, &args.proposal).await?;
        let tally = intents.contracts().tally(proposal.id).await?;
        let steps = plan(&intents, &proposal, &tally).await?;
        sign::perform(&intents, steps, &args.sign, nothing).await
    })
}

fn stage(args: &LookArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::reader(args).await?.intents();
        let info = intents.contracts().stage().await?;
        if args.json {
            println!("{}", serde_json::to_string(&info)?);
            return Ok(ExitCode::SUCCESS);
        }
        println!("stage  {}", info.stage);
        if let Some(next) = info.next {
            println!("next   {}, not before {}", next.stage, Moment(next.not_before));
            if next.stake > corex_chain::Tokens(0) {
                println!("needs  {} {} staked", next.stake, intents.names().symbol());
            }
            if next.decisive_needed > 0 {
                println!(
                    "needs  {} proposals with a quorum; there are {}",
                    next.decisive_needed, next.decisive
                );
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn advance(args: &SignArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(args).await?;
        let steps = match intents.contracts().stage().await?.next {
            Some(next) => vec![intents.advance_stage(next.stage)?.into()],
            None => Vec::new(),
        };
        sign::perform(&intents, steps, args, "governance is in its last stage").await
    })
}
