//! Networks that must finish with the honest result, and planted defects that must be seen.
//!
//! A failure prints its seed; `COREX_SIM_SEED=… cargo test --release -p corex-sim` replays it.

use corex_protocol::AuditPolicy;
use corex_sim::{CHEATS, Canary, Network, Provider, Report, Scenario, Verifier, run};

/// Runs a scenario that must hold.
fn check(scenario: &Scenario) -> Report {
    run(scenario).unwrap_or_else(|violation| panic!("{violation}\n{scenario:?}"))
}

/// Runs the first seeds of a network, or the one of `COREX_SIM_SEED`.
fn check_seeds(name: &str, count: u64) -> Vec<Report> {
    let network = Network::named(name).expect("a network of `corex_sim::NETWORKS`");
    let first = Scenario::seed_from_env(1);
    let count = if std::env::var_os("COREX_SIM_SEED").is_some() { 1 } else { count };
    (first..first + count).map(|seed| check(&(network.scenario)(seed))).collect()
}

/// Runs seeds that once showed a defect.
fn replay(name: &str, seeds: &[u64]) {
    let network = Network::named(name).expect("a network of `corex_sim::NETWORKS`");
    seeds.iter().for_each(|seed| _ = check(&(network.scenario)(*seed)));
}

fn total(reports: &[Report], of: impl Fn(&Report) -> u64) -> u64 {
    reports.iter().map(of).sum()
}

/// Asserts that the runs together saw at least so much of something; one replayed seed need not.
fn at_least(least: u64, reports: &[Report], of: impl Fn(&Report) -> u64) {
    if std::env::var_os("COREX_SIM_SEED").is_none() {
        let sum = total(reports, of);
        assert!(sum >= least, "only {sum} of {least}: the scenario tests too little");
    }
}

#[test]
fn a_calm_network_does_everything_once() {
    for report in check_seeds("calm", 10) {
        assert_eq!(report.blobs_made_again, 0, "released too early: {report:?}");
        assert_eq!((report.rollbacks, report.slashed), (0, 0));
        // 1 init, 48 gradients, 12 updates, 4 evaluations; second copies of stragglers on top.
        assert!((65..130).contains(&report.assignments), "{report:?}");
        assert_eq!(report.progress, 12 + 4);
    }
}

#[test]
fn storms_change_nothing() {
    let reports = check_seeds("storm", 10);
    at_least(20, &reports, |report| report.coordinator_crashes);
    at_least(5, &reports, |report| report.blobs_made_again);
}

#[test]
fn certain_audits_catch_every_cheat() {
    let reports = check_seeds("cheats", 20);
    at_least(40, &reports, |report| report.cheats);
    at_least(30, &reports, |report| report.slashed);
    at_least(10, &reports, |report| report.rollbacks);
}

#[test]
fn cheats_in_a_storm_are_caught_as_well() {
    let reports = check_seeds("cheats-in-a-storm", 10);
    at_least(10, &reports, |report| report.slashed);
}

#[test]
fn a_network_of_mostly_cheaters_still_finishes() {
    check_seeds("mostly-cheaters", 5);
    check_seeds("mostly-cheaters-in-a-storm", 1);
}

#[test]
fn silent_lying_and_slandering_verifiers_only_delay() {
    let reports = check_seeds("odd-verifiers", 6);
    at_least(10, &reports, |report| report.slashed);
    check_seeds("odd-verifiers-in-a-storm", 3);
}

#[test]
fn games_convict_every_cheat_and_what_they_void_begins_anew() {
    let reports = check_seeds("games", 20);
    at_least(30, &reports, |report| report.slashed);
    at_least(10, &reports, |report| report.rollbacks);
    let reports = check_seeds("games-in-a-storm", 10);
    at_least(10, &reports, |report| report.slashed);
}

#[test]
fn challengers_that_lose_on_purpose_shield_nothing() {
    let reports = check_seeds("griefers", 10);
    at_least(10, &reports, |report| report.slashed);
    check_seeds("griefers-in-a-storm", 5);
}

/// Once stuck: nobody told the chain that the time to vote was over, so no dispute ever ended and no round with one was
/// ever settled.
#[test]
fn a_committee_that_never_votes_only_delays() {
    let mut reports = check_seeds("no-votes", 6);
    reports.extend(check_seeds("no-votes-in-a-storm", 3));
    at_least(10, &reports, |report| report.expired);
    assert_eq!(total(&reports, |report| report.slashed), 0, "nobody voted");
}

#[test]
fn one_slandering_verifier_alone_cannot_stop_a_job() {
    check_seeds("slanderer", 5);
    check_seeds("slanderer-in-a-storm", 3);
}

#[test]
fn withheld_results_are_made_again() {
    let mut reports = check_seeds("withheld", 5);
    reports.extend(check_seeds("stalled", 5));
    at_least(5, &reports, |report| report.blobs_made_again);
}

#[test]
fn nodes_that_cannot_reach_each_other_get_everything_through_the_coordinator() {
    let reports = check_seeds("torn", 8);
    at_least(20, &reports, |report| report.missing_inputs);
    check_seeds("torn-in-a-storm", 3);
}

