//! Dishonest providers, so that everyone can see what happens to them (`corex train --cheat`).
//!
//! They cheat on gradient tasks only, which is where the work is.

use corex_protocol::{Assignment, TaskKey};
use corex_work::BlobId;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use crate::worker::{WorkError, Worker};

/// A way to be paid without doing the work, or to spoil it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cheat {
    /// Returns an old result of its own instead of computing.
    Lazy,
    /// Computes, then flips the lowest mantissa bit of one gradient element.
    Corrupt,
    /// Resubmits a result of another node.
    Copy,
}

impl Cheat {
    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Cheat::Lazy => "lazy",
            Cheat::Corrupt => "corrupt",
            Cheat::Copy => "copy",
        }
    }
}

impl FromStr for Cheat {
    type Err = String;
    fn from_str(text: &str) -> Result<Cheat, String> {
        [Cheat::Lazy, Cheat::Corrupt, Cheat::Copy]
            .into_iter()
            .find(|c| c.name() == text)
            .ok_or_else(|| format!("unknown way to cheat `{text}` (lazy, corrupt, copy)"))
    }
}

/// Optimizer inputs before the gradients of an update task: parameters, two moments, step.
const BEFORE_GRADIENTS: usize = 4;

/// A cheating provider's memory.
pub struct Cheater {
    kind: Cheat,
    /// Outputs (gradient, loss) to hand in again.
    loot: Mutex<Option<Vec<BlobId>>>,
}

impl Cheater {
    /// Nothing to resubmit yet: it starts honest.
    pub fn new(kind: Cheat) -> Cheater {
        Cheater { kind, loot: Mutex::default() }
    }

    /// The outputs of an order that the node brought its inputs for, honest or not.
    pub fn run(&self, order: &Assignment, worker: &Worker) -> Result<Vec<BlobId>, WorkError> {
        let mut loot = self.loot.lock().unwrap_or_else(PoisonError::into_inner);
        let TaskKey::Grad { .. } = order.key else {
            if let (Cheat::Copy, TaskKey::Update { .. }) = (self.kind, order.key) {
                *loot = others_result(order, worker);
            }
            return worker.run(&order.task);
        };
        match (self.kind, loot.clone()) {
            (Cheat::Lazy | Cheat::Copy, Some(old)) => Ok(old),
            (Cheat::Copy, None) => worker.run(&order.task),
            (Cheat::Lazy, None) => {
                let outputs = worker.run(&order.task)?;
                *loot = Some(outputs.clone());
                Ok(outputs)
            }
            (Cheat::Corrupt, _) => {
                let mut outputs = worker.run(&order.task)?;
                if let Some(gradient) = outputs.first_mut() {
                    let mut bytes = worker.store().get(gradient)?.to_vec();
                    // Little-endian f32: the lowest mantissa bit is in the first byte.
                    if let Some(byte) = bytes.first_mut() {
                        *byte ^= 1;
                    }
                    *gradient = worker.store().put(bytes)?;
                }
                Ok(outputs)
            }
        }
    }
}

/// A gradient and its loss among an update's inputs that this node did not make itself. The update needed them, so
/// they are in its store and it can even serve them.
fn others_result(order: &Assignment, worker: &Worker) -> Option<Vec<BlobId>> {
    let rest = order.task.inputs.get(BEFORE_GRADIENTS..)?;
    let (gradients, losses) = rest.split_at(rest.len() / 2);
    let foreign = |g: &BlobId| {
        let mine = corex_protocol::Holder::Node(order.node);
        order.blobs.iter().any(|b| b.blob == *g && !b.holders.contains(&mine))
    };
    let at = gradients.iter().position(|g| foreign(g) && worker.store().has(g).unwrap_or(false))?;
    Some(vec![*gradients.get(at)?, *losses.get(at)?])
}
