//! Regions: a region becomes a function of its own, or, where it is one, a [`Reducer`].

use std::collections::{HashMap, HashSet};

use super::cursor::Cursor;
use crate::builder::FuncBuilder;
use crate::canonical::Renumbered;
use crate::error::HloError;
use crate::infer::Signature;
use crate::ir::*;

/// The operation that applies a reducer.
pub(crate) fn reducer_op(reducer: Reducer) -> Option<&'static str> {
    Some(match reducer {
        Reducer::Add => "stablehlo.add",
        Reducer::Mul => "stablehlo.multiply",
        Reducer::Max => "stablehlo.maximum",
        Reducer::Min => "stablehlo.minimum",
        Reducer::And => "stablehlo.and",
        Reducer::Or => "stablehlo.or",
        Reducer::Assign => return None,
    })
}

/// Reducers with an operation.
const REDUCERS: [Reducer; 6] =
    [Reducer::Add, Reducer::Mul, Reducer::Max, Reducer::Min, Reducer::And, Reducer::Or];

/// A region that has been read.
pub(super) struct Region {
    /// Takes the region's arguments, then `captures`.
    pub(super) func: Func,
    /// Number of arguments.
    pub(super) args: usize,
    /// Values of the surrounding function that the region uses, in order of first use.
    pub(super) captures: Vec<ValueId>,
}

/// Where a region's arguments stand.
pub(super) enum RegionArgs<'a> {
    /// At its head: `^bb0(%a: type, …):`, or nothing for none.
    Block,
    /// Before it.
    Given(Vec<(&'a str, TensorType)>),
}

/// Who reads regions: the function being read knows the values that they may use.
pub(super) trait RegionReader<'a> {
    /// Reads a region of the operation `op` up to its closing brace, which is left. `{` has been passed.
    fn region(
        &mut self,
        cursor: &mut Cursor<'a>,
        op: &'a str,
        args: RegionArgs<'a>,
    ) -> Result<Region, HloError>;
}

impl Region {
    /// The region that is this one operation on its two arguments.
    ///
    /// # Errors
    /// The operation does not take arguments of this type.
    pub(super) fn of_binary(op: BinaryOp, element: TensorType) -> Result<Self, HloError> {
        let mut b = FuncBuilder::new("");
        let args = [b.param(element.clone()), b.param(element)];
        let result = b.op(OpKind::Binary(op), &args);
        let func = Func { public: false, ..b.finish(&[result])? };
        Ok(Self { func, args: 2, captures: Vec::new() })
    }

    /// The reducer that the region is: one operation on its two arguments, or returning the second.
    pub(super) fn reducer(&self) -> Option<Reducer> {
        let [old, new] = self.func.params[..] else { return None };
        if self.func.ty(old) != self.func.ty(new) {
            return None;
        }
        match (&self.func.ops[..], &self.func.results[..]) {
            ([], [result]) if *result == new => Some(Reducer::Assign),
            ([op], results) if op.results == results && is_pair(&op.operands, old, new) => {
                REDUCERS.into_iter().find(|&r| reducer_op(r) == Some(op.kind.name()))
            }
            _ => None,
        }
    }

    /// The comparison that the region is, of its first argument with its second.
    pub(super) fn comparison(&self) -> Option<CompareDir> {
        match (&self.func.ops[..], &self.func.params[..]) {
            ([op], params) if op.results == self.func.results && op.operands == params => match op.kind {
                OpKind::Compare(dir) => Some(dir),
                _ => None,
            },
            _ => None,
        }
    }

    /// If the region only calls a function with all its arguments and values from outside and returns what that
    /// returns: the function, and the values from outside. This is how [`crate::print`] writes regions.
    fn plain_call(&self) -> Option<(&str, Vec<ValueId>)> {
        let [Op { kind: OpKind::Call { callee }, operands, results }] = &self.func.ops[..] else {
            return None;
        };
        let (args, shared) = operands.split_at_checked(self.args)?;
        if *results != self.func.results || args != &self.func.params[..self.args] {
            return None;
        }
        let outside = |v: &ValueId| {
            let at = self.func.params.iter().position(|p| p == v)?.checked_sub(self.args)?;
            Some(self.captures[at])
        };
        Some((callee, shared.iter().map(outside).collect::<Option<_>>()?))
    }

