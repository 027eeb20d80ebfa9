//! All strategies on all profiles, how that depends on what the profiles set, and where each strategy begins to pay.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::edges::AXES;
use super::measure::{Conditions, Effort, Profit, profit};
use super::settings::Settings;
use super::strategy::Strategy;
use super::sweeps::PARAMETERS;

/// What to play.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// How much, for every figure.
    pub effort: Effort,
    /// Which strategies.
    pub strategies: &'a [Strategy],
    /// Whether to move what the profiles set, too: most of the work.
    pub sweeps: bool,
}

/// The published result.
#[derive(Clone, Debug)]
pub struct Study {
    /// Profit of each strategy on each profile, in the order of [`Settings::all`].
    pub strategies: Vec<(Strategy, Vec<(&'static str, Profit)>)>,
    /// How all strategies' profits depend on what a profile sets.
    pub sweeps: Vec<Sweep>,
    /// Where strategies begin to pay.
    pub edges: Vec<Edge>,
}

/// How profits depend on one setting of a profile, everything else being as shipped.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The profile.
    pub profile: &'static str,
    /// The setting, with its unit.
    pub parameter: &'static str,
    /// What the profile sets.
    pub shipped: f64,
    /// Profits of all strategies at each value, from safe to unsafe.
    pub points: Vec<(f64, Vec<(Strategy, Profit)>)>,
}

impl Sweep {
    /// The first value at which a strategy pays, with the one that pays most there.
    pub fn pays_from(&self) -> Option<(f64, Strategy)> {
        self.points.iter().find_map(|(value, profits)| {
            let paying = profits.iter().filter(|(_, profit)| profit.is_profitable());
            let best = paying.max_by(|(_, one), (_, other)| one.mean.total_cmp(&other.mean))?;
            Some((*value, best.0))
        })
    }
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
    /// Strategies that pay at what a profile ships, counted per profile.
    pub fn profitable_attacks(&self) -> usize {
        self.strategies.iter().flat_map(|(_, profits)| profits).filter(|(_, p)| p.is_profitable()).count()
    }
}

/// One figure to find.
struct Case {
    settings: Settings,
    strategy: Strategy,
    at: Conditions,
}

/// Plays strategies, profiles and parameters on all processor cores, and says after each figure how many are done, and of how many.
pub fn study(plan: &Plan<'_>, progress: &(dyn Fn(usize, usize) + Sync)) -> Study {
    let profiles = Settings::all();
    let case = |settings: &Settings, strategy| Case {
        settings: settings.clone(),
        strategy,
        at: Conditions::default(),
    };
    let mut cases: Vec<Case> = Vec::new();
    for &strategy in plan.strategies {
        cases.extend(profiles.iter().map(|settings| case(settings, strategy)));
    }
    let axes = || AXES.iter().filter(|axis| plan.strategies.contains(&axis.strategy));
    for axis in axes() {
        cases.extend(axis.values.iter().map(|value| {
            let mut case = case(&Settings::cx(), axis.strategy);
            (axis.set)(&mut case.settings, &mut case.at, *value);
            case
        }));
    }
    let swept = || profiles.iter().flat_map(|profile| PARAMETERS.iter().map(move |p| (profile, p)));
    for (profile, parameter) in swept().filter(|_| plan.sweeps) {
        for value in parameter.moved(profile) {
            let settings = parameter.set(profile, value);
            cases.extend(plan.strategies.iter().map(|strategy| case(&settings, *strategy)));
        }
    }

    let played =
        in_parallel(&cases, |case| profit(&case.settings, case.strategy, case.at, plan.effort), progress);

    // Taken in the order in which the cases were put.
    let mut played = played.into_iter();
    let mut next = || played.next().expect("a figure for every case");
    let strategies: Vec<_> = (plan.strategies.iter())
        .map(|&strategy| {
            (strategy, profiles.iter().map(|settings| (settings.name, next())).collect::<Vec<_>>())
        })
        .collect();
    let edges = (axes())
        .map(|axis| Edge {
            strategy: axis.strategy,
            parameter: axis.parameter,
            shipped: readable((axis.shipped)(&Settings::cx())),
            profits: axis.values.iter().map(|value| (*value, next())).collect(),
        })
        .collect();
    let as_shipped = |profile: &str| -> Vec<(Strategy, Profit)> {
        let of = |(strategy, profits): &(Strategy, Vec<(&'static str, Profit)>)| {
            profits.iter().find(|(name, _)| *name == profile).map(|(_, profit)| (*strategy, *profit))
        };
        strategies.iter().filter_map(of).collect()
    };
    let sweeps = (swept().filter(|_| plan.sweeps))
        .map(|(profile, parameter)| {
            let shipped = parameter.shipped(profile);
            let point = |value: &f64| {
                let profits = if *value == shipped {
                    as_shipped(profile.name)
                } else {
                    plan.strategies.iter().map(|&strategy| (strategy, next())).collect()
                };
                (*value, profits)
            };
            let points = parameter.values.iter().map(point).collect();
            Sweep { profile: profile.name, parameter: parameter.name, shipped, points }
        })
        .collect();
    Study { strategies, sweeps, edges }
}

/// Shown to people: without the dust of a division.
pub(crate) fn readable(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Results in the order of the items. Every core takes the next item when it is through with one.
fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    of: impl Fn(&T) -> R + Sync,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut results = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(place) else { break };
            results.push((place, of(item)));
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, items.len());
        }
        results
    };
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let joined = threads.into_iter().map(|thread| thread.join().expect("a run holds its invariants"));
        joined.flatten().collect()
    });
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
