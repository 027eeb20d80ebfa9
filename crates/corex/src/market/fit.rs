//! Whether an offer and an order make a lease: asked before the contract is, whose answer is one word.

use super::words;
use crate::Failure;
use corex_chain::{Intents, Meter, Offer, Order, Span, Tokens};
use corex_work::Address;

/// Refuses an offer and an order that do not agree, in the order in which the market looks.
pub fn check_terms(intents: &Intents, offer: &Offer, order: &Order) -> Result<(), Failure> {
    let symbol = intents.names().symbol();
    let differ = |offered: String, ordered: String| {
        Err(format!(
            "they do not go together: offered {offered}, ordered {ordered}\nhint: change one of the two"
        )
        .into())
    };
    let of = |node: Address| format!("is node {}", intents.names().address(node));
    let limit = |what: &str, value: String| format!("is {what} {value} at most");
    if offer.kind != order.kind {
        return differ(format!("is {}", offer.kind), format!("is {}", order.kind));
    }
    if offer.meter != order.meter {
        return differ(format!("are {}", offer.meter), format!("are {}", order.meter));
    }
    if offer.price > order.max_price {
        return differ(
            format!("is a price of {} {symbol}", offer.price),
            limit("one of", format!("{} {symbol}", order.max_price)),
        );
    }
    if offer.meter == Meter::Units && order.rate > offer.max_rate {
        let rate = |units: u64| format!("{units} units per second");
        return differ(limit("a rate of", rate(offer.max_rate)), format!("is one of {}", rate(order.rate)));
    }
    if offer.meter == Meter::Units && order.term > offer.max_term {
        let term = |seconds: u64| Span(seconds).to_string();
        return differ(limit("a term of", term(offer.max_term)), format!("is one of {}", term(order.term)));
    }
    if order.node != Address::default() && order.node != offer.node {
        return differ(of(offer.node), of(order.node));
    }
    Ok(())
}

/// Refuses a lease of `quantity` that one of the two does not want to be so small.
pub fn check_quantity(offer: &Offer, order: &Order, quantity: u64) -> Result<(), Failure> {
    let least = offer.min_quantity.max(order.min_quantity);
    match quantity < least {
        true => Err(format!(
            "{} are left of both, and a lease takes {} at least\nhint: ask for another offer or order",
            words::quantity(offer.meter, quantity),
            words::quantity(offer.meter, least)
        )
        .into()),
        false => Ok(()),
    }
}

/// Refuses a lease in units whose time does not suffice for its quantity: its deposit could never be earned.
pub fn check_reach(quantity: u64, rate: u64, term: u64) -> Result<(), Failure> {
    let most = rate.saturating_mul(term);
    match most < quantity {
        true => Err(format!(
            "in {} not more than {most} units can accrue, at {rate} per second\nhint: raise --rate or --term, or lower the quantity of {quantity}",
            Span(term)
        )
        .into()),
        false => Ok(()),
    }
}

/// Refuses an order of another account from which the market could not take the deposit.
pub async fn check_deposit(intents: &Intents, order: &Order, deposit: Tokens) -> Result<(), Failure> {
    if order.requester == intents.chain().address() {
        return Ok(());
    }
    let there = intents.contracts().market_can_take(order.requester).await?;
    match there < deposit {
        true => Err(format!(
            "the deposit is {deposit} {}, and the market can take {there} of the requester's\n\
             hint: it has spent them, or has not allowed enough for all its orders (`corex offer bid --allow`)",
            intents.names().symbol()
        )
        .into()),
        false => Ok(()),
    }
}
