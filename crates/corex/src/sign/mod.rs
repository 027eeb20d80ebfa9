//! From prepared transactions to sealed ones: shown, tried, agreed to, sent; each once, however often a command is interrupted.

mod account;
mod journal;
pub mod passphrase;
mod show;

pub use account::{key_of, onlooker, own_key, reader, signer, signer_for, usual_wallet, viewer};

use crate::args::SignArgs;
use crate::{EXIT_NOT_AGREED, Failure, runtime};
use corex_chain::{Allowance, ChainError, Forecast, Intent, Intents, Message, Sent, Tokens};
use corex_work::{Address, OperatorKey, Signature};
use journal::Journal;
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// One transaction of a plan.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// A permit that is signed first, and goes into the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// The transaction.
    pub transaction: Intent,
    /// It can only succeed after the step before it, as what takes tokens after the approval.
    pub after_previous: bool,
}

impl From<Intent> for Step {
    fn from(transaction: Intent) -> Self {
        Step { message: None, transaction, after_previous: false }
    }
}

impl Step {
    /// `transaction`, which can only succeed after the step before it.
    pub fn after(transaction: Intent) -> Step {
        Step { message: None, transaction, after_previous: true }
    }

    /// What lets `spender` take `amount` of the account's tokens, if it may not yet.
    pub async fn approval(
        intents: &Intents,
        spender: Address,
        amount: Tokens,
    ) -> Result<Option<Step>, ChainError> {
        Ok(match intents.allowance(spender, amount).await? {
            Allowance::Granted => None,
            Allowance::Approve(approval) => Some(approval.into()),
        })
    }

    /// `transaction` by which `spender` takes `amount` of the account's tokens, after the approval that it may need.
    pub async fn taking(
        intents: &Intents,
        spender: Address,
        amount: Tokens,
        transaction: Intent,
    ) -> Result<Vec<Step>, ChainError> {
        Ok(match Step::approval(intents, spender, amount).await? {
            None => vec![transaction.into()],
            Some(approval) => vec![approval, Step::after(transaction)],
        })
    }
}

/// What a step came to.
#[derive(Serialize)]
struct Outcome {
    #[serde(flatten)]
    step: Step,
    /// `done`, `done before` (by a run that was interrupted), `tried`, or `tried in part` where it lacks an allowance that comes before it.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<Forecast>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<Sent>,
}

/// Shows, tries and asks; then signs and sends one step after the other. `nothing` is said if there are no steps.
pub async fn perform(
    intents: &Intents,
    steps: Vec<Step>,
    args: &SignArgs,
    nothing: &str,
) -> Result<ExitCode, Failure> {
    perform_to(intents, steps, args, nothing, |_| None).await
}

/// The same, to get something that `result` finds in what was sent, such as a number: it goes to stdout, where JSON does not.
pub async fn perform_to(
    intents: &Intents,
    steps: Vec<Step>,
    args: &SignArgs,
    nothing: &str,
    result: impl Fn(&Sent) -> Option<String>,
) -> Result<ExitCode, Failure> {
    let outcomes = match carry_out(intents, steps, args).await? {
        Some(outcomes) => outcomes,
        None => return Ok(ExitCode::from(EXIT_NOT_AGREED)),
    };
    if outcomes.is_empty() {
        eprintln!("{nothing}");
    }
    if args.json {
        println!("{}", summary(intents, &outcomes, args.dry_run));
    } else if let Some(found) = outcomes.iter().filter_map(|o| o.sent.as_ref()).find_map(result) {
        println!("{found}");
    }
    Ok(ExitCode::SUCCESS)
}

fn summary(intents: &Intents, outcomes: &[Outcome], dry_run: bool) -> Value {
    let chain = intents.chain();
    json!({
        "chain_id": chain.chain_id(),
        "profile": intents.contracts().book().profile.name,
        "account": chain.address(),
        "dry_run": dry_run,
        "steps": outcomes,
    })
}

/// `None` if a person did not agree.
async fn carry_out(
    intents: &Intents,
    steps: Vec<Step>,
    args: &SignArgs,
) -> Result<Option<Vec<Outcome>>, Failure> {
    let journal = Journal::of(intents.chain());
    let before = journal.look(intents).await?;
    if let Some((entry, _)) =
        before.as_ref().filter(|(e, _)| !steps.iter().any(|step| e.is_of(&step.transaction)))
    {
        eprintln!("note: another command, which was interrupted, has done this: {}", entry.words);
    }
    if !args.dry_run {
        journal.clear();
    }
    let (mut outcomes, steps) = without_done(steps, before);
    if steps.is_empty() {
        return Ok(Some(outcomes));
    }
    eprintln!("{}", show::heading(intents));
    let mut forecasts = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        eprintln!("{}", show::step(step, (steps.len() > 1).then_some(index + 1)));
        let forecast = forecast(intents, step).await?;
        eprintln!("{}", show::forecast(forecast));
        forecasts.push(forecast);
    }
    if args.dry_run {
        eprintln!("dry run: nothing was signed");
        outcomes.extend(steps.into_iter().zip(forecasts).map(|(step, forecast)| {
            let state = if forecast.is_some() { "tried" } else { "tried in part" };
            Outcome { step, state, forecast, sent: None }
        }));
        return Ok(Some(outcomes));
    }
    if !args.yes && !agreed(steps.len())? {
        eprintln!("nothing was signed");
        return Ok(None);
    }
    for (step, forecast) in steps.into_iter().zip(forecasts) {
        let sent = send(intents, &step, &journal).await?;
        eprintln!("{}", show::sent(&step, &sent));
        outcomes.push(Outcome { step, state: "done", forecast, sent: Some(sent) });
    }
    Ok(Some(outcomes))
}

