//! `sort`: the one merge sort that defines the result even where the comparator is no order at all.

use super::array::{Array, for_each_index};
use super::body::Body;

/// The order in which a stable merge sort leaves `0..n`.
///
/// Runs of 1, 2, 4, … neighbours are merged pairwise, from the left. Merging takes the right run's next element if
/// `precedes(right, left)`, else the left run's. If the comparator is a strict weak order, every stable sort gives
/// the same; otherwise this very algorithm is the law.
pub(crate) fn merge_sort(n: usize, precedes: impl FnMut(usize, usize) -> bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    merge_sort_in(&mut order, &mut vec![0; n], precedes);
    order
}

/// [`merge_sort`] of `order`, which lists what to sort; `spare` is as long.
pub(crate) fn merge_sort_in(
    order: &mut [usize],
    spare: &mut [usize],
    mut precedes: impl FnMut(usize, usize) -> bool,
) {
    let n = order.len();
    let mut width = 1;
    while width < n {
        for (pair, merged) in order.chunks(2 * width).zip(spare.chunks_mut(2 * width)) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            for next in merged {
                let from = match (left.first(), right.first()) {
                    (Some(l), Some(r)) if precedes(*r, *l) => &mut right,
                    (None, _) => &mut right,
                    _ => &mut left,
                };
                *next = from[0];
                *from = &from[1..];
            }
        }
        order.copy_from_slice(spare);
        width *= 2;
    }
}

/// Sorts all operands by the comparator along `dim`.
pub(super) fn sort(xs: &[&Array], dim: usize, comparator: &mut Body) -> Vec<Array> {
    let mut results: Vec<Array> = xs.iter().map(|x| (*x).clone()).collect();
    let shape = &xs[0].shape;
    let mut lanes = shape.clone();
    lanes[dim] = 1;
    if shape[dim] == 0 {
        return results;
    }
    for_each_index(&lanes, |lane| {
        let at = |i: usize| {
            let mut index = lane.to_vec();
            index[dim] = i;
            super::array::linear(shape, &index)
        };
        let order = merge_sort(shape[dim], |left, right| {
            let args: Vec<u64> = xs.iter().flat_map(|x| [x.bits[at(left)], x.bits[at(right)]]).collect();
            let mut precedes = [0];
            comparator.run(&args, &mut precedes);
            precedes == [1]
        });
        for (x, result) in xs.iter().zip(&mut results) {
            for (to, from) in order.iter().enumerate() {
                result.bits[at(to)] = x.bits[at(*from)];
            }
        }
    });
    results
}
