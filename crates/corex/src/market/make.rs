//! `corex offer make`: asks; and what they share with bids.

use super::{files, fit, offer};
use crate::args::{OfferMakeArgs, SignArgs, TermsArgs, When};
use crate::{Failure, runtime, sign};
use corex_chain::{Intents, MarketMessage, Message, Meter, Moment, Offer, SignedTerms, Terms};
use std::path::Path;
use std::process::ExitCode;

/// Said where seconds are counted.
pub const NO_RATE: &str =
    "a lease in seconds has neither rate nor term\nhint: leave --rate and --term out, or count --meter units";

pub fn run(args: &OfferMakeArgs) -> Result<ExitCode, Failure> {
    files::check_free(&args.out)?;
    let amount = Amount::of(&args.terms)?;
    let (max_rate, max_term) = match (amount.meter, args.max_rate, args.max_term) {
        (Meter::Seconds, None, term) => (1, term.map_or(amount.most, |term| term.0)),
        (Meter::Seconds, Some(_), _) => {
            return Err(
                "a lease in seconds has no rate\nhint: leave --max-rate out, or count --meter units".into()
            );
        }
        (Meter::Units, Some(rate), Some(term)) => (rate, term.0),
        (Meter::Units, ..) => {
            let words = "how fast does the node work, and how long may a lease in units run?";
            return Err(format!(
                "{words}\nhint: say it with --max-rate and --max-term, such as 20000 and 7d"
            )
            .into());
        }
    };
    if amount.meter == Meter::Units {
        fit::check_reach(amount.least, max_rate, max_term)?;
    }
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let contracts = intents.contracts();
        let provider = intents.chain().address();
        offer::check_provider(&intents, args.node).await?;
        let offer = Offer {
            provider,
            node: args.node,
            kind: args.terms.kind.into(),
            meter: amount.meter,
            price: args.price,
            min_quantity: amount.least,
            max_quantity: amount.most,
            max_rate,
            max_term,
            min_deposit: args.min_deposit,
            expiry: expiry(&intents, args.terms.expires).await?,
            nonce: contracts.least_nonce(provider).await?,
        };
        finish(&intents, &intents.offer(&offer)?, offer, &args.out, &args.sign)
    })
}

/// What is counted, and how much of it.
pub struct Amount {
    /// Seconds or units.
    pub meter: Meter,
    /// Of the smallest lease.
    pub least: u64,
    /// Of all leases together.
    pub most: u64,
}

impl Amount {
    /// What the arguments say.
    pub fn of(args: &TermsArgs) -> Result<Amount, Failure> {
        let meter = Meter::from(args.meter);
        let (least, most) = (args.min_quantity.of(meter)?, args.quantity.of(meter)?);
        match least > most {
            true => Err("--min-quantity exceeds --quantity".into()),
            false => Ok(Amount { meter, least, most }),
        }
    }
}

/// The Unix time that is meant, on the chain's clock; it must lie ahead.
pub async fn expiry(intents: &Intents, when: When) -> Result<u64, Failure> {
    let now = intents.chain().time().await?;
    match when.after(now) {
        expiry if expiry > now => Ok(expiry),
        _ => Err(format!("--expires is in the past: it is {} there now", Moment(now)).into()),
    }
}

/// Signs terms and writes them.
pub fn finish<T: Terms + MarketMessage>(
    intents: &Intents,
    message: &Message,
    terms: T,
    out: &Path,
    args: &SignArgs,
) -> Result<ExitCode, Failure> {
    sign::sign_into(intents, message, args, |signature| write(intents, terms, signature.0.to_vec(), out), out)
}

/// Writes signed terms to a file.
pub fn write<T: Terms>(intents: &Intents, terms: T, signature: Vec<u8>, out: &Path) -> Result<(), Failure> {
    let domain = intents.contracts().book().market_domain();
    files::write(out, &SignedTerms::new(terms, &domain, signature))
}
