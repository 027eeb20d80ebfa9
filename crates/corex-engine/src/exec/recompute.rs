//! Recomputation: a cheap elementwise value that a later group needs is computed again there, instead of being
//! written to memory and read back. A training step is full of these: what the backward pass needs of the forward
//! pass is often one addition away from something that is in memory anyway.
//!
//! Runs after groups are ordered. A group only gains reads of buffers that are complete before the group whose
//! value it recomputes, so the order stays valid.

use std::collections::HashMap;

use corex_hlo::ir::{BinaryOp, DType, UnaryOp};

use super::fuse::Group;
use super::kernel::MapOp;
use super::memory;
use super::node::{BufferInfo, Lowered, Node, NodeKind, Owner};
use super::view::{BufferId, View};

/// Nodes recomputed for one value, at most.
const MOST_NODES: usize = 4;
/// Whole operands that a group may have to read instead of the value, at most.
const MOST_NEW_READS: usize = 1;
/// Below this, the value costs nothing either way.
const LEAST_ELEMENTS: usize = 64;

/// Replaces stores of cheap values by recomputation.
pub(super) fn recompute(lowered: &mut Lowered, groups: &mut [Group]) {
    let mut stored = memory::stored(lowered, groups);
    let producer: HashMap<BufferId, usize> =
        lowered.nodes.iter().enumerate().map(|(i, n)| (n.out, i)).collect();
    let mut readers: HashMap<BufferId, Vec<usize>> = HashMap::new();
    let mut home: HashMap<BufferId, usize> = HashMap::new();
    for (at, group) in groups.iter().enumerate() {
        for node in group.nodes.iter().map(|n| &lowered.nodes[*n]) {
            home.extend(node.outs().map(|b| (b, at)));
            for view in node.kind.views() {
                let list = readers.entry(view.buffer).or_default();
                if list.last() != Some(&at) {
                    list.push(at);
                }
            }
        }
    }
    // What a group has already recomputed.
    let mut copies: HashMap<(usize, BufferId), BufferId> = HashMap::new();
    for value in 0..producer.len() {
        let value = lowered.nodes[value].out;
        let info = &lowered.buffers[value];
        if !stored[value] || info.owner != Owner::Temporary || info.elements < LEAST_ELEMENTS {
            continue;
        }
        let (elements, own) = (info.elements, home.get(&value).copied());
        let elsewhere: Vec<usize> =
            readers.get(&value).into_iter().flatten().copied().filter(|g| Some(*g) != own).collect();
        let Some(recipe) = recipe(lowered, &producer, &stored, value) else { continue };
        let worthwhile = |g: &usize| {
            let group = &groups[*g];
            let reads = |b: BufferId| {
                group.nodes.iter().any(|n| lowered.nodes[*n].kind.views().iter().any(|v| v.buffer == b))
            };
            group.elements == elements
                && group.nodes.iter().all(|n| {
                    let kind = &lowered.nodes[*n].kind;
                    kind.is_fusible() && kind.views().iter().all(|v| v.buffer != value || v.is_dense())
                })
                && recipe.leaves.iter().filter(|b| !reads(**b)).count() <= MOST_NEW_READS
        };
        if !elsewhere.iter().all(worthwhile) {
            continue;
        }
        for g in elsewhere {
            let mut added = Vec::new();
            for at in &recipe.nodes {
                let out = lowered.nodes[*at].out;
                if let std::collections::hash_map::Entry::Vacant(entry) = copies.entry((g, out)) {
                    let info = &lowered.buffers[out];
                    let copy = BufferInfo { dtype: info.dtype, elements, owner: Owner::Temporary };
                    lowered.buffers.push(copy);
                    stored.push(false);
                    entry.insert(lowered.buffers.len() - 1);
                    added.push(*at);
                }
            }
            let replace = |views: &mut [View]| {
                for view in views {
                    if let Some(copy) = copies.get(&(g, view.buffer)) {
                        view.buffer = *copy;
                    }
                }
            };
            let mut first = Vec::new();
            for at in added {
                let NodeKind::Map { op, from, args } = &lowered.nodes[at].kind else { continue };
                let (op, from, mut args) = (*op, *from, args.clone());
                replace(&mut args);
                let out = copies[&(g, lowered.nodes[at].out)];
                lowered.nodes.push(Node { out, more: Vec::new(), kind: NodeKind::Map { op, from, args } });
                first.push(lowered.nodes.len() - 1);
            }
            for at in &groups[g].nodes {
                match &mut lowered.nodes[*at].kind {
                    NodeKind::Map { args, .. } => replace(args),
                    NodeKind::RowFold { x, .. } => replace(std::slice::from_mut(x)),
                    _ => {}
                }
            }
            // Copies come first, after the copies that they read.
            let earlier = groups[g].nodes.iter().take_while(|n| **n >= producer.len()).count();
            groups[g].nodes.splice(earlier..earlier, first);
        }
        stored[value] = false;
    }
}

