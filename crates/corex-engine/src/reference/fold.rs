//! Operators that combine many elements into one: `reduce` and `dot_general`. Their order is the law.

use corex_hlo::ir::{BinaryOp, DType, DotDims, Reducer, TensorType};
use corex_num::{reference as num, scalar};

use super::array::{Array, for_each_index, linear};
use super::body::Body;
use super::elementwise::{binary, decode_float, decode_int, encode_float, encode_int};

/// The elementwise operator that a reducer applies; `Assign` has none.
pub(crate) fn reducer_op(reducer: Reducer) -> Option<BinaryOp> {
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

/// Folds the dimensions `dims` (ascending) of `x`. `None` if the reducer has no meaning on the type.
pub(super) fn reduce(
    x: &Array,
    init: &Array,
    ty: &TensorType,
    dims: &[usize],
    reducer: Reducer,
) -> Option<Array> {
    let op = reducer_op(reducer)?;
    let init = init.bits[0];
    let kept: Vec<usize> = (0..x.shape.len()).filter(|d| !dims.contains(d)).collect();
    // The elements of each result in ascending row-major order over the folded dimensions.
    let mut columns: Vec<Vec<u64>> = vec![Vec::new(); ty.elements()];
    for_each_index(&x.shape, |index| {
        let result: Vec<usize> = kept.iter().map(|d| index[*d]).collect();
        columns[linear(&ty.shape, &result)].push(x.at(index));
    });
    let minor_is_folded = x.shape.len().checked_sub(1).is_some_and(|minor| dims.contains(&minor));
    let fold = |column: &Vec<u64>| {
        if !x.dtype.is_float() {
            return column.iter().try_fold(init, |acc, v| binary(op, x.dtype, acc, *v));
        }
        // f16 and bf16: f32 throughout, one rounding at the end.
        let values = column.iter().map(|v| decode_float(x.dtype, *v));
        let start = decode_float(x.dtype, init);
        let total = match reducer {
            Reducer::Add if minor_is_folded => num::sum_lanes(&values.collect::<Vec<f32>>()) + start,
            Reducer::Add => num::sum_chain(values) + start,
            Reducer::Mul => values.fold(start, |acc, v| acc * v),
            Reducer::Max => values.fold(start, scalar::max),
            Reducer::Min => values.fold(start, scalar::min),
            Reducer::And | Reducer::Or | Reducer::Assign => return None,
        };
        Some(encode_float(x.dtype, total))
    };
    let bits = columns.iter().map(fold).collect::<Option<Vec<u64>>>()?;
    Some(Array { dtype: ty.dtype, shape: ty.shape.clone(), bits })
}

/// Folds the dimensions `dims` of several tensors with a body: from the initial values, in ascending row-major order
/// over the folded dimensions.
pub(super) fn reduce_with(
    xs: &[&Array],
    inits: &[&Array],
    types: &[TensorType],
    dims: &[usize],
    body: &mut Body,
) -> Vec<Array> {
    let shape = &xs[0].shape;
    let kept: Vec<usize> = (0..shape.len()).filter(|d| !dims.contains(d)).collect();
    let mut results: Vec<Array> =
        types.iter().zip(inits).map(|(ty, init)| Array::build(ty, |_| init.bits[0])).collect();
    for_each_index(shape, |index| {
        let result: Vec<usize> = kept.iter().map(|d| index[*d]).collect();
        let at = linear(&types[0].shape, &result);
        let args: Vec<u64> =
            results.iter().map(|r| r.bits[at]).chain(xs.iter().map(|x| x.at(index))).collect();
        let mut folded = vec![0; results.len()];
        body.run(&args, &mut folded);
        results.iter_mut().zip(folded).for_each(|(r, word)| r.bits[at] = word);
    });
    results
}

/// Generalised matrix product: one chain per result element, contracting index ascending.
pub(super) fn dot_general(a: &Array, b: &Array, ty: &TensorType, dims: &DotDims) -> Array {
    let free = |rank: usize, batch: &[usize], contract: &[usize]| -> Vec<usize> {
        (0..rank).filter(|d| !batch.contains(d) && !contract.contains(d)).collect()
    };
    let a_free = free(a.shape.len(), &dims.lhs_batch, &dims.lhs_contract);
    let b_free = free(b.shape.len(), &dims.rhs_batch, &dims.rhs_contract);
    let contract_shape: Vec<usize> = dims.lhs_contract.iter().map(|d| a.shape[*d]).collect();
    Array::build(ty, |index| {
        let (batch, rest) = index.split_at(dims.lhs_batch.len());
        let (left, right) = rest.split_at(a_free.len());
        let mut a_index = vec![0; a.shape.len()];
        let mut b_index = vec![0; b.shape.len()];
        for (i, at) in batch.iter().enumerate() {
            a_index[dims.lhs_batch[i]] = *at;
            b_index[dims.rhs_batch[i]] = *at;
        }
        for (d, at) in a_free.iter().zip(left) {
            a_index[*d] = *at;
        }
        for (d, at) in b_free.iter().zip(right) {
            b_index[*d] = *at;
        }
        let mut pairs = Vec::new();
        for_each_index(&contract_shape, |k| {
            for (i, at) in k.iter().enumerate() {
                a_index[dims.lhs_contract[i]] = *at;
                b_index[dims.rhs_contract[i]] = *at;
            }
            pairs.push((a.at(&a_index), b.at(&b_index)));
        });
        chain(a.dtype, b.dtype, ty.dtype, &pairs)
    })
}

/// One element of a matrix product.
fn chain(a: DType, b: DType, result: DType, pairs: &[(u64, u64)]) -> u64 {
    if result.is_float() {
        let factors = pairs.iter().map(|(p, q)| (decode_float(a, *p), decode_float(b, *q)));
        return encode_float(result, num::dot(factors));
    }
    // i128 products of 64-bit factors may wrap, which leaves the low bits right.
    let sum = pairs
        .iter()
        .fold(0_i128, |acc, (p, q)| acc.wrapping_add(decode_int(a, *p).wrapping_mul(decode_int(b, *q))));
    encode_int(result, sum)
}
