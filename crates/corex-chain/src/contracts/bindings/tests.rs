//! Every item of the bindings against the ABI of the compiled contracts.

use super::{distribution::*, founding::*, game::*, governance::*, market::*, money::*, *};
use crate::contracts::extract;
use alloy::json_abi::{EventParam, JsonAbi, Param};

fn kinds(params: &[Param]) -> Vec<String> {
    params.iter().map(|p| p.selector_type().into_owned()).collect()
}

fn event_kinds(params: &[EventParam]) -> Vec<(String, bool, String)> {
    params.iter().map(|p| (p.name.clone(), p.indexed, p.selector_type().into_owned())).collect()
}

fn check(name: &str, ours: JsonAbi) {
    let theirs = &extract::all().find(|e| e.name == name).expect("an extract of every contract").abi;
    for function in ours.functions() {
        let same = theirs.functions().find(|f| f.selector() == function.selector());
        let same = same.unwrap_or_else(|| panic!("{name} has no {}", function.signature()));
        assert_eq!(kinds(&same.outputs), kinds(&function.outputs), "{name}.{}", function.name);
        assert_eq!(same.state_mutability, function.state_mutability, "{name}.{}", function.name);
    }
    for event in ours.events() {
        let same = theirs.events().find(|e| e.selector() == event.selector());
        let same = same.unwrap_or_else(|| panic!("{name} has no event {}", event.signature()));
        assert_eq!(event_kinds(&same.inputs), event_kinds(&event.inputs), "{name}.{}", event.name);
    }
    for error in ours.errors() {
        let same = theirs.errors().any(|e| e.selector() == error.selector());
        assert!(same, "{name} has no error {}", error.signature());
    }
    let (same, constructor) = (theirs.constructor(), ours.constructor());
    let inputs = |c: Option<&alloy::json_abi::Constructor>| c.map(|c| kinds(&c.inputs));
    // Of what several contracts have in common there is none.
    if constructor.is_some() {
        assert_eq!(inputs(same), inputs(constructor), "constructor of {name}");
    }
}

#[test]
fn bindings_agree_with_the_compiled_contracts() {
    check("ComputeToken", ComputeToken::abi::contract());
    check("NodeRegistry", NodeRegistry::abi::contract());
    check("StakeVault", StakeVault::abi::contract());
    check("JobEscrow", JobEscrow::abi::contract());
    check("MiningPool", MiningPool::abi::contract());
    check("VoteArbiter", VoteArbiter::abi::contract());
    check("Settlement", Settlement::abi::contract());
    check("Arithmetic", Arithmetic::abi::contract());
    check("Referee", Referee::abi::contract());
    check("Evidence", Evidence::abi::contract());
    check("DisputeGame", DisputeGame::abi::contract());
    check("Delegation", Delegation::abi::contract());
    check("Weights", Weights::abi::contract());
    check("FeeSplitter", FeeSplitter::abi::contract());
    check("InsurancePool", InsurancePool::abi::contract());
    check("Credentials", Credentials::abi::contract());
    check("Market", Market::abi::contract());
    check("UpgradeableMarket", UpgradeableMarket::abi::contract());
    check("MarketProxy", MarketProxy::abi::contract());
    check("Guard", Guard::abi::contract());
    check("Committee", Committee::abi::contract());
    check("VotingPower", VotingPower::abi::contract());
    check("Timelock", Timelock::abi::contract());
    check("NetworkGovernor", NetworkGovernor::abi::contract());
    check("Stages", Stages::abi::contract());
    check("EcosystemFund", EcosystemFund::abi::contract());
    check("GovernanceGenesis", GovernanceGenesis::abi::contract());
    check("FeeBurner", FeeBurner::abi::contract());
    check("TokenSale", TokenSale::abi::contract());
    check("SpendingAccount", SpendingAccount::abi::contract());
    check("JobEscrow", Payments::abi::contract());
    check("Market", Payments::abi::contract());
    check("Allocation", Allocation::abi::contract());
    check("Vesting", Vesting::abi::contract());
}
