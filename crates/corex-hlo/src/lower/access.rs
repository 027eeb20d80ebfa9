//! Building blocks of accesses.

use super::form::*;
use crate::ir::*;

/// Elements between neighbours of each dimension, row-major.
pub(super) fn strides(shape: &[usize]) -> Vec<u64> {
    let mut strides = vec![1; shape.len()];
    for d in (1..shape.len()).rev() {
        strides[d - 1] = strides[d] * shape[d] as u64;
    }
    strides
}

/// Dimension sizes as the sizes of indices.
pub(super) fn sizes(ty: &TensorType) -> Vec<u64> {
    ty.shape.iter().map(|&n| n as u64).collect()
}

/// One index through all elements; none for a scalar.
pub(super) fn flat(ty: &TensorType) -> Vec<u64> {
    if ty.rank() == 0 { Vec::new() } else { vec![ty.elements() as u64] }
}

/// A dimension of `size` elements at `at`.
pub(super) fn axis(size: usize, stride: u64, at: Affine) -> Axis {
    Axis { size: size as u64, stride, at, divisor: 1, start: None }
}

/// The axes of a tensor whose dimension `d` is at `at(d)`.
pub(super) fn axes(ty: &TensorType, mut at: impl FnMut(usize) -> Affine) -> Vec<Axis> {
    let strides = strides(&ty.shape);
    (0..ty.rank()).map(|d| axis(ty.shape[d], strides[d], at(d))).collect()
}

/// The axes of a tensor whose dimensions are at the indices from `first` on.
pub(super) fn whole(ty: &TensorType, first: usize) -> Vec<Axis> {
    axes(ty, |d| Affine::index(first + d))
}

/// The axes of a tensor whose elements one index counts through; none for a scalar.
pub(super) fn counted(ty: &TensorType) -> Vec<Axis> {
    if ty.rank() == 0 { Vec::new() } else { vec![axis(ty.elements(), 1, Affine::index(0))] }
}

/// The place of an element.
pub(super) fn place(operand: usize, axes: Vec<Axis>) -> Place {
    Place::Element { operand: operand as u32, axes }
}

/// Reads an element, or finds a hole.
pub(super) fn element(dtype: DType, operand: usize, axes: Vec<Axis>) -> Read {
    Read { dtype, places: vec![place(operand, axes)] }
}

/// Reads these bits.
pub(super) fn literal(dtype: DType, bits: u64) -> Read {
    Read { dtype, places: vec![Place::Literal(bits)] }
}

/// A condition on indices: a hole unless `at` is what `start` reads, or 0.
pub(super) fn guard(at: Affine, start: Option<Start>) -> Axis {
    Axis { size: 1, stride: 0, at, divisor: 1, start }
}

/// The elements of one tensor, found by `axes`, as the result of a map over `space`.
pub(super) fn copy(ty: &TensorType, space: Vec<u64>, places: Vec<Place>) -> Kind {
    Kind::Map { space, function: Scalar::Copy, reads: vec![Read { dtype: ty.dtype, places }] }
}
