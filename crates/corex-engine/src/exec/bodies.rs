//! Reductions, scatters, windows and sorts whose combining function is a body of the program.

use corex_hlo::ir::{CompareDir, DType, ScatterDims, WindowDim};

use super::expression::KeyOrder;
use super::kernel::{read_word, write_word};
use super::memory::Memory;
use super::movement::{self, Windows};
use super::strided;
use super::team::Rank;
use super::view::{BufferId, View, collapse, dense_strides};
use crate::reference::{self, Body};

/// Elements of a reduction gathered at a time.
const CHUNK: usize = 256;

/// Several tensors folded at once. Views have the shape kept ++ folded.
pub(super) struct FoldNode {
    pub xs: Vec<View>,
    pub inits: Vec<View>,
    /// Number of dimensions kept.
    pub kept: usize,
    pub dtypes: Vec<DType>,
    pub outs: Vec<BufferId>,
    pub body: Body,
    /// Set if the body folds an f32 and its i32 index by this comparison.
    pub arg: Option<CompareDir>,
}

impl FoldNode {
    /// Scratch bytes per thread.
    pub fn scratch(&self) -> usize {
        self.xs.len() * CHUNK * 8
    }
}

/// One thread's share of the results.
///
/// # Safety
/// As [`super::dot::run`]; `scratch` has [`FoldNode::scratch`] bytes, 64-aligned.
pub(super) unsafe fn fold(node: &FoldNode, memory: &Memory, scratch: *mut u8, rank: Rank) {
    let shape = &node.xs[0].shape;
    let (kept, folded) = shape.split_at(node.kept);
    let (outputs, count) = (kept.iter().product::<usize>(), folded.iter().product::<usize>());
    let dims: Vec<_> = node.xs.iter().map(|x| collapse(folded_dims(x, node.kept))).collect();
    let mut body = node.body.fork();
    let n = node.xs.len();
    let mut words = vec![0; 2 * n];
    let mut acc = vec![0; n];
    let mut index = vec![0; shape.len()];
    for output in rank.share(outputs) {
        let mut rest = output;
        for d in (0..node.kept).rev() {
            index[d] = rest % kept[d];
            rest /= kept[d];
        }
        // SAFETY: initial values are scalars; chunks lie within the operands, and fit into the scratch area.
        unsafe {
            for (i, init) in node.inits.iter().enumerate() {
                let size = node.dtypes[i].size();
                acc[i] = read_word(node.dtypes[i], memory.at(init.buffer, init.offset, size), 0);
            }
            let mut done = 0;
            while done < count {
                let m = CHUNK.min(count - done);
                for (i, x) in node.xs.iter().enumerate() {
                    let size = node.dtypes[i].size();
                    let base = memory.at(x.buffer, x.at(&index), size);
                    strided::load(size, base, &dims[i], done, m, scratch.add(i * CHUNK * 8));
                }
                if let Some(dir) = node.arg {
                    fold_arg(dir, &mut acc, scratch, m);
                } else {
                    for j in 0..m {
                        words[..n].copy_from_slice(&acc);
                        for i in 0..n {
                            words[n + i] = read_word(node.dtypes[i], scratch.add(i * CHUNK * 8), j);
                        }
                        body.run(&words, &mut acc);
                    }
                }
                done += m;
            }
            for (i, out) in node.outs.iter().enumerate() {
                write_word(node.dtypes[i], memory.at(*out, output, node.dtypes[i].size()), 0, acc[i]);
            }
        }
    }
}

fn folded_dims(x: &View, kept: usize) -> impl Iterator<Item = (usize, isize)> {
    x.shape[kept..].iter().copied().zip(x.strides[kept..].iter().copied())
}

/// Folds `n` f32 values and, [`CHUNK`] words behind them, their i32 indices.
unsafe fn fold_arg(dir: CompareDir, acc: &mut [u64], scratch: *const u8, n: usize) {
    // SAFETY: the caller's promise.
    let (values, indices) = unsafe {
        (
            std::slice::from_raw_parts(scratch.cast::<f32>(), n),
            std::slice::from_raw_parts(scratch.add(CHUNK * 8).cast::<i32>(), n),
        )
    };
    let (mut best, mut at) = (f32::from_bits(acc[0] as u32), acc[1] as u32 as i32);
    for (x, i) in values.iter().zip(indices) {
        let wins = best.is_nan() || if dir == CompareDir::Gt { best > *x } else { best < *x };
        if !(wins || (best == *x && at < *i)) {
            at = *i;
        }
        if !wins {
            best = *x;
        }
    }
    (acc[0], acc[1]) = (u64::from(best.to_bits()), u64::from(at as u32));
}

/// `scatter` with a body.
pub(super) struct ScatterNode {
    pub xs: Vec<View>,
    pub indices: View,
    pub index_type: DType,
    pub updates: Vec<View>,
    pub dims: ScatterDims,
    pub dtypes: Vec<DType>,
    pub outs: Vec<BufferId>,
    pub body: Body,
}

