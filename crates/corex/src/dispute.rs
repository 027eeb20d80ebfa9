//! `corex dispute`: look at disputes, tell them move by move, play one by hand.

use crate::args::{DisputeCommand, DisputeListArgs, DisputeShowArgs};
use crate::{Failure, runtime};
use corex_node::court::{self, Listed, Records, Side, State, Told};
use serde_json::json;
use std::fmt::Write;
use std::process::ExitCode;

pub fn run(command: DisputeCommand) -> Result<ExitCode, Failure> {
    match command {
        DisputeCommand::List(args) => list(&args),
        DisputeCommand::Show(args) => show(&args),
        DisputeCommand::Play(args) => play(args),
    }
}

fn list(args: &DisputeListArgs) -> Result<ExitCode, Failure> {
    let disputes = runtime()?.block_on(async {
        let records = Records::open(args.network.as_deref(), None).await?;
        let disputes = court::list(&records.contracts).await;
        records.close().await;
        Ok::<_, Failure>(disputes?)
    })?;
    if args.json {
        println!("{}", json!({ "disputes": disputes }));
    } else if disputes.is_empty() {
        eprintln!("no result has been disputed");
    } else {
        print!("{}", table(&disputes));
    }
    Ok(ExitCode::SUCCESS)
}

fn table(disputes: &[Listed]) -> String {
    let mut out = String::from(
        "DISPUTE  ROUND  TASK          ACCUSED                                     CHALLENGER                                  STATE\n",
    );
    for d in disputes {
        let _ = writeln!(
            out,
            "{:>7}  {:>5}  {:<12}  {}  {}  {}",
            d.dispute,
            d.round,
            d.task.short(),
            d.accused,
            d.challenger,
            state(d.state)
        );
    }
    out
}

fn state(state: State) -> String {
    match state {
        State::Guilty => "guilty".into(),
        State::Innocent => "innocent".into(),
        State::Dismissed => "dismissed".into(),
        State::Voting => "verifiers vote".into(),
        State::Playing { turn, seconds, moves } => {
            let who = if turn == Side::Accused { "accused" } else { "challenger" };
            format!("{who} to move, {seconds} s left, {moves} questions so far")
        }
    }
}

fn show(args: &DisputeShowArgs) -> Result<ExitCode, Failure> {
    let (listed, told) = runtime()?.block_on(async {
        let records = Records::open(args.network.as_deref(), None).await?;
        let found = tell(&records, args.dispute).await;
        records.close().await;
        found
    })?;
    if let Some(path) = &args.picture {
        let title = format!("Dispute {} about task {}", listed.dispute, listed.task.short());
        let end = match listed.state {
            State::Guilty => "guilty: the accused's stake is slashed, the result is void".to_owned(),
            State::Innocent => "innocent: the result stands, the challenger's bond is forfeited".to_owned(),
            other => state(other),
        };
        std::fs::write(path, court::svg(&title, &told, &end))
            .map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        eprintln!("drawn into {}", path.display());
    }
    if args.json {
        println!("{}", json!({ "dispute": listed, "moves": told }));
    } else {
        print!("{}", story(&listed, &told));
    }
    Ok(ExitCode::SUCCESS)
}

async fn tell(records: &Records, dispute: u64) -> Result<(Listed, Vec<Told>), Failure> {
    let contracts = &records.contracts;
    let unknown = || format!("there is no dispute {dispute}\nhint: `corex dispute list` shows which there are");
    let info = contracts.dispute(dispute).await?.ok_or_else(unknown)?;
    let lowering = match court::program(contracts, dispute).await? {
        Some((program, func)) => records.lowering(program, &func)?,
        None => None,
    };
    let told = court::tell(contracts, dispute, &info, lowering.as_ref()).await?;
    Ok((court::listed(contracts, dispute, &info).await?, told))
}

fn story(listed: &Listed, told: &[Told]) -> String {
    let mut out = format!(
        "dispute {} about task {} of round {}\naccused     {}\nchallenger  {}, {:.3} tokens at stake\n\n",
        listed.dispute, listed.task, listed.round, listed.accused, listed.challenger, listed.bond
    );
    let mut gas = [0u64; 2];
    for (number, move_) in told.iter().enumerate() {
        let who = match move_.by {
            Side::Accused => "accused",
            Side::Challenger => "challenger",
            Side::Anybody => "somebody",
        };
        match move_.by {
            Side::Accused => gas[0] += move_.gas,
            Side::Challenger => gas[1] += move_.gas,
            Side::Anybody => {}
        }
        let _ = writeln!(out, "{:>3}  {who:<10}  {}", number + 1, move_.says);
    }
    let [accused, challenger] = gas.map(court::grouped);
    let _ = write!(
        out,
        "\n{}; gas of the accused {accused}, of the challenger {challenger}\n",
        state(listed.state)
    );
    out
}
