//! The last check of a plan: nothing is read once something else was written over it.
//!
//! Where buffers lie is decided by several passes, each with reasons of its own: liveness in the arena, updates in place, parts made
//! where their whole lies, inputs given away. Here the bytes are followed from step to step, whatever the reasons were. A plan that
//! fails is refused: wrong results would be worse, and whoever returns them is slashed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::chain::Chain;
use super::fuse::Group;
use super::in_place::Home;
use super::memory::Layout;
use super::node::{BufferInfo, DotNode, Lowered, Node, NodeKind, Owner};
use super::view::{BufferId, View};
use crate::error::EngineError;

/// What decides where everything is and when it is read.
pub(super) struct Plan<'a> {
    pub lowered: &'a Lowered,
    pub groups: &'a [Group],
    pub stored: &'a [bool],
    pub home: &'a [Home],
    pub layout: &'a Layout,
    pub chains: &'a [Chain],
}

/// Memory that overlaps no other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Region {
    Arena,
    Input(usize),
    Output(usize),
}

/// The bytes of a buffer.
#[derive(Clone, Debug)]
struct Extent {
    region: Region,
    bytes: Range<usize>,
    /// The root of its home, if only columns of it are the buffer's: others of the same root may lie between them.
    columns_of: Option<BufferId>,
}

/// Follows the bytes of a run whose inputs are kept, and of one that gives away those that results may replace: pairs of an
/// input and a result.
///
/// # Errors
/// [`EngineError::Plan`] if something is read that was overwritten, or written twice at once.
pub(super) fn check(plan: &Plan<'_>, donatable: &[(usize, usize)]) -> Result<(), EngineError> {
    let runs: &[&[(usize, usize)]] = if donatable.is_empty() { &[&[]] } else { &[&[], donatable] };
    runs.iter().try_for_each(|donated| plan.follow(donated)).map_err(EngineError::Plan)
}

