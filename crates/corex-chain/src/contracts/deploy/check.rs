//! Whether what is on the chain is what a profile promises. Everything is derived anew, from the profile and the contracts that this
//! program was built with. The address book says where to look: it must name a built-in profile's own parameters, or its promises
//! are its own.

use super::{Deployment, Part, arguments, permissions::permissions};
use crate::{
    client::{Chain, ChainError},
    contracts::{
        bindings::{
            ComputeToken, MiningPool, Settled,
            governance::{AccessManager, Stage, Stages},
        },
        extract::{self, Extract},
    },
    convert::{from_sol, to_sol},
    profile::Seat,
};
use alloy::{
    json_abi::Param,
    primitives::{Address as SolAddress, B256, Bytes, U256, b256, keccak256},
};
use corex_work::Address;
use serde::Serialize;

/// Role that may give roles.
const ADMIN: u64 = 0;
/// Roles of `contracts/src/interfaces/IStages.sol`, besides ADMIN.
const ROLES: u64 = 7;
/// Where a proxy keeps its implementation's address (ERC-1967).
const IMPLEMENTATION: B256 = b256!("0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc");
/// What somebody may tune later, so that it need not be as it was deployed.
const TUNABLE: [&str; 1] = ["feeBps"];

/// Something that a network promises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Promise {
    /// What, in words.
    pub what: String,
    /// How it is not kept; `None` if it is.
    pub broken: Option<String>,
}

/// Gathers what was found.
#[derive(Default)]
pub(super) struct Findings(Vec<Promise>);

impl Findings {
    pub(super) fn note(&mut self, what: impl Into<String>, broken: Option<String>) {
        self.0.push(Promise { what: what.into(), broken });
    }

    /// Why those that are broken are.
    #[cfg(test)]
    pub(super) fn broken(&self) -> Vec<String> {
        self.0.iter().filter_map(|promise| promise.broken.clone()).collect()
    }

    pub(super) fn equal<T: PartialEq + std::fmt::Display>(
        &mut self,
        what: impl Into<String>,
        found: T,
        promised: T,
    ) {
        let broken = (found != promised).then(|| format!("it is {found}, not {promised}"));
        self.note(what, broken);
    }
}

impl Deployment {
    /// Derives every promise of the network anew and compares it with the chain.
    ///
    /// # Errors
    /// If the chain cannot be read. What is wrong with the network is no error but a broken [`Promise`].
    pub async fn check(&self, chain: &Chain) -> Result<Vec<Promise>, ChainError> {
        self.check_chain(chain)?;
        let mut findings = Findings::default();
        self.check_profile(&mut findings);
        self.check_creation(chain, &mut findings).await?;
        let mut whole = true;
        for part in self.parts() {
            whole &= self.check_code(part, chain, &mut findings).await?;
        }
        // What is not these contracts cannot be asked.
        if whole {
            for part in self.parts() {
                self.check_parameters(part, chain, &mut findings).await?;
            }
            self.check_proxy(chain, &mut findings).await?;
            self.check_supply(chain, &mut findings).await?;
            self.check_roles(chain, &mut findings).await?;
            self.check_timelock(chain, &mut findings).await?;
        }
        Ok(findings.0)
    }

    async fn check_code(
        &self,
        part: Part,
        chain: &Chain,
        findings: &mut Findings,
    ) -> Result<bool, ChainError> {
        let (name, address) = (part.contract(&self.profile), self.contracts.at(part));
        let code = chain.code(address).await?;
        let foreign = part == Part::Token && self.accounts.token.is_some();
        let broken = match extract::all().find(|contract| contract.name == name) {
            _ if code.is_empty() => Some("there is no contract".to_owned()),
            _ if foreign => None,
            None => Some("this program was built without it".to_owned()),
            Some(contract) if is_code_of(&code, contract) => None,
            Some(_) => Some("another contract is there".to_owned()),
        };
        let whole = broken.is_none();
        findings.note(format!("{} is {name} at {address}", part.key()), broken);
        Ok(whole)
    }

