//! The sale of tokens. Contract `TokenSale`.

use crate::{
    client::ChainError,
    contracts::{Contracts, Part, bindings::distribution::TokenSale, tokens},
    convert::{from_sol, to_sol},
    tokens::Tokens,
};
use alloy::{
    primitives::{U256, keccak256},
    sol_types::SolValue,
};
use corex_work::{Address, Hash32};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// The sale. Payments are in the smallest unit of what is paid with, which for ether and most tokens is 10^-18.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SaleInfo {
    /// Whether it goes on, and how it ended.
    pub outcome: Outcome,
    /// The ERC-20 that is paid with; `None` for ether.
    pub payment: Option<Address>,
    /// What was paid so far.
    pub raised: Tokens,
    /// Least that must be paid, or everybody gets back what he paid.
    pub soft_cap: Tokens,
    /// Who gets what was paid.
    pub treasury: Address,
    /// Who gets what was not sold.
    pub unsold_to: Address,
    /// Tokens sold that their buyers have not claimed.
    pub owed: Tokens,
    /// The stages, in order.
    pub stages: Vec<SaleStageInfo>,
    /// Index of the stage that runs.
    pub running: Option<usize>,
}

/// A stage of the sale, and what one buyer did in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SaleStageInfo {
    /// Unix time from which one can buy.
    pub start: u64,
    /// Unix time before which one can buy.
    pub end: u64,
    /// Payment for one whole token.
    pub price: Tokens,
    /// Tokens for sale.
    pub cap: Tokens,
    /// Tokens sold.
    pub sold: Tokens,
    /// Most tokens for one buyer.
    pub cap_per_buyer: Tokens,
    /// Root of the list of those who may buy; `None` for everybody.
    pub allow_list: Option<Hash32>,
    /// What this account bought.
    pub bought: Tokens,
}

/// Whether a sale goes on, and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It goes on, or has not begun.
    Open,
    /// It raised enough: buyers get tokens.
    Succeeded,
    /// It did not: buyers get their money.
    Failed,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Succeeded => "succeeded: buyers claim their tokens",
            Self::Failed => "failed: buyers get back what they paid",
        })
    }
}

impl Contracts {
    /// The sale, as `buyer` sees it.
    pub async fn sale(&self, buyer: Address) -> Result<SaleInfo, ChainError> {
        let at = self.part(Part::Sale)?;
        let now = self.chain.time().await?;
        let code = self.chain.read(at, &TokenSale::outcomeCall {}).await?;
        let outcome = [Outcome::Open, Outcome::Succeeded, Outcome::Failed].get(usize::from(code)).copied();
        let unknown = || ChainError::Answer { call: "outcome".into(), reason: format!("outcome {code}") };
        let outcome = outcome.ok_or_else(unknown)?;
        let mut stages = Vec::new();
        for (index, stage) in self.chain.read(at, &TokenSale::stagesCall {}).await?.into_iter().enumerate() {
            let (number, buyer) = (U256::from(index), to_sol(buyer));
            let sold = self.chain.read(at, &TokenSale::soldInStageCall { stage: number }).await?;
            let bought = self.chain.read(at, &TokenSale::boughtInStageCall { stage: number, buyer }).await?;
            stages.push(SaleStageInfo {
                start: stage.start,
                end: stage.end,
                price: Tokens(stage.price),
                cap: Tokens(stage.cap),
                sold: tokens(sold),
                cap_per_buyer: Tokens(stage.capPerBuyer),
                allow_list: (!stage.allowList.is_zero()).then_some(Hash32(stage.allowList.0)),
                bought: tokens(bought),
            });
        }
        let payment = self.chain.read(at, &TokenSale::paymentCall {}).await?;
        let runs = |stage: &SaleStageInfo| stage.start <= now && now < stage.end;
        Ok(SaleInfo {
            outcome,
            payment: (!payment.is_zero()).then(|| from_sol(payment)),
            raised: tokens(self.chain.read(at, &TokenSale::raisedCall {}).await?),
            soft_cap: tokens(self.chain.read(at, &TokenSale::softCapCall {}).await?),
            treasury: from_sol(self.chain.read(at, &TokenSale::treasuryCall {}).await?),
            unsold_to: from_sol(self.chain.read(at, &TokenSale::unsoldToCall {}).await?),
            owed: tokens(self.chain.read(at, &TokenSale::owedCall {}).await?),
            running: if outcome == Outcome::Open { stages.iter().position(runs) } else { None },
            stages,
        })
    }

