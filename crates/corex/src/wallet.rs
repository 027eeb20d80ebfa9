//! `corex wallet`: an account of one's own.

mod spending;

use crate::args::{LookArgs, WalletAddressArgs, WalletCommand, WalletNewArgs, WalletSendArgs};
use crate::{Failure, money, runtime, sign};
use corex_chain::{Holdings, Tokens};
use serde_json::{Value, json};
use std::fmt::Write;
use std::process::ExitCode;

pub fn run(command: WalletCommand) -> Result<ExitCode, Failure> {
    match command {
        WalletCommand::New(args) => new(args),
        WalletCommand::Address(args) => address(&args),
        WalletCommand::Balance(args) => balance(&args),
        WalletCommand::Send(args) => send(&args),
        WalletCommand::Account(command) => spending::run(command),
    }
}

fn new(args: WalletNewArgs) -> Result<ExitCode, Failure> {
    let path = args.file.or_else(sign::usual_wallet);
    let path = path.ok_or("the system names no place for a wallet\nhint: name a file with --file")?;
    let passphrase = match args.no_passphrase {
        true => None,
        false => Some(sign::passphrase::new()?),
    };
    let key = corex_node::wallet::create(&path, passphrase.as_deref())?;
    if args.json {
        println!("{}", json!({ "address": key.address(), "file": path }));
    } else {
        println!("{}", key.address());
        let how = if args.no_passphrase { ", unencrypted" } else { "" };
        eprintln!("its key is in {}{how}: back it up, and show it to nobody", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn address(args: &WalletAddressArgs) -> Result<ExitCode, Failure> {
    let address = sign::own_key(args.key.as_deref())?.address();
    match args.json {
        true => println!("{}", json!({ "address": address })),
        false => println!("{address}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn balance(args: &LookArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let (intents, account) = sign::viewer(args).await?;
        let holdings = intents.contracts().holdings(account).await?;
        if args.json {
            println!("{}", summary(&holdings, intents.names().symbol()));
        } else {
            print!("{}", text(&holdings, intents.names().symbol()));
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn summary(h: &Holdings, symbol: &str) -> Value {
    json!({
        "account": h.account,
        "symbol": symbol,
        "gas": h.gas,
        "spendable": h.spendable,
        "staked": h.staked(),
        "locked": h.locked(),
        "delegated": h.delegated(),
        "unbonding": h.unbonding(),
        "withdrawable": h.withdrawable(),
        "claimable": h.claimable(),
        "in_escrow": h.in_escrow(),
        "in_leases": h.in_leases(),
        "owed": h.owed(),
        "nodes": h.nodes,
        "delegations": h.delegations,
        "jobs": h.jobs,
        "leases": h.leases,
    })
}

fn text(h: &Holdings, symbol: &str) -> String {
    let mut out =
        format!("account {}\n  {:<12} {:>16} ETH, for gas\n", h.account, "gas", money::show(h.gas.0));
    let mut line = |name: &str, amount: Tokens, note: &str| {
        let _ = writeln!(out, "  {name:<12} {:>16} {symbol}{note}", money::show(amount.0));
    };
    line("spendable", h.spendable, "");
    line("staked", h.staked(), &format!(", {} of it locked", money::show(h.locked().0)));
    line("delegated", h.delegated(), "");
    line(
        "unbonding",
        h.unbonding(),
        &format!(", {} of it can be withdrawn", money::show(h.withdrawable().0)),
    );
    line("claimable", h.claimable(), ", mined by own nodes, their delegators' part included");
    line("in escrow", h.in_escrow(), ", for jobs");
    line("in leases", h.in_leases(), ", deposits and bonds");
    line("owed", h.owed(), ", payments that could not be made");
    out
}

fn send(args: &WalletSendArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let transaction = match args.gas {
            true => intents.pay_gas(args.to, args.amount),
            false => intents.transfer(args.to, args.amount)?,
        };
        sign::perform(&intents, vec![transaction.into()], &args.sign, "").await
    })
}
