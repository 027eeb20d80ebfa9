//! `corex wallet account`: spending accounts, whose hot keys pay for jobs and leases up to a limit.

use crate::args::{
    SignArgs, SpendingCommand, SpendingKeyArgs, SpendingLimitArgs, SpendingShowArgs, SpendingWithdrawArgs,
};
use crate::{Failure, money, runtime, sign};
use corex_chain::{Moment, Sent, Span, SpendingLimit};
use serde_json::json;
use std::process::ExitCode;

pub fn run(command: SpendingCommand) -> Result<ExitCode, Failure> {
    match command {
        SpendingCommand::Create(args) => create(&args),
        SpendingCommand::Show(args) => show(&args),
        SpendingCommand::Limit(args) => limit(&args),
        SpendingCommand::Revoke(args) => revoke(&args),
        SpendingCommand::Withdraw(args) => withdraw(&args),
    }
}

fn create(args: &SignArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(args).await?;
        let steps = vec![intents.create_spending_account()?.into()];
        let address = |sent: &Sent| sent.created.map(|address| address.to_string());
        sign::perform_to(&intents, steps, args, "", address).await
    })
}

fn show(args: &SpendingShowArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let mut intents = sign::reader(&args.look).await?.intents();
        let owner = intents.know_spending_account(args.account).await?;
        let balance = intents.contracts().balance(args.account).await?;
        let key = match args.hot {
            Some(hot) => Some(intents.spending_key(args.account, hot).await?),
            None => None,
        };
        if args.look.json {
            println!(
                "{}",
                json!({ "account": args.account, "owner": owner, "balance": balance, "key": key })
            );
            return Ok(ExitCode::SUCCESS);
        }
        let amount =
            |tokens: corex_chain::Tokens| format!("{} {}", money::show(tokens.0), intents.names().symbol());
        println!(
            "spending account {}\n  owner        {owner}\n  has          {}",
            args.account,
            amount(balance)
        );
        if let (Some(hot), Some(key)) = (args.hot, key) {
            let limit = key.limit;
            if limit.expiry == 0 {
                println!("key {hot}\n  is none of this account");
                return Ok(ExitCode::SUCCESS);
            }
            println!("key {hot}");
            println!("  may spend    {} now", amount(key.spendable));
            println!("  limit        {} every {}", amount(limit.per_period), Span(limit.period_seconds));
            println!("  in all       {} of {} spent", amount(key.spent), amount(limit.total));
            println!("  until        {}", Moment(limit.expiry));
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn limit(args: &SpendingLimitArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer_for(&args.sign, Some(args.account)).await?;
        let limit = SpendingLimit {
            per_period: args.per_period,
            total: args.total,
            period_seconds: args.every.0,
            expiry: args.end.at(intents.chain().time().await?),
        };
        let transaction = intents.set_limit(args.account, args.hot, limit);
        sign::perform(&intents, vec![transaction.into()], &args.sign, "").await
    })
}

fn revoke(args: &SpendingKeyArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer_for(&args.sign, Some(args.account)).await?;
        let steps = match intents.spending_key(args.account, args.hot).await?.limit.expiry {
            0 => Vec::new(),
            _ => vec![intents.revoke_key(args.account, args.hot).into()],
        };
        sign::perform(&intents, steps, &args.sign, "that is no key of this account").await
    })
}

fn withdraw(args: &SpendingWithdrawArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer_for(&args.sign, Some(args.account)).await?;
        let transaction = intents.withdraw_spending(args.account, args.amount)?;
        sign::perform(&intents, vec![transaction.into()], &args.sign, "").await
    })
}
