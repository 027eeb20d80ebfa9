//! Cotangents in the making: what all uses of one value contribute, added up when the value's turn comes.

use super::movement::zero_scalar;
use crate::builder::FuncBuilder;
use crate::ir::*;

/// The contributions to one value's cotangent.
#[derive(Debug, Clone, Default)]
pub(super) struct Cotangent {
    sum: Option<ValueId>,
    windows: Vec<Window>,
}

/// The cotangent of a contiguous slice, zero elsewhere. Parameters live in one flat vector and are sliced out
/// of it: the slices' cotangents are joined by one concatenation instead of padded and added one by one.
#[derive(Debug, Clone)]
struct Window {
    value: ValueId,
    start: Vec<usize>,
    limit: Vec<usize>,
}

impl Cotangent {
    /// Adds a cotangent of the whole value.
    pub(super) fn add(&mut self, b: &mut FuncBuilder, value: ValueId) {
        self.sum = Some(match self.sum {
            Some(sum) => b.add(sum, value),
            None => value,
        });
    }

    /// Adds a cotangent of the elements `start..limit`.
    pub(super) fn add_window(&mut self, value: ValueId, start: &[usize], limit: &[usize]) {
        self.windows.push(Window { value, start: start.to_vec(), limit: limit.to_vec() });
    }

    /// The sum of all contributions to the cotangent of a value of type `ty`.
    pub(super) fn total(mut self, b: &mut FuncBuilder, ty: &TensorType) -> ValueId {
        let windows = std::mem::take(&mut self.windows);
        if let Some(dim) = (0..ty.rank()).find(|&dim| tiles(&windows, ty, dim)) {
            let joined = join(b, windows, ty, dim);
            self.add(b, joined);
        } else {
            for w in windows {
                let low: Vec<_> = w.start.iter().map(|&s| s as i64).collect();
                let high: Vec<_> = ty.shape.iter().zip(&w.limit).map(|(n, l)| (n - l) as i64).collect();
                let zero = zero_scalar(b, w.value);
                let padded = b.pad(w.value, zero, &low, &high, &vec![0; ty.rank()]);
                self.add(b, padded);
            }
        }
        self.sum.unwrap_or_else(|| b.constant(Literal::zeros(ty.clone())))
    }
}

/// True if the windows lie side by side along `dim`: whole in every other dimension, without overlap.
fn tiles(windows: &[Window], ty: &TensorType, dim: usize) -> bool {
    let mut spans: Vec<_> = windows.iter().map(|w| (w.start[dim], w.limit[dim])).collect();
    spans.sort_unstable();
    let whole =
        |w: &Window| (0..ty.rank()).all(|d| d == dim || (w.start[d] == 0 && w.limit[d] == ty.shape[d]));
    !windows.is_empty() && windows.iter().all(whole) && spans.windows(2).all(|pair| pair[0].1 <= pair[1].0)
}

/// Concatenates windows for which [`tiles`] holds, with zeros in the gaps.
fn join(b: &mut FuncBuilder, mut windows: Vec<Window>, ty: &TensorType, dim: usize) -> ValueId {
    windows.sort_by_key(|w| (w.start[dim], w.limit[dim]));
    let mut parts = Vec::with_capacity(windows.len());
    let mut at = 0;
    let zeros = |b: &mut FuncBuilder, parts: &mut Vec<ValueId>, count: usize| {
        if count > 0 {
            let mut gap = ty.clone();
            gap.shape[dim] = count;
            parts.push(b.constant(Literal::zeros(gap)));
        }
    };
    for w in windows {
        zeros(b, &mut parts, w.start[dim] - at);
        parts.push(w.value);
        at = w.limit[dim];
    }
    zeros(b, &mut parts, ty.shape[dim] - at);
    if parts.len() == 1 { parts[0] } else { b.concatenate(&parts, dim) }
}