impl Plan<'_> {
    fn follow(&self, donated: &[(usize, usize)]) -> Result<(), String> {
        let lowered = self.lowered;
        let extents = self.extents(donated);
        let mut bytes = Bytes::default();
        // When a buffer was complete: inputs before the first step.
        let mut complete: Vec<Option<usize>> = vec![None; lowered.buffers.len()];
        for (b, extent) in extents.iter().enumerate() {
            if let (Owner::Input(_), Some(extent)) = (lowered.buffers[b].owner, extent) {
                bytes.write(extent.region, extent.bytes.clone(), 0);
                complete[b] = Some(0);
            }
        }
        let is_intact = |b: BufferId, complete: &[Option<usize>], bytes: &Bytes| {
            let Some(extent) = &extents[b] else { return true };
            // Columns of a whole that are written later do not touch those that are complete.
            let since = complete[b].and(extent.columns_of.map_or(complete[b], |root| complete[root]));
            since.is_some_and(|since| bytes.latest(extent) <= Some(since))
        };
        for (at, step) in (1..).zip(self.steps()) {
            let nodes: Vec<&Node> =
                self.groups[step].iter().flat_map(|g| &g.nodes).map(|n| &lowered.nodes[*n]).collect();
            let with_bytes = |b: &BufferId| extents[*b].is_some();
            let own: BTreeSet<BufferId> = nodes.iter().flat_map(|n| n.outs()).collect();
            let views = nodes.iter().flat_map(|n| n.kind.views()).map(|view| view.buffer);
            let read: BTreeSet<BufferId> = views.filter(with_bytes).filter(|b| !own.contains(b)).collect();
            let written: BTreeSet<BufferId> = own.into_iter().filter(with_bytes).collect();
            if let Some(b) = read.iter().find(|b| !is_intact(**b, &complete, &bytes)) {
                return Err(format!("step {at} reads buffer {b}, which was overwritten"));
            }
            for w in &written {
                let kept: Vec<(BufferId, Range<usize>)> =
                    nodes.iter().filter(|n| n.out == *w).flat_map(|n| self.kept_parts(n, &extents)).collect();
                for o in read.union(&written).filter(|o| *o != w && overlap(&extents, **o, *w)) {
                    let is_kept = kept.iter().any(|(part, _)| part == o);
                    if !is_kept && !replaces(lowered, &nodes, *o, *w, donated) {
                        return Err(format!("step {at} writes buffer {w} over buffer {o}, which it needs"));
                    }
                }
                let Some(extent) = &extents[*w] else { continue };
                let mut start = extent.bytes.start;
                for (_, kept) in &kept {
                    bytes.write(extent.region, start..kept.start, at);
                    start = kept.end;
                }
                bytes.write(extent.region, start..extent.bytes.end, at);
                complete[*w] = Some(at);
                if let Some(root) = extent.columns_of {
                    complete[root] = Some(at);
                }
            }
        }
        match lowered.results.iter().find(|(_, b)| !is_intact(*b, &complete, &bytes)) {
            Some((_, b)) => Err(format!("the result in buffer {b} is overwritten")),
            None => Ok(()),
        }
    }

    /// Where buffers are that are in memory, constants and what chains keep for themselves apart.
    fn extents(&self, donated: &[(usize, usize)]) -> Vec<Option<Extent>> {
        let lowered = self.lowered;
        let mut columns = vec![None; lowered.buffers.len()];
        for node in self.groups.iter().flat_map(|g| &g.nodes).map(|n| &lowered.nodes[*n]) {
            if let NodeKind::Dot(dot) = &node.kind {
                columns[node.out] = span(dot).filter(|span| *span > lowered.buffers[node.out].elements);
            }
        }
        let mut local = vec![false; lowered.buffers.len()];
        self.chains.iter().flat_map(|chain| &chain.locals).for_each(|l| local[l.buffer] = true);
        let extent = |(b, info): (usize, &BufferInfo)| {
            if info.elements == 0 || !self.stored[b] || local[b] {
                return None;
            }
            let Home { root, offset } = self.home[b];
            let (region, start) = match lowered.buffers[root].owner {
                Owner::Constant(_) => return None,
                Owner::Input(i) => (Region::Input(i), 0),
                Owner::Output(r) => match donated.iter().find(|(_, result)| *result == r) {
                    Some((input, _)) => (Region::Input(*input), 0),
                    None => (Region::Output(r), 0),
                },
                Owner::Temporary => (Region::Arena, self.layout.offsets[root]?),
            };
            let elements = columns[b].unwrap_or(info.elements);
            let start = start + offset;
            let bytes = start..start + elements * info.dtype.size();
            Some(Extent { region, bytes, columns_of: columns[b].map(|_| root) })
        };
        let mut extents: Vec<Option<Extent>> = lowered.buffers.iter().enumerate().map(extent).collect();
        // Everything else in a whole that has columns is told apart by them, not by its bytes.
        let roots: BTreeSet<BufferId> = extents.iter().flatten().filter_map(|e| e.columns_of).collect();
        for (b, extent) in extents.iter_mut().enumerate() {
            let root = self.home[b].root;
            if let Some(extent) = extent.as_mut().filter(|_| roots.contains(&root)) {
                extent.columns_of = Some(root);
            }
        }
        extents
    }

    /// The groups of each step.
    fn steps(&self) -> Vec<Range<usize>> {
        let mut steps = Vec::new();
        let mut chains = self.chains.iter().map(|chain| chain.groups.clone()).peekable();
        let mut at = 0;
        while at < self.groups.len() {
            let step = chains.next_if(|groups| groups.start == at).unwrap_or(at..at + 1);
            at = step.end;
            steps.push(step);
        }
        steps
    }

    /// Parts that a concatenation finds where it would lay them, and those bytes, in order.
    fn kept_parts(&self, node: &Node, extents: &[Option<Extent>]) -> Vec<(BufferId, Range<usize>)> {
        let NodeKind::Concatenate { parts, shape, dim } = &node.kind else { return Vec::new() };
        let Some(whole) = extents[node.out].as_ref().filter(|_| shape[..*dim].iter().all(|n| *n == 1)) else {
            return Vec::new();
        };
        let info = &self.lowered.buffers;
        let mut start = whole.bytes.start;
        let part = |view: &View| {
            let bytes = start..start + view.elements() * info[node.out].dtype.size();
            start = bytes.end;
            let is_whole = view.is_dense() && view.elements() == info[view.buffer].elements;
            let is_there =
                extents[view.buffer].as_ref().is_some_and(|e| (e.region, &e.bytes) == (whole.region, &bytes));
            (is_whole && is_there && !bytes.is_empty()).then_some((view.buffer, bytes))
        };
        parts.iter().filter_map(part).collect()
    }
}

