//! Nodes: registration, stake, counters. Contracts `NodeRegistry` and `StakeVault`.

use super::{
    Contracts,
    bindings::{ComputeToken, Node, NodeRegistry, Profile as SolProfile, StakeVault},
};
use crate::{
    client::{ChainError, Mined},
    convert::{from_sol, to_sol, word},
    tokens::Tokens,
};
use alloy::primitives::U256;
use corex_work::{Address, Hash32};
use serde::{Deserialize, Serialize};

/// Role bit: works on tasks.
pub const PROVIDER: u8 = 1;
/// Role bit: audits, challenges, votes.
pub const VERIFIER: u8 = 2;

/// What a node says of itself. Nothing in it is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeProfile {
    /// ed25519 public key of its peer-to-peer endpoint.
    pub endpoint: Hash32,
    /// Hash of its hardware description.
    pub hardware: Hash32,
    /// Claimed speed, in work units per second.
    pub capability: u64,
    /// [`PROVIDER`] and [`VERIFIER`], added.
    pub roles: u8,
}

impl From<NodeProfile> for SolProfile {
    fn from(p: NodeProfile) -> Self {
        let (endpoint, hardware) = (word(p.endpoint.0), word(p.hardware.0));
        Self { endpoint, hardware, capability: p.capability, roles: p.roles }
    }
}

impl From<SolProfile> for NodeProfile {
    fn from(p: SolProfile) -> Self {
        let (endpoint, hardware) = (Hash32(p.endpoint.0), Hash32(p.hardware.0));
        Self { endpoint, hardware, capability: p.capability, roles: p.roles }
    }
}

/// A registered node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeInfo {
    /// Who is paid, and may take stake out.
    pub owner: Address,
    /// In service.
    pub active: bool,
    /// What it says of itself.
    pub profile: NodeProfile,
    /// Units of work settled for it, over all jobs.
    pub verified_units: u128,
    /// Results of it that lost a dispute.
    pub faults: u32,
}

impl NodeInfo {
    pub(super) fn new(n: Node) -> Option<Self> {
        let (endpoint, hardware) = (Hash32(n.endpoint.0), Hash32(n.hardware.0));
        (!n.owner.is_zero()).then_some(Self {
            owner: from_sol(n.owner),
            active: n.active,
            profile: NodeProfile { endpoint, hardware, capability: n.capability, roles: n.roles },
            verified_units: n.verifiedUnits,
            faults: n.faults,
        })
    }
}

/// A node's stake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stake {
    /// Counts, and can be unbonded.
    pub active: Tokens,
    /// Counts too, held while disputes that the node opened are undecided.
    pub bonded: Tokens,
    /// On its way out: counts for nothing, can still be slashed.
    pub unbonding: Tokens,
    /// What others lend to the node, all of it.
    pub delegated: Tokens,
    /// Unix time before which nothing can be unbonded.
    pub locked_until: u64,
}

impl Stake {
    /// The node's own stake, which makes it eligible.
    pub fn counting(&self) -> Tokens {
        self.active + self.bonded
    }
}

impl Contracts {
    /// Registers this account as a node that `owner` owns. `None` if it is registered already, whoever owns it by now; then its
    /// profile is updated if it differs.
    pub async fn register(&self, owner: Address, profile: NodeProfile) -> Result<Option<Mined>, ChainError> {
        let node = self.chain.address();
        let registry = self.book.contracts.registry;
        match self.node(node).await? {
            None => {
                let call = NodeRegistry::registerCall { owner: to_sol(owner), profile: profile.into() };
                self.send(registry, &call).await.map(Some)
            }
            Some(known) if known.profile != profile => {
                let call = NodeRegistry::updateCall { node: to_sol(node), profile: profile.into() };
                let mined = self.send(registry, &call).await?;
                // A change of roles does not reach the verifier set by itself.
                self.sync_verifier(node).await?;
                Ok(Some(mined))
            }
            Some(_) => Ok(None),
        }
    }

    /// Takes a node of this account into or out of service.
    pub async fn set_active(&self, node: Address, active: bool) -> Result<Mined, ChainError> {
        let (registry, node) = (self.book.contracts.registry, to_sol(node));
        match active {
            true => self.send(registry, &NodeRegistry::activateCall { node }).await,
            false => self.send(registry, &NodeRegistry::deactivateCall { node }).await,
        }
    }

