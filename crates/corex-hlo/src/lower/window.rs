//! Operations that move a window over a tensor.

use super::access::{axes, axis, element, guard, literal, place, sizes, strides};
use super::form::*;
use super::{Scope, fold};
use crate::error::HloError;
use crate::ir::*;

/// Where a window's element lies on a dimension: index `place` is the window's, `at` the element's within it.
fn on(mut axis: Axis, w: &WindowDim, place: usize, at: usize) -> Axis {
    axis.at = Affine::constant(w.low.saturating_neg())
        .plus(place, w.stride as i64)
        .plus(at, w.window_dilation as i64);
    axis.divisor = w.base_dilation as u64;
    axis
}

/// The sizes of the chain through a window, and how the tensor's element is found from the window's place and the
/// place within it.
pub(super) fn seen(x: &TensorType, window: &[WindowDim]) -> (Vec<u64>, Vec<Axis>) {
    let plain = axes(x, |_| Affine::default());
    let axes = plain.into_iter().zip(window).enumerate().map(|(d, (axis, w))| on(axis, w, d, x.rank() + d));
    (window.iter().map(|w| w.size as u64).collect(), axes.collect())
}

/// Operands: the tensor and the initial value.
pub(super) fn reduce_window(x: &TensorType, ty: &TensorType, window: &[WindowDim], reducer: Reducer) -> Kind {
    let (over, axes) = seen(x, window);
    Kind::Fold(Fold {
        space: sizes(ty),
        over,
        reads: vec![element(x.dtype, 0, axes)],
        inits: vec![element(x.dtype, 1, Vec::new())],
        combine: fold::chain(reducer),
    })
}

/// The result's features are two indices, the group and the feature within it: what a group sees is affine in these.
pub(super) fn convolution(lhs: &TensorType, rhs: &TensorType, ty: &TensorType, c: &ConvDims) -> Kind {
    let (features, outputs) = (rhs.shape[c.rhs.feature], rhs.shape[c.rhs.batch]);
    let groups = c.feature_groups.max(c.batch_groups);
    let per_group = outputs / groups;
    let mut space = sizes(ty);
    space[c.result.feature] = per_group as u64;
    space.insert(c.result.feature, groups as u64);
    let group = c.result.feature;
    // Dimensions behind the features have moved by one.
    let index = |d: usize| if d < group { d } else { d + 1 };
    let rank = space.len();
    let feature = rank + c.window.len();
    let batch = ty.shape[c.result.batch];
    let mut left = axes(lhs, |_| Affine::default());
    let mut right = axes(rhs, |_| Affine::default());
    let in_group = |of: usize, position: usize| match position < group {
        true => Affine::index(position).plus(group, of as i64),
        false => Affine::default().plus(group, of as i64).plus(position, 1),
    };
    let own = |position: usize| Affine::index(position);
    left[c.lhs.batch].at = match c.batch_groups {
        1 => own(index(c.result.batch)),
        _ => in_group(batch, index(c.result.batch)),
    };
    left[c.lhs.feature].at = match c.feature_groups {
        1 => own(feature),
        _ => in_group(features, feature),
    };
    right[c.rhs.batch].at = in_group(per_group, group + 1);
    right[c.rhs.feature].at = own(feature);
    let mut over = Vec::with_capacity(c.window.len() + 1);
    for (i, w) in c.window.iter().enumerate() {
        let (l, r) = (c.lhs.spatial[i], c.rhs.spatial[i]);
        left[l] = on(left[l].clone(), w, index(c.result.spatial[i]), rank + i);
        right[r].at = match c.reversal[i] {
            true => Affine::constant(w.size as i64 - 1).plus(rank + i, -1),
            false => own(rank + i),
        };
        over.push(w.size as u64);
    }
    over.push(features as u64);
    let padded = Read { dtype: lhs.dtype, places: vec![place(0, left), Place::Literal(0)] };
    let reads = vec![padded, element(rhs.dtype, 1, right)];
    Kind::Fold(Fold { space, over, reads, inits: Vec::new(), combine: Combine::Contract })
}

