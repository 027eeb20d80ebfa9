//! Operations that move a window over a tensor: convolution, reduce_window, select_and_scatter.

use super::contract::reducer_takes;
use super::{Rule, distinct_below, ensure, one_per_dim};
use crate::ir::*;

/// Largest number in a window: places of padding, sizes, distances. Sums and products of a few of these fit into
/// 128 bits.
const MAX_WINDOW: u64 = 1 << 40;

/// The number of places at which the window fits on a dimension of `size` elements.
fn places(size: usize, w: &WindowDim) -> Result<usize, String> {
    let moderate = [w.size, w.stride, w.base_dilation, w.window_dilation, size]
        .iter()
        .all(|&n| (n as u64) <= MAX_WINDOW)
        && w.low.unsigned_abs().max(w.high.unsigned_abs()) <= MAX_WINDOW;
    ensure(moderate, || format!("a window has a number beyond {MAX_WINDOW}"))?;
    ensure(w.size.min(w.stride).min(w.base_dilation).min(w.window_dilation) > 0, || {
        "sizes, strides and dilations of a window must be positive".to_owned()
    })?;
    let dilated = |n: usize, by: usize| if n == 0 { 0 } else { (n as i128 - 1) * by as i128 + 1 };
    let base = dilated(size, w.base_dilation) + i128::from(w.low) + i128::from(w.high);
    let window = dilated(w.size, w.window_dilation);
    if base <= 0 || window > base {
        return Ok(0);
    }
    usize::try_from((base - window) / w.stride as i128 + 1).map_err(|_| "the result is too large".to_owned())
}

/// Shape of what a window sees, one element per place.
fn windowed(shape: &[usize], window: &[WindowDim]) -> Result<Vec<usize>, String> {
    one_per_dim("the window", window.len(), shape.len())?;
    shape.iter().zip(window).map(|(&size, w)| places(size, w)).collect()
}

pub(super) fn reduce_window(
    x: &TensorType,
    init: &TensorType,
    window: &[WindowDim],
    reducer: Reducer,
) -> Rule {
    ensure(reducer != Reducer::Assign, || "the body must combine both its arguments".to_owned())?;
    reducer_takes(reducer, x.dtype)?;
    folded(x, init, window)
}

/// The result of folding one tensor, whatever the body.
pub(super) fn folded(x: &TensorType, init: &TensorType, window: &[WindowDim]) -> Rule {
    ensure(init.rank() == 0 && init.dtype == x.dtype, || {
        format!("the initial value must be a tensor<{}>", x.dtype.name())
    })?;
    Ok(TensorType::new(x.dtype, windowed(&x.shape, window)?))
}

pub(super) fn select_and_scatter(
    x: &TensorType,
    source: &TensorType,
    init: &TensorType,
    window: &[WindowDim],
    select: CompareDir,
    scatter: Reducer,
) -> Rule {
    use CompareDir as C;
    ensure(matches!(select, C::Lt | C::Le | C::Gt | C::Ge), || {
        "the select body must compare by LT, LE, GT or GE".to_owned()
    })?;
    let undilated = window.iter().all(|w| w.base_dilation == 1 && w.window_dilation == 1);
    ensure(undilated, || "the window cannot be dilated".to_owned())?;
    ensure(x.dtype != DType::I1, || "takes integers or floats".to_owned())?;
    let ty = reduce_window(x, init, window, scatter)?;
    ensure(*source == ty, || format!("the source must be a {ty}"))?;
    Ok(x.clone())
}

/// Checks that a layout names every dimension once.
fn layout(what: &str, of: &ConvLayout, rank: usize) -> Result<(), String> {
    let all = [&[of.batch, of.feature][..], &of.spatial].concat();
    one_per_dim(what, all.len(), rank)?;
    distinct_below(what, &all, rank)
}

pub(super) fn convolution(lhs: &TensorType, rhs: &TensorType, c: &ConvDims) -> Rule {
    ensure(lhs.dtype == rhs.dtype && lhs.dtype != DType::I1, || {
        "both operands must be integers or floats of one type".to_owned()
    })?;
    let rank = lhs.rank();
    ensure(rhs.rank() == rank, || "operands differ in rank".to_owned())?;
    layout("the left operand's layout", &c.lhs, rank)?;
    layout("the kernel's layout", &c.rhs, rank)?;
    layout("the result's layout", &c.result, rank)?;
    one_per_dim("the window", c.window.len(), rank - 2)?;
    one_per_dim("reversal", c.reversal.len(), rank - 2)?;
    let (features, batch) = (lhs.shape[c.lhs.feature], lhs.shape[c.lhs.batch]);
    let (outputs, inputs) = (rhs.shape[c.rhs.batch], rhs.shape[c.rhs.feature]);
    let groups = (c.feature_groups, c.batch_groups);
    ensure(groups.0 > 0 && groups.1 > 0 && (groups.0 == 1 || groups.1 == 1), || {
        "feature and batch groups must be positive, and one of them 1".to_owned()
    })?;
    let divides = |what: &str, n: usize, by: usize| {
        ensure(n.is_multiple_of(by), || format!("{by} group(s) do not divide {n} {what}"))
    };
    divides("input features", features, groups.0)?;
    divides("output features", outputs, groups.0.max(groups.1))?;
    divides("batch elements", batch, groups.1)?;
    ensure(inputs == features / groups.0, || {
        format!("the kernel takes {inputs} features, a group has {}", features / groups.0)
    })?;
    let mut shape = vec![0; rank];
    shape[c.result.batch] = batch / groups.1;
    shape[c.result.feature] = outputs;
    for (i, w) in c.window.iter().enumerate() {
        let kernel = rhs.shape[c.rhs.spatial[i]];
        ensure(w.size == kernel, || format!("the window has size {} for a kernel of {kernel}", w.size))?;
        shape[c.result.spatial[i]] = places(lhs.shape[c.lhs.spatial[i]], w)?;
    }
    Ok(TensorType::new(lhs.dtype, shape))
}
