//! AdamW with warm-up, decay and gradient clipping, written as operations on flat vectors.
//!
//! I. Loshchilov, F. Hutter: Decoupled Weight Decay Regularization (2019); clipping by the global norm after
//! R. Pascanu et al. (2013).

use corex_hlo::{CompareDir, DType, FuncBuilder, TensorType, ValueId};
use serde::{Deserialize, Serialize};

use crate::error::{ModelError, require};
use crate::params::ParamTable;

/// How the learning rate falls from `peak_lr` to `final_lr` after the warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decay {
    /// Along half a cosine.
    Cosine,
    /// Along a straight line.
    Linear,
}

/// The optimizer's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdamW {
    /// Learning rate at the end of the warm-up.
    pub peak_lr: f32,
    /// Learning rate of the last step.
    pub final_lr: f32,
    /// Steps of linear warm-up from 0; at least 1.
    pub warmup_steps: u32,
    /// Steps until `final_lr` is reached; more than `warmup_steps`.
    pub total_steps: u32,
    /// Shape of the decay.
    pub decay: Decay,
    /// Rate of the running mean of gradients.
    pub beta1: f32,
    /// Rate of the running mean of squared gradients.
    pub beta2: f32,
    /// Added to the root of the second moment.
    pub epsilon: f32,
    /// Weight decay of the matrices.
    pub weight_decay: f32,
    /// Largest global norm of the gradient; what is longer is scaled down to it.
    pub clip_norm: f32,
}

impl AdamW {
    /// Sensible settings for a run of that many steps: a tenth of it warm-up, at most 100 steps.
    pub fn for_steps(total_steps: u32) -> Self {
        let warmup_steps = (total_steps / 10).clamp(1, 100);
        Self {
            peak_lr: 1e-3,
            final_lr: 1e-4,
            warmup_steps,
            total_steps: total_steps.max(warmup_steps.saturating_add(1)),
            decay: Decay::Cosine,
            beta1: 0.9,
            beta2: 0.95,
            epsilon: 1e-8,
            weight_decay: 0.1,
            clip_norm: 1.0,
        }
    }

    /// # Errors
    /// A setting outside the range in which AdamW means anything.
    pub fn validate(&self) -> Result<(), ModelError> {
        let positive = [("peak_lr", self.peak_lr), ("epsilon", self.epsilon), ("clip_norm", self.clip_norm)];
        for (name, value) in positive {
            require(value.is_finite() && value > 0.0, || format!("{name} must be positive, got {value}"))?;
        }
        require((0.0..=self.peak_lr).contains(&self.final_lr), || {
            format!("final_lr must lie between 0 and peak_lr, got {}", self.final_lr)
        })?;
        require(self.weight_decay.is_finite() && self.weight_decay >= 0.0, || {
            format!("weight_decay must not be negative, got {}", self.weight_decay)
        })?;
        for (name, beta) in [("beta1", self.beta1), ("beta2", self.beta2)] {
            require((0.0..1.0).contains(&beta), || format!("{name} must lie in [0, 1), got {beta}"))?;
        }
        require(self.warmup_steps >= 1, || "warmup_steps must be at least 1".to_owned())?;
        require(self.total_steps > self.warmup_steps, || {
            format!("total_steps ({}) must exceed warmup_steps ({})", self.total_steps, self.warmup_steps)
        })
    }
}

/// Values below this, 2^-60, are stored as zero: far below any influence on training, and far enough above the
/// subnormals that squares of what remains are normal numbers. Subnormals are slow on most processors.
const FLUSH_BELOW: f32 = 8.673_617_4e-19;

/// Parameters, moments, and what the step reports.
pub(crate) struct Updated {
    pub params: ValueId,
    pub m: ValueId,
    pub v: ValueId,
    /// Norm of the gradient before clipping.
    pub norm: ValueId,
    pub lr: ValueId,
}

