//! One evaluation of a lowered program: functions operator by operator, with or without hashing.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use corex_hlo::ir::DType;
use corex_hlo::lower::{Kind, LoweredFunc, LoweredOp, Operand, Source};

use super::commit::{FrameProof, Leaf, Level, frame_root};
use super::tree::{Growing, Tree};
use super::{Digest, Opening, Path, Tracer};
use crate::error::EngineError;
use crate::prepare;
use crate::referee::RefereeError;
use crate::reference::decode_int;
use crate::tensor::Tensor;

/// A tensor that counts while it lives, and its id once somebody asked.
pub(super) struct Held {
    pub tensor: Tensor,
    id: OnceCell<Digest>,
    /// The value whose bytes these are, and which counts them, if it is another.
    same: Option<Rc<Held>>,
    /// Bytes that it counts.
    bytes: u64,
    memory: Rc<Memory>,
}

/// What all values of a run share.
struct Memory {
    /// Bytes of the tensors alive.
    used: Cell<u64>,
    /// Threads that may hash.
    threads: usize,
}

impl Held {
    fn id(&self) -> Digest {
        match &self.same {
            Some(same) => same.id(),
            None => *self.id.get_or_init(|| Digest::of_large_blob(self.tensor.bytes(), self.memory.threads)),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.memory.used.set(self.memory.used.get().saturating_sub(self.bytes));
    }
}

type Values = Vec<Rc<Held>>;

/// A function's evaluation, hashed.
pub(super) struct Frame {
    pub params: Vec<Digest>,
    pub results: Vec<Digest>,
    /// What the function returns.
    pub values: Values,
    /// The operators' leaves; none in inner frames, unless a path leads there.
    pub leaves: Vec<Leaf>,
    operators: Digest,
    /// The path's levels from the inside out, if one was followed.
    pub levels: Vec<Level>,
}

impl Frame {
    pub fn root(&self) -> Digest {
        frame_root(&self.params, &self.results, self.operators)
    }
}

/// A path to follow, and what is left of its frames.
type Follow<'p> = Option<(&'p Path, &'p [(usize, u64)])>;

/// What a path found in a frame of a loop or branch: its levels from the inside out, and which frame that is.
type Inside = Option<(Vec<Level>, FrameProof)>;

fn malformed() -> EngineError {
    EngineError::Referee(RefereeError::Malformed)
}

pub(super) struct Run<'t> {
    tracer: &'t Tracer,
    constants: Vec<OnceCell<Rc<Held>>>,
    memory: Rc<Memory>,
    /// Operations that loops and branches have evaluated.
    operations: u64,
}

impl<'t> Run<'t> {
    pub fn new(tracer: &'t Tracer) -> Self {
        let constants = tracer.program().constants.iter().map(|_| OnceCell::new()).collect();
        let memory = Rc::new(Memory { used: Cell::new(0), threads: tracer.options.threads });
        Self { tracer, constants, memory, operations: 0 }
    }

    /// The arguments of the task's function.
    pub fn inputs(&self, inputs: &[Tensor]) -> Result<Values, EngineError> {
        self.tracer.check_inputs(inputs)?;
        inputs.iter().map(|input| self.hold(input.clone())).collect()
    }

    fn hold(&self, tensor: Tensor) -> Result<Rc<Held>, EngineError> {
        let bytes = tensor.bytes().len() as u64;
        self.room(bytes)?;
        self.memory.used.set(self.memory.used.get().saturating_add(bytes));
        Ok(Rc::new(Held { tensor, id: OnceCell::new(), same: None, bytes, memory: self.memory.clone() }))
    }

    /// An error if there is no room for so many bytes more.
    fn room(&self, bytes: u64) -> Result<(), EngineError> {
        prepare::check_memory(self.memory.used.get().saturating_add(bytes), self.tracer.options.memory_limit)
    }

