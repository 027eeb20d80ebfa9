//! Convolutions in many small groups, as depthwise ones and their gradients: output features are lanes.
//!
//! A group of few features is no matrix worth the name. Instead the chains of neighbouring output features run side by
//! side: what each of them sees is laid beside what its neighbour sees (for a depthwise convolution the operand lies
//! that way already), so that a step of all chains is one step of vectors. Where windows overlap, the chains of
//! several places continue together, so that a row of the operand is read while it is in cache.

use corex_hlo::ir::WindowDim;
use corex_num::{Isa, LaneRows, MOST_LANES, end_lanes, multiply_lanes};

use super::convolution::decode;
use super::memory::Memory;
use super::team::Rank;
use super::view::{BufferId, View};
use crate::reference;

/// Places whose chains continue together.
const BLOCK: usize = 32;

/// A row of the left operand where there is none: padding and holes.
static ZEROS: [f32; MOST_LANES] = [0.0; MOST_LANES];

/// A convolution of f32 in groups. The result is dense with the shape places ++ output features.
pub(super) struct GroupedNode {
    /// Shape batch ++ spatial ++ input features of a group ++ output features, of which each has what it sees; they lie
    /// side by side.
    pub lhs: View,
    /// Shape spatial ++ input features of a group ++ output features; they lie side by side.
    pub rhs: View,
    pub window: Vec<WindowDim>,
    /// Batch and spatial sizes of the result.
    pub places: Vec<usize>,
}

impl GroupedNode {
    fn outputs(&self) -> usize {
        self.rhs.shape[self.rhs.shape.len() - 1]
    }

    fn features(&self) -> usize {
        self.rhs.shape[self.rhs.shape.len() - 2]
    }

    /// Scratch bytes per thread: the accumulators of a block of places.
    pub fn scratch(&self) -> usize {
        BLOCK * MOST_LANES * 4
    }
}

/// One thread's share of the result, cut by places and by lanes.
///
/// # Safety
/// As [`super::dot::run`]; `scratch` has [`GroupedNode::scratch`] bytes, 64-aligned.
pub(super) unsafe fn run(
    node: &GroupedNode,
    isa: Isa,
    memory: &Memory,
    scratch: *mut u8,
    out: BufferId,
    rank: Rank,
) {
    let (outputs, places) = (node.outputs(), node.places.iter().product::<usize>());
    let (strips, blocks) = (outputs.div_ceil(MOST_LANES), places.div_ceil(BLOCK));
    let mut walk = Walk { node, isa, memory, is_finite: None };
    for piece in rank.share(strips * blocks) {
        let (first, from) = (piece % blocks * BLOCK, piece / blocks * MOST_LANES);
        let (count, lanes) = (BLOCK.min(places - first), MOST_LANES.min(outputs - from));
        // SAFETY: the scratch area holds a block of accumulators; the operands are in memory; this thread alone writes
        // these lanes of these places.
        unsafe {
            let acc = std::slice::from_raw_parts_mut(scratch.cast::<f32>(), count * lanes);
            acc.fill(0.0);
            walk.block(first, from, lanes, acc);
            end_lanes(acc);
            for (place, acc) in acc.chunks_exact(lanes).enumerate() {
                let to = memory.at(out, (first + place) * outputs + from, 4).cast::<f32>();
                std::ptr::copy_nonoverlapping(acc.as_ptr(), to, lanes);
            }
        }
    }
}

struct Walk<'a> {
    node: &'a GroupedNode,
    isa: Isa,
    memory: &'a Memory,
    /// Whether the whole kernel is finite, so that padding and holes contribute nothing; once it is asked for.
    is_finite: Option<bool>,
}

