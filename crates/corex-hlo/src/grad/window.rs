//! Derivatives of convolutions and pooling.

use super::movement::zero_scalar;
use super::{Contributions, Step};
use crate::builder::FuncBuilder;
use crate::ir::*;

/// Places from the first to the last of `n` neighbours that are `by` apart.
fn extent(n: usize, by: usize) -> i64 {
    if n == 0 { 0 } else { (n as i64 - 1) * by as i64 + 1 }
}

/// The window that takes a cotangent back to the operand: it sees, from an operand's element, every result whose
/// window saw that element. Stride and base dilation change their roles.
fn transposed(w: &WindowDim, operand: usize, result: usize) -> WindowDim {
    let (size, window) = (extent(operand, w.base_dilation), extent(w.size, w.window_dilation));
    let low = window - 1 - w.low;
    let high = size + window - 1 - extent(result, w.stride) - low;
    WindowDim { size: w.size, stride: w.base_dilation, low, high, base_dilation: w.stride, ..*w }
}

/// The same as a layout of the other role: what was summed over becomes free.
fn exchanged(of: &ConvLayout) -> ConvLayout {
    ConvLayout { batch: of.feature, feature: of.batch, spatial: of.spatial.clone() }
}

/// Takes the outer part of dimension `from`, `groups` blocks, and makes it the outer part of dimension `to`.
fn move_groups(b: &mut FuncBuilder, x: ValueId, from: usize, groups: usize, to: usize) -> ValueId {
    let mut shape = b.shape(x);
    let mut split = shape.clone();
    split[from] /= groups;
    split.insert(from, groups);
    // The blocks go right before `to`, which may have moved by one.
    let mut order: Vec<usize> = (0..split.len()).filter(|&d| d != from).collect();
    let at = if to < from { to } else { to + 1 };
    let place = order.iter().position(|&d| d == at).unwrap_or(0);
    order.insert(place, from);
    shape[from] /= groups;
    shape[to] *= groups;
    let split = b.reshape(x, &split);
    let moved = b.transpose(split, &order);
    b.reshape(moved, &shape)
}

impl Step<'_> {
    /// Each operand's cotangent is a convolution of the result's cotangent with the other operand.
    pub(super) fn convolution(&self, b: &mut FuncBuilder, c: &ConvDims) -> Contributions {
        let ct = self.cotangent;
        if b.ty(ct).elements() == 0 {
            return (0..2).map(|i| self.when(i, || b.zeros_like(self.operands[i]))).collect();
        }
        vec![self.when(0, || self.conv_lhs(b, c)), self.when(1, || self.conv_rhs(b, c))]
    }

    fn conv_lhs(&self, b: &mut FuncBuilder, c: &ConvDims) -> ValueId {
        let (lhs, mut rhs, ct) = (b.shape(self.operands[0]), self.operands[1], self.cotangent);
        let groups = c.feature_groups.max(c.batch_groups);
        if groups > 1 {
            rhs = move_groups(b, rhs, c.rhs.batch, groups, c.rhs.feature);
        }
        let result = b.shape(ct);
        let window = (0..c.window.len())
            .map(|i| transposed(&c.window[i], lhs[c.lhs.spatial[i]], result[c.result.spatial[i]]))
            .collect();
        let dims = ConvDims {
            lhs: c.result.clone(),
            rhs: exchanged(&c.rhs),
            result: c.lhs.clone(),
            window,
            reversal: c.reversal.iter().map(|reversed| !reversed).collect(),
            feature_groups: groups,
            batch_groups: 1,
        };
        let sum = b.convolution(ct, rhs, dims);
        match c.batch_groups {
            1 => sum,
            groups => move_groups(b, sum, c.lhs.feature, groups, c.lhs.batch),
        }
    }

    fn conv_rhs(&self, b: &mut FuncBuilder, c: &ConvDims) -> ValueId {
        let (lhs, ct) = (self.operands[0], self.cotangent);
        let (lhs_shape, result) = (b.shape(lhs), b.shape(ct));
        let window = (0..c.window.len())
            .map(|i| {
                let (w, places) = (&c.window[i], result[c.result.spatial[i]]);
                let size = extent(lhs_shape[c.lhs.spatial[i]], w.base_dilation);
                let high = extent(places, w.stride) - size + extent(w.size, w.window_dilation) - 1 - w.low;
                WindowDim {
                    size: places,
                    stride: w.window_dilation,
                    low: w.low,
                    high,
                    base_dilation: w.base_dilation,
                    window_dilation: w.stride,
                }
            })
            .collect();
        let dims = ConvDims {
            lhs: exchanged(&c.lhs),
            rhs: exchanged(&c.result),
            result: exchanged(&c.rhs),
            window,
            reversal: vec![false; c.window.len()],
            // Groups of features were summed over apart, and so were groups of the batch.
            feature_groups: c.batch_groups,
            batch_groups: c.feature_groups,
        };
        let sum = b.convolution(lhs, ct, dims);
        let reversed: Vec<usize> = c
            .rhs
            .spatial
            .iter()
            .zip(&c.reversal)
            .filter(|(_, reversed)| **reversed)
            .map(|(&d, _)| d)
            .collect();
        if reversed.is_empty() { sum } else { b.reverse(sum, &reversed) }
    }

    pub(super) fn reduce_window(
        &self,
        b: &mut FuncBuilder,
        window: &[WindowDim],
        reducer: Reducer,
    ) -> Contributions {
        let (x, ct) = (self.operands[0], self.cotangent);
        let zero = zero_scalar(b, ct);
        match reducer {
            Reducer::Add => {
                let by_init = self.when(1, || {
                    let every: Vec<_> = (0..b.ty(ct).rank()).collect();
                    b.reduce_sum(ct, &every)
                });
                let by_operand = self.when(0, || {
                    if b.ty(ct).elements() == 0 {
                        return b.zeros_like(x);
                    }
                    let (operand, result) = (b.shape(x), b.shape(ct));
                    let back: Vec<_> =
                        (0..window.len()).map(|d| transposed(&window[d], operand[d], result[d])).collect();
                    b.reduce_window(ct, zero, &back, Reducer::Add)
                });
                vec![by_operand, by_init]
            }
            Reducer::Max | Reducer::Min if self.wants(1) => {
                self.not_differentiable(b, " with respect to its initial value")
            }
            Reducer::Max | Reducer::Min => {
                if window.iter().any(|w| w.base_dilation != 1 || w.window_dilation != 1) {
                    return self.not_differentiable(b, " of a dilated maximum or minimum");
                }
                // The first of equal extremes gets all.
                let select = if reducer == Reducer::Max { CompareDir::Ge } else { CompareDir::Le };
                vec![Some(b.select_and_scatter(x, ct, zero, window, select, Reducer::Add)), None]
            }
            Reducer::Mul | Reducer::And | Reducer::Or | Reducer::Assign => {
                self.not_differentiable(b, " with that body")
            }
        }
    }
}
