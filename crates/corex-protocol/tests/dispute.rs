//! Whole games between honest and lying players, on a model of the contract.
//!
//! A failure names the program and the lie. Random lies are drawn from a fixed seed.

#[path = "dispute/contract.rs"]
mod contract;
#[path = "dispute/play.rs"]
mod play;
#[path = "dispute/programs.rs"]
mod programs;
#[path = "dispute/story.rs"]
mod story;

use std::cell::RefCell;
use std::rc::Rc;

use contract::{Contract, Ruling};
use corex_engine::trace::Path;
use corex_hlo::lower::Kind;
use corex_protocol::dispute::*;
use play::{CHALLENGER, JOB, ROUND, Scene, Shared};
use programs::{Rng, scenes};
use story::Lie;

/// Bits that a liar may change: the lowest, the sign (of a zero, too), a NaN's payload, anything.
const FLIPS: [u64; 4] = [1, 0x8000_0000, 0x7FC0_0001, 0x0041_0200];

/// An operator's place and the sizes of its results, of those that are loops and branches or not.
fn places(scene: &Scene, control: bool) -> Vec<(Path, Vec<usize>)> {
    let operators = scene.story(&Lie::None).operators;
    let those = operators.into_iter().filter(|(_, is_control, sizes)| *is_control == control && sizes.iter().all(|n| *n > 0));
    those.map(|(path, _, sizes)| (path, sizes)).collect()
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
        let mut lies: Vec<Lie> = ends.into_iter().flatten().map(|(at, sizes)| Lie::Element {
            at: at.clone(),
            result: 0,
            element: sizes[0] - 1,
            flip: 1,
        }).collect();
        lies.extend((0..6).map(|_| random_element(&mut rng, &places)));
        for lie in lies {
            let breaks_at = [None, Some(0), Some(1), Some(rng.below(40) as u64)][rng.below(4)];
            let played = scene.caught(&lie, breaks_at, false);
            assert!(!played.timeout, "{}: {lie:?} needs no clock", scene.name);
        }
    }
}
