//! Token amounts.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, iter::Sum, str::FromStr};

/// An amount of a token with 18 decimals, in base units (10^-18). Shown and parsed as a decimal number of
/// whole tokens. 128 bits hold 3.4 * 10^20 whole tokens; the largest supply of any profile is 10^9.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tokens(pub u128);

/// Base units in one token.
const ONE: u128 = 10u128.pow(Tokens::DECIMALS as u32);

impl Tokens {
    /// Digits after the point.
    pub const DECIMALS: usize = 18;

    /// `count` whole tokens, saturating.
    pub const fn whole(count: u64) -> Self {
        // The largest u64 times 10^18 is 1.8 * 10^37, below 2^128.
        Self(count as u128 * ONE)
    }

    /// For display and statistics; loses digits beyond 53 bits.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / ONE as f64
    }

    /// The part of `self` that `bps` ten-thousandths are, rounded down.
    pub fn share_down(self, bps: u16) -> Self {
        let (quotient, rest) = (self.0 / 10_000, self.0 % 10_000);
        // Saturates only for more than 10000 bps of nearly 2^128.
        Self(quotient.saturating_mul(bps.into()).saturating_add(rest * u128::from(bps) / 10_000))
    }

    /// `self * units`, or `None` beyond 128 bits.
    pub fn checked_mul(self, units: u64) -> Option<Self> {
        self.0.checked_mul(units.into()).map(Self)
    }

    /// `self - other`, zero at least.
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl std::ops::Add for Tokens {
    type Output = Self;
    /// Saturating: no sum of real amounts comes near 2^128.
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Tokens {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), |sum, amount| sum + amount)
    }
}

impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:018}", self.0 % ONE);
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{}", self.0 / ONE),
            digits => write!(f, "{}.{digits}", self.0 / ONE),
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({self})")
    }
}

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an amount of tokens: expected a decimal number with at most 18 digits after the point")]
pub struct ParseTokensError(String);

impl FromStr for Tokens {
    type Err = ParseTokensError;

    fn from_str(text: &str) -> Result<Self, ParseTokensError> {
        let parse = || {
            let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
            let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            if !digits(whole) || !digits(decimals) || decimals.len() > Self::DECIMALS {
                return None;
            }
            let scale = 10u128.pow((Self::DECIMALS - decimals.len()) as u32);
            let fraction = decimals.parse::<u128>().ok()?.checked_mul(scale)?;
            whole.parse::<u128>().ok()?.checked_mul(ONE)?.checked_add(fraction).map(Tokens)
        };
        parse().ok_or_else(|| ParseTokensError(text.to_string()))
    }
}

impl Serialize for Tokens {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Tokens {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        for (text, units) in [
            ("0", 0),
            ("1", ONE),
            ("0.000000000000000001", 1),
            ("12.5", 12 * ONE + ONE / 2),
            ("200000000", 200_000_000 * ONE),
        ] {
            assert_eq!(text.parse::<Tokens>().unwrap(), Tokens(units));
            assert_eq!(Tokens(units).to_string(), text);
        }
        assert_eq!("1.50".parse::<Tokens>().unwrap().to_string(), "1.5");
        for bad in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1.0000000000000000001", "340282366920938463464"]
        {
            assert!(bad.parse::<Tokens>().is_err(), "{bad}");
        }
    }

    #[test]
    fn shares_round_down() {
        assert_eq!(Tokens(19_999).share_down(5_000), Tokens(9_999));
        assert_eq!(Tokens::whole(200_000_000).share_down(1_000), Tokens::whole(20_000_000));
        assert_eq!(Tokens(u128::MAX).share_down(10_000), Tokens(u128::MAX));
    }
}