/// Sampled audits let cheats through, by design; what is sampled is caught, and no more escapes than the rates
/// allow: here a third of the tasks is checked at first, and a caught node does no more.
#[test]
fn sampled_audits_stop_cheaters_early() {
    let reports = check_seeds("sampled", 10);
    let (cheats, escaped) = (total(&reports, |r| r.cheats), total(&reports, |r| r.escaped));
    at_least(18, &reports, |report| report.slashed);
    // The pair would have done a third of 201 tasks per run.
    assert!(cheats < 250 && escaped < 80, "{cheats} cheats, {escaped} escaped");
}

/// With certain audits an escape needs a colluding verifier to be drawn: its share of the stake, at most.
#[test]
fn colluding_verifiers_hide_no_more_than_their_share() {
    let reports = check_seeds("colluding", 10);
    let (cheats, escaped) = (total(&reports, |r| r.cheats), total(&reports, |r| r.escaped));
    at_least(6, &reports, |report| report.cheats);
    assert!(cheats < 6 || escaped * 3 < cheats, "{cheats} cheats, {escaped} escaped");
}

#[test]
fn random_networks() {
    check_seeds("random", 25);
}

/// Equal nodes earn equally, whoever happens to hold what the next task reads. Before that was so, the one that
/// held the state earned 46 %, and 3.7 GB were moved instead of 4.0.
#[test]
fn equal_providers_earn_equally() {
    for (seed, providers, shards) in [(1, 3, 4), (2, 3, 3), (3, 4, 6), (4, 2, 5), (5, 5, 4)] {
        let scenario = Scenario { steps: 60, shards, providers, speed: Some(1_000), ..Scenario::calm(seed) };
        let report = check(&scenario);
        let fair = report.paid.iter().sum::<u64>() / u64::from(providers);
        let shares: Vec<u64> = report.paid.iter().map(|units| units * 100 / fair).collect();
        println!(
            "{providers} providers, {shards} shards: {shares:?} % of a fair share, {} MB moved in {} ms",
            report.bytes_moved >> 20,
            report.ms
        );
        assert!(shares.iter().all(|share| (95..=105).contains(share)), "{shares:?}");
    }
}

#[test]
fn two_thousand_nodes() {
    let scenario = Scenario {
        steps: 2,
        shards: 300,
        providers: 1_900,
        dishonest: vec![Provider::Corrupt; 60],
        cheat_percent: 50,
        verifiers: vec![Verifier::Honest; 40],
        audit: AuditPolicy { start_ppm: 1_000_000, floor_ppm: 1_000_000, half_after: 8 },
        ..Scenario::calm(1)
    };
    let report = check(&scenario);
    assert!(report.slashed > 5, "{} slashed", report.slashed);
}

#[test]
fn equal_seeds_run_equally() {
    let scenario =
        || Scenario { dishonest: CHEATS.to_vec(), cheat_percent: 30, ..Scenario::calm(3).stormy() };
    assert_eq!(format!("{:?}", check(&scenario())), format!("{:?}", check(&scenario())));
}

/// The checker must see what is planted, or its silence means nothing.
#[test]
fn planted_defects_are_seen() {
    let seen = |scenario: Scenario| run(&scenario).expect_err("a planted defect was not seen").to_string();

    let swapped = Scenario { canary: Some(Canary::SwappedOutput), ..Scenario::calm(1) };
    let unaudited = AuditPolicy { start_ppm: 0, floor_ppm: 0, half_after: 1 };
    let message = seen(Scenario { audit: AuditPolicy { floor_ppm: 1_000_000, ..unaudited }, ..swapped });
    assert!(message.contains("slashed and never cheated"), "{message}");
    assert!(message.contains("COREX_SIM_SEED=1"), "{message}");

    let message = seen(Scenario { canary: Some(Canary::SecondLeaf), ..Scenario::calm(1) });
    assert!(message.contains("second leaf"), "{message}");

    let message = seen(Scenario { canary: Some(Canary::ForgottenEvent), ..Scenario::calm(1).stormy() });
    assert!(message.contains("another state"), "{message}");
}

/// Once stuck, twice: a node had copied another's result, was convicted, and with its copy the driver forgot how to make
/// the original again.
#[test]
fn a_voided_copy_leaves_the_original() {
    replay("cheats-in-a-storm", &[154, 332]);
}

/// Seeds that failed once. Timing has changed since, so each stands for its kind, not for its very history.
#[test]
fn seeds_that_once_failed() {
    // Waited for ever for a blob that only tasks that read it claimed to make: copies in a dead branch.
    replay("mostly-cheaters", &[4]);
    // Handed one task out hundreds of times: a missing input, or a result that was lost as soon as it was made.
    replay("torn", &[1, 3]);
    replay("stalled", &[3, 4, 7]);
    replay("slanderer", &[2, 3, 5]);
    // Chose again and again the node that had admitted not to have what it made.
    replay("stalled", &[32, 37]);
    // A value to show that nobody sent held up the end of the job.
    replay("stalled", &[1]);
    // An audit that lacked eleven inputs found them one at a time, with pauses up to a minute.
    replay("torn", &[30]);
    replay("random", &[33, 148, 154]);
    // A coordinator that crashed more often than its patience with a stalling holder is long never gave it up.
    replay("torn-in-a-storm", &[5]);
    replay("random", &[478]);
    // A committee that does not vote, with contradicted results that nobody decided.
    replay("no-votes-in-a-storm", &[1, 80, 99]);
}
