//! Reductions and products.

use super::{Rule, ascending, distinct_below, ensure, remaining};
use crate::ir::*;

pub(super) fn reduce(x: &TensorType, init: &TensorType, dims: &[usize], reducer: Reducer) -> Rule {
    ensure(reducer != Reducer::Assign, || "the body must combine both its arguments".to_owned())?;
    reducer_takes(reducer, x.dtype)?;
    ensure(init.rank() == 0 && init.dtype == x.dtype, || {
        format!("the initial value must be a tensor<{}>", x.dtype.name())
    })?;
    distinct_below("dimensions", dims, x.rank())?;
    ascending("dimensions", dims)?;
    let shape: Vec<_> = remaining(x.rank(), dims).into_iter().map(|d| x.shape[d]).collect();
    Ok(TensorType::new(x.dtype, shape))
}

/// Element types that a reducer combines.
pub(super) fn reducer_takes(reducer: Reducer, dtype: DType) -> Result<(), String> {
    let (accepted, takes) = match reducer {
        Reducer::And | Reducer::Or => (!dtype.is_float(), "integers or i1"),
        Reducer::Add | Reducer::Mul | Reducer::Max | Reducer::Min | Reducer::Assign => (true, "anything"),
    };
    ensure(accepted, || format!("the body takes {takes}"))
}

pub(super) fn dot_general(lhs: &TensorType, rhs: &TensorType, dims: &DotDims) -> Rule {
    ensure(lhs.dtype == rhs.dtype && lhs.dtype != DType::I1, || {
        "both operands must be integers or floats of one type".to_owned()
    })?;
    let taken = |batch: &[usize], contract: &[usize]| [batch, contract].concat();
    let (lhs_taken, rhs_taken) =
        (taken(&dims.lhs_batch, &dims.lhs_contract), taken(&dims.rhs_batch, &dims.rhs_contract));
    distinct_below("the left side's batching and contracting dimensions", &lhs_taken, lhs.rank())?;
    distinct_below("the right side's batching and contracting dimensions", &rhs_taken, rhs.rank())?;
    for (what, l, r) in [
        ("batching", &dims.lhs_batch, &dims.rhs_batch),
        ("contracting", &dims.lhs_contract, &dims.rhs_contract),
    ] {
        let sizes_agree = l.len() == r.len() && l.iter().zip(r).all(|(&l, &r)| lhs.shape[l] == rhs.shape[r]);
        ensure(sizes_agree, || format!("{what} dimensions {l:?} and {r:?} do not pair up"))?;
    }
    let batch = dims.lhs_batch.iter().map(|&d| lhs.shape[d]);
    let lhs_free = remaining(lhs.rank(), &lhs_taken).into_iter().map(|d| lhs.shape[d]);
    let rhs_free = remaining(rhs.rank(), &rhs_taken).into_iter().map(|d| rhs.shape[d]);
    let shape: Vec<_> = batch.chain(lhs_free).chain(rhs_free).collect();
    Ok(TensorType::new(lhs.dtype, shape))
}
