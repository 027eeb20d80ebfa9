//! What a profile consists of. Each part goes with a contract, whose interface (`contracts/src/interfaces`) says what a parameter
//! does. Times are in seconds, `bps` in ten-thousandths, amounts in tokens.

use crate::tokens::Tokens;
use serde::{Deserialize, Serialize};

/// The token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenParams {
    /// ERC-20 name.
    pub name: String,
    /// ERC-20 symbol.
    pub symbol: String,
    /// All tokens that will ever exist; of a settlement token, how many a network of one machine makes for itself.
    pub supply: Tokens,
    /// The network mints it, once. If not, the settlement token is any ERC-20 that exists already, and nothing is burned.
    pub burnable: bool,
}

/// A part of the supply, where not all of it goes to the pool. `Allocation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantParams {
    /// What it is for. Several grants may be of one bucket.
    pub bucket: String,
    /// Share of the supply.
    pub bps: u16,
    /// Who gets it: `pool`, `ecosystem` or `sale` for the network's contracts, else the name of an account that is given
    /// at deployment.
    pub to: String,
    /// From deployment to the first release.
    #[serde(default)]
    pub cliff_seconds: u64,
    /// From deployment to the last release; zero: at once.
    #[serde(default)]
    pub vesting_seconds: u64,
}

/// `MiningPool`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MiningParams {
    /// Length of an epoch.
    pub epoch_seconds: u64,
    /// Epochs between two halvings.
    pub epochs_per_era: u64,
    /// Most that a unit of work can earn, whatever its weight.
    pub reward_cap_per_unit: Tokens,
    /// Compute-PoC's part of what Stake-to-Validate leaves, at first; the rest is Model-PoT's.
    pub poc_bps: u16,
    /// Bounds of that part.
    pub poc_range_bps: [u16; 2],
    /// Most that it moves from one epoch to the next, toward the division of the fees.
    pub step_bps: u16,
    /// Share of Stake-to-Validate at its target stake, and without any verifier.
    pub validate_range_bps: [u16; 2],
    /// Stake of all verifiers at which Stake-to-Validate gets least.
    pub target_verifier_stake: Tokens,
    /// Part of all that is earned that goes to the incentive fund.
    #[serde(default)]
    pub incentive_bps: u16,
    /// Whether claims can be frozen for a while (with [`GovernanceParams::pause`]) and weights tuned. If not, nobody can do
    /// anything to the pool.
    pub adjustable: bool,
}

/// `Weights`: what a unit weighs when it is mined for. Of at most 10000.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightParams {
    /// By kind of work: training, fine-tuning, inference, preprocessing, challenges, audits.
    pub kind_bps: [u16; 6],
    /// Least that a kind's weight can be tuned to.
    pub min_kind_bps: u16,
    /// By tier.
    pub tier_bps: [u16; 4],
}

/// `NodeRegistry`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryParams {
    /// Verified units that outweigh one fault.
    pub fault_units: u64,
    /// What tiers 1, 2 and 3 need.
    pub tiers: [TierParams; 3],
}

/// What a node needs for a tier, all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierParams {
    /// Measured capability.
    pub units_per_day: u64,
    /// Verified units since the last fault.
    pub history: u64,
    /// Stake that counts.
    pub stake: Tokens,
}

/// `StakeVault`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StakeParams {
    /// Own stake from which a node may work.
    pub provider_min: Tokens,
    /// Own stake from which a node may audit.
    pub verifier_min: Tokens,
    /// From the request to the withdrawal of stake.
    pub unbonding_seconds: u64,
    /// Part of a slash that is burned.
    pub burn_bps: u16,
    /// Part of a slash that the finder gets; the rest is the job's.
    pub finder_bps: u16,
    /// Most delegated stake that counts, in ten-thousandths of own stake.
    pub delegation_cap_bps: u32,
    /// Own stake that, fully locked, gives the whole boost.
    pub boost_full_stake: Tokens,
    /// Longest lock, the one that counts in full.
    pub boost_full_lock_seconds: u64,
}

impl StakeParams {
    /// Stake that a node with these roles needs.
    pub fn min_for(&self, roles: u8) -> Tokens {
        match roles & crate::contracts::VERIFIER {
            0 => self.provider_min,
            _ => self.verifier_min.max(self.provider_min),
        }
    }
}

