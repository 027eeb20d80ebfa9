//! Limited-memory BFGS by the two-loop recursion (D. Liu, J. Nocedal: On the Limited Memory BFGS Method, 1989; J. Nocedal,
//! S. Wright: Numerical Optimization, algorithm 7.4).
//!
//! There is no line search: an update sees the gradients of a step, not the data, and cannot ask for another loss. The
//! learning rate is the step length; 1 is Newton's.

use corex_hlo::{CompareDir, FuncBuilder, TensorType, ValueId};
use serde::{Deserialize, Serialize};

use super::{Direction, Step, flat, flushed};
use crate::error::{ModelError, require};
use crate::params::ParamTable;

/// Most pairs that may be remembered: the state has two vectors of parameters for each.
const MAX_HISTORY: usize = 100;

/// Remembers the last parameters and gradient `[N]`, and of the last steps the changes of both, `s[H, N]` and
/// `y[H, N]`, with `1/(s·y)`, `[H]`, the latest last. A pair with `s·y <= 0`, along which the function does not curve
/// upwards, has weight 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lbfgs {
    /// H, 1 to 100.
    pub history: usize,
}

impl Default for Lbfgs {
    fn default() -> Self {
        Self { history: 10 }
    }
}

impl Direction for Lbfgs {
    fn validate(&self) -> Result<(), ModelError> {
        require((1..=MAX_HISTORY).contains(&self.history), || {
            format!("history must be 1 to {MAX_HISTORY}, got {}", self.history)
        })
    }

    fn memory(&self, table: &ParamTable) -> Vec<TensorType> {
        let pairs = TensorType::f32([self.history, table.total()]);
        vec![flat(table), flat(table), pairs.clone(), pairs, TensorType::f32([self.history])]
    }

    fn direction(&self, b: &mut FuncBuilder, step: &Step) -> (ValueId, Vec<ValueId>) {
        let [old_params, old_grad, s, y, rho] = step.memory[..] else { return (step.grad, vec![]) };
        let new_s = self.change(b, step, step.params, old_params);
        let new_y = self.change(b, step, step.grad, old_grad);
        let curvature = dot(b, new_s, new_y);
        let (zero, one) = (b.scalar(0f32), b.scalar(1f32));
        let curved = b.compare(CompareDir::Gt, curvature, zero);
        let safe = b.select(curved, curvature, one);
        let weight = b.div(one, safe);
        let weight = b.select(curved, weight, zero);
        let (s, y, rho) = (self.push(b, s, new_s), self.push(b, y, new_y), self.push(b, rho, weight));

        let mut q = step.grad;
        let mut passed = Vec::with_capacity(self.history);
        for at in (0..self.history).rev() {
            let pair = [row(b, s, at), row(b, y, at), row(b, rho, at)];
            let along = dot(b, pair[0], q);
            let alpha = b.mul(pair[2], along);
            q = add_scaled(b, q, alpha, pair[1], true);
            passed.push((pair, alpha));
        }
        let scale = self.scale(b, step.grad, new_y, curvature, curved);
        let scale = b.fill(scale, &[step.table.total()]);
        let mut direction = b.mul(q, scale);
        for ([s, y, rho], alpha) in passed.into_iter().rev() {
            let along = dot(b, y, direction);
            let beta = b.mul(rho, along);
            let rest = b.sub(alpha, beta);
            direction = add_scaled(b, direction, rest, s, false);
        }
        (direction, vec![step.params, step.grad, s, y, rho])
    }
}

impl Lbfgs {
    /// now - before; zeros at the first step, which has no before.
    fn change(&self, b: &mut FuncBuilder, step: &Step, now: ValueId, before: ValueId) -> ValueId {
        let change = b.sub(now, before);
        let change = flushed(b, change);
        let zero = b.scalar(0f32);
        let later = b.compare(CompareDir::Gt, step.index, zero);
        let none = b.zeros_like(change);
        b.select(later, change, none)
    }

    /// `history[H, …]` without its oldest entry and with a new one.
    fn push(&self, b: &mut FuncBuilder, history: ValueId, new: ValueId) -> ValueId {
        let kept = b.slice_dim(history, 0, 1, self.history);
        let row = [vec![1], b.shape(new)].concat();
        let new = b.reshape(new, &row);
        b.concatenate(&[kept, new], 0)
    }

    /// The first guess of the inverse Hessian is this times the identity: `s·y / y·y` of the latest pair. Without one,
    /// a step of length 1 at most.
    fn scale(
        &self,
        b: &mut FuncBuilder,
        grad: ValueId,
        y: ValueId,
        curvature: ValueId,
        curved: ValueId,
    ) -> ValueId {
        let one = b.scalar(1f32);
        let square = dot(b, y, y);
        let square = b.select(curved, square, one);
        let newton = b.div(curvature, square);
        let norm = dot(b, grad, grad);
        let norm = b.sqrt(norm);
        let norm = b.max(norm, one);
        let short = b.div(one, norm);
        b.select(curved, newton, short)
    }
}

/// Entry `at` of the first dimension.
fn row(b: &mut FuncBuilder, x: ValueId, at: usize) -> ValueId {
    let shape = b.shape(x)[1..].to_vec();
    let row = b.slice_dim(x, 0, at, at + 1);
    b.reshape(row, &shape)
}

/// Σ x y of vectors.
fn dot(b: &mut FuncBuilder, x: ValueId, y: ValueId) -> ValueId {
    let products = b.mul(x, y);
    b.reduce_sum(products, &[0])
}

/// x ± factor y
fn add_scaled(b: &mut FuncBuilder, x: ValueId, factor: ValueId, y: ValueId, minus: bool) -> ValueId {
    let shape = b.shape(x);
    let factor = b.fill(factor, &shape);
    let scaled = b.mul(factor, y);
    if minus { b.sub(x, scaled) } else { b.add(x, scaled) }
}
