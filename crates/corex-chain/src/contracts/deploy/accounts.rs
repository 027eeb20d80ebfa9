//! The accounts that a network's contracts name besides each other.

use crate::profile::{Profile, Seat};
use alloy::{primitives::keccak256, sol_types::SolValue};
use corex_work::{Address, Hash32};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The address that nobody has the key of.
const NOBODY: Address = Address([0; 20]);

/// Who sits where and who gets what: given with a deployment, as a profile is for anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// Gets [`Profile::treasury`]; only on local networks.
    #[serde(default)]
    pub treasury: Option<Address>,
    /// The settlement token, where the network mints none.
    #[serde(default)]
    pub token: Option<Address>,
    /// Committee that changes parameters.
    #[serde(default)]
    pub executive: Option<Members>,
    /// Committee that spends the incentive fund.
    #[serde(default)]
    pub operations: Option<Members>,
    /// Committee that pauses and resets votes.
    #[serde(default)]
    pub security: Option<Members>,
    /// Those whom the profile's allocation and sale name.
    #[serde(default)]
    pub named: BTreeMap<String, Address>,
    /// Root of the tree of those who may buy in the stages of a sale that have a list.
    #[serde(default)]
    pub allow_list: Option<Hash32>,
}

/// A committee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Members {
    /// Who.
    pub members: Vec<Address>,
    /// How many must agree.
    pub threshold: u32,
}

impl Accounts {
    /// From TOML.
    ///
    /// # Errors
    /// What is wrong with the text, and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// One account is everybody, as on a network of one machine.
    pub fn all(account: Address, profile: &Profile) -> Self {
        let seat =
            |seat| profile.governance.has(seat).then(|| Members { members: vec![account], threshold: 1 });
        let leaf = keccak256(keccak256(alloy::primitives::Address::from(account.0).abi_encode()));
        Self {
            treasury: (profile.treasury_bps > 0).then_some(account),
            token: None,
            executive: seat(Seat::Executive),
            operations: seat(Seat::Operations),
            security: seat(Seat::Security),
            named: wanted(profile).into_iter().map(|name| (name.to_owned(), account)).collect(),
            allow_list: has_list(profile).then_some(Hash32(leaf.0)),
        }
    }

    /// The members of a committee.
    pub fn committee(&self, seat: Seat) -> Option<&Members> {
        match seat {
            Seat::Executive => self.executive.as_ref(),
            Seat::Operations => self.operations.as_ref(),
            Seat::Security => self.security.as_ref(),
        }
    }

    /// What is missing for a network of this profile, or is too much; `None` if these are exactly those it needs.
    pub fn lacks(&self, profile: &Profile) -> Option<String> {
        let given = |name: &str, given: bool, needed: bool| match (given, needed) {
            (false, true) => Some(format!("profile {} needs the account '{name}'", profile.name)),
            (true, false) => Some(format!("profile {} has no use for the account '{name}'", profile.name)),
            _ => None,
        };
        let local_token = profile.treasury_bps > 0;
        let checks = [
            given("treasury", self.treasury.is_some(), profile.treasury_bps > 0),
            given("token", self.token.is_some(), !profile.token.burnable && !local_token),
            given("allow_list", self.allow_list.is_some(), has_list(profile)),
        ];
        if let Some(wrong) = checks.into_iter().flatten().next() {
            return Some(wrong);
        }
        let seats =
            [("executive", Seat::Executive), ("operations", Seat::Operations), ("security", Seat::Security)];
        for (name, seat) in seats {
            let members = self.committee(seat);
            if let Some(wrong) = given(name, members.is_some(), profile.governance.has(seat)) {
                return Some(wrong);
            }
            let Some(Members { members, threshold }) = members else { continue };
            let distinct: BTreeSet<_> = members.iter().filter(|member| **member != NOBODY).collect();
            if distinct.len() != members.len() || *threshold == 0 || *threshold as usize > members.len() {
                return Some(format!(
                    "the committee '{name}' needs distinct members and a threshold of 1 to {}",
                    members.len()
                ));
            }
        }
        let others = [("treasury", &self.treasury), ("token", &self.token)];
        let mut others = others.into_iter().filter_map(|(name, account)| Some((name, account.as_ref()?)));
        let mut named = self.named.iter().map(|(name, account)| (name.as_str(), account));
        if let Some((name, _)) = named.find(|named| *named.1 == NOBODY).or(others.find(|o| *o.1 == NOBODY)) {
            return Some(format!("the account '{name}' is {NOBODY}, which is nobody"));
        }
        let wanted = wanted(profile);
        let missing = wanted.iter().find(|name| !self.named.contains_key(**name));
        let strange = self.named.keys().find(|name| !wanted.contains(name.as_str()));
        missing
            .and_then(|name| given(name, false, true))
            .or_else(|| strange.and_then(|name| given(name, true, false)))
    }
}

/// Accounts that allocation and sale name.
fn wanted(profile: &Profile) -> BTreeSet<&str> {
    let own = ["pool", "ecosystem", "sale"];
    let grants = profile.allocation.iter().map(|grant| grant.to.as_str()).filter(|to| !own.contains(to));
    grants.chain(profile.sale.as_ref().map(|sale| sale.treasury.as_str())).collect()
}

fn has_list(profile: &Profile) -> bool {
    profile.sale.as_ref().is_some_and(|sale| sale.stages.iter().any(|stage| stage.allow_list))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Scope;

    #[test]
    fn what_a_profile_needs_is_asked_for_by_name() {
        let account = Address([7; 20]);
        for name in ["cai", "cx", "cxt", "aic", "coai"] {
            let local = Profile::builtin(name, Scope::Local).unwrap();
            assert_eq!(Accounts::all(account, &local).lacks(&local), None, "{name}");
        }
        let aic = Profile::builtin("aic", Scope::Public).unwrap();
        let mut accounts = Accounts::all(account, &aic);
        assert_eq!((accounts.lacks(&aic), accounts.treasury), (None, None));
        accounts.named.remove("advisors");
        assert!(accounts.lacks(&aic).unwrap().contains("needs the account 'advisors'"));
        accounts.named.extend([("advisors".into(), account), ("friends".into(), account)]);
        assert!(accounts.lacks(&aic).unwrap().contains("no use for the account 'friends'"));
        accounts.security.as_mut().unwrap().threshold = 2;
        assert!(accounts.lacks(&aic).unwrap().contains("threshold of 1 to 1"));
        accounts.security.as_mut().unwrap().threshold = 1;
        accounts.named.remove("friends");
        accounts.named.insert("advisors".into(), NOBODY);
        assert!(accounts.lacks(&aic).unwrap().contains("'advisors' is 0x0000"));
        accounts.named.insert("advisors".into(), account);
        accounts.security.as_mut().unwrap().members = vec![NOBODY];
        assert!(accounts.lacks(&aic).unwrap().contains("'security' needs distinct members"));
        let coai = Profile::builtin("coai", Scope::Public).unwrap();
        assert!(Accounts::all(account, &coai).lacks(&coai).unwrap().contains("needs the account 'token'"));
    }
}
