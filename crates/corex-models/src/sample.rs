//! Choosing the next byte from logits.

use corex_num::scalar;

use crate::error::{ModelError, require};
use crate::hash::hash;

/// Draws bytes from logits; the same settings draw the same bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampler {
    temperature: f32,
    top_k: usize,
    seed: u32,
}

impl Sampler {
    /// `temperature` 0 always takes the likeliest byte, 1 samples the model's distribution; `top_k` keeps only
    /// that many of the likeliest bytes, 0 keeps all.
    ///
    /// # Errors
    /// A temperature that is negative or not finite.
    pub fn new(temperature: f32, top_k: usize, seed: u32) -> Result<Self, ModelError> {
        require(temperature.is_finite() && temperature >= 0.0, || {
            format!("temperature must be 0 or more, got {temperature}")
        })?;
        Ok(Self { temperature, top_k, seed })
    }

    /// Index of the chosen logit, `position` being how many were chosen before it. `None` if there are no
    /// logits or one of them is not finite: a model that diverged.
    pub fn pick(&self, logits: &[f32], position: u32) -> Option<usize> {
        if !logits.iter().all(|l| l.is_finite()) {
            return None;
        }
        // Likeliest first; equal logits by index, so that the choice is unique.
        let mut order: Vec<usize> = (0..logits.len()).collect();
        order.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]).then(a.cmp(&b)));
        let best = *order.first()?;
        if self.temperature == 0.0 {
            return Some(best);
        }
        if self.top_k > 0 {
            order.truncate(self.top_k);
        }
        let weight = |i: usize| f64::from(scalar::exp((logits[i] - logits[best]) / self.temperature));
        let total: f64 = order.iter().map(|&i| weight(i)).sum();
        let uniform = f64::from(hash(&[self.seed, position])) / f64::from(u32::MAX);
        let mut left = uniform * total;
        for &i in &order {
            left -= weight(i);
            if left < 0.0 {
                return Some(i);
            }
        }
        // Rounding, or a uniform number of exactly 1.
        order.last().copied()
    }
}
