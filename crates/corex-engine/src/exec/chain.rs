//! Chains: neighbouring steps computed block by block, so that what flows between them stays in cache.
//!
//! Attention is the pattern: a product per head, passes over its rows, further products per head. Computed step by
//! step, every intermediate value of every head goes to memory and back. Here all steps are computed for one head
//! before the next is begun, and values that nobody else reads never need more room than one block of them.
//!
//! A block is one batch index of the products; of large products without a batch, some of their rows. Every value made
//! within the chain is cut into as many equal stretches as there are blocks, and block `i` reads only stretch `i` of it.
//!
//! What is between steps that could be a chain by rows (the gradient of a weight, say, between two of activations) is
//! computed after it, if it can be.

use std::collections::HashSet;

use super::fuse::{Group, LONGEST_ROW};
use super::node::{DotNode, Lowered, NodeKind, Owner};
use super::view::{BufferId, View};
use crate::buffer::ALIGN;

/// Room for one block's values, at most: some must be left of the caches.
const LARGEST_BLOCK: usize = 16 << 20;

/// Rows of a block, about: weights are packed once per block, which must not show.
const ROWS: usize = 1024;
/// Products without a batch that are smaller than this many elements stay in cache anyway.
const LARGE: usize = 2 << 20;
/// Groups that may be put off for one chain, and those that it may have.
const MOST_PUT_OFF: usize = 8;
const LONGEST: usize = 64;

/// How a chain's products are cut into blocks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    Batch,
    Rows,
}

/// Groups computed block by block.
pub(super) struct Chain {
    /// Positions of the groups.
    pub groups: std::ops::Range<usize>,
    pub blocks: usize,
    /// Values that live only while a block is computed.
    pub locals: Vec<Local>,
    /// Bytes of all locals of a block.
    pub bytes: usize,
}

/// A buffer of which only one block exists at a time.
pub(super) struct Local {
    pub buffer: BufferId,
    /// Offset in the scratch area.
    pub offset: usize,
    /// Elements of a block.
    pub elements: usize,
    /// Bytes set aside for them.
    bytes: usize,
}

impl Local {
    /// Offset of what follows.
    fn end(&self) -> usize {
        self.offset + self.bytes
    }
}

/// Finds the chains among ordered groups, for `threads` that share out the blocks. `stored` tells which buffers are in
/// memory. Groups that a chain puts off change places with those after them.
pub(super) fn chains(lowered: &Lowered, groups: &mut [Group], stored: &[bool], threads: usize) -> Vec<Chain> {
    let mut readers = vec![Vec::new(); lowered.buffers.len()];
    for node in groups.iter().flat_map(|g| &g.nodes) {
        lowered.nodes[*node].kind.views().iter().for_each(|v| readers[v.buffer].push(*node));
    }
    let mut found = Vec::new();
    let mut at = 0;
    while at < groups.len() {
        let Some((cut, blocks)) = product(lowered, &groups[at]).and_then(|dot| cut(dot, threads)) else {
            at += 1;
            continue;
        };
        let members = members(lowered, &groups[at..], cut, blocks);
        let nodes: Vec<usize> = members.iter().flat_map(|m| groups[at + m].nodes.iter().copied()).collect();
        if let Some(locals) = locals(lowered, &nodes, &readers, blocks, stored) {
            gather(&mut groups[at..], &members);
            let bytes = locals.last().map_or(0, Local::end);
            let groups = at..at + members.len();
            at = groups.end;
            found.push(Chain { groups, blocks, locals, bytes });
        } else {
            at += if cut == Cut::Batch { members.len() } else { 1 };
        }
    }
    found
}

/// How a chain that begins with the product is cut, and into how many blocks.
fn cut(dot: &DotNode, threads: usize) -> Option<(Cut, usize)> {
    let batches = dot.batches();
    if batches > 1 {
        let is_fair = batches >= 2 * threads || batches.is_multiple_of(threads);
        return is_fair.then_some((Cut::Batch, batches));
    }
    let is_large = batches == 1 && dot.m.saturating_mul(dot.n) >= LARGE && dot.is_dense();
    // As many rows as blocks that threads can share out may have.
    let fits = |rows: &usize| dot.m > *rows && dot.m.is_multiple_of(rows * threads);
    let rows = if is_large { (ROWS / 8..=ROWS).rev().find(fits) } else { None };
    rows.map(|rows| (Cut::Rows, dot.m / rows))
}

/// Positions of the groups of a chain that begins with the first, ascending.
fn members(lowered: &Lowered, groups: &[Group], cut: Cut, blocks: usize) -> Vec<usize> {
    let mut members = vec![0];
    let mut made: Vec<BufferId> = Vec::new();
    let outs = |group: &Group| -> Vec<BufferId> {
        group.nodes.iter().flat_map(|n| lowered.nodes[*n].outs()).collect()
    };
    let mut put_off = 0;
    for at in 1..groups.len() {
        if members.len() == LONGEST {
            break;
        }
        let chain: Vec<&Group> = members.iter().map(|m| &groups[*m]).collect();
        let mut reads = groups[at].nodes.iter().flat_map(|n| lowered.nodes[*n].kind.views());
        if joins(lowered, &chain, &groups[at], cut, blocks) && !reads.any(|v| made.contains(&v.buffer)) {
            members.push(at);
            continue;
        }
        put_off += 1;
        if cut == Cut::Batch || put_off > MOST_PUT_OFF {
            break;
        }
        made.extend(outs(&groups[at]));
    }
    members
}

