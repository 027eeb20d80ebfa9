//! What a person reads before signing, and after.

use super::Step;
use corex_chain::{Field, Forecast, Intents, Message, Sent, Tokens};
use corex_node::dispute::grouped;
use std::fmt::Write;

/// Who signs, and where that counts.
pub fn heading(intents: &Intents) -> String {
    let (chain, book) = (intents.chain(), intents.contracts().book());
    format!(
        "account {} on network {} (chain {}, {})\n",
        chain.address(),
        book.profile.name,
        chain.chain_id(),
        chain.url()
    )
}

/// A transaction, and the permit that goes into it; `number` if there are several.
pub fn step(step: &Step, number: Option<usize>) -> String {
    let mut out = String::new();
    if let Some(number) = number {
        let _ = write!(out, "{number}. ");
    }
    if let Some(message) = &step.message {
        out += &self::message(message);
        out += "then ";
    }
    let transaction = &step.transaction;
    let _ = writeln!(out, "{}", transaction.words);
    let _ = writeln!(out, "   to        {}", transaction.to_shown);
    if transaction.value > 0 {
        let _ = writeln!(out, "   value     {} ETH", Tokens(transaction.value));
    }
    if !transaction.function.is_empty() {
        let _ = writeln!(out, "   function  {}", transaction.function);
    }
    // The signature of a permit is not there yet.
    let hidden: &[&str] = if step.message.is_some() { &["v", "r", "s"] } else { &[] };
    fields(&mut out, transaction.arguments.iter().filter(|a| !hidden.contains(&a.name.as_str())));
    out.pop();
    out
}

/// An EIP-712 message with all that it says.
pub fn message(message: &Message) -> String {
    let mut out = format!("sign a message (EIP-712): {}\n", message.words);
    let _ =
        writeln!(out, "   domain    {} {} on chain {}", message.domain, message.version, message.chain_id);
    let _ = writeln!(out, "   contract  {}", message.contract_shown);
    let _ = writeln!(out, "   type      {}", message.kind);
    fields(&mut out, message.fields.iter());
    let _ = writeln!(out, "   digest    {}", message.digest);
    out
}

fn fields<'a>(out: &mut String, fields: impl Iterator<Item = &'a Field> + Clone) {
    let width = fields.clone().map(|field| field.name.len()).max().unwrap_or(0);
    for field in fields {
        let _ = writeln!(out, "     {:<width$}  {}", field.name, field.shown);
    }
}

/// Ether of a fee, to nine decimals, rounded up.
fn ether(wei: u128) -> Tokens {
    Tokens(wei.div_ceil(1_000_000_000).saturating_mul(1_000_000_000))
}

/// What it would cost.
pub fn forecast(forecast: Option<Forecast>) -> String {
    match forecast {
        Some(forecast) => {
            format!(
                "   tried: {} gas, at most {} ETH\n",
                grouped(u128::from(forecast.gas)),
                ether(forecast.most_fee)
            )
        }
        None => "   tried: it lacks nothing but what comes before it\n".into(),
    }
}

/// What happened.
pub fn sent(step: &Step, sent: &Sent) -> String {
    let mined = &sent.mined;
    let mut out = format!(
        "done: {}\n   transaction {}, block {}, {} gas, {} ETH",
        step.transaction.words,
        mined.tx,
        mined.block,
        grouped(u128::from(mined.gas_used)),
        ether(sent.fee)
    );
    if let Some(created) = sent.created {
        let _ = write!(out, "\n   created {created}");
    }
    // What the token and its votes note of every transfer is in the JSON; here it would hide what matters.
    for event in sent.events.iter().filter(|event| event.contract != "ComputeToken") {
        let said: Vec<_> = event.fields.iter().map(|f| format!("{} {}", f.name, f.shown)).collect();
        let _ = write!(out, "\n   {}: {}", event.event, said.join(", "));
    }
    out
}
