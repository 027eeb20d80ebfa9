//! The networks that are simulated, by name: tests run a few seeds of each, `examples/seeds.rs` as many as wanted.

use corex_protocol::AuditPolicy;

use crate::rng::Rng;
use crate::scenario::{Provider, Scenario, Verifier};

/// Providers that return wrong results, each in its own way.
pub const CHEATS: [Provider; 3] = [Provider::Corrupt, Provider::Lazy, Provider::Copy];

/// A family of scenarios, one per seed.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// What it is called.
    pub name: &'static str,
    /// The scenario of a seed.
    pub scenario: fn(u64) -> Scenario,
}

impl Network {
    /// Finds a network by its name.
    pub fn named(name: &str) -> Option<&'static Network> {
        NETWORKS.iter().find(|network| network.name == name)
    }
}

/// Every network whose runs must hold, whatever the seed.
pub const NETWORKS: &[Network] = &[
    Network { name: "calm", scenario: Scenario::calm },
    Network { name: "storm", scenario: |seed| Scenario::calm(seed).stormy() },
    Network { name: "cheats", scenario: cheats },
    Network { name: "cheats-in-a-storm", scenario: |seed| with_cheats(Scenario::calm(seed).stormy(), 30) },
    Network { name: "mostly-cheaters", scenario: mostly_cheaters },
    Network { name: "mostly-cheaters-in-a-storm", scenario: |seed| mostly_cheaters(seed).stormy() },
    Network { name: "odd-verifiers", scenario: odd_verifiers },
    Network { name: "odd-verifiers-in-a-storm", scenario: |seed| odd_verifiers(seed).stormy() },
    Network { name: "no-votes", scenario: no_votes },
    Network { name: "no-votes-in-a-storm", scenario: no_votes_in_a_storm },
    Network { name: "slanderer", scenario: slanderer },
    Network { name: "slanderer-in-a-storm", scenario: |seed| slanderer(seed).stormy() },
    Network { name: "withheld", scenario: |seed| withheld(seed, Provider::Withhold) },
    Network { name: "stalled", scenario: |seed| withheld(seed, Provider::Stall) },
    Network { name: "torn", scenario: torn },
    Network { name: "torn-in-a-storm", scenario: |seed| torn(seed).stormy() },
    Network { name: "sampled", scenario: sampled },
    Network { name: "colluding", scenario: colluding },
    Network { name: "games", scenario: games },
    Network { name: "games-in-a-storm", scenario: |seed| games(seed).stormy() },
    Network { name: "griefers", scenario: griefers },
    Network { name: "griefers-in-a-storm", scenario: |seed| griefers(seed).stormy() },
    Network { name: "random", scenario: random },
];

/// Cheaters of every kind beside the honest, and certain audits.
fn with_cheats(scenario: Scenario, cheat_percent: u64) -> Scenario {
    Scenario { dishonest: CHEATS.to_vec(), cheat_percent, ..scenario }
}

fn cheats(seed: u64) -> Scenario {
    with_cheats(Scenario::calm(seed), 1 + seed * 7 % 100)
}

fn mostly_cheaters(seed: u64) -> Scenario {
    Scenario {
        providers: 1,
        dishonest: CHEATS.into_iter().cycle().take(24).collect(),
        cheat_percent: 50,
        ..Scenario::calm(seed)
    }
}

/// Two of eight verifiers do not do what they should.
fn odd_verifiers(seed: u64) -> Scenario {
    let odd = [Verifier::Silent, Verifier::Liar, Verifier::Slanderer];
    let picks = odd.into_iter().cycle().skip(seed as usize % 3).take(2);
    let verifiers = std::iter::repeat_n(Verifier::Honest, 6).chain(picks).collect();
    Scenario { verifiers, ..with_cheats(Scenario::calm(seed), 20) }
}

/// Cheats of every kind, and disputes that are games.
fn games(seed: u64) -> Scenario {
    Scenario { games: true, ..cheats(seed) }
}

