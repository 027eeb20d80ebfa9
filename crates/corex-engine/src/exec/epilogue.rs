//! Products that end with a sum or a product, element by element: a bias, a scale, the derivative of an activation. Done while
//! a tile is in the nearest cache, they spare a pass over memory.

use corex_hlo::ir::{BinaryOp, DType};
use corex_num::{Epilogue, EpilogueOp, MatRef};

use super::fuse::Group;
use super::kernel::MapOp;
use super::memory::Memory;
use super::node::{Lowered, NodeKind, Owner};
use super::view::{BufferId, View};

/// What follows each element of a product.
#[derive(Debug)]
pub(super) struct DotEpilogue {
    pub op: EpilogueOp,
    pub operand: View,
    pub reads: Reads,
}

impl DotEpilogue {
    /// For the part of a product that begins at element `result` of its buffer, with a column; rows are `row_stride` apart.
    ///
    /// # Safety
    /// The operand must be in memory.
    pub unsafe fn from<'a>(
        &self,
        memory: &'a Memory,
        result: usize,
        column: usize,
        row_stride: usize,
    ) -> Epilogue<'a> {
        let (start, row_stride, col_stride) = match self.reads {
            Reads::Same => (result, row_stride, 1),
            Reads::Column => (column, 0, 1),
            Reads::First => (0, 0, 0),
        };
        // SAFETY: the caller's promise.
        let data = unsafe { memory.f32_from(self.operand.buffer, self.operand.offset + start) };
        Epilogue { op: self.op, operand: MatRef::new(data, row_stride, col_stride) }
    }
}

/// Which element of the operand's buffer, from the view's offset on, is for a product's element (i, j).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reads {
    /// The one at the same place as in the result.
    Same,
    /// That of the column.
    Column,
    /// The first.
    First,
}

/// Makes maps that are groups of their own part of the products that they read. Groups stay in an order in which every one
/// finds its operands complete.
pub(super) fn attach(lowered: &mut Lowered, groups: &mut Vec<Group>) {
    let mut made_by = vec![None; lowered.buffers.len()];
    let mut readers = vec![0; lowered.buffers.len()];
    for (at, group) in groups.iter().enumerate() {
        for node in group.nodes.iter().map(|n| &lowered.nodes[*n]) {
            node.outs().for_each(|b| made_by[b] = Some(at));
            node.kind.views().iter().for_each(|v| readers[v.buffer] += 1);
        }
    }
    for at in 0..groups.len() {
        let [map] = groups[at].nodes[..] else { continue };
        let found = operands(lowered, map).into_iter().find_map(|(product, operand)| {
            let before = made_by[product].filter(|_| readers[product] == 1)?;
            let [dot] = groups[before].nodes[..] else { return None };
            Some((before, dot, epilogue(lowered, dot, map, operand)?))
        });
        let Some((before, dot_at, epilogue)) = found else { continue };
        // The product moves if its epilogue needs what is computed after it.
        let is_ready = made_by[epilogue.operand.buffer].is_none_or(|made| made < before);
        let home = if is_ready { before } else { at };
        let (product, out) = (lowered.nodes[dot_at].out, lowered.nodes[map].out);
        (lowered.nodes[dot_at].out, lowered.nodes[map].out) = (out, product);
        made_by[out] = Some(home);
        if let NodeKind::Dot(dot) = &mut lowered.nodes[dot_at].kind {
            dot.epilogue = Some(epilogue);
        }
        groups[before].nodes.clear();
        groups[at].nodes.clear();
        groups[home] = Group { nodes: vec![dot_at], elements: 0, cols: None };
    }
    groups.retain(|group| !group.nodes.is_empty());
}

/// The ways to see a map as a product's epilogue: the product's buffer and the other operand.
fn operands(lowered: &Lowered, map: usize) -> Vec<(BufferId, View)> {
    let NodeKind::Map { op: MapOp::Binary(_), args, .. } = &lowered.nodes[map].kind else {
        return Vec::new();
    };
    let elements = lowered.buffers[lowered.nodes[map].out].elements;
    let is_whole = |v: &View| v.is_dense() && lowered.buffers[v.buffer].elements == elements;
    match &args[..] {
        [x, y] if x.buffer != y.buffer => {
            let ways = [(x, y), (y, x)].into_iter().filter(|(product, _)| is_whole(product));
            ways.map(|(product, operand)| (product.buffer, operand.clone())).collect()
        }
        _ => Vec::new(),
    }
}

/// The map as an epilogue of the product, if it can be one.
fn epilogue(lowered: &Lowered, dot: usize, map: usize, operand: View) -> Option<DotEpilogue> {
    let (NodeKind::Dot(dot), product) = (&lowered.nodes[dot].kind, lowered.nodes[dot].out) else {
        return None;
    };
    let NodeKind::Map { op, from: DType::F32, .. } = &lowered.nodes[map].kind else { return None };
    let op = match op {
        MapOp::Binary(BinaryOp::Add) => EpilogueOp::Add,
        MapOp::Binary(BinaryOp::Multiply) => EpilogueOp::Multiply,
        _ => return None,
    };
    let is_free = lowered.buffers[product].owner == Owner::Temporary && dot.seen.is_none();
    if !is_free || dot.epilogue.is_some() {
        return None;
    }
    let reads = match operand.collapsed()[..] {
        [] | [(_, 0)] => Reads::First,
        // Whatever the order of its dimensions, the columns of a result are innermost.
        [(_, 0), (period, 1)] if period == dot.n => Reads::Column,
        // A result could take the place of an operand that is given away, which only passes over tiles can do.
        [(_, 1)] if lowered.buffers[lowered.nodes[map].out].owner == Owner::Temporary => Reads::Same,
        _ => return None,
    };
    Some(DotEpilogue { op, operand, reads })
}
