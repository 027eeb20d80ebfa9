//! What may stand in a lowered program. Behind [`check`] an evaluator needs no bounds of its own: every element that an
//! access names exists, registers and types fit, and numbers stay within 128 bits.

use super::form::*;
use crate::error::HloError;
use crate::infer::{checked_bytes, infer};
use crate::ir::*;
use crate::verify::{MAX_CALL_DEPTH, MAX_RANK, MAX_TENSOR_BYTES};

/// Largest size of an index or an axis, largest stride and divisor.
pub const MAX_INDEX: u64 = 1 << 48;
/// Longest chain.
pub const MAX_CHAIN: u64 = 1 << 62;
/// Most terms of an affine map, axes of an access, places of a read, steps of a body.
const MAX_TERMS: usize = 1 << 16;

type Check = Result<(), String>;

fn ensure(condition: bool, message: impl FnOnce() -> String) -> Check {
    if condition { Ok(()) } else { Err(message()) }
}

/// Checks a whole program.
///
/// # Errors
/// [`HloError::Module`] naming function, operator and the broken rule.
pub fn check(program: &Lowered) -> Result<(), HloError> {
    let refuse = |message: String| HloError::Module(format!("lowered program: {message}"));
    ensure(!program.funcs.is_empty(), || "has no function".to_owned()).map_err(refuse)?;
    for (i, constant) in program.constants.iter().enumerate() {
        tensor(constant.ty())
            .and_then(|()| {
                let is_i1 = constant.ty().dtype == DType::I1;
                ensure(constant.bytes().len() == constant.ty().bytes(), || {
                    "has another length than its type".to_owned()
                })?;
                ensure(!is_i1 || constant.bytes().iter().all(|&b| b <= 1), || "an i1 is 0 or 1".to_owned())
            })
            .map_err(|message| refuse(format!("constant {i}: {message}")))?;
    }
    // How deep functions behind each one run each other.
    let mut depths: Vec<usize> = Vec::with_capacity(program.funcs.len());
    for (f, func) in program.funcs.iter().enumerate() {
        let at = |message: String| refuse(format!("function {f}: {message}"));
        func.params.iter().try_for_each(tensor).map_err(at)?;
        let mut depth = 1;
        for (o, op) in func.ops.iter().enumerate() {
            let at = |message: String| refuse(format!("function {f}, operator {o}: {message}"));
            op.operands.iter().try_for_each(|x| operand(program, func, o, x)).map_err(at)?;
            operator(op).map_err(at)?;
            callees(program, f, op).map_err(at)?;
            for &callee in op.kind.callees().iter() {
                depth = depth.max(depths[callee as usize] + 1);
            }
        }
        ensure(depth <= MAX_CALL_DEPTH, || format!("loops nest more than {MAX_CALL_DEPTH} levels deep"))
            .map_err(at)?;
        depths.push(depth);
        func.results.iter().try_for_each(|x| operand(program, func, func.ops.len(), x)).map_err(at)?;
    }
    Ok(())
}

impl Kind {
    /// Functions that the operator runs, by position.
    pub fn callees(&self) -> Vec<u32> {
        match self {
            Kind::While { cond, body } => vec![*cond, *body],
            Kind::Case { branches } => branches.clone(),
            _ => Vec::new(),
        }
    }
}

fn tensor(ty: &TensorType) -> Check {
    let fits = checked_bytes(ty).is_some_and(|bytes| bytes <= MAX_TENSOR_BYTES) && ty.rank() <= MAX_RANK;
    ensure(fits, || format!("{ty} is larger than {MAX_TENSOR_BYTES} bytes or {MAX_RANK} dimensions"))
}

/// The operand exists before operator `at`, and has the type it says.
fn operand(program: &Lowered, func: &LoweredFunc, at: usize, x: &Operand) -> Check {
    let ty = match x.source {
        Source::Param(i) => func.params.get(i as usize),
        Source::Constant(i) => program.constants.get(i as usize).map(Constant::ty),
        Source::Op { op, result } => {
            let earlier = func.ops.get(..at).and_then(|ops| ops.get(op as usize));
            earlier.and_then(|op| op.results.get(result as usize))
        }
    };
    ensure(ty == Some(&x.ty), || format!("{:?} is no {} at this place", x.source, x.ty))
}