/// The values that need no more room than a block of a chain of these nodes; `None` if nothing is read where it was made,
/// or they would leave no room in the caches.
fn locals(
    lowered: &Lowered,
    nodes: &[usize],
    readers: &[Vec<usize>],
    blocks: usize,
    stored: &[bool],
) -> Option<Vec<Local>> {
    let members: HashSet<usize> = nodes.iter().copied().collect();
    let mut is_read = false;
    let mut locals: Vec<Local> = Vec::new();
    for buffer in nodes.iter().map(|n| lowered.nodes[*n].out).filter(|b| stored[*b]) {
        let (within, outside): (Vec<usize>, Vec<usize>) =
            readers[buffer].iter().partition(|node| members.contains(node));
        is_read |= !within.is_empty();
        let info = &lowered.buffers[buffer];
        if info.owner == Owner::Temporary && !within.is_empty() && outside.is_empty() {
            let elements = info.elements / blocks;
            let bytes = (elements * info.dtype.size()).next_multiple_of(ALIGN);
            locals.push(Local { buffer, offset: locals.last().map_or(0, Local::end), elements, bytes });
        }
    }
    (is_read && locals.last().map_or(0, Local::end) <= LARGEST_BLOCK).then_some(locals)
}

/// Moves the members together, to the front.
fn gather(groups: &mut [Group], members: &[usize]) {
    let Some(groups) = members.last().and_then(|last| groups.get_mut(..=*last)) else { return };
    let nothing = || Group { nodes: Vec::new(), elements: 0, cols: None };
    let taken: Vec<Group> = groups.iter_mut().map(|g| std::mem::replace(g, nothing())).collect();
    let (together, others): (Vec<_>, Vec<_>) =
        taken.into_iter().enumerate().partition(|(at, _)| members.contains(at));
    for (place, (_, group)) in groups.iter_mut().zip(together.into_iter().chain(others)) {
        *place = group;
    }
}

fn product<'a>(lowered: &'a Lowered, group: &Group) -> Option<&'a DotNode> {
    match &lowered.nodes[*group.nodes.first()?].kind {
        NodeKind::Dot(dot) => Some(dot),
        _ => None,
    }
}

/// True if block `i` of `next` reads only block `i` of what `chain` makes, and is a block of its own.
fn joins(lowered: &Lowered, chain: &[&Group], next: &Group, cut: Cut, blocks: usize) -> bool {
    let scattered = chain.iter().filter(|g| product(lowered, g).is_some_and(|dot| !dot.is_dense()));
    let scattered: Vec<BufferId> = scattered.map(|g| lowered.nodes[g.nodes[0]].out).collect();
    let reads = next.nodes.iter().flat_map(|n| lowered.nodes[*n].kind.views());
    if reads.map(|v| v.buffer).any(|b| scattered.contains(&b)) {
        return false;
    }
    let made: Vec<BufferId> =
        chain.iter().flat_map(|g| g.nodes.iter().map(|n| lowered.nodes[*n].out)).collect();
    let block_of = |view: &View| lowered.buffers[view.buffer].elements / blocks;
    if let Some(dot) = product(lowered, next) {
        if cut == Cut::Rows {
            return dot.batches() == 1
                && dot.is_dense()
                && dot.m.is_multiple_of(blocks)
                && made.contains(&dot.lhs.buffer)
                && !made.contains(&dot.rhs.buffer)
                && dot.lhs.offset == 0
                && dot.lhs_strides == (dot.k as isize, 1)
                && lowered.buffers[dot.lhs.buffer].elements == dot.m * dot.k;
        }
        let mut sides = [&dot.lhs, &dot.rhs].into_iter().filter(|v| made.contains(&v.buffer));
        return dot.batches() == blocks && sides.all(|v| is_blockwise(v, dot.batch.len(), block_of(v)));
    }
    let mut views = next.nodes.iter().flat_map(|n| lowered.nodes[*n].kind.views());
    let (block, cols) = (next.elements / blocks, next.cols.unwrap_or(1));
    let reads_chain = views.clone().any(|v| made.contains(&v.buffer));
    // Dense views read each element where it is; the values of rows go with their rows.
    let in_place = |v: &View| v.is_dense() || next.is_row_broadcast(v);
    // What repeats must begin anew with every block.
    let repeats = |v: &View| match v.collapsed()[..] {
        [(_, 0), (period, 1)] => block.is_multiple_of(period),
        _ => true,
    };
    reads_chain
        && next.nodes.iter().all(|n| lowered.nodes[*n].kind.is_fusible())
        && next.elements.is_multiple_of(blocks)
        && cols <= LONGEST_ROW
        && block.is_multiple_of(cols)
        && views.clone().all(repeats)
        && views.all(|v| !made.contains(&v.buffer) || (in_place(v) && v.buffer_is_whole(lowered)))
}

/// True if batch index `i` of the view, whose first `batch` dimensions are the batch, lies in stretch `i` of the buffer.
fn is_blockwise(view: &View, batch: usize, block: usize) -> bool {
    let dims = |range: std::ops::Range<usize>| range.map(|d| (view.shape[d], view.strides[d]));
    let outer = super::view::collapse(dims(0..batch));
    let reach = |(size, stride): (usize, isize)| (size.max(1) - 1) as isize * stride;
    let inner: Vec<isize> = dims(batch..view.shape.len()).map(reach).collect();
    matches!(outer[..], [(_, stride)] if stride == block as isize)
        && inner.iter().all(|r| *r >= 0)
        && view.offset + inner.iter().sum::<isize>().unsigned_abs() < block
}

impl View {
    /// True if the view reads as many elements as the buffer has, or one value per row of them.
    fn buffer_is_whole(&self, lowered: &Lowered) -> bool {
        let elements = lowered.buffers[self.buffer].elements;
        self.elements() == elements || !self.is_dense()
    }
}
