//! Whole games between honest and lying players, on a model of the contract.
//!
//! A failure names the program and the lie. Random lies are drawn from a fixed seed.

#[path = "dispute/abi.rs"]
mod abi;
#[path = "dispute/contract.rs"]
mod contract;
#[path = "dispute/play.rs"]
mod play;
#[path = "dispute/programs.rs"]
mod programs;
#[path = "dispute/story.rs"]
mod story;
#[path = "dispute/vectors.rs"]
mod vectors;

use std::cell::RefCell;
use std::rc::Rc;

use contract::{Contract, Ruling};
use corex_engine::trace::Path;
use corex_hlo::lower::{Combine, Kind};
use corex_protocol::dispute::*;
use play::{CHALLENGER, JOB, ROUND, Scene, Shared};
use programs::{Rng, scenes};
use story::{FLIPS, Lie};

/// The operators of a scene.
fn places(scene: &Scene, control: bool) -> Vec<(Path, Vec<usize>)> {
    scene.story(&Lie::None).places(control)
}

fn random_element(rng: &mut Rng, places: &[(Path, Vec<usize>)]) -> Lie {
    let (at, sizes) = rng.pick(places).clone();
    let result = rng.below(sizes.len());
    let element = match rng.below(3) {
        0 => 0,
        1 => sizes[result] - 1,
        _ => rng.below(sizes[result]),
    };
    Lie::Element { at, result, element, flip: *rng.pick(&FLIPS) }
}

/// Both kinds of evidence say the same, and it is what the tracer says.
#[test]
fn the_story_without_a_lie_is_the_trace() {
    for scene in scenes() {
        let (mut story, mut replay) = (scene.story(&Lie::None), scene.replay());
        let record = replay.record().unwrap();
        assert_eq!(story.record().unwrap(), record, "{}", scene.name);
        assert_eq!(record.root(), scene.tracer.trace(&scene.inputs).unwrap().root, "{}", scene.name);
    }
}

#[test]
fn a_wrong_element_convicts_wherever_it_is() {
    let mut rng = Rng(1);
    for scene in scenes() {
        let places = places(&scene, false);
        let ends = [places.first(), places.last()];
        let mut lies: Vec<Lie> = ends
            .into_iter()
            .flatten()
            .map(|(at, sizes)| Lie::Element { at: at.clone(), result: 0, element: sizes[0] - 1, flip: 1 })
            .collect();
        lies.extend((0..6).map(|_| random_element(&mut rng, &places)));
        for lie in lies {
            let breaks_at = [None, Some(0), Some(1), Some(rng.below(40) as u64)][rng.below(4)];
            let played = scene.caught(&lie, breaks_at, false);
            assert!(!played.timeout, "{}: {lie:?} needs no clock", scene.name);
        }
    }
}

#[test]
fn a_game_reads_like_a_story() {
    let scene = &scenes()[0];
    let ops = &scene.program().funcs.last().unwrap().ops;
    let is_product = |kind: &Kind| matches!(kind, Kind::Fold(fold) if fold.combine == Combine::Contract);
    let at = ops.iter().position(|op| is_product(&op.kind)).unwrap();
    let lie = Lie::Element { at: Path::of(at), result: 0, element: 5 * 30 + 17, flip: 1 };
    let played = scene.caught(&lie, Some(60), false);
    let said: Vec<&str> = played.moves.iter().map(|done| &done.says[..]).collect();
    let text = said.join("\n");
    println!("{text}");
    let name = format!("operator {at} dot_general (tensor<20x30xf32>)");
    assert!(said[0].starts_with("claims a trace of"), "{text}");
    assert!(
        text.contains(&format!("contests element [5, 17] of result 0 of {name}, which is claimed to be 0x")),
        "{text}"
    );
    let last = said.last().unwrap();
    assert!(
        last.starts_with(&format!(
            "shows that {name} is wrong at element [5, 17], step 59, operand 0 [5, 59] = 0x"
        )),
        "{text}"
    );
    assert!(
        last.contains("operand 1 [59, 17] = 0x")
            && last.contains(" is claimed, 0x")
            && last.ends_with(" is right"),
        "{text}"
    );
}

