//! One lowered operator at full speed: as a program of its own for the fast executor.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use corex_hlo::ir::*;
use corex_hlo::lower::{Body as Line, Combine, Kind, LoweredOp, Lowering, Merge, Scalar, Step};
use corex_hlo::{FuncBuilder, HloError, Inlined};

use crate::error::EngineError;
use crate::exec::{Options, Program};
use crate::reference::Body;
use crate::tensor::Tensor;

/// Operators whose tensors are smaller together are compiled once and run on one thread; larger ones are compiled
/// whenever they are met, so that their programs hold no memory in the meantime.
const SMALL: usize = 1 << 20;

/// Evaluates operators of a lowered program.
pub(super) struct Stages {
    options: Options,
    /// Programs of small operators, by what they compute.
    known: Mutex<HashMap<String, Arc<Program>>>,
}

impl Stages {
    pub fn new(options: &Options) -> Self {
        Self { options: *options, known: Mutex::default() }
    }

    /// The results of operator `at` of function `func`, which is no loop or branch and no reinterpretation.
    pub fn run(
        &self,
        lowering: &Lowering,
        func: usize,
        at: usize,
        operands: &[Tensor],
    ) -> Result<Vec<Tensor>, EngineError> {
        let broken = || HloError::Module(format!("there is no operator {at} of function {func}"));
        let lowered = lowering.program.funcs.get(func).and_then(|f| f.ops.get(at)).ok_or_else(broken)?;
        let origin = lowering.origins.get(func).ok_or_else(broken)?;
        let op = origin.ops.get(at).and_then(|&o| origin.func.ops.get(o)).ok_or_else(broken)?;
        if let Kind::Merge(merge) = &lowered.kind {
            return merge_pass(merge, &comparator(lowering, op)?, operands);
        }
        let types = lowered.operands.iter().map(|x| &x.ty).chain(&lowered.results);
        let bytes = types.map(TensorType::bytes).fold(0, usize::saturating_add);
        if bytes >= SMALL {
            return Program::compile(&module(lowering, op, lowered)?, MAIN, &self.options)?.run(operands);
        }
        let types: Vec<String> = lowered.operands.iter().map(|x| x.ty.to_string()).collect();
        let key = format!("{:?} {types:?} {}", op.kind, lowered.results.len());
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known().get(&key).cloned();
        let program = match found {
            Some(program) => program,
            None => {
                let options = Options { threads: 1, ..self.options };
                let program = Arc::new(Program::compile(&module(lowering, op, lowered)?, MAIN, &options)?);
                known().insert(key, program.clone());
                program
            }
        };
        program.run(operands)
    }
}

const MAIN: &str = "main";
const BODY: &str = "body";

/// The module whose function takes the lowered operator's operands and returns its results.
fn module(lowering: &Lowering, op: &Op, lowered: &LoweredOp) -> Result<Module, EngineError> {
    let mut b = FuncBuilder::new(MAIN);
    let params: Vec<ValueId> = lowered.operands.iter().map(|x| b.param(x.ty.clone())).collect();
    let mut funcs = Vec::new();
    let results = match (&op.kind, &params[..]) {
        // The first of two operators: positions beside elements; the second: sources to those positions.
        (OpKind::SelectAndScatter { window, .. }, &[x]) => {
            let (body, results) = selection(&mut b, x, window, lowered)?;
            funcs.push(body);
            results
        }
        (OpKind::SelectAndScatter { scatter, .. }, &[source, positions, init]) => {
            vec![scattered(&mut b, source, positions, init, *scatter, &lowered.results[0])]
        }
        (OpKind::Constant(literal), _) => vec![b.constant(literal.clone())],
        (kind, _) if kind.has_scalar_body() => {
            let body = body(lowering, kind)?;
            let mut kind = kind.clone();
            kind.callees_mut().into_iter().for_each(|name| *name = BODY.to_owned());
            let signature = body.signature();
            funcs.push(body);
            b.op_with(kind, &params, &[signature])
        }
        (kind, _) => vec![b.op(kind.clone(), &params)],
    };
    let mut module = Module::single("operator", b.finish(&results)?);
    module.funcs.extend(funcs);
    Ok(module)
}

/// The flat scalar function that an operation names, under a name of its own.
fn body(lowering: &Lowering, kind: &OpKind) -> Result<Func, EngineError> {
    let name = kind.callees().first().copied().unwrap_or_default();
    let mut func = Inlined::new(&lowering.module).func(name)?;
    func.name = BODY.to_owned();
    func.public = false;
    Ok(func)
}

fn comparator(lowering: &Lowering, op: &Op) -> Result<Func, EngineError> {
    body(lowering, &op.kind)
}

