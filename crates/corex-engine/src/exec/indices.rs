//! Index vectors: where the windows of gather and scatter begin, and gather.

use corex_hlo::ir::{DType, GatherDims, ScatterDims};

use super::memory::Memory;
use super::movement::offset;
use super::strided::{self, CopyDim};
use super::team::Rank;
use super::view::{BufferId, View, collapse, dense_strides};

/// An element of an index tensor; beyond i64 it is as far out of bounds as i64 goes.
///
/// # Safety
/// The element lies within the buffer, which holds `dtype`.
pub(super) unsafe fn read_index(memory: &Memory, view: &View, at: usize, dtype: DType) -> i64 {
    // SAFETY: the caller's promise.
    unsafe {
        let at = memory.at(view.buffer, at, dtype.size());
        match dtype {
            DType::I32 => i64::from(*at.cast::<i32>()),
            DType::I64 => *at.cast::<i64>(),
            DType::U32 => i64::from(*at.cast::<u32>()),
            DType::U64 => i64::try_from(*at.cast::<u64>()).unwrap_or(i64::MAX),
            DType::I16 => i64::from(*at.cast::<i16>()),
            DType::U16 => i64::from(*at.cast::<u16>()),
            DType::I8 => i64::from(*at.cast::<i8>()),
            // Verified: indices are integers.
            _ => i64::from(*at),
        }
    }
}

/// How gather and scatter find a window: batch dimensions and where index vectors are.
pub(super) struct Windows<'a> {
    indices: &'a View,
    index_type: DType,
    index_vector_dim: usize,
    /// Sizes of the batch dimensions, in order.
    pub batch: Vec<usize>,
    /// Operand dimension of each component of an index vector.
    index_map: &'a [usize],
    /// Operand dimensions that follow a batch dimension (by position among the batch dimensions).
    batched: Vec<(usize, usize)>,
}

impl<'a> Windows<'a> {
    fn new(
        indices: &'a View,
        index_type: DType,
        index_vector_dim: usize,
        index_map: &'a [usize],
        operand_batching: &[usize],
        indices_batching: &[usize],
    ) -> Self {
        let batch =
            (0..indices.shape.len()).filter(|d| *d != index_vector_dim).map(|d| indices.shape[d]).collect();
        let position = |d: usize| if d < index_vector_dim { d } else { d - 1 };
        let batched =
            operand_batching.iter().zip(indices_batching).map(|(x, i)| (*x, position(*i))).collect();
        Self { indices, index_type, index_vector_dim, batch, index_map, batched }
    }

    pub fn of_scatter(indices: &'a View, index_type: DType, dims: &'a ScatterDims) -> Self {
        Self::new(
            indices,
            index_type,
            dims.index_vector_dim,
            &dims.scatter_dims_to_operand_dims,
            &dims.input_batching_dims,
            &dims.scatter_indices_batching_dims,
        )
    }

    fn of_gather(indices: &'a View, index_type: DType, dims: &'a GatherDims) -> Self {
        Self::new(
            indices,
            index_type,
            dims.index_vector_dim,
            &dims.start_index_map,
            &dims.operand_batching_dims,
            &dims.start_indices_batching_dims,
        )
    }

    /// Where the indices lie if every vector is one index into one operand dimension and they are equally far apart:
    /// the operand dimension, and the distance.
    pub fn single(&self) -> Option<(usize, isize)> {
        let ([dim], []) = (self.index_map, &self.batched[..]) else { return None };
        let dims = self.indices.shape.iter().copied().zip(self.indices.strides.iter().copied()).enumerate();
        let batch = dims.filter(|(d, _)| *d != self.index_vector_dim).map(|(_, dim)| dim);
        match collapse(batch)[..] {
            [] => Some((*dim, 0)),
            [(_, stride)] => Some((*dim, stride)),
            _ => None,
        }
    }

    /// The index `b`, of those that [`Windows::single`] has found `stride` apart.
    ///
    /// # Safety
    /// The indices are in memory, and `b` counts one of them.
    pub unsafe fn index(&self, memory: &Memory, b: usize, stride: isize) -> i64 {
        let at = self.indices.offset.wrapping_add_signed(b as isize * stride);
        // SAFETY: the caller's promise.
        unsafe { read_index(memory, self.indices, at, self.index_type) }
    }

