//! A compiled function: its steps, where its buffers are, and how a team of threads walks through it.

use std::cell::Cell;
use std::rc::Rc;

use corex_hlo::ir::Func;
use corex_num::Isa;

use super::Observer;
use super::chain::{self, Chain};
use super::column_fold::{self, ColumnFold};
use super::hashing::{self, Completed, Hashed, InOrder, Stretch};
use super::in_place::{self, Home};
use super::memory::{self, Layout, Memory};
use super::node::{Lowered, NodeKind, Owner};
use super::overwritten::{self, Plan};
use super::run::Run;
use super::tile::{self, TileProgram};
use super::view::BufferId;
use super::{
    bodies, control, convolution, dot, epilogue, fuse, grouped, hidden, indices, lower, movement, place,
    recompute, scatter, select, side_by_side, sort, tile_run, window, window_body,
};
use crate::buffer::{ALIGN, Buffer};
use crate::error::EngineError;
use crate::prepare::{self, Functions};

/// Where functions come from, and what they are compiled for.
pub(super) struct Source<'a> {
    pub funcs: &'a Functions<'a>,
    pub isa: Isa,
    pub threads: usize,
    pub memory_limit: u64,
    /// Whether the function that a task calls hashes its results.
    pub hash_results: bool,
    /// Bytes of constants of all functions compiled so far: one that many loops run is compiled for each.
    pub constant_bytes: Cell<u64>,
}

/// A compiled function.
pub(super) struct Compiled {
    pub func: Func,
    pub lowered: Lowered,
    steps: Vec<Step>,
    layout: Layout,
    /// Where the bytes of each buffer are.
    home: Vec<Home>,
    /// Per result, whether it is computed in the place of the parameter donated for it.
    pub in_place: Vec<bool>,
    /// Pairs of an input and a result that may be the same bytes in a run.
    pub donatable: Vec<(usize, usize)>,
    constants: Vec<Buffer>,
    /// Scratch bytes per thread, a multiple of [`ALIGN`].
    pub scratch: usize,
    /// What one evaluation within a loop counts; see [`crate::Options::operation_limit`].
    pub operations: u64,
    /// Buffers that are inputs or outputs.
    moving: Vec<BufferId>,
    /// The results that are hashed; none, unless that is asked for.
    pub hashed: Vec<Hashed>,
}

/// What all threads do between two barriers.
enum Step {
    /// With what is to be hashed behind the tiles.
    Tiles(TileProgram, Vec<InOrder>),
    /// Position in [`Lowered::nodes`].
    Node(usize),
    /// Tile programs and products, block by block.
    Chain(Chain, Vec<Step>),
    /// Hashes what is complete.
    Hash(Vec<Stretch>),
}

/// The steps, and those that hash the results which they complete.
fn hashing_steps(steps: Vec<Step>, completed: Vec<Completed>) -> Vec<Step> {
    let mut all = Vec::with_capacity(steps.len());
    for (mut step, Completed { behind, after }) in steps.into_iter().zip(completed) {
        if let Step::Tiles(_, hashed) = &mut step {
            *hashed = behind;
        }
        all.push(step);
        all.extend((!after.is_empty()).then_some(Step::Hash(after)));
    }
    all
}

impl Compiled {
    /// A function that a task calls.
    pub fn main(source: &Source<'_>, func: Rc<Func>) -> Result<Self, EngineError> {
        Self::new(source, (*func).clone(), false, &[])
    }

    /// A function that a loop or branch runs: every result has a buffer of its own. `donated` are pairs of a
    /// parameter and a result: if it can, the function computes the result in the parameter's bytes.
    pub fn inner(source: &Source<'_>, func: Func, donated: &[(usize, usize)]) -> Result<Self, EngineError> {
        Self::new(source, func, true, donated)
    }

