//! A task's evaluation as somebody may tell it: with one lie in it, and everything behind it made to fit. Slow and
//! plain: every element by the referee.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use corex_engine::referee::evaluate_element;
use corex_engine::trace::{Digest, Leaf, Path, Record, Recorded};
use corex_engine::{EngineError, Tensor};
use corex_hlo::ir::TensorType;
use corex_hlo::lower::{Kind, Lowered, LoweredOp, Operand, Source};
use corex_protocol::dispute::{Evidence, Tensors};

/// What a story is wrong in.
#[derive(Clone, PartialEq, Debug)]
pub enum Lie {
    /// Nothing.
    None,
    /// Bits of an element of a result, and what follows from it.
    Element { at: Path, result: usize, element: usize, flip: u64 },
    /// The id of a result that no blob has, in the operator's leaf only.
    Id { at: Path, result: usize },
    /// The list of results of a frame.
    Results { frames: Vec<(usize, u64)>, position: usize },
    /// A parameter of a frame of a loop or branch.
    Parameter { frames: Vec<(usize, u64)>, position: usize },
    /// The loop makes so many iterations more, or fewer.
    Rounds { at: Path, more: i64 },
    /// The branch evaluates another one.
    Branch { at: Path },
    /// A result of a loop or branch, with frames that are right.
    Control { at: Path, result: usize },
    /// An operator of a frame that its function does not have.
    Operators { frames: Vec<(usize, u64)> },
}

/// What operators give, by what they read.
pub type Memo = Rc<RefCell<HashMap<(usize, usize, Vec<Digest>), Vec<Tensor>>>>;

pub struct Story {
    record: Rc<Record>,
    tensors: HashMap<String, Rc<Tensors>>,
    /// Results as the task's caller gets them.
    pub outputs: Vec<Tensor>,
    /// Accumulators differ from this transition on.
    pub breaks_at: Option<u64>,
    /// Operators evaluated, with the number of their results and elements.
    pub operators: Vec<(Path, bool, Vec<usize>)>,
}

impl Story {
    pub fn new(program: &Lowered, inputs: &[Tensor], lie: &Lie, memo: &Memo) -> Self {
        let mut teller = Teller { program, lie, memo, tensors: HashMap::new(), operators: Vec::new() };
        let (record, outputs) = teller.call(program.funcs.len() - 1, inputs.to_vec(), &[]);
        Self {
            record: Rc::new(record),
            tensors: teller.tensors,
            outputs,
            breaks_at: None,
            operators: teller.operators,
        }
    }
}

/// Bits that a liar may change: the lowest, the sign (of a zero, too), a NaN's payload, anything.
pub const FLIPS: [u64; 4] = [1, 0x8000_0000, 0x7FC0_0001, 0x0041_0200];

impl Story {
    /// An operator's place and the sizes of its results, of those that are loops and branches or not.
    pub fn places(self, control: bool) -> Vec<(Path, Vec<usize>)> {
        let those = self
            .operators
            .into_iter()
            .filter(|(_, is_control, sizes)| *is_control == control && sizes.iter().all(|n| *n > 0));
        those.map(|(path, _, sizes)| (path, sizes)).collect()
    }
}

impl Evidence for Story {
    fn record(&mut self) -> Result<Rc<Record>, EngineError> {
        Ok(self.record.clone())
    }

    fn tensors(&mut self, path: &Path) -> Result<Rc<Tensors>, EngineError> {
        self.tensors.get(&path.to_string()).cloned().ok_or(EngineError::NoOperator(path.to_string()))
    }

    fn states(&mut self, path: &Path, element: u64, at: &[u64]) -> Result<Vec<Vec<u64>>, EngineError> {
        // Not the trait's way: the chain is walked once more for every state.
        let tensors = self.tensors(path)?;
        let mut fetch = |operand, element| tensors.operand(operand, element);
        let mut found = Vec::new();
        let mut state = Vec::new();
        let mut next = 0;
        for &at in at {
            while next < at {
                state = corex_protocol::dispute::execute(
                    &tensors.op,
                    element,
                    (next, u64::MAX - 1),
                    &state,
                    &mut fetch,
                )?;
                next += 1;
            }
            let wrong = self.breaks_at.is_some_and(|breaks| at > breaks);
            let last = state.len() - 1;
            let told = |(i, &word): (usize, &u64)| if wrong && i == last { word ^ 1 } else { word };
            found.push(state.iter().enumerate().map(told).collect());
        }
        Ok(found)
    }
}

