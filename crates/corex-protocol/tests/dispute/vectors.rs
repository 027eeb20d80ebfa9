//! `vectors/dispute`: whole games as the calls that a contract must take or refuse. `COREX_BLESS=1` writes them.

use std::path::{Path as File, PathBuf};

use corex_engine::trace::{Digest, Path};
use corex_protocol::dispute::*;
use serde_json::{Value, json};

use super::abi;
use super::contract::Ruling;
use super::play::{ACCUSED, CHALLENGER, JOB, Played, ROUND, Scene};
use super::programs::f32s;
use super::story::Lie;

/// The dispute's id in all calls.
const DISPUTE: u64 = 7;

fn folder() -> PathBuf {
    File::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/dispute")
}

fn hex(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn side(turn: Turn) -> &'static str {
    match turn {
        Turn::Accused => "accused",
        Turn::Challenger => "challenger",
        Turn::Over => "over",
    }
}

/// The root of the tree over the job's programs, of which the task's is the only one.
fn programs(scene: &Scene) -> Digest {
    let terms = scene.terms();
    let words = [terms.program, Digest::keccak(&[terms.func.as_bytes()]), scene.tracer.program_root()];
    Digest::keccak(&[&Digest::of_list(&words).0])
}

fn record(scene: &Scene, about: &str, accused_lies: &Lie, played: &Played) -> Value {
    let leaf = scene.leaf(&scene.story(accused_lies).outputs);
    let moves = played.moves.iter().map(|done| {
        let (function, data) = abi::call(DISPUTE, &done.play);
        let late = done.play == Move::Timeout;
        json!({
            "by": side(done.by), "says": done.says, "function": function, "late": late, "reverts": done.reverts,
            "turn": side(done.turn), "data": hex(&data),
        })
    });
    let moves: Vec<Value> = moves.collect();
    json!({
        "about": about, "job": hex(&JOB), "round": ROUND, "programs": hex(&programs(scene).0),
        "task": hex(&leaf.task.0), "outputsHash": hex(&leaf.outputs_hash.0), "accused": hex(&ACCUSED.0), "units": leaf.units,
        "challenger": hex(&CHALLENGER.0), "count": moves.len(), "moves": moves,
        "ruling": if played.ruling == Ruling::Guilty { "guilty" } else { "innocent" },
    })
}

fn element(at: &str, element: usize) -> Lie {
    Lie::Element { at: at.parse().unwrap(), result: 0, element, flip: 1 }
}

fn path(at: &str) -> Path {
    at.parse().unwrap()
}

const SMALL: &str = "func.func @main(%x: tensor<6x5xf32>, %y: tensor<5x4xf32>) -> (tensor<6x4xf32>, tensor<6xf32>, tensor<30xf32>, tensor<6xf32>) {
  %z = stablehlo.constant dense<0.5> : tensor<f32>
  %lo = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %h = stablehlo.tanh %x : tensor<6x5xf32>
  %p = stablehlo.dot_general %h, %y, contracting_dims = [1] x [0] : (tensor<6x5xf32>, tensor<5x4xf32>) -> tensor<6x4xf32>
  %s = stablehlo.reduce(%h init: %z) applies stablehlo.add across dimensions = [1] : (tensor<6x5xf32>, tensor<f32>) -> tensor<6xf32>
  %r = stablehlo.reshape %h : (tensor<6x5xf32>) -> tensor<30xf32>
  %m = stablehlo.reduce(%h init: %lo) applies stablehlo.maximum across dimensions = [1] : (tensor<6x5xf32>, tensor<f32>) -> tensor<6xf32>
  return %p, %s, %r, %m : tensor<6x4xf32>, tensor<6xf32>, tensor<30xf32>, tensor<6xf32>
}";

const SORT: &str = "func.func @main(%x: tensor<11xf32>) -> tensor<11xf32> {
  %s = \"stablehlo.sort\"(%x) <{dimension = 0 : i64, is_stable = true}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %lt = stablehlo.compare LT, %a, %b, TOTALORDER : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %lt : tensor<i1>
  }) : (tensor<11xf32>) -> tensor<11xf32>
  return %s : tensor<11xf32>
}";

/// Blobs of several chunks, and a chain that takes more than one question.
const LARGE: &str = "func.func @main(%x: tensor<700xf32>) -> (tensor<700xf32>, tensor<f32>) {
  %z = stablehlo.constant dense<0.0> : tensor<f32>
  %y = stablehlo.multiply %x, %x : tensor<700xf32>
  %c = stablehlo.dot_general %y, %x, contracting_dims = [0] x [0] : (tensor<700xf32>, tensor<700xf32>) -> tensor<f32>
  return %y, %c : tensor<700xf32>, tensor<f32>
}";