/// # Safety
/// As [`super::dot::run`], by one thread.
pub(super) unsafe fn scatter(node: &ScatterNode, memory: &Memory) {
    for ((x, dtype), out) in node.xs.iter().zip(&node.dtypes).zip(&node.outs) {
        // SAFETY: results have the operands' shape.
        unsafe { movement::initialise(memory, x, dtype.size(), *out) }
    }
    let (shape, dims) = (&node.xs[0].shape, &node.dims);
    let strides = dense_strides(shape);
    let windows = Windows::of_scatter(&node.indices, node.index_type, dims);
    let missing: Vec<usize> = [&dims.inserted_window_dims[..], &dims.input_batching_dims].concat();
    let window_dims: Vec<usize> = (0..shape.len()).filter(|d| !missing.contains(d)).collect();
    let mut body = node.body.fork();
    let n = node.xs.len();
    let (mut words, mut new) = (vec![0; 2 * n], vec![0; n]);
    let mut start = vec![0; shape.len()];
    let mut index = vec![0; windows.batch.len()];
    reference::for_each_index(&node.updates[0].shape, |at| {
        let batch = (0..at.len()).filter(|d| !dims.update_window_dims.contains(d));
        let b = batch.zip(&windows.batch).fold(0, |b, (d, n)| b * n + at[d]);
        // SAFETY: index vectors lie within the indices; targets are checked before they are touched.
        unsafe {
            windows.start(memory, b, &mut index, &mut start);
            for (d, u) in window_dims.iter().zip(&dims.update_window_dims) {
                start[*d] += at[*u] as i128;
            }
            if !start.iter().zip(shape).all(|(i, size)| (0..*size as i128).contains(i)) {
                return;
            }
            let target: usize = start.iter().zip(&strides).map(|(i, s)| *i as usize * s.unsigned_abs()).sum();
            for i in 0..n {
                let (dtype, size) = (node.dtypes[i], node.dtypes[i].size());
                words[i] = read_word(dtype, memory.at(node.outs[i], target, size), 0);
                let update = &node.updates[i];
                words[n + i] = read_word(dtype, memory.at(update.buffer, update.at(at), size), 0);
            }
            body.run(&words, &mut new);
            for i in 0..n {
                write_word(node.dtypes[i], memory.at(node.outs[i], target, node.dtypes[i].size()), 0, new[i]);
            }
        }
    });
}

/// `reduce_window` with a body.
pub(super) struct WindowNode {
    pub xs: Vec<View>,
    pub inits: Vec<View>,
    pub window: Vec<WindowDim>,
    /// Shape of the results.
    pub shape: Vec<usize>,
    pub dtypes: Vec<DType>,
    pub outs: Vec<BufferId>,
    pub body: Body,
}

/// One thread's share of the windows.
///
/// # Safety
/// As [`super::dot::run`].
pub(super) unsafe fn window(node: &WindowNode, memory: &Memory, rank: Rank) {
    let places = node.shape.iter().product();
    let sizes: Vec<usize> = node.window.iter().map(|w| w.size).collect();
    let mut body = node.body.fork();
    let n = node.xs.len();
    let mut words = vec![0; 2 * n];
    let mut acc = vec![0; n];
    let mut place = vec![0; node.shape.len()];
    let mut index = vec![0; node.shape.len()];
    for output in rank.share(places) {
        let mut rest = output;
        for d in (0..place.len()).rev() {
            place[d] = rest % node.shape[d];
            rest /= node.shape[d];
        }
        let word = |view: &View, dtype: DType, at: usize| {
            // SAFETY: the element lies within the view.
            unsafe { read_word(dtype, memory.at(view.buffer, at, dtype.size()), 0) }
        };
        for (i, init) in node.inits.iter().enumerate() {
            acc[i] = word(init, node.dtypes[i], init.offset);
        }
        reference::for_each_index(&sizes, |at| {
            for d in 0..at.len() {
                match reference::window_source(&node.window[d], place[d], at[d], node.xs[0].shape[d]) {
                    Some(i) => index[d] = i,
                    None => return,
                }
            }
            words[..n].copy_from_slice(&acc);
            for (i, x) in node.xs.iter().enumerate() {
                words[n + i] = word(x, node.dtypes[i], x.at(&index));
            }
            body.run(&words, &mut acc);
        });
        for (i, out) in node.outs.iter().enumerate() {
            // SAFETY: this thread alone writes this element.
            unsafe { write_word(node.dtypes[i], memory.at(*out, output, node.dtypes[i].size()), 0, acc[i]) }
        }
    }
}

/// `sort`.
pub(super) struct SortNode {
    pub xs: Vec<View>,
    pub dim: usize,
    pub dtypes: Vec<DType>,
    pub outs: Vec<BufferId>,
    pub comparator: Body,
    /// Set if the comparator has integer keys.
    pub keys: Option<KeyOrder>,
}

impl SortNode {
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
        match node.keys {
            // Equal keys stay in order because positions break the tie.
            Some(keys) => order.sort_unstable_by_key(|at| (keys.key(words[*at]), *at)),
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
