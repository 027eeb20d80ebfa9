//! `corex sale`.

use crate::args::{
    LookArgs, SaleAllowListArgs, SaleBuyArgs, SaleClaimArgs, SaleCommand, SaleFinalizeArgs, SaleRefundArgs,
};
use crate::sign::{self, Step};
use crate::{Failure, runtime};
use corex_chain::{AllowList, Intents, Moment, Outcome, SaleInfo, SaleStageInfo, Tokens};
use corex_work::{Address, Hash32};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

pub fn run(command: SaleCommand) -> Result<ExitCode, Failure> {
    match command {
        SaleCommand::Show(args) => show(&args),
        SaleCommand::Buy(args) => buy(&args),
        SaleCommand::Claim(args) => claim(&args),
        SaleCommand::Refund(args) => refund(&args),
        SaleCommand::Finalize(args) => finalize(&args),
        SaleCommand::AllowList(args) => allow_list(&args),
    }
}

fn show(args: &LookArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let (intents, account) = sign::onlooker(args).await?;
        // Whoever is not named has bought nothing.
        let account = account.unwrap_or_default();
        let sale = intents.contracts().sale(account).await?;
        let (bought, paid) = intents.contracts().bought_by(account).await?;
        if args.json {
            println!("{}", json!({ "sale": sale, "account": account, "unclaimed": bought, "paid": paid }));
            return Ok(ExitCode::SUCCESS);
        }
        print!("{}", text(&intents, &sale));
        let symbol = intents.names().symbol();
        if bought > Tokens(0) || paid > Tokens(0) {
            println!(
                "{account} bought {bought} {symbol} that are not claimed, for {}",
                intents.payment(&sale, paid)
            );
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn text(intents: &Intents, sale: &SaleInfo) -> String {
    let symbol = intents.names().symbol();
    let mut out = format!(
        "sale of {symbol}, {}\nraised      {} of {} at least\n",
        sale.outcome,
        intents.payment(sale, sale.raised),
        intents.payment(sale, sale.soft_cap)
    );
    for (index, stage) in sale.stages.iter().enumerate() {
        let now = if sale.running == Some(index) { "  RUNNING" } else { "" };
        let _ = writeln!(out, "stage {}{now}", index + 1);
        let _ = writeln!(out, "  time      {} to {}", Moment(stage.start), Moment(stage.end));
        let _ = writeln!(out, "  price     {} for one {symbol}", intents.payment(sale, stage.price));
        let _ = writeln!(out, "  sold      {} of {} {symbol}", stage.sold, stage.cap);
        let _ =
            writeln!(out, "  each      {} {symbol} at most, {} bought", stage.cap_per_buyer, stage.bought);
        if stage.allow_list.is_some() {
            let _ = writeln!(out, "  for       those on its list");
        }
    }
    out
}

fn buy(args: &SaleBuyArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let me = intents.chain().address();
        let sale = intents.contracts().sale(me).await?;
        let (index, stage) = running(&intents, &sale).await?;
        let symbol = intents.names().symbol();
        let room = stage.cap.saturating_sub(stage.sold).min(stage.cap_per_buyer.saturating_sub(stage.bought));
        if args.amount > room {
            return Err(format!(
                "this account can buy {room} {symbol} more in this stage, not {}",
                args.amount
            )
            .into());
        }
        let proof = match (stage.allow_list, &args.proof) {
            (None, _) => Vec::new(),
            (Some(root), Some(path)) => proof(path, root, me)?,
            (Some(_), None) => {
                let hint = "pass the list's file with --proof; whoever runs the sale has it";
                return Err(format!("this stage is for those on a list\nhint: {hint}").into());
            }
        };
        let cost = intents.contracts().sale_cost(index, args.amount).await?;
        let purchase = intents.buy_in_sale(&sale, args.amount, cost, &proof)?;
        let steps = match intents.sale_allowance(&sale, cost).await? {
            Some(approval) => vec![approval.into(), Step::after(purchase)],
            None => vec![purchase.into()],
        };
        sign::perform(&intents, steps, &args.sign, "").await
    })
}

async fn running<'s>(intents: &Intents, sale: &'s SaleInfo) -> Result<(usize, &'s SaleStageInfo), Failure> {
    if let Some((index, stage)) = sale.running.and_then(|index| Some((index, sale.stages.get(index)?))) {
        return Ok((index, stage));
    }
    let now = intents.chain().time().await?;
    Err(match (sale.outcome, sale.stages.iter().find(|stage| now < stage.start)) {
        (Outcome::Open, Some(next)) => format!("the next stage begins at {}", Moment(next.start)),
        _ => format!("the sale is over; it {}", sale.outcome),
    }
    .into())
}

