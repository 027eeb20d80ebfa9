//! Batches: windows of a byte sequence, chosen inside the program.

use corex_hlo::{DType, FuncBuilder, GatherDims, TensorType, ValueId};

use crate::hash::{hash, hash_in_program};

/// Where window `row` of a batch starts in `tokens` bytes of data: a hash of all arguments, modulo the number
/// of places where a window of `length <= tokens` bytes fits. Gradient programs compute the same; this is for
/// tests and tools.
pub fn window_start(tokens: u32, length: u32, seed: u32, step: u32, shard: u32, row: u32) -> u32 {
    hash(&[seed, step, shard, row]) % tokens.saturating_sub(length).saturating_add(1)
}

/// `tokens: tensor<Dxui8>` and the ui32 scalars `seed`, `step`, `shard` -> `tensor<batch x length x ui8>`,
/// windows at [`window_start`].
pub(crate) fn sampled_windows(
    b: &mut FuncBuilder,
    tokens: ValueId,
    [seed, step, shard]: [ValueId; 3],
    batch: usize,
    length: usize,
) -> ValueId {
    let places = (b.dim(tokens, 0) + 1).saturating_sub(length);
    let rows = b.iota(TensorType::new(DType::U32, [batch]), 0);
    let hash = hash_in_program(b, &[seed, step, shard, rows]);
    let places = b.full(places as u32, &[batch]);
    let starts = b.rem(hash, places);
    windows_at(b, tokens, starts, length)
}

/// Tensors of `rows` rows and the ui32 scalars `seed`, `step`, `shard` -> the same `batch` rows of each tensor, drawn
/// with replacement.
pub(crate) fn sampled_rows(
    b: &mut FuncBuilder,
    data: &[ValueId],
    [seed, step, shard]: [ValueId; 3],
    rows: usize,
    batch: usize,
) -> Vec<ValueId> {
    let numbers = b.iota(TensorType::new(DType::U32, [batch]), 0);
    let hash = hash_in_program(b, &[seed, step, shard, numbers]);
    let rows = b.full(rows as u32, &[batch]);
    let chosen = b.rem(hash, rows);
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

/// `tokens: tensor<Dxui8>` -> `tensor<count x length x ui8>`: windows at multiples of `stride`.
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
