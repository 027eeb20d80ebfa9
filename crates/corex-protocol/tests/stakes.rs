//! What a stake vouches for.

mod common;

use common::{Bench, job, node};
use corex_protocol::{AuditPolicy, COVERED, Config, Effect, Event};
use corex_work::{Beacon, TaskId};
use std::collections::BTreeSet;

/// A task of these jobs has ten units.
const UNITS: u128 = 10;

#[test]
fn leaves_that_a_stake_does_not_cover_are_audited_whatever_the_beacon_says() {
    let never = AuditPolicy { start_ppm: 0, floor_ppm: 0, half_after: 8 };
    let config = Config { audit: never, ..Config::default() }.with_price(7);
    let mut bench = Bench::with(job(1, 6), config).joined(2, 2);
    let (rich, poor) = (node(1), node(2));
    bench.event(Event::StakeChanged { node: rich, stake: 7 * UNITS * COVERED });
    bench.event(Event::StakeChanged { node: poor, stake: 7 * UNITS * COVERED - 1 });
    bench.finish_all();
    let round = bench.commitments().pop().expect("sealed");
    bench.event(Event::RoundCommitted { round: round.round, block: 1 });
    let seen = bench.all.len();
    bench.event(Event::BeaconDrawn { round: round.round, beacon: Beacon([1; 32]) });
    let mut audited: BTreeSet<TaskId> = BTreeSet::new();
    bench.confirm_all();
    for effect in &bench.all[seen..] {
        if let Effect::Audit(order) = effect {
            audited.extend(order.checks.iter().map(|check| check.id));
        }
    }
    let of = |who| {
        round.leaves.iter().filter(|leaf| leaf.node == who).map(|leaf| leaf.task).collect::<BTreeSet<_>>()
    };
    assert!(!of(rich).is_empty() && !of(poor).is_empty());
    assert_eq!(audited, of(poor));
}