/// The account's own proof, from the file of all.
fn proof(path: &Path, root: Hash32, account: Address) -> Result<Vec<Hash32>, Failure> {
    let wrong = |why: String| Failure::from(format!("{}: {why}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let list: AllowList =
        serde_json::from_slice(&bytes).map_err(|error| wrong(format!("it is no allow-list: {error}")))?;
    if list.root != root {
        return Err(wrong(format!(
            "it is another list: the stage's has the root {root}, this one {}",
            list.root
        )));
    }
    let proof = list.proofs.get(&account).cloned().ok_or_else(|| wrong(format!("{account} is not on it")))?;
    match AllowList::proves(root, account, &proof) {
        true => Ok(proof),
        false => Err(wrong(format!("the proof of {account} is wrong"))),
    }
}

fn claim(args: &SaleClaimArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let buyer = args.buyer.unwrap_or(intents.chain().address());
        let sale = intents.contracts().sale(buyer).await?;
        expect(&sale, Outcome::Succeeded, "`corex sale refund` gives back what was paid")?;
        let (bought, _) = intents.contracts().bought_by(buyer).await?;
        let steps = match bought {
            Tokens(0) => Vec::new(),
            bought => vec![intents.claim_from_sale(buyer, bought)?.into()],
        };
        sign::perform(&intents, steps, &args.sign, "nothing is left to claim").await
    })
}

fn refund(args: &SaleRefundArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let me = intents.chain().address();
        let sale = intents.contracts().sale(me).await?;
        expect(&sale, Outcome::Failed, "`corex sale claim` gives the tokens")?;
        let (_, paid) = intents.contracts().bought_by(me).await?;
        let steps = match paid {
            Tokens(0) => Vec::new(),
            paid => vec![intents.refund_from_sale(&sale, args.to.unwrap_or(me), paid)?.into()],
        };
        sign::perform(&intents, steps, &args.sign, "nothing is left to give back").await
    })
}

fn finalize(args: &SaleFinalizeArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let contracts = intents.contracts();
        let sale = contracts.sale(intents.chain().address()).await?;
        if sale.outcome == Outcome::Open {
            let end = sale.stages.last().map_or(Moment(0), |stage| Moment(stage.end));
            return Err(format!("the sale goes on until {end}, or until all is sold").into());
        }
        let at = contracts.book().contracts.sale;
        let mut steps: Vec<Step> = Vec::new();
        let succeeded = sale.outcome == Outcome::Succeeded;
        if succeeded && contracts.holding(sale.payment, at).await? > Tokens(0) {
            steps.push(intents.collect_sale(&sale)?.into());
        }
        let owed = if succeeded { sale.owed } else { Tokens(0) };
        if contracts.balance(at).await? > owed {
            steps.push(intents.sweep_sale(&sale)?.into());
        }
        sign::perform(&intents, steps, &args.sign, "everything has left the sale but what buyers are owed")
            .await
    })
}

fn expect(sale: &SaleInfo, wanted: Outcome, otherwise: &str) -> Result<(), Failure> {
    match sale.outcome {
        outcome if outcome == wanted => Ok(()),
        Outcome::Open => {
            Err("the sale is not over yet\nhint: `corex sale show` shows until when it goes on".into())
        }
        outcome => Err(format!("the sale {outcome}\nhint: {otherwise}").into()),
    }
}

fn allow_list(args: &SaleAllowListArgs) -> Result<ExitCode, Failure> {
    let path = &args.accounts;
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let list = AllowList::new(accounts(&text).map_err(|why| format!("{}: {why}", path.display()))?)
        .ok_or_else(|| format!("{}: there is no address in it", path.display()))?;
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).open(&args.out).map_err(|error| {
            format!("cannot write {}: {error}\nhint: choose another name with --out", args.out.display())
        })?;
    std::io::Write::write_all(&mut file, &serde_json::to_vec_pretty(&list)?)?;
    match args.json {
        true => println!("{}", json!({ "root": list.root, "accounts": list.proofs.len(), "file": args.out })),
        false => {
            println!("{}", list.root);
            eprintln!("{} accounts, proofs written to {}", list.proofs.len(), args.out.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One address on a line.
fn accounts(text: &str) -> Result<Vec<Address>, String> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if !line.is_empty() {
            found.push(line.parse().map_err(|error| format!("line {}: {error}", number + 1))?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::accounts;

    #[test]
    fn lists_are_read_line_by_line() {
        let one = format!("0x{}", "11".repeat(20));
        assert_eq!(accounts(&format!("# ours\n\n  {one}  # first\n{one}\n")).unwrap().len(), 2);
        for (text, says) in [("0x12", "line 1"), ("\nnobody", "line 2"), ("0x11 0x22", "line 1")] {
            assert!(accounts(text).unwrap_err().starts_with(says), "{text}");
        }
    }
}
