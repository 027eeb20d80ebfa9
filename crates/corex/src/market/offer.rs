//! `corex offer`: asks and bids.

use super::{files, list, words};
use crate::args::{OfferAcceptArgs, OfferBidArgs, OfferCommand, OfferMakeArgs, OfferShowArgs, SignArgs};
use crate::sign::{self, Step};
use crate::{EXIT_DISPROVED, Failure, runtime};
use corex_chain::{
    ANY_TIER, Intents, MarketMessage, Message, Meter, Offer, OfferStanding, Order, SignedTerms, Terms,
    Tokens, Trouble, lease_id,
};
use corex_work::Address;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

pub fn run(command: OfferCommand) -> Result<ExitCode, Failure> {
    match command {
        OfferCommand::Make(args) => make(&args),
        OfferCommand::Bid(args) => bid(&args),
        OfferCommand::Accept(args) => accept(&args),
        OfferCommand::Show(args) => show(&args),
        OfferCommand::Cancel(args) => cancel(&args.file, &args.sign),
        OfferCommand::CancelAll(args) => cancel_all(&args.sign),
        OfferCommand::List(args) => list::run(&args),
    }
}

fn make(args: &OfferMakeArgs) -> Result<ExitCode, Failure> {
    files::check_free(&args.out)?;
    let meter = Meter::from(args.meter);
    if meter == Meter::Seconds && args.max_rate.0 != 1 {
        return Err(
            "a lease in seconds has no rate\nhint: leave --max-rate out, or count --meter units".into()
        );
    }
    let max_term = match (meter, args.max_term) {
        (_, Some(term)) => term.0,
        (Meter::Seconds, None) => args.quantity.0,
        (Meter::Units, None) => {
            return Err("how long may a lease in units run?\nhint: say it with --max-term, such as 7d".into());
        }
    };
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let contracts = intents.contracts();
        let provider = intents.chain().address();
        check_provider(&intents, args.node).await?;
        let offer = Offer {
            provider,
            node: args.node,
            kind: args.kind.into(),
            meter,
            price: args.price,
            min_quantity: args.min_quantity.0,
            max_quantity: args.quantity.0,
            max_rate: args.max_rate.0,
            max_term,
            min_deposit: args.min_deposit,
            expiry: args.expires.after(contracts.chain().time().await?),
            nonce: contracts.least_nonce(provider).await?,
        };
        if offer.min_quantity > offer.max_quantity {
            return Err("--min-quantity exceeds --quantity".into());
        }
        check_future(&intents, offer.expiry).await?;
        finish(&intents, &intents.offer(&offer)?, offer, &args.out, &args.sign)
    })
}

