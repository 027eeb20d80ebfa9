//! Whole games of the players of `corex_protocol::dispute` on the real contracts.
//!
//! Programs and liars are those of the players' own tests, which play on a model of the contract. A failure names the
//! program and the lie; random lies are drawn from a fixed seed.

mod common;
#[path = "dispute/court.rs"]
mod court;
#[path = "dispute/hostile.rs"]
mod hostile;
#[allow(dead_code)]
#[path = "../../corex-protocol/tests/dispute/programs.rs"]
mod programs;
#[allow(dead_code)]
#[path = "../../corex-protocol/tests/dispute/story.rs"]
mod story;

/// Where the programs find what a scene is.
mod play {
    pub use crate::court::Scene;
}

use corex_chain::{ChainEvent, Ruling, Tokens};
use corex_engine::trace::Path;
use corex_protocol::dispute::*;
use court::{ACCUSED, CHALLENGERS, Court, Played, Scene, Sides};
use programs::Rng;
use story::{FLIPS, Lie};

/// The operators of a scene.
fn places(scene: &Scene, control: bool) -> Vec<(Path, Vec<usize>)> {
    scene.story(&Lie::None).places(control)
}

fn random_element(rng: &mut Rng, places: &[(Path, Vec<usize>)]) -> Lie {
    let (at, sizes) = rng.pick(places).clone();
    let result = rng.below(sizes.len());
    Lie::Element { at, result, element: rng.below(sizes[result]), flip: *rng.pick(&FLIPS) }
}

/// Lies about loops, branches and lists, some of each.
fn other_lies(scene: &Scene) -> Vec<Lie> {
    let mut lies = vec![Lie::Results { frames: Vec::new(), position: 0 }];
    lies.extend(places(scene, false).first().map(|(at, _)| Lie::Id { at: at.clone(), result: 0 }));
    let record = scene.replay().record().unwrap();
    for (at, sizes) in places(scene, true) {
        lies.push(Lie::Control { at: at.clone(), result: sizes.len() - 1 });
        lies.extend([1, -1].map(|more| Lie::Rounds { at: at.clone(), more }));
        lies.push(Lie::Branch { at: at.clone() });
        let count = record.operator(&at).map_or(0, |operator| operator.frames.len() as u64);
        for frame in [0, 1, count - 1] {
            let frames = [&at.frames[..], &[(at.op, frame)]].concat();
            let Some(inner) = record.frame(&frames) else { continue };
            lies.push(Lie::Parameter { frames: frames.clone(), position: inner.params.len() - 1 });
            lies.push(Lie::Results { frames: frames.clone(), position: inner.results.len() - 1 });
            lies.push(Lie::Operators { frames });
        }
    }
    let honest = scene.story(&Lie::None).record().unwrap().root();
    lies.retain(|lie| scene.story(lie).record().unwrap().root() != honest);
    lies
}

/// The accused lies, the challenger is honest.
async fn caught(court: &Court, scene: &Scene, lie: &Lie, breaks_at: Option<u64>, crash: bool) -> Played {
    let outputs = scene.story(lie).record().unwrap().results.clone();
    let [dispute] = court.disputes(scene, &outputs, &CHALLENGERS[..1]).await[..] else { unreachable!() };
    let mut accused = || {
        let mut story = scene.story(lie);
        story.breaks_at = breaks_at;
        Box::new(story) as Box<dyn Evidence>
    };
    let mut challenger = || Box::new(scene.replay()) as Box<dyn Evidence>;
    let (accused, challenger) = (&mut accused as _, &mut challenger as _);
    let mut sides = Sides { accused, challenger, by: CHALLENGERS[0], crash, silent: None, reorganised: None };
    let played = court.play(dispute, scene, &mut sides).await;
    let last = played.moves.last().map(|done| &done.says);
    assert_eq!(played.ruling, Ruling::Guilty, "{}: {lie:?} {last:?}", scene.name);
    played
}