    /// Every constructor argument that the contract tells again is the one that the profile gives.
    async fn check_parameters(
        &self,
        part: Part,
        chain: &Chain,
        findings: &mut Findings,
    ) -> Result<(), ChainError> {
        let (name, address) = (part.contract(&self.profile), self.contracts.at(part));
        let Some(contract) = extract::all().find(|contract| contract.name == name) else { return Ok(()) };
        if part == Part::Token && self.accounts.token.is_some() {
            return Ok(());
        }
        let inputs = contract.abi.constructor.as_ref().map_or(&[][..], |constructor| &constructor.inputs);
        let encoded = arguments::of(part, self);
        let (mut agree, mut broken) = (0, None);
        for (name, index) in static_words(inputs) {
            let Some(word) = encoded.get(32 * index..32 * (index + 1)) else { continue };
            let getter = |f: &&alloy::json_abi::Function| {
                f.name == name && f.inputs.is_empty() && f.outputs.len() == 1
            };
            if TUNABLE.contains(&name.as_str()) || !contract.abi.functions().any(|f| getter(&f)) {
                continue;
            }
            let selector = keccak256(format!("{name}()"));
            let found = chain.call_raw(address, Bytes::copy_from_slice(&selector[..4])).await?;
            if found[..] == *word {
                agree += 1;
            } else {
                broken = Some(format!("{name} is {found}, not {}", Bytes::copy_from_slice(word)));
            }
        }
        if agree > 0 || broken.is_some() {
            findings.note(format!("{}: {agree} parameters are the profile's", part.key()), broken);
        }
        if part.is_settled() {
            let master = from_sol(chain.read(address, &Settled::settlementCall {}).await?);
            findings.equal(format!("{} obeys the Settlement", part.key()), master, self.contracts.settlement);
        }
        Ok(())
    }

    /// An upgradeable market is the code that its proxy points to now.
    async fn check_proxy(&self, chain: &Chain, findings: &mut Findings) -> Result<(), ChainError> {
        if !self.profile.market.upgradeable {
            return Ok(());
        }
        let word = chain.storage(self.contracts.market, IMPLEMENTATION).await?;
        let code = from_sol(SolAddress::from_word(word));
        findings.equal("market executes market_code", code, self.contracts.market_code);
        Ok(())
    }

    async fn check_supply(&self, chain: &Chain, findings: &mut Findings) -> Result<(), ChainError> {
        if self.accounts.token.is_some() {
            return Ok(());
        }
        let (token, supply) = (self.contracts.token, self.profile.token.supply);
        let minted: U256 = chain.read(token, &ComputeToken::initialSupplyCall {}).await?;
        findings.equal(
            "the whole supply was minted at once, and nothing can mint more",
            minted,
            U256::from(supply.0),
        );
        let Some(mining) = &self.profile.mining else { return Ok(()) };
        let pooled: U256 = chain.read(self.contracts.pool, &MiningPool::pooledCall {}).await?;
        let rest = supply.saturating_sub(self.profile.treasury());
        let grants = self.profile.allocation.iter().filter(|grant| grant.to == "pool");
        let promised = match self.profile.allocation.is_empty() {
            true => rest,
            false => grants.map(|grant| rest.share_down(grant.bps)).sum(),
        };
        let what = if mining.adjustable { "" } else { "; nobody can stop, redirect or tune it" };
        findings.equal(
            format!("the pool began with {promised} tokens{what}"),
            pooled,
            U256::from(promised.0),
        );
        Ok(())
    }

    /// Who may do what, and that nobody else may do anything.
    async fn check_roles(&self, chain: &Chain, findings: &mut Findings) -> Result<(), ChainError> {
        if !self.profile.is_governed() {
            findings.note("nobody has any right over this network", None);
            return Ok(());
        }
        let manager = self.manager();
        for permission in permissions(self) {
            for selector in &permission.selectors {
                let call = AccessManager::getTargetFunctionRoleCall {
                    target: permission.target,
                    selector: *selector,
                };
                let role = chain.read(manager, &call).await?;
                let target = from_sol(permission.target);
                let name = self.name_of(target).unwrap_or_else(|| target.to_string());
                let what = format!("{selector} of {name} is for role {}", permission.role);
                findings.equal(what, role, permission.role);
            }
        }
        let suspects = [
            ("the deployer", self.deployer),
            ("the founding contract", self.contracts.genesis),
            ("the stages", self.contracts.stages),
            ("the timelock", self.contracts.timelock),
            ("the executive committee", self.contracts.executive),
            ("the operations committee", self.contracts.operations),
            ("the security committee", self.contracts.security),
        ];
        for (name, account) in suspects.into_iter().filter(|(_, account)| *account != Address::default()) {
            let mut held = Vec::new();
            for role in ADMIN..=ROLES {
                let call = AccessManager::hasRoleCall { roleId: role, account: to_sol(account) };
                if chain.read(manager, &call).await?.isMember {
                    held.push(role);
                }
            }
            let promised = self.roles_of(account, chain).await?;
            let broken = (held != promised).then(|| format!("it has {held:?}"));
            findings.note(format!("{name} has the roles {promised:?}"), broken);
        }
        Ok(())
    }

