//! Operations that move elements to places known beforehand: copies whose access says it all.

use super::access::{axes, axis, copy, place, sizes, strides, whole};
use super::form::*;
use crate::ir::*;

pub(super) fn iota(ty: &TensorType, dim: usize) -> Kind {
    let read = Read { dtype: DType::U64, places: vec![Place::Index(Affine::index(dim))] };
    Kind::Map { space: sizes(ty), function: Scalar::Convert(ty.dtype), reads: vec![read] }
}

/// Operand dimensions of size 1 have no axis.
pub(super) fn broadcast(x: &TensorType, ty: &TensorType, dims: &[usize]) -> Kind {
    let strides = strides(&x.shape);
    let kept = (0..x.rank()).filter(|&d| x.shape[d] != 1);
    let axes = kept.map(|d| axis(x.shape[d], strides[d], Affine::index(dims[d]))).collect();
    copy(ty, sizes(ty), vec![place(0, axes)])
}

pub(super) fn transpose(x: &TensorType, ty: &TensorType, perm: &[usize]) -> Kind {
    let to = |d: usize| perm.iter().position(|&p| p == d).unwrap_or(d);
    copy(ty, sizes(ty), vec![place(0, axes(x, |d| Affine::index(to(d))))])
}

pub(super) fn slice(x: &TensorType, ty: &TensorType, start: &[usize], strides: &[usize]) -> Kind {
    let at = |d: usize| Affine::constant(start[d] as i64).plus(d, strides[d] as i64);
    copy(ty, sizes(ty), vec![place(0, axes(x, at))])
}

pub(super) fn reverse(x: &TensorType, ty: &TensorType, dims: &[usize]) -> Kind {
    let at = |d: usize| match dims.contains(&d) {
        true => Affine::constant(x.shape[d] as i64 - 1).plus(d, -1),
        false => Affine::index(d),
    };
    copy(ty, sizes(ty), vec![place(0, axes(x, at))])
}

/// Holes are read from operand 1.
pub(super) fn pad(x: &TensorType, ty: &TensorType, low: &[i64], interior: &[usize]) -> Kind {
    let mut padded = axes(x, |d| Affine::index(d).offset(low[d].saturating_neg()));
    // Between neighbours; one element alone has none, and the gap may be any number.
    let gaps = padded.iter_mut().zip(interior).filter(|(axis, _)| axis.size > 1);
    gaps.for_each(|(axis, &gap)| axis.divisor = gap as u64 + 1);
    copy(ty, sizes(ty), vec![place(0, padded), place(1, Vec::new())])
}

/// Every part has holes where the others are.
pub(super) fn concatenate(parts: &[Operand], ty: &TensorType, dim: usize) -> Kind {
    let mut before = 0;
    let places = parts.iter().enumerate().map(|(i, part)| {
        let mut axes = whole(&part.ty, 0);
        axes[dim].at.offset = -before;
        before += part.ty.shape[dim] as i64;
        place(i, axes)
    });
    copy(ty, sizes(ty), places.collect())
}