/// Takes the step out that an interrupted run has done, with the approval before it, which was for it alone.
fn without_done(steps: Vec<Step>, before: Option<(journal::Entry, Sent)>) -> (Vec<Outcome>, Vec<Step>) {
    let Some((entry, sent)) = before else { return (Vec::new(), steps) };
    let Some(place) = steps.iter().position(|step| entry.is_of(&step.transaction)) else {
        return (Vec::new(), steps);
    };
    let mut outcome = None;
    let mut rest = Vec::new();
    for (index, step) in steps.into_iter().enumerate() {
        if index == place {
            // Whatever stands before a step that depends on it was for that step.
            if step.after_previous {
                rest.pop();
            }
            outcome = Some(Outcome { step, state: "done before", forecast: None, sent: Some(sent.clone()) });
        } else {
            let after_previous = step.after_previous && index != place + 1;
            rest.push(Step { after_previous, ..step });
        }
    }
    (outcome.into_iter().collect(), rest)
}

/// Tries a step. Contracts take tokens at the end of a call, so if all that one misses is an allowance that is still to come, it is
/// refused for nothing else; what it would cost is then not known.
async fn forecast(intents: &Intents, step: &Step) -> Result<Option<Forecast>, Failure> {
    let waits = step.after_previous || step.message.is_some();
    match step.transaction.simulate(intents.chain()).await {
        Ok(forecast) => Ok(Some(forecast)),
        Err(error) if waits && error.is_revert("ERC20InsufficientAllowance") => Ok(None),
        // A token of somebody else's may say so in its own words.
        Err(error) if waits && error.revert().is_some_and(|revert| revert.contract.is_empty()) => Ok(None),
        Err(error) => Err(error.explain(intents.names()).into()),
    }
}

async fn send(intents: &Intents, step: &Step, journal: &Journal) -> Result<Sent, Failure> {
    let (chain, names) = (intents.chain(), intents.names());
    let explain = |error: ChainError| Failure::from(error.explain(names));
    let transaction = match &step.message {
        None => step.transaction.clone(),
        Some(message) => {
            step.transaction.clone().with_permit(names, &message.sign(chain)).map_err(explain)?
        }
    };
    let note = |tx| journal.note(&step.transaction, tx);
    let sent = transaction.send(chain, names, &note).await;
    // An answer that did not come leaves open what happened: the entry stays, and the next run looks.
    if !sent.as_ref().is_err_and(ChainError::is_transient) {
        journal.clear();
    }
    sent.map_err(explain)
}

/// Asks a person.
fn agreed(count: usize) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        eprintln!(
            "error: there is nobody to ask\nhint: pass --yes to sign without asking, or --dry-run to look only"
        );
        return Ok(false);
    }
    let what = if count == 1 { "this" } else { "these" };
    eprint!("sign and send {what}? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Signs a message that becomes no transaction of its own, and hands the signature to `write`, which puts it into the file `out`.
pub fn sign_into(
    intents: &Intents,
    message: &Message,
    args: &SignArgs,
    write: impl FnOnce(&Signature) -> Result<(), Failure>,
    out: &Path,
) -> Result<ExitCode, Failure> {
    let Some(signature) = sign_message(intents, message, args)? else {
        return Ok(unsigned(intents, message, args));
    };
    write(&signature)?;
    eprintln!("written to {}", out.display());
    if args.json {
        let mut summary = summary(intents, &[], args.dry_run);
        summary["message"] = json!(message);
        summary["signature"] = json!(signature);
        summary["file"] = json!(out);
        println!("{summary}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Signs a message that becomes no transaction of its own, after the same questions; `None` if a person did not agree, or in a dry run.
pub fn sign_message(
    intents: &Intents,
    message: &Message,
    args: &SignArgs,
) -> Result<Option<Signature>, Failure> {
    eprintln!("{}", show::heading(intents));
    Ok(agreed_to(message, args)?.then(|| message.sign(intents.chain())))
}

/// The same with another key than that of the account, such as a node's.
pub fn sign_message_as(
    intents: &Intents,
    key: &OperatorKey,
    message: &Message,
    args: &SignArgs,
) -> Result<Option<Signature>, Failure> {
    eprintln!("{}signed by the key of {}\n", show::heading(intents), key.address());
    Ok(agreed_to(message, args)?.then(|| key.sign(&message.digest)))
}

fn agreed_to(message: &Message, args: &SignArgs) -> Result<bool, Failure> {
    eprintln!("{}", show::message(message));
    if args.dry_run {
        eprintln!("dry run: nothing was signed");
        return Ok(false);
    }
    if !args.yes && !agreed(1)? {
        eprintln!("nothing was signed");
        return Ok(false);
    }
    Ok(true)
}

/// The end of a command whose message was not signed, by a dry run or because nobody agreed.
pub fn unsigned(intents: &Intents, message: &Message, args: &SignArgs) -> ExitCode {
    if args.json {
        let mut summary = summary(intents, &[], args.dry_run);
        summary["message"] = json!(message);
        println!("{summary}");
    }
    if args.dry_run { ExitCode::SUCCESS } else { ExitCode::from(EXIT_NOT_AGREED) }
}

/// A command of one transaction, which can be prepared without asking the chain.
pub fn one(
    args: &SignArgs,
    prepare: impl FnOnce(&Intents) -> Result<Intent, ChainError>,
) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = signer(args).await?;
        let transaction = prepare(&intents)?;
        perform(&intents, vec![transaction.into()], args, "").await
    })
}