/// All games: what they are about, and how they went.
fn games() -> Vec<(&'static str, Value)> {
    let small = Scene::text("small", SMALL, vec![f32s(&[6, 5], 21), f32s(&[5, 4], 22)]);
    let sort = Scene::text("sort", SORT, vec![f32s(&[11], 23)]);
    let large = Scene::text("large", LARGE, vec![f32s(&[700], 24)]);
    let all = super::programs::scenes();
    let scene = |name: &str| all.iter().find(|scene| scene.name == name).unwrap();
    let (loops, branches) = (scene("loops"), scene("branches"));
    // Where each operator stands, by its kind.
    let place = |scene: &Scene, is_it: &dyn Fn(&corex_hlo::lower::Kind) -> bool| {
        let ops = &scene.program().funcs.last().unwrap().ops;
        ops.iter().rposition(|op| is_it(&op.kind)).unwrap().to_string()
    };
    use corex_hlo::lower::{Combine, Kind};
    let fold = |is_it: fn(&Combine) -> bool| move |kind: &Kind| matches!(kind, Kind::Fold(fold) if is_it(&fold.combine));
    let map = |kind: &Kind| matches!(kind, Kind::Map { .. });
    let product = fold(|combine| *combine == Combine::Contract);
    let sum = fold(|combine| matches!(combine, Combine::Sum { .. }));
    let maximum = fold(|combine| matches!(combine, Combine::Chain(_)));
    let outer = place(loops, &|kind| matches!(kind, Kind::While { .. }));
    let case = place(branches, &|kind| matches!(kind, Kind::Case { .. }));
    let first_case = branches.program().funcs.last().unwrap().ops.iter();
    let first_case =
        first_case.into_iter().position(|op| matches!(op.kind, Kind::Case { .. })).unwrap().to_string();
    let inner = {
        let body = loops.replay().record().unwrap();
        let frame = body.frame(&[(path(&outer).op, 5)]).unwrap();
        let at = frame.operators.iter().position(|operator| !operator.frames.is_empty()).unwrap();
        format!("{outer}.5.{at}")
    };
    let caught = [
        ("map", &small, element(&place(&small, &map), 3)),
        ("product", &small, element(&place(&small, &product), 9)),
        ("sum", &small, element(&place(&small, &sum), 5)),
        ("chain", &small, element(&place(&small, &maximum), 2)),
        ("reinterpret", &small, element(&place(&small, &|kind| *kind == Kind::Reinterpret), 2)),
        ("result", &small, Lie::Results { frames: Vec::new(), position: 1 }),
        ("unknown-blob", &small, Lie::Id { at: path("1"), result: 0 }),
        ("merge", &sort, element(&place(&sort, &|kind| matches!(kind, Kind::Merge(_))), 7)),
        ("large-map", &large, element(&place(&large, &map), 600)),
        ("large-product", &large, element(&place(&large, &product), 0)),
        ("loop-in-loop", loops, element(&format!("{inner}.1.1"), 4)),
        ("loop-parameter", loops, Lie::Parameter { frames: vec![(path(&outer).op, 4)], position: 1 }),
        ("loop-first-parameter", loops, Lie::Parameter { frames: vec![(path(&outer).op, 0)], position: 1 }),
        ("loop-shared-parameter", loops, Lie::Parameter { frames: vec![(path(&outer).op, 3)], position: 2 }),
        ("loop-too-long", loops, Lie::Rounds { at: path(&outer), more: 2 }),
        ("loop-too-short", loops, Lie::Rounds { at: path(&outer), more: -1 }),
        ("loop-outcome", loops, Lie::Control { at: path(&outer), result: 1 }),
        ("branch", branches, element(&format!("{first_case}.0.0"), 6)),
        (
            "branch-parameter",
            branches,
            Lie::Parameter { frames: vec![(path(&first_case).op, 0)], position: 0 },
        ),
        ("branch-outcome", branches, Lie::Control { at: path(&first_case), result: 0 }),
        ("branch-another", branches, Lie::Branch { at: path(&first_case) }),
        ("no-operators", branches, Lie::Operators { frames: vec![(path(&case).op, 0)] }),
    ];
    let mut games: Vec<(&str, Value)> = caught
        .into_iter()
        .map(|(name, scene, lie)| {
            let about = format!("The accused lies: {lie:?}.");
            (name, record(scene, &about, &lie, &scene.caught(&lie, None, false)))
        })
        .collect();
    let acquitted = [
        ("honest-product", &small, element(&place(&small, &product), 9)),
        ("honest-loop", loops, element(&format!("{inner}.1.1"), 4)),
        ("honest-parameter", loops, Lie::Parameter { frames: vec![(path(&outer).op, 4)], position: 1 }),
        ("honest-branch", branches, Lie::Control { at: path(&first_case), result: 0 }),
    ];
    games.extend(acquitted.into_iter().map(|(name, scene, lie)| {
        let about = format!("The challenger believes: {lie:?}.");
        (name, record(scene, &about, &Lie::None, &scene.acquitted(&lie)))
    }));
    games
}

#[test]
fn the_games_in_vectors_are_played() {
    let folder = folder();
    let bless = std::env::var_os("COREX_BLESS").is_some();
    let games = games();
    for (name, game) in &games {
        let file = folder.join(format!("{name}.json"));
        let text = serde_json::to_string_pretty(game).unwrap() + "\n";
        if bless {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, &text).unwrap();
        }
        let known = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        assert!(known == text, "{name} is played otherwise; COREX_BLESS=1 writes it anew");
    }
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, games.len(), "a file in {} is no game of this test", folder.display());
}
