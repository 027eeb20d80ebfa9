//! Parameters and rules each of which keeps one strategy from paying, moved until it does.

use super::formulas::mul_div;
use super::measure::Conditions;
use super::settings::Settings;
use super::strategy::Strategy;

/// What one strategy may turn on, with values from safe to unsafe.
pub(crate) struct Axis {
    pub(crate) strategy: Strategy,
    pub(crate) parameter: &'static str,
    pub(crate) shipped: fn(&Settings) -> f64,
    pub(crate) values: &'static [f64],
    pub(crate) set: fn(&mut Settings, &mut Conditions, f64),
}

/// A share in percent, in basis points.
pub(crate) fn bps(percent: f64) -> u128 {
    (percent * 100.0).round() as u128
}

pub(crate) const AXES: &[Axis] = &[
    Axis {
        strategy: Strategy::Lazy,
        parameter: "value of a leaf, in percent of a provider's least stake",
        shipped: |settings| 100.0 * settings.leaf_value() as f64 / settings.stake.provider_min as f64,
        values: &[0.1, 1.0, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0],
        set: |settings, _, percent| {
            let value = mul_div(settings.stake.provider_min, bps(percent), 10_000);
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
            settings.audit.floor_ppm = (percent * 10_000.0).round() as u32;
            settings.audit.start_ppm = settings.audit.floor_ppm * 10;
        },
    },
    Axis {
        strategy: Strategy::Lazy,
        parameter: "audit rate of a node trusted from the start, in percent",
        shipped: |settings| f64::from(settings.audit.floor_ppm) / 10_000.0,
        values: &[5.0, 2.0, 1.0, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02],
        set: |settings, _, percent| {
            settings.audit.floor_ppm = (percent * 10_000.0).round() as u32;
            settings.audit.start_ppm = settings.audit.floor_ppm;
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
            let cap = mul_div(settings.fees.base_floor, bps(percent), 10_000);
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
            settings.challenge_bond = mul_div(settings.stake.provider_min, bps(percent), 10_000);
        },
    },
];
