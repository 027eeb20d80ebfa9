//! Deployment of a network's contracts, and the address book that describes one.
//!
//! The contracts name each other in their constructors, so their addresses must be known before the first is
//! created: they follow from the deployer and its nonce. A [`Deployment`] is that plan. It can be saved before
//! the first transaction and carried out again after a crash: what exists is skipped.

use super::{
    bindings::{
        ArbiterParams, ComputeToken, EscrowParams, Grant, JobEscrow, MiningPool, NodeRegistry, PoolParams,
        Settled, Settlement, SettlementParams, StakeVault, VaultParams, VoteArbiter,
        game::{Arithmetic, DisputeGame, Evidence, GameParams, Referee},
    },
    extract,
};
use crate::{
    client::{Chain, ChainError, Mined},
    convert::{from_sol, to_sol},
    profile::Profile,
    tokens::Tokens,
};
use alloy::{
    primitives::{Bytes, U256},
    sol_types::SolConstructor,
};
use corex_work::{Address, Domain};
use serde::{Deserialize, Serialize};

/// Contracts of a network, in order of deployment.
const ORDER: [&str; 14] = [
    "ComputeToken",
    "NodeRegistry",
    "StakeVault",
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
    "Settlement",
];

/// Those under the orders of the Settlement. The token has no master, and what executes single operations no state.
const SETTLED: [&str; 6] =
    ["NodeRegistry", "StakeVault", "JobEscrow", "MiningPool", "VoteArbiter", "DisputeGame"];

/// Where a network's contracts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addresses {
    /// `ComputeToken`
    pub token: Address,
    /// `NodeRegistry`
    pub registry: Address,
    /// `StakeVault`
    pub vault: Address,
    /// `JobEscrow`
    pub escrow: Address,
    /// `MiningPool`
    pub pool: Address,
    /// `VoteArbiter`
    pub arbiter: Address,
    /// `Transcendental`
    pub transcendental: Address,
    /// `Arithmetic`
    pub arithmetic: Address,
    /// `Blake3`
    pub blake3: Address,
    /// `BlobTree`
    pub blob_tree: Address,
    /// `Referee`
    pub referee: Address,
    /// `Evidence`
    pub evidence: Address,
    /// `DisputeGame`
    pub game: Address,
    /// `Settlement`
    pub settlement: Address,
}

impl Addresses {
    /// In order of deployment.
    fn list(&self) -> [Address; 14] {
        [
            self.token,
            self.registry,
            self.vault,
            self.escrow,
            self.pool,
            self.arbiter,
            self.transcendental,
            self.arithmetic,
            self.blake3,
            self.blob_tree,
            self.referee,
            self.evidence,
            self.game,
            self.settlement,
        ]
    }
}

/// The address book of a network: which chain, which contracts, with which parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// EIP-155 id of the chain.
    pub chain_id: u64,
    /// Account that creates the contracts. It has no rights over them afterwards.
    pub deployer: Address,
    /// The deployer's nonce at the first contract.
    pub first_nonce: u64,
    /// Events of the network are in this block or later ones.
    pub first_block: u64,
    /// Gets [`Profile::treasury`]; only on local networks.
    pub treasury: Option<Address>,
    /// The contracts.
    pub contracts: Addresses,
    /// The parameters.
    pub profile: Profile,
}

