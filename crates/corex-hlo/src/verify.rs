//! The rules of a module as a whole.
//!
//! A verified module is one that every later stage can take without checking again: each value is defined
//! once and before its uses, each operation is well typed, calls match their callees, nothing recurs, and
//! sizes are within the limits below, also after inlining every call.

use std::collections::BTreeMap;

use crate::error::HloError;
use crate::infer::{checked_bytes, infer};
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
        let results = op.results.iter().map(|&v| func.ty(v));
        if let OpKind::Call { callee } = &op.kind {
            let callee = by_name
                .get(&callee[..])
                .map(|&index| &module.funcs[index])
                .ok_or_else(|| HloError::Module(format!("@{name} calls @{callee}, which does not exist")))?;
            let in_range =
                callee.params.iter().chain(&callee.results).all(|v| v.index() < callee.values.len());
            let agrees = in_range
                && operands.iter().copied().eq(callee.params.iter().map(|&v| callee.ty(v)))
                && results.eq(callee.results.iter().map(|&v| callee.ty(v)));
            ensure(agrees, || format!("@{name} calls @{} with other types than it has", callee.name))?;
        } else {
            let inferred = infer(&op.kind, &operands)?;
            ensure(results.eq([&inferred]), || {
                format!("{} in @{name} must have one result of type {inferred}", op.kind.name())
            })?;
        }
    }
    check_uses(&defined, &func.results)?;
    ensure(defined.iter().all(|&d| d), || format!("a value of @{name} is never defined"))
}

/// What a function amounts to when every call is inlined.
#[derive(Clone, Copy)]
struct Inlined {
    depth: usize,
    size: usize,
    bytes: usize,
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
            open[index] = false;
            path.pop();
        }
    }
    Ok(())
}

/// Called functions, one entry per call.
fn calls(func: &Func, by_name: &BTreeMap<&str, usize>) -> Vec<usize> {
    let callee = |op: &Op| match &op.kind {
        OpKind::Call { callee } => by_name.get(&callee[..]).copied(),
        _ => None,
    };
    func.ops.iter().filter_map(callee).collect()
}

fn inlined(func: &Func, callees: &[usize], done: &[Option<Inlined>]) -> Result<Inlined, HloError> {
    let bytes = func.values.iter().map(TensorType::bytes).fold(0, usize::saturating_add);
    let mut all = Inlined { depth: 1, size: own_size(func), bytes };
    for callee in callees.iter().filter_map(|&index| done[index]) {
        all.depth = all.depth.max(callee.depth + 1);
        all.size = all.size.saturating_add(callee.size);
        all.bytes = all.bytes.saturating_add(callee.bytes);
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
