//! Buffers that share bytes, so that nothing is copied from one to the other.
//!
//! A node that changes its operand in some places only ([`super::node::Node::updates`]) may write into the operand
//! itself if nothing reads that afterwards. In the body of a loop the operand may be a parameter that the loop
//! donates, so that `lax.scan` fills its stacked results without copying them on every iteration.
//!
//! What is only made to be a part of a concatenation is made where that part lies: the gradient of a whole model is
//! one concatenation, larger than everything else that a step computes.

use super::fuse::Group;
use super::node::{Lowered, NodeKind, Owner};
use super::view::{BufferId, View};

/// Where a buffer's bytes are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Home {
    /// The buffer that has them; itself, mostly.
    pub root: BufferId,
    /// The position of the first one in it.
    pub offset: usize,
}

/// Which buffers share their bytes.
pub(super) struct InPlace {
    /// Per buffer; the home of a root is itself.
    pub home: Vec<Home>,
    /// Per result, whether it has the bytes of the parameter donated for it.
    pub in_place: Vec<bool>,
}

/// Decides for groups in their final order. `donated` are pairs of a parameter and the result it may become.
pub(super) fn find(lowered: &Lowered, groups: &[Group], donated: &[(usize, usize)]) -> InPlace {
    let home = (0..lowered.buffers.len()).map(|root| Home { root, offset: 0 }).collect();
    let mut shared = InPlace { home, in_place: vec![false; lowered.results.len()] };
    let last = last_reads(lowered, groups);
    let updates = updates(lowered, groups, &last);
    let successor = |b: BufferId| updates.iter().find(|(_, from, _)| *from == b).map(|(.., to)| *to);
    for (param, result) in donated {
        let owner_is = |owner: Owner| move |b: &BufferId| lowered.buffers[*b].owner == owner;
        let Some(start) = (0..lowered.buffers.len()).find(owner_is(Owner::Input(*param))) else { continue };
        let chain: Vec<BufferId> = std::iter::successors(successor(start), |b| successor(*b)).collect();
        if chain.last().is_some_and(owner_is(Owner::Output(*result))) {
            chain.iter().for_each(|b| shared.home[*b] = Home { root: start, offset: 0 });
            shared.in_place[*result] = true;
        }
    }
    // Backwards: what a buffer becomes is settled before the buffer itself.
    let is_free = |shared: &InPlace, b: BufferId| {
        lowered.buffers[b].owner == Owner::Temporary && shared.home[b] == Home { root: b, offset: 0 }
    };
    let mut updates = updates.iter().rev().peekable();
    // Groups that write again what was complete, and the root whose bytes they write.
    let mut written: Vec<(usize, BufferId)> = Vec::new();
    for (at, group) in groups.iter().enumerate().rev() {
        while let Some((_, from, to)) = updates.next_if(|(group, ..)| *group == at) {
            if is_free(&shared, *from) {
                shared.home[*from] = shared.home[*to];
                written.push((at, shared.home[*to].root));
            }
        }
        for node in group.nodes.iter().map(|n| &lowered.nodes[*n]) {
            let NodeKind::Concatenate { parts, shape, dim } = &node.kind else { continue };
            // Parts one behind the other, not side by side.
            if shape[..*dim].iter().any(|size| *size != 1) {
                continue;
            }
            let whole = shared.home[node.out];
            let end =
                written.iter().rev().find(|(_, root)| *root == whole.root).map_or(usize::MAX, |(at, _)| *at);
            let mut offset = whole.offset;
            for part in parts {
                let info = &lowered.buffers[part.buffer];
                let is_whole = part.is_dense() && part.elements() == info.elements;
                // Nothing may read the part once the whole is written again.
                let stays = last[part.buffer].0 < end;
                if is_whole && stays && is_free(&shared, part.buffer) && part.buffer != whole.root {
                    shared.home[part.buffer] = Home { root: whole.root, offset };
                }
                offset += part.elements() * info.dtype.size();
            }
        }
    }
    shared
}

