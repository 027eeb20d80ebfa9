//! Nodes and their own stake. Contracts `StakeVault` and `NodeRegistry`, and the owner's part of `Delegation`.

use super::{Intents, Part};
use crate::{
    client::ChainError,
    contracts::{
        NodeProfile,
        bindings::{NodeRegistry, Register, StakeVault, money::Delegation},
    },
    convert::{to_sol, word},
    intent::{Intent, Message, percent},
    time::Moment,
    tokens::Tokens,
};
use alloy::primitives::{B256, U256};
use corex_work::{Address, Signature};

impl Intents {
    /// Adds tokens of the account to a node's stake. Takes an allowance for the vault.
    pub fn stake(&self, node: Address, amount: Tokens) -> Result<Intent, ChainError> {
        let call = StakeVault::stakeCall { node: to_sol(node), amount: U256::from(amount.0) };
        self.call(Part::Vault, &call, self.stake_words(node, amount))
    }

    /// The same with a permit, which [`Intent::with_permit`] puts in: [`Intents::permit`] for the vault, `amount` and `deadline`.
    pub fn stake_with_permit(
        &self,
        node: Address,
        amount: Tokens,
        deadline: u64,
    ) -> Result<Intent, ChainError> {
        let call = StakeVault::stakeWithPermitCall {
            node: to_sol(node),
            amount: U256::from(amount.0),
            deadline: U256::from(deadline),
            v: 0,
            r: B256::ZERO,
            s: B256::ZERO,
        };
        self.call(Part::Vault, &call, self.stake_words(node, amount))
    }

    fn stake_words(&self, node: Address, amount: Tokens) -> String {
        format!("stake {} on {}", self.amount(amount), self.node(node))
    }

    /// Locks a node's stake, which raises its boost. By its owner.
    pub fn lock(&self, node: Address, until: u64) -> Result<Intent, ChainError> {
        let words = format!("lock all stake of {} until {}", self.node(node), Moment(until));
        self.call(Part::Vault, &StakeVault::lockCall { node: to_sol(node), until }, words)
    }

    /// Starts to take stake out. By the node's owner.
    pub fn unbond(&self, node: Address, amount: Tokens) -> Result<Intent, ChainError> {
        let words = format!("start to take {} of stake out of {}", self.amount(amount), self.node(node));
        let call = StakeVault::requestUnbondCall { node: to_sol(node), amount: U256::from(amount.0) };
        self.call(Part::Vault, &call, words)
    }

    /// Pays stake that has finished unbonding to the node's owner.
    pub fn withdraw_stake(&self, node: Address) -> Result<Intent, ChainError> {
        let words = format!("withdraw what has finished unbonding of {} to its owner", self.node(node));
        self.call(Part::Vault, &StakeVault::withdrawCall { node: to_sol(node) }, words)
    }

    /// Puts a node into the verifier set, or takes it out, as its stake and roles say.
    pub fn sync_verifier(&self, node: Address) -> Result<Intent, ChainError> {
        let words =
            format!("bring {} into or out of the verifiers, as its stake and roles say", self.node(node));
        self.call(Part::Vault, &StakeVault::syncVerifierCall { node: to_sol(node) }, words)
    }

    /// The message by which the operator key of `node` agrees to be owned by the account, until `deadline`.
    pub fn registration(
        &self,
        node: Address,
        profile: NodeProfile,
        deadline: u64,
    ) -> Result<Message, ChainError> {
        let owner = self.chain().address();
        let register = Register {
            node: to_sol(node),
            owner: to_sol(owner),
            endpoint: word(profile.endpoint.0),
            hardware: word(profile.hardware.0),
            capability: profile.capability,
            roles: profile.roles,
            deadline: U256::from(deadline),
        };
        let words = format!("agree that node {node} is registered and owned by {owner}");
        let place = ("NodeRegistry", self.part(Part::Registry)?);
        Message::new(&self.names, ("corex registry", "1"), self.chain().chain_id(), place, &register, words)
    }

    /// Registers `node` with the account as its owner; `signature` is the operator key's of [`Intents::registration`].
    pub fn register_for(
        &self,
        node: Address,
        profile: NodeProfile,
        deadline: u64,
        signature: &Signature,
    ) -> Result<Intent, ChainError> {
        let call = NodeRegistry::registerForCall {
            node: to_sol(node),
            profile: profile.into(),
            deadline: U256::from(deadline),
            signature: signature.0.to_vec().into(),
        };
        self.call(Part::Registry, &call, format!("register node {node}, owned by this account"))
    }

    /// Replaces what a node says of itself. By its owner or its operator key.
    pub fn update_node(&self, node: Address, profile: NodeProfile) -> Result<Intent, ChainError> {
        let call = NodeRegistry::updateCall { node: to_sol(node), profile: profile.into() };
        self.call(Part::Registry, &call, format!("change what {} says of itself", self.node(node)))
    }

    /// Takes a node into or out of service. By its owner or its operator key.
    pub fn set_node_active(&self, node: Address, active: bool) -> Result<Intent, ChainError> {
        let (name, node) = (self.node(node), to_sol(node));
        match active {
            true => {
                let words = format!("take {name} into service");
                self.call(Part::Registry, &NodeRegistry::activateCall { node }, words)
            }
            false => {
                let words = format!("take {name} out of service; its stake stays where it is");
                self.call(Part::Registry, &NodeRegistry::deactivateCall { node }, words)
            }
        }
    }

    /// Offers a node to another owner, or, without one, withdraws the offer. By its owner.
    pub fn offer_node(&self, node: Address, to: Option<Address>) -> Result<Intent, ChainError> {
        let words = match to {
            Some(to) => format!(
                "offer {}, with its stake and all that it has not claimed, to {}",
                self.node(node),
                self.names.address(to)
            ),
            None => format!("withdraw the offer of {}", self.node(node)),
        };
        let to = to.map(to_sol).unwrap_or_default();
        self.call(Part::Registry, &NodeRegistry::transferOwnershipCall { node: to_sol(node), to }, words)
    }

    /// Takes a node over that was offered to the account.
    pub fn accept_node(&self, node: Address) -> Result<Intent, ChainError> {
        let words = format!("take {} over, with its stake and all that it has not claimed", self.node(node));
        self.call(Part::Registry, &NodeRegistry::acceptOwnershipCall { node: to_sol(node) }, words)
    }

    /// Starts or stops to take delegations for a node. By its owner.
    pub fn set_accepting(&self, node: Address, accepting: bool) -> Result<Intent, ChainError> {
        let what = if accepting { "start to take" } else { "take no more" };
        let words = format!("{what} delegations for {}", self.node(node));
        self.call(Part::Delegation, &Delegation::setAcceptingCall { node: to_sol(node), accepting }, words)
    }

    /// Changes the owner's part of the delegators' reward. By the node's owner.
    pub fn set_commission(&self, node: Address, bps: u16) -> Result<Intent, ChainError> {
        let words = format!(
            "set the commission of {} to {}; with delegators, a rise is in force one unbonding period later",
            self.node(node),
            percent(bps.into())
        );
        self.call(Part::Delegation, &Delegation::setCommissionCall { node: to_sol(node), bps }, words)
    }

    pub(super) fn node(&self, node: Address) -> String {
        format!("node {}", self.names.address(node))
    }
}