    /// All that is known of a node; `None` if it never registered.
    pub async fn node(&self, node: Address) -> Result<Option<NodeInfo>, ChainError> {
        let call = NodeRegistry::nodeOfCall { node: to_sol(node) };
        Ok(NodeInfo::new(self.chain.read(self.book.contracts.registry, &call).await?))
    }

    /// Adds this account's tokens to the stake of `node`, with the approval that takes.
    pub async fn stake(&self, node: Address, amount: Tokens) -> Result<Mined, ChainError> {
        let vault = self.book.contracts.vault;
        self.allow(vault, amount).await?;
        let call = StakeVault::stakeCall { node: to_sol(node), amount: U256::from(amount.0) };
        self.send(vault, &call).await
    }

    /// Tops the stake of `node` up to `target`. `None` if it has as much already.
    pub async fn stake_up_to(&self, node: Address, target: Tokens) -> Result<Option<Mined>, ChainError> {
        let missing = target.saturating_sub(self.stake_of(node).await?.counting());
        match missing == Tokens::default() {
            true => Ok(None),
            false => self.stake(node, missing).await.map(Some),
        }
    }

    /// Starts to take stake of a node of this owner out.
    pub async fn request_unbond(&self, node: Address, amount: Tokens) -> Result<Mined, ChainError> {
        let call = StakeVault::requestUnbondCall { node: to_sol(node), amount: U256::from(amount.0) };
        self.send(self.book.contracts.vault, &call).await
    }

    /// Pays stake that has finished unbonding to the node's owner.
    pub async fn withdraw(&self, node: Address) -> Result<Mined, ChainError> {
        self.send(self.book.contracts.vault, &StakeVault::withdrawCall { node: to_sol(node) }).await
    }

    /// Puts `node` into the verifier set, or takes it out, as its stake and roles say.
    pub async fn sync_verifier(&self, node: Address) -> Result<Mined, ChainError> {
        self.send(self.book.contracts.vault, &StakeVault::syncVerifierCall { node: to_sol(node) }).await
    }

    /// A node's stake.
    pub async fn stake_of(&self, node: Address) -> Result<Stake, ChainError> {
        let call = StakeVault::accountOfCall { node: to_sol(node) };
        let account = self.chain.read(self.book.contracts.vault, &call).await?;
        Ok(Stake {
            active: Tokens(account.active),
            bonded: Tokens(account.bonded),
            unbonding: Tokens(account.unbonding),
            delegated: Tokens(account.delegated),
            locked_until: account.lockedUntil,
        })
    }

    /// Whether `node` is in service with `role` and has the stake for it.
    pub async fn is_eligible(&self, node: Address, role: u8) -> Result<bool, ChainError> {
        let call = StakeVault::isEligibleCall { node: to_sol(node), role };
        self.chain.read(self.book.contracts.vault, &call).await
    }

    /// The eligible verifiers with their stakes, ascending by address.
    pub async fn verifiers(&self) -> Result<Vec<(Address, Tokens)>, ChainError> {
        let found = self.chain.read(self.book.contracts.vault, &StakeVault::verifiersCall {}).await?;
        let stakes = found.stakes.into_iter().map(super::tokens);
        let mut verifiers: Vec<_> = found.nodes.into_iter().map(from_sol).zip(stakes).collect();
        verifiers.sort();
        Ok(verifiers)
    }

    /// Lets one of the network's own contracts take so many of this account's tokens, and no more.
    pub(super) async fn allow(&self, spender: Address, amount: Tokens) -> Result<(), ChainError> {
        let token = self.book.contracts.token;
        let (owner, spender) = (to_sol(self.chain.address()), to_sol(spender));
        let allowed = self.chain.read(token, &ComputeToken::allowanceCall { owner, spender }).await?;
        let value = U256::from(amount.0);
        if allowed >= value {
            return Ok(());
        }
        // Some tokens of others refuse to replace an allowance that is not used up.
        if !allowed.is_zero() {
            self.send(token, &ComputeToken::approveCall { spender, value: U256::ZERO }).await?;
        }
        self.send(token, &ComputeToken::approveCall { spender, value }).await?;
        Ok(())
    }
}