/// Pairs of an input and a result that may be one buffer, if the caller gives the input away: the group that computes the
/// result reads the input element by element, where it writes, and nothing reads it later. `is_alone` tells whether a
/// group is a step of its own.
pub(super) fn donatable(
    lowered: &Lowered,
    groups: &[Group],
    home: &[Home],
    is_alone: impl Fn(usize) -> bool,
) -> Vec<(usize, usize)> {
    let last = last_reads(lowered, groups);
    let is_own = |b: BufferId| {
        home[b] == Home { root: b, offset: 0 }
            && !home.iter().enumerate().any(|(other, h)| other != b && h.root == b)
    };
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (at, group) in groups.iter().enumerate().filter(|(at, _)| is_alone(*at)) {
        let nodes = || group.nodes.iter().map(|n| &lowered.nodes[*n]);
        if nodes().any(|node| !node.kind.is_fusible()) {
            continue;
        }
        for out in nodes().map(|node| node.out).filter(|b| lowered.buffers[*b].elements == group.elements) {
            let Owner::Output(result) = lowered.buffers[out].owner else { continue };
            let fits = |b: &BufferId| {
                let (from, to) = (&lowered.buffers[*b], &lowered.buffers[out]);
                from.dtype == to.dtype
                    && from.elements == to.elements
                    && matches!(last[*b], (reader, 1..) if reader == at)
                    && is_own(*b)
                    && is_own(out)
                    && nodes().flat_map(|n| n.kind.views()).all(|v| v.buffer != *b || v.is_dense())
            };
            let free = |b: &BufferId| match lowered.buffers[*b].owner {
                Owner::Input(i) if pairs.iter().all(|(taken, _)| *taken != i) => Some((i, result)),
                _ => None,
            };
            // Best the one that was read last before the result: then nothing waits for the others ([`super::replace`]).
            let last_read =
                |b: &BufferId| nodes().rposition(|n| n.kind.views().iter().any(|v| v.buffer == *b));
            let own = nodes().position(|n| n.out == out);
            let rank = |b: &BufferId| last_read(b).filter(|at| Some(*at) <= own);
            let fitting = (0..lowered.buffers.len()).filter(|b| fits(b) && free(b).is_some());
            // The first of equals.
            pairs.extend(fitting.rev().max_by_key(rank).and_then(|b| free(&b)));
        }
    }
    pairs
}

/// Groups that update, each with an operand and the result that may share its bytes, in order.
fn updates(lowered: &Lowered, groups: &[Group], last: &[(usize, usize)]) -> Vec<(usize, BufferId, BufferId)> {
    let candidates = groups.iter().enumerate().flat_map(|(at, group)| {
        let nodes = group.nodes.iter().map(|n| &lowered.nodes[*n]);
        nodes.flat_map(|n| n.updates()).map(move |(view, out)| (at, view, out))
    });
    let fits = |(at, view, out): &(usize, &View, BufferId)| {
        let (from, to) = (&lowered.buffers[view.buffer], &lowered.buffers[*out]);
        let is_whole = view.is_dense() && view.elements() == from.elements;
        is_whole && from.dtype == to.dtype && from.elements == to.elements && last[view.buffer] == (*at, 1)
    };
    candidates.filter(fits).map(|(at, view, out)| (at, view.buffer, out)).collect()
}

/// Per buffer the group that reads it last, and how often that one does. Results are read after the last group.
fn last_reads(lowered: &Lowered, groups: &[Group]) -> Vec<(usize, usize)> {
    let mut last = vec![(0, 0); lowered.buffers.len()];
    for (at, group) in groups.iter().enumerate() {
        for view in group.nodes.iter().flat_map(|n| lowered.nodes[*n].kind.views()) {
            let (group, count) = &mut last[view.buffer];
            *count = if *group == at { *count + 1 } else { 1 };
            *group = at;
        }
    }
    for (_, b) in &lowered.results {
        last[*b] = (groups.len(), 1);
    }
    last
}