/// When bytes were written: stretches by where they begin, with their end and the step.
#[derive(Default)]
struct Bytes(BTreeMap<(Region, usize), (usize, usize)>);

impl Bytes {
    fn write(&mut self, region: Region, Range { start, end }: Range<usize>, step: usize) {
        if start == end {
            return;
        }
        // What reaches into these bytes, or beyond them, keeps the rest of its own.
        let before = self.0.range((region, 0)..(region, start)).next_back().map(|(at, to)| (*at, *to));
        if let Some((at, (to, by))) = before.filter(|(_, (to, _))| *to > start) {
            self.0.insert(at, (start, by));
            self.0.insert((region, start), (to, by));
        }
        let inside: Vec<_> =
            self.0.range((region, start)..(region, end)).map(|(at, to)| (*at, *to)).collect();
        for (at, (to, by)) in inside {
            self.0.remove(&at);
            if to > end {
                self.0.insert((region, end), (to, by));
            }
        }
        self.0.insert((region, start), (end, step));
    }

    /// The last step that wrote some of the bytes.
    fn latest(&self, extent: &Extent) -> Option<usize> {
        let Range { start, end } = extent.bytes;
        let from = |at: usize| (extent.region, at);
        let before = self.0.range(from(0)..from(start)).next_back().filter(|(_, (to, _))| *to > start);
        before.into_iter().chain(self.0.range(from(start)..from(end))).map(|(_, (_, by))| *by).max()
    }
}

/// Whether some bytes are both buffers'.
fn overlap(extents: &[Option<Extent>], a: BufferId, b: BufferId) -> bool {
    let (Some(a), Some(b)) = (&extents[a], &extents[b]) else { return false };
    let is_beside = a.columns_of.is_some() && a.columns_of == b.columns_of;
    a.region == b.region && !is_beside && a.bytes.start < b.bytes.end && b.bytes.start < a.bytes.end
}

/// Whether these nodes, a step, read each part of `old` before they write `new` there, and not again.
fn replaces(
    lowered: &Lowered,
    nodes: &[&Node],
    old: BufferId,
    new: BufferId,
    donated: &[(usize, usize)],
) -> bool {
    let reads: Vec<_> =
        nodes.iter().flat_map(|node| node.kind.views()).filter(|view| view.buffer == old).collect();
    let is_update = |node: &&Node| node.updates().iter().any(|(view, out)| (view.buffer, *out) == (old, new));
    if nodes.iter().any(is_update) {
        return reads.len() == 1;
    }
    // Element by element.
    let owners = (lowered.buffers[old].owner, lowered.buffers[new].owner);
    matches!(owners, (Owner::Input(i), Owner::Output(r)) if donated.contains(&(i, r)))
        && nodes.iter().all(|node| node.kind.is_fusible())
        && reads.iter().all(|view| view.is_dense() && view.elements() == lowered.buffers[new].elements)
}

/// Elements from the first to the last of a product's result.
fn span(dot: &DotNode) -> Option<usize> {
    let (batch, row) = &dot.out_strides;
    let strides = batch.iter().chain([row]);
    let sizes = dot.batch.iter().chain([&dot.m]);
    sizes.zip(strides).try_fold(dot.n, |span, (size, stride)| Some(span + size.checked_sub(1)? * stride))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_know_who_wrote_them_last() {
        let mut bytes = Bytes::default();
        let mut write = |region, range, step| bytes.write(region, range, step);
        write(Region::Arena, 0..100, 1);
        write(Region::Arena, 40..60, 2);
        write(Region::Arena, 50..70, 3);
        write(Region::Arena, 45..46, 4);
        write(Region::Arena, 30..30, 5);
        write(Region::Input(0), 0..100, 6);
        let latest =
            |bytes_of| bytes.latest(&Extent { region: Region::Arena, bytes: bytes_of, columns_of: None });
        let found = [0..40, 40..45, 44..46, 46..50, 46..51, 69..70, 70..100, 99..200, 100..200].map(latest);
        assert_eq!(found.map(|step| step.unwrap_or(0)), [1, 2, 4, 2, 3, 3, 1, 1, 0]);
    }
}
