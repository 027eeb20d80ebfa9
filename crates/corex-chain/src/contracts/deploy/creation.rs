//! How a network's contracts were created: by whom, in which order, by which code from which arguments. That decides everything which a
//! profile promises of a network's beginning, also what no contract tells again: lists, names, members of committees.

use super::{Deployment, Findings, Part, arguments, code};
use crate::{
    client::{Chain, ChainError, Sent},
    contracts::extract,
    convert::{from_sol, to_sol},
    profile::{Profile, Scope},
};
use alloy::{dyn_abi::JsonAbiExt, primitives::Bytes};
use corex_work::Address;
use std::collections::BTreeMap;

/// After so many blocks without a creation the chain is asked in which block the next one is. Usually one follows another at once, and
/// not every chain remembers how it was.
const BLOCKS_IN_VAIN: u64 = 64;

impl Deployment {
    /// Whether the book's parameters are those that its profile's name stands for.
    pub(super) fn check_profile(&self, findings: &mut Findings) {
        let name = &self.profile.name;
        let known = [Scope::Public, Scope::Local].map(|scope| Profile::builtin(name, scope).ok());
        let what = format!("the parameters of the address book are those of profile {name}");
        match known {
            [Some(public), Some(local)] => {
                let same = self.profile == public || self.profile == local;
                let scope = if self.profile.treasury_bps > 0 { &local } else { &public };
                findings.note(what, (!same).then(|| self.profile.difference(scope)));
            }
            _ => findings.note(
                format!("profile {name} is this network's own: what it promises is in the address book"),
                None,
            ),
        }
    }

    /// Holds the transaction that created each contract against the profile.
    ///
    /// # Errors
    /// If the chain cannot be read.
    pub(super) async fn check_creation(
        &self,
        chain: &Chain,
        findings: &mut Findings,
    ) -> Result<(), ChainError> {
        let absent = Part::ALL.iter().filter(|part| !part.belongs_to(&self.profile));
        for part in absent.filter(|part| self.contracts.at(**part) != Address::default()) {
            let why = format!("the address book has {}", self.contracts.at(*part));
            findings.note(format!("the profile has no {}", part.key()), Some(why));
        }
        let sent = self.creations(chain).await?;
        for (part, nonce) in self.created().into_iter().zip(self.first_nonce..) {
            let planned = from_sol(to_sol(self.deployer).create(nonce));
            let address = self.contracts.at(part);
            let broken = match sent.get(&nonce) {
                _ if address != planned => {
                    Some(format!("account {} created {planned} in its place", self.deployer))
                }
                None => Some(format!(
                    "transaction {nonce} of account {} is not to be found from block {} on",
                    self.deployer, self.first_block
                )),
                Some(input) => self.strange_argument(part, input)?,
            };
            findings.note(format!("{} was created as the profile says", part.key()), broken);
        }
        Ok(())
    }

    /// What differs in the transaction that created a contract.
    fn strange_argument(&self, part: Part, input: &Bytes) -> Result<Option<String>, ChainError> {
        let name = part.contract(&self.profile);
        let (code, promised) = (code(name)?, arguments::of(part, self));
        let Some(given) = input.strip_prefix(&code[..]) else {
            return Ok(Some(format!("it was created by other code than {name}'s")));
        };
        if *given == promised[..] {
            return Ok(None);
        }
        let constructor = extract::all().find(|contract| contract.name == name);
        let constructor = constructor.and_then(|contract| contract.abi.constructor.as_ref());
        let decode = |bytes: &[u8]| constructor?.abi_decode_input(bytes).ok();
        let (Some(given), Some(promised), Some(constructor)) =
            (decode(given), decode(&promised), constructor)
        else {
            return Ok(Some("its arguments make no sense".into()));
        };
        let pairs = given.iter().zip(&promised).zip(&constructor.inputs);
        let strange = pairs.into_iter().find(|((given, promised), _)| given != promised);
        let Some(((given, promised), input)) = strange else {
            return Ok(Some("its arguments are encoded in another way".into()));
        };
        Ok(Some(format!("{} was {given:?}, not {promised:?}", input.name.trim_end_matches('_'))))
    }

    /// What the deployer's transactions of this deployment carried, by nonce.
    async fn creations(&self, chain: &Chain) -> Result<BTreeMap<u64, Bytes>, ChainError> {
        let (head, deployer) = (chain.block_number().await?, to_sol(self.deployer));
        let nonces = self.first_nonce..self.first_nonce.saturating_add(self.created().len() as u64);
        let mut found = BTreeMap::new();
        let (mut block, mut in_vain) = (self.first_block, 0);
        while block <= head {
            let Some(next) = nonces.clone().find(|nonce| !found.contains_key(nonce)) else { break };
            let before = found.len();
            let sent = chain.sent_in(block).await?.into_iter();
            let ours = sent.filter(|sent| sent.from == deployer && nonces.contains(&sent.nonce.to()));
            found.extend(ours.filter(Sent::creates).map(|sent| (sent.nonce.to(), sent.input)));
            in_vain = if found.len() > before { 0 } else { in_vain + 1 };
            block += 1;
            if in_vain == BLOCKS_IN_VAIN {
                in_vain = 0;
                block = self.block_of(chain, next, block, head).await;
            }
        }
        Ok(found)
    }

    /// The first block from `low` to `head` after which the deployer has used a nonce, or `head + 1`; `low` itself on a chain that does not
    /// remember.
    async fn block_of(&self, chain: &Chain, nonce: u64, low: u64, head: u64) -> u64 {
        let (first, mut low, mut high) = (low, low, head.saturating_add(1));
        while low < high {
            let middle = low + (high - low) / 2;
            match chain.nonce_at(self.deployer, middle).await {
                Ok(used) if used > nonce => high = middle,
                Ok(_) => low = middle + 1,
                Err(_) => return first,
            }
        }
        low
    }
}
