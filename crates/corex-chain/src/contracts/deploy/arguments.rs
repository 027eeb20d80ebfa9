//! The constructor arguments of each contract, as a profile and a plan's addresses have them.

use super::{Deployment, Part, permissions::permissions};
use crate::{
    contracts::bindings::{
        ArbiterParams, ComputeToken, EscrowParams, Grant, JobEscrow, MiningPool, NodeRegistry, PoolParams,
        RegistryParams, Settlement, SettlementParams, SettlementParts, StakeVault, TierRule, VaultParams,
        VoteArbiter, distribution as d, founding as f,
        game::{Arithmetic, DisputeGame, Evidence, GameParams, Referee},
        governance as g, market as m, money as y,
    },
    convert::{to_sol, word},
    profile::{GrantParams, Seat},
    tokens::Tokens,
};
use alloy::{
    primitives::{Address as SolAddress, B256, U256, Uint},
    sol_types::SolConstructor,
};
use std::collections::BTreeMap;

/// ABI-encoded arguments of a part's constructor.
pub(super) fn of(part: Part, book: &Deployment) -> Vec<u8> {
    let plan = Plan { book, at: |part| to_sol(book.contracts.at(part)) };
    match part {
        Part::Token => plan.token(),
        Part::Registry | Part::Vault | Part::Delegation | Part::Weights => plan.nodes(part),
        Part::Fees | Part::Insurance | Part::Credentials | Part::Escrow => plan.jobs(part),
        Part::MarketCode | Part::Market => plan.market(part),
        Part::Pool => plan.pool(),
        Part::Arbiter | Part::Arithmetic | Part::Referee | Part::Evidence | Part::Game | Part::Settlement => {
            plan.verdicts(part)
        }
        Part::Transcendental | Part::Blake3 | Part::BlobTree => Vec::new(),
        Part::Burner | Part::Sale | Part::Allocation => plan.distribution(part),
        _ => plan.governance(part),
    }
}

struct Plan<'b, A: Fn(Part) -> SolAddress> {
    book: &'b Deployment,
    at: A,
}

