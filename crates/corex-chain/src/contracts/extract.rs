//! The checked-in extract of the compiled contracts: ABI and creation code. What is deployed is exactly this.

use super::bindings::governance::AccessManager;
use alloy::{json_abi::JsonAbi, primitives::Bytes};
use serde::Deserialize;
use std::sync::LazyLock;

/// One compiled contract.
pub(crate) struct Extract {
    pub name: &'static str,
    pub abi: JsonAbi,
    pub bytecode: Bytes,
    /// Where the deployed code, which is otherwise a part of `bytecode`, has what the constructor wrote: start and length.
    pub immutables: Vec<(usize, usize)>,
}

macro_rules! extract_files {
    ($($name:literal),*) => { [$(($name, include_str!(concat!("../../../../api/", $name, ".json")))),*] };
}

/// Settlement first: an error that several contracts declare is shown as its.
const FILES: [(&str, &str); 35] = extract_files!(
    "Settlement",
    "ComputeToken",
    "NodeRegistry",
    "StakeVault",
    "Delegation",
    "Weights",
    "FeeSplitter",
    "InsurancePool",
    "Credentials",
    "JobEscrow",
    "MiningPool",
    "VoteArbiter",
    "Transcendental",
    "Arithmetic",
    "Blake3",
    "BlobTree",
    "Referee",
    "Evidence",
    "DisputeGame",
    "Market",
    "UpgradeableMarket",
    "MarketProxy",
    "FeeBurner",
    "Committee",
    "Timelock",
    "VotingPower",
    "Stages",
    "NetworkGovernor",
    "Guard",
    "EcosystemFund",
    "GovernanceGenesis",
    "TokenSale",
    "Allocation",
    "Vesting",
    "SpendingAccount"
);

static EXTRACTS: LazyLock<Vec<Extract>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        abi: JsonAbi,
        bytecode: Bytes,
        immutables: Vec<(usize, usize)>,
    }
    let parse = |(name, text)| {
        let file: File = serde_json::from_str(text).expect("built into the binary, and parsed by a test");
        Extract { name, abi: file.abi, bytecode: file.bytecode, immutables: file.immutables }
    };
    FILES.into_iter().map(parse).collect()
});

/// Every contract of the network.
pub(crate) fn all() -> impl Iterator<Item = &'static Extract> {
    EXTRACTS.iter()
}

/// The contract of this name.
pub(crate) fn find(name: &str) -> Option<&'static Extract> {
    all().find(|e| e.name == name)
}

/// The interface of the contract of this name; also of OpenZeppelin's AccessManager, which governance creates.
pub(crate) fn abi(name: &str) -> Option<&'static JsonAbi> {
    static MANAGER: LazyLock<JsonAbi> = LazyLock::new(AccessManager::abi::contract);
    match name {
        "AccessManager" => Some(&MANAGER),
        name => find(name).map(|e| &e.abi),
    }
}

/// Creation code of a contract, without constructor arguments.
pub(crate) fn bytecode(name: &str) -> Option<&'static Bytes> {
    find(name).map(|e| &e.bytecode)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_extract_parses_and_can_be_deployed() {
        assert_eq!(super::all().count(), 35);
        for contract in super::all() {
            assert!(contract.abi.errors().count() > 0, "{} declares its errors", contract.name);
            assert!(!contract.bytecode.is_empty(), "{} has creation code", contract.name);
            let limit = 2 * 24_576; // EIP-3860
            assert!(contract.bytecode.len() < limit - 2_048, "{} fits with its arguments", contract.name);
        }
    }
}
