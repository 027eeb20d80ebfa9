//! Results are hashed while a cache still has them.
//!
//! BLAKE3 is a tree (its paper, section 2.1): a *stretch* of a result that is a whole subtree can be hashed by itself as
//! soon as nothing writes it any more, and in the end the hashes of all stretches are merged. Tile programs hash behind
//! the tiles that they write; what other steps complete is hashed by a step that follows. Read again from memory, the
//! same bytes would take a third longer.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use blake3::hazmat::ChainingValue;

use super::fuse::Group;
use super::in_place::Home;
use super::memory::Memory;
use super::node::{BufferInfo, Lowered, Node, NodeKind, Owner};
use super::view::BufferId;
use crate::digest::{Digest, subtree};

/// Bytes of a stretch, a power of two: those of the few results that a tile program writes fit the second-level cache
/// together, and BLAKE3 is at its full speed.
const STRETCH: usize = 128 << 10;

/// A result that a run computes.
pub(super) struct Hashed {
    /// Among the function's results.
    position: usize,
    buffer: BufferId,
    bytes: usize,
}

impl Hashed {
    fn stretches(&self) -> usize {
        self.bytes.div_ceil(STRETCH).max(1)
    }

    fn stretch(&self, at: usize) -> Range<usize> {
        at * STRETCH..((at + 1) * STRETCH).min(self.bytes)
    }

    /// How many stretches end at or before that byte.
    fn whole_before(&self, byte: usize) -> usize {
        if byte == self.bytes { self.stretches() } else { byte / STRETCH }
    }
}

/// A stretch: the position of its [`Hashed`], and its own.
pub(super) type Stretch = (usize, usize);

/// Elements of a tile program that lie one behind the other in a result, and stay as they are.
#[derive(Clone)]
pub(super) struct InOrder {
    /// Position of the [`Hashed`].
    result: usize,
    /// The bytes of all elements in the result.
    bytes: Range<usize>,
    /// Bytes of an element.
    size: usize,
}

/// How a function's results are hashed.
pub(super) struct Plan {
    /// The results that it computes.
    pub results: Vec<Hashed>,
    /// Per step.
    pub completed: Vec<Completed>,
}

/// What nothing writes after a step.
#[derive(Default)]
pub(super) struct Completed {
    /// What is to be hashed behind the tiles of the step.
    pub behind: Vec<InOrder>,
    /// What is to be hashed after the step, unless it is.
    pub after: Vec<Stretch>,
}

/// The plan of a function whose step `i` computes `groups[steps[i]]`.
pub(super) fn plan(
    lowered: &Lowered,
    groups: &[Group],
    home: &[Home],
    steps: &[Range<usize>],
    threads: usize,
) -> Plan {
    let result = |(buffer, info): (BufferId, &BufferInfo)| match info.owner {
        Owner::Output(position) => Some(Hashed { position, buffer, bytes: info.bytes() }),
        _ => None,
    };
    let results: Vec<Hashed> = lowered.buffers.iter().enumerate().filter_map(result).collect();
    let writes = writes(lowered, groups, home, steps, &results);
    let mut completed: Vec<Completed> = steps.iter().map(|_| Completed::default()).collect();
    // Per result and stretch, the step that completes it; no step does where there are no bytes.
    let mut last: Vec<Vec<Option<usize>>> = results.iter().map(|r| vec![None; r.stretches()]).collect();
    for write in &writes {
        last[write.result][write.stretches()].fill(Some(write.step));
    }
    for write in writes {
        let (result, bytes, Some(size)) = (write.result, write.bytes, write.in_order) else { continue };
        let whole = bytes.start.div_ceil(STRETCH)..results[result].whole_before(bytes.end);
        let Some(last) = last[result].get_mut(whole) else { continue };
        if last.is_empty() || last.iter().any(|step| *step != Some(write.step)) {
            continue;
        }
        // With more threads, stretches on the border of two shares are left.
        if threads == 1 {
            last.fill(None);
        }
        completed[write.step].behind.push(InOrder { result, bytes, size });
    }
    for (result, last) in last.iter().enumerate() {
        for (stretch, step) in last.iter().enumerate() {
            step.iter().for_each(|step| completed[*step].after.push((result, stretch)));
        }
    }
    Plan { results, completed }
}

/// Bytes of a result that a step writes.
struct Write {
    step: usize,
    /// Position of the [`Hashed`].
    result: usize,
    bytes: Range<usize>,
    /// Bytes of an element, if a tile program writes them in order.
    in_order: Option<usize>,
}

impl Write {
    /// Stretches with any of the bytes.
    fn stretches(&self) -> Range<usize> {
        self.bytes.start / STRETCH..self.bytes.end.div_ceil(STRETCH)
    }
}

