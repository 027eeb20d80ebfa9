//! Loops and branches: nodes that run other compiled functions, on the same team of threads.
//!
//! The carried values of a loop live in the parent's buffers. One that the body passes on unchanged is only read.
//! One that the body updates in place has a single buffer. Any other has two, and the body reads one while it
//! writes the other.

use corex_hlo::ir::{DType, Op};

use super::compiled::Compiled;
use super::kernel::read_word;
use super::lower::Lowering;
use super::memory::Memory;
use super::movement;
use super::node::{Lowered, Node, NodeKind, Owner};
use super::run::Run;
use super::view::{BufferId, View};
use crate::buffer::ALIGN;
use crate::error::EngineError;
use crate::{prepare, reference};

/// `while`.
pub(super) struct LoopNode {
    /// Positions in [`Lowered::programs`].
    cond: usize,
    body: usize,
    /// The first values of what is carried and, behind them, what is only read: parameters of both functions.
    args: Vec<View>,
    /// Carried values that the body computes, in the order of its results.
    slots: Vec<Slot>,
    /// One i1: what the condition returns.
    test: BufferId,
    /// Room for the functions' temporaries.
    workspace: BufferId,
}

/// A carried value.
struct Slot {
    /// Position among the parameters.
    param: usize,
    /// The loop's result.
    out: BufferId,
    /// The second buffer, unless the body works in place.
    spare: Option<BufferId>,
    bytes: usize,
}

/// `case`.
pub(super) struct CaseNode {
    index: View,
    /// Parameters of every branch.
    args: Vec<View>,
    /// Positions in [`Lowered::programs`].
    branches: Vec<usize>,
    outs: Vec<BufferId>,
    workspace: BufferId,
}

impl LoopNode {
    pub fn views(&self) -> Vec<&View> {
        self.args.iter().collect()
    }

    /// See [`Node::updates`].
    pub fn updates(&self) -> Vec<(&View, BufferId)> {
        let in_place = self.slots.iter().filter(|slot| slot.spare.is_none());
        in_place.map(|slot| (&self.args[slot.param], slot.out)).collect()
    }
}

impl CaseNode {
    pub fn views(&self) -> Vec<&View> {
        self.args.iter().chain([&self.index]).collect()
    }
}

impl Lowering<'_> {
    fn program(&mut self, program: Compiled) -> usize {
        self.out.programs.push(program);
        self.out.programs.len() - 1
    }

    /// A buffer for the temporaries of these functions, which do not run at the same time.
    fn workspace(&mut self, programs: &[usize]) -> BufferId {
        let bytes = programs.iter().map(|p| self.out.programs[*p].arena_bytes()).max().unwrap_or(0);
        self.buffer(DType::U8, bytes, Owner::Temporary)
    }

    pub(super) fn while_loop(&mut self, op: &Op, cond: &str, body: &str) -> Result<Vec<View>, EngineError> {
        let source = self.source;
        let mut body = (*source.funcs.get(body)?).clone();
        let carried = op.results.len();
        let is_computed: Vec<bool> = (0..carried).map(|i| body.results[i] != body.params[i]).collect();
        let computed: Vec<usize> = (0..carried).filter(|i| is_computed[*i]).collect();
        body.results = computed.iter().map(|i| body.results[*i]).collect();
        let body = corex_hlo::remove_dead(&body);
        let donated: Vec<(usize, usize)> = computed.iter().copied().zip(0..).collect();
        let body = Compiled::inner(source, body, &donated)?;
        let cond = Compiled::inner(source, (*source.funcs.get(cond)?).clone(), &[])?;
        let in_place = body.in_place.clone();
        let (cond, body) = (self.program(cond), self.program(body));
        let mut args: Vec<View> = op.operands.iter().map(|v| self.view(v.index())).collect();
        let mut slots = Vec::new();
        for (result, param) in computed.iter().copied().enumerate() {
            let (dtype, elements) = (self.out.buffers[args[param].buffer].dtype, args[param].elements());
            let out = self.buffer(dtype, elements, Owner::Temporary);
            let spare = (!in_place[result]).then(|| self.buffer(dtype, elements, Owner::Temporary));
            slots.push(Slot { param, out, spare, bytes: elements * dtype.size() });
        }
        // A value updated in place is copied into its buffer from wherever it is; others are read where they are.
        for (i, arg) in args.iter_mut().enumerate() {
            if !slots.iter().any(|slot| slot.param == i && slot.spare.is_none()) {
                *arg = self.whole(arg.clone());
            }
        }
        let results = (0..carried)
            .map(|i| match slots.iter().find(|slot| slot.param == i) {
                Some(slot) => View::dense(slot.out, &args[i].shape),
                None => args[i].clone(),
            })
            .collect();
        let test = self.buffer(DType::I1, 1, Owner::Temporary);
        let workspace = self.workspace(&[cond, body]);
        let more = slots.iter().flat_map(|slot| [slot.out].into_iter().chain(slot.spare)).chain([workspace]);
        let more = more.collect();
        let node = LoopNode { cond, body, args, slots, test, workspace };
        self.out.nodes.push(Node { out: test, more, kind: NodeKind::While(node) });
        Ok(results)
    }

    pub(super) fn case(&mut self, op: &Op, branches: &[String]) -> Result<Vec<View>, EngineError> {
        let source = self.source;
        let mut programs = Vec::with_capacity(branches.len());
        for name in branches {
            let program = Compiled::inner(source, (*source.funcs.get(name)?).clone(), &[])?;
            programs.push(self.program(program));
        }
        let index = self.view(op.operands[0].index());
        let args = op.operands[1..].iter().map(|v| self.view(v.index())).collect::<Vec<_>>();
        let args: Vec<View> = args.into_iter().map(|view| self.whole(view)).collect();
        let func = self.func;
        let results: Vec<View> = op
            .results
            .iter()
            .map(|v| {
                let ty = func.ty(*v);
                View::dense(self.buffer(ty.dtype, ty.elements(), Owner::Temporary), &ty.shape)
            })
            .collect();
        let outs: Vec<BufferId> = results.iter().map(|view| view.buffer).collect();
        let workspace = self.workspace(&programs);
        let node = CaseNode { index, args, branches: programs, outs: outs.clone(), workspace };
        self.out.nodes.push(Node { out: workspace, more: outs, kind: NodeKind::Case(node) });
        Ok(results)
    }
}

