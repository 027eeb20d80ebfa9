//! The fast executor: a function compiled once, run many times.
//!
//! Stages, each in its own file:
//! 1. [`lower`]: operations become nodes over strided [`view`]s; data movement mostly disappears.
//! 2. [`place`]: products write in the order in which their results are read. [`hidden`]: what nobody sees of them is left.
//! 3. [`fuse`]: elementwise nodes and row folds that can be computed together become groups.
//! 4. [`recompute`]: cheap values are computed again where that saves memory traffic.
//! 5. [`chain`]: neighbouring steps are computed batch index by batch index, or some rows at a time, while their values are
//!    in cache.
//! 6. [`in_place`], [`memory`]: buffers that must exist get offsets in one arena, by liveness; results take over
//!    operands that nothing else needs, and inputs that the caller gives away; parts of a concatenation are made in it.
//!    [`overwritten`] checks what came of it: nothing is read once something else was written there.
//! 7. [`tile`], [`sequence`], [`threshold`], [`replace`]: each group becomes a small program over cache-sized tiles.
//! 8. [`hashing`]: what each step completes of the results is hashed while it is in cache, if that is asked for.
//! 9. [`compiled`], [`team`]: threads walk the steps together, each computing its share of every step. A loop or a
//!    branch is a step that walks the steps of other functions ([`control`]).
//!
//! **Architecture Invariant:** no decision made here changes a bit of a result; what a node computes per element is
//! the reference's own function or is compared with it by test.

mod ahead;
mod block_body;
mod bodies;
mod chain;
mod column_fold;
mod compiled;
mod control;
mod convolution;
mod cumulative;
mod dot;
mod epilogue;
mod expression;
mod fuse;
mod grouped;
mod hashing;
mod hidden;
mod in_place;
mod indices;
mod kernel;
mod loops;
mod lower;
mod memory;
mod movement;
mod node;
mod overwritten;
mod patches;
mod place;
mod recompute;
mod replace;
mod run;
mod scatter;
mod select;
mod sequence;
mod sequence_steps;
mod side_by_side;
mod slots;
mod sort;
mod strided;
mod structured;
mod team;
mod threshold;
mod tile;
mod tile_run;
mod view;
mod window;
mod window_body;

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use corex_hlo::ir::{Module, TensorType};
use corex_num::Isa;

use crate::buffer::{Buffer, Pool};
use crate::digest::Digest;
use crate::error::EngineError;
use crate::prepare::{self, Functions};
use crate::tensor::Tensor;
use compiled::{Compiled, Source};
use hashing::Hashes;
use node::Owner;
use run::Run;

/// Default of [`Options::operation_limit`].
pub const DEFAULT_OPERATION_LIMIT: u64 = 1 << 32;

/// How a program is compiled. None of this changes a bit of the results.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Instructions the kernels may use.
    pub isa: Isa,
    /// Threads per run, at least 1.
    pub threads: usize,
    /// Bytes that one run may use at once: inputs, results, constants and temporaries.
    pub memory_limit: u64,
    /// Operations that loops and branches may evaluate in one run, counted in the program as it was given, with
    /// calls inlined, and one more per iteration of a condition or a body: a loop that never ends is an error.
    pub operation_limit: u64,
    /// Results are hashed while they are written, and know their [`Tensor::digest`].
    pub hash_results: bool,
}

impl Default for Options {
    /// The machine's best instructions, one thread, 8 GiB, 2^32 operations in loops, results not hashed.
    fn default() -> Self {
        Self {
            isa: Isa::detect(),
            threads: 1,
            memory_limit: 8 << 30,
            operation_limit: DEFAULT_OPERATION_LIMIT,
            hash_results: false,
        }
    }
}

/// What [`Program::run_observed`] calls with a step's position.
pub type Observer<'a> = Option<&'a (dyn Fn(usize) + Sync)>;

/// A compiled function.
pub struct Program {
    options: Options,
    main: Compiled,
    /// Arenas of finished runs, kept for the next.
    idle: Mutex<Vec<Buffer>>,
    /// Blocks of results that callers have dropped.
    spare: Arc<Pool>,
}

impl Program {
    /// Compiles the public function `func` of `module`.
    ///
    /// # Errors
    /// A module that does not verify, a function that is not there, or a plan that would exceed the memory limit.
    pub fn compile(module: &Module, func: &str, options: &Options) -> Result<Self, EngineError> {
        let options = Options { threads: options.threads.max(1), ..*options };
        let funcs = Functions::verified(module, func)?;
        let source = Source {
            funcs: &funcs,
            isa: options.isa,
            threads: options.threads,
            memory_limit: options.memory_limit,
            hash_results: options.hash_results,
            constant_bytes: Cell::new(0),
        };
        let main = Compiled::main(&source, funcs.get(func)?)?;
        let parts = [main.fixed_bytes(), main.arena_bytes(), main.scratch.saturating_mul(options.threads)];
        let total = parts.iter().fold(0, |sum: u64, bytes| sum.saturating_add(*bytes as u64));
        prepare::check_memory(total, options.memory_limit)?;
        let spare = Arc::new(Pool::new(main.lowered.results.len()));
        Ok(Self { options, main, idle: Mutex::default(), spare })
    }

    /// Types of the inputs that [`Program::run`] takes.
    pub fn inputs(&self) -> impl Iterator<Item = &TensorType> {
        self.main.func.params.iter().map(|v| self.main.func.ty(*v))
    }

    /// Bytes of temporaries that a run needs beside inputs and results.
    pub fn temporary_bytes(&self) -> usize {
        self.main.arena_bytes() + self.main.scratch * self.options.threads
    }

    /// What the steps of a run compute, in order, for people who read profiles.
    pub fn steps(&self) -> impl Iterator<Item = String> {
        self.main.descriptions()
    }

