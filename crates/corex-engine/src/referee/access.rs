//! How elements of operands are found.

use corex_hlo::lower::{Affine, Axis, LoweredOp, Place, Read};

use super::{Fetch, RefereeError};
use crate::reference::decode_int;

/// The indices that number `linear` stands for, row-major.
pub(super) fn indices(sizes: &[u64], linear: u64) -> Vec<u64> {
    let mut indices = vec![0; sizes.len()];
    let mut rest = linear;
    for (index, &size) in indices.iter_mut().zip(sizes).rev() {
        *index = rest % size.max(1);
        rest /= size.max(1);
    }
    indices
}

/// What a read finds; `None` for a hole.
pub(super) fn read(
    op: &LoweredOp,
    read: &Read,
    indices: &[u64],
    fetch: &mut Fetch<'_>,
) -> Result<Option<u64>, RefereeError> {
    for place in &read.places {
        match place {
            Place::Element { operand, axes } => {
                if let Some(element) = element(op, axes, indices, fetch)? {
                    return fetched(*operand, element, fetch).map(Some);
                }
            }
            Place::Literal(bits) => return Ok(Some(*bits)),
            Place::Index(at) => return Ok(Some(affine(at, indices) as u64)),
        }
    }
    Ok(None)
}

pub(super) fn fetched(operand: u32, element: u64, fetch: &mut Fetch<'_>) -> Result<u64, RefereeError> {
    fetch(operand, element).ok_or(RefereeError::Missing { operand, element })
}

/// Which element of the operand the axes lead to; `None` for a hole.
fn element(
    op: &LoweredOp,
    axes: &[Axis],
    indices: &[u64],
    fetch: &mut Fetch<'_>,
) -> Result<Option<u64>, RefereeError> {
    let mut linear = 0;
    for axis in axes {
        let mut position = affine(&axis.at, indices);
        if let Some(start) = &axis.start {
            let Some(at) = element(op, &start.axes, indices, fetch)? else { return Ok(None) };
            let operand = op.operands.get(start.operand as usize).ok_or(RefereeError::Malformed)?;
            let mut value = decode_int(operand.ty.dtype, fetched(start.operand, at, fetch)?);
            if let Some(most) = start.most {
                value = value.clamp(0, i128::from(most));
            }
            position += if start.negative { -value } else { value };
        }
        let divisor = i128::from(axis.divisor.max(1));
        if position < 0 || position % divisor != 0 || position / divisor >= i128::from(axis.size) {
            return Ok(None);
        }
        linear += (position / divisor) as u64 * axis.stride;
    }
    Ok(Some(linear))
}

/// 64-bit numbers times indices below 2^48: no sum of these leaves 128 bits.
fn affine(at: &Affine, indices: &[u64]) -> i128 {
    let term = |&(index, coefficient): &(u32, i64)| {
        let index = indices.get(index as usize).copied().unwrap_or_default();
        i128::from(index) * i128::from(coefficient)
    };
    i128::from(at.offset) + at.terms.iter().map(term).sum::<i128>()
}

/// Bytes of one tensor as elements of another type, the least significant ones first.
pub(super) fn reinterpret(op: &LoweredOp, index: u64, fetch: &mut Fetch<'_>) -> Result<u64, RefereeError> {
    let (Some(x), Some(result)) = (op.operands.first(), op.results.first()) else {
        return Err(RefereeError::Malformed);
    };
    let (from, to) = (x.ty.dtype.size() as u64, result.dtype.size() as u64);
    if from >= to {
        let parts = from / to;
        let word = fetched(0, index / parts, fetch)?;
        return Ok(word >> (8 * to * (index % parts)) & (u64::MAX >> (64 - 8 * to)));
    }
    let parts = to / from;
    (0..parts)
        .try_fold(0, |word, part| Ok(word | fetched(0, index * parts + part, fetch)? << (8 * from * part)))
}
