//! One evaluation of a lowered program: functions operator by operator, with or without hashing.

use std::cell::OnceCell;
use std::rc::Rc;

use corex_hlo::ir::DType;
use corex_hlo::lower::{Kind, LoweredFunc, LoweredOp, Operand, Source};

use super::commit::{FrameProof, Leaf, Level, frame_root};
use super::record::{Record, Recorded};
use super::tree::{Growing, Tree};
use super::values::{Held, Memory, Scope, Values, ancestors};
use super::{Digest, Opening, Path, Tracer};
use crate::error::EngineError;
use crate::prepare;
use crate::referee::RefereeError;
use crate::reference::decode_int;
use crate::tensor::Tensor;

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
    /// What all of it gave; without operators unless the run records.
    pub record: Record,
}

impl Frame {
    pub fn root(&self) -> Digest {
        frame_root(&self.params, &self.results, self.operators)
    }

    /// The levels of a path through this frame, of which `inner` are the ones inside.
    fn level(
        &self,
        func: &LoweredFunc,
        follow: Follow<'_>,
        inner: Inside,
    ) -> Result<Vec<Level>, EngineError> {
        let op = follow.op();
        let leaf = self.leaves.get(op).ok_or_else(|| follow.missing())?;
        let (mut levels, frame) = match (follow.inside(), inner) {
            (None, _) => (Vec::new(), None),
            (Some(_), Some((levels, frame))) => (levels, Some(frame)),
            (Some(_), None) => return Err(follow.missing()),
        };
        let tree = Tree::new(self.leaves.iter().map(Leaf::hash).collect());
        levels.push(Level {
            params: self.params.clone(),
            results: self.results.clone(),
            operators: func.ops.len() as u64,
            op: op as u64,
            leaf: leaf.clone(),
            siblings: tree.proof(op as u64).ok_or_else(|| follow.missing())?,
            frame,
        });
        Ok(levels)
    }
}

/// A path, and what is left of its frames.
#[derive(Clone, Copy)]
pub(super) struct Follow<'p> {
    path: &'p Path,
    frames: &'p [(usize, u64)],
}

impl<'p> Follow<'p> {
    pub fn new(path: &'p Path) -> Self {
        Self { path, frames: &path.frames }
    }

    /// The operator that the path goes through in this function.
    fn op(&self) -> usize {
        self.frames.first().map_or(self.path.op, |&(op, _)| op)
    }

    /// The frame of that operator that the path goes on in, and how; none if it ends here.
    fn inside(&self) -> Option<(u64, Self)> {
        let (&(_, frame), frames) = self.frames.split_first()?;
        Some((frame, Self { frames, ..*self }))
    }

    fn missing(&self) -> EngineError {
        EngineError::NoOperator(self.path.to_string())
    }
}

/// What a path found in a frame of a loop or branch: its levels from the inside out, and which frame that is.
type Inside = Option<(Vec<Level>, FrameProof)>;

fn malformed() -> EngineError {
    EngineError::Referee(RefereeError::Malformed)
}