/// One step. All vectors are `tensor<Nxf32>`; `step` is a ui32 scalar that counts from 0.
pub(crate) fn apply(
    b: &mut FuncBuilder,
    opt: &AdamW,
    table: &ParamTable,
    [params, m, v, grad]: [ValueId; 4],
    step: ValueId,
) -> Updated {
    let shape = [table.total()];
    let step = b.convert(step, DType::F32);
    let lr = learning_rate(b, opt, step);
    let grad = flushed(b, grad);
    let (clipped, norm) = clip(b, opt, grad);

    let m = running_mean(b, m, clipped, opt.beta1);
    let m = flushed(b, m);
    let squared = b.mul(clipped, clipped);
    let v = running_mean(b, v, squared, opt.beta2);
    let v = flushed(b, v);

    // m̂ = m/(1 - β₁ᵗ), v̂ = v/(1 - β₂ᵗ): both moments start at zero, which biases them towards it.
    let count = b.offset(step, 1.0);
    let m_scale = bias_correction(b, opt.beta1, count);
    let v_scale = bias_correction(b, opt.beta2, count);
    let (m_scale, v_scale) = (b.fill(m_scale, &shape), b.fill(v_scale, &shape));
    let (m_hat, v_hat) = (b.mul(m, m_scale), b.mul(v, v_scale));
    let root = b.sqrt(v_hat);
    let denominator = b.offset(root, opt.epsilon);
    let direction = b.div(m_hat, denominator);

    let index = b.iota(TensorType::new(DType::U32, shape), 0);
    let limit = b.full(table.decayed() as u32, &shape);
    let is_decayed = b.lt(index, limit);
    let (rate, none) = (b.full(opt.weight_decay, &shape), b.full(0f32, &shape));
    let rate = b.select(is_decayed, rate, none);
    let pull = b.mul(rate, params);
    let change = b.add(direction, pull);
    let lr_all = b.fill(lr, &shape);
    let change = b.mul(lr_all, change);
    Updated { params: b.sub(params, change), m, v, norm, lr }
}

/// Linear warm-up times decay, of the f32 scalar `step`.
fn learning_rate(b: &mut FuncBuilder, opt: &AdamW, step: ValueId) -> ValueId {
    let (zero, one) = (b.scalar(0f32), b.scalar(1f32));
    let warm = b.offset(step, 1.0);
    let warm = b.scale(warm, 1.0 / opt.warmup_steps as f32);
    let warm = b.min(warm, one);
    let after = b.offset(step, -(opt.warmup_steps as f32));
    let progress = b.scale(after, 1.0 / (opt.total_steps - opt.warmup_steps) as f32);
    let progress = b.clamp(zero, progress, one);
    let remaining = match opt.decay {
        Decay::Linear => b.sub(one, progress),
        Decay::Cosine => {
            let angle = b.scale(progress, std::f32::consts::PI);
            let cos = b.cos(angle);
            let above = b.add(cos, one);
            b.scale(above, 0.5)
        }
    };
    let extra = b.scale(remaining, opt.peak_lr - opt.final_lr);
    let decayed = b.offset(extra, opt.final_lr);
    b.mul(decayed, warm)
}

/// The gradient scaled down to the allowed norm, and its norm before.
fn clip(b: &mut FuncBuilder, opt: &AdamW, grad: ValueId) -> (ValueId, ValueId) {
    let shape = b.shape(grad);
    let squares = b.mul(grad, grad);
    let sum = b.reduce_sum(squares, &[0]);
    let norm = b.sqrt(sum);
    let limit = b.scalar(opt.clip_norm);
    // norm <= limit divides to 1 exactly.
    let longer = b.max(norm, limit);
    let scale = b.div(limit, longer);
    let scale = b.fill(scale, &shape);
    (b.mul(grad, scale), norm)
}

/// β mean + (1 - β) x
fn running_mean(b: &mut FuncBuilder, mean: ValueId, x: ValueId, beta: f32) -> ValueId {
    let old = b.scale(mean, beta);
    let new = b.scale(x, 1.0 - beta);
    b.add(old, new)
}

/// 1/(1 - βᵗ) of an f32 scalar t >= 1.
fn bias_correction(b: &mut FuncBuilder, beta: f32, t: ValueId) -> ValueId {
    let one = b.scalar(1f32);
    let beta = b.scalar(beta);
    let power = b.pow(beta, t);
    let rest = b.sub(one, power);
    b.div(one, rest)
}

/// x, with zeros for what is smaller than [`FLUSH_BELOW`]. NaN stays.
fn flushed(b: &mut FuncBuilder, x: ValueId) -> ValueId {
    let size = b.abs(x);
    let limit = b.full_like(x, FLUSH_BELOW);
    let small = b.compare(CompareDir::Lt, size, limit);
    let zero = b.zeros_like(x);
    b.select(small, zero, x)
}
