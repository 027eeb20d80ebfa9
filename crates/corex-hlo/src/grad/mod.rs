//! Reverse-mode differentiation, from operations to operations.
//!
//! [`gradients`] appends to the function under construction the operations that compute the derivative of one
//! scalar with respect to any of its values. Only operations on a path from those values to the scalar are
//! walked, so anything may stand elsewhere: integer hashing, masks, batch sampling. A value can be taken out of
//! the walk with [`FuncBuilder::hold_constant`], or walked past with [`FuncBuilder::custom_gradient`].
//!
//! Where a function has no derivative the usual choice of the field is made, the same as JAX's: 0 for `abs` and
//! `sign` at 0 and for `floor` and `ceil` everywhere; equal arguments of `maximum` and `minimum`, and equal
//! extremes of a maximum or minimum `reduce`, share the cotangent equally; of equal extremes in a window of
//! `reduce_window` the first one gets all of it.

mod accumulate;
mod contract;
mod elementwise;
mod indexed;
mod movement;
mod window;

use std::collections::HashMap;

use accumulate::Cotangent;

use crate::builder::FuncBuilder;
use crate::error::HloError;
use crate::ir::*;

/// The derivatives of `loss` (a float scalar) with respect to each value of `wrt`, in order, each of that
/// value's type. Values that `loss` does not depend on get zeros. A value of `wrt` counts as independent:
/// with `x` and `y = f(x)` both in `wrt`, the derivative at `x` still includes the path through `y`.
///
/// Errors stay in the builder ([`FuncBuilder::finish`] returns them): [`HloError::NotDifferentiable`] naming
/// the operation that has no rule, calls included (inline them first); [`HloError::Module`] if `loss` is not
/// a float scalar or a value of `wrt` not float.
pub fn gradients(b: &mut FuncBuilder, loss: ValueId, wrt: &[ValueId]) -> Vec<ValueId> {
    if let Err(error) = check(b, loss, wrt) {
        b.fail(error);
    }
    if b.error().is_some() {
        return wrt.to_vec();
    }
    let (active, ops) = (active(b, wrt), b.ops().len());
    let mut pending = HashMap::<ValueId, Cotangent>::new();
    let seed = b.ones_like(loss);
    pending.entry(loss).or_default().add(b, seed);
    let mut totals = HashMap::new();
    // Operations appended below lie behind this range, so they are not walked.
    for at in (0..ops).rev() {
        let op = &b.ops()[at];
        let Some(&result) = op.results.iter().find(|r| active[r.index()] && pending.contains_key(r)) else {
            continue;
        };
        let (kind, operands) = (op.kind.clone(), op.operands.clone());
        // Every later use has contributed by now.
        let Some(cotangent) = pending.remove(&result) else { continue };
        let ty = b.ty(result).clone();
        let cotangent = cotangent.total(b, &ty);
        totals.insert(result, cotangent);
        if !operands.iter().any(|v| active[v.index()]) {
            continue;
        }
        if let Some(custom) = b.custom_gradient_of(result) {
            if active[custom.of.index()] {
                let contribution = (custom.rule)(b, cotangent);
                pending.entry(custom.of).or_default().add(b, contribution);
            }
            continue;
        }
        let step = Step { kind: &kind, operands: &operands, result, cotangent, active: &active };
        match &kind {
            OpKind::Slice { start, limit, strides } if strides.iter().all(|&s| s == 1) => {
                pending.entry(operands[0]).or_default().add_window(cotangent, start, limit);
            }
            _ => {
                for (&operand, contribution) in operands.iter().zip(step.operand_cotangents(b)) {
                    if let Some(contribution) = contribution {
                        pending.entry(operand).or_default().add(b, contribution);
                    }
                }
            }
        }
    }
    let gradient = |v: &ValueId| match totals.get(v) {
        Some(&total) => total,
        None => {
            let ty = b.ty(*v).clone();
            // Parameters, and values that the loss does not depend on.
            let total = pending.remove(v).unwrap_or_default().total(b, &ty);
            totals.insert(*v, total);
            total
        }
    };
    wrt.iter().map(gradient).collect()
}

fn check(b: &FuncBuilder, loss: ValueId, wrt: &[ValueId]) -> Result<(), HloError> {
    if let Some(v) = wrt.iter().chain([&loss]).find(|v| v.index() >= b.values()) {
        return Err(HloError::Module(format!("%{} is not a value of this function", v.0)));
    }
    let ty = b.ty(loss);
    if ty.rank() != 0 || !ty.dtype.is_float() {
        return Err(HloError::Module(format!("only a float scalar has a gradient, not {ty}")));
    }
    match wrt.iter().map(|&v| b.ty(v)).find(|ty| !ty.dtype.is_float()) {
        Some(ty) => Err(HloError::Module(format!("no gradient exists with respect to a {ty}"))),
        None => Ok(()),
    }
}