    fn func(&self, position: usize) -> Result<&'t LoweredFunc, EngineError> {
        let func = self.tracer.program().funcs.get(position);
        func.ok_or_else(malformed)
    }

    /// Evaluates a function and hashes all results. With `follow` the leaves are kept, and so are the proofs along the
    /// path.
    pub fn traced(
        &mut self,
        position: usize,
        args: Values,
        follow: Follow<'_>,
    ) -> Result<Frame, EngineError> {
        let func = self.func(position)?;
        let is_main = position == self.tracer.main();
        let (through, frame) = match follow {
            Some((path, frames)) => match frames.split_first() {
                Some((&(op, frame), _)) => (Some(op), Some(frame)),
                None => (Some(path.op), None),
            },
            None => (None, None),
        };
        let missing = |(path, _): (&Path, _)| EngineError::NoOperator(path.to_string());
        if let (Some(follow), Some(op)) = (follow, through)
            && op >= func.ops.len()
        {
            return Err(missing(follow));
        }
        let params: Vec<Digest> = args.iter().map(|arg| arg.id()).collect();
        let (mut tree, mut leaves) = (Growing::default(), Vec::new());
        let mut inner: Inside = None;
        let mut hashes = Vec::new();
        let values = self.walk(position, args, None, &mut |run, at, op, operands| {
            let (results, frames) = match &op.kind {
                Kind::While { .. } | Kind::Case { .. } => {
                    let inside = follow.filter(|_| through == Some(at)).zip(frame);
                    let inside = inside.map(|((path, frames), frame)| (frame, (path, &frames[1..])));
                    let (results, root, found) = run.control(op, operands, inside)?;
                    inner = inner.take().or(found);
                    (results, Some(root))
                }
                _ => (run.evaluate(position, at, op, operands)?, None),
            };
            let leaf = Leaf { results: results.iter().map(|held| held.id()).collect(), frames };
            tree.push(leaf.hash());
            if follow.is_some() {
                hashes.push(leaf.hash());
            }
            if is_main || follow.is_some() {
                leaves.push(leaf);
            }
            Ok(results)
        })?;
        let results: Vec<Digest> = values.iter().map(|value| value.id()).collect();
        let mut levels = Vec::new();
        if let (Some(follow), Some(op)) = (follow, through) {
            let found = match (frame, inner) {
                (None, _) => None,
                (Some(_), Some((inside, proof))) => {
                    levels = inside;
                    Some(proof)
                }
                (Some(_), None) => return Err(missing(follow)),
            };
            let siblings = Tree::new(hashes).proof(op as u64).ok_or_else(|| missing(follow))?;
            levels.push(Level {
                params: params.clone(),
                results: results.clone(),
                operators: func.ops.len() as u64,
                op: op as u64,
                leaf: leaves.get(op).cloned().ok_or_else(|| missing(follow))?,
                siblings,
                frame: found,
            });
        }
        Ok(Frame { params, results, values, leaves, operators: tree.root(), levels })
    }

    /// The frames of a loop or branch, hashed: its results, the root over the frames, and what a path found in one of
    /// them.
    fn control(
        &mut self,
        op: &LoweredOp,
        operands: &[Rc<Held>],
        follow: Option<(u64, (&Path, &[(usize, u64)]))>,
    ) -> Result<(Values, Digest, Inside), EngineError> {
        let (mut tree, mut roots, mut found) = (Growing::default(), Vec::new(), None);
        let mut number = 0;
        let results = self.frames(op, operands, &mut |run, func, args| {
            let inside = follow.filter(|(frame, _)| *frame == number).map(|(_, path)| path);
            let frame = run.traced(func, args, inside)?;
            let root = frame.root();
            tree.push(root);
            if follow.is_some() {
                roots.push(root);
            }
            if inside.is_some() {
                found = Some((number, frame.levels));
            }
            number += 1;
            Ok(Some(frame.values))
        })?;
        let results = results.ok_or_else(malformed)?;
        let found = found.and_then(|(index, levels)| {
            let tree = Tree::new(roots);
            Some((levels, FrameProof { index, count: tree.count(), siblings: tree.proof(index)? }))
        });
        Ok((results, tree.root(), found))
    }

    /// Calls `evaluate` with every function that a loop or branch runs, in order, and its arguments. It returns the
    /// results, or nothing to end here.
    fn frames(
        &mut self,
        op: &LoweredOp,
        operands: &[Rc<Held>],
        evaluate: &mut dyn FnMut(&mut Self, usize, Values) -> Result<Option<Values>, EngineError>,
    ) -> Result<Option<Values>, EngineError> {
        let mut run = |run: &mut Self, func: u32, args: Values| {
            let ops =
                run.tracer.lowering.origins.get(func as usize).map_or(1, |o| prepare::operations(&o.func));
            run.operations = run.operations.saturating_add(ops);
            prepare::check_operations(run.operations, run.tracer.options.operation_limit)?;
            evaluate(run, func as usize, args)
        };
        match &op.kind {
            Kind::While { cond, body } => {
                let (carried, shared) = operands.split_at(op.results.len().min(operands.len()));
                let mut carried = carried.to_vec();
                loop {
                    let args: Values = carried.iter().chain(shared).cloned().collect();
                    let Some(goes_on) = run(self, *cond, args)? else { return Ok(None) };
                    if goes_on.first().is_none_or(|test| test.tensor.bytes() != [1]) {
                        return Ok(Some(carried));
                    }
                    carried.extend(shared.iter().cloned());
                    let Some(next) = run(self, *body, std::mem::take(&mut carried))? else { return Ok(None) };
                    carried = next;
                }
            }
            Kind::Case { branches } => {
                let index = operands.first().and_then(|index| index.tensor.bytes().first_chunk::<4>());
                let index =
                    index.map_or(0, |bytes| decode_int(DType::I32, u32::from_le_bytes(*bytes).into()));
                let branch = branches.get(prepare::branch(index, branches.len()));
                let branch = branch.ok_or_else(malformed)?;
                run(self, *branch, operands.get(1..).unwrap_or_default().to_vec())
            }
            _ => Ok(None),
        }
    }

    /// Evaluates a function operator by operator: `each` gives the results of one from its operands. Of the operators
    /// those that are not `needed` are left out, and a function of which not all are has no results. Values are dropped
    /// behind their last use.
    fn walk(
        &mut self,
        position: usize,
        args: Values,
        needed: Option<&[bool]>,
        each: &mut dyn FnMut(&mut Self, usize, &LoweredOp, &[Rc<Held>]) -> Result<Values, EngineError>,
    ) -> Result<Values, EngineError> {
        let func = self.func(position)?;
        let is_needed = |at: usize| needed.is_none_or(|needed| needed.get(at).copied().unwrap_or(false));
        let mut scope = Scope::new(func, args, &is_needed);
        for (at, op) in func.ops.iter().enumerate().filter(|(at, _)| is_needed(*at)) {
            let operands = op.operands.iter().map(|x| scope.get(self, x)).collect::<Result<Values, _>>()?;
            scope.leave(at);
            let results = each(self, at, op, &operands)?;
            drop(operands);
            scope.define(at, results);
        }
        match needed {
            Some(_) => Ok(Vec::new()),
            None => func.results.iter().map(|x| scope.get(self, x)).collect(),
        }
    }

    /// One operator that is no loop or branch.
    fn evaluate(
        &self,
        func: usize,
        at: usize,
        op: &LoweredOp,
        operands: &[Rc<Held>],
    ) -> Result<Values, EngineError> {
        if let (Kind::Reinterpret, [x], [ty]) = (&op.kind, operands, &op.results[..]) {
            let (tensor, memory) = (x.tensor.retyped(ty.clone()), self.memory.clone());
            let alias = Held { tensor, id: OnceCell::new(), same: Some(x.clone()), bytes: 0, memory };
            return Ok(vec![Rc::new(alias)]);
        }
        let bytes = op.results.iter().map(|ty| ty.bytes() as u64).fold(0, u64::saturating_add);
        self.room(bytes)?;
        let tensors: Vec<Tensor> = operands.iter().map(|held| held.tensor.clone()).collect();
        let results = self.tracer.stages.run(&self.tracer.lowering, func, at, &tensors)?;
        results.into_iter().map(|tensor| self.hold(tensor)).collect()
    }

    /// The operator at `path`, of which `frames` are left, with operands and results.
    pub fn open(
        &mut self,
        position: usize,
        args: Values,
        path: &Path,
        frames: &[(usize, u64)],
    ) -> Result<Opening<'t>, EngineError> {
        let func = self.func(position)?;
        let missing = || EngineError::NoOperator(path.to_string());
        let target = frames.first().map_or(path.op, |&(op, _)| op);
        let op = func.ops.get(target).ok_or_else(missing)?;
        let needed = ancestors(func, target);
        let (mut operands, mut results) = (Vec::new(), Vec::new());
        let is_last = frames.is_empty();
        self.walk(position, args, Some(&needed), &mut |run, at, op, x| {
            if at == target {
                operands = x.to_vec();
                if !is_last {
                    return Ok(Vec::new());
                }
            }
            let values = match &op.kind {
                Kind::While { .. } | Kind::Case { .. } => run.plain(op, x)?,
                _ => run.evaluate(position, at, op, x)?,
            };
            if at == target {
                results.clone_from(&values);
            }
            Ok(values)
        })?;
        let Some((&(_, frame), rest)) = frames.split_first() else {
            let tensors = |values: &Values| values.iter().map(|held| held.tensor.clone()).collect();
            return Ok(Opening { op, operands: tensors(&operands), results: tensors(&results) });
        };
        let (mut number, mut inside) = (0, None);
        self.frames(op, &operands, &mut |run, func, args| {
            if number == frame {
                inside = Some((func, args));
                return Ok(None);
            }
            number += 1;
            run.call(func, args).map(Some)
        })?;
        let (func, args) = inside.ok_or_else(missing)?;
        self.open(func, args, path, rest)
    }

    /// The results of a loop or branch, without hashes.
    fn plain(&mut self, op: &LoweredOp, operands: &[Rc<Held>]) -> Result<Values, EngineError> {
        let results = self.frames(op, operands, &mut |run, func, args| run.call(func, args).map(Some))?;
        results.ok_or_else(malformed)
    }

    /// The results of a function, without hashes.
    fn call(&mut self, position: usize, args: Values) -> Result<Values, EngineError> {
        self.walk(position, args, None, &mut |run, at, op, operands| match &op.kind {
            Kind::While { .. } | Kind::Case { .. } => run.plain(op, operands),
            _ => run.evaluate(position, at, op, operands),
        })
    }

    fn constant(&self, position: u32) -> Result<Rc<Held>, EngineError> {
        let cell = self.constants.get(position as usize).ok_or_else(malformed)?;
        if let Some(known) = cell.get() {
            return Ok(known.clone());
        }
        let constant = self.tracer.program().constants.get(position as usize).ok_or_else(malformed)?;
        let held = self.hold(Tensor::from_bytes(constant.ty.clone(), &constant.bytes)?)?;
        Ok(cell.get_or_init(|| held).clone())
    }
}

