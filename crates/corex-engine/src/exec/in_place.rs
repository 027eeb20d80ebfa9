//! Results that take over an operand's bytes: an update of a few places need not copy the rest.
//!
//! A node that changes its operand in some places only ([`super::node::Node::updates`]) may write into the operand
//! itself if nothing reads that afterwards. In the body of a loop the operand may be a parameter that the loop
//! donates, so that `lax.scan` fills its stacked results without copying them on every iteration.

use super::fuse::Group;
use super::node::{Lowered, Owner};
use super::view::BufferId;

/// Which buffers share their bytes.
pub(super) struct InPlace {
    /// The buffer whose bytes each buffer has.
    pub root: Vec<BufferId>,
    /// Per result, whether it has the bytes of the parameter donated for it.
    pub in_place: Vec<bool>,
}

/// Decides for groups in their final order. `donated` are pairs of a parameter and the result it may become.
pub(super) fn find(lowered: &Lowered, groups: &[Group], donated: &[(usize, usize)]) -> InPlace {
    let mut shared =
        InPlace { root: (0..lowered.buffers.len()).collect(), in_place: vec![false; lowered.results.len()] };
    let updates = updates(lowered, groups);
    let successor = |b: BufferId| updates.iter().find(|(from, _)| *from == b).map(|(_, to)| *to);
    if updates.is_empty() {
        return shared;
    }
    for (param, result) in donated {
        let owner_is = |owner: Owner| move |b: &BufferId| lowered.buffers[*b].owner == owner;
        let Some(start) = (0..lowered.buffers.len()).find(owner_is(Owner::Input(*param))) else { continue };
        let chain: Vec<BufferId> = std::iter::successors(successor(start), |b| successor(*b)).collect();
        if chain.last().is_some_and(owner_is(Owner::Output(*result))) {
            chain.iter().for_each(|b| shared.root[*b] = start);
            shared.in_place[*result] = true;
        }
    }
    // Backwards: what a buffer becomes is settled before the buffer itself.
    for (from, to) in updates.iter().rev() {
        let settled = shared.root[*from] != *from;
        if lowered.buffers[*from].owner == Owner::Temporary && !settled {
            shared.root[*from] = shared.root[*to];
        }
    }
    shared
}

/// Pairs of an operand and a result that may share bytes, in the order of the groups.
fn updates(lowered: &Lowered, groups: &[Group]) -> Vec<(BufferId, BufferId)> {
    let candidates = groups.iter().enumerate().flat_map(|(at, group)| {
        let nodes = group.nodes.iter().map(|n| &lowered.nodes[*n]);
        nodes.flat_map(|n| n.updates()).map(move |(view, out)| (at, view, out))
    });
    let candidates: Vec<_> = candidates.collect();
    if candidates.is_empty() {
        return Vec::new();
    }
    // How often a buffer is read, and by which group last; results are read after the last group.
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
    let fits = |(at, view, out): &&(usize, &super::view::View, BufferId)| {
        let (from, to) = (&lowered.buffers[view.buffer], &lowered.buffers[*out]);
        let is_whole = view.is_dense() && view.elements() == from.elements;
        is_whole && from.dtype == to.dtype && from.elements == to.elements && last[view.buffer] == (*at, 1)
    };
    candidates.iter().filter(fits).map(|(_, view, out)| (view.buffer, *out)).collect()
}
