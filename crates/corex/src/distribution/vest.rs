//! `corex vest`.

use crate::args::{VestCommand, VestOfferArgs, VestReleaseArgs, VestShowArgs, VestTakeArgs};
use crate::sign::{self, Step};
use crate::{Failure, runtime};
use corex_chain::{Intents, Moment, Tokens, VestingInfo};
use corex_work::Address;
use serde_json::json;
use std::process::ExitCode;

pub fn run(command: VestCommand) -> Result<ExitCode, Failure> {
    match command {
        VestCommand::Show(args) => show(&args),
        VestCommand::Release(args) => release(&args),
        VestCommand::Offer(args) => offer(&args),
        VestCommand::Take(args) => take(&args),
    }
}

fn show(args: &VestShowArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let (intents, account) = match args.all {
            true => (sign::reader(&args.look).await?.intents(), None),
            false => {
                let (intents, account) = sign::viewer(&args.look).await?;
                (intents, Some(account))
            }
        };
        let mut wallets = intents.contracts().vesting_wallets().await?;
        wallets.retain(|wallet| {
            account.is_none_or(|who| wallet.owner == who || wallet.pending_owner == Some(who))
        });
        if args.look.json {
            println!("{}", json!({ "account": account, "wallets": wallets }));
            return Ok(ExitCode::SUCCESS);
        }
        for wallet in &wallets {
            print!("{}", text(&intents, wallet));
        }
        if wallets.is_empty() {
            eprintln!("nothing vests here; --all shows what vests for others");
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn text(intents: &Intents, w: &VestingInfo) -> String {
    let (names, symbol) = (intents.names(), intents.names().symbol());
    let offered = match w.pending_owner {
        Some(to) => format!("\n  offered to  {}", names.address(to)),
        None => String::new(),
    };
    format!(
        "wallet {}: {}\n  belongs to  {}{offered}\n  granted     {} {symbol}\n  released    {} {symbol}\n  \
         releasable  {} {symbol}\n  first       {}\n  all         {}\n",
        w.wallet,
        w.bucket,
        names.address(w.owner),
        w.granted,
        w.released,
        w.releasable,
        Moment(w.cliff),
        Moment(w.end)
    )
}

fn release(args: &VestReleaseArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let me = intents.chain().address();
        let wallets = match args.wallet {
            Some(wallet) => vec![find(&intents, wallet).await?],
            None => {
                let mut own = intents.contracts().vesting_wallets().await?;
                own.retain(|wallet| wallet.owner == me);
                if own.is_empty() {
                    return Err(format!(
                        "nothing vests for {me}\nhint: `corex vest show --all` shows all wallets"
                    )
                    .into());
                }
                own
            }
        };
        let mut steps: Vec<Step> = Vec::new();
        for wallet in wallets.iter().filter(|wallet| wallet.releasable > Tokens(0)) {
            steps.push(intents.release(wallet)?.into());
        }
        let next = wallets.iter().map(|wallet| wallet.cliff).min().map(Moment);
        let nothing = match next {
            Some(cliff) if intents.chain().time().await? < cliff.0 => {
                format!("nothing can be released before {cliff}")
            }
            _ => "everything that has vested is released".into(),
        };
        sign::perform(&intents, steps, &args.sign, &nothing).await
    })
}

fn offer(args: &VestOfferArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let wallet = find(&intents, args.wallet).await?;
        let me = intents.chain().address();
        if wallet.owner != me {
            return Err(format!("the wallet belongs to {}, and this account is {me}", wallet.owner).into());
        }
        let steps = match wallet.pending_owner == Some(args.to) {
            true => Vec::new(),
            false => vec![intents.offer_vesting(&wallet, args.to).into()],
        };
        sign::perform(&intents, steps, &args.sign, "it is offered to that account already").await
    })
}

fn take(args: &VestTakeArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let wallet = find(&intents, args.wallet).await?;
        let me = intents.chain().address();
        let steps = match (wallet.owner == me, wallet.pending_owner == Some(me)) {
            (true, _) => Vec::new(),
            (false, true) => vec![intents.take_vesting(&wallet).into()],
            (false, false) => {
                let why = "its owner offers it with `corex vest offer`";
                return Err(format!("the wallet was not offered to {me}\nhint: {why}").into());
            }
        };
        sign::perform(&intents, steps, &args.sign, "it is this account's already").await
    })
}

async fn find(intents: &Intents, wallet: Address) -> Result<VestingInfo, Failure> {
    let all = intents.contracts().vesting_wallets().await?;
    let found = all.into_iter().find(|known| known.wallet == wallet);
    found.ok_or_else(|| {
        format!("this network has no vesting wallet {wallet}\nhint: `corex vest show --all` shows all").into()
    })
}
