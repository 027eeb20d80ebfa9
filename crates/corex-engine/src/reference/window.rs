//! Operators that move a window over a tensor: convolution, `reduce_window`, `select_and_scatter`.

use corex_hlo::ir::{BinaryOp, CompareDir, ConvDims, DType, Reducer, TensorType, WindowDim};
use corex_num::reference as num;

use super::array::{Array, for_each_index, linear};
use super::body::Body;
use super::elementwise::{binary, compare, convert, decode_float, decode_int, encode_float, encode_int};
use super::fold::reducer_op;

/// Where element `at` of the window that stands at place `place` lies on a dimension of `size` elements; `None` in
/// padding and holes.
pub(crate) fn source(w: &WindowDim, place: usize, at: usize, size: usize) -> Option<usize> {
    let position =
        place as i128 * w.stride as i128 + at as i128 * w.window_dilation as i128 - i128::from(w.low);
    let step = w.base_dilation as i128;
    if position < 0 || position >= size as i128 * step {
        return None;
    }
    // Divisions are slow, and most tensors are not dilated.
    match step {
        1 => Some(position as usize),
        _ => (position % step == 0).then_some((position / step) as usize),
    }
}

/// Calls `visit` with the index of every element of the tensor that the window at `place` sees, ascending.
fn for_each_seen(shape: &[usize], window: &[WindowDim], place: &[usize], mut visit: impl FnMut(&[usize])) {
    let sizes: Vec<usize> = window.iter().map(|w| w.size).collect();
    for_each_index(&sizes, |at| {
        let seen = |d: usize| source(&window[d], place[d], at[d], shape[d]);
        if let Some(index) = (0..shape.len()).map(seen).collect::<Option<Vec<usize>>>() {
            visit(&index);
        }
    });
}

fn converted(x: &Array, dtype: DType) -> Array {
    let bits = x.bits.iter().map(|v| convert(x.dtype, dtype, *v)).collect();
    Array { dtype, shape: x.shape.clone(), bits }
}

/// Whether f16 and bf16 are combined in f32, as if operands were converted and the result converted back.
fn is_storage(dtype: DType) -> bool {
    dtype.is_float() && dtype != DType::F32
}

/// Folds every window from `init`, ascending. `None` if the reducer has no meaning on the type.
pub(super) fn reduce_window(
    x: &Array,
    init: &Array,
    ty: &TensorType,
    window: &[WindowDim],
    reducer: Reducer,
) -> Option<Array> {
    if is_storage(x.dtype) {
        let wide = TensorType::f32(ty.shape.clone());
        let (x, init) = (converted(x, DType::F32), converted(init, DType::F32));
        return Some(converted(&reduce_window(&x, &init, &wide, window, reducer)?, ty.dtype));
    }
    let op = reducer_op(reducer)?;
    let mut defined = binary(op, x.dtype, 0, 0).is_some();
    let result = Array::build(ty, |place| {
        // A fold of nothing is the initial value, made canonical like every result.
        let mut acc = convert(x.dtype, x.dtype, init.bits[0]);
        for_each_seen(&x.shape, window, place, |index| match binary(op, x.dtype, acc, x.at(index)) {
            Some(word) => acc = word,
            None => defined = false,
        });
        acc
    });
    defined.then_some(result)
}

/// Folds every window of several tensors with a body.
pub(super) fn reduce_window_with(
    xs: &[&Array],
    inits: &[&Array],
    types: &[TensorType],
    window: &[WindowDim],
    body: &mut Body,
) -> Vec<Array> {
    let mut results: Vec<Array> = types.iter().map(|ty| Array::build(ty, |_| 0)).collect();
    for_each_index(&types[0].shape, |place| {
        let mut acc: Vec<u64> = inits.iter().map(|init| init.bits[0]).collect();
        for_each_seen(&xs[0].shape, window, place, |index| {
            let args: Vec<u64> = acc.iter().copied().chain(xs.iter().map(|x| x.at(index))).collect();
            body.run(&args, &mut acc);
        });
        let at = linear(&types[0].shape, place);
        results.iter_mut().zip(acc).for_each(|(result, word)| result.bits[at] = word);
    });
    results
}