/// Addresses of buffers.
fn addresses(memory: &Memory, buffers: impl Iterator<Item = BufferId>) -> Vec<*mut u8> {
    buffers.map(|b| memory.addresses[b]).collect()
}

/// Runs a loop to its end, as one thread of the team; false if the run is to end.
///
/// # Safety
/// As [`Compiled::walk`], for the function that the loop is part of.
pub(super) unsafe fn repeat(node: &LoopNode, lowered: &Lowered, memory: &Memory, run: &Run<'_>) -> bool {
    let (cond, body) = (&lowered.programs[node.cond], &lowered.programs[node.body]);
    let mut inputs = addresses(memory, node.args.iter().map(|v| v.buffer));
    for slot in node.slots.iter().filter(|slot| slot.spare.is_none()) {
        let (view, size) = (&node.args[slot.param], lowered.buffers[slot.out].dtype.size());
        // SAFETY: the buffer is this node's result, of the value's shape.
        unsafe { movement::initialise(memory, view, size, slot.out, run.rank) }
        inputs[slot.param] = memory.addresses[slot.out];
    }
    if !run.barrier.wait() {
        return false;
    }
    let mut outputs = addresses(memory, node.slots.iter().map(|slot| slot.out));
    let test = memory.addresses[node.test];
    let arena = memory.addresses[node.workspace];
    let mut cond_memory = cond.memory(&inputs, &[test], arena);
    let mut body_memory = body.memory(&inputs, &outputs, arena);
    loop {
        cond.move_to(&mut cond_memory, &inputs, &[test]);
        // SAFETY: the condition computes its result, so it has a step, behind which the result is complete on all
        // threads. Nobody writes it before all have passed the body, or the barrier here.
        let goes_on = unsafe {
            if !run.count(cond) || !cond.walk(&cond_memory, run) {
                return false;
            }
            read_word(DType::I1, test, 0) == 1
        };
        if !goes_on {
            break;
        }
        body.move_to(&mut body_memory, &inputs, &outputs);
        // SAFETY: inputs are complete, outputs are this node's buffers that no input is in, unless in place.
        let walked = unsafe { run.count(body) && body.walk(&body_memory, run) };
        if !walked || (body.is_empty() && !run.barrier.wait()) {
            return false;
        }
        for (slot, output) in node.slots.iter().zip(&mut outputs) {
            inputs[slot.param] = *output;
            if let Some(spare) = slot.spare {
                let (out, spare) = (memory.addresses[slot.out], memory.addresses[spare]);
                *output = if *output == out { spare } else { out };
            }
        }
    }
    for slot in &node.slots {
        let (from, to) = (inputs[slot.param].cast_const(), memory.addresses[slot.out]);
        if from != to.cast_const() {
            let share = run.rank.share_of(slot.bytes, ALIGN);
            // SAFETY: both hold the value; no thread writes the first any more, nor this share of the other.
            unsafe { std::ptr::copy_nonoverlapping(from.add(share.start), to.add(share.start), share.len()) }
        }
    }
    true
}

/// Runs the branch that is called for, as one thread of the team; false if the run is to end.
///
/// # Safety
/// As [`repeat`].
pub(super) unsafe fn branch(node: &CaseNode, lowered: &Lowered, memory: &Memory, run: &Run<'_>) -> bool {
    // SAFETY: the index is an i32 scalar, complete; results are this node's buffers.
    unsafe {
        let word = read_word(DType::I32, memory.at(node.index.buffer, node.index.offset, 4), 0);
        let at = prepare::branch(reference::decode_int(DType::I32, word), node.branches.len());
        let branch = &lowered.programs[node.branches[at]];
        let inputs = addresses(memory, node.args.iter().map(|v| v.buffer));
        let outputs = addresses(memory, node.outs.iter().copied());
        let memory = branch.memory(&inputs, &outputs, memory.addresses[node.workspace]);
        run.count(branch) && branch.walk(&memory, run)
    }
}
