//! Random gathers, scatters and dynamic slices.

use corex_hlo::ir::*;

use super::Generator;

const INDEX_TYPES: [DType; 4] = [DType::I32, DType::U8, DType::I64, DType::U32];

impl Generator<'_> {
    /// One of the operations with computed indices, on any value of rank 1 or more.
    pub fn indexed(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let ty = self.ty(x);
        if ty.shape.is_empty() {
            return None;
        }
        match self.rng.below(4) {
            0 => self.dynamic(x, &ty),
            1 => self.gather(x, &ty),
            _ => self.scatter(x, &ty),
        }
    }

    fn dynamic(&mut self, x: ValueId, ty: &TensorType) -> Option<ValueId> {
        let index = TensorType::scalar(*self.rng.pick(&INDEX_TYPES));
        let starts: Vec<ValueId> = ty.shape.iter().map(|_| self.value_of(&index)).collect();
        let sizes: Vec<usize> = ty.shape.iter().map(|n| self.rng.below(n + 1)).collect();
        if self.rng.one_in(2) {
            return Some(self.builder.dynamic_slice(x, &starts, &sizes));
        }
        let update = self.value_of(&TensorType::new(ty.dtype, sizes));
        Some(self.builder.dynamic_update_slice(x, update, &starts))
    }

    /// Index tensor type, the operand dimensions indexed, and those batched with the indices' first dimension.
    fn index_shape(&mut self, ty: &TensorType) -> (Vec<usize>, usize, Vec<usize>, Vec<usize>, Vec<usize>) {
        let rank = ty.shape.len();
        let batching: Vec<usize> =
            if rank > 1 && self.rng.one_in(4) { vec![self.rng.below(rank)] } else { vec![] };
        let mut map: Vec<usize> = (0..rank).filter(|d| !batching.contains(d) && self.rng.one_in(2)).collect();
        if self.rng.one_in(2) {
            map.reverse();
        }
        let mut batch: Vec<usize> = batching.iter().map(|d| ty.shape[*d]).collect();
        for _ in 0..self.rng.below(3) {
            batch.push(1 + self.rng.below(5));
        }
        let vector_dim = if map.len() == 1 && self.rng.one_in(2) {
            batch.len()
        } else {
            let at = self.rng.below(batch.len() + 1);
            batch.insert(at, map.len());
            at
        };
        let index_batching = batching.iter().map(|_| usize::from(vector_dim == 0)).collect();
        (batch, vector_dim, map, batching, index_batching)
    }

    fn gather(&mut self, x: ValueId, ty: &TensorType) -> Option<ValueId> {
        let (shape, index_vector_dim, start_index_map, operand_batching_dims, start_indices_batching_dims) =
            self.index_shape(ty);
        let mut slice_sizes: Vec<usize> = ty.shape.iter().map(|n| self.rng.below(n + 1)).collect();
        let mut collapsed_slice_dims = Vec::new();
        for d in 0..ty.shape.len() {
            if operand_batching_dims.contains(&d) {
                slice_sizes[d] = 1;
            } else if self.rng.one_in(2) {
                slice_sizes[d] = 1;
                collapsed_slice_dims.push(d);
            }
        }
        if slice_sizes.iter().zip(&ty.shape).any(|(s, n)| s > n) {
            return None;
        }
        let window = ty.shape.len() - collapsed_slice_dims.len() - operand_batching_dims.len();
        let batch = shape.len() - usize::from(index_vector_dim < shape.len());
        let offset_dims = self.spread(window, batch);
        let indices = TensorType::new(*self.rng.pick(&INDEX_TYPES), shape);
        let indices = self.value_of(&indices);
        let dims = GatherDims {
            offset_dims,
            collapsed_slice_dims,
            operand_batching_dims,
            start_indices_batching_dims,
            start_index_map,
            index_vector_dim,
            slice_sizes,
        };
        Some(self.builder.gather(x, indices, dims))
    }

    fn scatter(&mut self, x: ValueId, ty: &TensorType) -> Option<ValueId> {
        let (shape, index_vector_dim, map, input_batching_dims, scatter_indices_batching_dims) =
            self.index_shape(ty);
        let mut inserted_window_dims = Vec::new();
        let mut window = Vec::new();
        for d in (0..ty.shape.len()).filter(|d| !input_batching_dims.contains(d)) {
            if self.rng.one_in(2) {
                inserted_window_dims.push(d);
            } else {
                window.push(self.rng.below(ty.shape[d] + 1));
            }
        }
        let mut batch = shape.clone();
        if index_vector_dim < batch.len() {
            batch.remove(index_vector_dim);
        }
        let update_window_dims = self.spread(window.len(), batch.len());
        let (mut w, mut b) = (window.iter(), batch.iter());
        let updates: Option<Vec<usize>> = (0..window.len() + batch.len())
            .map(|d| if update_window_dims.contains(&d) { w.next() } else { b.next() }.copied())
            .collect();
        let indices = TensorType::new(*self.rng.pick(&INDEX_TYPES), shape);
        let indices = self.value_of(&indices);
        let updates = self.value_of(&TensorType::new(ty.dtype, updates?));
        let reducer = *self.rng.pick(&[
            Reducer::Add,
            Reducer::Add,
            Reducer::Assign,
            Reducer::Mul,
            Reducer::Max,
            Reducer::Or,
        ]);
        let dims = ScatterDims {
            update_window_dims,
            inserted_window_dims,
            input_batching_dims,
            scatter_indices_batching_dims,
            scatter_dims_to_operand_dims: map,
            index_vector_dim,
        };
        Some(self.builder.scatter(x, indices, updates, dims, reducer))
    }

    /// Positions of `window` dimensions among `window + batch`: trailing, as usual, or anywhere.
    fn spread(&mut self, window: usize, batch: usize) -> Vec<usize> {
        let mut dims: Vec<usize> = (0..window + batch).collect();
        if self.rng.one_in(2) {
            return dims.split_off(batch);
        }
        while dims.len() > window {
            let at = self.rng.below(dims.len());
            dims.remove(at);
        }
        dims
    }
}
