//! What a dispute costs: `dispute_bench [--seed N] [--games N] [--draw FILE] [PROGRAM]…` plants faults at random places, plays whole games
//! on the contracts of an embedded chain, and prints a table to stderr and one JSON object to stdout.
//!
//! Of every program, faults convict a liar in so many games, and in one more at the place to which the way is longest; in a
//! last one an honest accused is asked about a random fault.
//! Moves are those of the challenger, the last one too; a side's gas is that of all its transactions, for the challenger
//! with the one that opens the dispute. Re-executions are evaluations of the task by the honest side, in whole or in part.

#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "../../tests/dispute/court.rs"]
mod court;
mod liar;
#[allow(dead_code)]
#[path = "../../../corex-protocol/tests/dispute/programs.rs"]
mod programs;
#[allow(dead_code)]
#[path = "../../../corex-protocol/tests/dispute/story.rs"]
mod story;
mod tasks;

/// Where the programs find what a scene is.
mod play {
    pub use crate::court::Scene;
}

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use corex_chain::Ruling;
use corex_protocol::dispute::{Drawn, Evidence, Replay, Turn, svg};
use court::{ACCUSED, CHALLENGERS, Court, Scene, Shared, Sides};
use liar::{Fault, Liar};
use programs::Rng;
use serde_json::{Value, json};

/// The most of everything over some games.
#[derive(Clone, Copy, Default)]
struct Figures {
    games: u32,
    moves: u32,
    /// Of the accused and the challenger.
    gas: [u64; 2],
    tx_gas: u64,
    tx_bytes: u64,
    evaluations: u32,
    /// Games that the honest side lost.
    losses: u32,
}

impl Figures {
    fn max(self, other: Self) -> Self {
        Self {
            games: self.games + other.games,
            moves: self.moves.max(other.moves),
            gas: [self.gas[0].max(other.gas[0]), self.gas[1].max(other.gas[1])],
            tx_gas: self.tx_gas.max(other.tx_gas),
            tx_bytes: self.tx_bytes.max(other.tx_bytes),
            evaluations: self.evaluations.max(other.evaluations),
            losses: self.losses + other.losses,
        }
    }

    fn json(&self) -> Value {
        json!({
            "games": self.games,
            "max_moves": self.moves,
            "max_gas_accused": self.gas[0],
            "max_gas_challenger": self.gas[1],
            "max_gas_per_side": self.gas[0].max(self.gas[1]),
            "max_tx_gas": self.tx_gas,
            "max_tx_calldata_bytes": self.tx_bytes,
            "honest_reexecutions": self.evaluations,
            "honest_losses": self.losses,
        })
    }

    fn row(&self, name: &str, seconds: f64) {
        let [accused, challenger] = self.gas.map(|gas| gas as f64 / 1e6);
        eprintln!(
            "{name:<16} {:>5} {:>6} {accused:>9.2} {challenger:>10.2} {:>8.2} {:>9} {:>8} {:>7} {seconds:>7.0}",
            self.games,
            self.moves,
            self.tx_gas as f64 / 1e6,
            self.tx_bytes,
            self.evaluations,
            self.losses,
        );
    }
}

/// One game about a fault in which the accused lies, or the challenger believes in it. The liar's evaluations, of which
/// nobody asks how many there are, are those of `known`.
async fn game(
    court: &Court,
    scene: &Scene,
    fault: &Fault,
    known: &Rc<RefCell<Replay<'_>>>,
    accused_lies: bool,
) -> Figures {
    let outputs = known.borrow_mut().record().expect("it was evaluated before").results.clone();
    let [dispute] = court.disputes(scene, &outputs, &CHALLENGERS[..1]).await[..] else { unreachable!() };
    let honest = Rc::new(RefCell::new(scene.replay()));
    let mut truth = || Box::new(Shared(honest.clone())) as Box<dyn Evidence>;
    let mut lie = || Box::new(Liar::new(fault.clone(), known.clone())) as Box<dyn Evidence>;
    let (accused, challenger): (&mut court::Knows<'_>, &mut court::Knows<'_>) =
        if accused_lies { (&mut lie, &mut truth) } else { (&mut truth, &mut lie) };
    let mut sides =
        Sides { accused, challenger, by: CHALLENGERS[0], crash: false, silent: None, reorganised: None };
    let played = court.play(dispute, scene, &mut sides).await;
    let expected = if accused_lies { Ruling::Guilty } else { Ruling::Innocent };
    let is_lost = played.ruling != expected;

    let mut figures = Figures {
        games: 1,
        moves: played.moves.iter().filter(|done| done.by == Turn::Challenger).count() as u32,
        gas: [0, court.opened_gas()],
        tx_gas: court.opened_gas(),
        evaluations: honest.borrow().evaluations(),
        losses: is_lost.into(),
        ..Figures::default()
    };
    for read in court.treasury.moves(dispute).await.expect("the chain answers") {
        let side = usize::from(read.by != common::key(ACCUSED).address());
        figures.gas[side] += read.gas_used;
        figures.tx_gas = figures.tx_gas.max(read.gas_used);
        figures.tx_bytes = figures.tx_bytes.max(read.calldata_bytes as u64);
    }
    let end = played.moves.last().map_or("", |done| &done.says);
    let (moves, [accused, challenger], lost) =
        (figures.moves, figures.gas, if is_lost { " LOST" } else { "" });
    eprintln!("  {fault}:{lost} {moves} moves, gas {accused} and {challenger}; {end}");
    figures
}

