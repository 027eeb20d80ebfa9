//! `corex dispute`: look at disputes, tell them move by move, play one by hand.

use crate::args::{DisputeCommand, DisputeListArgs, DisputePlayArgs, DisputeShowArgs};
use crate::{Failure, compute, runtime};
use corex_node::dispute::{self, Listed, Records, Side, State, Step, Table, Told};
use corex_node::keys::Keys;
use corex_work::OperatorKey;
use serde_json::json;
use std::fmt::Write;
use std::io::{BufRead, IsTerminal, Write as _};
use std::process::ExitCode;
use std::time::Duration;

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
        let disputes = dispute::list(&records.contracts).await;
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
        std::fs::write(path, dispute::picture(&title, &told, &end))
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
    let unknown =
        || format!("there is no dispute {dispute}\nhint: `corex dispute list` shows which there are");
    let info = contracts.dispute(dispute).await?.ok_or_else(unknown)?;
    let told = dispute::tell(contracts, &mut records.programs(), dispute, &info).await?.unwrap_or_default();
    Ok((dispute::listed(contracts, dispute, &info).await?, told))
}

fn story(listed: &Listed, told: &[Told]) -> String {
    let mut out = format!(
        "dispute {} about task {} of round {}\naccused     {}\nchallenger  {}, {:.3} tokens at stake\n\n",
        listed.dispute, listed.task, listed.round, listed.accused, listed.challenger, listed.bond
    );
    for (number, move_) in told.iter().enumerate() {
        let who = match move_.by {
            Side::Accused => "accused",
            Side::Challenger => "challenger",
            Side::Anybody => "somebody",
        };
        let _ = writeln!(out, "{:>3}  {who:<10}  {}", number + 1, move_.says);
    }
    let [accused, challenger] = dispute::gas(told).map(dispute::grouped);
    let _ = write!(
        out,
        "\n{}; gas of the accused {accused}, of the challenger {challenger}\n",
        state(listed.state)
    );
    out
}

/// Pause before looking again whether the other side has moved.
const POLL: Duration = Duration::from_secs(1);

fn play(args: DisputePlayArgs) -> Result<ExitCode, Failure> {
    if !args.yes && !std::io::stdin().is_terminal() {
        return Err(
            "there is nobody to ask before each move\nhint: pass --yes to make them without asking".into()
        );
    }
    let path = args.dir.join("keys.json");
    let Some(keys) = Keys::load(&path)? else {
        let path = path.display();
        return Err(format!(
            "there is no {path}\nhint: --dir is the folder of a node, as given to `corex node --dir`"
        )
        .into());
    };
    let key = OperatorKey::from_bytes(keys.operator)?;
    let compute = compute(args.threads)?;
    runtime()?.block_on(async {
        let records = Records::open(args.network.as_deref(), Some(key)).await?;
        let table = Table::open(&args.dir, records.contracts.clone(), compute)?;
        let end = play_on(&records, &table, &args).await;
        records.close().await;
        let (state, moves) = end?;
        if args.json {
            println!("{}", json!({ "dispute": args.dispute, "moves_made": moves, "state": state }));
        } else {
            println!("dispute {}: {}", args.dispute, self::state(state));
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Plays until the game is over, or the person has had enough.
async fn play_on(records: &Records, table: &Table, args: &DisputePlayArgs) -> Result<(State, u32), Failure> {
    let contracts = &records.contracts;
    let unknown =
        || format!("there is no dispute {}\nhint: `corex dispute list` shows which there are", args.dispute);
    let mut moves = 0;
    let mut waits = false;
    loop {
        let info = contracts.dispute(args.dispute).await?.ok_or_else(unknown)?;
        let stands = dispute::listed(contracts, args.dispute, &info).await?.state;
        if !matches!(stands, State::Playing { .. }) {
            return Ok((stands, moves));
        }
        let Some(thought) = table.think(args.dispute).await? else {
            if !std::mem::replace(&mut waits, true) {
                eprintln!("{}: waiting", state(stands));
            }
            tokio::time::sleep(POLL).await;
            continue;
        };
        waits = false;
        if thought.words.is_empty() {
            eprintln!(
                "there is nothing to show: this node's own evaluation agrees with every claim of the accused"
            );
            return Ok((stands, moves));
        }
        if !args.yes && !agreed(&thought.words)? {
            return Ok((stands, moves));
        }
        match table.step(args.dispute).await? {
            Step::Played { words, mined, .. } => {
                moves += 1;
                eprintln!("{words} ({} gas)", dispute::grouped(mined.gas_used));
            }
            step => tracing::debug!(?step, "the game has moved on"),
        }
    }
}

/// Asks a person.
fn agreed(words: &str) -> Result<bool, Failure> {
    eprint!("next move: {words}\nmake it? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
