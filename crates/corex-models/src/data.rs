//! Batches: windows of a sequence of tokens, or rows, chosen inside the program.

use corex_hlo::{DType, FuncBuilder, GatherDims, TensorType, ValueId};

use crate::hash::{hash, hash_in_program};

/// Where window `row` of a batch starts in `tokens` tokens of data: a hash of all arguments, modulo the number
/// of places where a window of `length <= tokens` fits. Gradient programs compute the same; this is for
/// tests and tools.
pub fn window_start(tokens: u32, length: u32, seed: u32, step: u32, shard: u32, row: u32) -> u32 {
    hash(&[seed, step, shard, row]) % tokens.saturating_sub(length).saturating_add(1)
}

/// Which rows of a shard's batch are meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows {
    /// Number of the first one, a ui32 scalar; `None` is 0.
    pub first: Option<ValueId>,
    /// How many.
    pub count: usize,
}

impl Rows {
    /// The first `count` rows.
    pub(crate) fn all(count: usize) -> Self {
        Self { first: None, count }
    }

    /// A hash of each row and of where it is needed: `seed`, `step` and `shard` are ui32 scalars.
    fn hashes(self, b: &mut FuncBuilder, [seed, step, shard]: [ValueId; 3]) -> ValueId {
        let mut numbers = b.iota(TensorType::new(DType::U32, [self.count]), 0);
        if let Some(first) = self.first {
            let first = b.fill(first, &[self.count]);
            numbers = b.add(numbers, first);
        }
        hash_in_program(b, &[seed, step, shard, numbers])
    }
}

/// `tokens[D]` and seed, step and shard -> `[rows, length]`, windows at [`window_start`].
pub(crate) fn sampled_windows(
    b: &mut FuncBuilder,
    tokens: ValueId,
    place: [ValueId; 3],
    rows: Rows,
    length: usize,
) -> ValueId {
    let places = (b.dim(tokens, 0) + 1).saturating_sub(length);
    let hash = rows.hashes(b, place);
    let places = b.full(places as u32, &[rows.count]);
    let starts = b.rem(hash, places);
    windows_at(b, tokens, starts, length)
}

/// Tensors of `total` rows, and seed, step and shard -> the same rows of each tensor, drawn with replacement.
pub(crate) fn sampled_rows(
    b: &mut FuncBuilder,
    data: &[ValueId],
    place: [ValueId; 3],
    total: usize,
    rows: Rows,
) -> Vec<ValueId> {
    let hash = rows.hashes(b, place);
    let total = b.full(total as u32, &[rows.count]);
    let chosen = b.rem(hash, total);
    data.iter()
        .map(|tensor| {
            let row = b.shape(*tensor)[1..].to_vec();
            let dims = GatherDims {
                offset_dims: (1..=row.len()).collect(),
                collapsed_slice_dims: vec![0],
                start_index_map: vec![0],
                index_vector_dim: 1,
                slice_sizes: [vec![1], row].concat(),
                ..GatherDims::default()
            };
            b.gather(*tensor, chosen, dims)
        })
        .collect()
}

/// `tokens[D]` -> `[count, length]`: windows at multiples of `stride`.
pub(crate) fn fixed_windows(
    b: &mut FuncBuilder,
    tokens: ValueId,
    count: usize,
    stride: usize,
    length: usize,
) -> ValueId {
    let rows = b.iota(TensorType::new(DType::U32, [count]), 0);
    let stride = b.full(stride as u32, &[count]);
    let starts = b.mul(rows, stride);
    windows_at(b, tokens, starts, length)
}

fn windows_at(b: &mut FuncBuilder, tokens: ValueId, starts: ValueId, length: usize) -> ValueId {
    let dims = GatherDims {
        offset_dims: vec![1],
        start_index_map: vec![0],
        index_vector_dim: 1,
        slice_sizes: vec![length],
        ..GatherDims::default()
    };
    b.gather(tokens, starts, dims)
}