/// Loops and branches: the types of what they run.
fn callees(program: &Lowered, f: usize, op: &LoweredOp) -> Check {
    let callee = |position: u32| {
        let earlier = program.funcs.get(..f).and_then(|funcs| funcs.get(position as usize));
        earlier.ok_or_else(|| format!("runs function {position}, which does not stand before its own"))
    };
    let takes = |func: &LoweredFunc, operands: &[Operand]| {
        ensure(operands.iter().map(|x| &x.ty).eq(&func.params), || {
            "runs a function on other types".to_owned()
        })
    };
    let returns = |func: &LoweredFunc, types: &[TensorType]| {
        let same = func.results.iter().map(|x| &x.ty).eq(types);
        ensure(same, || "runs a function that returns other types".to_owned())
    };
    match &op.kind {
        Kind::While { cond, body } => {
            let (cond, body) = (callee(*cond)?, callee(*body)?);
            takes(cond, &op.operands)?;
            takes(body, &op.operands)?;
            returns(cond, &[TensorType::scalar(DType::I1)])?;
            returns(body, &op.results)?;
            let carried = op.operands.get(..op.results.len()).unwrap_or_default();
            ensure(!op.results.is_empty() && carried.iter().map(|x| &x.ty).eq(&op.results), || {
                "carries other types than it returns".to_owned()
            })
        }
        Kind::Case { branches } => {
            let (index, shared) = op.operands.split_first().ok_or("takes an index")?;
            ensure(index.ty == TensorType::scalar(DType::I32), || {
                "the index must be a tensor<i32>".to_owned()
            })?;
            ensure(!branches.is_empty(), || "needs at least one branch".to_owned())?;
            branches.iter().try_for_each(|&position| {
                let branch = callee(position)?;
                takes(branch, shared)?;
                returns(branch, &op.results)
            })
        }
        _ => Ok(()),
    }
}

/// Everything about an operator that does not depend on the program around it.
pub(super) fn operator(op: &LoweredOp) -> Check {
    op.operands.iter().map(|x| &x.ty).chain(&op.results).try_for_each(tensor)?;
    match &op.kind {
        Kind::Map { space, function, reads } => {
            let [result] = &op.results[..] else { return Err("a map has one result".to_owned()) };
            indices(space, result)?;
            let reads = reads.iter().map(|r| read(op, r, space)).collect::<Result<Vec<DType>, _>>()?;
            let dtype = applied(*function, &reads)?;
            ensure(dtype == result.dtype, || {
                format!("computes {}, not {}", dtype.name(), result.dtype.name())
            })
        }
        Kind::Fold(fold) => folds(op, fold),
        Kind::Merge(merge) => merges(op, merge),
        Kind::Reinterpret => match (&op.operands[..], &op.results[..]) {
            ([x], [result]) => {
                let mixes_i1 = (x.ty.dtype == DType::I1) != (result.dtype == DType::I1);
                ensure(x.ty.bytes() == result.bytes() && !mixes_i1, || format!("{} cannot be {result}", x.ty))
            }
            _ => Err("a reinterpretation has one operand and one result".to_owned()),
        },
        Kind::While { .. } | Kind::Case { .. } => Ok(()),
    }
}

fn product(sizes: &[u64]) -> Option<u64> {
    // As for tensors, an empty index does not excuse others.
    let all = sizes.iter().try_fold(1u64, |n, &size| n.checked_mul(size.max(1)))?;
    Some(if sizes.contains(&0) { 0 } else { all })
}

/// Indices count through exactly the elements of a result.
fn indices(space: &[u64], result: &TensorType) -> Check {
    let moderate = space.len() <= MAX_TERMS && space.iter().all(|&n| n <= MAX_INDEX);
    ensure(moderate && product(space) == Some(result.elements() as u64), || {
        format!("the indices {space:?} do not count through a {result}")
    })
}