    /// Evaluates the function. May be called from several threads at once.
    ///
    /// # Errors
    /// Inputs that do not fit the parameters, no memory, loops that exceed the limit of operations, or a worker
    /// thread that could not be started.
    pub fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
        self.run_observed(inputs, None)
    }

    /// [`Program::run`], calling `after_step` on the first thread whenever it has done its share of a step of
    /// [`Program::steps`]: for profiles, whose clock is the caller's.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub fn run_observed(
        &self,
        inputs: &[Tensor],
        after_step: Observer<'_>,
    ) -> Result<Vec<Tensor>, EngineError> {
        prepare::check_inputs(&self.main.func, inputs)?;
        self.evaluate(inputs, &mut [], after_step)
    }

    /// [`Program::run_observed`] with inputs that the caller gives away: those that nobody else holds may become results,
    /// so that a training step updates its state where it is.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub fn run_donated(
        &self,
        mut inputs: Vec<Tensor>,
        after_step: Observer<'_>,
    ) -> Result<Vec<Tensor>, EngineError> {
        prepare::check_inputs(&self.main.func, &inputs)?;
        let donate = |(input, result): &(usize, usize)| {
            Some(Donation { input: *input, result: *result, buffer: Some(inputs[*input].take_buffer()?) })
        };
        let mut donations: Vec<Donation> = self.main.donatable.iter().filter_map(donate).collect();
        self.evaluate(&inputs, &mut donations, after_step)
    }

    /// Evaluates the function of checked inputs, of which some are donated.
    fn evaluate(
        &self,
        inputs: &[Tensor],
        donations: &mut [Donation],
        after_step: Observer<'_>,
    ) -> Result<Vec<Tensor>, EngineError> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut arena = match kept {
            Some(arena) => arena,
            None => Buffer::zeroed(self.temporary_bytes())?,
        };
        // Inputs are only read, unless they are donated.
        let mut input_at: Vec<_> = inputs.iter().map(|x| x.bytes().as_ptr().cast_mut()).collect();
        let mut outputs = self.output_buffers(donations)?;
        let address =
            |o: &mut Option<Buffer>| o.as_mut().map_or(std::ptr::null_mut(), |o| o.bytes_mut().as_mut_ptr());
        let output_at: Vec<_> = outputs.iter_mut().map(address).collect();
        donations.iter().for_each(|d| input_at[d.input] = output_at[d.result]);
        let start = arena.bytes_mut().as_mut_ptr();
        let memory = self.main.memory(&input_at, &output_at, start);
        let scratch = Scratch(start.wrapping_add(self.main.arena_bytes()));
        let exceeded = AtomicBool::new(false);
        let hashes = Hashes::new(&self.main.hashed);
        team::run(self.options.threads, |rank, barrier| {
            let scratch = scratch.of(rank.rank * self.main.scratch);
            let limit = self.options.operation_limit;
            let run = Run::new(self.options.isa, rank, barrier, scratch, limit, &exceeded, &hashes);
            // SAFETY: `memory` has every buffer, and every thread of the team is here.
            _ = unsafe { self.main.walk_observed(&memory, &run, after_step) };
        })?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(arena);
        if exceeded.load(Ordering::Relaxed) {
            return Err(EngineError::Operations { limit: self.options.operation_limit });
        }
        // SAFETY: nothing has stopped the run, so all results are complete.
        let digests = unsafe { hashes.finish(&memory, self.main.lowered.results.len()) };
        Ok(self.collect(inputs, outputs, &digests))
    }

    /// A buffer for every result that the run computes, by result position; the donated ones first of all.
    fn output_buffers(&self, donations: &mut [Donation]) -> Result<Vec<Option<Buffer>>, EngineError> {
        let lowered = &self.main.lowered;
        let buffer = |(position, (_, b)): (usize, &(TensorType, usize))| {
            let info = &lowered.buffers[*b];
            let donated = donations.iter_mut().find(|d| d.result == position).and_then(|d| d.buffer.take());
            match donated {
                Some(buffer) => Ok(Some(buffer)),
                None => (info.owner == Owner::Output(position))
                    .then(|| Pool::take(&self.spare, info.bytes()))
                    .transpose(),
            }
        };
        lowered.results.iter().enumerate().map(buffer).collect()
    }

    /// The results, sharing bytes where one buffer is returned more than once, with their digests where they were hashed.
    fn collect(
        &self,
        inputs: &[Tensor],
        outputs: Vec<Option<Buffer>>,
        digests: &[Option<Digest>],
    ) -> Vec<Tensor> {
        let lowered = &self.main.lowered;
        let shared: Vec<Option<Arc<Buffer>>> = outputs.into_iter().map(|o| o.map(Arc::new)).collect();
        let tensor = |(ty, b): &(TensorType, usize)| match lowered.buffers[*b].owner {
            Owner::Input(i) => inputs[i].retyped(ty.clone()),
            Owner::Output(i) => {
                let data = shared[i].clone().expect("every output position has a buffer");
                Tensor::from_buffer(ty.clone(), data).with_digest(digests[i])
            }
            Owner::Constant(_) | Owner::Temporary => unreachable!("lowering copies these into outputs"),
        };
        lowered.results.iter().map(tensor).collect()
    }
}

/// An input's bytes that become a result.
struct Donation {
    input: usize,
    result: usize,
    buffer: Option<Buffer>,
}

/// The start of the scratch area, behind the temporaries; every thread has a stretch of its own.
#[derive(Clone, Copy)]
struct Scratch(*mut u8);

// SAFETY: threads use disjoint stretches.
unsafe impl Sync for Scratch {}

impl Scratch {
    fn of(&self, offset: usize) -> *mut u8 {
        self.0.wrapping_add(offset)
    }
}