/// The accused is honest, the challenger believes a lie.
async fn acquitted(court: &Court, scene: &Scene, lie: &Lie) -> Played {
    let outputs = scene.replay().record().unwrap().results.clone();
    let [dispute] = court.disputes(scene, &outputs, &CHALLENGERS[..1]).await[..] else { unreachable!() };
    let mut accused = || Box::new(scene.replay()) as Box<dyn Evidence>;
    let mut challenger = || Box::new(scene.story(lie)) as Box<dyn Evidence>;
    let (accused, challenger) = (&mut accused as _, &mut challenger as _);
    let mut sides =
        Sides { accused, challenger, by: CHALLENGERS[0], crash: false, silent: None, reorganised: None };
    let played = court.play(dispute, scene, &mut sides).await;
    let last = played.moves.last().unwrap();
    assert_eq!(played.ruling, Ruling::Innocent, "{}: {lie:?} {}", scene.name, last.says);
    assert!(last.by == Turn::Accused && last.play == Move::Timeout, "{}", last.says);
    played
}

/// The profile's arithmetic is the contract's.
#[tokio::test(flavor = "multi_thread")]
async fn the_longest_game_is_as_long_as_the_profile_says() {
    let scene = Scene::text(
        "one",
        "func.func @main(%x: tensor<f32>) -> tensor<f32> {\n  return %x : tensor<f32>\n}",
        vec![],
    );
    let court = Court::open(&[&scene]).await;
    let game = court.treasury.book().contracts.game;
    let selector = &corex_engine::trace::Digest::keccak(&[b"maxSeconds()"]).0[..4];
    let data: String = selector.iter().map(|byte| format!("{byte:02x}")).collect();
    let call = serde_json::json!([{ "to": game, "data": format!("0x{data}") }, "latest"]);
    let answer = common::rpc(&court.backend.url(), "eth_call", call).await;
    let seconds = u64::from_str_radix(answer.as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
    assert_eq!(seconds, court.treasury.book().profile.game.max_seconds());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lie_convicts_wherever_it_is() {
    let mut rng = Rng(11);
    let mut scenes = programs::scenes();
    scenes.push(programs::gpt());
    let court = Court::open(&scenes.iter().collect::<Vec<_>>()).await;
    let mut count = 0;
    for scene in &scenes {
        let places = places(scene, false);
        let (first, last) = (&places[0], &places[places.len() - 1]);
        let mut lies: Vec<Lie> = [first, last]
            .map(|(at, sizes)| Lie::Element { at: at.clone(), result: 0, element: sizes[0] - 1, flip: 1 })
            .into();
        lies.extend((0..3).map(|_| random_element(&mut rng, &places)));
        lies.extend(other_lies(scene));
        for (at, lie) in lies.iter().enumerate() {
            let breaks_at = [None, Some(0), Some(1), Some(rng.below(40) as u64)][rng.below(4)];
            let crash = at % 2 == 0 && scene.name != "long" && scene.name != "gpt";
            let played = caught(&court, scene, lie, breaks_at, crash).await;
            let cannot_be_shown = matches!(lie, Lie::Id { .. } | Lie::Operators { .. } | Lie::Branch { .. });
            let last = &played.moves.last().unwrap().says;
            assert!(!played.timeout || cannot_be_shown, "{}: {lie:?}: {last}", scene.name);
            count += 1;
        }
    }
    println!("{count} lies");
    assert!(count > 60, "{count} lies");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_honest_are_acquitted_whatever_is_asked() {
    let mut rng = Rng(12);
    let scenes = programs::scenes();
    let court = Court::open(&scenes.iter().collect::<Vec<_>>()).await;
    for scene in &scenes {
        let places = places(scene, false);
        let mut lies = vec![Lie::None, random_element(&mut rng, &places), random_element(&mut rng, &places)];
        lies.extend(other_lies(scene).into_iter().step_by(3));
        for lie in lies {
            acquitted(&court, scene, &lie).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_moving_loses() {
    let scene = Scene::text("loops", programs::LOOPS, vec![programs::f32s(&[5], 4), programs::f32s(&[5], 5)]);
    let court = Court::open(&[&scene]).await;
    let lie = other_lies(&scene).pop().unwrap();
    let told = scene.story(&lie).record().unwrap().results.clone();
    let right = scene.replay().record().unwrap().results.clone();
    for turn in [Turn::Accused, Turn::Challenger] {
        for made in 0..3 {
            // The one who is right stops: even it loses.
            let outputs = if turn == Turn::Accused { &right } else { &told };
            let disputes = court.disputes(&scene, outputs, &CHALLENGERS[..1]).await;
            let mut honest = || Box::new(scene.replay()) as Box<dyn Evidence>;
            let mut liar = || Box::new(scene.story(&lie)) as Box<dyn Evidence>;
            let (accused, challenger): (&mut court::Knows<'_>, &mut court::Knows<'_>) =
                if turn == Turn::Accused { (&mut honest, &mut liar) } else { (&mut liar, &mut honest) };
            let silent = Some((turn, made));
            let mut sides =
                Sides { accused, challenger, by: CHALLENGERS[0], crash: false, silent, reorganised: None };
            let played = court.play(disputes[0], &scene, &mut sides).await;
            let expected = if turn == Turn::Accused { Ruling::Guilty } else { Ruling::Innocent };
            assert_eq!(played.ruling, expected, "{turn:?} after {made} moves");
        }
    }
}

/// What was answered in one game is known in all: more challengers on the same way cost an honest accused next to nothing,
/// and one conviction ends all games.
#[tokio::test(flavor = "multi_thread")]
async fn crowds_of_challengers_play_side_by_side() {
    let scenes = programs::scenes();
    let scene = &scenes[1];
    let court = Court::open(&[scene]).await;
    let (at, sizes) = places(scene, false).pop().unwrap();
    let lie = Lie::Element { at, result: 0, element: sizes[0] - 1, flip: 1 };

    let right = scene.replay().record().unwrap().results.clone();
    let disputes = court.disputes(scene, &right, &CHALLENGERS).await;
    let mut answered = Vec::new();
    for (dispute, by) in disputes.into_iter().zip(CHALLENGERS) {
        let mut accused = || Box::new(scene.replay()) as Box<dyn Evidence>;
        let mut challenger = || Box::new(scene.story(&lie)) as Box<dyn Evidence>;
        let (accused, challenger) = (&mut accused as _, &mut challenger as _);
        let mut sides = Sides { accused, challenger, by, crash: false, silent: None, reorganised: None };
        let played = court.play(dispute, scene, &mut sides).await;
        assert_eq!(played.ruling, Ruling::Innocent);
        answered.push(played.answered);
    }
    assert!(answered[0] > 4 && answered[1..].iter().all(|n| *n <= 2), "{answered:?}");

    let told = scene.story(&lie).record().unwrap().results.clone();
    let disputes = court.disputes(scene, &told, &CHALLENGERS).await;
    let mut rulings = Vec::new();
    for (dispute, by) in disputes.iter().zip(CHALLENGERS) {
        let mut accused = || Box::new(scene.story(&lie)) as Box<dyn Evidence>;
        let mut challenger = || Box::new(scene.replay()) as Box<dyn Evidence>;
        let (accused, challenger) = (&mut accused as _, &mut challenger as _);
        let mut sides = Sides { accused, challenger, by, crash: false, silent: None, reorganised: None };
        rulings.push(court.play(*dispute, scene, &mut sides).await.ruling);
    }
    assert_eq!(rulings, [Ruling::Guilty, Ruling::Dismissed, Ruling::Dismissed]);
    for (dispute, by) in disputes.into_iter().zip(CHALLENGERS) {
        let node = court.connect(by).await;
        assert_eq!(
            node.stake_of(node.chain().address()).await.unwrap().bonded,
            Tokens::default(),
            "{dispute}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn games_are_played_on_anvil() {
    let scene = Scene::text("loops", programs::LOOPS, vec![programs::f32s(&[5], 4), programs::f32s(&[5], 5)]);
    let Some(court) = Court::open_on_anvil(&[&scene]).await else { return };
    let lie = random_element(&mut Rng(13), &places(&scene, false));
    let played = caught(&court, &scene, &lie, None, true).await;
    assert!(!played.timeout);
    acquitted(&court, &scene, &lie).await;
}

/// Players keep nothing, so that a chain that takes moves back takes nothing but time, also from those who do not notice.
#[tokio::test(flavor = "multi_thread")]
async fn a_reorganised_chain_changes_no_ruling() {
    let scene = Scene::text("loops", programs::LOOPS, vec![programs::f32s(&[5], 4), programs::f32s(&[5], 5)]);
    let Some(court) = Court::open_on_anvil(&[&scene]).await else { return };
    let lie = random_element(&mut Rng(13), &places(&scene, false));
    let told = scene.story(&lie).record().unwrap().results.clone();
    let disputes = court.disputes(&scene, &told, &CHALLENGERS[..1]).await;
    let mut accused = || Box::new(scene.story(&lie)) as Box<dyn Evidence>;
    let mut challenger = || Box::new(scene.replay()) as Box<dyn Evidence>;
    let (accused, challenger) = (&mut accused as _, &mut challenger as _);
    let reorganised = Some(2);
    let mut sides =
        Sides { accused, challenger, by: CHALLENGERS[0], crash: false, silent: None, reorganised };
    let played = court.play(disputes[0], &scene, &mut sides).await;
    assert_eq!((played.ruling, played.timeout), (Ruling::Guilty, false));
    assert!(sides.reorganised.is_none() && played.moves.len() > 5, "it was longer than that");
}

/// The same lie in another round: its questions were answered before the leaf was there.
#[tokio::test(flavor = "multi_thread")]
async fn answers_older_than_the_leaf_are_found() {
    let scenes = programs::scenes();
    let scene = &scenes[1];
    let court = Court::open(&[scene]).await;
    let (at, sizes) = places(scene, false)[0].clone();
    let lie = Lie::Element { at, result: 0, element: sizes[0] / 2, flip: 1 };
    let first = caught(&court, scene, &lie, None, false).await;
    let again = caught(&court, scene, &lie, None, false).await;
    assert!(
        first.answered > 3 && again.answered == 1,
        "{} {}: the claim only",
        first.answered,
        again.answered
    );
    assert!(!again.timeout);
}

/// The chain's record of a game is what was played, and what a watcher needs was announced.
#[tokio::test(flavor = "multi_thread")]
async fn a_game_can_be_read_from_the_chain() {
    let scene = Scene::text("loops", programs::LOOPS, vec![programs::f32s(&[5], 4), programs::f32s(&[5], 5)]);
    let court = Court::open(&[&scene]).await;
    let from = court.treasury.chain().block_number().await.unwrap() + 1;
    let (at, sizes) = places(&scene, false).pop().unwrap();
    let lie = Lie::Element { at, result: 0, element: sizes[0] - 1, flip: 1 };
    let played = caught(&court, &scene, &lie, None, true).await;

    let found = court.treasury.disputes(from).await.unwrap();
    let [(dispute, info)] = found[..] else { panic!("{found:?}") };
    assert_eq!((info.ruling, info.job), (Some(Ruling::Guilty), court.job));
    let profile = court.treasury.book().profile.clone();
    let questions = played.moves.iter().filter(|done| matches!(done.play, Move::Answer(..))).count() as u64;
    let raised = profile.game.move_bond.checked_mul(questions).unwrap();
    assert_eq!(info.bond, profile.settlement.challenge_bond + raised);

    let moves = court.treasury.moves(dispute).await.unwrap();
    assert_eq!(moves.len(), played.moves.len());
    for (read, done) in moves.iter().zip(&played.moves) {
        assert_eq!(
            (read.tx, read.block, read.gas_used),
            (done.mined.tx, done.mined.block, done.mined.gas_used)
        );
        assert_eq!(read.play.as_ref(), Some(&done.play), "{}", done.says);
        let by = if done.by == Turn::Accused { ACCUSED } else { CHALLENGERS[0] };
        assert_eq!(read.by, common::key(by).address());
        assert!(read.time > 0 && read.calldata_bytes > 4);
    }

    let head = court.treasury.chain().block_number().await.unwrap();
    let events = court.treasury.events(from, head).await.unwrap();
    let opened = events
        .iter()
        .filter(|at| matches!(at.event, ChainEvent::GameOpened { dispute: d, .. } if d == dispute));
    assert_eq!(opened.count(), 1);
    let moved =
        |block| events.iter().any(|at| at.block == block && at.event == ChainEvent::GameMoved { dispute });
    let (_, before) = moves.split_last().unwrap();
    assert!(before.iter().all(|read| moved(read.block)));
    let raises = events
        .iter()
        .filter(|at| matches!(at.event, ChainEvent::BondRaised { dispute: d, .. } if d == dispute));
    assert_eq!(raises.count() as u64, questions);
    assert!(court.treasury.moves(dispute + 1).await.unwrap().is_empty());
    assert_eq!(court.treasury.game_view(dispute + 1).await.unwrap().map(|view| view.now), None);
}
