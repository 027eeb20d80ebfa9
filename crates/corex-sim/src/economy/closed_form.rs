//! What is simulated against what can be worked out.

use corex_protocol::AuditPolicy;

use super::bank::{ECOSYSTEM, INSURANCE};
use super::formulas::{BPS, mul_div, mul_div_up};
use super::pool::MODEL;
use super::settings::Settings;
use super::strategy::{Dealt, Extra, Play, Worker};
use super::world::{JOBS, LEAVES, ROUNDS, Setup, World, to_signed};

fn play(settings: &Settings, play: Play, seed: u64, epochs: u64) -> (i128, World<'_>) {
    let setup = Setup { seed, epochs, play, verifier_percent: 20, scarce: false, fault_ppm: 0 };
    let mut world = World::new(settings, setup);
    let before = world.wealth();
    world.run();
    (world.wealth() - before, world)
}

#[test]
fn a_unit_paid_to_oneself_loses_the_base_fee_and_wins_the_cap() {
    let mut settings = Settings::cx();
    let mining = settings.mining.as_mut().expect("cx mines");
    // Every unit at full weight.
    (mining.tier_bps, mining.kind_bps, mining.full_stake) = ([BPS; 4], [BPS; 3], 1);
    let cap = mining.cap_per_unit;
    let epochs = 5;
    let deal = Extra::Deal { what: Dealt::Compute, times: 2, epochs: u64::MAX };
    let (honest, _) = play(&settings, Play::default(), 1, epochs);
    let (dealt, _) = play(&settings, Play { extra: deal, ..Play::default() }, 1, epochs);
    let units = 2 * LEAVES * JOBS as u64 * settings.market.leaf_units * ROUNDS * epochs;
    let loss = u128::from(units) * (settings.fees.base_floor - cap);
    let difference = dealt - honest + to_signed(loss);
    assert!(difference.unsigned_abs() <= u128::from(ROUNDS * epochs), "off by {difference}");
}

#[test]
fn the_base_fee_burns_whole_or_insures_whole() {
    for settings in Settings::all() {
        let setup = Setup {
            seed: 1,
            epochs: 1,
            play: Play::default(),
            verifier_percent: 20,
            scarce: false,
            fault_ppm: 0,
        };
        let mut world = World::new(&settings, setup);
        let insured = world.bank.balance(INSURANCE);
        let units = 10_000_000;
        world.pay(0, 0, MODEL, units);
        let base = units * settings.fees.base_floor;
        let percentage = mul_div_up(units * settings.market.price - base, settings.fees.fee_bps, BPS);
        let got =
            [world.bank.burned(), world.bank.balance(INSURANCE) - insured, world.bank.balance(ECOSYSTEM)];
        let expected = if settings.name == "coai" {
            [0, base + percentage, 0]
        } else {
            [base + percentage * 8 / 10, percentage / 10, percentage / 10]
        };
        assert_eq!(got, expected, "{}", settings.name);
    }
}

#[test]
fn a_guess_is_convicted_as_often_and_costs_as_much_as_the_audit_rate_says() {
    let mut settings = Settings::coai();
    settings.audit = AuditPolicy { start_ppm: 100_000, floor_ppm: 100_000, half_after: 8 };
    let worker = Worker::Guess { percent: 5, patient: false, cost_bps: 0 };
    let honest = Play { stake_factor: 1, ..Play::default() };
    let (mut guesses, mut convictions, mut profit) = (0, 0, 0);
    for seed in 1..=30 {
        let (fair, _) = play(&settings, honest, seed, 40);
        let (gain, world) = play(&settings, Play { worker, ..honest }, seed, 40);
        guesses += world.guesses;
        convictions += world.convictions;
        profit += gain - fair;
    }
    // Drawn itself, or one of the three other leaves of its node is wrong and drawn.
    let (rate, guess) = (0.1, 0.05);
    let expected: f64 = 1.0 - (1.0 - rate) * f64::powi(1.0 - rate * guess, 3);
    let seen = convictions as f64 / guesses as f64;
    assert!(
        (seen - expected).abs() < 0.02,
        "{seen} of {guesses} guesses were convicted, expected {expected}"
    );

    // A conviction loses the slash but for the finder's part, and the leaf; a guess saves the cost.
    let slash = mul_div(settings.stake.provider_min, settings.slash_bps, BPS);
    let lost = mul_div(slash, BPS - settings.stake.finder_bps, BPS) as f64;
    let leaf = settings.leaf_value() as f64 * (1.0 - 0.05 - 0.95 * 0.03);
    let per_guess = settings.leaf_cost() as f64 - expected * (lost + leaf);
    let ratio = profit as f64 / (guesses as f64 * per_guess);
    assert!((0.8..1.2).contains(&ratio), "profit is {ratio} of what the audit rate says");
}

#[test]
fn guessing_begins_to_pay_at_the_audit_rate_that_the_document_names() {
    let mut settings = Settings::coai();
    let honest = Play { stake_factor: 1, ..Play::default() };
    let guess = Worker::Guess { percent: 100, patient: false, cost_bps: 0 };
    // 0.17 %: what a leaf costs, over what a conviction does.
    let slash = mul_div(settings.stake.provider_min, settings.slash_bps, BPS);
    let bound =
        mul_div(1_000_000, settings.leaf_cost(), mul_div(slash, BPS - settings.stake.finder_bps, BPS));
    for (rate, pays) in [(bound / 2, true), (bound * 2, false)] {
        settings.audit = AuditPolicy { start_ppm: rate as u32, floor_ppm: rate as u32, half_after: 8 };
        let profit: i128 = (1..=100)
            .map(|seed| {
                let (fair, _) = play(&settings, honest, seed, 40);
                play(&settings, Play { worker: guess, ..honest }, seed, 40).0 - fair
            })
            .sum();
        assert_eq!(profit > 0, pays, "at {rate} parts per million: {profit}");
    }
}
