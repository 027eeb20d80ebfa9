//! All strategies on all profiles, and where each begins to pay.

use super::measure::{Conditions, Effort, Profit, profit};
use super::settings::Settings;
use super::strategy::Strategy;

/// The published result.
#[derive(Clone, Debug)]
pub struct Study {
    /// Profit of each strategy on each profile, in the order of [`Settings::all`].
    pub strategies: Vec<(Strategy, Vec<(&'static str, Profit)>)>,
    /// Where strategies begin to pay.
    pub edges: Vec<Edge>,
}

/// How a strategy's profit depends on one parameter, on the profile `cx`.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The strategy.
    pub strategy: Strategy,
    /// The parameter, with its unit.
    pub parameter: &'static str,
    /// What the profile sets.
    pub shipped: f64,
    /// Profit at each value, from safe to unsafe.
    pub profits: Vec<(f64, Profit)>,
}

impl Edge {
    /// The first value at which the strategy pays.
    pub fn pays_from(&self) -> Option<f64> {
        self.profits.iter().find(|(_, profit)| profit.is_profitable()).map(|(value, _)| *value)
    }
}

impl Study {
    /// Strategies that pay, counted per profile.
    pub fn profitable_attacks(&self) -> usize {
        self.strategies.iter().flat_map(|(_, profits)| profits).filter(|(_, p)| p.is_profitable()).count()
    }
}

/// Plays strategies, profiles and parameters in parallel.
pub fn study(effort: Effort, strategies: &[Strategy]) -> Study {
    let profiles = Settings::all();
    let played = strategies.iter().map(|&strategy| {
        let of =
            |settings: &Settings| (settings.name, profit(settings, strategy, Conditions::default(), effort));
        let profits = in_parallel(&profiles, of);
        (strategy, profits)
    });
    let half = Effort { seeds: effort.seeds.div_ceil(2), ..effort };
    let axes = AXES.iter().filter(|axis| strategies.contains(&axis.strategy));
    Study { strategies: played.collect(), edges: axes.map(|axis| axis.edge(half)).collect() }
}

/// Results in the order of the items, whatever finishes first.
fn in_parallel<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = items.iter().map(|item| scope.spawn(|| of(item))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a run holds its invariants")).collect()
    })
}

/// A parameter, from safe to unsafe.
struct Axis {
    strategy: Strategy,
    parameter: &'static str,
    shipped: fn(&Settings) -> f64,
    values: &'static [f64],
    set: fn(&mut Settings, &mut Conditions, f64),
}

impl Axis {
    fn edge(&self, effort: Effort) -> Edge {
        let profits = in_parallel(self.values, |value| {
            let (mut settings, mut at) = (Settings::cx(), Conditions::default());
            (self.set)(&mut settings, &mut at, *value);
            (*value, profit(&settings, self.strategy, at, effort))
        });
        // Shown to people: without the dust of the division.
        let shipped = ((self.shipped)(&Settings::cx()) * 1e6).round() / 1e6;
        Edge { strategy: self.strategy, parameter: self.parameter, shipped, profits }
    }
}

/// A share in percent, in basis points.
fn bps(percent: f64) -> u128 {
    (percent * 100.0) as u128
}

