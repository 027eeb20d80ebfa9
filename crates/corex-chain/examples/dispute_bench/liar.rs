//! An evaluation with one wrong element, at the price of an honest one: what follows from the element is not computed
//! again, because nobody looks behind the first difference.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use corex_engine::referee::chain_length;
use corex_engine::trace::{CHUNK, Digest, Path, Record, Recorded, tree};
use corex_engine::{EngineError, Tensor};
use corex_hlo::lower::{Combine, Kind, LoweredOp};
use corex_protocol::dispute::{Evidence, Replay, SPAN, Tensors, parts_of};

use super::court::Scene;
use super::programs::Rng;

/// A fault: an element of an operator's result, and the transition of its chain from which on accumulators are wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    at: Path,
    kind: &'static str,
    result: usize,
    element: u64,
    breaks_at: u64,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "operator {} ({}), element {}, step {}", self.at, self.kind, self.element, self.breaks_at)
    }
}

/// Where elements are: all operators but loops and branches, however deep in these, with their function.
pub fn places(scene: &Scene, record: &Record) -> Vec<(Path, usize)> {
    let mut found = Vec::new();
    walk(scene, record, &[], &mut found);
    found
}

fn walk(scene: &Scene, record: &Record, frames: &[(usize, u64)], found: &mut Vec<(Path, usize)>) {
    let ops = &scene.program().funcs[record.func].ops;
    for (at, (op, recorded)) in ops.iter().zip(&record.operators).enumerate() {
        for (number, frame) in (0..).zip(&recorded.frames) {
            walk(scene, frame, &[frames, &[(at, number)]].concat(), found);
        }
        let has_elements = op.results.iter().all(|ty| ty.elements() > 0);
        if recorded.frames.is_empty() && has_elements {
            found.push((Path { frames: frames.to_vec(), op: at }, record.func));
        }
    }
}

fn kind(op: &LoweredOp) -> &'static str {
    match &op.kind {
        Kind::Fold(_) => "fold",
        Kind::Merge(_) => "merge",
        Kind::Reinterpret => "reinterpretation",
        _ => "map",
    }
}

/// Moves that narrow a chain down to one transition.
fn narrowed(op: &LoweredOp, steps: u64) -> u32 {
    let accumulators = match &op.kind {
        Kind::Fold(fold) => match fold.combine {
            Combine::Sum { lanes } => lanes.into(),
            Combine::Body(_) => op.results.len() as u32,
            _ => 1,
        },
        Kind::Merge(_) => 1,
        _ => return 0,
    };
    let (mut count, mut moves) = (steps + 2, 0);
    while count > 1 {
        count = count.div_ceil(parts_of(count, accumulators));
        moves += 1;
    }
    moves
}

impl Fault {
    /// Any operator, any element of it, any step.
    pub fn random(rng: &mut Rng, scene: &Scene, places: &[(Path, usize)]) -> Self {
        let (at, func) = rng.pick(places).clone();
        let op = &scene.program().funcs[func].ops[at.op];
        let result = rng.below(op.results.len());
        let element = rng.below(op.results[result].elements()) as u64;
        let steps = chain_length(op, element).expect("the element is there");
        let breaks_at = rng.below(usize::try_from(steps).unwrap_or(usize::MAX).saturating_add(1)) as u64;
        Self { at, kind: kind(op), result, element, breaks_at }
    }

    /// Any element of a matrix product with more than a hundred steps.
    pub fn in_product(rng: &mut Rng, scene: &Scene, places: &[(Path, usize)]) -> Self {
        let is_long = |(at, func): &&(Path, usize)| match &scene.program().funcs[*func].ops[at.op].kind {
            Kind::Fold(fold) => {
                matches!(fold.combine, Combine::Contract) && fold.over.iter().product::<u64>() > 100
            }
            _ => false,
        };
        let products: Vec<_> = places.iter().filter(is_long).cloned().collect();
        Self::random(rng, scene, &products)
    }