/// A function on arguments of these types; the type of its result.
fn applied(function: Scalar, args: &[DType]) -> Result<DType, String> {
    ensure(args.len() == function.arity(), || format!("{function:?} takes {} arguments", function.arity()))?;
    if let Scalar::Bitcast(to) = function
        && args.iter().any(|from| from.size() != to.size())
    {
        return Err(format!("{function:?} of an element of another size"));
    }
    let types: Vec<TensorType> = args.iter().map(|&dtype| TensorType::scalar(dtype)).collect();
    match function.kind() {
        Some(kind) => {
            let result = infer(&kind, &types.iter().collect::<Vec<_>>()).map_err(|e| e.to_string())?;
            Ok(result.dtype)
        }
        None => Ok(args[0]),
    }
}

/// The types of what a body returns, given those of its parameters.
fn body(body: &Body, params: &[DType]) -> Result<Vec<DType>, String> {
    ensure(body.steps.len() <= MAX_TERMS, || format!("a body has more than {MAX_TERMS} steps"))?;
    let mut registers = params.to_vec();
    let get = |registers: &[DType], r: &u32| {
        registers.get(*r as usize).copied().ok_or_else(|| format!("register {r} is not written yet"))
    };
    for step in &body.steps {
        let dtype = match step {
            Step::Literal { dtype, bits } => {
                bits_of(*dtype, *bits)?;
                *dtype
            }
            Step::Apply { function, dtype, args } => {
                let args = args.iter().map(|r| get(&registers, r)).collect::<Result<Vec<_>, _>>()?;
                ensure(args.last() == Some(dtype), || format!("{function:?} works on another type"))?;
                applied(*function, &args)?
            }
        };
        registers.push(dtype);
    }
    body.results.iter().map(|r| get(&registers, r)).collect()
}

/// Bits within the width of the type.
fn bits_of(dtype: DType, bits: u64) -> Check {
    let width = if dtype == DType::I1 { 1 } else { 8 * dtype.size() as u32 };
    ensure(bits.checked_shr(width).unwrap_or(0) == 0, || format!("{bits:#x} is no {}", dtype.name()))
}

fn folds(op: &LoweredOp, fold: &Fold) -> Check {
    let first = op.results.first().ok_or("a fold has a result")?;
    op.results.iter().try_for_each(|result| indices(&fold.space, result))?;
    let moderate = fold.over.len() <= MAX_TERMS && fold.over.iter().all(|&n| n <= MAX_INDEX);
    ensure(moderate && product(&fold.over).is_some_and(|n| n <= MAX_CHAIN), || {
        format!("a chain over {:?} is too long", fold.over)
    })?;
    let all = [&fold.space[..], &fold.over].concat();
    let reads = fold.reads.iter().map(|r| read(op, r, &all)).collect::<Result<Vec<DType>, _>>()?;
    let inits = fold.inits.iter().map(|r| read(op, r, &fold.space)).collect::<Result<Vec<DType>, _>>()?;
    let results: Vec<DType> = op.results.iter().map(|ty| ty.dtype).collect();
    let one = [first.dtype];
    match &fold.combine {
        Combine::Contract => {
            let numbers = first.dtype != DType::I1;
            let fits = reads == [first.dtype; 2] && inits.is_empty() && results == one && numbers;
            ensure(fits, || "a contraction takes two reads of its own type and no initial value".to_owned())
        }
        Combine::Sum { lanes } => {
            let fits = reads == one && inits == one && results == one && first.dtype.is_float();
            ensure(fits && matches!(lanes, 1 | 32), || "a sum takes floats, in 1 or 32 lanes".to_owned())
        }
        Combine::Chain(function) => {
            ensure(reads == one && inits == one && results == one, || {
                "a chain takes one read and one initial value of its own type".to_owned()
            })?;
            applied(Scalar::Binary(*function), &[first.dtype; 2]).map(|_| ())
        }
        Combine::Body(function) => {
            let params = [&inits[..], &reads].concat();
            let fits = inits == results && body(function, &params)? == results;
            ensure(fits, || "initial values, accumulators and results differ in type".to_owned())
        }
    }
}

