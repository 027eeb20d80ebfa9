//! `corex deploy`.

use crate::args::DeployArgs;
use crate::ui::Ui;
use crate::{EXIT_DISPROVED, Failure, network, runtime};
use corex_node::deploy::{self, BOOK, DeployOptions, Deployed};
use std::process::ExitCode;

pub fn run(args: DeployArgs) -> Result<ExitCode, Failure> {
    let (ui, reporter) = Ui::new();
    let key = network::account(args.key.as_deref())?;
    let embedded = args.rpc.is_none();
    let chain = network::chain_choice(args.rpc, 0);
    let deployed = runtime()?.block_on(async {
        match args.profile {
            None => deploy::check(&args.dir, &chain, key, &reporter).await,
            Some(profile) => {
                let options = DeployOptions {
                    dir: args.dir.clone(),
                    profile,
                    local: args.local || embedded,
                    accounts: args.accounts,
                    chain,
                    key,
                    dry_run: args.dry_run,
                };
                deploy::deploy(options, &reporter).await
            }
        }
    })?;
    ui.finish();
    let broken = deployed.promises.iter().filter(|promise| promise.broken.is_some()).count();
    if args.json {
        println!("{}", serde_json::to_string(&deployed)?);
    } else {
        print!("{}", text(&deployed));
        let book = args.dir.join(BOOK);
        match broken {
            _ if args.dry_run => println!("\nnothing was sent"),
            0 => println!(
                "\nall {} promises are kept; address book: {}",
                deployed.promises.len(),
                book.display()
            ),
            _ => println!("\n{broken} of {} promises are BROKEN", deployed.promises.len()),
        }
    }
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::from(EXIT_DISPROVED) })
}

fn text(deployed: &Deployed) -> String {
    let book = &deployed.book;
    let mut out = format!(
        "profile {} on chain {}, deployed by {}\n\n{:<16} {:<20} ADDRESS\n",
        book.profile.name, book.chain_id, book.deployer, "PART", "CONTRACT"
    );
    for part in book.parts() {
        let contract = part.contract(&book.profile);
        out += &format!("{:<16} {contract:<20} {}\n", part.key(), book.contracts.at(part));
    }
    if !deployed.created.is_empty() {
        let gas: u64 = deployed.created.iter().map(|created| created.gas).sum();
        out += &format!("\n{} contracts created now, {gas} gas\n", deployed.created.len());
    }
    if !deployed.promises.is_empty() {
        out.push('\n');
    }
    for promise in &deployed.promises {
        match &promise.broken {
            None => out += &format!("kept    {}\n", promise.what),
            Some(why) => out += &format!("BROKEN  {}: {why}\n", promise.what),
        }
    }
    out
}