struct Teller<'t> {
    program: &'t Lowered,
    lie: &'t Lie,
    memo: &'t Memo,
    tensors: HashMap<String, Rc<Tensors>>,
    operators: Vec<(Path, bool, Vec<usize>)>,
}

fn id(tensor: &Tensor) -> Digest {
    Digest::of_blob(tensor.bytes())
}

fn ids(tensors: &[Tensor]) -> Vec<Digest> {
    tensors.iter().map(id).collect()
}

fn bogus() -> Digest {
    Digest::keccak(&[b"nothing hashes to this"])
}

/// Bits of an element changed; an i1 stays one.
fn changed(tensor: &Tensor, element: usize, flip: u64) -> Tensor {
    let size = tensor.ty().dtype.size();
    let mut bytes = tensor.bytes().to_vec();
    let flip = if tensor.ty().dtype == corex_hlo::ir::DType::I1 { 1 } else { flip };
    let mask = flip.to_le_bytes();
    let changes = mask[..size].iter().any(|byte| *byte != 0);
    let element = element % tensor.ty().elements().max(1);
    if let Some(place) = bytes.get_mut(element * size..(element + 1) * size) {
        place.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
        place[0] ^= u8::from(!changes);
    }
    Tensor::from_bytes(tensor.ty().clone(), &bytes).unwrap()
}