    /// The function, taking `shared` behind its arguments: values with their types, its own captures among them.
    fn taking(mut self, shared: &[(ValueId, TensorType)]) -> Func {
        let captured = self.func.params.split_off(self.args);
        let own: HashMap<ValueId, ValueId> = self.captures.iter().copied().zip(captured).collect();
        for (v, ty) in shared {
            let param = own.get(v).copied().unwrap_or_else(|| {
                self.func.values.push(ty.clone());
                ValueId(self.func.values.len() as u32 - 1)
            });
            self.func.params.push(param);
        }
        let mut copy = Renumbered::new(&self.func, String::new());
        self.func.ops.iter().for_each(|op| copy.push(op.kind.clone(), op));
        copy.finish()
    }
}

/// What the regions of one operation have become.
pub(super) struct Outlined {
    /// The function of each region.
    pub(super) names: Vec<String>,
    pub(super) signatures: Vec<Signature>,
    /// Values of the surrounding function that all these functions take behind their arguments.
    pub(super) shared: Vec<ValueId>,
}

/// Turns regions of one operation into functions that share what they take from outside. New functions are added
/// to `outlined` under names that are no symbols; see [`name_outlined`]. `spend` is told how many values that adds,
/// for a value that one region uses becomes a parameter of all.
///
/// # Errors
/// That of `spend`.
pub(super) fn outline(
    regions: Vec<Region>,
    outlined: &mut Vec<Func>,
    ty: impl Fn(ValueId) -> TensorType,
    spend: impl FnOnce(usize) -> Result<(), String>,
) -> Result<Outlined, String> {
    let calls: Option<Vec<_>> = regions.iter().map(Region::plain_call).collect();
    if let Some(calls) = calls
        && let Some((_, shared)) = calls.first()
        && calls.iter().all(|(_, other)| other == shared)
    {
        let names = calls.iter().map(|(callee, _)| (*callee).to_owned()).collect();
        let signature = |region: &Region| {
            let func = &region.func;
            let types = |values: &[ValueId]| values.iter().map(|&v| func.ty(v).clone()).collect();
            Signature { params: types(&func.ops[0].operands), results: types(&func.results) }
        };
        let (signatures, shared) = (regions.iter().map(signature).collect(), shared.clone());
        return Ok(Outlined { names, signatures, shared });
    }
    let mut seen = HashSet::new();
    let shared: Vec<_> = regions
        .iter()
        .flat_map(|region| &region.captures)
        .filter(|&&v| seen.insert(v))
        .map(|&v| (v, ty(v)))
        .collect();
    let known: usize = regions.iter().map(|region| region.captures.len()).sum();
    spend(shared.len().saturating_mul(regions.len()).saturating_sub(known))?;
    let (mut names, mut signatures) = (Vec::new(), Vec::new());
    for region in regions {
        let func = region.taking(&shared);
        signatures.push(func.signature());
        names.push(outline_func(func, outlined));
    }
    Ok(Outlined { names, signatures, shared: shared.into_iter().map(|(v, _)| v).collect() })
}

/// A new function among the outlined ones.
pub(super) fn outline_func(func: Func, outlined: &mut Vec<Func>) -> String {
    let name = format!("{UNNAMED}{}", outlined.len());
    outlined.push(Func { name: name.clone(), public: false, ..func });
    name
}

/// Starts the name of an outlined function until all names of the module are known.
const UNNAMED: char = '#';

/// Gives outlined functions the first free names `region_0`, `region_1`, …, in order.
pub(super) fn name_outlined(funcs: &mut [Func]) {
    let used = |func: &Func| {
        let callees = func.ops.iter().flat_map(|op| op.kind.callees());
        callees.chain([&func.name[..]]).map(str::to_owned).collect::<Vec<_>>()
    };
    let taken: HashSet<String> = funcs.iter().flat_map(used).collect();
    let mut free = (0..).map(|i| format!("region_{i}")).filter(|name| !taken.contains(name));
    let unnamed = funcs.iter().map(|func| func.name.clone()).filter(|name| name.starts_with(UNNAMED));
    let names: HashMap<String, String> = unnamed.zip(&mut free).collect();
    for func in funcs {
        let callees = func.ops.iter_mut().flat_map(|op| op.kind.callees_mut());
        for name in callees.chain([&mut func.name]) {
            if let Some(given) = names.get(name) {
                name.clone_from(given);
            }
        }
    }
}

fn is_pair(operands: &[ValueId], a: ValueId, b: ValueId) -> bool {
    operands == [a, b] || operands == [b, a]
}