/// Gives the results of a function from its arguments, or nothing to end there.
type EachFrame<'f, 't> = dyn FnMut(&mut Run<'t>, usize, Values) -> Result<Option<Values>, EngineError> + 'f;

/// Gives the results of an operator from its operands.
type EachOp<'f, 't> =
    dyn FnMut(&mut Run<'t>, usize, &LoweredOp, &[Rc<Held>]) -> Result<Values, EngineError> + 'f;

/// One evaluation.
pub(super) struct Run<'t> {
    tracer: &'t Tracer,
    constants: Vec<OnceCell<Rc<Held>>>,
    memory: Rc<Memory>,
    /// Operations that loops and branches have evaluated.
    operations: u64,
    /// Whether frames are written down.
    records: bool,
}

impl<'t> Run<'t> {
    pub fn new(tracer: &'t Tracer) -> Self {
        let constants = tracer.program().constants.iter().map(|_| OnceCell::new()).collect();
        let memory = Memory::new(tracer.options.memory_limit, tracer.options.threads);
        Self { tracer, constants, memory, operations: 0, records: false }
    }

    /// A run that writes down what every operator gave.
    pub fn recording(tracer: &'t Tracer) -> Self {
        Self { records: true, ..Self::new(tracer) }
    }

    /// The arguments of the task's function.
    pub fn inputs(&self, inputs: &[Tensor]) -> Result<Values, EngineError> {
        self.tracer.check_inputs(inputs)?;
        inputs.iter().map(|input| self.memory.hold(input.clone())).collect()
    }

    fn func(&self, position: usize) -> Result<&'t LoweredFunc, EngineError> {
        self.tracer.program().funcs.get(position).ok_or_else(malformed)
    }

    /// Evaluates a function and hashes all results; along the path, if there is one, proofs are kept.
    pub fn traced(
        &mut self,
        position: usize,
        args: Values,
        follow: Option<Follow<'_>>,
    ) -> Result<Frame, EngineError> {
        let func = self.func(position)?;
        let keeps_leaves = follow.is_some() || position == self.tracer.main();
        let params: Vec<Digest> = args.iter().map(|arg| arg.id()).collect();
        let (mut tree, mut leaves, mut inner) = (Growing::default(), Vec::new(), None);
        let mut recorded = Vec::new();
        let values = self.walk(position, args, None, &mut |run, at, op, operands| {
            let mut inside_of = Vec::new();
            let (results, frames) = match &op.kind {
                Kind::While { .. } | Kind::Case { .. } => {
                    let inside = follow.filter(|follow| follow.op() == at).and_then(|follow| follow.inside());
                    let (results, root, found) = run.control(op, operands, inside, &mut inside_of)?;
                    inner = inner.take().or(found);
                    (results, Some(root))
                }
                _ => (run.evaluate(position, at, op, operands)?, None),
            };
            let leaf = Leaf { results: results.iter().map(|held| held.id()).collect(), frames };
            tree.push(leaf.hash());
            if run.records {
                let index = operands.first().filter(|_| matches!(op.kind, Kind::Case { .. }));
                let index = index.map_or(Vec::new(), |index| index.tensor.bytes().to_vec());
                let entry = Recorded { leaf: leaf.clone(), frames: inside_of, index };
                run.memory.keep(entry.bytes())?;
                recorded.push(entry);
            }
            if keeps_leaves {
                leaves.push(leaf);
            }
            Ok(results)
        })?;
        let results: Vec<Digest> = values.iter().map(|value| value.id()).collect();
        let record =
            Record { func: position, params: params.clone(), results: results.clone(), operators: recorded };
        let operators = tree.root();
        let mut frame = Frame { params, results, values, leaves, operators, levels: Vec::new(), record };
        if let Some(follow) = follow {
            frame.levels = frame.level(func, follow, inner)?;
        }
        Ok(frame)
    }

    /// The frames of a loop or branch, hashed: its results, the root over the frames, and what a path found in one of
    /// them.
    fn control(
        &mut self,
        op: &LoweredOp,
        operands: &[Rc<Held>],
        follow: Option<(u64, Follow<'_>)>,
        records: &mut Vec<Record>,
    ) -> Result<(Values, Digest, Inside), EngineError> {
        let (mut tree, mut roots, mut found) = (Growing::default(), Vec::new(), None);
        let mut number = 0;
        let results = self.frames(op, operands, &mut |run, func, args| {
            let inside = follow.filter(|(frame, _)| *frame == number).map(|(_, follow)| follow);
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
            if run.records {
                records.push(frame.record);
            }
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
        evaluate: &mut EachFrame<'_, 't>,
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
        each: &mut EachOp<'_, 't>,
    ) -> Result<Values, EngineError> {
        let func = self.func(position)?;
        let is_needed = |at: usize| needed.is_none_or(|needed| needed.get(at).copied().unwrap_or(false));
        let mut scope = Scope::new(func, args, &is_needed);
        for (at, op) in func.ops.iter().enumerate().filter(|(at, _)| is_needed(*at)) {
            let operands =
                op.operands.iter().map(|x| self.value(&mut scope, x)).collect::<Result<Values, _>>()?;
            scope.leave(at);
            let results = each(self, at, op, &operands)?;
            drop(operands);
            scope.define(at, results);
        }
        match needed {
            Some(_) => Ok(Vec::new()),
            None => func.results.iter().map(|x| self.value(&mut scope, x)).collect(),
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
            return Ok(vec![x.retyped(ty)]);
        }
        let bytes = op.results.iter().map(|ty| ty.bytes() as u64).fold(0, u64::saturating_add);
        self.memory.room(bytes)?;
        let tensors: Vec<Tensor> = operands.iter().map(|held| held.tensor.clone()).collect();
        let results = self.tracer.stages.run(&self.tracer.lowering, func, at, &tensors)?;
        results.into_iter().map(|tensor| self.memory.hold(tensor)).collect()
    }

    /// The operator at the end of a path, with operands and results.
    pub fn open(
        &mut self,
        position: usize,
        args: Values,
        follow: Follow<'_>,
    ) -> Result<Opening<'t>, EngineError> {
        let func = self.func(position)?;
        let target = follow.op();
        let op = func.ops.get(target).ok_or_else(|| follow.missing())?;
        let needed = ancestors(func, target);
        let inside = follow.inside();
        let (mut operands, mut results) = (Vec::new(), Vec::new());
        self.walk(position, args, Some(&needed), &mut |run, at, op, x| {
            if at == target {
                operands = x.to_vec();
                if inside.is_some() {
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
        let Some((frame, follow)) = inside else {
            let tensors = |values: &Values| values.iter().map(|held| held.tensor.clone()).collect();
            return Ok(Opening { op, operands: tensors(&operands), results: tensors(&results) });
        };
        let (mut number, mut found) = (0, None);
        self.frames(op, &operands, &mut |run, func, args| {
            if number == frame {
                found = Some((func, args));
                return Ok(None);
            }
            number += 1;
            run.call(func, args).map(Some)
        })?;
        let (func, args) = found.ok_or_else(|| follow.missing())?;
        self.open(func, args, follow)
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

    /// The tensor that an operand stands for.
    fn value(&self, scope: &mut Scope, operand: &Operand) -> Result<Rc<Held>, EngineError> {
        let Source::Constant(position) = operand.source else {
            return scope.get(operand.source).ok_or_else(malformed);
        };
        let cell = self.constants.get(position as usize).ok_or_else(malformed)?;
        if let Some(known) = cell.get() {
            return Ok(known.clone());
        }
        let constant = self.tracer.program().constants.get(position as usize).ok_or_else(malformed)?;
        let held = self.memory.hold(Tensor::from_bytes(constant.ty().clone(), constant.bytes())?)?;
        Ok(cell.get_or_init(|| held).clone())
    }
}
