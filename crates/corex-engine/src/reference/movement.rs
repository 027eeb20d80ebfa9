//! Operators that move elements without looking at them.

use corex_hlo::ir::TensorType;

use super::array::{Array, for_each_index, linear};
use super::elementwise::decode_int;

/// Element `index` of the result is the operand's element at `index[dims[i]]`, or 0 where the operand has size 1.
pub(super) fn broadcast_in_dim(x: &Array, ty: &TensorType, dims: &[usize]) -> Array {
    Array::build(ty, |index| {
        let source: Vec<usize> =
            dims.iter().zip(&x.shape).map(|(dim, size)| if *size == 1 { 0 } else { index[*dim] }).collect();
        x.at(&source)
    })
}

pub(super) fn reshape(x: &Array, ty: &TensorType) -> Array {
    Array { dtype: x.dtype, shape: ty.shape.clone(), bits: x.bits.clone() }
}

/// The same bits as elements of another type. Where that is the smaller one, each element gives several, the least
/// significant bits first; where it is the larger one, several give one.
pub(super) fn bitcast(x: &Array, ty: &TensorType) -> Array {
    let (from, to) = (8 * x.dtype.size() as u32, 8 * ty.dtype.size() as u32);
    let bits = if from >= to {
        let low = u64::MAX >> (64 - to);
        x.bits.iter().flat_map(|word| (0..from / to).map(move |part| word >> (part * to) & low)).collect()
    } else {
        let join = |parts: &[u64]| parts.iter().rev().fold(0, |word, part| word << from | part);
        x.bits.chunks_exact((to / from) as usize).map(join).collect()
    };
    Array { dtype: ty.dtype, shape: ty.shape.clone(), bits }
}

pub(super) fn transpose(x: &Array, ty: &TensorType, perm: &[usize]) -> Array {
    Array::build(ty, |index| {
        let mut source = vec![0; index.len()];
        for (i, dim) in perm.iter().enumerate() {
            source[*dim] = index[i];
        }
        x.at(&source)
    })
}

pub(super) fn slice(x: &Array, ty: &TensorType, start: &[usize], strides: &[usize]) -> Array {
    Array::build(ty, |index| {
        let source: Vec<usize> = (0..index.len()).map(|d| start[d] + index[d] * strides[d]).collect();
        x.at(&source)
    })
}

/// Start of a dynamic slice: every scalar clamped so that `sizes` fits into `shape`.
fn clamped_starts(starts: &[&Array], shape: &[usize], sizes: &[usize]) -> Vec<usize> {
    let clamp = |d: usize| {
        let value = decode_int(starts[d].dtype, starts[d].bits[0]);
        value.clamp(0, (shape[d] - sizes[d]) as i128) as usize
    };
    (0..shape.len()).map(clamp).collect()
}

pub(super) fn dynamic_slice(x: &Array, starts: &[&Array], ty: &TensorType) -> Array {
    let start = clamped_starts(starts, &x.shape, &ty.shape);
    slice(x, ty, &start, &vec![1; start.len()])
}

pub(super) fn dynamic_update_slice(x: &Array, update: &Array, starts: &[&Array]) -> Array {
    let start = clamped_starts(starts, &x.shape, &update.shape);
    let mut result = x.clone();
    for_each_index(&update.shape, |index| {
        let target: Vec<usize> = index.iter().zip(&start).map(|(i, s)| i + s).collect();
        result.bits[linear(&x.shape, &target)] = update.at(index);
    });
    result
}

pub(super) fn concatenate(parts: &[&Array], ty: &TensorType, dim: usize) -> Array {
    Array::build(ty, |index| {
        let mut source = index.to_vec();
        let mut parts = parts.iter();
        loop {
            match parts.next() {
                Some(part) if source[dim] < part.shape[dim] => return part.at(&source),
                Some(part) => source[dim] -= part.shape[dim],
                None => unreachable!("verified: the parts' sizes add up to the result's"),
            }
        }
    })
}

/// Result element `low + i * (interior + 1)` is operand element `i`; all others are `value`.
pub(super) fn pad(x: &Array, value: &Array, ty: &TensorType, low: &[i64], interior: &[usize]) -> Array {
    Array::build(ty, |index| {
        let mut source = vec![0; index.len()];
        for d in 0..index.len() {
            let offset = index[d] as i128 - i128::from(low[d]);
            let step = interior[d] as i128 + 1;
            if offset < 0 || offset % step != 0 || offset / step >= x.shape[d] as i128 {
                return value.bits[0];
            }
            source[d] = (offset / step) as usize;
        }
        x.at(&source)
    })
}

pub(super) fn reverse(x: &Array, ty: &TensorType, dims: &[usize]) -> Array {
    Array::build(ty, |index| {
        let mut source = index.to_vec();
        for d in dims {
            source[*d] = x.shape[*d] - 1 - index[*d];
        }
        x.at(&source)
    })
}
