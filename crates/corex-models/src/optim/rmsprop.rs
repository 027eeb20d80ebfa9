//! RMSprop (T. Hinton: Neural Networks for Machine Learning, lecture 6, 2012).

use corex_hlo::{FuncBuilder, TensorType, ValueId};
use serde::{Deserialize, Serialize};

use super::{Direction, Step, flat, flushed, require_positive, require_rate, running_mean};
use crate::error::ModelError;
use crate::params::ParamTable;

/// The gradient divided by the root of the running mean of its squares. Remembers that mean, `v[N]`, and with momentum
/// a velocity `u[N]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RmsProp {
    /// Rate of the running mean of squared gradients.
    pub decay: f32,
    /// Added to the root.
    pub epsilon: f32,
    /// Momentum of the divided gradient, in [0, 1); 0 is none.
    pub momentum: f32,
}

impl Default for RmsProp {
    /// PyTorch's settings.
    fn default() -> Self {
        Self { decay: 0.99, epsilon: 1e-8, momentum: 0.0 }
    }
}

impl Direction for RmsProp {
    fn validate(&self) -> Result<(), ModelError> {
        require_rate("decay", self.decay)?;
        require_rate("momentum", self.momentum)?;
        require_positive("epsilon", self.epsilon)
    }

    fn memory(&self, table: &ParamTable) -> Vec<TensorType> {
        vec![flat(table); if self.momentum > 0.0 { 2 } else { 1 }]
    }

    fn direction(&self, b: &mut FuncBuilder, step: &Step) -> (ValueId, Vec<ValueId>) {
        let squared = b.mul(step.grad, step.grad);
        let v = running_mean(b, step.memory[0], squared, self.decay);
        let root = b.sqrt(v);
        let denominator = b.offset(root, self.epsilon);
        let scaled = b.div(step.grad, denominator);
        let Some(&velocity) = step.memory.get(1) else { return (scaled, vec![v]) };
        let slowed = b.scale(velocity, self.momentum);
        let velocity = b.add(slowed, scaled);
        let velocity = flushed(b, velocity);
        (velocity, vec![v, velocity])
    }
}
