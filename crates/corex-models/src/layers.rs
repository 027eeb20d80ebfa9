//! What several families are made of. Activations are matrices `[R, d]`: one row per token or example.

use corex_hlo::{CompareDir, DType, Dot, FuncBuilder, TensorType, ValueId};

/// Score of a position that may not be seen: its softmax is exactly 0.
const MASKED: f32 = -1e30;

/// `(x - mean) / √(variance + ε) · gain + bias` over each row (J. Ba et al.: Layer Normalization, 2016).
pub(crate) fn layer_norm(
    b: &mut FuncBuilder,
    x: ValueId,
    gain: ValueId,
    bias: ValueId,
    epsilon: f32,
) -> ValueId {
    let shape = b.shape(x);
    let mean = b.reduce_mean(x, &[1]);
    let mean = b.broadcast_over(mean, &shape, &[1]);
    let centred = b.sub(x, mean);
    let squares = b.mul(centred, centred);
    let variance = b.reduce_mean(squares, &[1]);
    let variance = b.offset(variance, epsilon);
    let scale = b.rsqrt(variance);
    let scale = b.broadcast_over(scale, &shape, &[1]);
    let normed = b.mul(centred, scale);
    let gain = b.broadcast_trailing(gain, &shape);
    let bias = b.broadcast_trailing(bias, &shape);
    let scaled = b.mul(normed, gain);
    b.add(scaled, bias)
}

/// `x / √(mean of squares + ε) · gain` over each row (B. Zhang, R. Sennrich: Root Mean Square Layer Normalization, 2019).
pub(crate) fn rms_norm(b: &mut FuncBuilder, x: ValueId, gain: ValueId, epsilon: f32) -> ValueId {
    let shape = b.shape(x);
    let squares = b.mul(x, x);
    let mean = b.reduce_mean(squares, &[1]);
    let mean = b.offset(mean, epsilon);
    let scale = b.rsqrt(mean);
    let scale = b.broadcast_over(scale, &shape, &[1]);
    let normed = b.mul(x, scale);
    let gain = b.broadcast_trailing(gain, &shape);
    b.mul(normed, gain)
}

/// `x + bias`, the bias being of the last dimension.
pub(crate) fn add_bias(b: &mut FuncBuilder, x: ValueId, bias: ValueId) -> ValueId {
    let shape = b.shape(x);
    let bias = b.broadcast_trailing(bias, &shape);
    b.add(x, bias)
}

/// GELU in its tanh form, `x/2 (1 + tanh u)` with `u = √(2/π) (x + 0.044715 x³)`, written as `x logistic(2u)`:
/// the same function in fewer passes.
pub(crate) fn gelu(b: &mut FuncBuilder, x: ValueId) -> ValueId {
    const TWICE_SQRT_2_OVER_PI: f32 = 1.595_769;
    let squared = b.mul(x, x);
    let cubic = b.scale(squared, 0.044715 * TWICE_SQRT_2_OVER_PI);
    let slope = b.offset(cubic, TWICE_SQRT_2_OVER_PI);
    let twice_u = b.mul(x, slope);
    let gate = b.logistic(twice_u);
    let y = b.mul(x, gate);
    b.custom_gradient(y, x, move |b, ct| {
        let cubic = b.scale(squared, 3.0 * 0.044715 * TWICE_SQRT_2_OVER_PI);
        let steepness = b.offset(cubic, TWICE_SQRT_2_OVER_PI);
        let slope = gated_slope(b, x, gate, Some(steepness));
        b.mul(ct, slope)
    });
    y
}

/// The derivative of `x gate(x)` by `x`, where the gate is the logistic function of something with derivative `steepness`
/// (1 if `None`): `gate (1 + x (1 - gate) steepness)`. It does not need the cotangent, so it is computed where the gate is,
/// and nothing else has to be kept for it.
fn gated_slope(b: &mut FuncBuilder, x: ValueId, gate: ValueId, steepness: Option<ValueId>) -> ValueId {
    let one = b.ones_like(gate);
    let rest = b.sub(one, gate);
    let mut change = b.mul(rest, x);
    if let Some(steepness) = steepness {
        change = b.mul(change, steepness);
    }
    let factor = b.offset(change, 1.0);
    b.mul(factor, gate)
}

/// `x logistic(x)`, also called swish.
pub(crate) fn silu(b: &mut FuncBuilder, x: ValueId) -> ValueId {
    let gate = b.logistic(x);
    let y = b.mul(x, gate);
    b.custom_gradient(y, x, move |b, ct| {
        let slope = gated_slope(b, x, gate, None);
        b.mul(ct, slope)
    });
    y
}

/// `max(x, 0)`
pub(crate) fn relu(b: &mut FuncBuilder, x: ValueId) -> ValueId {
    let zero = b.zeros_like(x);
    b.max(x, zero)
}

