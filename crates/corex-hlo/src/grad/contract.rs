//! Derivatives of reductions and products.

use super::movement::permuted;
use super::{Contributions, Step};
use crate::builder::FuncBuilder;
use crate::ir::*;

impl Step<'_> {
    pub(super) fn reduce(&self, b: &mut FuncBuilder, dims: &[usize], reducer: Reducer) -> Contributions {
        let (x, ct) = (self.operands[0], self.cotangent);
        let shape = b.shape(x);
        match reducer {
            Reducer::Add => {
                let by_init = self.when(1, || {
                    let every: Vec<_> = (0..b.ty(ct).rank()).collect();
                    b.reduce_sum(ct, &every)
                });
                vec![self.when(0, || b.broadcast_over(ct, &shape, dims)), by_init]
            }
            Reducer::Max | Reducer::Min if !self.wants(1) => {
                let extreme = b.broadcast_over(self.result, &shape, dims);
                let is_extreme = b.eq(x, extreme);
                let (zero, one) = (b.zeros_like(x), b.ones_like(x));
                let marks = b.select(is_extreme, one, zero);
                let count = b.reduce_sum(marks, dims);
                let share = b.div(ct, count);
                let share = b.broadcast_over(share, &shape, dims);
                vec![Some(b.select(is_extreme, share, zero)), None]
            }
            Reducer::Max | Reducer::Min => self.not_differentiable(b, " with respect to its initial value"),
            Reducer::Mul => self.not_differentiable(b, " with a multiply body"),
            Reducer::And | Reducer::Or | Reducer::Assign => self.not_differentiable(b, ""),
        }
    }

    /// With result = batch, lhs free, rhs free: each side's cotangent is the product of the result's cotangent
    /// with the other side, contracted over the other side's free dimensions.
    pub(super) fn dot_general(&self, b: &mut FuncBuilder, dims: &DotDims) -> Contributions {
        let (lhs, rhs) = (self.operands[0], self.operands[1]);
        let (lhs_rank, rhs_rank) = (b.ty(lhs).rank(), b.ty(rhs).rank());
        let batch = dims.lhs_batch.len();
        let lhs_side = Side::new(lhs_rank, &dims.lhs_batch, &dims.lhs_contract);
        let rhs_side = Side::new(rhs_rank, &dims.rhs_batch, &dims.rhs_contract);
        let lhs_free_in_ct: Vec<_> = (batch..batch + lhs_side.free.len()).collect();
        let rhs_free_in_ct: Vec<_> = (batch + lhs_side.free.len()..).take(rhs_side.free.len()).collect();
        let ct = self.cotangent;
        vec![
            self.when(0, || transposed_product(b, ct, &rhs_free_in_ct, rhs, &rhs_side, &lhs_side)),
            self.when(1, || transposed_product(b, ct, &lhs_free_in_ct, lhs, &lhs_side, &rhs_side)),
        ]
    }
}

/// The roles of one operand's dimensions.
struct Side {
    batch: Vec<usize>,
    contract: Vec<usize>,
    free: Vec<usize>,
}

impl Side {
    fn new(rank: usize, batch: &[usize], contract: &[usize]) -> Self {
        let free = (0..rank).filter(|d| !batch.contains(d) && !contract.contains(d)).collect();
        Self { batch: batch.to_vec(), contract: contract.to_vec(), free }
    }
}

/// The cotangent of the operand `of`, given the `other` operand, whose free dimensions are dimensions
/// `other_free` of the cotangent `ct`.
fn transposed_product(
    b: &mut FuncBuilder,
    ct: ValueId,
    other_free: &[usize],
    other: ValueId,
    other_side: &Side,
    of: &Side,
) -> ValueId {
    // What remains of `other` are its contracting dimensions in ascending order; these are their partners.
    let mut pairs: Vec<_> = other_side.contract.iter().zip(&of.contract).collect();
    pairs.sort();
    let contracted: Vec<_> = pairs.into_iter().map(|(_, &partner)| partner).collect();
    let batch: Vec<_> = (0..of.batch.len()).collect();
    // The product can be written with either operand first. Take the order that leaves the minor-most dimension
    // where it belongs: it needs no transpose, or one that moves whole rows.
    let ct_first = [&of.batch[..], &of.free, &contracted].concat();
    let other_first = [&of.batch[..], &contracted, &of.free].concat();
    let minor = other_first.iter().max();
    let (order, product) = if other_first.last() == minor {
        let dims = DotDims {
            lhs_batch: other_side.batch.clone(),
            rhs_batch: batch,
            lhs_contract: other_side.free.clone(),
            rhs_contract: other_free.to_vec(),
        };
        (other_first, b.dot_general(other, ct, dims))
    } else {
        let dims = DotDims {
            lhs_batch: batch,
            rhs_batch: other_side.batch.clone(),
            lhs_contract: other_free.to_vec(),
            rhs_contract: other_side.free.clone(),
        };
        (ct_first, b.dot_general(ct, other, dims))
    };
    permuted(b, product, &super::movement::inverse(&order))
}
