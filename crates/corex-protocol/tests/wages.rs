//! What verifiers are paid with a round.

mod common;

use common::{Bench, asks_for, job, node, wrong};
use corex_protocol::{Config, DisputeOutcome, Effect, Event, TaskKey};
use corex_work::{Address, Payout, outputs_hash};
use std::collections::BTreeMap;

/// What the last order to settle a round says of its audits.
fn wages(bench: &Bench, index: u64) -> Vec<Payout> {
    let mut orders = bench.all.iter().filter_map(|effect| match effect {
        Effect::SettleRound { round, audits, .. } if *round == index => Some(audits.clone()),
        _ => None,
    });
    orders.next_back().expect("the round is to be settled")
}

#[test]
fn every_audit_that_was_answered_is_paid_as_the_task_was() {
    let mut bench = Bench::network(job(1, 12), 2, 3);
    bench.finish_all();
    let round = bench.commit().round;
    let mut answered: BTreeMap<Address, (u64, u32)> = BTreeMap::new();
    for (verifier, check) in bench.confirm_all() {
        let sum = answered.entry(verifier).or_default();
        *sum = (sum.0 + check.units, sum.1 + 1);
    }
    bench.wait(250);
    let expected: Vec<Payout> = answered
        .iter()
        .map(|(node, (units, tasks))| Payout { node: *node, units: *units, tasks: *tasks })
        .collect();
    assert!(expected.len() > 1, "several verifiers were drawn");
    assert_eq!(wages(&bench, round), expected);
}

/// A verifier that confirms a lie and says nothing else earns nothing; those who do its other audits do.
#[test]
fn an_audit_that_was_wrong_earns_nothing() {
    let mut bench = Bench::with(job(1, 1), Config::default().with_games(true)).joined(3, 4);
    bench.finish(TaskKey::Init);
    let bad = bench.assignment(TaskKey::Grad { step: 0, shard: 0 });
    bench.deliver(&bad, wrong(&bad, 1));
    bench.finish_all();
    let round = bench.commit().round;
    bench.event(Event::Challenged { dispute: 1, round, task: bad.id, challenger: node(101) });
    bench.wait(250);
    let asked = bench.all.iter().find_map(|effect| match effect {
        Effect::Audit(order) if asks_for(order, bad.id) => Some(order.verifier),
        _ => None,
    });
    let liar = asked.expect("a second opinion is asked for");
    bench.verdict(liar, round, bad.id, outputs_hash(&wrong(&bad, 1)));
    let outcome = DisputeOutcome::Guilty { outputs_hash: None };
    bench.event(Event::DisputeResolved { dispute: 1, round, task: bad.id, outcome });
    for _ in 0..40 {
        for effect in bench.effects.clone() {
            let Effect::Audit(order) = effect else { continue };
            for check in order.checks.iter().filter(|_| order.verifier != liar) {
                let claimed = bench.claimed(check.id);
                bench.verdict(order.verifier, order.round, check.id, claimed);
            }
        }
        bench.wait(10_000).answer_reads();
        bench.finish_all();
    }
    let paid = wages(&bench, round);
    assert!(!paid.is_empty() && paid.iter().all(|payout| payout.node != liar), "{paid:?}");
}
