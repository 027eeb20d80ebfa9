//! What a profile sets, moved to both sides of what it ships: how much margin is left.

use super::edges::bps;
use super::formulas::{BPS, mul_div};
use super::settings::Settings;
use super::study::readable;

/// A setting, with values from safe to unsafe. What each profile ships is among them.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The setting, with its unit.
    pub name: &'static str,
    /// What is played.
    pub values: &'static [f64],
    shipped: fn(&Settings) -> f64,
    set: fn(&mut Settings, f64),
}

impl Parameter {
    /// What a profile sets.
    pub fn shipped(&self, profile: &Settings) -> f64 {
        readable((self.shipped)(profile))
    }

    /// The profile with another value, everything else as it is.
    pub fn set(&self, profile: &Settings, value: f64) -> Settings {
        let mut settings = profile.clone();
        (self.set)(&mut settings, value);
        settings
    }

    /// The values that the profile does not ship.
    pub(crate) fn moved(&self, profile: &Settings) -> impl Iterator<Item = f64> {
        let shipped = self.shipped(profile);
        self.values.iter().copied().filter(move |value| *value != shipped)
    }
}

/// Audit rate, stake and fees. A value sets this, whatever the profile: the figures of two profiles can be compared.
pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "least audit rate in percent, a tenth of the first",
        values: &[10.0, 5.0, 2.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003],
        shipped: |settings| f64::from(settings.audit.floor_ppm) / 10_000.0,
        set: |settings, percent| {
            settings.audit.floor_ppm = (percent * 10_000.0).round() as u32;
            settings.audit.start_ppm = settings.audit.floor_ppm * 10;
        },
    },
    Parameter {
        name: "stakes and bond in percent of what is shipped",
        values: &[400.0, 200.0, 100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0],
        shipped: |_| 100.0,
        set: |settings, percent| {
            let scale = |amount: &mut u128| *amount = mul_div(*amount, bps(percent), BPS);
            scale(&mut settings.stake.provider_min);
            scale(&mut settings.stake.verifier_min);
            scale(&mut settings.challenge_bond);
            if let Some(mining) = &mut settings.mining {
                scale(&mut mining.target_stake);
                scale(&mut mining.full_stake);
                mining.tiers.iter_mut().for_each(|[_, _, stake]| scale(stake));
            }
        },
    },
    Parameter {
        name: "fee in percent of the price",
        values: &[5.0, 4.0, 3.0, 2.0, 1.0, 0.0],
        shipped: |settings| settings.fees.fee_bps as f64 / 100.0,
        set: |settings, percent| settings.fees.fee_bps = bps(percent),
    },
    Parameter {
        name: "least base fee in percent of the price",
        values: &[10.0, 7.0, 5.0, 4.0, 3.5, 3.0, 2.5, 2.0, 1.0, 0.0],
        shipped: |settings| 100.0 * settings.fees.base_floor as f64 / settings.market.price as f64,
        set: |settings, percent| {
            settings.fees.base_floor = mul_div(settings.market.price, bps(percent), BPS);
        },
    },
    Parameter {
        name: "cover in percent of what is burned of a stake",
        values: &[50.0, 80.0, 95.0, 100.0, 105.0, 120.0],
        shipped: |settings| settings.fees.cover_bps as f64 / 100.0,
        set: |settings, percent| settings.fees.cover_bps = bps(percent),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_is_among_the_values_and_setting_it_changes_nothing() {
        for profile in Settings::all() {
            for parameter in PARAMETERS {
                let shipped = parameter.shipped(&profile);
                assert!(parameter.values.contains(&shipped), "{} on {}", parameter.name, profile.name);
                let set = parameter.set(&profile, shipped);
                assert_eq!(format!("{set:?}"), format!("{profile:?}"), "{}", parameter.name);
                let other = parameter.values.iter().find(|value| **value != shipped).expect("a second value");
                assert_ne!(format!("{:?}", parameter.set(&profile, *other)), format!("{profile:?}"));
            }
        }
    }
}
