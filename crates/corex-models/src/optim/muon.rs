//! Muon: momentum, orthogonalised (K. Jordan et al.: Muon, an Optimizer for Hidden Layers, 2024), with updates of the size
//! of Adam's, so that one learning rate serves both (J. Liu et al.: Muon is Scalable for LLM Training, 2025).

use corex_hlo::{Dot, FuncBuilder, TensorType, ValueId};
use serde::{Deserialize, Serialize};

use super::{Adam, Direction, Step, flat, require_rate, running_mean};
use crate::error::{ModelError, require};
use crate::params::{Kind, Param, ParamTable};

/// Coefficients of the quintic: steep at 0, and around 1 near enough to 1.
const QUINTIC: [f32; 3] = [3.4445, -4.7750, 2.0315];
const EPSILON: f32 = 1e-7;
/// Root mean square of an update of Adam's.
const ADAM_RMS: f32 = 0.2;
const MAX_ITERATIONS: usize = 20;

/// Weights of [`Kind::Matrix`] move along their orthogonalised momentum; a convolution kernel `[…, in, out]` counts as a
/// matrix `[… · in, out]`. All others go by Adam. Remembers the running mean of gradients, `m[N]`, and for the R elements
/// that go by Adam the mean of squares, `v[R]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Muon {
    /// Rate of the running mean of gradients of matrices.
    pub momentum: f32,
    /// Iterations of Newton and Schulz, 1 to 20.
    pub iterations: usize,
    /// For everything that is no matrix.
    pub adam: Adam,
}

impl Default for Muon {
    fn default() -> Self {
        Self { momentum: 0.95, iterations: 5, adam: Adam::default() }
    }
}

/// A stretch of the flat vector that is treated alike.
enum Part<'a> {
    Matrix(&'a Param),
    /// Elements `start..limit`, and where they begin among all that go by Adam.
    Rest {
        start: usize,
        limit: usize,
        at: usize,
    },
}

/// The flat vector from its beginning to its end.
fn parts(table: &ParamTable) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), 0);
    for p in table.iter() {
        let (start, limit) = (p.offset, p.offset + p.len());
        if p.kind == Kind::Matrix && p.shape.len() >= 2 && !p.is_empty() {
            parts.push(Part::Matrix(p));
            continue;
        }
        match parts.last_mut() {
            Some(Part::Rest { limit: end, .. }) => *end = limit,
            _ => parts.push(Part::Rest { start, limit, at: rest }),
        }
        rest += p.len();
    }
    parts
}

fn rest_elements(table: &ParamTable) -> usize {
    let sizes = parts(table).into_iter().map(|part| match part {
        Part::Matrix(_) => 0,
        Part::Rest { start, limit, .. } => limit - start,
    });
    sizes.sum()
}

impl Direction for Muon {
    fn validate(&self) -> Result<(), ModelError> {
        require_rate("momentum", self.momentum)?;
        require((1..=MAX_ITERATIONS).contains(&self.iterations), || {
            format!("iterations must be 1 to {MAX_ITERATIONS}, got {}", self.iterations)
        })?;
        self.adam.validate()
    }

    fn memory(&self, table: &ParamTable) -> Vec<TensorType> {
        vec![flat(table), TensorType::f32([rest_elements(table)])]
    }

    fn direction(&self, b: &mut FuncBuilder, step: &Step) -> (ValueId, Vec<ValueId>) {
        let (m, v) = (step.memory[0], step.memory[1]);
        let (mut directions, mut means, mut squares) = (vec![], vec![], vec![]);
        for part in parts(step.table) {
            let mut cut = |x: ValueId, start: usize, limit: usize| b.slice(x, &[start], &[limit]);
            match part {
                Part::Matrix(p) => {
                    let [m, grad] = [m, step.grad].map(|x| cut(x, p.offset, p.offset + p.len()));
                    let m = running_mean(b, m, grad, self.momentum);
                    // Nesterov's look ahead.
                    let ahead = running_mean(b, m, grad, self.momentum);
                    directions.push(self.orthogonal(b, ahead, &p.shape));
                    means.push(m);
                }
                Part::Rest { start, limit, at } => {
                    let [m, grad] = [m, step.grad].map(|x| cut(x, start, limit));
                    let v = cut(v, at, at + limit - start);
                    let (direction, m, v) = self.adam.moments(b, [m, v, grad], step.index);
                    directions.push(direction);
                    means.push(m);
                    squares.push(v);
                }
            }
        }
        let mut join = |parts: &[ValueId]| match parts {
            [] => v,
            [one] => *one,
            several => b.concatenate(several, 0),
        };
        (join(&directions), vec![join(&means), join(&squares)])
    }
}

impl Muon {
    /// The nearest matrix with orthonormal rows or columns, about, of the flat `x`, flat again and of Adam's size.
    fn orthogonal(&self, b: &mut FuncBuilder, x: ValueId, shape: &[usize]) -> ValueId {
        let flat = b.shape(x);
        let columns = shape.last().copied().unwrap_or(1);
        let rows = flat[0] / columns;
        let mut x = b.reshape(x, &[rows, columns]);
        // A singular value of at most 1 is where the iteration starts.
        let squares = b.mul(x, x);
        let norm = b.reduce_sum(squares, &[0, 1]);
        let norm = b.sqrt(norm);
        let least = b.scalar(EPSILON);
        let norm = b.max(norm, least);
        let norm = b.fill(norm, &[rows, columns]);
        x = b.div(x, norm);
        for _ in 0..self.iterations {
            x = newton_schulz(b, x);
        }
        let x = b.scale(x, ADAM_RMS * (rows.max(columns) as f32).sqrt());
        b.reshape(x, &flat)
    }
}

/// `a X + (b A + c A A) X` with `A = X Xᵀ`, or the same from the other side, where it is smaller.
fn newton_schulz(b: &mut FuncBuilder, x: ValueId) -> ValueId {
    let shape = b.shape(x);
    let wide = shape[0] <= shape[1];
    let inner = if wide { 1 } else { 0 };
    let gram = b.dot_general(x, x, Dot::contract(&[inner], &[inner]));
    let square = b.matmul(gram, gram);
    let (linear, quadratic) = (b.scale(gram, QUINTIC[1]), b.scale(square, QUINTIC[2]));
    let polynomial = b.add(linear, quadratic);
    let bent = if wide { b.matmul(polynomial, x) } else { b.matmul(x, polynomial) };
    let straight = b.scale(x, QUINTIC[0]);
    b.add(straight, bent)
}
