//! Reductions and scatters whose combining function is a body of the program.

use std::cmp::Ordering;

use corex_hlo::ir::{CompareDir, DType, ScatterDims};

use super::block_body::BlockBody;
use super::indices::Windows;
use super::kernel::{read_word, write_word};
use super::memory::Memory;
use super::scatter;
use super::strided;
use super::team::Rank;
use super::view::{BufferId, View, collapse, dense_strides};
use crate::reference::{self, Body};

/// Elements of a reduction gathered at a time.
const CHUNK: usize = 256;

/// Neighbours of each result's elements gathered at a time: a cache line, so that it is read once.
const ROW: usize = 16;

/// Results below which they are folded one after the other.
const FEW: usize = 8;

/// Several tensors folded at once. Views have the shape kept ++ folded.
pub(super) struct FoldNode {
    pub xs: Vec<View>,
    pub inits: Vec<View>,
    /// Number of dimensions kept.
    pub kept: usize,
    pub dtypes: Vec<DType>,
    pub outs: Vec<BufferId>,
    pub body: Body,
    pub block: BlockBody,
    /// Set if the body folds a value and its index by this comparison.
    pub arg: Option<CompareDir>,
}

impl FoldNode {
    /// Scratch bytes per thread.
    pub fn scratch(&self) -> usize {
        let blocks = self.block.bytes.saturating_add(self.xs.len() * ROW * self.block.lanes * 8);
        blocks.max(self.xs.len() * CHUNK * 8)
    }
}

/// One thread's share of the results.
///
/// # Safety
/// As [`super::dot::run`]; `scratch` has [`FoldNode::scratch`] bytes, 64-aligned.
pub(super) unsafe fn fold(node: &FoldNode, memory: &Memory, scratch: *mut u8, rank: Rank) {
    let outputs = node.xs[0].shape[..node.kept].iter().product();
    // SAFETY: the caller's promise.
    unsafe {
        match outputs {
            FEW.. => side_by_side(node, memory, scratch, outputs, rank),
            _ => one_by_one(node, memory, scratch, outputs, rank),
        }
    }
}

/// Neighbouring results are lanes.
unsafe fn side_by_side(node: &FoldNode, memory: &Memory, scratch: *mut u8, outputs: usize, rank: Rank) {
    let block = &node.block;
    let dims = |x: &View, from: usize, to: usize| -> Vec<(usize, isize)> {
        collapse((from..to).map(|d| (x.shape[d], x.strides[d])))
    };
    let kept: Vec<_> = node.xs.iter().map(|x| dims(x, 0, node.kept)).collect();
    let folded = &node.xs[0].shape[node.kept..];
    let n = node.xs.len();
    // SAFETY: the scratch area has room for rows behind the blocks.
    let lines = unsafe { scratch.add(block.bytes) };
    let lanes = block.lanes.min(outputs.div_ceil(rank.team)).max(1);
    // SAFETY: blocks hold `lanes` lanes; what is loaded lies within the operands; this thread alone writes its results.
    unsafe {
        block.prepare(scratch);
        for piece in rank.share(outputs.div_ceil(lanes)) {
            let first = piece * lanes;
            let count = lanes.min(outputs - first);
            for (i, (init, dtype)) in node.inits.iter().zip(&node.dtypes).enumerate() {
                let word = read_word(*dtype, memory.at(init.buffer, init.offset, dtype.size()), 0);
                block.fill(scratch, i, *dtype, count, word);
            }
            let (rows, row) = match folded.split_last() {
                Some((row, rows)) => (rows, *row),
                None => (folded, 1),
            };
            reference::for_each_index(rows, |at| {
                for from in (0..row).step_by(ROW) {
                    let steps = ROW.min(row - from);
                    for (i, x) in node.xs.iter().enumerate() {
                        let size = node.dtypes[i].size();
                        let strides = &x.strides[node.kept..];
                        let along: isize = at.iter().zip(strides).map(|(i, s)| *i as isize * s).sum();
                        let step = strides.last().copied().unwrap_or(0);
                        let start = x.offset.wrapping_add_signed(along + from as isize * step);
                        let lines = lines.add(i * ROW * block.lanes * 8);
                        let base = memory.at(x.buffer, start, size);
                        load_steps(size, base, &kept[i], [first, count], (steps, step), lines, block.lanes);
                    }
                    for step in 0..steps {
                        for (i, dtype) in node.dtypes.iter().enumerate() {
                            let line =
                                lines.add(i * ROW * block.lanes * 8 + step * block.lanes * dtype.size());
                            let to = block.param(scratch, n + i);
                            std::ptr::copy_nonoverlapping(line, to, count * dtype.size());
                        }
                        block.fold(scratch, 0, count);
                    }
                }
            });
            for (i, out) in node.outs.iter().enumerate() {
                let size = node.dtypes[i].size();
                let to = memory.at(*out, first, size);
                std::ptr::copy_nonoverlapping(block.param(scratch, i), to, count * size);
            }
        }
    }
}

