//! What a contract's refusal means, and what to do about it.

use super::{
    Names,
    field::{Field, Place},
};
use crate::client::{ChainError, Revert, revert};
use alloy::dyn_abi::JsonAbiExt;

/// Error, what it means, what to do. `{name}` stands for the argument of that name.
type Row = (&'static str, &'static str, &'static str);

/// Refusals that a person can meet who does nothing wrong but being early, short of money, or somebody else. A test holds the names against the
/// contracts' ABI.
const ROWS: &[Row] = &[
    // The token.
    (
        "ERC20InsufficientBalance",
        "{sender} has {balance}, and {needed} are needed",
        "`corex wallet balance` shows what an account can spend",
    ),
    (
        "ERC20InsufficientAllowance",
        "{spender} may take {allowance}, and {needed} are needed",
        "run the command again: it allows what is missing",
    ),
    // Nodes and stake.
    ("UnknownNode", "there is no node {node}", "`corex delegate list` shows all nodes of the network"),
    (
        "AlreadyRegistered",
        "node {node} is registered already",
        "`corex stake show` with its address shows it",
    ),
    ("NotOwner", "{caller} is not the owner", "use the owner's key: --key"),
    (
        "NotOwnerOrOperator",
        "{caller} is neither owner nor operator of node {node}",
        "use the key of one of them: --key",
    ),
    (
        "NotPendingOwner",
        "node {node} was not offered to {caller}",
        "its owner offers it with `corex stake node transfer`",
    ),
    (
        "WrongSigner",
        "the registration is signed by {recovered}, not by the operator key of {node}",
        "give the node's own key with --operator",
    ),
    (
        "LockOutOfBounds",
        "a lock until {until} is out of bounds: at least {least}, at most {most}",
        "choose a time in between",
    ),
    (
        "StillLocked",
        "the stake of {node} is locked until {until}",
        "wait until then: nothing ends a lock earlier",
    ),
    (
        "InsufficientStake",
        "node {node} has {available} of active stake, and {needed} are needed",
        "`corex stake show` shows what is bonded or unbonding",
    ),
    (
        "NothingToWithdraw",
        "nothing of {node} is unbonding",
        "begin with `corex stake unbond` or `corex delegate remove`",
    ),
    ("StillUnbonding", "what is unbonding at {node} can be withdrawn from {releaseAt} on", "wait until then"),
    // Delegation.
    ("NotAccepting", "node {node} does not accept delegations", "`corex delegate list` shows which nodes do"),
    (
        "DelegationFull",
        "node {node} has room for {room} more, not for {amount}",
        "delegate less, or to another node: `corex delegate list`",
    ),
    ("InsufficientShares", "{delegator} has no such stake at node {node}", "`corex delegate show` shows all"),
    (
        "CommissionTooHigh",
        "a commission of {bps} is too high: {most} is the most that can be set now",
        "raise it in steps",
    ),
    ("AmountTooSmall", "{amount} is too little to be worth a share", "take more"),
    ("ZeroAmount", "the amount is zero", "name an amount above zero"),
    // Mining.
    (
        "NothingToClaim",
        "there is nothing to claim for {node}",
        "what is mined in an epoch can be claimed when the epoch is over",
    ),
    ("ClaimsPaused", "claims are paused", "nothing is lost: claim when the pause is over"),
    // Jobs.
    ("UnknownJob", "there is no job {job}", "`corex escrow list` shows those of an account"),
    ("JobIsClosed", "job {job} is closed", "what is left of it: `corex escrow withdraw`"),
    ("JobNotClosed", "job {job} is not closed", "close it first: `corex escrow close`"),
    (
        "NotRequester",
        "{caller} is not the requester of job {job}, and its deadline has not passed",
        "use the requester's key: --key",
    ),
    ("DeadlinePassed", "the deadline {deadline} has passed", "choose a later one"),
    ("PriceTooLow", "a price of {price} for a unit is below the least of {lowest}", "offer more"),
    ("InvalidCoordinator", "{coordinator} cannot be a coordinator", "name an account"),
    (
        "NothingOwed",
        "nothing is owed to {to}",
        "what is owed is what a token refused to transfer when it was due",
    ),
    // Spending accounts.
    (
        "NotKey",
        "{caller} is no key of this spending account, or its limit has expired",
        "its owner sets limits: `corex wallet account limit`",
    ),
    (
        "ExceedsPeriod",
        "key {key} can spend {left} more in this period, not {amount}",
        "wait for the next period, or ask the owner for more",
    ),
    ("ExceedsTotal", "key {key} can spend {left} more in all, not {amount}", "ask the owner for a new limit"),
    ("AlreadyPlaced", "this very order was placed before", "change something in it, such as when it expires"),
    (
        "InvalidLimit",
        "the limit makes no sense: {what}",
        "`corex wallet account limit --help` says what it needs",
    ),
    (
        "NotOurLease",
        "lease {lease} is not one of this spending account",
        "`corex rent list --of ADDRESS` shows those that are",
    ),
    (
        "NotOurJob",
        "job {job} is not one of this spending account",
        "`corex escrow list --of ADDRESS` shows those that are",
    ),
    // Market.
    ("Paused", "new jobs or leases are paused", "nothing is lost: `corex committee show` says until when"),
    ("TermsDiffer", "offer and order do not agree on {term}", "change one of the two"),
    (
        "NothingLeft",
        "nothing is left of it",
        "`corex offer show` and `corex sale show` say how much there was",
    ),
    (
        "QuantityTooSmall",
        "{quantity} are left, and a lease takes {smallest} at least",
        "`corex offer show` says how much is left of it",
    ),
    ("QuantityExceedsOffer", "{left} of the offer are left, not {quantity}", "take less of it"),
    ("DepositTooSmall", "a deposit of {deposit} is too small: {smallest} is the least", "deposit more"),
    (
        "WrongSignature",
        "it is not signed by {signer}",
        "ask for a file that is: somebody may have changed it",
    ),
    (
        "NotProvider",
        "{caller} is neither owner nor operator of node {node}",
        "use the key of one of them: --key",
    ),
    ("NodeNotInService", "node {node} is not in service as a provider", "its owner takes it into service"),
    ("TierNotAllowed", "node {node} is of tier {tier}, which the order does not allow", "take another node"),
    ("Expired", "it expired at {expiry}", "ask for a new one"),
    ("UnknownLease", "there is no lease {lease}", "`corex rent list` shows those of an account"),
    ("LeaseIsClosed", "lease {lease} is closed", "what was left has returned to the requester"),
    ("LeaseOver", "lease {lease} was over at {end}", "`corex rent show` says what can still be done"),
    (
        "LeaseNotOver",
        "lease {lease} can be closed by others than the provider after {until} only",
        "wait until then",
    ),
    ("NotParty", "{caller} is not a party of lease {lease}", "use the key of one of the two sides: --key"),
    ("ExceedsAccrued", "{amount} exceed what has accrued so far, {accrued}", "claim less, or later"),
    (
        "ExceedsDeposit",
        "{amount} exceed the deposit of {deposit}",
        "the requester can raise it: `corex rent top-up`",
    ),
    (
        "AlreadySettled",
        "{settled} are settled already, which covers {amount}",
        "amounts count from the lease's beginning",
    ),
    ("NoClaim", "no claim is open on lease {lease}", "`corex rent show` says what was settled"),
    ("ClaimOpen", "a claim is open, objections are possible until {deadline}", "wait until it is decided"),
    (
        "ClaimStands",
        "since {since} the claim cannot be taken back any more",
        "wait for its end: `corex rent finalize`",
    ),
    ("ChallengeWindowOpen", "it can be objected to until {deadline}", "wait until then"),
    (
        "ChallengeWindowOver",
        "it could be objected to until {deadline}",
        "nothing can be done about it any more",
    ),
    // Votes, committees, emergencies.
    (
        "GovernorInsufficientProposerVotes",
        "a proposal needs {threshold} of votes, and {proposer} has {votes}",
        "`corex vote power` shows of what an account's votes are made",
    ),
    (
        "GovernorUnableToCancel",
        "{account} cannot take this proposal back",
        "who proposed it can, before the vote begins",
    ),
    ("GovernorAlreadyCastVote", "{voter} has voted already", "a vote cannot be changed"),
    (
        "VoteNotOpenYet",
        "proposals are not possible in this stage of governance",
        "`corex propose stage` says when they are",
    ),
    ("ResetPowerExpired", "since {resetUntil} no vote can be reset", "nobody can any more"),
    ("AlreadyReset", "the votes on it were voided once already", "that is possible once only"),
    (
        "AccessManagedUnauthorized",
        "{caller} has no right to do this",
        "docs/governance.md says who has which",
    ),
    ("TooEarly", "the next stage does not begin before {notBefore}", "wait until then"),
    (
        "TooLittleStake",
        "{staked} are staked, and the next stage needs {needed}",
        "`corex propose stage` shows the conditions",
    ),
    (
        "TooFewDecisiveProposals",
        "{decisive} proposals have reached their quorum, and the next stage needs {needed}",
        "`corex propose stage` shows the conditions",
    ),
    ("NotMember", "{caller} is no member of this committee", "use a member's key: --key"),
    ("PauseTooLong", "a pause of {requested} is too long: {longest} is the longest", "pause for less"),
    ("CoolingDown", "{scope} cannot be paused again before {until}", "nobody can pause without end"),
    ("NotPaused", "{scope} is not paused", "`corex committee show` shows what is"),
    ("ScopeNotPausable", "{scope} cannot be paused in this network", "`corex committee show` shows what can"),
    // Sale and auctions.
    ("NoStageNow", "no stage of the sale runs now", "`corex sale show` says when"),
    (
        "NotAllowed",
        "{buyer} is not on the list of this stage",
        "wait for a stage for everybody: `corex sale show`",
    ),
    ("StageCapExceeded", "this stage has {left} left, not {requested}", "buy less"),
    ("BuyerCapExceeded", "this account can buy {left} more in this stage, not {requested}", "buy less"),
    ("NoAuction", "no auction of it runs", "start one: `corex auction start`"),
    ("PriceAboveLimit", "the lot costs {price} now, more than {maxPrice}", "wait, or raise --max"),
    (
        "LotTooSmall",
        "the lot would start at {startPrice}, below the least of {floor}",
        "wait until more of it is there",
    ),
];

impl ChainError {
    /// For people: what was refused and why, with a hint where there is one.
    pub fn explain(&self, names: &Names) -> String {
        match self {
            ChainError::Reverted { call, revert } => match explain(revert, names) {
                Some(words) => words,
                None => format!("{call}: {revert}"),
            },
            other => other.to_string(),
        }
    }
}

fn explain(revert: &Revert, names: &Names) -> Option<String> {
    let (contract, error) = revert::error(&revert.data)?;
    let values = error.abi_decode_input(revert.data.get(4..)?).ok()?;
    let place = Place { contract, item: &error.name, names };
    let fields = place.fields(error.inputs.iter().map(Into::into), &values);
    Some(match ROWS.iter().find(|(name, ..)| *name == error.name) {
        Some((_, what, hint)) => format!("{}\nhint: {hint}", fill(what, &fields)),
        None => {
            let list: Vec<_> =
                fields.iter().map(|field| format!("{}: {}", field.name, field.shown)).collect();
            let who = if revert.shared { "a contract" } else { contract };
            format!("{who} refuses: {}({})", error.name, list.join(", "))
        }
    })
}

fn fill(what: &str, fields: &[Field]) -> String {
    fields
        .iter()
        .fold(what.to_owned(), |text, field| text.replace(&format!("{{{}}}", field.name), &field.shown))
}

#[cfg(test)]
mod tests {
    use super::ROWS;
    use crate::contracts::extract;

    #[test]
    fn every_row_is_an_error_of_the_contracts_with_these_arguments() {
        for (name, what, hint) in ROWS {
            let errors: Vec<_> =
                extract::all().flat_map(|e| e.abi.errors()).filter(|error| error.name == *name).collect();
            assert!(!errors.is_empty(), "no contract has an error {name}");
            for piece in what.split('{').skip(1) {
                let argument = piece.split('}').next().unwrap();
                let known = errors.iter().any(|e| e.inputs.iter().any(|input| input.name == argument));
                assert!(known, "no error {name} has an argument {argument}");
            }
            assert!(!hint.ends_with('.') && !what.ends_with('.'), "{name}");
            assert_eq!(ROWS.iter().filter(|(other, ..)| other == name).count(), 1, "{name} stands once");
        }
    }
}
