//! Adam (D. Kingma, J. Ba: Adam, a Method for Stochastic Optimization, 2015).

use corex_hlo::{FuncBuilder, TensorType, ValueId};
use serde::{Deserialize, Serialize};

use super::{Direction, Step, flat, require_positive, require_rate, running_mean};
use crate::error::ModelError;
use crate::params::ParamTable;

/// Remembers the running means of gradients, `m[N]`, and of their squares, `v[N]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adam {
    /// Rate of the running mean of gradients.
    pub beta1: f32,
    /// Rate of the running mean of squared gradients.
    pub beta2: f32,
    /// Added to the root of the second moment.
    pub epsilon: f32,
}

impl Default for Adam {
    /// The settings usual for transformers.
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.95, epsilon: 1e-8 }
    }
}

impl Adam {
    /// Direction and new moments for vectors of any one length; `index` counts steps from 0.
    pub(super) fn moments(
        &self,
        b: &mut FuncBuilder,
        [m, v, grad]: [ValueId; 3],
        index: ValueId,
    ) -> (ValueId, ValueId, ValueId) {
        let shape = b.shape(grad);
        let m = running_mean(b, m, grad, self.beta1);
        let squared = b.mul(grad, grad);
        let v = running_mean(b, v, squared, self.beta2);
        // m̂ = m/(1 - β₁ᵗ), v̂ = v/(1 - β₂ᵗ): both moments start at zero, which biases them towards it.
        let count = b.offset(index, 1.0);
        let m_scale = bias_correction(b, self.beta1, count);
        let v_scale = bias_correction(b, self.beta2, count);
        let (m_scale, v_scale) = (b.fill(m_scale, &shape), b.fill(v_scale, &shape));
        let (m_hat, v_hat) = (b.mul(m, m_scale), b.mul(v, v_scale));
        let root = b.sqrt(v_hat);
        let denominator = b.offset(root, self.epsilon);
        (b.div(m_hat, denominator), m, v)
    }
}

impl Direction for Adam {
    fn validate(&self) -> Result<(), ModelError> {
        require_rate("beta1", self.beta1)?;
        require_rate("beta2", self.beta2)?;
        require_positive("epsilon", self.epsilon)
    }

    fn memory(&self, table: &ParamTable) -> Vec<TensorType> {
        vec![flat(table); 2]
    }

    fn direction(&self, b: &mut FuncBuilder, step: &Step) -> (ValueId, Vec<ValueId>) {
        let (m, v) = (step.memory[0], step.memory[1]);
        let (direction, m, v) = self.moments(b, [m, v, step.grad], step.index);
        (direction, vec![m, v])
    }
}

/// 1/(1 - βᵗ) of an f32 scalar t >= 1.
fn bias_correction(b: &mut FuncBuilder, beta: f32, t: ValueId) -> ValueId {
    let one = b.scalar(1f32);
    let beta = b.scalar(beta);
    let power = b.pow(beta, t);
    let rest = b.sub(one, power);
    b.div(one, rest)
}
