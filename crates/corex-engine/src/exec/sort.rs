//! `sort`: by integer keys where the comparator is an order that has them, else by the law's own merge sort.

use std::cmp::Ordering;

use corex_hlo::ir::DType;

use super::expression::{self, KeyOrder};
use super::kernel::{read_word, write_word};
use super::memory::Memory;
use super::team::Rank;
use super::view::{BufferId, View, dense_strides};
use crate::reference::{self, Body};

pub(super) struct SortNode {
    pub xs: Vec<View>,
    pub dim: usize,
    pub dtypes: Vec<DType>,
    pub outs: Vec<BufferId>,
    pub comparator: Body,
    /// If the comparator orders by integer keys, those, the first one first.
    pub keys: Option<Vec<KeyOrder>>,
}

impl SortNode {
    pub fn new(xs: Vec<View>, dim: usize, dtypes: Vec<DType>, outs: Vec<BufferId>, comparator: Body) -> Self {
        let keys = expression::key_orders(comparator.func());
        Self { xs, dim, dtypes, outs, comparator, keys }
    }

    fn length(&self) -> usize {
        self.xs[0].shape[self.dim]
    }

    /// Scratch bytes per thread: a lane of every operand, and two lists of positions.
    pub fn scratch(&self) -> usize {
        self.length().saturating_mul(8 * (self.xs.len() + 2))
    }
}

/// One thread's share of the lanes.
///
/// # Safety
/// As [`super::dot::run`]; `scratch` has [`SortNode::scratch`] bytes, 64-aligned.
pub(super) unsafe fn sort(node: &SortNode, memory: &Memory, scratch: *mut u8, rank: Rank) {
    let (n, operands) = (node.length(), node.xs.len());
    let shape = &node.xs[0].shape;
    let lanes: usize =
        shape.iter().enumerate().filter(|(d, _)| *d != node.dim).map(|(_, size)| size).product();
    let strides = dense_strides(shape);
    // SAFETY: the scratch area is this thread's and large enough.
    let (words, order, spare) = unsafe {
        let base = scratch.cast::<u64>();
        let positions = base.add(operands * n).cast::<usize>();
        (
            std::slice::from_raw_parts_mut(base, operands * n),
            std::slice::from_raw_parts_mut(positions, n),
            std::slice::from_raw_parts_mut(positions.add(n), n),
        )
    };
    let mut comparator = node.comparator.fork();
    let mut index = vec![0; shape.len()];
    for lane in rank.share(lanes) {
        let mut rest = lane;
        for d in (0..shape.len()).rev().filter(|d| *d != node.dim) {
            index[d] = rest % shape[d];
            rest /= shape[d];
        }
        for (i, x) in node.xs.iter().enumerate() {
            let (dtype, start) = (node.dtypes[i], x.at(&index) as isize);
            for (j, word) in words[i * n..][..n].iter_mut().enumerate() {
                let at = (start + j as isize * x.strides[node.dim]) as usize;
                // SAFETY: the lane lies within the operand.
                *word = unsafe { read_word(dtype, memory.at(x.buffer, at, dtype.size()), 0) };
            }
        }
        order.iter_mut().enumerate().for_each(|(i, at)| *at = i);
        let of = |key: &KeyOrder, at: usize| words[key.operand * n + at];
        let keys = node.keys.as_deref();
        // Where the comparator is no order on what is in this lane, the very merge sort of the law decides.
        match keys.filter(|keys| keys.iter().all(|key| (0..n).all(|at| key.holds(of(key, at))))) {
            Some(keys) => by_keys(keys, order, spare, of),
            None => {
                let mut pair = vec![0; 2 * operands];
                let mut precedes = [0];
                reference::merge_sort_in(order, spare, |left, right| {
                    for i in 0..operands {
                        pair[2 * i] = words[i * n + left];
                        pair[2 * i + 1] = words[i * n + right];
                    }
                    comparator.run(&pair, &mut precedes);
                    precedes == [1]
                });
            }
        }
        let start: usize = index.iter().zip(&strides).map(|(i, s)| i * s.unsigned_abs()).sum();
        let step = strides[node.dim].unsigned_abs();
        for (i, out) in node.outs.iter().enumerate() {
            let dtype = node.dtypes[i];
            for (to, from) in order.iter().enumerate() {
                // SAFETY: this thread alone writes this lane.
                unsafe {
                    let at = memory.at(*out, start + to * step, dtype.size());
                    write_word(dtype, at, 0, words[i * n + from]);
                }
            }
        }
    }
}

