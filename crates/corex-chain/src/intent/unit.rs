//! What a number in a call or an event counts: told by the name of its parameter, as contracts name alike what is alike.

use crate::time::{Moment, Span};
use alloy::primitives::U256;

use super::names::Names;

/// How a number is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Base units of the network's token.
    Tokens,
    /// Unix time.
    Moment,
    /// Seconds.
    Span,
    /// Ten-thousandths.
    BasisPoints,
    /// Kind of work (`Types.sol`).
    Kind,
    /// Bit mask of what a node does.
    Roles,
    /// What a guard pauses.
    Scope,
    /// What a lease counts.
    Meter,
    /// How a vote goes.
    Support,
    /// A bit for each tier of nodes.
    Tiers,
    /// A number of something: nonces, units, shares, ids.
    Count,
}

/// What `name` counts, as a parameter of `item`, a function, event or error of `contract`. Shown as a plain number is what is not
/// known: never wrong, only less readable. A test holds the table against the contracts' ABI.
pub(super) fn of(contract: &str, item: &str, name: &str) -> Unit {
    match (contract, item, name) {
        // OpenZeppelin's: wei that a call carries.
        ("NetworkGovernor" | "Timelock" | "Committee", _, "value" | "values") => Unit::Count,
        ("NetworkGovernor", _, "proposalId") => Unit::Count,
        ("MiningPool", "EpochOpened", "emission") => Unit::Tokens,
        // Market, governance, distribution: what is named alike elsewhere, or only here.
        ("Market" | "UpgradeableMarket", "QuantityExceedsOffer", _) => Unit::Count,
        ("Market" | "UpgradeableMarket", "DepositTooSmall", "smallest") => Unit::Tokens,
        ("Market" | "UpgradeableMarket", "InvalidAgreement", _) => Unit::Tokens,
        ("Market" | "UpgradeableMarket", _, "accrued" | "perSecond") => Unit::Tokens,
        ("Market" | "UpgradeableMarket", _, "since") => Unit::Moment,
        ("NetworkGovernor", _, "weight" | "votes" | "threshold") => Unit::Tokens,
        ("NetworkGovernor", _, "voteStart" | "voteEnd" | "etaSeconds" | "resetUntil") => Unit::Moment,
        ("Committee", _, "expiresAt") | ("Stages", _, "notBefore") => Unit::Moment,
        ("Stages", _, "staked") | ("FeeBurner", _, "startPrice" | "floor") => Unit::Tokens,
        ("TokenSale", _, "requested") => Unit::Tokens,
        ("Guard", "PauseTooLong", _) => Unit::Span,
        (_, "LockOutOfBounds", "most") => Unit::Moment,
        (_, "CommissionTooHigh", "most") => Unit::BasisPoints,
        // Shares of a delegation have no price that could be shown here.
        (_, "InsufficientShares", _) => Unit::Count,
        (_, _, "support") => Unit::Support,
        ("Market" | "UpgradeableMarket" | "SpendingAccount", _, "tiers") => Unit::Tiers,
        (_, _, "scope") => Unit::Scope,
        (_, _, "kind") => Unit::Kind,
        (_, _, "roles") => Unit::Roles,
        (_, _, "meter") => Unit::Meter,
        _ if TOKENS.contains(&name) => Unit::Tokens,
        _ if MOMENTS.contains(&name) => Unit::Moment,
        _ if SPANS.contains(&name) => Unit::Span,
        _ if name == "bps" || name.ends_with("Bps") => Unit::BasisPoints,
        _ => Unit::Count,
    }
}

const TOKENS: &[&str] = &[
    "amount",
    "value",
    "budget",
    "deposit",
    "minDeposit",
    "price",
    "pricePerUnit",
    "maxPrice",
    "perPeriod",
    "total",
    "agreed",
    "fee",
    "refund",
    "bond",
    "burned",
    "toFinder",
    "toJob",
    "toDelegators",
    "toSplitter",
    "toReferrer",
    "premium",
    "toEcosystem",
    "insured",
    "forfeited",
    "settled",
    "room",
    "most",
    "available",
    "needed",
    "free",
    "lowest",
    "left",
    "baseFee",
    "roundBaseFee",
    "fees_",
    "balance",
    "allowance",
    "toNodes",
    "toIncentive",
];

const MOMENTS: &[&str] = &["until", "deadline", "expiry", "releaseAt", "from", "end", "start", "least"];

const SPANS: &[&str] = &["periodSeconds", "duration", "term", "maxTerm"];

