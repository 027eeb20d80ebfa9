//! The driver, one event at a time.

mod common;

use common::{Bench, job, node, right, wrong};
use corex_protocol::{DisputeOutcome, Effect, Event, Failure, Holder, TaskKey, Warning};
use corex_work::outputs_hash;

const INIT: TaskKey = TaskKey::Init;
const UPDATE: TaskKey = TaskKey::Update { step: 0 };

fn grad(shard: u32) -> TaskKey {
    TaskKey::Grad { step: 0, shard }
}

/// One step and two shards, done up to the update, with everything audited: audit rates start at certainty for nobody,
/// so tests force what they need by a challenge.
fn up_to_update(providers: u8, verifiers: u8) -> Bench {
    let mut bench = Bench::network(job(1, 2), providers, verifiers);
    bench.finish(INIT);
    bench.finish(grad(0));
    bench.finish(grad(1));
    bench.finish(TaskKey::Eval { step: 0 });
    bench
}

#[test]
fn a_slow_task_gets_a_second_copy_and_the_first_result_counts() {
    let mut bench = Bench::network(job(1, 1), 2, 0);
    let first = bench.assignment(INIT);
    bench.wait(2_900);
    assert_eq!(bench.assigned.len(), 1, "not slow yet");
    bench.wait(200);
    assert_eq!(bench.assigned.len(), 2);
    let second = bench.assigned[1].clone();
    assert!(second.id == first.id && second.node != first.node);
    bench.deliver(&second, right(&second));
    assert!(bench.has(|e| *e == Effect::Cancel { node: first.node, task: first.id }));
    // The late one changes nothing, and nobody is paid twice.
    bench.deliver(&first, right(&first));
    let paid: Vec<u64> = bench.driver.nodes().map(|node| node.reputation().units).collect();
    assert_eq!(paid.iter().sum::<u64>(), 10);
}

#[test]
fn an_expired_lease_goes_to_another_node() {
    let mut bench = Bench::network(job(1, 1), 1, 0);
    let first = bench.assignment(INIT);
    bench.wait(first.lease_ms);
    assert!(bench.warned(|w| matches!(w, Warning::LeaseExpired { .. })));
    bench.join(2);
    assert_eq!(bench.assignment(INIT).node, node(2));
}

#[test]
fn a_receipt_for_a_task_not_given_is_refused() {
    let mut bench = Bench::network(job(1, 1), 2, 0);
    let given = bench.assignment(INIT);
    let other = if given.node == node(1) { node(2) } else { node(1) };
    bench.deliver_as(other, &given, right(&given));
    assert!(bench.warned(|w| matches!(w, Warning::ReceiptRefused { .. })));
    assert_eq!(bench.driver.summary().open_tasks, 1);
}

#[test]
fn a_receipt_of_the_wrong_shape_bans_its_node() {
    let mut bench = Bench::network(job(1, 1), 1, 0);
    let given = bench.assignment(INIT);
    bench.deliver(&given, vec![]);
    assert!(bench.has(|e| matches!(e, Effect::Ban { .. })));
}

#[test]
fn a_lost_blob_is_made_again_and_its_task_gets_no_second_leaf() {
    let mut bench = up_to_update(2, 0);
    let update = bench.assignment(UPDATE);
    for n in 1..=2 {
        bench.event(Event::NodeLost { node: node(n) });
    }
    bench.assigned.clear();
    bench.wait(6_000);
    bench.join(3);
    bench.wait(250);
    assert!(bench.all.iter().any(|e| matches!(e, Effect::Warn(Warning::BlobLost(_)))));
    bench.finish_all();
    assert!(
        bench
            .commitments()
            .iter()
            .all(|round| { round.leaves.iter().filter(|leaf| leaf.task == update.id).count() <= 1 })
    );
    let leaves: Vec<_> = bench.commitments().iter().flat_map(|r| r.leaves.clone()).map(|l| l.task).collect();
    let mut distinct = leaves.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(leaves.len(), distinct.len());
    assert_eq!(bench.driver.summary().step, 1);
}

/// Once thousands of reassignments: the task came back at once, and went out again at once.
#[test]
fn an_input_that_nobody_delivers_does_not_spin_and_is_made_again() {
    let mut bench = up_to_update(3, 0);
    let missing = bench.assignment(UPDATE).task.inputs[4];
    let mut tries = 0;
    for _ in 0..240 {
        bench.wait(250);
        for assignment in std::mem::take(&mut bench.assigned) {
            if assignment.key == UPDATE {
                tries += 1;
                let reason = Failure::MissingInput(missing);
                bench.event(Event::TaskFailed { node: assignment.node, task: assignment.id, reason });
            } else {
                bench.assigned.push(assignment);
            }
        }
        if bench.assigned.iter().any(|a| matches!(a.key, TaskKey::Grad { .. })) {
            assert!(tries <= 12, "{tries} tries");
            return;
        }
    }
    panic!("never made again; {tries} tries");
}

