//! What addresses and amounts are called in one network.

use crate::{contracts::Deployment, convert::from_sol, tokens::Tokens};
use alloy::primitives::U256;
use corex_work::Address;
use std::collections::BTreeMap;

/// The names of a network's contracts and of those whom its address book names, and the symbol of its token.
#[derive(Clone, Debug)]
pub struct Names {
    symbol: String,
    /// Contract, in `api/`, and part, for every contract of the network.
    contracts: BTreeMap<Address, (&'static str, String)>,
    people: BTreeMap<Address, String>,
}

impl Names {
    /// From an address book; `account` is who signs.
    pub fn new(book: &Deployment, account: Address) -> Self {
        let mut contracts = BTreeMap::new();
        for part in book.parts() {
            let contract = part.interface(&book.profile);
            contracts.insert(book.contracts.at(part), (contract, part.key().to_owned()));
        }
        let mut people: BTreeMap<Address, String> = BTreeMap::new();
        for (name, address) in &book.accounts.named {
            people.entry(*address).or_insert_with(|| name.clone());
        }
        if let Some(treasury) = book.accounts.treasury {
            people.insert(treasury, "treasury".into());
        }
        if book.profile.is_governed() {
            contracts.insert(book.manager(), ("AccessManager", "manager".into()));
        }
        people.insert(account, "this account".into());
        Self { symbol: book.profile.token.symbol.clone(), contracts, people }
    }

    /// Adds a name for an address that the book does not know, such as a node of the account's own.
    pub fn know(&mut self, address: Address, name: impl Into<String>) {
        self.people.entry(address).or_insert_with(|| name.into());
    }

    /// Adds a contract that the book does not know; `contract` is its name in `api/`.
    pub(crate) fn know_contract(
        &mut self,
        address: Address,
        contract: &'static str,
        name: impl Into<String>,
    ) {
        self.contracts.entry(address).or_insert_with(|| (contract, name.into()));
    }

    /// Name in `api/` of the contract at `address`.
    pub(crate) fn contract(&self, address: Address) -> Option<&'static str> {
        self.contracts.get(&address).map(|(contract, _)| *contract)
    }

    /// The token's symbol.
    pub fn symbol(&self) -> &str {
        &self.symbol
    }

    /// `0x… (StakeVault, vault)`, or the bare address of somebody unknown.
    pub fn address(&self, address: Address) -> String {
        let name = match (self.people.get(&address), self.contracts.get(&address)) {
            (Some(name), _) => name.clone(),
            (None, Some((contract, part))) => format!("{contract}, {part}"),
            (None, None) if address == Address::default() => "nobody".into(),
            (None, None) => return address.to_string(),
        };
        format!("{address} ({name})")
    }

    /// `vault`, or the bare address of somebody unknown: for a call within a sentence.
    pub(crate) fn short(&self, address: Address) -> String {
        match (self.contracts.get(&address), self.people.get(&address)) {
            (Some((_, part)), _) => part.clone(),
            (None, Some(name)) => name.clone(),
            (None, None) => address.to_string(),
        }
    }

    /// `1.5 cX`. What no `Tokens` holds is shown as `unlimited` if it is the largest number, in base units otherwise.
    pub(crate) fn amount(&self, amount: U256) -> String {
        match u128::try_from(amount) {
            Ok(amount) => format!("{} {}", Tokens(amount), self.symbol),
            Err(_) if amount == U256::MAX => format!("unlimited {}", self.symbol),
            Err(_) => format!("{amount} base units of {}", self.symbol),
        }
    }

    pub(crate) fn sol_address(&self, address: alloy::primitives::Address) -> String {
        self.address(from_sol(address))
    }
}
