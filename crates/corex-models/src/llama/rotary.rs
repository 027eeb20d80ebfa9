//! Rotary positions (J. Su et al.: RoFormer, 2021), in the layout of Hugging Face: element `i` of a head is paired with
//! element `i + w/2`.

use corex_hlo::{DType, FuncBuilder, TensorType, ValueId};

/// Cosines and sines of the angles `position · θ^(-2i/w)`, each `[T, w/2]`.
pub(super) struct Angles {
    cos: ValueId,
    sin: ValueId,
}

impl Angles {
    pub(super) fn new(b: &mut FuncBuilder, length: usize, head_width: usize, theta: f32) -> Self {
        let half = head_width / 2;
        let index = b.iota(TensorType::f32([half]), 0);
        let exponent = b.scale(index, -2.0 / head_width as f32);
        let theta = b.full(theta, &[half]);
        let frequency = b.pow(theta, exponent);
        let frequency = b.broadcast_trailing(frequency, &[length, half]);
        let position = b.iota(TensorType::new(DType::F32, [length, half]), 0);
        let angle = b.mul(position, frequency);
        Self { cos: b.cos(angle), sin: b.sin(angle) }
    }

    /// Turns the pairs of `x: [B, T, H, w]` by their positions' angles.
    pub(super) fn turn(&self, b: &mut FuncBuilder, x: ValueId) -> ValueId {
        let shape = b.shape(x);
        let half = shape[3] / 2;
        let (first, second) = (b.slice_dim(x, 3, 0, half), b.slice_dim(x, 3, half, 2 * half));
        let part = [shape[0], shape[1], shape[2], half];
        let [cos, sin] = [self.cos, self.sin].map(|table| b.broadcast(table, &part, &[1, 3]));
        let (a, c) = (b.mul(first, cos), b.mul(second, sin));
        let turned_first = b.sub(a, c);
        let (a, c) = (b.mul(second, cos), b.mul(first, sin));
        let turned_second = b.add(a, c);
        b.concatenate(&[turned_first, turned_second], 3)
    }
}
