//! Gradient descent, with heavy-ball momentum (B. Polyak, 1964) or Nesterov's (1983, in the form of I. Sutskever et al.,
//! 2013).

use corex_hlo::{FuncBuilder, TensorType, ValueId};
use serde::{Deserialize, Serialize};

use super::{Direction, Step, flat, flushed, require_rate};
use crate::error::ModelError;
use crate::params::ParamTable;

/// `u = μ u + g`; the direction is `u`, or with Nesterov's momentum `g + μ u`. Remembers `u[N]`, unless `μ` is 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sgd {
    /// μ, in [0, 1).
    pub momentum: f32,
    /// Looks ahead along the momentum.
    pub nesterov: bool,
}

impl Direction for Sgd {
    fn validate(&self) -> Result<(), ModelError> {
        require_rate("momentum", self.momentum)
    }

    fn memory(&self, table: &ParamTable) -> Vec<TensorType> {
        if self.momentum > 0.0 { vec![flat(table)] } else { vec![] }
    }

    fn direction(&self, b: &mut FuncBuilder, step: &Step) -> (ValueId, Vec<ValueId>) {
        let [velocity] = step.memory[..] else { return (step.grad, vec![]) };
        let slowed = b.scale(velocity, self.momentum);
        let velocity = b.add(slowed, step.grad);
        let velocity = flushed(b, velocity);
        if !self.nesterov {
            return (velocity, vec![velocity]);
        }
        let ahead = b.scale(velocity, self.momentum);
        (b.add(step.grad, ahead), vec![velocity])
    }
}
