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
        ("Market" | "UpgradeableMarket", _, "accrued" | "perSecond") => Unit::Tokens,
        ("Market" | "UpgradeableMarket", _, "since") => Unit::Moment,
        ("NetworkGovernor", _, "weight" | "votes" | "threshold") => Unit::Tokens,
        ("NetworkGovernor", _, "voteStart" | "voteEnd" | "etaSeconds" | "resetUntil") => Unit::Moment,
        ("Committee", _, "expiresAt") | ("Stages", _, "notBefore") => Unit::Moment,
        ("Stages", _, "staked") | ("FeeBurner", _, "startPrice" | "floor") => Unit::Tokens,
        ("TokenSale", _, "requested") => Unit::Tokens,
        ("Guard", "PauseTooLong", _) => Unit::Span,
        (_, _, "support") => Unit::Support,
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
    "needs",
    "free",
    "lowest",
    "left",
    "baseFee",
    "balance",
    "allowance",
    "toNodes",
    "toIncentive",
    "spent",
];

const MOMENTS: &[&str] = &[
    "until",
    "deadline",
    "expiry",
    "releaseAt",
    "lockedUntil",
    "from",
    "changesAt",
    "end",
    "start",
    "least",
];

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
            Unit::BasisPoints => small.map(|bps| percent(bps)),
            Unit::Kind => {
                choice(&["training", "fine-tuning", "inference", "preprocessing", "challenge", "audit"])
            }
            Unit::Roles => choice(&["none", "provider", "verifier", "provider and verifier"]),
            Unit::Scope => choice(&["jobs", "market", "rewards"]),
            Unit::Meter => choice(&["seconds", "units"]),
            Unit::Support => choice(&["against", "for", "abstain"]),
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