const AXES: &[Axis] = &[
    Axis {
        strategy: Strategy::Lazy,
        parameter: "value of a leaf, in percent of a provider's least stake",
        shipped: |settings| 100.0 * settings.leaf_value() as f64 / settings.stake.provider_min as f64,
        values: &[0.1, 1.0, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0],
        set: |settings, _, percent| {
            let value = super::formulas::mul_div(settings.stake.provider_min, bps(percent), 10_000);
            settings.market.leaf_units = (value / settings.market.price) as u64;
        },
    },
    Axis {
        strategy: Strategy::Lazy,
        parameter: "least audit rate, in percent, of leaves worth 1 % of a provider's least stake",
        shipped: |settings| f64::from(settings.audit.floor_ppm) / 10_000.0,
        values: &[5.0, 3.0, 1.0, 0.3, 0.1, 0.03],
        set: |settings, _, percent| {
            settings.market.leaf_units = (settings.stake.provider_min / 100 / settings.market.price) as u64;
            settings.audit.floor_ppm = (percent * 10_000.0) as u32;
            settings.audit.start_ppm = settings.audit.floor_ppm * 10;
        },
    },
    Axis {
        strategy: Strategy::Lazy,
        parameter: "slash of a conviction, in percent, of leaves worth 1 % of a provider's least stake",
        shipped: |settings| settings.slash_bps as f64 / 100.0,
        values: &[50.0, 20.0, 10.0, 5.0, 2.0, 1.0],
        set: |settings, _, percent| {
            settings.market.leaf_units = (settings.stake.provider_min / 100 / settings.market.price) as u64;
            settings.slash_bps = bps(percent);
        },
    },
    Axis {
        strategy: Strategy::Colluding,
        parameter: "part of the verifiers' stake, in percent",
        shipped: |_| Conditions::default().verifier_percent as f64,
        values: &[20.0, 50.0, 80.0, 90.0, 95.0, 98.0, 99.0],
        set: |_, at, percent| at.verifier_percent = percent as u128,
    },
    Axis {
        strategy: Strategy::Colluding,
        parameter: "part of the verifiers' stake, in percent, where leaves are worth 3 % of a provider's least stake",
        shipped: |_| Conditions::default().verifier_percent as f64,
        values: &[20.0, 33.0, 50.0, 67.0, 80.0, 90.0],
        set: |settings, at, percent| {
            settings.market.leaf_units =
                (settings.stake.provider_min * 3 / 100 / settings.market.price) as u64;
            at.verifier_percent = percent as u128;
        },
    },
    Axis {
        strategy: Strategy::SelfDealing,
        parameter: "reward cap per unit, in percent of the least base fee",
        shipped: |settings| {
            let cap = settings.mining.as_ref().map_or(0, |mining| mining.cap_per_unit);
            100.0 * cap as f64 / settings.fees.base_floor as f64
        },
        values: &[60.0, 80.0, 95.0, 100.0, 105.0, 120.0],
        set: |settings, _, percent| {
            let cap = super::formulas::mul_div(settings.fees.base_floor, bps(percent), 10_000);
            settings.mining.iter_mut().for_each(|mining| mining.cap_per_unit = cap);
        },
    },
    Axis {
        strategy: Strategy::RubberStamp,
        parameter: "verdicts told before they are given (1: yes)",
        shipped: |settings| f64::from(u8::from(!settings.rules.blind_verdicts)),
        values: &[0.0, 1.0],
        set: |settings, _, shown| settings.rules.blind_verdicts = shown == 0.0,
    },
    Axis {
        strategy: Strategy::RubberStamp,
        parameter: "wrong results of others, per million, where verdicts are told before they are given",
        shipped: |_| 0.0,
        values: &[10_000.0, 3_000.0, 1_500.0, 1_000.0, 700.0, 300.0, 0.0],
        set: |settings, at, ppm| {
            settings.rules.blind_verdicts = false;
            at.fault_ppm = ppm as u64;
        },
    },
    Axis {
        strategy: Strategy::InsuranceFraud,
        parameter: "cover, in percent of what is burned of the convicted stake",
        shipped: |settings| settings.fees.cover_bps as f64 / 100.0,
        values: &[50.0, 80.0, 95.0, 100.0, 105.0, 120.0],
        set: |settings, _, percent| settings.fees.cover_bps = bps(percent),
    },
    Axis {
        strategy: Strategy::ReferralFarming,
        parameter: "referral taken out of the fee (1) instead of added to it (0)",
        shipped: |settings| f64::from(u8::from(!settings.rules.referral_on_top)),
        values: &[0.0, 1.0],
        set: |settings, _, inside| settings.rules.referral_on_top = inside == 0.0,
    },
    Axis {
        strategy: Strategy::DelegationTiming,
        parameter: "rewards shared as stakes are at the claim (1) instead of when they accrue (0)",
        shipped: |settings| f64::from(u8::from(!settings.rules.delegation_checkpoints)),
        values: &[0.0, 1.0],
        set: |settings, _, late| settings.rules.delegation_checkpoints = late == 0.0,
    },
    Axis {
        strategy: Strategy::ChallengeGriefing,
        parameter: "bond of a challenge, in percent of a provider's least stake",
        shipped: |settings| 100.0 * settings.challenge_bond as f64 / settings.stake.provider_min as f64,
        values: &[50.0, 10.0, 1.0, 0.1],
        set: |settings, _, percent| {
            settings.challenge_bond =
                super::formulas::mul_div(settings.stake.provider_min, bps(percent), 10_000);
        },
    },
];