    /// Tokens that `buyer` bought and has not claimed, and what it paid and has not got back.
    pub async fn bought_by(&self, buyer: Address) -> Result<(Tokens, Tokens), ChainError> {
        let (at, buyer) = (self.part(Part::Sale)?, to_sol(buyer));
        let bought = self.chain.read(at, &TokenSale::boughtByCall { buyer }).await?;
        let paid = self.chain.read(at, &TokenSale::paidByCall { buyer }).await?;
        Ok((tokens(bought), tokens(paid)))
    }

    /// What `amount` tokens cost in a stage, rounded up.
    pub async fn sale_cost(&self, stage: usize, amount: Tokens) -> Result<Tokens, ChainError> {
        let call = TokenSale::costOfCall { stage: U256::from(stage), amount: U256::from(amount.0) };
        self.chain.read(self.part(Part::Sale)?, &call).await.map(tokens)
    }
}

/// Those who may buy in a stage, each with the proof of it: the tree of OpenZeppelin's `MerkleProof`, whose pairs are sorted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowList {
    /// The root, which a deployment is given.
    pub root: Hash32,
    /// Everybody's proof.
    pub proofs: BTreeMap<Address, Vec<Hash32>>,
}

impl AllowList {
    /// The list of these accounts; `None` for nobody.
    pub fn new(accounts: impl IntoIterator<Item = Address>) -> Option<Self> {
        // Sorted and without repetition, so that the same accounts give the same root in any order.
        let mut leaves: Vec<(Hash32, Address)> =
            accounts.into_iter().map(|account| (Self::leaf(account), account)).collect();
        leaves.sort();
        leaves.dedup();
        let mut proofs: BTreeMap<Address, Vec<Hash32>> =
            leaves.iter().map(|(_, account)| (*account, Vec::new())).collect();
        // Each node of a layer with the accounts below it.
        let mut layer: Vec<(Hash32, Vec<Address>)> =
            leaves.into_iter().map(|(leaf, account)| (leaf, vec![account])).collect();
        while layer.len() > 1 {
            let mut above = Vec::with_capacity(layer.len().div_ceil(2));
            let mut nodes = layer.into_iter();
            while let Some((left, mut below)) = nodes.next() {
                // Who has no neighbour goes up as it is.
                let Some((right, others)) = nodes.next() else {
                    above.push((left, below));
                    break;
                };
                for (accounts, sibling) in [(&below, right), (&others, left)] {
                    for account in accounts {
                        proofs.entry(*account).or_default().push(sibling);
                    }
                }
                below.extend(others);
                above.push((pair(left, right), below));
            }
            layer = above;
        }
        layer.pop().map(|(root, _)| Self { root, proofs })
    }

    /// Whether `proof` shows that `account` is on the list with this root.
    pub fn proves(root: Hash32, account: Address, proof: &[Hash32]) -> bool {
        proof.iter().fold(Self::leaf(account), |node, sibling| pair(node, *sibling)) == root
    }

    fn leaf(account: Address) -> Hash32 {
        Hash32(keccak256(keccak256(to_sol(account).abi_encode())).0)
    }
}

fn pair(a: Hash32, b: Hash32) -> Hash32 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    Hash32(keccak256([low.0, high.0].concat()).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_on_a_list_can_show_it_and_nobody_else() {
        for count in 1..=9u8 {
            let accounts: Vec<Address> = (1..=count).map(|n| Address([n; 20])).collect();
            let list = AllowList::new(accounts.iter().copied().rev()).unwrap();
            assert_eq!(list, AllowList::new(accounts.iter().chain(&accounts).copied()).unwrap());
            for account in &accounts {
                assert!(AllowList::proves(list.root, *account, &list.proofs[account]), "{count}");
                assert!(!AllowList::proves(list.root, Address([99; 20]), &list.proofs[account]));
            }
        }
        assert_eq!(AllowList::new([]), None);
        let one = AllowList::new([Address([7; 20])]).unwrap();
        let local = crate::Profile::builtin("aic", crate::Scope::Local).unwrap();
        assert_eq!(crate::Accounts::all(Address([7; 20]), &local).allow_list, Some(one.root));
    }
}
