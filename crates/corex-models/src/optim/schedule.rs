//! Learning rates: warm-up, then a way down.

use corex_hlo::{FuncBuilder, ValueId};
use serde::{Deserialize, Serialize};

use crate::error::{ModelError, require};

/// How the learning rate goes from `peak_lr` to `final_lr` after the warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decay {
    /// Not at all.
    Constant,
    /// Along half a cosine.
    Cosine,
    /// Along a straight line.
    Linear,
    /// Warm-up, stable, decay: stays at the peak, then falls along a straight line (S. Hu et al.: MiniCPM, 2024).
    Wsd {
        /// Share of the steps after the warm-up in which it falls, in (0, 1].
        fraction: f32,
    },
    /// In steps: what lies above `final_lr` is multiplied by `factor` every `every` steps.
    Step {
        /// Steps between two falls, at least 1.
        every: u32,
        /// In (0, 1).
        factor: f32,
    },
}

/// The learning rate of every step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// Learning rate at the end of the warm-up.
    pub peak_lr: f32,
    /// Learning rate of the last step.
    pub final_lr: f32,
    /// Steps of linear warm-up from 0; at least 1, and 1 means none.
    pub warmup_steps: u32,
    /// Steps until `final_lr` is reached; more than `warmup_steps`.
    pub total_steps: u32,
    /// The way there.
    pub decay: Decay,
}

impl Schedule {
    /// A run of that many steps: a tenth of it warm-up, at most 100 steps; then a cosine down to a tenth of the peak.
    pub fn for_steps(peak_lr: f32, total_steps: u32) -> Self {
        let warmup_steps = (total_steps / 10).clamp(1, 100);
        Self {
            peak_lr,
            final_lr: peak_lr / 10.0,
            warmup_steps,
            total_steps: total_steps.max(warmup_steps.saturating_add(1)),
            decay: Decay::Cosine,
        }
    }

    /// # Errors
    /// A setting without meaning, by name.
    pub fn validate(&self) -> Result<(), ModelError> {
        require(self.peak_lr.is_finite() && self.peak_lr > 0.0, || {
            format!("peak_lr must be positive, got {}", self.peak_lr)
        })?;
        require((0.0..=self.peak_lr).contains(&self.final_lr), || {
            format!("final_lr must lie between 0 and peak_lr, got {}", self.final_lr)
        })?;
        require(self.warmup_steps >= 1, || "warmup_steps must be at least 1".to_owned())?;
        require(self.total_steps > self.warmup_steps, || {
            format!("total_steps ({}) must exceed warmup_steps ({})", self.total_steps, self.warmup_steps)
        })?;
        match self.decay {
            Decay::Constant | Decay::Cosine | Decay::Linear => Ok(()),
            Decay::Wsd { fraction } => require(fraction > 0.0 && fraction <= 1.0, || {
                format!("the fraction of steps in which the rate falls must lie in (0, 1], got {fraction}")
            }),
            Decay::Step { every, factor } => require(every >= 1 && factor > 0.0 && factor < 1.0, || {
                format!(
                    "a stepwise schedule needs every >= 1 and a factor in (0, 1), got {every} and {factor}"
                )
            }),
        }
    }

    /// The learning rate of the f32 scalar `step`, which counts from 0: warm-up times what the decay leaves.
    pub(super) fn learning_rate(&self, b: &mut FuncBuilder, step: ValueId) -> ValueId {
        let (zero, one) = (b.scalar(0f32), b.scalar(1f32));
        let warm = b.offset(step, 1.0);
        let warm = b.scale(warm, 1.0 / self.warmup_steps as f32);
        let warm = b.min(warm, one);
        if self.decay == Decay::Constant {
            return b.scale(warm, self.peak_lr);
        }
        let after = b.offset(step, -(self.warmup_steps as f32));
        let progress = b.scale(after, 1.0 / (self.total_steps - self.warmup_steps) as f32);
        let progress = b.clamp(zero, progress, one);
        let remaining = match self.decay {
            Decay::Constant => one,
            Decay::Linear => b.sub(one, progress),
            Decay::Cosine => {
                let angle = b.scale(progress, std::f32::consts::PI);
                let cos = b.cos(angle);
                let above = b.add(cos, one);
                b.scale(above, 0.5)
            }
            Decay::Wsd { fraction } => {
                let left = b.sub(one, progress);
                let left = b.scale(left, 1.0 / fraction);
                b.min(left, one)
            }
            Decay::Step { every, factor } => {
                let after = b.max(after, zero);
                let every = b.scalar(every as f32);
                // A quotient of whole numbers below 2^24 is not rounded up to the next whole number.
                let falls = b.div(after, every);
                let falls = b.floor(falls);
                let factor = b.scalar(factor);
                b.pow(factor, falls)
            }
        };
        let extra = b.scale(remaining, self.peak_lr - self.final_lr);
        let decayed = b.offset(extra, self.final_lr);
        b.mul(decayed, warm)
    }
}
