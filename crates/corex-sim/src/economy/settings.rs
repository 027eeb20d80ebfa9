//! What a profile sets, for the simulation: the five networks in one place.

use corex_protocol::AuditPolicy;

use super::formulas::WAD;

/// Parameters of a network. Amounts in the token's smallest part, shares in basis points, times in epochs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name of the profile.
    pub name: &'static str,
    /// All tokens.
    pub supply: u128,
    /// Mined rewards; `None` on a network whose token is somebody else's.
    pub mining: Option<Mining>,
    /// Stakes.
    pub stake: Stake,
    /// Fees.
    pub fees: Fees,
    /// What a challenger puts up.
    pub challenge_bond: u128,
    /// Part of its whole stake that a convicted node loses.
    pub slash_bps: u128,
    /// How often results are audited.
    pub audit: AuditPolicy,
    /// The market that the network finds itself in.
    pub market: Market,
    /// Rules on which the soundness of the economy turns; see `docs/economics.md`.
    pub rules: Rules,
}

/// The mining pool's parameters.
#[derive(Clone, Debug)]
pub struct Mining {
    /// Epochs between two halvings.
    pub epochs_per_era: u128,
    /// Most that one unit may earn.
    pub cap_per_unit: u128,
    /// Least and largest share of Stake-to-Validate.
    pub validate_bps: [u128; 2],
    /// Verifier stake at which its share is least.
    pub target_stake: u128,
    /// Least and largest share of Compute-PoC in what Stake-to-Validate leaves.
    pub compute_bps: [u128; 2],
    /// Most that a share moves in one epoch.
    pub step_bps: u128,
    /// Part of what is earned that goes to the incentive fund.
    pub incentive_bps: u128,
    /// Weight of each engine's usual kind of work: inference, training, audits.
    pub kind_bps: [u128; 3],
    /// Weight of each tier.
    pub tier_bps: [u128; 4],
    /// Least units per epoch, verified units and stake of tiers 1 to 3.
    pub tiers: [[u128; 3]; 3],
    /// A fault weighs like so many verified units.
    pub fault_units: u128,
    /// Stake of the full boost.
    pub full_stake: u128,
    /// Lock of the full boost.
    pub full_lock: u128,
}

/// The stake vault's parameters.
#[derive(Clone, Debug)]
pub struct Stake {
    /// Least own stake of a provider.
    pub provider_min: u128,
    /// Least own stake of a verifier.
    pub verifier_min: u128,
    /// Time from a request until stake is free.
    pub unbonding: u64,
    /// Part of slashed stake that is burned, or insures where nothing is burned.
    pub burn_bps: u128,
    /// Part of slashed stake for who was right.
    pub finder_bps: u128,
    /// What is delegated counts up to so many times the own stake.
    pub delegation_cap: u128,
    /// What an owner keeps of its delegators' rewards.
    pub commission_bps: u128,
}

/// The escrow's and the insurance's parameters.
#[derive(Clone, Debug)]
pub struct Fees {
    /// Least base fee per unit.
    pub base_floor: u128,
    /// Largest base fee per unit.
    pub base_ceiling: u128,
    /// Share of the price less the base fee.
    pub fee_bps: u128,
    /// Burned of the percentage fee. The base fee is burned whole, or, where the token is not burnable, divided like the percentage.
    pub burn_bps: u128,
    /// To the insurance, of the same; what is left is the ecosystem's.
    pub insurance_bps: u128,
    /// Share of the price less the base fee for the job's referrer.
    pub referral_bps: u128,
    /// What an insured job pays on top of its price.
    pub premium_bps: u128,
    /// Compensation is at most so much of what was burned of the convicted stake.
    pub cover_bps: u128,
    /// Compensation is at most so much of what the insurance has.
    pub claim_bps: u128,
}

/// What the network does not set.
#[derive(Clone, Debug)]
pub struct Market {
    /// What requesters pay per unit.
    pub price: u128,
    /// Units of a leaf.
    pub leaf_units: u64,
    /// What a unit costs its node, as a share of the price.
    pub cost_bps: u128,
}

/// Rules that are no numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// A referrer's share is paid on top of the fee; else it comes out of the ecosystem's part.
    pub referral_on_top: bool,
    /// Rewards are shared with delegators as stakes were when they accrued; else as they are at the claim.
    pub delegation_checkpoints: bool,
    /// A verifier says what it computed before it is told what was claimed.
    pub blind_verdicts: bool,
}