/// Lies that are not about an element, everywhere that a program has room for them.
fn other_lies(scene: &Scene) -> Vec<Lie> {
    let mut lies = vec![Lie::Results { frames: Vec::new(), position: 0 }];
    for (at, sizes) in places(scene, false).into_iter().step_by(5) {
        lies.push(Lie::Id { at, result: sizes.len() - 1 });
    }
    let record = scene.replay().record().unwrap();
    for (at, sizes) in places(scene, true) {
        lies.push(Lie::Control { at: at.clone(), result: sizes.len() - 1 });
        lies.extend([1, 2, -1].map(|more| Lie::Rounds { at: at.clone(), more }));
        lies.push(Lie::Branch { at: at.clone() });
        let count = record.operator(&at).map_or(0, |operator| operator.frames.len() as u64);
        for frame in [0, 1, 2, count - 1] {
            let frames = [&at.frames[..], &[(at.op, frame)]].concat();
            let Some(inner) = record.frame(&frames) else { continue };
            for position in 0..inner.params.len() {
                lies.push(Lie::Parameter { frames: frames.clone(), position });
            }
            lies.push(Lie::Results { frames: frames.clone(), position: inner.results.len() - 1 });
            lies.push(Lie::Operators { frames });
        }
    }
    // Those that lie about nothing: a loop that is none, a branch of which there is no other.
    let honest = scene.story(&Lie::None).record().unwrap().root();
    lies.retain(|lie| scene.story(lie).record().unwrap().root() != honest);
    lies
}

#[test]
fn any_other_lie_convicts_too() {
    let mut count = 0;
    for scene in scenes() {
        for lie in other_lies(&scene) {
            let played = scene.caught(&lie, None, false);
            // Only who names what cannot be shown runs out of time.
            let cannot_be_shown = matches!(lie, Lie::Id { .. } | Lie::Operators { .. } | Lie::Branch { .. });
            assert!(!played.timeout || cannot_be_shown, "{}: {lie:?}", scene.name);
            count += 1;
        }
    }
    assert!(count > 80, "{count} lies");
}

#[test]
fn the_honest_are_acquitted_whatever_is_asked() {
    let mut rng = Rng(2);
    for scene in scenes() {
        let places = places(&scene, false);
        let mut lies = other_lies(&scene);
        lies.extend((0..6).map(|_| random_element(&mut rng, &places)));
        lies.push(Lie::None);
        for lie in lies {
            scene.acquitted(&lie);
        }
    }
}

#[test]
fn two_who_are_both_wrong_come_to_an_end() {
    let mut rng = Rng(3);
    for scene in scenes() {
        let places = places(&scene, false);
        for _ in 0..4 {
            let [one, other] = [random_element(&mut rng, &places), random_element(&mut rng, &places)];
            let outputs = scene.story(&one).outputs;
            let story = |lie: &Lie| Box::new(scene.story(lie)) as Box<dyn Evidence>;
            scene.play(&outputs, &mut || story(&one), &mut || story(&other), false);
        }
    }
}

/// Who is made anew before every move plays the same game.
#[test]
fn a_crash_before_any_move_changes_nothing() {
    let mut rng = Rng(4);
    for scene in scenes().into_iter().filter(|scene| scene.name != "long") {
        let places = places(&scene, false);
        let mut lies = other_lies(&scene);
        lies.truncate(4);
        lies.push(random_element(&mut rng, &places));
        for lie in lies {
            let (steady, crashing) = (scene.caught(&lie, None, false), scene.caught(&lie, None, true));
            assert_eq!(steady.moves, crashing.moves, "{}: {lie:?}", scene.name);
        }
    }
}

#[test]
fn a_game_costs_each_side_two_evaluations() {
    let mut rng = Rng(5);
    for scene in scenes() {
        let lie = random_element(&mut rng, &places(&scene, false));
        let [accused, challenger] = [0, 1].map(|_| Rc::new(RefCell::new(scene.replay())));
        // The accused is honest, and asked about everything that leads to the lie that the challenger believes.
        scene.play(
            &scene.story(&Lie::None).outputs,
            &mut || Box::new(Shared(accused.clone())) as Box<dyn Evidence>,
            &mut || Box::new(scene.story(&lie)) as Box<dyn Evidence>,
            false,
        );
        scene.play(
            &scene.story(&lie).outputs,
            &mut || Box::new(scene.story(&lie)) as Box<dyn Evidence>,
            &mut || Box::new(Shared(challenger.clone())) as Box<dyn Evidence>,
            false,
        );
        assert!(
            accused.borrow().evaluations() <= 2 && challenger.borrow().evaluations() <= 2,
            "{}",
            scene.name
        );
    }
}