impl Deployment {
    /// Plans a deployment by the account of `chain`, from its next nonce on. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ChainError::Conflict`] if the profile funds a treasury and none is named, or the other way round.
    pub async fn plan(
        chain: &Chain,
        profile: Profile,
        treasury: Option<Address>,
    ) -> Result<Self, ChainError> {
        if treasury.is_some() != (profile.treasury_bps > 0) {
            let funds = profile.treasury();
            let reason =
                format!("the profile gives a treasury {funds} tokens; treasury account: {treasury:?}");
            return Err(ChainError::Conflict(reason));
        }
        let deployer = chain.address();
        let first_nonce = chain.account_nonce(deployer).await?;
        let at = |index: u64| from_sol(to_sol(deployer).create(first_nonce + index));
        Ok(Self {
            chain_id: chain.chain_id(),
            deployer,
            first_nonce,
            first_block: chain.block_number().await?,
            treasury,
            contracts: Addresses {
                token: at(0),
                registry: at(1),
                vault: at(2),
                escrow: at(3),
                pool: at(4),
                arbiter: at(5),
                transcendental: at(6),
                arithmetic: at(7),
                blake3: at(8),
                blob_tree: at(9),
                referee: at(10),
                evidence: at(11),
                game: at(12),
                settlement: at(13),
            },
            profile,
        })
    }

    /// Carries the plan out, going on where an earlier attempt stopped. Returns the transactions sent.
    ///
    /// # Errors
    /// [`ChainError::Conflict`] if the deployer has done something else in between, so that the remaining
    /// contracts cannot get their planned addresses: plan anew.
    pub async fn execute(&self, chain: &Chain) -> Result<Vec<(&'static str, Mined)>, ChainError> {
        self.check_chain(chain)?;
        let mut sent = Vec::new();
        for ((name, address), nonce) in ORDER.into_iter().zip(self.contracts.list()).zip(self.first_nonce..) {
            if chain.has_code(address).await? {
                continue;
            }
            let next = chain.account_nonce(self.deployer).await?;
            if chain.address() != self.deployer || next != nonce {
                let (who, account) = (chain.address(), self.deployer);
                return Err(ChainError::Conflict(format!(
                    "{name} is planned for account {account} at nonce {nonce}, but {who} would deploy it and \
                     that account is at nonce {next}: plan a new deployment"
                )));
            }
            let (created, mined) = self.create(chain, name).await?;
            if created != address {
                let reason = format!("{name} was created at {created}, planned at {address}");
                return Err(ChainError::Conflict(reason));
            }
            sent.push((name, mined));
        }
        self.verify(chain).await?;
        Ok(sent)
    }