fn bid(args: &OfferBidArgs) -> Result<ExitCode, Failure> {
    files::check_free(&args.out)?;
    let meter = Meter::from(args.meter);
    if meter == Meter::Seconds && (args.rate.0 != 1 || args.term.is_some()) {
        return Err("a lease in seconds has neither rate nor term\nhint: leave --rate and --term out".into());
    }
    if meter == Meter::Units && args.term.is_none() {
        return Err("how long does a lease in units run?\nhint: say it with --term, such as 7d".into());
    }
    let most = args.max_price.checked_mul(args.quantity.0).ok_or("price times quantity is too much")?;
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let contracts = intents.contracts();
        let key = intents.chain().address();
        let requester = args.account.unwrap_or(key);
        let tiers = args.tiers.iter().fold(0, |mask, tier| mask | 1 << tier);
        let order = Order {
            requester,
            // A spending account signs nothing but orders: somebody must sign its vouchers.
            signer: args.signer.or(args.account.map(|_| key)).unwrap_or_default(),
            node: args.node.unwrap_or_default(),
            tiers: if args.tiers.is_empty() { ANY_TIER } else { tiers },
            kind: args.kind.into(),
            meter,
            max_price: args.max_price,
            min_quantity: args.min_quantity.0,
            max_quantity: args.quantity.0,
            rate: args.rate.0,
            term: args.term.map_or(0, |term| term.0),
            deposit: args.deposit.unwrap_or(most),
            expiry: args.expires.after(contracts.chain().time().await?),
            nonce: contracts.least_nonce(requester).await?,
        };
        if order.min_quantity > order.max_quantity {
            return Err("--min-quantity exceeds --quantity".into());
        }
        if order.deposit > most {
            return Err(format!("the quantity cannot cost more than {most}\nhint: lower --deposit").into());
        }
        check_future(&intents, order.expiry).await?;
        if let Some(account) = args.account {
            // Written first: an order that is placed and not known to anybody would only cost its limit.
            write(&intents, order, Vec::new(), &args.out)?;
            let placed = intents.place_order(account, &order);
            let done = sign::perform(&intents, vec![placed.into()], &args.sign, "").await;
            match &done {
                Ok(code) if *code == ExitCode::SUCCESS && !args.sign.dry_run => {
                    eprintln!("written to {}", args.out.display());
                }
                // It was not placed, so it is worth nothing. After an error nobody knows: then it stays.
                Ok(_) => std::fs::remove_file(&args.out)?,
                Err(_) => {}
            }
            return done;
        }
        // A bid is worth nothing if the market cannot take the deposit.
        let approval = Step::approval(&intents, contracts.book().contracts.market, order.deposit).await?;
        if let Some(approval) = approval {
            let quiet = SignArgs { json: false, ..args.sign.clone() };
            let done = sign::perform(&intents, vec![approval], &quiet, "").await?;
            if done != ExitCode::SUCCESS {
                return Ok(done);
            }
        }
        finish(&intents, &intents.order(&order)?, order, &args.out, &args.sign)
    })
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
        let quantity = args.quantity.map_or(standing.left, |quantity| quantity.0);
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
        let deposit = deposit_of(&order, quantity, price)?;
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
        let intents = sign::signer(args).await?;
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
                let account = (theirs != me && order.terms.signer != me).then_some(theirs);
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

/// Signs terms and writes them.
fn finish<T: Terms + MarketMessage>(
    intents: &Intents,
    message: &Message,
    terms: T,
    out: &Path,
    args: &SignArgs,
) -> Result<ExitCode, Failure> {
    sign::sign_into(intents, message, args, |signature| write(intents, terms, signature.0.to_vec(), out), out)
}

fn write<T: Terms>(intents: &Intents, terms: T, signature: Vec<u8>, out: &Path) -> Result<(), Failure> {
    let domain = intents.contracts().book().market_domain();
    files::write(out, &SignedTerms::new(terms, &domain, signature))
}

/// Only a node's owner or operator can offer it.
async fn check_provider(intents: &Intents, node: Address) -> Result<(), Failure> {
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

async fn check_future(intents: &Intents, expiry: u64) -> Result<(), Failure> {
    let now = intents.chain().time().await?;
    match expiry > now {
        true => Ok(()),
        false => {
            Err(format!("--expires is in the past: it is {} there now", corex_chain::Moment(now)).into())
        }
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

/// The deposit of a lease of `quantity` of an order: the same part of the order's, and never more than the lease can cost.
pub fn deposit_of(order: &Order, quantity: u64, price: Tokens) -> Result<Tokens, Failure> {
    let most = price.checked_mul(quantity).ok_or("price times quantity is too much")?;
    let part = match order.max_quantity {
        0 => Tokens(0),
        all => Tokens(mul_div(order.deposit.0, quantity, all)),
    };
    Ok(part.min(most))
}

/// `a * b / c`, rounded down, for `b <= c`: so it is at most `a`.
fn mul_div(a: u128, b: u64, c: u64) -> u128 {
    let (b, c) = (u128::from(b), u128::from(c));
    // a = q c + r: both products are below 2^128, as q b <= a, and r and b are of 64 bits.
    (a / c) * b + (a % c) * b / c
}

#[cfg(test)]
mod tests {
    use super::mul_div;

    #[test]
    fn parts_of_a_deposit_are_exact() {
        for (a, b, c, part) in [
            (10, 1, 3, 3),
            (10, 3, 3, 10),
            (u128::MAX, u64::MAX, u64::MAX, u128::MAX),
            (u128::MAX, 1, u64::MAX, (1 << 64) + 1),
            (7, 0, 9, 0),
        ] {
            assert_eq!(mul_div(a, b, c), part, "{a} * {b} / {c}");
        }
    }
}
