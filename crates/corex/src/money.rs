//! Amounts of the token, for people.

/// Every profile's token has 18 decimals, as ERC-20 tokens do by default.
const DECIMALS: u32 = 18;

/// `1234567890000000000000` as `1,234.567`: at most three decimals, rounded down, so that nobody is shown more than
/// there is.
pub fn show(base_units: u128) -> String {
    let unit = 10u128.pow(DECIMALS);
    let (whole, rest) = (base_units / unit, base_units % unit);
    let mut out = corex_node::dispute::grouped(whole);
    let milli = rest / 10u128.pow(DECIMALS - 3);
    if milli > 0 {
        out.push_str(format!(".{milli:03}").trim_end_matches('0'));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::show;

    #[test]
    fn amounts_are_grouped_and_rounded_down() {
        let unit = 10u128.pow(18);
        for (amount, text) in [
            (0, "0"),
            (unit, "1"),
            (unit / 2, "0.5"),
            (999_999 * unit / 1000, "999.999"),
            (1_234_567 * unit + 1, "1,234,567"),
            (unit - 1, "0.999"),
        ] {
            assert_eq!(show(amount), text);
        }
    }
}
