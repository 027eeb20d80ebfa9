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
    loot: Mutex<Loot>,
}

#[derive(Default)]
struct Loot {
    /// Outputs (gradient, loss) to hand in again.
    result: Option<Vec<BlobId>>,
    /// A loss of its own, to go with somebody else's vector.
    loss: Option<BlobId>,
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
                loot.result = others_gradient(order, worker).or(loot.result.take());
            }
            return worker.run(&order.task);
        };
        let stolen = match self.kind {
            Cheat::Copy if loot.result.is_none() => others_state(order, loot.loss),
            _ => loot.result.clone(),
        };
        match (self.kind, stolen) {
            (Cheat::Lazy | Cheat::Copy, Some(old)) => Ok(old),
            (Cheat::Copy, None) => {
                let outputs = worker.run(&order.task)?;
                loot.loss = outputs.get(1).copied();
                Ok(outputs)
            }
            (Cheat::Lazy, None) => {
                let outputs = worker.run(&order.task)?;
                loot.result = Some(outputs.clone());
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

/// Whether the order says that somebody else has this blob, and this node does not.
fn is_foreign(order: &Assignment, blob: &BlobId) -> bool {
    let mine = corex_protocol::Holder::Node(order.node);
    order.blobs.iter().any(|b| b.blob == *blob && !b.holders.contains(&mine))
}

/// A gradient and its loss among an update's inputs that this node did not make itself. The update needed them, so
/// they are in its store and it can even serve them.
fn others_gradient(order: &Assignment, worker: &Worker) -> Option<Vec<BlobId>> {
    let rest = order.task.inputs.get(BEFORE_GRADIENTS..)?;
    let (gradients, losses) = rest.split_at(rest.len() / 2);
    let at = gradients.iter().position(|g| is_foreign(order, g) && worker.store().has(g).unwrap_or(false))?;
    Some(vec![*gradients.get(at)?, *losses.get(at)?])
}

/// Without a gradient to copy, the parameters that another node computed will do: they have a gradient's size.
fn others_state(order: &Assignment, loss: Option<BlobId>) -> Option<Vec<BlobId>> {
    let params = order.task.inputs.first().filter(|p| is_foreign(order, p))?;
    Some(vec![*params, loss?])
}
