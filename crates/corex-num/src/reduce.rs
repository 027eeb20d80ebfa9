//! Sums in the one specified order, and extrema, whose order cannot matter.

use crate::dispatch::per_isa;
use crate::fma::Fma;
use crate::scalar::{NAN, canonical, from_order_key, order_key};

/// Lanes of a sum along the minor-most dimension.
pub const LANES: usize = 32;

/// A sum in 32 lanes: element `r` goes to lane `r mod 32`, each lane adds in ascending order from +0.0; at the
/// end lane `l` takes lane `l + h` for `h` = 16, 8, 4, 2, 1. Feed it in pieces of any size.
#[derive(Clone, Debug)]
pub struct LaneSum {
    lanes: [f32; LANES],
    /// Elements taken so far, modulo 32.
    next: usize,
}

impl Default for LaneSum {
    fn default() -> Self {
        Self::new()
    }
}

impl LaneSum {
    /// The sum of nothing: +0.0.
    pub const fn new() -> Self {
        Self { lanes: [0.0; LANES], next: 0 }
    }

    /// Takes the next elements.
    pub fn extend(&mut self, isa: crate::Isa, x: &[f32]) {
        // Up to the next multiple of 32 one by one, so that the kernel starts at lane 0.
        let head = x.len().min((LANES - self.next) % LANES);
        let (head, body) = x.split_at(head);
        for &v in head {
            self.push(v);
        }
        let (body, tail) = body.split_at(body.len() / LANES * LANES);
        if !body.is_empty() {
            add_to_lanes(isa, &mut self.lanes, body);
        }
        for &v in tail {
            self.push(v);
        }
    }

    /// Takes the next element.
    pub fn push(&mut self, x: f32) {
        self.lanes[self.next] += x;
        self.next = (self.next + 1) % LANES;
    }

    /// The total (the caller adds the initial value).
    pub fn total(mut self) -> f32 {
        let mut half = LANES / 2;
        while half > 0 {
            for l in 0..half {
                self.lanes[l] += self.lanes[l + half];
            }
            half /= 2;
        }
        canonical(self.lanes[0])
    }
}

/// The sum of `x` in 32 lanes (see [`LaneSum`]); +0.0 for an empty slice.
pub fn sum_lanes(isa: crate::Isa, x: &[f32]) -> f32 {
    let mut sum = LaneSum::new();
    sum.extend(isa, x);
    sum.total()
}

per_isa! {
    fn add_to_lanes(lanes: &mut [f32; LANES], x: &[f32]) = add_to_lanes_generic;
}

#[inline(always)]
fn add_to_lanes_generic<F: Fma>(lanes: &mut [f32; LANES], x: &[f32]) {
    let mut local = *lanes;
    for chunk in x.chunks_exact(LANES) {
        for l in 0..LANES {
            local[l] += chunk[l];
        }
    }
    *lanes = local;
}

/// Column sums, one lane each: `acc[j] = acc[j] + x[i * row_stride + j]` for `i` ascending below `rows`. Start
/// with `acc` all +0.0, add the initial value at the end. NaN in `acc` is canonical afterwards.
///
/// # Panics
/// If `x` does not hold `rows` rows of `acc.len()` elements at that stride.
pub fn add_rows(isa: crate::Isa, rows: usize, x: &[f32], row_stride: usize, acc: &mut [f32]) {
    if rows == 0 || acc.is_empty() {
        return;
    }
    let end = (rows - 1).checked_mul(row_stride).and_then(|start| start.checked_add(acc.len()));
    assert!(end.is_some_and(|end| end <= x.len()), "add_rows: rows reach beyond the operand");
    add_rows_in_bounds(isa, rows, x, row_stride, acc);
}

per_isa! {
    fn add_rows_in_bounds(rows: usize, x: &[f32], row_stride: usize, acc: &mut [f32]) = add_rows_generic;
}

#[inline(always)]
fn add_rows_generic<F: Fma>(rows: usize, x: &[f32], row_stride: usize, acc: &mut [f32]) {
    let columns = acc.len();
    let row = |i: usize| &x[i * row_stride..][..columns];
    // Along whole rows, as memory gives them fastest; several at a time, so that `acc` is read and written less often.
    for i in (0..rows / 4 * 4).step_by(4) {
        let (a, b, c, d) = (row(i), row(i + 1), row(i + 2), row(i + 3));
        for j in 0..columns {
            acc[j] = (((acc[j] + a[j]) + b[j]) + c[j]) + d[j];
        }
    }
    for i in rows / 4 * 4..rows {
        acc.iter_mut().zip(row(i)).for_each(|(acc, x)| *acc += x);
    }
    acc.iter_mut().for_each(|acc| *acc = canonical(*acc));
}

per_isa! {
    /// The largest of `init` and all elements (see [`crate::scalar::max`]).
    pub fn fold_max(init: f32, x: &[f32]) -> f32 = fold_max_generic;
}

per_isa! {
    /// The smallest of `init` and all elements (see [`crate::scalar::min`]).
    pub fn fold_min(init: f32, x: &[f32]) -> f32 = fold_min_generic;
}

#[inline(always)]
fn fold_max_generic<F: Fma>(init: f32, x: &[f32]) -> f32 {
    let mut key = order_key(init);
    let mut nan = init.is_nan();
    for &v in x {
        key = key.max(order_key(v));
        nan |= v.is_nan();
    }
    if nan { NAN } else { from_order_key(key) }
}

#[inline(always)]
fn fold_min_generic<F: Fma>(init: f32, x: &[f32]) -> f32 {
    let mut key = order_key(init);
    let mut nan = init.is_nan();
    for &v in x {
        key = key.min(order_key(v));
        nan |= v.is_nan();
    }
    if nan { NAN } else { from_order_key(key) }
}