#[test]
fn what_the_coordinator_holds_is_the_nodes_own_trouble() {
    let mut bench = Bench::network(job(1, 1), 1, 0);
    let given = bench.assignment(INIT);
    let reason = Failure::MissingInput(given.task.program);
    bench.event(Event::TaskFailed { node: given.node, task: given.id, reason });
    assert!(!bench.has(|e| matches!(e, Effect::FetchToCoordinator { .. })));
    bench.assigned.clear();
    bench.wait(400);
    assert!(bench.assigned.is_empty(), "it pauses");
    bench.wait(200);
    assert_eq!(bench.assignment(INIT).node, node(1));
}

#[test]
fn two_results_for_a_task_are_audited() {
    let mut bench = Bench::network(job(1, 1), 2, 1);
    let first = bench.assignment(INIT);
    bench.wait(3_100);
    let second = bench.assigned[1].clone();
    bench.deliver(&first, wrong(&first, 1));
    bench.deliver(&second, right(&second));
    assert!(bench.warned(|w| *w == Warning::Conflict(first.id)));
    bench.finish_all();
    bench.commit();
    assert!(bench.auditors(first.id) == [node(101)]);
}

#[test]
fn a_conviction_takes_back_exactly_what_depends_on_it() {
    let mut bench = Bench::network(job(2, 2), 3, 3);
    bench.finish(INIT);
    let bad = bench.assignment(grad(0));
    bench.deliver(&bad, wrong(&bad, 1));
    bench.finish(grad(1));
    bench.finish_all();
    let round = bench.commitments()[0].round;
    bench.event(Event::RoundCommitted { round, block: 1 });
    bench.convict(round, &bad);
    // The update of the step and all after it; not the other gradient, not the evaluation of state 0.
    let dependants = bench.effects.iter().find_map(|effect| match effect {
        Effect::Warn(Warning::RolledBack { dependants, .. }) => Some(*dependants),
        _ => None,
    });
    assert_eq!(dependants, Some(1 + 2 + 1 + 1), "update 0, gradients and update of step 1, last evaluation");
    assert!(bench.has(|e| matches!(e, Effect::Ban { node, .. } if *node == bad.node)));
    assert_eq!(bench.driver.summary().step, 0);
    let again = bench.assignment(grad(0));
    assert!(again.id == bad.id && again.node != bad.node);
}

#[test]
fn a_ban_voids_what_is_not_committed() {
    let mut bench = Bench::network(job(1, 2), 2, 0);
    bench.finish(INIT);
    let (first, second) = (bench.assignment(grad(0)), bench.assignment(grad(1)));
    bench.deliver(&first, right(&first));
    bench.deliver(&second, vec![]);
    assert!(bench.has(|e| matches!(e, Effect::Ban { node, .. } if *node == second.node)));
    let before = bench.all.len();
    bench.finish_all();
    let redone = bench.all[before..].iter().filter(|e| matches!(e, Effect::Assign(_))).count();
    assert!(redone >= 1);
    let leaves = bench.commitments().into_iter().flat_map(|round| round.leaves);
    assert!(leaves.into_iter().all(|leaf| leaf.node != second.node));
}

/// Asks verifiers one after the other about a wrong update; the chain never decides.
fn contested(claims: &[(u8, bool)]) -> (Bench, corex_protocol::Assignment) {
    let mut bench = up_to_update(5, 4);
    let bad = bench.assignment(UPDATE);
    bench.deliver(&bad, wrong(&bad, 1)).answer_reads();
    bench.finish_all();
    let round = bench.commit().round;
    let challenger = node(101);
    bench.event(Event::Challenged { dispute: 1, round, task: bad.id, challenger });
    for (n, honest) in claims {
        let hash = outputs_hash(&if *honest { right(&bad) } else { wrong(&bad, 1) });
        bench.verdict(node(*n), round, bad.id, hash);
    }
    let outcome = DisputeOutcome::Expired;
    bench.event(Event::DisputeResolved { dispute: 1, round, task: bad.id, outcome });
    bench.wait(31_000);
    (bench, bad)
}

