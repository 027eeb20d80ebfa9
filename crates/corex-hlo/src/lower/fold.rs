//! Operations that combine many elements into one: reductions and products.

use super::access::{axes, element, sizes};
use super::form::*;
use crate::ir::*;

/// The function that a reducer applies; none for [`Reducer::Assign`].
pub(super) fn function(reducer: Reducer) -> Option<BinaryOp> {
    Some(match reducer {
        Reducer::Add => BinaryOp::Add,
        Reducer::Mul => BinaryOp::Multiply,
        Reducer::Max => BinaryOp::Maximum,
        Reducer::Min => BinaryOp::Minimum,
        Reducer::And => BinaryOp::And,
        Reducer::Or => BinaryOp::Or,
        Reducer::Assign => return None,
    })
}

/// A step of a fold by a reducer that starts from the initial value.
pub(super) fn chain(reducer: Reducer) -> Combine {
    match function(reducer) {
        Some(function) => Combine::Chain(function),
        None => Combine::Body(Body { steps: Vec::new(), results: vec![1] }),
    }
}

/// Sizes of a reduction's result and chain, and how an element of the operand is found from both.
pub(super) fn reduction(x: &TensorType, dims: &[usize]) -> (Vec<u64>, Vec<u64>, Vec<Axis>) {
    let size = |d: &usize| x.shape[*d] as u64;
    let kept: Vec<usize> = (0..x.rank()).filter(|d| !dims.contains(d)).collect();
    let order = [&kept[..], dims].concat();
    let index = |d: usize| order.iter().position(|&dim| dim == d).unwrap_or(d);
    (kept.iter().map(size).collect(), dims.iter().map(size).collect(), axes(x, |d| Affine::index(index(d))))
}

/// Operands: the tensor and the initial value.
pub(super) fn reduce(x: &TensorType, ty: &TensorType, dims: &[usize], reducer: Reducer) -> Kind {
    let (space, over, axes) = reduction(x, dims);
    let minor_is_folded = x.rank().checked_sub(1).is_some_and(|minor| dims.contains(&minor));
    let combine = match reducer {
        Reducer::Add if x.dtype.is_float() => Combine::Sum { lanes: if minor_is_folded { 32 } else { 1 } },
        _ => chain(reducer),
    };
    let reads = vec![element(x.dtype, 0, axes)];
    Kind::Fold(Fold { space, over, reads, inits: vec![element(ty.dtype, 1, Vec::new())], combine })
}

/// The chain runs over the contracted dimensions as the left side lists them.
pub(super) fn dot_general(lhs: &TensorType, rhs: &TensorType, ty: &TensorType, dims: &DotDims) -> Kind {
    let free = |x: &TensorType, batch: &[usize], contract: &[usize]| -> Vec<usize> {
        (0..x.rank()).filter(|d| !batch.contains(d) && !contract.contains(d)).collect()
    };
    let lhs_free = free(lhs, &dims.lhs_batch, &dims.lhs_contract);
    let rhs_free = free(rhs, &dims.rhs_batch, &dims.rhs_contract);
    // Index of every dimension: batch, free of the left, free of the right; then what is contracted.
    let find = |dim: usize, lists: [(&[usize], usize); 3]| {
        let found =
            lists.iter().find_map(|(list, first)| list.iter().position(|&d| d == dim).map(|i| first + i));
        Affine::index(found.unwrap_or_default())
    };
    let (batch, left) = (dims.lhs_batch.len(), lhs_free.len());
    let lhs_axes =
        axes(lhs, |d| find(d, [(&dims.lhs_batch, 0), (&lhs_free, batch), (&dims.lhs_contract, ty.rank())]));
    let rhs_axes = axes(rhs, |d| {
        find(d, [(&dims.rhs_batch, 0), (&rhs_free, batch + left), (&dims.rhs_contract, ty.rank())])
    });
    Kind::Fold(Fold {
        space: sizes(ty),
        over: dims.lhs_contract.iter().map(|&d| lhs.shape[d] as u64).collect(),
        reads: vec![element(lhs.dtype, 0, lhs_axes), element(rhs.dtype, 1, rhs_axes)],
        inits: Vec::new(),
        combine: Combine::Contract,
    })
}