/// Which values depend on `wrt` through floats only, and not only through values held constant.
fn active(b: &FuncBuilder, wrt: &[ValueId]) -> Vec<bool> {
    let mut active = vec![false; b.values()];
    wrt.iter().for_each(|v| active[v.index()] = true);
    for op in b.ops() {
        if op.operands.iter().any(|v| active[v.index()]) {
            // What goes through integers or booleans is constant almost everywhere.
            let varies = |r: &&ValueId| b.ty(**r).dtype.is_float() && !b.is_held_constant(**r);
            op.results.iter().filter(varies).for_each(|r| active[r.index()] = true);
        }
    }
    active
}

/// One operation of the backward walk.
struct Step<'a> {
    kind: &'a OpKind,
    operands: &'a [ValueId],
    result: ValueId,
    /// Derivative of the loss with respect to the result.
    cotangent: ValueId,
    active: &'a [bool],
}

/// Per operand, what this operation adds to its cotangent; `None` for nothing.
type Contributions = Vec<Option<ValueId>>;

impl Step<'_> {
    /// True if the operand's cotangent is wanted.
    fn wants(&self, operand: usize) -> bool {
        self.active[self.operands[operand].index()]
    }

    /// The contribution `rule` computes, if the operand's cotangent is wanted.
    fn when(&self, operand: usize, rule: impl FnOnce() -> ValueId) -> Option<ValueId> {
        self.wants(operand).then(rule)
    }

    fn not_differentiable(&self, b: &mut FuncBuilder, detail: &str) -> Contributions {
        b.fail(HloError::NotDifferentiable(format!("{}{detail}", self.kind.name())));
        vec![None; self.operands.len()]
    }

    fn operand_cotangents(&self, b: &mut FuncBuilder) -> Contributions {
        use OpKind as K;
        let ct = self.cotangent;
        match self.kind {
            K::Constant(_) | K::Iota { .. } => vec![],
            K::Unary(op) => self.unary(b, *op),
            K::Binary(op) => self.binary(b, *op),
            K::Compare(_) | K::CompareTotal(_) => vec![None; 2],
            K::Select => self.select(b),
            K::Clamp => self.clamp(b),
            K::Convert(_) => {
                let from = b.ty(self.operands[0]).dtype;
                vec![self.when(0, || b.convert(ct, from))]
            }
            // As if rounding were exact, and the cotangent is rounded alike.
            K::ReducePrecision { .. } => vec![self.when(0, || b.op(self.kind.clone(), &[ct]))],
            K::BroadcastInDim { shape, dims } => self.broadcast(b, shape, dims),
            K::Reshape { .. } => {
                let shape = b.shape(self.operands[0]);
                vec![self.when(0, || b.reshape(ct, &shape))]
            }
            K::Transpose { perm } => vec![self.when(0, || b.transpose(ct, &movement::inverse(perm)))],
            K::Slice { start, strides, .. } => self.slice(b, start, strides),
            K::Concatenate { dim } => self.concatenate(b, *dim),
            K::Pad { low, high, interior } => self.pad(b, low, high, interior),
            K::Reverse { dims } => vec![self.when(0, || b.reverse(ct, dims))],
            K::DynamicSlice { .. } => self.dynamic_slice(b),
            K::DynamicUpdateSlice => self.dynamic_update_slice(b),
            K::Reduce { dims, reducer } => self.reduce(b, dims, *reducer),
            K::DotGeneral(dims) => self.dot_general(b, dims),
            K::Gather(dims) => self.gather(b, dims),
            K::Scatter(dims, reducer) => self.scatter(b, dims, *reducer),
            K::BitcastConvert(_) | K::Call { .. } => self.not_differentiable(b, ""),
            K::While { .. } | K::Case { .. } => {
                self.not_differentiable(b, ": differentiate before control flow is written, as JAX does")
            }
            K::ReduceWith { .. } | K::ScatterWith { .. } | K::ReduceWindowWith { .. } => {
                self.not_differentiable(b, " with a body of its own")
            }
            K::Sort { .. } | K::SelectAndScatter { .. } => self.not_differentiable(b, ""),
            K::Convolution(dims) => self.convolution(b, dims),
            K::ReduceWindow { window, reducer } => self.reduce_window(b, window, *reducer),
        }
    }
}
