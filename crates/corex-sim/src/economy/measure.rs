//! What a strategy earns beyond honesty, measured by playing both with the same seed, machine and capital.

use super::money::machine_revenue;
use super::settings::Settings;
use super::strategy::{Play, Strategy};
use super::world::{Setup, World, to_signed};

/// How much is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Seeds for every figure, from 1.
    pub seeds: u64,
    /// Epochs of every run.
    pub epochs: u64,
}

impl Effort {
    /// Of the published table.
    pub const FULL: Effort = Effort { seeds: 6, epochs: 40 };
    /// Of tests.
    pub const QUICK: Effort = Effort { seeds: 2, epochs: 33 };
}

/// What no profile sets.
#[derive(Clone, Copy, Debug)]
pub struct Conditions {
    /// The player's part of the stake of all verifiers, in percent, where its strategy has a verifier.
    pub verifier_percent: u128,
    /// Results of the others that are wrong, in parts per million.
    pub fault_ppm: u64,
}

impl Default for Conditions {
    fn default() -> Conditions {
        Conditions { verifier_percent: 20, fault_ppm: 0 }
    }
}

/// Profit over honest, in percent of what the player's machine earns before fees if it works all the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profit {
    /// Mean over seeds, of the best variant under the best conditions.
    pub mean: f64,
    /// Standard deviation over seeds.
    pub spread: f64,
    /// Seeds.
    pub seeds: u64,
}

impl Profit {
    /// Clearly more than nothing: by two standard errors and by a hundredth of a percent.
    pub fn is_profitable(&self) -> bool {
        self.mean - 2.0 * self.spread / (self.seeds as f64).sqrt() > 0.01
    }
}

/// Plays a strategy's every variant against honesty: while the cap on rewards binds, and while the emission does.
pub fn profit(settings: &Settings, strategy: Strategy, at: Conditions, effort: Effort) -> Profit {
    let mut best: Option<Profit> = None;
    let scarcities: &[bool] = if settings.mining.is_some() { &[false, true] } else { &[false] };
    for &scarce in scarcities {
        let mut known: Option<(Play, Vec<f64>)> = None;
        for (honest, play) in strategy.variants() {
            let fair = match known.take() {
                Some((before, gains)) if before == honest => gains,
                _ => gains(settings, honest, scarce, at, effort),
            };
            let gains = gains(settings, play, scarce, at, effort);
            let over: Vec<f64> = gains.iter().zip(&fair).map(|(gain, fair)| gain - fair).collect();
            known = Some((honest, fair));
            let mean = over.iter().sum::<f64>() / over.len() as f64;
            let squares: f64 = over.iter().map(|x| (x - mean).powi(2)).sum();
            let spread = (squares / (over.len() as f64 - 1.0).max(1.0)).sqrt();
            if best.is_none_or(|best| mean > best.mean) {
                best = Some(Profit { mean, spread, seeds: effort.seeds });
            }
        }
    }
    best.unwrap_or(Profit { mean: 0.0, spread: 0.0, seeds: effort.seeds })
}

/// What the player has more at the end than at the start, per seed, in percent of a machine's revenue.
fn gains(settings: &Settings, play: Play, scarce: bool, at: Conditions, effort: Effort) -> Vec<f64> {
    let gain = |seed| {
        let Conditions { verifier_percent, fault_ppm } = at;
        let setup = Setup { seed, epochs: effort.epochs, play, verifier_percent, scarce, fault_ppm };
        let mut world = World::new(settings, setup);
        let before = world.wealth();
        world.run();
        let revenue = to_signed(machine_revenue(&world));
        100.0 * (world.wealth() - before) as f64 / revenue as f64
    };
    (1..=effort.seeds).map(gain).collect()
}
