//! What the driver makes of disputes that are games: each is won or lost by one challenger alone.

mod common;

use common::{Bench, asks_for, job, node, right, wrong};
use corex_protocol::{Assignment, Config, DisputeOutcome, Effect, Event, TaskKey};
use corex_work::{BlobId, TaskId, outputs_hash};

const INIT: TaskKey = TaskKey::Init;
const GUILTY: DisputeOutcome = DisputeOutcome::Guilty { outputs_hash: None };

fn grad(shard: u32) -> TaskKey {
    TaskKey::Grad { step: 0, shard }
}

/// A committed round with a wrong gradient in it, and which that is.
fn lied() -> (Bench, u64, Assignment) {
    let mut bench = Bench::with(job(2, 2), Config::default().with_games(true)).joined(3, 4);
    bench.finish(INIT);
    let bad = bench.assignment(grad(0));
    bench.deliver(&bad, wrong(&bad, 1));
    bench.finish(grad(1));
    bench.finish_all();
    let round = bench.commit().round;
    (bench, round, bad)
}

fn challenge(bench: &mut Bench, dispute: u64, round: u64, task: TaskId, by: u8) {
    bench.event(Event::Challenged { dispute, round, task, challenger: node(by) });
}

fn resolve(bench: &mut Bench, dispute: u64, round: u64, task: TaskId, outcome: DisputeOutcome) {
    bench.event(Event::DisputeResolved { dispute, round, task, outcome });
}

/// Until all is done again, also what only the banned node had.
fn redo(bench: &mut Bench) {
    for _ in 0..5 {
        bench.wait(6_000).answer_reads();
        bench.finish_all();
    }
}

fn is_banned(bench: &Bench, who: &Assignment) -> bool {
    bench.all.iter().any(|e| matches!(e, Effect::Ban { node, .. } if *node == who.node))
}

#[test]
fn what_a_game_voids_begins_anew_with_a_leaf_of_its_own() {
    let (mut bench, round, bad) = lied();
    challenge(&mut bench, 1, round, bad.id, 101);
    resolve(&mut bench, 1, round, bad.id, GUILTY);
    assert!(is_banned(&bench, &bad));
    let again = bench.assignment(grad(0));
    assert!(again.id == bad.id && again.node != bad.node);
    bench.deliver(&again, right(&bad));
    redo(&mut bench);
    // The round that was sealed in the meantime goes first.
    bench.commit();
    bench.wait(250);
    let leaves =
        |round: &corex_protocol::RoundCommitment| round.leaves.iter().any(|leaf| leaf.task == bad.id);
    let rounds: Vec<u64> = bench.commitments().iter().filter(|r| leaves(r)).map(|r| r.round).collect();
    assert!(rounds.first() == Some(&round) && rounds.last() > Some(&round), "{rounds:?}");
    // It is audited whatever the beacon says.
    bench.commit();
    let ordered = bench.all.iter().any(
        |effect| matches!(effect, Effect::Audit(order) if order.round > round && asks_for(order, bad.id)),
    );
    assert!(ordered);
    assert_eq!(format!("{:?}", bench.replayed()), format!("{:?}", bench.driver));
}

/// A node that does not answer loses, however right it was: the same result is taken from another node.
#[test]
fn a_right_result_that_nobody_stood_up_for_is_taken_from_somebody_else() {
    let mut bench = Bench::with(job(1, 2), Config::default().with_games(true)).joined(3, 4);
    bench.finish(INIT);
    let silent = bench.assignment(grad(0));
    bench.deliver(&silent, right(&silent));
    bench.finish(grad(1));
    bench.finish_all();
    let round = bench.commit().round;
    challenge(&mut bench, 7, round, silent.id, 101);
    resolve(&mut bench, 7, round, silent.id, GUILTY);
    let again = bench.assignment(grad(0));
    bench.deliver(&again, right(&silent));
    assert_eq!(bench.driver.summary().step, 1, "all that depends on it is known");
}

#[test]
fn a_lost_game_shields_nothing() {
    let (mut bench, round, bad) = lied();
    challenge(&mut bench, 1, round, bad.id, 101);
    challenge(&mut bench, 2, round, bad.id, 102);
    resolve(&mut bench, 1, round, bad.id, DisputeOutcome::Unproven);
    assert!(!is_banned(&bench, &bad));
    // News of the lost game come again, and late.
    challenge(&mut bench, 1, round, bad.id, 101);
    resolve(&mut bench, 1, round, bad.id, DisputeOutcome::Unproven);
    resolve(&mut bench, 2, round, bad.id, GUILTY);
    assert!(is_banned(&bench, &bad));
}

#[test]
fn while_a_game_is_open_one_verifier_more_is_asked() {
    let (mut bench, round, bad) = lied();
    bench.verdict(node(101), round, bad.id, outputs_hash(&right(&bad)));
    challenge(&mut bench, 1, round, bad.id, 101);
    bench.wait(250);
    let asked: Vec<_> = bench
        .all
        .iter()
        .filter_map(|effect| match effect {
            Effect::Audit(order) if asks_for(order, bad.id) => Some(order.verifier),
            _ => None,
        })
        .filter(|verifier| *verifier != node(101))
        .collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    // The challenger loses; the other one contradicts the leaf, too, and its challenge is awaited.
    bench.verdict(asked[0], round, bad.id, outputs_hash(&right(&bad)));
    resolve(&mut bench, 1, round, bad.id, DisputeOutcome::Unproven);
    let settles = |bench: &Bench| {
        bench.all.iter().any(|e| matches!(e, Effect::SettleRound { round: r, .. } if *r == round))
    };
    assert!(!settles(&bench) && !is_banned(&bench, &bad));
}

#[test]
fn games_about_a_convicted_leaf_are_ended() {
    let (mut bench, round, bad) = lied();
    challenge(&mut bench, 1, round, bad.id, 101);
    challenge(&mut bench, 2, round, bad.id, 102);
    resolve(&mut bench, 2, round, bad.id, GUILTY);
    bench.wait(6_000);
    let ends =
        |bench: &Bench| bench.has(|e| matches!(e, Effect::ExpireDispute { task, .. } if *task == bad.id));
    assert!(ends(&bench));
    resolve(&mut bench, 1, round, bad.id, DisputeOutcome::Expired);
    bench.wait(6_000);
    assert!(!ends(&bench));
}

/// Whoever is challenged, or challenges, needs the task's inputs and its outputs for as long as that may happen.
#[test]
fn what_an_unsettled_round_speaks_of_is_not_released() {
    let (mut bench, round, bad) = lied();
    challenge(&mut bench, 1, round, bad.id, 101);
    resolve(&mut bench, 1, round, bad.id, GUILTY);
    let again = bench.assignment(grad(0));
    bench.deliver(&again, right(&bad));
    redo(&mut bench);
    let pinned: Vec<BlobId> = bad.task.inputs.iter().copied().chain(wrong(&bad, 1)).collect();
    let released = |bench: &Bench, blob: &BlobId| {
        bench.all.iter().any(|e| matches!(e, Effect::Release { blobs } if blobs.contains(blob)))
    };
    // The round after it is settled first, which no chain would do.
    let next = bench.commit().round;
    bench.event(Event::RoundSettled { round: next });
    assert!(next > round && !pinned.iter().any(|blob| released(&bench, blob)));
    bench.event(Event::RoundSettled { round });
    assert!(wrong(&bad, 1).iter().any(|blob| released(&bench, blob)), "nobody asks for the lie any more");
}