impl<A: Fn(Part) -> SolAddress> Plan<'_, A> {
    fn at(&self, part: Part) -> SolAddress {
        (self.at)(part)
    }

    /// The AccessManager, if there is anything that it manages.
    fn manager(&self) -> SolAddress {
        to_sol(self.book.manager())
    }

    /// Of the parts that the vote or a committee may tune.
    fn authority(&self) -> SolAddress {
        if self.book.is_tunable() { self.manager() } else { SolAddress::ZERO }
    }

    /// A moment, counted from the plan.
    fn after(&self, seconds: u64) -> u64 {
        self.book.planned_at.saturating_add(seconds)
    }

    fn token(&self) -> Vec<u8> {
        let (profile, accounts) = (&self.book.profile, &self.book.accounts);
        let treasury = profile.treasury();
        let rest = profile.token.supply.saturating_sub(treasury);
        let holder = if profile.allocation.is_empty() { Part::Pool } else { Part::Allocation };
        let mut grants = Vec::new();
        if rest > Tokens::default() {
            grants.push(Grant { to: self.at(holder), amount: units(rest) });
        }
        grants.extend(accounts.treasury.map(|to| Grant { to: to_sol(to), amount: units(treasury) }));
        let (name, symbol) = (profile.token.name.clone(), profile.token.symbol.clone());
        let supply = units(profile.token.supply);
        ComputeToken::constructorCall { name, symbol, supply, grants }.abi_encode()
    }

    fn nodes(&self, part: Part) -> Vec<u8> {
        let profile = &self.book.profile;
        let (token, registry, vault) = (self.at(Part::Token), self.at(Part::Registry), self.at(Part::Vault));
        let settlement = self.at(Part::Settlement);
        match part {
            Part::Registry => {
                let p = &profile.registry;
                let tiers = p.tiers.clone().map(|tier| TierRule {
                    unitsPerDay: Uint::from(tier.units_per_day),
                    history: Uint::from(tier.history),
                    stake: tier.stake.0,
                });
                let params = RegistryParams { tiers, faultUnits: p.fault_units };
                NodeRegistry::constructorCall { vault, settlement, params }.abi_encode()
            }
            Part::Vault => {
                let p = &profile.stake;
                let params = VaultParams {
                    providerMinStake: p.provider_min.0,
                    verifierMinStake: p.verifier_min.0,
                    unbondingSeconds: p.unbonding_seconds,
                    burnBps: p.burn_bps,
                    finderBps: p.finder_bps,
                    delegationCapBps: p.delegation_cap_bps,
                    fullStake: p.boost_full_stake.0,
                    fullLockSeconds: p.boost_full_lock_seconds,
                };
                // What cannot be burned insures jobs.
                let sink = if profile.token.burnable { SolAddress::ZERO } else { self.at(Part::Insurance) };
                let delegation = self.at(Part::Delegation);
                StakeVault::constructorCall { token, registry, delegation, sink, settlement, params }
                    .abi_encode()
            }
            Part::Delegation => {
                let p = &profile.delegation;
                let params = y::DelegationParams {
                    maxCommissionBps: p.max_commission_bps,
                    maxCommissionStepBps: p.max_commission_step_bps,
                };
                let pool = self.at(Part::Pool);
                y::Delegation::constructorCall { token, registry, vault, pool, params }.abi_encode()
            }
            _ => {
                let p = &profile.weights;
                let params =
                    f::WeightsParams { kindBps: p.kind_bps, minKindBps: p.min_kind_bps, tierBps: p.tier_bps };
                let adjustable = profile.mining.as_ref().is_some_and(|mining| mining.adjustable);
                let authority = if adjustable { self.authority() } else { SolAddress::ZERO };
                f::Weights::constructorCall { registry, vault, authority, params }.abi_encode()
            }
        }
    }

    fn jobs(&self, part: Part) -> Vec<u8> {
        let profile = &self.book.profile;
        let (token, registry) = (self.at(Part::Token), self.at(Part::Registry));
        let (escrow, insurance, settlement) =
            (self.at(Part::Escrow), self.at(Part::Insurance), self.at(Part::Settlement));
        match part {
            Part::Insurance => {
                let p = &profile.insurance;
                let params = f::InsuranceParams { coverBps: p.cover_bps, capBps: p.cap_bps };
                f::InsurancePool::constructorCall { token, escrow, settlement, params }.abi_encode()
            }
            Part::Fees => {
                let p = &profile.fees;
                let params = f::SplitterParams {
                    burnBps: p.burn_bps,
                    insuranceBps: p.insurance_bps,
                    ecosystemBps: p.ecosystem_bps,
                };
                let ecosystem = self.at(Part::Ecosystem);
                f::FeeSplitter::constructorCall { token, insurance, ecosystem, params }.abi_encode()
            }
            Part::Credentials => {
                let name = format!("{} certificate of work", profile.token.name);
                let symbol = format!("{}-work", profile.token.symbol);
                f::Credentials::constructorCall { registry, settlement, name, symbol }.abi_encode()
            }
            _ => {
                let p = &profile.escrow;
                let params = EscrowParams {
                    feeBps: p.fee_bps,
                    feeMinBps: p.fee_range_bps[0],
                    feeMaxBps: p.fee_range_bps[1],
                    referralBps: p.referral_bps,
                    premiumBps: p.premium_bps,
                    windowSeconds: p.window_seconds,
                    targetUnits: p.target_units,
                    baseFeeFloor: p.base_fee_floor.0,
                    baseFeeCeiling: p.base_fee_ceiling.0,
                    burnsBaseFee: profile.token.burnable,
                };
                let (splitter, guard) = (self.at(Part::Fees), self.at(Part::Guard));
                let authority = self.authority();
                JobEscrow::constructorCall {
                    token,
                    registry,
                    settlement,
                    splitter,
                    insurance,
                    guard,
                    authority,
                    params,
                }
                .abi_encode()
            }
        }
    }

    fn market(&self, part: Part) -> Vec<u8> {
        let p = &self.book.profile.market;
        if p.upgradeable && part == Part::Market {
            let implementation = self.at(Part::MarketCode);
            return m::MarketProxy::constructorCall { implementation }.abi_encode();
        }
        let params = m::MarketParams {
            feeBps: p.fee_bps,
            feeMinBps: p.fee_range_bps[0],
            feeMaxBps: p.fee_range_bps[1],
            bondBps: p.bond_bps,
            noticeSeconds: p.notice_seconds,
            challengeSeconds: p.challenge_seconds,
        };
        let (token, registry) = (self.at(Part::Token), self.at(Part::Registry));
        let (splitter, guard) = (self.at(Part::Fees), self.at(Part::Guard));
        let authority = self.authority();
        m::Market::constructorCall { token, registry, splitter, guard, authority, params }.abi_encode()
    }

    fn pool(&self) -> Vec<u8> {
        let Some(p) = &self.book.profile.mining else { return Vec::new() };
        let params = PoolParams {
            epochSeconds: p.epoch_seconds,
            epochsPerEra: p.epochs_per_era,
            rewardCapPerUnit: p.reward_cap_per_unit.0,
            pocBps: p.poc_bps,
            minPocBps: p.poc_range_bps[0],
            maxPocBps: p.poc_range_bps[1],
            stepBps: p.step_bps,
            minValidateBps: p.validate_range_bps[0],
            maxValidateBps: p.validate_range_bps[1],
            targetVerifierStake: p.target_verifier_stake.0,
            incentiveBps: p.incentive_bps,
            incentiveFund: self.at(Part::Incentive),
        };
        let guard = if p.adjustable { self.at(Part::Guard) } else { SolAddress::ZERO };
        MiningPool::constructorCall {
            token: self.at(Part::Token),
            registry: self.at(Part::Registry),
            vault: self.at(Part::Vault),
            delegation: self.at(Part::Delegation),
            weights: self.at(Part::Weights),
            guard,
            settlement: self.at(Part::Settlement),
            params,
        }
        .abi_encode()
    }

    fn verdicts(&self, part: Part) -> Vec<u8> {
        let profile = &self.book.profile;
        let (vault, settlement) = (self.at(Part::Vault), self.at(Part::Settlement));
        let (arbiter, game) = (self.at(Part::Arbiter), self.at(Part::Game));
        let (arithmetic, blake3) = (self.at(Part::Arithmetic), self.at(Part::Blake3));
        let (referee, evidence) = (self.at(Part::Referee), self.at(Part::Evidence));
        match part {
            Part::Arbiter => {
                let p = &profile.arbiter;
                let params = ArbiterParams { committeeSize: p.committee_size, voteSeconds: p.vote_seconds };
                VoteArbiter::constructorCall { vault, settlement, params }.abi_encode()
            }
            Part::Arithmetic => {
                let transcendental = self.at(Part::Transcendental);
                Arithmetic::constructorCall { transcendental }.abi_encode()
            }
            Part::Referee => Referee::constructorCall { arithmetic }.abi_encode(),
            Part::Evidence => Evidence::constructorCall { referee, blake3 }.abi_encode(),
            Part::Game => {
                let p = &profile.game;
                let params = GameParams {
                    clockSeconds: p.clock_seconds,
                    extensionSeconds: p.extension_seconds,
                    moveBond: p.move_bond.0,
                };
                let blob_tree = self.at(Part::BlobTree);
                DisputeGame::constructorCall {
                    settlement,
                    referee,
                    blake3,
                    blobTree: blob_tree,
                    evidence,
                    params,
                }
                .abi_encode()
            }
            _ => {
                let p = &profile.settlement;
                let params = SettlementParams {
                    challengeSeconds: p.challenge_seconds,
                    challengeBond: p.challenge_bond.0,
                    slashBps: p.slash_bps,
                };
                let parts = SettlementParts {
                    registry: self.at(Part::Registry),
                    vault,
                    escrow: self.at(Part::Escrow),
                    pool: self.at(Part::Pool),
                    credentials: self.at(Part::Credentials),
                    insurance: self.at(Part::Insurance),
                    arbiter,
                    game,
                };
                Settlement::constructorCall { parts, params }.abi_encode()
            }
        }
    }

    fn distribution(&self, part: Part) -> Vec<u8> {
        let (profile, accounts) = (&self.book.profile, &self.book.accounts);
        let token = self.at(Part::Token);
        let named = |name: &str| accounts.named.get(name).map_or(SolAddress::ZERO, |to| to_sol(*to));
        match part {
            Part::Burner => {
                let Some(p) = &profile.burner else { return Vec::new() };
                let params = d::BurnerParams {
                    floor: p.floor.0,
                    startFactorBps: p.start_factor_bps,
                    halvingSeconds: p.halving_seconds,
                };
                d::FeeBurner::constructorCall { token, params }.abi_encode()
            }
            Part::Sale => {
                let Some(p) = &profile.sale else { return Vec::new() };
                let list = accounts.allow_list.map_or(B256::ZERO, |root| word(root.0));
                let stages = p.stages.iter().map(|stage| d::SaleStage {
                    start: self.after(stage.start_seconds),
                    end: self.after(stage.end_seconds),
                    price: stage.price.0,
                    cap: stage.cap.0,
                    capPerBuyer: stage.cap_per_buyer.0,
                    allowList: if stage.allow_list { list } else { B256::ZERO },
                });
                let params = d::SaleParams {
                    payment: SolAddress::ZERO,
                    treasury: named(&p.treasury),
                    unsoldTo: self.at(Part::Ecosystem),
                    softCap: units(p.soft_cap),
                };
                d::TokenSale::constructorCall { token, params, stages: stages.collect() }.abi_encode()
            }
            _ => {
                let supply = profile.token.supply.saturating_sub(profile.treasury());
                let mut buckets: BTreeMap<&str, u16> = BTreeMap::new();
                for grant in &profile.allocation {
                    *buckets.entry(&grant.bucket).or_default() += grant.bps;
                }
                let buckets = buckets.into_iter().map(|(name, bps)| d::Bucket { name: label(name), bps });
                let grant = |grant: &GrantParams| d::AllocationGrant {
                    bucket: label(&grant.bucket),
                    to: match grant.to.as_str() {
                        "pool" => self.at(Part::Pool),
                        "ecosystem" => self.at(Part::Ecosystem),
                        "sale" => self.at(Part::Sale),
                        name => named(name),
                    },
                    amount: units(supply.share_down(grant.bps)),
                    cliffSeconds: grant.cliff_seconds,
                    durationSeconds: grant.vesting_seconds,
                };
                let grants = profile.allocation.iter().map(grant).collect();
                d::Allocation::constructorCall { token, buckets: buckets.collect(), grants }.abi_encode()
            }
        }
    }

    fn governance(&self, part: Part) -> Vec<u8> {
        let (profile, accounts) = (&self.book.profile, &self.book.accounts);
        let governance = &profile.governance;
        let (manager, power) = (self.manager(), self.at(Part::Power));
        let (stages, governor, timelock) =
            (self.at(Part::Stages), self.at(Part::Governor), self.at(Part::Timelock));
        let seats = || g::Seats {
            executive: self.at(Part::Executive),
            operations: self.at(Part::Operations),
            security: self.at(Part::Security),
            timelock,
        };
        let committee = |seat| {
            let members = accounts.committee(seat);
            let list = members.map(|m| m.members.iter().map(|a| to_sol(*a)).collect()).unwrap_or_default();
            g::Committee::constructorCall {
                // It changes its own members.
                controller: self.at(part),
                members: list,
                threshold: U256::from(members.map_or(0, |m| m.threshold)),
                proposalSeconds: governance.committee_seconds,
            }
            .abi_encode()
        };
        let fund = |token| {
            let (period, cap) = governance.fund.as_ref().map_or((0, 0), |p| (p.period_seconds, p.cap_bps));
            g::EcosystemFund::constructorCall { token, manager, periodSeconds: period, capBps: cap }
                .abi_encode()
        };
        let vote = governance.vote.as_ref();
        match (part, vote) {
            (Part::Executive, _) => committee(Seat::Executive),
            (Part::Operations, _) => committee(Seat::Operations),
            (Part::Security, _) => committee(Seat::Security),
            (Part::Ecosystem | Part::Incentive, _) => fund(self.at(Part::Token)),
            (Part::Guard, _) => {
                let Some(p) = &governance.pause else { return Vec::new() };
                let params = g::GuardParams {
                    maxPauseSeconds: p.max_seconds,
                    cooldownSeconds: p.cooldown_seconds,
                    scopes: p.scopes.iter().fold(0, |bits, scope| bits | 1 << *scope as u8),
                };
                g::Guard::constructorCall { manager, params }.abi_encode()
            }
            (Part::Timelock, Some(p)) => g::Timelock::constructorCall {
                minDelay: U256::from(p.timelock_seconds),
                proposers: vec![governor],
                executors: vec![SolAddress::ZERO],
                admin: SolAddress::ZERO,
            }
            .abi_encode(),
            (Part::Power, Some(p)) => {
                let holders =
                    [Part::Pool, Part::Ecosystem, Part::Incentive, Part::Sale, Part::Insurance, Part::Fees];
                let mut held = holders.map(|part| self.at(part)).to_vec();
                held.retain(|at| !at.is_zero());
                held.sort_unstable();
                g::VotingPower::constructorCall {
                    token: self.at(Part::Token),
                    stakeSources: vec![self.at(Part::Vault)],
                    contribution: self.at(Part::Credentials),
                    excluded: held,
                    params: g::PowerParams {
                        // Per unit, times 1e18: what a token amount is.
                        votesPerUnit: p.votes_per_unit.0.saturating_mul(10u128.pow(18)),
                        contributionBps: p.contribution_bps,
                    },
                }
                .abi_encode()
            }
            (Part::Governor, Some(p)) => g::NetworkGovernor::constructorCall {
                name: format!("{} governor", profile.token.name),
                power,
                timelock,
                stages,
                manager,
                params: g::GovernorParams {
                    votingDelay: Uint::from(p.delay_seconds),
                    votingPeriod: p.period_seconds,
                    proposalThreshold: units(p.threshold),
                    quorumPercent: U256::from(p.quorum_percent),
                    participationMinBps: p.participation_min_bps,
                    participationWindow: p.participation_window,
                    resetUntil: match p.reset_seconds {
                        0 => Uint::ZERO,
                        seconds => Uint::from(self.after(seconds)),
                    },
                },
            }
            .abi_encode(),
            (Part::Stages, vote) => {
                let Some(p) = &governance.stages else { return Vec::new() };
                let params = g::StagesParams {
                    voteAfter: Uint::from(self.after(p.vote_after_seconds)),
                    voteMinStake: p.vote_min_stake.0,
                    daoAfter: Uint::from(self.after(p.dao_after_seconds)),
                    daoMinProposals: p.dao_min_proposals,
                    executiveDelay: governance.executive_delay,
                    daoIsAdmin: vote.is_some_and(|vote| vote.is_admin),
                };
                g::Stages::constructorCall { manager, power, governor, seats: seats(), params }.abi_encode()
            }
            (Part::Genesis, vote) => {
                let from_the_start = vote.filter(|_| governance.stages.is_none());
                let params = g::GenesisParams {
                    seats: seats(),
                    stages,
                    stage: if from_the_start.is_some() { g::Stage::Dao } else { g::Stage::Committees },
                    governor,
                    timelockIsAdmin: from_the_start.is_some_and(|vote| vote.is_admin),
                    executiveDelay: governance.executive_delay,
                };
                g::GovernanceGenesis::constructorCall { params, permissions: permissions(self.book) }
                    .abi_encode()
            }
            _ => Vec::new(),
        }
    }
}

fn units(amount: Tokens) -> U256 {
    U256::from(amount.0)
}

/// A short name as the bytes of a word.
fn label(name: &str) -> B256 {
    let mut word = [0; 32];
    let bytes = name.as_bytes();
    let length = bytes.len().min(32);
    word[..length].copy_from_slice(&bytes[..length]);
    B256::from(word)
}
