//! Clipping by the global norm (R. Pascanu, T. Mikolov, Y. Bengio: On the Difficulty of Training Recurrent Neural
//! Networks, 2013).

use corex_hlo::{FuncBuilder, ValueId};

/// The flat gradient scaled down to the allowed norm, and its norm before.
pub(super) fn clip(b: &mut FuncBuilder, limit: Option<f32>, grad: ValueId) -> (ValueId, ValueId) {
    let shape = b.shape(grad);
    let squares = b.mul(grad, grad);
    let sum = b.reduce_sum(squares, &[0]);
    let norm = b.sqrt(sum);
    let Some(limit) = limit else { return (grad, norm) };
    let limit = b.scalar(limit);
    // norm <= limit divides to 1 exactly.
    let longer = b.max(norm, limit);
    let scale = b.div(limit, longer);
    let scale = b.fill(scale, &shape);
    (b.mul(grad, scale), norm)
}
