//! `corex wallet`: an account of one's own.

use crate::args::{LookArgs, WalletAddressArgs, WalletCommand, WalletNewArgs, WalletSendArgs};
use crate::{Failure, runtime, sign};
use serde_json::json;
use std::process::ExitCode;

pub fn run(command: WalletCommand) -> Result<ExitCode, Failure> {
    match command {
        WalletCommand::New(args) => new(args),
        WalletCommand::Address(args) => address(&args),
        WalletCommand::Balance(args) => balance(&args),
        WalletCommand::Send(args) => send(&args),
    }
}

fn new(args: WalletNewArgs) -> Result<ExitCode, Failure> {
    let path = args.file.or_else(sign::usual_wallet);
    let path = path.ok_or("the system names no place for a wallet\nhint: name a file with --file")?;
    let key = corex_node::wallet::create(&path)?;
    if args.json {
        println!("{}", json!({ "address": key.address(), "file": path }));
    } else {
        println!("{}", key.address());
        eprintln!("its key is in {}, unencrypted: back it up, and show it to nobody", path.display());
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
        let contracts = intents.contracts();
        let gas = corex_chain::Tokens(contracts.chain().gas_balance(account).await?);
        let spendable = contracts.balance(account).await?;
        println!("{}", json!({ "account": account, "gas": gas, "spendable": spendable }));
        Ok(ExitCode::SUCCESS)
    })
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