/// `reduce_window` of the operand and its elements' positions, with the body of the lowered fold.
fn selection(
    b: &mut FuncBuilder,
    x: ValueId,
    window: &[WindowDim],
    lowered: &LoweredOp,
) -> Result<(Func, Vec<ValueId>), EngineError> {
    let ty = b.ty(x).clone();
    let Kind::Fold(fold) = &lowered.kind else {
        return Err(HloError::Module("a selection is a fold".to_owned()).into());
    };
    let Combine::Body(line) = &fold.combine else {
        return Err(HloError::Module("a selection has a body".to_owned()).into());
    };
    let body = function(line, &[ty.dtype, DType::U64, ty.dtype, DType::U64])?;
    let count = b.iota(TensorType::new(DType::U64, [ty.elements()]), 0);
    let positions = b.reshape(count, &ty.shape);
    let inits = [constant(b, ty.dtype, 0), constant(b, DType::U64, u64::MAX)];
    let kind = OpKind::ReduceWindowWith { window: window.to_vec(), body: BODY.to_owned() };
    let results = b.op_with(kind, &[x, positions, inits[0], inits[1]], &[body.signature()]);
    Ok((body, results))
}

fn constant(b: &mut FuncBuilder, dtype: DType, bits: u64) -> ValueId {
    let data = LiteralData::Splat(bits.to_le_bytes()[..dtype.size()].to_vec());
    b.constant(Literal { ty: TensorType::scalar(dtype), data })
}

/// A straight line as a function of the module.
fn function(line: &Line, params: &[DType]) -> Result<Func, EngineError> {
    let mut b = FuncBuilder::new(BODY);
    let mut registers: Vec<ValueId> =
        params.iter().map(|&dtype| b.param(TensorType::scalar(dtype))).collect();
    let get = |registers: &[ValueId], r: &u32| {
        let unknown = || HloError::Module(format!("register {r} is not written"));
        registers.get(*r as usize).copied().ok_or_else(unknown)
    };
    for step in &line.steps {
        let value = match step {
            Step::Literal { dtype, bits } => constant(&mut b, *dtype, *bits),
            Step::Apply { function, args, .. } => {
                let args = args.iter().map(|r| get(&registers, r)).collect::<Result<Vec<_>, _>>()?;
                match (function.kind(), function) {
                    (Some(kind), _) => b.op(kind, &args),
                    (None, Scalar::Copy) => args[0],
                    (None, other) => {
                        return Err(HloError::Module(format!("{other:?} is no operation")).into());
                    }
                }
            }
        };
        registers.push(value);
    }
    let results = line.results.iter().map(|r| get(&registers, r)).collect::<Result<Vec<_>, _>>()?;
    let mut func = b.finish(&results)?;
    func.public = false;
    Ok(func)
}

/// A scatter into a tensor of initial values; positions that are no element's are skipped.
fn scattered(
    b: &mut FuncBuilder,
    source: ValueId,
    positions: ValueId,
    init: ValueId,
    reducer: Reducer,
    ty: &TensorType,
) -> ValueId {
    let sources = b.ty(source).elements();
    // An initial value that nothing is added to comes out with canonical NaN.
    let init = if ty.dtype.is_float() { b.max(init, init) } else { init };
    let start = b.broadcast(init, &[ty.elements()], &[]);
    let positions = b.reshape(positions, &[sources, 1]);
    let source = b.reshape(source, &[sources]);
    let dims = ScatterDims {
        inserted_window_dims: vec![0],
        scatter_dims_to_operand_dims: vec![0],
        index_vector_dim: 1,
        ..ScatterDims::default()
    };
    let sum = b.scatter(start, positions, source, dims, reducer);
    b.reshape(sum, &ty.shape)
}

/// One pass of a merge sort.
fn merge_pass(merge: &Merge, comparator: &Func, operands: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
    let mut comparator = Body::new(comparator.clone())?;
    let [outer, length, inner] = [merge.outer, merge.length, merge.inner].map(|n| n as usize);
    let width = merge.width as usize;
    let sizes: Vec<usize> = operands.iter().map(|x| x.ty().dtype.size()).collect();
    let mut results: Vec<Vec<u8>> = operands.iter().map(|x| x.bytes().to_vec()).collect();
    let word = |x: usize, at: usize| {
        let bytes = &operands[x].bytes()[at * sizes[x]..][..sizes[x]];
        bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
    };
    let (mut args, mut precedes) = (Vec::with_capacity(2 * operands.len()), [0]);
    for lane in 0..outer * inner {
        let at = |p: usize| (lane / inner * length + p) * inner + lane % inner;
        for base in (0..length).step_by(2 * width) {
            let middle = length.min(base + width);
            let end = length.min(base + 2 * width);
            let (mut left, mut right) = (base, middle);
            for next in base..end {
                let take_right = left == middle
                    || right < end && {
                        args.clear();
                        args.extend(
                            (0..operands.len()).flat_map(|x| [word(x, at(right)), word(x, at(left))]),
                        );
                        comparator.run(&args, &mut precedes);
                        precedes == [1]
                    };
                let from = if take_right { &mut right } else { &mut left };
                for (x, result) in results.iter_mut().enumerate() {
                    let (from, to, size) = (at(*from) * sizes[x], at(next) * sizes[x], sizes[x]);
                    result[to..to + size].copy_from_slice(&operands[x].bytes()[from..from + size]);
                }
                *from += 1;
            }
        }
    }
    operands.iter().zip(results).map(|(x, bytes)| Tensor::from_bytes(x.ty().clone(), &bytes)).collect()
}