/// What the steps write of results, in order. Not what is already there: parts of a concatenation that are made in it.
fn writes(
    lowered: &Lowered,
    groups: &[Group],
    home: &[Home],
    steps: &[Range<usize>],
    results: &[Hashed],
) -> Vec<Write> {
    let result_of: HashMap<BufferId, usize> =
        results.iter().enumerate().map(|(at, result)| (result.buffer, at)).collect();
    let mut all = Vec::new();
    for (step, range) in steps.iter().enumerate() {
        for group in &groups[range.clone()] {
            for node in group.nodes.iter().map(|n| &lowered.nodes[*n]) {
                let mut write = |b: BufferId, bytes: Range<usize>| {
                    let Home { root, offset } = home[b];
                    let info = &lowered.buffers[b];
                    let is_in_order =
                        range.len() == 1 && node.kind.is_fusible() && info.elements == group.elements;
                    if let Some(&result) = result_of.get(&root).filter(|_| !bytes.is_empty()) {
                        let bytes = offset + bytes.start..offset + bytes.end;
                        let in_order = is_in_order.then(|| info.dtype.size());
                        all.push(Write { step, result, bytes, in_order });
                    }
                };
                match copied_parts(node, lowered, home) {
                    Some(parts) => parts.into_iter().for_each(|bytes| write(node.out, bytes)),
                    None => node.outs().for_each(|b| write(b, 0..lowered.buffers[b].bytes())),
                }
            }
        }
    }
    all
}

/// The bytes that a concatenation of parts one behind the other copies; `None` for everything else.
fn copied_parts(node: &Node, lowered: &Lowered, home: &[Home]) -> Option<Vec<Range<usize>>> {
    let NodeKind::Concatenate { parts, shape, dim } = &node.kind else { return None };
    if shape[..*dim].iter().any(|size| *size != 1) {
        return None;
    }
    let (whole, size) = (home[node.out], lowered.buffers[node.out].dtype.size());
    let mut start = 0;
    let copied = parts.iter().filter_map(|part| {
        let bytes = start..start + part.elements() * size;
        start = bytes.end;
        let from = home[part.buffer];
        let at = part.offset.wrapping_mul(size).wrapping_add(from.offset);
        let is_there = from.root == whole.root && at == whole.offset + bytes.start;
        (!is_there).then_some(bytes)
    });
    Some(copied.collect())
}

/// The hashes of one run's results, stretch by stretch.
pub(super) struct Hashes<'a> {
    results: &'a [Hashed],
    /// Per result and stretch. That of an only stretch is the result's digest.
    values: Vec<Vec<OnceLock<ChainingValue>>>,
}

impl<'a> Hashes<'a> {
    pub fn new(results: &'a [Hashed]) -> Self {
        let unset = |r: &Hashed| (0..r.stretches()).map(|_| OnceLock::new()).collect();
        Self { results, values: results.iter().map(unset).collect() }
    }

    /// Hashes a stretch, unless it is; its value.
    ///
    /// # Safety
    /// `memory` has the result, and nobody writes the stretch any more.
    pub unsafe fn hash(&self, (at, stretch): Stretch, memory: &Memory) -> ChainingValue {
        *self.values[at][stretch].get_or_init(|| {
            let result = &self.results[at];
            let range = result.stretch(stretch);
            // SAFETY: within the result, which nobody writes here.
            let bytes = unsafe {
                std::slice::from_raw_parts(memory.at(result.buffer, range.start, 1).cast_const(), range.len())
            };
            if result.stretches() == 1 {
                return Digest::of_blob(bytes).0;
            }
            subtree(bytes, range.start as u64)
        })
    }

    /// Hashes behind one thread's tiles, from element `first` on.
    pub fn behind(&self, writes: &[InOrder], first: usize) -> Behind<'_> {
        let begin = |write: &InOrder| {
            let next = (write.bytes.start + first * write.size).div_ceil(STRETCH);
            (write.clone(), next)
        };
        Behind { hashes: self, writes: writes.iter().map(begin).collect() }
    }

    /// The digests of results that the run has computed, by their position among `count`.
    ///
    /// # Safety
    /// `memory` has the results, and they are complete.
    pub unsafe fn finish(&self, memory: &Memory, count: usize) -> Vec<Option<Digest>> {
        let mut digests = vec![None; count];
        for (at, result) in self.results.iter().enumerate() {
            // All are hashed, but those that no step has written, having no bytes.
            // SAFETY: the caller's promise.
            let value = |stretch| unsafe { self.hash((at, stretch), memory) };
            let values: Vec<ChainingValue> = (0..result.stretches()).map(value).collect();
            digests[result.position] = Some(Digest::of_subtrees(&values));
        }
        digests
    }
}

/// One thread's way through the tiles of a step.
pub(super) struct Behind<'a> {
    hashes: &'a Hashes<'a>,
    /// Each with the stretch that is to be hashed next.
    writes: Vec<(InOrder, usize)>,
}

impl Behind<'_> {
    /// Hashes what is complete now that this thread has computed its elements up to `end`.
    ///
    /// # Safety
    /// `memory` has the results; the elements between the first and `end` are complete.
    pub unsafe fn reached(&mut self, end: usize, memory: &Memory) {
        for (write, next) in &mut self.writes {
            let whole = self.hashes.results[write.result].whole_before(write.bytes.start + end * write.size);
            while *next < whole {
                // SAFETY: all of it is among this thread's elements, and complete.
                unsafe { self.hashes.hash((write.result, *next), memory) };
                *next += 1;
            }
        }
    }
}
