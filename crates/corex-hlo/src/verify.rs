//! The rules of a module as a whole.
//!
//! A verified module is one that every later stage can take without checking again: each value is defined
//! once and before its uses, each operation is well typed, calls match their callees, nothing recurs (neither
//! through calls nor through loops, branches and bodies), bodies of reductions and comparators are scalar
//! functions, and sizes are within the limits below, also after inlining every call.

use std::collections::BTreeMap;

use crate::error::HloError;
use crate::infer::{Signature, checked_bytes, infer_results};
use crate::ir::*;

/// Most dimensions of a tensor.
pub const MAX_RANK: usize = 16;
/// Most values of a module, all functions together.
pub const MAX_VALUES: usize = 1 << 20;
/// Largest tensor, in bytes (64 GiB).
pub const MAX_TENSOR_BYTES: usize = 1 << 36;
/// Most bytes of all values of a function together, calls inlined (16 TiB). What an executor keeps at one
/// time is far less; this bounds the work of moving data.
pub const MAX_FUNC_BYTES: usize = 1 << 44;
/// Most operations and values of a function together, calls inlined.
pub const MAX_INLINED: usize = 1 << 22;
/// Longest chain of calls.
pub const MAX_CALL_DEPTH: usize = 64;

/// Checks every rule named in the module documentation.
///
/// # Errors
/// [`HloError::Type`] for an ill-typed operation, [`HloError::Module`] for everything else.
pub fn verify(module: &Module) -> Result<(), HloError> {
    symbol(&module.name)?;
    let mut by_name = BTreeMap::new();
    let mut values = 0usize;
    for (index, func) in module.funcs.iter().enumerate() {
        symbol(&func.name)?;
        ensure(by_name.insert(&func.name[..], index).is_none(), || {
            format!("function @{} is defined twice", func.name)
        })?;
        values = values.saturating_add(func.values.len());
    }
    ensure(values <= MAX_VALUES, || format!("{values} values are more than the limit of {MAX_VALUES}"))?;
    ensure(module.funcs.iter().any(|f| f.public), || "the module has no public function".to_owned())?;
    for func in &module.funcs {
        function(module, &by_name, func)?;
    }
    sizes(module, &by_name)
}

/// Operations and values of one function, without those of its callees; see [`MAX_INLINED`].
pub(crate) fn own_size(func: &Func) -> usize {
    func.ops.len() + func.values.len() + 1
}

fn ensure(condition: bool, message: impl FnOnce() -> String) -> Result<(), HloError> {
    if condition { Ok(()) } else { Err(HloError::Module(message())) }
}

/// A name that MLIR can print without quotes.
fn symbol(name: &str) -> Result<(), HloError> {
    let mut bytes = name.bytes();
    let starts = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    let goes_on = bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'.'));
    ensure(starts && goes_on && name.len() <= 256, || {
        let shown: String = name.chars().take(40).collect();
        format!("`{shown}` is not a symbol: at most 256 letters, digits, `_`, `$` and `.`, no digit first")
    })
}

/// SSA order, types and calls of one function.
fn function(module: &Module, by_name: &BTreeMap<&str, usize>, func: &Func) -> Result<(), HloError> {
    let name = &func.name;
    for ty in &func.values {
        let within = checked_bytes(ty).is_some_and(|bytes| bytes <= MAX_TENSOR_BYTES);
        ensure(within && ty.rank() <= MAX_RANK, || {
            format!(
                "a value of @{name} is larger than {MAX_TENSOR_BYTES} bytes or {MAX_RANK} dimensions: {ty}"
            )
        })?;
    }
    let mut defined = vec![false; func.values.len()];
    let define = |defined: &mut [bool], values: &[ValueId]| {
        for &v in values {
            let fresh = defined.get_mut(v.index()).is_some_and(|slot| !std::mem::replace(slot, true));
            ensure(fresh, || format!("value %{} of @{name} is out of range or defined twice", v.0))?;
        }
        Ok(())
    };
    let check_uses = |defined: &[bool], values: &[ValueId]| {
        values.iter().try_for_each(|v| {
            let known = defined.get(v.index()).copied().unwrap_or(false);
            ensure(known, || format!("value %{} of @{name} is used before it is defined", v.0))
        })
    };
    define(&mut defined, &func.params)?;
    for op in &func.ops {
        check_uses(&defined, &op.operands)?;
        define(&mut defined, &op.results)?;
        let operands: Vec<_> = op.operands.iter().map(|&v| func.ty(v)).collect();
        let bodies = op.kind.callees().into_iter().map(|callee| signature(module, by_name, name, callee));
        let inferred = infer_results(&op.kind, &operands, &bodies.collect::<Result<Vec<_>, _>>()?)?;
        ensure(op.results.iter().map(|&v| func.ty(v)).eq(&inferred), || {
            let types: Vec<_> = inferred.iter().map(ToString::to_string).collect();
            format!("{} in @{name} must have the result type(s) {}", op.kind.name(), types.join(", "))
        })?;
    }
    check_uses(&defined, &func.results)?;
    ensure(defined.iter().all(|&d| d), || format!("a value of @{name} is never defined"))
}