    pub fn count(&self) -> usize {
        self.batch.iter().product()
    }

    /// The index vector of batch element `b` as the window's start on every operand dimension, not clamped;
    /// `index` becomes b's index.
    ///
    /// # Safety
    /// The indices are in memory, and `b` counts one of their vectors.
    pub unsafe fn start(&self, memory: &Memory, b: usize, index: &mut [usize], start: &mut [i64]) {
        let mut rest = b;
        for d in (0..self.batch.len()).rev() {
            index[d] = rest % self.batch[d];
            rest /= self.batch[d];
        }
        let mut at = self.indices.offset as isize;
        let mut step = 0;
        let mut batch = index.iter();
        for (d, stride) in self.indices.strides.iter().enumerate() {
            if d == self.index_vector_dim {
                step = *stride;
            } else if let Some(i) = batch.next() {
                at += *i as isize * stride;
            }
        }
        start.fill(0);
        for (i, d) in self.index_map.iter().enumerate() {
            let at = (at + i as isize * step) as usize;
            // SAFETY: the index vector lies within the indices.
            start[*d] = unsafe { read_index(memory, self.indices, at, self.index_type) };
        }
        for (d, position) in &self.batched {
            start[*d] = index[*position] as i64;
        }
    }
}

/// One thread's share of the windows.
///
/// # Safety
/// As [`super::dot::run`].
pub(super) unsafe fn gather(
    memory: &Memory,
    x: &View,
    indices: (&View, DType),
    dims: &GatherDims,
    size: usize,
    shape: &[usize],
    out: BufferId,
    rank: Rank,
) {
    let windows = Windows::of_gather(indices.0, indices.1, dims);
    let strides = dense_strides(shape);
    let is_missing =
        |d: &usize| dims.collapsed_slice_dims.contains(d) || dims.operand_batching_dims.contains(d);
    let window: Vec<CopyDim> = (0..x.shape.len())
        .filter(|d| !is_missing(d))
        .zip(&dims.offset_dims)
        .map(|(d, o)| (dims.slice_sizes[d], x.strides[d], strides[*o]))
        .collect();
    if window.iter().any(|(n, ..)| *n == 0) {
        return;
    }
    let window = strided::merged(&window);
    let batch_strides: Vec<isize> =
        (0..shape.len()).filter(|d| !dims.offset_dims.contains(d)).map(|d| strides[d]).collect();
    let last: Vec<i64> = x.shape.iter().zip(&dims.slice_sizes).map(|(n, size)| (n - size) as i64).collect();
    let steps = collapse(windows.batch.iter().copied().zip(batch_strides.iter().copied()));
    if let (Some((dim, stride)), [] | [_]) = (windows.single(), &steps[..]) {
        let step = steps.first().map_or(0, |(_, step)| *step);
        for b in rank.share(windows.count()) {
            // SAFETY: as below, for index vectors of one index and windows equally far apart.
            unsafe {
                let start = windows.index(memory, b, stride).clamp(0, last[dim]);
                let from = x.offset.wrapping_add_signed(start as isize * x.strides[dim]);
                let to = memory.at(out, b * step.unsigned_abs(), size);
                strided::copy_merged(size, memory.at(x.buffer, from, size), to, &window);
            }
        }
        return;
    }
    let mut index = vec![0; windows.batch.len()];
    let mut start = vec![0; x.shape.len()];
    for b in rank.share(windows.count()) {
        // SAFETY: index vectors lie within the indices; clamping keeps windows within the operand.
        unsafe {
            windows.start(memory, b, &mut index, &mut start);
            let mut from = x.offset as isize;
            for d in 0..start.len() {
                from += start[d].clamp(0, last[d]) as isize * x.strides[d];
            }
            let from = memory.at(x.buffer, from as usize, size);
            let to = memory.at(out, offset(&index, &batch_strides), size);
            strided::copy_merged(size, from, to, &window);
        }
    }
}
