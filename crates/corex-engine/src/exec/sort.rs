//! `sort`.

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
            Some(keys) => by_keys(keys, order, of),
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

/// Sorts positions by keys; equal ones stay in order because positions break the tie.
fn by_keys(keys: &[KeyOrder], order: &mut [usize], word: impl Fn(&KeyOrder, usize) -> u64) {
    let [first, others @ ..] = keys else { return };
    let tie = |a: usize, b: usize| {
        let compared = others.iter().map(|key| key.key(word(key, a)).cmp(&key.key(word(key, b))));
        compared.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then).then(a.cmp(&b))
    };
    if !first.is_short() || order.len() > 1 << 32 {
        let key = |at: usize| first.key(word(first, at));
        order.sort_unstable_by(|a, b| key(*a).cmp(&key(*b)).then_with(|| tie(*a, *b)));
        return;
    }
    // Key and position in one number, in the place of the position.
    const LOW: usize = u32::MAX as usize;
    order.iter_mut().for_each(|at| *at |= (first.key(word(first, *at)) as usize) << 32);
    match others {
        [] => order.sort_unstable(),
        _ => order.sort_unstable_by(|a, b| (a >> 32).cmp(&(b >> 32)).then_with(|| tie(a & LOW, b & LOW))),
    }
    order.iter_mut().for_each(|at| *at &= LOW);
}