    /// The last element of the operator to which the way is longest, wrong from the middle of its chain on.
    pub fn deepest(scene: &Scene, places: &[(Path, usize)]) -> Self {
        let op_of = |(at, func): &(Path, usize)| &scene.program().funcs[*func].ops[at.op];
        let last = |op: &LoweredOp| op.results[0].elements() as u64 - 1;
        let steps = |op: &LoweredOp| chain_length(op, last(op)).expect("the element is there");
        let deepest = places.iter().max_by_key(|place| {
            let op = op_of(place);
            let chunks = (op.results[0].bytes() as u64).div_ceil(CHUNK as u64);
            let hashes = tree::height(chunks).div_ceil(SPAN);
            (place.0.frames.len() as u32 * 3 + hashes + narrowed(op, steps(op)), chunks)
        });
        let place = deepest.expect("a program has operators");
        let op = op_of(place);
        let (at, element, breaks_at) = (place.0.clone(), last(op), steps(op) / 2);
        Self { at, kind: kind(op), result: 0, element, breaks_at }
    }

    /// The lowest bit of the element changed.
    fn wrong(&self, tensor: &Tensor) -> Tensor {
        let size = tensor.ty().dtype.size();
        let mut bytes = tensor.bytes().to_vec();
        // The least significant byte comes first; an i1 stays one.
        bytes[self.element as usize * size] ^= 1;
        Tensor::from_bytes(tensor.ty().clone(), &bytes).expect("as many bytes as before")
    }
}

/// See the module.
pub struct Liar<'t> {
    fault: Fault,
    known: Rc<RefCell<Replay<'t>>>,
    record: Option<Rc<Record>>,
    opened: Option<Rc<Tensors>>,
}

impl<'t> Liar<'t> {
    /// Tells `known` with a fault in it.
    pub fn new(fault: Fault, known: Rc<RefCell<Replay<'t>>>) -> Self {
        Self { fault, known, record: None, opened: None }
    }
}

/// Puts an id into the leaf at the end of the way, and into every tree above it.
fn put(record: &mut Record, frames: &[(usize, u64)], op: usize, result: usize, id: Digest) {
    let Some((&(outer, number), rest)) = frames.split_first() else {
        record.operators[op].leaf.results[result] = id;
        return;
    };
    let recorded: &mut Recorded = &mut record.operators[outer];
    put(&mut recorded.frames[number as usize], rest, op, result, id);
    recorded.leaf.frames = Some(recorded.tree().root());
}

impl Evidence for Liar<'_> {
    fn record(&mut self) -> Result<Rc<Record>, EngineError> {
        if let Some(record) = &self.record {
            return Ok(record.clone());
        }
        let mut record = Record::clone(&*self.known.borrow_mut().record()?);
        let tensors = self.tensors(&self.fault.at.clone())?;
        let id = Digest::of_blob(tensors.results[self.fault.result].bytes());
        put(&mut record, &self.fault.at.frames, self.fault.at.op, self.fault.result, id);
        Ok(self.record.insert(Rc::new(record)).clone())
    }

    fn tensors(&mut self, path: &Path) -> Result<Rc<Tensors>, EngineError> {
        if *path != self.fault.at {
            return self.known.borrow_mut().tensors(path);
        }
        if let Some(opened) = &self.opened {
            return Ok(opened.clone());
        }
        let mut tensors = Tensors::clone(&*self.known.borrow_mut().tensors(path)?);
        tensors.results[self.fault.result] = self.fault.wrong(&tensors.results[self.fault.result]);
        Ok(self.opened.insert(Rc::new(tensors)).clone())
    }

    fn states(&mut self, path: &Path, element: u64, at: &[u64]) -> Result<Vec<Vec<u64>>, EngineError> {
        let mut states = self.known.borrow_mut().states(path, element, at)?;
        if *path == self.fault.at && element == self.fault.element {
            let wrong = states.iter_mut().zip(at).filter(|(_, at)| **at > self.fault.breaks_at);
            wrong.filter_map(|(state, _)| state.last_mut()).for_each(|word| *word ^= 1);
        }
        Ok(states)
    }
}