/// Two operators. The first folds every window to the element that is selected and its position, all ones if the
/// window sees nothing. The second combines, for every element, the sources of the windows that selected it.
pub(super) fn select_and_scatter(
    scope: &mut Scope,
    op: &Op,
    operands: Vec<Operand>,
    window: &[WindowDim],
    select: CompareDir,
    scatter: Reducer,
) -> Result<(), HloError> {
    let [x, source, init] = &operands[..] else {
        return Err(HloError::Module("select_and_scatter takes three operands".to_owned()));
    };
    let (x_ty, source_ty) = (&x.ty, &source.ty);
    let positions = TensorType::new(DType::U64, source_ty.shape.clone());
    let kind = selected(x_ty, source_ty, window, select);
    scope.push(kind, vec![x.clone()], vec![source_ty.clone(), positions]);
    let selection = scope.result(scope.out.ops.len() as u32 - 1, 1);
    let kind = scattered(x_ty, source_ty, window, scatter);
    scope.push(kind, vec![source.clone(), selection, init.clone()], vec![x_ty.clone()]);
    let result = scope.result(scope.out.ops.len() as u32 - 1, 0);
    scope.name(op, vec![result])
}

const NOTHING: u64 = u64::MAX;

fn selected(x: &TensorType, source: &TensorType, window: &[WindowDim], select: CompareDir) -> Kind {
    let (over, axes) = seen(x, window);
    // The position of the element in the operand, row-major; windows are not dilated.
    let rank = x.rank();
    let strides = strides(&x.shape);
    let mut position = Affine::default();
    for (d, w) in window.iter().enumerate() {
        // Modulo 2^64, as the position itself; an element that is there has one that fits.
        position = position.plus(d, strides[d].wrapping_mul(w.stride as u64) as i64);
        position.offset = position.offset.wrapping_sub(w.low.wrapping_mul(strides[d] as i64));
    }
    for (d, w) in window.iter().enumerate() {
        position = position.plus(rank + d, strides[d].wrapping_mul(w.window_dilation as u64) as i64);
    }
    // Registers: the element and the position so far, the element and the position seen, then the steps.
    let apply = |function, dtype, args: &[u32]| Step::Apply { function, dtype, args: args.to_vec() };
    let steps = vec![
        Step::Literal { dtype: DType::U64, bits: NOTHING },
        apply(Scalar::Compare(CompareDir::Ne), DType::U64, &[1, 4]),
        apply(Scalar::Compare(select), x.dtype, &[0, 2]),
        apply(Scalar::Binary(BinaryOp::And), DType::I1, &[5, 6]),
        apply(Scalar::Select, x.dtype, &[7, 0, 2]),
        apply(Scalar::Select, DType::U64, &[7, 1, 3]),
    ];
    Kind::Fold(Fold {
        space: sizes(source),
        over,
        reads: vec![
            element(x.dtype, 0, axes),
            Read { dtype: DType::U64, places: vec![Place::Index(position)] },
        ],
        inits: vec![literal(x.dtype, 0), literal(DType::U64, NOTHING)],
        combine: Combine::Body(Body { steps, results: vec![8, 9] }),
    })
}

/// Operands: the source, the selected positions, the initial value. The windows that see an element are met in
/// ascending order where the element's place in them descends.
fn scattered(x: &TensorType, source: &TensorType, window: &[WindowDim], scatter: Reducer) -> Kind {
    let rank = x.rank();
    let source_strides = strides(&source.shape);
    let windows: Vec<Axis> = (0..rank)
        .map(|d| {
            let w = &window[d];
            let at = Affine::constant(w.low + 1 - w.size as i64).plus(d, 1).plus(rank + d, 1);
            Axis { divisor: w.stride as u64, ..axis(source.shape[d], source_strides[d], at) }
        })
        .collect();
    let own =
        strides(&x.shape).iter().enumerate().fold(Affine::default(), |at, (d, &s)| at.plus(d, s as i64));
    let selection = Start { operand: 1, axes: windows.clone(), most: None, negative: true };
    let found = windows.into_iter().chain([guard(own, Some(selection))]).collect();
    Kind::Fold(Fold {
        space: sizes(x),
        over: window.iter().map(|w| w.size as u64).collect(),
        reads: vec![element(x.dtype, 0, found)],
        inits: vec![element(x.dtype, 2, Vec::new())],
        combine: fold::chain(scatter),
    })
}
