//! `corex offer`: asks and bids.

use super::{bid, files, fit, list, make, words};
use crate::args::{OfferAcceptArgs, OfferCommand, OfferShowArgs, SignArgs};
use crate::{EXIT_DISPROVED, Failure, runtime, sign};
use corex_chain::{
    ChainError, Intents, MarketMessage, Meter, Offer, OfferStanding, Order, SignedTerms, Tokens, Trouble,
    lease_id,
};
use corex_work::Address;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

pub fn run(command: OfferCommand) -> Result<ExitCode, Failure> {
    match command {
        OfferCommand::Make(args) => make::run(&args),
        OfferCommand::Bid(args) => bid::run(&args),
        OfferCommand::Accept(args) => accept(&args),
        OfferCommand::Show(args) => show(&args),
        OfferCommand::Cancel(args) => cancel(&args.file, &args.sign),
        OfferCommand::CancelAll(args) => cancel_all(&args.sign),
        OfferCommand::List(args) => list::run(&args),
    }
}

fn accept(args: &OfferAcceptArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let contracts = intents.contracts();
        let signed: SignedTerms<Order> = files::read(&intents, &args.order)?;
        let order = signed.terms;
        check_provider(&intents, args.node).await?;
        let standing = contracts.order_standing(&order, signed.signature()).await?;
        refuse_trouble(&args.order, &standing)?;
        let provider = intents.chain().address();
        let quantity = args.quantity.map_or(Ok(standing.left), |quantity| quantity.of(order.meter))?;
        let price = args.price.unwrap_or(order.max_price);
        let term = if order.meter == Meter::Seconds { quantity } else { order.term };
        let offer = Offer {
            provider,
            node: args.node,
            kind: order.kind,
            meter: order.meter,
            price,
            min_quantity: quantity,
            max_quantity: quantity,
            max_rate: order.rate,
            max_term: term,
            min_deposit: Tokens(0),
            expiry: order.expiry,
            nonce: contracts.least_nonce(provider).await?,
        };
        fit::check_terms(&intents, &offer, &order)?;
        fit::check_quantity(&offer, &order, quantity.min(standing.left))?;
        let deposit = bid::deposit_of(&order, quantity, price)?;
        fit::check_deposit(&intents, &order, deposit).await?;
        let lease = lease_id(offer.digest(&contracts.book().market_domain()), standing.hash);
        let intent = intents.open_lease((&offer, &[]), (&order, signed.signature()), quantity, deposit)?;
        let done = sign::perform(&intents, vec![intent.into()], &args.sign, "").await?;
        if done == ExitCode::SUCCESS && !args.sign.dry_run && !args.sign.json {
            println!("{lease}");
        }
        Ok(done)
    })
}

fn show(args: &OfferShowArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::reader(&args.look).await?.intents();
        let contracts = intents.contracts();
        let bytes = files::bytes(&args.file)?;
        let (text, value, meter, standing) = match files::parse::<Offer>(&intents, &bytes) {
            Ok(signed) => {
                let standing = contracts.offer_standing(&signed.terms, signed.signature()).await?;
                let value = json!({ "offer": signed.terms, "standing": standing });
                (words::offer(&intents, &signed.terms), value, signed.terms.meter, standing)
            }
            Err(corex_chain::TermsError::Kind { .. }) => {
                let signed: SignedTerms<Order> = files::read(&intents, &args.file)?;
                let standing = contracts.order_standing(&signed.terms, signed.signature()).await?;
                let value = json!({ "order": signed.terms, "standing": standing });
                (words::order(&intents, &signed.terms), value, signed.terms.meter, standing)
            }
            Err(error) => return Err(files::named(&args.file, &error)),
        };
        match args.look.json {
            true => println!("{value}"),
            false => print!("{text}{}", words::standing(meter, &standing)),
        }
        let forged = standing.troubles.contains(&Trouble::Forged);
        Ok(if forged { ExitCode::from(EXIT_DISPROVED) } else { ExitCode::SUCCESS })
    })
}

fn cancel(path: &Path, args: &SignArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let mut intents = sign::signer(args).await?;
        let (intent, standing) = match files::parse::<Offer>(&intents, &files::bytes(path)?) {
            Ok(signed) => {
                let standing = intents.contracts().offer_standing(&signed.terms, signed.signature()).await?;
                (intents.cancel_offer(&signed.terms)?, standing)
            }
            Err(corex_chain::TermsError::Kind { .. }) => {
                let order = files::read::<Order>(&intents, path)?;
                let standing = intents.contracts().order_standing(&order.terms, order.signature()).await?;
                let me = intents.chain().address();
                let theirs = order.terms.requester;
                // Who acts for the requester can void an order by itself, even one of a spending account.
                let account = (theirs != me && order.terms.signer != me).then_some(theirs);
                if let Some(account) = account {
                    intents.know_spending_account(account).await.map_err(|error| match error {
                        ChainError::Conflict(_) => {
                            format!(
                                "the order is of {theirs}, and this account is {me}\nhint: use its key: --key"
                            )
                        }
                        other => other.to_string(),
                    })?;
                }
                (intents.cancel_order(account, &order.terms)?, standing)
            }
            Err(error) => return Err(files::named(path, &error)),
        };
        let steps = match standing.troubles.contains(&Trouble::Cancelled) {
            true => Vec::new(),
            false => vec![intent.into()],
        };
        sign::perform(&intents, steps, args, "it was cancelled before").await
    })
}

fn cancel_all(args: &SignArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(args).await?;
        let least = intents.contracts().least_nonce(intents.chain().address()).await?;
        let next = least.checked_add(1).ok_or("this account has used up its nonces")?;
        sign::perform(&intents, vec![intents.cancel_below(next)?.into()], args, "").await
    })
}

/// Only a node's owner or operator can offer it.
pub async fn check_provider(intents: &Intents, node: Address) -> Result<(), Failure> {
    let me = intents.chain().address();
    match intents.contracts().node(node).await? {
        Some(info) if me == node || me == info.owner => Ok(()),
        Some(info) => Err(format!(
            "node {node} is of {}, and this account is {me}\nhint: use the key of its owner or operator: --key",
            info.owner
        )
        .into()),
        None => Err(format!("there is no node {node}\nhint: `corex delegate list` shows all nodes").into()),
    }
}

/// What stands against terms stops a command before anything is signed.
pub fn refuse_trouble(path: &Path, standing: &OfferStanding) -> Result<(), Failure> {
    match standing.troubles.as_slice() {
        [] => Ok(()),
        troubles => {
            let words: Vec<String> = troubles.iter().map(ToString::to_string).collect();
            Err(format!("{} cannot be taken: {}", path.display(), words.join("; ")).into())
        }
    }
}
