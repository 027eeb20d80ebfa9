//! The fast executor: a function compiled once, run many times.
//!
//! Stages, each in its own file:
//! 1. [`lower`]: operations become nodes over strided [`view`]s; data movement mostly disappears.
//! 2. [`fuse`]: elementwise nodes and row folds that can be computed together become groups.
//! 3. [`recompute`]: cheap values are computed again where that saves memory traffic.
//! 4. [`memory`]: buffers that must exist get offsets in one arena, by liveness.
//! 5. [`tile`]: each group becomes a small program over cache-sized tiles.
//! 6. [`team`]: threads walk the steps together, each computing its share of every step.
//!
//! **Architecture Invariant:** no decision made here changes a bit of a result; what a node computes per element is
//! the reference's own function or is compared with it by test.

mod column_fold;
mod dot;
mod fuse;
mod kernel;
mod lower;
mod memory;
mod movement;
mod node;
mod recompute;
mod strided;
mod team;
mod tile;
mod tile_run;
mod view;

use std::sync::{Arc, Mutex, PoisonError};

use corex_hlo::ir::{Func, Module, TensorType};
use corex_num::Isa;

use crate::buffer::{ALIGN, Buffer};
use crate::error::EngineError;
use crate::prepare;
use crate::tensor::Tensor;
use column_fold::ColumnFold;
use memory::{Layout, Memory};
use node::{Lowered, NodeKind, Owner};
use team::Rank;
use tile::TileProgram;

/// How a program is compiled. None of this changes a bit of the results.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Instructions the kernels may use.
    pub isa: Isa,
    /// Threads per run, at least 1.
    pub threads: usize,
    /// Bytes that one run may use at once: inputs, results, constants and temporaries.
    pub memory_limit: u64,
}

impl Default for Options {
    /// The machine's best instructions, one thread, 8 GiB.
    fn default() -> Self {
        Self { isa: Isa::detect(), threads: 1, memory_limit: 8 << 30 }
    }
}

/// A compiled function.
pub struct Program {
    func: Func,
    options: Options,
    lowered: Lowered,
    steps: Vec<Step>,
    layout: Layout,
    constants: Vec<Buffer>,
    /// Scratch bytes per thread, a multiple of [`ALIGN`].
    scratch: usize,
    /// Arenas of finished runs, kept for the next.
    idle: Mutex<Vec<Buffer>>,
}

/// What all threads do between two barriers.
enum Step {
    Tiles(TileProgram),
    /// Position in [`Lowered::nodes`].
    Node(usize),
}

impl Program {
    /// Compiles the public function `func` of `module`.
    ///
    /// # Errors
    /// A module that does not verify, a function that is not there, or a plan that would exceed the memory limit.
    pub fn compile(module: &Module, func: &str, options: &Options) -> Result<Self, EngineError> {
        let func = prepare::flat_function(module, func)?;
        let options = Options { threads: options.threads.max(1), ..*options };
        let mut lowered = lower::lower(&func)?;
        let mut groups = fuse::fuse(&lowered);
        recompute::recompute(&mut lowered, &mut groups);
        let stored = memory::stored(&lowered, &groups);
        let layout = memory::layout(&lowered, &groups, &stored);
        let mut scratch = column_fold::SCRATCH;
        let mut steps = Vec::with_capacity(groups.len());
        for group in &groups {
            steps.push(match group.nodes[..] {
                [only] if !lowered.nodes[only].kind.is_fusible() => Step::Node(only),
                _ => {
                    let program = tile::compile(&lowered, group, options.isa, &|b| stored[b]);
                    scratch = scratch.max(program.scratch);
                    Step::Tiles(program)
                }
            });
        }
        let scratch = scratch.next_multiple_of(ALIGN);
        let fixed: usize = lowered
            .buffers
            .iter()
            .filter(|b| b.owner != Owner::Temporary)
            .map(|b| b.bytes())
            .fold(0, usize::saturating_add);
        let total = [fixed, layout.bytes, scratch.saturating_mul(options.threads)]
            .iter()
            .fold(0, |sum: u64, bytes| sum.saturating_add(*bytes as u64));
        prepare::check_memory(total, options.memory_limit)?;
        let constants = lowered.constants.iter().map(|c| Buffer::copy_of(c)).collect::<Result<_, _>>()?;
        Ok(Self { func, options, lowered, steps, layout, constants, scratch, idle: Mutex::default() })
    }

    /// Types of the inputs that [`Program::run`] takes.
    pub fn inputs(&self) -> impl Iterator<Item = &TensorType> {
        self.func.params.iter().map(|v| self.func.ty(*v))
    }

    /// Bytes of temporaries that a run needs beside inputs and results.
    pub fn temporary_bytes(&self) -> usize {
        self.layout.bytes + self.scratch * self.options.threads
    }