    fn new(
        source: &Source<'_>,
        func: Func,
        owns_results: bool,
        donated: &[(usize, usize)],
    ) -> Result<Self, EngineError> {
        let mut lowered = lower::lower(source, &func, owns_results)?;
        place::place(&mut lowered);
        hidden::note(&mut lowered);
        let mut groups = fuse::fuse(&lowered);
        epilogue::attach(&mut lowered, &mut groups);
        recompute::recompute(&mut lowered, &mut groups);
        let stored = memory::stored(&lowered, &groups);
        recompute::drop_unread(&lowered, &mut groups, &stored);
        let mut shared = in_place::find(&lowered, &groups, donated);
        side_by_side::place(&mut lowered, &groups, &mut shared.home);
        let chains = chain::chains(&lowered, &groups, &stored, source.threads);
        let is_alone = |group: usize| !chains.iter().any(|chain| chain.groups.contains(&group));
        // Loops and branches have their own way to donate.
        let donatable = if owns_results {
            Vec::new()
        } else {
            in_place::donatable(&lowered, &groups, &shared.home, is_alone)
        };
        // The input whose bytes a result may have.
        let replaces = |b: BufferId| {
            let Owner::Output(result) = lowered.buffers[b].owner else { return None };
            let (input, _) = donatable.iter().find(|(_, r)| *r == result)?;
            lowered.buffers.iter().position(|info| info.owner == Owner::Input(*input))
        };
        let layout = memory::layout(&lowered, &groups, &stored, &shared.home, &chains);
        let plan = Plan {
            lowered: &lowered,
            groups: &groups,
            stored: &stored,
            home: &shared.home,
            layout: &layout,
            chains: &chains,
        };
        overwritten::check(&plan, &donatable)?;
        let inner = lowered.programs.iter().map(|p| p.scratch).max().unwrap_or(0);
        let nodes = lowered.nodes.iter().map(|node| node.kind.scratch()).max().unwrap_or(0);
        let mut scratch = nodes.max(inner);
        let mut singles = groups.iter().map(|group| match group.nodes[..] {
            [only] if !lowered.nodes[only].kind.is_fusible() => Step::Node(only),
            _ => {
                let program = tile::compile(&lowered, group, source.isa, &|b| stored[b], &replaces);
                scratch = scratch.max(program.scratch);
                Step::Tiles(program, Vec::new())
            }
        });
        let (mut steps, mut done, mut local_bytes) = (Vec::with_capacity(groups.len()), 0, 0);
        // The groups of each step.
        let mut extents = Vec::with_capacity(groups.len());
        for chain in chains {
            steps.extend(singles.by_ref().take(chain.groups.start - done));
            extents.extend((done..chain.groups.start).map(|at| at..at + 1));
            extents.push(chain.groups.clone());
            let links = singles.by_ref().take(chain.groups.len()).collect();
            (done, local_bytes) = (chain.groups.end, chain.bytes.max(local_bytes));
            steps.push(Step::Chain(chain, links));
        }
        steps.extend(singles);
        extents.extend((done..groups.len()).map(|at| at..at + 1));
        let mut hashed = Vec::new();
        if source.hash_results && !owns_results {
            let plan = hashing::plan(&lowered, &groups, &shared.home, &extents, source.threads);
            hashed = plan.results;
            steps = hashing_steps(steps, plan.completed);
        }
        // Of each thread's stretch, a chain's local buffers take the end.
        let scratch = scratch.next_multiple_of(ALIGN) + local_bytes;
        prepare::check_memory(layout.bytes as u64, source.memory_limit)?;
        let constants = std::mem::take(&mut lowered.constants);
        let bytes =
            constants.iter().map(|c| c.len() as u64).fold(source.constant_bytes.get(), u64::saturating_add);
        source.constant_bytes.set(bytes);
        prepare::check_memory(bytes, source.memory_limit)?;
        let constants = constants.iter().map(|c| Buffer::copy_of(c)).collect::<Result<_, _>>()?;
        let moves = |b: &BufferId| {
            matches!(lowered.buffers[shared.home[*b].root].owner, Owner::Input(_) | Owner::Output(_))
        };
        Ok(Self {
            operations: prepare::operations(&func),
            in_place: shared.in_place,
            donatable,
            moving: (0..lowered.buffers.len()).filter(moves).collect(),
            home: shared.home,
            scratch,
            func,
            lowered,
            steps,
            layout,
            constants,
            hashed,
        })
    }

    /// Bytes of inputs, results and constants, those of loops and branches included.
    pub fn fixed_bytes(&self) -> usize {
        let own = self.lowered.buffers.iter().filter(|b| b.owner != Owner::Temporary).map(|b| b.bytes());
        let inner = self.lowered.programs.iter().map(Self::constant_bytes);
        own.chain(inner).fold(0, usize::saturating_add)
    }

    fn constant_bytes(&self) -> usize {
        let own = self.constants.iter().map(Buffer::len);
        own.chain(self.lowered.programs.iter().map(Self::constant_bytes)).fold(0, usize::saturating_add)
    }

    /// Bytes of temporaries.
    pub fn arena_bytes(&self) -> usize {
        self.layout.bytes
    }

