//! What offers, orders and leases are made of: what is counted, how much, until when.

use super::{Kind, positive};
use clap::{Args, ValueEnum};
use corex_chain::{Meter, Moment, Span, Tokens, WorkKind};
use std::str::FromStr;

impl From<Kind> for WorkKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Training => Self::Training,
            Kind::FineTuning => Self::FineTuning,
            Kind::Inference => Self::Inference,
            Kind::Preprocessing => Self::Preprocessing,
            Kind::Challenge => Self::Challenge,
        }
    }
}

/// What a lease counts.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // As `Meter`.
pub enum Count {
    Seconds,
    Units,
}

impl From<Count> for Meter {
    fn from(count: Count) -> Self {
        match count {
            Count::Seconds => Self::Seconds,
            Count::Units => Self::Units,
        }
    }
}

/// How many seconds or units: digits, or for seconds a length of time such as `12h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Of whatever is counted.
    Count(u64),
    /// So many seconds.
    Time(Span),
}

impl Quantity {
    /// How many, where a lease counts `meter`.
    ///
    /// # Errors
    /// A length of time, where units are counted.
    pub fn of(self, meter: Meter) -> Result<u64, String> {
        match (self, meter) {
            (Self::Count(count), _) => Ok(count),
            (Self::Time(span), Meter::Seconds) => Ok(span.0),
            (Self::Time(span), Meter::Units) => Err(format!(
                "{span} is a length of time, but units are counted here\nhint: write a number of units"
            )),
        }
    }
}

impl FromStr for Quantity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let quantity = match plain {
            true => text.parse().ok().filter(|count| *count > 0).map(Self::Count),
            false => text.parse().ok().filter(|span: &Span| span.0 > 0).map(Self::Time),
        };
        quantity.ok_or_else(|| {
            format!(
                "'{text}' is no quantity\nhint: write a number, or for seconds a length of time such as 12h"
            )
        })
    }
}

/// What offers and orders have in common.
#[derive(Args, Debug)]
pub struct TermsArgs {
    /// What is counted.
    #[arg(long, value_enum, default_value = "seconds")]
    pub meter: Count,
    /// What the node is leased for.
    #[arg(long, value_enum, default_value = "training")]
    pub kind: Kind,
    /// All of it, over all leases: seconds (or 12h, 2d, …) or units.
    #[arg(long)]
    pub quantity: Quantity,
    /// Smallest lease.
    #[arg(long, default_value = "1", value_name = "QUANTITY")]
    pub min_quantity: Quantity,
    /// Until when it can be taken: a date, or a time from now.
    #[arg(long, default_value = "1w", value_name = "WHEN")]
    pub expires: When,
}

/// A moment: a date, or a length of time from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// This.
    At(Moment),
    /// From when the command runs, by the chain's clock.
    In(Span),
}

impl When {
    /// As Unix time, on a chain whose clock says `now`.
    pub fn after(self, now: u64) -> u64 {
        match self {
            Self::At(moment) => moment.0,
            Self::In(span) => now.saturating_add(span.0),
        }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let span = || text.parse().map(Self::In);
        span().or_else(|_| text.parse().map(Self::At)).map_err(|error: corex_chain::ParseTimeError| {
            format!("{error}, or a length of time from now such as 2w")
        })
    }
}

/// An amount, or all that has accrued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earned {
    /// This, since the lease opened.
    Amount(Tokens),
    /// Whatever has accrued when the command runs.
    Accrued,
}

impl FromStr for Earned {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "accrued" => Ok(Self::Accrued),
            amount => positive(amount).map(Self::Amount).map_err(|why| format!("{why}, or 'accrued'")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_times_and_earnings_take_no_garbage() {
        for (text, count) in [("1", 1), ("3600", 3_600), ("1h", 3_600), ("1d12h", 129_600)] {
            assert_eq!(text.parse::<Quantity>().unwrap().of(Meter::Seconds), Ok(count), "{text}");
        }
        assert_eq!("3600".parse::<Quantity>().unwrap().of(Meter::Units), Ok(3_600));
        assert!(
            "1h".parse::<Quantity>().unwrap().of(Meter::Units).unwrap_err().contains("units are counted")
        );
        for bad in ["", "0", "0s", "-1", "1.5", "1e3", "99999999999999999999", "one", "1 h", "0x10", "١"] {
            assert!(bad.parse::<Quantity>().unwrap_err().starts_with(&format!("'{bad}' is no")), "{bad}");
        }
        assert_eq!("2w".parse::<When>().unwrap().after(100), 100 + 2 * 604_800);
        assert_eq!("2027-01-15T08:00".parse::<When>().unwrap().after(100), 1_800_000_000);
        assert_eq!("@5".parse::<When>().unwrap().after(100), 5);
        for bad in ["", "soon", "2w!", "2027-13-01"] {
            assert!(bad.parse::<When>().is_err(), "{bad}");
        }
        assert_eq!("accrued".parse(), Ok(Earned::Accrued));
        assert_eq!("1.5".parse(), Ok(Earned::Amount(Tokens(1_500_000_000_000_000_000))));
        for bad in ["", "all", "0", "-1", "Accrued"] {
            assert!(bad.parse::<Earned>().is_err(), "{bad}");
        }
    }
}