fn merges(op: &LoweredOp, merge: &Merge) -> Check {
    let sizes = [merge.outer, merge.length, merge.inner];
    let elements = product(&sizes);
    let types: Vec<&TensorType> = op.operands.iter().map(|x| &x.ty).collect();
    let fits = types.iter().all(|ty| Some(ty.elements() as u64) == elements) && !types.is_empty();
    ensure(fits && types.iter().copied().eq(&op.results), || {
        "a merge returns what it takes, all of one shape".to_owned()
    })?;
    ensure(merge.width > 0 && sizes.iter().all(|&n| n <= MAX_INDEX) && merge.width <= MAX_INDEX, || {
        "a merge of runs without elements, or too many".to_owned()
    })?;
    let params: Vec<DType> = types.iter().flat_map(|ty| [ty.dtype; 2]).collect();
    let returned = body(&merge.comparator, &params)?;
    ensure(returned == [DType::I1], || "the comparator must return one i1".to_owned())
}

/// The type that a read of indices of these sizes gives.
fn read(op: &LoweredOp, read: &Read, sizes: &[u64]) -> Result<DType, String> {
    ensure(!read.places.is_empty() && read.places.len() <= MAX_TERMS, || "a read has no places".to_owned())?;
    for place in &read.places {
        match place {
            Place::Element { operand, axes } => {
                let ty = accessed(op, *operand)?;
                ensure(ty.dtype == read.dtype, || {
                    format!("reads {} as {}", ty.dtype.name(), read.dtype.name())
                })?;
                access(op, ty, axes, sizes, true)?;
            }
            Place::Literal(bits) => bits_of(read.dtype, *bits)?,
            Place::Index(at) => {
                affine(at, sizes)?;
                ensure(read.dtype == DType::U64, || "an index is a ui64".to_owned())?;
            }
        }
    }
    Ok(read.dtype)
}

fn accessed(op: &LoweredOp, operand: u32) -> Result<&TensorType, String> {
    let operand = op.operands.get(operand as usize);
    operand.map(|x| &x.ty).ok_or_else(|| "reads an operand that it does not have".to_owned())
}

/// Whatever the indices, an access that is no hole is within the tensor.
fn access(op: &LoweredOp, ty: &TensorType, axes: &[Axis], sizes: &[u64], starts: bool) -> Check {
    ensure(axes.len() <= MAX_TERMS, || format!("an access has more than {MAX_TERMS} axes"))?;
    let mut last = 0_u128;
    for axis in axes {
        let moderate = [axis.size, axis.stride, axis.divisor].iter().all(|&n| n <= MAX_INDEX);
        ensure(moderate && axis.divisor > 0, || {
            format!("an axis has a number beyond {MAX_INDEX}, or divides by 0")
        })?;
        last += u128::from(axis.size.saturating_sub(1)) * u128::from(axis.stride);
        affine(&axis.at, sizes)?;
        if let Some(start) = &axis.start {
            ensure(starts, || "a computed index must not depend on another".to_owned())?;
            let ty = accessed(op, start.operand)?;
            ensure(ty.dtype.is_int(), || format!("{ty} holds no indices"))?;
            access(op, ty, &start.axes, sizes, false)?;
        }
    }
    // Behind an axis without positions nothing is ever read, but its neighbours must not overflow before.
    let is_empty = axes.iter().any(|axis| axis.size == 0) && last < u128::from(MAX_CHAIN);
    ensure(is_empty || last < ty.elements() as u128, || format!("an access reaches beyond a {ty}"))
}

fn affine(at: &Affine, sizes: &[u64]) -> Check {
    let ascending = at.terms.is_sorted_by(|a, b| a.0 < b.0);
    let exist =
        at.terms.iter().all(|&(index, coefficient)| (index as usize) < sizes.len() && coefficient != 0);
    ensure(ascending && exist, || format!("{at:?} is no affine map of {} indices", sizes.len()))
}
