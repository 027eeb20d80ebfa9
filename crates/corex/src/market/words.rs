//! Offers, orders and leases, for people.

use corex_chain::{Intents, LeaseInfo, Meter, Moment, Offer, OfferStanding, Order, Span};
use corex_work::Address;
use std::fmt::Write;

/// A quantity with what it counts.
pub fn quantity(meter: Meter, count: u64) -> String {
    match meter {
        Meter::Seconds => Span(count).to_string(),
        Meter::Units => format!("{count} units"),
    }
}

/// An ask, line by line.
pub fn offer(intents: &Intents, o: &Offer) -> String {
    let (names, symbol) = (intents.names(), intents.names().symbol());
    let each = if o.meter == Meter::Seconds { "second" } else { "unit" };
    let mut out = format!("offer of node {}\n", names.address(o.node));
    let _ = writeln!(out, "  signed by   {}", names.address(o.provider));
    let _ = writeln!(out, "  for         {}", o.kind);
    let _ = writeln!(out, "  price       {} {symbol} per {each}, fees included", o.price);
    let (least, most) = (quantity(o.meter, o.min_quantity), quantity(o.meter, o.max_quantity));
    let _ = writeln!(out, "  quantity    {most} in all, {least} at least");
    if o.meter == Meter::Units {
        let _ = writeln!(out, "  rate        {} units per second at most", o.max_rate);
    }
    let _ = writeln!(out, "  longest     {}", Span(o.max_term));
    let _ = writeln!(out, "  deposit     {} {symbol} at least", o.min_deposit);
    let _ = writeln!(out, "  expires     {}", Moment(o.expiry));
    let _ = writeln!(out, "  nonce       {}", o.nonce);
    out
}

/// A bid, line by line.
pub fn order(intents: &Intents, o: &Order) -> String {
    let (names, symbol) = (intents.names(), intents.names().symbol());
    let each = if o.meter == Meter::Seconds { "second" } else { "unit" };
    let node = match o.node == Address::default() {
        true => "any node".into(),
        false => format!("node {}", names.address(o.node)),
    };
    let mut out = format!("order of {node}\n");
    let _ = writeln!(out, "  signed by   {}", names.address(o.requester));
    if o.signer != Address::default() {
        let _ = writeln!(out, "  acts for it {}", names.address(o.signer));
    }
    let tiers: Vec<String> =
        (0..8).filter(|tier| o.tiers >> tier & 1 == 1).map(|tier| tier.to_string()).collect();
    let tiers = if tiers.len() == 8 { "any".into() } else { tiers.join(", ") };
    let _ = writeln!(out, "  tiers       {tiers}");
    let _ = writeln!(out, "  for         {}", o.kind);
    let _ = writeln!(out, "  price       {} {symbol} per {each} at most", o.max_price);
    let (least, most) = (quantity(o.meter, o.min_quantity), quantity(o.meter, o.max_quantity));
    let _ = writeln!(out, "  quantity    {most} in all, {least} at least");
    if o.meter == Meter::Units {
        let _ = writeln!(out, "  rate        {} units per second at most, for {}", o.rate, Span(o.term));
    }
    let _ = writeln!(out, "  deposit     {} {symbol}", o.deposit);
    let _ = writeln!(out, "  expires     {}", Moment(o.expiry));
    let _ = writeln!(out, "  nonce       {}", o.nonce);
    out
}

/// What is left, and what stands against it.
pub fn standing(meter: Meter, standing: &OfferStanding) -> String {
    let mut out =
        format!("  hash        {}\n  left        {}\n", standing.hash, quantity(meter, standing.left));
    match standing.troubles.is_empty() {
        true => out += "  can be taken\n",
        false => {
            for trouble in &standing.troubles {
                let _ = writeln!(out, "  CANNOT be taken: {trouble}");
            }
        }
    }
    out
}

/// A lease, line by line, at a time.
pub fn lease(intents: &Intents, l: &LeaseInfo, now: u64, challenge_seconds: u64) -> String {
    let (names, symbol) = (intents.names(), intents.names().symbol());
    let each = if l.meter == Meter::Seconds { "second" } else { "unit" };
    let mut out = format!("lease {}\n", l.lease);
    let _ = writeln!(out, "  node        {}", names.address(l.node));
    let _ = writeln!(out, "  requester   {}", names.address(l.requester));
    if l.signer != l.requester {
        let _ = writeln!(out, "  acts for it {}", names.address(l.signer));
    }
    let _ = writeln!(out, "  price       {} {symbol} per {each}, fees included", l.price);
    if let (Meter::Units, Some(rate)) = (l.meter, l.per_second.0.checked_div(l.price.0)) {
        let _ = writeln!(out, "  rate        {rate} units, {} {symbol}, per second at most", l.per_second);
    }
    let state = match () {
        () if l.closed => "closed".into(),
        () if now < l.end => format!("runs until {}", Moment(l.end)),
        () => {
            let closable = Moment(l.closable_from(challenge_seconds));
            format!(
                "over since {}; the provider may claim until {closable}, then anybody may close it",
                Moment(l.end)
            )
        }
    };
    let _ = writeln!(out, "  state       {state}");
    let _ = writeln!(out, "  deposit     {} of {} {symbol}", l.deposit, l.most);
    let _ = writeln!(out, "  accrued     {} {symbol}", l.accrued);
    let _ = writeln!(out, "  settled     {} {symbol}", l.settled);
    if let Some(claim) = l.claim {
        let _ = writeln!(
            out,
            "  claimed     {} {symbol} in all, with a bond of {}; objections until {}",
            claim.amount,
            claim.bond,
            Moment(claim.deadline)
        );
    }
    out
}
