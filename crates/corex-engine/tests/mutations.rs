//! Programs from strangers, nearly right: every program that the tests know with a few places changed is refused with
//! an error, or runs, on every path with the reference's bits. None panics, hangs, or takes more than it may.
//!
//! A failure names the seed; `COREX_SEED=n cargo test -p corex-engine --release one_seed_of_mutations -- --nocapture`
//! replays it. `COREX_SEEDS=from..to` runs others than the usual ones.

mod common;

use std::ops::Range;
use std::path::{Path, PathBuf};

use common::{Rng, data};
use corex_engine::{EngineError, Options, Program, Tensor, referee, reference};
use corex_hlo::{Lowered, Module, TensorType, lower, parse, work_units_assuming};
use corex_num::Isa;

/// Bytes and operations in loops that a mutated program may use.
const MEMORY: u64 = 16 << 20;
const OPERATIONS: u64 = 2000;
/// Work, in millions of multiply-adds, that is run and that is also compared with the slow reference.
const MOST_WORK: u64 = 60;
const COMPARED_WORK: u64 = 1;
/// Steps of chains up to which the lowered form is compared, too.
const MOST_STEPS: u64 = 3_000_000;

/// Every `.mlir` file of the tests, as lines, in the order of their names; long ones are left out.
fn programs() -> Vec<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders =
        ["crates/corex-hlo/tests/data", "crates/corex-hlo/tests/data/jax", "vectors/jax-elementwise"];
    let mut files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).expect("a folder of programs"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "mlir"))
        .collect();
    files.sort();
    let read = |path: &PathBuf| std::fs::read_to_string(path).expect("a program");
    let lines = |text: String| text.lines().map(str::to_owned).collect::<Vec<_>>();
    files.iter().map(|path| lines(read(path))).filter(|lines| lines.len() < 600).collect()
}

/// What mutations put in the place of a number.
const NUMBERS: [&str; 16] = [
    "0",
    "1",
    "2",
    "3",
    "5",
    "7",
    "8",
    "17",
    "64",
    "-1",
    "-3",
    "100",
    "4096",
    "65536",
    "2147483648",
    "9223372036854775807",
];
const TYPES: [&str; 12] =
    ["i1", "i8", "i16", "i32", "i64", "ui8", "ui16", "ui32", "ui64", "f16", "bf16", "f32"];
/// Words of which one may stand where another does.
const KINS: [&[&str]; 6] = [
    &[
        "add",
        "subtract",
        "multiply",
        "divide",
        "maximum",
        "minimum",
        "power",
        "remainder",
        "and",
        "or",
        "xor",
        "shift_left",
        "shift_right_logical",
        "atan2",
    ],
    &["negate", "abs", "sign", "sqrt", "exponential", "log", "tanh", "floor", "not", "popcnt", "cosine"],
    &["EQ", "NE", "LT", "LE", "GT", "GE"],
    &["FLOAT", "SIGNED", "UNSIGNED", "TOTALORDER"],
    &["dense<0>", "dense<1>", "dense<0x7FC00000>", "dense<0xFF800000>", "dense<1.5e-42>", "dense<true>"],
    &["stride", "pad", "lhs_dilate", "rhs_dilate", "low", "high", "interior", "sizes", "dims", "dim"],
];

/// The words of a line: names, numbers, and everything else by the character.
fn words(line: &str) -> Vec<Range<usize>> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '%';
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    for (at, c) in line.char_indices() {
        match words.last_mut() {
            Some(word) if open && is_word(c) => word.end = at + 1,
            _ => words.push(at..at + c.len_utf8()),
        }
        open = is_word(c);
    }
    words
}