const fn tokens(n: u128) -> u128 {
    n * WAD
}

/// In 10^-9 tokens.
const fn nano(n: u128) -> u128 {
    n * 1_000_000_000
}

impl Settings {
    /// The five profiles.
    pub fn all() -> Vec<Settings> {
        vec![Settings::cai(), Settings::cx(), Settings::cxt(), Settings::aic(), Settings::coai()]
    }

    /// The profile of that name.
    pub fn named(name: &str) -> Option<Settings> {
        Settings::all().into_iter().find(|settings| settings.name == name)
    }

    /// 80 million, nothing adjustable.
    pub fn cai() -> Settings {
        Settings::scaled("cai", tokens(80_000_000), tokens(400), nano(40))
    }

    /// 200 million, with governance.
    pub fn cx() -> Settings {
        Settings::scaled("cx", tokens(200_000_000), tokens(1_000), nano(100))
    }

    /// 100 million, with an incentive fund and a pool that nobody adjusts.
    pub fn cxt() -> Settings {
        let mut settings = Settings::scaled("cxt", tokens(100_000_000), tokens(500), nano(50));
        settings.mining =
            settings.mining.map(|mining| Mining { incentive_bps: 1_000, step_bps: 50, ..mining });
        settings
    }

    /// 1000 million, of which a part was sold.
    pub fn aic() -> Settings {
        Settings::scaled("aic", tokens(1_000_000_000), tokens(5_000), nano(500))
    }

    /// Somebody else's token: no emission, nothing burned.
    pub fn coai() -> Settings {
        let mut settings = Settings::scaled("coai", tokens(1_000_000_000), tokens(100), nano(10));
        settings.mining = None;
        settings.fees = Fees { burn_bps: 0, insurance_bps: 10_000, ..settings.fees };
        settings
    }

    /// Everything in proportion to a provider's least stake and to the price of a unit.
    fn scaled(name: &'static str, supply: u128, provider_min: u128, price: u128) -> Settings {
        let leaf_units = 10_000_000;
        let base_floor = price / 20;
        let units = u128::from(leaf_units);
        Settings {
            name,
            supply,
            mining: Some(Mining {
                epochs_per_era: 1_461,
                cap_per_unit: base_floor * 6 / 10,
                validate_bps: [500, 2_000],
                target_stake: 200 * provider_min,
                compute_bps: [2_000, 8_000],
                step_bps: 100,
                incentive_bps: 0,
                kind_bps: [8_000, 10_000, 10_000],
                tier_bps: [7_000, 8_000, 9_000, 10_000],
                tiers: [
                    [8 * units, 100 * units, provider_min],
                    [16 * units, 400 * units, 2 * provider_min],
                    [24 * units, 800 * units, 4 * provider_min],
                ],
                fault_units: 1_000 * units,
                full_stake: 10 * provider_min,
                full_lock: 180,
            }),
            stake: Stake {
                provider_min,
                verifier_min: 5 * provider_min,
                unbonding: 14,
                burn_bps: 3_000,
                finder_bps: 3_000,
                delegation_cap: 4,
                commission_bps: 1_000,
            },
            fees: Fees {
                base_floor,
                base_ceiling: price / 2,
                fee_bps: 300,
                burn_bps: 8_000,
                insurance_bps: 1_000,
                referral_bps: 50,
                premium_bps: 100,
                cover_bps: 8_000,
                claim_bps: 2_000,
            },
            challenge_bond: provider_min / 2,
            slash_bps: 5_000,
            audit: AuditPolicy { start_ppm: 500_000, floor_ppm: 50_000, half_after: 8 },
            market: Market { price, leaf_units, cost_bps: 6_000 },
            // What contracts and protocol do.
            rules: Rules { referral_on_top: true, delegation_checkpoints: true, blind_verdicts: true },
        }
    }

    /// Whether the network can burn its token: it mints its own.
    pub fn is_burnable(&self) -> bool {
        self.mining.is_some()
    }

    /// What a leaf is worth to who does it.
    pub fn leaf_value(&self) -> u128 {
        u128::from(self.market.leaf_units) * self.market.price
    }

    /// What doing it costs.
    pub fn leaf_cost(&self) -> u128 {
        super::formulas::mul_div(self.leaf_value(), self.market.cost_bps, super::formulas::BPS)
    }
}