/// Which operators an operator depends on, itself included.
fn ancestors(func: &LoweredFunc, target: usize) -> Vec<bool> {
    let mut needed = vec![false; target + 1];
    needed[target] = true;
    for at in (0..=target).rev().filter(|&at| at < func.ops.len()) {
        if needed[at] {
            for operand in &func.ops[at].operands {
                if let Source::Op { op, .. } = operand.source {
                    needed[op as usize] = true;
                }
            }
        }
    }
    needed
}

/// The values of a function that is being evaluated.
struct Scope {
    params: Vec<Option<Rc<Held>>>,
    results: Vec<Vec<Option<Rc<Held>>>>,
    /// What each operator is the last to read.
    last: Vec<Vec<Source>>,
    /// Which results of each operator are read at all.
    read: Vec<Vec<u32>>,
}

impl Scope {
    fn new(func: &LoweredFunc, args: Values, is_needed: &dyn Fn(usize) -> bool) -> Self {
        let mut last = vec![Vec::new(); func.ops.len()];
        let (mut params, mut read) = (vec![false; args.len()], vec![Vec::new(); func.ops.len()]);
        let mut seen = |source: Source| match source {
            Source::Param(i) => params.get_mut(i as usize).is_none_or(|seen| std::mem::replace(seen, true)),
            Source::Op { op, result } => {
                let read: &mut Vec<u32> = &mut read[op as usize];
                let known = read.contains(&result);
                read.extend((!known).then_some(result));
                known
            }
            // Constants stay.
            Source::Constant(_) => true,
        };
        func.results.iter().for_each(|x| _ = seen(x.source));
        for (at, op) in func.ops.iter().enumerate().rev().filter(|(at, _)| is_needed(*at)) {
            for operand in &op.operands {
                if !seen(operand.source) {
                    last[at].push(operand.source);
                }
            }
        }
        let results = func.ops.iter().map(|op| vec![None; op.results.len()]).collect();
        Self { params: args.into_iter().map(Some).collect(), results, last, read }
    }

    fn slot(&mut self, source: Source) -> Option<&mut Option<Rc<Held>>> {
        match source {
            Source::Param(i) => self.params.get_mut(i as usize),
            Source::Op { op, result } => self.results.get_mut(op as usize)?.get_mut(result as usize),
            Source::Constant(_) => None,
        }
    }

    fn get(&mut self, run: &Run<'_>, operand: &Operand) -> Result<Rc<Held>, EngineError> {
        if let Source::Constant(position) = operand.source {
            return run.constant(position);
        }
        let value = self.slot(operand.source).and_then(|slot| slot.clone());
        value.ok_or_else(malformed)
    }

    /// Forgets what operator `at` is the last to read.
    fn leave(&mut self, at: usize) {
        for source in std::mem::take(&mut self.last[at]) {
            if let Some(slot) = self.slot(source) {
                *slot = None;
            }
        }
    }

    fn define(&mut self, at: usize, values: Values) {
        let results = self.results[at].iter_mut().zip(values).zip(0..);
        for ((slot, value), _) in results.filter(|(_, result)| self.read[at].contains(result)) {
            *slot = Some(value);
        }
    }
}
