//! Where every buffer lies: arena offsets by liveness, and addresses during a run.

use std::collections::BTreeMap;

use super::chain::Chain;
use super::fuse::Group;
use super::in_place::Home;
use super::node::{Lowered, Owner};
use super::view::BufferId;
use crate::buffer::ALIGN;

/// Offsets of temporary buffers in one arena.
pub(super) struct Layout {
    /// Per buffer; `None` if it never is in memory, is not a temporary, or shares another buffer's bytes.
    pub offsets: Vec<Option<usize>>,
    pub bytes: usize,
}

/// Buffers that must exist in memory: read by another group than the one that computes them, or results.
pub(super) fn stored(lowered: &Lowered, groups: &[Group]) -> Vec<bool> {
    let mut computed_by = vec![usize::MAX; lowered.buffers.len()];
    let mut stored: Vec<bool> = lowered.buffers.iter().map(|b| b.owner != Owner::Temporary).collect();
    for (at, group) in groups.iter().enumerate() {
        for node in group.nodes.iter().map(|n| &lowered.nodes[*n]) {
            node.outs().for_each(|b| computed_by[b] = at);
        }
    }
    for (at, group) in groups.iter().enumerate() {
        for view in group.nodes.iter().flat_map(|n| lowered.nodes[*n].kind.views()) {
            stored[view.buffer] |= computed_by[view.buffer] != at;
        }
        // A node that is not fused writes to memory.
        if let [only] = group.nodes[..]
            && !lowered.nodes[only].kind.is_fusible()
        {
            lowered.nodes[only].outs().for_each(|b| stored[b] = true);
        }
    }
    stored
}

/// Assigns offsets so that buffers alive at the same step never overlap. Best fit, neighbours merged. Buffers that
/// share their bytes (see [`super::in_place`]) are one, alive from the first to the last of them. Groups of a chain are
/// one step; its local buffers are not in the arena.
pub(super) fn layout(
    lowered: &Lowered,
    groups: &[Group],
    stored: &[bool],
    home: &[Home],
    chains: &[Chain],
) -> Layout {
    let mut is_local = vec![false; lowered.buffers.len()];
    let mut step_of: Vec<usize> = (0..groups.len()).collect();
    for chain in chains {
        chain.locals.iter().for_each(|local| is_local[local.buffer] = true);
        step_of[chain.groups.clone()].fill(chain.groups.end - 1);
    }
    let in_arena = |b: BufferId| {
        let info = &lowered.buffers[b];
        stored[b] && info.owner == Owner::Temporary && info.elements > 0 && !is_local[b]
    };
    let mut last = vec![0; lowered.buffers.len()];
    for (group, at) in groups.iter().zip(step_of) {
        for node in group.nodes.iter().map(|n| &lowered.nodes[*n]) {
            node.outs().for_each(|b| last[home[b].root] = last[home[b].root].max(at));
            node.kind.views().iter().for_each(|v| last[home[v.buffer].root] = at);
        }
    }
    let mut ends: Vec<Vec<BufferId>> = vec![Vec::new(); groups.len()];
    let mut holes = Holes { by_offset: BTreeMap::new(), end: 0 };
    let mut offsets = vec![None; lowered.buffers.len()];
    for (at, group) in groups.iter().enumerate() {
        for out in group.nodes.iter().flat_map(|n| lowered.nodes[*n].outs()) {
            let b = home[out].root;
            if in_arena(b) && offsets[b].is_none() {
                offsets[b] = Some(holes.take(size(lowered, b)));
                ends[last[b]].push(b);
            }
        }
        for b in std::mem::take(&mut ends[at]) {
            if let Some(offset) = offsets[b] {
                holes.give(offset, size(lowered, b));
            }
        }
    }
    Layout { offsets, bytes: holes.end }
}

fn size(lowered: &Lowered, b: BufferId) -> usize {
    lowered.buffers[b].bytes().next_multiple_of(ALIGN)
}

/// Free stretches of the arena: offset to size.
struct Holes {
    by_offset: BTreeMap<usize, usize>,
    end: usize,
}

impl Holes {
    fn take(&mut self, size: usize) -> usize {
        let best = self.by_offset.iter().filter(|(_, s)| **s >= size).min_by_key(|(_, s)| **s);
        if let Some((offset, hole)) = best.map(|(o, s)| (*o, *s)) {
            self.by_offset.remove(&offset);
            if hole > size {
                self.by_offset.insert(offset + size, hole - size);
            }
            return offset;
        }
        // Nothing fits: grow the end, using a hole that reaches it.
        let tail = self.by_offset.last_key_value().filter(|(o, s)| **o + **s == self.end).map(|(o, _)| *o);
        let offset = tail.unwrap_or(self.end);
        self.by_offset.remove(&offset);
        self.end = offset + size;
        offset
    }

    fn give(&mut self, mut offset: usize, mut size: usize) {
        if let Some((before, s)) = self.by_offset.range(..offset).next_back().map(|(o, s)| (*o, *s))
            && before + s == offset
        {
            self.by_offset.remove(&before);
            offset = before;
            size += s;
        }
        if let Some(s) = self.by_offset.remove(&(offset + size)) {
            size += s;
        }
        self.by_offset.insert(offset, size);
    }
}

/// Addresses of all buffers during one run. Threads write disjoint parts of the step's results. Of a chain's local
/// buffers only the block that is being computed is there: their addresses are those of an element 0 that is not.
#[derive(Clone)]
pub(super) struct Memory {
    pub addresses: Vec<*mut u8>,
    /// Elements of each buffer.
    pub elements: Vec<usize>,
}

// SAFETY: only addresses are shared; who may write where is decided by the steps, which split results among
// threads and are separated by barriers.
unsafe impl Sync for Memory {}

impl Memory {
    /// The address of an element.
    ///
    /// # Safety
    /// The element lies within the buffer.
    pub unsafe fn at(&self, buffer: BufferId, element: usize, size: usize) -> *mut u8 {
        self.addresses[buffer].wrapping_add(element * size)
    }

    /// The f32 elements of a buffer from `offset` on.
    ///
    /// # Safety
    /// The buffer holds f32 and nobody writes it while the slice lives.
    pub unsafe fn f32_from(&self, buffer: BufferId, offset: usize) -> &[f32] {
        let n = self.elements[buffer].saturating_sub(offset);
        if n == 0 {
            return &[];
        }
        // SAFETY: within the buffer; aligned because buffers are; nobody writes.
        unsafe { std::slice::from_raw_parts(self.at(buffer, offset, 4).cast(), n) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_reused_merged_and_grown() {
        let mut holes = Holes { by_offset: BTreeMap::new(), end: 0 };
        let (a, b, c) = (holes.take(64), holes.take(128), holes.take(64));
        assert_eq!((a, b, c, holes.end), (0, 64, 192, 256));
        holes.give(a, 64);
        holes.give(b, 128);
        assert_eq!(holes.take(192), 0);
        holes.give(c, 64);
        assert_eq!((holes.take(256), holes.end), (192, 448));
    }
}