/// Types of a function that `@name` uses, which may not have been looked at yet.
fn signature(
    module: &Module,
    by_name: &BTreeMap<&str, usize>,
    name: &str,
    callee: &str,
) -> Result<Signature, HloError> {
    let callee = by_name
        .get(callee)
        .map(|&index| &module.funcs[index])
        .ok_or_else(|| HloError::Module(format!("@{name} calls @{callee}, which does not exist")))?;
    let mut used = callee.params.iter().chain(&callee.results);
    ensure(used.all(|v| v.index() < callee.values.len()), || {
        format!("a parameter or result of @{} is no value of it", callee.name)
    })?;
    Ok(callee.signature())
}

/// What a function amounts to when every call is inlined; a loop's body counts once.
#[derive(Clone, Copy)]
struct Inlined {
    depth: usize,
    size: usize,
    bytes: usize,
    /// Only elementwise operations on scalars.
    scalar: bool,
}

/// Operations that a scalar function may hold, beside calls of scalar functions.
fn is_scalar_op(kind: &OpKind) -> bool {
    matches!(
        kind,
        OpKind::Constant(_)
            | OpKind::Unary(_)
            | OpKind::Binary(_)
            | OpKind::Compare(_)
            | OpKind::CompareTotal(_)
            | OpKind::ReducePrecision { .. }
            | OpKind::Select
            | OpKind::Clamp
            | OpKind::Convert(_)
            | OpKind::BitcastConvert(_)
            | OpKind::Call { .. }
    )
}

/// No recursion, and the limits after inlining. A depth-first walk of the call graph with its own stack.
fn sizes(module: &Module, by_name: &BTreeMap<&str, usize>) -> Result<(), HloError> {
    let callees: Vec<Vec<usize>> = module.funcs.iter().map(|func| calls(func, by_name)).collect();
    let mut done: Vec<Option<Inlined>> = vec![None; module.funcs.len()];
    let mut open = vec![false; module.funcs.len()];
    for root in 0..module.funcs.len() {
        // Functions on the way from the root, each with how many of its callees have been looked at.
        let mut path = vec![(root, 0)];
        while let Some((index, next)) = path.last_mut() {
            let index = *index;
            if done[index].is_some() {
                path.pop();
                continue;
            }
            open[index] = true;
            if let Some(&callee) = callees[index].get(*next) {
                *next += 1;
                let name = &module.funcs[callee].name;
                ensure(!open[callee], || format!("@{name} calls itself, directly or through others"))?;
                path.push((callee, 0));
                continue;
            }
            done[index] = Some(inlined(&module.funcs[index], &callees[index], &done)?);
            scalar_bodies(&module.funcs[index], by_name, &done)?;
            open[index] = false;
            path.pop();
        }
    }
    Ok(())
}

/// Functions used, one entry per use.
fn calls(func: &Func, by_name: &BTreeMap<&str, usize>) -> Vec<usize> {
    let names = func.ops.iter().flat_map(|op| op.kind.callees());
    names.filter_map(|callee| by_name.get(callee).copied()).collect()
}

fn inlined(func: &Func, callees: &[usize], done: &[Option<Inlined>]) -> Result<Inlined, HloError> {
    let bytes = func.values.iter().map(TensorType::bytes).fold(0, usize::saturating_add);
    let scalar =
        func.values.iter().all(|ty| ty.rank() == 0) && func.ops.iter().all(|op| is_scalar_op(&op.kind));
    let mut all = Inlined { depth: 1, size: own_size(func), bytes, scalar };
    for callee in callees.iter().filter_map(|&index| done[index]) {
        all.depth = all.depth.max(callee.depth + 1);
        all.size = all.size.saturating_add(callee.size);
        all.bytes = all.bytes.saturating_add(callee.bytes);
        all.scalar &= callee.scalar;
    }
    for (what, is, limit) in [
        ("levels of calls", all.depth, MAX_CALL_DEPTH),
        ("operations and values with its calls inlined", all.size, MAX_INLINED),
        ("bytes of values with its calls inlined", all.bytes, MAX_FUNC_BYTES),
    ] {
        ensure(is <= limit, || format!("@{} has {is} {what}, the limit is {limit}", func.name))?;
    }
    Ok(all)
}

/// Bodies that are evaluated per element must be scalar functions.
fn scalar_bodies(
    func: &Func,
    by_name: &BTreeMap<&str, usize>,
    done: &[Option<Inlined>],
) -> Result<(), HloError> {
    for kind in func.ops.iter().map(|op| &op.kind).filter(|kind| kind.has_scalar_body()) {
        for callee in kind.callees() {
            let scalar = by_name.get(callee).and_then(|&index| done[index]).is_some_and(|f| f.scalar);
            ensure(scalar, || {
                format!(
                    "@{callee}, the body of {} in @{}, must hold elementwise operations on scalars only",
                    kind.name(),
                    func.name
                )
            })?;
        }
    }
    Ok(())
}
