//! Convolutions as matrix products: rows of patches times the kernel.
//!
//! A patch is what one result element sees of the left operand: for every element of the window, in order, the
//! input features; padding and holes are zeros. That is the order of the law's chain, so a block of patches times
//! the kernel as a matrix gives the law's bits. Patches are made block by block and stay in cache.

use std::ops::Range;

use corex_hlo::ir::{DType, WindowDim};
use corex_num::{GemmOptions, Isa, MatRef, Stretch, gemm_raw};

use super::kernel::{read_word, write_word};
use super::memory::Memory;
use super::patches::Patches;
use super::team::Rank;
use super::view::{BufferId, View};
use crate::reference;

/// Floats of a block of patches, roughly: it should stay in the second-level cache.
const BLOCK: usize = 256 << 10;
/// Longest stretch of the chains per product.
const STRETCH: usize = 4096;
/// Patches per block.
const MOST_ROWS: usize = 512;
const LEAST_ROWS: usize = 16;

/// A convolution. The result is dense with the shape batch ++ spatial ++ features.
pub(super) struct ConvNode {
    pub dtype: DType,
    /// Shape batch ++ spatial ++ features; features lie side by side if floats.
    pub lhs: View,
    /// Shape spatial ++ input features ++ output features.
    pub rhs: View,
    /// Strides of the kernel as a matrix, rows counting over all but the output features.
    pub rhs_strides: (isize, isize),
    pub window: Vec<WindowDim>,
    /// Batch and spatial sizes of the result.
    pub places: Vec<usize>,
    /// Output features.
    pub outputs: usize,
    pub feature_groups: usize,
    pub batch_groups: usize,
}

impl ConvNode {
    /// Input features of one group.
    pub fn features(&self) -> usize {
        self.rhs.shape[self.rhs.shape.len() - 2]
    }

    /// Elements of the window; none if there are no features to see.
    pub fn window_elements(&self) -> usize {
        if self.features() == 0 { 0 } else { self.window.iter().map(|w| w.size).product() }
    }

    /// Window elements per product.
    fn stretch(&self) -> usize {
        (STRETCH / self.features().max(1)).clamp(1, self.window_elements().max(1))
    }

    /// Patches per block.
    fn rows(&self) -> usize {
        let length = (self.stretch() * self.features()).max(1);
        (BLOCK / length).clamp(LEAST_ROWS, MOST_ROWS)
    }

    /// Scratch bytes per thread.
    pub fn scratch(&self) -> usize {
        self.rows().saturating_mul(self.stretch()).saturating_mul(self.features()).saturating_mul(4)
    }
}

/// One thread's share of the result's places.
///
/// # Safety
/// As [`super::dot::run`]; `scratch` has [`ConvNode::scratch`] bytes, 64-aligned.
pub(super) unsafe fn run(
    node: &ConvNode,
    isa: Isa,
    memory: &Memory,
    scratch: *mut u8,
    out: BufferId,
    rank: Rank,
) {
    let places = rank.share(node.places.iter().product());
    if node.dtype != DType::F32 {
        // SAFETY: the caller's promise.
        return unsafe { integers(node, memory, out, places) };
    }
    let (features, elements, stretch) = (node.features(), node.window_elements(), node.stretch());
    let groups = node.feature_groups.max(node.batch_groups);
    let of_group = node.outputs / groups;
    for group in 0..groups {
        let mut patches = Patches::new(node, group);
        let mut first = places.start;
        while first < places.end {
            let rows = node.rows().min(places.end - first);
            let mut at = 0;
            loop {
                let n = stretch.min(elements - at);
                // SAFETY: the block fits into the scratch area; the kernel's rows and columns lie within it; this
                // thread alone writes these rows of the result.
                unsafe {
                    let k = n * features;
                    for row in 0..rows {
                        patches.fill(memory, first + row, at..at + n, scratch.cast::<f32>().add(row * k));
                    }
                    let block = std::slice::from_raw_parts(scratch.cast::<f32>(), rows * k);
                    let (row, col) = node.rhs_strides;
                    let from = (at * features) as isize * row + (group * of_group) as isize * col;
                    let kernel = memory.f32_from(node.rhs.buffer, node.rhs.offset.wrapping_add_signed(from));
                    let kernel = MatRef::new(kernel, row as usize, col as usize);
                    let result = memory.at(out, first * node.outputs + group * of_group, 4).cast();
                    let stretch = Stretch { first: at == 0, last: at + n == elements };
                    let options = GemmOptions { stretch, ..GemmOptions::default() };
                    let block = MatRef::row_major(block, k);
                    gemm_raw(isa, rows, of_group, k, block, kernel, result, node.outputs, options);
                }
                at += n;
                if at >= elements {
                    break;
                }
            }
            first += rows;
        }
    }
}

/// Integer convolutions wrap, so any order gives the same bits.
///
/// # Safety
/// As [`run`].
unsafe fn integers(node: &ConvNode, memory: &Memory, out: BufferId, places: Range<usize>) {
    let (features, spatial, size) = (node.features(), node.window.len(), node.dtype.size());
    let groups = node.feature_groups.max(node.batch_groups);
    let sizes: Vec<usize> = node.window.iter().map(|w| w.size).collect();
    let word = |view: &View, at: &[usize]| {
        // SAFETY: the index lies within the view.
        let word = unsafe { read_word(node.dtype, memory.at(view.buffer, view.at(at), size), 0) };
        reference::decode_int(node.dtype, word)
    };
    let (mut place, mut from, mut kernel) =
        (vec![0; 1 + spatial], vec![0; 2 + spatial], vec![0; 2 + spatial]);
    for at in places.start * node.outputs..places.end * node.outputs {
        let output = at % node.outputs;
        decode(at / node.outputs, &node.places, &mut place);
        let group = output / (node.outputs / groups);
        from[0] = place[0] + if node.batch_groups > 1 { group * node.places[0] } else { 0 };
        kernel[1 + spatial] = output;
        let mut sum = 0_i128;
        reference::for_each_index(if features == 0 { &[0] } else { &sizes }, |column| {
            for d in 0..spatial {
                match reference::window_source(
                    &node.window[d],
                    place[1 + d],
                    column[d],
                    node.lhs.shape[1 + d],
                ) {
                    Some(i) => from[1 + d] = i,
                    None => return,
                }
                kernel[d] = column[d];
            }
            for feature in 0..features {
                let group = if node.feature_groups > 1 { group } else { 0 };
                from[1 + spatial] = group * features + feature;
                kernel[spatial] = feature;
                sum = sum.wrapping_add(word(&node.lhs, &from).wrapping_mul(word(&node.rhs, &kernel)));
            }
        });
        // SAFETY: this thread alone writes this element.
        unsafe { write_word(node.dtype, memory.at(out, at, size), 0, reference::encode_int(node.dtype, sum)) }
    }
}

/// The index vector of element `at` of a shape.
pub(super) fn decode(mut at: usize, shape: &[usize], index: &mut [usize]) {
    for (i, size) in index.iter_mut().zip(shape).rev() {
        *i = at % size;
        at /= size;
    }
}