    /// Evaluates the function. May be called from several threads at once.
    ///
    /// # Errors
    /// Inputs that do not fit the parameters, no memory, or a worker thread that could not be started.
    pub fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
        prepare::check_inputs(&self.func, inputs)?;
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut arena = match kept {
            Some(arena) => arena,
            None => Buffer::zeroed(self.temporary_bytes())?,
        };
        let mut outputs = self.output_buffers()?;
        let memory = self.addresses(inputs, &mut arena, &mut outputs);
        let scratch = Scratch(arena.bytes_mut().as_mut_ptr().wrapping_add(self.layout.bytes));
        team::run(self.options.threads, |rank, barrier| {
            let scratch = scratch.of(rank.rank * self.scratch);
            for step in &self.steps {
                // SAFETY: `memory` has every buffer; steps come in an order in which operands are complete, the
                // barrier separates them, and within a step ranks write disjoint parts.
                unsafe { self.step(step, &memory, scratch, rank) }
                if !barrier.wait() {
                    return;
                }
            }
        })?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(arena);
        Ok(self.collect(inputs, outputs))
    }

    /// A buffer for every result that the run computes, by result position.
    fn output_buffers(&self) -> Result<Vec<Option<Buffer>>, EngineError> {
        let buffer = |(position, (_, b)): (usize, &(TensorType, usize))| {
            let info = &self.lowered.buffers[*b];
            (info.owner == Owner::Output(position)).then(|| Buffer::zeroed(info.bytes())).transpose()
        };
        self.lowered.results.iter().enumerate().map(buffer).collect()
    }

    fn addresses(&self, inputs: &[Tensor], arena: &mut Buffer, outputs: &mut [Option<Buffer>]) -> Memory {
        let arena = arena.bytes_mut().as_mut_ptr();
        let address = |(b, info): (usize, &node::BufferInfo)| match info.owner {
            // Inputs and constants are only read.
            Owner::Input(i) => inputs[i].bytes().as_ptr().cast_mut(),
            Owner::Constant(i) => self.constants[i].bytes().as_ptr().cast_mut(),
            Owner::Output(i) => {
                outputs[i].as_mut().map_or(std::ptr::null_mut(), |o| o.bytes_mut().as_mut_ptr())
            }
            Owner::Temporary => arena.wrapping_add(self.layout.offsets[b].unwrap_or(0)),
        };
        let addresses = self.lowered.buffers.iter().enumerate().map(address).collect();
        let elements = self.lowered.buffers.iter().map(|b| b.elements).collect();
        Memory { addresses, elements }
    }

    /// The results, sharing bytes where one buffer is returned more than once.
    fn collect(&self, inputs: &[Tensor], outputs: Vec<Option<Buffer>>) -> Vec<Tensor> {
        let shared: Vec<Option<Arc<Buffer>>> = outputs.into_iter().map(|o| o.map(Arc::new)).collect();
        let tensor = |(ty, b): &(TensorType, usize)| match self.lowered.buffers[*b].owner {
            Owner::Input(i) => inputs[i].retyped(ty.clone()),
            Owner::Output(i) => {
                let data = shared[i].clone().expect("every output position has a buffer");
                Tensor::from_buffer(ty.clone(), data)
            }
            Owner::Constant(_) | Owner::Temporary => unreachable!("lowering copies these into outputs"),
        };
        self.lowered.results.iter().map(tensor).collect()
    }

    /// One thread's share of a step.
    ///
    /// # Safety
    /// See [`Program::run`].
    unsafe fn step(&self, step: &Step, memory: &Memory, scratch: *mut u8, rank: Rank) {
        // SAFETY: the caller's promise, for each call below.
        unsafe {
            match step {
                Step::Tiles(program) => {
                    let pieces = rank.share(program.pieces());
                    tile_run::run(program, self.options.isa, memory, scratch, pieces);
                }
                Step::Node(at) => self.node(*at, memory, scratch, rank),
            }
        }
    }

    unsafe fn node(&self, at: usize, memory: &Memory, scratch: *mut u8, rank: Rank) {
        let node = &self.lowered.nodes[at];
        let (out, isa) = (node.out, self.options.isa);
        let dtype = self.lowered.buffers[out].dtype;
        let size = dtype.size();
        let is_first = rank.rank == 0;
        // SAFETY: the caller's promise, for each call below; nodes that do not split run on the first thread.
        unsafe {
            match &node.kind {
                NodeKind::Dot(dot) => dot::run(dot, isa, memory, out, rank),
                NodeKind::ColumnFold { reducer, x, kept, minor, init } => {
                    let fold =
                        ColumnFold { reducer: *reducer, dtype, x, kept: *kept, minor: *minor, init, out };
                    column_fold::run(&fold, isa, memory, scratch, rank);
                }
                NodeKind::Concatenate { parts, shape, dim } => {
                    movement::concatenate(memory, parts, size, shape, *dim, out, rank);
                }
                NodeKind::Gather { x, indices, index_type, dims, shape } => {
                    movement::gather(memory, x, (indices, *index_type), dims, size, shape, out, rank);
                }
                _ if !is_first => {}
                NodeKind::Pad { x, value, shape, start, step } => {
                    movement::pad(memory, x, value, dtype, shape, start, step, out);
                }
                NodeKind::Bitcast { x, from } => movement::bitcast(memory, x, *from, size, out),
                NodeKind::DynamicSlice { x, starts, shape } => {
                    movement::dynamic_slice(memory, x, size, starts, shape, out);
                }
                NodeKind::DynamicUpdateSlice { x, update, starts } => {
                    movement::dynamic_update_slice(memory, x, update, size, starts, out);
                }
                NodeKind::Scatter { x, indices, index_type, updates, dims, reducer } => {
                    let indices = (indices, *index_type);
                    movement::scatter(memory, x, indices, updates, dims, *reducer, dtype, out);
                }
                NodeKind::Map { .. } | NodeKind::RowFold { .. } => {
                    unreachable!("maps and row folds are tile programs")
                }
            }
        }
    }
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