/// Loads, for each of `count` lanes from lane `first` on in linear order of `kept`, `steps` elements that are `step` apart:
/// step by step, `width` lanes apart.
unsafe fn load_steps(
    size: usize,
    base: *const u8,
    kept: &[(usize, isize)],
    [first, count]: [usize; 2],
    (steps, step): (usize, isize),
    out: *mut u8,
    width: usize,
) {
    // SAFETY: the caller's promise: the elements are readable, `out` has `steps` rows of `width` elements.
    unsafe {
        if strided::contiguous(kept, first, count).is_some() {
            for i in 0..steps {
                let from = base.offset(i as isize * step * size as isize);
                strided::load(size, from, kept, first, count, out.add(i * width * size));
            }
            return;
        }
        // Lane by lane, so that what lies together is read together.
        let (inner, stride) = kept.last().copied().unwrap_or((1, 0));
        let mut lane = 0;
        while lane < count {
            let from = base.offset(strided::offset(kept, first + lane) * size as isize);
            let run = (inner - (first + lane) % inner).min(count - lane);
            strided::transpose(size, from, (run, stride), (steps, step), out.add(lane * size), width);
            lane += run;
        }
    }
}

unsafe fn one_by_one(node: &FoldNode, memory: &Memory, scratch: *mut u8, outputs: usize, rank: Rank) {
    let shape = &node.xs[0].shape;
    let (kept, folded) = shape.split_at(node.kept);
    let count = folded.iter().product::<usize>();
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
                let word = |i: usize, j: usize| read_word(node.dtypes[i], scratch.add(i * CHUNK * 8), j);
                if let Some(dir) = node.arg {
                    for j in 0..m {
                        let new = [word(0, j), word(1, j)];
                        fold_arg(dir, [node.dtypes[0], node.dtypes[1]], &mut acc, new);
                    }
                } else {
                    for j in 0..m {
                        words[..n].copy_from_slice(&acc);
                        for i in 0..n {
                            words[n + i] = word(i, j);
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

/// Folds one f32 or integer and its index into the best so far and its index; see
/// [`super::expression::arg_extremum`].
fn fold_arg(dir: CompareDir, [value, index]: [DType; 2], acc: &mut [u64], new: [u64; 2]) {
    let compared = match value {
        DType::F32 => f32::from_bits(acc[0] as u32).partial_cmp(&f32::from_bits(new[0] as u32)),
        _ => Some(integer(value, acc[0]).cmp(&integer(value, new[0]))),
    };
    let better = if dir == CompareDir::Gt { Ordering::Greater } else { Ordering::Less };
    let is_nan = value == DType::F32 && f32::from_bits(acc[0] as u32).is_nan();
    let wins = is_nan || compared == Some(better);
    let is_earlier = integer(index, acc[1]) < integer(index, new[1]);
    if !(wins || (compared == Some(Ordering::Equal) && is_earlier)) {
        acc[1] = new[1];
    }
    if !wins {
        acc[0] = new[0];
    }
}

/// An integer's word as a number that compares as the integer does.
fn integer(dtype: DType, word: u64) -> i128 {
    match dtype {
        DType::I8 => i128::from(word as i8),
        DType::I16 => i128::from(word as i16),
        DType::I32 => i128::from(word as i32),
        DType::I64 => i128::from(word as i64),
        _ => i128::from(word),
    }
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

/// One thread's share of the results.
///
/// # Safety
/// As [`super::dot::run`].
pub(super) unsafe fn scatter(node: &ScatterNode, memory: &Memory, rank: Rank) {
    let xs: Vec<(&View, usize, BufferId)> = (node.xs.iter().zip(&node.dtypes).zip(&node.outs))
        .map(|((x, dtype), out)| (x, dtype.size(), *out))
        .collect();
    // SAFETY: results have the operands' shape.
    let Some(bounds) = (unsafe { scatter::part(memory, &xs, &node.updates[0], &node.dims, rank) }) else {
        return;
    };
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
        // SAFETY: index vectors lie within the indices; targets are checked before they are touched, and are this
        // thread's alone.
        unsafe {
            windows.start(memory, b, &mut index, &mut start);
            for (d, u) in window_dims.iter().zip(&dims.update_window_dims) {
                start[*d] = start[*d].saturating_add(at[*u] as i64);
            }
            if !start.iter().zip(&bounds).all(|(i, bounds)| bounds.contains(i)) {
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
