//! Nobody is shown the result that it is asked to check, until it has said what it found.

mod common;

use common::{Bench, job, node, right, wrong};
use corex_protocol::{AuditOrder, AuditPolicy, Config, Effect, Reveal, TaskKey};
use corex_work::{Address, BlobId, Leaf, TaskId, outputs_hash, verify_proof};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What each verifier has been told, by name: inputs of the tasks that it was to check, and results it was shown.
#[derive(Default)]
struct Told(BTreeMap<Address, BTreeSet<BlobId>>);

impl Told {
    /// An order may not ask for a result that its verifier knows, nor name one that it asks for.
    fn order(&mut self, order: &AuditOrder, results: &BTreeMap<TaskId, Vec<BlobId>>) {
        let known = self.0.entry(order.verifier).or_default();
        known.extend(order.checks.iter().flat_map(|check| check.task.inputs.iter().copied()));
        for check in &order.checks {
            let outputs = &results[&check.id];
            assert!(!outputs.iter().any(|blob| known.contains(blob)), "{} knows {outputs:?}", order.verifier);
        }
    }
}

#[test]
fn an_order_never_tells_what_it_asks_for() {
    for seed in 0..20u32 {
        let mut bench = Bench::network(job(6, 3), 3, 3);
        let mut results: BTreeMap<TaskId, Vec<BlobId>> = BTreeMap::new();
        let mut told = Told::default();
        let mut orders: VecDeque<AuditOrder> = VecDeque::new();
        let (mut audits, mut seen, mut rounds, mut random) = (0, 0, BTreeSet::new(), seed);
        for _ in 0..400 {
            while let Some(assignment) = bench.assigned.first().cloned() {
                results.insert(assignment.id, right(&assignment));
                bench.deliver(&assignment, right(&assignment));
                bench.answer_reads();
            }
            if bench.commitments().iter().any(|round| rounds.insert(round.round)) {
                bench.commit();
            }
            for effect in bench.all.split_off(seen) {
                match &effect {
                    Effect::Audit(order) => {
                        told.order(order, &results);
                        orders.push_back((**order).clone());
                    }
                    Effect::Reveal(reveal) => {
                        let outputs = &reveal.receipt.receipt.outputs;
                        told.0.entry(reveal.verdict.verifier).or_default().extend(outputs);
                    }
                    _ => {}
                }
                bench.all.push(effect);
            }
            seen = bench.all.len();
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // One verifier answers one check of one of its orders; others take their time.
            if !orders.is_empty() {
                let mut order = orders.remove(random as usize % orders.len()).unwrap();
                if let Some(check) = order.checks.pop() {
                    audits += 1;
                    let found = outputs_hash(&results[&check.id]);
                    bench.verdict(order.verifier, order.round, check.id, found);
                }
                orders.extend(Some(order).filter(|order| !order.checks.is_empty()));
            } else {
                bench.wait(250);
            }
        }
        assert!(audits > 8, "{audits} audits");
    }
}

#[test]
fn who_contradicts_a_leaf_is_shown_it_until_a_dispute_opens() {
    let always = AuditPolicy { start_ppm: 1_000_000, floor_ppm: 1_000_000, half_after: 8 };
    let mut bench = Bench::with(job(1, 2), Config { audit: always, ..Config::default() }).joined(2, 2);
    bench.finish(TaskKey::Init);
    let bad = bench.assignment(TaskKey::Grad { step: 0, shard: 0 });
    bench.deliver(&bad, wrong(&bad, 1));
    bench.finish_all();
    let commitment = bench.commit();
    let mut reveals: Vec<Reveal> = Vec::new();
    let take = |bench: &mut Bench, reveals: &mut Vec<Reveal>| {
        reveals.extend(bench.all.drain(..).filter_map(|effect| match effect {
            Effect::Reveal(reveal) => Some(*reveal),
            _ => None,
        }));
    };
    // Whoever is asked for what comes before it confirms it.
    let (mut verifier, mut seen) = (None, 0);
    while verifier.is_none() {
        if seen == bench.all.len() {
            bench.wait(250);
            assert!(bench.now < 10_000, "nobody is asked about the lie");
        }
        let Some(effect) = bench.all.get(seen).cloned() else { continue };
        seen += 1;
        let Effect::Audit(order) = effect else { continue };
        for check in &order.checks {
            if check.id == bad.id {
                verifier = Some(order.verifier);
            } else {
                let claimed = bench.claimed(check.id);
                bench.verdict(order.verifier, order.round, check.id, claimed);
            }
        }
    }
    let verifier = verifier.unwrap();
    take(&mut bench, &mut reveals);
    assert!(
        reveals.iter().all(|reveal| reveal.receipt.receipt.task != bad.id),
        "not shown before it is judged"
    );

    // An uninvited verdict is not answered.
    let found = outputs_hash(&right(&bad));
    let stranger = if verifier == node(101) { node(102) } else { node(101) };
    bench.verdict(stranger, commitment.round, bad.id, found);
    take(&mut bench, &mut reveals);
    assert!(
        reveals
            .iter()
            .all(|reveal| reveal.verdict.verifier != stranger || reveal.verdict.verdict.task != bad.id)
    );

    reveals.clear();
    bench.verdict(verifier, commitment.round, bad.id, found);
    for _ in 0..3 {
        bench.wait(5_000);
    }
    take(&mut bench, &mut reveals);
    reveals.retain(|reveal| reveal.verdict.verdict.task == bad.id);
    assert!(reveals.len() >= 3, "{} times", reveals.len());
    for reveal in &reveals {
        let leaf = Leaf::from(&reveal.receipt.receipt);
        assert_eq!((reveal.verdict.verifier, reveal.verdict.verdict.outputs_hash), (verifier, found));
        assert_ne!(leaf.outputs_hash, found);
        assert!(verify_proof(&reveal.proof, commitment.root, leaf.hash()));
    }
}