impl Walk<'_> {
    /// Runs the chains of `lanes` output features from `from` on at the places from `first` on.
    unsafe fn block(&mut self, first: usize, from: usize, lanes: usize, acc: &mut [f32]) {
        let node = self.node;
        let indices: Vec<Vec<usize>> = (0..acc.len() / lanes)
            .map(|place| {
                let mut index = vec![0; node.places.len()];
                decode(first + place, &node.places, &mut index);
                index
            })
            .collect();
        let spatial = node.window.len();
        let outer: Vec<usize> = node.window.iter().take(spatial.max(1) - 1).map(|w| w.size).collect();
        let features = node.features();
        if features == 0 {
            return;
        }
        reference::for_each_index(&outer, |at| {
            let kernel: isize = at.iter().zip(&node.rhs.strides).map(|(i, s)| *i as isize * s).sum();
            let kernel = node.rhs.offset as isize + kernel + from as isize;
            for (index, acc) in indices.iter().zip(acc.chunks_exact_mut(lanes)) {
                let mut image = Some(node.lhs.offset as isize + index[0] as isize * node.lhs.strides[0]);
                for (d, at) in at.iter().enumerate() {
                    let source =
                        reference::window_source(&node.window[d], index[1 + d], *at, node.lhs.shape[1 + d]);
                    image = image.zip(source).map(|(image, i)| image + i as isize * node.lhs.strides[1 + d]);
                }
                // SAFETY: the caller's promise.
                unsafe { self.row(image.map(|at| at + from as isize), kernel, index, acc) }
            }
        });
    }

    /// Continues a place's chains over the window's last dimension. The operand's row begins at element `image`, or is
    /// all padding; the kernel's at `kernel`.
    unsafe fn row(&mut self, image: Option<isize>, kernel: isize, index: &[usize], acc: &mut [f32]) {
        let node = self.node;
        let Some(last) = node.window.len().checked_sub(1) else {
            // SAFETY: without spatial dimensions a place sees one element, which is there.
            return unsafe { self.seen(image.unwrap_or(0), 0, kernel, 1, acc) };
        };
        let (w, size, stride) = (&node.window[last], node.lhs.shape[1 + last], node.lhs.strides[1 + last]);
        let place = index[1 + last];
        let step = node.rhs.strides[last];
        let mut at = 0;
        while at < w.size {
            let source = image.and(reference::window_source(w, place, at, size));
            // How far it goes on like that.
            let run = match source {
                Some(i) if w.base_dilation == 1 => (size - 1 - i) / w.window_dilation + 1,
                Some(_) => 1,
                None if image.is_none() => w.size,
                None if w.base_dilation == 1 => {
                    let next =
                        (at + 1..w.size).find(|at| reference::window_source(w, place, *at, size).is_some());
                    next.unwrap_or(w.size) - at
                }
                None => 1,
            };
            let run = run.min(w.size - at);
            let kernel = kernel + at as isize * step;
            // SAFETY: the caller's promise; these elements of the window lie within the operand.
            unsafe {
                match image.zip(source) {
                    Some((image, i)) => {
                        let dilation = stride * w.window_dilation as isize;
                        self.seen(image + i as isize * stride, dilation, kernel, run, acc);
                    }
                    None => self.unseen(kernel, run, acc),
                }
            }
            at += run;
        }
    }

    /// `run` elements of the window, `step` apart in the operand from element `image` on.
    unsafe fn seen(&self, image: isize, step: isize, kernel: isize, run: usize, acc: &mut [f32]) {
        let (lhs, rhs) = (&self.node.lhs, &self.node.rhs);
        let feature = lhs.strides[lhs.strides.len() - 2];
        // SAFETY: the caller's promise: the rows lie within the operands.
        unsafe {
            let data = self.memory.at(lhs.buffer, 0, 4).cast::<f32>().cast_const().offset(image);
            let a = LaneRows { data, outer_stride: step, inner_stride: feature };
            multiply_lanes(self.isa, acc, [run, self.node.features()], a, self.kernel_rows(rhs, kernel));
        }
    }

    /// `run` elements of the window that see nothing.
    unsafe fn unseen(&mut self, kernel: isize, run: usize, acc: &mut [f32]) {
        // SAFETY: the caller's promise; the row of zeros is as long as any.
        unsafe {
            if !self.kernel_is_finite() {
                let a = LaneRows { data: ZEROS.as_ptr(), outer_stride: 0, inner_stride: 0 };
                let b = self.kernel_rows(&self.node.rhs, kernel);
                multiply_lanes(self.isa, acc, [run, self.node.features()], a, b);
            }
        }
    }

    /// The kernel's rows from element `kernel` on; outer steps go along the last spatial dimension.
    unsafe fn kernel_rows(&self, rhs: &View, kernel: isize) -> LaneRows {
        let features = rhs.strides.len() - 2;
        let outer_stride = features.checked_sub(1).map_or(0, |last| rhs.strides[last]);
        // SAFETY: the caller's promise.
        let data = unsafe { self.memory.at(rhs.buffer, 0, 4).cast::<f32>().cast_const().offset(kernel) };
        LaneRows { data, outer_stride, inner_stride: rhs.strides[features] }
    }

    unsafe fn kernel_is_finite(&mut self) -> bool {
        let (memory, rhs) = (self.memory, &self.node.rhs);
        *self.is_finite.get_or_insert_with(|| {
            let mut is_finite = true;
            let rows = &rhs.shape[..rhs.shape.len() - 1];
            let mut index = vec![0; rhs.shape.len()];
            reference::for_each_index(rows, |row| {
                index[..row.len()].copy_from_slice(row);
                // SAFETY: a row of the kernel.
                let row = unsafe {
                    let first = memory.at(rhs.buffer, rhs.at(&index), 4).cast::<f32>();
                    std::slice::from_raw_parts(first, rhs.shape[rhs.shape.len() - 1])
                };
                is_finite &= row.iter().fold(true, |all, x| all & x.is_finite());
            });
            is_finite
        })
    }
}