/// `Delegation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DelegationParams {
    /// Highest commission that a node may take.
    pub max_commission_bps: u16,
    /// Most that one change may add to it.
    pub max_commission_step_bps: u16,
}

/// `JobEscrow`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscrowParams {
    /// Part of the price, without the base fee, that is a fee.
    pub fee_bps: u16,
    /// Bounds within which the fee can be tuned, where somebody may.
    pub fee_range_bps: [u16; 2],
    /// On top, for jobs with a referrer, and his.
    pub referral_bps: u16,
    /// What insured jobs pay to the insurance.
    pub premium_bps: u16,
    /// Length of a window of the base fee.
    pub window_seconds: u64,
    /// Units per window at which the base fee stays as it is.
    pub target_units: u64,
    /// Lowest base fee of a unit: what nobody who deals with himself gets back. All of it is burned where the token can burn.
    pub base_fee_floor: Tokens,
    /// Highest base fee of a unit.
    pub base_fee_ceiling: Tokens,
}

impl EscrowParams {
    /// What a requester who names no price pays for a unit: a twentieth of it is the base fee, in quiet times.
    pub fn usual_price(&self) -> Tokens {
        self.base_fee_floor.checked_mul(20).unwrap_or(self.base_fee_floor)
    }
}

/// `FeeSplitter`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeParams {
    /// Part of percentage fees that is burned. Base fees are burned whole, or divided like these where the token cannot burn.
    pub burn_bps: u16,
    /// Part that insures jobs.
    pub insurance_bps: u16,
    /// Part that the ecosystem's fund gets.
    pub ecosystem_bps: u16,
}

/// `InsurancePool`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InsuranceParams {
    /// Part of a loss that is compensated.
    pub cover_bps: u16,
    /// Most of the reserve that one compensation takes.
    pub cap_bps: u16,
}

/// `Market`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketParams {
    /// Part of all payments that is a fee.
    pub fee_bps: u16,
    /// Bounds within which the fee can be tuned, where somebody may.
    pub fee_range_bps: [u16; 2],
    /// Bond of a claim, in parts of it.
    pub bond_bps: u16,
    /// From the notice to the end of a lease.
    pub notice_seconds: u64,
    /// Time to object to a claim, and to claim after the end.
    pub challenge_seconds: u64,
    /// Whether its code can be replaced, by a vote and after the timelock.
    #[serde(default)]
    pub upgradeable: bool,
}

/// `Settlement`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettlementParams {
    /// Time for challenges, from the beacon.
    pub challenge_seconds: u64,
    /// Stake that a challenger puts at risk.
    pub challenge_bond: Tokens,
    /// Part of its stake that a convicted node loses.
    pub slash_bps: u16,
}

/// `VoteArbiter`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArbiterParams {
    /// Verifiers drawn for a dispute.
    pub committee_size: u16,
    /// Time to vote.
    pub vote_seconds: u64,
}

/// Most moves of a challenger that do not end a game.
pub(super) const MAX_MOVES: u64 = 96;

/// `DisputeGame`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GameParams {
    /// Time that each side has in all.
    pub clock_seconds: u64,
    /// Time that each side has at least for its next move.
    pub extension_seconds: u64,
    /// What the challenger adds to its bond with every question that needs a new answer.
    pub move_bond: Tokens,
}

impl GameParams {
    /// Most that a challenger adds to its bond in one game.
    pub fn max_bond(&self) -> Tokens {
        self.move_bond.checked_mul(MAX_MOVES).unwrap_or(Tokens(u128::MAX))
    }

    /// Longest time from a challenge to the moment from which a ruling can be had: every move gives its side at most one
    /// extension, and the accused answers each question, and claims. What `DisputeGame.maxSeconds` computes.
    pub fn max_seconds(&self) -> u64 {
        let moves = 2 * MAX_MOVES + 2;
        self.clock_seconds.saturating_mul(2).saturating_add(self.extension_seconds.saturating_mul(moves))
    }
}

