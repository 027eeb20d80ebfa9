//! Derivatives of operations that rearrange elements: each one's transpose.

use super::{Contributions, Step};
use crate::builder::FuncBuilder;
use crate::ir::*;

/// The inverse of a permutation.
pub(super) fn inverse(perm: &[usize]) -> Vec<usize> {
    let mut inverse = vec![0; perm.len()];
    perm.iter().enumerate().for_each(|(to, &from)| inverse[from] = to);
    inverse
}

/// x transposed, or x itself if there is nothing to do.
pub(super) fn permuted(b: &mut FuncBuilder, x: ValueId, perm: &[usize]) -> ValueId {
    if perm.iter().enumerate().all(|(i, &p)| i == p) { x } else { b.transpose(x, perm) }
}

impl Step<'_> {
    /// Sums over what was repeated.
    pub(super) fn broadcast(&self, b: &mut FuncBuilder, shape: &[usize], dims: &[usize]) -> Contributions {
        let from = b.shape(self.operands[0]);
        // Result dimensions that are operand dimensions one to one, in the operand's order.
        let kept: Vec<_> = from.iter().zip(dims).filter(|&(&n, &d)| n == shape[d]).map(|(_, &d)| d).collect();
        let repeated: Vec<_> = (0..shape.len()).filter(|d| !kept.contains(d)).collect();
        let sum = if repeated.is_empty() { self.cotangent } else { b.reduce_sum(self.cotangent, &repeated) };
        // Dimension i of `sum` is the i-th smallest of `kept`.
        let rank_of = |d: &usize| kept.iter().filter(|&k| k < d).count();
        let perm: Vec<_> = kept.iter().map(rank_of).collect();
        let ordered = permuted(b, sum, &perm);
        vec![Some(b.reshape(ordered, &from))]
    }

    /// Puts the cotangent where it was taken from, zeros elsewhere.
    pub(super) fn slice(&self, b: &mut FuncBuilder, start: &[usize], strides: &[usize]) -> Contributions {
        let (from, taken) = (b.shape(self.operands[0]), b.shape(self.result));
        if taken.contains(&0) {
            return vec![None];
        }
        let low: Vec<_> = start.iter().map(|&s| s as i64).collect();
        let interior: Vec<_> = strides.iter().map(|s| s - 1).collect();
        let high: Vec<_> =
            (0..from.len()).map(|d| (from[d] - start[d] - (taken[d] - 1) * strides[d] - 1) as i64).collect();
        let zero = zero_scalar(b, self.cotangent);
        vec![Some(b.pad(self.cotangent, zero, &low, &high, &interior))]
    }

    pub(super) fn concatenate(&self, b: &mut FuncBuilder, dim: usize) -> Contributions {
        let mut start = 0;
        let parts = self.operands.iter().enumerate().map(|(i, &part)| {
            let limit = start + b.dim(part, dim);
            let contribution = self.when(i, || b.slice_dim(self.cotangent, dim, start, limit));
            start = limit;
            contribution
        });
        parts.collect()
    }

    pub(super) fn pad(
        &self,
        b: &mut FuncBuilder,
        low: &[i64],
        high: &[i64],
        interior: &[usize],
    ) -> Contributions {
        let ct = self.cotangent;
        let from = b.shape(self.operands[0]);
        let zero = zero_scalar(b, ct);
        let by_operand = if from.contains(&0) {
            b.zeros_like(self.operands[0])
        } else {
            let outwards = |edge: &[i64]| edge.iter().map(|e| -e).collect::<Vec<_>>();
            let whole = b.pad(ct, zero, &outwards(low), &outwards(high), &vec![0; from.len()]);
            let size = b.shape(whole);
            let strides: Vec<_> = interior.iter().map(|i| i + 1).collect();
            if strides.iter().all(|&s| s == 1) {
                whole
            } else {
                b.slice_strided(whole, &vec![0; from.len()], &size, &strides)
            }
        };
        // The padding value gets what did not come from the operand.
        let by_value = self.when(1, || {
            let every: Vec<_> = (0..from.len()).collect();
            let (all, inner) = (b.reduce_sum(ct, &every), b.reduce_sum(by_operand, &every));
            b.sub(all, inner)
        });
        vec![self.when(0, || by_operand), by_value]
    }
}

pub(super) fn zero_scalar(b: &mut FuncBuilder, like: ValueId) -> ValueId {
    let ty = TensorType::scalar(b.ty(like).dtype);
    b.constant(Literal::zeros(ty))
}
