//! Operations that only create or rearrange elements.

use super::{Rule, distinct_below, ensure, one_per_dim};
use crate::ir::*;

pub(super) fn iota(ty: &TensorType, dim: usize) -> Rule {
    ensure(ty.dtype != DType::I1, || "i1 cannot count".to_owned())?;
    ensure(dim < ty.rank(), || format!("dimension {dim} of {ty} does not exist"))?;
    Ok(ty.clone())
}

pub(super) fn broadcast(x: &TensorType, shape: &[usize], dims: &[usize]) -> Rule {
    one_per_dim("dims", dims.len(), x.rank())?;
    distinct_below("dims", dims, shape.len())?;
    for (i, (&size, &to)) in x.shape.iter().zip(dims).enumerate() {
        ensure(size == 1 || size == shape[to], || {
            format!("dimension {i} of size {size} cannot become dimension {to} of {shape:?}")
        })?;
    }
    Ok(TensorType::new(x.dtype, shape))
}

pub(super) fn reshape(x: &TensorType, shape: &[usize]) -> Rule {
    let to = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
    ensure(to == Some(x.elements()), || format!("{shape:?} has another number of elements"))?;
    Ok(TensorType::new(x.dtype, shape))
}

pub(super) fn transpose(x: &TensorType, perm: &[usize]) -> Rule {
    one_per_dim("the permutation", perm.len(), x.rank())?;
    distinct_below("the permutation", perm, x.rank())?;
    Ok(TensorType::new(x.dtype, perm.iter().map(|&d| x.shape[d]).collect::<Vec<_>>()))
}

pub(super) fn slice(x: &TensorType, start: &[usize], limit: &[usize], strides: &[usize]) -> Rule {
    for (what, len) in [("start", start.len()), ("limit", limit.len()), ("strides", strides.len())] {
        one_per_dim(what, len, x.rank())?;
    }
    let mut shape = Vec::with_capacity(x.rank());
    for (d, &size) in x.shape.iter().enumerate() {
        let (from, to, step) = (start[d], limit[d], strides[d]);
        ensure(from <= to && to <= size && step > 0, || {
            format!("[{from}:{to}:{step}] is no slice of dimension {d} of size {size}")
        })?;
        shape.push((to - from).div_ceil(step));
    }
    Ok(TensorType::new(x.dtype, shape))
}

pub(super) fn concatenate(operands: &[&TensorType], dim: usize) -> Rule {
    let (first, rest) = operands.split_first().ok_or("takes at least one operand")?;
    ensure(dim < first.rank(), || format!("dimension {dim} does not exist"))?;
    let mut ty = (*first).clone();
    for other in rest {
        let agrees = other.dtype == ty.dtype
            && other.rank() == ty.rank()
            && (0..ty.rank()).all(|d| d == dim || other.shape[d] == first.shape[d]);
        ensure(agrees, || format!("operands differ in more than dimension {dim}"))?;
        ty.shape[dim] = ty.shape[dim].checked_add(other.shape[dim]).ok_or("the result is too large")?;
    }
    Ok(ty)
}

/// Largest amount of padding at one place. Users of a typed `pad` may negate, add and increment amounts.
const MAX_PADDING: u64 = 1 << 48;

pub(super) fn pad(x: &TensorType, value: &TensorType, low: &[i64], high: &[i64], interior: &[usize]) -> Rule {
    ensure(value.rank() == 0 && value.dtype == x.dtype, || {
        format!("the padding value must be a tensor<{}>", x.dtype.name())
    })?;
    for (what, len) in [("low", low.len()), ("high", high.len()), ("interior", interior.len())] {
        one_per_dim(what, len, x.rank())?;
    }
    let moderate = low.iter().chain(high).all(|e| e.unsigned_abs() <= MAX_PADDING)
        && interior.iter().all(|&i| i as u64 <= MAX_PADDING);
    ensure(moderate, || format!("pads by more than {MAX_PADDING} elements"))?;
    let mut shape = Vec::with_capacity(x.rank());
    for (d, &size) in x.shape.iter().enumerate() {
        // i128 holds every sum and product of these, so hostile attributes cannot overflow.
        let between = size.saturating_sub(1) as i128 * interior[d] as i128;
        let padded = size as i128 + between + i128::from(low[d]) + i128::from(high[d]);
        let padded =
            usize::try_from(padded).map_err(|_| format!("dimension {d} would get {padded} elements"))?;
        shape.push(padded);
    }
    Ok(TensorType::new(x.dtype, shape))
}