/// `FeeBurner`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BurnerParams {
    /// Least price of a lot.
    pub floor: Tokens,
    /// Where a price starts, in ten-thousandths of the last one.
    pub start_factor_bps: u32,
    /// Time in which a price halves.
    pub halving_seconds: u32,
}

/// A committee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seat {
    /// Parameters.
    Executive,
    /// Spending of the incentive fund.
    Operations,
    /// Pauses and vote resets.
    Security,
}

/// Who may decide what. Absent parts are powers that nobody has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GovernanceParams {
    /// Committees.
    #[serde(default)]
    pub seats: Vec<Seat>,
    /// Life of a committee's proposal.
    #[serde(default)]
    pub committee_seconds: u64,
    /// From the executive's decision on a parameter to its effect.
    #[serde(default)]
    pub executive_delay: u32,
    /// Emergency pauses.
    pub pause: Option<PauseParams>,
    /// Votes.
    pub vote: Option<VoteParams>,
    /// From committees to votes, and on; without, governance stays as it begins: with votes if there are any.
    pub stages: Option<StageParams>,
    /// The fund of the ecosystem, and that of incentives.
    pub fund: Option<FundParams>,
}

impl GovernanceParams {
    /// Whether there is such a committee.
    pub fn has(&self, seat: Seat) -> bool {
        self.seats.contains(&seat)
    }
}

/// What can be paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PauseScope {
    /// Opening jobs.
    Jobs = 0,
    /// New leases.
    Market = 1,
    /// Claims of what was mined.
    Rewards = 2,
}

impl PauseScope {
    /// As in a profile.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jobs => "jobs",
            Self::Market => "market",
            Self::Rewards => "rewards",
        }
    }
}

/// `Guard`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseParams {
    /// What can be paused.
    pub scopes: Vec<PauseScope>,
    /// Longest pause.
    pub max_seconds: u64,
    /// From its end to the next one.
    pub cooldown_seconds: u64,
}

/// `NetworkGovernor`, `VotingPower` and the timelock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoteParams {
    /// From a proposal to its snapshot.
    pub delay_seconds: u64,
    /// From the snapshot to the end.
    pub period_seconds: u32,
    /// From the decision to its execution.
    pub timelock_seconds: u64,
    /// Votes that a proposer needs.
    pub threshold: Tokens,
    /// Part of the votes there are that makes a vote decisive, in percent.
    pub quorum_percent: u8,
    /// Weight of whoever voted on none of the last decisive proposals.
    pub participation_min_bps: u16,
    /// How many decisive proposals count for that.
    pub participation_window: u8,
    /// Votes for a unit of verified work, at most.
    pub votes_per_unit: Tokens,
    /// Most that contribution can be of stake and contribution together.
    pub contribution_bps: u16,
    /// For how long after deployment votes can be reset; zero: never.
    #[serde(default)]
    pub reset_seconds: u64,
    /// Whether the vote may, in the end, give roles to whom it likes.
    pub is_admin: bool,
}

/// `Stages`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageParams {
    /// Votes do not begin earlier after deployment.
    pub vote_after_seconds: u64,
    /// Stake that there must be when votes begin.
    pub vote_min_stake: Tokens,
    /// The last stage does not begin earlier after deployment.
    pub dao_after_seconds: u64,
    /// Decisive proposals that there must have been before it.
    pub dao_min_proposals: u32,
}

/// `EcosystemFund`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FundParams {
    /// Length of a period.
    pub period_seconds: u64,
    /// Most of the fund that a period may spend.
    pub cap_bps: u16,
}

/// `TokenSale`, for ether.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaleParams {
    /// Name of the account that gets what was raised.
    pub treasury: String,
    /// Least that must be raised, in ether; if it is not, buyers get it back.
    pub soft_cap: Tokens,
    /// Stages, one after another.
    pub stages: Vec<SaleStage>,
}

/// A stage of the sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaleStage {
    /// From deployment.
    pub start_seconds: u64,
    /// From deployment.
    pub end_seconds: u64,
    /// Ether for a token.
    pub price: Tokens,
    /// Most tokens that it sells.
    pub cap: Tokens,
    /// Most that one buyer gets.
    pub cap_per_buyer: Tokens,
    /// Whether only accounts of a list may buy; its root is given at deployment.
    #[serde(default)]
    pub allow_list: bool,
}