/// Removes nodes whose values nobody reads, such as those that are now computed elsewhere. `stored` tells which values
/// other groups read.
pub(super) fn drop_unread(lowered: &Lowered, groups: &mut [Group], stored: &[bool]) {
    let mut read = stored.to_vec();
    for group in groups.iter_mut() {
        group.nodes.reverse();
        group.nodes.retain(|n| {
            let node = &lowered.nodes[*n];
            let is_read = read[node.out] || !node.kind.is_fusible();
            if is_read {
                node.kind.views().iter().for_each(|v| read[v.buffer] = true);
            }
            is_read
        });
        group.nodes.reverse();
    }
}

/// How to compute a value from memory.
struct Recipe {
    /// Nodes in order; the last computes the value.
    nodes: Vec<usize>,
    /// Whole buffers read.
    leaves: Vec<BufferId>,
}

fn recipe(
    lowered: &Lowered,
    producer: &HashMap<BufferId, usize>,
    stored: &[bool],
    value: BufferId,
) -> Option<Recipe> {
    let mut recipe = Recipe { nodes: Vec::new(), leaves: Vec::new() };
    extend(lowered, producer, stored, value, &mut recipe)?;
    Some(recipe)
}

/// Adds the node that computes `value`, and first those of operands that are not in memory.
fn extend(
    lowered: &Lowered,
    producer: &HashMap<BufferId, usize>,
    stored: &[bool],
    value: BufferId,
    recipe: &mut Recipe,
) -> Option<()> {
    let at = *producer.get(&value)?;
    if recipe.nodes.contains(&at) {
        return Some(());
    }
    let node = &lowered.nodes[at];
    let NodeKind::Map { op, from, args } = &node.kind else { return None };
    if !is_cheap(*op, *from, lowered.buffers[value].dtype) || recipe.nodes.len() >= MOST_NODES {
        return None;
    }
    let elements = lowered.buffers[value].elements;
    for view in args {
        if stored[view.buffer] {
            let is_whole =
                view.elements() == lowered.buffers[view.buffer].elements && elements == view.elements();
            if is_whole && !recipe.leaves.contains(&view.buffer) {
                recipe.leaves.push(view.buffer);
            }
        } else if view.is_dense() && lowered.buffers[view.buffer].elements == elements {
            extend(lowered, producer, stored, view.buffer, recipe)?;
        } else {
            return None;
        }
    }
    (recipe.nodes.len() < MOST_NODES).then(|| recipe.nodes.push(at))
}

/// Costs less than writing and reading a value.
fn is_cheap(op: MapOp, from: DType, to: DType) -> bool {
    match op {
        MapOp::Binary(op) => {
            let simple = matches!(
                op,
                BinaryOp::Add
                    | BinaryOp::Subtract
                    | BinaryOp::Multiply
                    | BinaryOp::And
                    | BinaryOp::Or
                    | BinaryOp::Xor
            );
            simple && matches!(from, DType::F32 | DType::U32 | DType::I32 | DType::I1)
        }
        MapOp::Unary(op) => from == DType::F32 && matches!(op, UnaryOp::Negate | UnaryOp::Abs),
        MapOp::Compare(_) => matches!(from, DType::F32 | DType::U32 | DType::I32),
        MapOp::Select => true,
        MapOp::Convert => to == DType::F32 && matches!(from, DType::I1 | DType::U8 | DType::U32 | DType::I32),
        MapOp::CompareTotal(_)
        | MapOp::ReducePrecision { .. }
        | MapOp::Clamp
        | MapOp::Copy
        | MapOp::Iota { .. } => false,
    }
}