/// One change that leaves much of the program intact.
fn mutate(rng: &mut Rng, lines: &mut Vec<String>) {
    let at = rng.below(lines.len());
    if rng.one_in(12) {
        match rng.below(3) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at].clone()),
            _ => {
                let other = rng.below(lines.len());
                lines.swap(at, other);
            }
        }
        if lines.is_empty() {
            lines.push(String::new());
        }
        return;
    }
    let line = lines[at].clone();
    // A shape inside `tensor<3x4xf32>` is one word: cut it at every x.
    let all: Vec<Range<usize>> = words(&line)
        .into_iter()
        .flat_map(|word| {
            let text = &line[word.clone()];
            if !text.starts_with(|c: char| c.is_ascii_digit())
                || !text.contains('x')
                || text.starts_with("0x")
            {
                return vec![word];
            }
            let mut from = word.start;
            text.split('x')
                .map(|part| {
                    let piece = from..from + part.len();
                    from = piece.end + 1;
                    piece
                })
                .collect()
        })
        .collect();
    let candidates: Vec<&Range<usize>> = all
        .iter()
        .filter(|word| {
            let text = &line[(*word).clone()];
            let is_number = text.chars().all(|c| c.is_ascii_digit()) && !text.is_empty();
            is_number || text.starts_with('%') || TYPES.contains(&text) || kin(text).is_some()
        })
        .collect();
    let Some(word) = (!candidates.is_empty()).then(|| rng.pick(&candidates)) else { return };
    let text = &line[(*word).clone()];
    let by = if text.starts_with('%') {
        let names: Vec<&Range<usize>> = all.iter().filter(|w| line[(*w).clone()].starts_with('%')).collect();
        if rng.one_in(2) {
            format!("%{}", rng.below(30))
        } else {
            line[(**rng.pick(&names)).clone()].to_owned()
        }
    } else if TYPES.contains(&text) {
        (*rng.pick(&TYPES)).to_owned()
    } else if let Some(kin) = kin(text) {
        (*rng.pick(kin)).to_owned()
    } else {
        (*rng.pick(&NUMBERS)).to_owned()
    };
    // Half of the time everywhere in the line, or everywhere at all, so that types go on agreeing.
    match rng.below(4) {
        0 | 1 => lines[at].replace_range((*word).clone(), &by),
        2 => lines[at] = replaced(&line, text, &by),
        _ => {
            let text = text.to_owned();
            lines.iter_mut().for_each(|line| *line = replaced(line, &text, &by));
        }
    }
}

fn kin(word: &str) -> Option<&'static [&'static str]> {
    KINS.into_iter().find(|kin| kin.contains(&word))
}

/// The line with a word, or a part of a shape, replaced wherever it stands.
fn replaced(line: &str, word: &str, by: &str) -> String {
    let pieces = words(line).into_iter().map(|range| {
        let text = &line[range];
        match text.starts_with(|c: char| c.is_ascii_digit()) && text.contains('x') && !text.starts_with("0x")
        {
            true => {
                text.split('x').map(|part| if part == word { by } else { part }).collect::<Vec<_>>().join("x")
            }
            false if text == word => by.to_owned(),
            false => text.to_owned(),
        }
    });
    pieces.collect()
}

/// What became of a mutant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Fate {
    Unread,
    Uncompiled,
    TooMuch,
    Stopped,
    Ran,
    Compared,
}

fn mutant(seed: u64, programs: &[Vec<String>]) -> (Rng, String) {
    let mut rng = Rng(seed);
    let mut lines = rng.pick(programs).clone();
    for _ in 0..1 + rng.below(3) {
        mutate(&mut rng, &mut lines);
    }
    (rng, lines.join("\n"))
}