/// Causal attention of `q`, `k`, `v: [B, T, H, w]` -> `[B·T, H·w]`. With a window of W, a token sees itself and the
/// W - 1 before it.
pub(crate) fn attention(b: &mut FuncBuilder, [q, k, v]: [ValueId; 3], window: Option<usize>) -> ValueId {
    let [batch, length, heads, width] = [0, 1, 2, 3].map(|dim| b.dim(q, dim));
    let q = b.scale(q, 1.0 / (width as f32).sqrt());
    let scores = b.dot_general(q, k, Dot::contract(&[3], &[3]).batch(&[0, 2], &[0, 2]));
    let seen = seen(b, scores, length, window);
    let hidden = b.full_like(scores, MASKED);
    let masked = b.select(seen, scores, hidden);
    let weights = b.softmax(masked, 3);
    // Hidden weights are 0, so it does not matter what comes back to them: that need not be computed, either.
    b.custom_gradient(weights, scores, move |b, ct| {
        let zero = b.zeros_like(ct);
        let ct = b.select(seen, ct, zero);
        b.softmax_gradient(weights, ct, 3)
    });
    let mixed = b.dot_general(weights, v, Dot::contract(&[3], &[1]).batch(&[0, 1], &[0, 2]));
    let by_token = b.transpose(mixed, &[0, 2, 1, 3]);
    b.reshape(by_token, &[batch * length, heads * width])
}

/// Of scores `[B, H, T, T]`, which the row may see: those neither in its future, nor before its window.
fn seen(b: &mut FuncBuilder, scores: ValueId, length: usize, window: Option<usize>) -> ValueId {
    let square = TensorType::new(DType::U32, [length, length]);
    let (row, column) = (b.iota(square.clone(), 0), b.iota(square, 1));
    let mut seen = b.compare(CompareDir::Ge, row, column);
    if let Some(window) = window.filter(|w| *w < length) {
        let window = b.full(window as u32, &[length, length]);
        let end = b.add(column, window);
        let near = b.lt(row, end);
        seen = b.and(seen, near);
    }
    let shape = b.shape(scores);
    b.broadcast_trailing(seen, &shape)
}

/// Mean cross-entropy, in nats, of the scores `logits: [R, C]` with the classes `targets: [R]`, unsigned integers.
pub(crate) fn cross_entropy(b: &mut FuncBuilder, logits: ValueId, targets: ValueId) -> ValueId {
    let shape = b.shape(logits);
    let log_sum = b.log_sum_exp(logits, 1);
    // One-hot by comparison: fuses into one pass over the logits, unlike gather and its scatter derivative.
    let targets = b.convert(targets, DType::U32);
    let targets = b.broadcast_over(targets, &shape, &[1]);
    let index = b.iota(TensorType::new(DType::U32, shape.clone()), 1);
    let is_target = b.eq(index, targets);
    let zero = b.zeros_like(logits);
    let chosen = b.select(is_target, logits, zero);
    let chosen = b.reduce_sum(chosen, &[1]);
    let losses = b.sub(log_sum, chosen);
    b.reduce_mean(losses, &[0])
}

#[cfg(test)]
mod tests {
    use corex_engine::{Tensor, reference::evaluate};
    use corex_hlo::{Literal, Module, gradients};

    use super::*;

    /// Step of the difference quotient.
    const H: f32 = 1.0 / 128.0;

    fn values(count: usize) -> Vec<f32> {
        (0..count).map(|i| ((i * 37 + 11) % 64) as f32 / 16.0 - 2.0).collect()
    }

    /// The derivative of a weighted sum of `f`'s elements against central differences, at every element of `x: shape`.
    fn check(shape: &[usize], f: impl Fn(&mut FuncBuilder, ValueId) -> ValueId) {
        let mut b = FuncBuilder::new("main");
        let x = b.param(TensorType::f32(shape.to_vec()));
        let y = f(&mut b, x);
        let ty = b.ty(y).clone();
        let weights = b.constant(Literal::dense(&values(ty.elements()), ty.shape.clone()));
        let product = b.mul(y, weights);
        let loss = b.reduce_sum(product, &(0..ty.rank()).collect::<Vec<_>>());
        let gradient = gradients(&mut b, loss, &[x])[0];
        let module = Module::single("layer", b.finish(&[loss, gradient]).expect("differentiable"));
        let run = |x: &[f32]| {
            let input = Tensor::from_f32(shape, x).expect("fits");
            let results = evaluate(&module, "main", &[input], 1 << 24).expect("runs");
            results.iter().map(|t| t.to_f32().expect("f32")).collect::<Vec<_>>()
        };
        let point = values(shape.iter().product());
        let derivative = &run(&point)[1];
        for at in 0..point.len() {
            let moved = |by: f32| {
                let mut x = point.clone();
                x[at] += by;
                run(&x)[0][0]
            };
            let expected = (moved(H) - moved(-H)) / (2.0 * H);
            let off = (derivative[at] - expected).abs();
            assert!(off < 5e-3 * expected.abs().max(1.0), "{at}: {} against {expected}", derivative[at]);
        }
    }

    #[test]
    fn gates_have_the_derivative_that_differences_show() {
        check(&[64], gelu);
        check(&[64], silu);
    }

    #[test]
    fn attention_has_the_derivative_that_differences_show() {
        for window in [None, Some(3)] {
            check(&[3, 1, 6, 2, 4], |b, x| {
                let [q, k, v] = [0, 1, 2].map(|i| {
                    let part = b.slice_dim(x, 0, i, i + 1);
                    b.reshape(part, &[1, 6, 2, 4])
                });
                attention(b, [q, k, v], window)
            });
        }
    }
}