/// Plays one game about a matrix product of the default job's gradient, and draws it.
async fn picture(file: &str, seed: u64) {
    let scene = (tasks::TASKS[0].make)();
    let court = Court::open(&[&scene]).await;
    let known = Rc::new(RefCell::new(scene.replay()));
    let record = known.borrow_mut().record().expect("the task can be evaluated");
    let fault = Fault::in_product(&mut Rng(seed), &scene, &liar::places(&scene, &record));
    let outputs = record.results.clone();
    let [dispute] = court.disputes(&scene, &outputs, &CHALLENGERS[..1]).await[..] else { unreachable!() };
    let mut accused = || Box::new(Liar::new(fault.clone(), known.clone())) as Box<dyn Evidence>;
    let mut challenger = || Box::new(scene.replay()) as Box<dyn Evidence>;
    let (accused, challenger): (&mut court::Knows<'_>, &mut court::Knows<'_>) =
        (&mut accused, &mut challenger);
    let mut sides =
        Sides { accused, challenger, by: CHALLENGERS[0], crash: false, silent: None, reorganised: None };
    let played = court.play(dispute, &scene, &mut sides).await;
    assert_eq!(played.ruling, Ruling::Guilty);

    let bond = court.treasury.book().profile.settlement.challenge_bond;
    let says = format!("says that a receipt is wrong, with a bond of {bond} tokens");
    let mut rows = vec![Drawn { by: Turn::Challenger, says, gas: court.opened_gas(), bytes: None }];
    let read = court.treasury.moves(dispute).await.expect("the chain answers");
    rows.extend(played.moves.iter().zip(&read).map(|(done, read)| Drawn {
        by: done.by,
        says: done.says.clone(),
        gas: read.gas_used,
        bytes: Some(read.calldata_bytes as u64),
    }));
    let gas = |by: Turn| rows.iter().filter(|row| row.by == by).map(|row| row.gas).sum::<u64>();
    let (accused, challenger) = (gas(Turn::Accused) as f64 / 1e6, gas(Turn::Challenger) as f64 / 1e6);
    let end = format!("guilty: slashed. Gas: {challenger:.2} M the challenger, {accused:.2} M the accused.");
    let title = format!(
        "One wrong bit in a gradient of {} operators",
        scene.program().funcs.iter().map(|f| f.ops.len()).sum::<usize>()
    );
    std::fs::write(file, svg(&title, &rows, &end)).expect("the file can be written");
}

#[tokio::main]
async fn main() {
    let (mut seed, mut games, mut wanted) = (1_u64, None, Vec::new());
    let mut drawing = None;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let number = |text: Option<String>| text.and_then(|text| text.parse().ok()).expect("a number");
        match arg.as_str() {
            "--seed" => seed = number(args.next()),
            "--games" => games = Some(number(args.next())),
            "--draw" => drawing = args.next(),
            _ => wanted.push(arg),
        }
    }
    if let Some(file) = drawing {
        return picture(&file, seed).await;
    }
    if let Some(unknown) = wanted.iter().find(|name| tasks::TASKS.iter().all(|task| task.name != **name)) {
        let names: Vec<&str> = tasks::TASKS.iter().map(|task| task.name).collect();
        eprintln!("error: there is no program {unknown}\nhint: there are {}", names.join(", "));
        std::process::exit(2);
    }
    eprintln!("seed {seed}");
    eprintln!(
        "{:<16} {:>5} {:>6} {:>9} {:>10} {:>8} {:>9} {:>8} {:>7} {:>7}",
        "", "games", "moves", "accused", "challenger", "tx", "calldata", "re-exec", "losses", "seconds"
    );
    let (mut total, mut programs) = (Figures::default(), serde_json::Map::new());
    for task in
        tasks::TASKS.iter().filter(|task| wanted.is_empty() || wanted.iter().any(|name| name == task.name))
    {
        let start = Instant::now();
        let scene = (task.make)();
        let court = Court::open(&[&scene]).await;
        let mut rng = Rng(seed);
        let known = Rc::new(RefCell::new(scene.replay()));
        let record = known.borrow_mut().record().expect("the task can be evaluated");
        let places = liar::places(&scene, &record);
        let mut figures = Figures::default();
        for _ in 0..games.unwrap_or(task.games) {
            let fault = Fault::random(&mut rng, &scene, &places);
            figures = figures.max(game(&court, &scene, &fault, &known, true).await);
        }
        let deepest = Fault::deepest(&scene, &places);
        figures = figures.max(game(&court, &scene, &deepest, &known, true).await);
        let fault = Fault::random(&mut rng, &scene, &places);
        figures = figures.max(game(&court, &scene, &fault, &known, false).await);
        figures.row(task.name, start.elapsed().as_secs_f64());
        programs.insert(task.name.into(), figures.json());
        total = total.max(figures);
    }
    let mut all = total.json();
    all["seed"] = seed.into();
    all["programs"] = Value::Object(programs);
    println!("{all}");
}