    /// The addresses of all buffers, given those of inputs and results, and the arena's.
    pub fn memory(&self, inputs: &[*mut u8], outputs: &[*mut u8], arena: *mut u8) -> Memory {
        let address = |b: BufferId| self.address(b, inputs, outputs, arena);
        let addresses = (0..self.lowered.buffers.len()).map(address).collect();
        let elements = self.lowered.buffers.iter().map(|b| b.elements).collect();
        Memory { addresses, elements }
    }

    /// Changes the addresses of inputs and results.
    pub fn move_to(&self, memory: &mut Memory, inputs: &[*mut u8], outputs: &[*mut u8]) {
        for b in &self.moving {
            memory.addresses[*b] = self.address(*b, inputs, outputs, std::ptr::null_mut());
        }
    }

    fn address(&self, b: BufferId, inputs: &[*mut u8], outputs: &[*mut u8], arena: *mut u8) -> *mut u8 {
        let Home { root, offset } = self.home[b];
        let start = match self.lowered.buffers[root].owner {
            Owner::Input(i) => inputs[i],
            // Constants are only read.
            Owner::Constant(i) => self.constants[i].bytes().as_ptr().cast_mut(),
            Owner::Output(i) => outputs[i],
            Owner::Temporary => arena.wrapping_add(self.layout.offsets[root].unwrap_or(0)),
        };
        start.wrapping_add(offset)
    }

    /// Evaluates the function, as one thread of a team. False if the run is to end: a thread has died, or the limit
    /// of operations is reached.
    ///
    /// # Safety
    /// `memory` has every buffer of this function, inputs complete; every thread of the team calls this at the same
    /// point of its way.
    pub unsafe fn walk(&self, memory: &Memory, run: &Run<'_>) -> bool {
        // SAFETY: the caller's promise.
        unsafe { self.walk_observed(memory, run, None) }
    }

    /// [`Compiled::walk`], telling the observer about each step.
    ///
    /// # Safety
    /// As [`Compiled::walk`].
    pub unsafe fn walk_observed(&self, memory: &Memory, run: &Run<'_>, after_step: Observer<'_>) -> bool {
        for (at, step) in self.steps.iter().enumerate() {
            // SAFETY: steps come in an order in which operands are complete, the barrier separates them, and within
            // a step ranks write disjoint parts.
            let goes_on = unsafe { self.step(step, memory, run) };
            if let (0, Some(after_step)) = (run.rank.rank, after_step) {
                after_step(at);
            }
            if !goes_on || !run.barrier.wait() {
                return false;
            }
        }
        true
    }

    /// True if there is nothing to do, so that threads pass without meeting.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// One thread's share of a step.
    ///
    /// # Safety
    /// See [`Compiled::walk`].
    unsafe fn step(&self, step: &Step, memory: &Memory, run: &Run<'_>) -> bool {
        // SAFETY: the caller's promise, for each call below.
        unsafe {
            match step {
                Step::Tiles(program, behind) => {
                    let pieces = run.rank.share(program.pieces());
                    let mut behind = run.hashes.behind(behind, pieces.start * program.piece());
                    let mut then = |end| behind.reached(end, memory);
                    tile_run::run(program, run.isa, memory, run.scratch, pieces, &mut then);
                    true
                }
                Step::Node(at) => self.node(*at, memory, run),
                Step::Chain(chain, links) => {
                    self.chain(chain, links, memory, run);
                    true
                }
                Step::Hash(stretches) => {
                    let share = run.rank.share(stretches.len());
                    stretches[share].iter().for_each(|stretch| _ = run.hashes.hash(*stretch, memory));
                    true
                }
            }
        }
    }

    /// One thread's share of a chain's blocks.
    ///
    /// # Safety
    /// See [`Compiled::walk`].
    unsafe fn chain(&self, chain: &Chain, links: &[Step], memory: &Memory, run: &Run<'_>) {
        let mut memory = memory.clone();
        let locals = run.scratch.wrapping_add(self.scratch - chain.bytes);
        for block in run.rank.share(chain.blocks) {
            for local in &chain.locals {
                let first = block * local.elements;
                let bytes = first * self.lowered.buffers[local.buffer].dtype.size();
                memory.addresses[local.buffer] = locals.wrapping_add(local.offset).wrapping_sub(bytes);
                memory.elements[local.buffer] = first + local.elements;
            }
            for link in links {
                // SAFETY: this block of everything that the link reads is complete, and only this thread computes it.
                unsafe {
                    match link {
                        Step::Tiles(program, _) => {
                            let n = program.elements / chain.blocks;
                            let elements = block * n..(block + 1) * n;
                            tile_run::run_elements(program, run.isa, &memory, run.scratch, elements);
                        }
                        Step::Node(at) => {
                            let node = &self.lowered.nodes[*at];
                            if let NodeKind::Dot(dot) = &node.kind {
                                let part = dot::Part::of_block(dot, block);
                                dot::run(dot, run.isa, &memory, node.out, part);
                            }
                        }
                        // Chains consist of groups.
                        Step::Chain(..) | Step::Hash(_) => {}
                    }
                }
            }
        }
    }