/// `None` if the reducer has no meaning on the type.
pub(super) fn select_and_scatter(
    x: &Array,
    updates: &Array,
    init: &Array,
    window: &[WindowDim],
    select: CompareDir,
    scatter: Reducer,
) -> Option<Array> {
    if is_storage(x.dtype) {
        let wide = [x, updates, init].map(|a| converted(a, DType::F32));
        let result = select_and_scatter(&wide[0], &wide[1], &wide[2], window, select, scatter)?;
        return Some(converted(&result, x.dtype));
    }
    let op: BinaryOp = reducer_op(scatter)?;
    binary(op, x.dtype, 0, 0)?;
    let start = convert(x.dtype, x.dtype, init.bits[0]);
    let mut result = Array { dtype: x.dtype, shape: x.shape.clone(), bits: vec![start; x.bits.len()] };
    for_each_index(&updates.shape, |place| {
        let mut selected: Option<usize> = None;
        for_each_seen(&x.shape, window, place, |index| {
            let candidate = linear(&x.shape, index);
            let keeps = |found: usize| compare(select, x.dtype, x.bits[found], x.bits[candidate]);
            if !selected.is_some_and(keeps) {
                selected = Some(candidate);
            }
        });
        if let Some(at) = selected
            && let Some(word) = binary(op, x.dtype, result.bits[at], updates.at(place))
        {
            result.bits[at] = word;
        }
    });
    Some(result)
}

/// One chain per result element: over the window's elements ascending, for each of them over the input features of
/// the group. Padding and holes count as elements +0.
pub(super) fn convolution(lhs: &Array, rhs: &Array, ty: &TensorType, c: &ConvDims) -> Array {
    let sizes: Vec<usize> = c.window.iter().map(|w| w.size).collect();
    let features = rhs.shape[c.rhs.feature];
    let outputs = rhs.shape[c.rhs.batch];
    let batch = ty.shape[c.result.batch];
    Array::build(ty, |index| {
        let output = index[c.result.feature];
        // Output features are cut into groups by either count; without groups this is 0.
        let feature_group = output / (outputs / c.feature_groups);
        let batch_group = output / (outputs / c.batch_groups);
        let (mut from, mut kernel) = (vec![0; lhs.shape.len()], vec![0; rhs.shape.len()]);
        from[c.lhs.batch] = batch_group * batch + index[c.result.batch];
        kernel[c.rhs.batch] = output;
        let mut pairs = Vec::new();
        for_each_index(&sizes, |at| {
            let mut inside = true;
            for (i, w) in c.window.iter().enumerate() {
                let place = index[c.result.spatial[i]];
                match source(w, place, at[i], lhs.shape[c.lhs.spatial[i]]) {
                    Some(position) => from[c.lhs.spatial[i]] = position,
                    None => inside = false,
                }
                kernel[c.rhs.spatial[i]] = if c.reversal[i] { w.size - 1 - at[i] } else { at[i] };
            }
            for feature in 0..features {
                kernel[c.rhs.feature] = feature;
                from[c.lhs.feature] = feature_group * features + feature;
                pairs.push((if inside { lhs.at(&from) } else { 0 }, rhs.at(&kernel)));
            }
        });
        if ty.dtype.is_float() {
            let floats =
                pairs.iter().map(|(a, b)| (decode_float(lhs.dtype, *a), decode_float(rhs.dtype, *b)));
            return encode_float(ty.dtype, num::dot(floats));
        }
        let products =
            pairs.iter().map(|(a, b)| decode_int(lhs.dtype, *a).wrapping_mul(decode_int(rhs.dtype, *b)));
        encode_int(ty.dtype, products.fold(0, i128::wrapping_add))
    })
}