impl Teller<'_> {
    fn call(&mut self, func: usize, args: Vec<Tensor>, frames: &[(usize, u64)]) -> (Record, Vec<Tensor>) {
        let lowered = &self.program.funcs[func];
        let mut values: Vec<Vec<Tensor>> = Vec::new();
        let mut operators = Vec::new();
        for (at, op) in lowered.ops.iter().enumerate() {
            let path = Path { frames: frames.to_vec(), op: at };
            let operands: Vec<Tensor> = op.operands.iter().map(|x| self.find(&args, &values, x)).collect();
            let (mut results, inner) = self.evaluate(func, at, op, &operands, &path);
            let is_control = !inner.is_empty();
            let sizes = results.iter().map(|x| x.ty().elements()).collect();
            self.operators.push((path.clone(), is_control, sizes));
            match self.lie {
                Lie::Element { at, result, element, flip } if *at == path => {
                    results[*result] = changed(&results[*result], *element, *flip);
                }
                Lie::Control { at, result } if *at == path => {
                    results[*result] = changed(&results[*result], 0, 1)
                }
                _ => {}
            }
            let mut leaf = Leaf { results: ids(&results), frames: None };
            if let Lie::Id { at, result } = self.lie
                && *at == path
            {
                leaf.results[*result] = bogus();
            }
            let index =
                if matches!(op.kind, Kind::Case { .. }) { operands[0].bytes().to_vec() } else { Vec::new() };
            let mut recorded = Recorded { leaf, frames: inner, index };
            if is_control {
                recorded.leaf.frames = Some(recorded.tree().root());
            }
            operators.push(recorded);
            let told = Tensors { op: op.clone(), operands, results: results.clone() };
            self.tensors.insert(path.to_string(), Rc::new(told));
            values.push(results);
        }
        let mut returned: Vec<Tensor> =
            lowered.results.iter().map(|x| self.find(&args, &values, x)).collect();
        if let Lie::Results { frames: at, position } = self.lie
            && at == frames
        {
            returned[*position] = changed(&returned[*position], 0, 1);
        }
        if matches!(self.lie, Lie::Operators { frames: at } if at == frames) {
            let leaf = Leaf { results: vec![bogus()], frames: None };
            operators.push(Recorded { leaf, frames: Vec::new(), index: Vec::new() });
        }
        let record = Record { func, params: ids(&args), results: ids(&returned), operators };
        (record, returned)
    }

    fn find(&self, args: &[Tensor], values: &[Vec<Tensor>], operand: &Operand) -> Tensor {
        match operand.source {
            Source::Param(i) => args[i as usize].clone(),
            Source::Op { op, result } => values[op as usize][result as usize].clone(),
            Source::Constant(i) => {
                let constant = &self.program.constants[i as usize];
                Tensor::from_bytes(constant.ty().clone(), constant.bytes()).unwrap()
            }
        }
    }

    fn evaluate(
        &mut self,
        func: usize,
        at: usize,
        op: &LoweredOp,
        operands: &[Tensor],
        path: &Path,
    ) -> (Vec<Tensor>, Vec<Record>) {
        match &op.kind {
            Kind::While { cond, body } => self.repeat(op, *cond as usize, *body as usize, operands, path),
            Kind::Case { branches } => {
                let index = operands[0].bytes()[..4]
                    .iter()
                    .rev()
                    .fold(0, |word, byte| word << 8 | usize::from(*byte));
                let lies = matches!(self.lie, Lie::Branch { at } if at == path);
                let branch = (index.min(branches.len() - 1) + usize::from(lies)) % branches.len();
                let (results, record) =
                    self.inner(branches[branch] as usize, operands[1..].to_vec(), path, 0);
                (results, vec![record])
            }
            Kind::Reinterpret => (vec![retyped(&operands[0], &op.results[0])], Vec::new()),
            _ => {
                let key = (func, at, ids(operands));
                if let Some(known) = self.memo.borrow().get(&key) {
                    return (known.clone(), Vec::new());
                }
                let results = elements(op, operands);
                self.memo.borrow_mut().insert(key, results.clone());
                (results, Vec::new())
            }
        }
    }

    fn inner(
        &mut self,
        func: usize,
        mut args: Vec<Tensor>,
        path: &Path,
        frame: u64,
    ) -> (Vec<Tensor>, Record) {
        let frames = [&path.frames[..], &[(path.op, frame)]].concat();
        if let Lie::Parameter { frames: at, position } = self.lie
            && *at == frames
        {
            args[*position] = changed(&args[*position], 0, 1);
        }
        let (record, results) = self.call(func, args, &frames);
        (results, record)
    }

    fn repeat(
        &mut self,
        op: &LoweredOp,
        cond: usize,
        body: usize,
        operands: &[Tensor],
        path: &Path,
    ) -> (Vec<Tensor>, Vec<Record>) {
        let (mut carried, shared) = (operands[..op.results.len()].to_vec(), &operands[op.results.len()..]);
        let mut extra = match self.lie {
            Lie::Rounds { at, more } if at == path => *more,
            _ => 0,
        };
        let mut records = Vec::new();
        loop {
            let args = [&carried[..], shared].concat();
            let (test, record) = self.inner(cond, args.clone(), path, records.len() as u64);
            records.push(record);
            let goes_on = test[0].bytes() == [1];
            if goes_on && extra < 0 && records.len() > 2 {
                return (carried, records);
            }
            // A lie about a counter may never let it end: then it ends all the same.
            if records.len() > 40 {
                return (carried, records);
            }
            if !goes_on {
                if extra <= 0 {
                    return (carried, records);
                }
                extra -= 1;
            }
            let (next, record) = self.inner(body, args, path, records.len() as u64);
            records.push(record);
            carried = next;
        }
    }
}

fn retyped(tensor: &Tensor, ty: &TensorType) -> Tensor {
    Tensor::from_bytes(ty.clone(), tensor.bytes()).unwrap()
}

fn elements(op: &LoweredOp, operands: &[Tensor]) -> Vec<Tensor> {
    let tensors = Tensors { op: op.clone(), operands: operands.to_vec(), results: Vec::new() };
    let mut bytes: Vec<Vec<u8>> = vec![Vec::new(); op.results.len()];
    for index in 0..op.results[0].elements() as u64 {
        let words =
            evaluate_element(op, index, &mut |operand, element| tensors.operand(operand, element)).unwrap();
        for ((bytes, word), ty) in bytes.iter_mut().zip(words).zip(&op.results) {
            bytes.extend_from_slice(&word.to_le_bytes()[..ty.dtype.size()]);
        }
    }
    op.results.iter().zip(&bytes).map(|(ty, bytes)| Tensor::from_bytes(ty.clone(), bytes).unwrap()).collect()
}