fn check(seed: u64, programs: &[Vec<String>]) -> Fate {
    let (mut rng, text) = mutant(seed, programs);
    let Ok(module) = parse(&text) else { return Fate::Unread };
    let names: Vec<String> = module.funcs.iter().filter(|f| f.public).map(|f| f.name.clone()).collect();
    if names.is_empty() {
        return Fate::Uncompiled;
    }
    let name = rng.pick(&names).clone();
    let isa = *rng.pick(&Isa::available());
    let threads = 1 + rng.below(3);
    let hash_results = rng.one_in(2);
    let options = Options { isa, threads, memory_limit: MEMORY, operation_limit: OPERATIONS, hash_results };
    let Ok(program) = Program::compile(&module, &name, &options) else { return Fate::Uncompiled };
    let inputs: Vec<Tensor> = program.inputs().map(|ty| data::tensor(&mut rng, ty)).collect();
    let work = work_units_assuming(&module, &name, OPERATIONS / 50).expect("what compiles has a price");
    if work > MOST_WORK {
        return Fate::TooMuch;
    }
    let outcome = program.run(&inputs);
    match &outcome {
        Ok(_) => {}
        Err(EngineError::Operations { .. }) => {}
        Err(error) => panic!("seed {seed}: a program that compiles runs or exceeds its operations: {error}"),
    }
    if work > COMPARED_WORK {
        return if outcome.is_ok() { Fate::Ran } else { Fate::Stopped };
    }
    compare(seed, &module, &name, &inputs, outcome)
}

/// The reference says the same, its own limit on memory apart.
fn compare(
    seed: u64,
    module: &Module,
    name: &str,
    inputs: &[Tensor],
    outcome: Result<Vec<Tensor>, EngineError>,
) -> Fate {
    match reference::evaluate_limited(module, name, inputs, 64 * MEMORY, OPERATIONS) {
        Ok(expected) => {
            assert!(outcome.as_ref() == Ok(&expected), "seed {seed}: {outcome:?}, expected {expected:?}");
            // What has numbers that a referee does not calculate with is refused here.
            if let Ok(lowering) = lower(module, name)
                && steps(&lowering.program) < MOST_STEPS
            {
                let refereed = referee::evaluate(&lowering.program, inputs, OPERATIONS, &mut |_| ());
                assert!(refereed.as_ref() == Ok(&expected), "seed {seed}, lowered: {refereed:?}");
            }
            Fate::Compared
        }
        Err(EngineError::Operations { .. }) => {
            assert!(outcome.is_err(), "seed {seed}: the reference stops at the limit of operations");
            Fate::Stopped
        }
        Err(error) => panic!("seed {seed}: the reference refuses what compiles: {error}"),
    }
}

/// Steps of all chains of a lowered program, loops run once.
fn steps(program: &Lowered) -> u64 {
    let chains = program.funcs.iter().flat_map(|func| &func.ops).map(|op| {
        let elements = op.results.first().map_or(0, TensorType::elements) as u64;
        let length = |at: u64| referee::chain_length(op, at).unwrap_or(0);
        elements.saturating_mul(1 + length(elements.saturating_sub(1)))
    });
    chains.fold(0, u64::saturating_add)
}

fn run(seeds: Range<u64>) -> std::collections::BTreeMap<Fate, usize> {
    let programs = programs();
    let mut fates = std::collections::BTreeMap::new();
    for seed in seeds {
        *fates.entry(check(seed, &programs)).or_insert(0) += 1;
    }
    fates
}

#[test]
fn mutated_programs_are_refused_or_run() {
    let fates = run(0..600);
    println!("{fates:?}");
    // Mutants that never get past the parser would prove little.
    let reached = |fate: Fate| fates.get(&fate).copied().unwrap_or(0);
    assert!(reached(Fate::Compared) >= 60, "{fates:?}");
    assert!(reached(Fate::Unread) >= 60, "{fates:?}");
}

#[test]
fn mutated_programs_of_these_seeds() {
    let Some(range) = std::env::var("COREX_SEEDS").ok() else { return };
    let (from, to) = range.split_once("..").expect("from..to");
    let bound = |text: &str| text.parse::<u64>().expect("a number");
    println!("{:?}", run(bound(from)..bound(to)));
}

#[test]
fn one_seed_of_mutations() {
    if let Some(seed) = std::env::var("COREX_SEED").ok().and_then(|s| s.parse().ok()) {
        let programs = programs();
        println!("{}", mutant(seed, &programs).1);
        println!("{:?}", check(seed, &programs));
    }
}