/// A third of the verifiers challenges whatever it is shown, and loses.
fn griefers(seed: u64) -> Scenario {
    let griefers = std::iter::repeat_n(Verifier::Liar, 2);
    let verifiers = std::iter::repeat_n(Verifier::Honest, 4).chain(griefers).collect();
    Scenario { verifiers, games: true, ..with_cheats(Scenario::calm(seed), 20) }
}

/// The chain never decides a dispute.
fn no_votes(seed: u64) -> Scenario {
    Scenario {
        providers: 2,
        dishonest: vec![Provider::Corrupt, Provider::Copy],
        cheat_percent: 10 + seed * 7 % 90,
        verifiers: vec![Verifier::Abstaining; 2],
        ..Scenario::calm(seed)
    }
}

fn no_votes_in_a_storm(seed: u64) -> Scenario {
    let verifiers = vec![Verifier::Abstaining; 3];
    Scenario { verifiers, ..with_cheats(Scenario::calm(seed).stormy(), 30) }
}

/// Each of two verifiers says the other is wrong, and no committee can be drawn without them.
fn slanderer(seed: u64) -> Scenario {
    Scenario { verifiers: vec![Verifier::Slanderer, Verifier::Honest], ..Scenario::calm(seed) }
}

fn withheld(seed: u64, dishonest: Provider) -> Scenario {
    Scenario { providers: 3, dishonest: vec![dishonest], ..Scenario::calm(seed) }
}

/// Nodes that cannot reach each other, only the coordinator; and one that never finishes sending.
fn torn(seed: u64) -> Scenario {
    Scenario {
        unreachable_percent: 20 + seed * 13 % 81,
        dishonest: vec![Provider::Stall; seed as usize % 2],
        ..Scenario::calm(seed)
    }
}

/// A third of the tasks is checked at first.
fn sampled(seed: u64) -> Scenario {
    Scenario {
        steps: 40,
        dishonest: vec![Provider::Corrupt; 2],
        cheat_percent: 100,
        audit: AuditPolicy { start_ppm: 330_000, floor_ppm: 50_000, half_after: 8 },
        ..Scenario::calm(seed)
    }
}

/// A tenth of the stake confirms whatever it is shown.
fn colluding(seed: u64) -> Scenario {
    let colluding = std::iter::once(Verifier::Colluding);
    Scenario {
        dishonest: vec![Provider::Corrupt],
        cheat_percent: 10,
        verifiers: std::iter::repeat_n(Verifier::Honest, 9).chain(colluding).collect(),
        ..Scenario::calm(seed)
    }
}

/// A random mixture of everything, within what the guarantees assume.
fn random(seed: u64) -> Scenario {
    let mut rng = Rng::new(seed ^ 0x5eed);
    let mut pick = |bound: u64| rng.below(bound);
    let mut scenario = Scenario {
        steps: 1 + pick(16) as u32,
        shards: 1 + pick(6) as u32,
        providers: 2 + pick(6) as u32,
        dishonest: CHEATS.into_iter().cycle().skip(pick(3) as usize).take(pick(4) as usize).collect(),
        cheat_percent: pick(101),
        verifiers: vec![Verifier::Honest; 3 + pick(4) as usize],
        unreachable_percent: if pick(3) == 0 { pick(101) } else { 0 },
        ..Scenario::calm(seed)
    };
    if pick(2) == 0 {
        let odd = [Verifier::Silent, Verifier::Liar, Verifier::Slanderer, Verifier::Abstaining];
        scenario.verifiers.extend(odd.get(pick(4) as usize));
    }
    match pick(6) {
        0 => scenario.dishonest.push(Provider::Withhold),
        1 => scenario.dishonest.push(Provider::Stall),
        _ => {}
    }
    let is_stormy = pick(2) == 0;
    scenario.games = pick(2) == 0;
    if is_stormy { scenario.stormy() } else { scenario }
}