/// Sorts positions by keys; equal ones stay in order. `spare` is as long as `order`.
fn by_keys(
    keys: &[KeyOrder],
    order: &mut [usize],
    spare: &mut [usize],
    word: impl Fn(&KeyOrder, usize) -> u64,
) {
    let is_large = order.len() as u64 > 1 << 32;
    if order.len() < LEAST_FOR_RADIX || is_large || usize::BITS < 64 {
        let compare = |a: usize, b: usize| {
            let compared = keys.iter().map(|key| key.key(word(key, a)).cmp(&key.key(word(key, b))));
            compared.fold(Ordering::Equal, Ordering::then).then(a.cmp(&b))
        };
        return order.sort_unstable_by(|a, b| compare(*a, *b));
    }
    // Least significant digits first; 64-bit keys in two halves.
    for key in keys.iter().rev() {
        let halves: &[u32] = if key.is_short() { &[0] } else { &[0, 32] };
        for shift in halves {
            for at in order.iter_mut() {
                let position = *at & POSITION;
                let key = key.key(word(key, position)) >> shift & POSITION as u64;
                *at = (key as usize) << 32 | position;
            }
            if radix_sort(order, spare) % 2 == 1 {
                order.copy_from_slice(spare);
            }
        }
    }
    order.iter_mut().for_each(|at| *at &= POSITION);
}

/// The half of a number that is a position; a key is in the other.
const POSITION: usize = u32::MAX as usize;
/// Elements below which comparing is faster.
const LEAST_FOR_RADIX: usize = 256;
/// Bits of a digit.
const DIGIT: u32 = 11;

/// Sorts by the upper 32 bits, digit by digit. Returns how often the two slices have changed roles.
fn radix_sort(from: &mut [usize], to: &mut [usize]) -> usize {
    let digit = |x: usize, pass: u32| x >> (32 + pass * DIGIT) & ((1 << DIGIT) - 1);
    let passes = 32_u32.div_ceil(DIGIT);
    let mut counts = vec![[0_u32; 1 << DIGIT]; passes as usize];
    for x in from.iter() {
        for (pass, counts) in (0..passes).zip(&mut counts) {
            counts[digit(*x, pass)] += 1;
        }
    }
    let (mut from, mut to, mut swaps) = (from, to, 0);
    for (pass, counts) in (0..passes).zip(&mut counts) {
        // A digit that all share orders nothing.
        if from.first().is_none_or(|x| counts[digit(*x, pass)] as usize == from.len()) {
            continue;
        }
        let mut next = 0;
        for count in counts.iter_mut() {
            next += std::mem::replace(count, next);
        }
        for x in from.iter() {
            let at = &mut counts[digit(*x, pass)];
            to[*at as usize] = *x;
            *at += 1;
        }
        std::mem::swap(&mut from, &mut to);
        swaps += 1;
    }
    swaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_sort_as_numbers_and_keep_the_order_of_equal_ones() {
        let mut state = 1_u64;
        for bits in [1, 11, 12, 32] {
            let mut numbers: Vec<usize> = (0..3000)
                .map(|i| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    ((state >> (64 - bits)) as usize) << 32 | i
                })
                .collect();
            let mut expected = numbers.clone();
            expected.sort_unstable();
            let mut spare = vec![0; numbers.len()];
            let swaps = radix_sort(&mut numbers, &mut spare);
            assert_eq!(if swaps.is_multiple_of(2) { numbers } else { spare }, expected, "{bits} bits");
        }
    }
}