    /// The roles that an account must have now.
    async fn roles_of(&self, account: Address, chain: &Chain) -> Result<Vec<u64>, ChainError> {
        let stages = self.contracts.stages;
        let mut roles = Vec::new();
        if stages == Address::default() {
            let governance = &self.profile.governance;
            let votes = governance.vote.is_some();
            let is = |part: Part| self.contracts.at(part) == account;
            let timelock = votes && is(Part::Timelock);
            let executive = !votes && governance.has(Seat::Executive) && is(Part::Executive);
            let security = governance.has(Seat::Security) && is(Part::Security);
            let operations = !votes && governance.has(Seat::Operations) && is(Part::Operations);
            let admin = timelock && governance.vote.as_ref().is_some_and(|vote| vote.is_admin);
            let table = [
                admin,
                timelock || executive,
                security,
                timelock || executive,
                security,
                timelock,
                timelock || operations,
                timelock,
            ];
            roles.extend((ADMIN..=ROLES).zip(table).filter(|(_, has)| *has).map(|(role, _)| role));
            return Ok(roles);
        }
        let stage = chain.read(stages, &Stages::stageCall {}).await?;
        let admin = match (stage, &self.profile.governance.vote) {
            (Stage::Dao, Some(vote)) if vote.is_admin => self.contracts.timelock,
            (Stage::Dao, _) => Address::default(),
            _ => stages,
        };
        if admin == account {
            roles.push(ADMIN);
        }
        for role in ADMIN + 1..=ROLES {
            let holder = chain.read(stages, &Stages::holderOfCall { role, stage }).await?;
            if from_sol(holder) == account {
                roles.push(role);
            }
        }
        Ok(roles)
    }
}

/// Whether `code` is what creating `contract` gives, whatever its constructor wrote into the places for that.
fn is_code_of(code: &[u8], contract: &Extract) -> bool {
    let mut blank = code.to_vec();
    for (start, length) in &contract.immutables {
        let Some(place) = blank.get_mut(*start..start + length) else { return false };
        place.fill(0);
    }
    // Creation code carries the code that it leaves behind.
    !blank.is_empty() && contract.bytecode.windows(blank.len()).any(|window| window == blank)
}

/// Names of those constructor arguments that are single words, without a trailing underscore, and the index of their word. What has no
/// fixed length has one word, its place; the members of a structure of fixed length stand one after another.
fn static_words(inputs: &[Param]) -> Vec<(String, usize)> {
    fn walk(inputs: &[Param], at: &mut usize, out: &mut Vec<(String, usize)>) {
        for input in inputs {
            match words(input) {
                Some(_) if input.ty == "tuple" => walk(&input.components, at, out),
                Some(1) if !input.ty.ends_with(']') => {
                    out.push((input.name.trim_end_matches('_').to_owned(), *at));
                    *at += 1;
                }
                Some(count) => *at += count,
                None => *at += 1,
            }
        }
    }
    let mut out = Vec::new();
    walk(inputs, &mut 0, &mut out);
    out
}

/// Words that a value of this type has in place; `None` if its length is not fixed.
fn words(param: &Param) -> Option<usize> {
    let (element, arrays) = param.ty.split_once('[').unwrap_or((&param.ty, ""));
    let one = match element {
        "string" | "bytes" => None,
        "tuple" => param.components.iter().map(words).sum(),
        _ => Some(1),
    };
    // `3][2]` of `uint8[3][2]`; a bound that is missing does not parse.
    arrays
        .split_terminator(']')
        .try_fold(one?, |count, bound| Some(count * bound.trim_start_matches('[').parse::<usize>().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_words_are_found_among_arrays_and_structures() {
        let vault = extract::all().find(|c| c.name == "StakeVault").unwrap();
        let words = static_words(&vault.abi.constructor.as_ref().unwrap().inputs);
        assert_eq!(words[0], ("token".into(), 0));
        assert!(words.iter().any(|(name, _)| name == "unbondingSeconds"));
        let token = extract::all().find(|c| c.name == "ComputeToken").unwrap();
        let words = static_words(&token.abi.constructor.as_ref().unwrap().inputs);
        assert_eq!(words, [("supply".into(), 2)], "names and lists have a place only");
        let registry = extract::all().find(|c| c.name == "NodeRegistry").unwrap();
        let words = static_words(&registry.abi.constructor.as_ref().unwrap().inputs);
        assert_eq!(words.last(), Some(&("faultUnits".into(), 2 + 9)), "after three tiers of three words");
    }
}