    async fn create(&self, chain: &Chain, name: &'static str) -> Result<(Address, Mined), ChainError> {
        let (at, profile) = (&self.contracts, &self.profile);
        let [
            token,
            registry,
            vault,
            escrow,
            pool,
            arbiter,
            transcendental,
            arithmetic,
            blake3,
            blob_tree,
            referee,
            evidence,
            game,
            settlement,
        ] = at.list().map(to_sol);
        match name {
            "ComputeToken" => {
                let supply = profile.token.supply;
                let treasury =
                    self.treasury.map(|to| Grant { to: to_sol(to), amount: units(profile.treasury()) });
                let pooled = supply.saturating_sub(profile.treasury());
                let mut grants = vec![Grant { to: pool, amount: units(pooled) }];
                grants.extend(treasury);
                let (name_, symbol) = (profile.token.name.clone(), profile.token.symbol.clone());
                let arguments =
                    ComputeToken::constructorCall { name: name_, symbol, supply: units(supply), grants };
                deploy(chain, name, &arguments).await
            }
            "NodeRegistry" => deploy(chain, name, &NodeRegistry::constructorCall { settlement }).await,
            "StakeVault" => {
                let p = &profile.stake;
                let params = VaultParams {
                    providerMinStake: p.provider_min.0,
                    verifierMinStake: p.verifier_min.0,
                    unbondingSeconds: p.unbonding_seconds,
                    burnBps: p.burn_bps,
                    finderBps: p.finder_bps,
                };
                let arguments = StakeVault::constructorCall { token, registry, settlement, params };
                deploy(chain, name, &arguments).await
            }
            "JobEscrow" => {
                let p = &profile.escrow;
                let params = EscrowParams { minPricePerUnit: p.min_price_per_unit.0, feeBps: p.fee_bps };
                let arguments = JobEscrow::constructorCall { token, registry, settlement, params };
                deploy(chain, name, &arguments).await
            }
            "MiningPool" => {
                let p = &profile.mining;
                let params = PoolParams {
                    epochSeconds: p.epoch_seconds,
                    epochsPerEra: p.epochs_per_era,
                    rewardCapPerUnit: p.reward_cap_per_unit.0,
                    engineBps: p.engine_bps,
                };
                let arguments = MiningPool::constructorCall { token, registry, settlement, params };
                deploy(chain, name, &arguments).await
            }
            "VoteArbiter" => {
                let p = &profile.arbiter;
                let params = ArbiterParams { committeeSize: p.committee_size, voteSeconds: p.vote_seconds };
                deploy(chain, name, &VoteArbiter::constructorCall { vault, settlement, params }).await
            }
            "Arithmetic" => deploy(chain, name, &Arithmetic::constructorCall { transcendental }).await,
            "Referee" => deploy(chain, name, &Referee::constructorCall { arithmetic }).await,
            "Evidence" => deploy(chain, name, &Evidence::constructorCall { referee, blake3 }).await,
            "DisputeGame" => {
                let p = &profile.game;
                let params = GameParams {
                    clockSeconds: p.clock_seconds,
                    extensionSeconds: p.extension_seconds,
                    moveBond: p.move_bond.0,
                };
                let arguments = DisputeGame::constructorCall {
                    settlement,
                    referee,
                    blake3,
                    blobTree: blob_tree,
                    evidence,
                    params,
                };
                deploy(chain, name, &arguments).await
            }
            "Settlement" => {
                let p = &profile.settlement;
                let params = SettlementParams {
                    challengeSeconds: p.challenge_seconds,
                    challengeBond: p.challenge_bond.0,
                    slashBps: p.slash_bps,
                };
                let arguments =
                    Settlement::constructorCall { registry, vault, escrow, pool, arbiter, game, params };
                deploy(chain, name, &arguments).await
            }
            // Without arguments: `Transcendental`, `Blake3`, `BlobTree`.
            _ => chain.create(name, code(name)?, &[]).await,
        }
    }

    /// Checks that the network of this book is on the chain: every contract is there and obeys its Settlement.
    pub async fn verify(&self, chain: &Chain) -> Result<(), ChainError> {
        self.check_chain(chain)?;
        let settlement = self.contracts.settlement;
        for (name, address) in ORDER.into_iter().zip(self.contracts.list()) {
            if !chain.has_code(address).await? {
                let (id, url) = (chain.chain_id(), chain.url());
                let reason = format!("there is no {name} at {address} on chain {id} ({url})");
                return Err(ChainError::Conflict(reason));
            }
            if !SETTLED.contains(&name) {
                continue;
            }
            let master = from_sol(chain.read(address, &Settled::settlementCall {}).await?);
            if master != settlement {
                let reason =
                    format!("{name} at {address} obeys the Settlement at {master}, not {settlement}");
                return Err(ChainError::Conflict(reason));
            }
        }
        Ok(())
    }

    fn check_chain(&self, chain: &Chain) -> Result<(), ChainError> {
        match chain.chain_id() == self.chain_id {
            true => Ok(()),
            false => Err(ChainError::WrongChain {
                url: chain.url().into(),
                expected: self.chain_id,
                found: chain.chain_id(),
            }),
        }
    }

    /// Where receipts and verdicts of this network are signed for.
    pub fn domain(&self) -> Domain {
        Domain { chain_id: self.chain_id, settlement: self.contracts.settlement }
    }
}

fn units(amount: Tokens) -> U256 {
    U256::from(amount.0)
}

async fn deploy<A: SolConstructor>(
    chain: &Chain,
    name: &'static str,
    arguments: &A,
) -> Result<(Address, Mined), ChainError> {
    chain.create(name, code(name)?, &arguments.abi_encode()).await
}

fn code(name: &str) -> Result<&'static Bytes, ChainError> {
    let missing = || ChainError::Conflict(format!("this program was built without {name}"));
    extract::bytecode(name).ok_or_else(missing)
}