/// What was answered in one game is known in all: a second challenger on the same way costs the accused nothing.
#[test]
fn crowds_of_challengers_cost_no_answers() {
    let scene = &scenes()[1];
    // The longest chain that the program has.
    let (at, sizes) = places(scene, false).pop().unwrap();
    let lie = Lie::Element { at, result: 0, element: sizes[0] - 1, flip: 1 };
    let mut contract = Contract::new(scene.program());
    let leaf = scene.leaf(&scene.story(&Lie::None).outputs);
    let mut accused = || Box::new(scene.replay()) as Box<dyn Evidence>;
    let mut challenger = || Box::new(scene.story(&lie)) as Box<dyn Evidence>;
    let games: Vec<usize> = (0..3).map(|_| contract.open(JOB, ROUND, &leaf, CHALLENGER)).collect();
    let played: Vec<_> = games
        .iter()
        .map(|&game| scene.finish(&mut contract, game, &mut accused, &mut challenger, false))
        .collect();
    assert!(played.iter().all(|played| played.ruling == Ruling::Innocent));
    assert!(played[0].answered > 4);
    // The others had opened before the claim was made: passing on is all that the accused does there, once.
    assert!(
        played[1].answered <= 1 && played[2].answered <= 1,
        "{} {}",
        played[1].answered,
        played[2].answered
    );
    assert!(played[1].asked <= played[0].asked);
}

/// A leaf convicted in one game ends the others.
#[test]
fn a_convicted_leaf_is_dismissed_elsewhere() {
    let scene = &scenes()[0];
    let lie = random_element(&mut Rng(7), &places(scene, false));
    let mut contract = Contract::new(scene.program());
    let leaf = scene.leaf(&scene.story(&lie).outputs);
    let mut accused = || Box::new(scene.story(&lie)) as Box<dyn Evidence>;
    let mut challenger = || Box::new(scene.replay()) as Box<dyn Evidence>;
    let [first, second] = [0, 1].map(|_| contract.open(JOB, ROUND, &leaf, CHALLENGER));
    let played = scene.finish(&mut contract, first, &mut accused, &mut challenger, false);
    assert_eq!(played.ruling, Ruling::Guilty);
    let next = challenger::next(&contract.view(second), scene.program(), &mut *challenger()).unwrap();
    assert_eq!(next, Next::Move(Move::Dismiss));
}

/// One gradient step of a small GPT: faults in random places are found in a handful of moves.
#[test]
fn a_gradient_step_is_disputed() {
    let scene = programs::gpt();
    let mut rng = Rng(8);
    let places = places(&scene, false);
    let mut most = 0;
    for _ in 0..6 {
        let lie = random_element(&mut rng, &places);
        let played = scene.caught(&lie, None, false);
        most = most.max(played.asked);
    }
    scene.acquitted(&random_element(&mut rng, &places));
    assert!(most <= 9, "{most} moves");
    println!("{} operators, at most {most} moves before the last", places.len());
}

/// Moves of the challenger before the last one, at most, for any element of a task's function: from the sizes alone.
fn most_moves(program: &corex_hlo::lower::Lowered) -> u32 {
    let func = program.funcs.last().unwrap();
    let levels = |leaves: u64| corex_engine::trace::tree::height(leaves).div_ceil(SPAN);
    let of_operator = |op: &corex_hlo::lower::LoweredOp| {
        let bytes = op.results.iter().map(|ty| ty.bytes() as u64).max().unwrap_or(0);
        let (accumulators, steps) = match &op.kind {
            Kind::Fold(fold) => {
                let lanes = match fold.combine {
                    Combine::Sum { lanes } => lanes.into(),
                    Combine::Body(_) => op.results.len() as u32,
                    _ => 1,
                };
                (lanes, fold.over.iter().product())
            }
            Kind::Merge(merge) => (1, 2 * merge.width),
            _ => (0, 0),
        };
        // Contesting asks for accumulators; then every part picked is a move.
        let mut narrowed = 0;
        let mut count: u64 = if accumulators == 0 { 1 } else { steps + 2 };
        while count > 1 {
            count = count.div_ceil(parts_of(count, accumulators));
            narrowed += 1;
        }
        1 + levels(bytes.div_ceil(1024)) + 1 + 1 + narrowed
    };
    levels(func.ops.len() as u64) + func.ops.iter().map(of_operator).max().unwrap_or(0)
}

/// GPT-2 small: the challenger has won after at most a dozen moves.
#[test]
fn a_step_of_gpt2_takes_a_dozen_moves() {
    let (grad, update) = programs::gpt2();
    let moves = [most_moves(&grad), most_moves(&update)];
    println!(
        "grad {} operators: {} moves, update {}: {}",
        grad.funcs.last().unwrap().ops.len(),
        moves[0],
        update.funcs.last().unwrap().ops.len(),
        moves[1]
    );
    assert!(moves.iter().all(|&moves| moves < 12), "{moves:?}");
}