impl Unit {
    /// A number in this unit. `None` for one that means nothing in it: then it is better shown as it is.
    pub(super) fn show(self, number: U256, names: &Names) -> Option<String> {
        let small = u64::try_from(number).ok();
        let choice = |words: &[&str]| {
            let word = words.get(usize::try_from(small?).ok()?)?;
            Some(format!("{word} ({number})"))
        };
        match self {
            Unit::Tokens => Some(names.amount(number)),
            Unit::Moment if number == U256::MAX => Some("never".into()),
            // Nobody means the beginning of 1970: a field that is not used.
            Unit::Moment => small.filter(|time| *time > 0).map(|time| Moment(time).to_string()),
            Unit::Span => small.map(|seconds| Span(seconds).to_string()),
            Unit::BasisPoints => small.map(percent),
            Unit::Kind => {
                choice(&["training", "fine-tuning", "inference", "preprocessing", "challenge", "audit"])
            }
            Unit::Roles => choice(&["none", "provider", "verifier", "provider and verifier"]),
            Unit::Scope => choice(&["jobs", "market", "rewards"]),
            Unit::Meter => choice(&["seconds", "units"]),
            Unit::Support => choice(&["against", "for", "abstain"]),
            Unit::Tiers => small.map(|mask| match mask {
                0xff => format!("any ({mask})"),
                _ => {
                    let tiers: Vec<_> =
                        (0..8).filter(|tier| mask >> tier & 1 == 1).map(|t| t.to_string()).collect();
                    format!("{} ({mask})", tiers.join(", "))
                }
            }),
            Unit::Count => None,
        }
    }
}

/// `12.5 %` of 1250 basis points.
pub fn percent(bps: u64) -> String {
    let (whole, rest) = (bps / 100, bps % 100);
    match rest {
        0 => format!("{whole} %"),
        _ => format!("{} %", format!("{whole}.{rest:02}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::extract;
    use alloy::json_abi::{Param, StateMutability};
    use std::collections::BTreeSet;

    /// Contracts that people call about their money.
    const CALLED: &[&str] = &[
        "ComputeToken",
        "NodeRegistry",
        "StakeVault",
        "Delegation",
        "MiningPool",
        "JobEscrow",
        "FeeSplitter",
        "SpendingAccount",
    ];

    /// Numbers that are best shown as they are.
    const COUNTS: &[&str] = &[
        "shares",
        "capability",
        "kept",
        "all",
        "v",
        "nonce",
        "units",
        "tasks",
        "reservedUnits",
        "quantity",
        "minQuantity",
        "maxQuantity",
        "rate",
        "maxRate",
    ];

    fn numbers(params: &[Param], out: &mut Vec<String>) {
        for param in params {
            numbers(&param.components, out);
            if param.ty.starts_with("uint") {
                out.push(param.name.clone());
            }
        }
    }

    #[test]
    fn every_number_in_a_call_has_a_unit_or_is_a_count() {
        for extract in extract::all().filter(|extract| CALLED.contains(&extract.name)) {
            for function in extract.abi.functions() {
                if matches!(function.state_mutability, StateMutability::View | StateMutability::Pure) {
                    continue;
                }
                let mut names = Vec::new();
                numbers(&function.inputs, &mut names);
                for name in names {
                    let unit = of(extract.name, &function.name, &name);
                    let known = unit != Unit::Count || COUNTS.contains(&name.as_str());
                    assert!(known, "what does `{name}` of {}.{} count?", extract.name, function.name);
                }
            }
        }
    }

    #[test]
    fn every_name_of_the_table_is_one_of_the_contracts() {
        let mut names = Vec::new();
        for extract in extract::all() {
            extract.abi.functions().for_each(|function| numbers(&function.inputs, &mut names));
            extract.abi.errors().for_each(|error| numbers(&error.inputs, &mut names));
            for event in extract.abi.events() {
                names.extend(event.inputs.iter().map(|input| input.name.clone()));
                event.inputs.iter().for_each(|input| numbers(&input.components, &mut names));
            }
        }
        let names: BTreeSet<_> = names.into_iter().collect();
        for name in [TOKENS, MOMENTS, SPANS].concat() {
            assert!(names.contains(name), "no contract has a parameter `{name}`");
        }
    }

    #[test]
    fn shares_of_a_hundred() {
        for (bps, text) in [(0, "0 %"), (1, "0.01 %"), (750, "7.5 %"), (1_250, "12.5 %"), (10_000, "100 %")] {
            assert_eq!(percent(bps), text);
        }
    }
}