/// The verdict of the challenger itself counts only if it was asked; the others were, as the jury.
#[test]
fn two_thirds_of_the_verifiers_decide_what_the_chain_does_not() {
    let (bench, bad) = contested(&[(101, true), (102, true), (103, true), (104, true)]);
    assert!(bench.all.iter().any(|e| matches!(e, Effect::Ban { node, .. } if *node == bad.node)));
    assert_eq!(bench.driver.summary().audits_failed, 1);
}

/// Once, the first evaluation that repeated a wrong result restored it and blamed the verifiers.
#[test]
fn one_accomplice_does_not_restore_a_doubted_result() {
    let (mut bench, bad) = contested(&[(102, true), (103, false)]);
    // The silent half of the stake is asked, and lets its time pass.
    for _ in 0..200 {
        if bench.assigned.iter().any(|a| a.key == UPDATE) {
            break;
        }
        bench.wait(2_000);
    }
    let again = bench.assignment(UPDATE);
    assert!(again.id == bad.id && again.node != bad.node);
    bench.deliver(&again, wrong(&bad, 1));
    assert_eq!(bench.driver.summary().step, 0, "not believed");
    for _ in 0..3 {
        bench.wait(250);
        if bench.driver.summary().step == 0 {
            let again = bench.assignment(UPDATE);
            bench.deliver(&again, right(&bad));
        }
    }
    bench.wait(40_000);
    assert_eq!(bench.driver.summary().step, 1);
    assert!(bench.all.iter().any(|e| matches!(e, Effect::Ban { node, .. } if *node == bad.node)));
}

#[test]
fn stopping_cancels_and_a_restart_asks_for_everything_again() {
    let mut bench = Bench::network(job(1, 2), 2, 0);
    bench.finish(INIT);
    let running = bench.assigned.len();
    bench.event(Event::Stop);
    let cancelled = bench.effects.iter().filter(|e| matches!(e, Effect::Cancel { .. })).count();
    assert_eq!((cancelled, bench.assigned.len()), (running, 0));
    bench.wait(60_000);
    assert!(bench.assigned.is_empty(), "stopped");
    assert_eq!(format!("{:?}", bench.replayed()), format!("{:?}", bench.driver));
    bench.event(Event::Restarted);
    bench.join(1);
    assert!(!bench.assigned.is_empty());
}

#[test]
fn a_round_is_sealed_per_step_and_the_next_waits_for_its_commitment() {
    let mut bench = Bench::network(job(3, 1), 1, 0);
    assert!(bench.commitments().is_empty());
    bench.finish_all();
    assert_eq!(bench.commitments().len(), 1);
    assert_eq!(bench.driver.summary().rounds, 1, "one at a time");
    bench.event(Event::RoundCommitted { round: 0, block: 1 });
    bench.wait(250);
    assert_eq!(bench.driver.summary().rounds, 2);
    // What is committed is committed once, however often the chain says so.
    bench.event(Event::RoundCommitted { round: 0, block: 1 });
    assert_eq!(bench.driver.summary().rounds, 2);
}

#[test]
fn the_job_is_done_when_the_state_is_here_and_every_round_is_settled() {
    let mut bench = Bench::network(job(2, 1), 1, 1);
    bench.finish_all();
    let mut released = false;
    for _ in 0..40 {
        bench.wait(5_000);
        bench.answer_reads();
        let done = bench.driver.summary().done.is_some();
        assert!(!done || bench.driver.summary().unsettled_rounds == 0);
        for effect in bench.effects.clone() {
            released |= matches!(effect, Effect::Release { .. });
            match effect {
                Effect::CommitRound(c) => _ = bench.event(Event::RoundCommitted { round: c.round, block: 1 }),
                Effect::DrawBeacon { round } => {
                    bench.event(Event::BeaconDrawn { round, beacon: corex_work::Beacon([1; 32]) });
                }
                Effect::SettleRound { round, .. } => _ = bench.event(Event::RoundSettled { round }),
                _ => {}
            }
            released |= bench.has(|e| matches!(e, Effect::Release { .. }));
            bench.confirm_all();
        }
        if done {
            break;
        }
    }
    let done = bench.driver.summary().done.expect("done");
    assert!(released, "what nobody needs is released");
    for effect in &bench.all {
        if let Effect::Release { blobs } = effect {
            assert!(!done.blobs.iter().any(|blob| blobs.contains(blob)));
        }
    }
    // Nothing is asked for any more.
    bench.event(Event::BlobLost { holder: Holder::Node(node(1)), blob: done.blobs[1] });
    bench.wait(60_000);
    assert!(!bench.has(|e| matches!(e, Effect::Assign(_) | Effect::FetchToCoordinator { .. })));
}
