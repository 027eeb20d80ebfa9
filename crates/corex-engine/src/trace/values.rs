//! The tensors of an evaluation: what they are called, and how long they live.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use corex_hlo::ir::TensorType;
use corex_hlo::lower::{LoweredFunc, Source};

use super::Digest;
use crate::error::EngineError;
use crate::prepare;
use crate::tensor::Tensor;

/// A tensor that counts while it lives, and its id once somebody asked.
pub(super) struct Held {
    pub tensor: Tensor,
    id: OnceCell<Digest>,
    /// The value whose bytes these are, and which counts them, if it is another.
    same: Option<Rc<Held>>,
    memory: Rc<Memory>,
}

pub(super) type Values = Vec<Rc<Held>>;

impl Held {
    pub fn id(&self) -> Digest {
        match &self.same {
            Some(same) => same.id(),
            None => *self.id.get_or_init(|| Digest::of_large_blob(self.tensor.bytes(), self.memory.threads)),
        }
    }

    /// The same bytes as another type.
    pub fn retyped(self: &Rc<Self>, ty: &TensorType) -> Rc<Self> {
        let (tensor, memory) = (self.tensor.retyped(ty.clone()), self.memory.clone());
        Rc::new(Held { tensor, id: OnceCell::new(), same: Some(self.clone()), memory })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.same.is_none() {
            let used = &self.memory.used;
            used.set(used.get().saturating_sub(self.tensor.bytes().len() as u64));
        }
    }
}

/// What all values of an evaluation share.
pub(super) struct Memory {
    /// Bytes of the tensors alive.
    used: Cell<u64>,
    limit: u64,
    /// Threads that may hash.
    threads: usize,
}

impl Memory {
    pub fn new(limit: u64, threads: usize) -> Rc<Self> {
        Rc::new(Self { used: Cell::new(0), limit, threads })
    }

    /// An error if there is no room for so many bytes more.
    pub fn room(&self, bytes: u64) -> Result<(), EngineError> {
        prepare::check_memory(self.used.get().saturating_add(bytes), self.limit)
    }

    /// Counts bytes that stay until the evaluation ends.
    pub fn keep(&self, bytes: u64) -> Result<(), EngineError> {
        self.room(bytes)?;
        self.used.set(self.used.get().saturating_add(bytes));
        Ok(())
    }

    pub fn hold(self: &Rc<Self>, tensor: Tensor) -> Result<Rc<Held>, EngineError> {
        let bytes = tensor.bytes().len() as u64;
        self.room(bytes)?;
        self.used.set(self.used.get().saturating_add(bytes));
        Ok(Rc::new(Held { tensor, id: OnceCell::new(), same: None, memory: self.clone() }))
    }
}

/// Which operators an operator depends on, itself included.
pub(super) fn ancestors(func: &LoweredFunc, target: usize) -> Vec<bool> {
    let mut needed = vec![false; target + 1];
    needed[target] = true;
    for at in (0..=target).rev().filter(|&at| at < func.ops.len()) {
        if needed[at] {
            for operand in &func.ops[at].operands {
                if let Source::Op { op, .. } = operand.source {
                    needed[op as usize] = true;
                }
            }
        }
    }
    needed
}

/// The values of a function that is being evaluated.
pub(super) struct Scope {
    params: Vec<Option<Rc<Held>>>,
    results: Vec<Vec<Option<Rc<Held>>>>,
    /// What each operator is the last to read.
    last: Vec<Vec<Source>>,
    /// Which results of each operator are read at all.
    read: Vec<Vec<u32>>,
}

impl Scope {
    /// The arguments, and nothing else yet. Operators that are not needed read nothing.
    pub fn new(func: &LoweredFunc, args: Values, is_needed: &dyn Fn(usize) -> bool) -> Self {
        let mut last = vec![Vec::new(); func.ops.len()];
        let (mut params, mut read) = (vec![false; args.len()], vec![Vec::new(); func.ops.len()]);
        let mut seen = |source: Source| match source {
            Source::Param(i) => params.get_mut(i as usize).is_none_or(|seen| std::mem::replace(seen, true)),
            Source::Op { op, result } => {
                let read: &mut Vec<u32> = &mut read[op as usize];
                let known = read.contains(&result);
                read.extend((!known).then_some(result));
                known
            }
            // Constants stay.
            Source::Constant(_) => true,
        };
        func.results.iter().for_each(|x| _ = seen(x.source));
        for (at, op) in func.ops.iter().enumerate().rev().filter(|(at, _)| is_needed(*at)) {
            for operand in &op.operands {
                if !seen(operand.source) {
                    last[at].push(operand.source);
                }
            }
        }
        let results = func.ops.iter().map(|op| vec![None; op.results.len()]).collect();
        Self { params: args.into_iter().map(Some).collect(), results, last, read }
    }

    fn slot(&mut self, source: Source) -> Option<&mut Option<Rc<Held>>> {
        match source {
            Source::Param(i) => self.params.get_mut(i as usize),
            Source::Op { op, result } => self.results.get_mut(op as usize)?.get_mut(result as usize),
            Source::Constant(_) => None,
        }
    }

    /// A value that is there; constants are elsewhere.
    pub fn get(&mut self, source: Source) -> Option<Rc<Held>> {
        self.slot(source)?.clone()
    }

    /// Forgets what operator `at` is the last to read.
    pub fn leave(&mut self, at: usize) {
        for source in std::mem::take(&mut self.last[at]) {
            if let Some(slot) = self.slot(source) {
                *slot = None;
            }
        }
    }

    /// Keeps those results of operator `at` that anybody reads.
    pub fn define(&mut self, at: usize, values: Values) {
        let results = self.results[at].iter_mut().zip(values).zip(0..);
        for ((slot, value), _) in results.filter(|(_, result)| self.read[at].contains(result)) {
            *slot = Some(value);
        }
    }
}
