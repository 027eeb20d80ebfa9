//! What one thread carries on its way through a run.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use corex_num::Isa;

use super::compiled::Compiled;
use super::hashing::Hashes;
use super::team::{Barrier, Rank};

/// One thread of one run.
pub(super) struct Run<'a> {
    pub isa: Isa,
    pub rank: Rank,
    pub barrier: &'a Barrier,
    /// This thread's scratch area.
    pub scratch: *mut u8,
    /// Operations that loops and branches may still evaluate. Every thread counts for itself, and all the same.
    operations_left: Cell<u64>,
    exceeded: &'a AtomicBool,
    /// Those of the task's results. Functions that loops and branches run hash nothing.
    pub hashes: &'a Hashes<'a>,
}

impl<'a> Run<'a> {
    pub fn new(
        isa: Isa,
        rank: Rank,
        barrier: &'a Barrier,
        scratch: *mut u8,
        operation_limit: u64,
        exceeded: &'a AtomicBool,
        hashes: &'a Hashes<'a>,
    ) -> Self {
        let operations_left = Cell::new(operation_limit);
        Self { isa, rank, barrier, scratch, operations_left, exceeded, hashes }
    }

    /// Counts one evaluation of a function. False if the limit is exceeded, on every thread at the same point.
    pub fn count(&self, func: &Compiled) -> bool {
        match self.operations_left.get().checked_sub(func.operations) {
            Some(left) => {
                self.operations_left.set(left);
                true
            }
            None => {
                self.exceeded.store(true, Ordering::Relaxed);
                false
            }
        }
    }
}
