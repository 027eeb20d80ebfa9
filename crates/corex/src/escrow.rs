//! `corex escrow`: jobs as their requester pays for them.

use crate::args::{
    EscrowCommand, EscrowCoordinatorArgs, EscrowJobArgs, EscrowOpenArgs, EscrowShowArgs, EscrowTopUpArgs,
    LookArgs,
};
use crate::{Failure, money, runtime, sign};
use corex_chain::{Intents, JobTerms, Moment, OwnJob, Sent, Tokens};
use corex_work::{Hash32, JobId};
use serde_json::json;
use sign::Step;
use std::fmt::Write;
use std::process::ExitCode;

pub fn run(command: EscrowCommand) -> Result<ExitCode, Failure> {
    match command {
        EscrowCommand::List(args) => list(&args),
        EscrowCommand::Show(args) => show(&args),
        EscrowCommand::Open(args) => open(&args),
        EscrowCommand::TopUp(args) => top_up(&args),
        EscrowCommand::Coordinator(args) => coordinator(&args),
        EscrowCommand::Close(args) => close(&args),
        EscrowCommand::Withdraw(args) => withdraw(&args),
    }
}

fn open(args: &EscrowOpenArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer_for(&args.sign, args.account).await?;
        let terms = JobTerms {
            spec: args.spec,
            coordinator: args.coordinator.unwrap_or(intents.chain().address()),
            price_per_unit: args.price,
            deadline: args.end.at(intents.chain().time().await?),
            kind: args.kind.into(),
            programs: args.programs.unwrap_or(Hash32([0; 32])),
            referrer: args.referrer,
            insured: args.insured,
        };
        let steps = match args.account {
            Some(account) => vec![intents.open_job_of(account, terms, args.budget).into()],
            None => {
                let escrow = intents.contracts().book().contracts.escrow;
                Step::taking(&intents, escrow, args.budget, intents.open_job(terms, args.budget)?).await?
            }
        };
        let number = |sent: &Sent| sent.announced("JobOpened", "job").map(str::to_owned);
        sign::perform_to(&intents, steps, &args.sign, "", number).await
    })
}

fn top_up(args: &EscrowTopUpArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer_for(&args.sign, args.account).await?;
        let steps = match args.account {
            Some(account) => vec![intents.top_up_job_of(account, args.job, args.amount).into()],
            None => {
                let escrow = intents.contracts().book().contracts.escrow;
                Step::taking(&intents, escrow, args.amount, intents.top_up_job(args.job, args.amount)?)
                    .await?
            }
        };
        sign::perform(&intents, steps, &args.sign, "").await
    })
}

fn coordinator(args: &EscrowCoordinatorArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer_for(&args.sign, args.account).await?;
        let steps = match job(&intents, args.job).await?.coordinator == args.coordinator {
            true => Vec::new(),
            false => vec![match args.account {
                Some(account) => intents.set_coordinator_of(account, args.job, args.coordinator).into(),
                None => intents.set_coordinator(args.job, args.coordinator)?.into(),
            }],
        };
        sign::perform(&intents, steps, &args.sign, "that account is the coordinator already").await
    })
}

fn close(args: &EscrowJobArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer_for(&args.sign, args.account).await?;
        let steps = match job(&intents, args.job).await?.closed {
            true => Vec::new(),
            false => vec![match args.account {
                Some(account) => intents.close_job_of(account, args.job).into(),
                None => intents.close_job(args.job)?.into(),
            }],
        };
        sign::perform(&intents, steps, &args.sign, "the job is closed already").await
    })
}

fn withdraw(args: &EscrowJobArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer_for(&args.sign, args.account).await?;
        let job = job(&intents, args.job).await?;
        let steps = match job.free() {
            Tokens(0) => Vec::new(),
            // Refunds go to the requester, whoever asks: a spending account needs no call of its own.
            free => vec![intents.refund_job(args.job, free)?.into()],
        };
        let nothing = match job.reserved {
            Tokens(0) => "nothing is left in this job".to_owned(),
            Tokens(reserved) => {
                format!("nothing is free: {} belongs to rounds that are not settled", money::show(reserved))
            }
        };
        sign::perform(&intents, steps, &args.sign, &nothing).await
    })
}

async fn job(intents: &Intents, job: JobId) -> Result<OwnJob, Failure> {
    let unknown = || format!("there is no job {job}\nhint: `corex escrow list` shows those of an account");
    Ok(intents.contracts().own_job(job).await?.ok_or_else(unknown)?)
}

fn list(args: &LookArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let (intents, account) = sign::viewer(args).await?;
        let jobs = intents.contracts().jobs_of(account).await?;
        if args.json {
            println!("{}", json!({ "account": account, "jobs": jobs }));
        } else if jobs.is_empty() {
            eprintln!("{account} has opened no job");
        } else {
            print!("{}", table(&jobs));
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn table(jobs: &[OwnJob]) -> String {
    let mut out = String::from(
        "JOB                                                                    IN ESCROW    RESERVED        FREE  DEADLINE\n",
    );
    for job in jobs {
        let _ = writeln!(
            out,
            "{}  {:>12}  {:>10}  {:>10}  {}{}",
            job.job,
            money::show(job.balance.0),
            money::show(job.reserved.0),
            money::show(job.free().0),
            Moment(job.deadline),
            if job.closed { "  closed" } else { "" }
        );
    }
    out
}

fn show(args: &EscrowShowArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let contracts = sign::reader(&args.look).await?;
        let intents = contracts.intents();
        let job = job(&intents, args.job).await?;
        if args.look.json {
            println!("{}", json!({ "job": job, "free": job.free() }));
            return Ok(ExitCode::SUCCESS);
        }
        let amount = |tokens: Tokens| format!("{} {}", money::show(tokens.0), intents.names().symbol());
        println!("job {}", job.job);
        println!("  state        {}", if job.closed { "closed" } else { "open" });
        println!("  requester    {}", intents.names().address(job.requester));
        println!("  coordinator  {}", intents.names().address(job.coordinator));
        let kind = job.kind.map_or_else(|| "unknown to this version".into(), |kind| kind.to_string());
        println!("  work         {kind}");
        println!("  price        {} {} for a unit of work", job.price_per_unit, intents.names().symbol());
        println!("  in escrow    {}", amount(job.balance));
        println!("  reserved     {}, for rounds that are not settled", amount(job.reserved));
        println!("  free         {}", amount(job.free()));
        println!("  deadline     {}", Moment(job.deadline));
        let insured = if job.insured {
            "yes: work that is proven wrong is compensated into the job by itself"
        } else {
            "no"
        };
        println!("  insured      {insured}");
        Ok(ExitCode::SUCCESS)
    })
}
