//! `corex offer bid`: orders, of an account or of a spending account.

use super::make::{Amount, NO_RATE, expiry, finish, write};
use super::{files, fit};
use crate::args::{OfferBidArgs, SignArgs};
use crate::sign::{self, Step};
use crate::{Failure, runtime};
use corex_chain::{ANY_TIER, Intents, Meter, Order, Tokens};
use corex_work::Address;
use std::process::ExitCode;

pub fn run(args: &OfferBidArgs) -> Result<ExitCode, Failure> {
    files::check_free(&args.out)?;
    let amount = Amount::of(&args.terms)?;
    let (rate, term) = match (amount.meter, args.rate, args.term) {
        (Meter::Seconds, None, None) => (1, 0),
        (Meter::Seconds, ..) => return Err(NO_RATE.into()),
        (Meter::Units, Some(rate), Some(term)) => (rate, term.0),
        (Meter::Units, ..) => {
            let words = "how fast may units accrue, and how long does a lease in units run?";
            return Err(format!("{words}\nhint: say it with --rate and --term, such as 20000 and 7d").into());
        }
    };
    if amount.meter == Meter::Units {
        fit::check_reach(amount.least, rate, term)?;
    }
    let most = args.max_price.checked_mul(amount.most).ok_or("price times quantity is too much")?;
    runtime()?.block_on(async {
        let intents = sign::signer_for(&args.sign, args.account).await?;
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
            kind: args.terms.kind.into(),
            meter: amount.meter,
            max_price: args.max_price,
            min_quantity: amount.least,
            max_quantity: amount.most,
            rate,
            term,
            deposit: args.deposit.unwrap_or(most),
            expiry: expiry(&intents, args.terms.expires).await?,
            nonce: contracts.least_nonce(requester).await?,
        };
        if order.deposit > most {
            let symbol = intents.names().symbol();
            return Err(
                format!("the quantity cannot cost more than {most} {symbol}\nhint: lower --deposit").into()
            );
        }
        if let Some(account) = args.account {
            return place(&intents, account, order, args).await;
        }
        // A bid is worth nothing if the market cannot take the deposit.
        let allow = args.allow.unwrap_or(order.deposit).max(order.deposit);
        let approval = Step::approval(&intents, contracts.book().contracts.market, allow).await?;
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

/// Has a spending account say that an order is its own, which is its signature.
async fn place(
    intents: &Intents,
    account: Address,
    order: Order,
    args: &OfferBidArgs,
) -> Result<ExitCode, Failure> {
    let has = intents.contracts().balance(account).await?;
    if has < order.deposit {
        let (symbol, deposit) = (intents.names().symbol(), order.deposit);
        return Err(format!("the spending account has {has} {symbol}, and the deposit is {deposit}\nhint: lower --deposit, or send it more: `corex wallet send`").into());
    }
    let placed = intents.place_order(account, &order);
    // What is refused leaves no file behind.
    placed.simulate(intents.chain()).await.map_err(|error| error.explain(intents.names()))?;
    // Written first: an order that is placed and not known to anybody would only cost its limit.
    if !args.sign.dry_run {
        write(intents, order, Vec::new(), &args.out)?;
    }
    let done = sign::perform(intents, vec![placed.into()], &args.sign, "").await?;
    match (done == ExitCode::SUCCESS, args.sign.dry_run) {
        (_, true) => {}
        (true, false) => eprintln!("written to {}", args.out.display()),
        // Nobody agreed, so it was not placed and is worth nothing. After an error nobody knows: then it stays.
        (false, false) => std::fs::remove_file(&args.out)?,
    }
    Ok(done)
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