    /// What the steps compute, in order, for people who read profiles.
    pub fn descriptions(&self) -> impl Iterator<Item = String> {
        self.steps.iter().map(|step| self.describe(step))
    }

    fn describe(&self, step: &Step) -> String {
        match step {
            Step::Tiles(program, behind) if behind.is_empty() => program.describe(),
            Step::Tiles(program, _) => format!("{}, hashed", program.describe()),
            Step::Node(at) => self.lowered.describe(*at),
            Step::Chain(chain, links) => {
                let links: Vec<String> = links.iter().map(|s| self.describe(s)).collect();
                format!("{} blocks of: {}", chain.blocks, links.join("; "))
            }
            Step::Hash(stretches) => format!("hash {} stretches", stretches.len()),
        }
    }

    unsafe fn node(&self, at: usize, memory: &Memory, run: &Run<'_>) -> bool {
        let node = &self.lowered.nodes[at];
        let (out, isa, rank) = (node.out, run.isa, run.rank);
        let dtype = self.lowered.buffers[out].dtype;
        let size = dtype.size();
        // SAFETY: the caller's promise, for each call below.
        unsafe {
            match &node.kind {
                NodeKind::While(node) => return control::repeat(node, &self.lowered, memory, run),
                NodeKind::Case(node) => return control::branch(node, &self.lowered, memory, run),
                NodeKind::Dot(dot) => dot::run(dot, isa, memory, out, dot::Part::of_rank(dot, rank)),
                NodeKind::ColumnFold { reducer, x, kept, minor, init } => {
                    let fold =
                        ColumnFold { reducer: *reducer, dtype, x, kept: *kept, minor: *minor, init, out };
                    column_fold::run(&fold, isa, memory, run.scratch, rank);
                }
                NodeKind::Concatenate { parts, shape, dim } => {
                    movement::concatenate(memory, parts, size, shape, *dim, out, rank);
                }
                NodeKind::Gather { x, indices, index_type, dims, shape } => {
                    indices::gather(memory, x, (indices, *index_type), dims, size, shape, out, rank);
                }
                NodeKind::Fold(node) => bodies::fold(node, memory, run.scratch, rank),
                NodeKind::FoldWindow(node) => window_body::window(node, memory, run.scratch, rank),
                NodeKind::Sort(node) => sort::sort(node, memory, run.scratch, rank),
                NodeKind::Conv(node) => convolution::run(node, isa, memory, run.scratch, out, rank),
                NodeKind::Grouped(node) => grouped::run(node, isa, memory, run.scratch, out, rank),
                NodeKind::Pool(node) => window::reduce(node, isa, memory, run.scratch, out, rank),
                NodeKind::Select(node) => {
                    select::select_and_scatter(node, isa, memory, run.scratch, out, rank);
                }
                NodeKind::ScatterWith(node) => bodies::scatter(node, memory, rank),
                NodeKind::Pad { x, value, shape, start, step } => {
                    movement::pad(memory, x, value, size, shape, start, step, out, rank);
                }
                NodeKind::Bitcast { x, from } => movement::bitcast(memory, x, *from, size, out, rank),
                NodeKind::DynamicSlice { x, starts, shape } => {
                    movement::dynamic_slice(memory, x, size, starts, shape, out, rank);
                }
                NodeKind::DynamicUpdateSlice { x, update, starts } => {
                    movement::dynamic_update_slice(memory, x, update, size, starts, out, rank);
                }
                NodeKind::Scatter { x, indices, index_type, updates, dims, reducer } => {
                    let indices = (indices, *index_type);
                    scatter::scatter(isa, memory, x, indices, updates, dims, *reducer, dtype, out, rank);
                }
                NodeKind::Map { .. } | NodeKind::RowFold { .. } => {
                    unreachable!("maps and row folds are tile programs")
                }
            }
        }
        true
    }
}
